//! Writing objects that come in one piece.

use std::sync::Arc;
use std::time::SystemTime;

use super::{
    Bucket, Caller, Checksum, Content, Due, ETag, Engine, Error, MAX_PUT_BYTES, Object, ObjectChecksum,
    ObjectHeaders, ObjectKey, ObjectLock, RequestedAcl, VersionId, WriteCondition,
};
use crate::seed::IdSource;

/// A body that came in whole, already digested.
#[derive(Clone, Debug)]
pub(crate) struct PutObject {
    pub(crate) key: ObjectKey,
    pub(crate) content: Content,
    /// None where no entity tag is made of it: [`Engine::keeps_md5_of_new`].
    pub(crate) md5: Option<[u8; 16]>,
    pub(crate) checksum: Checksum,
    pub(crate) headers: ObjectHeaders,
    pub(crate) condition: WriteCondition,
    pub(crate) acl: Option<RequestedAcl>,
}

/// An object as it was just written, and what else the answer tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) object: Arc<Object>,
    /// None where there never were versions.
    pub(crate) version_id: Option<VersionId>,
    pub(crate) expiration: Option<Due>,
}

impl Bucket {
    /// Writes an object under a key.
    pub(super) fn write(
        &mut self,
        key: ObjectKey,
        mut object: Object,
        asked: &ObjectLock,
        now: SystemTime,
        ids: &mut IdSource,
    ) -> Written {
        object.set_lock(self.lock_of_new(asked, now));
        // Objects that are written one after another mostly say the same of themselves.
        object.share_metadata(&self.last_metadata);
        self.last_metadata.clone_from(object.shared_metadata());
        let expiration = self.expiration(&key, &object);
        let object = self.objects.put(key, object, self.versioning, ids);
        Written { version_id: self.told_id(&object), object, expiration }
    }
}

impl Engine {
    /// Writes an object in place of what the key held, or on top of it. The condition and the write are one step.
    pub(crate) fn put_object(
        &mut self,
        caller: &Caller,
        bucket: &str,
        mut put: PutObject,
        ids: &mut IdSource,
    ) -> Result<Written, Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        put.condition.check(&put.key, bucket.objects.get(&put.key).map(|object| &object.etag))?;
        if put.content.len() > MAX_PUT_BYTES {
            return Err(Error::entity_too_large(put.content.len(), MAX_PUT_BYTES));
        }
        put.headers.access = bucket.access_of_new_object(caller, put.acl.as_ref())?;
        bucket.check_lock(&put.headers.lock)?;
        let encryption = bucket.encryption_of_new(put.headers.encryption.take());
        let etag = ETag::of_content(encryption.tag(put.md5, &put.content, ids));
        put.headers.encryption = Some(encryption);
        let (checksum, asked) = (ObjectChecksum::full_object(put.checksum), put.headers.lock.clone());
        let object = Object::new(put.content, etag, checksum, put.headers, caller.now);
        Ok(bucket.write(put.key, object, &asked, caller.now, ids))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::engine::tests::{caller, engine_with, ids, key, put};
    use crate::s3::engine::{Code, DeleteObject, GetObject};

    #[test]
    fn the_first_of_two_conditional_writes_wins() {
        let mut engine = engine_with("films");
        let absent = PutObject { condition: WriteCondition::Absent, ..put("a", "one") };
        assert!(engine.put_object(&caller(), "films", absent.clone(), &mut ids()).is_ok());
        let error = engine.put_object(&caller(), "films", absent, &mut ids()).unwrap_err();
        assert_eq!(
            (error.code(), error.details()),
            (Code::PreconditionFailed, &[("Condition", "If-None-Match".into())][..])
        );
    }

    #[test]
    fn a_write_may_expect_the_object_that_it_replaces() {
        let mut engine = engine_with("films");
        let etag = engine.put_object(&caller(), "films", put("a", "one"), &mut ids()).unwrap().object.etag;
        let matching =
            |text: String| PutObject { condition: WriteCondition::Matches(text), ..put("a", "two") };
        assert!(engine.put_object(&caller(), "films", matching(etag.quoted()), &mut ids()).is_ok());
        let stale = engine.put_object(&caller(), "films", matching(etag.quoted()), &mut ids()).unwrap_err();
        assert_eq!(stale.code(), Code::PreconditionFailed);
        let elsewhere = PutObject { key: key("b"), ..matching(etag.quoted()) };
        assert_eq!(
            engine.put_object(&caller(), "films", elsewhere, &mut ids()).unwrap_err().code(),
            Code::NoSuchKey
        );
    }

    #[test]
    fn a_clone_of_the_engine_keeps_what_it_had() {
        let mut engine = engine_with("films");
        engine.put_object(&caller(), "films", put("a", "one"), &mut ids()).unwrap();
        let before = engine.clone();
        engine
            .delete_objects(
                &caller(),
                "films",
                vec![DeleteObject::of(key("a")), DeleteObject::of(key("never-there"))],
                None,
                &mut ids(),
            )
            .unwrap();
        let get = GetObject::of(key("a"));
        assert_eq!(engine.get_object(&caller(), "films", &get).unwrap_err().code(), Code::NoSuchKey);
        assert!(before.get_object(&caller(), "films", &get).is_ok());
    }

    #[test]
    fn deleting_nothing_is_no_error_and_a_bucket_with_objects_stays() {
        let mut engine = engine_with("films");
        engine.put_object(&caller(), "films", put("a", "one"), &mut ids()).unwrap();
        assert_eq!(engine.delete_bucket(&caller(), "films").unwrap_err().code(), Code::BucketNotEmpty);
        engine.delete_object(&caller(), "films", DeleteObject::of(key("a")), None, &mut ids()).unwrap();
        engine.delete_object(&caller(), "films", DeleteObject::of(key("a")), None, &mut ids()).unwrap();
        engine.delete_bucket(&caller(), "films").unwrap();
        assert_eq!(engine.delete_bucket(&caller(), "films").unwrap_err().code(), Code::NoSuchBucket);
    }
}
