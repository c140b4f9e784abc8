//! Lifecycle rules of a bucket: what they apply to, and when what they say falls due.

use std::time::{Duration, SystemTime};

use super::{
    Bucket, Caller, Code, Engine, Error, MultipartUpload, Object, ObjectKey, StorageClass, TagSet, http_date,
};

const DAY: u64 = 24 * 60 * 60;

/// The rules of a bucket, in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LifecycleConfiguration {
    pub(crate) rules: Vec<LifecycleRule>,
    pub(crate) minimum_transition_size: MinimumTransitionSize,
}

/// Which objects are too small for a transition, unless their rule says something of sizes itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MinimumTransitionSize {
    /// Those below 128 KiB.
    #[default]
    AllStorageClasses128K,
    /// Those below 128 KiB, except into the archives.
    VariesByStorageClass,
}

impl MinimumTransitionSize {
    const BYTES: u64 = 128 << 10;

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::AllStorageClasses128K, Self::VariesByStorageClass]
            .into_iter()
            .find(|size| size.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::AllStorageClasses128K => "all_storage_classes_128K",
            Self::VariesByStorageClass => "varies_by_storage_class",
        }
    }

    fn allows(self, size: u64, into: StorageClass) -> bool {
        size >= Self::BYTES || (self == Self::VariesByStorageClass && into.is_archive())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LifecycleRule {
    pub(crate) id: String,
    pub(crate) is_enabled: bool,
    pub(crate) filter: LifecycleFilter,
    pub(crate) expiration: Option<Expiration>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) noncurrent_expiration: Option<NoncurrentExpiration>,
    pub(crate) noncurrent_transitions: Vec<NoncurrentTransition>,
    /// After how many days an upload that is not completed is aborted.
    pub(crate) abort_uploads_after_days: Option<u32>,
}

/// What a rule applies to: everything of which all that it says holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LifecycleFilter {
    pub(crate) form: FilterForm,
    pub(crate) prefix: Option<String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) larger_than: Option<u64>,
    pub(crate) smaller_than: Option<u64>,
}

/// How the request wrote its filter, and how it is told again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FilterForm {
    /// A `Filter` with at most one element.
    #[default]
    Single,
    /// A `Filter` with an `And`.
    And,
    /// A `Prefix` of the rule itself.
    RulePrefix,
}

impl LifecycleFilter {
    fn matches(&self, key: &ObjectKey, size: u64, tags: &TagSet) -> bool {
        self.matches_key(key)
            && self.larger_than.is_none_or(|bound| size > bound)
            && self.smaller_than.is_none_or(|bound| size < bound)
            && self
                .tags
                .iter()
                .all(|wanted| tags.iter().any(|(key, value)| wanted.0 == key && wanted.1 == value))
    }

    fn matches_key(&self, key: &ObjectKey) -> bool {
        self.prefix.as_deref().is_none_or(|prefix| key.as_str().starts_with(prefix))
    }

    fn has_size(&self) -> bool {
        self.larger_than.is_some() || self.smaller_than.is_some()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiration {
    At(When),
    /// Delete markers behind which nothing is left.
    ExpiredObjectDeleteMarker(bool),
}

/// From when on an action applies to an object: by its age, or from a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Days(u32),
    Date(SystemTime),
}

impl When {
    fn of(self, written: SystemTime) -> SystemTime {
        match self {
            Self::Days(days) => days_after(written, days),
            Self::Date(date) => date,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transition {
    pub(crate) when: When,
    pub(crate) storage_class: StorageClass,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoncurrentExpiration {
    pub(crate) days: u32,
    /// How many newer noncurrent versions stay, whatever their age.
    pub(crate) newer_versions: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoncurrentTransition {
    pub(crate) days: u32,
    pub(crate) newer_versions: Option<u32>,
    pub(crate) storage_class: StorageClass,
}

/// Days after a time, rounded up to the next midnight UTC.
pub(super) fn days_after(time: SystemTime, days: u32) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let nights = (since.as_secs() + u64::from(since.subsec_nanos() > 0)).div_ceil(DAY);
    SystemTime::UNIX_EPOCH + Duration::from_secs((nights + u64::from(days)) * DAY)
}

/// A day as a number, to tell whether midnight has passed.
pub(super) fn day_of(time: SystemTime) -> u64 {
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
    pub(super) fn expiration(&self, key: &ObjectKey, object: &Object) -> Option<(SystemTime, &str)> {
        let due = self.enabled().filter_map(|rule| match rule.expiration {
            Some(Expiration::At(when)) if rule.applies_to(key, object) => {
                Some((when.of(object.last_modified), rule.id.as_str()))
            }
            _ => None,
        });
        due.min_by_key(|(due, _)| *due)
    }

    /// The class that a current object has got by `now`, if it is another.
    pub(super) fn transition(
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

    /// Whether a noncurrent version is gone by `now`, which has been one since a time and has so many newer ones above it.
    pub(super) fn expires_noncurrent(
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
    pub(super) fn noncurrent_transition(
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

    /// Whether a delete marker behind which nothing is left is gone by `now`.
    pub(super) fn expires_marker(&self, key: &ObjectKey, written: SystemTime, now: SystemTime) -> bool {
        self.enabled().filter(|rule| rule.filter.matches(key, 0, &TagSet::default())).any(|rule| {
            match rule.expiration {
                Some(Expiration::ExpiredObjectDeleteMarker(expires)) => {
                    expires && days_after(written, 0) <= now
                }
                Some(Expiration::At(When::Days(days))) => days_after(written, days) <= now,
                Some(Expiration::At(When::Date(_))) | None => false,
            }
        })
    }

    /// When an upload is aborted, and by which rule.
    pub(super) fn abortion(&self, key: &ObjectKey, initiated: SystemTime) -> Option<(SystemTime, &str)> {
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

/// When a rule acts on something and which, as two headers or the two halves of one tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) date: String,
    pub(crate) rule_id: String,
}

impl Due {
    fn of((date, rule_id): (SystemTime, &str)) -> Self {
        Self { date: http_date(date), rule_id: rule_id.to_owned() }
    }
}

impl Bucket {
    /// When the current object of a key expires.
    pub(super) fn expiration(&self, key: &ObjectKey, object: &Object) -> Option<Due> {
        self.lifecycle.as_ref()?.expiration(key, object).map(Due::of)
    }
}

impl Engine {
    /// When an upload is aborted unless it is completed.
    pub(crate) fn upload_abortion(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        upload: &MultipartUpload,
    ) -> Result<Option<Due>, Error> {
        let lifecycle = self.bucket(caller, bucket)?.lifecycle.as_ref();
        Ok(lifecycle.and_then(|lifecycle| lifecycle.abortion(key, upload.initiated)).map(Due::of))
    }

    /// # Errors
    /// `NoSuchLifecycleConfiguration`.
    pub(crate) fn lifecycle_configuration(
        &self,
        caller: &Caller,
        bucket: &str,
    ) -> Result<LifecycleConfiguration, Error> {
        let configuration = self.bucket(caller, bucket)?.lifecycle.as_deref();
        configuration
            .cloned()
            .ok_or_else(|| Error::new(Code::NoSuchLifecycleConfiguration).with("BucketName", bucket))
    }

    /// Puts rules in place of those that are there. What falls due by them at once is done before the next request.
    pub(crate) fn put_lifecycle_configuration(
        &mut self,
        caller: &Caller,
        bucket: &str,
        configuration: Option<LifecycleConfiguration>,
    ) -> Result<(), Error> {
        self.bucket_mut(caller, bucket)?.lifecycle = configuration.map(std::sync::Arc::new);
        self.lifecycle_day = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
