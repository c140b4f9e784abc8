//! Events of every protocol, over a service that has all kinds of them.

#![allow(clippy::unwrap_used)]

mod botocore;
mod faults;
mod frames;
mod round_trip;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use serde_json::json;

use super::receiver::EventReceiver;
use crate::dynamic::schema::OperationPlan;
use crate::dynamic::service::ModeledService;
use crate::dynamic::{Value, input};
use crate::error::Error;
use crate::model::{Model, pack};

const PROTOCOLS: [&str; 4] = ["rest-json", "rest-xml", "json", "smithy-rpc-v2-cbor"];

/// A service and an operation of it.
type Talk = (&'static ModeledService, &'static OperationPlan);

/// A service of those shapes, and its only operation.
fn over(protocol: &str, operations: &serde_json::Value, shapes: &serde_json::Value) -> Talk {
    let metadata = json!({
        "apiVersion": "2026-01-01", "endpointPrefix": "talk", "jsonVersion": "1.1", "protocol": protocol,
        "protocols": [protocol], "serviceId": "Talk", "signatureVersion": "v4", "targetPrefix": "Talk",
        "uid": "talk-2026-01-01"
    });
    let document = json!({"metadata": metadata, "operations": operations, "shapes": shapes});
    let frame: &'static [u8] = pack::model(&document).unwrap().leak();
    let service = ModeledService::over("talk", Box::leak(Box::new(Model::over(frame).unwrap())));
    (service, service.operation(0).unwrap().plan)
}

/// A service that speaks that protocol and has events of every kind.
fn service(protocol: &str) -> Talk {
    let operation = json!({
        "name": "Talk", "http": {"method": "POST", "requestUri": "/talk"},
        "input": {"shape": "TalkInput"}, "output": {"shape": "TalkOutput"}
    });
    let shapes = json!({
            "TalkInput": {"type": "structure", "payload": "Said", "members": {
                "Topic": {"shape": "String", "location": "header", "locationName": "x-topic"},
                "Said": {"shape": "Events"}}},
            "TalkOutput": {"type": "structure", "payload": "Heard", "members": {
                "Topic": {"shape": "String", "location": "header", "locationName": "x-topic"},
                "Heard": {"shape": "Events"}}},
            "Events": {"type": "structure", "eventstream": true, "members": {
                "Note": {"shape": "Note"}, "Chunk": {"shape": "Chunk"}, "Line": {"shape": "Line"},
                "Detail": {"shape": "Detail"}, "Mark": {"shape": "Mark"}, "End": {"shape": "End"},
                "overloadException": {"shape": "OverloadException"}}},
            "Note": {"type": "structure", "event": true, "members": {
                "Text": {"shape": "String"}, "Count": {"shape": "Integer"}, "Data": {"shape": "Blob"},
                "When": {"shape": "Timestamp"}, "Words": {"shape": "Words"}, "Inner": {"shape": "Inner"},
                "Author": {"shape": "String", "eventheader": true}}},
            "Chunk": {"type": "structure", "event": true, "members": {
                "Index": {"shape": "Long", "eventheader": true}, "Bytes": {"shape": "Blob", "eventpayload": true}}},
            "Line": {"type": "structure", "event": true, "members": {
                "Text": {"shape": "String", "eventpayload": true}}},
            "Detail": {"type": "structure", "event": true, "members": {
                "Inner": {"shape": "Inner", "eventpayload": true}}},
            "Mark": {"type": "structure", "event": true, "members": {
                "Is": {"shape": "Boolean", "eventheader": true}, "Tag": {"shape": "Blob", "eventheader": true},
                "Number": {"shape": "Integer", "eventheader": true},
                "When": {"shape": "Timestamp", "eventheader": true}}},
            "End": {"type": "structure", "event": true, "members": {}},
            "OverloadException": {"type": "structure", "exception": true, "error": {"httpStatusCode": 429},
                "members": {"message": {"shape": "String"}, "Patience": {"shape": "Integer"}}},
            "Inner": {"type": "structure", "members": {
                "Name": {"shape": "String"}, "Share": {"shape": "Double"}}},
            "Words": {"type": "list", "member": {"shape": "String"}},
            "String": {"type": "string"}, "Integer": {"type": "integer"}, "Long": {"type": "long"},
            "Blob": {"type": "blob"}, "Timestamp": {"type": "timestamp"}, "Boolean": {"type": "boolean"},
            "Double": {"type": "double"}
    });
    over(protocol, &json!({"Talk": operation}), &shapes)
}

fn framed(message: &Message) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_message_to(message, &mut bytes).unwrap();
    bytes
}

fn message(headers: &[(&'static str, &str)], payload: &[u8]) -> Message {
    headers.iter().fold(Message::new(payload.to_vec()), |message, (name, value)| {
        message.add_header(Header::new(*name, HeaderValue::String((*value).to_owned().into())))
    })
}

/// A receiver of that body, which comes in pieces of that length.
fn receiver((service, plan): Talk, body: &[u8], piece: usize) -> EventReceiver {
    let pieces: Vec<_> =
        body.chunks(piece).map(|piece| Ok::<_, Error>(Frame::data(Bytes::copy_from_slice(piece)))).collect();
    let body = SdkBody::from_body_1_x(StreamBody::new(stream::iter(pieces)));
    let mut response = HttpResponse::new(200.try_into().unwrap(), body);
    response.headers_mut().insert("x-amzn-requestid", "id-1");
    EventReceiver::new(service, plan, plan.streaming_output.unwrap().target, &mut response)
}

fn written((service, plan): Talk, event: Value) -> Message {
    let member = plan.events_in().unwrap();
    let event = input::prepare_event(&service.schemas, member, event).unwrap();
    service.wire.event_message(&service.schemas, member.target, &event).unwrap()
}

/// A map of those members that are there.
fn map(entries: Vec<(&str, Option<Value>)>) -> Value {
    let there = entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Map(there.collect())
}
