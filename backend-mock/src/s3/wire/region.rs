//! Which region's endpoint a request has reached, and whether it was signed for it.
//!
//! AWS routes by name. The name of a regional endpoint leads to that region, and whoever signs for another is told.
//! The global name `bucket.s3.amazonaws.com` leads to the bucket, wherever that is; `s3.amazonaws.com` to us-east-1.
//! A name that is not AWS's, such as `localhost`, is the endpoint of the region that the request is signed for. What
//! is then asked of a bucket in another region is redirected by the engine.

use super::{Wire, host};
use crate::context::RegionName;
use crate::identity::region_of_host;
use crate::s3::engine::{Code, Error};
use crate::s3::wire::target::{Target, host_of};

/// The region that a request is signed for, and where it says so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedFor<'r> {
    pub(crate) region: &'r str,
    pub(crate) in_query: bool,
}

impl Wire {
    /// The region of the endpoint that a request has reached.
    ///
    /// # Errors
    /// `AuthorizationHeaderMalformed`, or for a presigned URL `AuthorizationQueryParametersError`, when it is signed
    /// for another one.
    pub(crate) fn endpoint_region(
        &self,
        uri: &http::Uri,
        headers: &http::HeaderMap,
        signed_for: Option<SignedFor<'_>>,
    ) -> Result<RegionName, Error> {
        let name = host_of(headers);
        let default = || RegionName::new(RegionName::DEFAULT);
        let of_bucket = || {
            let bucket = Target::of(uri, headers).bucket?;
            self.operations.engine().bucket_region(&bucket).cloned()
        };
        let endpoint = match region_of_host(name) {
            Some(region) => Some(RegionName::new(region)),
            None if !host::is_of_aws(name) => None,
            None if host::bucket(name).is_some() => Some(of_bucket().unwrap_or_else(default)),
            None => Some(default()),
        };
        match (endpoint, signed_for) {
            (Some(endpoint), Some(signed)) if endpoint.as_str() != signed.region => {
                Err(wrong_region(signed, &endpoint))
            }
            (Some(endpoint), _) => Ok(endpoint),
            (None, Some(signed)) => Ok(RegionName::new(signed.region)),
            (None, None) => Ok(of_bucket().unwrap_or_else(default)),
        }
    }
}

fn wrong_region(signed: SignedFor<'_>, expected: &RegionName) -> Error {
    let wrong = format!("the region '{}' is wrong; expecting '{expected}'", signed.region);
    let error = match signed.in_query {
        true => Error::with_message(
            Code::AuthorizationQueryParametersError,
            format!("Error parsing the X-Amz-Credential parameter; {wrong}"),
        ),
        false => Error::with_message(
            Code::AuthorizationHeaderMalformed,
            format!("The authorization header is malformed; {wrong}"),
        ),
    };
    error.with("Region", expected).in_region(expected)
}
