//! Scopes end: refuse, drain, cancel; by close, by drop, in a panic, when close itself is cancelled.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use session_core::{
    Client, Connection, Error, ErrorKind, ResourceService, ScopeClosed, Service, ServiceName, SessionExt,
};

use crate::custom_session::CustomSession;
use crate::server_in_memory::Server;
use crate::{DynamoDb, S3};

const NO_TABLES: &str = r#"{"TableNames":[]}"#;

fn world() -> (Server, CustomSession) {
    let server = Server::start();
    let session = CustomSession::over(server.http_client());
    (server, session)
}

/// A turn for every task that can run.
async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_clone_used_after_close_fails_at_once_and_sends_nothing() {
    let (server, session) = world();
    server.answer_all(NO_TABLES);
    let dynamodb = session.client(DynamoDb).retry_config(RetryConfig::standard()).await.unwrap();
    let clone = dynamodb.clone();
    clone.list_tables().send().await.unwrap();
    dynamodb.close().await.unwrap();

    let begun = Instant::now();
    let sdk_error = clone.list_tables().send().await.unwrap_err();
    let took = begun.elapsed();
    assert_eq!(server.arrived(), 1);
    let mut chain = std::iter::successors(Some(&sdk_error as &dyn std::error::Error), |error| error.source());
    assert!(chain.any(|error| error.is::<ScopeClosed>()), "{sdk_error:?}");
    let error = Error::from(sdk_error);
    assert_eq!(error.kind(), ErrorKind::ScopeClosed);
    assert!(!error.is_retryable() && error.to_string().contains("open another client"), "{error}");
    // Back-off would have taken a second; this is a guard against it, not a measurement.
    assert!(took < Duration::from_millis(500), "{took:?}");
}

/// DynamoDB, whose resource cannot be made, though its client was.
struct Unmakeable(Arc<Mutex<Option<aws_sdk_dynamodb::Client>>>);

impl Service for Unmakeable {
    type Client = aws_sdk_dynamodb::Client;

    fn name(&self) -> ServiceName {
        DynamoDb.name()
    }

    fn api_version(&self) -> Option<&'static str> {
        DynamoDb.api_version()
    }

    fn client(&self, connection: &Connection) -> Result<Self::Client, Error> {
        DynamoDb.client(connection)
    }
}

impl ResourceService for Unmakeable {
    type Resource = ();

    fn resource(&self, client: Self::Client, _: &Connection) -> Result<(), Error> {
        *self.0.lock().unwrap() = Some(client);
        Err(Error::new(ErrorKind::InvalidConfig, "there is no such resource"))
    }
}

#[tokio::test]
async fn a_resource_that_cannot_be_made_leaves_no_open_client() {
    let (server, session) = world();
    server.answer_all(NO_TABLES);
    let client = Arc::new(Mutex::new(None));
    let error = session.resource(Unmakeable(Arc::clone(&client))).await.unwrap_err();
    assert_eq!(error.message(), "there is no such resource");
    let client = client.lock().unwrap().take().unwrap();
    let error = Error::from(client.list_tables().send().await.unwrap_err());
    assert_eq!((error.kind(), server.arrived()), (ErrorKind::ScopeClosed, 0));
}

#[tokio::test]
async fn closing_waits_for_the_request_in_flight() {
    let (server, session) = world();
    let dynamodb = session.client(DynamoDb).await.unwrap();
    let call = tokio::spawn({
        let client = dynamodb.clone();
        async move { client.list_tables().send().await }
    });
    server.has_arrived(1).await;
    let other = dynamodb.clone();
    let closing = tokio::spawn(dynamodb.close());
    settle().await;
    assert!(!closing.is_finished());
    assert!(Error::from(other.list_tables().send().await.unwrap_err()).is_closed());

    server.answer(SdkBody::from(NO_TABLES));
    call.await.unwrap().unwrap();
    closing.await.unwrap().unwrap();
    assert_eq!(server.arrived(), 1);
}

#[tokio::test]
async fn closing_waits_for_the_body_to_be_read() {
    let (server, session) = world();
    let s3 = session.client(S3).await.unwrap();
    let get = tokio::spawn(s3.get_object().bucket("films").key("metropolis").send());
    server.has_arrived(1).await;
    let (pieces, body) = Server::streamed();
    server.answer(body);
    let film = get.await.unwrap().unwrap();
    assert_eq!(s3.in_flight(), 1);

    let closing = tokio::spawn(s3.close());
    settle().await;
    assert!(!closing.is_finished());
    pieces.send("19").await.unwrap();
    pieces.send("27").await.unwrap();
    drop(pieces);
    assert_eq!(film.body.collect().await.unwrap().into_bytes().as_ref(), b"1927");
    closing.await.unwrap().unwrap();
}

#[tokio::test]
async fn dropping_an_unread_body_lets_close_finish() {
    let (server, session) = world();
    let s3 = session.client(S3).await.unwrap();
    let get = tokio::spawn(s3.get_object().bucket("films").key("metropolis").send());
    server.has_arrived(1).await;
    let (_pieces, body) = Server::streamed();
    server.answer(body);
    let film = get.await.unwrap().unwrap();
    let closing = tokio::spawn(s3.close());
    settle().await;
    assert!(!closing.is_finished());
    drop(film);
    closing.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_reads_is_cancelled_at_the_deadline_and_reported() {
    let (server, session) = world();
    let s3 = session.client(S3).await.unwrap();
    let get = tokio::spawn(s3.get_object().bucket("films").key("metropolis").send());
    server.has_arrived(1).await;
    let (pieces, body) = Server::streamed();
    server.answer(body);
    let film = get.await.unwrap().unwrap();

    let begun = tokio::time::Instant::now();
    let error = s3.close_within(Duration::from_secs(7)).await.unwrap_err();
    assert_eq!(begun.elapsed().as_secs(), 7);
    assert_eq!((error.kind(), error.service().unwrap().as_str()), (ErrorKind::Timeout, "s3"));
    assert!(error.to_string().contains("7s") && error.to_string().contains("1 operation"), "{error}");
    let reading = film.body.collect().await.unwrap_err();
    assert!(Error::from(reading).is_closed());
    assert!(pieces.is_closed(), "the connection under a cancelled body is let go");
}

#[tokio::test]
async fn dropping_the_scope_cancels_what_is_in_flight() {
    let (server, session) = world();
    let dynamodb = session.client(DynamoDb).await.unwrap();
    let call = tokio::spawn(dynamodb.list_tables().send());
    server.has_arrived(1).await;
    drop(dynamodb);
    let error = Error::from(call.await.unwrap().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::ScopeClosed);
    assert_eq!(server.arrived(), 1, "a cancelled call is not retried");
}

#[tokio::test]
async fn a_panic_closes_the_scope() {
    let (server, session) = world();
    server.answer_all(NO_TABLES);
    let dynamodb = session.client(DynamoDb).await.unwrap();
    let clone = dynamodb.clone();
    let panicked = tokio::spawn(async move {
        let _scope = dynamodb;
        panic!("on purpose");
    });
    assert!(panicked.await.unwrap_err().is_panic());
    assert!(Error::from(clone.list_tables().send().await.unwrap_err()).is_closed());
}

#[tokio::test]
async fn run_closes_after_success_error_and_panic() {
    let (server, session) = world();
    server.answer_all(NO_TABLES);
    let mut clones = Vec::new();
    let dynamodb = session.client(DynamoDb).await.unwrap();
    clones.push(dynamodb.clone());
    let count: Result<usize, Error> = dynamodb
        .run(|client| async move { Ok(client.list_tables().send().await?.table_names().len()) })
        .await;
    assert_eq!(count.unwrap(), 0);

    let dynamodb = session.client(DynamoDb).await.unwrap();
    clones.push(dynamodb.clone());
    let failed: Result<(), Error> =
        dynamodb.run(|_| async { Err(Error::new(ErrorKind::NotFound, "no such order")) }).await;
    assert!(failed.unwrap_err().is_not_found());

    let dynamodb = session.client(DynamoDb).await.unwrap();
    clones.push(dynamodb.clone());
    let panicked = tokio::spawn(
        dynamodb.run(|_| async { if true { panic!("on purpose") } else { Ok::<(), Error>(()) } }),
    );
    assert!(panicked.await.unwrap_err().is_panic());

    for clone in clones {
        assert!(Error::from(clone.list_tables().send().await.unwrap_err()).is_closed());
    }
}

#[tokio::test]
async fn a_cancelled_close_cancels_what_is_in_flight() {
    let (server, session) = world();
    let dynamodb = session.client(DynamoDb).await.unwrap();
    let call = tokio::spawn(dynamodb.list_tables().send());
    server.has_arrived(1).await;
    let closing = tokio::spawn(dynamodb.close());
    settle().await;
    assert!(!call.is_finished());
    closing.abort();
    assert!(closing.await.unwrap_err().is_cancelled());
    assert!(Error::from(call.await.unwrap().unwrap_err()).is_closed());
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_was_admitted_before_close_is_carried_to_its_end() {
    let (server, session) = world();
    server.script(500, "{}");
    server.script(500, "{}");
    let dynamodb = session.client(DynamoDb).retry_config(RetryConfig::standard()).await.unwrap();
    let call = tokio::spawn(dynamodb.list_tables().send());
    server.has_arrived(1).await;
    let closing = tokio::spawn(dynamodb.close());
    server.has_arrived(3).await;
    server.answer(SdkBody::from(NO_TABLES));
    call.await.unwrap().unwrap();
    closing.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_pause_before_a_retry_ends_with_the_scope() {
    let (server, session) = world();
    server.script(500, "{}");
    let hour = Duration::from_secs(3600);
    let retries = RetryConfig::standard().with_initial_backoff(hour).with_max_backoff(hour);
    let dynamodb = session.client(DynamoDb).retry_config(retries).await.unwrap();
    let call = tokio::spawn(dynamodb.list_tables().send());
    server.has_arrived(1).await;
    settle().await;
    let begun = tokio::time::Instant::now();
    drop(dynamodb);
    assert!(Error::from(call.await.unwrap().unwrap_err()).is_closed());
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(server.arrived(), 1);
}

#[tokio::test]
async fn a_detached_client_lives_on_until_its_session_closes() {
    let (server, session) = world();
    server.answer_all(NO_TABLES);
    let client = session.client(DynamoDb).await.unwrap().detach();
    client.list_tables().send().await.unwrap();
    session.scopes.close(Duration::from_secs(1)).await.unwrap();
    assert!(Error::from(client.list_tables().send().await.unwrap_err()).is_closed());
}

#[tokio::test]
async fn closing_one_scope_leaves_its_siblings_alone() {
    let (server, session) = world();
    server.answer_all(NO_TABLES);
    let (one, other) = (session.client(DynamoDb).await.unwrap(), session.client(DynamoDb).await.unwrap());
    one.close().await.unwrap();
    other.list_tables().send().await.unwrap();
    let as_client: &dyn Client = &other;
    assert!(as_client.is_open() && as_client.meta().service_name.as_str() == "dynamodb");
}

#[tokio::test]
async fn a_closed_session_closes_its_scopes_and_opens_no_more() {
    let (server, session) = world();
    server.answer_all(NO_TABLES);
    let (one, other) = (session.client(DynamoDb).await.unwrap(), session.client(S3).await.unwrap());
    session.scopes.close(Duration::from_secs(1)).await.unwrap();
    assert!(!one.is_open() && !other.is_open());
    assert!(Error::from(one.list_tables().send().await.unwrap_err()).is_closed());
    one.close().await.unwrap();
    let error = session.client(DynamoDb).await.unwrap_err();
    assert!(error.is_closed() && error.to_string().contains("session is closed"), "{error}");
}

#[tokio::test]
async fn presigning_after_close_is_refused_too() {
    let (_server, session) = world();
    let s3 = session.client(S3).await.unwrap();
    let clone = s3.clone();
    s3.close().await.unwrap();
    let expiry = aws_sdk_s3::presigning::PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let error = clone.get_object().bucket("b").key("k").presigned(expiry).await.unwrap_err();
    assert!(Error::from(error).is_closed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_scopes_open_and_close_side_by_side_and_leave_nothing_behind() {
    let (server, session) = world();
    server.answer_all(NO_TABLES);
    let session = std::sync::Arc::new(session);
    let alive_before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..3_000_usize {
        let session = std::sync::Arc::clone(&session);
        tasks.spawn(async move {
            let dynamodb = session.client(DynamoDb).await.unwrap();
            let call = tokio::spawn(dynamodb.list_tables().send());
            match number % 3 {
                // Closed while the call may be before, in or after its flight: it ends well or typed.
                0 => dynamodb.close().await.unwrap(),
                1 => drop(dynamodb),
                _ => drop(dynamodb.detach()),
            }
            match call.await.unwrap() {
                Ok(_) => true,
                Err(error) => {
                    assert!(Error::from(error).is_closed());
                    false
                }
            }
        });
    }
    let ended = tasks.join_all().await;
    assert_eq!(ended.len(), 3_000);
    assert!(ended.iter().any(|went_through| *went_through));
    assert_eq!(session.scopes.in_flight(), 0);
    // The runtime takes a task off its list a moment after the task has been joined.
    let metrics = tokio::runtime::Handle::current().metrics();
    let listed_off = async {
        while metrics.num_alive_tasks() > alive_before {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), listed_off).await.expect("no task is left");
}

/// Never answers, as a metadata service that is not there.
#[derive(Debug)]
struct SilentProvider;

impl aws_credential_types::provider::ProvideCredentials for SilentProvider {
    fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        aws_credential_types::provider::future::ProvideCredentials::new(std::future::pending())
    }
}

#[tokio::test]
async fn a_scope_that_ends_while_credentials_are_awaited_says_so() {
    let (server, session) = world();
    let session = session.with_credentials(SilentProvider);
    let dynamodb = session.client(DynamoDb).await.unwrap();
    let call = tokio::spawn(dynamodb.list_tables().send());
    settle().await;
    drop(dynamodb);
    let error = Error::from(call.await.unwrap().unwrap_err());
    assert_eq!((error.kind(), server.arrived()), (ErrorKind::ScopeClosed, 0), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn closing_ends_the_pause_of_a_waiter() {
    use aws_sdk_dynamodb::client::Waiters as _;
    let (server, session) = world();
    server.answer_all(r#"{"Table":{"TableName":"orders","TableStatus":"CREATING"}}"#);
    let dynamodb = session.client(DynamoDb).await.unwrap();
    let hour = Duration::from_secs(3600);
    let waiting = tokio::spawn(dynamodb.wait_until_table_exists().table_name("orders").wait(hour));
    server.has_arrived(1).await;
    settle().await;
    let begun = tokio::time::Instant::now();
    dynamodb.close().await.unwrap();
    assert!(Error::from(waiting.await.unwrap().unwrap_err()).is_closed());
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(server.arrived(), 1);
}
