//! One request on its way through `s3s`: what it said that `s3s` does not hand on, and the error it met with.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use http::{Extensions, HeaderMap};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use super::header_names::HeaderNames;
use super::site::REDIRECT_LOCATION;
use super::{encryption, object_lock, tagging};
use crate::aws_chunked::Trailers;
use crate::context::RequestContext;
use crate::lock::locked;
use crate::s3::engine::{
    Caller, Content, Error, ObjectHeaders, ReadCondition, StorageClass, SystemMetadata, UserMetadata,
    WriteCondition,
};

/// A request's context and its headers as they came, in the extensions of the request that `s3s` reads.
#[derive(Clone, Debug)]
pub(super) struct Call(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    context: RequestContext,
    headers: HeaderMap,
    names: HeaderNames,
    trailers: Trailers,
    body_length: Option<u64>,
    refusal: Mutex<Option<Error>>,
    document: OnceLock<Content>,
    is_charged: AtomicBool,
}

impl Call {
    /// `headers` as the client sent them; `body_length` as it declared the decoded body's.
    pub(super) fn new(
        context: RequestContext,
        headers: HeaderMap,
        trailers: Trailers,
        body_length: Option<u64>,
    ) -> Self {
        let names = HeaderNames::of(&headers);
        Self(Arc::new(Inner {
            context,
            headers,
            names,
            trailers,
            body_length,
            refusal: Mutex::default(),
            document: OnceLock::new(),
            is_charged: AtomicBool::new(false),
        }))
    }

    fn of(extensions: &mut Extensions) -> S3Result<Self> {
        extensions.remove().ok_or_else(|| S3ErrorCode::InternalError.into())
    }

    pub(super) fn context(&self) -> &RequestContext {
        &self.0.context
    }

    /// The headers as the client sent them.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    pub(super) fn trailers(&self) -> &Trailers {
        &self.0.trailers
    }

    pub(super) fn body_length(&self) -> Option<u64> {
        self.0.body_length
    }

    /// The error that the operation met with: `s3s` keeps of it no more than a code and a message.
    pub(super) fn take_refusal(&self) -> Option<Error> {
        locked(&self.0.refusal).take()
    }

    /// Remembers the error for the answer, and makes `s3s` stop.
    pub(super) fn refuse(&self, error: Error) -> S3Error {
        *locked(&self.0.refusal) = Some(error);
        S3ErrorCode::InternalError.into()
    }

    /// Keeps the document that came as the body, for what `s3s` passes over.
    pub(super) fn keep_document(&self, document: &Content) {
        // A request has one body: what was kept is the same.
        let _ = self.0.document.set(document.clone());
    }

    /// The document that came as the body, if the request is about a configuration.
    pub(super) fn document(&self) -> Option<&Content> {
        self.0.document.get()
    }

    /// Remembers for the answer that the requester pays.
    pub(super) fn charge(&self) {
        self.0.is_charged.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_charged(&self) -> bool {
        self.0.is_charged.load(Ordering::Relaxed)
    }

    pub(super) fn caller(&self) -> Caller {
        let context = self.context();
        Caller {
            account_id: context.account_id.clone(),
            region: context.region.clone(),
            now: context.now,
            expected_bucket_owner: self.owned("x-amz-expected-bucket-owner"),
        }
    }

    /// A header's value, unless it is absent, empty or not text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.header_or_empty(name).filter(|value| !value.is_empty())
    }

    /// A header's value, for those headers that are wrong and not absent when they are empty.
    pub(super) fn header_or_empty(&self, name: &str) -> Option<&str> {
        if !self.0.names.may_have(name) {
            return None;
        }
        str::from_utf8(self.0.headers.get(name)?.as_bytes()).ok()
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.header(name).map(str::to_owned)
    }

    pub(super) fn boxed(&self, name: &str) -> Option<Box<str>> {
        self.header(name).map(Box::from)
    }

    /// A header that must be a number if it is there.
    pub(super) fn number<N: FromStr>(&self, name: &str) -> Result<Option<N>, Error> {
        let parse = |text: &str| {
            text.trim().parse().map_err(|_| {
                Error::invalid_argument(
                    format!("Provided {name} not an integer or within integer range"),
                    name,
                    text,
                )
            })
        };
        self.header(name).map(parse).transpose()
    }

    /// A date; one that is not written as HTTP does is no condition.
    fn date(&self, name: &str) -> Option<SystemTime> {
        SystemTime::try_from(DateTime::from_str(self.header(name)?, Format::HttpDate).ok()?).ok()
    }

    pub(super) fn read_condition(&self) -> ReadCondition {
        ReadCondition {
            if_match: self.owned("if-match"),
            if_none_match: self.owned("if-none-match"),
            if_modified_since: self.date("if-modified-since"),
            if_unmodified_since: self.date("if-unmodified-since"),
        }
    }

    pub(super) fn copy_source_condition(&self) -> ReadCondition {
        ReadCondition {
            if_match: self.owned("x-amz-copy-source-if-match"),
            if_none_match: self.owned("x-amz-copy-source-if-none-match"),
            if_modified_since: self.date("x-amz-copy-source-if-modified-since"),
            if_unmodified_since: self.date("x-amz-copy-source-if-unmodified-since"),
        }
    }

    pub(super) fn write_condition(&self) -> Result<WriteCondition, Error> {
        WriteCondition::new(self.header("if-match"), self.header("if-none-match"))
    }

    pub(super) fn storage_class(&self) -> Result<Option<StorageClass>, Error> {
        self.header("x-amz-storage-class").map(StorageClass::parse).transpose()
    }

    /// What the request says of the object that it makes, or begins.
    pub(super) fn object_headers(
        &self,
        content_encoding: Option<String>,
        metadata: Option<s3s::dto::Metadata>,
    ) -> Result<ObjectHeaders, Error> {
        let mut headers =
            ObjectHeaders::new(self.system_metadata(content_encoding), user_metadata(metadata)?);
        headers.storage_class = self.storage_class()?.unwrap_or_default();
        headers.tags = tagging::asked(self)?;
        headers.encryption = encryption::asked(self)?;
        headers.lock = object_lock::asked(self)?;
        Ok(headers)
    }

    /// The headers that S3 stores with an object; what is left of `Content-Encoding` once aws-chunked is gone.
    pub(super) fn system_metadata(&self, content_encoding: Option<String>) -> SystemMetadata {
        SystemMetadata {
            cache_control: self.boxed("cache-control"),
            content_disposition: self.boxed("content-disposition"),
            content_encoding: content_encoding.map(String::into_boxed_str),
            content_language: self.boxed("content-language"),
            content_type: self.boxed("content-type"),
            expires: self.boxed("expires"),
            website_redirect_location: self.boxed(REDIRECT_LOCATION),
        }
    }
}

/// The metadata of a request as `s3s` decoded it.
pub(super) fn user_metadata(metadata: Option<s3s::dto::Metadata>) -> Result<UserMetadata, Error> {
    UserMetadata::new(metadata.into_iter().flatten())
}

/// Runs an operation for `s3s`; its error goes into the call, and from there into the answer.
pub(super) async fn run<I, O, F>(
    mut request: S3Request<I>,
    operation: impl FnOnce(Call, I) -> F,
) -> S3Result<S3Response<O>>
where
    F: Future<Output = Result<S3Response<O>, Error>>,
{
    let call = Call::of(&mut request.extensions)?;
    operation(call.clone(), request.input).await.map_err(|error| call.refuse(error))
}
