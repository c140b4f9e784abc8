//! The engine against a naive model: one sorted map of whole bodies, without segments, pages, parts or conditions' subtleties.
//!
//! A new kind of operation is a variant of [`Operation`], a line in [`operation`], and an arm in both `run` functions;
//! what a key holds is [`Held`], which is where versions would go.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;

use super::tests::{caller, create_upload, engine_with, ids, upload_part};
use super::*;

const BUCKET: &str = "films";

/// The least size of a part that is not the last.
const PART: usize = 5 << 20;

#[derive(Clone, Debug)]
enum Operation {
    Put {
        key: String,
        body: Vec<u8>,
        condition: Condition,
    },
    Delete {
        key: String,
    },
    DeleteMany {
        keys: Vec<String>,
    },
    Copy {
        from: String,
        to: String,
    },
    /// An upload of `large` parts beyond the least size by so many bytes, and a last one.
    Upload {
        key: String,
        large: Vec<usize>,
        last: Vec<u8>,
        condition: Condition,
    },
    /// An upload that is begun, given parts, and aborted.
    Abort {
        key: String,
        part: Vec<u8>,
    },
}

#[derive(Clone, Copy, Debug)]
enum Condition {
    None,
    Absent,
    /// The key holds what it holds now.
    Current,
    /// The key holds what it never held.
    Stale,
}

/// What a key holds, as far as the model knows.
type Held = Bytes;

/// The naive S3.
#[derive(Debug, Default)]
struct Model {
    held: BTreeMap<String, Held>,
}

impl Model {
    /// Gives the code of the refusal, if it refuses.
    fn run(&mut self, operation: &Operation) -> Result<(), Code> {
        match operation {
            Operation::Put { key, body, condition } => {
                self.check(key, *condition)?;
                self.held.insert(key.clone(), body.clone().into());
            }
            Operation::Delete { key } => drop(self.held.remove(key)),
            Operation::DeleteMany { keys } => keys.iter().for_each(|key| drop(self.held.remove(key))),
            Operation::Copy { from, to } => {
                let body = self.held.get(from).ok_or(Code::NoSuchKey)?.clone();
                if from == to {
                    return Err(Code::InvalidRequest);
                }
                self.held.insert(to.clone(), body);
            }
            Operation::Upload { key, large, last, condition } => {
                self.check(key, *condition)?;
                self.held.insert(key.clone(), parts_of(large, last).concat().into());
            }
            Operation::Abort { .. } => {}
        }
        Ok(())
    }

    fn check(&self, key: &str, condition: Condition) -> Result<(), Code> {
        match (condition, self.held.contains_key(key)) {
            (Condition::Absent, true) | (Condition::Stale, true) => Err(Code::PreconditionFailed),
            (Condition::Current | Condition::Stale, false) => Err(Code::NoSuchKey),
            _ => Ok(()),
        }
    }

    /// Every entry of a listing, computed the slow way.
    fn list(&self, prefix: &str, delimiter: &str) -> Vec<String> {
        let mut entries: Vec<String> = Vec::new();
        for key in self.held.keys().filter(|key| key.starts_with(prefix)) {
            let rest = &key[prefix.len()..];
            let entry = match rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
                Some(at) => format!("{prefix}{}{delimiter}…", &rest[..at]),
                None => key.clone(),
            };
            if entries.last() != Some(&entry) {
                entries.push(entry);
            }
        }
        entries
    }
}

fn parts_of(large: &[usize], last: &[u8]) -> Vec<Bytes> {
    let large = large.iter().map(|beyond| Bytes::from(vec![*beyond as u8; PART + beyond]));
    large.chain([Bytes::copy_from_slice(last)]).collect()
}

/// The engine under the same operations.
struct World {
    engine: Engine,
    uploads: u64,
}

impl World {
    fn run(&mut self, operation: &Operation) -> Result<(), Code> {
        let done = match operation {
            Operation::Put { key, body, condition } => {
                let content = Content::from(Bytes::from(body.clone()));
                let mut digest = Digest::of(&content, &[ChecksumAlgorithm::DEFAULT]);
                let put = PutObject {
                    content,
                    md5: digest.md5,
                    checksum: digest.checksums.remove(0),
                    condition: self.condition(key, *condition),
                    ..super::tests::put(key, "")
                };
                self.engine.put_object(&caller(), BUCKET, put, &mut ids()).map(drop)
            }
            Operation::Delete { key } => {
                let delete = DeleteObject::of(super::tests::key(key));
                self.engine.delete_object(&caller(), BUCKET, delete, None, &mut ids()).map(drop)
            }
            Operation::DeleteMany { keys } => {
                let deletes = keys.iter().map(|key| DeleteObject::of(super::tests::key(key))).collect();
                let outcomes = self.engine.delete_objects(&caller(), BUCKET, deletes, None, &mut ids());
                outcomes.and_then(|outcomes| outcomes.into_iter().try_for_each(|outcome| outcome.map(drop)))
            }
            Operation::Copy { from, to } => self.copy(from, to),
            Operation::Upload { key, large, last, condition } => {
                self.upload(key, &parts_of(large, last), *condition)
            }
            Operation::Abort { key, part } => {
                let id = self.begin(key);
                upload_part(&mut self.engine, key, &id, 1, part.clone());
                self.engine.abort_multipart_upload(&caller(), BUCKET, &super::tests::key(key), &id)
            }
        };
        done.map_err(|error| error.code())
    }

    fn begin(&mut self, key: &str) -> UploadId {
        self.uploads += 1;
        create_upload(&mut self.engine, key, self.uploads)
    }

    fn copy(&mut self, from: &str, to: &str) -> Result<(), Error> {
        let copy = CopyObject {
            key: super::tests::key(to),
            source: CopySource {
                bucket: BUCKET.into(),
                key: super::tests::key(from),
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
        };
        let (source, encryption) = self.engine.check_copy(&caller(), BUCKET, &copy)?;
        let copied = CopiedObject::new(source, None, encryption);
        self.engine.copy_object(&caller(), BUCKET, copy, copied, &mut ids()).map(drop)
    }

    fn upload(&mut self, key: &str, parts: &[Bytes], condition: Condition) -> Result<(), Error> {
        let upload_id = self.begin(key);
        // From the last to the first: their numbers say the order, not their arrival.
        let mut named = Vec::new();
        for (at, part) in parts.iter().enumerate().rev() {
            let number = at as i32 + 1;
            named.push(CompletedPart {
                number: PartNumber::try_from(number).unwrap(),
                etag: upload_part(&mut self.engine, key, &upload_id, number, part.clone()),
                checksums: Vec::new(),
            });
        }
        named.reverse();
        let complete = CompleteMultipartUpload {
            key: super::tests::key(key),
            upload_id,
            parts: named,
            condition: self.condition(key, condition),
            checksum: None,
            checksum_type: None,
            object_size: None,
        };
        self.engine.complete_multipart_upload(&caller(), BUCKET, complete, &mut ids()).map(drop)
    }

    fn condition(&self, key: &str, condition: Condition) -> WriteCondition {
        let current = self
            .engine
            .object(&caller(), BUCKET, &super::tests::key(key), None)
            .map(|(object, _)| object.etag);
        match (condition, current) {
            (Condition::None, _) => WriteCondition::None,
            (Condition::Absent, _) => WriteCondition::Absent,
            (Condition::Current, Ok(etag)) => WriteCondition::Matches(etag.quoted()),
            (Condition::Current | Condition::Stale, _) => WriteCondition::Matches(format!("\"{:032x}\"", 7)),
        }
    }

    fn read(&self, get: &GetObject) -> Result<Vec<u8>, Code> {
        let read = self.engine.get_object(&caller(), BUCKET, get).map_err(|error| error.code())?;
        let content = read.content();
        assert_eq!(content.len(), read.length(), "what is declared is what is there");
        Ok(content.segments().flatten().copied().collect())
    }

    /// Every entry of a listing, page by page.
    fn list(&self, prefix: &str, delimiter: &str, max_keys: usize) -> Vec<String> {
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
}

fn operation() -> impl Strategy<Value = Operation> {
    let key = || "[ab/é]{1,3}";
    let body = || prop::collection::vec(any::<u8>(), 0..20);
    let condition = || {
        prop_oneof![
            6 => Just(Condition::None),
            2 => Just(Condition::Absent),
            1 => Just(Condition::Current),
            1 => Just(Condition::Stale),
        ]
    };
    prop_oneof![
        12 => (key(), body(), condition())
            .prop_map(|(key, body, condition)| Operation::Put { key, body, condition }),
        3 => key().prop_map(|key| Operation::Delete { key }),
        1 => prop::collection::vec(key(), 0..4).prop_map(|keys| Operation::DeleteMany { keys }),
        4 => (key(), key()).prop_map(|(from, to)| Operation::Copy { from, to }),
        3 => (key(), body(), condition()).prop_map(|(key, last, condition)| {
            Operation::Upload { key, large: Vec::new(), last, condition }
        }),
        1 => (key(), prop::collection::vec(0usize..9, 1..3), body(), condition()).prop_map(
            |(key, large, last, condition)| Operation::Upload { key, large, last, condition }
        ),
        1 => (key(), body()).prop_map(|(key, part)| Operation::Abort { key, part }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_sequence_of_operations_does_what_the_model_does(
        operations in prop::collection::vec(operation(), 1..30),
        prefix in "[ab/é]{0,2}",
        delimiter in "[/aé]{0,1}",
        max_keys in 1usize..5,
        first in 0u64..30,
        length in 1u64..30,
    ) {
        let mut world = World { engine: engine_with(BUCKET), uploads: 0 };
        let mut model = Model::default();
        for operation in &operations {
            let before = world.engine.clone();
            let expected = model.run(operation);
            prop_assert_eq!(world.run(operation), expected, "{:?}", operation);
            if expected.is_err() {
                let untouched = World { engine: before, uploads: 0 };
                prop_assert_eq!(untouched.list("", "", 1000), world.list("", "", 1000));
            }
        }
        for (key, body) in &model.held {
            let get = GetObject::of(super::tests::key(key));
            prop_assert!(world.read(&get).as_deref() == Ok(&body[..]), "{} holds something else", key);
            let range = ByteRange::From { first, last: Some(first + length - 1) };
            let expected = match body.get(first as usize..) {
                Some(rest) if !rest.is_empty() => Ok(rest[..rest.len().min(length as usize)].to_vec()),
                _ => Err(Code::InvalidRange),
            };
            prop_assert_eq!(world.read(&GetObject { range: Some(range), ..get.clone() }), expected);
            let suffix = GetObject { range: Some(ByteRange::Suffix(length)), ..get };
            let from = body.len().saturating_sub(length as usize);
            prop_assert_eq!(world.read(&suffix), Ok(body[from..].to_vec()));
        }
        prop_assert_eq!(world.list(&prefix, &delimiter, max_keys), model.list(&prefix, &delimiter));
        let uploads = ListUploads {
            prefix: "", delimiter: "", key_marker: "", upload_id_marker: None, max_uploads: 1000,
        };
        let left = world.engine.list_multipart_uploads(&caller(), BUCKET, &uploads).unwrap().entries.len();
        let refused = operations.len() as u64;
        prop_assert!(left as u64 <= refused.min(world.uploads), "only refused completions leave uploads");
    }
}
