//! Servers that do not listen to what they are sent.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use session_core::{Error, ErrorKind, RetryMode};

use crate::bodies::impatient;
use crate::server::{Act, Server, answer};
use crate::{config, s3};

const SLOW_DOWN: &str = "<Error><Code>SlowDown</Code></Error>";

/// More than the sockets between us take.
const LARGE: usize = 16 << 20;

async fn put_object(s3: &aws_sdk_s3::Client, body: ByteStream) -> Result<(), Error> {
    s3.put_object().bucket("b").key("k").body(body).send().await?;
    Ok(())
}

#[tokio::test]
async fn an_upload_that_is_refused_before_it_is_read_is_sent_again() {
    let server = Server::one_by_one([
        Act::Refuse(answer(503, &[("connection", "close")], SLOW_DOWN)),
        Act::Refuse(Vec::new()),
        Act::Answer(answer(200, &[], "")),
    ])
    .await;
    put_object(&*s3(&server, config()).await, vec![7; LARGE].into()).await.unwrap();
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn an_upload_of_a_file_that_nobody_reads_is_given_up_and_sent_again() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(LARGE as u64).unwrap();
    let server = Server::one_by_one([Act::Ignore, Act::Answer(answer(200, &[], ""))]).await;
    let body = ByteStream::from_path(file.path()).await.unwrap();
    put_object(&*s3(&server, impatient()).await, body).await.unwrap();
    assert_eq!(server.requests(), 2);

    let server = Server::always(Act::Ignore).await;
    let once = impatient().retry_mode(RetryMode::Off);
    let body = ByteStream::from_path(file.path()).await.unwrap();
    let error = put_object(&*s3(&server, once).await, body).await.unwrap_err();
    assert_eq!((error.kind(), server.requests()), (ErrorKind::Timeout, 1), "{}", crate::told(&error));
}

/// The SDK hands over bytes in memory at once, and then knows no more of them.
#[tokio::test]
async fn an_upload_of_bytes_that_nobody_reads_is_ended_by_the_time_out_of_its_attempt() {
    let server = Server::always(Act::Ignore).await;
    let short = config().operation_attempt_timeout(Duration::from_millis(200)).total_max_attempts(2);
    let error = put_object(&*s3(&server, short).await, vec![7; LARGE].into()).await.unwrap_err();
    // How far it came by then is the machine's affair: the checksum of so many bytes takes its time as well.
    assert_eq!(error.kind(), ErrorKind::Timeout);
}
