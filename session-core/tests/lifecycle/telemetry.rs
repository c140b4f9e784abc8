//! Spans: one for every operation, with what happened and without what was said.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use aws_smithy_types::retry::RetryConfig;
use session_core::SessionExt;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::DynamoDb;
use crate::custom_session::CustomSession;
use crate::server_in_memory::Server;

type Fields = BTreeMap<&'static str, String>;

/// Keeps the fields of every call and attempt.
#[derive(Clone, Default)]
struct Heard {
    open: Arc<Mutex<BTreeMap<u64, Fields>>>,
    calls: Arc<Mutex<Vec<Fields>>>,
    attempts: Arc<Mutex<Vec<Fields>>>,
}

struct Collect<'a>(&'a mut Fields);

impl Visit for Collect<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Heard {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Collect(&mut fields));
        if attributes.metadata().name() == "aws_call" {
            self.open.lock().unwrap().insert(id.into_u64(), fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut unrelated = Fields::new();
        let mut open = self.open.lock().unwrap();
        let fields = open.get_mut(&id.into_u64()).unwrap_or(&mut unrelated);
        values.record(&mut Collect(fields));
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Collect(&mut fields));
        if event.metadata().target() == "session_core::call" {
            self.attempts.lock().unwrap().push(fields);
        }
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        if let Some(fields) = self.open.lock().unwrap().remove(&id.into_u64()) {
            self.calls.lock().unwrap().push(fields);
        }
    }
}

/// One listener for the whole process, for a listener of a thread's own may miss what other threads switch off. A
/// test finds its calls by their region.
fn listen() -> &'static Heard {
    static HEARD: OnceLock<Heard> = OnceLock::new();
    HEARD.get_or_init(|| {
        let heard = Heard::default();
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(heard.clone())).unwrap();
        heard
    })
}

impl Heard {
    /// The calls in a region, and their attempts.
    fn in_region(&self, region: &str) -> (Vec<Fields>, Vec<Fields>) {
        let of = |kept: &Mutex<Vec<Fields>>| {
            let kept = kept.lock().unwrap();
            kept.iter().filter(|fields| fields["region"].trim_matches('"') == region).cloned().collect()
        };
        (of(&self.calls), of(&self.attempts))
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_a_span_with_its_attempts_and_says_nothing_of_its_content() {
    let heard = listen();
    let server = Server::start();
    server.script(500, "{}");
    server.answer_all(r#"{"Item":{"secret":{"S":"hunter2"}}}"#);
    let session = CustomSession::over(server.http_client());
    let dynamodb = session.client(DynamoDb).region_name("xx-spans-1").retry_config(RetryConfig::standard());
    let dynamodb = dynamodb.aws_access_key_id("AKID").aws_secret_access_key("hunter2").await.unwrap();
    let key = aws_sdk_dynamodb::types::AttributeValue::S("hunter2".to_owned());
    dynamodb.get_item().table_name("t").key("id", key).send().await.unwrap();
    drop(dynamodb);

    let (calls, attempts) = heard.in_region("xx-spans-1");
    let [call] = &calls[..] else { panic!("{calls:?}") };
    let said = |name: &str| call[name].trim_matches('"').to_owned();
    assert_eq!((said("service"), said("operation")), ("dynamodb".into(), "GetItem".into()));
    assert_eq!((said("attempts"), said("status"), said("outcome")), ("2".into(), "200".into(), "ok".into()));
    assert!(said("duration_ms").parse::<f64>().unwrap() >= 0.0);
    let attempts: Vec<_> =
        attempts.iter().map(|attempt| (&*attempt["attempt"], &*attempt["status"])).collect();
    assert_eq!(attempts, [("1", "500"), ("2", "200")]);
    // Of our own spans and events; what the SDK logs at its own levels is the SDK's.
    let ours = format!("{calls:?} {attempts:?}");
    assert!(!ours.contains("hunter2"), "{ours}");
}

#[tokio::test]
async fn a_call_that_is_dropped_says_so() {
    let heard = listen();
    let server = Server::start();
    let session = CustomSession::over(server.http_client());
    let dynamodb = session.client(DynamoDb).region_name("xx-spans-2").await.unwrap();
    let call = Box::pin(dynamodb.list_tables().send());
    let waited = futures_util::future::select(call, Box::pin(server.has_arrived(1))).await;
    drop(waited);
    assert_eq!(heard.in_region("xx-spans-2").0[0]["outcome"], "\"cancelled\"");
}
