//! Lifecycle rules carried out: whatever has fallen due by the time of a request is done before it is answered.

use std::sync::Arc;
use std::time::SystemTime;

use super::lifecycle::day_of;
use super::{
    Bucket, Engine, LifecycleConfiguration, ObjectKey, StorageClass, UploadId, Version, VersionId, Versioning,
};
use crate::seed::IdSource;

impl Engine {
    /// Does what the rules of all buckets say should have been done by `now`.
    ///
    /// Everything falls due at midnight, so that a look at the day is all that most requests cost.
    pub(crate) fn advance(&mut self, now: SystemTime, ids: &mut IdSource) {
        let today = day_of(now);
        if self.lifecycle_day.replace(today) == Some(today) {
            return;
        }
        let ruled: Vec<_> = self
            .buckets
            .iter()
            .filter_map(|(name, bucket)| Some((name.clone(), Arc::clone(bucket.lifecycle.as_ref()?))))
            .collect();
        for (name, rules) in ruled {
            if let Some(bucket) = self.buckets.get_mut(name.as_str()) {
                Arc::make_mut(bucket).run_lifecycle(&rules, now, ids);
            }
        }
    }
}

/// What is to be done with one version.
enum Action {
    Expire(SystemTime),
    Remove(VersionId),
    Transition(VersionId, StorageClass),
}

impl Bucket {
    fn run_lifecycle(&mut self, rules: &LifecycleConfiguration, now: SystemTime, ids: &mut IdSource) {
        // In this order, since one makes work for the next.
        for due in [Self::due_current, Self::due_noncurrent, Self::due_markers] {
            for (key, action) in due(self, rules, now) {
                self.act(key, action, ids);
            }
        }
        self.abort_due_uploads(rules, now);
    }

    fn act(&mut self, key: ObjectKey, action: Action, ids: &mut IdSource) {
        match action {
            Action::Expire(due) => match self.versioning() {
                Versioning::Unversioned => drop(self.objects.remove_current(&key)),
                versioning => drop(self.objects.put_delete_marker(key, due, versioning, ids)),
            },
            Action::Remove(id) => drop(self.objects.remove(&key, id)),
            Action::Transition(id, class) => {
                self.objects.update(&key, id, |object| object.storage_class = class);
            }
        }
    }

    fn due_current(&self, rules: &LifecycleConfiguration, now: SystemTime) -> Vec<(ObjectKey, Action)> {
        let due = self.objects.current().iter().filter_map(|(key, object)| {
            let expired = rules.expiration(key, object).map(|(due, _)| due).filter(|due| *due <= now);
            let action = match expired {
                Some(due) => Action::Expire(due),
                None => Action::Transition(object.version_id, rules.transition(key, object, now)?),
            };
            Some((key.clone(), action))
        });
        due.collect()
    }

    /// A version is noncurrent since the one above it was written.
    fn due_noncurrent(&self, rules: &LifecycleConfiguration, now: SystemTime) -> Vec<(ObjectKey, Action)> {
        let mut due = Vec::new();
        let mut above: Option<(&ObjectKey, SystemTime, usize)> = None;
        for (key, version) in self.objects.others() {
            let (since, newer) = match above.filter(|(of, ..)| *of == key) {
                Some((_, since, newer)) => (since, newer),
                None => match self.objects.get(key) {
                    Some(current) => (current.last_modified, 0),
                    // The delete marker on top is current itself.
                    None => {
                        above = Some((key, version.last_modified(), 0));
                        continue;
                    }
                },
            };
            above = Some((key, version.last_modified(), newer + 1));
            let object = version.object().map(AsRef::as_ref);
            let held = object.is_some_and(|object| self.check_deletable(object, now, false).is_err());
            if !held && rules.expires_noncurrent(key, object, since, newer, now) {
                due.push((key.clone(), Action::Remove(version.id())));
            } else if let Some(object) = object
                && let Some(class) = rules.noncurrent_transition(key, object, since, newer, now)
            {
                due.push((key.clone(), Action::Transition(version.id(), class)));
            }
        }
        due
    }

    /// Delete markers that are all there is of their key.
    fn due_markers(&self, rules: &LifecycleConfiguration, now: SystemTime) -> Vec<(ObjectKey, Action)> {
        let due = self.objects.others().filter_map(|(key, version)| {
            let Version::DeleteMarker(marker) = version else { return None };
            let alone = self.objects.get(key).is_none() && self.objects.others_of(key).nth(1).is_none();
            let expires = alone && rules.expires_marker(key, marker.last_modified, now);
            expires.then(|| (key.clone(), Action::Remove(marker.version_id)))
        });
        due.collect()
    }

    fn abort_due_uploads(&mut self, rules: &LifecycleConfiguration, now: SystemTime) {
        let due: Vec<(ObjectKey, UploadId)> = self
            .uploads
            .iter()
            .flat_map(|(key, of_key)| of_key.iter().map(move |(id, upload)| (key, id, upload)))
            .filter(|(key, _, upload)| {
                rules.abortion(key, upload.initiated).is_some_and(|(due, _)| due <= now)
            })
            .map(|(key, id, _)| (key.clone(), id.clone()))
            .collect();
        for (key, id) in due {
            self.forget_upload(&key, &id);
        }
    }
}
