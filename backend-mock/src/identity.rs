//! Who signs a request, for which region and service: the credential scope, and the keys that the cloud knows.
//!
//! Any key is accepted, as a test double must. Keys that the cloud was told about are their account's; of the others, a
//! key of twelve digits is that account, and every other key is the default account's.

use std::collections::HashMap;
use std::str::FromStr;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use session_core::{Error, ErrorKind, Secret};

use crate::context::AccountId;

/// An access key that a [`MockAws`](crate::MockAws) knows: its secret, and the account that it belongs to.
///
/// Reads from `KEY:SECRET:ACCOUNT`, too, which is how `mock-aws serve --identity` takes it.
///
/// ```
/// use backend_mock::{Identity, MockAws};
///
/// let alice = Identity::new("AKIAALICE", "a secret", "111122223333")?;
/// let bob: Identity = "AKIABOB:another secret:444455556666".parse()?;
/// let aws = MockAws::builder().identity(alice).identity(bob).build();
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    access_key_id: String,
    secret_access_key: Secret,
    account_id: AccountId,
}

impl Identity {
    /// A pair of keys of the account with these twelve digits.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when a key is empty or the account is no twelve digits.
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<Secret>,
        account_id: &str,
    ) -> Result<Self, Error> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidConfig, message);
        let (access_key_id, secret_access_key) = (access_key_id.into(), secret_access_key.into());
        if access_key_id.is_empty() || secret_access_key.expose().is_empty() {
            return Err(invalid("an identity needs an access key and a secret, and one is empty".to_owned()));
        }
        let account_id = AccountId::parse(account_id)
            .ok_or_else(|| invalid(format!("the account id `{account_id}` is not twelve digits")))?;
        Ok(Self { access_key_id, secret_access_key, account_id })
    }

    /// The access key, by which requests say whose they are.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The account that the key belongs to: twelve digits.
    pub fn account_id(&self) -> &str {
        self.account_id.as_str()
    }

    /// What requests are signed with.
    pub(crate) fn secret_access_key(&self) -> &Secret {
        &self.secret_access_key
    }

    pub(crate) fn account(&self) -> &AccountId {
        &self.account_id
    }
}

impl FromStr for Identity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = text.split_once(':').and_then(|(key, rest)| Some((key, rest.rsplit_once(':')?)));
        // The text may hold a secret: it is not repeated.
        let (key, (secret, account_id)) = parts.ok_or_else(|| {
            Error::new(ErrorKind::InvalidConfig, "an identity is written KEY:SECRET:ACCOUNT")
        })?;
        Self::new(key, secret, account_id)
    }
}

/// The access keys that a cloud was told about.
#[derive(Debug, Default)]
pub(crate) struct Identities(HashMap<String, Identity>);

impl Identities {
    /// From now on, the access key belongs to the identity's account.
    pub(crate) fn register(&mut self, identity: Identity) {
        self.0.insert(identity.access_key_id.clone(), identity);
    }

    /// The identity of a key that the cloud was told about.
    pub(crate) fn get(&self, access_key_id: &str) -> Option<&Identity> {
        self.0.get(access_key_id)
    }

    /// The account of any key.
    pub(crate) fn account_of(&self, access_key_id: &str) -> AccountId {
        let known = self.get(access_key_id).map(|identity| identity.account().clone());
        known.or_else(|| AccountId::parse(access_key_id)).unwrap_or_default()
    }
}

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

/// The region in the name of an AWS endpoint, or of a local one that is named alike, such as `s3.eu-west-1.localhost`.
pub(crate) fn region_of_host(host: &str) -> Option<&str> {
    let name = host.split(':').next()?;
    let of_aws = name.strip_suffix(".cn").unwrap_or(name).strip_suffix(".amazonaws.com");
    let local =
        || name.strip_suffix(".localhost.localstack.cloud").or_else(|| name.strip_suffix(".localhost"));
    let (name, is_local) = of_aws.map(|name| (name, false)).or_else(|| Some((local()?, true)))?;
    let mut labels = name.rsplit('.');
    let label = labels.next()?;
    // At home a bucket's name may look like a region: one follows the name of its service.
    let of_service = ["s3", "s3-website", "dualstack", "dynamodb", "kms", "sts"];
    if is_local && !labels.next().is_some_and(|service| of_service.contains(&service)) {
        return None;
    }
    let region = label.strip_prefix("s3-website-").or_else(|| label.strip_prefix("s3-")).unwrap_or(label);
    let numbered = region.rsplit('-').next().is_some_and(|number| number.parse::<u8>().is_ok());
    (numbered && region.matches('-').count() >= 2).then_some(region)
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
    fn an_identity_is_read_from_one_line_and_keeps_its_secret() {
        let identity: Identity = "AKIA:s/e:c+ret:111122223333".parse().unwrap();
        assert_eq!((identity.access_key_id(), identity.account_id()), ("AKIA", "111122223333"));
        assert_eq!(identity.secret_access_key().expose(), "s/e:c+ret");
        assert!(!format!("{identity:?}").contains("c+ret"));
        for wrong in
            ["", "AKIA", "AKIA:secret", ":secret:111122223333", "AKIA::111122223333", "A:hush:11112222333"]
        {
            let error = wrong.parse::<Identity>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{wrong}");
            assert!(!error.message().contains("hush"));
        }
    }

    #[test]
    fn a_key_is_its_account_whether_known_or_not() {
        let mut identities = Identities::default();
        identities.register(Identity::new("AKIA", "secret", "111122223333").unwrap());
        identities.register(Identity::new("999999999999", "secret", "444455556666").unwrap());
        for (key, account) in [
            ("AKIA", "111122223333"),
            ("999999999999", "444455556666"),
            ("888888888888", "888888888888"),
            ("any", AccountId::DEFAULT),
        ] {
            assert_eq!(identities.account_of(key).as_str(), account, "{key}");
        }
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
    fn the_hosts_of_aws_name_their_region() {
        for (host, region) in [
            ("films.s3.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("s3.dualstack.us-gov-west-1.amazonaws.com:443", Some("us-gov-west-1")),
            ("films.s3-us-west-2.amazonaws.com", Some("us-west-2")),
            ("dynamodb.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("my-film-1.s3.amazonaws.com", None),
            ("s3.amazonaws.com", None),
            ("films.s3.eu-west-1.localhost:4566", Some("eu-west-1")),
            ("s3.us-east-2.localhost.localstack.cloud:4566", Some("us-east-2")),
            ("films.s3-website-eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("my-film-1.localhost", None),
            ("films.localhost", None),
            ("127.0.0.1:4566", None),
        ] {
            assert_eq!(region_of_host(host), region, "{host}");
        }
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
