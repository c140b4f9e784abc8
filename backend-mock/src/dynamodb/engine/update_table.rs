//! UpdateTable: one change of a table at a time, and the rules of which go together.

mod indexes;
mod limits;
mod vector_indexes;

pub(crate) use limits::check_on_demand;
pub(crate) use vector_indexes::VectorIndexUpdate;

use std::sync::Arc;
use std::time::SystemTime;

use super::Engine;
use super::error::Error;
use super::key_schema::KeyAttribute;
use super::stream::StreamViewType;
use super::table::Table;
use super::table_definition::{BillingMode, IndexInput, IndexKind, TableDefinition, Throughput};
use super::table_settings::{OnDemandThroughput, UnitsPerSecond, WarmThroughput};
use super::table_status::{Aspect, Status, Transition};

/// What UpdateTable asks for. What does not need the table is checked already.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct UpdateTableInput {
    pub(crate) table_name: String,
    pub(crate) attribute_definitions: Vec<KeyAttribute>,
    pub(crate) billing_mode: Option<BillingMode>,
    pub(crate) throughput: Option<Throughput>,
    pub(crate) index_updates: Vec<IndexUpdate>,
    pub(crate) vector_updates: Vec<VectorIndexUpdate>,
    pub(crate) stream: Option<StreamUpdate>,
    pub(crate) encryption: Option<EncryptionUpdate>,
    pub(crate) table_class: Option<String>,
    pub(crate) deletion_protection: Option<bool>,
    pub(crate) on_demand: Option<OnDemandThroughput>,
    pub(crate) warm: Option<WarmThroughput>,
}

/// What becomes of one global index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum IndexUpdate {
    Create(IndexInput),
    Update(String, IndexChange),
    Delete(String),
}

/// What of one global index changes, and is not what the index is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct IndexChange {
    pub(crate) throughput: Option<Throughput>,
    pub(crate) on_demand: Option<OnDemandThroughput>,
    pub(crate) warm: Option<WarmThroughput>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamUpdate {
    Enable(StreamViewType),
    Disable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EncryptionUpdate {
    /// With the KMS key of this ARN.
    Enable {
        key_arn: Arc<str>,
        /// Whether the request names it by the ARN.
        is_by_arn: bool,
    },
    Disable,
}

impl UpdateTableInput {
    /// A change of nothing.
    pub(super) fn of(table_name: &str) -> Self {
        Self { table_name: table_name.to_owned(), ..Self::default() }
    }

    pub(crate) fn changes_something(&self) -> bool {
        self.billing_mode.is_some()
            || self.throughput.is_some()
            || !self.index_updates.is_empty()
            || !self.vector_updates.is_empty()
            || self.stream.is_some()
            || self.encryption.is_some()
            || self.table_class.is_some()
            || self.deletion_protection.is_some()
            || self.on_demand.is_some()
            || self.warm.is_some()
    }
}

impl IndexUpdate {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Create(input) => &input.name,
            Self::Update(name, _) | Self::Delete(name) => name,
        }
    }
}

/// What a change comes to before it is begun.
struct Plan {
    status: Status,
    aspect: Aspect,
    definition: TableDefinition,
    warm: Option<UnitsPerSecond>,
    table: Table,
}

impl Engine {
    /// The table as the answer shows it: what takes its time is not there yet.
    pub(crate) fn update_table(&mut self, input: UpdateTableInput, now: SystemTime) -> Result<Table, Error> {
        let table = self.describe_table(&input.table_name)?;
        table.check_vector_indexes_are_free(&input)?;
        table.check_indexes_are_free(&input)?;
        let is_only_protection = input.deletion_protection.is_some();
        if table.swallows(&input) {
            return Ok(table);
        }
        if !(is_only_protection && table.status == Status::Updating) {
            table.check_not_in_use()?;
        }
        if let Some(throttling) = &mut self.throttling {
            throttling.fill(&table, now);
        }
        // What is under way besides the table itself goes on.
        let pending = table.transition.as_ref();
        let mut plan = Plan {
            status: table.status,
            aspect: pending.map_or(Aspect::Table, |pending| pending.aspect),
            definition: TableDefinition::clone(
                pending.map_or(&table.definition, |pending| &pending.definition),
            ),
            warm: pending.and_then(|pending| pending.warm),
            table,
        };
        if let Some(is_protected) = input.deletion_protection {
            Arc::make_mut(&mut plan.table.definition).deletion_protection = is_protected;
            self.tables.insert(plan.table.definition.name.clone(), plan.table.clone());
            return Ok(plan.table);
        }
        plan.change_billing(&input, now)?;
        plan.change_indexes(&input, now)?;
        plan.change_vector_indexes(&input)?;
        plan.change_stream(&input)?;
        plan.change_encryption(&input, now)?;
        plan.change_on_demand(&input)?;
        plan.change_warm(&input)?;
        if let Some(class) = input.table_class {
            let changes = &mut Arc::make_mut(&mut plan.table.settings).class_changes;
            changes.check_class(now)?;
            if plan.definition.table_class.as_deref().unwrap_or("STANDARD") != class {
                changes.note(now);
            }
            plan.status = Status::Updating;
            let is_default = class == "STANDARD" && plan.definition.table_class.is_none();
            plan.definition.table_class = (!is_default).then_some(class);
        }
        self.check_room_for_change()?;
        self.check_provisioned(
            &plan.definition,
            self.tables.get(&plan.definition.name).map(|it| &*it.definition),
        )?;
        input.on_demand.map_or(Ok(()), |maximum| self.check_on_demand_quota(maximum))?;
        plan.warm.map_or(Ok(()), |warm| self.check_warm_quota(warm))?;
        let Plan { status, aspect, definition, warm, table } = plan;
        let name = table.definition.name.clone();
        let changes = status == Status::Updating || aspect != Aspect::Table;
        let changes = changes || table.indexes.iter().any(|index| index.status != Status::Active);
        let changes = changes || definition.indexes != table.definition.indexes;
        self.tables.insert(name.clone(), table);
        match input.stream {
            Some(StreamUpdate::Enable(view_type)) => self.enable_stream(&name, view_type)?,
            Some(StreamUpdate::Disable) => self.disable_stream(&name)?,
            None => {}
        }
        if changes {
            let due = self.due(now);
            self.begin(&name, status, Transition { due, aspect, definition: definition.into(), warm });
        }
        let mut answered = self.describe_table(&name)?;
        if let Some(update) = input.on_demand {
            let shown = update.laid_over(answered.settings.on_demand);
            Arc::make_mut(&mut answered.settings).on_demand =
                Some(shown).filter(|it| *it != Default::default());
        }
        Ok(answered)
    }
}

impl Table {
    /// Whether the table is on its way from being paid for by request, and is asked back. AWS answers that as if
    /// it did it, and goes on.
    fn swallows(&self, input: &UpdateTableInput) -> bool {
        let asked_back = UpdateTableInput {
            billing_mode: Some(BillingMode::PayPerRequest),
            ..UpdateTableInput::of(&input.table_name)
        };
        let is_on_its_way = |pending: &Transition| {
            self.definition.billing_mode == BillingMode::PayPerRequest
                && pending.definition.billing_mode == BillingMode::Provisioned
        };
        self.status == Status::Updating
            && self.transition.as_ref().is_some_and(is_on_its_way)
            && *input == asked_back
    }
}

impl Plan {
    fn change_billing(&mut self, input: &UpdateTableInput, now: SystemTime) -> Result<(), Error> {
        let current = self.definition.billing_mode;
        let wanted = input.billing_mode.unwrap_or(current);
        if wanted == BillingMode::PayPerRequest && input.throughput.is_some() {
            return Err(Error::invalid_parameter(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
            ));
        }
        if input.billing_mode == Some(BillingMode::Provisioned) && input.throughput.is_none() {
            return Err(Error::invalid_parameter(
                "ProvisionedThroughput must be specified when BillingMode is PROVISIONED",
            ));
        }
        if input.billing_mode == Some(BillingMode::Provisioned) && !self.table.vector_indexes.is_empty() {
            return Err(Error::invalid_parameter(
                "Tables with vector indexes must be in PAY_PER_REQUEST mode",
            ));
        }
        match (current, wanted, input.throughput) {
            (BillingMode::Provisioned, BillingMode::Provisioned, Some(new)) => {
                let old = self.definition.throughput;
                if old == new {
                    return Err(Error::validation(format!(
                        "The provisioned throughput for the table will not change. The requested value equals the \
                         current value. Current ReadCapacityUnits provisioned for the table: {0}. Requested \
                         ReadCapacityUnits: {0}. Current WriteCapacityUnits provisioned for the table: {1}. Requested \
                         WriteCapacityUnits: {1}. Refer to the Amazon DynamoDB Developer Guide for current limits and \
                         how to request higher limits.",
                        old.read, old.write
                    )));
                }
                Arc::make_mut(&mut self.table.settings).change_throughput(old, new, now)?;
                self.definition.throughput = new;
            }
            (BillingMode::PayPerRequest, BillingMode::Provisioned, Some(new)) => {
                let provisions = |update: &IndexUpdate| match update {
                    IndexUpdate::Update(_, change) => change.throughput.is_some(),
                    IndexUpdate::Create(_) | IndexUpdate::Delete(_) => true,
                };
                let updates = input.index_updates.iter().filter(|update| provisions(update));
                let is_updated = |name: &str| updates.clone().any(|update| update.name() == name);
                let global = self.definition.indexes.iter().filter(|index| index.kind == IndexKind::Global);
                for index in global {
                    if !is_updated(&index.name) {
                        return Err(Error::invalid_parameter(format!(
                            "ProvisionedThroughput must be specified for index: {}",
                            index.name
                        )));
                    }
                }
                self.definition.billing_mode = BillingMode::Provisioned;
                self.definition.throughput = new;
                Arc::make_mut(&mut self.table.settings).on_demand = None;
                self.definition.indexes.iter_mut().for_each(|index| index.on_demand = None);
            }
            (BillingMode::Provisioned, BillingMode::PayPerRequest, _) => {
                self.definition.billing_mode = BillingMode::PayPerRequest;
                self.definition.throughput = Throughput::default();
                for index in &mut self.definition.indexes {
                    index.throughput = Throughput::default();
                }
                Arc::make_mut(&mut self.table.settings).on_demand_since = Some(now);
            }
            _ => {}
        }
        if input.billing_mode.is_some() || input.throughput.is_some() {
            self.status = Status::Updating;
        }
        Ok(())
    }

    fn change_stream(&mut self, input: &UpdateTableInput) -> Result<(), Error> {
        let Some(update) = input.stream else { return Ok(()) };
        let name = &self.definition.name;
        match (&self.table.stream, update) {
            (Some(_), StreamUpdate::Enable(_)) => {
                return Err(Error::validation(format!(
                    "Table already has an enabled stream: TableName: {name}"
                )));
            }
            (None, StreamUpdate::Disable) => {
                return Err(Error::validation(format!("Table has no stream to disable: TableName: {name}")));
            }
            (None, StreamUpdate::Enable(_)) | (Some(_), StreamUpdate::Disable) => {}
        }
        self.status = Status::Updating;
        Ok(())
    }

    fn change_encryption(&mut self, input: &UpdateTableInput, now: SystemTime) -> Result<(), Error> {
        let Some(update) = &input.encryption else { return Ok(()) };
        let settings = Arc::make_mut(&mut self.table.settings);
        settings.encryption_changes.check_encryption(now)?;
        settings.kms_key_arn = match (&settings.kms_key_arn, update) {
            (None, EncryptionUpdate::Disable) => {
                return Err(Error::invalid_parameter("Table is already encrypted by default"));
            }
            // The same key under another name is a change like any other.
            (Some(current), EncryptionUpdate::Enable { key_arn, is_by_arn: true }) if current == key_arn => {
                return Err(Error::invalid_parameter(
                    "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to \
                     change Master Key",
                ));
            }
            (_, EncryptionUpdate::Enable { key_arn, .. }) => Some(key_arn.clone()),
            (Some(_), EncryptionUpdate::Disable) => None,
        };
        settings.encryption_changes.note(now);
        self.aspect = Aspect::Encryption;
        Ok(())
    }
}
