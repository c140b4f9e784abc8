//! S3 for the other services of the cloud: what they write and read is decided as a request of their caller's would be.

use std::fmt;

use bytes::{Bytes, BytesMut};

use super::Wire;
use crate::context::RegionName;
use crate::dynamodb::{AtRest, Bucket, ObjectStore, Refusal};
use crate::s3::engine::{
    Access, Caller, ChecksumAlgorithm, Code, ConditionKeys, Content, Digest, Encryption, Engine, Entry,
    Error, GetObject, KmsEncryption, ListObjects, ObjectHeaders, ObjectKey, PutObject, Start, SystemMetadata,
    UserMetadata, WriteCondition,
};

/// Of the values that policies ask about, a service brings one: it comes by TLS.
struct ServiceKeys;

impl ConditionKeys for ServiceKeys {
    fn values(&self, key: &str) -> Option<Vec<String>> {
        key.eq_ignore_ascii_case("aws:SecureTransport").then(|| vec!["true".to_owned()])
    }
}

impl ObjectStore for Wire {
    fn write(
        &self,
        bucket: &Bucket<'_>,
        key: &str,
        content: Bytes,
        at_rest: AtRest<'_>,
    ) -> Result<String, Refusal> {
        self.operations.advance(bucket.now);
        // Others need not wait for the digests of a large file.
        let content = Content::from(content);
        let checksums = [ChecksumAlgorithm::DEFAULT];
        let digest = match at_rest {
            AtRest::S3 => Digest::of(&content, &checksums),
            AtRest::Kms(_) => Digest::without_md5(&content, &checksums),
        };
        let (mut engine, mut ids) = (self.operations.engine(), self.operations.ids());
        let caller = caller(&engine, bucket);
        let put = put(&caller, key, content, digest, at_rest)?;
        authorize(&engine, &caller, "PutObject", bucket, Some(key))?;
        let written = engine.put_object(&caller, bucket.name, put, &mut ids)?;
        Ok(written.object.etag.quoted().trim_matches('"').to_owned())
    }

    fn read_all(&self, bucket: &Bucket<'_>, prefix: &str) -> Result<Vec<Bytes>, Refusal> {
        self.operations.advance(bucket.now);
        let engine = self.operations.engine();
        let caller = caller(&engine, bucket);
        authorize(&engine, &caller, "ListObjectsV2", bucket, None)?;
        let all = ListObjects { prefix, delimiter: "", start: Start::First, max_keys: usize::MAX };
        let page = engine.list_objects(&caller, bucket.name, &all)?;
        let mut contents = Vec::with_capacity(page.entries.len());
        for entry in page.entries {
            let Entry::Key(key, _) = entry else { continue };
            authorize(&engine, &caller, "GetObject", bucket, Some(key.as_str()))?;
            let read = engine.get_object(&caller, bucket.name, &GetObject::of(key))?;
            let mut bytes = BytesMut::new();
            read.content().segments().for_each(|segment| bytes.extend_from_slice(segment));
            contents.push(bytes.freeze());
        }
        Ok(contents)
    }
}

/// The caller at the endpoint of the bucket's own region, wherever the service is.
fn caller(engine: &Engine, bucket: &Bucket<'_>) -> Caller {
    Caller {
        account_id: bucket.account_id.clone(),
        region: engine
            .bucket_region(bucket.name)
            .cloned()
            .unwrap_or_else(|| RegionName::new(RegionName::DEFAULT)),
        now: bucket.now,
        expected_bucket_owner: bucket.expected_owner.map(str::to_owned),
    }
}

fn authorize(
    engine: &Engine,
    caller: &Caller,
    operation: &str,
    bucket: &Bucket<'_>,
    key: Option<&str>,
) -> Result<(), Error> {
    let access =
        Access { operation, bucket: bucket.name, key, version_id: None, besides: &[], keys: &ServiceKeys };
    engine.authorize(caller, &access)
}

fn put(
    caller: &Caller,
    key: &str,
    content: Content,
    digest: Digest,
    at_rest: AtRest<'_>,
) -> Result<PutObject, Error> {
    let checksum = digest.checksum(ChecksumAlgorithm::DEFAULT).cloned();
    let encryption = match at_rest {
        AtRest::S3 => Encryption::S3,
        AtRest::Kms(key) => Encryption::Kms(Box::new(KmsEncryption {
            dual_layer: false,
            key_id: KmsEncryption::key_arn(&caller.region, &caller.account_id, key),
            bucket_key_enabled: false,
            context: None,
        })),
    };
    let mut headers = ObjectHeaders::new(SystemMetadata::default(), UserMetadata::default());
    headers.encryption = Some(encryption);
    Ok(PutObject {
        key: ObjectKey::parse(key)?,
        content,
        md5: digest.md5,
        checksum: checksum.ok_or_else(|| Error::new(Code::InternalError))?,
        headers,
        condition: WriteCondition::None,
        acl: None,
    })
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = error.code();
        Self { status: code.status(), code: code.as_str().to_owned(), message: error.message().to_owned() }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}
