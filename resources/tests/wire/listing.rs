//! Collections: what they ask for and when, and batch deletes.

use futures_util::StreamExt;
use session_core::ErrorKind;

use crate::scripted::{Answer, Asked, Scripted};

/// A bucket with objects `k0` to `k6`, and an empty page after the first.
fn listing(asked: &Asked) -> Answer {
    if asked.operation() == "DeleteObjects" {
        let denied = match asked.body.contains("<Key>k4</Key>") {
            true => "<Error><Key>k4</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            false => "",
        };
        return Answer::ok(format!("<DeleteResult>{denied}</DeleteResult>"));
    }
    let (keys, next): (&[usize], _) = match asked.parameter("continuation-token") {
        None => (&[0, 1, 2], Some("empty")),
        Some("empty") => (&[], Some("last")),
        Some(_) => (&[3, 4, 5, 6], None),
    };
    let contents: String =
        keys.iter().map(|n| format!("<Contents><Key>k{n}</Key><Size>{n}</Size></Contents>")).collect();
    let next = next.map_or(String::new(), |next| {
        format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>")
    });
    Answer::ok(format!("<ListBucketResult>{contents}{next}</ListBucketResult>"))
}

#[tokio::test]
async fn items_pass_over_empty_pages_and_ask_for_a_page_when_polled() {
    let aws = Scripted::new(listing);
    let s3 = aws.s3().await;
    let objects = s3.bucket("b").objects().prefix("a").prefix("k").page_size(3);
    let mut items = objects.clone().items();
    assert!(aws.asked().is_empty());
    for n in 0..3 {
        let item = items.try_next().await.unwrap().unwrap();
        assert_eq!((item.key(), item.size()), (format!("k{n}").as_str(), n));
    }
    assert_eq!(aws.asked().len(), 1);
    assert_eq!(items.try_next().await.unwrap().unwrap().key(), "k3");
    assert_eq!(aws.asked().len(), 3);
    assert_eq!(items.try_collect().await.unwrap().len(), 3);
    let first = &aws.asked()[0];
    assert_eq!((first.parameter("prefix"), first.parameter("max-keys")), (Some("k"), Some("3")));
    assert_eq!(objects.pages().try_collect().await.unwrap().len(), 3);
}

#[tokio::test]
async fn prefetched_pages_are_asked_for_while_items_are_taken() {
    let aws = Scripted::new(listing);
    let s3 = aws.s3().await;
    let mut items = s3.bucket("b").objects().items().prefetch();
    for n in 0..3 {
        assert_eq!(items.try_next().await.unwrap().unwrap().key(), format!("k{n}"));
    }
    assert!(aws.asked().len() > 1, "the second page waits until the first is taken");
    let rest = items.try_collect().await.unwrap();
    assert_eq!(rest.iter().map(|item| item.key()).collect::<Vec<_>>(), ["k3", "k4", "k5", "k6"]);
    assert_eq!(aws.asked().len(), 3);
}

#[tokio::test]
async fn an_error_of_a_prefetched_page_comes_behind_the_items_before_it() {
    let aws = Scripted::new(|asked| match asked.parameter("continuation-token") {
        None => listing(asked),
        Some(_) => Answer::s3_error(403, "AccessDenied"),
    });
    let s3 = aws.s3().await;
    let mut items = s3.bucket("b").objects().items().prefetch();
    for _ in 0..3 {
        assert!(items.try_next().await.unwrap().is_some());
    }
    assert_eq!(items.try_next().await.unwrap_err().kind(), ErrorKind::AccessDenied);
    assert!(items.try_next().await.unwrap().is_none());
    assert_eq!(aws.asked().len(), 2);
}

#[tokio::test]
async fn a_limit_asks_for_no_more_than_it_needs() {
    let aws = Scripted::new(listing);
    let s3 = aws.s3().await;
    let objects = s3.bucket("b").objects();
    assert!(objects.clone().limit(0).items().try_collect().await.unwrap().is_empty());
    assert!(aws.asked().is_empty());
    assert_eq!(objects.clone().limit(3).items().try_collect().await.unwrap().len(), 3);
    assert_eq!(aws.asked().len(), 1);
    assert_eq!(aws.asked()[0].parameter("max-keys"), Some("3"));
    assert_eq!(objects.limit(4).items().try_collect().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_limit_of_objects_does_not_end_the_common_prefixes() {
    let aws = Scripted::new(|asked| {
        let (prefix, next) = match asked.parameter("continuation-token") {
            None => ("a/", "<IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken>"),
            Some(_) => ("b/", ""),
        };
        Answer::ok(format!(
            "<ListBucketResult><Contents><Key>k</Key></Contents>\
             <CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>{next}</ListBucketResult>"
        ))
    });
    let s3 = aws.s3().await;
    for limit in [0, 1] {
        let objects = s3.bucket("b").objects().delimiter("/").limit(limit);
        assert_eq!(objects.common_prefixes().try_collect().await.unwrap(), ["a/", "b/"]);
    }
}

#[tokio::test]
async fn a_stream_ends_after_its_first_error() {
    let aws = Scripted::new(|_| Answer::s3_error(404, "NoSuchBucket"));
    let s3 = aws.s3().await;
    let mut items = s3.bucket("b").objects().items();
    let error = items.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("NoSuchBucket")));
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn a_batch_delete_goes_on_over_empty_pages_and_tells_what_was_not_deleted() {
    let aws = Scripted::new(listing);
    let s3 = aws.s3().await;
    let deleted = s3.bucket("b").objects().delete().await.unwrap();
    assert_eq!((deleted.count(), deleted.failures().len()), (6, 1));
    assert_eq!(deleted.failures()[0].key, "k4");
    assert_eq!(aws.count("DeleteObjects"), 2);
    assert!(deleted.complete().unwrap_err().is_access_denied());
}

#[tokio::test]
async fn a_batch_delete_of_nothing_sends_no_delete() {
    let aws = Scripted::new(|_| Answer::ok("<ListBucketResult></ListBucketResult>"));
    let s3 = aws.s3().await;
    assert_eq!(s3.bucket("b").objects().delete().await.unwrap().complete().unwrap(), 0);
    assert_eq!(aws.count("DeleteObjects"), 0);
}
