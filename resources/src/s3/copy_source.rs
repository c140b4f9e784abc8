//! What is copied: an object, or a version of one.

use super::S3Resource;
use super::object::Object;
use super::object_version::ObjectVersion;
use crate::identifier::EmptyIdentifier;

/// What [`Object::copy_from`] and [`MultipartUploadPart::copy_from`](super::MultipartUploadPart::copy_from) copy: made of
/// an [`Object`] or an [`ObjectVersion`].
#[derive(Clone, Debug)]
pub struct CopySource {
    /// The value of `x-amz-copy-source`.
    header: String,
    /// Why nothing may be sent.
    empty: Option<EmptyIdentifier>,
}

impl CopySource {
    /// The header's value, and the resource that the request goes by: one that sends nothing, if the source is not named.
    pub(super) fn through(self, s3: &S3Resource) -> (String, S3Resource) {
        (self.header, s3.unless(self.empty))
    }
}

impl From<&Object> for CopySource {
    fn from(object: &Object) -> Self {
        Self { header: encoded(object.bucket_name(), object.key()), empty: object.s3().empty }
    }
}

impl From<&ObjectVersion> for CopySource {
    fn from(version: &ObjectVersion) -> Self {
        let object = version.object();
        let header = encoded(object.bucket_name(), object.key());
        Self { header: format!("{header}?versionId={}", version.id()), empty: version.s3().empty }
    }
}

/// Bucket and key, percent-encoded but for the slashes.
fn encoded(bucket_name: &str, key: &str) -> String {
    let mut source = format!("{bucket_name}/");
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                source.push(char::from(byte));
            }
            _ => source.push_str(&format!("%{byte:02X}")),
        }
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_source_is_encoded_but_for_its_slashes() {
        assert_eq!(encoded("b", "a/b c+d é?.txt"), "b/a/b%20c%2Bd%20%C3%A9%3F.txt");
    }
}
