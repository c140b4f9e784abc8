//! Replicas in other regions: what UpdateTable may say of them, and how a table describes them.

use serde_json::{Value, json};
use session_core::{Catalog, NonRegional, Partition};

use super::super::engine::Engine;
use super::super::engine::account::{ReplicaInput, ReplicaUpdate};
use super::super::engine::global_table::{Replica, ReplicaIndex, VERSION};
use super::super::engine::table::Table;
use super::super::engine::table_settings::OnDemandThroughput;
use super::super::engine::table_status::Status;
use super::fault::Fault;
use super::input::Input;
use super::shape::{Member, Rule, Shape, optional, required};
use super::table::NAME;
use super::table_settings::{TABLE_CLASS_OVERRIDE, table_class_named, timestamp, warm_description};
use crate::context::RegionName;

const REGION: Member = required("RegionName", Shape::String, &[]);
const READ_OVERRIDE: Member = optional(
    "ProvisionedThroughputOverride",
    Shape::Structure(&[optional("ReadCapacityUnits", Shape::Long, &[Rule::Min(1)])]),
    &[],
);
const ON_DEMAND_OVERRIDE: Member = optional(
    "OnDemandThroughputOverride",
    Shape::Structure(&[optional("MaxReadRequestUnits", Shape::Long, &[])]),
    &[],
);
const OWN_SETTINGS: Shape = Shape::Structure(&[
    REGION,
    optional("KMSMasterKeyId", Shape::String, &[]),
    READ_OVERRIDE,
    ON_DEMAND_OVERRIDE,
    optional(
        "GlobalSecondaryIndexes",
        Shape::List(&Shape::Structure(&[
            required("IndexName", Shape::String, NAME),
            READ_OVERRIDE,
            ON_DEMAND_OVERRIDE,
        ])),
        &[Rule::Length(1, usize::MAX)],
    ),
    TABLE_CLASS_OVERRIDE,
]);

pub(super) const REPLICA_UPDATES: Member = optional(
    "ReplicaUpdates",
    Shape::List(&Shape::Structure(&[
        optional("Create", OWN_SETTINGS, &[]),
        optional("Update", OWN_SETTINGS, &[]),
        optional("Delete", Shape::Structure(&[REGION]), &[]),
    ])),
    &[Rule::Length(1, usize::MAX)],
);

const ACTIONS: [&str; 3] = ["Create", "Update", "Delete"];

/// What the request makes of a replica, if it is about one. Two updates that say the same are one.
pub(super) fn update(input: Input<'_>, region: &RegionName) -> Result<Option<ReplicaUpdate>, Fault> {
    if !input.has("ReplicaUpdates") {
        return Ok(None);
    }
    let invalid = |message: &str| Err(Fault::validation(message));
    let mut actions: Vec<(&str, Input<'_>)> = Vec::new();
    for update in input.objects("ReplicaUpdates") {
        let of_update: Vec<_> =
            ACTIONS.into_iter().filter_map(|name| Some((name, update.object(name)?))).collect();
        if of_update.is_empty() {
            return invalid("There are no actions specified in the Replica Update Action of the request.");
        }
        actions.extend(of_update);
    }
    let Some((action, replica)) = actions.first().copied() else { return Ok(None) };
    if actions.iter().any(|(other, _)| *other != action) {
        return invalid("Update table operation with more than one type of replica actions not allowed.");
    }
    let target = replica.string("RegionName");
    if actions.iter().any(|(_, other)| other.text("RegionName") != Some(&target)) {
        return invalid(match action {
            "Update" => "Cannot target multiple regions with the same action",
            _ => "Update table operation with more than one create or delete replica actions not allowed",
        });
    }
    if target == region.as_str() {
        return invalid(match action {
            "Update" => {
                "Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, DeleteTable, \
                 or UpdateTable as required."
            }
            _ => {
                "Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or \
                 UpdateTable as required."
            }
        });
    }
    check_region(&target, region)?;
    let target = RegionName::new(&target);
    Ok(Some(match action {
        "Create" => ReplicaUpdate::Create(replica_input(replica, target)?),
        "Update" => {
            let input = replica_input(replica, target)?;
            let has_empty_index = replica.objects("GlobalSecondaryIndexes").any(|index| {
                !index.has("ProvisionedThroughputOverride") && !index.has("OnDemandThroughputOverride")
            });
            if has_empty_index || !changes_something(&input) {
                return invalid(
                    "There are no actions specified in the Replica Update Action of the request.",
                );
            }
            ReplicaUpdate::Update(input)
        }
        _ => ReplicaUpdate::Delete(target),
    }))
}

fn replica_input(replica: Input<'_>, region: RegionName) -> Result<ReplicaInput, Fault> {
    let provisioned = |of: Input<'_>| {
        of.object("ProvisionedThroughputOverride")
            .and_then(|units| units.integer("ReadCapacityUnits"))
            .is_some()
    };
    let on_demand = |of: Input<'_>| {
        of.object("OnDemandThroughputOverride").and_then(|units| units.integer("MaxReadRequestUnits"))
    };
    let mut indexes = replica.objects("GlobalSecondaryIndexes");
    let index_reads = replica
        .objects("GlobalSecondaryIndexes")
        .filter_map(|index| Some((index.string("IndexName"), on_demand(index)?)));
    Ok(ReplicaInput {
        region,
        kms_key_id: replica.text("KMSMasterKeyId").map(str::to_owned),
        table_class: table_class_named(replica, "TableClassOverride")?,
        has_provisioned_read: provisioned(replica) || indexes.any(provisioned),
        on_demand_read: on_demand(replica),
        index_reads: index_reads.collect(),
    })
}

fn changes_something(input: &ReplicaInput) -> bool {
    input.kms_key_id.is_some()
        || input.table_class.is_some()
        || input.has_provisioned_read
        || input.on_demand_read.is_some()
        || !input.index_reads.is_empty()
}

/// # Errors
/// Replicas are in regions that AWS has DynamoDB in, of one partition.
fn check_region(target: &str, region: &RegionName) -> Result<(), Fault> {
    let partition = session_core::RegionName::new(region.as_str()).ok();
    let partition = partition.and_then(|region| Partition::of_region(&region));
    let regions = partition
        .and_then(|partition| {
            Catalog::default().regions("dynamodb", partition.name(), NonRegional::Exclude).ok()
        })
        .unwrap_or_default();
    if regions.contains(&target) {
        return Ok(());
    }
    Err(Fault::validation(format!(
        "Region {target} is not supported. The latest version of global tables are only supported in the following \
         regions: [{}]",
        regions.join(", ")
    )))
}

/// # Errors
/// What AWS refuses about a consistency, and strong consistency by name.
pub(super) fn check_consistency(engine: &Engine, input: Input<'_>, table_name: &str) -> Result<(), Fault> {
    let Some(consistency) = input.text("MultiRegionConsistency") else { return Ok(()) };
    if input.objects("ReplicaUpdates").any(|update| !update.has("Create")) {
        return Err(Fault::validation(
            "Only Replica Create actions are supported when MultiRegionConsistency parameter is provided.",
        ));
    }
    if engine.describe_table(table_name)?.global.is_some() {
        return Err(Fault::validation(
            "MultiRegionConsistency parameter is unsupported on existing global table",
        ));
    }
    match consistency {
        "EVENTUAL" => Ok(()),
        _ => Err(Fault::validation(
            "The in-memory DynamoDB does not implement the MultiRegionConsistency STRONG",
        )),
    }
}

/// Adds the replicas of a table to its description.
pub(super) fn describe(table: &Table, description: &mut Value) {
    let Some(global) = &table.global else { return };
    description["GlobalTableVersion"] = VERSION.into();
    if !global.replicas.is_empty() {
        description["GlobalTableSettingsReplicationMode"] = REPLICATION_MODE.into();
    }
    description["Replicas"] =
        global.replicas.iter().map(|replica| replica_description(replica, table)).collect();
}

/// Settings are shared, but for those that a replica has of its own.
const REPLICATION_MODE: &str = "ENABLED_WITH_OVERRIDES";

fn replica_description(replica: &Replica, table: &Table) -> Value {
    let mut description = json!({
        "RegionName": replica.region.as_str(),
        "ReplicaStatus": replica.status.as_str(),
        "GlobalTableSettingsReplicationMode": REPLICATION_MODE,
    });
    if let Some(key) = &replica.kms_key_arn {
        description["KMSMasterKeyId"] = (&**key).into();
    }
    if let Some(class) = &replica.table_class {
        description["ReplicaTableClassSummary"] = json!({"TableClass": class});
        if let Some(changed) = replica.class_changed {
            description["ReplicaTableClassSummary"]["LastUpdateDateTime"] = timestamp(changed);
        }
    }
    add_override(&mut description, replica.on_demand, table.settings.on_demand);
    if replica.status == Status::Creating {
        return description;
    }
    description["WarmThroughput"] = warm_description(replica.warm, Status::Active);
    let index = |index: &ReplicaIndex| {
        let mut description = json!({
            "IndexName": &*index.definition.name,
            "WarmThroughput": warm_description(index.warm, Status::Active),
        });
        let own = table.index_named(&index.definition.name).and_then(|own| own.definition.on_demand);
        add_override(&mut description, index.definition.on_demand, own);
        description
    };
    let indexes: Vec<Value> = replica.indexes.iter().map(index).collect();
    if !indexes.is_empty() {
        description["GlobalSecondaryIndexes"] = indexes.into();
    }
    description
}

/// Each region calls what another one is limited to an override, where it differs from its own limit.
fn add_override(
    description: &mut Value,
    of_replica: Option<OnDemandThroughput>,
    own: Option<OnDemandThroughput>,
) {
    let read = |maximum: Option<OnDemandThroughput>| maximum.and_then(|maximum| maximum.read);
    if let Some(units) = read(of_replica).filter(|units| Some(*units) != read(own)) {
        description["OnDemandThroughputOverride"] = json!({"MaxReadRequestUnits": units});
    }
}
