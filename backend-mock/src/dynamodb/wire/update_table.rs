//! UpdateTable: what may stand together in one request, and what is asked of the engine.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::error::Error;
use super::super::engine::table_definition::BillingMode;
use super::super::engine::update_table::{IndexUpdate, UpdateTableInput};
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Rule, Shape, TABLE_NAME, optional, refused, required};
use super::table::{
    ATTRIBUTE_DEFINITION, BILLING_MODE, GLOBAL_INDEX, NAME, THROUGHPUT, THROUGHPUT_SHAPE,
    attribute_definitions, billing_mode, check_table_name, description, index_input, throughput,
};
use super::table_settings::{
    ENCRYPTION, ON_DEMAND, STREAM, TABLE_CLASS, WARM, encryption, on_demand, stream_update, table_class, warm,
};

const UPDATE_TABLE: &[Member] = &[
    optional("AttributeDefinitions", Shape::List(&ATTRIBUTE_DEFINITION), &[]),
    TABLE_NAME,
    BILLING_MODE,
    THROUGHPUT,
    optional(
        "GlobalSecondaryIndexUpdates",
        Shape::List(&Shape::Structure(&[
            optional(
                "Update",
                Shape::Structure(&[
                    required("IndexName", Shape::String, NAME),
                    required("ProvisionedThroughput", THROUGHPUT_SHAPE, &[]),
                    refused("OnDemandThroughput"),
                    refused("WarmThroughput"),
                ]),
                &[],
            ),
            optional("Create", GLOBAL_INDEX, &[]),
            optional("Delete", Shape::Structure(&[required("IndexName", Shape::String, NAME)]), &[]),
        ])),
        &[],
    ),
    STREAM,
    ENCRYPTION,
    optional("ReplicaUpdates", Shape::List(&Shape::Any), &[Rule::Length(1, usize::MAX)]),
    TABLE_CLASS,
    optional("DeletionProtectionEnabled", Shape::Boolean, &[]),
    ON_DEMAND,
    WARM,
    refused("MultiRegionConsistency"),
    refused("GlobalTableWitnessUpdates"),
    refused("GlobalTableSettingsReplicationMode"),
    refused("VectorIndexUpdates"),
];

pub(super) fn update_table(engine: &mut Engine, body: &Json<'_>, now: SystemTime) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, UPDATE_TABLE)?;
    check_something_changes(input)?;
    check_what_stands_alone(input)?;
    check_replica_updates(engine, input)?;
    if let Some(throughput) = throughput(input) {
        throughput.check_bounds()?;
    }
    let index_updates = index_updates(input)?;
    check_what_stands_together(input, &index_updates)?;
    let update = UpdateTableInput {
        table_name: input.string("TableName"),
        attribute_definitions: attribute_definitions(input),
        billing_mode: billing_mode(input),
        throughput: throughput(input),
        index_updates,
        stream: stream_update(input)?,
        encryption: encryption(engine, input, "SSESpecification")?,
        table_class: table_class(input)?,
        deletion_protection: input.boolean("DeletionProtectionEnabled"),
        on_demand: on_demand(input),
        warm: warm(input),
    };
    let table = engine.update_table(update, now)?;
    Ok(json!({"TableDescription": description(engine, &table, now)}))
}

/// Tables have no replicas. What AWS refuses of a table without is refused in its words, and a replica by name.
fn check_replica_updates(engine: &Engine, input: Input<'_>) -> Result<(), Fault> {
    if !input.has("ReplicaUpdates") {
        return Ok(());
    }
    let Some((action, replica)) = input.objects("ReplicaUpdates").find_map(|update| {
        ["Create", "Update", "Delete"]
            .map(|name| Some((name, update.object(name)?)))
            .into_iter()
            .flatten()
            .next()
    }) else {
        return Err(Fault::validation(
            "There are no actions specified in the Replica Update Action of the request.",
        ));
    };
    let region = replica.string("RegionName");
    if region == engine.region().as_str() {
        return Err(Fault::validation(
            "Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or \
             UpdateTable as required.",
        ));
    }
    engine.describe_table(&input.string("TableName"))?;
    Err(match action {
        "Create" => {
            Fault::validation("The in-memory DynamoDB does not implement the parameter ReplicaUpdates.Create")
        }
        _ => Fault::validation(format!(
            "Update global table operation failed because one or more replicas were not part of the global table. \
             Please retry the request without these replicas: [{region}]."
        )),
    })
}

fn check_something_changes(input: Input<'_>) -> Result<(), Fault> {
    let changes = [
        "ProvisionedThroughput",
        "BillingMode",
        "StreamSpecification",
        "SSESpecification",
        "ReplicaUpdates",
        "DeletionProtectionEnabled",
        "OnDemandThroughput",
        "WarmThroughput",
        "TableClass",
    ];
    let has_indexes = input.list("GlobalSecondaryIndexUpdates").is_some_and(|updates| !updates.is_empty());
    if has_indexes || changes.iter().any(|member| input.has(member)) {
        return Ok(());
    }
    Err(Fault::validation(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, \
         SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, \
         DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required",
    ))
}

/// The changes that are made alone, in the order in which AWS names them.
fn check_what_stands_alone(input: Input<'_>) -> Result<(), Fault> {
    const CHANGES: [&str; 9] = [
        "SSESpecification",
        "TableClass",
        "DeletionProtectionEnabled",
        "ReplicaUpdates",
        "WarmThroughput",
        "ProvisionedThroughput",
        "BillingMode",
        "StreamSpecification",
        "OnDemandThroughput",
    ];
    let count = CHANGES.iter().filter(|member| input.has(member)).count();
    let count_with_indexes = count + usize::from(input.has("GlobalSecondaryIndexUpdates"));
    if input.list("GlobalSecondaryIndexUpdates").is_some_and(<[Json<'_>]>::is_empty) {
        return Err(Fault::from(Error::invalid_parameter("List of GlobalSecondaryIndexUpdates is empty")));
    }
    let creates = input.objects("GlobalSecondaryIndexUpdates").any(|update| update.has("Create"));
    if creates && input.has("WarmThroughput") {
        return Err(Fault::from(Error::invalid_parameter(
            "Create global secondary index cannot be specified when updating WarmThroughput",
        )));
    }
    for (member, message) in [
        ("SSESpecification", "Server-Side Encryption modification must be the only operation in the request"),
        ("TableClass", "TableClass modification must be the only operation in the request"),
        (
            "DeletionProtectionEnabled",
            "DeletionProtection modification must be the only operation in the request",
        ),
        ("ReplicaUpdates", "Replica modification must be the only operation in the request"),
        ("WarmThroughput", "WarmThroughput must be the only operation in the request"),
    ] {
        if input.has(member) && count_with_indexes > 1 {
            return Err(Fault::from(Error::invalid_parameter(message)));
        }
    }
    let others = count_with_indexes - usize::from(input.has("BillingMode"));
    if input.has("OnDemandThroughput") && others > 1 {
        return Err(Fault::from(Error::invalid_parameter(
            "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request",
        )));
    }
    Ok(())
}

fn check_what_stands_together(input: Input<'_>, updates: &[IndexUpdate]) -> Result<(), Fault> {
    let has_throughput =
        input.has("ProvisionedThroughput") || billing_mode(input) == Some(BillingMode::Provisioned);
    let has_stream = input.has("StreamSpecification");
    let is_online = updates.iter().any(|update| !matches!(update, IndexUpdate::Update(..)));
    let message = match (has_throughput, has_stream, is_online) {
        (true, true, _) => "You cannot modify stream status while updating table IOPS",
        (true, _, true) => "You cannot create or delete index while updating table IOPS",
        (_, true, true) => "You cannot create or delete index while changing stream status",
        _ => return Ok(()),
    };
    Err(Fault::from(Error::invalid_parameter(message)))
}

fn index_updates(input: Input<'_>) -> Result<Vec<IndexUpdate>, Fault> {
    let mut updates: Vec<IndexUpdate> = Vec::new();
    for update in input.objects("GlobalSecondaryIndexUpdates") {
        let actions: Vec<_> =
            ["Update", "Create", "Delete"].into_iter().filter(|action| update.has(action)).collect();
        let update = match (actions.as_slice(), actions.first().and_then(|action| update.object(action))) {
            ([], _) => {
                return Err(Fault::from(Error::invalid_parameter(
                    "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, \
                     GlobalSecondaryIndexUpdate.Delete must not be null",
                )));
            }
            (["Create"], Some(index)) => IndexUpdate::Create(index_input(index)),
            (["Update"], Some(index)) => {
                IndexUpdate::Update(index.string("IndexName"), throughput(index).unwrap_or_default())
            }
            (["Delete"], Some(index)) => IndexUpdate::Delete(index.string("IndexName")),
            _ => {
                return Err(Fault::from(Error::invalid_parameter(
                    "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object",
                )));
            }
        };
        if updates.iter().any(|earlier| earlier.name() == update.name()) {
            return Err(Fault::from(Error::invalid_parameter(format!(
                "Only one global secondary index update per index is allowed simultaneously. Index: {}",
                update.name()
            ))));
        }
        updates.push(update);
    }
    Ok(updates)
}
