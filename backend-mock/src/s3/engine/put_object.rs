//! Writing and deleting objects that come in one piece.

use std::sync::Arc;

use super::{
    Caller, Checksum, Content, ETag, Engine, Error, MAX_PUT_BYTES, Object, ObjectChecksum, ObjectKey,
    RequestedAcl, StorageClass, SystemMetadata, UserMetadata, WriteCondition, whole_seconds,
};

/// A body that came in whole, already digested.
#[derive(Clone, Debug)]
pub(crate) struct PutObject {
    pub(crate) key: ObjectKey,
    pub(crate) content: Content,
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Checksum,
    pub(crate) system_metadata: SystemMetadata,
    pub(crate) user_metadata: UserMetadata,
    pub(crate) storage_class: StorageClass,
    pub(crate) condition: WriteCondition,
    pub(crate) acl: Option<RequestedAcl>,
}

impl Engine {
    /// Writes an object in place of what the key held. The condition and the write are one step.
    pub(crate) fn put_object(
        &mut self,
        caller: &Caller,
        bucket: &str,
        put: PutObject,
    ) -> Result<Arc<Object>, Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        put.condition.check(&put.key, bucket.objects.get(&put.key).map(|object| &object.etag))?;
        if put.content.len() > MAX_PUT_BYTES {
            return Err(Error::entity_too_large(put.content.len(), MAX_PUT_BYTES));
        }
        let access = bucket.access_of_new_object(caller, put.acl.as_ref())?;
        let object = Arc::new(Object {
            content: put.content,
            etag: ETag::of_content(put.md5),
            last_modified: whole_seconds(caller.now),
            checksum: ObjectChecksum::full_object(put.checksum),
            system_metadata: put.system_metadata,
            user_metadata: put.user_metadata,
            storage_class: put.storage_class,
            parts: Vec::new(),
            access,
        });
        bucket.objects.insert(put.key, Arc::clone(&object));
        Ok(object)
    }

    /// Deletes what the key holds; that it holds nothing is no error.
    pub(crate) fn delete_object(
        &mut self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
    ) -> Result<(), Error> {
        self.bucket_mut(caller, bucket)?.objects.remove(key);
        Ok(())
    }

    /// Deletes what many keys hold, in one step.
    pub(crate) fn delete_objects(
        &mut self,
        caller: &Caller,
        bucket: &str,
        keys: &[ObjectKey],
    ) -> Result<(), Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        for key in keys {
            bucket.objects.remove(key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::engine::tests::{caller, engine_with, key, put};
    use crate::s3::engine::{Code, GetObject};

    #[test]
    fn the_first_of_two_conditional_writes_wins() {
        let mut engine = engine_with("films");
        let absent = PutObject { condition: WriteCondition::Absent, ..put("a", "one") };
        assert!(engine.put_object(&caller(), "films", absent.clone()).is_ok());
        let error = engine.put_object(&caller(), "films", absent).unwrap_err();
        assert_eq!(
            (error.code(), error.details()),
            (Code::PreconditionFailed, &[("Condition", "If-None-Match".into())][..])
        );
    }

    #[test]
    fn a_write_may_expect_the_object_that_it_replaces() {
        let mut engine = engine_with("films");
        let etag = engine.put_object(&caller(), "films", put("a", "one")).unwrap().etag;
        let matching =
            |text: String| PutObject { condition: WriteCondition::Matches(text), ..put("a", "two") };
        assert!(engine.put_object(&caller(), "films", matching(etag.quoted())).is_ok());
        let stale = engine.put_object(&caller(), "films", matching(etag.quoted())).unwrap_err();
        assert_eq!(stale.code(), Code::PreconditionFailed);
        let elsewhere = PutObject { key: key("b"), ..matching(etag.quoted()) };
        assert_eq!(engine.put_object(&caller(), "films", elsewhere).unwrap_err().code(), Code::NoSuchKey);
    }

    #[test]
    fn a_clone_of_the_engine_keeps_what_it_had() {
        let mut engine = engine_with("films");
        engine.put_object(&caller(), "films", put("a", "one")).unwrap();
        let before = engine.clone();
        engine.delete_objects(&caller(), "films", &[key("a"), key("never-there")]).unwrap();
        let get = GetObject::of(key("a"));
        assert_eq!(engine.get_object(&caller(), "films", &get).unwrap_err().code(), Code::NoSuchKey);
        assert!(before.get_object(&caller(), "films", &get).is_ok());
    }

    #[test]
    fn deleting_nothing_is_no_error_and_a_bucket_with_objects_stays() {
        let mut engine = engine_with("films");
        engine.put_object(&caller(), "films", put("a", "one")).unwrap();
        assert_eq!(engine.delete_bucket(&caller(), "films").unwrap_err().code(), Code::BucketNotEmpty);
        engine.delete_object(&caller(), "films", &key("a")).unwrap();
        engine.delete_object(&caller(), "films", &key("a")).unwrap();
        engine.delete_bucket(&caller(), "films").unwrap();
        assert_eq!(engine.delete_bucket(&caller(), "films").unwrap_err().code(), Code::NoSuchBucket);
    }
}
