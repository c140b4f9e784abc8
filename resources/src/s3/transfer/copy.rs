//! Copying an object within S3: one CopyObject for a small one, parts in parallel for a large one.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::operation::upload_part_copy::builders::UploadPartCopyFluentBuilder;
use aws_sdk_s3::types::CompletedPart;
use session_core::{Error, ErrorKind};

use super::access::{Access, WithAccess as _};
use super::config::{LARGEST_PART, TransferConfig};
use super::handle::TransferHandle;
use super::headers::{Headers, header_settings};
use super::part;
use super::plan::{Part, Parts};
use super::progress::{Listener, Progress};
use super::send::{self, UploadedObject};
use crate::s3::copy_source::CopySource;
use crate::s3::object::Object;
use crate::s3::size_of;
use crate::s3::sse_customer_key::{SseCustomerKey, WithSourceCustomerKey as _};

/// A copy to an object that begins when it is awaited. Made by [`Object::copy`].
///
/// Asks for the source's size, ETag and headers first. Below 5 GiB, or the
/// [`multipart_threshold`](TransferConfig::multipart_threshold) of a [`config`](Self::config), it is one CopyObject, else
/// a multipart upload of parts that S3 copies in parallel, of that very object; no byte passes through here. The copy has
/// the headers, metadata and tags of its source, in parts, too; what is said here replaces them one by one. The storage
/// class, encryption and access control list are the bucket's defaults unless said, as with CopyObject.
///
/// # Errors
/// - [`NotFound`](ErrorKind::NotFound): there is no such source
/// - [`ConditionFailed`](ErrorKind::ConditionFailed): the source was overwritten meanwhile
/// - what S3 reports: the first error, after the multipart upload was aborted. If that failed, too, the source is an
///   [`UnabortedUpload`](super::UnabortedUpload)
///
/// # Cancellation
/// As that of [`UploadFile`](super::UploadFile). A CopyObject that S3 has received is carried out.
///
/// # Source
/// boto3's `copy`, which loses metadata and tags in parts, and asks for the newest version's size.
#[derive(Debug)]
#[must_use = "a copy begins when it is awaited"]
pub struct CopyTo {
    object: Object,
    source: CopySource,
    source_access: Access,
    client: Option<Client>,
    config: Option<TransferConfig>,
    listener: Listener,
    headers: Headers,
}

impl CopyTo {
    pub(in crate::s3) fn new(object: Object, source: CopySource) -> Self {
        Self {
            object,
            source,
            source_access: Access::default(),
            client: None,
            config: None,
            listener: Listener::default(),
            headers: Headers::default(),
        }
    }

    /// Part size, threshold and concurrency; the defaults unless said, and a threshold of 5 GiB, the most that S3 copies
    /// at once.
    pub fn config(mut self, config: TransferConfig) -> Self {
        self.config = Some(config);
        self
    }

    /// The client that asks about the source, such as one of its region or of another identity.
    pub fn source_client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// The key of the customer's own that the source was stored with. That of the copy is
    /// [`sse_customer_key`](Self::sse_customer_key): S3 does not keep the one of the source.
    pub fn copy_source_sse_customer_key(mut self, key: SseCustomerKey) -> Self {
        self.source_access.sse_customer_key = Some(key);
        self
    }

    /// The account that has to own the source's bucket; S3 refuses every request if it is another's. The owner of the
    /// copy's is [`expected_bucket_owner`](Self::expected_bucket_owner).
    pub fn expected_source_bucket_owner(mut self, account_id: impl Into<String>) -> Self {
        self.source_access.expected_bucket_owner = Some(account_id.into());
        self
    }

    /// Is told how far the copy is; see [`Progress`]. A panic in it is caught, and ends the reports.
    pub fn progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
        self.listener = Listener::new(callback);
        self
    }

    header_settings!();

    /// Begins now, in a task of its own.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) outside of a tokio runtime.
    pub fn start(mut self) -> Result<TransferHandle<UploadedObject>, Error> {
        let shown = self.listener.show();
        TransferHandle::start(self.copy(), shown)
    }

    async fn copy(self) -> Result<UploadedObject, Error> {
        let Self { object, source, mut source_access, client, config, listener, mut headers } = self;
        source_access.request_payer = headers.access.request_payer.clone();
        let client = client.as_ref();
        let head = source.head(client).access(&source_access).send().await?;
        let size = size_of(head.content_length());
        let mut progress = listener.begin(size);
        let config = config.map_or_else(at_once, Ok)?;
        // Nothing cannot be cut into parts, and a threshold of more than 5 GiB there is not.
        let parts = if size == 0 { None } else { Parts::of_upload(size, &config)? };
        let Some(parts) = parts else {
            let copied = copy_whole(&object, source, &source_access, &head, headers).await?;
            progress.arrived(size);
            return Ok(copied);
        };
        if headers.tagging.is_none() && head.tag_count().unwrap_or(0) > 0 {
            headers.tagging = Some(source.tags(client).await?);
        }
        let headers = headers.or_those_of(&head);
        let (copied, unfinished) = send::Parts::begin_copy(&object, headers).await?;
        let mut completed = Vec::new();
        let transfer = |part: Part| {
            let copy = copied
                .copy(part.number, source.clone())
                .source_customer_key(source_access.sse_customer_key.as_ref());
            let copy = copy.set_expected_source_bucket_owner(source_access.expected_bucket_owner.clone());
            copy_part(copy.set_copy_source_if_match(head.e_tag.clone()), part)
        };
        let all = part::all(parts, config.max_concurrency(), transfer, |part, done| {
            completed.push(done);
            progress.arrived(part.length);
        });
        let outcome = match all.await {
            Ok(()) => copied.complete(size, completed).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(copied) => {
                unfinished.completed();
                Ok(copied)
            }
            Err(cause) => Err(unfinished.abort_for(cause).await),
        }
    }
}

impl IntoFuture for CopyTo {
    type Output = Result<UploadedObject, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.copy())
    }
}

/// No byte passes through here, so parts are for what S3 does not copy at once.
fn at_once() -> Result<TransferConfig, Error> {
    TransferConfig::builder().multipart_threshold(LARGEST_PART).build()
}

async fn copy_whole(
    object: &Object,
    source: CopySource,
    source_access: &Access,
    head: &HeadObjectOutput,
    headers: Headers,
) -> Result<UploadedObject, Error> {
    let copy = object.copy_from(source).source_customer_key(source_access.sse_customer_key.as_ref());
    let copy = copy.set_expected_source_bucket_owner(source_access.expected_bucket_owner.clone());
    let copy = copy.set_copy_source_if_match(head.e_tag.clone());
    let output = headers.on_copy(copy, head).send().await?;
    Ok(UploadedObject::of_copy(size_of(head.content_length()), output))
}

async fn copy_part(copy: UploadPartCopyFluentBuilder, part: Part) -> Result<CompletedPart, Error> {
    let range = format!("bytes={}-{}", part.offset, part.offset + part.length - 1);
    let output = copy.copy_source_range(range).send().await?;
    let missing = || Error::new(ErrorKind::Service, "the answer to UploadPartCopy has no result");
    let result = output.copy_part_result.ok_or_else(missing)?;
    Ok(CompletedPart::builder().part_number(part.number).set_e_tag(result.e_tag).build())
}
