//! Documents in and out, by the models of services that speak JSON.

use aws_smithy_types::{Blob, DateTime};
use serde_json::{Value as Json, json};

use super::super::*;

fn read(body: &Json) -> Result<ServedRequest, ServedFault> {
    Served::find("kms").unwrap().read_json("TrentService.Encrypt", body.to_string().as_bytes())
}

fn refusal(body: &Json) -> (String, String) {
    let fault = read(body).unwrap_err();
    (fault.code().to_owned(), fault.message().to_owned())
}

fn body(response: &Response<Bytes>) -> Json {
    serde_json::from_slice(response.body()).unwrap()
}

#[test]
fn a_document_is_read_by_the_shapes_of_the_model() {
    let request = read(&json!({
        "KeyId": "k", "Plaintext": "ZnJhbWVz", "EncryptionContext": { "a": "b" }, "GrantTokens": ["t"],
        "DryRun": true, "EncryptionAlgorithm": null, "Unknown": 7,
    }));
    let request = request.unwrap();
    let expected = Value::from([
        ("KeyId", Value::from("k")),
        ("Plaintext", Blob::new("frames").into()),
        ("EncryptionContext", Value::from([("a", "b")])),
        ("GrantTokens", Value::List(vec!["t".into()])),
        ("DryRun", true.into()),
    ]);
    assert_eq!((request.operation(), request.input()), ("Encrypt", &expected));
}

#[test]
fn what_is_missing_or_of_another_type_is_named() {
    let missing = "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not \
                   be null; Value null at 'plaintext' failed to satisfy constraint: Member must not be null";
    assert_eq!(refusal(&json!({})), ("ValidationException".to_owned(), missing.to_owned()));
    for (input, told) in [
        (json!({ "KeyId": 7 }), "The value at 'keyId' is not a string"),
        (json!({ "KeyId": "k", "Plaintext": "?" }), "The value at 'plaintext' is not a blob"),
        (json!({ "EncryptionContext": ["a"] }), "The value at 'encryptionContext' is not a map"),
        (json!({ "GrantTokens": [7] }), "The value at 'grantTokens.1.member' is not a string"),
        (json!([]), "The value at '' is not a map"),
    ] {
        assert_eq!(refusal(&input), ("SerializationException".to_owned(), told.to_owned()));
    }
    let kms = Served::find("kms").unwrap();
    for (target, body, code) in [
        ("TrentService.Encrypted", "{}", "UnknownOperationException"),
        ("OtherService.Encrypt", "{}", "UnknownOperationException"),
        ("", "{}", "UnknownOperationException"),
        ("TrentService.Encrypt", "{", "SerializationException"),
    ] {
        assert_eq!(kms.read_json(target, body.as_bytes()).unwrap_err().code(), code, "{target}");
    }
    assert!(kms.read_json("TrentService.ListKeys", b"").is_ok());
}

#[test]
fn an_answer_is_written_by_the_shapes_of_the_model() {
    let kms = Served::find("kms").unwrap();
    let request = kms.read_json("TrentService.DescribeKey", br#"{"KeyId": "k"}"#).unwrap();
    let metadata = Value::from([
        ("KeyId", Value::from("k")),
        ("CreationDate", DateTime::from_millis(1_500).into()),
        ("Enabled", true.into()),
        ("EncryptionAlgorithms", Value::List(vec!["SYMMETRIC_DEFAULT".into()])),
        ("PendingDeletionWindowInDays", 7.into()),
        ("DeletionDate", Value::Null),
    ]);
    let response = kms.answer(&request, &Value::from([("KeyMetadata", metadata)]), "an-id").unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/x-amz-json-1.1");
    assert_eq!(response.headers()["x-amzn-requestid"], "an-id");
    let expected = json!({ "KeyMetadata": { "KeyId": "k", "CreationDate": 1.5, "Enabled": true,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "PendingDeletionWindowInDays": 7 } });
    assert_eq!(body(&response), expected);
    for (output, told) in [
        (json!({ "KeyMetadata": { "KeyId": 7 } }), "the output's `KeyMetadata.KeyId` is an integer"),
        (json!({ "KeyMetadata": { "Name": "k" } }), "the output's `KeyMetadata.Name` is no member of"),
    ] {
        let error = kms.answer(&request, &Value::from(output), "an-id").unwrap_err();
        assert!(error.message().starts_with(told), "{error}");
    }
    let refused = kms.refuse(&ServedFault::new("NotFoundException", "Key 'k' does not exist"), "an-id");
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert_eq!(body(&refused), json!({ "__type": "NotFoundException", "message": "Key 'k' does not exist" }));
}
