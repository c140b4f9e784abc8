//! The multipart uploads of a bucket that were neither completed nor aborted, and the parts of one, as lazy streams.

use aws_sdk_s3::types::{MultipartUpload as UploadEntry, Part};
use session_core::Error;

use super::bucket::Bucket;
use super::collection_settings::collection_settings;
use super::listed::Listed;
use super::multipart_upload::MultipartUpload;
use super::multipart_upload_part::MultipartUploadPart;
use crate::collection::{Items, Pages};

/// The multipart uploads of a bucket that were neither completed nor aborted, by key. A description of what to ask for:
/// nothing is sent before a stream of it is polled, and every stream asks anew.
///
/// # Source
/// S3 API reference, ListMultipartUploads.
#[derive(Clone, Debug)]
#[must_use = "a collection sends nothing until a stream of it is polled"]
pub struct MultipartUploadCollection {
    bucket: Bucket,
    prefix: Option<String>,
    page_size: Option<i32>,
    limit: Option<usize>,
}

impl MultipartUploadCollection {
    pub(super) fn new(bucket: &Bucket) -> Self {
        Self { bucket: bucket.clone(), prefix: None, page_size: None, limit: None }
    }

    collection_settings! {
        prefix: "Only uploads whose keys begin so.",
        page_size: "How many uploads one request asks for, 1 to 1,000; 1,000 unless said.",
        limit: "At most so many uploads; nothing is sent for none.",
    }

    /// A stream of pages.
    ///
    /// # Errors
    /// [`NotFound`](session_core::ErrorKind::NotFound) (code `NoSuchBucket`); the stream ends after its first error.
    pub fn pages(self) -> Pages<Vec<Listed<MultipartUpload, UploadEntry>>> {
        let Self { bucket, prefix, page_size, limit } = self;
        if limit == Some(0) {
            return Pages::none();
        }
        let first = bucket.list_multipart_uploads().set_prefix(prefix).set_max_uploads(page_size);
        let pages = Pages::following(first, move |request| {
            let bucket = bucket.clone();
            async move {
                let output = request.clone().send().await?;
                let next = (output.is_truncated() == Some(true)).then(|| {
                    request
                        .set_key_marker(output.next_key_marker.clone())
                        .set_upload_id_marker(output.next_upload_id_marker.clone())
                });
                let uploads = output.uploads.unwrap_or_default().into_iter().filter_map(|entry| {
                    let upload = bucket.object(entry.key()?).multipart_upload(entry.upload_id()?);
                    Some(Listed::new(upload, entry))
                });
                Ok((uploads.collect(), next))
            }
        });
        pages.at_most(limit)
    }

    /// A stream of uploads, each with what the listing tells about it.
    ///
    /// # Errors
    /// As [`pages`](Self::pages).
    pub fn items(self) -> Items<Listed<MultipartUpload, UploadEntry>> {
        self.pages().into_items(|page| page)
    }

    /// Aborts all uploads of the collection, one after the other, and says how many.
    ///
    /// # Errors
    /// What the listing or an AbortMultipartUpload reports. An upload that somebody else completed or aborted meanwhile
    /// is none. Uploads aborted before stay so.
    ///
    /// # Cancellation
    /// Dropping the future stops between two requests or within one; what S3 received is carried out.
    pub async fn abort(self) -> Result<usize, Error> {
        let mut uploads = self.items();
        let mut aborted = 0;
        while let Some(upload) = uploads.try_next().await? {
            match upload.abort().send().await.map_err(Error::from) {
                Ok(_) => aborted += 1,
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(aborted)
    }
}

/// The parts uploaded so far, by number. A description of what to ask for: nothing is sent before a stream of it is
/// polled, and every stream asks anew.
///
/// # Source
/// S3 API reference, ListParts.
#[derive(Clone, Debug)]
#[must_use = "a collection sends nothing until a stream of it is polled"]
pub struct MultipartUploadPartCollection {
    upload: MultipartUpload,
    page_size: Option<i32>,
    limit: Option<usize>,
}

impl MultipartUploadPartCollection {
    pub(super) fn new(upload: &MultipartUpload) -> Self {
        Self { upload: upload.clone(), page_size: None, limit: None }
    }

    collection_settings! {
        page_size: "How many parts one request asks for, 1 to 1,000; 1,000 unless said.",
        limit: "At most so many parts; nothing is sent for none.",
    }

    /// A stream of pages.
    ///
    /// # Errors
    /// [`NotFound`](session_core::ErrorKind::NotFound) (code `NoSuchUpload`); the stream ends after its first error.
    pub fn pages(self) -> Pages<Vec<Listed<MultipartUploadPart, Part>>> {
        let Self { upload, page_size, limit } = self;
        if limit == Some(0) {
            return Pages::none();
        }
        let request = upload.list_parts().set_max_parts(page_size);
        let pages = Pages::of(request.into_paginator().send(), move |output| {
            let parts = output.parts.unwrap_or_default().into_iter();
            parts.filter_map(|entry| Some(Listed::new(upload.part(entry.part_number()?), entry))).collect()
        });
        pages.at_most(limit)
    }

    /// A stream of parts, each with what the listing tells about it.
    ///
    /// # Errors
    /// As [`pages`](Self::pages).
    pub fn items(self) -> Items<Listed<MultipartUploadPart, Part>> {
        self.pages().into_items(|page| page)
    }
}
