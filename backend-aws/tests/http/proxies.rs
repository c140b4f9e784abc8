//! By way of a proxy: whole requests, tunnels, credentials, and TLS with the proxy itself.

use aws_smithy_types::retry::RetryConfig;
use session_core::{ErrorKind, Proxies, ServiceName, Session};

use crate::authority::Authority;
use crate::proxy::Proxy;
use crate::server::{Answer, Server};
use crate::{call, config, session, told};

/// `ann:p@ss hunter2`, as it stands in a header.
const ANN: &str = "YW5uOnBAc3MgaHVudGVyMg==";

fn by_ann(proxy: &Proxy) -> String {
    format!("http://ann:p%40ss%20hunter2@{}", proxy.address)
}

#[tokio::test]
async fn a_plain_request_is_handed_to_the_proxy_whole() {
    let (server, proxy) = (Server::start(Answer::Fine).await, Proxy::start(Some(ANN), None).await);
    let session = session().await;
    let proxies = Proxies::new().http(by_ann(&proxy));
    call(&session, &server.http(), config().proxies(proxies.clone())).await.unwrap();
    assert!(
        proxy.heads()[0].starts_with(&format!("POST {}/ HTTP/1.1", server.http())),
        "{:?}",
        proxy.heads()
    );
    assert_eq!(server.requests()[0].uri, format!("{}/", server.http()).as_str());

    // The proxy, and not we, looks the host up.
    let url = format!("http://behind-the-proxy.example:{}", server.address.port());
    call(&session, &url, config().proxies(proxies)).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_secure_request_goes_through_a_tunnel_that_shows_nothing_but_the_host() {
    let authority = Authority::new();
    let server = Server::start_tls(authority.server("behind-the-proxy.example")).await;
    let proxy = Proxy::start(Some(ANN), None).await;
    let session = session().await;
    let config = config().verify(authority.bundle()).proxies(Proxies::all(by_ann(&proxy)));
    let host = format!("behind-the-proxy.example:{}", server.address.port());
    for _ in 0..2 {
        call(&session, &format!("https://{host}"), config.clone()).await.unwrap();
    }
    let heads = proxy.heads();
    assert!(heads.len() == 1 && heads[0].starts_with(&format!("CONNECT {host} HTTP/1.1")), "{heads:?}");
    let seen = &server.requests()[0];
    assert_eq!(seen.uri, "/");
    assert!(!seen.headers.contains_key("proxy-authorization"), "{seen:?}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_without_its_password_and_not_asked_again() {
    let authority = Authority::new();
    let (plain, secure) =
        (Server::start(Answer::Fine).await, Server::start_tls(authority.server("127.0.0.1")).await);
    let session = session().await;
    for url in [plain.http(), secure.https()] {
        let proxy = Proxy::start(Some("other"), None).await;
        let retrying = config().verify(authority.bundle()).retry_config(RetryConfig::standard());
        let error = call(&session, &url, retrying.proxies(Proxies::all(by_ann(&proxy)))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dispatch);
        let told = told(&error);
        for word in [&proxy.http(), "refused", "proxy authorization required"] {
            assert!(told.contains(word), "{word} in {told}");
        }
        assert_eq!(proxy.heads().len(), 1);
    }
    assert!(plain.requests().is_empty() && secure.requests().is_empty());
}

#[tokio::test]
async fn the_password_of_a_proxy_is_not_printed() {
    let session = session().await;
    let config = config().proxies(Proxies::all("http://ann:hunter2@proxy.example")).build().unwrap();
    let connection = session.connect(&ServiceName::from_static("s3"), config.clone()).await.unwrap();
    let printed = format!("{config:?} {connection:?} {:?}", connection.sdk_config());
    assert!(printed.contains("proxy.example") && !printed.contains("hunter2"), "{printed}");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_or_cannot_reach_the_host_is_named() {
    let gone = Proxy::open().await.http();
    let nobody = Server::start(Answer::Fine).await.address;
    let proxy = Proxy::open().await;
    tokio::task::yield_now().await;
    let session = session().await;
    for (url, by, word) in [
        (format!("http://{nobody}"), &gone, "could not be reached"),
        (format!("https://{nobody}"), &gone, "could not be reached"),
        (format!("https://{nobody}"), &proxy.http(), "refused a tunnel"),
    ] {
        let error = call(&session, &url, config().proxies(Proxies::all(by.as_str()))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dispatch);
        assert!(told(&error).contains(word) && told(&error).contains(by), "{}", told(&error));
    }
}

#[tokio::test]
async fn a_proxy_that_speaks_tls_is_trusted_by_a_bundle_of_its_own() {
    let (authority, of_proxy) = (Authority::new(), Authority::new());
    let (plain, secure) =
        (Server::start(Answer::Fine).await, Server::start_tls(authority.server("127.0.0.1")).await);
    let proxy = Proxy::start(Some(ANN), Some(of_proxy.server("127.0.0.1"))).await;
    let url = by_ann(&proxy).replace("http://", "https://");
    let session = session().await;
    let trusting = || config().verify(authority.bundle());
    let proxies = || Proxies::all(url.as_str());
    for server in [plain.http(), secure.https()] {
        let both = proxies().proxy_ca_bundle(of_proxy.bundle());
        call(&session, &server, trusting().proxies(both)).await.unwrap();
        let error = call(&session, &server, trusting().proxies(proxies())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dispatch);
        for word in ["proxy", "certificate"] {
            assert!(told(&error).contains(word), "{word} in {}", told(&error));
        }
    }
    assert_eq!(proxy.heads().len(), 2);
}

#[tokio::test]
async fn without_a_bundle_of_its_own_a_proxy_is_trusted_as_services_are() {
    let authority = Authority::new();
    let server = Server::start_tls(authority.server("127.0.0.1")).await;
    let proxy = Proxy::start(None, Some(authority.server("127.0.0.1"))).await;
    let proxies = Proxies::all(format!("https://{}", proxy.address));
    let config = config().verify(authority.bundle()).proxies(proxies);
    call(&session().await, &server.https(), config).await.unwrap();
    assert_eq!(proxy.heads().len(), 1);
}

#[tokio::test]
async fn a_client_certificate_for_the_proxy_is_shown_to_it_alone() {
    let authority = Authority::new();
    let server = Server::start(Answer::Fine).await;
    let proxy = Proxy::start(None, Some(authority.server_for_members("127.0.0.1"))).await;
    let (certificate, key) = authority.signed("member.example");
    let member = authority.file("member.pem", &format!("{certificate}{key}"));
    let session = session().await;
    let proxies = || Proxies::all(format!("https://{}", proxy.address)).proxy_ca_bundle(authority.bundle());
    let shown = proxies().proxy_client_cert(member.clone());
    call(&session, &server.http(), config().proxies(shown)).await.unwrap();
    // The certificate for services is none for proxies.
    for hidden in [config().proxies(proxies()), config().client_cert(member).proxies(proxies())] {
        let error = call(&session, &server.http(), hidden).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dispatch, "{}", told(&error));
    }
}

#[tokio::test]
async fn hosts_without_a_proxy_are_reached_directly() {
    let (server, proxy) = (Server::start(Answer::Fine).await, Proxy::open().await);
    let session = session().await;
    let address = server.address.to_string();
    for hosts in ["127.0.0.1", "localhost, 127.0.0.0/8", "*"] {
        let direct = config().proxies(Proxies::all(proxy.http()).no_proxy(hosts));
        call(&session, &server.http(), direct).await.unwrap();
    }
    let by_name = format!("http://localhost:{}", server.address.port());
    for hosts in [format!("localhost:{}", server.address.port()), "localhost".to_owned()] {
        let direct = config().proxies(Proxies::all(proxy.http()).no_proxy(hosts));
        call(&session, &by_name, direct).await.unwrap();
    }
    assert_eq!((proxy.heads().len(), server.requests().len()), (0, 5));
    let proxied = config().proxies(Proxies::all(proxy.http()).no_proxy("10.0.0.0/8,.example"));
    call(&session, &format!("http://{address}"), proxied).await.unwrap();
    assert_eq!(proxy.heads().len(), 1);
}

#[tokio::test]
async fn a_role_is_asked_for_by_the_ways_of_the_sessions_clients() {
    let (server, proxy) = (Server::start(Answer::Fine).await, Proxy::open().await);
    let session = backend_aws::AwsSession::builder()
        .sdk_config(aws_types::SdkConfig::builder().build())
        .aws_access_key_id("AKID")
        .aws_secret_access_key("hunter2")
        .region_name("eu-west-1")
        .endpoint_url(server.http())
        .assume_role("arn:aws:iam::123456789012:role/reader")
        .client_config(config().proxies(Proxies::all(proxy.http())).retry_config(RetryConfig::disabled()))
        .build()
        .await
        .unwrap();
    // The server answers, but not as STS does.
    session.credentials().await.unwrap_err();
    let heads = proxy.heads();
    assert!(heads.len() == 1 && heads[0].starts_with(&format!("POST {}/", server.http())), "{heads:?}");
}
