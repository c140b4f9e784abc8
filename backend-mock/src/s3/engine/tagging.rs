//! The tags of objects: up to 10 a version, changed without a new version.

use url::form_urlencoded;

use super::{Caller, Code, Engine, Error, ObjectKey, VersionId};

/// Tags in the order of their keys, each key once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TagSet(Box<[(String, String)]>);

impl TagSet {
    const MAX_TAGS: usize = 10;
    /// In UTF-16, as S3 counts.
    const MAX_KEY_UNITS: usize = 128;
    const MAX_VALUE_UNITS: usize = 256;
    const HEADER: &'static str = "x-amz-tagging";

    /// # Errors
    /// `BadRequest` for more than 10 tags; `InvalidTag` for a key that is there twice or is reserved, and for a key or
    /// value that is too long or has other characters than letters, digits, spaces and `+-=._:/@`.
    pub(crate) fn new(tags: impl IntoIterator<Item = (String, String)>) -> Result<Self, Error> {
        let mut tags: Vec<(String, String)> = tags.into_iter().collect();
        if tags.len() > Self::MAX_TAGS {
            return Err(Error::with_message(Code::BadRequest, "Object tags cannot be greater than 10"));
        }
        for (at, (key, value)) in tags.iter().enumerate() {
            let invalid =
                |message: &'static str| Error::with_message(Code::InvalidTag, message).with("TagKey", key);
            if tags[..at].iter().any(|(earlier, _)| earlier == key) {
                return Err(invalid("Cannot provide multiple Tags with the same key"));
            }
            if key.starts_with("aws:") {
                return Err(invalid("Your TagKey cannot be prefixed with aws:"));
            }
            if key.is_empty() || !is_valid(key, Self::MAX_KEY_UNITS) {
                return Err(invalid("The TagKey you have provided is invalid"));
            }
            if !is_valid(value, Self::MAX_VALUE_UNITS) {
                return Err(invalid("The TagValue you have provided is invalid").with("TagValue", value));
            }
        }
        tags.sort_unstable();
        Ok(Self(tags.into_boxed_slice()))
    }

    /// The tags of an `x-amz-tagging` header, encoded as a query is.
    ///
    /// # Errors
    /// `InvalidArgument` for a header that is no query or has a key twice; else as [`TagSet::new`].
    pub(crate) fn from_header(text: &str) -> Result<Self, Error> {
        let malformed = |pair: &str| pair.starts_with('=') || pair.matches('=').count() > 1;
        let malformed = !is_encoded(text) || text.split('&').any(malformed);
        let tags: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let repeated = tags
            .iter()
            .enumerate()
            .any(|(at, (key, _))| tags[..at].iter().any(|(earlier, _)| earlier == key));
        if malformed || repeated {
            let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters \
                           without tag name duplicates.";
            return Err(Error::invalid_argument(message, Self::HEADER, text));
        }
        Self::new(tags)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether every `%` begins an escape.
fn is_encoded(text: &str) -> bool {
    let mut escapes = text.split('%');
    escapes.next();
    escapes.all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

fn is_valid(text: &str, max_units: usize) -> bool {
    text.encode_utf16().count() <= max_units
        && text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "+-=._:/@".contains(c))
}

impl Engine {
    /// The tags of a version, and which it is.
    ///
    /// # Errors
    /// As for putting them; S3 names a key that is not there with its bucket.
    pub(crate) fn object_tags(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        version_id: Option<VersionId>,
    ) -> Result<(TagSet, Option<VersionId>), Error> {
        let of = self.bucket(caller, bucket)?;
        let object = of.object_to_change(key, version_id, "GET").map_err(|error| match error.code() {
            Code::NoSuchKey => Error::no_such_key(&format!("{bucket}/{key}")),
            _ => error,
        })?;
        Ok((object.tags.clone(), of.told_id(&object)))
    }

    /// Puts a set of tags in place of the version's; an empty one takes them away.
    ///
    /// # Errors
    /// `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker.
    pub(crate) fn put_object_tags(
        &mut self,
        caller: &Caller,
        bucket: &str,
        key: &ObjectKey,
        version_id: Option<VersionId>,
        tags: TagSet,
    ) -> Result<Option<VersionId>, Error> {
        let method = if tags.is_empty() { "DELETE" } else { "PUT" };
        let bucket = self.bucket_mut(caller, bucket)?;
        let object = bucket.object_to_change(key, version_id, method)?;
        bucket.objects.update(key, object.version_id, |object| object.tags = tags);
        Ok(bucket.told_id(&object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(tags: &[(&str, &str)]) -> Result<TagSet, Error> {
        TagSet::new(tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn a_set_keeps_the_rules() {
        let (long_key, long_value) = ("k".repeat(128), "é".repeat(256));
        assert!(set(&[(&long_key, &long_value), ("a b", "+-=._:/@"), ("e", "")]).is_ok());
        let (longer_key, longer_value) = ("k".repeat(129), "v".repeat(257));
        for (tags, message) in [
            (vec![("", "v")], "The TagKey you have provided is invalid"),
            (vec![(longer_key.as_str(), "v")], "The TagKey you have provided is invalid"),
            (vec![("k!", "v")], "The TagKey you have provided is invalid"),
            (vec![("k", longer_value.as_str())], "The TagValue you have provided is invalid"),
            (vec![("k", "v,")], "The TagValue you have provided is invalid"),
            (vec![("aws:k", "v")], "Your TagKey cannot be prefixed with aws:"),
            (vec![("k", "1"), ("k", "2")], "Cannot provide multiple Tags with the same key"),
        ] {
            let error = set(&tags).unwrap_err();
            assert_eq!((error.code(), error.message()), (Code::InvalidTag, message), "{tags:?}");
        }
        let eleven = (0..11).map(|n| (format!("k{n}"), String::new()));
        assert_eq!(TagSet::new(eleven).unwrap_err().code(), Code::BadRequest);
    }

    #[test]
    fn a_header_is_a_query_of_tags() {
        let tags = TagSet::from_header("foo=b+r&bar&caf%C3%A9=%2B").unwrap();
        assert_eq!(tags.iter().collect::<Vec<_>>(), [("bar", ""), ("café", "+"), ("foo", "b r")]);
        assert_eq!(TagSet::from_header("&a&&b=&").unwrap().len(), 2);
        for text in ["a=1&a=2", "TagSet=[{Key=a,Value=b}]", "=", "=a", "a%", "a%4", "a%zz=1"] {
            assert_eq!(TagSet::from_header(text).unwrap_err().code(), Code::InvalidArgument, "{text}");
        }
        assert_eq!(TagSet::from_header("a%5B=1").unwrap_err().code(), Code::InvalidTag);
    }
}
