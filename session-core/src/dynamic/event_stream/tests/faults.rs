//! What goes wrong among events.

use serde_json::json;

use super::{framed, message, receiver, service, written};
use crate::dynamic::ServiceFault;
use crate::error::ErrorKind;

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
