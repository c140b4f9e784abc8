//! Multipart uploads on their way: begun, given parts, listed, aborted.

use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use imbl::OrdMap;

use super::listing::{common_prefix, from, later};
use super::{
    Caller, Checksum, ChecksumAlgorithm, ChecksumType, Content, CustomerKey, Digest, ETag, Encryption,
    Engine, Entry, Error, MAX_PUT_BYTES, Object, ObjectHeaders, ObjectKey, PartNumber, RequestedAcl, Start,
    whole_seconds,
};
use crate::context::AccountId;
use crate::seed::IdSource;

/// The uploads of a bucket by key, and by id within a key.
pub(super) type Uploads = OrdMap<ObjectKey, OrdMap<UploadId, Arc<MultipartUpload>>>;

/// The id of an upload. Ids sort in the order in which their uploads began.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UploadId(Arc<str>);

impl UploadId {
    const DIGITS: usize = 12;
    const LETTERS: usize = 52;

    fn next(initiated: u64, ids: &mut IdSource) -> Self {
        Self(format!("{initiated:0digits$}{}", ids.alphanumeric(Self::LETTERS), digits = Self::DIGITS).into())
    }

    /// Whether a text has the form of our ids, of whatever upload.
    fn is_written(text: &str) -> bool {
        let letters =
            |rest: &str| rest.len() == Self::LETTERS && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        text.split_at_checked(Self::DIGITS)
            .is_some_and(|(digits, rest)| digits.bytes().all(|byte| byte.is_ascii_digit()) && letters(rest))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for UploadId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct MultipartUpload {
    pub(crate) initiated: SystemTime,
    pub(crate) initiator: AccountId,
    pub(crate) headers: ObjectHeaders,
    /// What the upload was begun with; without it S3 keeps a CRC64NVME of the object's bytes.
    pub(crate) checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    pub(crate) parts: OrdMap<PartNumber, Part>,
    /// What the key held when the upload began.
    pub(super) replaces: Option<Weak<Object>>,
}

impl MultipartUpload {
    /// Whether an object under the key was there when the upload began.
    pub(super) fn has_found(&self, object: &Arc<Object>) -> bool {
        self.replaces.as_ref().is_some_and(|found| std::ptr::eq(found.as_ptr(), Arc::as_ptr(object)))
    }

    /// How its object will be encrypted, and its parts are already.
    pub(crate) fn encryption(&self) -> &Encryption {
        self.headers.encryption.as_ref().unwrap_or(&Encryption::S3)
    }

    /// Which checksums of a part to compute, when its request brought one of `given` or none.
    pub(crate) fn part_algorithms(
        &self,
        given: Option<ChecksumAlgorithm>,
    ) -> Result<Vec<ChecksumAlgorithm>, Error> {
        match (self.checksum, given) {
            (None, given) => Ok(given.into_iter().chain([ChecksumAlgorithm::DEFAULT]).collect()),
            (Some((expected, _)), Some(given)) if given == expected => Ok(vec![expected]),
            (Some((expected, ChecksumType::FullObject)), None) => Ok(vec![expected]),
            (Some((expected, _)), given) => Err(Error::invalid_request(format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                expected.lower(),
                given.map_or("null", ChecksumAlgorithm::lower),
            ))),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) content: Content,
    /// Of its bytes, or what the upload's encryption makes of it.
    pub(crate) md5: [u8; 16],
    pub(crate) last_modified: SystemTime,
    checksums: Vec<Checksum>,
    /// The algorithm whose checksum S3 tells of the part.
    told: Option<ChecksumAlgorithm>,
}

impl Part {
    pub(crate) fn etag(&self) -> ETag {
        ETag::of_content(self.md5)
    }

    /// The checksum that S3 tells of the part.
    pub(crate) fn checksum(&self) -> Option<&Checksum> {
        self.told.and_then(|algorithm| self.checksum_of(algorithm))
    }

    pub(super) fn checksum_of(&self, algorithm: ChecksumAlgorithm) -> Option<&Checksum> {
        self.checksums.iter().find(|checksum| checksum.algorithm() == algorithm)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct CreateMultipartUpload {
    pub(crate) key: ObjectKey,
    pub(crate) headers: ObjectHeaders,
    pub(crate) checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    pub(crate) acl: Option<RequestedAcl>,
}

/// A part that came in whole, digested with what [`MultipartUpload::part_algorithms`] asks for.
#[derive(Clone, Debug)]
pub(crate) struct UploadPart {
    pub(crate) key: ObjectKey,
    pub(crate) upload_id: UploadId,
    pub(crate) number: PartNumber,
    pub(crate) content: Content,
    pub(crate) digest: Digest,
    pub(crate) given: Option<ChecksumAlgorithm>,
    pub(crate) customer_key: Option<CustomerKey>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ListParts {
    pub(crate) after: u16,
    pub(crate) max_parts: usize,
}

#[derive(Debug)]
pub(crate) struct PartsPage {
    pub(crate) upload: Arc<MultipartUpload>,
    pub(crate) parts: Vec<(PartNumber, Part)>,
    pub(crate) is_truncated: bool,
}

/// Uploads in the order of their keys and, within a key, of their initiation.
#[derive(Debug)]
pub(crate) struct UploadsPage {
    pub(crate) entries: Vec<Entry<(UploadId, Arc<MultipartUpload>)>>,
    pub(crate) is_truncated: bool,
}

/// The parameters of ListMultipartUploads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListUploads<'q> {
    pub(crate) prefix: &'q str,
    pub(crate) delimiter: &'q str,
    pub(crate) key_marker: &'q str,
    /// Counts only beside a key marker: uploads of that key behind this id are listed too.
    pub(crate) upload_id_marker: Option<&'q str>,
    pub(crate) max_uploads: usize,
}

impl Engine {
    pub(crate) fn create_multipart_upload(
        &mut self,
        caller: &Caller,
        bucket: &str,
        mut create: CreateMultipartUpload,
        ids: &mut IdSource,
    ) -> Result<UploadId, Error> {
        let into = self.bucket(caller, bucket)?;
        create.headers.access = into.access_of_new_object(caller, create.acl.as_ref())?;
        into.check_lock(&create.headers.lock)?;
        self.uploads_initiated += 1;
        let id = UploadId::next(self.uploads_initiated, ids);
        let bucket = self.bucket_mut(caller, bucket)?;
        create.headers.encryption = Some(bucket.encryption_of_new(create.headers.encryption.take()));
        let upload = MultipartUpload {
            initiated: whole_seconds(caller.now),
            initiator: caller.account_id.clone(),
            headers: create.headers,
            checksum: create.checksum,
            parts: OrdMap::new(),
            replaces: bucket.objects.get(&create.key).map(Arc::downgrade),
        };
        bucket.uploads.entry(create.key).or_default().insert(id.clone(), Arc::new(upload));
        Ok(id)
    }

    pub(crate) fn multipart_upload(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        id: &UploadId,
    ) -> Result<&Arc<MultipartUpload>, Error> {
        let uploads = &self.bucket(caller, bucket)?.uploads;
        uploads.get(key).and_then(|of_key| of_key.get(id)).ok_or_else(|| Error::no_such_upload(id.as_str()))
    }

    /// Keeps a part in place of what its number held.
    pub(crate) fn upload_part(
        &mut self,
        caller: &Caller,
        bucket: &str,
        part: UploadPart,
        ids: &mut IdSource,
    ) -> Result<Part, Error> {
        if part.content.len() > MAX_PUT_BYTES {
            return Err(Error::entity_too_large(part.content.len(), MAX_PUT_BYTES));
        }
        let missing = || Error::no_such_upload(part.upload_id.as_str());
        let uploads = &mut self.bucket_mut(caller, bucket)?.uploads;
        let of_key = uploads.get_mut(&part.key).ok_or_else(missing)?;
        let upload = Arc::make_mut(of_key.get_mut(&part.upload_id).ok_or_else(missing)?);
        upload.encryption().check_part(part.customer_key)?;
        let stored = Part {
            md5: upload.encryption().tag(part.digest.md5, &part.content, ids),
            content: part.content,
            last_modified: whole_seconds(caller.now),
            checksums: part.digest.checksums,
            told: upload.checksum.map(|(algorithm, _)| algorithm).or(part.given),
        };
        upload.parts.insert(part.number, stored.clone());
        Ok(stored)
    }

    pub(crate) fn abort_multipart_upload(
        &mut self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        id: &UploadId,
    ) -> Result<(), Error> {
        self.multipart_upload(caller, bucket, key, id)?;
        self.bucket_mut(caller, bucket)?.forget_upload(key, id);
        Ok(())
    }

    pub(crate) fn list_parts(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        id: &UploadId,
        list: ListParts,
    ) -> Result<PartsPage, Error> {
        let upload = Arc::clone(self.multipart_upload(caller, bucket, key, id)?);
        let mut behind = upload.parts.iter().skip_while(|(number, _)| number.get() <= list.after);
        let parts: Vec<_> =
            behind.by_ref().take(list.max_parts).map(|(number, part)| (*number, part.clone())).collect();
        let is_truncated = list.max_parts > 0 && behind.next().is_some();
        Ok(PartsPage { upload, parts, is_truncated })
    }

    pub(crate) fn list_multipart_uploads(
        &self,
        caller: &Caller,
        bucket: &str,
        list: &ListUploads<'_>,
    ) -> Result<UploadsPage, Error> {
        let uploads = &self.bucket(caller, bucket)?.uploads;
        let mut page = UploadsPage { entries: Vec::new(), is_truncated: false };
        if list.max_uploads == 0 {
            return Ok(page);
        }
        let id_marker = list.upload_id_marker.filter(|_| !list.key_marker.is_empty());
        // One that is gone since is a good marker all the same: who aborts what a page lists goes on behind it.
        let is_of_another = |marker: &str| {
            let mut keys = uploads.iter().filter(|(key, _)| key.as_str() != list.key_marker);
            keys.any(|(_, of_key)| of_key.contains_key(&UploadId::from(marker)))
        };
        if let Some(marker) =
            id_marker.filter(|marker| !UploadId::is_written(marker) || is_of_another(marker))
        {
            return Err(Error::invalid_argument("Invalid uploadId marker", "upload-id-marker", marker));
        }
        let start = match id_marker {
            Some(_) => Bound::Included(list.key_marker.as_bytes().to_vec()),
            None => Start::after_marker(list.key_marker, list.prefix, list.delimiter).bound(),
        };
        let mut rest = from(uploads, later(start, list.prefix));
        'page: while let Some((key, of_key)) = rest.next() {
            if !key.as_str().starts_with(list.prefix) {
                break;
            }
            if let Some(common) = common_prefix(key.as_str(), list.prefix, list.delimiter) {
                if page.entries.len() == list.max_uploads {
                    page.is_truncated = true;
                    break;
                }
                page.entries.push(Entry::CommonPrefix(common.to_owned()));
                rest = from(uploads, Start::AfterPrefix(common).bound());
                continue;
            }
            let seen = id_marker.filter(|_| key.as_str() == list.key_marker);
            for (id, upload) in of_key.iter().filter(|(id, _)| seen.is_none_or(|seen| id.as_str() > seen)) {
                if page.entries.len() == list.max_uploads {
                    page.is_truncated = true;
                    break 'page;
                }
                page.entries.push(Entry::Key(key.clone(), (id.clone(), Arc::clone(upload))));
            }
        }
        Ok(page)
    }
}

impl super::Bucket {
    /// Lets an upload and its parts go.
    pub(super) fn forget_upload(&mut self, key: &ObjectKey, id: &UploadId) {
        if let Some(of_key) = self.uploads.get_mut(key) {
            of_key.remove(id);
            if of_key.is_empty() {
                self.uploads.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::engine::Code;
    use crate::s3::engine::tests::{caller, create_upload, engine_with, key, upload_part};

    fn list<'q>(max_uploads: usize) -> ListUploads<'q> {
        ListUploads { prefix: "", delimiter: "", key_marker: "", upload_id_marker: None, max_uploads }
    }

    #[test]
    fn uploads_are_listed_by_key_and_in_the_order_of_their_initiation() {
        let mut engine = engine_with("films");
        let ids = [("b", 0), ("a", 0), ("b", 1), ("dir/c", 0)]
            .map(|(name, seed)| (name, create_upload(&mut engine, name, seed)));
        let mut listed = Vec::new();
        let (mut key_marker, mut id_marker) = (String::new(), None);
        loop {
            let list = ListUploads {
                delimiter: "/",
                key_marker: &key_marker,
                upload_id_marker: id_marker.as_deref(),
                ..list(1)
            };
            let page = engine.list_multipart_uploads(&caller(), "films", &list).unwrap();
            let (next_key, next_id) = match &page.entries[0] {
                Entry::Key(key, (id, _)) => (key.to_string(), Some(id.to_string())),
                Entry::CommonPrefix(prefix) => (prefix.clone(), None),
            };
            listed.push((next_key.clone(), next_id.clone()));
            (key_marker, id_marker) = (next_key, next_id);
            if !page.is_truncated {
                break;
            }
        }
        let entry = |at: usize| (ids[at].0.to_owned(), Some(ids[at].1.to_string()));
        assert_eq!(listed, [entry(1), entry(0), entry(2), ("dir/".to_owned(), None)]);
    }

    #[test]
    fn an_aborted_upload_is_no_more() {
        let mut engine = engine_with("films");
        let id = create_upload(&mut engine, "a", 1);
        assert!(engine.multipart_upload(&caller(), "films", &key("b"), &id).is_err());
        engine.abort_multipart_upload(&caller(), "films", &key("a"), &id).unwrap();
        let error = engine.abort_multipart_upload(&caller(), "films", &key("a"), &id).unwrap_err();
        assert_eq!(error.code(), Code::NoSuchUpload);
        assert!(engine.list_multipart_uploads(&caller(), "films", &list(10)).unwrap().entries.is_empty());
    }

    #[test]
    fn parts_are_listed_page_by_page() {
        let mut engine = engine_with("films");
        let id = create_upload(&mut engine, "a", 1);
        for number in [3, 1, 2] {
            upload_part(&mut engine, "a", &id, number, "x");
        }
        let page = |after, max_parts| {
            let page = ListParts { after, max_parts };
            let page = engine.list_parts(&caller(), "films", &key("a"), &id, page).unwrap();
            (page.parts.iter().map(|(number, _)| number.get()).collect::<Vec<_>>(), page.is_truncated)
        };
        assert_eq!(page(0, 2), (vec![1, 2], true));
        assert_eq!(page(2, 2), (vec![3], false));
        assert_eq!(page(0, 0), (vec![], false));
    }

    #[test]
    fn a_part_brings_the_checksum_that_its_upload_was_begun_with() {
        let upload = |checksum| MultipartUpload {
            initiated: SystemTime::UNIX_EPOCH,
            initiator: AccountId::default(),
            headers: ObjectHeaders::default(),
            checksum,
            parts: OrdMap::new(),
            replaces: None,
        };
        let (crc32, sha1) = (ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Sha1);
        let composite = upload(Some((sha1, ChecksumType::Composite)));
        assert_eq!(composite.part_algorithms(Some(sha1)), Ok(vec![sha1]));
        assert_eq!(
            composite.part_algorithms(Some(crc32)).unwrap_err().message(),
            "Checksum Type mismatch occurred, expected checksum Type: sha1, actual checksum Type: crc32"
        );
        assert!(
            composite.part_algorithms(None).unwrap_err().message().ends_with("actual checksum Type: null")
        );
        let whole = upload(Some((crc32, ChecksumType::FullObject)));
        assert_eq!(whole.part_algorithms(None), Ok(vec![crc32]));
        assert_eq!(upload(None).part_algorithms(Some(sha1)), Ok(vec![sha1, ChecksumAlgorithm::Crc64nvme]));
    }
}
