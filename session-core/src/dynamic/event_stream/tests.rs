//! Every protocol's events, there and back: over a service that has all kinds of them.

#![allow(clippy::unwrap_used)]

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use aws_smithy_types::{Blob, DateTime};
use base64::Engine as _;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use serde_json::json;

use super::frames::{FrameError, Frames};
use super::receiver::EventReceiver;
use crate::dynamic::input;
use crate::dynamic::schema::OperationPlan;
use crate::dynamic::service::ModeledService;
use crate::dynamic::{ServiceFault, Value};
use crate::error::{Error, ErrorKind};
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

fn text() -> impl Strategy<Value = Value> {
    "[a-zA-Z0-9 <>&\"'äß語]{0,12}[a-z]".prop_map(Value::from)
}

fn blob() -> impl Strategy<Value = Value> {
    vec(any::<u8>(), 0..40).prop_map(|bytes| Value::Blob(Blob::new(bytes)))
}

fn moment() -> impl Strategy<Value = Value> {
    (0..4_000_000_000_i64).prop_map(|seconds| Value::Timestamp(DateTime::from_secs(seconds)))
}

/// A map of those members that are there.
fn map(entries: Vec<(&str, Option<Value>)>) -> Value {
    let there = entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Map(there.collect())
}

fn event() -> impl Strategy<Value = Value> {
    let inner = || {
        (of(text()), of(-1e9..1e9_f64))
            .prop_map(|(name, share)| map(vec![("Name", name), ("Share", share.map(Value::Double))]))
    };
    let words = vec(text(), 0..4).prop_map(Value::List);
    let note = (of(text()), of(text()), of(any::<i32>()), of(blob()), of(moment()), of(words), of(inner()));
    let note = note.prop_map(|(author, text, count, data, when, words, inner)| {
        let count = count.map(|count| Value::Integer(count.into()));
        let rest = [("Text", text), ("Count", count), ("Data", data), ("When", when), ("Words", words)];
        let entries = [("Author", author)].into_iter().chain(rest).chain([("Inner", inner)]);
        ("Note", map(entries.collect()))
    });
    let chunk = (of(any::<i64>()), blob()).prop_map(|(index, bytes)| {
        ("Chunk", map(vec![("Index", index.map(Value::Integer)), ("Bytes", Some(bytes))]))
    });
    let line = text().prop_map(|text| ("Line", map(vec![("Text", Some(text))])));
    let detail = inner().prop_map(|inner| ("Detail", map(vec![("Inner", Some(inner))])));
    let mark = (of(any::<bool>()), of(blob()), of(any::<i32>()), of(moment()));
    let mark = mark.prop_map(|(is, tag, number, when)| {
        let number = number.map(|number| Value::Integer(number.into()));
        ("Mark", map(vec![("Is", is.map(Value::Bool)), ("Tag", tag), ("Number", number), ("When", when)]))
    });
    let end = Just(("End", map(Vec::new())));
    let any = prop_oneof![note, chunk, line, detail, mark, end];
    any.prop_map(|(name, members)| map(vec![(name, Some(members))]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn events_are_read_as_they_were_written_in_every_protocol(
        events in vec(event(), 0..6),
        piece in 1..200_usize,
    ) {
        for protocol in PROTOCOLS {
            let talk = service(protocol);
            let body: Vec<u8> = events.iter().flat_map(|event| framed(&written(talk, event.clone()))).collect();
            let mut receiver = receiver(talk, &body, piece);
            let read = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
                let mut read = Vec::new();
                while let Some(event) = receiver.recv().await.unwrap() {
                    read.push(event);
                }
                read
            });
            prop_assert_eq!(&read, &events, "{}", protocol);
        }
    }

    #[test]
    fn no_bytes_make_the_frames_panic(bytes in vec(any::<u8>(), 0..200), at in 0..100_usize, flip in any::<u8>()) {
        let mut frames = Frames::default();
        frames.push(&bytes);
        while let Ok(Some(_)) = frames.next() {}
        // A good frame with one bad byte.
        let mut frame = framed(&message(&[(":message-type", "event"), (":event-type", "End")], &bytes));
        let at = at % frame.len();
        frame[at] ^= flip;
        let mut frames = Frames::default();
        frames.push(&frame);
        let whole = frames.next();
        prop_assert_eq!(matches!(whole, Ok(Some(_))), flip == 0, "{:?}", whole);
    }
}

#[tokio::test]
async fn events_split_at_every_byte_are_whole() {
    for protocol in PROTOCOLS {
        let talk = service(protocol);
        let note = Value::from(json!({"Note": {"Text": "a", "Words": ["b", "c"]}}));
        let body = [framed(&written(talk, note.clone())), framed(&written(talk, note.clone()))].concat();
        let events: Vec<_> = receiver(talk, &body, 1).collect().await;
        assert_eq!(events.into_iter().collect::<Result<Vec<_>, _>>().unwrap(), [note.clone(), note]);
    }
}

#[tokio::test]
async fn exceptions_among_events_are_faults_and_end_them() {
    for (protocol, payload) in [
        ("rest-json", &br#"{"message":"slow down","Patience":7}"#[..]),
        ("json", br#"{"message":"slow down","Patience":7}"#),
        ("rest-xml", b"<O xmlns=\"\"><message>slow down</message><Patience>7</Patience></O>"),
        ("smithy-rpc-v2-cbor", b"\xa2\x67message\x69slow down\x68Patience\x07"),
    ] {
        let talk = service(protocol);
        let end = framed(&written(talk, json!({"End": {}}).into()));
        let headers = [(":message-type", "exception"), (":exception-type", "overloadException")];
        let body = [end.clone(), framed(&message(&headers, payload)), end].concat();
        let mut events = receiver(talk, &body, 7);
        assert_eq!(events.recv().await.unwrap(), Some(json!({"End": {}}).into()));
        let error = events.recv().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled, "{protocol}: {error}");
        assert_eq!((error.code(), error.status()), (Some("overloadException"), Some(429)));
        assert_eq!((error.request_id(), error.operation()), (Some("id-1"), Some("Talk")));
        assert_eq!(error.to_string(), "Talk on talk failed: slow down (overloadException)");
        let fault = ServiceFault::of(&error).unwrap();
        assert!(fault.is("OverloadException") && fault.is("overloadException"));
        assert_eq!(fault.fields()["Patience"].as_i64(), Some(7));
        assert_eq!(events.recv().await.unwrap(), None);
    }
}

#[tokio::test]
async fn errors_without_a_model_have_code_and_message() {
    let talk = service("rest-json");
    let headers = [(":message-type", "error"), (":error-code", "InternalError"), (":error-message", "oh")];
    let error = receiver(talk, &framed(&message(&headers, b"")), 9).recv().await.unwrap_err();
    assert_eq!((error.code(), error.message(), error.status()), (Some("InternalError"), "oh", Some(400)));
    assert_eq!(ServiceFault::of(&error).unwrap().shape(), None);
    let headers = [(":message-type", "exception"), (":exception-type", "NewException")];
    let unknown = framed(&message(&headers, br#"{"message":"never seen"}"#));
    let error = receiver(talk, &unknown, 9).recv().await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some("NewException"), "never seen"));
}

#[tokio::test]
async fn events_that_the_model_does_not_have_are_left_out() {
    let talk = service("rest-json");
    let end = framed(&written(talk, json!({"End": {}}).into()));
    let headers = [(":message-type", "event"), (":event-type", "Novelty")];
    let body = [framed(&message(&headers, b"?")), framed(&message(&[], b"")), end].concat();
    let mut events = receiver(talk, &body, 1000);
    assert_eq!(events.recv().await.unwrap(), Some(json!({"End": {}}).into()));
    assert_eq!(events.recv().await.unwrap(), None);
    let strange = framed(&message(&[(":message-type", "riddle")], b""));
    let error = receiver(talk, &strange, 1000).recv().await.unwrap_err();
    assert!(error.to_string().contains("the unknown type `riddle`"), "{error}");
}

#[tokio::test]
async fn a_stream_that_ends_within_an_event_or_is_damaged_is_an_error() {
    let talk = service("json");
    let whole = framed(&written(talk, json!({"Note": {"Text": "metropolis"}}).into()));
    for length in 1..whole.len() {
        let mut events = receiver(talk, &whole[..length], 5);
        let error = events.recv().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dispatch);
        assert!(error.to_string().contains("the stream ended within an event"), "{error}");
        assert_eq!(events.recv().await.unwrap(), None);
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x20;
        let error = receiver(talk, &damaged, 1000).recv().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dispatch);
        assert!(error.message().starts_with("the events cannot be read on"), "{at}: {error}");
    }
}

#[test]
fn frames_are_judged_by_their_first_bytes() {
    // From botocore's suite: checksums are right, lengths are not.
    let mut frames = Frames::default();
    frames.push(b"\x01\x80\x00\x21\x00\x00\x00\x00\xdd\x3f\x33\xb1");
    assert!(matches!(frames.next(), Err(FrameError::Length { total: 0x0180_0021, headers: 0 })));
    let mut frames = Frames::default();
    frames.push(b"\x00\x00\x00\x3d\xff\x00\x01\x02\x15\x83\xf5\xc2");
    assert!(matches!(frames.next(), Err(FrameError::Length { .. })));
    let mut frames = Frames::default();
    frames.push(b"\x01\x00\x00\x1d\x00\x00\x00\x00\xfdR\x8cZ");
    assert!(matches!(frames.next(), Err(FrameError::Prelude)));
}

#[test]
fn headers_of_every_type_are_read() {
    // From botocore's suite.
    let mut frames = Frames::default();
    frames.push(
        b"\x00\x00\x00\x62\x00\x00\x00\x52\x03\xb5\xcb\x9c\x010\x00\x011\x01\x012\x02\x02\x013\x03\x00\x03\
          \x014\x04\x00\x00\x00\x04\x015\x05\x00\x00\x00\x00\x00\x00\x00\x05\x016\x06\x00\x05bytes\x017\x07\x00\x04utf8\
          \x018\x08\x00\x00\x00\x00\x00\x00\x00\x08\x019\x090123456789abcdef\x63\x35\x36\x71",
    );
    let message = frames.next().unwrap().unwrap();
    assert_eq!(message.headers().len(), 10);
    assert_eq!(message.headers()[7].value().as_string().unwrap().as_str(), "utf8");
    assert!(frames.next().unwrap().is_none() && frames.end().is_ok());
}

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

#[test]
fn an_event_that_does_not_fit_is_told_by_its_path() {
    let (talk, plan) = service("rest-json");
    let told = |event: serde_json::Value| {
        input::prepare_event(&talk.schemas, plan.events_in().unwrap(), event.into()).unwrap_err().to_string()
    };
    assert!(told(json!({"Note": {"Count": "7"}})).contains("Said.Note.Count is a string, but has to be"));
    assert!(told(json!({"Nota": {}})).contains("Said.Nota is no member of Events; did you mean `Note`?"));
    assert!(told(json!({})).contains("Said has none of these members"));
    assert!(told(json!({"Note": {}, "End": {}})).contains("Said has 2 of these members"));
    assert!(told(json!("Note")).contains("Said is a string, but has to be a map"));
}
