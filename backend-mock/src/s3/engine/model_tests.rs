//! The engine against a naive model: of each key a list of whole bodies, without segments, pages, parts or conditions'
//! subtleties.
//!
//! A new kind of operation is a variant of [`Operation`], a line in [`operation`], and an arm in both `run` functions.

mod model;
mod world;

use bytes::Bytes;
use proptest::prelude::*;

use super::tests::{caller, engine_with};
use super::*;
use model::{Held, Model};
use world::World;

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
    /// One version for good, be it a delete marker.
    DeleteVersion {
        key: String,
        nth: usize,
    },
    Copy {
        from: Source,
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
    Switch(Versioning),
}

/// What a copy reads: what is current, or the nth version of the key.
#[derive(Clone, Debug)]
struct Source {
    key: String,
    nth: Option<usize>,
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

fn parts_of(large: &[usize], last: &[u8]) -> Vec<Bytes> {
    let large = large.iter().map(|beyond| Bytes::from(vec![*beyond as u8; PART + beyond]));
    large.chain([Bytes::copy_from_slice(last)]).collect()
}

fn key() -> impl Strategy<Value = String> {
    "[ab/é]{1,3}"
}

/// A step in a bucket whose versioning nobody touches.
fn operation() -> impl Strategy<Value = Operation> {
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
        1 => (key(), 0usize..3).prop_map(|(key, nth)| Operation::DeleteVersion { key, nth }),
        4 => (key(), key())
            .prop_map(|(key, to)| Operation::Copy { from: Source { key, nth: None }, to }),
        1 => (key(), 0usize..3, key())
            .prop_map(|(key, nth, to)| Operation::Copy { from: Source { key, nth: Some(nth) }, to }),
        3 => (key(), body(), condition()).prop_map(|(key, last, condition)| {
            Operation::Upload { key, large: Vec::new(), last, condition }
        }),
        1 => (key(), prop::collection::vec(0usize..9, 1..3), body(), condition()).prop_map(
            |(key, large, last, condition)| Operation::Upload { key, large, last, condition }
        ),
        1 => (key(), body()).prop_map(|(key, part)| Operation::Abort { key, part }),
    ]
}

/// A step in a bucket that has, or is about to have, versions: deletes of versions and copies from them are frequent.
fn versioned_operation() -> impl Strategy<Value = Operation> {
    let versioning = prop_oneof![3 => Just(Versioning::Enabled), 2 => Just(Versioning::Suspended)];
    // Few keys, so that each comes to have versions.
    let key = || "[ab]|a/[bé]";
    let source = (key(), 0usize..4).prop_map(|(key, nth)| Source { key, nth: Some(nth) });
    prop_oneof![
        4 => operation(),
        4 => (key(), prop::collection::vec(any::<u8>(), 0..5))
            .prop_map(|(key, body)| Operation::Put { key, body, condition: Condition::None }),
        3 => key().prop_map(|key| Operation::Delete { key }),
        4 => (key(), 0usize..4).prop_map(|(key, nth)| Operation::DeleteVersion { key, nth }),
        2 => (source, key()).prop_map(|(from, to)| Operation::Copy { from, to }),
        2 => versioning.prop_map(Operation::Switch),
    ]
}

/// A world and its model after those operations: each did the same in both, and what was refused changed nothing.
fn after(operations: &[Operation]) -> Result<(World, Model), TestCaseError> {
    let mut world = World { engine: engine_with(BUCKET), uploads: 0 };
    let mut model = Model::default();
    for operation in operations {
        let before = world.engine.clone();
        let done = world.run(operation, &model);
        let told = done.as_deref().unwrap_or_default();
        let expected = model.run(operation, told);
        prop_assert_eq!(done.map(drop), expected, "{:?}", operation);
        if expected.is_err() {
            let untouched = World { engine: before, uploads: 0 };
            prop_assert_eq!(untouched.list_versions("", "", 1000), world.list_versions("", "", 1000));
        }
    }
    Ok((world, model))
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
        let (world, model) = after(&operations)?;
        for (name, versions) in &model.held {
            let [Held { id: VersionId::Null, body: Some(body) }] = &versions[..] else {
                return Err(TestCaseError::fail(format!("{name} has versions: {versions:?}")));
            };
            let get = GetObject::of(super::tests::key(name));
            prop_assert!(world.read(&get).as_deref() == Ok(&body[..]), "{} holds something else", name);
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

    #[test]
    fn with_versions_too_any_sequence_of_operations_does_what_the_model_does(
        operations in prop::collection::vec(versioned_operation(), 1..60),
        prefix in "[ab/é]{0,2}",
        delimiter in "[/aé]{0,1}",
        max_keys in 1usize..5,
    ) {
        let (world, model) = after(&operations)?;
        for (name, versions) in &model.held {
            let get = GetObject::of(super::tests::key(name));
            let current = model.current(name).map(|body| body.to_vec());
            prop_assert_eq!(world.read(&get), current.ok_or(Code::NoSuchKey), "{} is current", name);
            for held in versions {
                let get = GetObject { version_id: Some(held.id), ..get.clone() };
                let body = held.body.as_ref().map(|body| body.to_vec());
                prop_assert_eq!(world.read(&get), body.ok_or(Code::MethodNotAllowed), "{} of {}", held.id, name);
            }
        }
        prop_assert_eq!(world.list(&prefix, &delimiter, max_keys), model.list(&prefix, &delimiter));
        prop_assert_eq!(
            world.list_versions(&prefix, &delimiter, max_keys),
            model.list_versions(&prefix, &delimiter)
        );
    }
}
