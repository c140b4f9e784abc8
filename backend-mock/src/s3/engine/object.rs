//! An object: its bytes, what is known of them, and the metadata that the writer gave.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use super::{
    Checksum, Code, Content, ETag, Encryption, Error, ObjectAccess, ObjectChecksum, ObjectLock, PartNumber,
    TagSet, VersionId, whole_seconds,
};

/// An object as it was written; a later write puts another in its place, or on top of it.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) content: Content,
    pub(crate) etag: ETag,
    pub(crate) last_modified: SystemTime,
    pub(crate) checksum: ObjectChecksum,
    /// None, where there is none, so that an object without metadata costs nothing for it.
    system_metadata: Option<Arc<SystemMetadata>>,
    pub(crate) user_metadata: UserMetadata,
    pub(crate) storage_class: StorageClass,
    /// The parts of a completed multipart upload, in order; none when the object came in one piece.
    pub(crate) parts: Box<[ObjectPart]>,
    pub(crate) tags: TagSet,
    pub(crate) encryption: Encryption,
    pub(super) lock: Option<Box<ObjectLock>>,
    /// None when it is private to the owner of its bucket.
    pub(crate) access: Option<Box<ObjectAccess>>,
    pub(crate) version_id: VersionId,
    /// Which write to its bucket made it.
    pub(super) order: u64,
}

impl Object {
    /// An object that is yet to get its place among the versions of its key.
    pub(super) fn new(
        content: Content,
        etag: ETag,
        checksum: ObjectChecksum,
        headers: ObjectHeaders,
        now: SystemTime,
    ) -> Self {
        Self {
            content,
            etag,
            last_modified: whole_seconds(now),
            checksum,
            system_metadata: headers.system_metadata,
            user_metadata: headers.user_metadata,
            storage_class: headers.storage_class,
            parts: Box::default(),
            tags: headers.tags,
            encryption: headers.encryption.unwrap_or_default(),
            // The bucket has a say in it.
            lock: None,
            access: headers.access,
            version_id: VersionId::Null,
            order: 0,
        }
    }

    pub(crate) fn system_metadata(&self) -> &SystemMetadata {
        self.system_metadata.as_deref().unwrap_or(&SystemMetadata::NONE)
    }

    /// Lets go of metadata of its own that is the same as another object's.
    pub(super) fn share_metadata(&mut self, other: &Option<Arc<SystemMetadata>>) {
        if self.system_metadata == *other {
            self.system_metadata.clone_from(other);
        }
    }

    pub(super) fn shared_metadata(&self) -> &Option<Arc<SystemMetadata>> {
        &self.system_metadata
    }

    /// The metadata of a copy: all that this object has, but where a website redirects to is never copied.
    pub(super) fn metadata(&self, website_redirect_location: Option<Box<str>>) -> ObjectHeaders {
        let user_metadata = self.user_metadata.clone();
        if self.system_metadata().website_redirect_location == website_redirect_location {
            let system_metadata = self.system_metadata.clone();
            return ObjectHeaders { system_metadata, user_metadata, ..ObjectHeaders::default() };
        }
        let system = SystemMetadata { website_redirect_location, ..self.system_metadata().clone() };
        ObjectHeaders::new(system, user_metadata)
    }
}

impl Object {
    /// S3 keeps no checksum of its own of an upload in parts that only the customer can decrypt.
    pub(crate) fn tells_checksum(&self) -> bool {
        !(self.checksum.is_unasked() && matches!(self.encryption, Encryption::Customer(_)))
    }
}

/// What the request that makes an object, or begins its upload, says of it beside its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ObjectHeaders {
    pub(super) system_metadata: Option<Arc<SystemMetadata>>,
    pub(crate) user_metadata: UserMetadata,
    pub(crate) storage_class: StorageClass,
    pub(crate) tags: TagSet,
    /// None for what the bucket does with all that say nothing.
    pub(crate) encryption: Option<Encryption>,
    pub(crate) lock: ObjectLock,
    /// Set by the engine: none when it is private to the owner of its bucket.
    pub(super) access: Option<Box<ObjectAccess>>,
}

impl ObjectHeaders {
    /// Metadata alone.
    pub(crate) fn new(system: SystemMetadata, user: UserMetadata) -> Self {
        let system_metadata = (system != SystemMetadata::NONE).then(|| Arc::new(system));
        Self { system_metadata, user_metadata: user, ..Self::default() }
    }
}

/// Where one part of a completed multipart upload lies.
#[derive(Clone, Debug)]
pub(crate) struct ObjectPart {
    pub(crate) number: PartNumber,
    pub(crate) start: u64,
    pub(crate) size: u64,
    /// The part's own checksum, when the upload asked for one a part.
    pub(crate) checksum: Option<Checksum>,
}

/// The headers that S3 stores with an object and gives back as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SystemMetadata {
    pub(crate) cache_control: Option<Box<str>>,
    pub(crate) content_disposition: Option<Box<str>>,
    pub(crate) content_encoding: Option<Box<str>>,
    pub(crate) content_language: Option<Box<str>>,
    pub(crate) content_type: Option<Box<str>>,
    pub(crate) expires: Option<Box<str>>,
    /// Where a website sends those who ask for the object.
    pub(crate) website_redirect_location: Option<Box<str>>,
}

impl SystemMetadata {
    const NONE: Self = Self {
        cache_control: None,
        content_disposition: None,
        content_encoding: None,
        content_language: None,
        content_type: None,
        expires: None,
        website_redirect_location: None,
    };
    const DEFAULT_CONTENT_TYPE: &'static str = "binary/octet-stream";

    pub(crate) fn content_type(&self) -> &str {
        self.content_type.as_deref().unwrap_or(Self::DEFAULT_CONTENT_TYPE)
    }
}

/// The `x-amz-meta-` headers by their names without that prefix: at most 2 KB of names and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UserMetadata(BTreeMap<String, String>);

impl UserMetadata {
    const MAX_BYTES: usize = 2048;

    pub(crate) fn new(entries: impl IntoIterator<Item = (String, String)>) -> Result<Self, Error> {
        let entries: BTreeMap<String, String> = entries.into_iter().collect();
        let size: usize = entries.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > Self::MAX_BYTES {
            return Err(Error::new(Code::MetadataTooLarge)
                .with("Size", size)
                .with("MaxSizeAllowed", Self::MAX_BYTES));
        }
        Ok(Self(entries))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StorageClass {
    #[default]
    Standard,
    ReducedRedundancy,
    StandardIa,
    OnezoneIa,
    IntelligentTiering,
    Glacier,
    DeepArchive,
    GlacierIr,
}

impl StorageClass {
    const ALL: [Self; 8] = [
        Self::Standard,
        Self::ReducedRedundancy,
        Self::StandardIa,
        Self::OnezoneIa,
        Self::IntelligentTiering,
        Self::Glacier,
        Self::DeepArchive,
        Self::GlacierIr,
    ];

    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let class = Self::ALL.into_iter().find(|class| class.as_str() == text);
        class.ok_or_else(|| Error::new(Code::InvalidStorageClass).with("StorageClassRequested", text))
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::ReducedRedundancy => "REDUCED_REDUNDANCY",
            Self::StandardIa => "STANDARD_IA",
            Self::OnezoneIa => "ONEZONE_IA",
            Self::IntelligentTiering => "INTELLIGENT_TIERING",
            Self::Glacier => "GLACIER",
            Self::DeepArchive => "DEEP_ARCHIVE",
            Self::GlacierIr => "GLACIER_IR",
        }
    }

    /// Whether an object must be restored before it can be read.
    pub(crate) fn is_archive(self) -> bool {
        matches!(self, Self::Glacier | Self::DeepArchive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_without_a_body_costs_less_than_400_bytes_beside_its_key_and_its_metadata() {
        // Besides: the counts of its Arc, a checksum's allocation, the key's, and its place in a map that is half full.
        assert!(size_of::<Object>() <= 288, "{}", size_of::<Object>());
    }

    #[test]
    fn metadata_holds_two_kilobytes_and_no_more() {
        let metadata = |length| UserMetadata::new([("name".to_owned(), "v".repeat(length))]);
        assert!(metadata(2044).is_ok());
        assert_eq!(metadata(2045).unwrap_err().code(), Code::MetadataTooLarge);
    }

    #[test]
    fn storage_classes_that_no_bucket_takes_are_refused() {
        assert_eq!(StorageClass::parse("GLACIER_IR"), Ok(StorageClass::GlacierIr));
        for class in ["OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "standard"] {
            assert_eq!(StorageClass::parse(class).unwrap_err().code(), Code::InvalidStorageClass, "{class}");
        }
    }
}
