//! Exact documents in and out.

use std::sync::Mutex;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::{Engine, respond};
use crate::context::{AccountId, RegionName, RequestContext};
use crate::seed::IdSource;

struct Kms {
    engine: Mutex<Engine>,
    ids: Mutex<IdSource>,
}

impl Kms {
    fn new(seed: u64) -> Self {
        let engine = Mutex::new(Engine::new("aws", "eu-west-1", AccountId::DEFAULT));
        Self { engine, ids: Mutex::new(IdSource::new(seed)) }
    }

    fn call(&self, operation: &str, input: Value) -> (u16, Value) {
        let context = RequestContext {
            account_id: AccountId::default(),
            is_secure: true,
            region: RegionName::new("eu-west-1"),
            request_id: "an-id".to_owned(),
            now: SystemTime::UNIX_EPOCH,
        };
        let target = format!("TrentService.{operation}");
        let response = respond(&self.engine, &self.ids, &context, &target, input.to_string().as_bytes());
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    fn refusal(&self, operation: &str, input: Value) -> (u16, String, String) {
        let (status, body) = self.call(operation, input);
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (status, text("__type"), text("message"))
    }

    fn key(&self) -> String {
        let (_, made) = self.call("CreateKey", json!({}));
        made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
    }
}

#[test]
fn the_same_seed_gives_the_same_keys_and_ciphertexts() {
    let answers = |seed| {
        let kms = Kms::new(seed);
        let id = kms.key();
        kms.call("GenerateDataKey", json!({ "KeyId": id, "KeySpec": "AES_256" }))
    };
    assert_eq!(answers(1), answers(1));
    assert_ne!(answers(1), answers(2));
}

#[test]
fn a_key_says_what_aws_says_of_it() {
    let (status, made) = Kms::new(0).call("CreateKey", json!({ "Description": "films" }));
    let id = made["KeyMetadata"]["KeyId"].clone();
    let arn = format!("arn:aws:kms:eu-west-1:123456789012:key/{}", id.as_str().unwrap());
    let expected = json!({ "KeyMetadata": {
        "AWSAccountId": "123456789012", "KeyId": id, "Arn": arn, "CreationDate": 0.0, "Enabled": true,
        "Description": "films", "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled", "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "MultiRegion": false,
    } });
    assert_eq!((status, made), (200, expected));
}

#[test]
fn what_is_not_implemented_is_refused_by_name() {
    let kms = Kms::new(0);
    let id = kms.key();
    let (status, code, message) = kms.refusal("GenerateRandom", json!({ "NumberOfBytes": 8 }));
    assert_eq!((status, code.as_str()), (501, "NotImplemented"));
    assert!(message.contains("GenerateRandom"), "{message}");
    for (operation, name, input) in [
        ("CreateKey", "KeySpec", json!({ "KeySpec": "RSA_2048" })),
        ("CreateKey", "MultiRegion", json!({ "MultiRegion": true })),
        ("CreateKey", "Policy", json!({ "Policy": "{}" })),
        ("Encrypt", "DryRun", json!({ "KeyId": id, "Plaintext": "YQ==", "DryRun": true })),
        ("Decrypt", "GrantTokens", json!({ "CiphertextBlob": "YQ==", "GrantTokens": ["t"] })),
    ] {
        let (status, code, message) = kms.refusal(operation, input);
        assert_eq!((status, code.as_str()), (400, "UnsupportedOperationException"));
        assert!(message.contains(&format!("parameter {name} ")), "{message}");
    }
    let same = json!({ "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "MultiRegion": false });
    assert_eq!(kms.call("CreateKey", same).0, 200);
}

#[test]
fn lists_have_pages() {
    let kms = Kms::new(0);
    let ids: Vec<String> = (0..5).map(|_| kms.key()).collect();
    let (mut found, mut marker) = (Vec::new(), None);
    loop {
        let mut input = json!({ "Limit": 2 });
        if let Some(marker) = marker {
            input["Marker"] = marker;
        }
        let (_, page) = kms.call("ListKeys", input);
        found.extend(
            page["Keys"].as_array().unwrap().iter().map(|key| key["KeyId"].as_str().unwrap().to_owned()),
        );
        if page["Truncated"] == false {
            assert!(page["NextMarker"].is_null());
            break;
        }
        marker = Some(page["NextMarker"].clone());
    }
    let mut expected = ids;
    expected.sort();
    assert_eq!(found, expected);
    let (_, code, message) = kms.refusal("ListKeys", json!({ "Limit": 0 }));
    assert_eq!(code, "ValidationException");
    assert!(message.ends_with("Member must have value greater than or equal to 1"), "{message}");
}

#[test]
fn a_ciphertext_is_refused_without_a_word() {
    let kms = Kms::new(0);
    let refused = kms.refusal("Decrypt", json!({ "CiphertextBlob": "AAAA" }));
    assert_eq!(refused, (400, "InvalidCiphertextException".to_owned(), String::new()));
}
