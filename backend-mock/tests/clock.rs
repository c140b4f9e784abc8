//! The cloud's clock: retries, waiters and signatures follow it, and nothing waits.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use aws_sdk_s3::client::Waiters as _;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_smithy_async::rt::sleep::AsyncSleep as _;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use backend_mock::{Clock, MockAws};

const NEW_YEAR: u64 = 1_767_225_600;

fn new_year() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NEW_YEAR)
}

fn since_new_year(clock: &Clock) -> Duration {
    clock.now().duration_since(new_year()).unwrap()
}

/// A line that drops so many requests before it lets one through.
#[derive(Clone, Debug)]
struct Unreliable {
    inner: SharedHttpClient,
    drops: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Line(SharedHttpConnector, Arc<AtomicUsize>);

impl HttpClient for Unreliable {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Line(
            self.inner.http_connector(settings, components),
            Arc::clone(&self.drops),
        ))
    }
}

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let dropped = self.1.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |drops| drops.checked_sub(1));
        match dropped {
            Ok(_) => HttpConnectorFuture::ready(Err(ConnectorError::io("the line dropped".into()))),
            Err(_) => self.0.call(request),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn retries_pause_in_the_cloud_s_time_and_in_no_other() {
    let aws = MockAws::new();
    aws.clock().set(new_year());
    let line = Unreliable { inner: aws.http_client(), drops: Arc::new(AtomicUsize::new(4)) };
    let retries = aws_sdk_s3::config::retry::RetryConfig::standard().with_max_attempts(5);
    let config = aws.sdk_config().into_builder().http_client(line).retry_config(retries).build();
    let begun = tokio::time::Instant::now();
    aws_sdk_s3::Client::new(&config).list_buckets().send().await.unwrap();
    assert_eq!(begun.elapsed(), Duration::ZERO);
    let passed = since_new_year(&aws.clock());
    assert!(Duration::ZERO < passed && passed <= Duration::from_secs(1 + 2 + 4 + 8), "{passed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_waiter_gives_up_after_its_time_which_passes_at_once() {
    let aws = MockAws::new();
    aws.clock().set(new_year());
    let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
    let begun = tokio::time::Instant::now();
    let waited = s3.wait_until_bucket_exists().bucket("never").wait(Duration::from_secs(100)).await;
    waited.unwrap_err();
    assert_eq!(begun.elapsed(), Duration::ZERO);
    let passed = since_new_year(&aws.clock());
    assert!(passed > Duration::from_secs(60) && passed <= Duration::from_secs(100), "{passed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_waiter_sees_what_happens_while_it_waits() {
    let aws = MockAws::new();
    aws.clock().set(new_year());
    let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
    let waiting = s3.wait_until_bucket_exists().bucket("films").wait(Duration::from_secs(100));
    let (clock, creating) = (aws.clock(), s3.create_bucket().bucket("films"));
    let creating = async move {
        clock.sleep(Duration::from_secs(12)).await;
        creating.send().await.unwrap();
    };
    let (waited, ()) = tokio::join!(waiting, creating);
    waited.unwrap();
    let passed = since_new_year(&aws.clock());
    assert!(passed >= Duration::from_secs(12) && passed < Duration::from_secs(60), "{passed:?}");
}

#[tokio::test]
async fn a_presigned_url_expires_by_the_cloud_s_clock_at_the_other_door_too() {
    let aws = MockAws::new();
    aws.clock().set(new_year());
    let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
    s3.create_bucket().bucket("films").send().await.unwrap();
    s3.put_object().bucket("films").key("metropolis").send().await.unwrap();
    let server = aws.serve("127.0.0.1:0").await.unwrap();
    let presigning = PresigningConfig::builder()
        .start_time(aws.clock().now())
        .expires_in(Duration::from_secs(600))
        .build()
        .unwrap();
    let url = s3.get_object().bucket("films").key("metropolis").presigned(presigning).await.unwrap();
    let target = url.uri().split_once(".amazonaws.com").unwrap().1;
    let asked = async || {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = tokio::net::TcpStream::connect(server.local_addr()).await.unwrap();
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: films.s3.us-east-1.amazonaws.com\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    aws.clock().advance(Duration::from_secs(600));
    assert!(asked().await.starts_with("HTTP/1.1 200"), "{}", asked().await);
    aws.clock().advance(Duration::from_secs(1));
    let late = asked().await;
    assert!(
        late.starts_with("HTTP/1.1 403") && late.contains("<Message>Request has expired</Message>"),
        "{late}"
    );
    assert!(
        late.contains("<Expires>2026-01-01T00:10:00Z</Expires><ServerTime>2026-01-01T00:10:01Z</ServerTime>")
    );
    assert!(late.contains("date: Thu, 01 Jan 2026 00:10:01 GMT"), "{late}");
}
