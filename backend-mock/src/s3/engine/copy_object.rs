//! Copying: where from, under which conditions, with whose metadata. The bytes are shared, not copied.

use std::sync::Arc;

use super::{
    Caller, ChecksumAlgorithm, Code, Content, Digest, ETag, Engine, Error, MAX_PUT_BYTES, Object,
    ObjectChecksum, ObjectKey, ReadCondition, StorageClass, SystemMetadata, UserMetadata, whole_seconds,
};

/// Which object a copy reads.
#[derive(Clone, Debug)]
pub(crate) struct CopySource {
    pub(crate) bucket: String,
    pub(crate) key: ObjectKey,
    pub(crate) condition: ReadCondition,
    pub(crate) expected_bucket_owner: Option<String>,
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
    pub(crate) storage_class: Option<StorageClass>,
    /// What the copy's checksum is computed with; the source's algorithm when the request names none.
    pub(crate) checksum_algorithm: Option<ChecksumAlgorithm>,
}

/// A source that a copy may read, and what the copy's own bytes digest to.
#[derive(Clone, Debug)]
pub(crate) struct CopiedObject {
    source: Arc<Object>,
    etag: ETag,
    checksum: ObjectChecksum,
}

impl CopiedObject {
    /// Digests the bytes if the copy cannot keep what its source knows of them: a copy is always in one piece.
    pub(crate) fn new(source: Arc<Object>, algorithm: Option<ChecksumAlgorithm>) -> Self {
        let algorithm = algorithm.unwrap_or(source.checksum.algorithm());
        let in_one_piece = source.parts.is_empty();
        if in_one_piece && source.checksum.algorithm() == algorithm {
            return Self { etag: source.etag, checksum: source.checksum.clone(), source };
        }
        let mut digest = Digest::of(&source.content, &[algorithm]);
        let etag = if in_one_piece { source.etag } else { ETag::of_content(digest.md5) };
        let checksum = digest.checksums.pop().map(ObjectChecksum::full_object);
        Self { etag, checksum: checksum.unwrap_or_else(|| source.checksum.clone()), source }
    }
}

impl Engine {
    /// The object that a copy reads, if its conditions hold; in whatever region its bucket is.
    pub(crate) fn copy_source(&self, caller: &Caller, source: &CopySource) -> Result<Arc<Object>, Error> {
        let reader = Caller { expected_bucket_owner: source.expected_bucket_owner.clone(), ..caller.clone() };
        let bucket = self.bucket_anywhere(&reader, &source.bucket)?;
        let object =
            bucket.objects.get(&source.key).ok_or_else(|| Error::no_such_key(source.key.as_str()))?;
        if object.storage_class.is_archive() {
            return Err(Error::with_message(
                Code::InvalidObjectState,
                "Operation is not valid for the source object's storage class",
            )
            .with("StorageClass", object.storage_class.as_str()));
        }
        source.condition.check_copy(object, caller.now)?;
        Ok(Arc::clone(object))
    }

    /// The source of a CopyObject request after every check that needs the source.
    pub(crate) fn check_copy(
        &self,
        caller: &Caller,
        bucket: &str,
        copy: &CopyObject,
    ) -> Result<Arc<Object>, Error> {
        self.bucket(caller, bucket)?;
        let source = self.copy_source(caller, &copy.source).map_err(|error| match error.code() {
            // CopyObject has a code of its own for what copies of parts call the object's state.
            Code::InvalidObjectState => Error::new(Code::ObjectNotInActiveTierError),
            _ => error,
        })?;
        let unchanged = matches!(copy.metadata, MetadataDirective::Copy) && copy.storage_class.is_none();
        if unchanged && copy.source.bucket == bucket && copy.source.key == copy.key {
            return Err(Error::invalid_request(
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes.",
            ));
        }
        if source.content.len() > MAX_PUT_BYTES {
            return Err(Error::invalid_request(format!(
                "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_PUT_BYTES}"
            )));
        }
        Ok(source)
    }

    /// Writes the copy; `copied` is the source that [`Engine::check_copy`] gave, digested outside of any lock.
    pub(crate) fn copy_object(
        &mut self,
        caller: &Caller,
        bucket: &str,
        copy: CopyObject,
        copied: CopiedObject,
    ) -> Result<Arc<Object>, Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        let source = copied.source;
        let (system_metadata, user_metadata) = match copy.metadata {
            MetadataDirective::Copy => (source.system_metadata.clone(), source.user_metadata.clone()),
            MetadataDirective::Replace(system, user) => (system, user),
        };
        let object = Arc::new(Object {
            content: Content::clone(&source.content),
            etag: copied.etag,
            last_modified: whole_seconds(caller.now),
            checksum: copied.checksum,
            system_metadata,
            user_metadata,
            storage_class: copy.storage_class.unwrap_or_default(),
            parts: Vec::new(),
        });
        bucket.objects.insert(copy.key, Arc::clone(&object));
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::engine::tests::{caller, caller_of, engine_with, key, put};
    use crate::s3::engine::{BucketName, CreateBucket, LocationConstraint, PutObject};

    fn copy(to: &str) -> CopyObject {
        CopyObject {
            key: key(to),
            source: CopySource {
                bucket: "films".into(),
                key: key("a"),
                condition: ReadCondition::default(),
                expected_bucket_owner: None,
            },
            metadata: MetadataDirective::Copy,
            storage_class: None,
            checksum_algorithm: None,
        }
    }

    fn run(
        engine: &mut Engine,
        caller: &Caller,
        bucket: &str,
        copy: CopyObject,
    ) -> Result<Arc<Object>, Error> {
        let source = engine.check_copy(caller, bucket, &copy)?;
        let copied = CopiedObject::new(source, copy.checksum_algorithm);
        engine.copy_object(caller, bucket, copy, copied)
    }

    #[test]
    fn a_copy_shares_the_bytes_and_takes_the_metadata_along() {
        let mut engine = engine_with("films");
        let user_metadata = UserMetadata::new([("year".into(), "1927".into())]).unwrap();
        let source = PutObject { user_metadata: user_metadata.clone(), ..put("a", "metropolis") };
        let source = engine.put_object(&caller(), "films", source).unwrap();
        let ireland = caller_of("123456789012", "eu-west-1");
        let create = CreateBucket {
            name: BucketName::parse("filme").unwrap(),
            location: LocationConstraint(Some("eu-west-1".into())),
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
        engine.put_object(&caller(), "films", put("a", "metropolis")).unwrap();
        assert_eq!(run(&mut engine, &caller(), "films", copy("a")).unwrap_err().code(), Code::InvalidRequest);
        let replace = MetadataDirective::Replace(SystemMetadata::default(), UserMetadata::default());
        assert!(run(&mut engine, &caller(), "films", CopyObject { metadata: replace, ..copy("a") }).is_ok());
        let class = CopyObject { storage_class: Some(StorageClass::Glacier), ..copy("a") };
        assert!(run(&mut engine, &caller(), "films", class).is_ok());
        let archived = run(&mut engine, &caller(), "films", copy("b")).unwrap_err();
        assert_eq!(archived.code(), Code::ObjectNotInActiveTierError);
    }

    #[test]
    fn a_source_may_be_under_conditions_and_gets_the_checksum_that_is_asked_for() {
        let mut engine = engine_with("films");
        engine.put_object(&caller(), "films", put("a", "123456789")).unwrap();
        let mut conditional = copy("b");
        conditional.source.condition.if_match = Some("\"other\"".into());
        let error = run(&mut engine, &caller(), "films", conditional).unwrap_err();
        assert_eq!(error.details(), [("Condition", "x-amz-copy-source-If-Match".into())]);
        let checked = CopyObject { checksum_algorithm: Some(ChecksumAlgorithm::Crc32), ..copy("b") };
        let object = run(&mut engine, &caller(), "films", checked).unwrap();
        assert_eq!(object.checksum.to_string(), "y/Q5Jg==");
    }
}
