//! Statuses: what becomes of a table by the clock.
//!
//! A change of a table is answered before it is finished. It is finished when the engine's delay is over, and seen as
//! finished by the first request after that; with the delay of zero that engines begin with, by the very next one.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Engine;
use super::error::Error;
use super::table::Table;
use super::table_definition::TableDefinition;
use super::table_settings::UnitsPerSecond;

/// The status of a table or of a global index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Creating,
    Active,
    Updating,
    Deleting,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Updating => "UPDATING",
            Self::Deleting => "DELETING",
        }
    }
}

/// A change that is answered and not finished.
#[derive(Clone, Debug)]
pub(crate) struct Transition {
    pub(crate) due: SystemTime,
    pub(crate) aspect: Aspect,
    /// What the table is when the change is finished.
    pub(crate) definition: Arc<TableDefinition>,
    pub(crate) warm: Option<UnitsPerSecond>,
}

/// What of a table is changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// The table itself, as its status says.
    Table,
    /// Its encryption; the table stays `ACTIVE`.
    Encryption,
    /// Its warm throughput; the table stays `ACTIVE`.
    WarmThroughput,
}

impl Engine {
    /// From now on, changes of tables take so long by the clock.
    pub(crate) fn set_status_delay(&mut self, delay: Duration) {
        self.status_delay = delay;
    }

    /// Finishes every change that is due, and keeps the points in time that tables can be restored to. While
    /// nothing changes and no table is recoverable, it costs nothing.
    pub(super) fn settle(&mut self, now: SystemTime) {
        self.keep_restorable_points(now);
        if self.unsettled.is_empty() {
            return;
        }
        let names: Vec<Arc<str>> = self.unsettled.iter().cloned().collect();
        for name in names {
            let Some(table) = self.tables.get_mut(&name) else {
                self.unsettled.remove(&name);
                continue;
            };
            let due = table.transition.as_ref().map(|transition| transition.due).filter(|due| *due <= now);
            if let Some(due) = due {
                if table.status == Status::Deleting {
                    self.unsettled.remove(&name);
                    self.tables.remove(&name);
                    self.recoverable.remove(&name);
                    self.global.remove(&name);
                    continue;
                }
                if let Some(throttling) = &mut self.throttling {
                    throttling.fill(table, due);
                }
                table.finish_transition(due.checked_add(self.status_delay).unwrap_or(due));
                if let Some(throttling) = &mut self.throttling {
                    throttling.fill(table, due);
                }
            }
            table.finish_backfills(now);
            if table.transition.is_none() && !table.is_backfilling() {
                self.unsettled.remove(&name);
            }
        }
    }

    /// Puts a table under way to what `transition` says.
    pub(super) fn begin(&mut self, name: &Arc<str>, status: Status, transition: Transition) {
        if let Some(table) = self.tables.get_mut(name) {
            table.status = status;
            table.transition = Some(transition);
            self.unsettled.insert(name.clone());
        }
    }

    /// When a change that begins now is due.
    pub(super) fn due(&self, now: SystemTime) -> SystemTime {
        now.checked_add(self.status_delay).unwrap_or(now)
    }
}

impl Table {
    /// # Errors
    /// [`Error::ResourceInUse`] unless the table is in a state in which it can be changed.
    pub(crate) fn check_not_in_use(&self) -> Result<(), Error> {
        let state = match self.status {
            Status::Creating => "created",
            Status::Updating => "updated",
            Status::Deleting => "deleted",
            Status::Active => return Ok(()),
        };
        Err(Error::ResourceInUse(format!(
            "Attempt to change a resource which is still in use: Table is being {state}: {}",
            self.definition.name
        )))
    }

    /// Vector indexes that have room from now on are filled until `filled`.
    fn finish_transition(&mut self, filled: SystemTime) {
        self.status = Status::Active;
        let Some(transition) = self.transition.take() else { return };
        self.settle_vector_indexes(filled);
        let (was_warm, billing_mode) = (self.warm_throughput(), self.definition.billing_mode);
        self.indexes.retain(|index| index.status != Status::Deleting);
        for index in &mut self.indexes {
            index.status = Status::Active;
            let defined =
                transition.definition.indexes.iter().find(|defined| defined.name == index.definition.name);
            if let Some(defined) = defined {
                let mut defined = defined.clone();
                if index.is_global() {
                    let was_warm = index.definition.warm_throughput(billing_mode);
                    let is_warm = defined.warm_throughput(transition.definition.billing_mode);
                    defined.warm = was_warm.kept(is_warm, defined.warm);
                }
                index.definition = Arc::new(defined);
            }
        }
        // Deletion protection changes at once, also while something else is under way.
        let deletion_protection = self.definition.deletion_protection;
        let mut definition = TableDefinition::clone(&transition.definition);
        definition.deletion_protection = deletion_protection;
        for defined in &mut definition.indexes {
            if let Some(index) = self.indexes.iter().find(|index| index.definition.name == defined.name) {
                defined.warm = index.definition.warm;
            }
        }
        self.definition = definition.into();
        let is_warm = self.warm_throughput();
        let settings = Arc::make_mut(&mut self.settings);
        settings.warm = transition.warm.or_else(|| was_warm.kept(is_warm, settings.warm));
        settings.count_decrease();
        if let Some(restored) = &mut settings.restored {
            restored.in_progress = false;
        }
    }
}
