//! Where to send requests instead of the service's own endpoint.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// What was given for an endpoint, before it is checked. Printed without what may be a password.
#[derive(Clone)]
pub(crate) struct EndpointText(pub(crate) String);

impl fmt::Debug for EndpointText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.rsplit_once('@') {
            Some((_, host)) => write!(f, "\"…@{}\"", host.escape_debug()),
            None => fmt::Debug::fmt(&self.0, f),
        }
    }
}

/// A complete `http` or `https` URL such as `http://localhost:8000`, with a path if the server wants one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EndpointUrl(String);

impl EndpointUrl {
    /// An endpoint URL from text.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidEndpoint`] when the text is no absolute `http` or `https` URL, or carries a user
    /// name, a password, a query or a fragment. A password is not repeated in the error.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        let refuse = |shown: &str, why: &str| {
            Err(Error::new(
                ErrorKind::InvalidEndpoint,
                format!("endpoint_url `{}` {why}", shown.escape_debug()),
            ))
        };
        // What stands before an `@` may be a password, whatever else is wrong.
        let shown = if text.contains('@') { "…" } else { &*text };
        let url = match url::Url::parse(&text) {
            Ok(url) => url,
            Err(_) if text.contains('@') => {
                return refuse("…", "is not a URL and must not contain credentials");
            }
            Err(why) => {
                let why = format!("is not a complete URL such as `http://localhost:8000`: {why}");
                return refuse(&text, &why);
            }
        };
        if !url.username().is_empty() || url.password().is_some() {
            let shown = format!("{}://…@{}", url.scheme(), url.host_str().unwrap_or_default());
            return refuse(&shown, "must not contain a user name or a password");
        }
        match url.scheme() {
            "http" | "https" if url.query().is_some() || url.fragment().is_some() => {
                refuse(shown, "must not have a query or a fragment")
            }
            "http" | "https" if !is_sendable(&text) => refuse(
                shown,
                "is not a URL as it is sent: look for spaces, a missing `//`, or letters outside ASCII",
            ),
            "http" | "https" => Ok(Self(text)),
            _ => refuse(shown, "must begin with `http://` or `https://`"),
        }
    }

    /// The URL as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the SDK will take the text as it is: `url` mends what HTTP does not.
fn is_sendable(text: &str) -> bool {
    text.parse::<http::Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.authority().is_some())
}

impl FromStr for EndpointUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_endpoint_is_refused_without_repeating_a_password() {
        assert!(EndpointUrl::new("http://localhost:8000").is_ok());
        assert!(EndpointUrl::new("https://store.example.org/base/").is_ok());
        for wrong in [
            "",
            "localhost:8000",
            "ftp://x",
            "http://",
            "http://x?y=1",
            "//x",
            "http://x:port",
            "http://localhost:8000 ",
            "http:localhost:8000",
            "http://münchen.example",
        ] {
            let error = EndpointUrl::new(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidEndpoint, "{wrong}");
            assert!(error.to_string().contains(wrong), "{error}");
        }
        for leaky in [
            "http://me:hunter2@host",
            "http//me:hunter2@host",
            "http://me:hunter2@host:port",
            "me:hunter2@host:8000",
        ] {
            let error = EndpointUrl::new(leaky).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
