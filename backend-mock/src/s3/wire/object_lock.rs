//! Object lock: of a bucket, of a version, and in the headers of a request that writes one.

use std::time::SystemTime;

use http::HeaderMap;
use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::call::Call;
use super::response::insert;
use super::timestamp::{iso_8601, parse_iso_8601, system_time};
use super::versioning::version_id;
use crate::s3::engine::{self, Code, Error, ObjectKey, Retention, RetentionMode, RetentionPeriod};

const MODE: &str = "x-amz-object-lock-mode";
const RETAIN_UNTIL_DATE: &str = "x-amz-object-lock-retain-until-date";
const LEGAL_HOLD: &str = "x-amz-object-lock-legal-hold";

/// The lock that the request's headers ask for, checked in the order in which S3 does.
pub(super) fn asked(call: &Call) -> Result<engine::ObjectLock, Error> {
    let unpaired = |missing| {
        let message = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
        Err(Error::with_message(Code::InvalidArgument, message).with("ArgumentName", missing))
    };
    let dated = match (call.header(MODE), call.header(RETAIN_UNTIL_DATE)) {
        (None, None) => None,
        (Some(_), None) => return unpaired(RETAIN_UNTIL_DATE),
        (None, Some(_)) => return unpaired(MODE),
        (Some(mode), Some(date)) => {
            let until = parse_iso_8601(date).ok_or_else(|| {
                let message = "The retain until date must be provided in ISO 8601 format";
                Error::invalid_argument(message, RETAIN_UNTIL_DATE, date)
            })?;
            check_future(until, call, RETAIN_UNTIL_DATE, date)?;
            Some((mode, until))
        }
    };
    let legal_hold = match call.header(LEGAL_HOLD) {
        None => None,
        Some("ON") => Some(true),
        Some("OFF") => Some(false),
        Some(other) => {
            let message = "Legal Hold must be either of 'ON' or 'OFF'";
            return Err(Error::invalid_argument(message, LEGAL_HOLD, other));
        }
    };
    let retention = match dated {
        None => None,
        Some((mode, until)) => {
            let unknown = || Error::invalid_argument("Unknown wormMode directive.", MODE, mode);
            Some(Retention { mode: RetentionMode::parse(mode).ok_or_else(unknown)?, until })
        }
    };
    Ok(engine::ObjectLock { retention, legal_hold })
}

fn check_future(until: SystemTime, call: &Call, argument: &str, written: &str) -> Result<(), Error> {
    if until > call.context().now {
        return Ok(());
    }
    Err(Error::invalid_argument("The retain until date must be in the future!", argument, written))
}

/// Whether the request bypasses governance, if it says so at all.
pub(super) fn bypass(call: &Call) -> Option<bool> {
    call.header("x-amz-bypass-governance-retention").map(|text| text.eq_ignore_ascii_case("true"))
}

/// Tells what holds a version.
pub(super) fn insert_lock(headers: &mut HeaderMap, lock: &engine::ObjectLock) {
    if let Some(retention) = lock.retention {
        insert(headers, MODE, retention.mode.as_str());
        insert(headers, RETAIN_UNTIL_DATE, &iso_8601(retention.until));
    }
    if let Some(hold) = lock.legal_hold {
        insert(headers, LEGAL_HOLD, on_off(hold));
    }
}

fn on_off(hold: bool) -> &'static str {
    if hold { ObjectLockLegalHoldStatus::ON } else { ObjectLockLegalHoldStatus::OFF }
}

pub(super) async fn get_object_lock_configuration(
    operations: &Operations,
    call: &Call,
    input: GetObjectLockConfigurationInput,
) -> Result<S3Response<GetObjectLockConfigurationOutput>, Error> {
    let configuration = operations.engine().object_lock_configuration(&call.caller(), &input.bucket)?;
    let rule = configuration.default_retention.map(|default| {
        let (days, years) = match default.period {
            RetentionPeriod::Days(days) => (i32::try_from(days).ok(), None),
            RetentionPeriod::Years(years) => (None, i32::try_from(years).ok()),
        };
        let mode = Some(ObjectLockRetentionMode::from_static(default.mode.as_str()));
        ObjectLockRule { default_retention: Some(DefaultRetention { days, mode, years }) }
    });
    Ok(S3Response::new(GetObjectLockConfigurationOutput {
        object_lock_configuration: Some(ObjectLockConfiguration {
            object_lock_enabled: Some(ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED)),
            rule,
        }),
    }))
}

pub(super) async fn put_object_lock_configuration(
    operations: &Operations,
    call: &Call,
    input: PutObjectLockConfigurationInput,
) -> Result<S3Response<PutObjectLockConfigurationOutput>, Error> {
    let malformed = || Error::new(Code::MalformedXML);
    let caller = call.caller();
    operations.engine().head_bucket(&caller, &input.bucket).map(drop)?;
    let missing = || Error::new(Code::MissingRequestBodyError);
    let asked = input.object_lock_configuration.ok_or_else(missing)?;
    if asked.object_lock_enabled.as_ref().map(ObjectLockEnabled::as_str) != Some(ObjectLockEnabled::ENABLED) {
        return Err(malformed());
    }
    let default_retention = match asked.rule {
        None => None,
        Some(rule) => {
            let default = rule.default_retention.ok_or_else(malformed)?;
            let mode = default.mode.as_ref().and_then(|mode| RetentionMode::parse(mode.as_str()));
            Some(engine::DefaultRetention {
                mode: mode.ok_or_else(malformed)?,
                period: RetentionPeriod::new(default.days, default.years)?,
            })
        }
    };
    let configuration = engine::ObjectLockConfiguration { default_retention };
    operations.engine().put_object_lock_configuration(&caller, &input.bucket, configuration)?;
    Ok(S3Response::new(PutObjectLockConfigurationOutput::default()))
}

pub(super) async fn get_object_retention(
    operations: &Operations,
    call: &Call,
    input: GetObjectRetentionInput,
) -> Result<S3Response<GetObjectRetentionOutput>, Error> {
    let (key, asked) = (ObjectKey::parse(&input.key)?, version_id(input.version_id.as_deref())?);
    let lock = operations.engine().object_lock(&call.caller(), &input.bucket, &key, asked)?;
    let retention = lock.retention.ok_or_else(|| Error::new(Code::NoSuchObjectLockConfiguration))?;
    Ok(S3Response::new(GetObjectRetentionOutput {
        retention: Some(ObjectLockRetention {
            mode: Some(ObjectLockRetentionMode::from_static(retention.mode.as_str())),
            retain_until_date: Some(retention.until.into()),
        }),
    }))
}

pub(super) async fn put_object_retention(
    operations: &Operations,
    call: &Call,
    input: PutObjectRetentionInput,
) -> Result<S3Response<PutObjectRetentionOutput>, Error> {
    let (key, asked) = (ObjectKey::parse(&input.key)?, version_id(input.version_id.as_deref())?);
    let malformed = || Error::new(Code::MalformedXML);
    let written = input.retention.ok_or_else(malformed)?;
    let retention = match (written.mode, written.retain_until_date) {
        // An empty retention takes away the one that is there.
        (None, None) => None,
        (Some(mode), Some(date)) => {
            let mode = RetentionMode::parse(mode.as_str()).ok_or_else(malformed)?;
            let until = system_time(&date).ok_or_else(malformed)?;
            check_future(until, call, "RetainUntilDate", &iso_8601(until))?;
            Some(Retention { mode, until })
        }
        _ => return Err(malformed()),
    };
    operations.engine().put_object_retention(
        &call.caller(),
        &input.bucket,
        &key,
        asked,
        retention,
        bypass(call),
    )?;
    Ok(S3Response::new(PutObjectRetentionOutput::default()))
}

pub(super) async fn get_object_legal_hold(
    operations: &Operations,
    call: &Call,
    input: GetObjectLegalHoldInput,
) -> Result<S3Response<GetObjectLegalHoldOutput>, Error> {
    let (key, asked) = (ObjectKey::parse(&input.key)?, version_id(input.version_id.as_deref())?);
    let lock = operations.engine().object_lock(&call.caller(), &input.bucket, &key, asked)?;
    let hold = lock.legal_hold.ok_or_else(|| Error::new(Code::NoSuchObjectLockConfiguration))?;
    Ok(S3Response::new(GetObjectLegalHoldOutput {
        legal_hold: Some(ObjectLockLegalHold {
            status: Some(ObjectLockLegalHoldStatus::from_static(on_off(hold))),
        }),
    }))
}

pub(super) async fn put_object_legal_hold(
    operations: &Operations,
    call: &Call,
    input: PutObjectLegalHoldInput,
) -> Result<S3Response<PutObjectLegalHoldOutput>, Error> {
    let (key, asked) = (ObjectKey::parse(&input.key)?, version_id(input.version_id.as_deref())?);
    let status = input.legal_hold.and_then(|hold| hold.status);
    let hold = match status.as_ref().map(ObjectLockLegalHoldStatus::as_str) {
        Some(ObjectLockLegalHoldStatus::ON) => true,
        Some(ObjectLockLegalHoldStatus::OFF) => false,
        _ => return Err(Error::new(Code::MalformedXML)),
    };
    operations.engine().put_object_legal_hold(&call.caller(), &input.bucket, &key, asked, hold)?;
    Ok(S3Response::new(PutObjectLegalHoldOutput::default()))
}
