//! UpdateTable: what may stand together in one request, and what is asked of the engine.

use std::sync::Mutex;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::super::engine::account::Account;
use super::super::engine::error::Error;
use super::super::engine::table_definition::BillingMode;
use super::super::engine::update_table::{IndexChange, IndexUpdate, UpdateTableInput};
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::replica::{self, REPLICA_UPDATES};
use super::shape::{Member, Rule, Shape, TABLE_NAME, optional, refused, required};
use super::table::{
    ATTRIBUTE_DEFINITION, BILLING_MODE, GLOBAL_INDEX, NAME, THROUGHPUT, attribute_definitions, billing_mode,
    check_table_name, description, index_input, throughput,
};
use super::table_settings::{
    ENCRYPTION, ON_DEMAND, STREAM, TABLE_CLASS, WARM, encryption, on_demand, stream_update, table_class, warm,
};
use super::vector_index::{VECTOR_INDEX_UPDATES, vector_updates};
use crate::context::RegionName;
use crate::lock::locked;
use crate::seed::IdSource;

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
                Shape::Structure(&[required("IndexName", Shape::String, NAME), THROUGHPUT, ON_DEMAND, WARM]),
                &[],
            ),
            optional("Create", GLOBAL_INDEX, &[]),
            optional("Delete", Shape::Structure(&[required("IndexName", Shape::String, NAME)]), &[]),
        ])),
        &[],
    ),
    VECTOR_INDEX_UPDATES,
    STREAM,
    ENCRYPTION,
    REPLICA_UPDATES,
    TABLE_CLASS,
    optional("DeletionProtectionEnabled", Shape::Boolean, &[]),
    ON_DEMAND,
    WARM,
    optional("MultiRegionConsistency", Shape::String, &[Rule::OneOf(&["EVENTUAL", "STRONG"])]),
    refused("GlobalTableWitnessUpdates"),
    refused("GlobalTableSettingsReplicationMode"),
];

pub(super) fn update_table(
    account: &mut Account,
    region: &RegionName,
    body: &Json<'_>,
    now: SystemTime,
    ids: &Mutex<IdSource>,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, UPDATE_TABLE)?;
    check_something_changes(input)?;
    check_what_stands_alone(input)?;
    if let Some(update) = replica::update(input, region)? {
        let table_name = input.string("TableName");
        replica::check_consistency(account.region(region), input, &table_name)?;
        let table = account.update_replica(region, &table_name, update, now, &mut locked(ids))?;
        return Ok(json!({"TableDescription": description(account.region(region), &table, now)}));
    }
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
        vector_updates: vector_updates(input)?,
        stream: stream_update(input)?,
        encryption: encryption(account.region(region), input, "SSESpecification")?,
        table_class: table_class(input)?,
        deletion_protection: input.boolean("DeletionProtectionEnabled"),
        on_demand: on_demand(input),
        warm: warm(input),
    };
    if !update.changes_something() {
        // Nothing but limits without any member, which AWS does not get over.
        account.region(region).describe_table(&update.table_name)?;
        return Err(Fault::from(Error::InternalFailure));
    }
    let table = account.update_table(region, update, now)?;
    Ok(json!({"TableDescription": description(account.region(region), &table, now)}))
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
    let has_updates = |member| input.list(member).is_some_and(|updates| !updates.is_empty());
    let has_indexes = has_updates("GlobalSecondaryIndexUpdates") || has_updates("VectorIndexUpdates");
    if has_indexes || changes.iter().any(|member| input.has(member)) {
        return Ok(());
    }
    // A consistency alone is not named among what would do.
    let consistency = if input.has("MultiRegionConsistency") { "" } else { " MultiRegionConsistency," };
    Err(Fault::validation(format!(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, \
         SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn,{consistency} \
         DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required",
    )))
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
    // Limits without any member count for nothing here.
    let has = |member: &str| match member {
        "OnDemandThroughput" => on_demand(input).is_some(),
        "WarmThroughput" => warm(input).is_some(),
        member => input.has(member),
    };
    let count = CHANGES.iter().filter(|member| has(member)).count();
    let index_updates = ["GlobalSecondaryIndexUpdates", "VectorIndexUpdates"];
    let count_with_indexes = count + index_updates.into_iter().filter(|member| input.has(member)).count();
    if input.list("GlobalSecondaryIndexUpdates").is_some_and(<[Json<'_>]>::is_empty) {
        return Err(Fault::from(Error::invalid_parameter("List of GlobalSecondaryIndexUpdates is empty")));
    }
    let creates = input.objects("GlobalSecondaryIndexUpdates").any(|update| update.has("Create"));
    if creates && has("WarmThroughput") {
        return Err(Fault::from(Error::invalid_parameter(
            "Create global secondary index cannot be specified when updating WarmThroughput",
        )));
    }
    for (member, message) in [
        ("ReplicaUpdates", "Replica modification must be the only operation in the request"),
        ("SSESpecification", "Server-Side Encryption modification must be the only operation in the request"),
        ("TableClass", "TableClass modification must be the only operation in the request"),
        (
            "DeletionProtectionEnabled",
            "DeletionProtection modification must be the only operation in the request",
        ),
        ("WarmThroughput", "WarmThroughput must be the only operation in the request"),
    ] {
        if has(member) && count_with_indexes > 1 {
            return Err(Fault::from(Error::invalid_parameter(message)));
        }
    }
    let others = count_with_indexes - usize::from(input.has("BillingMode"));
    if has("OnDemandThroughput") && others > 1 {
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
            (["Update"], Some(index)) if index.has("WarmThroughput") && warm(index).is_none() => {
                return Err(Fault::from(Error::invalid_parameter(format!(
                    "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified for \
                     index: {}",
                    index.string("IndexName")
                ))));
            }
            (["Update"], Some(index)) => IndexUpdate::Update(
                index.string("IndexName"),
                IndexChange { throughput: throughput(index), on_demand: on_demand(index), warm: warm(index) },
            ),
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
