//! What a request is sent to: the service, a bucket or an object, by its host and its path.

use std::borrow::Cow;

use http::{HeaderMap, Uri, header};

use super::host;

/// A bucket and a key as the request writes them, the key still encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target<'r> {
    pub(super) bucket: Option<Cow<'r, str>>,
    pub(super) key: Option<&'r str>,
}

impl<'r> Target<'r> {
    pub(super) fn of(uri: &'r Uri, headers: &'r HeaderMap) -> Self {
        // One slash begins the path; every other is the key's.
        let path = uri.path().strip_prefix('/').unwrap_or_default();
        let some = |text: &'r str| (!text.is_empty()).then_some(text);
        match host::bucket(host_of(headers)) {
            Some(bucket) => Self { bucket: Some(host::lowercase(bucket)), key: some(path) },
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                Self { bucket: some(bucket).map(Cow::Borrowed), key: some(key) }
            }
        }
    }

    /// What errors call it.
    pub(super) fn resource_type(&self) -> &'static str {
        match (&self.bucket, &self.key) {
            (None, _) => "SERVICE",
            (Some(_), None) => "BUCKET",
            (Some(_), Some(_)) => "OBJECT",
        }
    }
}

pub(super) fn host_of(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_from_the_path_and_from_the_host() {
        for (host, path, bucket, key, resource) in [
            ("s3.amazonaws.com", "/", None, None, "SERVICE"),
            ("s3.amazonaws.com", "/films", Some("films"), None, "BUCKET"),
            ("s3.amazonaws.com", "/films/", Some("films"), None, "BUCKET"),
            ("s3.amazonaws.com", "/films//a", Some("films"), Some("/a"), "OBJECT"),
            ("Films.s3.amazonaws.com", "/", Some("films"), None, "BUCKET"),
            ("films.localhost:4566", "/a/b", Some("films"), Some("a/b"), "OBJECT"),
        ] {
            let headers = [(header::HOST, host.parse().unwrap())].into_iter().collect();
            let uri = path.parse().unwrap();
            let target = Target::of(&uri, &headers);
            assert_eq!((target.bucket.as_deref(), target.key), (bucket, key), "{host}{path}");
            assert_eq!(target.resource_type(), resource);
        }
    }
}
