//! CreateTable, DescribeTable, ListTables, DeleteTable and what needs no table at all.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::key_schema::{KeyAttribute, KeySchema, KeyType};
use super::super::engine::stream::StreamViewType;
use super::super::engine::table::Table;
use super::super::engine::table_definition::{
    BillingMode, CreateTableInput, IndexDefinition, IndexInput, IndexKind, IndexProjection, KeyRole,
    KeySchemaElement, Throughput,
};
use super::fault::Fault;
use super::input::Input;
use super::shape::{Member, Rule, Shape, TABLE_NAME, optional, refused, required};
use crate::seed::IdSource;

const NAME: &[Rule] = &[Rule::Name, Rule::Length(3, 255)];

const KEY_SCHEMA_ELEMENTS: Shape = Shape::List(&Shape::Structure(&[
    required("AttributeName", Shape::String, &[Rule::Length(1, 255)]),
    required("KeyType", Shape::String, &[Rule::OneOf(&["HASH", "RANGE"])]),
]));
const KEY_SCHEMA: Member = required("KeySchema", KEY_SCHEMA_ELEMENTS, &[Rule::Length(1, 2)]);
/// The key of a global index may be made of several attributes.
const KEY_SCHEMA_OF_GLOBAL: Member = required("KeySchema", KEY_SCHEMA_ELEMENTS, &[Rule::Length(1, 8)]);

const THROUGHPUT: Member = optional(
    "ProvisionedThroughput",
    Shape::Structure(&[
        required("ReadCapacityUnits", Shape::Long, &[Rule::Min(1)]),
        required("WriteCapacityUnits", Shape::Long, &[Rule::Min(1)]),
    ]),
    &[],
);

const PROJECTION: Member = required(
    "Projection",
    Shape::Structure(&[
        optional("ProjectionType", Shape::String, &[Rule::OneOf(&["ALL", "INCLUDE", "KEYS_ONLY"])]),
        optional("NonKeyAttributes", Shape::List(&Shape::String), &[Rule::Length(1, 20)]),
    ]),
    &[],
);

const CREATE_TABLE: &[Member] = &[
    required(
        "AttributeDefinitions",
        Shape::List(&Shape::Structure(&[
            required("AttributeName", Shape::String, &[Rule::Length(1, 255)]),
            required("AttributeType", Shape::String, &[Rule::OneOf(&["B", "N", "S"])]),
        ])),
        &[],
    ),
    required("TableName", Shape::String, NAME),
    KEY_SCHEMA,
    optional(
        "LocalSecondaryIndexes",
        Shape::List(&Shape::Structure(&[required("IndexName", Shape::String, NAME), KEY_SCHEMA, PROJECTION])),
        &[],
    ),
    optional(
        "GlobalSecondaryIndexes",
        Shape::List(&Shape::Structure(&[
            required("IndexName", Shape::String, NAME),
            KEY_SCHEMA_OF_GLOBAL,
            PROJECTION,
            THROUGHPUT,
            refused("OnDemandThroughput"),
            refused("WarmThroughput"),
        ])),
        &[],
    ),
    optional("BillingMode", Shape::String, &[Rule::OneOf(&["PROVISIONED", "PAY_PER_REQUEST"])]),
    THROUGHPUT,
    optional(
        "StreamSpecification",
        Shape::Structure(&[
            required("StreamEnabled", Shape::Boolean, &[]),
            optional(
                "StreamViewType",
                Shape::String,
                &[Rule::OneOf(&["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"])],
            ),
        ]),
        &[],
    ),
    optional(
        "SSESpecification",
        Shape::Structure(&[
            optional("Enabled", Shape::Boolean, &[]),
            optional("SSEType", Shape::String, &[]),
            optional("KMSMasterKeyId", Shape::String, &[]),
        ]),
        &[],
    ),
    optional("TableClass", Shape::String, &[Rule::OneOf(&["STANDARD", "STANDARD_INFREQUENT_ACCESS"])]),
    optional("DeletionProtectionEnabled", Shape::Boolean, &[]),
    refused("Tags"),
    refused("WarmThroughput"),
    refused("ResourcePolicy"),
    refused("OnDemandThroughput"),
    refused("GlobalTableSourceArn"),
    refused("GlobalTableSettingsReplicationMode"),
];

const LIST_TABLES: &[Member] = &[
    optional("ExclusiveStartTableName", Shape::String, NAME),
    optional("Limit", Shape::Integer, &[Rule::Min(1), Rule::Max(100)]),
];

pub(super) fn create_table(
    engine: &mut Engine,
    body: &Value,
    now: SystemTime,
    ids: &mut IdSource,
) -> Result<Value, Fault> {
    let input = Input::check(body, CREATE_TABLE)?;
    refuse_what_is_not_kept(input)?;
    let stream = stream_view_type(input)?;
    let mut table = engine.create_table(
        CreateTableInput {
            table_name: input.string("TableName"),
            attribute_definitions: input
                .objects("AttributeDefinitions")
                .filter_map(attribute_definition)
                .collect(),
            key_schema: key_schema(input),
            local_indexes: indexes(input, "LocalSecondaryIndexes"),
            global_indexes: indexes(input, "GlobalSecondaryIndexes"),
            billing_mode: match input.text("BillingMode") {
                Some("PAY_PER_REQUEST") => BillingMode::PayPerRequest,
                _ => BillingMode::Provisioned,
            },
            throughput: throughput(input),
            table_class: input.text("TableClass").map(str::to_owned),
            deletion_protection: input.boolean("DeletionProtectionEnabled").unwrap_or_default(),
        },
        now,
        ids,
    )?;
    if let Some(view_type) = stream {
        engine.enable_stream(&table.definition.name, view_type)?;
        table = engine.describe_table(&table.definition.name)?;
    }
    Ok(json!({"TableDescription": description(engine, &table, "CREATING")}))
}

/// What the records of the new table's stream show, if it is to have one.
fn stream_view_type(input: Input<'_>) -> Result<Option<StreamViewType>, Fault> {
    let Some(specification) = input.object("StreamSpecification") else { return Ok(None) };
    let view_type = specification.text("StreamViewType").and_then(StreamViewType::parse);
    match (specification.boolean("StreamEnabled").unwrap_or_default(), view_type) {
        (true, Some(view_type)) => Ok(Some(view_type)),
        (false, None) => Ok(None),
        (true, None) => Err(Fault::validation(
            "One or more parameter values were invalid: Table is being created with a stream enabled, UpdateViewType \
             should be specified",
        )),
        (false, Some(_)) => Err(Fault::validation(
            "One or more parameter values were invalid: Table is being created with a stream disabled, UpdateViewType \
             should not be specified",
        )),
    }
}

/// Keys for encryption are accepted only when switched off.
fn refuse_what_is_not_kept(input: Input<'_>) -> Result<(), Fault> {
    let encryption = input.object("SSESpecification");
    if encryption.and_then(|encryption| encryption.boolean("Enabled")).unwrap_or_default() {
        return Err(Fault::validation(
            "The in-memory DynamoDB does not implement the parameter SSESpecification with Enabled true",
        ));
    }
    for member in ["SSEType", "KMSMasterKeyId"] {
        if encryption.is_some_and(|encryption| encryption.has(member)) {
            return Err(Fault::validation(format!(
                "One or more parameter values were invalid: {member} can not be specified if Enabled is false"
            )));
        }
    }
    Ok(())
}

pub(super) fn describe_table(engine: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, &[TABLE_NAME])?;
    let table = engine.describe_table(&input.string("TableName"))?;
    Ok(json!({"Table": description(engine, &table, "ACTIVE")}))
}

pub(super) fn delete_table(engine: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, &[TABLE_NAME])?;
    let table = engine.delete_table(&input.string("TableName"))?;
    let mut description = description(engine, &table, "DELETING");
    if let Some(description) = description.as_object_mut() {
        // A table that is going away no longer shows its keys.
        description.retain(|member, _| {
            ![
                "AttributeDefinitions",
                "KeySchema",
                "CreationDateTime",
                "LocalSecondaryIndexes",
                "GlobalSecondaryIndexes",
            ]
            .contains(&member.as_str())
        });
    }
    Ok(json!({"TableDescription": description}))
}

pub(super) fn list_tables(engine: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, LIST_TABLES)?;
    let limit = input.integer("Limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    let page = engine.list_tables(input.text("ExclusiveStartTableName"), limit);
    let mut answer = json!({"TableNames": page.names});
    if let Some(last) = page.last_evaluated {
        answer["LastEvaluatedTableName"] = last.into();
    }
    Ok(answer)
}

pub(super) fn describe_limits(_: &mut Engine, _: &Value) -> Result<Value, Fault> {
    Ok(json!({
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    }))
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

fn throughput(input: Input<'_>) -> Option<Throughput> {
    let throughput = input.object("ProvisionedThroughput")?;
    Some(Throughput {
        read: throughput.integer("ReadCapacityUnits")?,
        write: throughput.integer("WriteCapacityUnits")?,
    })
}

fn indexes(input: Input<'_>, member: &str) -> Option<Vec<IndexInput>> {
    input.list(member)?;
    let index = |index: Input<'_>| {
        let projection = index.object("Projection");
        let names = projection.and_then(|projection| projection.list("NonKeyAttributes"));
        IndexInput {
            name: index.string("IndexName"),
            key_schema: key_schema(index),
            projection_type: projection
                .and_then(|projection| projection.text("ProjectionType"))
                .map(str::to_owned),
            non_key_attributes: names
                .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            throughput: throughput(index),
        }
    };
    Some(input.objects(member).map(index).collect())
}

fn description(engine: &Engine, table: &Table, status: &str) -> Value {
    let definition = &table.definition;
    let created = table.created.duration_since(UNIX_EPOCH).unwrap_or_default();
    let arn = engine.table_arn(&definition.name);
    let attribute = |attribute: &KeyAttribute| json!({"AttributeName": &*attribute.name, "AttributeType": attribute.key_type.attribute_type().as_str()});
    // A new table is empty, whatever is written before its first description.
    let (items, size) = if status == "CREATING" { (0, 0) } else { (table.items.len(), table.size) };
    let mut description = json!({
        "AttributeDefinitions": definition.attribute_definitions.iter().map(attribute).collect::<Vec<_>>(),
        "TableName": &*definition.name,
        "KeySchema": schema_description(&definition.key_schema),
        "TableStatus": status,
        "CreationDateTime": created.as_millis() as f64 / 1000.0,
        "ProvisionedThroughput": throughput_description(definition.throughput),
        "TableSizeBytes": size,
        "ItemCount": items,
        "TableArn": &arn,
        "TableId": &*table.id,
        "DeletionProtectionEnabled": definition.deletion_protection,
    });
    if definition.billing_mode == BillingMode::PayPerRequest {
        let mut summary = json!({"BillingMode": "PAY_PER_REQUEST"});
        if status != "CREATING" {
            summary["LastUpdateToPayPerRequestDateTime"] = description["CreationDateTime"].clone();
        }
        description["BillingModeSummary"] = summary;
    }
    if let Some(stream) = &table.stream {
        description["StreamSpecification"] =
            json!({"StreamEnabled": true, "StreamViewType": stream.view_type.as_str()});
    }
    if let Some(label) = &table.latest_stream {
        description["LatestStreamLabel"] = (&**label).into();
        description["LatestStreamArn"] = engine.stream_arn(&definition.name, label).into();
    }
    if let Some(class) = &definition.table_class {
        description["TableClassSummary"] = json!({"TableClass": class});
    }
    for (member, kind) in
        [("LocalSecondaryIndexes", IndexKind::Local), ("GlobalSecondaryIndexes", IndexKind::Global)]
    {
        let of_kind = table.indexes.iter().filter(|index| index.definition.kind == kind);
        let indexes: Vec<_> = of_kind
            .map(|index| {
                let mut body = index_description(&index.definition, &arn, status);
                body["IndexSizeBytes"] = index.size.into();
                body["ItemCount"] = index.entries.len().into();
                body
            })
            .collect();
        if !indexes.is_empty() {
            description[member] = indexes.into();
        }
    }
    description
}

fn index_description(index: &IndexDefinition, table_arn: &str, status: &str) -> Value {
    let projection = match &index.projection {
        IndexProjection::All => json!({"ProjectionType": "ALL"}),
        IndexProjection::KeysOnly => json!({"ProjectionType": "KEYS_ONLY"}),
        IndexProjection::Include(names) => json!({
            "ProjectionType": "INCLUDE",
            "NonKeyAttributes": names.iter().map(|name| &**name).collect::<Vec<_>>(),
        }),
    };
    let mut description = json!({
        "IndexName": &*index.name,
        "KeySchema": schema_description(&index.key_schema),
        "Projection": projection,
        "IndexArn": format!("{table_arn}/index/{}", index.name),
    });
    if index.kind == IndexKind::Global {
        description["IndexStatus"] = status.into();
        description["ProvisionedThroughput"] = throughput_description(index.throughput);
    }
    description
}

pub(super) fn schema_description(schema: &KeySchema) -> Value {
    let element =
        |role| move |attribute: &KeyAttribute| json!({"AttributeName": &*attribute.name, "KeyType": role});
    let partition = schema.partition_attributes().map(element("HASH"));
    partition.chain(schema.sort_attributes().map(element("RANGE"))).collect()
}

fn throughput_description(throughput: Throughput) -> Value {
    json!({
        "NumberOfDecreasesToday": 0,
        "ReadCapacityUnits": throughput.read,
        "WriteCapacityUnits": throughput.write,
    })
}
