//! Time to live: the attribute that says when an item is over. What becomes of such items is told elsewhere.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Engine;
use super::error::Error;
use super::table_status::Status;

/// Between two changes. The documentation says up to an hour; half an hour was measured.
const INTERVAL: Duration = Duration::from_secs(30 * 60);

/// The setting of one table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TimeToLive {
    /// The attribute, while time to live is enabled.
    pub(crate) attribute: Option<Arc<str>>,
    changed: Option<SystemTime>,
}

/// What UpdateTimeToLive asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimeToLiveSpecification {
    pub(crate) attribute: Arc<str>,
    pub(crate) is_enabled: bool,
}

impl Engine {
    pub(crate) fn update_time_to_live(
        &mut self,
        name: &str,
        specification: &TimeToLiveSpecification,
        now: SystemTime,
    ) -> Result<(), Error> {
        if specification.attribute.is_empty() {
            return Err(Error::validation("TimeToLiveSpecification.AttributeName must be non empty"));
        }
        let name = self.table_name(name).to_owned();
        let table = self.tables.get_mut(&*name).ok_or_else(|| Error::named_table_not_found(&name))?;
        if matches!(table.status, Status::Creating | Status::Deleting) {
            table.check_not_in_use()?;
        }
        let current = &table.settings.time_to_live;
        match (&current.attribute, specification.is_enabled) {
            (None, false) => return Err(Error::validation("TimeToLive is already disabled")),
            (Some(attribute), true) if *attribute == specification.attribute => {
                return Err(Error::validation("TimeToLive is already enabled"));
            }
            (Some(attribute), _) if *attribute != specification.attribute => {
                return Err(Error::validation(format!(
                    "TimeToLive is active on a different AttributeName: current AttributeName is {attribute}"
                )));
            }
            _ => {}
        }
        let is_soon = |changed| now.duration_since(changed).unwrap_or_default() < INTERVAL;
        if current.changed.is_some_and(is_soon) {
            return Err(Error::validation(
                "Time to live has been modified multiple times within a fixed interval",
            ));
        }
        Arc::make_mut(&mut table.settings).time_to_live = TimeToLive {
            attribute: specification.is_enabled.then(|| specification.attribute.clone()),
            changed: Some(now),
        };
        self.expire_by(&name, specification.is_enabled.then(|| specification.attribute.clone()));
        Ok(())
    }

    pub(crate) fn describe_time_to_live(&self, name: &str) -> Result<TimeToLive, Error> {
        let table = self.describe_table(name)?;
        match table.status {
            Status::Creating | Status::Deleting => {
                let status = table.status.as_str();
                Err(Error::validation(format!(
                    "Cannot describe time to live while table is in {status} state: Current table state is {status}"
                )))
            }
            Status::Active | Status::Updating => Ok(table.settings.time_to_live.clone()),
        }
    }
}
