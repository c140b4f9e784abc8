//! What a door learns about a request before a wire reads it: who asks, where, when, and under which id.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use session_core::Partition;

/// The request and response body that doors, services and wires pass on: a stream of [`bytes::Bytes`].
pub(crate) type Body = s3s::Body;

/// Twelve digits that name an AWS account.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct AccountId(Arc<str>);

impl AccountId {
    /// The account of every access key that names no other, as in moto and LocalStack's documentation.
    pub(crate) const DEFAULT: &'static str = "123456789012";

    const ANONYMOUS: &'static str = "anonymous";

    /// An account id from text: exactly twelve ASCII digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| Self(text.into()))
    }

    /// Nobody's account: that of a request without credentials. It owns nothing, for no key leads to it.
    pub(crate) fn anonymous() -> Self {
        Self(Self::ANONYMOUS.into())
    }

    pub(crate) fn is_anonymous(&self) -> bool {
        &*self.0 == Self::ANONYMOUS
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for AccountId {
    fn default() -> Self {
        Self(Self::DEFAULT.into())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A region name such as `eu-west-1`, from the credential scope of the request.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RegionName(Arc<str>);

impl RegionName {
    /// Where requests are served when neither their signature nor their host names a region.
    pub(crate) const DEFAULT: &'static str = "us-east-1";

    pub(crate) fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// Whether AWS lists a region of this name, be it `aws-global` or the like.
    pub(crate) fn is_listed(name: &str) -> bool {
        Partition::all().iter().any(|partition| partition.regions().contains(&name))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RegionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Marks a request whose client said nothing of a body, which some operations take for none and some refuse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WithoutLength;

/// Everything about a request that is neither its operation nor its parameters.
#[derive(Clone, Debug)]
pub(crate) struct RequestContext {
    /// The account that owns the access key, and so what the request creates; anonymous if it brings no key.
    pub(crate) account_id: AccountId,
    /// Whether the request came by HTTPS. Served on a port it never does; in process it does unless it says `http`.
    pub(crate) is_secure: bool,
    /// The region of the credential scope.
    pub(crate) region: RegionName,
    /// The id that the answer carries, in its headers and, where the protocol has a place for it, in its body.
    pub(crate) request_id: String,
    /// The time of the cloud's clock when the request came in. Engines know no other clock.
    pub(crate) now: SystemTime,
}

impl RequestContext {
    /// The partition of the region, such as `aws`, which ARNs begin with.
    pub(crate) fn partition(&self) -> &'static str {
        let region = session_core::RegionName::new(self.region.as_str()).ok();
        region.as_ref().and_then(Partition::of_region).map_or("aws", Partition::name)
    }
}
