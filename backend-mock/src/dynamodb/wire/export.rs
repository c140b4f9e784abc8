//! ExportTableToPointInTime, DescribeExport and ListExports.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::error::Error;
use super::super::engine::export::{self, Contents, Encryption, Exported, Unfinished};
use super::super::engine::job::{Failure, Job, JobStatus};
use super::super::object_store::{AtRest, Bucket, ObjectStore};
use super::export_files::{self, Destination};
use super::fault::Fault;
use super::input::Input;
use super::job::{self, BUCKET, BUCKET_OWNER};
use super::json::Json;
use super::shape::{Member, Rule, Shape, optional, refused, required};
use super::table_settings::timestamp;
use crate::context::AccountId;
use crate::seed::IdSource;

const EXPORT_TABLE: &[Member] = &[
    required("TableArn", Shape::String, &[Rule::Length(1, 1024)]),
    BUCKET,
    BUCKET_OWNER,
    optional("S3Prefix", Shape::String, &[Rule::Length(0, 1024)]),
    optional("S3SseAlgorithm", Shape::String, &[Rule::OneOf(&["AES256", "KMS"])]),
    optional("S3SseKmsKeyId", Shape::String, &[Rule::Length(1, 2048)]),
    optional("ClientToken", Shape::String, &[]),
    optional("ExportTime", Shape::Long, &[]),
    optional("ExportFormat", Shape::String, &[Rule::OneOf(&["DYNAMODB_JSON", "ION"])]),
    optional("ExportType", Shape::String, &[Rule::OneOf(&["FULL_EXPORT", "INCREMENTAL_EXPORT"])]),
    optional(
        "IncrementalExportSpecification",
        Shape::Structure(&[
            optional("ExportFromTime", Shape::Long, &[]),
            optional("ExportToTime", Shape::Long, &[]),
            optional("ExportViewType", Shape::String, &[Rule::OneOf(&["NEW_IMAGE", "NEW_AND_OLD_IMAGES"])]),
        ]),
        &[],
    ),
    refused("FilterSpecification"),
];

/// What an export is of.
#[derive(Clone, Copy)]
enum Span {
    At(SystemTime),
    Between { from: SystemTime, to: SystemTime, old_images: bool },
}

pub(super) fn export_table_to_point_in_time(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
    ids: &mut IdSource,
) -> Result<Value, Fault> {
    let input = Input::check(body, EXPORT_TABLE)?;
    let span = span(input, now)?;
    let encryption = encryption(input)?;
    let table = engine.exported_table(&input.string("TableArn"))?.clone();
    if let Span::Between { from, to, .. } = span {
        table.check_window(from, to, now, job::to_the_second)?;
    }
    let contents = match span {
        Span::At(at) => Contents::Items(table.items_at(at, now)?.clone()),
        Span::Between { from, to, old_images } => {
            Contents::Changes { changes: table.changes_between(from, to)?.into(), old_images }
        }
    };
    if input.text("ExportFormat") == Some("ION") {
        return Err(Fault::validation("The in-memory DynamoDB does not implement the ExportFormat ION"));
    }
    let asked = job::without_token(body);
    if let Some(known) = engine.exports.with_token(input.text("ClientToken"), now) {
        if *known.asked != *asked {
            return Err(conflict("ExportConflictException", "Export"));
        }
        return Ok(json!({"ExportDescription": description(engine, known, known.status(now))}));
    }
    let mut job = Job {
        arn: engine.job_arn(&table.definition.name, "export", now, ids).into(),
        table_name: table.definition.name.clone(),
        table_id: table.id.clone(),
        started: now,
        ended: engine.job_end(now),
        client_token: input.text("ClientToken").map(Into::into),
        asked: asked.into(),
        shown: shown(body, span).to_string().into(),
        outcome: Exported::default(),
        failure: None,
    };
    let export = Unfinished {
        arn: job.arn.clone(),
        due: job.ended,
        contents,
        names: export_files::names(&table.definition, ids),
        destination: export::Destination {
            bucket: input.string("S3Bucket"),
            expected_owner: input.text("S3BucketOwner").map(str::to_owned),
            prefix: input.text("S3Prefix").map(str::to_owned),
            encryption,
        },
    };
    let (store, account_id) = (engine.store(), engine.account_id().clone());
    match destination(&*store, &account_id, &export, now).begin(&job.arn) {
        Ok(()) => engine.unfinished_exports.push_back(export),
        Err(refusal) => job.failure = Some(Failure::of_s3(&refusal, ids)),
    }
    let answer = json!({"ExportDescription": description(engine, &job, JobStatus::InProgress)});
    engine.exports.add(job);
    finish_due(engine, now, ids);
    Ok(answer)
}

/// Writes the files of the exports whose time has come, as they would have been written then.
pub(super) fn finish_due(engine: &mut Engine, now: SystemTime, ids: &mut IdSource) {
    while let Some(export) = engine.take_due_export(now) {
        let (store, account_id) = (engine.store(), engine.account_id().clone());
        let Some(job) = engine.exports.get(&export.arn) else { continue };
        let table_arn = engine.table_arn(&job.table_name);
        let destination = destination(&*store, &account_id, &export, export.due);
        let written = export_files::write(&destination, job, &table_arn, &export.contents, &export.names);
        let Some(job) = engine.exports.get_mut(&export.arn) else { continue };
        match written {
            Ok(exported) => job.outcome = exported,
            Err(refusal) => job.failure = Some(Failure::of_s3(&refusal, ids)),
        }
    }
}

fn destination<'e>(
    store: &'e dyn ObjectStore,
    account_id: &'e AccountId,
    export: &'e Unfinished,
    now: SystemTime,
) -> Destination<'e> {
    let export::Destination { bucket, expected_owner, prefix, encryption } = &export.destination;
    Destination {
        store,
        bucket: Bucket { name: bucket, account_id, expected_owner: expected_owner.as_deref(), now },
        at_rest: match encryption {
            Encryption::S3 => AtRest::S3,
            Encryption::Kms(key) => AtRest::Kms(key.as_deref()),
        },
        prefix: prefix.as_deref(),
    }
}

pub(super) fn describe_export(engine: &mut Engine, body: &Json<'_>, now: SystemTime) -> Result<Value, Fault> {
    let input = Input::check(body, &[required("ExportArn", Shape::String, &[Rule::Length(37, 1024)])])?;
    let arn = input.string("ExportArn");
    let job = job::named(engine, &engine.exports, &arn, ("Export", "ExportNotFoundException"), || {
        match job::is_of_region(engine, &arn) {
            true => format!("Export not found: {arn}"),
            false => "Invalid export arn".to_owned(),
        }
    })?;
    Ok(json!({"ExportDescription": description(engine, job, job.status(now))}))
}

/// The exports of a table are those of the one that has its name now.
pub(super) fn list_exports(engine: &mut Engine, body: &Json<'_>, now: SystemTime) -> Result<Value, Fault> {
    let input = Input::check(
        body,
        &[
            optional("TableArn", Shape::String, &[Rule::Length(1, 1024)]),
            optional("MaxResults", Shape::Integer, &[Rule::Min(1), Rule::Max(25)]),
            optional("NextToken", Shape::String, &[]),
        ],
    )?;
    let table_id = input.text("TableArn").map(|arn| engine.describe_table(arn).map(|table| table.id).ok());
    let is_wanted = |job: &Job<Exported>| match &table_id {
        None => true,
        Some(id) => id.as_ref() == Some(&job.table_id),
    };
    let (page, next) = job::page(&engine.exports, input, ("MaxResults", "/export/"), is_wanted)?;
    let summary = |job: &&Job<Exported>| {
        let export_type = job::repeated(job).remove("ExportType");
        json!({
            "ExportArn": &*job.arn,
            "ExportStatus": job.status(now).as_str(),
            "ExportType": export_type.unwrap_or_else(|| "FULL_EXPORT".into()),
        })
    };
    let mut answer = json!({"ExportSummaries": page.iter().map(summary).collect::<Vec<_>>()});
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

pub(super) fn conflict(code: &'static str, kind: &str) -> Fault {
    let message = format!("{kind} conflict: Duplicate request detected with conflicting parameters");
    Fault::from(Error::Modeled { code, message })
}

fn span(input: Input<'_>, now: SystemTime) -> Result<Span, Fault> {
    let refused = |message: &str| Err(Fault::validation(format!("Invalid Request: {message}")));
    match (input.text("ExportType"), input.object("IncrementalExportSpecification")) {
        (None, Some(_)) => refused(
            "Export Type expected to be Incremental Export when incremental export specification is provided",
        ),
        (Some("FULL_EXPORT"), Some(_)) => refused(
            "When Export Type is Full Export , Incremental Export Specification should not be provided",
        ),
        (Some("INCREMENTAL_EXPORT"), None) => {
            refused("Incremental Export Specification expected when export type is set as Incremental Export")
        }
        (Some(_), Some(asked)) => match time(asked, "ExportFromTime") {
            None => refused("ExportFromTime must be provided in IncrementalExportSpecification"),
            Some(from) => Ok(Span::Between {
                from,
                to: time(asked, "ExportToTime").unwrap_or(now),
                old_images: asked.text("ExportViewType") != Some("NEW_IMAGE"),
            }),
        },
        (_, None) => Ok(Span::At(time(input, "ExportTime").unwrap_or(now))),
    }
}

fn time(input: Input<'_>, member: &str) -> Option<SystemTime> {
    let since = Duration::try_from_secs_f64(input.number(member)?).unwrap_or_default();
    Some(UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH))
}

fn encryption(input: Input<'_>) -> Result<Encryption, Fault> {
    match (input.text("S3SseAlgorithm"), input.text("S3SseKmsKeyId")) {
        (Some("KMS"), key) => Ok(Encryption::Kms(key.map(str::to_owned))),
        (_, Some(_)) => {
            Err(Fault::validation("Invalid Request: KMS Key Id is not supported for this encryption type"))
        }
        (_, None) => Ok(Encryption::S3),
    }
}

/// What descriptions repeat of the request, with the defaults that AWS fills in.
fn shown(body: &Json<'_>, span: Span) -> Value {
    let members = [
        "S3Bucket",
        "S3BucketOwner",
        "S3Prefix",
        "S3SseAlgorithm",
        "S3SseKmsKeyId",
        "ClientToken",
        "ExportFormat",
    ];
    let mut shown = Value::Object(job::present(&Value::from(body), &members));
    for (member, default) in [("S3SseAlgorithm", "AES256"), ("ExportFormat", "DYNAMODB_JSON")] {
        if shown.get(member).is_none() {
            shown[member] = default.into();
        }
    }
    match span {
        Span::At(at) => shown["ExportTime"] = timestamp(at),
        Span::Between { from, to, old_images } => {
            shown["ExportType"] = "INCREMENTAL_EXPORT".into();
            shown["IncrementalExportSpecification"] = json!({
                "ExportFromTime": timestamp(from),
                "ExportToTime": timestamp(to),
                "ExportViewType": if old_images { "NEW_AND_OLD_IMAGES" } else { "NEW_IMAGE" },
            });
        }
    }
    shown
}

fn description(engine: &Engine, job: &Job<Exported>, status: JobStatus) -> Value {
    let mut description = json!({
        "ExportArn": &*job.arn,
        "ExportStatus": status.as_str(),
        "StartTime": timestamp(job.started),
        "TableArn": engine.table_arn(&job.table_name),
        "TableId": &*job.table_id,
        "DestinationType": "S3",
    });
    for (member, value) in job::repeated(job) {
        description[&member] = value;
    }
    if status == JobStatus::InProgress {
        return description;
    }
    description["EndTime"] = timestamp(job.ended);
    match &job.failure {
        Some(Failure { code, message }) => {
            description["FailureCode"] = code.as_str().into();
            description["FailureMessage"] = message.as_str().into();
        }
        None => {
            description["ExportManifest"] = job.outcome.manifest.as_str().into();
            description["ItemCount"] = job.outcome.items.into();
            description["BilledSizeBytes"] = job.outcome.billed_bytes.into();
        }
    }
    description
}
