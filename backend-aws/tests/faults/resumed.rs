//! `Object::read` and downloads: what breaks off or stalls goes on by range.

use std::time::Duration;

use resources::{S3, S3Resource};
use session_core::{ClientConfigBuilder, Error, ErrorKind, ResourceScope, SessionExt};

use crate::bodies::impatient;
use crate::config;
use crate::server::{Act, Asked, Server, answer, cut_answer};

const TEXT: &str = "It was the best of times, it was the worst of times";

async fn s3(server: &Server, config: ClientConfigBuilder) -> ResourceScope<S3Resource> {
    crate::session(server).await.resource(S3).config(config).await.unwrap()
}

/// What the object's server sends: all, or the range that is asked for, and of that so many bytes.
fn object(asked: &Asked, bytes: usize) -> Vec<u8> {
    let range = asked.header("range").map(|range| {
        let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        (first.parse::<usize>().unwrap(), last.parse::<usize>().unwrap().min(TEXT.len() - 1))
    });
    if asked.method() == "HEAD" {
        return cut_answer(200, &[("etag", "\"e\"")], TEXT.len(), "");
    }
    let Some((first, last)) = range else {
        return cut_answer(200, &[("etag", "\"e\"")], TEXT.len(), &TEXT[..bytes.min(TEXT.len())]);
    };
    let (body, of) = (&TEXT[first..=last], format!("bytes {first}-{last}/{}", TEXT.len()));
    let headers = [("etag", "\"e\""), ("content-range", &*of)];
    cut_answer(206, &headers, body.len(), &body[..bytes.min(body.len())])
}

fn ranges(server: &Server) -> Vec<Option<String>> {
    server.asked().iter().map(|asked| asked.header("range").map(str::to_owned)).collect()
}

#[tokio::test]
async fn an_object_is_read_to_its_end_over_connections_that_break_and_stall() {
    let server = Server::start(|asked| match asked.before {
        0 => Act::End(object(asked, 10)),
        1 => Act::Stall(object(asked, 10)),
        2 => Act::End(object(asked, 10)),
        _ => Act::Answer(object(asked, TEXT.len())),
    })
    .await;
    let s3 = s3(&server, impatient()).await;
    let output = s3.object("b", "k").read().await.unwrap();
    assert_eq!(output.body.collect().await.unwrap().into_bytes(), TEXT);
    let told = |range: &str| Some(range.to_owned());
    assert_eq!(ranges(&server), [None, told("bytes=10-50"), told("bytes=20-50"), told("bytes=30-50")]);
    assert!(server.asked()[1..].iter().all(|asked| asked.header("if-match") == Some("\"e\"")));
    // Of what stalled nothing is kept.
    server.lost(3).await;
}

#[tokio::test]
async fn a_body_that_is_resumed_gives_its_own_turn_away_first() {
    let server = Server::start(|asked| match asked.before {
        0 => Act::Stall(object(asked, 10)),
        _ => Act::Answer(object(asked, TEXT.len())),
    })
    .await;
    let alone = impatient().max_pool_connections(1).pool_timeout(Duration::from_millis(40));
    let s3 = s3(&server, alone).await;
    let output = s3.object("b", "k").read().await.unwrap();
    assert_eq!(output.body.collect().await.unwrap().into_bytes(), TEXT);
}

#[tokio::test]
async fn a_server_that_stalls_in_one_place_again_and_again_is_given_up() {
    let server = Server::start(|asked| match asked.before {
        0 => Act::Stall(object(asked, 10)),
        _ => Act::Stall(object(asked, 0)),
    })
    .await;
    let s3 = s3(&server, impatient()).await;
    let output = s3.object("b", "k").read().attempts(2).await.unwrap();
    let error = Error::from(output.body.collect().await.unwrap_err());
    assert_eq!((error.kind(), server.requests()), (ErrorKind::Timeout, 2));
    server.lost(2).await;
}

#[tokio::test]
async fn a_download_asks_again_for_what_broke_off() {
    let server = Server::start(|asked| match asked.before {
        0 => Act::End(object(asked, 10)),
        1 => Act::Stall(object(asked, 20)),
        _ => Act::Answer(object(asked, TEXT.len())),
    })
    .await;
    let s3 = s3(&server, impatient()).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("times.txt");
    let downloaded = s3.object("b", "k").download_file(&path).await.unwrap();
    assert_eq!(downloaded.size, TEXT.len() as u64);
    assert_eq!(std::fs::read_to_string(path).unwrap(), TEXT);
    assert_eq!(server.requests(), 3);
    assert!(server.asked()[1..].iter().all(|asked| asked.header("if-match") == Some("\"e\"")));
}

#[tokio::test]
async fn a_download_that_never_comes_whole_is_an_error_and_leaves_nothing_behind() {
    let server = Server::start(|asked| Act::End(object(asked, 10))).await;
    let s3 = s3(&server, config()).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("times.txt");
    std::fs::write(&path, "before").unwrap();
    let error = s3.object("b", "k").download_file(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Dispatch);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_scope_that_ends_while_a_body_is_resumed_says_so() {
    let server = Server::start(|asked| match asked.before {
        0 => Act::End(object(asked, 10)),
        _ => Act::Stall(Vec::new()),
    })
    .await;
    let s3 = s3(&server, config()).await;
    let output = s3.object("b", "k").read().await.unwrap();
    let reading = tokio::spawn(output.body.collect());
    server.was_asked(2).await;
    drop(s3);
    let error = Error::from(reading.await.unwrap().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::ScopeClosed);
    server.lost(2).await;
}

#[tokio::test]
async fn an_answer_of_another_object_ends_the_body() {
    let body = "<Error><Code>PreconditionFailed</Code></Error>";
    let server = Server::start(move |asked| match asked.before {
        0 => Act::End(object(asked, 10)),
        _ => Act::Answer(answer(412, &[], body)),
    })
    .await;
    let s3 = s3(&server, config()).await;
    let output = s3.object("b", "k").read().await.unwrap();
    let error = Error::from(output.body.collect().await.unwrap_err());
    assert_eq!((error.kind(), error.code()), (ErrorKind::ConditionFailed, Some("PreconditionFailed")));
}
