//! The tags of a bucket.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::s3::engine::{Caller, Code, Engine, Error};

/// How many tags a bucket has at most.
const MAX_TAGS: usize = 50;

/// The longest name and value of a tag, in UTF-16 units.
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;

/// Names and values, in the order in which they were put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tagging(Vec<(String, String)>);

impl Tagging {
    /// # Errors
    /// `InvalidTag` for a name or a value that no tag may have, or a name that comes twice; `BadRequest` for too many.
    pub(crate) fn new(tags: Vec<(String, String)>) -> Result<Self, Error> {
        if tags.len() > MAX_TAGS {
            return Err(Error::with_message(
                Code::BadRequest,
                format!("Bucket tag count cannot be greater than {MAX_TAGS}"),
            ));
        }
        let mut names = BTreeSet::new();
        for (name, value) in &tags {
            let invalid =
                |message: &'static str| Error::with_message(Code::InvalidTag, message).with("TagKey", name);
            if name.is_empty() || name.encode_utf16().count() > MAX_KEY || !is_plain(name) {
                return Err(invalid("The TagKey you have provided is invalid"));
            }
            if value.encode_utf16().count() > MAX_VALUE || !is_plain(value) {
                return Err(Error::with_message(
                    Code::InvalidTag,
                    "The TagValue you have provided is invalid",
                )
                .with("TagKey", name)
                .with("TagValue", value));
            }
            if name.to_ascii_lowercase().starts_with("aws:") {
                return Err(invalid("System tags cannot be added/updated by requester"));
            }
            if !names.insert(name) {
                return Err(invalid("Cannot provide multiple Tags with the same key"));
            }
        }
        Ok(Self(tags))
    }

    pub(crate) fn tags(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Letters, digits and spaces of any language, and `+ - = . _ : / @`.
fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "+-=._:/@".contains(c))
}

impl Engine {
    /// # Errors
    /// `NoSuchTagSet`.
    pub(crate) fn bucket_tagging(&self, caller: &Caller, bucket: &str) -> Result<&Arc<Tagging>, Error> {
        let tagging = self.configuration(caller, bucket)?.tagging.as_ref();
        tagging.ok_or_else(|| Error::new(Code::NoSuchTagSet).with("BucketName", bucket))
    }

    /// Puts all tags in place of those before, or takes them away.
    pub(crate) fn put_bucket_tagging(
        &mut self,
        caller: &Caller,
        bucket: &str,
        tagging: Option<Tagging>,
    ) -> Result<(), Error> {
        let tagging = tagging.filter(|tagging| !tagging.0.is_empty());
        self.configuration_mut(caller, bucket)?.tagging = tagging.map(Arc::new);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_keep_the_rules() {
        let tagging = |name: &str, value: &str| Tagging::new(vec![(name.to_owned(), value.to_owned())]);
        assert!(tagging("größe", "a+b=c/@ _:.-").is_ok());
        assert!(tagging(&"k".repeat(128), &"v".repeat(256)).is_ok());
        for (name, value) in
            [("", "v"), (&"k".repeat(129), "v"), ("k", &"v".repeat(257)), ("k", "<"), ("AWS:k", "v")]
        {
            assert_eq!(tagging(name, value).unwrap_err().code(), Code::InvalidTag, "{name}={value}");
        }
        let many = |count: usize| (0..count).map(|n| (n.to_string(), String::new())).collect();
        assert!(Tagging::new(many(50)).is_ok());
        assert_eq!(Tagging::new(many(51)).unwrap_err().code(), Code::BadRequest);
        let twice = vec![("a".to_owned(), String::new()), ("a".to_owned(), String::new())];
        assert_eq!(Tagging::new(twice).unwrap_err().code(), Code::InvalidTag);
    }
}
