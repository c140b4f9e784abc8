//! Lifecycle rules as a document tells them again.

use s3s::dto::*;

use crate::s3::engine::{self, FilterForm, LifecycleFilter, StorageClass as Class, When};

/// A rule as it came.
pub(super) fn rule(rule: &engine::LifecycleRule) -> LifecycleRule {
    let number = |value: u32| i32::try_from(value).ok();
    let class = |class: Class| Some(TransitionStorageClass::from_static(class.as_str()));
    let status = if rule.is_enabled { ExpirationStatus::ENABLED } else { ExpirationStatus::DISABLED };
    let (filter, prefix) = filter_of(&rule.filter);
    let parts = |when: When| match when {
        When::Days(days) => (number(days), None),
        When::Date(date) => (None, Some(Timestamp::from(date))),
    };
    LifecycleRule {
        abort_incomplete_multipart_upload: rule
            .abort_uploads_after_days
            .map(|days| AbortIncompleteMultipartUpload { days_after_initiation: number(days) }),
        expiration: rule.expiration.map(|expiration| match expiration {
            engine::Expiration::At(when) => {
                let (days, date) = parts(when);
                LifecycleExpiration { date, days, expired_object_delete_marker: None }
            }
            engine::Expiration::ExpiredObjectDeleteMarker(expires) => {
                LifecycleExpiration { date: None, days: None, expired_object_delete_marker: Some(expires) }
            }
        }),
        filter,
        id: Some(rule.id.clone()),
        noncurrent_version_expiration: rule.noncurrent_expiration.map(|expiration| {
            NoncurrentVersionExpiration {
                newer_noncurrent_versions: expiration.newer_versions.and_then(number),
                noncurrent_days: number(expiration.days),
            }
        }),
        noncurrent_version_transitions: (!rule.noncurrent_transitions.is_empty()).then(|| {
            let told = rule.noncurrent_transitions.iter().map(|transition| NoncurrentVersionTransition {
                newer_noncurrent_versions: transition.newer_versions.and_then(number),
                noncurrent_days: number(transition.days),
                storage_class: class(transition.storage_class),
            });
            told.collect()
        }),
        prefix,
        status: ExpirationStatus::from_static(status),
        transitions: (!rule.transitions.is_empty()).then(|| {
            let told = rule.transitions.iter().map(|transition| {
                let (days, date) = parts(transition.when);
                Transition { date, days, storage_class: class(transition.storage_class) }
            });
            told.collect()
        }),
    }
}

/// The filter of a rule, or the rule's own prefix.
fn filter_of(filter: &LifecycleFilter) -> (Option<LifecycleRuleFilter>, Option<String>) {
    let bytes = |size: u64| i64::try_from(size).ok();
    let tags =
        filter.tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) });
    let prefix = filter.prefix.clone();
    let (larger, smaller) = (filter.larger_than.and_then(bytes), filter.smaller_than.and_then(bytes));
    let told = match filter.form {
        FilterForm::RulePrefix => return (None, prefix),
        FilterForm::Single => LifecycleRuleFilter {
            and: None,
            object_size_greater_than: larger,
            object_size_less_than: smaller,
            prefix,
            tag: tags.into_iter().next(),
        },
        FilterForm::And => LifecycleRuleFilter {
            and: Some(LifecycleRuleAndOperator {
                object_size_greater_than: larger,
                object_size_less_than: smaller,
                prefix,
                tags: (!filter.tags.is_empty()).then(|| tags.collect()),
            }),
            ..LifecycleRuleFilter::default()
        },
    };
    (Some(told), None)
}
