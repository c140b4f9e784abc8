//! Whom a client trusts, and as whom it presents itself.

use std::io;
use std::sync::{Arc, Mutex};

use http::Version;
use session_core::{ErrorKind, SessionExt, Verify};

use crate::authority::Authority;
use crate::server::Server;
use crate::{DynamoDb, call, config, session, told};

#[tokio::test]
async fn a_server_is_trusted_by_the_bundle_that_signed_it_and_by_no_other() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = Server::start_tls(authority.server("127.0.0.1")).await;
    let session = session().await;
    call(&session, &server.https(), config().verify(authority.bundle())).await.unwrap();
    let both = stranger.file("both.pem", &format!("{}{}", stranger.pem(), authority.pem()));
    call(&session, &server.https(), config().verify(both)).await.unwrap();
    for distrust in [config(), config().verify(Verify::SystemRoots), config().verify(stranger.bundle())] {
        let error = call(&session, &server.https(), distrust).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dispatch);
        assert!(told(&error).contains("certificate"), "{}", told(&error));
    }
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_server_by_another_name_is_refused() {
    let authority = Authority::new();
    let server = Server::start_tls(authority.server("elsewhere.example")).await;
    let error =
        call(&session().await, &server.https(), config().verify(authority.bundle())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Dispatch);
    assert!(told(&error).contains("certificate"), "{}", told(&error));
}

#[tokio::test]
async fn anyone_is_trusted_only_where_that_is_said_out_loud() {
    let server = Server::start_tls(Authority::new().server("elsewhere.example")).await;
    let session = session().await;
    assert!(call(&session, &server.https(), config()).await.is_err());
    let danger = config().verify(Verify::DangerouslyAcceptAnyCertificate);
    call(&session, &server.https(), danger).await.unwrap();
    // It holds for that client alone.
    assert!(call(&session, &server.https(), config()).await.is_err());
}

#[tokio::test]
async fn trusting_anyone_is_logged_as_a_warning() {
    let log = Log::default();
    let writer = log.clone();
    let logged = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let session = session().await;
    let _guard = tracing::subscriber::set_default(logged);
    let quiet = session.client(DynamoDb).config(config().verify(Verify::SystemRoots)).await;
    assert!(quiet.is_ok() && !log.text().contains("verify"), "{}", log.text());
    let danger = config().verify(Verify::DangerouslyAcceptAnyCertificate);
    assert!(session.client(DynamoDb).config(danger).await.is_ok());
    assert!(
        log.text().contains("WARN") && log.text().contains("DangerouslyAcceptAnyCertificate"),
        "{}",
        log.text()
    );
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_one_is_wanted() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = Server::start_tls(authority.server_for_members("127.0.0.1")).await;
    let session = session().await;
    let trusting = || config().verify(authority.bundle());
    let (certificate, key) = authority.signed("member.example");
    let (certificate_file, key_file) =
        (authority.file("client.crt", &certificate), authority.file("client.key", &key));
    let pair = trusting().client_cert((certificate_file, key_file));
    call(&session, &server.https(), pair).await.unwrap();
    let one_file = authority.file("client.pem", &format!("{key}{certificate}"));
    call(&session, &server.https(), trusting().client_cert(one_file)).await.unwrap();

    let (certificate, key) = stranger.signed("stranger.example");
    let strange = stranger.file("client.pem", &format!("{certificate}{key}"));
    for refused in [trusting(), trusting().client_cert(strange)] {
        let error = call(&session, &server.https(), refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dispatch);
    }
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_bundle_is_read_anew_by_each_client() {
    let (old, new) = (Authority::new(), Authority::new());
    let server = Server::start_tls(new.server("127.0.0.1")).await;
    let (session, bundle) = (session().await, old.bundle());
    assert!(call(&session, &server.https(), config().verify(bundle.clone())).await.is_err());
    std::fs::write(&bundle, new.pem()).unwrap();
    call(&session, &server.https(), config().verify(bundle)).await.unwrap();
}

#[tokio::test]
async fn http_2_is_spoken_where_the_server_offers_it() {
    let authority = Authority::new();
    for (offer, spoken) in [
        (vec![], Version::HTTP_11),
        (vec!["http/1.1"], Version::HTTP_11),
        (vec!["http/1.1", "h2"], Version::HTTP_2),
    ] {
        let mut tls = authority.server("127.0.0.1");
        // The server's order counts, and it is asked to prefer the last.
        tls.alpn_protocols = offer.iter().rev().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let server = Server::start_tls(tls).await;
        call(&session().await, &server.https(), config().verify(authority.bundle())).await.unwrap();
        assert_eq!(server.requests()[0].version, spoken, "{offer:?}");
    }
}

/// The runtime has one thread, on which the pipe is also written: were it held up, nothing would ever be written.
#[cfg(unix)]
#[tokio::test]
async fn a_slow_bundle_holds_up_no_thread_of_the_runtime() {
    let authority = Authority::new();
    let server = Server::start_tls(authority.server("127.0.0.1")).await;
    let pipe = authority.bundle().with_file_name("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let session = session().await;
    let (called, written) = tokio::join!(
        call_with_bundle(&session, &server, &pipe),
        tokio::spawn({
            let (pipe, pem) = (pipe.clone(), authority.pem());
            async move { tokio::fs::write(pipe, pem).await }
        })
    );
    written.unwrap().unwrap();
    called.unwrap();
}

#[cfg(unix)]
async fn call_with_bundle(
    session: &backend_aws::AwsSession,
    server: &Server,
    bundle: &std::path::Path,
) -> Result<(), session_core::Error> {
    call(session, &server.https(), config().verify(bundle)).await
}
