//! What a model says of its service as a whole.

use serde::Deserialize;

use crate::error::{Error, ErrorKind};

/// The protocol that a service is called by: the first of those it speaks in botocore's order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Protocol {
    #[default]
    AwsJson1_0,
    AwsJson1_1,
    RestJson1,
    RestXml,
    AwsQuery,
    Ec2Query,
    RpcV2Cbor,
}

/// Facts about a service. Texts live as long as the process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    pub(crate) protocol: Protocol,
    pub(crate) api_version: &'static str,
    pub(crate) service_id: &'static str,
    pub(crate) endpoint_prefix: &'static str,
    /// The name that requests are signed for.
    pub(crate) signing_name: &'static str,
    /// `v4`, `s3v4`, `bearer`, `v2`, `none` …
    pub(crate) signature_version: &'static str,
    /// Smithy's authentication schemes, best first, such as `aws.auth#sigv4`; empty where only `signature_version` says.
    pub(crate) auth: Vec<&'static str>,
    /// What precedes the operation in `X-Amz-Target`.
    pub(crate) target_prefix: Option<&'static str>,
    pub(crate) xml_namespace: Option<&'static str>,
    pub(crate) is_query_compatible: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Packed {
    api_version: &'static str,
    service_id: Option<&'static str>,
    endpoint_prefix: &'static str,
    signing_name: Option<&'static str>,
    signature_version: Option<&'static str>,
    #[serde(default)]
    auth: Vec<&'static str>,
    protocol: &'static str,
    #[serde(default)]
    protocols: Vec<&'static str>,
    json_version: Option<&'static str>,
    target_prefix: Option<&'static str>,
    xml_namespace: Option<&'static str>,
    aws_query_compatible: Option<serde_json::Value>,
}

impl Metadata {
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: not what the packer writes, or a protocol that nobody speaks.
    pub(super) fn parse(json: &'static str) -> Result<Self, Error> {
        let broken = |why: String| {
            let message = format!("the embedded service model has broken metadata: {why}");
            Error::new(ErrorKind::InvalidConfig, message)
        };
        let packed: Packed = serde_json::from_str(json).map_err(|error| broken(error.to_string()))?;
        let spoken = match packed.protocols.as_slice() {
            [] => std::slice::from_ref(&packed.protocol),
            all => all,
        };
        let preferred = ["json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2"];
        let protocol = match preferred.into_iter().find(|name| spoken.contains(name)) {
            Some("json") if packed.json_version == Some("1.1") => Protocol::AwsJson1_1,
            Some("json") => Protocol::AwsJson1_0,
            Some("rest-json") => Protocol::RestJson1,
            Some("rest-xml") => Protocol::RestXml,
            Some("smithy-rpc-v2-cbor") => Protocol::RpcV2Cbor,
            Some("query") => Protocol::AwsQuery,
            Some("ec2") => Protocol::Ec2Query,
            _ => return Err(broken(format!("no known protocol among {spoken:?}"))),
        };
        Ok(Self {
            protocol,
            api_version: packed.api_version,
            service_id: packed.service_id.unwrap_or(packed.endpoint_prefix),
            endpoint_prefix: packed.endpoint_prefix,
            signing_name: packed.signing_name.unwrap_or(packed.endpoint_prefix),
            signature_version: packed.signature_version.unwrap_or("v4"),
            auth: packed.auth,
            target_prefix: packed.target_prefix,
            xml_namespace: packed.xml_namespace,
            is_query_compatible: packed.aws_query_compatible.is_some(),
        })
    }
}
