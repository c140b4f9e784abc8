//! Settings: what is kept of a table besides its definition and its items.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::backup::{Recovery, Restored};
use super::error::Error;
use super::kinesis_destination::KinesisDestination;
use super::quota::Changes;
use super::table_definition::{BillingMode, Throughput};
use super::tag::Tag;
use super::time_to_live::TimeToLive;

/// Decreases of provisioned throughput that a day has room for before they are an hour apart.
const DECREASES_A_DAY: u32 = 4;
const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);

/// What a table has been set to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// The ARN of the KMS key, where it is not a key that AWS owns.
    pub(crate) kms_key_arn: Option<Arc<str>>,
    pub(crate) on_demand: Option<OnDemandThroughput>,
    /// The warm throughput that was asked for, or is left of what the table once had; without it, what the billing mode
    /// brings.
    pub(crate) warm: Option<UnitsPerSecond>,
    /// Since when the table has last been paid for by request.
    pub(crate) on_demand_since: Option<SystemTime>,
    pub(crate) last_increase: Option<SystemTime>,
    pub(crate) last_decrease: Option<SystemTime>,
    pub(super) decreases: u32,
    pub(super) decrease_is_pending: bool,
    pub(crate) tags: Vec<Tag>,
    pub(crate) time_to_live: TimeToLive,
    pub(crate) recovery: Option<Recovery>,
    pub(crate) restored: Option<Restored>,
    pub(crate) policy: Option<ResourcePolicy>,
    pub(crate) kinesis_destinations: Vec<KinesisDestination>,
    pub(crate) class_changes: Changes,
    pub(super) encryption_changes: Changes,
    /// Whether contributor insights are enabled: for the table, and for the indexes named.
    pub(crate) insights: Vec<ContributorInsights>,
}

/// The most that a table may be asked a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OnDemandThroughput {
    pub(crate) read: Option<i64>,
    pub(crate) write: Option<i64>,
}

/// Read and write units a second, as far as they are asked for.
pub(crate) type WarmThroughput = (Option<i64>, Option<i64>);

/// What a table can be asked at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnitsPerSecond {
    pub(crate) read: i64,
    pub(crate) write: i64,
}

impl UnitsPerSecond {
    /// What was asked for instead of what `of`, a table or an index, brings.
    ///
    /// # Errors
    /// Less than it brings cannot be asked for.
    pub(crate) fn warmed(
        self,
        (read, write): WarmThroughput,
        of: &str,
        billing_mode: BillingMode,
    ) -> Result<Self, Error> {
        let asked = Self { read: read.unwrap_or(self.read), write: write.unwrap_or(self.write) };
        for (member, capacity, is_lower) in [
            ("ReadUnitsPerSecond", "ReadCapacityUnits", asked.read < self.read),
            ("WriteUnitsPerSecond", "WriteCapacityUnits", asked.write < self.write),
        ] {
            if is_lower {
                let than = match billing_mode {
                    BillingMode::PayPerRequest => {
                        "initial throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/\
                         developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial"
                            .to_owned()
                    }
                    BillingMode::Provisioned => format!("{capacity} of ProvisionedThroughput"),
                };
                return Err(Error::invalid_parameter(format!(
                    "Requested {member} for WarmThroughput for {of} is lower than {than}"
                )));
            }
        }
        Ok(asked)
    }

    /// The greater of these and of what was asked for.
    pub(crate) fn or_warmed(self, warm: Option<Self>) -> Self {
        warm.map_or(self, |warm| Self { read: warm.read.max(self.read), write: warm.write.max(self.write) })
    }

    /// What was asked for so that a table which was warm for this stays so, where it now would be warm for `now` by what
    /// was `asked` for: what a table has been able to do once, it is ready for again.
    pub(crate) fn kept(self, now: Self, asked: Option<Self>) -> Option<Self> {
        match now.read < self.read || now.write < self.write {
            true => Some(self.or_warmed(asked)),
            false => asked,
        }
    }

    /// What a table brings that was not warmed.
    pub(crate) fn of(billing_mode: BillingMode, throughput: Throughput) -> Self {
        match billing_mode {
            BillingMode::PayPerRequest => Self { read: 12_000, write: 4_000 },
            BillingMode::Provisioned => Self { read: throughput.read, write: throughput.write },
        }
    }
}

/// A policy and the id of its revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResourcePolicy {
    pub(crate) document: Arc<str>,
    pub(crate) revision_id: Arc<str>,
}

/// Contributor insights of a table, or of one of its indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContributorInsights {
    pub(crate) index: Option<Arc<str>>,
    pub(crate) is_enabled: bool,
    pub(crate) mode: Arc<str>,
    pub(crate) updated: SystemTime,
}

impl Settings {
    /// How often provisioned throughput has been decreased on the day of `now`.
    pub(crate) fn decreases_today(&self, now: SystemTime) -> u32 {
        match self.last_decrease {
            Some(last) if day(last) == day(now) => self.decreases,
            _ => 0,
        }
    }

    /// Notes a change of provisioned throughput. A decrease counts when it is finished.
    ///
    /// # Errors
    /// [`Error::limit_exceeded`] when the day has had its decreases and the hour is not over.
    pub(crate) fn change_throughput(
        &mut self,
        old: Throughput,
        new: Throughput,
        now: SystemTime,
    ) -> Result<(), Error> {
        if new.read < old.read || new.write < old.write {
            let today = self.decreases_today(now);
            if let Some(last) = self.last_decrease
                && today >= DECREASES_A_DAY
                && now.duration_since(last).unwrap_or_default() < HOUR
            {
                return Err(Error::limit_exceeded(format!(
                    "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. \
                     After the first {DECREASES_A_DAY} decreases, each subsequent decrease in the same UTC day can be \
                     performed at most once every {} seconds. Number of decreases today: {today}. Last decrease at \
                     {}. Next decrease can be made at {}",
                    HOUR.as_secs(),
                    spoken(last),
                    spoken(last + HOUR)
                )));
            }
            self.decreases = today;
            self.decrease_is_pending = true;
            self.last_decrease = Some(now);
        }
        if new.read > old.read || new.write > old.write {
            self.last_increase = Some(now);
        }
        Ok(())
    }

    pub(super) fn count_decrease(&mut self) {
        self.decreases += u32::from(std::mem::take(&mut self.decrease_is_pending));
    }
}

fn day(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / DAY.as_secs()
}

/// A time in the words of that one error: `Tuesday, November 14, 2023 at 10:13:20 PM Coordinated Universal Time`.
fn spoken(time: SystemTime) -> String {
    const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, second) = (seconds / DAY.as_secs(), seconds % DAY.as_secs());
    let (year, month, day) = date(days);
    let (hour, half) = (second / 3_600, if second < 43_200 { "AM" } else { "PM" });
    format!(
        "{}, {} {day}, {year} at {}:{:02}:{:02} {half} Coordinated Universal Time",
        DAYS[(days % 7) as usize],
        MONTHS[month as usize - 1],
        if hour % 12 == 0 { 12 } else { hour % 12 },
        second / 60 % 60,
        second % 60
    )
}

/// A time as errors about windows write it: `2023-11-14T22:13:20.500Z`.
pub(super) fn written(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let second = since.as_secs() % DAY.as_secs();
    let (year, month, day) = date(since.as_secs() / DAY.as_secs());
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", since.subsec_millis())
}

/// Year, month and day, the month from 1 on, of a day counted from 1970-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    // Years are counted from March, so that a leap day is the last day of its year.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12;
    let year = year_of_era + era * 400 + u64::from(month < 2);
    (year, month + 1, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_to_the_millisecond() {
        let at = |millis| written(UNIX_EPOCH + Duration::from_millis(millis));
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(1_709_208_000_500), "2024-02-29T12:00:00.500Z");
    }

    #[test]
    fn times_are_spoken_with_their_weekday() {
        let at = |seconds| spoken(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "Thursday, January 1, 1970 at 12:00:00 AM Coordinated Universal Time");
        assert_eq!(at(1_700_000_000), "Tuesday, November 14, 2023 at 10:13:20 PM Coordinated Universal Time");
        assert_eq!(
            at(1_709_208_000),
            "Thursday, February 29, 2024 at 12:00:00 PM Coordinated Universal Time"
        );
    }
}
