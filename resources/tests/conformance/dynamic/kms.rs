//! KMS by name: symmetric keys, their aliases, and what they encrypt, on every backend.

use anyhow::{Context, ensure};
use aws_smithy_types::Blob;
use futures_util::TryStreamExt;
use serde_json::json;
use session_core::dynamic::{DynamicClient, Value};
use session_core::{ErrorKind, ResourceScope, SessionExt};

use crate::case::{TestResult, cases, check};
use crate::world::World;

cases! {
    a_ciphertext_opens_with_its_encryption_context_alone,
    a_data_key_is_what_its_ciphertext_opens_to,
    a_ciphertext_is_moved_to_another_key,
    a_key_has_other_names,
    a_key_is_disabled_deleted_and_brought_back,
    what_is_not_there_or_not_allowed_is_told_by_code,
    keys_stay_in_their_region,
}

struct TestKey {
    kms: ResourceScope<DynamicClient>,
    id: String,
}

impl TestKey {
    async fn new(world: &World) -> anyhow::Result<Self> {
        let kms = world.session.client("kms").await?;
        let made = kms.call("CreateKey", json!({"Description": "conformance"})).await?;
        let metadata = &made["KeyMetadata"];
        ensure!(metadata["KeyState"].as_str() == Some("Enabled"), "{metadata:?}");
        ensure!(metadata["KeySpec"].as_str() == Some("SYMMETRIC_DEFAULT"), "{metadata:?}");
        let id = metadata["KeyId"].as_str().context("the key has no id")?.to_owned();
        Ok(Self { kms, id })
    }

    async fn encrypt(&self, plaintext: &str) -> anyhow::Result<Value> {
        let input = json!({"KeyId": self.id, "Plaintext": plaintext, "EncryptionContext": {"a": "b"}});
        Ok(self.kms.call("Encrypt", input).await?["CiphertextBlob"].clone())
    }

    async fn delete(self) -> TestResult {
        self.kms.call("ScheduleKeyDeletion", json!({"KeyId": self.id, "PendingWindowInDays": 7})).await?;
        Ok(())
    }
}

fn with(input: serde_json::Value, blob: &Value) -> Value {
    let mut input = Value::from(input);
    input.insert("CiphertextBlob", blob.clone());
    input
}

async fn a_ciphertext_opens_with_its_encryption_context_alone(world: World) -> TestResult {
    let key = TestKey::new(&world).await?;
    let blob = key.encrypt("frames").await?;
    let opened = key.kms.call("Decrypt", with(json!({"EncryptionContext": {"a": "b"}}), &blob)).await?;
    ensure!(opened["Plaintext"].as_blob() == Some(b"frames".as_slice()), "{opened:?}");
    ensure!(opened["KeyId"].as_str().is_some_and(|arn| arn.ends_with(&key.id)), "{opened:?}");
    for context in [json!({}), json!({"a": "c"}), json!({"a": "b", "c": "d"})] {
        let error =
            key.kms.call("Decrypt", with(json!({"EncryptionContext": context}), &blob)).await.unwrap_err();
        ensure!(error.code() == Some("InvalidCiphertextException"), "{error:?}");
    }
    let mut altered = blob.as_blob().unwrap_or_default().to_vec();
    *altered.last_mut().context("it is empty")? ^= 1;
    let altered = with(json!({"EncryptionContext": {"a": "b"}}), &Blob::new(altered).into());
    let error = key.kms.call("Decrypt", altered).await.unwrap_err();
    ensure!(error.code() == Some("InvalidCiphertextException"), "{error:?}");
    key.delete().await
}

async fn a_data_key_is_what_its_ciphertext_opens_to(world: World) -> TestResult {
    let key = TestKey::new(&world).await?;
    for (asked, length) in [(json!("AES_256"), 32), (json!("AES_128"), 16)] {
        let made = key.kms.call("GenerateDataKey", json!({"KeyId": key.id, "KeySpec": asked})).await?;
        let plaintext = made["Plaintext"].as_blob().context("there is no key")?;
        ensure!(plaintext.len() == length, "{length}");
        let opened = key.kms.call("Decrypt", with(json!({"KeyId": key.id}), &made["CiphertextBlob"])).await?;
        ensure!(opened["Plaintext"].as_blob() == Some(plaintext), "{opened:?}");
    }
    let input = json!({"KeyId": key.id, "NumberOfBytes": 64});
    let sealed = key.kms.call("GenerateDataKeyWithoutPlaintext", input).await?;
    ensure!(sealed["Plaintext"].is_null(), "{sealed:?}");
    let opened = key.kms.call("Decrypt", with(json!({}), &sealed["CiphertextBlob"])).await?;
    ensure!(opened["Plaintext"].as_blob().is_some_and(|bytes| bytes.len() == 64), "{opened:?}");
    key.delete().await
}

async fn a_ciphertext_is_moved_to_another_key(world: World) -> TestResult {
    let (from, to) = (TestKey::new(&world).await?, TestKey::new(&world).await?);
    let blob = from.encrypt("frames").await?;
    let input = json!({"DestinationKeyId": to.id, "SourceEncryptionContext": {"a": "b"},
        "DestinationEncryptionContext": {"c": "d"}});
    let moved = to.kms.call("ReEncrypt", with(input, &blob)).await?;
    let input = json!({"KeyId": to.id, "EncryptionContext": {"c": "d"}});
    let opened = to.kms.call("Decrypt", with(input, &moved["CiphertextBlob"])).await?;
    ensure!(opened["Plaintext"].as_blob() == Some(b"frames".as_slice()), "{opened:?}");
    let other = with(json!({"KeyId": from.id, "EncryptionContext": {"c": "d"}}), &moved["CiphertextBlob"]);
    let error = from.kms.call("Decrypt", other).await.unwrap_err();
    ensure!(error.code() == Some("IncorrectKeyException"), "{error:?}");
    from.delete().await?;
    to.delete().await
}

async fn a_key_has_other_names(world: World) -> TestResult {
    let key = TestKey::new(&world).await?;
    let name = format!("alias/{}", world.fresh_name());
    key.kms.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": key.id})).await?;
    let error =
        key.kms.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": key.id})).await.unwrap_err();
    check(error, ErrorKind::AlreadyExists, "AlreadyExistsException")?;
    let described = key.kms.call("DescribeKey", json!({"KeyId": name})).await?;
    ensure!(described["KeyMetadata"]["KeyId"].as_str() == Some(&key.id), "{described:?}");
    let listed = key.kms.call("ListAliases", json!({"KeyId": key.id})).await?;
    ensure!(listed["Aliases"][0]["AliasName"].as_str() == Some(&name), "{listed:?}");
    ensure!(listed["Aliases"].as_list().is_some_and(|aliases| aliases.len() == 1), "{listed:?}");
    let keys = key.kms.paginator("ListKeys")?.page_size(2).items();
    let keys: Vec<Value> = keys.try_collect().await?;
    let found = keys.iter().any(|listed| listed["KeyId"].as_str() == Some(&key.id));
    ensure!(found, "the key is not listed");
    key.kms.call("DeleteAlias", json!({"AliasName": name})).await?;
    let error = key.kms.call("DescribeKey", json!({"KeyId": name})).await.unwrap_err();
    check(error, ErrorKind::NotFound, "NotFoundException")?;
    key.delete().await
}

async fn a_key_is_disabled_deleted_and_brought_back(world: World) -> TestResult {
    let key = TestKey::new(&world).await?;
    let blob = key.encrypt("frames").await?;
    let input = || with(json!({"EncryptionContext": {"a": "b"}}), &blob);
    key.kms.call("DisableKey", json!({"KeyId": key.id})).await?;
    let error = key.kms.call("Decrypt", input()).await.unwrap_err();
    ensure!(error.code() == Some("DisabledException"), "{error:?}");
    let gone =
        key.kms.call("ScheduleKeyDeletion", json!({"KeyId": key.id, "PendingWindowInDays": 7})).await?;
    ensure!(gone["DeletionDate"].as_timestamp().is_some(), "{gone:?}");
    let error = key.kms.call("Decrypt", input()).await.unwrap_err();
    ensure!(error.code() == Some("KMSInvalidStateException"), "{error:?}");
    key.kms.call("CancelKeyDeletion", json!({"KeyId": key.id})).await?;
    let described = key.kms.call("DescribeKey", json!({"KeyId": key.id})).await?;
    ensure!(described["KeyMetadata"]["KeyState"].as_str() == Some("Disabled"), "{described:?}");
    key.kms.call("EnableKey", json!({"KeyId": key.id})).await?;
    let opened = key.kms.call("Decrypt", input()).await?;
    ensure!(opened["Plaintext"].as_blob() == Some(b"frames".as_slice()), "{opened:?}");
    key.delete().await
}

async fn what_is_not_there_or_not_allowed_is_told_by_code(world: World) -> TestResult {
    let key = TestKey::new(&world).await?;
    let none = "12345678-1234-1234-1234-123456789012";
    let error = key.kms.call("DescribeKey", json!({"KeyId": none})).await.unwrap_err();
    check(error, ErrorKind::NotFound, "NotFoundException")?;
    let error = key.kms.call("CancelKeyDeletion", json!({"KeyId": key.id})).await.unwrap_err();
    ensure!(error.code() == Some("KMSInvalidStateException"), "{error:?}");
    let both = json!({"KeyId": key.id, "KeySpec": "AES_256", "NumberOfBytes": 32});
    for input in [json!({"KeyId": key.id}), both] {
        let error = key.kms.call("GenerateDataKey", input).await.unwrap_err();
        ensure!(error.code() == Some("ValidationException"), "{error:?}");
    }
    key.delete().await
}

async fn keys_stay_in_their_region(world: World) -> TestResult {
    let key = TestKey::new(&world).await?;
    let elsewhere = world.session.client("kms").region_name("us-west-2").await?;
    let error = elsewhere.call("DescribeKey", json!({"KeyId": key.id})).await.unwrap_err();
    check(error, ErrorKind::NotFound, "NotFoundException")?;
    key.delete().await
}
