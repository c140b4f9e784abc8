//! What the engine's tests share: a caller, a bucket, an object, an upload.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::*;
use crate::seed::IdSource;

pub(crate) fn caller() -> Caller {
    caller_of(AccountId::DEFAULT, RegionName::DEFAULT)
}

pub(crate) fn caller_of(account: &str, region: &str) -> Caller {
    Caller {
        account_id: AccountId::parse(account).unwrap(),
        region: RegionName::new(region),
        now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        expected_bucket_owner: None,
    }
}

/// Where the ids of one write come from.
pub(crate) fn ids() -> IdSource {
    IdSource::new(7)
}

pub(crate) fn key(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

pub(crate) fn engine_with(bucket: &str) -> Engine {
    let mut engine = Engine::new();
    let create = CreateBucket::named(BucketName::parse(bucket).unwrap());
    engine.create_bucket(&caller(), create).unwrap();
    engine
}

pub(crate) fn put(name: &str, text: &'static str) -> PutObject {
    let content = Content::from(Bytes::from_static(text.as_bytes()));
    let mut digest = Digest::of(&content, &[ChecksumAlgorithm::DEFAULT]);
    PutObject {
        key: key(name),
        content,
        md5: digest.md5,
        checksum: digest.checksums.remove(0),
        headers: ObjectHeaders::default(),
        condition: WriteCondition::None,
        acl: None,
    }
}

pub(crate) fn object_at(time: SystemTime) -> Object {
    let mut engine = engine_with("films");
    let caller = Caller { now: time, ..caller() };
    Object::clone(&engine.put_object(&caller, "films", put("a", "one"), &mut ids()).unwrap().object)
}

pub(crate) fn create_upload(engine: &mut Engine, name: &str, seed: u64) -> UploadId {
    create(engine, name, seed, None)
}

pub(crate) fn create_upload_with(
    engine: &mut Engine,
    name: &str,
    checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
) -> UploadId {
    create(engine, name, 0, checksum)
}

fn create(
    engine: &mut Engine,
    name: &str,
    seed: u64,
    checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
) -> UploadId {
    let create =
        CreateMultipartUpload { key: key(name), headers: ObjectHeaders::default(), checksum, acl: None };
    engine.create_multipart_upload(&caller(), "films", create, &mut IdSource::new(seed)).unwrap()
}

/// Uploads a part and gives its entity tag.
pub(crate) fn upload_part(
    engine: &mut Engine,
    name: &str,
    id: &UploadId,
    number: i32,
    body: impl Into<Bytes>,
) -> String {
    let upload = engine.multipart_upload(&caller(), "films", &key(name), id).unwrap();
    let given = upload.checksum.map(|(algorithm, _)| algorithm);
    let algorithms = upload.part_algorithms(given).unwrap();
    let content = Content::from(body.into());
    let part = UploadPart {
        key: key(name),
        upload_id: id.clone(),
        number: PartNumber::try_from(number).unwrap(),
        digest: Digest::of(&content, &algorithms),
        content,
        given,
        customer_key: None,
    };
    engine.upload_part(&caller(), "films", part, &mut ids()).unwrap().etag().quoted()
}

#[test]
fn times_are_kept_to_the_second() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_999);
    assert_eq!(whole_seconds(time), SystemTime::UNIX_EPOCH + Duration::from_secs(1));
}
