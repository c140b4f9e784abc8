//! Wrong values: each is refused when the client opens, by option and value, and by every backend alike.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use backend_mock::MockAws;
use session_core::{ClientConfigBuilder, Error, ErrorKind, Proxies, Session, SessionExt, Verify};

use crate::authority::Authority;
use crate::{DynamoDb, builder, call, config, session, told};

async fn open(session: &dyn Session, config: ClientConfigBuilder) -> Result<(), Error> {
    session.client(DynamoDb).region_name("eu-west-1").config(config).await.map(drop)
}

#[tokio::test]
async fn wrong_files_are_refused_by_both_backends_with_option_and_path() {
    let authority = Authority::new();
    let good = authority.pem();
    let (certificate, key) = authority.signed("member.example");
    let (_, other_key) = authority.signed("other.example");
    let file = |name: &str, text: &str| authority.file(name, text).to_str().unwrap().to_owned();
    let missing = authority.bundle().with_file_name("missing.pem").to_str().unwrap().to_owned();
    let directory = authority.bundle().parent().unwrap().to_str().unwrap().to_owned();
    let secret = key.lines().nth(1).unwrap().to_owned();
    let (certificate, key) = (file("c.crt", &certificate), file("c.key", &key));

    let bundles = [
        (missing.clone(), "cannot be read"),
        (directory.clone(), "is a directory"),
        (file("empty.pem", ""), "no certificate"),
        (file("prose.pem", "in prose"), "no certificate"),
        (file("cut.pem", &good[..good.len() / 2]), "not PEM"),
        (file("garbled.pem", &good.replace("MIIB", "AAAA")), "cannot be parsed"),
        (" ".to_owned(), "empty path"),
    ];
    let pairs = [
        (missing.clone(), key.clone(), missing.clone(), "cannot be read"),
        (certificate.clone(), missing.clone(), missing, "cannot be read"),
        (directory.clone(), key.clone(), directory, "is a directory"),
        (key.clone(), key.clone(), key.clone(), "no certificate"),
        (certificate.clone(), certificate.clone(), certificate.clone(), "no private key"),
        (certificate.clone(), String::new(), String::new(), "empty path"),
    ];
    let mut wrong = Vec::new();
    for (path, word) in bundles {
        wrong.push((config().verify(path.as_str()), "verify", path.clone(), word));
        let proxies = Proxies::none().proxy_ca_bundle(path.as_str());
        wrong.push((config().proxies(proxies), "proxies.proxy_ca_bundle", path, word));
    }
    for (certificate, key, path, word) in pairs {
        let pair = (certificate, key);
        wrong.push((config().client_cert(pair.clone()), "client_cert", path.clone(), word));
        let proxies = Proxies::none().proxy_client_cert(pair);
        wrong.push((config().proxies(proxies), "proxies.proxy_client_cert", path, word));
    }
    let (aws, mock) = (session().await, MockAws::new().session());
    for (config, option, path, word) in wrong {
        for session in [&aws as &dyn Session, &mock] {
            let error = open(session, config.clone()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
            for word in [option, path.trim(), word] {
                assert!(error.message().contains(word), "{word} in {error}");
            }
            assert!(!told(&error).contains(&secret), "{error:?}");
        }
    }

    // Whether the two belong together is for TLS to say, which only one backend speaks.
    let strange_key = authority.file("other.key", &other_key).to_str().unwrap().to_owned();
    let error = open(&aws, config().client_cert((certificate, strange_key))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.message().contains("client_cert") && error.message().contains("each other"), "{error}");
}

#[tokio::test]
async fn wrong_values_are_refused_by_both_backends_with_option_and_what_is_allowed() {
    let (aws, mock) = (session().await, MockAws::new().session());
    for (config, words) in [
        (config().proxies(Proxies::all("socks5://ann:hunter2@proxy")), ["proxies.http", "…@proxy", "SOCKS"]),
        (config().proxies(Proxies::new().https("ftp://proxy")), ["proxies.https", "ftp://proxy", "https://"]),
        (config().proxies(Proxies::none().no_proxy("*.x")), ["proxies.no_proxy", "*.x", "10.0.0.0/8"]),
        (config().tcp_keepalive(Duration::ZERO), ["tcp_keepalive", "0ns", "from 1 to 32,767"]),
        (config().tcp_keepalive(Duration::from_millis(1500)), ["tcp_keepalive", "1.5s", "whole"]),
        (config().tcp_keepalive(Duration::from_secs(32_768)), ["tcp_keepalive", "32768s", "32,767"]),
    ] {
        for session in [&aws as &dyn Session, &mock] {
            let error = open(session, config.clone()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig);
            for word in words {
                assert!(told(&error).contains(word), "{word} in {error}");
            }
        }
    }
}

/// An HTTP client that answers 200 itself.
#[derive(Debug)]
struct Mine;

impl HttpConnector for Mine {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), SdkBody::from("{}"))))
    }
}

#[tokio::test]
async fn an_http_client_of_the_callers_is_used_and_options_that_are_ours_are_refused_by_name() {
    let connector = SharedHttpConnector::new(Mine);
    let mine = http_client_fn(move |_, _| connector.clone());
    let adopted = SdkConfig::builder().http_client(mine.clone()).build();
    for builder in [builder().http_client(mine), builder().sdk_config(adopted)] {
        let session = builder.build().await.unwrap();
        call(&session, "https://nowhere.example", config()).await.unwrap();
        for (option, config) in [
            ("verify", config().verify(Verify::SystemRoots)),
            ("client_cert", config().client_cert("client.pem")),
            ("proxies", config().proxies(Proxies::none())),
            ("tcp_keepalive", config().tcp_keepalive(Duration::from_secs(60))),
            ("keepalive_timeout", config().keepalive_timeout(Duration::from_secs(60))),
        ] {
            let error = open(&session, config).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig);
            assert!(
                error.message().starts_with(option) && error.message().contains("http_client"),
                "{error}"
            );
        }
    }
}
