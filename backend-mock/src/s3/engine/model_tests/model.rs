//! The naive S3: of each key a list of versions, newest first.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Condition, Operation, Source, parts_of};
use crate::s3::engine::{Code, VersionId, Versioning};

/// A version of a key, as far as the model knows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub(super) id: VersionId,
    /// None for a delete marker.
    pub(super) body: Option<Bytes>,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) versioning: Versioning,
    pub(super) held: BTreeMap<String, Vec<Held>>,
}

impl Model {
    /// Gives the code of the refusal, if it refuses. `told` are the ids that the engine told of what it wrote, in order.
    pub(super) fn run(&mut self, operation: &Operation, told: &[Option<VersionId>]) -> Result<(), Code> {
        let mut told = told.iter().copied();
        match operation {
            Operation::Put { key, body, condition } => {
                self.check(key, *condition)?;
                self.write(key, Some(body.clone().into()), told.next());
            }
            Operation::Delete { key } => self.delete(key, &mut told),
            Operation::DeleteMany { keys } => keys.iter().for_each(|key| self.delete(key, &mut told)),
            Operation::DeleteVersion { key, nth } => {
                let id = self.nth(key, *nth);
                self.versions_of(key).retain(|held| held.id != id);
            }
            Operation::Copy { from, to } => {
                let body = self.source(from)?;
                if from.key == *to && from.nth.is_none() {
                    return Err(Code::InvalidRequest);
                }
                self.write(to, Some(body), told.next());
            }
            Operation::Upload { key, large, last, condition } => {
                self.check(key, *condition)?;
                self.write(key, Some(parts_of(large, last).concat().into()), told.next());
            }
            Operation::Abort { .. } => {}
            Operation::Switch(versioning) => self.versioning = *versioning,
        }
        self.held.retain(|_, versions| !versions.is_empty());
        assert_eq!(told.next(), None, "no more was written");
        Ok(())
    }

    /// The id of the nth version of a key; beyond them the null version, which need not be there.
    pub(super) fn nth(&self, key: &str, nth: usize) -> VersionId {
        let held = self.held.get(key).and_then(|versions| versions.get(nth));
        held.map_or(VersionId::Null, |held| held.id)
    }

    /// What a read without a version finds.
    pub(super) fn current(&self, key: &str) -> Option<&Bytes> {
        self.held.get(key)?.first()?.body.as_ref()
    }

    fn versions_of(&mut self, key: &str) -> &mut Vec<Held> {
        self.held.entry(key.to_owned()).or_default()
    }

    fn delete(&mut self, key: &str, told: &mut impl Iterator<Item = Option<VersionId>>) {
        match self.versioning {
            Versioning::Unversioned => {
                assert_eq!(told.next(), Some(None), "nothing is told of versions where there are none");
                self.versions_of(key).clear();
            }
            _ => self.write(key, None, told.next()),
        }
    }

    fn write(&mut self, key: &str, body: Option<Bytes>, told: Option<Option<VersionId>>) {
        let told = told.expect("a write tells of itself");
        let id = match self.versioning {
            Versioning::Unversioned => {
                assert_eq!(told, None, "nothing is told of versions where there are none");
                VersionId::Null
            }
            Versioning::Suspended => {
                assert_eq!(told, Some(VersionId::Null));
                VersionId::Null
            }
            Versioning::Enabled => {
                let id = told.expect("a version has an id");
                let mut known = self.held.values().flatten();
                assert!(id != VersionId::Null && known.all(|held| held.id != id), "{id:?} is new");
                id
            }
        };
        let versions = self.versions_of(key);
        versions.retain(|held| id != VersionId::Null || held.id != id);
        versions.insert(0, Held { id, body });
    }

    fn source(&self, from: &Source) -> Result<Bytes, Code> {
        let Some(nth) = from.nth else { return self.current(&from.key).cloned().ok_or(Code::NoSuchKey) };
        let id = self.nth(&from.key, nth);
        let found = self.held.get(&from.key).and_then(|versions| versions.iter().find(|held| held.id == id));
        match found {
            Some(held) => held.body.clone().ok_or(Code::InvalidRequest),
            None if self.versioning == Versioning::Unversioned => Err(Code::NoSuchKey),
            None => Err(Code::NoSuchVersion),
        }
    }

    fn check(&self, key: &str, condition: Condition) -> Result<(), Code> {
        match (condition, self.current(key).is_some()) {
            (Condition::Absent, true) | (Condition::Stale, true) => Err(Code::PreconditionFailed),
            (Condition::Current | Condition::Stale, false) => Err(Code::NoSuchKey),
            _ => Ok(()),
        }
    }

    /// Every entry of a listing, computed the slow way.
    pub(super) fn list(&self, prefix: &str, delimiter: &str) -> Vec<String> {
        let keys = self.held.keys().filter(|key| self.current(key).is_some());
        rolled_up(keys.map(|key| (key.as_str(), key.clone())), prefix, delimiter)
    }

    /// Every entry of a listing of versions, computed the slow way.
    pub(super) fn list_versions(&self, prefix: &str, delimiter: &str) -> Vec<String> {
        let versions = self.held.iter().flat_map(|(key, versions)| {
            let line = move |(at, held): (usize, &Held)| (key.as_str(), version_line(key, held, at == 0));
            versions.iter().enumerate().map(line)
        });
        rolled_up(versions, prefix, delimiter)
    }
}

/// A version as a line of a listing.
pub(super) fn version_line(key: &str, held: &Held, is_latest: bool) -> String {
    let kind = if held.body.is_some() { "object" } else { "marker" };
    format!("{key} {} {kind} {is_latest}", held.id)
}

/// The lines of the keys with a prefix, those with a common prefix as that.
fn rolled_up<'k>(
    lines: impl Iterator<Item = (&'k str, String)>,
    prefix: &str,
    delimiter: &str,
) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for (key, line) in lines.filter(|(key, _)| key.starts_with(prefix)) {
        let rest = &key[prefix.len()..];
        match rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
            None => entries.push(line),
            Some(at) => {
                let common = format!("{prefix}{}{delimiter}…", &rest[..at]);
                if entries.last() != Some(&common) {
                    entries.push(common);
                }
            }
        }
    }
    entries
}
