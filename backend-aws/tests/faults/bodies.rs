//! Bodies that break off or stop arriving: never taken for whole.

use std::time::Duration;

use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use session_core::{ClientConfigBuilder, Error, ErrorKind, RetryMode};

use crate::server::{Act, Server, answer, cut_answer};
use crate::{config, dynamodb, get_object, list_tables, s3};

/// Gives up on what has stopped arriving after a short while, here and in `resumed.rs`.
pub(crate) fn impatient() -> ClientConfigBuilder {
    let protection = StalledStreamProtectionConfig::enabled().grace_period(Duration::from_millis(50)).build();
    config().stalled_stream_protection(protection)
}

fn chunked(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}").into_bytes()
}

#[tokio::test]
async fn a_streamed_body_that_breaks_off_is_an_error_and_what_came_before_is_there() {
    for act in [
        Act::End(cut_answer(200, &[], 100, "It was")),
        Act::Reset(cut_answer(200, &[], 100, "It was")),
        Act::End(chunked("6\r\nIt was\r\n")),
        Act::End(chunked("6\r\nIt was\r\nF\r\n the b")),
        Act::Answer(chunked("6\r\nIt was\r\nnonsense\r\n")),
    ] {
        let server = Server::always(act.clone()).await;
        let s3 = s3(&server, config()).await;
        let collected = get_object(&s3).await.unwrap().body.collect().await;
        let error = Error::from(collected.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Dispatch, "{act:?}");
        assert!(error.is_retryable() && error.message().contains("to its end"), "{error}");

        let mut body = get_object(&s3).await.unwrap().body;
        let mut came = Vec::new();
        let ended = loop {
            match body.try_next().await {
                Ok(Some(bytes)) => came.extend_from_slice(&bytes),
                ended => break ended,
            }
        };
        ended.unwrap_err();
        // A reset may overtake what was sent before it.
        assert!(b"It was the b".starts_with(&came[..]), "{act:?}: {came:?}");
        // Nothing was asked for again behind the reader's back.
        assert_eq!(server.requests(), 2);
    }
}

#[tokio::test]
async fn a_body_that_is_read_as_a_file_is_tells_the_same_errors() {
    let server = Server::always(Act::End(cut_answer(200, &[], 100, "It was"))).await;
    let body = get_object(&*s3(&server, config()).await).await.unwrap().body;
    let (mut reader, mut file) = (body.into_async_read(), Vec::new());
    let error = Error::from(tokio::io::copy(&mut reader, &mut file).await.unwrap_err());
    assert_eq!((error.kind(), &*file), (ErrorKind::ScopeClosed, &b""[..]));

    let s3 = s3(&server, config()).await;
    let (mut reader, mut file) = (get_object(&s3).await.unwrap().body.into_async_read(), Vec::new());
    let error = Error::from(tokio::io::copy(&mut reader, &mut file).await.unwrap_err());
    assert_eq!((error.kind(), &*file), (ErrorKind::Dispatch, &b"It was"[..]));
    assert!(error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn a_body_of_chunks_is_whole_with_its_last_chunk() {
    let server = Server::always(Act::Answer(chunked("6\r\nIt was\r\n0\r\n\r\n"))).await;
    let s3 = s3(&server, config()).await;
    for _ in 0..2 {
        assert_eq!(get_object(&s3).await.unwrap().body.collect().await.unwrap().into_bytes(), "It was");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_checksum_that_the_body_does_not_have_is_an_error_at_its_end() {
    // That of nothing.
    let server =
        Server::always(Act::Answer(answer(200, &[("x-amz-checksum-crc32", "AAAAAA==")], "It was"))).await;
    let collected = get_object(&*s3(&server, config()).await).await.unwrap().body.collect().await;
    let error = Error::from(collected.unwrap_err());
    assert!(crate::told(&error).contains("checksum"), "{}", crate::told(&error));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_asked_for_again_and_then_told() {
    let cut = Act::End(cut_answer(200, &[("x-amzn-requestid", "KVLQ")], 100, r#"{"TableNames":["#));
    let fine = Act::Answer(answer(200, &[], r#"{"TableNames":["t"]}"#));
    let server = Server::one_by_one([cut.clone(), cut.clone(), fine]).await;
    let dynamodb = dynamodb(&server, config()).await;
    assert_eq!(dynamodb.list_tables().send().await.unwrap().table_names(), ["t"]);
    assert_eq!(server.requests(), 3);

    let server = Server::always(cut).await;
    let error = list_tables(&*crate::dynamodb(&server, config()).await).await.unwrap_err();
    assert_eq!((error.kind(), server.requests()), (ErrorKind::Dispatch, 3));
    assert_eq!((error.status(), error.request_id()), (Some(200), Some("KVLQ")));
}

#[tokio::test]
async fn an_error_whose_body_breaks_off_is_asked_for_again() {
    let cut = Act::End(cut_answer(404, &[], 1000, "<Error><Code>NoSuch"));
    let body = "<Error><Code>NoSuchKey</Code></Error>";
    let server = Server::one_by_one([cut, Act::Answer(answer(404, &[], body))]).await;
    let error = get_object(&*s3(&server, config()).await).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("NoSuchKey")));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_body_that_stops_arriving_is_given_up_after_its_grace_period() {
    let server = Server::always(Act::Stall(cut_answer(200, &[], 100, "It was"))).await;
    let s3 = s3(&server, impatient()).await;
    let collected = get_object(&s3).await.unwrap().body.collect().await;
    let error = Error::from(collected.unwrap_err());
    assert!(error.is_retryable(), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{}", crate::told(&error));
    // The body went with the error.
    server.lost(1).await;
}

#[tokio::test]
async fn an_answer_that_stops_arriving_is_asked_for_again() {
    let stalled = Act::Stall(cut_answer(200, &[], 100, "{"));
    let server = Server::one_by_one([stalled.clone(), Act::Answer(answer(200, &[], "{}"))]).await;
    list_tables(&*dynamodb(&server, impatient()).await).await.unwrap();
    assert_eq!(server.requests(), 2);

    let server = Server::always(stalled).await;
    let once = impatient().retry_mode(RetryMode::Off);
    let error = list_tables(&*dynamodb(&server, once).await).await.unwrap_err();
    assert_eq!((error.kind(), server.requests()), (ErrorKind::Timeout, 1), "{}", crate::told(&error));
}
