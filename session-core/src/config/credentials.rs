//! Static credentials: all of their parts or none.

use std::fmt;

use aws_credential_types::Credentials;
use zeroize::Zeroize;

use crate::error::{Error, ErrorKind};

/// A text that is never printed and is zeroed when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for whoever signs with it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("** redacted **")
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// The twelve digits of an AWS account.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

impl AccountId {
    /// An account id from text.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] unless the text is exactly twelve digits.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        match id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(Self(id)),
            false => Err(Error::new(
                ErrorKind::InvalidConfig,
                format!("aws_account_id `{}` is not an account id: twelve digits are", id.escape_debug()),
            )),
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// An access key with its secret, and with a session token and an account id where they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticCredentials {
    access_key_id: String,
    secret_access_key: Secret,
    session_token: Option<Secret>,
    account_id: Option<AccountId>,
}

/// The four credential arguments as they were given, complete or not.
#[derive(Clone, Debug, Default)]
pub(crate) struct CredentialArguments {
    pub(crate) access_key_id: Option<String>,
    pub(crate) secret_access_key: Option<Secret>,
    pub(crate) session_token: Option<Secret>,
    pub(crate) account_id: Option<String>,
}

impl CredentialArguments {
    pub(crate) fn has_keys(&self) -> bool {
        self.access_key_id.is_some() || self.secret_access_key.is_some()
    }

    /// The arguments of `over` where they are given, else ours. With the keys go their token and their account.
    pub(crate) fn overridden_by(self, over: Self) -> Self {
        match over.has_keys() {
            true => over,
            false => Self {
                session_token: over.session_token.or(self.session_token),
                account_id: over.account_id.or(self.account_id),
                ..self
            },
        }
    }

    /// The credentials that the arguments make; `None` when none was given.
    pub(crate) fn complete(self) -> Result<Option<StaticCredentials>, Error> {
        let given = |name: &'static str, text: Option<&str>| match text {
            Some("") => {
                Err(Error::new(ErrorKind::PartialCredentials, format!("{name} is empty: leave it out")))
            }
            _ => Ok(()),
        };
        given("aws_access_key_id", self.access_key_id.as_deref())?;
        given("aws_secret_access_key", self.secret_access_key.as_ref().map(Secret::expose))?;
        given("aws_session_token", self.session_token.as_ref().map(Secret::expose))?;
        let missing = |message: &'static str| Err(Error::new(ErrorKind::PartialCredentials, message));
        match (self.access_key_id, self.secret_access_key) {
            (Some(access_key_id), Some(secret_access_key)) => Ok(Some(StaticCredentials {
                access_key_id,
                secret_access_key,
                session_token: self.session_token,
                account_id: self.account_id.map(AccountId::new).transpose()?,
            })),
            (Some(_), None) => missing(
                "aws_secret_access_key is missing: aws_access_key_id was given without it; give both or neither",
            ),
            (None, Some(_)) => missing(
                "aws_access_key_id is missing: aws_secret_access_key was given without it; give both or neither",
            ),
            (None, None) if self.session_token.is_some() => missing(
                "aws_access_key_id and aws_secret_access_key are missing: aws_session_token belongs to a pair \
                 of keys; give all three",
            ),
            (None, None) if self.account_id.is_some() => missing(
                "aws_access_key_id and aws_secret_access_key are missing: aws_account_id says whose account \
                 these keys belong to; give all three, or leave the account to the credentials that are found",
            ),
            (None, None) => Ok(None),
        }
    }
}

impl StaticCredentials {
    /// The access key, such as `AKIAIOSFODNN7EXAMPLE`. It is a name, not a secret.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The account that the keys were said to belong to.
    pub fn account_id(&self) -> Option<&AccountId> {
        self.account_id.as_ref()
    }

    /// The SDK's form of the credentials, which never expire.
    pub fn to_sdk(&self) -> Credentials {
        let mut credentials = Credentials::builder()
            .access_key_id(&self.access_key_id)
            .secret_access_key(self.secret_access_key.expose())
            .provider_name("session arguments");
        if let Some(token) = &self.session_token {
            credentials = credentials.session_token(token.expose());
        }
        if let Some(account_id) = &self.account_id {
            credentials = credentials.account_id(account_id.as_str());
        }
        credentials.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(id: Option<&str>, secret: Option<&str>, token: Option<&str>) -> CredentialArguments {
        CredentialArguments {
            access_key_id: id.map(str::to_owned),
            secret_access_key: secret.map(Secret::from),
            session_token: token.map(Secret::from),
            account_id: None,
        }
    }

    #[test]
    fn half_of_the_credentials_is_an_error_that_names_the_other_half() {
        for (given, missing) in [
            (arguments(Some("AKIA"), None, None), "aws_secret_access_key is missing"),
            (arguments(None, Some("hunter2"), None), "aws_access_key_id is missing"),
            (arguments(None, None, Some("hunter2")), "are missing: aws_session_token"),
            (arguments(Some(""), Some("hunter2"), None), "aws_access_key_id is empty"),
        ] {
            let error = given.complete().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::PartialCredentials);
            assert!(error.to_string().contains(missing) && !error.to_string().contains("hunter2"), "{error}");
        }
        assert!(arguments(None, None, None).complete().unwrap().is_none());
    }

    #[test]
    fn an_account_id_needs_keys_and_twelve_digits() {
        let alone = CredentialArguments { account_id: Some("123456789012".into()), ..Default::default() };
        assert_eq!(alone.complete().unwrap_err().kind(), ErrorKind::PartialCredentials);
        let mut short = arguments(Some("AKIA"), Some("s"), None);
        short.account_id = Some("12345".into());
        assert_eq!(short.complete().unwrap_err().kind(), ErrorKind::InvalidConfig);
    }

    #[test]
    fn secrets_are_not_printed() {
        let credentials = arguments(Some("AKIA"), Some("hunter2"), Some("tok3n")).complete().unwrap();
        let printed = format!("{credentials:?} {:?}", credentials.as_ref().unwrap().to_sdk());
        assert!(printed.contains("AKIA"), "{printed}");
        assert!(!printed.contains("hunter2") && !printed.contains("tok3n"), "{printed}");
    }
}
