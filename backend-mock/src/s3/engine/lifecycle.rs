//! Lifecycle rules of a bucket: what they say, and what they apply to. When it falls due is said in `due`.

mod due;

use std::sync::Arc;
use std::time::SystemTime;

use self::due::days_after;
use super::{
    Bucket, Caller, Code, Engine, Error, MultipartUpload, Object, ObjectKey, StorageClass, TagSet, http_date,
};

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

pub(super) use due::day_of;

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
        self.bucket_mut(caller, bucket)?.lifecycle = configuration.map(Arc::new);
        self.lifecycle_day = None;
        Ok(())
    }
}
