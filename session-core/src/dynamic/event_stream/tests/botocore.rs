//! Botocore's own frames, read as botocore reads them.

use aws_smithy_types::{Blob, DateTime};
use base64::Engine as _;
use serde_json::json;

use super::{map, over, receiver};
use crate::dynamic::Value;

/// The events of a body of botocore's suite of protocols, over the service that the suite describes; before them, the rest
/// of the output.
async fn of_botocore(protocol: &str, payload: Option<&str>, body: &str) -> Vec<Value> {
    let text = json!({"shape": "String"});
    let details = json!({"Details": {"shape": "Details", "eventpayload": true}});
    let mut in_headers = details.clone();
    for name in ["Boolean", "Integer", "Blob", "String", "Timestamp"] {
        in_headers[name] = json!({"shape": name, "eventheader": true});
    }
    let mut output = json!({"type": "structure", "members": {"Payload": {"shape": "Events"}}});
    match payload {
        Some(member) => output["payload"] = json!(member),
        None => output["members"]["InitialResponse"] = text.clone(),
    }
    let blob = json!({"Payload": {"shape": "Blob", "eventpayload": true}});
    let shapes = json!({
        "Output": output,
        "Events": {"type": "structure", "eventstream": true, "members": {
            "TypeA": {"shape": "TypeA"}, "TypeB": {"shape": "TypeB"}, "TypeC": {"shape": "TypeC"}}},
        "TypeA": {"type": "structure", "event": true, "members": blob},
        "TypeB": {"type": "structure", "event": true, "members": details},
        "TypeC": {"type": "structure", "event": true, "members": in_headers},
        "Details": {"type": "structure", "members": {"StringField": text, "IntegerField": {"shape": "Integer"}}},
        "String": {"type": "string"}, "Integer": {"type": "integer"}, "Boolean": {"type": "boolean"},
        "Blob": {"type": "blob"}, "Timestamp": {"type": "timestamp"}
    });
    let operation = json!({"name": "OperationName", "http": {"method": "POST", "requestUri": "/"},
        "output": {"shape": "Output"}});
    let suite = over(protocol, &json!({"OperationName": operation}), &shapes);
    let body = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
    let mut events = receiver(suite, &body, 11);
    let mut told = Vec::new();
    if suite.0.wire.has_initial_response() {
        told.extend(events.initial_response().await.unwrap());
    }
    while let Some(event) = events.recv().await.unwrap() {
        told.push(event);
    }
    told
}

#[tokio::test]
async fn botocores_suite_of_protocols_is_read_as_botocore_reads_it() {
    let json_events = "AAAAfgAAAE/Fo93GDTptZXNzYWdlLXR5cGUHAAVldmVudAs6ZXZlbnQtdHlwZQcAEGluaXRpYWwtcmVzcG9uc2UNOmNvbnRlbnQt\
        dHlwZQcACXRleHQvanNvbnsiSW5pdGlhbFJlc3BvbnNlIjogInNvbWV0ZXh0In32mCSDAAAAbAAAAFPLgkVrDTptZXNzYWdlLXR5cGUHAAVldmVu\
        dAs6ZXZlbnQtdHlwZQcABVR5cGVBDTpjb250ZW50LXR5cGUHABhhcHBsaWNhdGlvbi9vY3RldC1zdHJlYW1zb21lYnl0ZXMesj2HAAAAhgAAAEQq\
        NR/SDTptZXNzYWdlLXR5cGUHAAVldmVudAs6ZXZlbnQtdHlwZQcABVR5cGVCDTpjb250ZW50LXR5cGUHAAl0ZXh0L2pzb257IlN0cmluZ0ZpZWxk\
        IjogInNvbWVzdHJpbmciLCAiSW50ZWdlckZpZWxkIjogMTIzfffGN30=";
    let told = of_botocore("json", None, json_events).await;
    let bytes = |text: &str| Value::Blob(Blob::new(text));
    let details = Value::from(json!({"StringField": "somestring", "IntegerField": 123}));
    let type_a = map(vec![("TypeA", Some(map(vec![("Payload", Some(bytes("somebytes")))])))]);
    let type_b = map(vec![("TypeB", Some(map(vec![("Details", Some(details.clone()))])))]);
    assert_eq!(told, [json!({"InitialResponse": "sometext"}).into(), type_a.clone(), type_b.clone()]);

    let xml_events = "AAAAbAAAAFPLgkVrDTptZXNzYWdlLXR5cGUHAAVldmVudAs6ZXZlbnQtdHlwZQcABVR5cGVBDTpjb250ZW50LXR5cGUHABhhcHBsaWNh\
        dGlvbi9vY3RldC1zdHJlYW1zb21lYnl0ZXMesj2HAAAAsAAAAEOaMMdXDTptZXNzYWdlLXR5cGUHAAVldmVudAs6ZXZlbnQtdHlwZQcABVR5cGVC\
        DTpjb250ZW50LXR5cGUHAAh0ZXh0L3htbDxUeXBlQiB4bWxucz0iIj48U3RyaW5nRmllbGQ+c29tZXN0cmluZzwvU3RyaW5nRmllbGQ+PEludGVn\
        ZXJGaWVsZD4xMjM8L0ludGVnZXJGaWVsZD48L1R5cGVCPiwthPo=";
    assert_eq!(of_botocore("rest-xml", Some("Payload"), xml_events).await, [type_a, type_b]);

    let in_headers = "AAABAQAAAJBjEbY4DTptZXNzYWdlLXR5cGUHAAVldmVudAs6ZXZlbnQtdHlwZQcABVR5cGVDDTpjb250ZW50LXR5cGUHAAh0ZXh0L3ht\
        bAdCb29sZWFuAAdJbnRlZ2VyBAAAAHsEQmxvYgYACHNvbWVibG9iBlN0cmluZwcACnNvbWVzdHJpbmcJVGltZXN0YW1wCAAAAUsgGsQAPERldGFp\
        bHMgeG1sbnM9IiI+PFN0cmluZ0ZpZWxkPnNvbWVzdHJpbmc8L1N0cmluZ0ZpZWxkPjxJbnRlZ2VyRmllbGQ+MTIzPC9JbnRlZ2VyRmllbGQ+PC9E\
        ZXRhaWxzPhGUvKo=";
    let told = of_botocore("rest-xml", Some("Payload"), in_headers).await;
    let event = &told[0]["TypeC"];
    assert_eq!((event["Boolean"].as_bool(), event["Integer"].as_i64()), (Some(true), Some(123)));
    assert_eq!(
        (event["Blob"].as_blob(), event["String"].as_str()),
        (Some(&b"someblob"[..]), Some("somestring"))
    );
    assert_eq!(event["Timestamp"].as_timestamp(), Some(DateTime::from_secs(1_422_172_800)));
    assert_eq!((told.len(), &event["Details"]), (1, &details));
    assert!(of_botocore("rest-xml", Some("Payload"), "").await.is_empty());
}
