//! The wire: awsJson 1.0 in, the engine asked, awsJson 1.0 out. Nothing is kept here.

mod attribute_value;
mod batch;
mod capacity;
mod fault;
mod input;
mod item_collection;
mod java;
mod legacy;
mod partiql;
mod query;
mod shape;
mod single_item;
mod stream;
mod table;
#[cfg(test)]
mod tests;
mod time_to_live;
mod transaction;

use std::sync::Mutex;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use super::engine::Engine;
use crate::context::RequestContext;
use crate::lock::locked;
use crate::seed::IdSource;
use fault::Fault;

/// What every target begins with: the version of the API.
const TARGET_PREFIX: &str = "DynamoDB_20120810.";

/// The operations that exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    BatchExecuteStatement,
    BatchGetItem,
    BatchWriteItem,
    CreateTable,
    DeleteItem,
    DeleteTable,
    DescribeLimits,
    DescribeTable,
    DescribeTimeToLive,
    ExecuteStatement,
    ExecuteTransaction,
    GetItem,
    ListTables,
    PutItem,
    Query,
    Scan,
    TransactGetItems,
    TransactWriteItems,
    UpdateItem,
    UpdateTimeToLive,
}

impl Operation {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "BatchExecuteStatement" => Self::BatchExecuteStatement,
            "BatchGetItem" => Self::BatchGetItem,
            "BatchWriteItem" => Self::BatchWriteItem,
            "CreateTable" => Self::CreateTable,
            "DeleteItem" => Self::DeleteItem,
            "DeleteTable" => Self::DeleteTable,
            "DescribeLimits" => Self::DescribeLimits,
            "DescribeTable" => Self::DescribeTable,
            "DescribeTimeToLive" => Self::DescribeTimeToLive,
            "ExecuteStatement" => Self::ExecuteStatement,
            "ExecuteTransaction" => Self::ExecuteTransaction,
            "GetItem" => Self::GetItem,
            "ListTables" => Self::ListTables,
            "PutItem" => Self::PutItem,
            "Query" => Self::Query,
            "Scan" => Self::Scan,
            "TransactGetItems" => Self::TransactGetItems,
            "TransactWriteItems" => Self::TransactWriteItems,
            "UpdateItem" => Self::UpdateItem,
            "UpdateTimeToLive" => Self::UpdateTimeToLive,
            _ => return None,
        })
    }
}

/// Answers one request. `target` is the whole value of `X-Amz-Target`.
///
/// The engine stays locked from the first read to the last write of the operation. A lock that a panic left behind is
/// taken over: the engine changes its tables by whole items.
pub(crate) fn respond(
    engine: &Mutex<Engine>,
    ids: &Mutex<IdSource>,
    context: &RequestContext,
    target: &str,
    body: &[u8],
) -> Response<Bytes> {
    let (status, answer) = match answer(engine, ids, context, target, body) {
        Ok(answer) => (StatusCode::OK, answer),
        Err(fault) => (StatusCode::BAD_REQUEST, fault.to_json()),
    };
    let body = Bytes::from(answer.to_string());
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
    engine: &Mutex<Engine>,
    ids: &Mutex<IdSource>,
    context: &RequestContext,
    target: &str,
    body: &[u8],
) -> Result<Value, Fault> {
    if let Some(operation) = target.strip_prefix(stream::TARGET_PREFIX) {
        let body: Value = serde_json::from_slice(body).map_err(|_| Fault::Malformed)?;
        let mut engine = locked(engine);
        engine.pass_time(context.now);
        return stream::answer(&engine, operation, context.region.as_str(), &body);
    }
    let name = target.strip_prefix(TARGET_PREFIX).unwrap_or(target);
    let operation =
        Operation::parse(name).filter(|_| target.starts_with(TARGET_PREFIX)).ok_or_else(|| {
            Fault::UnknownOperation(format!("The in-memory DynamoDB does not implement the operation {name}"))
        })?;
    let body: Value = serde_json::from_slice(body).map_err(|_| Fault::Malformed)?;
    let mut engine = locked(engine);
    let engine = &mut *engine;
    engine.pass_time(context.now);
    match operation {
        Operation::BatchExecuteStatement => partiql::batch_execute_statement(engine, &body),
        Operation::BatchGetItem => batch::batch_get_item(engine, &body),
        Operation::BatchWriteItem => batch::batch_write_item(engine, &body),
        Operation::CreateTable => {
            let mut ids = locked(ids);
            table::create_table(engine, &body, context.now, &mut ids)
        }
        Operation::DeleteItem => single_item::delete_item(engine, &body),
        Operation::DeleteTable => table::delete_table(engine, &body),
        Operation::DescribeLimits => table::describe_limits(engine, &body),
        Operation::DescribeTable => table::describe_table(engine, &body),
        Operation::DescribeTimeToLive => time_to_live::describe_time_to_live(engine, &body),
        Operation::ExecuteStatement => partiql::execute_statement(engine, &body),
        Operation::ExecuteTransaction => partiql::execute_transaction(engine, &body, context.now),
        Operation::GetItem => single_item::get_item(engine, &body),
        Operation::ListTables => table::list_tables(engine, &body),
        Operation::PutItem => single_item::put_item(engine, &body),
        Operation::Query => query::query(engine, &body),
        Operation::Scan => query::scan(engine, &body),
        Operation::TransactGetItems => transaction::transact_get_items(engine, &body),
        Operation::TransactWriteItems => transaction::transact_write_items(engine, &body, context.now),
        Operation::UpdateItem => single_item::update_item(engine, &body),
        Operation::UpdateTimeToLive => time_to_live::update_time_to_live(engine, &body),
    }
}
