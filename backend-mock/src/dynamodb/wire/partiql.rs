//! ExecuteStatement, BatchExecuteStatement and ExecuteTransaction.

use std::collections::BTreeMap;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::capacity::Capacity;
use super::super::engine::error::Error;
use super::super::engine::limit;
use super::super::engine::partiql::{Resume, StatementInput, TransactionOutput};
use super::super::engine::transaction::Consumed;
use super::attribute_value::{ValueLayer, attributes_to_json};
use super::capacity::{Detail, UnitKind};
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{
    Member, RETURN_CONSUMED_CAPACITY, RETURN_VALUES_ON_CONDITION_CHECK_FAILURE, Rule, Shape, optional,
    required,
};

const STATEMENT: Member = required("Statement", Shape::String, &[Rule::Length(1, 8192)]);
const PARAMETERS: Member =
    optional("Parameters", Shape::List(&Shape::AttributeValue), &[Rule::Length(1, usize::MAX)]);
const CONSISTENT_READ: Member = optional("ConsistentRead", Shape::Boolean, &[]);

const EXECUTE_STATEMENT: &[Member] = &[
    STATEMENT,
    PARAMETERS,
    CONSISTENT_READ,
    optional("NextToken", Shape::String, &[Rule::Length(1, 32_768)]),
    RETURN_CONSUMED_CAPACITY,
    optional("Limit", Shape::Integer, &[Rule::Min(1)]),
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
];

const BATCH_EXECUTE_STATEMENT: &[Member] = &[
    required(
        "Statements",
        Shape::List(&Shape::Structure(&[
            STATEMENT,
            PARAMETERS,
            CONSISTENT_READ,
            RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
        ])),
        &[Rule::Length(1, 25)],
    ),
    RETURN_CONSUMED_CAPACITY,
];

const EXECUTE_TRANSACTION: &[Member] = &[
    required(
        "TransactStatements",
        Shape::List(&Shape::Structure(&[STATEMENT, PARAMETERS, RETURN_VALUES_ON_CONDITION_CHECK_FAILURE])),
        &[Rule::Length(1, 100)],
    ),
    optional("ClientRequestToken", Shape::String, &[Rule::Length(1, 36)]),
    RETURN_CONSUMED_CAPACITY,
];

pub(super) fn execute_statement(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, EXECUTE_STATEMENT)?;
    let statement = statement(input);
    let resume = input.text("NextToken").map(|token| resume(token, input)).transpose()?;
    let limit = input.integer("Limit").and_then(|limit| usize::try_from(limit).ok());
    let output = engine.execute_statement(&statement, limit, resume)?;
    let mut answer = json!({"Items": output.items.iter().map(attributes_to_json).collect::<Vec<_>>()});
    if let Some(resume) = &output.resume {
        answer["NextToken"] = next_token(resume, input).into();
        answer["LastEvaluatedKey"] = attributes_to_json(&resume.key);
    }
    Detail::of(input).put_one(&mut answer, &output.table_name, &output.capacity);
    Ok(answer)
}

pub(super) fn batch_execute_statement(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, BATCH_EXECUTE_STATEMENT)?;
    let statements: Vec<_> = input.objects("Statements").map(statement).collect();
    let outputs = engine.batch_execute_statement(&statements)?;
    let mut capacity: BTreeMap<String, Capacity> = BTreeMap::new();
    let mut responses = Vec::new();
    for output in outputs {
        let mut response = json!({});
        match &output.result {
            Ok(rows) => {
                if let Some(row) = rows.items.first().filter(|row| !row.is_empty()) {
                    response["Item"] = attributes_to_json(row);
                }
                if let Some(table) = &output.table_name {
                    capacity.entry(table.clone()).or_default().add(&rows.capacity);
                }
            }
            Err(error) => response["Error"] = json!({"Code": code(error), "Message": error.to_string()}),
        }
        if let Some(table) = &output.table_name {
            response["TableName"] = table.as_str().into();
        }
        responses.push(response);
    }
    let mut answer = json!({"Responses": responses});
    Detail::of(input).put_many(&mut answer, capacity.iter(), UnitKind::Unsaid);
    Ok(answer)
}

pub(super) fn execute_transaction(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
) -> Result<Value, Fault> {
    let input = Input::check(body, EXECUTE_TRANSACTION)?;
    let statements: Vec<_> = input.objects("TransactStatements").map(statement).collect();
    let token = input.text("ClientRequestToken").map(str::to_owned);
    let (responses, capacity, kind) = match engine.execute_transaction(&statements, token, now)? {
        TransactionOutput::Rows(rows, capacity) => {
            let rows = rows.iter().map(|row| match row {
                Some(row) => json!({"Item": attributes_to_json(row)}),
                None => json!({}),
            });
            (rows.collect(), capacity, UnitKind::Read)
        }
        TransactionOutput::Written(Consumed::Written(capacity)) => (Vec::new(), capacity, UnitKind::Write),
        TransactionOutput::Written(Consumed::Read(capacity)) => (Vec::new(), capacity, UnitKind::Read),
    };
    let mut answer = json!({"Responses": responses});
    Detail::of(input).put_many(&mut answer, capacity.iter(), kind);
    Ok(answer)
}

fn statement(input: Input<'_>) -> StatementInput {
    StatementInput {
        text: input.string("Statement"),
        parameters: input.list("Parameters").unwrap_or_default().iter().map(parameter).collect(),
        consistency: input.consistency(),
        on_condition_failure: input.on_condition_failure(),
    }
}

/// A parameter, whose depth is judged before what lies at its bottom.
fn parameter(value: &Json<'_>) -> Result<super::super::engine::attribute_value::AttributeValue, String> {
    check_parameter(value, 0)?;
    ValueLayer::Older.value(value)
}

fn check_parameter(value: &Json<'_>, levels: usize) -> Result<(), String> {
    if levels > limit::NESTING_LEVELS {
        return Err("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond \
                    supported limit"
            .to_owned());
    }
    let Some(members) = value.as_object() else { return Ok(()) };
    for (name, inner) in members.iter() {
        match (name, inner) {
            ("M", Json::Object(members)) => {
                members.values().try_for_each(|member| check_parameter(member, levels + 1))?;
            }
            ("L", Json::Array(elements)) => {
                elements.iter().try_for_each(|element| check_parameter(element, levels + 1))?;
            }
            ("N", Json::String(text)) => check_exponent(text)?,
            ("NS", Json::Array(elements)) => {
                elements.iter().filter_map(Json::as_str).try_for_each(check_exponent)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A number whose exponent has more than 32 bits is none to PartiQL.
fn check_exponent(text: &str) -> Result<(), String> {
    let Some((_, exponent)) = text.split_once(['e', 'E']) else { return Ok(()) };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty()
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
        || exponent.parse::<i32>().is_ok()
    {
        return Ok(());
    }
    Err(format!("The parameter cannot be converted to a numeric value: {text}"))
}

/// The short codes of statements in a batch.
fn code(error: &Error) -> &'static str {
    match error {
        Error::ResourceNotFound(_) => "ResourceNotFound",
        Error::ConditionalCheckFailed(_) => "ConditionalCheckFailed",
        Error::DuplicateItem => "DuplicateItem",
        Error::Throttled(throttled) => throttled.reason_code(),
        Error::ItemCollectionSizeLimitExceeded => "ItemCollectionSizeLimitExceeded",
        Error::TransactionConflict => "TransactionConflict",
        _ => "ValidationError",
    }
}

/// What binds a token to its request: the statement and its parameters.
fn fingerprint(input: Input<'_>) -> String {
    let parameters = Value::from_iter(input.list("Parameters").unwrap_or_default());
    let text = format!("{}\n{parameters}", input.string("Statement"));
    format!("{:08x}", crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, text.as_bytes()))
}

fn next_token(resume: &Resume, input: Input<'_>) -> String {
    let token = json!({
        "request": fingerprint(input),
        "position": resume.position,
        "key": attributes_to_json(&resume.key),
    });
    BASE64.encode(token.to_string())
}

fn resume(token: &str, input: Input<'_>) -> Result<Resume, Fault> {
    let invalid = || Fault::validation("Invalid NextToken");
    let token = BASE64.decode(token).map_err(|_| invalid())?;
    let token = Json::parse(&token).map_err(|_| invalid())?;
    let request = token.get("request").and_then(Json::as_str).ok_or_else(invalid)?;
    if request != fingerprint(input) {
        return Err(Fault::validation("NextToken does not match request"));
    }
    let position =
        token.get("position").and_then(Json::as_u64).and_then(|position| usize::try_from(position).ok());
    let key = token.get("key").and_then(Json::as_object).ok_or_else(invalid)?;
    Ok(Resume {
        position: position.ok_or_else(invalid)?,
        key: ValueLayer::Older.attributes(key).map_err(|_| invalid())?,
    })
}
