//! Listings of objects, in both versions.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::acl::owner_of;
use super::call::Call;
use super::object::etag;
use crate::s3::engine::{self, Code, Entry, Error, Owners, Page, Start};

/// How many entries a page holds at most, and when the request does not say.
pub(super) const MAX_KEYS: usize = 1000;

/// How keys, prefixes and delimiters are written in an answer.
#[derive(Clone, Copy)]
pub(super) struct Encoding(bool);

impl Encoding {
    pub(super) fn of(asked: Option<&EncodingType>) -> Self {
        Self(asked.is_some())
    }

    /// In `encoding-type=url` as a form is encoded, except that a slash stays a slash.
    pub(super) fn write(self, text: &str) -> String {
        match self.0 {
            true => {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace("%2F", "/")
            }
            false => text.to_owned(),
        }
    }

    pub(super) fn name(self) -> Option<EncodingType> {
        self.0.then(|| EncodingType::from_static(EncodingType::URL))
    }
}

/// The size of a page that a request asks for.
pub(super) fn page_size(asked: Option<i32>, max: usize) -> usize {
    asked.map_or(max, |asked| usize::try_from(asked).unwrap_or(0).min(max))
}

/// A page as the XML of both versions has it.
struct Listed {
    contents: Vec<Object>,
    common_prefixes: Vec<CommonPrefix>,
}

impl Listed {
    fn new(page: &Page<Arc<engine::Object>>, encoding: Encoding, owners: Option<&Owners>) -> Self {
        let mut listed = Self { contents: Vec::new(), common_prefixes: Vec::new() };
        for entry in &page.entries {
            match entry {
                Entry::Key(key, object) => listed.contents.push(Object {
                    checksum_algorithm: Some(vec![object.checksum.algorithm().as_str().to_owned().into()]),
                    checksum_type: Some(object.checksum.kind().as_str().to_owned().into()),
                    e_tag: etag(&object.etag),
                    key: Some(encoding.write(key.as_str())),
                    last_modified: Some(object.last_modified.into()),
                    owner: owners.map(|owners| owner_of(&owners.of(object))),
                    restore_status: None,
                    size: Some(object.content.len() as i64),
                    storage_class: Some(object.storage_class.as_str().to_owned().into()),
                }),
                Entry::CommonPrefix(prefix) => {
                    listed.common_prefixes.push(CommonPrefix { prefix: Some(encoding.write(prefix)) });
                }
            }
        }
        listed
    }
}

pub(super) async fn list_objects(
    operations: &Operations,
    call: &Call,
    input: ListObjectsInput,
) -> Result<S3Response<ListObjectsOutput>, Error> {
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let marker = input.marker.unwrap_or_default();
    let max_keys = page_size(input.max_keys, MAX_KEYS);
    let list = engine::ListObjects {
        prefix: &prefix,
        delimiter: &delimiter,
        start: Start::after_marker(&marker, &prefix, &delimiter),
        max_keys,
    };
    let caller = call.caller();
    let (page, owners) = {
        let engine = operations.engine();
        (engine.list_objects(&caller, &input.bucket, &list)?, engine.owners(&caller, &input.bucket)?)
    };
    let encoding = Encoding::of(input.encoding_type.as_ref());
    let listed = Listed::new(&page, encoding, Some(&owners));
    // Without a delimiter the last key is the next marker, and S3 leaves it at that.
    let next = page.entries.last().filter(|_| page.is_truncated && !delimiter.is_empty());
    Ok(S3Response::new(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(encoding.write(&prefix)),
        marker: Some(encoding.write(&marker)),
        max_keys: Some(max_keys as i32),
        is_truncated: Some(page.is_truncated),
        contents: Some(listed.contents),
        common_prefixes: Some(listed.common_prefixes),
        delimiter: (!delimiter.is_empty()).then(|| encoding.write(&delimiter)),
        next_marker: next.map(|entry| match entry {
            Entry::Key(key, _) => encoding.write(key.as_str()),
            Entry::CommonPrefix(prefix) => encoding.write(prefix),
        }),
        encoding_type: encoding.name(),
        request_charged: None,
    }))
}

pub(super) async fn list_objects_v2(
    operations: &Operations,
    call: &Call,
    input: ListObjectsV2Input,
) -> Result<S3Response<ListObjectsV2Output>, Error> {
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let max_keys = page_size(input.max_keys, MAX_KEYS);
    let token = input.continuation_token.as_deref().map(Token::read).transpose()?;
    let start = match (&token, input.start_after.as_deref()) {
        (Some(token), _) => token.start(),
        (None, None | Some("")) => Start::First,
        (None, Some(key)) => Start::AfterKey(key),
    };
    let list = engine::ListObjects { prefix: &prefix, delimiter: &delimiter, start, max_keys };
    let caller = call.caller();
    let (page, owners) = {
        let engine = operations.engine();
        (engine.list_objects(&caller, &input.bucket, &list)?, engine.owners(&caller, &input.bucket)?)
    };
    let encoding = Encoding::of(input.encoding_type.as_ref());
    let listed = Listed::new(&page, encoding, input.fetch_owner.unwrap_or(false).then_some(&owners));
    let next = page.entries.last().filter(|_| page.is_truncated);
    Ok(S3Response::new(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(encoding.write(&prefix)),
        max_keys: Some(max_keys as i32),
        key_count: Some(page.entries.len() as i32),
        is_truncated: Some(page.is_truncated),
        next_continuation_token: next.map(|entry| Token::behind(entry.next())),
        contents: Some(listed.contents),
        common_prefixes: Some(listed.common_prefixes),
        delimiter: (!delimiter.is_empty()).then(|| encoding.write(&delimiter)),
        encoding_type: encoding.name(),
        start_after: input.start_after.filter(|_| token.is_none()).map(|key| encoding.write(&key)),
        continuation_token: input.continuation_token,
        request_charged: None,
    }))
}

/// A continuation token: what the page before ended with, and whether that was a common prefix.
enum Token {
    Key(String),
    Prefix(String),
}

impl Token {
    fn behind(start: Start<'_>) -> String {
        let text = match start {
            Start::First => String::new(),
            Start::AfterKey(key) => format!("k{key}"),
            Start::AfterPrefix(prefix) => format!("p{prefix}"),
        };
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    fn read(token: &str) -> Result<Self, Error> {
        let text = BASE64_URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match text.as_deref().and_then(|text| text.split_at_checked(1)) {
            Some(("k", key)) => Ok(Self::Key(key.to_owned())),
            Some(("p", prefix)) => Ok(Self::Prefix(prefix.to_owned())),
            _ => Err(Error::with_message(
                Code::InvalidArgument,
                "The continuation token provided is incorrect",
            )
            .with("ArgumentName", "continuation-token")),
        }
    }

    fn start(&self) -> Start<'_> {
        match self {
            Self::Key(key) => Start::AfterKey(key),
            Self::Prefix(prefix) => Start::AfterPrefix(prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_anything_else_is_refused() {
        for start in [Start::AfterKey("a/b"), Start::AfterPrefix("é/")] {
            assert_eq!(Token::read(&Token::behind(start)).unwrap().start(), start);
        }
        for token in ["", "####", "eA"] {
            assert!(Token::read(token).is_err(), "{token}");
        }
    }

    #[test]
    fn the_url_encoding_keeps_slashes() {
        let url = EncodingType::from_static(EncodingType::URL);
        assert_eq!(Encoding::of(Some(&url)).write("a b/é+(1).png"), "a+b/%C3%A9%2B%281%29.png");
        assert_eq!(Encoding::of(None).write("a b"), "a b");
    }
}
