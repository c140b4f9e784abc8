//! CreateTable, DescribeTable, ListTables, DeleteTable and what needs no table at all.

use std::collections::BTreeSet;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::account::Account;
use super::super::engine::index::Index;
use super::super::engine::key_schema::{KeyAttribute, KeySchema, KeyType};
use super::super::engine::table::Table;
use super::super::engine::table_definition::{
    BillingMode, CreateTableInput, IndexInput, IndexKind, IndexProjection, KeyRole, KeySchemaElement,
    Throughput,
};
use super::super::engine::table_settings::Settings;
use super::super::engine::table_status::Status;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::replica;
use super::shape::{Member, Rule, Shape, TABLE_NAME, optional, refused, required};
use super::table_settings::{
    self, ENCRYPTION, ON_DEMAND, STREAM, TABLE_CLASS, TAGS, WARM, on_demand_description, timestamp,
    warm_description,
};
use super::vector_index::{self, VECTOR_INDEXES, vector_indexes};
use crate::context::RegionName;
use crate::seed::IdSource;

pub(super) const NAME: &[Rule] = &[Rule::Name, Rule::Length(3, 255)];

const KEY_SCHEMA_ELEMENTS: Shape = Shape::List(&Shape::Structure(&[
    required("AttributeName", Shape::String, &[Rule::Length(1, 255)]),
    required("KeyType", Shape::String, &[Rule::OneOf(&["HASH", "RANGE"])]),
]));
const KEY_SCHEMA: Member = required("KeySchema", KEY_SCHEMA_ELEMENTS, &[Rule::Length(1, 2)]);
/// The key of a global index may be made of several attributes.
const KEY_SCHEMA_OF_GLOBAL: Member = required("KeySchema", KEY_SCHEMA_ELEMENTS, &[Rule::Length(1, 8)]);

pub(super) const THROUGHPUT: Member = optional("ProvisionedThroughput", THROUGHPUT_SHAPE, &[]);
pub(super) const THROUGHPUT_SHAPE: Shape = Shape::Structure(&[
    required("WriteCapacityUnits", Shape::Long, &[Rule::Min(1)]),
    required("ReadCapacityUnits", Shape::Long, &[Rule::Min(1)]),
]);

pub(super) const PROJECTION: Member = required(
    "Projection",
    Shape::Structure(&[
        optional("ProjectionType", Shape::String, &[Rule::OneOf(&["ALL", "INCLUDE", "KEYS_ONLY"])]),
        optional("NonKeyAttributes", Shape::List(&Shape::String), &[Rule::Length(1, 20)]),
    ]),
    &[],
);

pub(super) const ATTRIBUTE_DEFINITION: Shape = Shape::Structure(&[
    required("AttributeName", Shape::String, &[Rule::Length(1, 255)]),
    required("AttributeType", Shape::String, &[Rule::OneOf(&["B", "N", "S"])]),
]);
pub(super) const BILLING_MODE: Member =
    optional("BillingMode", Shape::String, &[Rule::OneOf(&["PROVISIONED", "PAY_PER_REQUEST"])]);

const ATTRIBUTE_DEFINITIONS: Member =
    required("AttributeDefinitions", Shape::List(&ATTRIBUTE_DEFINITION), &[]);
const NEW_TABLE_NAME: Member = required("TableName", Shape::String, NAME);
pub(super) const GLOBAL_INDEX: Shape = Shape::Structure(&[
    required("IndexName", Shape::String, NAME),
    KEY_SCHEMA_OF_GLOBAL,
    PROJECTION,
    THROUGHPUT,
    ON_DEMAND,
    WARM,
]);
const GLOBAL_INDEXES: Member = optional("GlobalSecondaryIndexes", Shape::List(&GLOBAL_INDEX), &[]);

const CREATE_TABLE: &[Member] = &[
    ATTRIBUTE_DEFINITIONS,
    NEW_TABLE_NAME,
    KEY_SCHEMA,
    GLOBAL_INDEXES,
    optional(
        "LocalSecondaryIndexes",
        Shape::List(&Shape::Structure(&[required("IndexName", Shape::String, NAME), KEY_SCHEMA, PROJECTION])),
        &[],
    ),
    VECTOR_INDEXES,
    BILLING_MODE,
    THROUGHPUT,
    STREAM,
    ENCRYPTION,
    TABLE_CLASS,
    optional("DeletionProtectionEnabled", Shape::Boolean, &[]),
    TAGS,
    WARM,
    ON_DEMAND,
    refused("ResourcePolicy"),
    refused("GlobalTableSourceArn"),
    refused("GlobalTableSettingsReplicationMode"),
];

/// What an import may say of its table.
pub(super) const IMPORTED_TABLE: &[Member] = &[
    NEW_TABLE_NAME,
    ATTRIBUTE_DEFINITIONS,
    KEY_SCHEMA,
    BILLING_MODE,
    THROUGHPUT,
    ON_DEMAND,
    ENCRYPTION,
    GLOBAL_INDEXES,
    VECTOR_INDEXES,
];

const LIST_TABLES: &[Member] = &[
    optional("Limit", Shape::Integer, &[Rule::Min(1), Rule::Max(100)]),
    optional("ExclusiveStartTableName", Shape::String, NAME),
];

pub(super) fn create_table(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
    ids: &mut IdSource,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, CREATE_TABLE)?;
    let table = create(engine, input, now, ids)?;
    Ok(json!({"TableDescription": description(engine, &table, now)}))
}

/// Creates the table that `input` describes.
pub(super) fn create(
    engine: &mut Engine,
    input: Input<'_>,
    now: SystemTime,
    ids: &mut IdSource,
) -> Result<Table, Fault> {
    let billing_mode = billing_mode(input).unwrap_or(BillingMode::Provisioned);
    let asked = CreateTableInput {
        table_name: input.string("TableName"),
        attribute_definitions: attribute_definitions(input),
        key_schema: key_schema(input),
        local_indexes: indexes(input, "LocalSecondaryIndexes"),
        global_indexes: indexes(input, "GlobalSecondaryIndexes"),
        vector_indexes: vector_indexes(input, "VectorIndexes"),
        billing_mode,
        throughput: throughput(input),
        table_class: table_settings::table_class(input)?,
        deletion_protection: input.boolean("DeletionProtectionEnabled").unwrap_or_default(),
    };
    // How the table is paid for is looked at before anything else that it is to have.
    asked.table_throughput()?;
    let settings = table_settings::of_new_table(engine, input, billing_mode)?;
    let stream = table_settings::stream_of_new_table(input)?;
    Ok(engine.create_table(asked, settings, stream, now, ids)?)
}

pub(super) fn describe_table(engine: &mut Engine, body: &Json<'_>, now: SystemTime) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME])?;
    let table = engine.describe_table(&input.string("TableName"))?;
    Ok(json!({"Table": description(engine, &table, now)}))
}

pub(super) fn delete_table(
    account: &mut Account,
    region: &RegionName,
    body: &Json<'_>,
    now: SystemTime,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME])?;
    let name = input.string("TableName");
    let stream = account.region(region).describe_table(&name)?.stream;
    let mut table = account.delete_table(region, &name, now)?;
    table.stream = stream;
    let mut description = description(account.region(region), &table, now);
    if let Some(description) = description.as_object_mut() {
        // A table that is going away no longer shows its keys.
        description.retain(|member, _| {
            ![
                "AttributeDefinitions",
                "KeySchema",
                "CreationDateTime",
                "LocalSecondaryIndexes",
                "GlobalSecondaryIndexes",
                "VectorIndexes",
                "WarmThroughput",
            ]
            .contains(&member.as_str())
        });
    }
    Ok(json!({"TableDescription": description}))
}

pub(super) fn list_tables(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, LIST_TABLES)?;
    let limit = input.integer("Limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    let page = engine.list_tables(input.text("ExclusiveStartTableName"), limit);
    let mut answer = json!({"TableNames": page.names});
    if let Some(last) = page.last_evaluated {
        answer["LastEvaluatedTableName"] = last.into();
    }
    Ok(answer)
}

pub(super) fn describe_limits(_: &mut Engine, _: &Json<'_>) -> Result<Value, Fault> {
    Ok(json!({
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    }))
}

pub(super) fn describe_endpoints(engine: &mut Engine, _: &Json<'_>) -> Result<Value, Fault> {
    let address = format!("dynamodb.{}.amazonaws.com", engine.region());
    Ok(json!({"Endpoints": [{"Address": address, "CachePeriodInMinutes": 1440}]}))
}

/// Before anything else about the members, there must be a name.
pub(super) fn check_table_name(body: &Json<'_>) -> Result<(), Fault> {
    match body {
        Json::Object(members) if members.get("TableName").is_none_or(Json::is_null) => {
            Err(Fault::validation("The parameter 'TableName' is required but was not present in the request"))
        }
        _ => Ok(()),
    }
}

pub(super) fn attribute_definitions(input: Input<'_>) -> Vec<KeyAttribute> {
    input.objects("AttributeDefinitions").filter_map(attribute_definition).collect()
}

pub(super) fn billing_mode(input: Input<'_>) -> Option<BillingMode> {
    input.text("BillingMode").map(|mode| match mode {
        "PAY_PER_REQUEST" => BillingMode::PayPerRequest,
        _ => BillingMode::Provisioned,
    })
}

fn attribute_definition(definition: Input<'_>) -> Option<KeyAttribute> {
    let key_type = KeyType::parse(definition.text("AttributeType")?)?;
    Some(KeyAttribute { name: definition.text("AttributeName")?.into(), key_type })
}

fn key_schema(input: Input<'_>) -> Vec<KeySchemaElement> {
    let element = |element: Input<'_>| KeySchemaElement {
        name: element.string("AttributeName").into(),
        role: match element.text("KeyType") {
            Some("HASH") => KeyRole::Hash,
            _ => KeyRole::Range,
        },
    };
    input.objects("KeySchema").map(element).collect()
}

pub(super) fn throughput(input: Input<'_>) -> Option<Throughput> {
    input.object("ProvisionedThroughput").and_then(throughput_of)
}

pub(super) fn throughput_of(throughput: Input<'_>) -> Option<Throughput> {
    Some(Throughput {
        read: throughput.integer("ReadCapacityUnits")?,
        write: throughput.integer("WriteCapacityUnits")?,
    })
}

fn indexes(input: Input<'_>, member: &str) -> Option<Vec<IndexInput>> {
    input.list(member)?;
    Some(input.objects(member).map(index_input).collect())
}

pub(super) fn index_input(index: Input<'_>) -> IndexInput {
    let projection = index.object("Projection");
    let names = projection.and_then(|projection| projection.list("NonKeyAttributes"));
    IndexInput {
        name: index.string("IndexName"),
        key_schema: key_schema(index),
        projection_type: projection
            .and_then(|projection| projection.text("ProjectionType"))
            .map(str::to_owned),
        non_key_attributes: names
            .map(|names| names.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
        throughput: throughput(index),
        on_demand: table_settings::on_demand(index),
        warm: table_settings::warm(index),
    }
}

/// A table as answers show it at `now`.
pub(super) fn description(engine: &Engine, table: &Table, now: SystemTime) -> Value {
    let definition = &table.definition;
    let status = table.status.as_str();
    let arn = engine.table_arn(&definition.name);
    let attribute = |attribute: &KeyAttribute| json!({"AttributeName": &*attribute.name, "AttributeType": attribute.key_type.attribute_type().as_str()});
    // A new table is empty, whatever is written before its first description.
    let is_new = table.status == Status::Creating;
    let (items, size) = if is_new { (0, 0) } else { (table.items.len(), table.size) };
    let mut description = json!({
        "AttributeDefinitions": definition.attribute_definitions.iter().map(attribute).collect::<Vec<_>>(),
        "TableName": &*definition.name,
        "KeySchema": schema_description(&definition.key_schema),
        "TableStatus": status,
        "CreationDateTime": timestamp(table.created),
        "ProvisionedThroughput": throughput_description(definition.throughput),
        "TableSizeBytes": size,
        "ItemCount": items,
        "TableArn": &arn,
        "TableId": &*table.id,
        "DeletionProtectionEnabled": definition.deletion_protection,
    });
    add_changes(&mut description["ProvisionedThroughput"], &table.settings, now);
    let summary = match (definition.billing_mode, table.settings.on_demand_since) {
        (BillingMode::PayPerRequest, _) if is_new => Some(json!({"BillingMode": "PAY_PER_REQUEST"})),
        (mode, Some(since)) => Some(json!({
            "BillingMode": match mode {
                BillingMode::PayPerRequest => "PAY_PER_REQUEST",
                BillingMode::Provisioned => "PROVISIONED",
            },
            "LastUpdateToPayPerRequestDateTime": timestamp(since),
        })),
        _ => None,
    };
    if let Some(summary) = summary {
        description["BillingModeSummary"] = summary;
    }
    table_settings::describe(table, &mut description);
    // A replica does not show its stream before it is there.
    let shows_stream = !is_new || table.global.is_none();
    if let Some(stream) = table.stream.as_ref().filter(|_| shows_stream) {
        description["StreamSpecification"] =
            json!({"StreamEnabled": true, "StreamViewType": stream.view_type.as_str()});
    }
    if let Some(label) = table.latest_stream.as_ref().filter(|_| shows_stream) {
        description["LatestStreamLabel"] = (&**label).into();
        description["LatestStreamArn"] = engine.stream_arn(&definition.name, label).into();
    }
    if let Some(class) = &definition.table_class {
        description["TableClassSummary"] = json!({"TableClass": class});
        if let Some(changed) = table.settings.class_changes.last() {
            description["TableClassSummary"]["LastUpdateDateTime"] = timestamp(changed);
        }
    }
    for (member, kind) in
        [("LocalSecondaryIndexes", IndexKind::Local), ("GlobalSecondaryIndexes", IndexKind::Global)]
    {
        let of_kind = table.indexes.iter().filter(|index| index.definition.kind == kind);
        let indexes: Vec<_> = of_kind
            .map(|index| {
                let mut body = index_description(index, &arn);
                if index.definition.kind == IndexKind::Global {
                    add_changes(&mut body["ProvisionedThroughput"], &index.settings, now);
                    // While the table changes for a new index, resources are allocated, and the index is filled after.
                    if !is_new && index.status == Status::Creating {
                        body["Backfilling"] = false.into();
                    }
                    if !is_new {
                        let warm = index.definition.warm_throughput(definition.billing_mode);
                        body["WarmThroughput"] = warm_description(warm, table.warm_status_of(index));
                    }
                    if let Some(maximum) = index.definition.on_demand {
                        body["OnDemandThroughput"] = on_demand_description(maximum);
                    }
                }
                body["IndexSizeBytes"] = index.size.into();
                body["ItemCount"] = index.entries.len().into();
                body
            })
            .collect();
        if !indexes.is_empty() {
            description[member] = indexes.into();
        }
    }
    vector_index::describe(table, &arn, &mut description);
    replica::describe(table, &mut description);
    description
}

fn index_description(held: &Index, table_arn: &str) -> Value {
    let index = &held.definition;
    let mut description = json!({
        "IndexName": &*index.name,
        "KeySchema": schema_description(&index.key_schema),
        "Projection": projection_description(&index.projection),
        "IndexArn": format!("{table_arn}/index/{}", index.name),
    });
    if index.kind == IndexKind::Global {
        description["IndexStatus"] = held.status.as_str().into();
        description["ProvisionedThroughput"] = throughput_description(index.throughput);
    }
    description
}

pub(super) fn projection_description(projection: &IndexProjection) -> Value {
    match projection {
        IndexProjection::All => json!({"ProjectionType": "ALL"}),
        IndexProjection::KeysOnly => json!({"ProjectionType": "KEYS_ONLY"}),
        IndexProjection::Include(names) => json!({
            "ProjectionType": "INCLUDE",
            "NonKeyAttributes": names.iter().map(|name| &**name).collect::<BTreeSet<_>>(),
        }),
    }
}

pub(super) fn schema_description(schema: &KeySchema) -> Value {
    let element =
        |role| move |attribute: &KeyAttribute| json!({"AttributeName": &*attribute.name, "KeyType": role});
    let partition = schema.partition_attributes().map(element("HASH"));
    partition.chain(schema.sort_attributes().map(element("RANGE"))).collect()
}

/// When throughput was changed, and how often today.
fn add_changes(throughput: &mut Value, settings: &Settings, now: SystemTime) {
    throughput["NumberOfDecreasesToday"] = settings.decreases_today(now).into();
    for (member, time) in
        [("LastIncreaseDateTime", settings.last_increase), ("LastDecreaseDateTime", settings.last_decrease)]
    {
        if let Some(time) = time {
            throughput[member] = timestamp(time);
        }
    }
}

pub(super) fn throughput_description(throughput: Throughput) -> Value {
    json!({
        "NumberOfDecreasesToday": 0,
        "ReadCapacityUnits": throughput.read,
        "WriteCapacityUnits": throughput.write,
    })
}
