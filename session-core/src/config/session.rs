//! What a session is told when it is made, and what it made of that.

use std::borrow::Cow;
use std::fmt;

use aws_types::SdkConfig;

use super::client::{ClientConfig, ClientConfigBuilder};
use super::credentials::{AccountId, CredentialArguments, Secret, StaticCredentials};
use super::region::RegionName;
use crate::error::{Error, ErrorKind};

/// Where the value of a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// An argument of the session's builder.
    Argument,
    /// The environment variable of that name.
    Environment(Cow<'static, str>),
    /// The profile of that name.
    Profile(String),
    /// The `sdk_config(…)` that the session was made from.
    SdkConfig,
    /// The credentials that were found, such as the account of an assumed role.
    Credentials,
    /// Nothing said otherwise.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument => f.write_str("an argument of the session"),
            Self::Environment(name) => write!(f, "the environment variable {name}"),
            Self::Profile(name) => write!(f, "the profile `{name}`"),
            Self::SdkConfig => f.write_str("the SDK configuration that the session was made from"),
            Self::Credentials => f.write_str("the credentials"),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value in force.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// A value with its origin.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

/// The configuration of a session: aioboto3's constructor arguments under their own names.
///
/// Built from arguments alone; a backend then resolves what was left open (region, profile) and says where it
/// found it. Secrets are redacted in `Debug` and zeroed on drop.
///
/// ```
/// use session_core::{ErrorKind, Origin, SessionConfig};
///
/// let config = SessionConfig::builder()
///     .aws_access_key_id("AKIAIOSFODNN7EXAMPLE")
///     .aws_secret_access_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
///     .region_name("eu-west-1")
///     .build()?;
/// assert_eq!(config.region_name().unwrap().value.as_str(), "eu-west-1");
/// assert_eq!(config.region_name().unwrap().origin, Origin::Argument);
/// assert!(!format!("{config:?}").contains("EXAMPLEKEY"));
///
/// let error = SessionConfig::builder().aws_access_key_id("AKIAIOSFODNN7EXAMPLE").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::PartialCredentials);
/// # Ok::<(), session_core::Error>(())
/// ```
///
/// # Source
/// Rows S-01 to S-05 of the requirements: `boto3.session.Session.__init__`.
#[derive(Clone, Default)]
pub struct SessionConfig {
    credentials: Option<StaticCredentials>,
    region_name: Option<Setting<RegionName>>,
    profile_name: Option<Setting<String>>,
    account_id: Option<Setting<AccountId>>,
    sdk_config: Option<SdkConfig>,
    client_config: ClientConfig,
    available_profiles: Vec<String>,
}

impl SessionConfig {
    /// Nothing set.
    pub fn builder() -> SessionConfigBuilder {
        SessionConfigBuilder::default()
    }

    /// The explicit credentials, complete.
    pub fn credentials(&self) -> Option<&StaticCredentials> {
        self.credentials.as_ref()
    }

    /// The region of clients that name none.
    pub fn region_name(&self) -> Option<&Setting<RegionName>> {
        self.region_name.as_ref()
    }

    /// The profile in use.
    pub fn profile_name(&self) -> Option<&Setting<String>> {
        self.profile_name.as_ref()
    }

    /// The account that the session was said to belong to, or that its credentials were said to belong to.
    pub fn account_id(&self) -> Option<&Setting<AccountId>> {
        self.account_id.as_ref()
    }

    /// The SDK configuration that the session was made from.
    pub fn sdk_config(&self) -> Option<&SdkConfig> {
        self.sdk_config.as_ref()
    }

    /// What every client of the session is told, unless its own arguments say otherwise.
    pub fn client_config(&self) -> &ClientConfig {
        &self.client_config
    }

    /// The profiles that there are, whichever is in use. Empty until a backend has looked.
    pub fn available_profiles(&self) -> &[String] {
        &self.available_profiles
    }

    /// The same configuration with the region that a backend found where none was given.
    #[must_use]
    pub fn resolve_region_name(mut self, found: Option<Setting<RegionName>>) -> Self {
        self.region_name = self.region_name.or(found);
        self
    }

    /// The same configuration with the profile that a backend found where none was given.
    #[must_use]
    pub fn resolve_profile_name(mut self, found: Option<Setting<String>>) -> Self {
        self.profile_name = self.profile_name.or(found);
        self
    }

    /// The same configuration with the names of the profiles that a backend found.
    #[must_use]
    pub fn resolve_available_profiles(mut self, found: Vec<String>) -> Self {
        self.available_profiles = found;
        self
    }

    /// The same configuration with the account that a backend found where none was given.
    ///
    /// What comes from the credentials ([`Origin::Credentials`]) counts even where one was given: the argument says
    /// whose keys assume a role, and the session acts in the account of the role.
    #[must_use]
    pub fn resolve_account_id(mut self, found: Option<Setting<AccountId>>) -> Self {
        self.account_id = match found {
            Some(found) if found.origin == Origin::Credentials => Some(found),
            found => self.account_id.or(found),
        };
        self
    }
}

/// Builds a [`SessionConfig`]; every argument is optional.
#[derive(Clone, Default)]
#[must_use]
pub struct SessionConfigBuilder {
    credentials: CredentialArguments,
    region_name: Option<String>,
    profile_name: Option<String>,
    sdk_config: Option<SdkConfig>,
    client_config: ClientConfigBuilder,
}

impl SessionConfigBuilder {
    /// The access key of explicit credentials. Needs [`aws_secret_access_key`](Self::aws_secret_access_key).
    pub fn aws_access_key_id(mut self, id: impl Into<String>) -> Self {
        self.credentials.access_key_id = Some(id.into());
        self
    }

    /// The secret of explicit credentials. Needs [`aws_access_key_id`](Self::aws_access_key_id).
    pub fn aws_secret_access_key(mut self, secret: impl Into<Secret>) -> Self {
        self.credentials.secret_access_key = Some(secret.into());
        self
    }

    /// The session token of temporary credentials. Needs both keys.
    pub fn aws_session_token(mut self, token: impl Into<Secret>) -> Self {
        self.credentials.session_token = Some(token.into());
        self
    }

    /// The account of the explicit credentials, twelve digits. Needs both keys.
    pub fn aws_account_id(mut self, id: impl Into<String>) -> Self {
        self.credentials.account_id = Some(id.into());
        self
    }

    /// The region of clients that name none, such as `eu-west-1`.
    pub fn region_name(mut self, name: impl Into<String>) -> Self {
        self.region_name = Some(name.into());
        self
    }

    /// The profile whose settings and, without explicit keys, whose credentials are used.
    pub fn profile_name(mut self, name: impl Into<String>) -> Self {
        self.profile_name = Some(name.into());
        self
    }

    /// An existing SDK configuration to start from, where Python takes a `botocore_session`.
    pub fn sdk_config(mut self, config: SdkConfig) -> Self {
        self.sdk_config = Some(config);
        self
    }

    /// What every client of the session is told, unless its own arguments say otherwise: time-outs, retries, hooks and
    /// all else. What was set before stays where `config` says nothing.
    ///
    /// botocore has `Session.set_default_client_config`.
    pub fn client_config(mut self, config: ClientConfigBuilder) -> Self {
        self.client_config = self.client_config.overridden_by(config);
        self
    }

    /// Checks the arguments against each other.
    ///
    /// # Errors
    /// - [`ErrorKind::PartialCredentials`]: one key without the other, or a token or account id without keys
    /// - [`ErrorKind::InvalidRegion`]: the region name is malformed
    /// - [`ErrorKind::ProfileNotFound`]: the profile name is empty
    /// - [`ErrorKind::InvalidConfig`]: the account id is not twelve digits
    /// - what [`ClientConfigBuilder::build`] says of [`client_config`](Self::client_config)
    pub fn build(self) -> Result<SessionConfig, Error> {
        if self.profile_name.as_deref().is_some_and(|name| name.trim().is_empty()) {
            return Err(Error::new(
                ErrorKind::ProfileNotFound,
                "profile_name is empty: leave it out for the default",
            ));
        }
        let credentials = self.credentials.complete()?;
        let account_id = credentials
            .as_ref()
            .and_then(|credentials| credentials.account_id().cloned())
            .map(|id| Setting::new(id, Origin::Argument));
        let region_name = match self.region_name {
            Some(name) => Some(Setting::new(RegionName::new(name)?, Origin::Argument)),
            None => match self.sdk_config.as_ref().and_then(SdkConfig::region) {
                Some(region) => Some(Setting::new(RegionName::new(region.as_ref())?, Origin::SdkConfig)),
                None => None,
            },
        };
        let profile_name = self.profile_name.map(|name| Setting::new(name, Origin::Argument));
        Ok(SessionConfig {
            credentials,
            region_name,
            profile_name,
            account_id,
            sdk_config: self.sdk_config,
            client_config: self.client_config.build()?,
            available_profiles: Vec::new(),
        })
    }
}

/// The SDK's configuration is left out: its `Debug` shows the profiles that it was loaded from, with their secrets.
impl fmt::Debug for SessionConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionConfig")
            .field("credentials", &self.credentials)
            .field("region_name", &self.region_name)
            .field("profile_name", &self.profile_name)
            .field("account_id", &self.account_id)
            .field("client_config", &self.client_config)
            .field("available_profiles", &self.available_profiles)
            .finish_non_exhaustive()
    }
}

/// As [`SessionConfig`]'s.
impl fmt::Debug for SessionConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionConfigBuilder")
            .field("credentials", &self.credentials)
            .field("region_name", &self.region_name)
            .field("profile_name", &self.profile_name)
            .field("client_config", &self.client_config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_was_given_stays_unless_a_role_is_assumed_in_another() {
        let id = |digits: &str| AccountId::new(digits).unwrap();
        let found = |origin: Origin| Some(Setting::new(id("222222222222"), origin));
        let given = SessionConfig {
            account_id: Some(Setting::new(id("111111111111"), Origin::Argument)),
            ..Default::default()
        };
        let variable = Origin::Environment("AWS_ACCOUNT_ID".into());
        let kept = given.clone().resolve_account_id(found(variable.clone()));
        assert_eq!(kept.account_id(), given.account_id());
        assert_eq!(given.clone().resolve_account_id(None).account_id(), given.account_id());
        let assumed = given.resolve_account_id(found(Origin::Credentials));
        assert_eq!(assumed.account_id(), found(Origin::Credentials).as_ref());
        let resolved = SessionConfig::default().resolve_account_id(found(variable.clone()));
        assert_eq!(resolved.account_id(), found(variable).as_ref());
    }
}
