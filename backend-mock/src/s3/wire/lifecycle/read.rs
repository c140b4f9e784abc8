//! Lifecycle rules as a document says them, checked as S3 checks them.

use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use s3s::dto::*;

use crate::s3::engine::{self, Code, Error, FilterForm, LifecycleFilter, StorageClass as Class, When};
use crate::s3::wire::timestamp::system_time;

const MAX_ID_LENGTH: usize = 255;
const MAX_SIZE: u64 = 1_099_511_627_776_000;

fn malformed() -> Error {
    Error::new(Code::MalformedXML)
}

fn invalid(message: impl Into<String>) -> Error {
    Error::with_message(Code::InvalidArgument, message.into())
}

/// A configuration is of the old form, with prefixes of rules, or of the new one, with filters.
pub(super) fn check_form(rules: &[LifecycleRule]) -> Result<(), Error> {
    let mut first_has_filter = None;
    for rule in rules {
        let has_filter = match (&rule.filter, &rule.prefix) {
            (Some(_), None) => true,
            (None, Some(_)) => false,
            _ => return Err(malformed()),
        };
        match (*first_has_filter.get_or_insert(has_filter), has_filter) {
            (false, true) => {
                return Err(Error::invalid_request("Filter element can only be used in Lifecycle V2."));
            }
            (true, false) => {
                return Err(Error::invalid_request(
                    "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.",
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The rule that a document says; one without an id gets one.
pub(super) fn rule(
    rule: LifecycleRule,
    uuid: impl FnOnce() -> String,
) -> Result<engine::LifecycleRule, Error> {
    let id = rule.id.filter(|id| !id.is_empty()).unwrap_or_else(|| BASE64_STANDARD.encode(uuid()));
    if id.len() > MAX_ID_LENGTH {
        return Err(invalid("ID length should not exceed allowed limit of 255"));
    }
    let is_enabled = match rule.status.as_str() {
        ExpirationStatus::ENABLED => true,
        ExpirationStatus::DISABLED => false,
        _ => return Err(malformed()),
    };
    let filter = filter(rule.filter, rule.prefix)?;
    let (transitions, noncurrent_transitions) =
        (rule.transitions.unwrap_or_default(), rule.noncurrent_version_transitions.unwrap_or_default());
    if rule.expiration.is_none()
        && transitions.is_empty()
        && noncurrent_transitions.is_empty()
        && rule.noncurrent_version_expiration.is_none()
        && rule.abort_incomplete_multipart_upload.is_none()
    {
        return Err(Error::invalid_request("At least one action needs to be specified in a rule"));
    }
    let rule = engine::LifecycleRule {
        id,
        is_enabled,
        expiration: rule.expiration.map(|asked| expiration(asked, &filter)).transpose()?,
        transitions: transitions.into_iter().map(transition).collect::<Result<_, _>>()?,
        noncurrent_expiration: rule
            .noncurrent_version_expiration
            .map(|expiration| noncurrent_expiration(expiration, &filter))
            .transpose()?,
        noncurrent_transitions: noncurrent_transitions
            .into_iter()
            .map(noncurrent_transition)
            .collect::<Result<_, _>>()?,
        abort_uploads_after_days: rule
            .abort_incomplete_multipart_upload
            .map(|abort| abortion(&abort, &filter))
            .transpose()?,
        filter,
    };
    check_together(&rule)?;
    Ok(rule)
}

fn filter(filter: Option<LifecycleRuleFilter>, prefix: Option<String>) -> Result<LifecycleFilter, Error> {
    let Some(filter) = filter else {
        return Ok(LifecycleFilter { form: FilterForm::RulePrefix, prefix, ..LifecycleFilter::default() });
    };
    let tag = |tag: Tag| Ok((tag.key.ok_or_else(malformed)?, tag.value.unwrap_or_default()));
    let size = |bytes: i64, min: u64, name: &str| match u64::try_from(bytes) {
        Ok(bytes) if (min..=MAX_SIZE).contains(&bytes) => Ok(bytes),
        _ => Err(Error::invalid_request(format!("'{name}' should be between {min} and {MAX_SIZE}."))),
    };
    let predicates = usize::from(filter.prefix.is_some())
        + usize::from(filter.tag.is_some())
        + usize::from(filter.object_size_greater_than.is_some())
        + usize::from(filter.object_size_less_than.is_some())
        + usize::from(filter.and.is_some());
    if predicates > 1 {
        return Err(malformed());
    }
    let (form, prefix, tags, larger, smaller) = match filter.and {
        None => (
            FilterForm::Single,
            filter.prefix,
            filter.tag.into_iter().collect(),
            filter.object_size_greater_than,
            filter.object_size_less_than,
        ),
        Some(and) => (
            FilterForm::And,
            and.prefix,
            and.tags.unwrap_or_default(),
            and.object_size_greater_than,
            and.object_size_less_than,
        ),
    };
    let joined = usize::from(prefix.is_some())
        + tags.len()
        + usize::from(larger.is_some())
        + usize::from(smaller.is_some());
    if form == FilterForm::And && joined < 2 {
        return Err(malformed());
    }
    let tags: Vec<(String, String)> = tags.into_iter().map(tag).collect::<Result<_, Error>>()?;
    if tags.iter().enumerate().any(|(at, (key, _))| tags[..at].iter().any(|(earlier, _)| earlier == key)) {
        return Err(Error::invalid_request("Duplicate Tag Keys are not allowed."));
    }
    let larger_than = larger.map(|bytes| size(bytes, 0, "ObjectSizeGreaterThan")).transpose()?;
    let smaller_than = smaller.map(|bytes| size(bytes, 1, "ObjectSizeLessThan")).transpose()?;
    if larger_than.zip(smaller_than).is_some_and(|(larger, smaller)| larger >= smaller) {
        return Err(Error::invalid_request(
            "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
        ));
    }
    Ok(LifecycleFilter { form, prefix, tags, larger_than, smaller_than })
}

fn expiration(
    expiration: LifecycleExpiration,
    filter: &LifecycleFilter,
) -> Result<engine::Expiration, Error> {
    match (expiration.days, expiration.date, expiration.expired_object_delete_marker) {
        (Some(days), None, None) => {
            let days = positive(days, "'Days' for Expiration action must be a positive integer")?;
            Ok(engine::Expiration::At(When::Days(days)))
        }
        (None, Some(date), None) => Ok(engine::Expiration::At(When::Date(midnight(&date)?))),
        (None, None, Some(expires)) => {
            check_untagged_and_unsized("ExpiredObjectDeleteMarker", filter)?;
            Ok(engine::Expiration::ExpiredObjectDeleteMarker(expires))
        }
        _ => Err(malformed()),
    }
}

fn transition(transition: Transition) -> Result<engine::Transition, Error> {
    let storage_class = storage_class(transition.storage_class.as_ref())?;
    let when = match (transition.days, transition.date) {
        (Some(days), None) => {
            let days = u32::try_from(days)
                .map_err(|_| invalid("'Days' in Transition action must be nonnegative"))?;
            check_patience(days, storage_class, "'Days' in Transition action")?;
            When::Days(days)
        }
        (None, Some(date)) => When::Date(midnight(&date)?),
        _ => return Err(malformed()),
    };
    Ok(engine::Transition { when, storage_class })
}

fn noncurrent_expiration(
    expiration: NoncurrentVersionExpiration,
    filter: &LifecycleFilter,
) -> Result<engine::NoncurrentExpiration, Error> {
    let message = "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer";
    let days = positive(expiration.noncurrent_days.ok_or_else(malformed)?, message)?;
    let newer_versions = newer_versions(expiration.newer_noncurrent_versions, filter)?;
    Ok(engine::NoncurrentExpiration { days, newer_versions })
}

fn noncurrent_transition(
    transition: NoncurrentVersionTransition,
) -> Result<engine::NoncurrentTransition, Error> {
    let storage_class = storage_class(transition.storage_class.as_ref())?;
    let days = u32::try_from(transition.noncurrent_days.ok_or_else(malformed)?)
        .map_err(|_| invalid("'NoncurrentDays' in NoncurrentVersionTransition action must be nonnegative"))?;
    check_patience(days, storage_class, "'NoncurrentDays' in NoncurrentVersionTransition action")?;
    let newer_versions = newer_versions(transition.newer_noncurrent_versions, &LifecycleFilter::default())?;
    Ok(engine::NoncurrentTransition { days, newer_versions, storage_class })
}

fn abortion(abort: &AbortIncompleteMultipartUpload, filter: &LifecycleFilter) -> Result<u32, Error> {
    let message =
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer";
    let days = positive(abort.days_after_initiation.ok_or_else(malformed)?, message)?;
    check_untagged_and_unsized("AbortIncompleteMultipartUpload", filter)?;
    Ok(days)
}

/// What the actions of one rule may not say beside each other.
fn check_together(rule: &engine::LifecycleRule) -> Result<(), Error> {
    let about = format!("'(prefix={})'", rule.filter.prefix.as_deref().unwrap_or_default());
    let classes = rule.transitions.iter().enumerate();
    if classes.clone().any(|(at, one)| {
        rule.transitions[..at].iter().any(|earlier| earlier.storage_class == one.storage_class)
    }) {
        return Err(Error::invalid_request(format!(
            "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter {about}"
        )));
    }
    let expiration = match rule.expiration {
        Some(engine::Expiration::At(when)) => Some(when),
        _ => None,
    };
    let mut by_date = rule.transitions.iter().map(|one| one.when).chain(expiration);
    let mixed = by_date.next().is_some_and(|first| {
        by_date.any(|other| matches!(first, When::Date(_)) != matches!(other, When::Date(_)))
    });
    if mixed {
        return Err(Error::invalid_request(format!(
            "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter {about}"
        )));
    }
    if let Some(When::Days(expires)) = expiration
        && rule.transitions.iter().any(|one| matches!(one.when, When::Days(moves) if moves >= expires))
    {
        return Err(invalid(format!(
            "'Days' in the Expiration action for filter {about} must be greater than 'Days' in the Transition action"
        )));
    }
    Ok(())
}

fn positive(value: i32, message: &'static str) -> Result<u32, Error> {
    u32::try_from(value).ok().filter(|value| *value > 0).ok_or_else(|| invalid(message))
}

fn midnight(date_given: &Timestamp) -> Result<SystemTime, Error> {
    let date = system_time(date_given).ok_or_else(malformed)?;
    let since = date.duration_since(SystemTime::UNIX_EPOCH).map_err(|_| malformed())?;
    match since.as_millis() % (24 * 60 * 60 * 1000) {
        0 => Ok(date),
        _ => {
            let mut text = Vec::new();
            date_given.format(TimestampFormat::DateTime, &mut text).map_err(|_| malformed())?;
            let text = String::from_utf8_lossy(&text);
            Err(Error::invalid_argument("'Date' must be at midnight GMT", "Date", text))
        }
    }
}

fn storage_class(class: Option<&TransitionStorageClass>) -> Result<Class, Error> {
    let class = class.and_then(|class| Class::parse(class.as_str()).ok()).ok_or_else(malformed)?;
    match class {
        Class::Standard | Class::ReducedRedundancy => Err(malformed()),
        class => Ok(class),
    }
}

/// Objects stay for 30 days before they go where access costs extra.
fn check_patience(days: u32, class: Class, what: &str) -> Result<(), Error> {
    match class {
        Class::StandardIa | Class::OnezoneIa if days < 30 => Err(invalid(format!(
            "{what} must be greater than or equal to 30 for storageClass '{}'",
            class.as_str()
        ))),
        _ => Ok(()),
    }
}

/// How many newer noncurrent versions a rule may keep, says the user guide.
const MAX_NEWER_VERSIONS: u32 = 100;

fn newer_versions(asked: Option<i32>, filter: &LifecycleFilter) -> Result<Option<u32>, Error> {
    let Some(asked) = asked else { return Ok(None) };
    if filter.form == FilterForm::RulePrefix {
        return Err(Error::invalid_request(
            "NewerNoncurrentVersions element can only be used in Lifecycle V2.",
        ));
    }
    match positive(asked, "'NewerNoncurrentVersions' must be a positive integer")? {
        newer @ ..=MAX_NEWER_VERSIONS => Ok(Some(newer)),
        _ => Err(invalid(format!(
            "'NewerNoncurrentVersions' must be less than or equal to {MAX_NEWER_VERSIONS}"
        ))),
    }
}

fn check_untagged_and_unsized(action: &str, filter: &LifecycleFilter) -> Result<(), Error> {
    let what = match filter {
        LifecycleFilter { tags, .. } if !tags.is_empty() => "Tags",
        LifecycleFilter { larger_than: Some(_), .. } | LifecycleFilter { smaller_than: Some(_), .. } => {
            "Object Size"
        }
        _ => return Ok(()),
    };
    Err(Error::invalid_request(format!("{action} cannot be specified with {what}.")))
}
