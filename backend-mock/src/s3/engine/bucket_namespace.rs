//! Namespaces of buckets: the one that all accounts share, and in it one of each account's own in every region.
//!
//! Source: the S3 User Guide, "Namespaces for general purpose buckets".

use super::{BucketName, Code, Error};
use crate::context::{AccountId, RegionName};

const HEADER: &str = "x-amz-bucket-namespace";

/// How every name in an account's own namespace ends.
const SUFFIX: &str = "-an";

/// Which namespace a CreateBucket request asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BucketNamespace {
    /// The one that all accounts share.
    #[default]
    Global,
    /// That of the caller's account in the bucket's region.
    AccountRegional,
}

impl BucketNamespace {
    /// # Errors
    /// `InvalidArgument` for what is no namespace.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "global" => Ok(Self::Global),
            "account-regional" => Ok(Self::AccountRegional),
            _ => {
                let message = "Invalid bucket namespace, it must be one of: global, account-regional";
                Err(Error::invalid_argument(message, HEADER, text))
            }
        }
    }

    /// Whether a new bucket may have the name: it ends with `-ACCOUNT-REGION-an` in the account's own namespace, and in
    /// no other.
    ///
    /// # Errors
    /// `InvalidNamespaceHeader` for a name without such an end, `MissingNamespaceHeader` for one with it in the shared
    /// namespace, and `InvalidBucketNamespace` for the end of another account or region.
    pub(super) fn check(
        self,
        name: &BucketName,
        account: &AccountId,
        region: &RegionName,
    ) -> Result<(), Error> {
        let refused =
            |code, message: String| Err(Error::with_message(code, message).with("BucketName", name));
        match (self, Reserved::of(name.as_str())) {
            (Self::Global, None) => Ok(()),
            (Self::Global, Some(_)) => refused(
                Code::MissingNamespaceHeader,
                format!(
                    "The requested bucket name has the account-regional namespace suffix. Specify the {HEADER} header \
                     with the value account-regional, or choose another name."
                ),
            ),
            (Self::AccountRegional, None) => refused(
                Code::InvalidNamespaceHeader,
                format!(
                    "The requested bucket name did not include the account-regional namespace suffix, but the provided \
                     {HEADER} header value is account-regional. Specify -{account}-{region}{SUFFIX} as the bucket name \
                     suffix to create a bucket in your account-regional namespace, or remove the header."
                ),
            ),
            (Self::AccountRegional, Some(named)) if named.account != account.as_str() => refused(
                Code::InvalidBucketNamespace,
                format!(
                    "The requested bucket is an account-regional namespace bucket, but the requested AWS Account ID \
                     '{}' does not match the caller's AWS Account ID '{account}'. Specify the caller's AWS Account ID \
                     in the bucket name.",
                    named.account
                ),
            ),
            (Self::AccountRegional, Some(named)) if named.region != region.as_str() => refused(
                Code::InvalidBucketNamespace,
                format!(
                    "The requested bucket is an account-regional namespace bucket, but the requested region '{}' does \
                     not match the current region '{region}'. Specify the targeted region in the bucket name.",
                    named.region
                ),
            ),
            (Self::AccountRegional, Some(_)) => Ok(()),
        }
    }
}

/// Whose namespace a name is in.
#[derive(Debug, PartialEq, Eq)]
struct Reserved<'n> {
    account: &'n str,
    region: &'n str,
}

impl<'n> Reserved<'n> {
    fn of(name: &'n str) -> Option<Self> {
        let rest = name.strip_suffix(SUFFIX)?;
        let mut ends = rest.match_indices('-').filter_map(|(at, _)| {
            let (account, region) = rest[at + 1..].split_once('-')?;
            (AccountId::parse(account).is_some() && is_region(region)).then_some(Self { account, region })
        });
        ends.next_back()
    }
}

/// Whether a text is made as names of regions are, such as `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let Some((area, number)) = text.rsplit_once('-') else { return false };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    area.contains('-')
        && area.split('-').all(is_word)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_with_whose_namespace_it_is_in() {
        let reserved = |name| Reserved::of(name).map(|reserved| (reserved.account, reserved.region));
        assert_eq!(reserved("films-123456789012-us-gov-west-1-an"), Some(("123456789012", "us-gov-west-1")));
        for name in [
            "films-an",
            "123456789012-us-east-1-an",
            "films-12345678901-us-east-1-an",
            "films-123456789012-east-1-an",
            "films-123456789012-us-east-an",
            "films-123456789012-us-east-1",
        ] {
            assert_eq!(reserved(name), None, "{name}");
        }
    }
}
