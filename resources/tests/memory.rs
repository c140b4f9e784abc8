//! What a transfer costs in memory over the cloud in memory: beside the engine's own copy at most one more in passing. And
//! what an item of a page that is there costs: nothing.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use backend_mock::MockAws;
use bytes::Bytes;
use futures_util::Stream;
use peak_alloc::PeakAlloc;
use resources::transfer::{ByteSize, TransferConfig};
use resources::{DynamoDb, Items, S3, S3Resource};
use session_core::{ResourceScope, SessionExt};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Whose memory is measured: one test at a time.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

const MIB: usize = 1 << 20;
const OBJECT: usize = 64 * MIB;
/// Buffers of the transfers, the SDK, the test harness and the runtime.
const SLACK: usize = 16 * MIB;

/// How far memory rose above what it is now while `work` ran, and what it is afterwards, in bytes.
async fn measured<R>(work: impl Future<Output = R>) -> (R, usize, usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let answer = work.await;
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    (answer, peak, ALLOCATOR.current_usage().saturating_sub(before))
}

#[tokio::test]
async fn a_file_goes_up_and_down_with_at_most_one_copy_beside_the_engine_s_own() {
    let _alone = ALONE.lock().await;
    let directory = tempfile::tempdir().unwrap();
    let (original, copy) = (directory.path().join("original"), directory.path().join("copy"));
    let mut file = std::fs::File::create(&original).unwrap();
    for block in 0..64_u8 {
        file.write_all(&vec![block; MIB]).unwrap();
    }
    let session = MockAws::new().session();
    let s3 = session.resource(S3).await.unwrap();
    let bucket = s3.bucket("films");
    bucket.create().send().await.unwrap();
    let film = bucket.object("metropolis");

    let (uploaded, peak, kept) = measured(film.upload_file(&original).into_future()).await;
    assert_eq!(uploaded.unwrap().size, OBJECT as u64);
    assert!((OBJECT - MIB..=OBJECT + SLACK).contains(&kept), "the engine keeps {kept} bytes");
    assert!(peak <= 2 * OBJECT + SLACK, "uploading took {peak} bytes at the peak");

    let (downloaded, peak, kept) = measured(film.download_file(&copy).into_future()).await;
    assert_eq!(downloaded.unwrap().size, OBJECT as u64);
    assert!(peak <= OBJECT + SLACK && kept <= SLACK, "downloading took {peak} at the peak and kept {kept}");
}

/// Yields bytes without end, and counts them.
struct Endless(Arc<AtomicUsize>);

impl AsyncRead for Endless {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.0.fetch_add(into.remaining(), Ordering::Relaxed);
        let room = into.remaining();
        into.initialize_unfilled_to(room).fill(7);
        into.advance(room);
        Poll::Ready(Ok(()))
    }
}

impl Stream for Endless {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        const PIECE: usize = 64 << 10;
        self.0.fetch_add(PIECE, Ordering::Relaxed);
        Poll::Ready(Some(Ok(vec![7; PIECE].into())))
    }
}

/// A server that begins an upload and never answers for its parts, and how many requests wait for it.
async fn stalled() -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let waiting = Arc::new(AtomicUsize::new(0));
    let came = Arc::clone(&waiting);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut head = vec![0; 16 << 10];
            let read = connection.read(&mut head).await.unwrap();
            if head[..read].starts_with(b"POST") {
                let body =
                    "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                connection.write_all(answer.as_bytes()).await.unwrap();
            } else {
                open.push(connection);
                came.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    (url, waiting)
}

/// S3 by a session for AWS, on a server that stalls.
async fn on_stalled() -> (ResourceScope<S3Resource>, Arc<AtomicUsize>) {
    let session = backend_aws::AwsSession::builder().aws_access_key_id("AKIDEXAMPLE");
    let session = session.aws_secret_access_key("secret").region_name("eu-west-1");
    let session = session.build().await.unwrap();
    let (url, waiting) = stalled().await;
    (session.resource(S3).endpoint_url(url).await.unwrap(), waiting)
}

#[tokio::test]
async fn an_upload_whose_peer_stalls_holds_one_part_more_than_are_on_their_way() {
    let _alone = ALONE.lock().await;
    let (s3, _) = on_stalled().await;
    let (concurrency, part_size) = (3, 8 * MIB);
    let config =
        TransferConfig::builder().part_size(ByteSize::mib(8)).max_concurrency(concurrency).build().unwrap();
    let most = (concurrency + 1) * part_size;
    let film = s3.object("films", "metropolis");
    for streamed in [false, true] {
        let read = Arc::new(AtomicUsize::new(0));
        let watch = async {
            let endless = Endless(Arc::clone(&read));
            let upload = match streamed {
                true => film.upload_stream(endless),
                false => film.upload_fileobj(endless),
            };
            let upload = upload.config(config).start().unwrap();
            while read.load(Ordering::Relaxed) < most {
                tokio::task::yield_now().await;
            }
            // As many chances again to read more than it may.
            for _ in 0..10_000 {
                tokio::task::yield_now().await;
            }
            upload.abort().await;
        };
        let ((), peak, _) = measured(watch).await;
        assert_eq!(read.load(Ordering::Relaxed), most);
        assert!(peak <= most + SLACK, "the upload took {peak} bytes at the peak");
    }
}

/// Waits until that many requests came, and gives more of them as many chances.
async fn until(waiting: &AtomicUsize, requests: usize) {
    while waiting.load(Ordering::Relaxed) < requests {
        tokio::task::yield_now().await;
    }
    for _ in 0..10_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(waiting.load(Ordering::Relaxed), requests);
}

#[tokio::test]
async fn files_and_directories_whose_peer_stalls_hold_the_parts_on_their_way() {
    let _alone = ALONE.lock().await;
    let directory = tempfile::tempdir().unwrap();
    let sized = |name: &str, size: usize| {
        let path = directory.path().join(name);
        std::fs::File::create(&path).unwrap().set_len(size as u64).unwrap();
        path
    };
    let large = sized("large", 40 * 8 * MIB);
    let small = directory.path().join("small");
    std::fs::create_dir(&small).unwrap();
    for number in 0..40 {
        sized(&format!("small/{number}"), 8 * MIB - 1);
    }
    let (concurrency, part_size) = (3, 8 * MIB);
    let config =
        TransferConfig::builder().part_size(ByteSize::mib(8)).max_concurrency(concurrency).build().unwrap();
    let most = (concurrency + 1) * part_size;

    let (s3, waiting) = on_stalled().await;
    let upload = s3.object("films", "metropolis").upload_file(large).config(config);
    let watch = async {
        let upload = upload.start().unwrap();
        until(&waiting, concurrency).await;
        upload.abort().await;
    };
    let ((), peak, _) = measured(watch).await;
    assert!(peak <= most + SLACK, "the file took {peak} bytes at the peak");

    let (s3, waiting) = on_stalled().await;
    let upload = s3.bucket("films").upload_directory(small).config(config);
    let watch = async {
        tokio::select! {
            _ = upload.into_future() => unreachable!("nobody answers"),
            () = until(&waiting, concurrency) => {}
        }
    };
    let ((), peak, _) = measured(watch).await;
    assert!(peak <= most + SLACK, "the directory took {peak} bytes at the peak");
}

/// How many items a page has.
const PAGE: usize = 200;

/// What the items of a page cost that are polled after the first, in bytes that were ever allocated more than before.
async fn cost_of_a_page<T: Unpin>(mut items: Items<T>) -> usize {
    let mut taken = Vec::with_capacity(PAGE);
    // The first item brings the page.
    taken.push(items.try_next().await.unwrap().unwrap());
    let mut cx = Context::from_waker(Waker::noop());
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    for _ in 1..PAGE {
        // Nothing is dropped meanwhile, which would hide what is allocated.
        let Poll::Ready(Some(Ok(item))) = Pin::new(&mut items).poll_next(&mut cx) else {
            unreachable!("an item of a page that is there takes one poll")
        };
        taken.push(item);
    }
    ALLOCATOR.peak_usage().saturating_sub(before)
}

#[tokio::test]
async fn an_item_of_a_page_that_is_there_costs_one_poll_and_no_allocation() {
    let _alone = ALONE.lock().await;
    let session = MockAws::new().session();
    let (s3, dynamodb) = (session.resource(S3).await.unwrap(), session.resource(DynamoDb).await.unwrap());
    let (films, orders) = (s3.bucket("films"), dynamodb.table("orders"));
    films.create().send().await.unwrap();
    use aws_sdk_dynamodb::types as t;
    let id = t::AttributeDefinition::builder().attribute_name("id").attribute_type(t::ScalarAttributeType::S);
    let key = t::KeySchemaElement::builder().attribute_name("id").key_type(t::KeyType::Hash).build().unwrap();
    let create = orders.create().attribute_definitions(id.build().unwrap()).key_schema(key);
    create.billing_mode(t::BillingMode::PayPerRequest).send().await.unwrap();
    let mut writer = orders.batch_writer();
    for number in 0..=PAGE {
        films.object(format!("{number:03}")).put().send().await.unwrap();
        writer.put_item([("id", t::AttributeValue::S(number.to_string()))]).await.unwrap();
    }
    writer.finish().await.unwrap();
    for upload in 0..=PAGE {
        films.object(format!("{upload:03}")).initiate_multipart_upload().send().await.unwrap();
    }

    // Other threads of the test harness may allocate in between; an item that does, does so every time.
    let mut least = [usize::MAX; 5];
    for _ in 0..10 {
        let costs = [
            cost_of_a_page(films.objects().items()).await,
            cost_of_a_page(films.object_versions().items()).await,
            cost_of_a_page(films.multipart_uploads().items()).await,
            cost_of_a_page(orders.scan_items(|scan| scan)).await,
            cost_of_a_page(
                orders.scan_items(|scan| scan).deserialize::<std::collections::BTreeMap<String, String>>(),
            )
            .await,
        ];
        for (least, cost) in least.iter_mut().zip(costs) {
            *least = cost.min(*least);
        }
    }
    assert_eq!(least, [0; 5]);
}
