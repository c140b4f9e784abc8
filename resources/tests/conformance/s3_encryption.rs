//! Client-side encryption: what S3 keeps is ciphertext in the format of AWS's clients, and only its key opens it.

use anyhow::{Context, ensure};
use bytes::Bytes;
use resources::encryption::{
    AesKeyring, CommitmentPolicy, EncryptionError, KmsKeyring, S3Encryption, S3EncryptionBuilder,
};
use resources::transfer::{ByteSize, Progress, TransferConfig};
use resources::{Bucket, Object};
use serde_json::json;
use session_core::{Error, ErrorKind, SessionExt};

use crate::case::{TestResult, cases};
use crate::world::World;

cases! {
    what_is_put_is_kept_as_ciphertext_and_read_as_plaintext,
    sizes_around_a_block_come_back,
    objects_without_commitment_are_read_where_the_policy_allows_it,
    what_was_altered_or_cut_short_is_not_given_out,
    metadata_of_another_object_opens_nothing,
    a_body_released_at_once_ends_with_an_error_if_it_was_altered,
    a_larger_object_than_the_buffer_is_refused,
    ranges_parts_and_checksums_of_the_plaintext_are_refused,
    what_is_not_encrypted_is_refused_or_passed_through,
    deprecated_formats_are_refused_by_name,
    a_reader_of_unknown_length_is_encrypted_in_parts,
    an_instruction_file_is_read_and_deleted_with_its_object,
    kms_wraps_keys_for_their_encryption_context_alone,
    kms_says_why_a_key_is_not_unwrapped,
}

fn raw() -> Result<S3EncryptionBuilder, Error> {
    Ok(S3Encryption::builder(AesKeyring::new([7; 32])?))
}

/// The object's bytes and metadata as S3 has them, changed and put back.
async fn replace(object: &Object, change: impl FnOnce(&mut Vec<u8>, &mut Metadata)) -> TestResult {
    let kept = object.get().send().await?;
    let mut metadata = kept.metadata.clone().unwrap_or_default();
    let mut bytes = kept.body.collect().await?.to_vec();
    change(&mut bytes, &mut metadata);
    object.put().body(bytes.into()).set_metadata(Some(metadata)).send().await?;
    Ok(())
}

type Metadata = std::collections::HashMap<String, String>;

async fn read(object: &Object, encryption: &S3Encryption) -> Result<Bytes, Error> {
    Ok(object.encrypted(encryption).get().await?.body.collect().await?.into_bytes())
}

/// Why the object is not read.
async fn refusal(object: &Object, encryption: &S3Encryption) -> anyhow::Result<EncryptionError> {
    let error = read(object, encryption).await.err().context("the object was read")?;
    EncryptionError::of(&error).cloned().with_context(|| format!("{error:?}"))
}

async fn put(bucket: &Bucket, key: &str, encryption: &S3Encryption) -> anyhow::Result<Object> {
    let object = bucket.object(key);
    object.encrypted(encryption).put(format!("the film {key}").into_bytes()).await?;
    Ok(object)
}

async fn what_is_put_is_kept_as_ciphertext_and_read_as_plaintext(world: World) -> TestResult {
    let (bucket, encryption) = (world.fresh_bucket().await?, raw()?.build()?);
    let film = bucket.object("metropolis").encrypted(&encryption);
    let put = film.put(b"once upon a time".to_vec()).with(|put| put.metadata("year", "1927"));
    let put = put.with(|put| put.content_type("text/plain")).await?;
    let read = film.get().await?;
    ensure!(read.content_length() == Some(16) && read.e_tag() == put.e_tag(), "{read:?}");
    ensure!(read.content_type() == Some("text/plain"), "{read:?}");
    ensure!(read.metadata().is_some_and(|metadata| metadata["year"] == "1927"), "{read:?}");
    ensure!(read.body.collect().await?.into_bytes() == "once upon a time");

    let kept = film.object().get().send().await?;
    ensure!(kept.content_length() == Some(32), "{kept:?}");
    let metadata = kept.metadata().cloned().unwrap_or_default();
    ensure!(metadata["x-amz-c"] == "115" && metadata["x-amz-w"] == "02", "{metadata:?}");
    ensure!(["x-amz-3", "x-amz-d", "x-amz-i"].iter().all(|name| metadata.contains_key(*name)));
    let bytes = kept.body.collect().await?.into_bytes();
    ensure!(!bytes.windows(4).any(|window| window == b"upon".as_slice()), "{bytes:?}");
    film.put(b"once upon a time".to_vec()).await?;
    ensure!(
        film.object().get().send().await?.body.collect().await?.into_bytes() != bytes,
        "a key was used twice"
    );
    Ok(())
}

async fn sizes_around_a_block_come_back(world: World) -> TestResult {
    let (bucket, encryption) = (world.fresh_bucket().await?, raw()?.build()?);
    let streaming = raw()?.delayed_authentication().build()?;
    for size in [0, 1, 15, 16, 17, 100_000] {
        let film = bucket.object(format!("of-{size}"));
        let content: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        film.encrypted(&encryption).put(content.clone()).await?;
        ensure!(film.load().await?.content_length() == Some(size + 16), "{size}");
        ensure!(read(&film, &encryption).await? == content, "{size}");
        let streamed = film.encrypted(&streaming).get().await?;
        ensure!(streamed.content_length() == Some(size), "{size}");
        ensure!(streamed.body.collect().await?.into_bytes() == content, "{size}");
    }
    Ok(())
}

async fn objects_without_commitment_are_read_where_the_policy_allows_it(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let with = |policy| raw()?.commitment_policy(policy).build();
    let forbids = with(CommitmentPolicy::ForbidEncryptAllowDecrypt)?;
    let allows = with(CommitmentPolicy::RequireEncryptAllowDecrypt)?;
    let requires = with(CommitmentPolicy::RequireEncryptRequireDecrypt)?;
    let old = put(&bucket, "old", &forbids).await?;
    let new = put(&bucket, "new", &allows).await?;
    for encryption in [&forbids, &allows] {
        ensure!(read(&old, encryption).await? == "the film old");
        ensure!(read(&new, encryption).await? == "the film new");
    }
    ensure!(read(&new, &requires).await? == "the film new");
    ensure!(refusal(&old, &requires).await? == EncryptionError::CommitmentRequired);
    let metadata = old.load().await?.metadata.unwrap_or_default();
    ensure!(metadata["x-amz-cek-alg"] == "AES/GCM/NoPadding", "{metadata:?}");
    ensure!(metadata["x-amz-unencrypted-content-length"] == "12", "{metadata:?}");
    Ok(())
}

async fn what_was_altered_or_cut_short_is_not_given_out(world: World) -> TestResult {
    let (bucket, encryption) = (world.fresh_bucket().await?, raw()?.build()?);
    let film = put(&bucket, "metropolis", &encryption).await?;
    replace(&film, |bytes, _| bytes[3] ^= 1).await?;
    ensure!(refusal(&film, &encryption).await? == EncryptionError::NotAuthentic);
    replace(&film, |bytes, _| drop(bytes.split_off(20))).await?;
    ensure!(refusal(&film, &encryption).await? == EncryptionError::NotAuthentic);
    replace(&film, |bytes, _| drop(bytes.split_off(15))).await?;
    ensure!(refusal(&film, &encryption).await? == EncryptionError::Truncated { bytes: 15 });
    for (name, expected) in [
        ("x-amz-3", EncryptionError::DataKeyNotAuthentic),
        ("x-amz-d", EncryptionError::CommitmentMismatch),
        ("x-amz-i", EncryptionError::CommitmentMismatch),
    ] {
        let film = put(&bucket, name, &encryption).await?;
        replace(&film, |_, metadata| flip(metadata, name)).await?;
        ensure!(refusal(&film, &encryption).await? == expected, "{name}");
        replace(&film, |_, metadata| drop(metadata.remove(name))).await?;
        let missing = refusal(&film, &encryption).await?;
        ensure!(
            matches!(&missing, EncryptionError::Metadata { name: told, .. } if *told == name),
            "{missing:?}"
        );
    }
    Ok(())
}

/// Changes the second letter of base64, and so one bit of the first byte and some of the second.
fn flip(metadata: &mut Metadata, name: &str) {
    let value = metadata.get_mut(name).unwrap();
    let other = if &value[1..2] == "A" { "B" } else { "A" };
    value.replace_range(1..2, other);
}

async fn metadata_of_another_object_opens_nothing(world: World) -> TestResult {
    let (bucket, encryption) = (world.fresh_bucket().await?, raw()?.build()?);
    let (film, other) = (put(&bucket, "film", &encryption).await?, put(&bucket, "other", &encryption).await?);
    let foreign = other.load().await?.metadata.unwrap_or_default();
    let original = film.load().await?.metadata.unwrap_or_default();
    replace(&film, |_, metadata| *metadata = foreign.clone()).await?;
    ensure!(refusal(&film, &encryption).await? == EncryptionError::NotAuthentic);
    replace(&film, |_, metadata| {
        *metadata = original;
        metadata.insert("x-amz-3".to_owned(), foreign["x-amz-3"].clone());
    })
    .await?;
    ensure!(refusal(&film, &encryption).await? == EncryptionError::CommitmentMismatch);
    Ok(())
}

async fn a_body_released_at_once_ends_with_an_error_if_it_was_altered(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let encryption = raw()?.delayed_authentication().build()?;
    let film = put(&bucket, "metropolis", &encryption).await?;
    replace(&film, |bytes, _| *bytes.last_mut().unwrap() ^= 1).await?;
    let read = film.encrypted(&encryption).get().await?;
    let error = Error::from(read.body.collect().await.err().context("the body was read")?);
    ensure!(error.kind() == ErrorKind::Service && !error.is_retryable(), "{error:?}");
    ensure!(error.message() == EncryptionError::NotAuthentic.to_string(), "{error}");
    Ok(())
}

async fn a_larger_object_than_the_buffer_is_refused(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let encryption = raw()?.buffer_size(ByteSize::bytes(100)).build()?;
    let film = bucket.object("metropolis");
    film.encrypted(&encryption).put(vec![1; 84]).await?;
    ensure!(read(&film, &encryption).await?.len() == 84);
    film.encrypted(&encryption).put(vec![1; 85]).await?;
    let larger = EncryptionError::LargerThanBuffer { bytes: Some(101), buffer_size_bytes: 100 };
    ensure!(refusal(&film, &encryption).await? == larger);
    Ok(())
}

async fn ranges_parts_and_checksums_of_the_plaintext_are_refused(world: World) -> TestResult {
    let (bucket, encryption) = (world.fresh_bucket().await?, raw()?.build()?);
    let film = put(&bucket, "metropolis", &encryption).await?.encrypted(&encryption);
    let refused = [
        film.get().with(|get| get.range("bytes=0-3")).await.err(),
        film.get().with(|get| get.part_number(1)).await.err(),
        film.put(b"1927".to_vec()).with(|put| put.content_md5("x")).await.err(),
        film.put(b"1927".to_vec()).with(|put| put.checksum_crc32("x")).await.err(),
        film.put(b"1927".to_vec()).with(|put| put.body(b"1928".to_vec().into())).await.err(),
        film.put(b"1927".to_vec()).with(|put| put.metadata("X-Amz-Iv", "x")).await.err(),
        film.clone().encryption_context("a", "b").put(b"1927".to_vec()).await.err(),
    ];
    let names =
        ["Range", "PartNumber", "ContentMD5", "ChecksumCRC32", "a second body", "X-Amz-Iv", "context"];
    for (error, name) in refused.into_iter().zip(names) {
        let error = error.with_context(|| format!("{name} was taken"))?;
        ensure!(error.kind() == ErrorKind::InvalidInput && error.message().contains(name), "{error:?}");
    }
    Ok(())
}

async fn what_is_not_encrypted_is_refused_or_passed_through(world: World) -> TestResult {
    let bucket = world.bucket_with(&["plain"]).await?;
    let plain = bucket.object("plain");
    ensure!(refusal(&plain, &raw()?.build()?).await? == EncryptionError::NotEncrypted);
    let passing = raw()?.read_unencrypted_objects().build()?;
    let read = plain.encrypted(&passing).get().await?;
    ensure!(read.content_length() == Some(5) && read.body.collect().await?.into_bytes() == "plain");
    let error = bucket.object("none").encrypted(&passing).get().await.unwrap_err();
    ensure!(error.is_not_found(), "{error:?}");
    Ok(())
}

async fn deprecated_formats_are_refused_by_name(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let encryption = raw()?.commitment_policy(CommitmentPolicy::ForbidEncryptAllowDecrypt).build()?;
    for (name, algorithm) in
        [("x-amz-cek-alg", "AES/CBC/PKCS5Padding"), ("x-amz-wrap-alg", "kms"), ("x-amz-wrap-alg", "AESWrap")]
    {
        let film = put(&bucket, "film", &encryption).await?;
        replace(&film, |_, metadata| drop(metadata.insert(name.to_owned(), algorithm.to_owned()))).await?;
        let told = refusal(&film, &encryption).await?;
        ensure!(
            told == EncryptionError::UnsupportedAlgorithm { name, algorithm: algorithm.to_owned() },
            "{told:?}"
        );
    }
    Ok(())
}

async fn a_reader_of_unknown_length_is_encrypted_in_parts(world: World) -> TestResult {
    let (bucket, encryption) = (world.fresh_bucket().await?, raw()?.build()?);
    let film = bucket.object("metropolis");
    let content: Vec<u8> = (0..6 << 20).map(|at| (at % 253) as u8).collect();
    let config = TransferConfig::builder().part_size(ByteSize::mib(5)).build()?;
    let upload = film.encrypted(&encryption).upload_fileobj(content.as_slice()).await?;
    let (told, all) = std::sync::mpsc::channel::<Progress>();
    let upload = upload.progress(move |progress| told.send(progress).unwrap());
    let uploaded = upload.config(config).content_type("video/x-frames").await?;
    // The object is the ciphertext, and so is what is counted.
    let size = content.len() as u64 + 16;
    let last = all.try_iter().last();
    ensure!(last.is_some_and(|last| (last.transferred, last.total) == (size, size)), "{last:?}");
    ensure!(
        uploaded.size == size && film.load().await?.content_length() == Some(size as i64),
        "{uploaded:?}"
    );
    let read = film.encrypted(&encryption).get().await?;
    ensure!(
        read.content_type() == Some("video/x-frames") && read.e_tag().is_some_and(|tag| tag.contains("-2"))
    );
    ensure!(read.body.collect().await?.into_bytes() == content);
    Ok(())
}

async fn an_instruction_file_is_read_and_deleted_with_its_object(world: World) -> TestResult {
    let (bucket, encryption) = (world.fresh_bucket().await?, raw()?.build()?);
    let film = put(&bucket, "metropolis", &encryption).await?;
    let mut file = Metadata::new();
    replace(&film, |_, metadata| {
        for name in ["x-amz-3", "x-amz-w"] {
            file.extend(metadata.remove_entry(name));
        }
    })
    .await?;
    let missing = refusal(&film, &encryption).await?;
    ensure!(missing.to_string().contains("there is no instruction file"), "{missing:?}");
    let instruction_file = bucket.object("metropolis.instruction");
    instruction_file.put().body(serde_json::to_vec(&file)?.into()).send().await?;
    ensure!(read(&film, &encryption).await? == "the film metropolis");
    film.encrypted(&encryption).delete().await?;
    ensure!(!film.exists().await? && !instruction_file.exists().await?);
    Ok(())
}

async fn kms_wraps_keys_for_their_encryption_context_alone(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let kms = world.session.client("kms").await?;
    let made = kms.call("CreateKey", json!({"Description": "films"})).await?;
    let id = made["KeyMetadata"]["KeyId"].as_str().context("the key has no id")?;
    let encryption = S3Encryption::builder(KmsKeyring::new(&kms, id)?).build()?;
    let film = bucket.object("metropolis").encrypted(&encryption);
    let of_ufa = film.clone().encryption_context("studio", "ufa");
    of_ufa.put(b"1927".to_vec()).await?;
    ensure!(of_ufa.get().await?.body.collect().await?.into_bytes() == "1927");
    let metadata = film.object().load().await?.metadata.unwrap_or_default();
    ensure!(metadata["x-amz-w"] == "12", "{metadata:?}");
    ensure!(metadata["x-amz-t"] == r#"{"aws:x-amz-cek-alg":"115","studio":"ufa"}"#, "{metadata:?}");
    let mismatch = Some(EncryptionError::EncryptionContextMismatch);
    for other in [film.clone(), film.clone().encryption_context("studio", "mgm")] {
        let error = other.get().await.unwrap_err();
        ensure!(EncryptionError::of(&error).cloned() == mismatch, "{error:?}");
    }
    let reserved = film.clone().encryption_context("aws:x-amz-cek-alg", "115");
    let error = reserved.put(b"1927".to_vec()).await.unwrap_err();
    ensure!(error.message().contains("`aws:x-amz-cek-alg` is reserved"), "{error:?}");
    // Whoever changes the context that is kept cannot make KMS unwrap the key for it.
    replace(film.object(), |_, metadata| {
        metadata.insert("x-amz-t".to_owned(), r#"{"aws:x-amz-cek-alg":"115","studio":"mgm"}"#.to_owned());
    })
    .await?;
    let error = film.encryption_context("studio", "mgm").get().await.unwrap_err();
    ensure!(error.code() == Some("InvalidCiphertextException"), "{error:?}");
    kms.call("ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7})).await?;
    Ok(())
}

async fn kms_says_why_a_key_is_not_unwrapped(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let kms = world.session.client("kms").await?;
    let made = kms.call("CreateKey", json!({})).await?;
    let id = made["KeyMetadata"]["KeyId"].as_str().context("the key has no id")?;
    let encryption = S3Encryption::builder(KmsKeyring::new(&kms, id)?).build()?;
    let film = put(&bucket, "metropolis", &encryption).await?;
    kms.call("DisableKey", json!({"KeyId": id})).await?;
    let error = read(&film, &encryption).await.unwrap_err();
    ensure!(error.code() == Some("DisabledException") && error.operation() == Some("Decrypt"), "{error:?}");
    kms.call("EnableKey", json!({"KeyId": id})).await?;
    ensure!(read(&film, &encryption).await? == "the film metropolis");
    kms.call("ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7})).await?;
    let error = read(&film, &encryption).await.unwrap_err();
    ensure!(error.code() == Some("KMSInvalidStateException"), "{error:?}");
    let none = "12345678-1234-1234-1234-123456789012";
    let absent = S3Encryption::builder(KmsKeyring::new(&kms, none)?).build()?;
    let error = film.encrypted(&absent).put(b"1927".to_vec()).await.unwrap_err();
    ensure!(error.is_not_found() && error.code() == Some("NotFoundException"), "{error:?}");
    Ok(())
}
