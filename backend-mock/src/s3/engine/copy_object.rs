//! Copying: where from, under which conditions, with whose metadata. The bytes are shared, not copied.

use std::sync::Arc;

use super::{
    Bucket, Caller, ChecksumAlgorithm, Code, CustomerKey, Digest, ETag, Encryption, Engine, Error,
    MAX_PUT_BYTES, Object, ObjectChecksum, ObjectHeaders, ObjectKey, ObjectLock, ReadCondition, RequestedAcl,
    StorageClass, SystemMetadata, TagSet, UserMetadata, VersionId, WriteCondition, Written,
};
use crate::seed::IdSource;

/// Which object a copy reads.
#[derive(Clone, Debug)]
pub(crate) struct CopySource {
    pub(crate) bucket: String,
    pub(crate) key: ObjectKey,
    pub(crate) version_id: Option<VersionId>,
    pub(crate) condition: ReadCondition,
    pub(crate) expected_bucket_owner: Option<String>,
    /// The key that the source was written with, if that was a customer's.
    pub(crate) customer_key: Option<CustomerKey>,
}

/// Whose tags the copy gets.
#[derive(Clone, Debug)]
pub(crate) enum TaggingDirective {
    /// The source's.
    Copy,
    /// The request's.
    Replace(TagSet),
}

/// Whose metadata the copy gets.
#[derive(Clone, Debug)]
pub(crate) enum MetadataDirective {
    /// The source's.
    Copy,
    /// The request's.
    Replace(SystemMetadata, UserMetadata),
}

#[derive(Clone, Debug)]
pub(crate) struct CopyObject {
    pub(crate) key: ObjectKey,
    pub(crate) source: CopySource,
    pub(crate) metadata: MetadataDirective,
    pub(crate) tagging: TaggingDirective,
    pub(crate) storage_class: Option<StorageClass>,
    /// None for what the bucket does anyway.
    pub(crate) encryption: Option<Encryption>,
    pub(crate) lock: ObjectLock,
    pub(crate) condition: WriteCondition,
    /// What the copy's checksum is computed with; the source's algorithm when the request names none.
    pub(crate) checksum_algorithm: Option<ChecksumAlgorithm>,
    /// Access is never copied: without this the copy is private to its writer.
    pub(crate) acl: Option<RequestedAcl>,
    /// Nor is where an object of a website sends its readers.
    pub(crate) website_redirect_location: Option<Box<str>>,
}

impl CopyObject {
    /// Whether the request says anything that a copy of an object onto itself would be for.
    ///
    /// What it names counts, even where the object has it already. So does a default encryption that was put to the
    /// bucket, and an encryption that the copy would not keep.
    fn changes(&self, source: &Object, target: &Bucket) -> bool {
        matches!(self.metadata, MetadataDirective::Replace(..))
            || self.storage_class.is_some()
            || self.encryption.is_some()
            || self.website_redirect_location.is_some()
            || target.configuration().encryption.is_some()
            || source.encryption != Encryption::S3
    }
}

/// A source that a copy may read, and what the copy's own bytes digest to.
#[derive(Clone, Debug)]
pub(crate) struct CopiedObject {
    source: SourceObject,
    /// None for one that is yet to be drawn.
    etag: Option<ETag>,
    checksum: ObjectChecksum,
    encryption: Encryption,
}

/// The object that a copy reads, and its version where there are any.
#[derive(Clone, Debug)]
pub(crate) struct SourceObject {
    pub(crate) object: Arc<Object>,
    pub(crate) version_id: Option<VersionId>,
}

impl CopiedObject {
    /// Digests the bytes if the copy cannot keep what its source knows of them: a copy is always in one piece.
    pub(crate) fn new(
        source: SourceObject,
        algorithm: Option<ChecksumAlgorithm>,
        encryption: Encryption,
    ) -> Self {
        let object = &source.object;
        let algorithm = algorithm.unwrap_or(object.checksum.algorithm());
        let in_one_piece = object.parts.is_empty();
        let keeps_tag = in_one_piece && encryption.keeps_md5() && object.encryption.keeps_md5();
        if keeps_tag && object.checksum.algorithm() == algorithm {
            let etag = Some(object.etag);
            return Self { etag, checksum: object.checksum.clone(), encryption, source };
        }
        let mut digest = match encryption.keeps_md5() && !keeps_tag {
            true => Digest::of(&object.content, &[algorithm]),
            false => Digest::without_md5(&object.content, &[algorithm]),
        };
        let etag = if keeps_tag { Some(object.etag) } else { digest.md5.map(ETag::of_content) };
        let checksum = digest.checksums.pop().map(ObjectChecksum::full_object);
        Self { etag, checksum: checksum.unwrap_or_else(|| object.checksum.clone()), encryption, source }
    }
}

impl Engine {
    /// The object that a copy reads, if its conditions hold; in whatever region its bucket is.
    pub(crate) fn copy_source(&self, caller: &Caller, source: &CopySource) -> Result<SourceObject, Error> {
        let reader = Caller { expected_bucket_owner: source.expected_bucket_owner.clone(), ..caller.clone() };
        let bucket = self.bucket_anywhere(&reader, &source.bucket)?;
        let object = bucket.object(&source.key, source.version_id).map_err(|error| match error.code() {
            Code::MethodNotAllowed => Error::invalid_request(
                "The source of a copy request may not specifically refer to a delete marker by version id.",
            ),
            _ => error,
        })?;
        if object.storage_class.is_archive() {
            return Err(Error::with_message(
                Code::InvalidObjectState,
                "Operation is not valid for the source object's storage class",
            )
            .with("StorageClass", object.storage_class.as_str()));
        }
        object.encryption.check_reader(source.customer_key).map_err(|error| match error.code() {
            Code::AccessDenied => Error::access_denied(),
            _ => error,
        })?;
        source.condition.check_copy(&object, caller.now)?;
        Ok(SourceObject { version_id: bucket.told_id(&object), object })
    }

    /// The source of a CopyObject request after every check that needs the source, and how the copy is encrypted.
    pub(crate) fn check_copy(
        &self,
        caller: &Caller,
        bucket: &str,
        copy: &CopyObject,
    ) -> Result<(SourceObject, Encryption), Error> {
        let target = self.bucket(caller, bucket)?;
        let source = self.copy_source(caller, &copy.source).map_err(|error| match error.code() {
            // CopyObject has a code of its own for what copies of parts call the object's state.
            Code::InvalidObjectState => Error::new(Code::ObjectNotInActiveTierError),
            _ => error,
        })?;
        target.check_lock(&copy.lock)?;
        let itself = copy.source.bucket == bucket && copy.source.key == copy.key;
        if itself && copy.source.version_id.is_none() && !copy.changes(&source.object, target) {
            return Err(Error::invalid_request(
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes.",
            ));
        }
        if source.object.content.len() > MAX_PUT_BYTES {
            return Err(Error::invalid_request(format!(
                "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_PUT_BYTES}"
            )));
        }
        Ok((source, target.encryption_of_new(copy.encryption.clone())))
    }

    /// Writes the copy; `copied` is the source that [`Engine::check_copy`] gave, digested outside of any lock.
    pub(crate) fn copy_object(
        &mut self,
        caller: &Caller,
        bucket: &str,
        copy: CopyObject,
        copied: CopiedObject,
        ids: &mut IdSource,
    ) -> Result<Written, Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        let access = bucket.access_of_new_object(caller, copy.acl.as_ref())?;
        copy.condition.check(&copy.key, bucket.objects.get(&copy.key).map(|object| &object.etag))?;
        let source = copied.source.object;
        let storage_class = copy.storage_class.unwrap_or_default();
        let headers = match copy.metadata {
            MetadataDirective::Copy => source.metadata(copy.website_redirect_location),
            MetadataDirective::Replace(system, user) => ObjectHeaders::new(system, user),
        };
        let tags = match copy.tagging {
            TaggingDirective::Copy => source.tags.clone(),
            TaggingDirective::Replace(tags) => tags,
        };
        let etag = copied
            .etag
            .unwrap_or_else(|| ETag::of_content(copied.encryption.tag(None, &source.content, ids)));
        let encryption = Some(copied.encryption);
        let headers = ObjectHeaders { storage_class, tags, encryption, access, ..headers };
        let object = Object::new(source.content.clone(), etag, copied.checksum, headers, caller.now);
        Ok(bucket.write(copy.key, object, &copy.lock, caller.now, ids))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::engine::tests::{caller, caller_of, engine_with, ids, key, put};
    use crate::s3::engine::{BucketName, CreateBucket, LocationConstraint, PutObject};

    fn copy(to: &str) -> CopyObject {
        CopyObject {
            key: key(to),
            source: CopySource {
                bucket: "films".into(),
                key: key("a"),
                version_id: None,
                condition: ReadCondition::default(),
                expected_bucket_owner: None,
                customer_key: None,
            },
            metadata: MetadataDirective::Copy,
            tagging: TaggingDirective::Copy,
            storage_class: None,
            encryption: None,
            lock: ObjectLock::default(),
            condition: WriteCondition::None,
            checksum_algorithm: None,
            acl: None,
            website_redirect_location: None,
        }
    }

    fn run(
        engine: &mut Engine,
        caller: &Caller,
        bucket: &str,
        copy: CopyObject,
    ) -> Result<Arc<Object>, Error> {
        let (source, encryption) = engine.check_copy(caller, bucket, &copy)?;
        let copied = CopiedObject::new(source, copy.checksum_algorithm, encryption);
        Ok(engine.copy_object(caller, bucket, copy, copied, &mut ids())?.object)
    }

    #[test]
    fn a_copy_shares_the_bytes_and_takes_the_metadata_along() {
        let mut engine = engine_with("films");
        let user_metadata = UserMetadata::new([("year".into(), "1927".into())]).unwrap();
        let headers = ObjectHeaders { user_metadata: user_metadata.clone(), ..ObjectHeaders::default() };
        let source = PutObject { headers, ..put("a", "metropolis") };
        let source = engine.put_object(&caller(), "films", source, &mut ids()).unwrap().object;
        let ireland = caller_of("123456789012", "eu-west-1");
        let create = CreateBucket {
            location: LocationConstraint(Some("eu-west-1".into())),
            ..CreateBucket::named(BucketName::parse("filme").unwrap())
        };
        engine.create_bucket(&ireland, create).unwrap();
        let object = run(&mut engine, &ireland, "filme", copy("b")).unwrap();
        assert_eq!((object.etag, &object.user_metadata), (source.etag, &user_metadata));
        let first = |object: &Object| object.content.segments().next().unwrap().as_ptr();
        assert_eq!(first(&object), first(&source));
    }

    #[test]
    fn a_copy_to_itself_must_change_something() {
        let mut engine = engine_with("films");
        engine.put_object(&caller(), "films", put("a", "metropolis"), &mut ids()).unwrap();
        assert_eq!(run(&mut engine, &caller(), "films", copy("a")).unwrap_err().code(), Code::InvalidRequest);
        let replace = MetadataDirective::Replace(SystemMetadata::default(), UserMetadata::default());
        assert!(run(&mut engine, &caller(), "films", CopyObject { metadata: replace, ..copy("a") }).is_ok());
        let redirect = CopyObject { website_redirect_location: Some("/b".into()), ..copy("a") };
        assert!(run(&mut engine, &caller(), "films", redirect).is_ok());
        let class = CopyObject { storage_class: Some(StorageClass::Glacier), ..copy("a") };
        assert!(run(&mut engine, &caller(), "films", class).is_ok());
        let archived = run(&mut engine, &caller(), "films", copy("b")).unwrap_err();
        assert_eq!(archived.code(), Code::ObjectNotInActiveTierError);
    }

    #[test]
    fn a_source_may_be_under_conditions_and_gets_the_checksum_that_is_asked_for() {
        let mut engine = engine_with("films");
        engine.put_object(&caller(), "films", put("a", "123456789"), &mut ids()).unwrap();
        let mut conditional = copy("b");
        conditional.source.condition.if_match = Some("\"other\"".into());
        let error = run(&mut engine, &caller(), "films", conditional).unwrap_err();
        assert_eq!(error.details(), [("Condition", "x-amz-copy-source-If-Match".into())]);
        let checked = CopyObject { checksum_algorithm: Some(ChecksumAlgorithm::Crc32), ..copy("b") };
        let object = run(&mut engine, &caller(), "films", checked).unwrap();
        assert_eq!(object.checksum.to_string(), "y/Q5Jg==");
    }
}
