//! The engine under the model's operations.

use std::sync::Arc;

use bytes::Bytes;

use super::model::{Held, Model, version_line};
use super::{BUCKET, Condition, Operation, Source, parts_of};
use crate::s3::engine::list_versions::ListedVersion;
use crate::s3::engine::tests::{caller, create_upload, ids, key, put, upload_part};
use crate::s3::engine::*;

pub(super) struct World {
    pub(super) engine: Engine,
    pub(super) uploads: u64,
}

/// The ids that the engine tells of what it wrote, in order.
type Told = Vec<Option<VersionId>>;

impl World {
    /// `model` is what there is before; it knows the versions by their places.
    pub(super) fn run(&mut self, operation: &Operation, model: &Model) -> Result<Told, Code> {
        let done = match operation {
            Operation::Put { key: name, body, condition } => {
                let content = Content::from(Bytes::from(body.clone()));
                let mut digest = Digest::of(&content, &[ChecksumAlgorithm::DEFAULT]);
                let put = PutObject {
                    content,
                    md5: digest.md5,
                    checksum: digest.checksums.remove(0),
                    condition: self.condition(name, *condition),
                    ..put(name, "")
                };
                self.engine.put_object(&caller(), BUCKET, put, &mut ids()).map(of_written)
            }
            Operation::Delete { key: name } => {
                let delete = DeleteObject::of(key(name));
                let deleted = self.engine.delete_object(&caller(), BUCKET, delete, None, &mut ids());
                deleted.map(|deleted| vec![deleted.version_id])
            }
            Operation::DeleteMany { keys } => {
                let deletes = keys.iter().map(|name| DeleteObject::of(key(name))).collect();
                let outcomes = self.engine.delete_objects(&caller(), BUCKET, deletes, None, &mut ids());
                outcomes.and_then(|outcomes| {
                    outcomes.into_iter().map(|outcome| outcome.map(|deleted| deleted.version_id)).collect()
                })
            }
            Operation::DeleteVersion { key: name, nth } => {
                let version_id = Some(model.nth(name, *nth));
                let delete = DeleteObject { version_id, ..DeleteObject::of(key(name)) };
                self.engine.delete_object(&caller(), BUCKET, delete, None, &mut ids()).map(|_| Vec::new())
            }
            Operation::Copy { from, to } => self.copy(from, to, model),
            Operation::Upload { key, large, last, condition } => {
                self.upload(key, &parts_of(large, last), *condition)
            }
            Operation::Abort { key: name, part } => {
                let id = self.begin(name);
                upload_part(&mut self.engine, name, &id, 1, part.clone());
                let aborted = self.engine.abort_multipart_upload(&caller(), BUCKET, &key(name), &id);
                aborted.map(|()| Vec::new())
            }
            Operation::Switch(versioning) => {
                self.engine.put_bucket_versioning(&caller(), BUCKET, *versioning).map(|()| Vec::new())
            }
        };
        done.map_err(|error| error.code())
    }

    fn begin(&mut self, key: &str) -> UploadId {
        self.uploads += 1;
        create_upload(&mut self.engine, key, self.uploads)
    }

    fn copy(&mut self, from: &Source, to: &str, model: &Model) -> Result<Told, Error> {
        let copy = CopyObject {
            key: key(to),
            source: CopySource {
                bucket: BUCKET.into(),
                key: key(&from.key),
                version_id: from.nth.map(|nth| model.nth(&from.key, nth)),
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
        };
        let (source, encryption) = self.engine.check_copy(&caller(), BUCKET, &copy)?;
        let copied = CopiedObject::new(source, None, encryption);
        self.engine.copy_object(&caller(), BUCKET, copy, copied, &mut ids()).map(of_written)
    }

    fn upload(&mut self, name: &str, parts: &[Bytes], condition: Condition) -> Result<Told, Error> {
        let upload_id = self.begin(name);
        // From the last to the first: their numbers say the order, not their arrival.
        let mut named = Vec::new();
        for (at, part) in parts.iter().enumerate().rev() {
            let number = at as i32 + 1;
            named.push(CompletedPart {
                number: PartNumber::try_from(number).unwrap(),
                etag: upload_part(&mut self.engine, name, &upload_id, number, part.clone()),
                checksums: Vec::new(),
            });
        }
        named.reverse();
        let complete = CompleteMultipartUpload {
            key: key(name),
            upload_id,
            parts: named,
            condition: self.condition(name, condition),
            checksum: None,
            checksum_type: None,
            object_size: None,
        };
        self.engine.complete_multipart_upload(&caller(), BUCKET, complete, &mut ids()).map(of_written)
    }

    fn condition(&self, name: &str, condition: Condition) -> WriteCondition {
        let current = self.engine.object(&caller(), BUCKET, &key(name), None).map(|(object, _)| object.etag);
        match (condition, current) {
            (Condition::None, _) => WriteCondition::None,
            (Condition::Absent, _) => WriteCondition::Absent,
            (Condition::Current, Ok(etag)) => WriteCondition::Matches(etag.quoted()),
            (Condition::Current | Condition::Stale, _) => WriteCondition::Matches(format!("\"{:032x}\"", 7)),
        }
    }

    pub(super) fn read(&self, get: &GetObject) -> Result<Vec<u8>, Code> {
        let read = self.engine.get_object(&caller(), BUCKET, get).map_err(|error| error.code())?;
        let content = read.content();
        assert_eq!(content.len(), read.length(), "what is declared is what is there");
        Ok(content.segments().flatten().copied().collect())
    }

    /// Every entry of a listing, page by page.
    pub(super) fn list(&self, prefix: &str, delimiter: &str, max_keys: usize) -> Vec<String> {
        let mut entries: Vec<Entry<Arc<Object>>> = Vec::new();
        loop {
            let start = entries.last().map_or(Start::First, Entry::next);
            let list = ListObjects { prefix, delimiter, start, max_keys };
            let page = self.engine.list_objects(&caller(), BUCKET, &list).unwrap();
            assert!(page.entries.len() <= max_keys);
            let more = page.is_truncated;
            entries.extend(page.entries);
            if !more {
                break;
            }
        }
        let text = |entry: &Entry<Arc<Object>>| match entry {
            Entry::Key(key, _) => key.to_string(),
            Entry::CommonPrefix(prefix) => format!("{prefix}…"),
        };
        entries.iter().map(text).collect()
    }

    /// Every entry of a listing of versions, page by page.
    pub(super) fn list_versions(&self, prefix: &str, delimiter: &str, max_keys: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let (mut key_marker, mut version_id_marker) = (String::new(), None);
        loop {
            let list =
                ListVersions { prefix, delimiter, key_marker: &key_marker, version_id_marker, max_keys };
            let page = self.engine.list_object_versions(&caller(), BUCKET, &list).unwrap();
            assert!(page.entries.len() <= max_keys);
            lines.extend(page.entries.iter().map(line));
            (key_marker, version_id_marker) = match page.entries.last().filter(|_| page.is_truncated) {
                None => return lines,
                Some(Entry::Key(key, listed)) => (key.to_string(), Some(listed.version.id())),
                Some(Entry::CommonPrefix(prefix)) => (prefix.clone(), None),
            };
        }
    }
}

fn of_written(written: Written) -> Told {
    vec![written.version_id]
}

fn line(entry: &Entry<ListedVersion>) -> String {
    match entry {
        Entry::Key(key, ListedVersion { version, is_latest }) => {
            let body = version.object().map(|object| object.content.segments().flatten().copied().collect());
            version_line(key.as_str(), &Held { id: version.id(), body }, *is_latest)
        }
        Entry::CommonPrefix(prefix) => format!("{prefix}…"),
    }
}
