//! ExecuteStatement, BatchExecuteStatement and ExecuteTransaction.

use std::collections::BTreeMap;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::attribute_value::AttributeValue;
use super::super::engine::capacity::Capacity;
use super::super::engine::error::Error;
use super::super::engine::limit;
use super::super::engine::number::NumberError;
use super::super::engine::partiql::{Resume, StatementInput, TransactionOutput, is_beyond_exponents};
use super::super::engine::transaction::Consumed;
use super::attribute_value::{ValueLayer, attributes_to_json};
use super::capacity::{Detail, UnitKind};
use super::fault::Fault;
use super::input::Input;
use super::java;
use super::json::Json;
use super::shape::{
    Member, RETURN_CONSUMED_CAPACITY, RETURN_VALUES_ON_CONDITION_CHECK_FAILURE, Rule, Shape, optional,
    required,
};

const STATEMENT: Member = required("Statement", Shape::String, &[Rule::Length(1, 8192)]);
const PARAMETERS: Member =
    optional("Parameters", Shape::List(&Shape::AttributeValue), &[Rule::Length(1, usize::MAX)]);
const CONSISTENT_READ: Member = optional("ConsistentRead", Shape::Boolean, &[]);

// Members stand in the order in which DynamoDB reports their faults.

const EXECUTE_STATEMENT: &[Member] = &[
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
    optional("Limit", Shape::Integer, &[Rule::Min(1)]),
    optional("NextToken", Shape::String, &[Rule::Length(1, 32_768)]),
    STATEMENT,
    RETURN_CONSUMED_CAPACITY,
    PARAMETERS,
    CONSISTENT_READ,
];

const BATCH_EXECUTE_STATEMENT: &[Member] = &[
    RETURN_CONSUMED_CAPACITY,
    required(
        "Statements",
        Shape::List(&Shape::Structure(&[
            RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
            STATEMENT,
            PARAMETERS,
            CONSISTENT_READ,
        ])),
        &[Rule::ListLength(1, 25, &java::BATCH_STATEMENT_REQUEST)],
    ),
];

const EXECUTE_TRANSACTION: &[Member] = &[
    optional("ClientRequestToken", Shape::String, &[Rule::Length(1, 36)]),
    required(
        "TransactStatements",
        Shape::List(&Shape::Structure(&[RETURN_VALUES_ON_CONDITION_CHECK_FAILURE, STATEMENT, PARAMETERS])),
        &[Rule::ListLength(1, 100, &java::PARAMETERIZED_STATEMENT)],
    ),
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
    for output in &outputs {
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
            Err(error) => {
                response["Error"] = json!({"Code": code(error), "Message": error.to_string()});
                if let Error::ConditionalCheckFailed(Some(item)) = error {
                    response["Error"]["Item"] = attributes_to_json(&item.attributes());
                }
            }
        }
        if let Some(table) = &output.table_name {
            response["TableName"] = table.as_str().into();
        }
        responses.push(response);
    }
    // Failures are told only of tables where something succeeded.
    for output in &outputs {
        if let Some(of_table) = output.table_name.as_ref().and_then(|table| capacity.get_mut(table)) {
            of_table.failures += output.failure;
        }
    }
    let mut answer = json!({"Responses": responses});
    if !capacity.is_empty() {
        Detail::of(input).put_many(&mut answer, capacity.iter(), UnitKind::Unsaid);
    }
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
    let parameters = input.list("Parameters").unwrap_or_default();
    let too_deep = parameters.iter().any(|value| is_too_deep(value, 0));
    StatementInput {
        text: input.string("Statement"),
        parameters: if too_deep { Vec::new() } else { parameters.iter().map(parameter).collect() },
        too_deep,
        consistency: input.consistency(),
        on_condition_failure: input.on_condition_failure(),
    }
}

fn parameter(value: &Json<'_>) -> Result<AttributeValue, String> {
    check_numbers(value)?;
    ValueLayer::Older.value(value)
}

/// Whether a value has a level more than what only its item may find too deep.
fn is_too_deep(value: &Json<'_>, levels: usize) -> bool {
    if levels > limit::NESTING_LEVELS + 1 {
        return true;
    }
    let members = value.get("M").and_then(Json::as_object);
    let elements = value.get("L").and_then(Json::as_array).unwrap_or_default();
    members.is_some_and(|members| members.values().any(|member| is_too_deep(member, levels + 1)))
        || elements.iter().any(|element| is_too_deep(element, levels + 1))
}

fn check_numbers(value: &Json<'_>) -> Result<(), String> {
    let Some(members) = value.as_object() else { return Ok(()) };
    for (name, inner) in members.iter() {
        match (name, inner) {
            ("M", Json::Object(members)) => members.values().try_for_each(check_numbers)?,
            ("L", Json::Array(elements)) => elements.iter().try_for_each(check_numbers)?,
            ("N", Json::String(text)) => check_exponent(text)?,
            ("NS", Json::Array(elements)) => {
                elements.iter().filter_map(Json::as_str).try_for_each(check_exponent)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A number whose exponent or scale has more than 32 bits is none to PartiQL.
fn check_exponent(text: &str) -> Result<(), String> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return Ok(()) };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let decimals = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let scale = |exponent: i32| i64::try_from(decimals).ok()?.checked_sub(exponent.into());
    match exponent.parse::<i32>().ok().and_then(scale).map(i32::try_from) {
        Some(Ok(_)) if is_beyond_exponents(text) => Err(NumberError::Underflow.to_string()),
        Some(Ok(_)) => Ok(()),
        _ => Err(format!("The parameter cannot be converted to a numeric value: {text}")),
    }
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

/// What binds a token to its request: the statement as it is written, and its parameters by value. Lists and maps are
/// like no other, not even themselves.
fn fingerprint(input: Input<'_>) -> Option<String> {
    let parameters: Option<Vec<String>> =
        input.list("Parameters").unwrap_or_default().iter().map(compared).collect();
    let text = format!("{}\n{:?}", input.string("Statement"), parameters?);
    Some(format!("{:08x}", crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, text.as_bytes())))
}

/// A parameter as it is compared: a number by value and scale, a set by what is in it.
fn compared(parameter: &Json<'_>) -> Option<String> {
    if let Some(number) = parameter.get("N").and_then(Json::as_str) {
        return Some(format!("N {}", decimal(number)));
    }
    match ValueLayer::Older.value(parameter) {
        Ok(AttributeValue::L(_) | AttributeValue::M(_)) => None,
        Ok(value) => Some(format!("{value:?}")),
        Err(_) => Some(Value::from(parameter).to_string()),
    }
}

/// A number as its digits without leading zeros, and how many of them are behind the point.
fn decimal(number: &str) -> String {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let scale = fraction.len() as i64 - exponent.parse::<i64>().unwrap_or_default();
    let digits = format!("{whole}{fraction}");
    match digits.trim_start_matches('0') {
        "" => format!("0 {scale}"),
        digits => format!("{sign}{digits} {scale}"),
    }
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
    let request = token.get("request").ok_or_else(invalid)?.as_str();
    if request.is_none() || request != fingerprint(input).as_deref() {
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
