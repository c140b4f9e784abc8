//! Object lock: versions that cannot be deleted until a date, or while a legal hold is on them.

use std::time::{Duration, SystemTime};

use super::{Bucket, Caller, Code, Engine, Error, Object, ObjectKey, VersionId, Versioning};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetentionMode {
    /// Who may bypass it can shorten it, take it away, and delete the version.
    Governance,
    /// Nobody can, not even the owner.
    Compliance,
}

impl RetentionMode {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "GOVERNANCE" => Some(Self::Governance),
            "COMPLIANCE" => Some(Self::Compliance),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }
}

/// Until when a version stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retention {
    pub(crate) mode: RetentionMode,
    pub(crate) until: SystemTime,
}

/// What holds a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ObjectLock {
    pub(crate) retention: Option<Retention>,
    /// On, off, or never said.
    pub(crate) legal_hold: Option<bool>,
}

impl ObjectLock {
    const NONE: Self = Self { retention: None, legal_hold: None };

    /// Whether a delete of the version is refused at `now`.
    fn forbids_delete(&self, now: SystemTime, bypass: bool) -> bool {
        let retained = self.retention.is_some_and(|retention| {
            retention.until > now && !(bypass && retention.mode == RetentionMode::Governance)
        });
        retained || self.legal_hold == Some(true)
    }

    /// Whether its retention may become `wanted` at `now`.
    fn allows(&self, wanted: Option<Retention>, now: SystemTime, bypass: bool) -> bool {
        match self.retention.filter(|held| held.until > now) {
            None => true,
            Some(held) if held.mode == RetentionMode::Governance && bypass => true,
            Some(held) => wanted.is_some_and(|wanted| wanted.mode == held.mode && wanted.until >= held.until),
        }
    }
}

/// What new versions of a bucket get when their request says nothing: a mode, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DefaultRetention {
    pub(crate) mode: RetentionMode,
    pub(crate) period: RetentionPeriod,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetentionPeriod {
    Days(u32),
    Years(u32),
}

impl RetentionPeriod {
    const MAX_YEARS: i32 = 100;
    const MAX_DAYS: i32 = 365 * Self::MAX_YEARS;

    /// # Errors
    /// `MalformedXML` unless there is one of the two, `InvalidArgument` for less than one or more than 100 years.
    pub(crate) fn new(days: Option<i32>, years: Option<i32>) -> Result<Self, Error> {
        let bounded = |value: i32, max: i32, name| match u32::try_from(value) {
            Ok(1..) if value <= max => Ok(value.unsigned_abs()),
            Ok(1..) => Err(Error::with_message(Code::InvalidArgument, "Default retention period too large.")
                .with("ArgumentName", name)),
            _ => {
                let message = "Default retention period must be a positive integer value.";
                Err(Error::with_message(Code::InvalidArgument, message).with("ArgumentName", name))
            }
        };
        match (days, years) {
            (Some(days), None) => bounded(days, Self::MAX_DAYS, "Days").map(Self::Days),
            (None, Some(years)) => bounded(years, Self::MAX_YEARS, "Years").map(Self::Years),
            _ => Err(Error::new(Code::MalformedXML)),
        }
    }

    fn duration(self) -> Duration {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        match self {
            Self::Days(days) => DAY * days,
            Self::Years(years) => DAY * 365 * years,
        }
    }
}

/// Object lock of a bucket that has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ObjectLockConfiguration {
    pub(crate) default_retention: Option<DefaultRetention>,
}

impl Object {
    pub(crate) fn lock(&self) -> &ObjectLock {
        self.lock.as_deref().unwrap_or(&ObjectLock::NONE)
    }

    pub(super) fn set_lock(&mut self, lock: ObjectLock) {
        self.lock = (lock != ObjectLock::NONE).then(|| Box::new(lock));
    }
}

impl Bucket {
    /// # Errors
    /// `InvalidRequest` for a lock where there is none.
    pub(super) fn check_lock(&self, asked: &ObjectLock) -> Result<(), Error> {
        if self.object_lock.is_none() && *asked != ObjectLock::NONE {
            return Err(Error::invalid_request("Bucket is missing ObjectLockConfiguration"));
        }
        Ok(())
    }

    /// The lock of a version written at `now` whose request asks for `asked`.
    pub(super) fn lock_of_new(&self, asked: &ObjectLock, now: SystemTime) -> ObjectLock {
        let default = self.object_lock.and_then(|configuration| configuration.default_retention);
        let default =
            default.map(|default| Retention { mode: default.mode, until: now + default.period.duration() });
        ObjectLock { retention: asked.retention.or(default), legal_hold: asked.legal_hold }
    }

    /// # Errors
    /// `AccessDenied` for a version that is held.
    pub(super) fn check_deletable(
        &self,
        object: &Object,
        now: SystemTime,
        bypass: bool,
    ) -> Result<(), Error> {
        match object.lock().forbids_delete(now, bypass) {
            true => Err(protected()),
            false => Ok(()),
        }
    }

    /// # Errors
    /// `InvalidArgument` for the header that bypasses governance where there is nothing to bypass.
    pub(super) fn check_bypass(&self, bypass: Option<bool>) -> Result<bool, Error> {
        const NAME: &str = "x-amz-bypass-governance-retention";
        if bypass.is_some() && self.object_lock.is_none() {
            let message =
                "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.";
            return Err(Error::with_message(Code::InvalidArgument, message).with("ArgumentName", NAME));
        }
        Ok(bypass.unwrap_or(false))
    }

    fn require_object_lock(&self) -> Result<(), Error> {
        match self.object_lock {
            Some(_) => Ok(()),
            None => Err(Error::invalid_request("Bucket is missing Object Lock Configuration")),
        }
    }
}

fn protected() -> Error {
    Error::with_message(Code::AccessDenied, "Access Denied because object protected by object lock.")
}

impl Engine {
    /// Whether an object written now would be held, so that its request has to bring a checksum.
    pub(crate) fn locks_new_objects(
        &self,
        caller: &Caller,
        bucket: &str,
        asked: &ObjectLock,
    ) -> Result<bool, Error> {
        let bucket = self.bucket(caller, bucket)?;
        bucket.check_lock(asked)?;
        Ok(bucket.lock_of_new(asked, caller.now) != ObjectLock::NONE)
    }

    /// # Errors
    /// `ObjectLockConfigurationNotFoundError` for a bucket without object lock.
    pub(crate) fn object_lock_configuration(
        &self,
        caller: &Caller,
        bucket: &str,
    ) -> Result<ObjectLockConfiguration, Error> {
        let configuration = self.bucket(caller, bucket)?.object_lock;
        configuration
            .ok_or_else(|| Error::new(Code::ObjectLockConfigurationNotFoundError).with("BucketName", bucket))
    }

    /// # Errors
    /// `InvalidBucketState` for a bucket that does not keep versions.
    pub(crate) fn put_object_lock_configuration(
        &mut self,
        caller: &Caller,
        bucket: &str,
        configuration: ObjectLockConfiguration,
    ) -> Result<(), Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        if bucket.versioning() != Versioning::Enabled {
            let message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
            return Err(Error::with_message(Code::InvalidBucketState, message));
        }
        bucket.object_lock = Some(configuration);
        Ok(())
    }

    /// What holds a version, in a bucket with object lock.
    pub(crate) fn object_lock(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        version_id: Option<VersionId>,
    ) -> Result<ObjectLock, Error> {
        let bucket = self.bucket(caller, bucket)?;
        bucket.require_object_lock()?;
        Ok(bucket.object(key, version_id)?.lock().clone())
    }

    /// Puts a retention in place of the version's; none takes it away.
    ///
    /// # Errors
    /// `InvalidArgument` for a date that is past, `AccessDenied` where the one that is there does not let it.
    pub(crate) fn put_object_retention(
        &mut self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        version_id: Option<VersionId>,
        retention: Option<Retention>,
        bypass: Option<bool>,
    ) -> Result<(), Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        bucket.require_object_lock()?;
        let bypass = bucket.check_bypass(bypass)?;
        let object = bucket.object_to_change(key, version_id, "PUT")?;
        if !object.lock().allows(retention, caller.now, bypass) {
            return Err(protected());
        }
        let lock = ObjectLock { retention, legal_hold: object.lock().legal_hold };
        bucket.objects.update(key, object.version_id, |object| object.set_lock(lock));
        Ok(())
    }

    pub(crate) fn put_object_legal_hold(
        &mut self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        version_id: Option<VersionId>,
        hold: bool,
    ) -> Result<(), Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        bucket.require_object_lock()?;
        let object = bucket.object_to_change(key, version_id, "PUT")?;
        let lock = ObjectLock { retention: object.lock().retention, legal_hold: Some(hold) };
        bucket.objects.update(key, object.version_id, |object| object.set_lock(lock));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn until(mode: RetentionMode, seconds: u64) -> Option<Retention> {
        Some(Retention { mode, until: NOW + Duration::from_secs(seconds) })
    }

    #[test]
    fn governance_yields_to_a_bypass_and_compliance_to_nothing_but_more() {
        use RetentionMode::{Compliance, Governance};
        let held = |mode| ObjectLock { retention: until(mode, 100), legal_hold: None };
        for (mode, bypass, wanted, allowed) in [
            (Governance, false, until(Governance, 101), true),
            (Governance, false, until(Governance, 99), false),
            (Governance, false, until(Compliance, 101), false),
            (Governance, false, None, false),
            (Governance, true, until(Governance, 99), true),
            (Governance, true, until(Compliance, 99), true),
            (Governance, true, None, true),
            (Compliance, true, until(Compliance, 100), true),
            (Compliance, true, until(Compliance, 99), false),
            (Compliance, true, until(Governance, 101), false),
            (Compliance, true, None, false),
        ] {
            assert_eq!(held(mode).allows(wanted, NOW, bypass), allowed, "{mode:?} {bypass} {wanted:?}");
        }
        let later = NOW + Duration::from_secs(100);
        assert!(held(Compliance).allows(None, later, false), "a retention that is over holds nothing");
        assert!(!held(Compliance).forbids_delete(later, false));
        assert!(held(Compliance).forbids_delete(NOW, true) && !held(Governance).forbids_delete(NOW, true));
        let hold = ObjectLock { retention: None, legal_hold: Some(true) };
        assert!(hold.forbids_delete(later, true));
    }

    #[test]
    fn a_default_is_in_days_or_years_up_to_a_century() {
        assert_eq!(
            RetentionPeriod::new(Some(1), None).map(RetentionPeriod::duration),
            Ok(Duration::from_secs(86_400))
        );
        assert!(RetentionPeriod::new(None, Some(100)).is_ok());
        for (days, years, code) in [
            (None, None, Code::MalformedXML),
            (Some(1), Some(1), Code::MalformedXML),
            (Some(0), None, Code::InvalidArgument),
            (None, Some(-1), Code::InvalidArgument),
            (Some(36_501), None, Code::InvalidArgument),
        ] {
            assert_eq!(RetentionPeriod::new(days, years).unwrap_err().code(), code);
        }
    }
}
