//! Uploads that fail or are dropped leave nothing behind.

use std::error::Error as _;
use std::future::IntoFuture;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use aws_sdk_s3::types::RequestPayer;
use aws_smithy_types::checksum_config::RequestChecksumCalculation;
use resources::transfer::{ByteSize, ClientTransfers as _, Progress, TransferConfig, UnabortedUpload};
use resources::{S3, S3Resource, SseCustomerKey};
use session_core::{ClientConfig, Error, ErrorKind, SessionExt as _};
use tempfile::NamedTempFile;
use tokio::sync::Notify;

use crate::scripted::{Answer, Asked, Scripted};

/// A file of three parts, 12 MiB.
fn file() -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&vec![7; 12 << 20]).unwrap();
    file
}

fn config() -> TransferConfig {
    TransferConfig::builder().part_size(ByteSize::mib(5)).build().unwrap()
}

/// What S3 answers when all is well.
fn well(asked: &Asked) -> Answer {
    match asked.operation() {
        "CreateMultipartUpload" => Answer::ok(
            "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>",
        ),
        "UploadPart" | "PutObject" => Answer::Reply(200, vec![("etag", "\"e\"".into())], Default::default()),
        "CompleteMultipartUpload" => {
            Answer::ok("<CompleteMultipartUploadResult><ETag>\"e-3\"</ETag></CompleteMultipartUploadResult>")
        }
        "AbortMultipartUpload" => Answer::Reply(204, Vec::new(), Default::default()),
        _ => Answer::s3_error(501, "NotImplemented"),
    }
}

#[tokio::test]
async fn parts_are_completed_in_their_order_and_progress_sums_to_the_size() {
    let aws = Scripted::new(well);
    let (s3, file) = (aws.s3().await, file());
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let uploaded = s3
        .object("b", "k")
        .upload_file(file.path())
        .config(config())
        .progress(move |progress: Progress| listener.lock().unwrap().push(progress))
        .await
        .unwrap();
    assert_eq!((uploaded.size, uploaded.e_tag.as_deref()), (12 << 20, Some("\"e-3\"")));
    let told = told.lock().unwrap();
    assert!(told.windows(2).all(|two| two[0].transferred < two[1].transferred) && told.len() == 3);
    assert_eq!((told[2].transferred, told[2].total), (12 << 20, 12 << 20));
    let complete = aws.asked().pop().unwrap();
    let numbers: Vec<_> =
        complete.body.match_indices("<PartNumber>").map(|(at, _)| &complete.body[at + 12..at + 13]).collect();
    assert_eq!((complete.operation(), numbers), ("CompleteMultipartUpload", vec!["1", "2", "3"]));
    assert_eq!(aws.count("AbortMultipartUpload"), 0);
}

#[tokio::test]
async fn a_panic_in_the_progress_callback_does_not_hurt_the_upload() {
    let aws = Scripted::new(well);
    let (s3, file) = (aws.s3().await, file());
    let upload = s3.object("b", "k").upload_file(file.path()).config(config());
    upload.progress(|_| panic!("a bar that is no more")).await.unwrap();
    assert_eq!(aws.count("CompleteMultipartUpload"), 1);
}

#[tokio::test]
async fn a_failed_part_aborts_the_upload_and_its_error_is_kept() {
    let aws = Scripted::new(|asked| match asked.parameter("partNumber") {
        Some("2") => Answer::s3_error(403, "AccessDenied"),
        _ => well(asked),
    });
    let (s3, file) = (aws.s3().await, file());
    let error = s3.object("b", "k").upload_file(file.path()).config(config()).await.unwrap_err();
    assert_eq!((error.code(), error.operation()), (Some("AccessDenied"), Some("UploadPart")));
    assert_eq!((aws.count("AbortMultipartUpload"), aws.count("CompleteMultipartUpload")), (1, 0));
}

#[tokio::test]
async fn a_failed_abort_does_not_replace_the_error_and_names_what_is_left() {
    let aws = Scripted::new(|asked| match asked.operation() {
        "UploadPart" => Answer::s3_error(403, "AccessDenied"),
        "AbortMultipartUpload" => Answer::s3_error(400, "ExpiredToken"),
        _ => well(asked),
    });
    let (s3, file) = (aws.s3().await, file());
    let error = s3.object("b", "k").upload_file(file.path()).config(config()).await.unwrap_err();
    assert!(error.is_access_denied() && error.code() == Some("AccessDenied"), "{error:?}");
    assert!(error.to_string().contains("`u1`"), "{error}");
    let left = error.source().unwrap().downcast_ref::<UnabortedUpload>().unwrap();
    assert_eq!((left.upload_id.as_str(), left.abort.code()), ("u1", Some("ExpiredToken")));
    assert_eq!(left.cause.code(), Some("AccessDenied"));
}

#[tokio::test]
async fn an_upload_dropped_at_any_request_is_aborted_though_its_scope_is_dropped_with_it() {
    let file = file();
    for (operation, reached) in [("UploadPart", 1), ("UploadPart", 3), ("CompleteMultipartUpload", 1)] {
        let aws = Scripted::new(move |asked| match asked.operation() == operation {
            true => Answer::Silence,
            false => well(asked),
        });
        let (path, session) = (file.path().to_owned(), aws.clone());
        let uploading = tokio::spawn(async move {
            let s3 = session.s3().await;
            s3.object("b", "k").upload_file(path).config(config()).await
        });
        aws.until_asked(operation, reached).await;
        uploading.abort();
        assert!(uploading.await.unwrap_err().is_cancelled());
        aws.until_asked("AbortMultipartUpload", 1).await;
        assert_eq!(aws.asked().pop().unwrap().parameter("uploadId"), Some("u1"));
    }
}

#[tokio::test]
async fn an_upload_dropped_while_it_is_being_created_is_aborted_once_its_id_is_known() {
    let answer = Arc::new(Notify::new());
    let later = Arc::clone(&answer);
    let aws = Scripted::new(move |asked| match asked.operation() {
        "CreateMultipartUpload" => Answer::After(Arc::clone(&later), Box::new(well(asked))),
        _ => well(asked),
    });
    let (file, session) = (file(), aws.clone());
    let path = file.path().to_owned();
    let uploading = tokio::spawn(async move {
        let s3 = session.s3().await;
        s3.object("b", "k").upload_file(path).config(config()).await
    });
    aws.until_asked("CreateMultipartUpload", 1).await;
    uploading.abort();
    assert!(uploading.await.is_err());
    assert_eq!(aws.count("AbortMultipartUpload"), 0);
    answer.notify_one();
    aws.until_asked("AbortMultipartUpload", 1).await;
    assert_eq!(aws.count("UploadPart"), 0);
}

/// Drops an upload whose parts are never answered, and closes its scope, which has to wait for the abort.
async fn require_closing_to_wait<U, C>(open: impl AsyncFnOnce(&Scripted, &Path) -> (U, C))
where
    U: Future,
    C: Future<Output = Result<(), Error>> + Send + 'static,
{
    let answer = Arc::new(Notify::new());
    let later = Arc::clone(&answer);
    let aws = Scripted::new(move |asked| match asked.operation() {
        "UploadPart" => Answer::Silence,
        "AbortMultipartUpload" => Answer::After(Arc::clone(&later), Box::new(well(asked))),
        _ => well(asked),
    });
    let file = file();
    let (upload, close) = open(&aws, file.path()).await;
    let mut upload = Box::pin(upload);
    tokio::select! {
        _ = &mut upload => unreachable!("a part is never answered"),
        () = aws.until_asked("UploadPart", 1) => {}
    }
    drop(upload);
    let closing = tokio::spawn(close);
    aws.until_asked("AbortMultipartUpload", 1).await;
    assert!(!closing.is_finished());
    answer.notify_one();
    closing.await.unwrap().unwrap();
}

#[tokio::test]
async fn closing_the_scope_waits_for_the_abort_of_a_dropped_upload() {
    require_closing_to_wait(async |aws, path| {
        let s3 = aws.s3().await;
        (s3.object("b", "k").upload_file(path).config(config()).into_future(), s3.close())
    })
    .await;
}

#[tokio::test]
async fn closing_the_scope_of_a_bare_client_waits_for_the_abort_of_a_dropped_upload() {
    require_closing_to_wait(async |aws, path| {
        let client = aws.client(S3).await.unwrap();
        (client.upload_file(path, "b", "k").config(config()).into_future(), client.close())
    })
    .await;
}

#[tokio::test]
async fn an_upload_of_a_bare_client_is_aborted_though_its_scope_is_dropped_with_it() {
    let aws = Scripted::new(|asked| match asked.operation() {
        "UploadPart" => Answer::Silence,
        _ => well(asked),
    });
    let (file, session) = (file(), aws.clone());
    let path = file.path().to_owned();
    let uploading = tokio::spawn(async move {
        let client = session.client(S3).await.unwrap();
        // A resource over a clone of the client is of the same scope.
        S3Resource::new(client.clone()).object("b", "k").upload_file(path).config(config()).await
    });
    aws.until_asked("UploadPart", 1).await;
    uploading.abort();
    assert!(uploading.await.unwrap_err().is_cancelled());
    aws.until_asked("AbortMultipartUpload", 1).await;
}

#[tokio::test]
async fn what_is_uploaded_from_memory_is_signed_unless_tls_and_a_checksum_protect_it() {
    let in_memory = vec![7; 6 << 20];
    for (aws, client, signed) in [
        (Scripted::new(well), ClientConfig::builder(), true),
        (Scripted::new(well).without_endpoint_url(), ClientConfig::builder(), false),
        (
            Scripted::new(well).without_endpoint_url(),
            ClientConfig::builder().s3_payload_signing_enabled(true),
            true,
        ),
        (
            Scripted::new(well).without_endpoint_url(),
            ClientConfig::builder().request_checksum_calculation(RequestChecksumCalculation::WhenRequired),
            true,
        ),
    ] {
        let shown = format!("{client:?}");
        let s3 = aws.resource(S3).config(client).await.unwrap();
        // A few bytes are signed sooner than it is said that they are not.
        for size in [9, 17 << 10, in_memory.len()] {
            s3.object("b", "k").upload_fileobj(&in_memory[..size]).config(config()).await.unwrap();
        }
        let bodies: Vec<_> = aws
            .asked()
            .into_iter()
            .filter(|asked| asked.method == "PUT")
            .map(|asked| asked.headers)
            .collect();
        assert_eq!(bodies.len(), 4);
        for (headers, is_tiny) in bodies.into_iter().zip([true, false, false, false]) {
            let unsigned = headers.contains("x-amz-content-sha256: UNSIGNED-PAYLOAD\n");
            assert_eq!(unsigned, !signed && !is_tiny, "{shown}: {headers}");
            assert!(unsigned <= headers.contains("x-amz-checksum-crc32: "), "{shown}: {headers}");
        }
    }
}

#[tokio::test]
async fn a_directory_has_no_more_requests_on_their_way_than_it_may_and_that_many() {
    let answer = Arc::new(Notify::new());
    let later = Arc::clone(&answer);
    let aws = Scripted::new(move |asked| Answer::After(Arc::clone(&later), Box::new(well(asked))));
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    for name in 0..8 {
        std::fs::write(directory.path().join(name.to_string()), "x").unwrap();
    }
    let three = TransferConfig::builder().max_concurrency(3).build().unwrap();
    let upload = s3.bucket("b").upload_directory(directory.path()).config(three).start().unwrap();
    for answered in 0..8 {
        aws.until_asked("PutObject", 8.min(answered + 3)).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(aws.count("PutObject"), 8.min(answered + 3));
        answer.notify_one();
    }
    assert_eq!(upload.await.unwrap().complete().unwrap(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_a_directory_are_sent_by_two_threads_at_the_same_time() {
    const PATIENCE: Duration = Duration::from_secs(60);
    let met = Arc::new((Mutex::new(0), Condvar::new()));
    let here = Arc::clone(&met);
    let aws = Scripted::new(move |asked| {
        // A thread that sends stays until another one does.
        let (sending, another) = &*here;
        let mut sending = sending.lock().unwrap();
        *sending += 1;
        another.notify_all();
        drop(another.wait_timeout_while(sending, PATIENCE, |sending| *sending < 2).unwrap());
        well(asked)
    });
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    for name in 0..8 {
        std::fs::write(directory.path().join(name.to_string()), "x").unwrap();
    }
    let begun = std::time::Instant::now();
    assert_eq!(s3.bucket("b").upload_directory(directory.path()).await.unwrap().complete().unwrap(), 8);
    assert!(begun.elapsed() < PATIENCE, "one thread sent all of them");
}

#[tokio::test]
async fn an_upload_that_meets_a_closed_scope_says_so_and_is_aborted() {
    let answer = Arc::new(Notify::new());
    let later = Arc::clone(&answer);
    let aws = Scripted::new(move |asked| match asked.operation() {
        "UploadPart" => Answer::After(Arc::clone(&later), Box::new(well(asked))),
        _ => well(asked),
    });
    let (s3, file) = (aws.s3().await, file());
    let one_by_one =
        TransferConfig::builder().part_size(ByteSize::mib(5)).max_concurrency(1).build().unwrap();
    let upload = s3.object("b", "k").upload_file(file.path()).config(one_by_one);
    let uploading = tokio::spawn(upload.into_future());
    aws.until_asked("UploadPart", 1).await;
    let closing = tokio::spawn(s3.close());
    while !closing.is_finished() && aws.count("UploadPart") < 2 {
        answer.notify_one();
        tokio::task::yield_now().await;
    }
    let error = uploading.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ScopeClosed, "{error:?}");
    closing.await.unwrap().unwrap();
    assert_eq!((aws.count("UploadPart"), aws.count("AbortMultipartUpload")), (1, 1));
}

#[tokio::test]
async fn closing_the_scope_waits_for_the_abort_of_an_upload_that_it_broke_off() {
    let (part, abort) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (part_later, abort_later) = (Arc::clone(&part), Arc::clone(&abort));
    let aws = Scripted::new(move |asked| match asked.operation() {
        "UploadPart" => Answer::After(Arc::clone(&part_later), Box::new(well(asked))),
        "AbortMultipartUpload" => Answer::After(Arc::clone(&abort_later), Box::new(well(asked))),
        _ => well(asked),
    });
    let (s3, file) = (aws.s3().await, file());
    let one_by_one =
        TransferConfig::builder().part_size(ByteSize::mib(5)).max_concurrency(1).build().unwrap();
    let upload = s3.object("b", "k").upload_file(file.path()).config(one_by_one);
    let uploading = tokio::spawn(upload.into_future());
    aws.until_asked("UploadPart", 1).await;
    let closing = tokio::spawn(s3.close());
    // The one thread polls what was spawned before it comes back here.
    tokio::task::yield_now().await;
    part.notify_one();
    aws.until_asked("AbortMultipartUpload", 1).await;
    assert!(!closing.is_finished());
    abort.notify_one();
    let error = uploading.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ScopeClosed, "{error:?}");
    closing.await.unwrap().unwrap();
    assert_eq!(aws.count("UploadPart"), 1);
}

#[tokio::test]
async fn nothing_is_begun_in_a_closed_scope() {
    let aws = Scripted::new(well);
    let (s3, file) = (aws.s3().await, file());
    let object = s3.object("b", "k");
    s3.close().await.unwrap();
    let error = object.upload_file(file.path()).config(config()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ScopeClosed);
    assert!(aws.asked().is_empty());
}

#[tokio::test]
async fn a_file_written_to_meanwhile_is_not_completed() {
    let file = Arc::new(file());
    let path = file.path().to_owned();
    let aws = Scripted::new(move |asked| {
        if asked.parameter("partNumber") == Some("3") {
            std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"more").unwrap();
        }
        well(asked)
    });
    let s3 = aws.s3().await;
    let error = s3.object("b", "k").upload_file(file.path()).config(config()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!((aws.count("CompleteMultipartUpload"), aws.count("AbortMultipartUpload")), (0, 1));
}

/// An upload in one request of a file of so many bytes that grows while it is sent.
async fn upload_of_a_growing_file(size: usize) -> (Result<u64, session_core::Error>, Scripted) {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&vec![7; size]).unwrap();
    let path = file.path().to_owned();
    let aws = Scripted::new(move |asked| {
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"more").unwrap();
        well(asked)
    });
    let config = TransferConfig::builder().multipart_threshold(ByteSize::mib(32)).build().unwrap();
    let uploaded = aws.s3().await.object("b", "k").upload_file(file.path()).config(config).await;
    (uploaded.map(|uploaded| uploaded.size), aws)
}

#[tokio::test]
async fn a_small_file_is_stored_as_it_was_read() {
    for size in [9, 300 << 10, 16 << 20] {
        let (uploaded, aws) = upload_of_a_growing_file(size).await;
        assert_eq!((uploaded.unwrap(), aws.asked()[0].body.len()), (size as u64, size));
    }
}

#[tokio::test]
async fn a_file_that_is_read_as_it_is_sent_and_written_to_meanwhile_is_stored_and_an_error() {
    let (uploaded, aws) = upload_of_a_growing_file((16 << 20) + 1).await;
    let error = uploaded.unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("written to"), "{error}");
    assert_eq!(aws.count("PutObject"), 1);
}

#[tokio::test]
async fn a_missing_file_and_a_directory_are_refused_before_anything_is_sent() {
    let aws = Scripted::new(well);
    let s3 = aws.s3().await;
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing");
    let error = s3.object("b", "k").upload_file(&missing).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Io && error.to_string().contains("missing"), "{error}");
    let error = s3.object("b", "k").upload_file(directory.path()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(aws.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_empty_file_is_one_put_and_one_report() {
    let aws = Scripted::new(well);
    let (s3, file) = (aws.s3().await, NamedTempFile::new().unwrap());
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let upload = s3.object("b", "k").upload_file(file.path());
    let upload = upload.progress(move |progress: Progress| listener.lock().unwrap().push(progress.total));
    let uploaded =
        tokio::time::timeout(Duration::from_secs(60), upload.into_future()).await.unwrap().unwrap();
    assert_eq!((uploaded.size, told.lock().unwrap().as_slice()), (0, [0].as_slice()));
    assert_eq!(aws.asked().len(), 1);
}

#[tokio::test]
async fn a_customers_key_goes_with_every_request_of_an_upload_that_wants_it() {
    let aws = Scripted::new(well);
    let (s3, file) = (aws.s3().await, file());
    let (film, key) = (s3.object("b", "k"), SseCustomerKey::new(b"01234567890123456789012345678901"));
    film.upload_file(file.path()).config(config()).sse_customer_key(key.clone()).await.unwrap();
    film.upload_fileobj(&vec![7; 6 << 20][..]).config(config()).sse_customer_key(key.clone()).await.unwrap();
    film.upload_fileobj(&b"little"[..]).sse_customer_key(key).await.unwrap();
    let told = [
        "x-amz-server-side-encryption-customer-algorithm: AES256\n",
        "x-amz-server-side-encryption-customer-key: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n",
        "x-amz-server-side-encryption-customer-key-md5: KYvwGXoFFJ42a2u2GDWhwQ==\n",
    ];
    let asked = aws.asked();
    assert_eq!(asked.len(), 5 + 4 + 1);
    for asked in asked {
        assert!(told.iter().all(|header| asked.headers.contains(header)), "{asked:?}");
    }
}

#[tokio::test]
async fn a_copy_has_the_keys_of_its_source_and_its_own() {
    let aws = Scripted::new(|asked| match asked.operation() {
        "HeadObject" => {
            let size = if asked.path.ends_with("little") { "9" } else { "12582912" };
            Answer::Reply(200, vec![("content-length", size.into())], Default::default())
        }
        "UploadPart" => Answer::ok("<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>"),
        "PutObject" => Answer::ok("<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>"),
        _ => well(asked),
    });
    let s3 = aws.s3().await;
    let (own, source) = (SseCustomerKey::new(&[1; 32]), SseCustomerKey::new(&[2; 32]));
    for name in ["little", "large"] {
        let copy = s3.object("b", "k").copy(&s3.object("b", name)).config(config());
        copy.sse_customer_key(own.clone()).copy_source_sse_customer_key(source.clone()).await.unwrap();
    }
    let encoded = |byte: &str| format!("customer-key: {}=\n", byte.repeat(11).split_at(43).0);
    let (own, source) = (encoded("AQEB"), encoded("AgIC"));
    for asked in aws.asked() {
        let (of_object, of_source) = (
            asked.headers.contains(&format!("x-amz-server-side-encryption-{own}")),
            asked.headers.contains(&format!("x-amz-copy-source-server-side-encryption-{source}")),
        );
        let expected = match asked.operation() {
            // What is asked about the source is asked with the source's key, as the object's own.
            "HeadObject" => {
                assert!(
                    asked.headers.contains(&format!("x-amz-server-side-encryption-{source}")),
                    "{asked:?}"
                );
                (false, false)
            }
            "CreateMultipartUpload" | "CompleteMultipartUpload" => (true, false),
            _ => (true, true),
        };
        assert_eq!((of_object, of_source), expected, "{asked:?}");
    }
    assert_eq!(aws.asked().len(), 2 + 6);
}

#[tokio::test]
async fn what_is_said_of_an_upload_goes_with_every_request_and_with_its_abort() {
    let aws = Scripted::new(|asked| match asked.operation() {
        "CompleteMultipartUpload" => Answer::s3_error(403, "AccessDenied"),
        _ => well(asked),
    });
    let (s3, file) = (aws.s3().await, file());
    let upload = s3.object("b", "k").upload_file(file.path()).config(config());
    let upload = upload.request_payer(RequestPayer::Requester).expected_bucket_owner("111122223333");
    assert_eq!(upload.await.unwrap_err().kind(), ErrorKind::AccessDenied);
    let asked = aws.asked();
    assert_eq!((asked.len(), aws.count("AbortMultipartUpload")), (6, 1));
    for asked in asked {
        for header in ["x-amz-request-payer: requester\n", "x-amz-expected-bucket-owner: 111122223333\n"] {
            assert!(asked.headers.contains(header), "{asked:?}");
        }
    }
}

#[tokio::test]
async fn a_copy_is_one_request_up_to_what_s3_copies_at_once_unless_a_threshold_is_said() {
    let gib = 1 << 30;
    for (size, said, parts) in [
        (5 * gib - 1, None, 0),
        (5 * gib, None, 640),
        (5 * gib - 1, Some(TransferConfig::default()), 640),
        (9, Some(TransferConfig::default()), 0),
    ] {
        let aws = Scripted::new(move |asked| match asked.operation() {
            "HeadObject" => {
                Answer::Reply(200, vec![("content-length", u64::to_string(&size))], Default::default())
            }
            "UploadPart" => Answer::ok("<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>"),
            "PutObject" => Answer::ok("<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>"),
            _ => well(asked),
        });
        let s3 = aws.s3().await;
        let mut copy = s3.object("b", "k").copy(&s3.object("a", "k"));
        if let Some(config) = said {
            copy = copy.config(config);
        }
        assert_eq!(copy.await.unwrap().size, size);
        assert_eq!((aws.count("UploadPart"), aws.count("PutObject")), (parts, usize::from(parts == 0)));
    }
}

#[tokio::test]
async fn a_copy_says_who_has_to_own_either_bucket() {
    let aws = Scripted::new(|asked| match asked.operation() {
        "HeadObject" => Answer::Reply(200, vec![("content-length", "12582912".into())], Default::default()),
        "UploadPart" => Answer::ok("<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>"),
        _ => well(asked),
    });
    let s3 = aws.s3().await;
    let copy = s3.object("b", "k").copy(&s3.object("a", "k")).config(config());
    copy.expected_bucket_owner("111122223333").expected_source_bucket_owner("444455556666").await.unwrap();
    for asked in aws.asked() {
        let owners = [
            "x-amz-expected-bucket-owner: 111122223333\n",
            "x-amz-source-expected-bucket-owner: 444455556666\n",
        ];
        let told = owners.map(|header| asked.headers.contains(header));
        let of_source_alone = asked.headers.contains("x-amz-expected-bucket-owner: 444455556666\n");
        let expected = match asked.operation() {
            "HeadObject" => ([false, false], true),
            "UploadPart" => ([true, true], false),
            _ => ([true, false], false),
        };
        assert_eq!((told, of_source_alone), expected, "{asked:?}");
    }
}
