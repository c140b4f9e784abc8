//! STS's behaviour: the identity behind an account.
//!
//! AWS answers by whose keys they are: for an account's root user `arn:aws:iam::123456789012:root` with the account as
//! user id, for an IAM user `…:user/Alice` with `AIDA…`, for a role `arn:aws:sts::123456789012:assumed-role/…` with
//! `AROA…:session`. This cloud knows of a key its account only, so that everybody is the one IAM user `mock-aws` of the
//! account: keys of a user are what most programs run with, and a root's would be the exception.
//!
//! Source: the STS API reference, GetCallerIdentity; the IAM User Guide on unique identifiers and their prefixes.

/// What GetCallerIdentity says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CallerIdentity {
    pub(super) account: String,
    /// Of the form that IAM gives to users: `AIDA` and 17 letters; the same account has the same.
    pub(super) user_id: String,
    pub(super) arn: String,
}

/// The identity of an account in a partition, such as `aws`.
pub(super) fn caller_identity(partition: &str, account: &str) -> CallerIdentity {
    let letters: String =
        account.bytes().map(|digit| char::from(b'A' + digit.saturating_sub(b'0') % 26)).collect();
    CallerIdentity {
        account: account.to_owned(),
        user_id: format!("AIDAMOCKA{letters}"),
        arn: format!("arn:{partition}:iam::{account}:user/mock-aws"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_has_a_user_of_its_own() {
        let identity = caller_identity("aws-cn", "123456789012");
        assert_eq!(identity.account, "123456789012");
        assert_eq!(identity.user_id, "AIDAMOCKABCDEFGHIJABC");
        assert_eq!(identity.user_id.len(), 21);
        assert_eq!(identity.arn, "arn:aws-cn:iam::123456789012:user/mock-aws");
        assert_ne!(identity.user_id, caller_identity("aws-cn", "222222222222").user_id);
    }
}
