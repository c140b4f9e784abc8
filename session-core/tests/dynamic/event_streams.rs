//! Streams of events: told as they come, sent as they are made, signed one by one, and ended with their scope.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::event_stream::{sign_empty_message, sign_message};
use aws_smithy_eventstream::frame::{read_message_from, write_message_to};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use serde_json::json;
use session_core::dynamic::{ServiceFault, Value};
use session_core::{ClientConfig, ErrorKind, SessionExt};
use tokio::sync::mpsc;

use crate::TestResult;
use crate::scripted::Scripted;

fn framed(headers: &[(&'static str, &'static str)], payload: &[u8]) -> Vec<u8> {
    let message = headers.iter().fold(Message::new(payload.to_vec()), |message, (name, value)| {
        message.add_header(Header::new(*name, HeaderValue::String((*value).into())))
    });
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes
}

fn event(name: &'static str, payload: &[u8]) -> Vec<u8> {
    framed(&[(":message-type", "event"), (":event-type", name)], payload)
}

fn exception(name: &'static str, payload: &[u8]) -> Vec<u8> {
    framed(&[(":message-type", "exception"), (":exception-type", name)], payload)
}

/// A body that the test sends piece by piece; it ends when the sender is dropped.
fn streamed() -> (mpsc::UnboundedSender<Vec<u8>>, SdkBody) {
    let (sender, mut pieces) = mpsc::unbounded_channel::<Vec<u8>>();
    let frames = stream::poll_fn(move |cx| pieces.poll_recv(cx));
    let frames = frames.map(|piece| Ok::<_, std::io::Error>(Frame::data(Bytes::from(piece))));
    (sender, SdkBody::from_body_1_x(StreamBody::new(frames)))
}

fn pieces(whole: Vec<Vec<u8>>) -> SdkBody {
    let (sender, body) = streamed();
    whole.concat().chunks(1).for_each(|byte| sender.send(byte.to_vec()).unwrap());
    body
}

const STATS: &[u8] =
    b"<Stats xmlns=\"\"><BytesScanned>51</BytesScanned><BytesProcessed>51</BytesProcessed></Stats>";

fn query() -> serde_json::Value {
    json!({"Bucket": "films", "Key": "all.csv", "ExpressionType": "SQL", "Expression": "SELECT * FROM s3object",
        "InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}}})
}

#[tokio::test]
async fn what_s3_selects_comes_as_in_boto3() -> TestResult {
    let body = pieces(vec![
        event("Cont", b""),
        event("Records", b"1,Metropolis\n"),
        event("Stats", STATS),
        event("End", b""),
    ]);
    let session = Scripted::new().answer_with(200, &[("x-amz-request-id", "id-1")], body);
    let mut answer = session.client("s3").await?.detach().call("SelectObjectContent", query()).await?;
    assert_eq!((answer.request_id(), answer.as_map()), (Some("id-1"), Some(&[][..])));
    assert!(answer.take_body().is_none());
    let mut events = answer.take_events().unwrap();
    assert!(answer.take_events().is_none());
    assert_eq!(events.recv().await?, Some(json!({"Cont": {}}).into()));
    let records = events.recv().await?.unwrap();
    assert_eq!(records["Records"]["Payload"].as_blob(), Some(&b"1,Metropolis\n"[..]));
    let stats = events.recv().await?.unwrap();
    assert_eq!(stats["Stats"]["Details"]["BytesScanned"].as_i64(), Some(51));
    assert_eq!(events.next().await.unwrap()?, json!({"End": {}}).into());
    assert!(events.next().await.is_none() && events.recv().await?.is_none());
    assert_eq!(
        session.asked()[0].uri,
        "https://films.s3.eu-west-1.amazonaws.com/all.csv?select&select-type=2"
    );
    Ok(())
}

#[tokio::test]
async fn an_event_is_told_before_the_next_is_sent() -> TestResult {
    let (sender, body) = streamed();
    let headers = [("X-Amz-Executed-Version", "7"), ("content-type", "application/vnd.amazon.eventstream")];
    let session = Scripted::new().answer_with(200, &headers, body);
    let lambda = session.client("lambda").await?;
    let mut answer = lambda.call("InvokeWithResponseStream", json!({"FunctionName": "f"})).await?;
    assert_eq!((answer["StatusCode"].as_i64(), answer["ExecutedVersion"].as_str()), (Some(200), Some("7")));
    let mut events = answer.take_events().unwrap();
    for word in ["a", "b"] {
        assert!(futures_util::poll!(Box::pin(events.recv())).is_pending());
        sender.send(event("PayloadChunk", word.as_bytes())).unwrap();
        let told = events.recv().await?.unwrap();
        assert_eq!(told["PayloadChunk"]["Payload"].as_blob(), Some(word.as_bytes()));
    }
    sender.send(event("InvokeComplete", br#"{"ErrorCode":"Unhandled"}"#)).unwrap();
    assert_eq!(events.recv().await?.unwrap()["InvokeComplete"]["ErrorCode"].as_str(), Some("Unhandled"));
    drop(sender);
    assert_eq!(events.recv().await?, None);
    Ok(())
}

#[tokio::test]
async fn a_json_service_answers_when_its_first_message_is_there() -> TestResult {
    let (sender, body) = streamed();
    let held = [event("SubscribeToShardEvent", br#"{"MillisBehindLatest":0,"Records":[]}"#)].concat();
    let session = Scripted::new().answer_with(200, &[], body).answer_with(200, &[], SdkBody::from(held));
    let kinesis = session.client("kinesis").await?;
    let input = json!({"ConsumerARN": "arn:aws:kinesis:eu-west-1:1:stream/s/consumer/c:1", "ShardId": "s",
        "StartingPosition": {"Type": "LATEST"}});
    let mut call = Box::pin(kinesis.call("SubscribeToShard", input.clone()));
    assert!(futures_util::poll!(&mut call).is_pending());
    sender.send(event("initial-response", b"{}")).unwrap();
    let mut events = call.await?.take_events().unwrap();
    let record = br#"{"Records":[{"Data":"QQ==","PartitionKey":"p","SequenceNumber":"1"}],"ContinuationSequenceNumber":"2"}"#;
    sender.send(event("SubscribeToShardEvent", record)).unwrap();
    let told = events.recv().await?.unwrap();
    assert_eq!(told["SubscribeToShardEvent"]["Records"][0]["Data"].as_blob(), Some(&b"A"[..]));
    sender.send(exception("ResourceNotFoundException", br#"{"message":"the shard is gone"}"#)).unwrap();
    let error = events.recv().await.unwrap_err();
    assert!(error.is_not_found() && error.code() == Some("ResourceNotFoundException"), "{error:?}");
    // A first message of another kind is the first event.
    let mut events = kinesis.call("SubscribeToShard", input).await?.take_events().unwrap();
    assert!(events.recv().await?.unwrap()["SubscribeToShardEvent"]["Records"].as_list().is_some());
    Ok(())
}

#[tokio::test]
async fn a_model_that_fails_while_it_speaks_is_an_error_of_its_kind() -> TestResult {
    let body = pieces(vec![
        event("contentBlockDelta", br#"{"contentBlockIndex":0,"delta":{"text":"Good"}}"#),
        event("aNewDelta", b"{}"),
        exception("throttlingException", br#"{"message":"Too many tokens"}"#),
    ]);
    let session = Scripted::new().answer_with(200, &[("x-amzn-requestid", "id-9")], body);
    let bedrock = session.client("bedrock-runtime").await?;
    let input = json!({"modelId": "m", "messages": [{"role": "user", "content": [{"text": "Hello"}]}]});
    let mut events = bedrock.call("ConverseStream", input).await?.take_events().unwrap();
    let told = events.recv().await?.unwrap();
    assert_eq!(told["contentBlockDelta"]["delta"]["text"].as_str(), Some("Good"));
    let error = events.recv().await.unwrap_err();
    assert!(error.is_throttled() && error.is_retryable(), "{error:?}");
    assert_eq!((error.status(), error.request_id()), (Some(429), Some("id-9")));
    assert_eq!(ServiceFault::of(&error).unwrap().shape(), Some("ThrottlingException"));
    assert!(
        error.to_string().starts_with("ConverseStream on bedrock-runtime failed: Too many tokens"),
        "{error}"
    );
    assert_eq!(events.recv().await?, None);
    Ok(())
}

#[tokio::test]
async fn an_error_instead_of_events_is_that_of_any_call() -> TestResult {
    let refusal = r#"{"message":"no such model"}"#;
    let session =
        Scripted::new().answer_with(404, &[("x-amzn-errortype", "ResourceNotFoundException")], refusal);
    let bedrock = session.client("bedrock-runtime").await?;
    let input = json!({"modelId": "m", "body": "{}"});
    let error = bedrock.call("InvokeModelWithResponseStream", input).await.unwrap_err();
    assert!(error.is_not_found() && error.message() == "no such model", "{error:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn closing_the_scope_ends_a_receiver_that_waits_and_dropping_it_releases_the_scope() -> TestResult {
    let (_never, body) = streamed();
    let (_ever, other) = streamed();
    let session = Scripted::new().answer_with(200, &[], body).answer_with(200, &[], other);
    let s3 = session.client("s3").await?;
    let mut events = s3.call("SelectObjectContent", query()).await?.take_events().unwrap();
    assert_eq!(s3.in_flight(), 1);
    let (told, closed) = tokio::join!(events.recv(), s3.close_within(Duration::from_secs(5)));
    let error = told.unwrap_err();
    assert!(error.is_closed() && error.operation() == Some("SelectObjectContent"), "{error:?}");
    assert_eq!(closed.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(events.recv().await?, None);

    let s3 = session.client("s3").await?;
    let events = s3.call("SelectObjectContent", query()).await?.take_events();
    assert!(events.is_some() && s3.in_flight() == 1);
    drop(events);
    assert_eq!(s3.in_flight(), 0);
    s3.close().await
}

/// Notes whether the answer's body is to be judged by its speed.
#[derive(Clone, Debug, Default)]
struct Judged(Arc<Mutex<Vec<bool>>>);

#[dyn_dispatch_hint]
impl Intercept for Judged {
    fn name(&self) -> &'static str {
        "Judged"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let protection = config.load::<StalledStreamProtectionConfig>();
        self.0.lock().unwrap().push(protection.is_some_and(StalledStreamProtectionConfig::download_enabled));
        Ok(())
    }
}

#[tokio::test]
async fn events_may_be_as_seldom_as_they_are() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(200, "");
    let protection = StalledStreamProtectionConfig::enabled().build();
    let config = ClientConfig::builder().stalled_stream_protection(protection);
    let (s3, judged) = (session.client("s3").config(config).await?, Judged::default());
    let film = json!({"Bucket": "films", "Key": "all.csv"});
    s3.operation("GetObject")?.input(film).interceptor(judged.clone()).send().await?;
    s3.operation("SelectObjectContent")?.input(query()).interceptor(judged.clone()).send().await?;
    assert_eq!(*judged.0.lock().unwrap(), [true, false]);
    Ok(())
}

fn conversation() -> serde_json::Value {
    json!({"botId": "b", "botAliasId": "a", "localeId": "en_GB", "sessionId": "s"})
}

/// The messages of a body.
async fn messages(body: SdkBody) -> Vec<Message> {
    let mut bytes = body.collect().await.unwrap().to_bytes();
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let length = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        messages.push(read_message_from(bytes.split_to(length)).unwrap());
    }
    messages
}

fn header<'m>(message: &'m Message, name: &str) -> &'m HeaderValue {
    message.headers().iter().find(|header| header.name().as_str() == name).unwrap().value()
}

#[tokio::test]
async fn every_event_that_is_sent_is_signed_after_the_one_before() -> TestResult {
    let answer = pieces(vec![event("TranscriptEvent", br#"{"transcript":"hello"}"#)]);
    let session = Scripted::new().answer_with(200, &[], answer);
    let lex = session.client("lexv2-runtime").await?;
    let said = [
        json!({"ConfigurationEvent": {"responseContentType": "text/plain; charset=utf-8"}}),
        json!({"TextInputEvent": {"text": "hello", "eventId": "1"}}),
        json!({"DisconnectionEvent": {}}),
    ];
    let call = lex.operation("start_conversation")?.input(conversation()).events(stream::iter(said));
    let mut answer = call.send().await?;
    let told = answer.take_events().unwrap().recv().await?.unwrap();
    assert_eq!(told["TranscriptEvent"]["transcript"].as_str(), Some("hello"));

    let asked = &session.asked()[0];
    assert_eq!(asked.header("content-type"), Some("application/vnd.amazon.eventstream"));
    assert_eq!(asked.header("x-amz-content-sha256"), Some("STREAMING-AWS4-HMAC-SHA256-EVENTS"));
    assert_eq!(asked.header("content-length"), None);
    let (_, seed) = asked.header("authorization").unwrap().split_once("Signature=").unwrap();
    let (mut last, mut inner) = (seed.to_owned(), Vec::new());
    let identity = Identity::from(Credentials::new("AKID", "SECRET", None, None, "test"));
    let sent = messages(SdkBody::from(session.asked()[0].bytes.clone())).await;
    for message in &sent {
        let params = aws_sigv4::sign::v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name("lex")
            .time(header(message, ":date").as_timestamp().unwrap().try_into().unwrap())
            .settings(())
            .build()
            .unwrap();
        let signed = match message.payload().is_empty() {
            true => sign_empty_message(&last, &params).unwrap(),
            false => {
                inner.push(read_message_from(message.payload().clone()).unwrap());
                sign_message(inner.last().unwrap(), &last, &params).unwrap()
            }
        };
        let (expected, signature) = signed.into_parts();
        assert_eq!(&expected, message);
        last = signature;
    }
    assert!(sent.last().unwrap().payload().is_empty() && sent.len() == 4);
    let names: Vec<_> =
        inner.iter().map(|message| header(message, ":event-type").as_string().unwrap().as_str()).collect();
    assert_eq!(names, ["ConfigurationEvent", "TextInputEvent", "DisconnectionEvent"]);
    assert_eq!(header(&inner[1], ":content-type").as_string().unwrap().as_str(), "application/json");
    let payload: serde_json::Value = serde_json::from_slice(inner[1].payload()).unwrap();
    assert_eq!(payload, json!({"text": "hello", "eventId": "1"}));
    assert_eq!(inner[2].payload().as_ref(), b"{}");
    Ok(())
}

#[tokio::test]
async fn an_anonymous_client_signs_no_event() -> TestResult {
    let session = Scripted::new().answer(200, "");
    let config = ClientConfig::builder().anonymous();
    let bedrock = session.client("bedrock-runtime").config(config).await?;
    let call = bedrock.operation("InvokeModelWithBidirectionalStream")?.input(json!({"modelId": "m"}));
    call.events(stream::iter([json!({"chunk": {"bytes": "sound"}})])).send().await?;
    let sent = messages(SdkBody::from(session.asked()[0].bytes.clone())).await;
    assert_eq!((sent.len(), sent[0].payload().as_ref()), (1, &br#"{"bytes":"c291bmQ="}"#[..]));
    Ok(())
}

#[tokio::test]
async fn an_event_that_does_not_fit_ends_the_call_with_its_path() -> TestResult {
    let wrong = || stream::iter([json!({"TextInputEvent": {"text": 7}})]);
    let fits = |error: session_core::Error| {
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidInput, Some("StartConversation")));
        assert!(
            error.message().contains("requestEventStream.TextInputEvent.text is the integer 7"),
            "{error}"
        );
    };
    // Before there is an answer.
    let session = Scripted::new().answer(200, "");
    let lex = session.client("lexv2-runtime").await?;
    let call = || Ok::<_, session_core::Error>(lex.operation("StartConversation")?.input(conversation()));
    fits(call()?.events(wrong()).send().await.unwrap_err());

    // And while one goes on.
    let (_open, body) = streamed();
    let (_other, second) = streamed();
    let session = Scripted::new().answers_first().answer_with(200, &[], body).answer_with(200, &[], second);
    let lex = session.client("lexv2-runtime").await?;
    let call = || Ok::<_, session_core::Error>(lex.operation("StartConversation")?.input(conversation()));
    let mut events = call()?.events(wrong()).send().await?.take_events().unwrap();
    let (told, sent) = tokio::join!(events.recv(), session.unread().collect());
    assert!(sent.is_err());
    fits(told.unwrap_err());

    // What ends a caller's own stream is among the causes.
    let failed = stream::iter([Err::<Value, _>(std::io::Error::other("the microphone is gone"))]);
    let mut events = call()?.try_events(failed).send().await?.take_events().unwrap();
    let (told, _) = tokio::join!(events.recv(), session.unread().collect());
    let error = told.unwrap_err();
    assert!(error.message().contains("the microphone is gone"), "{error}");
    assert!(std::error::Error::source(&error).unwrap().is::<std::io::Error>());
    Ok(())
}

#[tokio::test]
async fn a_stream_of_events_is_given_where_there_is_one_and_only_there() -> TestResult {
    let session = Scripted::new();
    let lex = session.client("lexv2-runtime").await?;
    let none = || stream::iter([json!({"DisconnectionEvent": {}})]);
    let call = || lex.operation("StartConversation").map(|call| call.input(conversation()));
    let mut inline = conversation();
    inline["requestEventStream"] = json!([{"DisconnectionEvent": {}}]);
    let told = [
        (call()?.send().await, "requestEventStream is missing: a stream of events, given with `events`"),
        (
            call()?.body(ByteStream::from_static(b"x")).events(none()).send().await,
            "with `events`, not `body`",
        ),
        (lex.call("StartConversation", inline).await, "beside the input, with `events`"),
        (
            lex.operation("GetSession")?.input(conversation()).events(none()).send().await,
            "GetSession takes no stream of events",
        ),
    ];
    for (told, expected) in told {
        let error = told.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(expected), "{error}");
    }
    let error = call()?.events(none()).presigned(Duration::from_secs(60)).await.unwrap_err();
    assert!(error.to_string().contains("requestEventStream is a stream of events"), "{error}");
    assert!(session.asked().is_empty());
    let described = lex.describe("StartConversation")?;
    assert!(
        described.contains("requestEventStream: event stream StartConversationRequestEventStream"),
        "{described}"
    );
    assert!(described.contains("responseEventStream: event stream"), "{described}");
    Ok(())
}
