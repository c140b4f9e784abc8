//! What a text of the corpus becomes: requests in every place where DynamoDB reads such a text.
//!
//! The fuzz targets and the test of the corpus share it, so that a text that one of them finds can be given to the other.

use serde_json::{Value, json};

/// An operation and the body of its request.
pub(crate) type Request = (String, Vec<u8>);

/// What a folder of the corpus holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Corpus {
    /// Condition, key condition, filter, projection and update expressions.
    Expression,
    /// PartiQL.
    Statement,
    /// The name of an operation in the first line, and the body of its request.
    Request,
}

impl Corpus {
    #[allow(dead_code)] // each fuzz target knows which one it is
    pub(crate) const ALL: [Self; 3] = [Self::Expression, Self::Statement, Self::Request];

    #[allow(dead_code)] // cargo-fuzz knows the folders of its targets
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Expression => "expression",
            Self::Statement => "statement",
            Self::Request => "request",
        }
    }

    /// The requests that a text makes. The table `ttt` has the key `id` (S).
    pub(crate) fn requests(self, bytes: &[u8]) -> Vec<Request> {
        let text = String::from_utf8_lossy(bytes);
        match self {
            Self::Expression => of_expression(&text),
            Self::Statement => of_statement(&text),
            Self::Request => {
                let (operation, body) = text.split_once('\n').unwrap_or((&text, ""));
                vec![(operation.to_owned(), body.as_bytes().to_vec())]
            }
        }
    }
}

/// The request that makes the table.
pub(crate) fn create_table() -> Request {
    request(
        "CreateTable",
        json!({
            "TableName": "ttt",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        }),
    )
}

/// The request that puts an item with an attribute of every kind.
pub(crate) fn put_item() -> Request {
    let item = json!({
        "id": {"S": "1"},
        "a": {"N": "1"},
        "b": {"S": "text"},
        "c": {"L": [{"S": "x"}, {"N": "2"}]},
        "d": {"M": {"e": {"BOOL": true}}},
        "f": {"SS": ["x", "y"]},
    });
    request("PutItem", json!({"TableName": "ttt", "Item": item}))
}

fn request(operation: &str, body: Value) -> Request {
    (operation.to_owned(), body.to_string().into_bytes())
}

fn of_expression(text: &str) -> Vec<Request> {
    let key = json!({"id": {"S": "1"}});
    let values = json!({":v": {"S": "x"}, ":n": {"N": "1"}, ":l": {"L": []}, ":s": {"SS": ["x"]}});
    // What is defined must be used, so only what the text names is defined.
    let named = |all: &Value| -> Value {
        let entries = all.as_object().into_iter().flatten();
        let named = entries.filter(|(name, _)| text.contains(name.as_str()));
        Value::Object(named.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    let mut requests = Vec::new();
    for (operation, member, target) in [
        ("PutItem", "ConditionExpression", "Item"),
        ("UpdateItem", "UpdateExpression", "Key"),
        ("DeleteItem", "ConditionExpression", "Key"),
        ("GetItem", "ProjectionExpression", "Key"),
        ("Query", "KeyConditionExpression", ""),
        ("Scan", "FilterExpression", ""),
    ] {
        let mut body = json!({"TableName": "ttt"});
        body[member] = text.into();
        if !target.is_empty() {
            body[target] = key.clone();
        }
        for (member, map) in [
            ("ExpressionAttributeNames", named(&json!({"#a": "a", "#d": "d"}))),
            ("ExpressionAttributeValues", named(&values)),
        ] {
            let takes_values = operation != "GetItem" || member == "ExpressionAttributeNames";
            if takes_values && map.as_object().is_some_and(|map| !map.is_empty()) {
                body[member] = map;
            }
        }
        requests.push(request(operation, body));
    }
    requests
}

fn of_statement(text: &str) -> Vec<Request> {
    let parameters: Vec<Value> = text.matches('?').map(|_| json!({"S": "1"})).collect();
    let mut statement = json!({"Statement": text});
    if !parameters.is_empty() {
        statement["Parameters"] = parameters.into();
    }
    vec![
        request("ExecuteStatement", statement.clone()),
        request("ExecuteTransaction", json!({"TransactStatements": [statement.clone()]})),
        request("BatchExecuteStatement", json!({"Statements": [statement]})),
    ]
}
