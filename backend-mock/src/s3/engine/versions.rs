//! What a bucket holds, by key and version: current objects in one map, everything behind them in another.
//!
//! A bucket without versions lives in the first map alone and costs what it would without the second. Of a key that the
//! first map lacks, the newest entry of the second is a delete marker.

use std::borrow::Borrow;
use std::cmp::{Ordering, Reverse};
use std::ops::Bound;
use std::sync::Arc;
use std::time::SystemTime;

use imbl::OrdMap;

use super::{Object, ObjectKey, VersionId, Versioning};
use crate::seed::IdSource;

/// A version of a key.
#[derive(Clone, Debug)]
pub(crate) enum Version {
    Object(Arc<Object>),
    DeleteMarker(Arc<DeleteMarker>),
}

/// What a delete without a version id leaves in place of the object.
#[derive(Clone, Debug)]
pub(crate) struct DeleteMarker {
    pub(crate) version_id: VersionId,
    pub(crate) last_modified: SystemTime,
    order: u64,
}

impl Version {
    pub(crate) fn id(&self) -> VersionId {
        match self {
            Self::Object(object) => object.version_id,
            Self::DeleteMarker(marker) => marker.version_id,
        }
    }

    pub(crate) fn last_modified(&self) -> SystemTime {
        match self {
            Self::Object(object) => object.last_modified,
            Self::DeleteMarker(marker) => marker.last_modified,
        }
    }

    /// Which write to its bucket made it.
    pub(super) fn order(&self) -> u64 {
        match self {
            Self::Object(object) => object.order,
            Self::DeleteMarker(marker) => marker.order,
        }
    }

    pub(crate) fn object(&self) -> Option<&Arc<Object>> {
        match self {
            Self::Object(object) => Some(object),
            Self::DeleteMarker(_) => None,
        }
    }
}

/// All versions of all keys of a bucket.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    current: OrdMap<ObjectKey, Arc<Object>>,
    others: OrdMap<Place, Version>,
    written: u64,
}

impl Versions {
    pub(super) fn is_empty(&self) -> bool {
        self.current.is_empty() && self.others.is_empty()
    }

    /// The objects that a read without a version id finds.
    pub(super) fn current(&self) -> &OrdMap<ObjectKey, Arc<Object>> {
        &self.current
    }

    /// The current version of a key, unless it is a delete marker.
    pub(super) fn get(&self, key: &ObjectKey) -> Option<&Arc<Object>> {
        self.current.get(key)
    }

    /// The current version of a key, be it a delete marker.
    pub(super) fn latest(&self, key: &ObjectKey) -> Option<Version> {
        match self.current.get(key) {
            Some(object) => Some(Version::Object(Arc::clone(object))),
            None => self.others_of(key).next().cloned(),
        }
    }

    pub(super) fn version(&self, key: &ObjectKey, id: VersionId) -> Option<Version> {
        if let Some(object) = self.current.get(key).filter(|object| object.version_id == id) {
            return Some(Version::Object(Arc::clone(object)));
        }
        match id {
            VersionId::Null => self.others_of(key).find(|version| version.id() == id).cloned(),
            VersionId::Random { order, .. } => {
                self.others.get(&Place::of(key, order)).filter(|version| version.id() == id).cloned()
            }
        }
    }

    /// The versions that are not current objects, by key and newest first.
    pub(super) fn others(&self) -> impl Iterator<Item = (&ObjectKey, &Version)> {
        self.others.iter().map(|(place, version)| (&place.key, version))
    }

    /// Every version of a key but a current object, newest first.
    pub(super) fn others_of<'v>(&'v self, key: &'v ObjectKey) -> impl Iterator<Item = &'v Version> {
        self.others_from(Bound::Included((key.as_str().as_bytes(), u64::MAX)))
            .take_while(move |(of, _)| *of == key)
            .map(|(_, version)| version)
    }

    /// The versions that are not current objects, by key and newest first, from a key and an order on.
    pub(super) fn others_from<'v>(
        &'v self,
        start: Bound<(&[u8], u64)>,
    ) -> impl Iterator<Item = (&'v ObjectKey, &'v Version)> + use<'v> {
        let start = start.map(|(key, order)| Sought(key, Reverse(order)));
        let start = match &start {
            Bound::Included(sought) => Bound::Included(sought as &dyn Placed),
            Bound::Excluded(sought) => Bound::Excluded(sought as &dyn Placed),
            Bound::Unbounded => Bound::Unbounded,
        };
        let range = self.others.range::<_, dyn Placed + '_>((start, Bound::Unbounded));
        range.map(|(place, version)| (&place.key, version))
    }

    /// Writes a version on top of a key, in place of its null version unless versioning is enabled.
    pub(super) fn put(
        &mut self,
        key: ObjectKey,
        mut object: Object,
        versioning: Versioning,
        ids: &mut IdSource,
    ) -> Arc<Object> {
        (object.order, object.version_id) = self.next(versioning, ids);
        self.make_room(&key, versioning);
        let object = Arc::new(object);
        self.current.insert(key, Arc::clone(&object));
        object
    }

    /// Writes a delete marker on top of a key, in place of its null version unless versioning is enabled.
    pub(super) fn put_delete_marker(
        &mut self,
        key: ObjectKey,
        last_modified: SystemTime,
        versioning: Versioning,
        ids: &mut IdSource,
    ) -> Arc<DeleteMarker> {
        let (order, version_id) = self.next(versioning, ids);
        self.make_room(&key, versioning);
        let marker = Arc::new(DeleteMarker { version_id, last_modified, order });
        self.others.insert(Place::of(&key, order), Version::DeleteMarker(Arc::clone(&marker)));
        marker
    }

    /// Takes the current object out for good, without a trace.
    pub(super) fn remove_current(&mut self, key: &ObjectKey) -> Option<Arc<Object>> {
        let removed = self.current.remove(key);
        self.promote(key);
        removed
    }

    /// Takes a version out for good; what was behind a current one becomes current.
    pub(super) fn remove(&mut self, key: &ObjectKey, id: VersionId) -> Option<Version> {
        if self.current.get(key).is_some_and(|object| object.version_id == id) {
            return self.remove_current(key).map(Version::Object);
        }
        let order = self.version(key, id)?.order();
        let removed = self.others.remove(&Place::of(key, order));
        self.promote(key);
        removed
    }

    /// Changes what is kept of a version, which is none of its writes.
    pub(super) fn update(&mut self, key: &ObjectKey, id: VersionId, change: impl FnOnce(&mut Object)) {
        if let Some(object) = self.current.get_mut(key).filter(|object| object.version_id == id) {
            return change(Arc::make_mut(object));
        }
        if let Some(version) = self.version(key, id)
            && let Some(Version::Object(object)) = self.others.get_mut(&Place::of(key, version.order()))
        {
            change(Arc::make_mut(object));
        }
    }

    fn next(&mut self, versioning: Versioning, ids: &mut IdSource) -> (u64, VersionId) {
        self.written += 1;
        let id = match versioning {
            Versioning::Enabled => VersionId::next(self.written, ids),
            Versioning::Unversioned | Versioning::Suspended => VersionId::Null,
        };
        (self.written, id)
    }

    /// Puts the current object behind what is about to come, or drops the null version that it takes the place of.
    fn make_room(&mut self, key: &ObjectKey, versioning: Versioning) {
        if versioning == Versioning::Unversioned {
            // What is about to come takes the place of what is there.
            return;
        }
        let replaces_null = versioning == Versioning::Suspended;
        match self.current.remove(key) {
            Some(object) if replaces_null && object.version_id == VersionId::Null => return,
            Some(object) => {
                self.others.insert(Place::of(key, object.order), Version::Object(object));
            }
            None => {}
        }
        if replaces_null && let Some(null) = self.version(key, VersionId::Null) {
            self.others.remove(&Place::of(key, null.order()));
        }
    }

    /// Makes the newest of the others current if nothing is and it is an object.
    fn promote(&mut self, key: &ObjectKey) {
        if self.current.contains_key(key) {
            return;
        }
        let newest = self.others_of(key).next().cloned();
        if let Some(Version::Object(object)) = newest {
            self.others.remove(&Place::of(key, object.order));
            self.current.insert(key.clone(), object);
        }
    }
}

/// Where a version stands in its bucket: by key, and newest first within a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    key: ObjectKey,
    order: Reverse<u64>,
}

impl Place {
    fn of(key: &ObjectKey, order: u64) -> Self {
        Self { key: key.clone(), order: Reverse(order) }
    }
}

/// A place, or the bytes of one: the end of a common prefix need not be UTF-8, so it is no key.
trait Placed {
    fn place(&self) -> (&[u8], Reverse<u64>);
}

struct Sought<'k>(&'k [u8], Reverse<u64>);

impl Placed for Sought<'_> {
    fn place(&self) -> (&[u8], Reverse<u64>) {
        (self.0, self.1)
    }
}

impl Placed for Place {
    fn place(&self) -> (&[u8], Reverse<u64>) {
        (self.key.as_str().as_bytes(), self.order)
    }
}

impl<'p> Borrow<dyn Placed + 'p> for Place {
    fn borrow(&self) -> &(dyn Placed + 'p) {
        self
    }
}

impl PartialEq for dyn Placed + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for dyn Placed + '_ {}

impl PartialOrd for dyn Placed + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for dyn Placed + '_ {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::s3::engine::tests::{key, object_at};

    #[derive(Clone, Debug)]
    enum Step {
        Put(usize),
        Delete(usize),
        /// The version at that place of all that there are.
        DeleteVersion(usize),
        Switch(Versioning),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (0..3_usize).prop_map(Step::Put),
            3 => (0..3_usize).prop_map(Step::Delete),
            3 => (0..40_usize).prop_map(Step::DeleteVersion),
            1 => prop_oneof![Just(Versioning::Enabled), Just(Versioning::Suspended)].prop_map(Step::Switch),
        ];
        prop::collection::vec(step, 0..60)
    }

    /// The versions of each key as a list, newest first, and whether each is an object.
    type Model = [Vec<(VersionId, bool)>; 3];

    const NAMES: [&str; 3] = ["a", "a/b", "b"];

    fn write(model: &mut Vec<(VersionId, bool)>, id: VersionId, is_object: bool) {
        model.retain(|(known, _)| id != VersionId::Null || *known != id);
        model.insert(0, (id, is_object));
    }

    proptest! {
        #[test]
        fn any_sequence_of_writes_and_deletes_is_as_a_list_for_each_key(steps in steps(), seed in any::<u64>()) {
            let (mut versions, mut ids) = (Versions::default(), IdSource::new(seed));
            let mut model = Model::default();
            let object = object_at(SystemTime::UNIX_EPOCH);
            let mut versioning = Versioning::Unversioned;
            for step in steps {
                match step {
                    Step::Put(at) => {
                        let put = versions.put(key(NAMES[at]), object.clone(), versioning, &mut ids);
                        write(&mut model[at], put.version_id, true);
                    }
                    Step::Delete(at) if versioning == Versioning::Unversioned => {
                        versions.remove_current(&key(NAMES[at]));
                        model[at].clear();
                    }
                    Step::Delete(at) => {
                        let time = SystemTime::UNIX_EPOCH;
                        let marker = versions.put_delete_marker(key(NAMES[at]), time, versioning, &mut ids);
                        write(&mut model[at], marker.version_id, false);
                    }
                    Step::DeleteVersion(nth) => {
                        let all = (0..3).flat_map(|at| model[at].iter().map(move |(id, _)| (at, *id)));
                        let all: Vec<_> = all.collect();
                        let Some((at, id)) = all.get(nth) else { continue };
                        let removed = versions.remove(&key(NAMES[*at]), *id);
                        prop_assert_eq!(removed.map(|version| version.id()), Some(*id));
                        prop_assert!(versions.version(&key(NAMES[*at]), *id).is_none());
                        model[*at].retain(|(known, _)| known != id);
                    }
                    Step::Switch(to) => versioning = to,
                }
                for (name, expected) in NAMES.iter().zip(&model) {
                    let key = key(name);
                    let current = versions.get(&key).map(|object| object.version_id);
                    prop_assert_eq!(current, expected.first().filter(|(_, object)| *object).map(|(id, _)| *id));
                    let latest = versions.latest(&key).map(|version| version.id());
                    prop_assert_eq!(latest, expected.first().map(|(id, _)| *id));
                    let others = versions.others_of(&key);
                    let others = others.map(|version| (version.id(), version.object().is_some()));
                    prop_assert_eq!(&others.collect::<Vec<_>>(), &expected[usize::from(current.is_some())..]);
                    for (id, _) in expected {
                        prop_assert_eq!(versions.version(&key, *id).map(|version| version.id()), Some(*id));
                    }
                }
                prop_assert_eq!(versions.is_empty(), model.iter().all(Vec::is_empty));
            }
        }
    }
}
