//! DescribeTableReplicaAutoScaling and UpdateTableReplicaAutoScaling.
//!
//! Capacity is scaled by a service of its own, and only where it is provisioned. Tables with replicas are paid for by
//! request here, so that their scaling is always off, and what would set it is refused as AWS refuses it of such tables.

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::error::Error;
use super::super::engine::index::Index;
use super::super::engine::table::Table;
use super::super::engine::table_status::Status;
use super::elsewhere::no_global_table;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Rule, Shape, TABLE_NAME, optional, required};
use super::table::{NAME, check_table_name};

const POLICY: Shape = Shape::Structure(&[
    optional("PolicyName", Shape::String, &[Rule::Length(1, 256)]),
    required(
        "TargetTrackingScalingPolicyConfiguration",
        Shape::Structure(&[
            optional("DisableScaleIn", Shape::Boolean, &[]),
            optional("ScaleInCooldown", Shape::Integer, &[]),
            optional("ScaleOutCooldown", Shape::Integer, &[]),
            required("TargetValue", Shape::Any, &[]),
        ]),
        &[],
    ),
]);
const SCALING: Shape = Shape::Structure(&[
    optional("MinimumUnits", Shape::Long, &[Rule::Min(1)]),
    optional("MaximumUnits", Shape::Long, &[Rule::Min(1)]),
    optional("AutoScalingDisabled", Shape::Boolean, &[]),
    optional("AutoScalingRoleArn", Shape::String, &[Rule::Length(1, 1600)]),
    optional("ScalingPolicyUpdate", POLICY, &[]),
]);
const WRITE: &str = "ProvisionedWriteCapacityAutoScalingUpdate";
const READ: &str = "ReplicaProvisionedReadCapacityAutoScalingUpdate";
const INDEX_WRITE: &str = "ProvisionedWriteCapacityAutoScalingUpdate";
const INDEX_READ: &str = "ProvisionedReadCapacityAutoScalingUpdate";
const INDEX_NAME: Member = optional("IndexName", Shape::String, NAME);
const INDEX_NAME_OF_UPDATE: Member = required("IndexName", Shape::String, NAME);

const UPDATE: &[Member] = &[
    TABLE_NAME,
    optional(WRITE, SCALING, &[]),
    optional(
        "GlobalSecondaryIndexUpdates",
        Shape::List(&Shape::Structure(&[INDEX_NAME, optional(INDEX_WRITE, SCALING, &[])])),
        &[Rule::Length(1, usize::MAX)],
    ),
    optional(
        "ReplicaUpdates",
        Shape::List(&Shape::Structure(&[
            required("RegionName", Shape::String, &[]),
            optional(READ, SCALING, &[]),
            optional(
                "ReplicaGlobalSecondaryIndexUpdates",
                Shape::List(&Shape::Structure(&[INDEX_NAME_OF_UPDATE, optional(INDEX_READ, SCALING, &[])])),
                &[],
            ),
        ])),
        &[Rule::Length(1, usize::MAX)],
    ),
];

pub(super) fn describe_table_replica_auto_scaling(
    engine: &mut Engine,
    body: &Json<'_>,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME])?;
    let table = global_table(engine, &input.string("TableName"))?;
    Ok(json!({"TableAutoScalingDescription": description(engine, &table)}))
}

pub(super) fn update_table_replica_auto_scaling(
    engine: &mut Engine,
    body: &Json<'_>,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, UPDATE)?;
    let table = global_table(engine, &input.string("TableName"))?;
    let name = &table.definition.name;
    let invalid = |detail: &str| {
        Err(Fault::validation(format!(
            "Failed to update settings for global table with name: ‘{name}’ {detail}"
        )))
    };
    if ![WRITE, "GlobalSecondaryIndexUpdates", "ReplicaUpdates"].iter().any(|member| input.has(member)) {
        return invalid("because at least one update parameter must be specified.");
    }
    let regions = regions(engine, &table);
    let mut named: Vec<&str> = Vec::new();
    for replica in input.objects("ReplicaUpdates") {
        let region = replica.text("RegionName").unwrap_or_default();
        if named.contains(&region) {
            return invalid(&format!("because the regions: ‘[{region}]’ were specified more than once."));
        }
        named.push(region);
        if !replica.has(READ) && !replica.has("ReplicaGlobalSecondaryIndexUpdates") {
            return invalid(&format!(
                "because at least one update parameter must be specified for region: ‘{region}’."
            ));
        }
        if !regions.iter().any(|(known, _)| known == region) {
            let message = format!("Replica not found: {region}");
            return Err(Fault::from(Error::ResourceNotFound(message)));
        }
    }
    if let Some(parameter) = set_parameter(input) {
        let replicas: Vec<String> =
            regions.iter().map(|(region, _)| format!("'{}'", region.to_ascii_uppercase())).collect();
        return Err(Fault::validation(format!(
            "Failed to update global table with name ‘{name}‘. Replicas {} BillingMode is PayPerRequest. You must \
             convert table's BillingMode to PROVISIONED to set parameters: '{parameter}'.",
            replicas.join(", ")
        )));
    }
    Ok(json!({"TableAutoScalingDescription": description(engine, &table)}))
}

/// The first setting that would scale something, by the name that AWS has for it. Switching off what is off is none.
fn set_parameter(input: Input<'_>) -> Option<&'static str> {
    let sets = |of: Input<'_>, member: &str| {
        of.object(member).is_some_and(|scaling| scaling.boolean("AutoScalingDisabled") != Some(true))
    };
    if sets(input, WRITE) {
        return Some("GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate");
    }
    if input.objects("GlobalSecondaryIndexUpdates").any(|index| sets(index, INDEX_WRITE)) {
        return Some("GlobalTableGlobalSecondaryIndexSettingsUpdate");
    }
    input.objects("ReplicaUpdates").find_map(|replica| {
        let mut indexes = replica.objects("ReplicaGlobalSecondaryIndexUpdates");
        match sets(replica, READ) {
            true => Some("ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate"),
            false => indexes
                .any(|index| sets(index, INDEX_READ))
                .then_some("ReplicaGlobalSecondaryIndexSettingsUpdate"),
        }
    })
}

fn global_table(engine: &Engine, name: &str) -> Result<Table, Fault> {
    let table = engine.describe_table(name).ok().filter(|table| table.global.is_some());
    table.ok_or_else(|| Fault::from(Error::ResourceNotFound(no_global_table(engine.table_name(name)))))
}

/// The regions of a table, its own included, in the order of their names, with the status and the indexes of each.
fn regions(engine: &Engine, table: &Table) -> Vec<(String, (Status, Vec<Value>))> {
    let replicas = table.global.iter().flat_map(|global| &global.replicas).map(|replica| {
        let indexes = replica.indexes.iter().map(|index| scaled_index(&index.definition.name, index.status));
        (replica.region.to_string(), (replica.status, indexes.collect()))
    });
    let own = table.indexes.iter().filter(|index| index.is_global());
    let own = own.map(|index: &Index| scaled_index(&index.definition.name, index.status)).collect();
    let own_status = match table.status {
        Status::Updating => Status::Active,
        status => status,
    };
    let mut regions: Vec<_> = replicas.collect();
    regions.push((engine.region().to_string(), (own_status, own)));
    regions.sort_by(|(one, _), (other, _)| one.cmp(other));
    regions
}

fn description(engine: &Engine, table: &Table) -> Value {
    let replica = |(region, (status, indexes)): (String, (Status, Vec<Value>))| {
        json!({
            "RegionName": region,
            "GlobalSecondaryIndexes": indexes,
            "ReplicaProvisionedReadCapacityAutoScalingSettings": off(),
            "ReplicaProvisionedWriteCapacityAutoScalingSettings": off(),
            "ReplicaStatus": status.as_str(),
        })
    };
    json!({
        "TableName": &*table.definition.name,
        "TableStatus": table.status.as_str(),
        "Replicas": regions(engine, table).into_iter().map(replica).collect::<Vec<_>>(),
    })
}

fn scaled_index(name: &str, status: Status) -> Value {
    json!({
        "IndexName": name,
        "IndexStatus": status.as_str(),
        "ProvisionedReadCapacityAutoScalingSettings": off(),
        "ProvisionedWriteCapacityAutoScalingSettings": off(),
    })
}

fn off() -> Value {
    json!({"AutoScalingDisabled": true, "ScalingPolicies": []})
}
