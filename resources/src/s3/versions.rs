//! The versions of a bucket's objects, delete markers among them, as lazy streams.

use std::cmp::Reverse;

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{DeleteMarkerEntry, ObjectVersion as VersionEntry};
use aws_smithy_types::DateTime;
use session_core::Error;

use super::bucket::Bucket;
use super::collection_settings::collection_settings;
use super::delete::{self, DeletedObjects};
use super::listed::Listed;
use super::object_version::ObjectVersion;
use super::size_of;
use crate::collection::{Items, Pages};

/// The versions of the objects of a bucket, delete markers among them: by key, and of a key the newest first. A
/// description of what to ask for: nothing is sent before a stream of it is polled, and every stream asks anew.
///
/// # Source
/// S3 API reference, ListObjectVersions.
#[derive(Clone, Debug)]
#[must_use = "a collection sends nothing until a stream of it is polled"]
pub struct ObjectVersionCollection {
    bucket: Bucket,
    prefix: Option<String>,
    page_size: Option<i32>,
    limit: Option<usize>,
}

/// What a listing tells about a version.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Version {
    /// A version with an object's bytes.
    Object(VersionEntry),
    /// A marker that says that the object was deleted.
    DeleteMarker(DeleteMarkerEntry),
}

impl Version {
    /// Whether it says that the object was deleted.
    pub fn is_delete_marker(&self) -> bool {
        matches!(self, Self::DeleteMarker(_))
    }

    /// Whether it is what a request without a version id meets.
    pub fn is_latest(&self) -> bool {
        match self {
            Self::Object(entry) => entry.is_latest() == Some(true),
            Self::DeleteMarker(entry) => entry.is_latest() == Some(true),
        }
    }

    /// The size in bytes; 0 of a delete marker.
    pub fn size(&self) -> u64 {
        match self {
            Self::Object(entry) => size_of(entry.size()),
            Self::DeleteMarker(_) => 0,
        }
    }

    /// When it was written.
    pub fn last_modified(&self) -> Option<&DateTime> {
        match self {
            Self::Object(entry) => entry.last_modified(),
            Self::DeleteMarker(entry) => entry.last_modified(),
        }
    }
}

impl ObjectVersionCollection {
    pub(super) fn new(bucket: &Bucket) -> Self {
        Self { bucket: bucket.clone(), prefix: None, page_size: None, limit: None }
    }

    collection_settings! {
        prefix: "Only objects whose keys begin so.",
        page_size: "How many versions one request asks for, 1 to 1,000; 1,000 unless said.",
        limit: "At most so many versions; nothing is sent for none.",
    }

    /// A stream of pages.
    ///
    /// # Errors
    /// [`NotFound`](session_core::ErrorKind::NotFound) (code `NoSuchBucket`); the stream ends after its first error.
    pub fn pages(self) -> Pages<Vec<Listed<ObjectVersion, Version>>> {
        let Self { bucket, prefix, page_size, limit } = self;
        if limit == Some(0) {
            return Pages::none();
        }
        let first = bucket.client().list_object_versions().bucket(bucket.name()).set_prefix(prefix);
        let first = first.set_max_keys(page_size);
        let pages = Pages::following(first, move |request| {
            let bucket = bucket.clone();
            async move {
                let output = request.clone().send().await?;
                let next = (output.is_truncated() == Some(true)).then(|| {
                    request
                        .set_key_marker(output.next_key_marker.clone())
                        .set_version_id_marker(output.next_version_id_marker.clone())
                });
                Ok((in_order(&bucket, output), next))
            }
        });
        pages.at_most(limit)
    }

    /// A stream of versions, each with what the listing tells about it.
    ///
    /// # Errors
    /// As [`pages`](Self::pages).
    pub fn items(self) -> Items<Listed<ObjectVersion, Version>> {
        self.pages().into_items(|page| page)
    }

    /// Deletes all versions and delete markers of the collection for good, at most 1,000 a request, as the listing goes
    /// on.
    ///
    /// What S3 would not delete, such as a version under a lock, does not stop the others; it is among the
    /// [`failures`](DeletedObjects::failures).
    ///
    /// # Errors
    /// What the listing or a DeleteObjects as a whole reports. What was deleted before stays deleted.
    ///
    /// # Cancellation
    /// Dropping the future stops between two requests or within one; what S3 received is carried out.
    pub async fn delete(self) -> Result<DeletedObjects, Error> {
        let bucket = self.bucket.clone();
        let mut pages = self.pages();
        let mut deleted = DeletedObjects::default();
        while let Some(page) = pages.try_next().await? {
            let versions = page.iter().map(|version| (version.object().key(), Some(version.id())));
            delete::delete_versions(&bucket, versions, &mut deleted).await?;
        }
        Ok(deleted)
    }
}

/// What S3 sends as two lists, in the order that it has by its documentation.
fn in_order(bucket: &Bucket, output: ListObjectVersionsOutput) -> Vec<Listed<ObjectVersion, Version>> {
    let versions = output.versions.unwrap_or_default().into_iter().map(Version::Object);
    let markers = output.delete_markers.unwrap_or_default().into_iter().map(Version::DeleteMarker);
    let handle = |version: Version| {
        let (key, id) = match &version {
            Version::Object(entry) => (entry.key()?, entry.version_id()?),
            Version::DeleteMarker(entry) => (entry.key()?, entry.version_id()?),
        };
        Some(Listed::new(bucket.object(key).version(id), version))
    };
    let mut listed: Vec<_> = versions.chain(markers).filter_map(handle).collect();
    // Stable: of versions of one second each list's own order stays, which is the newest first.
    listed.sort_by(|a, b| {
        let by_time = |version: &Version| {
            Reverse((
                version.is_latest(),
                version.last_modified().map(|time| (time.secs(), time.subsec_nanos())),
            ))
        };
        let by_key = a.object().key().cmp(b.object().key());
        by_key.then_with(|| by_time(a.entry()).cmp(&by_time(b.entry())))
    });
    listed
}
