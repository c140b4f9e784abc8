//! Reading an object over connections that break.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use resources::S3;
use session_core::{ClientConfig, Error, ErrorKind, RetryMode, SessionExt};

use crate::scripted::{Answer, Asked, Scripted};

const TEXT: &[u8] = b"It was the best of times, it was the worst of times";

/// The object under the ETag `"e"`, whole or the range that is asked for; `cut` says where the nth body breaks off.
fn serve(asked: &Asked, cut: Option<usize>) -> Answer {
    let range = asked.range.as_deref().and_then(|range| range.strip_prefix("bytes="));
    let (first, last) = match range.and_then(|range| range.split_once('-')) {
        Some((first, last)) => (first.parse().unwrap(), last.parse().unwrap()),
        None => (0, TEXT.len() - 1),
    };
    if asked.if_match.as_deref().is_some_and(|e_tag| e_tag != "\"e\"") {
        return Answer::s3_error(412, "PreconditionFailed");
    }
    let body = Bytes::from_static(&TEXT[first..=last]);
    let mut headers = vec![("etag", "\"e\"".to_owned()), ("content-length", body.len().to_string())];
    if range.is_some() {
        headers.push(("content-range", format!("bytes {first}-{last}/{}", TEXT.len())));
    }
    let status = if range.is_some() { 206 } else { 200 };
    match cut {
        Some(length) => Answer::CutReply(status, headers, body.slice(..length.min(body.len()))),
        None => Answer::Reply(status, headers, body),
    }
}

/// Bodies break off after so many bytes, one after the other; those after the last are whole.
fn cutting(lengths: &'static [usize]) -> Scripted {
    let asked_so_far = AtomicUsize::new(0);
    Scripted::new(move |asked| {
        serve(asked, lengths.get(asked_so_far.fetch_add(1, Ordering::SeqCst)).copied())
    })
}

fn ranges(aws: &Scripted) -> Vec<Option<String>> {
    aws.asked().into_iter().map(|asked| asked.range).collect()
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_goes_on_where_it_stopped_in_the_same_object() {
    let aws = cutting(&[10, 0, 7]);
    let output = aws.s3().await.object("b", "k").read().await.unwrap();
    assert_eq!(output.content_length(), Some(TEXT.len() as i64));
    let scope = output.body.collect().await;
    // The scope of the resource was dropped above, and with it the permission to ask for more.
    assert_eq!(Error::from(scope.unwrap_err()).kind(), ErrorKind::ScopeClosed);

    let (aws, told) = (cutting(&[10, 0, 7]), |range: &str| Some(range.to_owned()));
    let s3 = aws.s3().await;
    let output = s3.object("b", "k").read().await.unwrap();
    assert_eq!(output.body.collect().await.unwrap().into_bytes(), TEXT);
    assert_eq!(ranges(&aws), [None, told("bytes=10-50"), told("bytes=10-50"), told("bytes=17-50")]);
    assert!(aws.asked()[1..].iter().all(|asked| asked.if_match.as_deref() == Some("\"e\"")));
}

#[tokio::test(start_paused = true)]
async fn a_range_goes_on_within_the_range() {
    let aws = cutting(&[4]);
    let s3 = aws.s3().await;
    let output = s3.object("b", "k").read().range("bytes=7-18").await.unwrap();
    assert_eq!(output.body.collect().await.unwrap().into_bytes(), &TEXT[7..=18]);
    assert_eq!(ranges(&aws), [Some("bytes=7-18".to_owned()), Some("bytes=11-18".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_shorter_than_its_length_is_not_taken_for_whole() {
    let short = |asked: &Asked| match serve(asked, None) {
        Answer::Reply(status, headers, body) => Answer::Reply(status, headers, body.slice(..body.len() / 2)),
        other => other,
    };
    let aws = Scripted::new(short);
    let s3 = aws.s3().await;
    // Each of them brings half of what was left, so that the last one brings nothing.
    let output = s3.object("b", "k").read().attempts(3).await.unwrap();
    let error = Error::from(output.body.collect().await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Dispatch);
    assert_eq!(ranges(&aws).last().unwrap().as_deref(), Some("bytes=50-50"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_in_one_place_too_often_is_an_error() {
    let aws = cutting(&[10, 0, 0, 0, 0, 0, 0]);
    let s3 = aws.s3().await;
    let output = s3.object("b", "k").read().attempts(3).await.unwrap();
    let error = Error::from(output.body.collect().await.unwrap_err());
    assert_eq!((error.kind(), aws.count("GetObject")), (ErrorKind::Dispatch, 3));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_was_overwritten_is_not_mixed_with_the_old_one() {
    let aws = Scripted::new(|asked| match asked.if_match {
        Some(_) => Answer::s3_error(412, "PreconditionFailed"),
        None => serve(asked, Some(10)),
    });
    let s3 = aws.s3().await;
    let output = s3.object("b", "k").read().await.unwrap();
    let error = Error::from(output.body.collect().await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::ConditionFailed);
    assert!(error.to_string().contains("overwritten"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_request_for_the_rest_that_fails_ends_the_body_with_its_error() {
    let aws = Scripted::new(|asked| match asked.range {
        Some(_) => Answer::s3_error(403, "AccessDenied"),
        None => serve(asked, Some(10)),
    });
    let once = ClientConfig::builder().retry_mode(RetryMode::Off);
    let s3 = aws.resource(S3).config(once).await.unwrap();
    let output = s3.object("b", "k").read().await.unwrap();
    assert_eq!(Error::from(output.body.collect().await.unwrap_err()).kind(), ErrorKind::AccessDenied);
}
