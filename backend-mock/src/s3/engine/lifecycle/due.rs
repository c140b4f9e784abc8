//! When what lifecycle rules say falls due: by age, rounded up to midnight, or by date.

use std::time::{Duration, SystemTime};

use super::{Expiration, LifecycleConfiguration, LifecycleRule};
use crate::s3::engine::{Object, ObjectKey, StorageClass, TagSet};

const DAY: u64 = 24 * 60 * 60;

/// Days after a time, rounded up to the next midnight UTC.
pub(super) fn days_after(time: SystemTime, days: u32) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let nights = (since.as_secs() + u64::from(since.subsec_nanos() > 0)).div_ceil(DAY);
    SystemTime::UNIX_EPOCH + Duration::from_secs((nights + u64::from(days)) * DAY)
}

/// A day as a number, to tell whether midnight has passed.
pub(in crate::s3::engine) fn day_of(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() / DAY
}

/// Whether S3 moves objects from one class into the other: downwards only, and not between neighbours.
fn leads_down(from: StorageClass, into: StorageClass) -> bool {
    let height = |class| match class {
        StorageClass::Standard | StorageClass::ReducedRedundancy => 5,
        StorageClass::StandardIa => 4,
        StorageClass::IntelligentTiering => 3,
        StorageClass::OnezoneIa | StorageClass::GlacierIr => 2,
        StorageClass::Glacier => 1,
        StorageClass::DeepArchive => 0,
    };
    height(into) < height(from)
}

impl LifecycleConfiguration {
    fn enabled(&self) -> impl Iterator<Item = &LifecycleRule> {
        self.rules.iter().filter(|rule| rule.is_enabled)
    }

    /// When a current object expires, and by which rule: the earliest, and of those the first.
    pub(in crate::s3::engine) fn expiration(
        &self,
        key: &ObjectKey,
        object: &Object,
    ) -> Option<(SystemTime, &str)> {
        let due = self.enabled().filter_map(|rule| match rule.expiration {
            Some(Expiration::At(when)) if rule.applies_to(key, object) => {
                Some((when.of(object.last_modified), rule.id.as_str()))
            }
            _ => None,
        });
        due.min_by_key(|(due, _)| *due)
    }

    /// The class that a current object has got by `now`, if it is another.
    pub(in crate::s3::engine) fn transition(
        &self,
        key: &ObjectKey,
        object: &Object,
        now: SystemTime,
    ) -> Option<StorageClass> {
        let due = self.enabled().filter(|rule| rule.applies_to(key, object)).flat_map(|rule| {
            let due =
                rule.transitions.iter().filter(|transition| transition.when.of(object.last_modified) <= now);
            due.map(move |transition| (rule, transition.storage_class))
        });
        self.lowest(object, due)
    }

    /// Whether a version is gone by `now` that has been noncurrent since a time, below so many newer noncurrent ones.
    pub(in crate::s3::engine) fn expires_noncurrent(
        &self,
        key: &ObjectKey,
        object: Option<&Object>,
        since: SystemTime,
        newer: usize,
        now: SystemTime,
    ) -> bool {
        let none = TagSet::default();
        let (size, tags) = object.map_or((0, &none), |object| (object.content.len(), &object.tags));
        self.enabled().filter(|rule| rule.filter.matches(key, size, tags)).any(|rule| {
            rule.noncurrent_expiration.is_some_and(|expiration| {
                days_after(since, expiration.days) <= now && enough(newer, expiration.newer_versions)
            })
        })
    }

    /// The class that a noncurrent version has got by `now`, if it is another.
    pub(in crate::s3::engine) fn noncurrent_transition(
        &self,
        key: &ObjectKey,
        object: &Object,
        since: SystemTime,
        newer: usize,
        now: SystemTime,
    ) -> Option<StorageClass> {
        let due = self.enabled().filter(|rule| rule.applies_to(key, object)).flat_map(|rule| {
            let due = rule.noncurrent_transitions.iter().filter(move |transition| {
                days_after(since, transition.days) <= now && enough(newer, transition.newer_versions)
            });
            due.map(move |transition| (rule, transition.storage_class))
        });
        self.lowest(object, due)
    }

    /// Whether a delete marker behind which nothing is left is gone by `now`: at once where a rule is about such markers,
    /// and where it expires objects as old as they would be.
    pub(in crate::s3::engine) fn expires_marker(
        &self,
        key: &ObjectKey,
        written: SystemTime,
        now: SystemTime,
    ) -> bool {
        self.enabled().filter(|rule| rule.filter.matches(key, 0, &TagSet::default())).any(|rule| {
            match rule.expiration {
                Some(Expiration::ExpiredObjectDeleteMarker(expires)) => {
                    expires && days_after(written, 0) <= now
                }
                Some(Expiration::At(when)) => when.of(written) <= now,
                None => false,
            }
        })
    }

    /// When an upload is aborted, and by which rule.
    pub(in crate::s3::engine) fn abortion(
        &self,
        key: &ObjectKey,
        initiated: SystemTime,
    ) -> Option<(SystemTime, &str)> {
        let due = self.enabled().filter(|rule| rule.filter.matches_key(key)).filter_map(|rule| {
            Some((days_after(initiated, rule.abort_uploads_after_days?), rule.id.as_str()))
        });
        due.min_by_key(|(due, _)| *due)
    }

    fn lowest<'r>(
        &self,
        object: &Object,
        due: impl Iterator<Item = (&'r LifecycleRule, StorageClass)>,
    ) -> Option<StorageClass> {
        let large_enough = |rule: &LifecycleRule, into| {
            rule.filter.has_size() || self.minimum_transition_size.allows(object.content.len(), into)
        };
        due.filter(|(rule, into)| leads_down(object.storage_class, *into) && large_enough(rule, *into))
            .map(|(_, into)| into)
            .reduce(|lowest, into| if leads_down(lowest, into) { into } else { lowest })
    }
}

impl LifecycleRule {
    fn applies_to(&self, key: &ObjectKey, object: &Object) -> bool {
        self.filter.matches(key, object.content.len(), &object.tags)
    }
}

fn enough(newer: usize, wanted: Option<u32>) -> bool {
    wanted.is_none_or(|wanted| newer as u64 >= u64::from(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::engine::http_date;
    use crate::s3::engine::lifecycle::{
        LifecycleFilter, MinimumTransitionSize, NoncurrentExpiration, Transition, When,
    };
    use crate::s3::engine::tests::{key, object_at};

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn rule() -> LifecycleRule {
        LifecycleRule {
            id: "rule".into(),
            is_enabled: true,
            filter: LifecycleFilter::default(),
            expiration: None,
            transitions: Vec::new(),
            noncurrent_expiration: None,
            noncurrent_transitions: Vec::new(),
            abort_uploads_after_days: None,
        }
    }

    fn rules(rules: Vec<LifecycleRule>) -> LifecycleConfiguration {
        LifecycleConfiguration { rules, minimum_transition_size: MinimumTransitionSize::VariesByStorageClass }
    }

    #[test]
    fn days_end_at_midnight() {
        // The example of the user guide: 15 January 2014, 10:30, and three days.
        let written = at(1_389_781_800);
        assert_eq!(http_date(days_after(written, 3)), "Sun, 19 Jan 2014 00:00:00 GMT");
        assert_eq!(days_after(at(DAY), 1), at(2 * DAY));
        assert_eq!(days_after(at(DAY + 1), 1), at(3 * DAY));
    }

    #[test]
    fn the_earliest_of_the_rules_that_apply_expires_an_object() {
        let object = object_at(at(10));
        let expiring = |id: &str, days, prefix: &str| LifecycleRule {
            id: id.into(),
            filter: LifecycleFilter { prefix: Some(prefix.into()), ..LifecycleFilter::default() },
            expiration: Some(Expiration::At(When::Days(days))),
            ..rule()
        };
        let off = LifecycleRule { is_enabled: false, ..expiring("off", 1, "") };
        let all =
            rules(vec![off, expiring("late", 9, ""), expiring("soon", 3, "logs/"), expiring("also", 3, "")]);
        assert_eq!(all.expiration(&key("logs/a"), &object), Some((at(4 * DAY), "soon")));
        assert_eq!(all.expiration(&key("a"), &object), Some((at(4 * DAY), "also")));
    }

    #[test]
    fn a_filter_wants_all_that_it_says() {
        let tags = TagSet::new([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]).unwrap();
        let filter = LifecycleFilter {
            prefix: Some("logs/".into()),
            tags: vec![("b".into(), "2".into())],
            larger_than: Some(10),
            smaller_than: Some(20),
            ..LifecycleFilter::default()
        };
        assert!(filter.matches(&key("logs/a"), 11, &tags));
        assert!(!filter.matches(&key("log"), 11, &tags));
        assert!(!filter.matches(&key("logs/a"), 10, &tags) && !filter.matches(&key("logs/a"), 20, &tags));
        assert!(!filter.matches(&key("logs/a"), 11, &TagSet::default()));
    }

    #[test]
    fn transitions_lead_downwards_to_the_lowest_class_that_is_due() {
        let transition = |days, storage_class| Transition { when: When::Days(days), storage_class };
        let all = rules(vec![LifecycleRule {
            transitions: vec![
                transition(30, StorageClass::Glacier),
                transition(90, StorageClass::DeepArchive),
            ],
            ..rule()
        }]);
        let mut object = object_at(at(10));
        let class = |object: &Object, day| all.transition(&key("a"), object, at(day * DAY));
        assert_eq!(class(&object, 30), None);
        assert_eq!(class(&object, 31), Some(StorageClass::Glacier));
        assert_eq!(class(&object, 91), Some(StorageClass::DeepArchive));
        object.storage_class = StorageClass::DeepArchive;
        assert_eq!(class(&object, 91), None);
        let small = LifecycleConfiguration {
            minimum_transition_size: MinimumTransitionSize::AllStorageClasses128K,
            ..all.clone()
        };
        object.storage_class = StorageClass::Standard;
        assert_eq!(small.transition(&key("a"), &object, at(91 * DAY)), None, "three bytes are too few");
    }

    #[test]
    fn newer_noncurrent_versions_stay() {
        let all = rules(vec![LifecycleRule {
            noncurrent_expiration: Some(NoncurrentExpiration { days: 5, newer_versions: Some(2) }),
            ..rule()
        }]);
        let expires = |newer, day| all.expires_noncurrent(&key("a"), None, at(10), newer, at(day * DAY));
        assert!(expires(2, 6) && !expires(1, 6) && !expires(2, 5));
    }
}
