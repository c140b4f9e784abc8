//! Canonical user ids: what access control lists and owners call an account.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::context::AccountId;

/// The id of an account that S3 shows to others: 64 hexadecimal digits, always the same for an account.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CanonicalUserId(Arc<str>);

impl CanonicalUserId {
    /// Whom S3 names as the owner of what was written without credentials.
    const ANONYMOUS: &'static str = "65a011a29cdf8ec533ec3d1ccaae921c";

    pub(crate) fn of(account: &AccountId) -> Self {
        if account.is_anonymous() {
            return Self(Self::ANONYMOUS.into());
        }
        let digest = Sha256::digest(account.as_str());
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
    }

    /// An id from text, if it has the form of one. Which accounts there are is not known: any key makes one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hexadecimal = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        (hexadecimal || text == Self::ANONYMOUS).then(|| Self(text.to_ascii_lowercase().into()))
    }
}

impl fmt::Display for CanonicalUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CanonicalUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_one_id_and_reads_back_from_it() {
        let id = CanonicalUserId::of(&AccountId::default());
        assert_eq!((id.0.len(), CanonicalUserId::of(&AccountId::default())), (64, id.clone()));
        assert_eq!(CanonicalUserId::parse(&id.to_string()), Some(id));
        assert_eq!(CanonicalUserId::of(&AccountId::anonymous()).0.len(), 32);
        for text in ["", "_foo", "123456789012", &"g".repeat(64)] {
            assert_eq!(CanonicalUserId::parse(text), None, "{text}");
        }
    }
}
