//! Reading objects: whole, by range, by part, on condition.

use std::ops::Range;
use std::sync::Arc;

use super::{
    Bucket, ByteRange, Caller, Checksum, Code, Content, CustomerKey, DeleteMarker, Due, Engine, Error,
    Object, ObjectKey, PartNumber, ReadCondition, Version, VersionId, Versioning, http_date,
};

/// What a read asks for.
#[derive(Clone, Debug)]
pub(crate) struct GetObject {
    pub(crate) key: ObjectKey,
    /// One version of the key; none for the current one.
    pub(crate) version_id: Option<VersionId>,
    pub(crate) range: Option<ByteRange>,
    pub(crate) part_number: Option<PartNumber>,
    pub(crate) condition: ReadCondition,
    pub(crate) customer_key: Option<CustomerKey>,
}

impl GetObject {
    /// The whole object, on no condition.
    pub(crate) fn of(key: ObjectKey) -> Self {
        Self {
            key,
            version_id: None,
            range: None,
            part_number: None,
            condition: ReadCondition::default(),
            customer_key: None,
        }
    }
}

/// An object and which of its bytes the answer holds.
#[derive(Clone, Debug)]
pub(crate) struct ObjectRead {
    pub(crate) object: Arc<Object>,
    /// The version that this is; none where there never were versions.
    pub(crate) version_id: Option<VersionId>,
    /// When the object expires; told of what is read as current alone.
    pub(crate) expiration: Option<Due>,
    /// The bytes of the answer when they are a range of the object: the answer is then partial, even if it is all.
    pub(crate) range: Option<Range<u64>>,
    /// How many parts the object has, for a read of one of them.
    pub(crate) parts_count: Option<usize>,
    /// The checksum of the part that was read.
    pub(crate) part_checksum: Option<Checksum>,
}

impl ObjectRead {
    /// The bytes of the answer.
    pub(crate) fn content(&self) -> Content {
        match &self.range {
            Some(range) => self.object.content.range(range.clone()),
            None => self.object.content.clone(),
        }
    }

    pub(crate) fn length(&self) -> u64 {
        self.range.as_ref().map_or(self.object.content.len(), |range| range.end - range.start)
    }

    pub(crate) fn content_range(&self) -> Option<String> {
        let Range { start, end } = self.range.as_ref()?;
        Some(format!("bytes {start}-{}/{}", end - 1, self.object.content.len()))
    }

    /// Whether the answer holds every byte, so that the object's own checksum is true of it.
    pub(crate) fn is_whole(&self) -> bool {
        self.length() == self.object.content.len()
    }
}

impl Engine {
    /// # Errors
    /// `InvalidObjectState` for an archived object; else as for [`Engine::head_object`].
    pub(crate) fn get_object(
        &self,
        caller: &Caller,
        bucket: &str,
        get: &GetObject,
    ) -> Result<ObjectRead, Error> {
        let bucket = self.bucket(caller, bucket)?;
        let object = bucket.object(&get.key, get.version_id)?;
        if object.storage_class.is_archive() {
            return Err(
                Error::new(Code::InvalidObjectState).with("StorageClass", object.storage_class.as_str())
            );
        }
        read(bucket, object, caller, get)
    }

    /// # Errors
    /// `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker, `PreconditionFailed`, `NotModified`,
    /// `InvalidRange`, `InvalidPartNumber`; `InvalidRequest` or `AccessDenied` without the customer's key.
    pub(crate) fn head_object(
        &self,
        caller: &Caller,
        bucket: &str,
        get: &GetObject,
    ) -> Result<ObjectRead, Error> {
        let bucket = self.bucket(caller, bucket)?;
        read(bucket, bucket.object(&get.key, get.version_id)?, caller, get)
    }

    /// The object under a key, and its version where there are any.
    pub(crate) fn object(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        version_id: Option<VersionId>,
    ) -> Result<(Arc<Object>, Option<VersionId>), Error> {
        let bucket = self.bucket(caller, bucket)?;
        let object = bucket.object(key, version_id)?;
        let version_id = bucket.told_id(&object);
        Ok((object, version_id))
    }
}

impl Engine {
    /// The same for a reader who brings that key.
    pub(crate) fn readable_object(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        version_id: Option<VersionId>,
        customer_key: Option<CustomerKey>,
    ) -> Result<(Arc<Object>, Option<VersionId>), Error> {
        let (object, told) = self.object(caller, bucket, key, version_id)?;
        object.encryption.check_reader(customer_key)?;
        Ok((object, told))
    }
}

impl Bucket {
    /// The current object under a key, or that version of it.
    pub(super) fn object(
        &self,
        key: &ObjectKey,
        version_id: Option<VersionId>,
    ) -> Result<Arc<Object>, Error> {
        let Some(id) = version_id else {
            return match self.objects.get(key) {
                Some(object) => Ok(Arc::clone(object)),
                None => Err(self.no_current_object(key)),
            };
        };
        match self.objects.version(key, id) {
            Some(Version::Object(object)) => Ok(object),
            Some(Version::DeleteMarker(marker)) => Err(not_allowed(&marker, "GET")),
            None if self.versioning() != Versioning::Unversioned => {
                Err(Error::no_such_version(key.as_str(), id))
            }
            None if id == VersionId::Null => Err(Error::no_such_key(key.as_str())),
            None => Err(VersionId::invalid(id, "versionId")),
        }
    }

    /// The object whose tags a request asks for, or wants to change, or whose lock; a delete marker has neither.
    pub(super) fn object_to_change(
        &self,
        key: &ObjectKey,
        version_id: Option<VersionId>,
        method: &'static str,
    ) -> Result<Arc<Object>, Error> {
        let found = match version_id {
            Some(id) => self.objects.version(key, id),
            None => self.objects.latest(key),
        };
        match found {
            Some(Version::DeleteMarker(marker)) => Err(not_allowed(&marker, method)),
            _ => self.object(key, version_id),
        }
    }

    fn no_current_object(&self, key: &ObjectKey) -> Error {
        let missing = Error::no_such_key(key.as_str());
        match self.objects.latest(key) {
            Some(marker) => {
                missing.with_header("x-amz-delete-marker", true).with_header("x-amz-version-id", marker.id())
            }
            None => missing,
        }
    }
}

fn not_allowed(marker: &DeleteMarker, method: &'static str) -> Error {
    Error::new(Code::MethodNotAllowed)
        .with("Method", method)
        .with("ResourceType", "DeleteMarker")
        .with_header("allow", "DELETE")
        .with_header("last-modified", http_date(marker.last_modified))
        .with_header("x-amz-delete-marker", true)
        .with_header("x-amz-version-id", marker.version_id)
}

fn read(bucket: &Bucket, object: Arc<Object>, caller: &Caller, get: &GetObject) -> Result<ObjectRead, Error> {
    object.encryption.check_reader(get.customer_key)?;
    get.condition.check_read(&object, caller.now)?;
    let version_id = bucket.told_id(&object);
    let expiration = match get.version_id {
        None => bucket.expiration(&get.key, &object),
        Some(_) => None,
    };
    let mut read =
        ObjectRead { object, version_id, expiration, range: None, parts_count: None, part_checksum: None };
    match (get.range, get.part_number) {
        (None, None) => {}
        (Some(_), Some(_)) => {
            return Err(Error::invalid_request(
                "Cannot specify both Range header and partNumber query parameter",
            ));
        }
        (Some(range), None) => read.range = range.resolve(read.object.content.len())?,
        (None, Some(number)) => read_part(&mut read, number)?,
    }
    Ok(read)
}

fn read_part(read: &mut ObjectRead, number: PartNumber) -> Result<(), Error> {
    let object = Arc::clone(&read.object);
    let length = object.content.len();
    let range = if object.parts.is_empty() {
        (number.get() == 1).then_some(0..length)
    } else {
        read.parts_count = Some(object.parts.len());
        let part = object.parts.get(usize::from(number.get()) - 1);
        read.part_checksum = part.and_then(|part| part.checksum.clone());
        part.map(|part| part.start..part.start + part.size)
    };
    let range = range.ok_or_else(|| {
        Error::new(Code::InvalidPartNumber)
            .with("PartNumberRequested", number)
            .with("ActualPartCount", object.parts.len().max(1))
    })?;
    read.range = (length > 0).then_some(range);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::engine::tests::{caller, engine_with, ids, key, put};
    use crate::s3::engine::{ObjectHeaders, PutObject, StorageClass};

    fn get(range: &str) -> GetObject {
        GetObject { range: ByteRange::parse(range), ..GetObject::of(key("a")) }
    }

    #[test]
    fn a_range_is_a_part_of_the_object_and_says_which() {
        let mut engine = engine_with("films");
        engine.put_object(&caller(), "films", put("a", "hello world"), &mut ids()).unwrap();
        let read = engine.get_object(&caller(), "films", &get("bytes=6-")).unwrap();
        assert_eq!(read.content_range().as_deref(), Some("bytes 6-10/11"));
        assert_eq!(read.content().segments().next().unwrap(), "world");
        assert!(!read.is_whole());
        let whole = engine.get_object(&caller(), "films", &get("bytes=-100")).unwrap();
        assert_eq!((whole.content_range().as_deref(), whole.is_whole()), (Some("bytes 0-10/11"), true));
        let error = engine.get_object(&caller(), "films", &get("bytes=11-")).unwrap_err();
        assert_eq!(error.code(), Code::InvalidRange);
    }

    #[test]
    fn an_object_in_one_piece_has_one_part() {
        let mut engine = engine_with("films");
        engine.put_object(&caller(), "films", put("a", "hello"), &mut ids()).unwrap();
        let part = |number: i32| GetObject { part_number: PartNumber::try_from(number).ok(), ..get("") };
        let read = engine.get_object(&caller(), "films", &part(1)).unwrap();
        assert_eq!((read.content_range().as_deref(), read.parts_count), (Some("bytes 0-4/5"), None));
        let error = engine.get_object(&caller(), "films", &part(2)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidPartNumber);
        let both = GetObject { part_number: PartNumber::try_from(1).ok(), ..get("bytes=0-1") };
        assert_eq!(engine.get_object(&caller(), "films", &both).unwrap_err().code(), Code::InvalidRequest);
    }

    #[test]
    fn an_archived_object_shows_its_headers_but_not_its_bytes() {
        let mut engine = engine_with("films");
        let archived = PutObject {
            headers: ObjectHeaders { storage_class: StorageClass::DeepArchive, ..ObjectHeaders::default() },
            ..put("a", "hello")
        };
        engine.put_object(&caller(), "films", archived, &mut ids()).unwrap();
        assert_eq!(
            engine.get_object(&caller(), "films", &get("")).unwrap_err().code(),
            Code::InvalidObjectState
        );
        assert!(engine.head_object(&caller(), "films", &get("")).is_ok());
    }
}
