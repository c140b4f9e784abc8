//! Backups, point-in-time recovery, and restores from both.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::backup::{Backup, Recovery, RestoreOverride};
use super::super::engine::table_definition::BillingMode;
use super::super::engine::update_table::EncryptionUpdate;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Rule, Shape, TABLE_NAME, optional, refused, required};
use super::table::{
    NAME, THROUGHPUT_SHAPE, check_table_name, description, schema_description, throughput_description,
    throughput_of,
};
use super::table_settings::{ENCRYPTION_OVERRIDE, encryption, timestamp};
use super::vector_index::{self, VECTOR_INDEX_OVERRIDE, vector_indexes};
use crate::seed::IdSource;

const BACKUP_ARN: Member = required("BackupArn", Shape::String, &[Rule::Length(37, 1024)]);
const TARGET: Member = required("TargetTableName", Shape::String, NAME);
const BILLING_MODE_OVERRIDE: Member =
    optional("BillingModeOverride", Shape::String, &[Rule::OneOf(&["PROVISIONED", "PAY_PER_REQUEST"])]);
const THROUGHPUT_OVERRIDE: Member = optional("ProvisionedThroughputOverride", THROUGHPUT_SHAPE, &[]);

const UPDATE_CONTINUOUS_BACKUPS: &[Member] = &[
    TABLE_NAME,
    required(
        "PointInTimeRecoverySpecification",
        Shape::Structure(&[
            required("PointInTimeRecoveryEnabled", Shape::Boolean, &[]),
            optional("RecoveryPeriodInDays", Shape::Integer, &[Rule::Min(1), Rule::Max(35)]),
        ]),
        &[],
    ),
];

pub(super) fn create_backup(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
    ids: &mut IdSource,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME, required("BackupName", Shape::String, NAME)])?;
    let backup = engine.create_backup(&input.string("TableName"), input.string("BackupName"), now, ids)?;
    Ok(json!({"BackupDetails": details(&backup, "CREATING")}))
}

pub(super) fn describe_backup(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, &[BACKUP_ARN])?;
    let backup = engine.describe_backup(&input.string("BackupArn"))?;
    Ok(json!({"BackupDescription": backup_description(engine, &backup, "AVAILABLE")}))
}

pub(super) fn delete_backup(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, &[BACKUP_ARN])?;
    let backup = engine.delete_backup(&input.string("BackupArn"))?;
    Ok(json!({"BackupDescription": backup_description(engine, &backup, "DELETED")}))
}

pub(super) fn list_backups(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(
        body,
        &[
            optional("TableName", Shape::String, &[Rule::TableName]),
            optional("Limit", Shape::Integer, &[Rule::Min(1), Rule::Max(100)]),
            optional("TimeRangeLowerBound", Shape::Long, &[]),
            optional("TimeRangeUpperBound", Shape::Long, &[]),
            optional("ExclusiveStartBackupArn", Shape::String, &[Rule::Length(37, 1024)]),
            optional("BackupType", Shape::String, &[Rule::OneOf(&["USER", "SYSTEM", "AWS_BACKUP", "ALL"])]),
        ],
    )?;
    let (from, to) = (input.number("TimeRangeLowerBound"), input.number("TimeRangeUpperBound"));
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Fault::validation(
            "One or more parameter values were invalid: Time range lower bound must be less than or equal to upper \
             bound",
        ));
    }
    let limit = input.integer("Limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    let asked_type = input.text("BackupType").unwrap_or("USER");
    let is_wanted = |backup: &&Backup| {
        let created = seconds(backup.created);
        (asked_type == "ALL" || asked_type == backup_type(backup))
            && from.is_none_or(|from| created >= from)
            && to.is_none_or(|to| created < to)
            && input.text("ExclusiveStartBackupArn").is_none_or(|start| *backup.arn > *start)
    };
    let mut backups = engine.backups(input.text("TableName")).filter(is_wanted);
    let page: Vec<&Backup> = backups.by_ref().take(limit).collect();
    let summary = |backup: &&Backup| {
        let mut summary = details(backup, "AVAILABLE");
        summary["TableName"] = (&*backup.table.definition.name).into();
        summary["TableId"] = (&*backup.table.id).into();
        summary["TableArn"] = engine.table_arn(&backup.table.definition.name).into();
        summary
    };
    let mut answer = json!({"BackupSummaries": page.iter().map(summary).collect::<Vec<_>>()});
    if let (Some(_), Some(last)) = (backups.next(), page.last()) {
        answer["LastEvaluatedBackupArn"] = (&*last.arn).into();
    }
    Ok(answer)
}

pub(super) fn restore_table_from_backup(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
    ids: &mut IdSource,
) -> Result<Value, Fault> {
    let input = Input::check(
        body,
        &[
            TARGET,
            BACKUP_ARN,
            BILLING_MODE_OVERRIDE,
            THROUGHPUT_OVERRIDE,
            ENCRYPTION_OVERRIDE,
            VECTOR_INDEX_OVERRIDE,
            refused("GlobalSecondaryIndexOverride"),
            refused("LocalSecondaryIndexOverride"),
            refused("OnDemandThroughputOverride"),
        ],
    )?;
    let overrides = overrides(engine, input)?;
    let (target, arn) = (input.string("TargetTableName"), input.string("BackupArn"));
    let table = engine.restore_from_backup(&target, &arn, overrides, now, ids)?;
    Ok(json!({"TableDescription": description(engine, &table, now)}))
}

pub(super) fn restore_table_to_point_in_time(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
    ids: &mut IdSource,
) -> Result<Value, Fault> {
    let input = Input::check(
        body,
        &[
            TARGET,
            optional("SourceTableName", Shape::String, NAME),
            optional("SourceTableArn", Shape::String, &[]),
            optional("UseLatestRestorableTime", Shape::Boolean, &[]),
            optional("RestoreDateTime", Shape::Long, &[]),
            BILLING_MODE_OVERRIDE,
            THROUGHPUT_OVERRIDE,
            ENCRYPTION_OVERRIDE,
            VECTOR_INDEX_OVERRIDE,
            refused("GlobalSecondaryIndexOverride"),
            refused("LocalSecondaryIndexOverride"),
            refused("OnDemandThroughputOverride"),
        ],
    )?;
    let source = match (input.text("SourceTableName"), input.text("SourceTableArn")) {
        (Some(source), None) | (None, Some(source)) => source,
        _ => return Err(Fault::validation("Must provide exactly one of: sourceTableArn, sourceTableName")),
    };
    let uses_latest = input.boolean("UseLatestRestorableTime").unwrap_or_default();
    let to = match (uses_latest, input.number("RestoreDateTime")) {
        (true, None) => None,
        (false, Some(to)) => {
            let since = Duration::try_from_secs_f64(to).unwrap_or_default();
            Some(UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH))
        }
        _ => {
            return Err(Fault::validation(
                "Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not \
                 both",
            ));
        }
    };
    let overrides = overrides(engine, input)?;
    let target = input.string("TargetTableName");
    let table = engine.restore_to_point_in_time(source, &target, to, overrides, now, ids)?;
    Ok(json!({"TableDescription": description(engine, &table, now)}))
}

pub(super) fn describe_continuous_backups(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME])?;
    let recovery = engine.continuous_backups(&input.string("TableName"))?;
    Ok(continuous_backups(recovery))
}

pub(super) fn update_continuous_backups(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, UPDATE_CONTINUOUS_BACKUPS)?;
    let asked = input.object("PointInTimeRecoverySpecification");
    let days = asked.and_then(|asked| asked.integer("RecoveryPeriodInDays"));
    let is_enabled = asked.and_then(|asked| asked.boolean("PointInTimeRecoveryEnabled")).unwrap_or_default();
    if !is_enabled && days.is_some() {
        return Err(Fault::validation(
            "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.",
        ));
    }
    let name = input.string("TableName");
    engine.update_continuous_backups(&name, is_enabled.then(|| days.unwrap_or(35)), now)?;
    Ok(continuous_backups(engine.continuous_backups(&name)?))
}

fn continuous_backups(recovery: Option<&Recovery>) -> Value {
    let recovery = match recovery {
        None => json!({"PointInTimeRecoveryStatus": "DISABLED"}),
        Some(recovery) => json!({
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": recovery.period_days,
            "EarliestRestorableDateTime": timestamp(recovery.earliest()),
            "LatestRestorableDateTime": timestamp(recovery.latest),
        }),
    };
    json!({
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": recovery,
        },
    })
}

fn overrides(engine: &Engine, input: Input<'_>) -> Result<RestoreOverride, Fault> {
    let kms_key_arn = match encryption(engine, input, "SSESpecificationOverride")? {
        Some(EncryptionUpdate::Enable { key_arn, .. }) => Some(key_arn),
        Some(EncryptionUpdate::Disable) | None => None,
    };
    let billing_mode = input.text("BillingModeOverride").map(|mode| match mode {
        "PAY_PER_REQUEST" => BillingMode::PayPerRequest,
        _ => BillingMode::Provisioned,
    });
    let throughput = input.object("ProvisionedThroughputOverride").and_then(throughput_of);
    let vector_indexes = vector_indexes(input, "VectorIndexOverride");
    Ok(RestoreOverride { billing_mode, throughput, kms_key_arn, vector_indexes })
}

fn details(backup: &Backup, status: &str) -> Value {
    let mut details = json!({
        "BackupArn": &*backup.arn,
        "BackupName": backup.name,
        "BackupSizeBytes": backup.table.size,
        "BackupStatus": status,
        "BackupType": backup_type(backup),
        "BackupCreationDateTime": timestamp(backup.created),
    });
    if let Some(expires) = backup.expires {
        details["BackupExpiryDateTime"] = timestamp(expires);
    }
    details
}

fn backup_type(backup: &Backup) -> &'static str {
    match backup.expires {
        Some(_) => "SYSTEM",
        None => "USER",
    }
}

fn backup_description(engine: &Engine, backup: &Backup, status: &str) -> Value {
    let table = &backup.table;
    let definition = &table.definition;
    let described = description(engine, table, backup.created);
    let mut features = json!({
        "TimeToLiveDescription": match &table.settings.time_to_live.attribute {
            Some(attribute) => json!({"TimeToLiveStatus": "ENABLED", "AttributeName": &**attribute}),
            None => json!({"TimeToLiveStatus": "DISABLED"}),
        },
    });
    let copied = [
        ("LocalSecondaryIndexes", "LocalSecondaryIndexes"),
        ("GlobalSecondaryIndexes", "GlobalSecondaryIndexes"),
        ("StreamSpecification", "StreamDescription"),
        ("SSEDescription", "SSEDescription"),
    ];
    if !definition.vector_indexes.is_empty() {
        features["VectorIndexes"] =
            definition.vector_indexes.iter().map(|index| vector_index::info(index)).collect();
    }
    for (member, name) in copied {
        if let Some(value) = described.get(member) {
            features[name] = value.clone();
        }
    }
    for kind in ["LocalSecondaryIndexes", "GlobalSecondaryIndexes"] {
        for index in features.get_mut(kind).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(index) = index.as_object_mut() {
                index.retain(|member, _| {
                    ["IndexName", "KeySchema", "Projection", "ProvisionedThroughput"]
                        .contains(&member.as_str())
                });
            }
        }
    }
    json!({
        "BackupDetails": details(backup, status),
        "SourceTableDetails": {
            "TableName": &*definition.name,
            "TableId": &*table.id,
            "TableArn": engine.table_arn(&definition.name),
            "TableSizeBytes": table.size,
            "ItemCount": table.items.len(),
            "KeySchema": schema_description(&definition.key_schema),
            "TableCreationDateTime": timestamp(table.created),
            "ProvisionedThroughput": throughput_description(definition.throughput),
            "BillingMode": match definition.billing_mode {
                BillingMode::PayPerRequest => "PAY_PER_REQUEST",
                BillingMode::Provisioned => "PROVISIONED",
            },
        },
        "SourceTableFeatureDetails": features,
    })
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
