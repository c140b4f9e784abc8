//! Exact JSON in, exact JSON out.

mod backups;
mod balance;
mod composite_keys;
mod corpus;
mod depth;
mod elsewhere;
mod empty_names;
mod exactness;
mod exports;
mod expressions;
mod global_tables;
mod hostile;
mod imports;
mod index_limits;
mod items;
mod kinesis_destinations;
mod legacy;
mod nesting;
mod pages;
mod partiql;
mod quotas;
mod recorded;
mod refusals;
mod settings;
mod streams;
mod tables;
mod throttling;
mod time_to_live;
mod transactions;
mod update_table;
mod vector_indexes;
mod vector_search;
mod vector_writes;

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::context::{AccountId, RegionName, RequestContext};
use crate::dynamodb::{self, Account, Engine, EngineOptions};
use crate::seed::IdSource;

const REGION: &str = "eu-west-1";

/// An account behind its wire, with a clock that tests move.
struct Cloud {
    account: Mutex<Account>,
    ids: Mutex<IdSource>,
    now: SystemTime,
}

impl Cloud {
    fn new() -> Self {
        Self::told(EngineOptions::default())
    }

    fn told(options: EngineOptions) -> Self {
        let account = Account::new(AccountId::default(), options);
        let now = UNIX_EPOCH + Duration::from_millis(1_700_000_000_500);
        Self { account: Mutex::new(account), ids: Mutex::new(IdSource::new(1)), now }
    }

    /// Does something to the engine that no request does.
    fn with_engine(&self, work: impl FnOnce(&mut Engine)) {
        work(self.account.lock().unwrap().region(&RegionName::new(REGION)));
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
        self.respond_in(REGION, target, body)
    }

    fn respond_in(&self, region: &str, target: &str, body: &[u8]) -> http::Response<bytes::Bytes> {
        let context = RequestContext {
            is_secure: false,
            account_id: AccountId::default(),
            region: RegionName::new(region),
            request_id: "REQUEST".to_owned(),
            now: self.now,
        };
        dynamodb::respond(&self.account, &self.ids, &context, target, body)
    }

    fn call(&self, operation: &str, input: &Value) -> (u16, Value) {
        self.call_in(REGION, operation, input)
    }

    fn call_in(&self, region: &str, operation: &str, input: &Value) -> (u16, Value) {
        let target = format!("DynamoDB_20120810.{operation}");
        let response = self.respond_in(region, &target, input.to_string().as_bytes());
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
