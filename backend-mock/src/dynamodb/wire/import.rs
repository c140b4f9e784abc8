//! ImportTable, DescribeImport and ListImports.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::error::Error;
use super::super::engine::import::Imported;
use super::super::engine::job::{Failure, Job, JobStatus};
use super::super::engine::table_status::Status;
use super::super::object_store::Bucket;
use super::export::conflict;
use super::fault::Fault;
use super::import_source::{Format, Source};
use super::input::Input;
use super::job::{self, BUCKET, BUCKET_OWNER};
use super::json::Json;
use super::shape::{Member, Rule, Shape, optional, required};
use super::table::{self, IMPORTED_TABLE};
use super::table_settings::timestamp;
use crate::seed::IdSource;

const CSV: Shape = Shape::Structure(&[
    optional("Delimiter", Shape::String, &[Rule::Matches(r"[,;:|\t ]", is_delimiter), Rule::Length(1, 1)]),
    optional("HeaderList", Shape::List(&Shape::String), &[Rule::Length(1, 255)]),
]);

const IMPORT_TABLE: &[Member] = &[
    optional("ClientToken", Shape::String, &[]),
    required(
        "S3BucketSource",
        Shape::Structure(&[
            BUCKET_OWNER,
            BUCKET,
            optional("S3KeyPrefix", Shape::String, &[Rule::Length(0, 1024)]),
        ]),
        &[],
    ),
    required("InputFormat", Shape::String, &[Rule::OneOf(&["CSV", "DYNAMODB_JSON", "ION"])]),
    optional("InputFormatOptions", Shape::Structure(&[optional("Csv", CSV, &[])]), &[]),
    optional("InputCompressionType", Shape::String, &[Rule::OneOf(&["ZSTD", "NONE", "GZIP"])]),
    required("TableCreationParameters", Shape::Structure(IMPORTED_TABLE), &[]),
];

fn is_delimiter(text: &str) -> bool {
    matches!(text, "," | ";" | ":" | "|" | "\t" | " ")
}

pub(super) fn import_table(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
    ids: &mut IdSource,
) -> Result<Value, Fault> {
    let input = Input::check(body, IMPORT_TABLE)?;
    let (Some(from), Some(parameters)) =
        (input.object("S3BucketSource"), input.object("TableCreationParameters"))
    else {
        return Err(Fault::validation("Invalid Request"));
    };
    let format = format(input)?;
    let name = parameters.string("TableName");
    if engine.describe_table(&name).is_ok_and(|table| table.status != Status::Creating) {
        return Err(Fault::from(Error::ResourceInUse(format!("Table already exists: {name}"))));
    }
    if let Some(known) = engine.imports.with_token(input.text("ClientToken"), now) {
        if *known.table_name != *name {
            return Err(conflict("ImportConflictException", "Import"));
        }
        return Ok(json!({"ImportTableDescription": description(engine, known, known.status(now))}));
    }
    let is_taken = engine.imports.newest_first().any(|job| {
        *job.table_name == *name && job.failure.is_none() && job.status(now) == JobStatus::InProgress
    });
    // The loser of two imports learns of it in the end.
    let (table_id, keys) = match is_taken {
        true => (ids.uuid().into(), Vec::new()),
        false => {
            let created = table::create(engine, parameters, now, ids)?;
            (created.id, created.definition.attribute_definitions.clone())
        }
    };
    let mut job = Job {
        arn: engine.job_arn(&name, "import", now, ids).into(),
        table_name: name.as_str().into(),
        table_id,
        started: now,
        ended: engine.job_end(now),
        client_token: input.text("ClientToken").map(Into::into),
        asked: job::without_token(body).into(),
        shown: shown(engine, body).to_string().into(),
        outcome: Imported::default(),
        failure: is_taken.then(|| Failure {
            code: "TableAlreadyExists".to_owned(),
            message: format!("Table already exists: {name}"),
        }),
    };
    if is_taken {
        let answer = json!({"ImportTableDescription": description(engine, &job, JobStatus::InProgress)});
        engine.imports.add(job);
        return Ok(answer);
    }
    let account_id = engine.account_id().clone();
    let bucket = Bucket {
        name: from.text("S3Bucket").unwrap_or_default(),
        account_id: &account_id,
        expected_owner: from.text("S3BucketOwner"),
        now,
    };
    match engine.store().read_all(&bucket, from.text("S3KeyPrefix").unwrap_or_default()) {
        Ok(files) => {
            let source = Source {
                format,
                is_compressed: input.text("InputCompressionType") == Some("GZIP"),
                keys: &keys,
            };
            for file in &files {
                job.outcome.bytes += file.len();
                engine.import_items(&name, source.items(file).into_iter(), &mut job.outcome);
            }
            if job.outcome.errors > 0 {
                job.failure = Some(Failure {
                    code: "ItemValidationError".to_owned(),
                    message:
                        "Some of the items failed validation checks and were not imported. Please check \
                              CloudWatch error logs for more details."
                            .to_owned(),
                });
            }
        }
        Err(refusal) => {
            engine.withdraw_table(&name);
            job.failure = Some(Failure::of_s3(&refusal, ids));
        }
    }
    let answer = json!({"ImportTableDescription": description(engine, &job, JobStatus::InProgress)});
    engine.imports.add(job);
    Ok(answer)
}

pub(super) fn describe_import(engine: &mut Engine, body: &Json<'_>, now: SystemTime) -> Result<Value, Fault> {
    let input = Input::check(body, &[required("ImportArn", Shape::String, &[Rule::Length(37, 1024)])])?;
    let arn = input.string("ImportArn");
    let named = ("Import", "ImportNotFoundException");
    let job = job::named(engine, &engine.imports, &arn, named, || arn.clone())?;
    Ok(json!({"ImportTableDescription": description(engine, job, job.status(now))}))
}

/// The imports of a table are those of every table that ever had its name.
pub(super) fn list_imports(engine: &mut Engine, body: &Json<'_>, now: SystemTime) -> Result<Value, Fault> {
    let input = Input::check(
        body,
        &[
            optional("TableArn", Shape::String, &[Rule::Length(1, 1024)]),
            optional("PageSize", Shape::Integer, &[Rule::Min(1), Rule::Max(25)]),
            optional("NextToken", Shape::String, &[]),
        ],
    )?;
    let name = input.text("TableArn").map(|arn| engine.table_name(arn));
    let is_wanted = |job: &Job<Imported>| name.is_none_or(|name| *job.table_name == *name);
    let (page, next) = job::page(&engine.imports, input, ("PageSize", "/import/"), is_wanted)?;
    let summary = |job: &&Job<Imported>| {
        let members = [
            "ImportArn",
            "ImportStatus",
            "TableArn",
            "S3BucketSource",
            "CloudWatchLogGroupArn",
            "InputFormat",
        ];
        let described = description(engine, job, job.status(now));
        let mut summary = Value::Object(job::present(&described, &members));
        for (member, value) in job::present(&described, &["StartTime", "EndTime"]) {
            summary[&member] = value;
        }
        summary
    };
    let mut answer = json!({"ImportSummaryList": page.iter().map(summary).collect::<Vec<_>>()});
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

fn format(input: Input<'_>) -> Result<Format, Fault> {
    let unimplemented =
        |what: &str| Err(Fault::validation(format!("The in-memory DynamoDB does not implement the {what}")));
    let options = input.object("InputFormatOptions").and_then(|options| options.object("Csv"));
    match (input.text("InputFormat"), options) {
        (Some("CSV"), _) => {}
        (Some(other), Some(_)) => {
            return Err(Fault::validation(format!(
                "Invalid Request: Unsupported InputFormatOptions for the given input format: {other}."
            )));
        }
        (Some("ION"), None) => return unimplemented("InputFormat ION"),
        _ => {}
    }
    if input.text("InputCompressionType") == Some("ZSTD") {
        return unimplemented("InputCompressionType ZSTD");
    }
    if input.text("InputFormat") != Some("CSV") {
        return Ok(Format::DynamoDbJson);
    }
    let delimiter = options.and_then(|options| options.text("Delimiter"));
    let header = options.and_then(|options| options.list("HeaderList"));
    Ok(Format::Csv {
        delimiter: delimiter.and_then(|text| text.bytes().next()).unwrap_or(b','),
        header: header.map(|names| names.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
    })
}

/// What descriptions repeat of the request, with the defaults that AWS fills in.
fn shown(engine: &Engine, body: &Json<'_>) -> Value {
    let members = [
        "ClientToken",
        "S3BucketSource",
        "InputFormat",
        "InputFormatOptions",
        "InputCompressionType",
        "TableCreationParameters",
    ];
    let mut shown = Value::Object(job::present(&Value::from(body), &members));
    if shown.get("InputCompressionType").is_none() {
        shown["InputCompressionType"] = "NONE".into();
    }
    let owner = &mut shown["S3BucketSource"]["S3BucketOwner"];
    if owner.is_null() {
        *owner = engine.account_id().as_str().into();
    }
    shown
}

fn description(engine: &Engine, job: &Job<Imported>, status: JobStatus) -> Value {
    let is_over = status != JobStatus::InProgress;
    let outcome = if is_over { job.outcome } else { Imported::default() };
    let mut description = json!({
        "ImportArn": &*job.arn,
        "ImportStatus": status.as_str(),
        "TableArn": engine.table_arn(&job.table_name),
        "TableId": &*job.table_id,
        "CloudWatchLogGroupArn": engine.arn("logs", "log-group:/aws-dynamodb/imports:*"),
        "StartTime": timestamp(job.started),
        "ErrorCount": outcome.errors,
        "ProcessedSizeBytes": outcome.bytes,
        "ProcessedItemCount": outcome.processed,
        "ImportedItemCount": outcome.imported,
    });
    for (member, value) in job::repeated(job) {
        description[&member] = value;
    }
    if !is_over {
        return description;
    }
    description["EndTime"] = timestamp(job.ended);
    if let Some(Failure { code, message }) = &job.failure {
        description["FailureCode"] = code.as_str().into();
        description["FailureMessage"] = message.as_str().into();
    }
    description
}
