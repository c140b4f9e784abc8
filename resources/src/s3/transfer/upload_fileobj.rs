//! Uploading what a reader or a stream yields: one PutObject for a little, parts in parallel for more.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use aws_sdk_s3::types::CompletedPart;
use bytes::Bytes;
use session_core::{Error, ErrorKind};
use tokio::task::JoinSet;

use super::config::TransferConfig;
use super::handle::TransferHandle;
use super::headers::{Headers, header_settings};
use super::input::{Input, Yields};
use super::part::join;
use super::plan::{MOST_PARTS, part_size_of};
use super::progress::{Listener, Progress, Reporter};
use super::send::{self, UploadedObject, put};
use crate::s3::object::Object;
use crate::service::S3;

/// An upload of what a reader or a stream yields, which begins when it is awaited. Made by [`Object::upload_fileobj`] and
/// [`Object::upload_stream`].
///
/// What ends within one [`part_size`](TransferConfig::part_size) goes in one PutObject; more goes in a multipart upload of
/// equal parts, read one after the other and sent in parallel. Memory is at most `(max_concurrency + 1) * part_size`,
/// however slowly S3 takes them, and what a stream holds itself. Unless the client calculates checksums only when
/// required, every part carries a CRC32 that S3 checks, and is not signed over TLS besides.
///
/// The pieces of a stream are copied once, into their part, and not at all where a part lies within one piece. Such a
/// piece stays in memory as long as one of its parts is on its way.
///
/// A multipart upload has 10,000 parts at most: more than 10,000 times the part size, 78 GiB unless said, takes a
/// [`content_length`](Self::content_length), by which the parts grow, or larger parts.
///
/// # Errors
/// - [`Io`](ErrorKind::Io): the reader or stream failed, or ended before the promised length
/// - [`InvalidInput`](ErrorKind::InvalidInput): it yields more than was promised, or than 10,000 parts hold
/// - what S3 reports: the first error, after the multipart upload was aborted. If that failed, too, the source is an
///   [`UnabortedUpload`](super::UnabortedUpload)
///
/// # Cancellation
/// As that of [`UploadFile`](super::UploadFile). What was read is gone from the reader or stream.
#[must_use = "an upload begins when it is awaited"]
pub struct UploadFileobj<'r> {
    object: Object,
    yields: Yields<'r>,
    length: Option<u64>,
    config: TransferConfig,
    listener: Listener,
    headers: Headers,
}

impl<'r> UploadFileobj<'r> {
    pub(in crate::s3) fn new(object: Object, yields: Yields<'r>) -> Self {
        Self {
            object,
            yields,
            length: None,
            config: TransferConfig::default(),
            listener: Listener::default(),
            headers: Headers::default(),
        }
    }

    /// Part size and concurrency.
    pub fn config(mut self, config: TransferConfig) -> Self {
        self.config = config;
        self
    }

    /// How many bytes the reader or stream yields. It has to keep to it.
    pub fn content_length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }

    /// Is told how far the upload is; see [`Progress`]. A panic in it is caught, and ends the reports.
    pub fn progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
        self.listener = Listener::new(callback);
        self
    }

    header_settings!();

    async fn upload(self) -> Result<UploadedObject, Error> {
        let Self { object, yields, length, config, listener, headers } = self;
        let part_size = part_size_of(length.unwrap_or(0), &config)?;
        let mut progress = listener.begin(length.unwrap_or(0));
        let mut input = Input::new(yields, part_size, length);
        let first = input.part().await?;
        if first.len() < part_size {
            input.require_end(first.len())?;
            let size = first.len() as u64;
            if length.is_none() {
                progress.grew(size);
            }
            let uploaded = put(&object, size, first.into(), headers).await?;
            progress.arrived(size);
            return Ok(uploaded);
        }
        let (sent, unfinished) = send::Parts::begin(&object, headers).await?;
        let parts = Parts {
            sent: &sent,
            concurrency: config.max_concurrency(),
            grows: length.is_none(),
            on_their_way: JoinSet::new(),
            completed: Vec::new(),
            progress: &mut progress,
        };
        let outcome = match parts.all(first, &mut input).await {
            Ok(completed) => sent.complete(input.read(), completed).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(uploaded) => {
                unfinished.completed();
                Ok(uploaded)
            }
            Err(cause) => Err(unfinished.abort_for(cause).await),
        }
    }
}

impl UploadFileobj<'static> {
    /// Begins now, in a task of its own.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) outside of a tokio runtime.
    pub fn start(mut self) -> Result<TransferHandle<UploadedObject>, Error> {
        let shown = self.listener.show();
        TransferHandle::start(self.upload(), shown)
    }
}

impl<'r> IntoFuture for UploadFileobj<'r> {
    type Output = Result<UploadedObject, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'r>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.upload())
    }
}

impl fmt::Debug for UploadFileobj<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadFileobj")
            .field("object", &self.object)
            .field("content_length", &self.length)
            .field("config", &self.config)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// The parts of a multipart upload, as they come.
struct Parts<'u> {
    sent: &'u send::Parts,
    concurrency: usize,
    /// The length is not known before the end.
    grows: bool,
    on_their_way: JoinSet<Result<(CompletedPart, u64), Error>>,
    completed: Vec<CompletedPart>,
    progress: &'u mut Reporter,
}

impl Parts<'_> {
    /// Sends `first` and what follows it.
    ///
    /// # Errors
    /// The first error; no part is on its way by then.
    async fn all(mut self, first: Bytes, input: &mut Input<'_>) -> Result<Vec<CompletedPart>, Error> {
        let outcome = self.send(first, input).await;
        self.on_their_way.shutdown().await;
        outcome.map(|()| self.completed)
    }

    async fn send(&mut self, first: Bytes, input: &mut Input<'_>) -> Result<(), Error> {
        let mut part = first;
        for number in 1.. {
            if i64::from(number) > i64::try_from(MOST_PARTS).unwrap_or(i64::MAX) {
                let message =
                    "there is more than 10,000 parts hold: give its content_length, or a larger part_size";
                return Err(Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME));
            }
            let last = part.len() < input.part_size();
            if self.grows {
                self.progress.grew(part.len() as u64);
            }
            self.begin(number, part);
            if last {
                input.require_end(0)?;
                break;
            }
            part = self.next(input).await?;
            if part.is_empty() {
                input.require_end(0)?;
                break;
            }
        }
        while let Some(joined) = self.on_their_way.join_next().await {
            self.arrived(join(joined)?);
        }
        Ok(())
    }

    fn begin(&mut self, number: i32, body: Bytes) {
        let sent = self.sent.clone();
        self.on_their_way.spawn(async move {
            let size = body.len() as u64;
            Ok((sent.send(number, body.into()).await?, size))
        });
    }

    /// The next part, once there is room for it. A part that fails meanwhile is noticed at once.
    async fn next(&mut self, input: &mut Input<'_>) -> Result<Bytes, Error> {
        let mut read = None;
        loop {
            let full = self.on_their_way.len() >= self.concurrency;
            if !full && let Some(part) = read.take() {
                return Ok(part);
            }
            tokio::select! {
                part = input.part(), if read.is_none() => read = Some(part?),
                Some(joined) = self.on_their_way.join_next() => self.arrived(join(joined)?),
            }
        }
    }

    fn arrived(&mut self, (part, size): (CompletedPart, u64)) {
        self.completed.push(part);
        self.progress.arrived(size);
    }
}
