//! Exact JSON in, exact JSON out.

mod backups;
mod balance;
mod composite_keys;
mod corpus;
mod depth;
mod elsewhere;
mod exactness;
mod exports;
mod expressions;
mod hostile;
mod imports;
mod items;
mod kinesis_destinations;
mod legacy;
mod pages;
mod partiql;
mod quotas;
mod refusals;
mod settings;
mod streams;
mod tables;
mod throttling;
mod time_to_live;
mod transactions;
mod update_table;

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::context::{AccountId, RegionName, RequestContext};
use crate::dynamodb::{self, Engine};
use crate::seed::IdSource;

/// An engine behind its wire, with a clock that tests move.
struct Cloud {
    engine: Mutex<Engine>,
    ids: Mutex<IdSource>,
    now: SystemTime,
}

impl Cloud {
    fn new() -> Self {
        let engine = Engine::new(AccountId::default(), RegionName::new("eu-west-1"));
        let now = UNIX_EPOCH + Duration::from_millis(1_700_000_000_500);
        Self { engine: Mutex::new(engine), ids: Mutex::new(IdSource::new(1)), now }
    }

    /// A cloud with the table `songs`: `artist` (S) and `title` (S), and two global indexes and a local one.
    fn with_songs() -> Self {
        let cloud = Self::new();
        cloud.ok(
            "CreateTable",
            json!({
                "TableName": "songs",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": "artist", "AttributeType": "S"},
                    {"AttributeName": "title", "AttributeType": "S"},
                    {"AttributeName": "genre", "AttributeType": "S"},
                    {"AttributeName": "plays", "AttributeType": "N"},
                ],
                "KeySchema": [key("artist", "HASH"), key("title", "RANGE")],
                "LocalSecondaryIndexes": [{
                    "IndexName": "by-plays",
                    "KeySchema": [key("artist", "HASH"), key("plays", "RANGE")],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }],
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "by-genre",
                        "KeySchema": [key("genre", "HASH"), key("plays", "RANGE")],
                        "Projection": {"ProjectionType": "ALL"},
                    },
                    {
                        "IndexName": "genres",
                        "KeySchema": [key("genre", "HASH")],
                        "Projection": {"ProjectionType": "KEYS_ONLY"},
                    },
                ],
            }),
        );
        cloud
    }

    /// A cloud with the table `ttt`, whose only key is `id` (S).
    fn with_table() -> Self {
        let cloud = Self::new();
        cloud.ok("CreateTable", table("ttt"));
        cloud
    }

    fn put(&self, table: &str, item: Value) {
        self.ok("PutItem", json!({"TableName": table, "Item": item}));
    }

    fn get(&self, id: &str) -> Value {
        self.ok("GetItem", json!({"TableName": "ttt", "Key": {"id": {"S": id}}}))["Item"].clone()
    }

    fn respond(&self, target: &str, body: &[u8]) -> http::Response<bytes::Bytes> {
        let context = RequestContext {
            is_secure: false,
            account_id: AccountId::default(),
            region: RegionName::new("eu-west-1"),
            request_id: "REQUEST".to_owned(),
            now: self.now,
        };
        dynamodb::respond(&self.engine, &self.ids, &context, target, body)
    }

    fn call(&self, operation: &str, input: &Value) -> (u16, Value) {
        let response = self.respond(&format!("DynamoDB_20120810.{operation}"), input.to_string().as_bytes());
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    #[track_caller]
    fn ok(&self, operation: &str, input: Value) -> Value {
        let (status, answer) = self.call(operation, &input);
        assert_eq!(status, 200, "{operation} {input}: {answer}");
        answer
    }

    #[track_caller]
    fn err(&self, operation: &str, input: Value) -> Value {
        let (status, answer) = self.call(operation, &input);
        assert_eq!(status, 400, "{operation} {input}: {answer}");
        answer
    }

    /// The message of a ValidationException.
    #[track_caller]
    fn invalid(&self, operation: &str, input: Value) -> String {
        let answer = self.err(operation, input);
        assert_eq!(answer["__type"], "com.amazon.coral.validate#ValidationException", "{answer}");
        answer["message"].as_str().unwrap().to_owned()
    }
}

fn key(name: &str, role: &str) -> Value {
    json!({"AttributeName": name, "KeyType": role})
}

fn table(name: &str) -> Value {
    json!({
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [key("id", "HASH")],
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
    })
}

/// `base` with some members replaced or added; `null` takes one away.
fn with(mut base: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}
