//! What is copied: an object, or a version of one.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::builders::HeadObjectFluentBuilder;
use aws_sdk_s3::types::Tag;
use session_core::Error;

use super::S3Resource;
use super::object::Object;
use super::object_version::ObjectVersion;
use crate::identifier::EmptyIdentifier;

/// What [`Object::copy_from`] and [`MultipartUploadPart::copy_from`](super::MultipartUploadPart::copy_from) copy: made of
/// an [`Object`] or an [`ObjectVersion`].
#[derive(Clone, Debug)]
pub struct CopySource {
    object: Object,
    version_id: Option<String>,
    /// Why nothing may be sent.
    empty: Option<EmptyIdentifier>,
}

impl CopySource {
    /// The header's value, and the resource that the request goes by: one that sends nothing, if the source is not named.
    pub(super) fn through(self, s3: &S3Resource) -> (String, S3Resource) {
        let mut header = encoded(self.object.bucket_name(), self.object.key());
        if let Some(id) = &self.version_id {
            header.push_str(&format!("?versionId={id}"));
        }
        (header, s3.unless(self.empty))
    }

    /// HeadObject of it, by `client` or its own.
    pub(super) fn head(&self, client: Option<&Client>) -> HeadObjectFluentBuilder {
        let s3 = self.object.s3().unless(self.empty);
        let head = client.unwrap_or(s3.client()).head_object().set_version_id(self.version_id.clone());
        head.bucket(self.object.bucket_name()).key(self.object.key())
    }

    /// Its tags, as a query.
    pub(super) async fn tags(&self, client: Option<&Client>) -> Result<String, Error> {
        let get = client.unwrap_or(self.object.client()).get_object_tagging();
        let get = get.set_version_id(self.version_id.clone());
        let tags = get.bucket(self.object.bucket_name()).key(self.object.key()).send().await?.tag_set;
        let pair =
            |tag: &Tag| format!("{}={}", percent_encoded(tag.key(), b""), percent_encoded(tag.value(), b""));
        Ok(tags.iter().map(pair).collect::<Vec<_>>().join("&"))
    }
}

impl From<&Object> for CopySource {
    fn from(object: &Object) -> Self {
        Self { object: object.clone(), version_id: None, empty: object.s3().empty }
    }
}

impl From<&ObjectVersion> for CopySource {
    fn from(version: &ObjectVersion) -> Self {
        let version_id = Some(version.id().to_owned());
        Self { object: version.object().clone(), version_id, empty: version.s3().empty }
    }
}

/// Bucket and key, percent-encoded but for the slashes.
fn encoded(bucket_name: &str, key: &str) -> String {
    format!("{bucket_name}/{}", percent_encoded(key, b"/"))
}

/// Percent-encoded but for what RFC 3986 calls unreserved, and `kept`.
fn percent_encoded(text: &str, kept: &[u8]) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_source_is_encoded_but_for_its_slashes() {
        assert_eq!(encoded("b", "a/b c+d é?.txt"), "b/a/b%20c%2Bd%20%C3%A9%3F.txt");
    }
}
