//! Who signs a request, for which region and service: the credential scope, wherever it stands.
//!
//! Signatures are not verified: any key is accepted, as a test double must. A twelve-digit access key is that account;
//! keys that the cloud was told about are theirs; every other key is the default account's.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

/// The part of a signature that says who, where and what for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CredentialScope {
    pub(crate) access_key_id: String,
    /// `None` for SigV4a, which signs for a set of regions, and for the old S3 signature.
    pub(crate) region: Option<String>,
    pub(crate) service: String,
}

impl CredentialScope {
    /// The scope from the `Authorization` header or from the query of a presigned URL; `None` if anonymous.
    pub(crate) fn of(request: &Parts) -> Option<Self> {
        match request.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) {
            Some(authorization) => Self::from_authorization(authorization, &request.headers),
            None => Self::from_query(request.uri.query()?),
        }
    }

    fn from_authorization(authorization: &str, headers: &HeaderMap) -> Option<Self> {
        let (algorithm, parameters) = authorization.split_once(' ')?;
        if algorithm == "AWS" {
            let (access_key_id, _signature) = parameters.split_once(':')?;
            return Some(Self {
                access_key_id: access_key_id.to_owned(),
                region: None,
                service: "s3".to_owned(),
            });
        }
        let credential =
            parameters.split(',').find_map(|parameter| parameter.trim().strip_prefix("Credential="))?;
        let mut scope = Self::from_credential(credential)?;
        if scope.region.is_none() {
            let regions = headers.get("x-amz-region-set").and_then(|value| value.to_str().ok());
            scope.region = regions
                .and_then(|regions| regions.split(',').next())
                .map(str::trim)
                .filter(|region| !region.contains('*'))
                .map(str::to_owned);
        }
        Some(scope)
    }

    fn from_query(query: &str) -> Option<Self> {
        let value_of = |wanted: &str| {
            url::form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.into_owned())
        };
        if let Some(credential) = value_of("X-Amz-Credential") {
            return Self::from_credential(&credential);
        }
        let access_key_id = value_of("AWSAccessKeyId")?;
        Some(Self { access_key_id, region: None, service: "s3".to_owned() })
    }

    /// `AKIA…/20261122/eu-west-1/s3/aws4_request`, or without the region in SigV4a. The key may contain slashes.
    fn from_credential(credential: &str) -> Option<Self> {
        let mut parts = credential.rsplit('/');
        if parts.next()? != "aws4_request" {
            return None;
        }
        let service = parts.next()?.to_owned();
        let region_or_date = parts.next()?;
        let is_date = |part: &str| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit());
        let region = match is_date(region_or_date) {
            true => None,
            false => {
                parts.next().filter(|date| is_date(date))?;
                Some(region_or_date.to_owned())
            }
        };
        let mut access_key_id: Vec<&str> = parts.collect();
        access_key_id.reverse();
        let access_key_id = access_key_id.join("/");
        (!access_key_id.is_empty()).then_some(Self { access_key_id, region, service })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(uri: &str, headers: &[(&str, &str)]) -> Option<CredentialScope> {
        let mut request = http::Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        CredentialScope::of(&request.body(()).unwrap().into_parts().0)
    }

    fn expected(key: &str, region: Option<&str>, service: &str) -> Option<CredentialScope> {
        Some(CredentialScope {
            access_key_id: key.to_owned(),
            region: region.map(str::to_owned),
            service: service.to_owned(),
        })
    }

    #[test]
    fn the_scope_is_read_from_the_header() {
        let header = "AWS4-HMAC-SHA256 Credential=AKIA/20261122/eu-west-1/dynamodb/aws4_request, \
                      SignedHeaders=host, Signature=0";
        assert_eq!(scope("/", &[("authorization", header)]), expected("AKIA", Some("eu-west-1"), "dynamodb"));
    }

    #[test]
    fn the_scope_is_read_from_a_presigned_url() {
        let uri = "/b/k?X-Amz-Credential=AKIA%2F20261122%2Fus-east-2%2Fs3%2Faws4_request&X-Amz-Signature=0";
        assert_eq!(scope(uri, &[]), expected("AKIA", Some("us-east-2"), "s3"));
    }

    #[test]
    fn a_multi_region_signature_takes_the_first_region_of_its_set() {
        let header = "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20261122/s3/aws4_request, Signature=0";
        let headers = [("authorization", header), ("x-amz-region-set", "eu-west-1,eu-west-2")];
        assert_eq!(scope("/", &headers), expected("AKIA", Some("eu-west-1"), "s3"));
        let anywhere = [("authorization", header), ("x-amz-region-set", "*")];
        assert_eq!(scope("/", &anywhere), expected("AKIA", None, "s3"));
    }

    #[test]
    fn the_old_signature_is_for_s3_and_nonsense_is_anonymous() {
        assert_eq!(scope("/b", &[("authorization", "AWS AKIA:sig=")]), expected("AKIA", None, "s3"));
        assert_eq!(scope("/b?AWSAccessKeyId=AKIA&Signature=x", &[]), expected("AKIA", None, "s3"));
        for nonsense in
            ["", "Bearer x", "AWS4-HMAC-SHA256 Credential=AKIA", "AWS4-HMAC-SHA256 Credential=/a/b"]
        {
            assert_eq!(scope("/", &[("authorization", nonsense)]), None, "{nonsense}");
        }
        assert_eq!(scope("/b?list-type=2", &[]), None);
    }
}
