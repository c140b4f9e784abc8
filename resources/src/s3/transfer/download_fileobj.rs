//! Downloading an object to a writer: parallel ranges of one version, written in their order.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use session_core::{Error, ErrorKind};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::task::JoinSet;

use super::access::{Source, access_settings, source_settings};
use super::config::TransferConfig;
use super::download::DownloadedObject;
use super::handle::TransferHandle;
use super::part::join;
use super::plan::Part;
use super::progress::{Listener, Progress};
use super::ranges::{Begun, Ranges, gather};
use crate::s3::object::Object;

/// A download to a writer that begins when it is awaited. Made by [`Object::download_fileobj`].
///
/// Asks for the first part, whose answer tells the object's size and ETag, and for the others, ranges of that very object, in
/// parallel; they are written one behind the other and flushed. Memory is at most `(max_concurrency + 1) * part_size`, however slowly the writer takes
/// them: a range is asked for when there is room for it.
///
/// # Errors
/// - [`Io`](ErrorKind::Io): the writer failed
/// - the others of [`DownloadFile`](super::DownloadFile)
///
/// What was written before an error stays written.
///
/// # Cancellation
/// Dropping the future ends all requests. Whole parts may have been written, and a piece of the next.
#[must_use = "a download begins when it is awaited"]
pub struct DownloadFileobj<'w> {
    source: Source,
    writer: Pin<Box<dyn AsyncWrite + Send + 'w>>,
    config: TransferConfig,
    listener: Listener,
}

impl<'w> DownloadFileobj<'w> {
    pub(in crate::s3) fn new(object: Object, writer: impl AsyncWrite + Send + 'w) -> Self {
        let (config, listener) = (TransferConfig::default(), Listener::default());
        Self { source: Source::new(object), writer: Box::pin(writer), config, listener }
    }

    /// Part size, concurrency and attempts.
    pub fn config(mut self, config: TransferConfig) -> Self {
        self.config = config;
        self
    }

    /// Is told how far the download is; see [`Progress`]. A panic in it is caught, and ends the reports.
    pub fn progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
        self.listener = Listener::new(callback);
        self
    }

    source_settings!();

    async fn download(self) -> Result<DownloadedObject, Error> {
        let Self { source, mut writer, config, listener } = self;
        let Begun { ranges, downloaded, parts, mut first } = Begun::of(source, &config, None).await?;
        let mut progress = listener.begin(downloaded.size);
        let mut waiting = parts.iter();
        let mut window = Window::default();
        loop {
            // What waits to be written takes its place in the window, too.
            while window.len() < config.max_concurrency() {
                let Some(part) = waiting.next() else { break };
                window.ask(&ranges, part, first.take());
            }
            let Some(bytes) = window.next().await? else { break };
            writer.write_all(&bytes).await.map_err(write_failed)?;
            progress.arrived(bytes.len() as u64);
        }
        writer.flush().await.map_err(write_failed)?;
        if downloaded.size == 0 {
            progress.arrived(0);
        }
        Ok(downloaded)
    }
}

impl DownloadFileobj<'static> {
    /// Begins now, in a task of its own.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) outside of a tokio runtime.
    pub fn start(mut self) -> Result<TransferHandle<DownloadedObject>, Error> {
        let shown = self.listener.show();
        TransferHandle::start(self.download(), shown)
    }
}

impl<'w> IntoFuture for DownloadFileobj<'w> {
    type Output = Result<DownloadedObject, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'w>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.download())
    }
}

impl fmt::Debug for DownloadFileobj<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadFileobj")
            .field("source", &self.source)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

fn write_failed(why: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("writing what was downloaded failed: {why}")).with_source(why)
}

/// Parts that were asked for and not yet written, in their order.
#[derive(Default)]
struct Window {
    places: VecDeque<Place>,
    on_their_way: JoinSet<Result<(i32, Bytes), Error>>,
}

struct Place {
    number: i32,
    /// None while the part is on its way.
    bytes: Option<Bytes>,
}

impl Window {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn ask(&mut self, ranges: &Arc<Ranges>, part: Part, begun: Option<ByteStream>) {
        let ranges = Arc::clone(ranges);
        self.places.push_back(Place { number: part.number, bytes: None });
        self.on_their_way.spawn(async move {
            let bytes = ranges.fetch(part, begun, |body| gather(part, body)).await?;
            Ok((part.number, bytes))
        });
    }

    /// The bytes of the first part; none if there is no part.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            match self.places.front_mut() {
                None => return Ok(None),
                Some(place) if place.bytes.is_some() => {
                    return Ok(self.places.pop_front().and_then(|place| place.bytes));
                }
                Some(_) => {}
            }
            let Some(joined) = self.on_their_way.join_next().await else { return Ok(None) };
            let (number, bytes) = join(joined)?;
            if let Some(place) = self.places.iter_mut().find(|place| place.number == number) {
                place.bytes = Some(bytes);
            }
        }
    }
}
