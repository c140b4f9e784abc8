//! Keys of the environment: those that the SDK's provider reads, with what it leaves out.
//!
//! It knows neither `AWS_SECURITY_TOKEN`, the old name of the session token, nor `AWS_CREDENTIAL_EXPIRATION`, with
//! which whoever sets the variables says until when they hold.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use session_core::{AccountId, Error, ErrorKind, Origin, Setting};

use super::Found;
use crate::environment::Environment;

const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";
const ACCOUNT_ID: &str = "AWS_ACCOUNT_ID";

/// So long before their end is it worth a look whether the environment has new keys.
const RENEWED: Duration = Duration::from_secs(15 * 60);

/// The keys of the environment, if it has a pair.
///
/// They are read now, so that what the program does to its environment later does not change who it is; where they
/// say when they expire they are read again then.
///
/// # Errors
/// - [`ErrorKind::PartialCredentials`]: one key without the other
/// - [`ErrorKind::InvalidConfig`]: the account id is not twelve digits, the expiry not in RFC 3339
pub(super) async fn find(environment: &Environment) -> Result<Option<Found>, Error> {
    if !has_keys(environment)? {
        return Ok(None);
    }
    let account_id = account_id(environment)?;
    let account_id = account_id.map(|id| Setting::new(id, Origin::Environment(ACCOUNT_ID.into())));
    let keys = read(environment).await?;
    let provider = match keys.expiry() {
        None => Found::known(keys),
        Some(_) => {
            let first = Mutex::new(Some(keys));
            Found::to_ask(SharedCredentialsProvider::new(ExpiringKeys { first }))
        }
    };
    Ok(Some(provider.with_account_id(account_id)))
}

/// Keys that whoever set them sets anew before they expire: first those that were there when the session was built.
#[derive(Debug)]
struct ExpiringKeys {
    first: Mutex<Option<Credentials>>,
}

impl ProvideCredentials for ExpiringKeys {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let now = SystemTime::now();
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        // A role that these keys sign for is fetched more often than they expire.
        let good_for_a_while =
            first.as_ref().and_then(Credentials::expiry).is_some_and(|end| now + RENEWED < end);
        if let Some(keys) = if good_for_a_while { first.clone() } else { first.take() } {
            return future::ProvideCredentials::ready(Ok(keys));
        }
        drop(first);
        future::ProvideCredentials::new(async {
            let environment = Environment::of_process().map_err(CredentialsError::invalid_configuration)?;
            keys_again(&environment).await
        })
    }
}

async fn keys_again(environment: &Environment) -> provider::Result {
    match has_keys(environment) {
        Ok(true) => {
            account_id(environment).map_err(CredentialsError::invalid_configuration)?;
            read(environment).await.map_err(CredentialsError::invalid_configuration)
        }
        Ok(false) => {
            let gone = "the keys of the environment have expired, and AWS_ACCESS_KEY_ID and \
                        AWS_SECRET_ACCESS_KEY are no longer set";
            Err(CredentialsError::invalid_configuration(gone))
        }
        Err(half) => Err(CredentialsError::invalid_configuration(half)),
    }
}

/// Whether the environment has a pair of keys. The SDK takes the secret from `SECRET_ACCESS_KEY` too.
fn has_keys(environment: &Environment) -> Result<bool, Error> {
    let id = environment.get("AWS_ACCESS_KEY_ID");
    let secret = environment.get("AWS_SECRET_ACCESS_KEY");
    let legacy_secret = || environment.get("SECRET_ACCESS_KEY");
    let half = |missing: &str, given: &str| {
        let message = format!(
            "{missing} is missing: {given} is set in the environment without it; set both or neither, or give \
             the session keys or a profile_name"
        );
        Err(Error::new(ErrorKind::PartialCredentials, message))
    };
    match (id, secret) {
        (Some(_), Some(_)) => Ok(true),
        (Some(_), None) if legacy_secret().is_some() => Ok(true),
        (Some(_), None) => half("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        (None, Some(_)) => half("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        (None, None) => Ok(false),
    }
}

async fn read(environment: &Environment) -> Result<Credentials, Error> {
    let expiry = expiry(environment)?;
    let found = EnvironmentVariableCredentialsProvider::new().provide_credentials().await;
    let mut keys = completed(found.map_err(super::told)?, environment);
    *keys.expiry_mut() = expiry;
    Ok(keys)
}

/// The keys with the token of `AWS_SECURITY_TOKEN` if they have none of `AWS_SESSION_TOKEN`.
fn completed(keys: Credentials, environment: &Environment) -> Credentials {
    let (None, Some(token)) = (keys.session_token(), environment.get("AWS_SECURITY_TOKEN")) else {
        return keys;
    };
    let mut with_token = Credentials::builder()
        .access_key_id(keys.access_key_id())
        .secret_access_key(keys.secret_access_key())
        .session_token(token.trim())
        .provider_name("EnvironmentVariable");
    with_token.set_account_id(keys.account_id().cloned());
    with_token.build()
}

fn account_id(environment: &Environment) -> Result<Option<AccountId>, Error> {
    let Some(id) = environment.get(ACCOUNT_ID) else { return Ok(None) };
    AccountId::new(id.trim()).map(Some).map_err(|_| {
        let message = format!("{ACCOUNT_ID} `{}` is not an account id: twelve digits are", id.escape_debug());
        Error::new(ErrorKind::InvalidConfig, message)
    })
}

fn expiry(environment: &Environment) -> Result<Option<SystemTime>, Error> {
    let Some(text) = environment.get(EXPIRATION) else { return Ok(None) };
    let time = DateTime::from_str(text.trim(), Format::DateTimeWithOffset);
    match time.ok().and_then(|time| SystemTime::try_from(time).ok()) {
        Some(time) => Ok(Some(time)),
        None => {
            let message = format!(
                "{EXPIRATION} `{}` is not a time: RFC 3339 is, such as 2030-01-31T12:00:00Z",
                text.escape_debug()
            );
            Err(Error::new(ErrorKind::InvalidConfig, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_a_pair_in_the_environment_is_an_error_that_names_the_other_half() {
        for (given, missing) in [
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY is missing"),
            ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID is missing"),
        ] {
            let error = has_keys(&Environment::from([(given, "hunter2")])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::PartialCredentials);
            assert!(error.to_string().contains(missing) && !error.to_string().contains("hunter2"), "{error}");
        }
        assert!(!has_keys(&Environment::default()).unwrap());
        assert!(
            has_keys(&Environment::from([("AWS_ACCESS_KEY_ID", "A"), ("SECRET_ACCESS_KEY", "s")])).unwrap()
        );
    }

    #[test]
    fn the_old_token_counts_where_the_new_one_is_missing() {
        let environment = Environment::from([("AWS_SECURITY_TOKEN", "old")]);
        let keys = |token: Option<&str>| Credentials::from_keys("A", "s", token.map(str::to_owned));
        assert_eq!(completed(keys(None), &environment).session_token(), Some("old"));
        assert_eq!(completed(keys(Some("new")), &environment).session_token(), Some("new"));
        assert_eq!(completed(keys(None), &Environment::default()).session_token(), None);
    }

    #[test]
    fn an_expiry_has_any_offset() {
        for (text, seconds) in [("1970-01-01T00:01:00Z", 60), ("1970-01-01T01:01:00+01:00", 60)] {
            let found = expiry(&Environment::from([(EXPIRATION, text)])).unwrap().unwrap();
            assert_eq!(found, SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        }
        let error = expiry(&Environment::from([(EXPIRATION, "tomorrow")])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        for word in [EXPIRATION, "`tomorrow`", "RFC 3339"] {
            assert!(error.to_string().contains(word), "{error}");
        }
    }

    #[tokio::test]
    async fn keys_that_are_gone_or_halved_when_they_are_read_again_are_told_as_such() {
        let half = Environment::from([("AWS_ACCESS_KEY_ID", "A")]);
        for (environment, word) in
            [(Environment::default(), "no longer set"), (half, "AWS_SECRET_ACCESS_KEY is missing")]
        {
            let error = keys_again(&environment).await.unwrap_err();
            assert!(matches!(error, CredentialsError::InvalidConfiguration(_)));
            let told = super::super::failure::Chain(&error).to_string();
            assert!(told.contains(word), "{told}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_look_ups_panic(text in "\\PC{0,40}", time in "[0-9TZ:.+-]{0,30}") {
            for text in [text.as_str(), time.as_str()] {
                let _ = expiry(&Environment::from([(EXPIRATION, text)]));
                let _ = account_id(&Environment::from([(ACCOUNT_ID, text)]));
            }
        }
    }
}
