//! An object: its bytes, what is known of them, and the metadata that the writer gave.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::{Checksum, Code, Content, ETag, Error, ObjectChecksum, PartNumber};

/// An object as it was written; a later write puts another in its place.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) content: Content,
    pub(crate) etag: ETag,
    pub(crate) last_modified: SystemTime,
    pub(crate) checksum: ObjectChecksum,
    pub(crate) system_metadata: SystemMetadata,
    pub(crate) user_metadata: UserMetadata,
    pub(crate) storage_class: StorageClass,
    /// The parts of a completed multipart upload, in order; none when the object came in one piece.
    pub(crate) parts: Vec<ObjectPart>,
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
}

impl SystemMetadata {
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

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
