//! Hooks and a session's defaults: what every client of a session does, and what one client does besides.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use session_core::{ClientConfig, Error, ErrorKind, RetryMode, SessionConfig, SessionExt};

use crate::DynamoDb;
use crate::custom_session::CustomSession;
use crate::server_in_memory::Server;

/// Writes down what it sees, under its name.
#[derive(Clone, Debug, Default)]
struct Diary {
    name: &'static str,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Diary {
    fn named(&self, name: &'static str) -> Self {
        Self { name, lines: Arc::clone(&self.lines) }
    }

    fn note(&self, what: &str) -> Result<(), BoxError> {
        self.lines.lock().unwrap().push(format!("{} {what}", self.name));
        Ok(())
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

#[dyn_dispatch_hint]
impl Intercept for Diary {
    fn name(&self) -> &'static str {
        "Diary"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.note("attempt")
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.note(if context.output_or_error().is_some_and(|end| end.is_ok()) { "ok" } else { "error" })
    }
}

/// Sends nothing.
#[derive(Debug)]
struct Refuse;

#[dyn_dispatch_hint]
impl Intercept for Refuse {
    fn name(&self) -> &'static str {
        "Refuse"
    }

    fn modify_before_transmit(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Err(Error::new(ErrorKind::InvalidInput, "not on a Sunday").into())
    }
}

fn session_with(server: &Server, defaults: session_core::ClientConfigBuilder) -> CustomSession {
    let config = SessionConfig::builder().client_config(defaults).build().unwrap();
    CustomSession::with_config(server.http_client(), config)
}

#[tokio::test(start_paused = true)]
async fn a_sessions_hooks_run_before_its_clients_on_every_attempt() {
    let server = Server::start();
    server.script(500, "{}");
    server.answer_all("{}");
    let diary = Diary::default();
    let defaults =
        ClientConfig::builder().interceptor(diary.named("session")).retry_mode(RetryMode::Standard);
    let session = session_with(&server, defaults);
    let open = session.client(DynamoDb).region_name("eu-west-1").interceptor(diary.named("client"));
    open.await.unwrap().list_tables().send().await.unwrap();
    let expected =
        ["session attempt", "client attempt", "session attempt", "client attempt", "session ok", "client ok"];
    assert_eq!(diary.lines(), expected);

    // A hook of one client is not another's.
    session.client(DynamoDb).region_name("eu-west-1").await.unwrap().list_tables().send().await.unwrap();
    assert_eq!(diary.lines()[expected.len()..], ["session attempt", "session ok"]);
}

#[tokio::test]
async fn an_error_of_a_hook_ends_the_operation_and_is_told_as_it_is() {
    let server = Server::start();
    let session = session_with(&server, ClientConfig::builder().interceptor(Refuse));
    let dynamodb = session.client(DynamoDb).region_name("eu-west-1").await.unwrap();
    let error = Error::from(dynamodb.list_tables().send().await.unwrap_err());
    assert_eq!((error.kind(), server.arrived()), (ErrorKind::InvalidInput, 0));
    assert!(error.to_string().contains("not on a Sunday"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_sessions_defaults_hold_where_a_client_says_nothing() {
    let server = Server::start();
    for _ in 0..8 {
        server.script(500, "{}");
    }
    let session =
        session_with(&server, ClientConfig::builder().total_max_attempts(2).user_agent_extra("tool/1"));
    let open = || session.client(DynamoDb).region_name("eu-west-1");
    let dynamodb = open().await.unwrap();
    assert_eq!(dynamodb.meta().config.user_agent_extra(), Some("tool/1"));
    dynamodb.list_tables().send().await.unwrap_err();
    assert_eq!(server.arrived(), 2);
    let once = open().config(ClientConfig::builder().retry_mode(RetryMode::Off)).await;
    let once = once.unwrap();
    once.list_tables().send().await.unwrap_err();
    assert_eq!(server.arrived(), 3);
}
