//! Conditions on a request: what a reader or a copy expects of an object, and what a writer expects of a key.

use std::time::SystemTime;

use super::{Code, ETag, Error, Object, ObjectKey, whole_seconds};

/// The four conditional headers of a read, or of the source of a copy.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReadCondition {
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
    pub(crate) if_modified_since: Option<SystemTime>,
    pub(crate) if_unmodified_since: Option<SystemTime>,
}

impl ReadCondition {
    /// Whether a read may go on.
    ///
    /// `If-Match` that holds makes `If-Unmodified-Since` moot, and `If-None-Match` that holds makes
    /// `If-Modified-Since` moot; a date in the future is no condition.
    ///
    /// # Errors
    /// `PreconditionFailed`, or `NotModified` when the caller's copy is still good.
    pub(crate) fn check_read(&self, object: &Object, now: SystemTime) -> Result<(), Error> {
        self.check_unchanged(object, ["If-Match", "If-Unmodified-Since"])?;
        match self.changed(object, now) {
            Ok(()) => Ok(()),
            Err(_) => Err(Error::not_modified(&object.etag, object.last_modified)),
        }
    }

    /// Whether a copy may go on: as for a read, but every condition that does not hold is a `PreconditionFailed`.
    pub(crate) fn check_copy(&self, source: &Object, now: SystemTime) -> Result<(), Error> {
        self.check_unchanged(
            source,
            ["x-amz-copy-source-If-Match", "x-amz-copy-source-If-Unmodified-Since"],
        )?;
        self.changed(source, now).map_err(|unheld| {
            Error::precondition_failed(match unheld {
                Unheld::IfNoneMatch => "x-amz-copy-source-If-None-Match",
                Unheld::IfModifiedSince => "x-amz-copy-source-If-Modified-Since",
            })
        })
    }

    fn check_unchanged(&self, object: &Object, [if_match, if_unmodified]: [&str; 2]) -> Result<(), Error> {
        match (&self.if_match, self.if_unmodified_since) {
            (Some(list), _) if !object.etag.is_in(list) => Err(Error::precondition_failed(if_match)),
            (None, Some(since)) if object.last_modified > whole_seconds(since) => {
                Err(Error::precondition_failed(if_unmodified))
            }
            _ => Ok(()),
        }
    }

    fn changed(&self, object: &Object, now: SystemTime) -> Result<(), Unheld> {
        match (&self.if_none_match, self.if_modified_since) {
            (Some(list), _) if object.etag.is_in(list) => Err(Unheld::IfNoneMatch),
            (None, Some(since)) if object.last_modified <= whole_seconds(since) && since <= now => {
                Err(Unheld::IfModifiedSince)
            }
            _ => Ok(()),
        }
    }
}

enum Unheld {
    IfNoneMatch,
    IfModifiedSince,
}

/// What a writer expects to find under the key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum WriteCondition {
    #[default]
    None,
    /// `If-None-Match: *`: nothing.
    Absent,
    /// `If-Match`: an object with this entity tag.
    Matches(String),
}

impl WriteCondition {
    /// The condition of the two headers. S3 takes only `*` in the one, only a tag in the other, and never both.
    pub(crate) fn new(if_match: Option<&str>, if_none_match: Option<&str>) -> Result<Self, Error> {
        let refuse = |header: &'static str, why: String| {
            Err(Error::not_implemented(header).with("additionalMessage", why))
        };
        let unaccepted =
            |header| format!("We don't accept the provided value of {header} header for this API");
        match (if_match.map(str::trim), if_none_match.map(str::trim)) {
            (None, None) => Ok(Self::None),
            (Some(_), Some(_)) => refuse(
                "If-Match,If-None-Match",
                "Multiple conditional request headers present in the request".to_owned(),
            ),
            (None, Some("*")) => Ok(Self::Absent),
            (None, Some(_)) => refuse("If-None-Match", unaccepted("If-None-Match")),
            (Some("*"), None) => refuse("If-Match", unaccepted("If-Match")),
            (Some(etag), None) => Ok(Self::Matches(etag.to_owned())),
        }
    }

    /// The condition of a delete, which may also expect any object: `If-Match: *`.
    pub(crate) fn of_delete(if_match: Option<&str>) -> Self {
        if_match.map_or(Self::None, |tag| Self::Matches(tag.to_owned()))
    }

    pub(crate) fn check(&self, key: &ObjectKey, existing: Option<&ETag>) -> Result<(), Error> {
        match (self, existing) {
            (Self::Absent, Some(_)) => Err(Error::precondition_failed("If-None-Match")),
            (Self::Matches(_), None) => Err(Error::new(Code::NoSuchKey).with("Key", key)),
            (Self::Matches(tag), Some(etag)) if tag.trim() != "*" && !etag.is(tag) => {
                Err(Error::precondition_failed("If-Match"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::s3::engine::tests::object_at;

    const WRITTEN: u64 = 1_000;

    fn at(seconds: u64) -> Option<SystemTime> {
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    fn read(condition: ReadCondition) -> Option<Code> {
        let object = object_at(at(WRITTEN).unwrap());
        condition.check_read(&object, at(5_000).unwrap()).err().map(|error| error.code())
    }

    #[test]
    fn a_tag_outranks_a_date() {
        let tag = Some(object_at(SystemTime::UNIX_EPOCH).etag.quoted());
        let other = Some("\"other\"".to_owned());
        let (before, after) = (at(WRITTEN - 1), at(WRITTEN + 1));
        let none = ReadCondition::default;
        let cases = [
            (ReadCondition { if_match: tag.clone(), ..none() }, None),
            (ReadCondition { if_match: other.clone(), ..none() }, Some(Code::PreconditionFailed)),
            (ReadCondition { if_match: tag.clone(), if_unmodified_since: before, ..none() }, None),
            (ReadCondition { if_unmodified_since: before, ..none() }, Some(Code::PreconditionFailed)),
            (ReadCondition { if_unmodified_since: at(WRITTEN), ..none() }, None),
            (ReadCondition { if_none_match: tag.clone(), ..none() }, Some(Code::NotModified)),
            (
                ReadCondition { if_none_match: tag, if_modified_since: before, ..none() },
                Some(Code::NotModified),
            ),
            (ReadCondition { if_none_match: other, if_modified_since: after, ..none() }, None),
            (ReadCondition { if_modified_since: after, ..none() }, Some(Code::NotModified)),
            (ReadCondition { if_modified_since: at(WRITTEN), ..none() }, Some(Code::NotModified)),
            (ReadCondition { if_modified_since: before, ..none() }, None),
            (ReadCondition { if_modified_since: at(9_000), ..none() }, None),
        ];
        for (condition, expected) in cases {
            assert_eq!(read(condition.clone()), expected, "{condition:?}");
        }
    }

    #[test]
    fn a_writer_may_expect_nothing_or_one_tag() {
        assert_eq!(WriteCondition::new(None, Some("*")), Ok(WriteCondition::Absent));
        assert_eq!(WriteCondition::new(Some("\"a\""), None), Ok(WriteCondition::Matches("\"a\"".into())));
        for (if_match, if_none_match) in
            [(Some("*"), None), (None, Some("\"a\"")), (Some("\"a\""), Some("*"))]
        {
            let error = WriteCondition::new(if_match, if_none_match).unwrap_err();
            assert_eq!(error.code(), Code::NotImplemented);
        }
    }
}
