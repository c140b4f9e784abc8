//! What went wrong with a request, in the kinds by which the SDK decides whether it is sent again.
//!
//! The kinds are those that the SDK's own connector gives (`aws-smithy-http-client`, `downcast_error`), with three
//! differences: a proxy that wants other credentials is not asked again, an HTTP/2 connection that ends for whatever
//! reason counts as lost, and so does one whose runtime has ended.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use aws_smithy_async::future::timeout::TimedOutError;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::dns::ResolveDnsError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::retry::ErrorKind;
use http::Uri;
use hyper_util::client::legacy;

/// A time-out of the client has passed.
#[derive(Debug)]
pub(super) struct TimedOut {
    pub(super) what: &'static str,
    pub(super) after: Duration,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} of {:?} has passed", self.what, self.after)
    }
}

/// The SDK looks for its own error in the chain.
impl StdError for TimedOut {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&TimedOutError)
    }
}

/// A proxy did not let a request through.
#[derive(Debug)]
pub(super) struct ProxyFailed {
    message: String,
    wants_credentials: bool,
    source: Option<BoxError>,
}

impl ProxyFailed {
    /// The tunnel to `target` did not come about.
    pub(super) fn tunnel(proxy: &Uri, target: &Uri, source: impl StdError + Send + Sync + 'static) -> Self {
        let (proxy, target) = (site(proxy), site(target));
        // The type of this error is not public. If its words change, less is told, and a request is sent again in vain.
        let told = source.to_string();
        let message = match (told.contains("create underlying connection"), source.source()) {
            (true, _) => format!("the proxy `{proxy}` could not be reached"),
            (false, Some(_)) => {
                format!("the proxy `{proxy}` ended the connection instead of a tunnel to `{target}`")
            }
            (false, None) => format!("the proxy `{proxy}` refused a tunnel to `{target}`"),
        };
        let wants_credentials = told.contains("authorization required");
        Self { message, wants_credentials, source: Some(Box::new(source)) }
    }

    /// There is no connection to the proxy.
    pub(super) fn unreachable(proxy: &Uri, source: BoxError) -> Self {
        let message = format!("the proxy `{}` could not be reached", site(proxy));
        Self { message, wants_credentials: false, source: Some(source) }
    }

    /// The proxy answered 407 to a request that it should have passed on.
    pub(super) fn wants_credentials(proxy: &Uri) -> Self {
        let proxy = site(proxy);
        let message = format!("the proxy `{proxy}` refused the request: proxy authorization required");
        Self { message, wants_credentials: true, source: None }
    }
}

/// Scheme, host and port; user and password were taken out before.
fn site(uri: &Uri) -> String {
    let host = uri.authority().map_or("", |authority| authority.as_str());
    format!("{}://{host}", uri.scheme_str().unwrap_or_default())
}

impl fmt::Display for ProxyFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for ProxyFailed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The kind of an error that comes out of hyper.
pub(super) fn classified(error: BoxError) -> ConnectorError {
    let chain = &*error;
    if found::<TimedOutError>(chain).is_some() {
        return ConnectorError::timeout(error);
    }
    if found::<ProxyFailed>(chain).is_some_and(|failed| failed.wants_credentials) {
        return ConnectorError::other(error, None);
    }
    if found::<ResolveDnsError>(chain).is_some() {
        return ConnectorError::io(error);
    }
    let kind = match (found::<hyper::Error>(chain), found::<legacy::Error>(chain)) {
        (Some(hyper), _) => kind_of(hyper),
        (None, Some(client)) if client.is_connect() || found::<std::io::Error>(client).is_some() => Kind::Io,
        _ => Kind::Other(None),
    };
    match kind {
        Kind::Timeout => ConnectorError::timeout(error),
        Kind::User => ConnectorError::user(error),
        Kind::Io => ConnectorError::io(error),
        Kind::Other(retry) => ConnectorError::other(error, retry),
    }
}

enum Kind {
    Timeout,
    User,
    Io,
    Other(Option<ErrorKind>),
}

fn kind_of(error: &hyper::Error) -> Kind {
    if error.is_timeout() {
        Kind::Timeout
    } else if error.is_user() && !error.to_string().starts_with("dispatch task is gone") {
        Kind::User
    } else if error.is_incomplete_message() {
        // S3 closes connections in the midst of things, and would carry the request out the next time.
        Kind::Other(Some(ErrorKind::TransientError))
    } else if error.is_parse() && found::<std::io::Error>(error).is_none() {
        Kind::Other(None)
    } else {
        Kind::Io
    }
}

fn found<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}
