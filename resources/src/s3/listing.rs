//! Collections: the buckets of an account and the objects of a bucket, as lazy streams.

use std::ops::Deref;

use aws_sdk_s3::types;
use aws_smithy_types::DateTime;
use session_core::Error;

use super::bucket::Bucket;
use super::collection_settings::collection_settings;
use super::delete::{self, DeletedObjects};
use super::object::Object;
use super::{S3Resource, size_of};
use crate::collection::{Items, Pages};

/// The buckets of an account. A description of what to ask for: nothing is sent before a stream of it is polled, and
/// every stream asks anew.
#[derive(Clone, Debug)]
#[must_use = "a collection sends nothing until a stream of it is polled"]
pub struct BucketCollection {
    s3: S3Resource,
    prefix: Option<String>,
    page_size: Option<i32>,
}

impl BucketCollection {
    pub(super) fn new(s3: &S3Resource) -> Self {
        Self { s3: s3.clone(), prefix: None, page_size: None }
    }

    collection_settings! {
        prefix: "Only buckets whose names begin so. A second call replaces the first.",
        page_size: "How many buckets one request asks for, 1 to 10,000; all of them unless said.",
    }

    /// A stream of pages.
    ///
    /// # Errors
    /// The stream ends after its first error.
    pub fn pages(self) -> Pages<Vec<Bucket>> {
        let Self { s3, prefix, page_size } = self;
        let request = s3.client().list_buckets().set_prefix(prefix).set_max_buckets(page_size);
        Pages::of(request.into_paginator().send(), move |output| {
            let names = output.buckets.unwrap_or_default().into_iter().filter_map(|bucket| bucket.name);
            names.map(|name| s3.bucket(name)).collect()
        })
    }

    /// A stream of buckets.
    ///
    /// # Errors
    /// The stream ends after its first error.
    pub fn items(self) -> Items<Bucket> {
        self.pages().into_items(|page| page)
    }
}

/// The objects of a bucket. A description of what to ask for: nothing is sent before a stream of it is polled, and
/// every stream asks anew. A setting made twice replaces itself.
///
/// # Source
/// S3 API reference, ListObjectsV2.
#[derive(Clone, Debug)]
#[must_use = "a collection sends nothing until a stream of it is polled"]
pub struct ObjectCollection {
    bucket: Bucket,
    prefix: Option<String>,
    delimiter: Option<String>,
    start_after: Option<String>,
    continuation_token: Option<String>,
    page_size: Option<i32>,
    limit: Option<usize>,
}

/// The most keys that S3 puts on a page, whatever is asked for.
const MOST_KEYS: i32 = 1_000;

impl ObjectCollection {
    pub(super) fn new(bucket: &Bucket) -> Self {
        Self {
            bucket: bucket.clone(),
            prefix: None,
            delimiter: None,
            start_after: None,
            continuation_token: None,
            page_size: None,
            limit: None,
        }
    }

    collection_settings! {
        prefix: "Only objects whose keys begin so.",
        page_size: "How many keys and common prefixes one request asks for, 1 to 1,000; 1,000 unless said, or as many as the limit.",
        limit: "At most so many objects; nothing is sent for none.",
    }

    /// Keys with this text after the prefix are not listed: what they share up to it is in
    /// [`ObjectPage::common_prefixes`].
    pub fn delimiter(mut self, delimiter: impl Into<String>) -> Self {
        self.delimiter = Some(delimiter.into());
        self
    }

    /// Only objects whose keys come after this one.
    pub fn start_after(mut self, key: impl Into<String>) -> Self {
        self.start_after = Some(key.into());
        self
    }

    /// Goes on behind a page of the same listing: with its [`next_continuation_token`](ObjectPage::next_continuation_token).
    pub fn continuation_token(mut self, token: impl Into<String>) -> Self {
        self.continuation_token = Some(token.into());
        self
    }

    /// A stream of pages.
    ///
    /// # Errors
    /// [`NotFound`](session_core::ErrorKind::NotFound) (code `NoSuchBucket`); the stream ends after its first error.
    pub fn pages(self) -> Pages<ObjectPage> {
        let Self { bucket, prefix, delimiter, start_after, continuation_token, page_size, limit } = self;
        if limit == Some(0) {
            return Pages::none();
        }
        // Common prefixes take places on a page, so with a delimiter the limit says nothing about the page.
        let few = limit.and_then(|limit| i32::try_from(limit).ok()).filter(|&few| few < MOST_KEYS);
        let page_size = page_size.or(few.filter(|_| delimiter.is_none()));
        let request = bucket
            .list_objects_v2()
            .set_prefix(prefix)
            .set_delimiter(delimiter)
            .set_start_after(start_after)
            .set_continuation_token(continuation_token)
            .set_max_keys(page_size);
        let pages =
            Pages::of(request.into_paginator().send(), move |output| ObjectPage::new(&bucket, output));
        match limit {
            None => pages,
            Some(mut left) => pages.until_last(move |page| {
                page.objects.truncate(left);
                left -= page.objects.len();
                left == 0
            }),
        }
    }

    /// A stream of objects, each with what the listing tells about it.
    ///
    /// # Errors
    /// [`NotFound`](session_core::ErrorKind::NotFound) (code `NoSuchBucket`); the stream ends after its first error.
    pub fn items(self) -> Items<ObjectSummary> {
        self.pages().into_items(|page| page.objects)
    }

    /// The first object, if there is one.
    ///
    /// # Errors
    /// As [`items`](Self::items).
    pub async fn first(self) -> Result<Option<ObjectSummary>, Error> {
        self.limit(1).items().try_next().await
    }

    /// A stream of what the keys share up to the [`delimiter`](Self::delimiter); none without one. The
    /// [`limit`](Self::limit) counts objects, so it does not count here.
    ///
    /// # Errors
    /// As [`items`](Self::items).
    pub fn common_prefixes(mut self) -> Items<String> {
        self.limit = None;
        self.pages().into_items(|page| page.common_prefixes)
    }

    /// Deletes all objects of the collection, at most 1,000 a request, as the listing goes on.
    ///
    /// Objects that S3 would not delete do not stop the others; they are among the
    /// [`failures`](DeletedObjects::failures). In a bucket with versioning this puts delete markers.
    ///
    /// # Errors
    /// What the listing or a DeleteObjects as a whole reports. Objects deleted before stay deleted.
    ///
    /// # Cancellation
    /// Dropping the future stops between two requests or within one; what S3 received is carried out.
    pub async fn delete(self) -> Result<DeletedObjects, Error> {
        let bucket = self.bucket.clone();
        let mut pages = self.pages();
        let mut deleted = DeletedObjects::default();
        while let Some(page) = pages.try_next().await? {
            let keys = page.objects.iter().map(ObjectSummary::key);
            delete::delete_keys(&bucket, keys, &mut deleted).await?;
        }
        Ok(deleted)
    }
}

/// One page of a listing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ObjectPage {
    /// The objects, in UTF-8 byte order of their keys.
    pub objects: Vec<ObjectSummary>,
    /// What the other keys share up to the delimiter, it included, in the same order.
    pub common_prefixes: Vec<String>,
    /// Where the listing goes on; none behind the last page.
    pub next_continuation_token: Option<String>,
}

impl ObjectPage {
    fn new(bucket: &Bucket, output: aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output) -> Self {
        let listed = output.contents.unwrap_or_default().into_iter();
        let prefixes = output.common_prefixes.unwrap_or_default().into_iter();
        Self {
            objects: listed.filter_map(|entry| ObjectSummary::new(bucket, entry)).collect(),
            common_prefixes: prefixes.filter_map(|common| common.prefix).collect(),
            next_continuation_token: output.next_continuation_token,
        }
    }
}

/// An object and what a listing tells about it. Is the [`Object`], for its actions.
#[derive(Clone, Debug)]
pub struct ObjectSummary {
    object: Object,
    entry: types::Object,
}

impl ObjectSummary {
    fn new(bucket: &Bucket, entry: types::Object) -> Option<Self> {
        let object = bucket.object(entry.key.as_deref()?);
        Some(Self { object, entry })
    }

    /// The object itself, for its actions.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// The object's key.
    pub fn key(&self) -> &str {
        self.object.key()
    }

    /// The object's size in bytes.
    pub fn size(&self) -> u64 {
        size_of(self.entry.size)
    }

    /// The object's ETag, in its quotation marks.
    pub fn e_tag(&self) -> Option<&str> {
        self.entry.e_tag()
    }

    /// When the object was written.
    pub fn last_modified(&self) -> Option<&DateTime> {
        self.entry.last_modified()
    }

    /// All that the listing told.
    pub fn entry(&self) -> &types::Object {
        &self.entry
    }
}

impl Deref for ObjectSummary {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.object
    }
}

impl From<ObjectSummary> for Object {
    fn from(summary: ObjectSummary) -> Self {
        summary.object
    }
}
