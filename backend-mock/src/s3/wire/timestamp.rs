//! Times between `s3s`, the engine and the texts of headers.

use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use s3s::dto::{Timestamp, TimestampFormat};

/// The time that an element of a document says.
pub(super) fn system_time(timestamp: &Timestamp) -> Option<SystemTime> {
    let mut text = Vec::new();
    timestamp.format(TimestampFormat::DateTime, &mut text).ok()?;
    parse_iso_8601(str::from_utf8(&text).ok()?)
}

pub(super) fn parse_iso_8601(text: &str) -> Option<SystemTime> {
    SystemTime::try_from(DateTime::from_str(text, Format::DateTimeWithOffset).ok()?).ok()
}

/// A time to the millisecond, as S3 writes it.
pub(super) fn iso_8601(time: SystemTime) -> String {
    let time = DateTime::from(time);
    let millis = time.subsec_nanos() / 1_000_000;
    // Only years outside 0 to 9999 cannot be written so.
    let whole = DateTime::from_secs(time.secs()).fmt(Format::DateTime).unwrap_or_default();
    format!("{}.{millis:03}Z", whole.trim_end_matches('Z'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_reads_back_to_the_millisecond() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_225_600_125);
        assert_eq!(iso_8601(time), "2026-01-01T00:00:00.125Z");
        assert_eq!(parse_iso_8601(&iso_8601(time)), Some(time));
        assert_eq!(parse_iso_8601("2026-01-01T01:00:00.125+01:00"), Some(time));
        assert_eq!(system_time(&time.into()), Some(time));
        assert_eq!(parse_iso_8601("tomorrow"), None);
    }
}
