//! What the environment says of trust and proxies, each case in a process of its own.
//!
//! This test binary starts itself again with only the test [`child`] and with no variable but those of the case. The
//! child calls the server and writes down what became of it.

use std::process::Command;

use backend_aws::AwsSession;
use session_core::Proxies;

use crate::authority::Authority;
use crate::proxy::Proxy;
use crate::server::{Answer, Server};
use crate::{call, config, told};

const ANSWER: &str = "CHILD_ANSWER";
const URL: &str = "CHILD_URL";
const PROXIES: &str = "CHILD_PROXIES";

/// `fine`, or the error with its causes.
async fn run(url: &str, variables: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().unwrap();
    let answer = home.path().join("answer");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "environment::child", "--ignored"])
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env(ANSWER, &answer)
        .env(URL, url)
        .envs(variables.iter().copied());
    // The servers of the case live on this thread's runtime.
    let output = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::read_to_string(answer).unwrap()
}

#[tokio::test]
#[ignore = "run by every other test here, in an environment of its own"]
async fn child() {
    let (Ok(answer), Ok(url)) = (std::env::var(ANSWER), std::env::var(URL)) else { return };
    let keys = AwsSession::builder().aws_access_key_id("AKID").aws_secret_access_key("s3cret");
    let config = match std::env::var(PROXIES).as_deref() {
        Ok("none") => config().proxies(Proxies::none()),
        Ok(url) => config().proxies(Proxies::all(url)),
        Err(_) => config(),
    };
    let outcome = match keys.region_name("eu-west-1").build().await {
        Ok(session) => call(&session, &url, config).await,
        Err(error) => Err(error),
    };
    let outcome =
        outcome.map_or_else(|error| format!("{:?}: {}", error.kind(), told(&error)), |()| "fine".to_owned());
    std::fs::write(answer, outcome).unwrap();
}

#[tokio::test]
async fn the_proxies_of_the_environment_are_taken_and_an_argument_beats_them() {
    let (server, proxy, other) =
        (Server::start(Answer::Fine).await, Proxy::open().await, Proxy::open().await);
    let variable = [("HTTP_PROXY", &*proxy.http())];
    assert_eq!(run(&server.http(), &variable).await, "fine");
    assert_eq!(proxy.heads().len(), 1);
    let direct = [variable[0], ("NO_PROXY", "127.0.0.1")];
    assert_eq!(run(&server.http(), &direct).await, "fine");
    assert_eq!(run(&server.http(), &[variable[0], (PROXIES, "none")]).await, "fine");
    // An argument stands for the environment as a whole, its exceptions included.
    let other_proxy = [variable[0], ("no_proxy", "*"), (PROXIES, &*other.http())];
    assert_eq!(run(&server.http(), &other_proxy).await, "fine");
    assert_eq!((proxy.heads().len(), other.heads().len(), server.requests().len()), (1, 1, 4));
}

#[tokio::test]
async fn a_bundle_of_the_environment_is_trusted_through_a_tunnel_too() {
    let authority = Authority::new();
    let (server, proxy) = (Server::start_tls(authority.server("127.0.0.1")).await, Proxy::open().await);
    let bundle = authority.bundle();
    let bundle = ("AWS_CA_BUNDLE", bundle.to_str().unwrap());
    let proxied = [bundle, ("https_proxy", &*proxy.http())];
    assert_eq!(run(&server.https(), &proxied).await, "fine");
    assert_eq!(run(&server.https(), &[bundle]).await, "fine");
    assert_eq!((proxy.heads().len(), server.requests().len()), (1, 2));
    let distrusted = run(&server.https(), &[]).await;
    assert!(distrusted.contains("Dispatch") && distrusted.contains("certificate"), "{distrusted}");
}

#[tokio::test]
async fn a_proxy_of_the_environment_that_cannot_be_used_is_named_before_anything_is_sent() {
    let server = Server::start(Answer::Fine).await;
    for (name, value, word) in [
        ("HTTPS_PROXY", "socks5://ann:hunter2@proxy.example", "SOCKS"),
        ("http_proxy", "http://ann:hunter2@proxy.example:port", "…@proxy.example:port"),
        ("ALL_PROXY", "ftp://proxy.example", "http://"),
    ] {
        let outcome = run(&server.http(), &[(name, value)]).await;
        for word in ["InvalidConfig", name, word] {
            assert!(outcome.contains(word), "{word} in {outcome}");
        }
        assert!(!outcome.contains("hunter2"), "{outcome}");
    }
    assert!(server.requests().is_empty());
}

/// Without a readable certificate the session and plain HTTP work, and TLS says what is missing.
#[tokio::test]
async fn a_machine_without_certificates_reaches_plain_servers_and_says_why_not_others() {
    let authority = Authority::new();
    let (plain, secure) =
        (Server::start(Answer::Fine).await, Server::start_tls(authority.server("127.0.0.1")).await);
    let none = authority.file("none.pem", "");
    let none = [("SSL_CERT_FILE", none.to_str().unwrap())];
    assert_eq!(run(&plain.http(), &none).await, "fine");
    let outcome = run(&secure.https(), &none).await;
    assert!(outcome.contains("Dispatch") && outcome.contains("certificate"), "{outcome}");
    let bundle = authority.bundle();
    let system = [("SSL_CERT_FILE", bundle.to_str().unwrap())];
    assert_eq!(run(&secure.https(), &system).await, "fine");
}
