//! Multipart uploads, step by step, and what S3 refuses of them.

use anyhow::ensure;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use resources::{MultipartUpload, Object};
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases, check};
use crate::world::{World, bytes_of, content};

cases! {
    parts_are_joined_in_their_order,
    an_object_is_not_there_before_its_upload_is_completed,
    headers_and_metadata_are_said_at_the_beginning,
    a_part_uploaded_again_replaces_the_first,
    the_parts_so_far_are_listed_by_page,
    an_aborted_upload_is_gone,
    an_aborted_upload_cannot_be_completed,
    unfinished_uploads_are_listed,
    completing_with_an_unknown_part_says_invalid_part,
    completing_with_a_wrong_etag_says_invalid_part,
    completing_in_the_wrong_order_says_so,
    completing_without_parts_is_malformed,
    a_small_part_before_the_last_is_too_small,
    an_unknown_upload_is_not_found,
    a_part_of_an_unknown_upload_is_not_taken,
    part_numbers_are_1_to_10000,
    completing_if_absent_fails_on_an_object_that_is_there,
    a_part_can_be_copied_from_a_range,
    beginning_an_upload_in_a_missing_bucket_says_no_such_bucket,
}

const MIB: usize = 1 << 20;

async fn begin(object: &Object) -> Result<MultipartUpload, Error> {
    let id = object.initiate_multipart_upload().send().await?.upload_id.unwrap_or_default();
    Ok(object.multipart_upload(id))
}

async fn upload(upload: &MultipartUpload, number: i32, bytes: Vec<u8>) -> Result<CompletedPart, Error> {
    let part = upload.upload_part(number).body(bytes.into()).send().await?;
    Ok(CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build())
}

fn parts(parts: impl IntoIterator<Item = CompletedPart>) -> CompletedMultipartUpload {
    CompletedMultipartUpload::builder().set_parts(Some(parts.into_iter().collect())).build()
}

async fn parts_are_joined_in_their_order(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let begun = begin(&object).await?;
    let whole = content(5 * MIB + 3);
    let last = upload(&begun, 7, whole[5 * MIB..].to_vec()).await?;
    let first = upload(&begun, 2, whole[..5 * MIB].to_vec()).await?;
    let done = begun.complete().multipart_upload(parts([first, last])).send().await?;
    ensure!(done.e_tag().is_some_and(|e_tag| e_tag.ends_with("-2\"")), "{done:?}");
    ensure!(done.bucket() == Some(object.bucket_name()) && done.key() == Some("film"), "{done:?}");
    ensure!(bytes_of(&object).await? == whole);
    ensure!(object.load().await?.e_tag() == done.e_tag());
    ensure!(!begun.exists().await?);
    Ok(())
}

async fn an_object_is_not_there_before_its_upload_is_completed(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let begun = begin(&bucket.object("film")).await?;
    let part = upload(&begun, 1, content(10)).await?;
    ensure!(!bucket.object("film").exists().await? && bucket.objects().items().try_next().await?.is_none());
    begun.complete().multipart_upload(parts([part])).send().await?;
    ensure!(bucket.object("film").exists().await?);
    Ok(())
}

async fn headers_and_metadata_are_said_at_the_beginning(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let create = object.initiate_multipart_upload().content_type("video/mp4").metadata("cut", "long");
    let begun = object.multipart_upload(create.send().await?.upload_id.unwrap_or_default());
    let part = upload(&begun, 1, content(10)).await?;
    begun.complete().multipart_upload(parts([part])).send().await?;
    let head = object.load().await?;
    ensure!(head.content_type() == Some("video/mp4"), "{head:?}");
    ensure!(head.metadata().is_some_and(|metadata| metadata["cut"] == "long"), "{head:?}");
    Ok(())
}

async fn a_part_uploaded_again_replaces_the_first(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let begun = begin(&object).await?;
    let replaced = upload(&begun, 1, b"first".to_vec()).await?;
    let part = upload(&begun, 1, b"second".to_vec()).await?;
    let error = begun.complete().multipart_upload(parts([replaced])).send().await.unwrap_err();
    check(error, ErrorKind::InvalidInput, "InvalidPart")?;
    begun.complete().multipart_upload(parts([part])).send().await?;
    ensure!(bytes_of(&object).await? == b"second");
    Ok(())
}

async fn the_parts_so_far_are_listed_by_page(world: World) -> TestResult {
    let begun = begin(&world.fresh_bucket().await?.object("film")).await?;
    ensure!(begun.exists().await?);
    for number in [3, 1, 2] {
        upload(&begun, number, content(number as usize)).await?;
    }
    let first = begun.list_parts().max_parts(2).send().await?;
    let sizes: Vec<_> = first.parts().iter().map(|part| (part.part_number(), part.size())).collect();
    ensure!(sizes == [(Some(1), Some(1)), (Some(2), Some(2))], "{first:?}");
    ensure!(first.is_truncated() == Some(true), "{first:?}");
    let rest = begun.list_parts().set_part_number_marker(first.next_part_number_marker).send().await?;
    ensure!(rest.parts().len() == 1 && rest.is_truncated() == Some(false), "{rest:?}");
    Ok(())
}

async fn an_aborted_upload_is_gone(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let begun = begin(&bucket.object("film")).await?;
    upload(&begun, 1, content(10)).await?;
    begun.abort().send().await?;
    ensure!(!begun.exists().await?);
    ensure!(bucket.list_multipart_uploads().send().await?.uploads().is_empty());
    check(begun.abort().send().await.unwrap_err(), ErrorKind::NotFound, "NoSuchUpload")
}

async fn an_aborted_upload_cannot_be_completed(world: World) -> TestResult {
    let begun = begin(&world.fresh_bucket().await?.object("film")).await?;
    let part = upload(&begun, 1, content(10)).await?;
    begun.abort().send().await?;
    let error = begun.complete().multipart_upload(parts([part])).send().await.unwrap_err();
    world.check_message(error, ErrorKind::NotFound, "NoSuchUpload", NO_SUCH_UPLOAD)
}

async fn unfinished_uploads_are_listed(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (film, song) = (begin(&bucket.object("film")).await?, begin(&bucket.object("song")).await?);
    let listed = bucket.list_multipart_uploads().send().await?;
    let ids: Vec<_> = listed.uploads().iter().map(|upload| (upload.key(), upload.upload_id())).collect();
    ensure!(ids == [(Some("film"), Some(film.id())), (Some("song"), Some(song.id()))], "{listed:?}");
    let songs = bucket.list_multipart_uploads().prefix("so").send().await?;
    ensure!(songs.uploads().len() == 1, "{songs:?}");
    Ok(())
}

async fn completing_with_an_unknown_part_says_invalid_part(world: World) -> TestResult {
    let begun = begin(&world.fresh_bucket().await?.object("film")).await?;
    upload(&begun, 1, content(10)).await?;
    let ghost = CompletedPart::builder().part_number(2).e_tag("\"0123456789abcdef0123456789abcdef\"").build();
    let error = begun.complete().multipart_upload(parts([ghost])).send().await.unwrap_err();
    let message = "One or more of the specified parts could not be found.  The part may not have been uploaded, or \
                   the specified entity tag may not match the part's entity tag.";
    world.check_message(error, ErrorKind::InvalidInput, "InvalidPart", message)
}

async fn completing_with_a_wrong_etag_says_invalid_part(world: World) -> TestResult {
    let begun = begin(&world.fresh_bucket().await?.object("film")).await?;
    upload(&begun, 1, content(10)).await?;
    let wrong = CompletedPart::builder().part_number(1).e_tag("\"0123456789abcdef0123456789abcdef\"").build();
    let error = begun.complete().multipart_upload(parts([wrong])).send().await.unwrap_err();
    check(error, ErrorKind::InvalidInput, "InvalidPart")
}

async fn completing_in_the_wrong_order_says_so(world: World) -> TestResult {
    let begun = begin(&world.fresh_bucket().await?.object("film")).await?;
    let (first, second) = (upload(&begun, 1, content(5 * MIB)).await?, upload(&begun, 2, content(10)).await?);
    let error = begun.complete().multipart_upload(parts([second, first])).send().await.unwrap_err();
    let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
    world.check_message(error, ErrorKind::InvalidInput, "InvalidPartOrder", message)
}

async fn completing_without_parts_is_malformed(world: World) -> TestResult {
    let begun = begin(&world.fresh_bucket().await?.object("film")).await?;
    upload(&begun, 1, content(10)).await?;
    let error = begun.complete().multipart_upload(parts([])).send().await.unwrap_err();
    check(error, ErrorKind::InvalidInput, "MalformedXML")
}

async fn a_small_part_before_the_last_is_too_small(world: World) -> TestResult {
    let begun = begin(&world.fresh_bucket().await?.object("film")).await?;
    let both = [upload(&begun, 1, content(5 * MIB - 1)).await?, upload(&begun, 2, content(10)).await?];
    let error = begun.complete().multipart_upload(parts(both)).send().await.unwrap_err();
    let message = "Your proposed upload is smaller than the minimum allowed size";
    world.check_message(error, ErrorKind::InvalidInput, "EntityTooSmall", message)
}

const NO_SUCH_UPLOAD: &str = "The specified upload does not exist. The upload ID may be invalid, or the upload may \
                              have been aborted or completed.";

async fn an_unknown_upload_is_not_found(world: World) -> TestResult {
    let ghost = world.fresh_bucket().await?.object("film").multipart_upload("ghost");
    let (kind, code) = (ErrorKind::NotFound, "NoSuchUpload");
    world.check_message(ghost.list_parts().send().await.unwrap_err(), kind, code, NO_SUCH_UPLOAD)?;
    world.check_message(ghost.abort().send().await.unwrap_err(), kind, code, NO_SUCH_UPLOAD)?;
    ensure!(!ghost.exists().await?);
    Ok(())
}

async fn a_part_of_an_unknown_upload_is_not_taken(world: World) -> TestResult {
    let ghost = world.fresh_bucket().await?.object("film").multipart_upload("ghost");
    let error = ghost.upload_part(1).body(content(10).into()).send().await.unwrap_err();
    world.check_message(error, ErrorKind::NotFound, "NoSuchUpload", NO_SUCH_UPLOAD)
}

async fn part_numbers_are_1_to_10000(world: World) -> TestResult {
    let begun = begin(&world.fresh_bucket().await?.object("film")).await?;
    upload(&begun, 10_000, content(10)).await?;
    for number in [0, 10_001] {
        let error = upload(&begun, number, content(10)).await.unwrap_err();
        let message = "Part number must be an integer between 1 and 10000, inclusive";
        world.check_message(error, ErrorKind::InvalidInput, "InvalidArgument", message)?;
    }
    Ok(())
}

async fn completing_if_absent_fails_on_an_object_that_is_there(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let begun = begin(&object).await?;
    let part = upload(&begun, 1, content(10)).await?;
    object.put().body(content(3).into()).send().await?;
    let complete = begun.complete().if_none_match("*").multipart_upload(parts([part]));
    check(complete.send().await.unwrap_err(), ErrorKind::ConditionFailed, "PreconditionFailed")?;
    ensure!(bytes_of(&object).await? == content(3));
    Ok(())
}

async fn a_part_can_be_copied_from_a_range(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let whole = content(6 * MIB);
    bucket.object("source").put().body(whole.clone().into()).send().await?;
    let object = bucket.object("film");
    let begun = begin(&object).await?;
    let copied = bucket
        .client()
        .upload_part_copy()
        .bucket(bucket.name())
        .key("film")
        .upload_id(begun.id())
        .part_number(1)
        .copy_source(format!("{}/source", bucket.name()))
        .copy_source_range(format!("bytes=100-{}", 5 * MIB + 99))
        .send()
        .await?;
    let e_tag = copied.copy_part_result.and_then(|result| result.e_tag);
    let first = CompletedPart::builder().part_number(1).set_e_tag(e_tag).build();
    let last = upload(&begun, 2, b"the end".to_vec()).await?;
    begun.complete().multipart_upload(parts([first, last])).send().await?;
    ensure!(bytes_of(&object).await? == [&whole[100..5 * MIB + 100], b"the end"].concat());
    Ok(())
}

async fn beginning_an_upload_in_a_missing_bucket_says_no_such_bucket(world: World) -> TestResult {
    let error = begin(&world.no_bucket().object("film")).await.unwrap_err();
    check(error, ErrorKind::NotFound, "NoSuchBucket")
}
