//! The wire: awsJson 1.0 in, the engine asked, awsJson 1.0 out. Nothing is kept here.

mod answer;
mod attribute_value;
mod backup;
mod batch;
mod body;
mod capacity;
mod constraint;
mod contributor_insights;
mod elsewhere;
mod export;
mod export_files;
mod fault;
mod import;
mod import_source;
mod input;
mod item_collection;
mod java;
mod job;
mod json;
mod kinesis_destination;
mod legacy;
mod partiql;
mod query;
mod replica;
mod replica_auto_scaling;
mod resource_policy;
mod search;
mod shape;
mod single_item;
mod stream;
mod table;
mod table_settings;
mod tag;
#[cfg(test)]
mod tests;
mod time_to_live;
mod transaction;
mod update_table;
mod vector_index;

use std::sync::Mutex;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use super::engine::account::Account;
use crate::context::{RegionName, RequestContext};
use crate::lock::locked;
use crate::seed::IdSource;
use answer::Answer;
use attribute_value::ValueLayer;
use fault::Fault;
use json::Json;

/// What every target begins with: the version of the API.
const TARGET_PREFIX: &str = "DynamoDB_20120810.";

/// The operations that exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    BatchExecuteStatement,
    BatchGetItem,
    BatchWriteItem,
    CreateBackup,
    CreateGlobalTable,
    CreateTable,
    DeleteBackup,
    DeleteItem,
    DeleteResourcePolicy,
    DeleteTable,
    DescribeBackup,
    DescribeContinuousBackups,
    DescribeContributorInsights,
    DescribeEndpoints,
    DescribeExport,
    DescribeGlobalTable,
    DescribeGlobalTableSettings,
    DescribeImport,
    DescribeKinesisStreamingDestination,
    DescribeLimits,
    DescribeTable,
    DescribeTableReplicaAutoScaling,
    DescribeTimeToLive,
    DisableKinesisStreamingDestination,
    EnableKinesisStreamingDestination,
    ExecuteStatement,
    ExecuteTransaction,
    ExportTableToPointInTime,
    GetItem,
    GetResourcePolicy,
    ImportTable,
    ListBackups,
    ListContributorInsights,
    ListExports,
    ListGlobalTables,
    ListImports,
    ListTables,
    ListTagsOfResource,
    PutItem,
    PutResourcePolicy,
    Query,
    RestoreTableFromBackup,
    RestoreTableToPointInTime,
    Scan,
    SearchVectors,
    TagResource,
    TransactGetItems,
    TransactWriteItems,
    UntagResource,
    UpdateContinuousBackups,
    UpdateContributorInsights,
    UpdateGlobalTable,
    UpdateGlobalTableSettings,
    UpdateItem,
    UpdateKinesisStreamingDestination,
    UpdateTable,
    UpdateTableReplicaAutoScaling,
    UpdateTimeToLive,
}

impl Operation {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "BatchExecuteStatement" => Self::BatchExecuteStatement,
            "BatchGetItem" => Self::BatchGetItem,
            "BatchWriteItem" => Self::BatchWriteItem,
            "CreateBackup" => Self::CreateBackup,
            "CreateGlobalTable" => Self::CreateGlobalTable,
            "CreateTable" => Self::CreateTable,
            "DeleteBackup" => Self::DeleteBackup,
            "DeleteItem" => Self::DeleteItem,
            "DeleteResourcePolicy" => Self::DeleteResourcePolicy,
            "DeleteTable" => Self::DeleteTable,
            "DescribeBackup" => Self::DescribeBackup,
            "DescribeContinuousBackups" => Self::DescribeContinuousBackups,
            "DescribeContributorInsights" => Self::DescribeContributorInsights,
            "DescribeEndpoints" => Self::DescribeEndpoints,
            "DescribeExport" => Self::DescribeExport,
            "DescribeGlobalTable" => Self::DescribeGlobalTable,
            "DescribeGlobalTableSettings" => Self::DescribeGlobalTableSettings,
            "DescribeImport" => Self::DescribeImport,
            "DescribeKinesisStreamingDestination" => Self::DescribeKinesisStreamingDestination,
            "DescribeLimits" => Self::DescribeLimits,
            "DescribeTable" => Self::DescribeTable,
            "DescribeTableReplicaAutoScaling" => Self::DescribeTableReplicaAutoScaling,
            "DescribeTimeToLive" => Self::DescribeTimeToLive,
            "DisableKinesisStreamingDestination" => Self::DisableKinesisStreamingDestination,
            "EnableKinesisStreamingDestination" => Self::EnableKinesisStreamingDestination,
            "ExecuteStatement" => Self::ExecuteStatement,
            "ExecuteTransaction" => Self::ExecuteTransaction,
            "ExportTableToPointInTime" => Self::ExportTableToPointInTime,
            "GetItem" => Self::GetItem,
            "GetResourcePolicy" => Self::GetResourcePolicy,
            "ImportTable" => Self::ImportTable,
            "ListBackups" => Self::ListBackups,
            "ListContributorInsights" => Self::ListContributorInsights,
            "ListExports" => Self::ListExports,
            "ListGlobalTables" => Self::ListGlobalTables,
            "ListImports" => Self::ListImports,
            "ListTables" => Self::ListTables,
            "ListTagsOfResource" => Self::ListTagsOfResource,
            "PutItem" => Self::PutItem,
            "PutResourcePolicy" => Self::PutResourcePolicy,
            "Query" => Self::Query,
            "RestoreTableFromBackup" => Self::RestoreTableFromBackup,
            "RestoreTableToPointInTime" => Self::RestoreTableToPointInTime,
            "Scan" => Self::Scan,
            "SearchVectors" => Self::SearchVectors,
            "TagResource" => Self::TagResource,
            "TransactGetItems" => Self::TransactGetItems,
            "TransactWriteItems" => Self::TransactWriteItems,
            "UntagResource" => Self::UntagResource,
            "UpdateContinuousBackups" => Self::UpdateContinuousBackups,
            "UpdateContributorInsights" => Self::UpdateContributorInsights,
            "UpdateGlobalTable" => Self::UpdateGlobalTable,
            "UpdateGlobalTableSettings" => Self::UpdateGlobalTableSettings,
            "UpdateItem" => Self::UpdateItem,
            "UpdateKinesisStreamingDestination" => Self::UpdateKinesisStreamingDestination,
            "UpdateTable" => Self::UpdateTable,
            "UpdateTableReplicaAutoScaling" => Self::UpdateTableReplicaAutoScaling,
            "UpdateTimeToLive" => Self::UpdateTimeToLive,
            _ => return None,
        })
    }

    /// Whether only items are read and written.
    fn is_of_items(self) -> bool {
        matches!(
            self,
            Self::BatchExecuteStatement
                | Self::BatchGetItem
                | Self::BatchWriteItem
                | Self::DeleteItem
                | Self::ExecuteStatement
                | Self::ExecuteTransaction
                | Self::GetItem
                | Self::PutItem
                | Self::Query
                | Self::Scan
                | Self::SearchVectors
                | Self::TransactGetItems
                | Self::TransactWriteItems
                | Self::UpdateItem
        )
    }
}

/// Answers one request. `target` is the whole value of `X-Amz-Target`.
///
/// The account stays locked from the first read to the last write of the operation. A lock that a panic left behind is
/// taken over: engines change their tables by whole items.
pub(crate) fn respond(
    account: &Mutex<Account>,
    ids: &Mutex<IdSource>,
    context: &RequestContext,
    target: &str,
    body: &[u8],
) -> Response<Bytes> {
    let (status, answer) = match answer(account, ids, context, target, body) {
        Ok(answer) => (StatusCode::OK, answer),
        Err(fault) => (fault.status(), fault.to_json().into()),
    };
    let body = Bytes::from(answer.to_json());
    let checksum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, &body);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    headers.insert("x-amz-crc32", HeaderValue::from(checksum));
    if let Ok(request_id) = HeaderValue::from_str(&context.request_id) {
        headers.insert("x-amzn-requestid", request_id);
    }
    response
}

fn answer(
    account: &Mutex<Account>,
    ids: &Mutex<IdSource>,
    context: &RequestContext,
    target: &str,
    body: &[u8],
) -> Result<Answer, Fault> {
    if let Some(operation) = target.strip_prefix(stream::TARGET_PREFIX) {
        let (body, _) = body::parse(body)?;
        let mut account = locked(account);
        account.pass_time(&context.region, context.now);
        let engine = account.region(&context.region);
        return stream::answer(engine, operation, context.region.as_str(), &body).map(Answer::from);
    }
    let name = target.strip_prefix(TARGET_PREFIX).unwrap_or(target);
    let operation = Operation::parse(name)
        .filter(|_| target.starts_with(TARGET_PREFIX))
        .ok_or_else(|| Fault::unknown_operation(name))?;
    let (parsed, layer) = body::parse(body)?;
    let mut account = locked(account);
    let region = &context.region;
    account.pass_time(region, context.now);
    finish_exports(&mut account, region, ids, context.now);
    if !operation.is_of_items() {
        account.look_at_replicas(region, context.now);
    }
    let answer = carry_out(&mut account, ids, context, operation, (&parsed, layer), body);
    account.send(region, context.now);
    answer
}

fn carry_out(
    account: &mut Account,
    ids: &Mutex<IdSource>,
    context: &RequestContext,
    operation: Operation,
    (body, layer): (&Json<'_>, ValueLayer),
    unread: &[u8],
) -> Result<Answer, Fault> {
    let region = &context.region;
    let engine = account.region(region);
    let members = match operation {
        Operation::BatchExecuteStatement => partiql::batch_execute_statement(engine, body),
        Operation::BatchGetItem => batch::batch_get_item(engine, body),
        Operation::BatchWriteItem => batch::batch_write_item(engine, body),
        Operation::CreateBackup => {
            let mut ids = locked(ids);
            backup::create_backup(engine, body, context.now, &mut ids)
        }
        Operation::CreateGlobalTable => elsewhere::refuse_legacy_global_table(engine, body),
        Operation::CreateTable => {
            let mut ids = locked(ids);
            table::create_table(engine, body, context.now, &mut ids)
        }
        Operation::DeleteBackup => backup::delete_backup(engine, body),
        Operation::DeleteItem => single_item::delete_item(engine, body, layer),
        Operation::DeleteResourcePolicy => resource_policy::delete_resource_policy(engine, body),
        // More than one region may be concerned.
        Operation::DeleteTable => table::delete_table(account, region, body, context.now),
        Operation::DescribeBackup => backup::describe_backup(engine, body),
        Operation::DescribeContinuousBackups => backup::describe_continuous_backups(engine, body),
        Operation::DescribeContributorInsights => {
            contributor_insights::describe_contributor_insights(engine, body)
        }
        Operation::DescribeEndpoints => table::describe_endpoints(engine, body),
        Operation::DescribeExport => export::describe_export(engine, body, context.now),
        Operation::DescribeGlobalTable => elsewhere::describe_global_table(engine, body),
        Operation::DescribeGlobalTableSettings | Operation::UpdateGlobalTableSettings => {
            elsewhere::global_table_settings(engine, body)
        }
        Operation::DescribeImport => import::describe_import(engine, body, context.now),
        Operation::DescribeKinesisStreamingDestination => {
            kinesis_destination::describe_kinesis_streaming_destination(engine, body, context.now)
        }
        Operation::DescribeLimits => table::describe_limits(engine, body),
        Operation::DescribeTable => table::describe_table(engine, body, context.now),
        Operation::DescribeTableReplicaAutoScaling => {
            replica_auto_scaling::describe_table_replica_auto_scaling(engine, body)
        }
        Operation::DescribeTimeToLive => time_to_live::describe_time_to_live(engine, body),
        Operation::DisableKinesisStreamingDestination => {
            kinesis_destination::disable_kinesis_streaming_destination(engine, body, context.now)
        }
        Operation::EnableKinesisStreamingDestination => {
            kinesis_destination::enable_kinesis_streaming_destination(engine, body, context.now)
        }
        Operation::ExecuteStatement => partiql::execute_statement(engine, body),
        Operation::ExecuteTransaction => partiql::execute_transaction(engine, body, context.now),
        Operation::ExportTableToPointInTime => {
            let mut drawn = drawn(ids);
            export::export_table_to_point_in_time(engine, body, context.now, &mut drawn)
        }
        Operation::GetItem => return single_item::get_item(engine, body),
        Operation::GetResourcePolicy => resource_policy::get_resource_policy(engine, body),
        Operation::ImportTable => {
            let mut drawn = drawn(ids);
            import::import_table(engine, body, context.now, &mut drawn)
        }
        Operation::ListBackups => backup::list_backups(engine, body),
        Operation::ListContributorInsights => contributor_insights::list_contributor_insights(engine, body),
        Operation::ListExports => export::list_exports(engine, body, context.now),
        Operation::ListGlobalTables => elsewhere::list_global_tables(engine, body),
        Operation::ListImports => import::list_imports(engine, body, context.now),
        Operation::ListTables => table::list_tables(engine, body),
        Operation::ListTagsOfResource => tag::list_tags_of_resource(engine, body),
        Operation::PutItem => single_item::put_item(engine, body, layer),
        Operation::PutResourcePolicy => resource_policy::put_resource_policy(engine, body),
        Operation::Query => return query::query(engine, body, layer),
        Operation::RestoreTableFromBackup => {
            let mut ids = locked(ids);
            backup::restore_table_from_backup(engine, body, context.now, &mut ids)
        }
        Operation::RestoreTableToPointInTime => {
            let mut ids = locked(ids);
            backup::restore_table_to_point_in_time(engine, body, context.now, &mut ids)
        }
        Operation::Scan => return query::scan(engine, body),
        // It is read in a way of its own.
        Operation::SearchVectors => search::search_vectors(engine, body, unread),
        Operation::TagResource => tag::tag_resource(engine, body),
        Operation::TransactGetItems => transaction::transact_get_items(engine, body),
        Operation::TransactWriteItems => transaction::transact_write_items(engine, body, context.now),
        Operation::UntagResource => tag::untag_resource(engine, body),
        Operation::UpdateContinuousBackups => backup::update_continuous_backups(engine, body, context.now),
        Operation::UpdateContributorInsights => {
            contributor_insights::update_contributor_insights(engine, body, context.now)
        }
        Operation::UpdateGlobalTable => elsewhere::update_global_table(engine, body),
        Operation::UpdateItem => single_item::update_item(engine, body, layer),
        Operation::UpdateKinesisStreamingDestination => {
            kinesis_destination::update_kinesis_streaming_destination(engine, body, context.now)
        }
        Operation::UpdateTable => update_table::update_table(account, region, body, context.now, ids),
        Operation::UpdateTableReplicaAutoScaling => {
            replica_auto_scaling::update_table_replica_auto_scaling(engine, body)
        }
        Operation::UpdateTimeToLive => time_to_live::update_time_to_live(account, region, body, context.now),
    };
    members.map(Answer::from)
}

/// Writes the files of all exports of an account that are due, for somebody who looks at buckets without asking DynamoDB.
pub(crate) fn finish_all_exports(account: &Mutex<Account>, ids: &Mutex<IdSource>, now: SystemTime) {
    let mut account = locked(account);
    for region in account.known_regions() {
        finish_exports(&mut account, &region, ids, now);
    }
}

fn finish_exports(account: &mut Account, region: &RegionName, ids: &Mutex<IdSource>, now: SystemTime) {
    let engine = account.region(region);
    if !engine.unfinished_exports.is_empty() {
        export::finish_due(engine, now, &mut drawn(ids));
    }
}

/// A source of ids for one operation that reaches another service, which draws from the shared source as well.
fn drawn(ids: &Mutex<IdSource>) -> IdSource {
    IdSource::new(locked(ids).next_u64())
}
