//! What is written is read again, in every protocol and for every service.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::{Blob, DateTime};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use serde_json::json;

use super::super::frames::Frames;
use super::super::{EventSource, put_events};
use super::{PROTOCOLS, framed, map, message, receiver, service, written};
use crate::dynamic::conformance::sweep::synthetic;
use crate::dynamic::protocol::EventOrFault;
use crate::dynamic::schema::Direction;
use crate::dynamic::service::ModeledService;
use crate::dynamic::{Value, input};
use crate::error::Error;
use crate::model::{self, shape_flags};

fn text() -> impl Strategy<Value = Value> {
    "[a-zA-Z0-9 <>&\"'äß語]{0,12}[a-z]".prop_map(Value::from)
}

fn blob() -> impl Strategy<Value = Value> {
    vec(any::<u8>(), 0..40).prop_map(|bytes| Value::Blob(Blob::new(bytes)))
}

fn moment() -> impl Strategy<Value = Value> {
    (0..4_000_000_000_i64).prop_map(|seconds| Value::Timestamp(DateTime::from_secs(seconds)))
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

#[tokio::test]
async fn where_http_has_no_place_for_the_rest_of_the_input_it_is_the_first_message() {
    for (protocol, kind) in [("json", "application/json"), ("smithy-rpc-v2-cbor", "application/cbor")] {
        let (talk, plan) = service(protocol);
        let mut request = HttpRequest::new(SdkBody::from("the rest"));
        request.headers_mut().insert("content-length", "8");
        let source = EventSource::new(stream::iter([Ok::<_, Error>(json!({"End": {}}))]));
        let mut config = ConfigBag::base();
        put_events(talk, plan.events_in().unwrap(), source, &mut request, &mut config);
        assert_eq!(request.headers().get("content-type"), Some("application/vnd.amazon.eventstream"));
        assert_eq!(request.headers().get("content-length"), None);
        let mut frames = Frames::default();
        frames.push(
            &std::mem::replace(request.body_mut(), SdkBody::taken()).collect().await.unwrap().to_bytes(),
        );
        let first = frames.next().unwrap().unwrap();
        let expected =
            [(":message-type", "event"), (":event-type", "initial-request"), (":content-type", kind)];
        assert_eq!(first, message(&expected, b"the rest"));
        assert_eq!(frames.next().unwrap().unwrap(), written((talk, plan), json!({"End": {}}).into()));
        assert!(frames.next().unwrap().is_none() && frames.end().is_ok());
    }
}

#[test]
fn every_event_of_every_service_is_read_as_it_was_written() {
    let (mut operations, mut events) = (0, 0);
    for name in model::names() {
        let model = model::find(name).unwrap().unwrap();
        let has_events = |shape| model.shape(shape).has(shape_flags::EVENT_STREAM);
        if !(0..model.shape_count()).any(has_events) {
            continue;
        }
        let service = ModeledService::over(name, model);
        for index in 0..model.operation_count() {
            let plan = service.operation(index).unwrap().plan;
            let streams = [plan.streaming_input, plan.streaming_output].into_iter().flatten();
            let streams: Vec<_> = streams.filter(|stream| stream.is_event_stream).collect();
            operations += usize::from(!streams.is_empty());
            for (stream, member) in streams
                .iter()
                .flat_map(|stream| stream.target.members.iter().map(move |member| (stream, member)))
            {
                if model.shape(member.target).has(shape_flags::EXCEPTION) {
                    continue;
                }
                let node = service.schemas.node(member.target, Direction::Input);
                let event =
                    map(vec![(member.name, Some(synthetic(&service.schemas, node, Direction::Input, 0)))]);
                let told = format!("{name}.{}: {}", plan.operation.name, member.name);
                let event = input::prepare_event(&service.schemas, *stream, event).expect(&told);
                let message =
                    service.wire.event_message(&service.schemas, stream.target, &event).expect(&told);
                let read = service.wire.event(&service.schemas, plan, stream.target, &message).expect(&told);
                assert!(matches!(read, EventOrFault::Event(read) if read == event), "{told}: {event:?}");
                events += 1;
            }
        }
    }
    assert!(operations >= 25 && events >= 100, "{operations} operations, {events} events");
}
