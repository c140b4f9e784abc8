//! The ranges of one very object: asked for again where a body breaks off, and noticed when the object changes.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use bytes::{Bytes, BytesMut};
use session_core::{Error, ErrorKind};

use super::access::Source;
use super::config::TransferConfig;
use super::download::DownloadedObject;
use super::plan::{Part, Parts};
use crate::backoff::Backoff;
use crate::s3::size_of;
use crate::service::S3;

/// The pauses before a part that broke off is asked for again.
const PART_BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

/// An object as it was when its transfer began.
pub(super) struct Ranges {
    source: Source,
    e_tag: Option<String>,
    /// The only part is asked for without a range.
    whole: bool,
    attempts: u32,
}

/// A download that has begun: what the first answer told, and the first part of the body.
pub(super) struct Begun {
    pub(super) ranges: Arc<Ranges>,
    pub(super) downloaded: DownloadedObject,
    pub(super) parts: Parts,
    /// The body of the first part; none of an empty object.
    pub(super) first: Option<ByteStream>,
}

impl Begun {
    /// Asks for the first part, whose answer says which object this is and how large. For an object that is known to be no
    /// larger than a part it asks without a range: then S3 sends the checksum of the whole, which the client compares.
    ///
    /// # Errors
    /// What GetObject reports.
    pub(super) async fn of(
        source: Source,
        config: &TransferConfig,
        size: Option<u64>,
    ) -> Result<Self, Error> {
        let part_size = config.part_size().as_u64();
        let whole = size.is_some_and(|size| size <= part_size);
        let first = (!whole).then(|| format!("bytes=0-{}", part_size - 1));
        let get = source.get().set_range(first);
        let (downloaded, part_size, first) = match get.send().await.map_err(Error::from) {
            Ok(output) => {
                // `bytes 0-9/20`; a server without ranges sends everything, in one part then.
                let total =
                    output.content_range().and_then(|range| range.rsplit_once('/')?.1.parse::<u64>().ok());
                let size = total.unwrap_or_else(|| size_of(output.content_length()));
                let part_size = if total.is_some() { part_size } else { size.max(1) };
                let (e_tag, version_id) = (output.e_tag, output.version_id);
                (DownloadedObject { size, e_tag, version_id }, part_size, Some(output.body))
            }
            // Nothing has no first byte.
            Err(error) if error.code() == Some("InvalidRange") => {
                let head = source.head().send().await?;
                let size = size_of(head.content_length());
                let (e_tag, version_id) = (head.e_tag, head.version_id);
                (DownloadedObject { size, e_tag, version_id }, part_size, None)
            }
            Err(error) => return Err(error),
        };
        let parts = Parts::of_download(downloaded.size, part_size);
        let (e_tag, attempts) = (downloaded.e_tag.clone(), config.part_attempts());
        let ranges = Arc::new(Ranges { source, e_tag, whole, attempts });
        Ok(Self { ranges, downloaded, parts, first })
    }
}

impl Ranges {
    /// Fetches one part and has it received, again and again if its body breaks off. A part whose body is there already is
    /// asked for only then.
    pub(super) async fn fetch<T, F>(
        &self,
        part: Part,
        mut body: Option<ByteStream>,
        receive: impl Fn(ByteStream) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut backoff = PART_BACKOFF;
        let mut attempt = 1;
        loop {
            let body = match body.take() {
                Some(body) => body,
                None => self.ask(part).await?,
            };
            // The client has retried the request already; what breaks off here is a body.
            let broken = match receive(body).await {
                Err(error) if error.is_retryable() && attempt < self.attempts => error,
                outcome => return outcome,
            };
            tracing::debug!(object = ?self.source.object, part = part.number, attempt, error = %broken, "a part broke off");
            attempt += 1;
            backoff.pause(self.source.object.client().config().sleep_impl()).await;
        }
    }

    async fn ask(&self, part: Part) -> Result<ByteStream, Error> {
        let range = || format!("bytes={}-{}", part.offset, part.offset + part.length - 1);
        let get = self.source.get().set_range((!self.whole).then(range));
        let answer = get.set_if_match(self.e_tag.clone()).send().await;
        Ok(answer
            .map_err(|error| match &self.e_tag {
                Some(e_tag) => changed(e_tag, error.into()),
                None => error.into(),
            })?
            .body)
    }
}

/// The bytes of a part; as many as promised, or it broke off.
pub(super) async fn gather(part: Part, mut body: ByteStream) -> Result<Bytes, Error> {
    let length = usize::try_from(part.length).map_err(std::io::Error::other)?;
    let mut gathered = BytesMut::new();
    while let Some(bytes) = body.try_next().await? {
        if gathered.is_empty() && bytes.len() == length {
            // It came in one piece, and that may be all of it.
            match body.try_next().await? {
                None => return Ok(bytes),
                Some(more) => part.require_whole((bytes.len() + more.len()) as u64)?,
            }
        }
        if gathered.len() + bytes.len() > length {
            part.require_whole((gathered.len() + bytes.len()) as u64)?;
        }
        gathered.reserve(length - gathered.len());
        gathered.extend_from_slice(&bytes);
    }
    part.require_whole(gathered.len() as u64)?;
    Ok(gathered.freeze())
}

impl Part {
    /// Whether so many bytes are all of the part.
    ///
    /// # Errors
    /// One that is worth another attempt.
    pub(super) fn require_whole(self, received: u64) -> Result<(), Error> {
        if received == self.length {
            return Ok(());
        }
        let message = format!("the body of part {} has not the {} bytes asked for", self.number, self.length);
        Err(Error::new(ErrorKind::Dispatch, message).with_service(S3::NAME).with_operation("GetObject"))
    }
}

/// An object was overwritten or deleted while it was downloaded. In the source of the [`Error`].
#[derive(Debug)]
#[non_exhaustive]
pub struct ObjectChanged {
    /// The ETag of the object that was being downloaded.
    pub e_tag: String,
    /// What S3 answered when that object was asked for.
    pub answer: Error,
}

impl fmt::Display for ObjectChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the object with the ETag {} is no longer there", self.e_tag)
    }
}

impl StdError for ObjectChanged {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.answer)
    }
}

/// What S3 answered to a request for more of the object under this ETag, which was there a moment ago: a failed
/// precondition, or nothing, means it changed.
pub(in crate::s3) fn changed(e_tag: &str, answer: Error) -> Error {
    if !answer.is_condition_failed() && !answer.is_not_found() {
        return answer;
    }
    let message = "the object was overwritten or deleted while it was downloaded";
    let mut error = Error::new(ErrorKind::ConditionFailed, message).with_service(S3::NAME);
    if let Some(code) = answer.code() {
        error = error.with_code(code);
    }
    let e_tag = e_tag.to_owned();
    error.with_operation("GetObject").with_source(ObjectChanged { e_tag, answer })
}
