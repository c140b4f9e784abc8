//! The files of an export: items or changes as lines of JSON, compressed, one file a partition, and the manifests that
//! list and sum them up.
//!
//! Source: developer guide, "DynamoDB table export output format". The checksums of the manifests end in `.md5`, as
//! they do on AWS.

use std::io::Write as _;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::super::engine::export::{Contents, Exported, ItemChange};
use super::super::engine::job::Job;
use super::super::engine::key_schema::ItemKey;
use super::super::engine::table_definition::TableDefinition;
use super::super::object_store::{AtRest, Bucket, ObjectStore, Refusal};
use super::attribute_value::attributes_to_json;
use super::job;
use crate::seed::IdSource;

/// The least that an incremental export is billed.
const LEAST_BILLED: u64 = 10_000_000;

/// Where the files go.
pub(super) struct Destination<'d> {
    pub(super) store: &'d dyn ObjectStore,
    pub(super) bucket: Bucket<'d>,
    pub(super) at_rest: AtRest<'d>,
    pub(super) prefix: Option<&'d str>,
}

impl Destination<'_> {
    fn write(&self, key: &str, content: Vec<u8>) -> Result<String, Refusal> {
        self.store.write(&self.bucket, key, Bytes::from(content), self.at_rest)
    }

    /// The folder of all exports, and that of one.
    fn folders(&self, arn: &str) -> (String, String) {
        let prefix = self.prefix.map(|prefix| prefix.trim_end_matches('/'));
        let root = match prefix.filter(|prefix| !prefix.is_empty()) {
            Some(prefix) => format!("{prefix}/AWSDynamoDB"),
            None => "AWSDynamoDB".to_owned(),
        };
        let folder = format!("{root}/{}", arn.rsplit('/').next().unwrap_or_default());
        (root, folder)
    }

    /// Writes the file that says that an export has begun, and finds out whether it can write.
    ///
    /// # Errors
    /// The refusal of S3's.
    pub(super) fn begin(&self, arn: &str) -> Result<(), Refusal> {
        let (_, folder) = self.folders(arn);
        self.write(&format!("{folder}/_started"), Vec::new()).map(drop)
    }

    /// Writes a manifest, and its checksum beside it.
    fn write_manifest(&self, folder: &str, name: &str, content: String) -> Result<String, Refusal> {
        let key = format!("{folder}/{name}.json");
        let checksum = md5(content.as_bytes());
        self.write(&key, content.into_bytes())?;
        self.write(&format!("{folder}/{name}.md5"), checksum.into_bytes())?;
        Ok(key)
    }
}

/// Names for the files of the table's partitions.
pub(super) fn names(definition: &TableDefinition, ids: &mut IdSource) -> Vec<String> {
    (0..definition.partitions()).map(|_| ids.alphanumeric(26).to_ascii_lowercase()).collect()
}

/// Writes all files of an export, each of `names` for one partition.
///
/// # Errors
/// The first refusal of S3's.
pub(super) fn write(
    destination: &Destination<'_>,
    job: &Job<Exported>,
    table_arn: &str,
    contents: &Contents,
    names: &[String],
) -> Result<Exported, Refusal> {
    let (root, folder) = destination.folders(&job.arn);
    let data = match contents {
        Contents::Items(_) => format!("{folder}/data"),
        Contents::Changes { .. } => format!("{root}/data"),
    };
    let mut list = String::new();
    let (mut items, mut bytes) = (0, 0);
    for (name, lines) in names.iter().zip(contents.lines(names.len())) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let compressed = gzip(text.as_bytes());
        let checksum = md5(&compressed);
        let key = format!("{data}/{name}.json.gz");
        let etag = destination.write(&key, compressed)?;
        let entry =
            json!({"itemCount": lines.len(), "md5Checksum": checksum, "etag": etag, "dataFileS3Key": key});
        list.push_str(&format!("{entry}\n"));
        items += lines.len();
        bytes += text.len() as u64;
    }
    let manifest = destination.write_manifest(&folder, "manifest-files", list)?;
    let billed_bytes = match contents {
        Contents::Items(all) => all.values().map(|item| item.size() as u64).sum(),
        Contents::Changes { .. } => bytes.max(LEAST_BILLED),
    };
    let summary = summary(job, table_arn, contents, (&manifest, items, billed_bytes));
    let manifest = destination.write_manifest(&folder, "manifest-summary", summary.to_string())?;
    Ok(Exported { manifest, items, billed_bytes })
}

impl Contents {
    /// The lines of every file.
    fn lines(&self, files: usize) -> Vec<Vec<Value>> {
        let partitions = files as u64;
        let mut lines = vec![Vec::new(); files];
        let mut add = |key: &ItemKey, line: Value| {
            let file = usize::try_from(key.partition_of(partitions)).unwrap_or_default();
            if let Some(lines) = lines.get_mut(file) {
                lines.push(line);
            }
        };
        match self {
            Self::Items(items) => {
                for (key, item) in items {
                    add(key, json!({"Item": attributes_to_json(&item.attributes())}));
                }
            }
            Self::Changes { changes, old_images } => {
                for (key, change) in changes.iter() {
                    add(key, change_line(change, *old_images));
                }
            }
        }
        lines
    }
}

fn change_line(change: &ItemChange, old_images: bool) -> Value {
    let micros = change.written.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let mut line = json!({
        "Metadata": {"WriteTimestampMicros": {"N": micros.to_string()}},
        "Keys": attributes_to_json(&change.keys),
    });
    if let Some(old) = change.old.as_ref().filter(|_| old_images) {
        line["OldImage"] = attributes_to_json(&old.attributes());
    }
    if let Some(new) = &change.new {
        line["NewImage"] = attributes_to_json(&new.attributes());
    }
    line
}

fn summary(
    job: &Job<Exported>,
    table_arn: &str,
    contents: &Contents,
    (manifest, items, billed_bytes): (&str, usize, u64),
) -> Value {
    let shown = job::repeated(job);
    let get = |member: &str| shown.get(member).cloned().unwrap_or_default();
    let mut summary = json!({
        "version": "2020-06-30",
        "exportArn": &*job.arn,
        "startTime": job::to_the_millisecond(job.started),
        "endTime": job::to_the_millisecond(job.ended),
        "tableArn": table_arn,
        "tableId": &*job.table_id,
    });
    let iso = |value: &Value| {
        let since = std::time::Duration::try_from_secs_f64(value.as_f64().unwrap_or_default());
        job::to_the_millisecond(UNIX_EPOCH + since.unwrap_or_default())
    };
    if let Contents::Changes { .. } = contents {
        let window = get("IncrementalExportSpecification");
        summary["version"] = "2023-08-01".into();
        summary["exportFromTime"] = iso(&window["ExportFromTime"]).into();
        summary["exportToTime"] = iso(&window["ExportToTime"]).into();
    } else {
        summary["exportTime"] = iso(&get("ExportTime")).into();
    }
    for (member, from) in [
        ("s3Bucket", "S3Bucket"),
        ("s3Prefix", "S3Prefix"),
        ("s3SseAlgorithm", "S3SseAlgorithm"),
        ("s3SseKmsKeyId", "S3SseKmsKeyId"),
    ] {
        summary[member] = get(from);
    }
    summary["manifestFilesS3Key"] = manifest.into();
    summary["billedSizeBytes"] = billed_bytes.into();
    summary["itemCount"] = items.into();
    summary["outputFormat"] = get("ExportFormat");
    if let Contents::Changes { .. } = contents {
        summary["outputView"] = get("IncrementalExportSpecification")["ExportViewType"].clone();
        summary["exportType"] = "INCREMENTAL_EXPORT".into();
    } else {
        summary["exportType"] = "FULL_EXPORT".into();
    }
    summary
}

fn gzip(text: &[u8]) -> Vec<u8> {
    // Writing to memory does not fail.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).and_then(|()| encoder.finish()).unwrap_or_default()
}

fn md5(content: &[u8]) -> String {
    BASE64.encode(Md5::digest(content))
}
