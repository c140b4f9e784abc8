//! Connections: kept, shared, given up, and put aside.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns};
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::{TimeoutConfig, TimeoutConfigBuilder};
use session_core::{ClientConfigBuilder, ErrorKind, Proxies, SessionExt};

use crate::authority::Authority;
use crate::proxy::Proxy;
use crate::server::{Answer, Mute, Server};
use crate::{DynamoDb, call, config, session, told};

fn time_outs(set: impl FnOnce(TimeoutConfigBuilder) -> TimeoutConfigBuilder) -> ClientConfigBuilder {
    config().timeout_config(set(TimeoutConfig::builder()).build())
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_call_of_any_client_with_the_same_settings() {
    let authority = Authority::new();
    let server = Server::start_tls(authority.server("127.0.0.1")).await;
    let session = session().await;
    let trusting = || config().verify(authority.bundle());
    for _ in 0..3 {
        call(&session, &server.https(), trusting()).await.unwrap();
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 3));
    let read_timeout = time_outs(|time_outs| time_outs.read_timeout(Duration::from_secs(60)));
    call(&session, &server.https(), trusting().overridden_by(read_timeout)).await.unwrap();
    assert_eq!(server.connections(), 1);

    let other_trust = authority.file("twice.pem", &authority.pem().repeat(2));
    let longer = trusting().keepalive_timeout(Duration::from_secs(60));
    for (before, other) in [longer, trusting().verify(other_trust)].into_iter().enumerate() {
        for _ in 0..2 {
            call(&session, &server.https(), other.clone()).await.unwrap();
        }
        assert_eq!(server.connections(), before + 2);
    }
}

#[tokio::test]
async fn a_keepalive_timeout_of_zero_keeps_no_connection() {
    let server = Server::start(Answer::Fine).await;
    let session = session().await;
    for _ in 0..3 {
        call(&session, &server.http(), config().keepalive_timeout(Duration::ZERO)).await.unwrap();
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_session_remembers_the_pools_that_were_used_last() {
    let server = Server::start(Answer::Fine).await;
    let session = session().await;
    let pool = |number: u64| config().keepalive_timeout(Duration::from_secs(60 + number));
    for number in 0..16 {
        call(&session, &server.http(), pool(number)).await.unwrap();
    }
    call(&session, &server.http(), pool(0)).await.unwrap();
    assert_eq!(server.connections(), 16);
    // One more, and the one that was not used for longest is forgotten.
    call(&session, &server.http(), pool(16)).await.unwrap();
    call(&session, &server.http(), pool(0)).await.unwrap();
    assert_eq!(server.connections(), 17);
    call(&session, &server.http(), pool(1)).await.unwrap();
    assert_eq!(server.connections(), 18);
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_given_up_when_the_connect_time_out_has_passed() {
    let mute = Mute::start().await;
    let impatient = time_outs(|time_outs| time_outs.connect_timeout(Duration::from_millis(100)));
    let error = call(&session().await, &format!("https://{}", mute.address), impatient).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(told(&error).contains("connect time-out of 100ms"), "{}", told(&error));
}

#[tokio::test]
async fn a_proxy_that_never_answers_is_given_up_when_the_connect_time_out_has_passed() {
    let mute = Mute::start().await;
    let impatient = time_outs(|time_outs| time_outs.connect_timeout(Duration::from_millis(100)));
    let proxied = impatient.proxies(Proxies::all(format!("http://{}", mute.address)));
    let error = call(&session().await, "https://behind-the-proxy.example", proxied).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(told(&error).contains("connect time-out of 100ms"), "{}", told(&error));
}

#[tokio::test]
async fn an_answer_that_never_comes_is_given_up_when_the_read_time_out_has_passed() {
    let server = Server::start(Answer::Silence).await;
    let impatient = time_outs(|time_outs| time_outs.read_timeout(Duration::from_millis(100)));
    let error = call(&session().await, &server.http(), impatient).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(told(&error).contains("read time-out of 100ms"), "{}", told(&error));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn after_a_server_error_the_next_attempt_takes_another_connection() {
    let server =
        Server::listen(None, |before| if before == 0 { Answer::Status(503) } else { Answer::Fine }).await;
    let retrying =
        config().retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)));
    call(&session().await, &server.http(), retrying).await.unwrap();
    assert_eq!((server.connections(), server.requests().len()), (2, 2));
}

/// Looks at the connection that an attempt was sent by, as the SDK does before it puts one aside.
#[derive(Clone, Debug, Default)]
struct Look(Arc<Mutex<Option<ConnectionMetadata>>>);

#[dyn_dispatch_hint]
impl Intercept for Look {
    fn name(&self) -> &'static str {
        "Look"
    }

    fn read_after_attempt(
        &self,
        _context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        *self.0.lock().unwrap() =
            config.load::<CaptureSmithyConnection>().and_then(CaptureSmithyConnection::get);
        Ok(())
    }
}

#[tokio::test]
async fn the_sdk_is_told_by_which_connection_a_request_was_sent() {
    let (server, proxy) = (Server::start(Answer::Fine).await, Proxy::open().await);
    let session = session().await;
    for (proxies, remote, proxied) in [
        (Proxies::none(), server.address, "is_proxied: false"),
        (Proxies::all(proxy.http()), proxy.address, "is_proxied: true"),
    ] {
        let config = config().proxies(proxies);
        let dynamodb = session.client(DynamoDb).endpoint_url(server.http()).config(config).await.unwrap();
        let look = Look::default();
        dynamodb.list_tables().customize().interceptor(look.clone()).send().await.unwrap();
        let seen = look.0.lock().unwrap().clone().unwrap();
        assert_eq!(seen.remote_addr(), Some(remote));
        assert!(seen.local_addr().is_some() && format!("{seen:?}").contains(proxied), "{seen:?}");
        let agent = server.requests().pop().unwrap().headers["x-amz-user-agent"].to_str().unwrap().to_owned();
        assert!(agent.contains("http#hyper-1.x"), "{agent}");
    }
}

#[tokio::test]
async fn a_body_that_is_cut_short_is_an_error_and_is_asked_for_again() {
    let server = Server::start(Answer::CutShort).await;
    let error = call(&session().await, &server.http(), config()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Dispatch, "{}", told(&error));

    let server =
        Server::listen(None, |before| if before == 0 { Answer::CutShort } else { Answer::Fine }).await;
    let retrying =
        config().retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)));
    call(&session().await, &server.http(), retrying).await.unwrap();
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_an_error_of_the_connection() {
    let address = Server::start(Answer::Fine).await.address;
    tokio::task::yield_now().await;
    let error = call(&session().await, &format!("http://{address}"), config()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Dispatch, "{}", told(&error));
}

#[tokio::test]
async fn a_path_is_sent_as_it_is() {
    let server = Server::start(Answer::Fine).await;
    let session = session().await;
    let s3 = session.client(resources::S3).endpoint_url(server.http()).await.unwrap();
    s3.head_object().bucket("films").key("a/../b//./c").send().await.unwrap();
    assert_eq!(server.requests()[0].uri.path(), "/films/a/../b//./c");
}

#[derive(Debug)]
struct Loopback;

impl ResolveDns for Loopback {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        let found = match name {
            "store.example" => Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]),
            _ => Err(aws_smithy_runtime_api::client::dns::ResolveDnsError::new("no such host")),
        };
        DnsFuture::ready(found)
    }
}

#[tokio::test]
async fn a_resolver_of_the_clients_own_finds_hosts_and_shares_connections_with_its_clones() {
    let authority = Authority::new();
    let server = Server::start_tls(authority.server("store.example")).await;
    let session = session().await;
    let resolving = config().verify(authority.bundle()).dns_resolver(Loopback);
    let url = format!("https://store.example:{}", server.address.port());
    for _ in 0..2 {
        call(&session, &url, resolving.clone()).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
    call(&session, &url, config().verify(authority.bundle()).dns_resolver(Loopback)).await.unwrap();
    assert_eq!(server.connections(), 2);
    let error = call(&session, "https://elsewhere.example", resolving).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Dispatch);
    assert!(told(&error).contains("no such host"), "{}", told(&error));
}

/// In the system's table of sockets a timer of kind 2 is that of a keep-alive.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn tcp_keepalive_arms_the_systems_timer() {
    let server = Server::start(Answer::Fine).await;
    let session = session().await;
    for (config, armed) in [(config(), false), (config().tcp_keepalive(Duration::from_secs(600)), true)] {
        call(&session, &server.http(), config).await.unwrap();
        let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
        let ends = [server.requests().last().unwrap().peer, server.address];
        let ends = ends.map(|address| format!(":{:04X}", address.port()));
        let columns = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let mut lines = table.lines().skip(1).map(columns);
        let ours = |columns: &Vec<String>| (1..).zip(&ends).all(|(at, port)| columns[at].ends_with(port));
        let line = lines.find(ours).unwrap();
        assert_eq!(line[5].starts_with("02:"), armed, "{line:?}");
    }
}
