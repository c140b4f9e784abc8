//! Kinesis streaming destinations: the streams that a table was told to replicate to, and how that is going.
//!
//! There is no Kinesis here whose records anybody could read, so a destination is its state and nothing more. Any stream
//! of the table's own region and account counts as one that exists; others fail as on AWS, a while after they were
//! accepted. Of all destinations of a table, one at most is not disabled or failed.
//!
//! Source: developer guide, "Using Kinesis Data Streams to capture changes to DynamoDB"; the order of checks and the
//! words are those that AWS answers.

use std::sync::Arc;
use std::time::SystemTime;

use super::Engine;
use super::error::Error;
use super::table::Table;
use super::table_status::Status;

/// How exactly records say when something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    Millisecond,
    Microsecond,
}

impl Precision {
    pub(crate) const NAMES: &[&str] = &["MILLISECOND", "MICROSECOND"];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "MILLISECOND" => Some(Self::Millisecond),
            "MICROSECOND" => Some(Self::Microsecond),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Millisecond => "MILLISECOND",
            Self::Microsecond => "MICROSECOND",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DestinationStatus {
    Enabling,
    Active,
    Updating,
    Disabling,
    Disabled,
    EnableFailed,
}

impl DestinationStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Enabling => "ENABLING",
            Self::Active => "ACTIVE",
            Self::Updating => "UPDATING",
            Self::Disabling => "DISABLING",
            Self::Disabled => "DISABLED",
            Self::EnableFailed => "ENABLE_FAILED",
        }
    }
}

/// One stream that a table was told to replicate to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KinesisDestination {
    pub(crate) stream_arn: Arc<str>,
    /// What was asked for; without it, AWS takes milliseconds.
    pub(crate) precision: Option<Precision>,
    /// Why the stream cannot be replicated to.
    fault: Option<&'static str>,
    change: Change,
    due: SystemTime,
}

/// What was last asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Enable,
    Update,
    Disable,
}

impl KinesisDestination {
    pub(crate) fn status(&self, now: SystemTime) -> DestinationStatus {
        match (self.change, self.due <= now, self.fault) {
            (Change::Enable, false, _) => DestinationStatus::Enabling,
            (Change::Enable, true, Some(_)) => DestinationStatus::EnableFailed,
            (Change::Update, false, _) => DestinationStatus::Updating,
            (Change::Enable | Change::Update, true, _) => DestinationStatus::Active,
            (Change::Disable, false, _) => DestinationStatus::Disabling,
            (Change::Disable, true, _) => DestinationStatus::Disabled,
        }
    }

    /// What is said of it besides its status, once it has failed.
    pub(crate) fn description(&self, now: SystemTime) -> Option<&'static str> {
        self.fault.filter(|_| self.status(now) == DestinationStatus::EnableFailed)
    }
}

impl Engine {
    pub(crate) fn kinesis_destinations(&self, table_name: &str) -> Result<Table, Error> {
        let name = self.table_name(table_name);
        let table = self.tables.get(name).filter(|table| table.status != Status::Creating);
        table.cloned().ok_or_else(|| Error::named_table_not_found(name))
    }

    /// Begins to replicate to a stream.
    pub(crate) fn enable_kinesis_destination(
        &mut self,
        table_name: &str,
        stream_arn: &str,
        precision: Option<Precision>,
        now: SystemTime,
    ) -> Result<Table, Error> {
        let table = self.kinesis_destinations(table_name)?;
        let is_over = |destination: &KinesisDestination| {
            matches!(destination.status(now), DestinationStatus::Disabled | DestinationStatus::EnableFailed)
        };
        if !table.settings.kinesis_destinations.iter().all(is_over) {
            return Err(invalid_state(
                "EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.",
            ));
        }
        let enabled = KinesisDestination {
            stream_arn: stream_arn.into(),
            precision,
            fault: self.stream_fault(stream_arn),
            change: Change::Enable,
            due: self.due(now),
        };
        self.change_destinations(&table, |destinations| {
            match destinations.iter_mut().find(|destination| *destination.stream_arn == *stream_arn) {
                Some(destination) => *destination = enabled,
                None => destinations.insert(0, enabled),
            }
        })
    }

    pub(crate) fn disable_kinesis_destination(
        &mut self,
        table_name: &str,
        stream_arn: &str,
        now: SystemTime,
    ) -> Result<Table, Error> {
        let (table, status) = self.destination(table_name, stream_arn, now)?;
        let due = self.due(now);
        match status {
            Some(DestinationStatus::Disabling) => Ok(table),
            Some(DestinationStatus::Active) => self.change_destination(&table, stream_arn, |destination| {
                (destination.change, destination.due) = (Change::Disable, due);
            }),
            _ => {
                Err(invalid_state("KinesisStreamingDestination must be ACTIVE to perform DISABLE operation."))
            }
        }
    }

    pub(crate) fn update_kinesis_destination(
        &mut self,
        table_name: &str,
        stream_arn: &str,
        precision: Precision,
        now: SystemTime,
    ) -> Result<Table, Error> {
        let (table, status) = self.destination(table_name, stream_arn, now)?;
        if status != Some(DestinationStatus::Active) {
            return Err(invalid_state(&format!(
                "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. TableName: {}, \
                 kdsArn: {stream_arn}",
                table.definition.name
            )));
        }
        let destinations = &table.settings.kinesis_destinations;
        let current = destinations.iter().find(|destination| *destination.stream_arn == *stream_arn);
        let current = current.and_then(|destination| destination.precision).unwrap_or(Precision::Millisecond);
        if current == precision {
            return Err(Error::validation(format!(
                "Invalid Request: Precision is already set to the desired value of {} for tableId: {}, kdsArn: \
                 {stream_arn}",
                precision.as_str(),
                table.id
            )));
        }
        let due = self.due(now);
        self.change_destination(&table, stream_arn, |destination| {
            destination.precision = Some(precision);
            (destination.change, destination.due) = (Change::Update, due);
        })
    }

    fn destination(
        &self,
        table_name: &str,
        stream_arn: &str,
        now: SystemTime,
    ) -> Result<(Table, Option<DestinationStatus>), Error> {
        let table = self.kinesis_destinations(table_name)?;
        let destinations = &table.settings.kinesis_destinations;
        let found = destinations.iter().find(|destination| *destination.stream_arn == *stream_arn);
        let status = found.map(|destination| destination.status(now));
        Ok((table, status))
    }

    fn change_destination(
        &mut self,
        table: &Table,
        stream_arn: &str,
        change: impl FnOnce(&mut KinesisDestination),
    ) -> Result<Table, Error> {
        self.change_destinations(table, |destinations| {
            if let Some(found) = destinations.iter_mut().find(|found| *found.stream_arn == *stream_arn) {
                change(found);
            }
        })
    }

    fn change_destinations(
        &mut self,
        table: &Table,
        change: impl FnOnce(&mut Vec<KinesisDestination>),
    ) -> Result<Table, Error> {
        let name = &table.definition.name;
        let table = self.tables.get_mut(name).ok_or_else(|| Error::named_table_not_found(name))?;
        change(&mut Arc::make_mut(&mut table.settings).kinesis_destinations);
        Ok(table.clone())
    }

    /// Why there cannot be a stream of this ARN that this account's tables could replicate to.
    fn stream_fault(&self, arn: &str) -> Option<&'static str> {
        let own = self.arn("kinesis", "stream/");
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let own: Vec<&str> = own.splitn(6, ':').collect();
        let ([.., service, region, account, resource], [.., kinesis, own_region, own_account, stream]) =
            (&parts[..], &own[..])
        else {
            return Some("User does not have a permission to use kinesis stream");
        };
        let is_stream =
            resource.strip_prefix(stream).is_some_and(|name| !name.is_empty() && !name.contains('/'));
        if service != kinesis || !is_stream {
            Some("User does not have a permission to use kinesis stream")
        } else if region != own_region {
            Some(
                "The kinesis Arn used to enable kinesis replication belongs to a stream which is not in the current \
                 region",
            )
        } else if account != own_account {
            Some(
                "The kinesis Arn used to enable kinesis replication belongs to a stream which is not in Active state",
            )
        } else {
            None
        }
    }
}

fn invalid_state(detail: &str) -> Error {
    Error::validation(format!(
        "Table is not in a valid state to enable Kinesis Streaming Destination: {detail}"
    ))
}
