//! What CreateTable and UpdateTable can set besides the schema, and how it is described.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::error::Error;
use super::super::engine::stream::StreamViewType;
use super::super::engine::table::Table;
use super::super::engine::table_definition::BillingMode;
use super::super::engine::table_settings::{OnDemandThroughput, Settings, UnitsPerSecond, WarmThroughput};
use super::super::engine::table_status::{Aspect, Status};
use super::super::engine::tag::{Tag, check_tags};
use super::super::engine::update_table::{EncryptionUpdate, StreamUpdate, check_on_demand};
use super::fault::Fault;
use super::input::Input;
use super::shape::{Member, Rule, Shape, optional, required};

pub(super) const STREAM: Member = optional(
    "StreamSpecification",
    Shape::Structure(&[
        required("StreamEnabled", Shape::Boolean, &[]),
        optional("StreamViewType", Shape::String, &[Rule::OneOf(StreamViewType::NAMES)]),
    ]),
    &[],
);

pub(super) const ENCRYPTION: Member = optional("SSESpecification", ENCRYPTION_SHAPE, &[]);
pub(super) const ENCRYPTION_OVERRIDE: Member = optional("SSESpecificationOverride", ENCRYPTION_SHAPE, &[]);
const ENCRYPTION_SHAPE: Shape = Shape::Structure(&[
    optional("Enabled", Shape::Boolean, &[]),
    optional("SSEType", Shape::String, &[Rule::OneOf(&["AES256", "KMS"])]),
    optional("KMSMasterKeyId", Shape::String, &[]),
]);

pub(super) const ON_DEMAND: Member = optional(
    "OnDemandThroughput",
    Shape::Structure(&[
        optional("MaxReadRequestUnits", Shape::Long, &[]),
        optional("MaxWriteRequestUnits", Shape::Long, &[]),
    ]),
    &[],
);

pub(super) const WARM: Member = optional(
    "WarmThroughput",
    Shape::Structure(&[
        optional("ReadUnitsPerSecond", Shape::Long, &[]),
        optional("WriteUnitsPerSecond", Shape::Long, &[]),
    ]),
    &[],
);

pub(super) const TAGS: Member = optional(
    "Tags",
    Shape::List(&Shape::Structure(&[
        optional("Key", Shape::String, &[]),
        optional("Value", Shape::String, &[]),
    ])),
    &[],
);

pub(super) const TABLE_CLASS: Member = optional("TableClass", Shape::String, &[]);
pub(super) const TABLE_CLASS_OVERRIDE: Member = optional("TableClassOverride", Shape::String, &[]);

/// What the records of a new table's stream show, if it is to have one.
pub(super) fn stream_of_new_table(input: Input<'_>) -> Result<Option<StreamViewType>, Fault> {
    let Some(stream) = input.object("StreamSpecification") else { return Ok(None) };
    let view = stream.text("StreamViewType").and_then(StreamViewType::parse);
    match (stream.boolean("StreamEnabled").unwrap_or_default(), view) {
        (true, None) => Err(Fault::from(Error::invalid_parameter(
            "Table is being created with a stream enabled, UpdateViewType is required",
        ))),
        (false, Some(_)) => Err(Fault::from(Error::invalid_parameter(
            "Table is being created with a stream disabled, UpdateViewType should not be specified",
        ))),
        (_, view) => Ok(view),
    }
}

/// The settings of a table that is created.
pub(super) fn of_new_table(
    engine: &Engine,
    input: Input<'_>,
    billing_mode: BillingMode,
) -> Result<Settings, Fault> {
    let mut settings = Settings::default();
    if let Some(EncryptionUpdate::Enable { key_arn, .. }) = encryption(engine, input, "SSESpecification")? {
        settings.kms_key_arn = Some(key_arn);
    }
    settings.on_demand = on_demand(input);
    if let Some(throughput) = settings.on_demand {
        check_on_demand(throughput, None, billing_mode, 1)?;
    }
    let brought = UnitsPerSecond::of(billing_mode, super::table::throughput(input).unwrap_or_default());
    settings.warm = warm(input).map(|asked| brought.warmed(asked, "table", billing_mode)).transpose()?;
    settings.tags = tags(input);
    check_tags(&settings.tags)?;
    Ok(settings)
}

pub(super) fn table_class(input: Input<'_>) -> Result<Option<String>, Fault> {
    table_class_named(input, "TableClass")
}

pub(super) fn table_class_named(input: Input<'_>, member: &str) -> Result<Option<String>, Fault> {
    match input.text(member) {
        Some(class) if !["STANDARD", "STANDARD_INFREQUENT_ACCESS"].contains(&class) => {
            Err(Fault::validation(
                "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, \
             STANDARD_INFREQUENT_ACCESS].",
            ))
        }
        class => Ok(class.map(str::to_owned)),
    }
}

/// What UpdateTable makes of the stream.
pub(super) fn stream_update(input: Input<'_>) -> Result<Option<StreamUpdate>, Fault> {
    let Some(stream) = input.object("StreamSpecification") else { return Ok(None) };
    let view = stream.text("StreamViewType").and_then(StreamViewType::parse);
    match (stream.boolean("StreamEnabled").unwrap_or_default(), view) {
        (true, Some(view)) => Ok(Some(StreamUpdate::Enable(view))),
        (false, None) => Ok(Some(StreamUpdate::Disable)),
        (true, None) => Err(Fault::from(Error::invalid_parameter(
            "If stream is being enabled then UpdateViewType is required",
        ))),
        (false, Some(_)) => Err(Fault::from(Error::invalid_parameter(
            "If stream is being disabled, then UpdateViewType must not be specified",
        ))),
    }
}

/// What a specification makes of the encryption.
pub(super) fn encryption(
    engine: &Engine,
    input: Input<'_>,
    member: &str,
) -> Result<Option<EncryptionUpdate>, Fault> {
    let Some(specification) = input.object(member) else { return Ok(None) };
    let invalid = |message: &str| Err(Fault::from(Error::invalid_parameter(message)));
    let (kind, key) = (specification.text("SSEType"), specification.text("KMSMasterKeyId"));
    let is_enabled = specification.boolean("Enabled").unwrap_or(kind == Some("KMS"));
    if !is_enabled {
        for (member, is_there) in [("SSEType", kind.is_some()), ("KMSMasterKeyId", key.is_some())] {
            if is_there {
                return invalid(&format!("{member} can not be specified if Enabled is false"));
            }
        }
        return Ok(Some(EncryptionUpdate::Disable));
    }
    let enable = |key_arn: Arc<str>, is_by_arn| Ok(Some(EncryptionUpdate::Enable { key_arn, is_by_arn }));
    match (kind, key) {
        (Some("AES256"), _) => invalid("SSEType AES256 is not supported"),
        (None, Some(_)) => invalid("SSEType KMS is required if KMSMasterKeyId is specified"),
        (_, None | Some("alias/aws/dynamodb")) => enable(engine.managed_key(), false),
        (_, Some(arn)) if arn.starts_with("arn:") => enable(arn.into(), true),
        (_, Some(alias)) if alias.starts_with("alias/") => Err(Fault::validation(format!(
            "KMS validation error: com.amazonaws.services.kms.model.NotFoundException: Alias {} is not found.",
            engine.arn("kms", alias)
        ))),
        (_, Some(id)) => enable(engine.arn("kms", &format!("key/{id}")).into(), false),
    }
}

/// One without any member is none.
pub(super) fn on_demand(input: Input<'_>) -> Option<OnDemandThroughput> {
    let units = input.object("OnDemandThroughput")?;
    let maximum = OnDemandThroughput {
        read: units.integer("MaxReadRequestUnits"),
        write: units.integer("MaxWriteRequestUnits"),
    };
    Some(maximum).filter(|maximum| *maximum != OnDemandThroughput::default())
}

/// One without any member is none.
pub(super) fn warm(input: Input<'_>) -> Option<WarmThroughput> {
    let units = input.object("WarmThroughput")?;
    let warm = (units.integer("ReadUnitsPerSecond"), units.integer("WriteUnitsPerSecond"));
    Some(warm).filter(|warm| *warm != (None, None))
}

pub(super) fn tags(input: Input<'_>) -> Vec<Tag> {
    input
        .objects("Tags")
        .map(|tag| Tag { key: tag.string("Key").into(), value: tag.text("Value").unwrap_or("null").into() })
        .collect()
}

/// A time as the API writes it: seconds, to the millisecond.
pub(super) fn timestamp(time: SystemTime) -> Value {
    (time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as f64 / 1000.0).into()
}

/// Adds what is set to the description of a table.
pub(super) fn describe(table: &Table, description: &mut Value) {
    let settings = &table.settings;
    let changing = table.transition.as_ref().map(|transition| transition.aspect);
    if let Some(key) = &settings.kms_key_arn {
        let status = if changing == Some(Aspect::Encryption) { "UPDATING" } else { "ENABLED" };
        description["SSEDescription"] =
            json!({"Status": status, "SSEType": "KMS", "KMSMasterKeyArn": &**key});
    }
    if let Some(limits) = settings.on_demand {
        description["OnDemandThroughput"] = on_demand_description(limits);
    }
    if table.status != Status::Creating || settings.warm.is_some() {
        let warm = table.warm_throughput();
        let status = if changing == Some(Aspect::WarmThroughput) { Status::Updating } else { Status::Active };
        description["WarmThroughput"] = warm_description(warm, status);
    }
    if let Some(restored) = &settings.restored {
        description["RestoreSummary"] = json!({
            "SourceTableArn": &*restored.source_arn,
            "RestoreDateTime": timestamp(restored.to),
            "RestoreInProgress": restored.in_progress,
        });
        if let Some(arn) = &restored.backup_arn {
            description["RestoreSummary"]["SourceBackupArn"] = (&**arn).into();
        }
    }
}

pub(super) fn on_demand_description(maximum: OnDemandThroughput) -> Value {
    let mut description = json!({});
    for (member, units) in [("MaxReadRequestUnits", maximum.read), ("MaxWriteRequestUnits", maximum.write)] {
        if let Some(units) = units {
            description[member] = units.into();
        }
    }
    description
}

pub(super) fn warm_description(warm: UnitsPerSecond, status: Status) -> Value {
    json!({
        "ReadUnitsPerSecond": warm.read,
        "WriteUnitsPerSecond": warm.write,
        "Status": status.as_str(),
    })
}
