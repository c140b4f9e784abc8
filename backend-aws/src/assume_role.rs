//! A role that a session assumes: who to become, and the limits that STS puts on the wish.

use std::time::Duration;

use crate::endpoint;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::origin::Origin as SdkOrigin;
use aws_types::region::Region;
use session_core::{AccountId, EndpointUrl, Error, ErrorKind, ServiceName};

/// A role for [`AwsSessionBuilder::assume_role`](crate::AwsSessionBuilder::assume_role), and how to assume it.
///
/// Everything but the ARN is optional. Values are checked when the session is built; mistakes are
/// [`InvalidConfig`](ErrorKind::InvalidConfig) errors that name the option, the value and what is allowed.
///
/// ```
/// use std::time::Duration;
///
/// use backend_aws::AssumeRole;
///
/// let role = AssumeRole::new("arn:aws:iam::123456789012:role/reader")
///     .role_session_name("nightly-report")
///     .external_id("our-name-at-yours")
///     .duration(Duration::from_secs(3_600));
/// ```
///
/// # Source
/// STS API reference, `AssumeRole`: names and limits of its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct AssumeRole {
    role_arn: String,
    role_session_name: Option<String>,
    external_id: Option<String>,
    duration: Option<Duration>,
    policy: Option<String>,
    policy_arns: Vec<String>,
    tags: Vec<(String, String)>,
}

impl AssumeRole {
    /// The role with this ARN, `arn:<partition>:iam::<account>:role/<path and name>`.
    pub fn new(role_arn: impl Into<String>) -> Self {
        Self {
            role_arn: role_arn.into(),
            role_session_name: None,
            external_id: None,
            duration: None,
            policy: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// The name of the session of the role, as the role's account sees it in its logs: 2 to 64 letters, digits and
    /// `_+=,.@-`. Without one the SDK makes one up.
    pub fn role_session_name(mut self, name: impl Into<String>) -> Self {
        self.role_session_name = Some(name.into());
        self
    }

    /// What the owner of the role demands from a third party: 2 to 1,224 letters, digits and `_+=,.@:/-`.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// How long one set of credentials is good for: 900 s to 43,200 s in whole seconds, 3,600 s without it.
    ///
    /// The session fetches new ones by itself, so it outlives this. The role may allow less than twelve hours, and a
    /// role that is assumed by another role at most one.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// A policy in JSON that narrows what the session may do: 1 to 2,048 characters.
    pub fn policy(mut self, json: impl Into<String>) -> Self {
        self.policy = Some(json.into());
        self
    }

    /// Managed policies that narrow what the session may do: at most ten ARNs.
    pub fn policy_arns<A: Into<String>>(mut self, arns: impl IntoIterator<Item = A>) -> Self {
        self.policy_arns = arns.into_iter().map(Into::into).collect();
        self
    }

    /// Tags of the session: at most 50, keys of 1 to 128 characters and values of at most 256.
    pub fn tags<K: Into<String>, V: Into<String>>(mut self, tags: impl IntoIterator<Item = (K, V)>) -> Self {
        self.tags = tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        self
    }

    /// Checks every value against STS's limits, and gives the account of the role.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] names the option, the value and what is allowed.
    pub(crate) fn check(&self) -> Result<AccountId, Error> {
        let account_id = account_of_role(&self.role_arn).ok_or_else(|| {
            let allowed = "`arn:<partition>:iam::<12 digits>:role/<name>`";
            refusal("role_arn", &self.role_arn, allowed)
        })?;
        if let Some(name) = &self.role_session_name
            && !is_text(name, 2..=64, "_+=,.@-")
        {
            let allowed = "2 to 64 letters, digits and `_+=,.@-`";
            return Err(refusal("role_session_name", name, allowed));
        }
        if let Some(id) = &self.external_id
            && !is_text(id, 2..=1_224, "_+=,.@:/-")
        {
            let allowed = "2 to 1224 letters, digits and `_+=,.@:/-`";
            return Err(refusal("external_id", id, allowed));
        }
        if let Some(duration) = self.duration
            && (duration.subsec_nanos() != 0 || !(900..=43_200).contains(&duration.as_secs()))
        {
            let allowed = "whole seconds from 900 s to 43200 s (15 minutes to 12 hours)";
            return Err(refusal("duration", &format!("{} s", duration.as_secs_f64()), allowed));
        }
        if let Some(policy) = &self.policy
            && !(1..=2_048).contains(&policy.chars().count())
        {
            let length = format!("of {} characters", policy.chars().count());
            return Err(refusal("policy", &length, "JSON of 1 to 2048 characters"));
        }
        if self.policy_arns.len() > 10 {
            let count = format!("{} ARNs", self.policy_arns.len());
            return Err(refusal("policy_arns", &count, "at most 10 ARNs"));
        }
        if let Some(arn) = self.policy_arns.iter().find(|arn| !is_policy_arn(arn)) {
            let allowed = "`arn:<partition>:iam::<account or aws>:policy/<name>`";
            return Err(refusal("policy_arns", arn, allowed));
        }
        if self.tags.len() > 50 {
            return Err(refusal("tags", &format!("{} tags", self.tags.len()), "at most 50 tags"));
        }
        if let Some((key, _)) = self
            .tags
            .iter()
            .find(|(key, value)| !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256)
        {
            let allowed = "keys of 1 to 128 characters with values of at most 256";
            return Err(refusal("tags", key, allowed));
        }
        Ok(account_id)
    }

    /// The SDK's provider of this role, whose wish `base` signs. STS is asked in `region`, at the endpoint that
    /// `endpoint_url` or else `sdk_config` says.
    pub(crate) async fn provider(
        &self,
        base: SharedCredentialsProvider,
        sdk_config: &SdkConfig,
        region: Region,
        endpoint_url: Option<&EndpointUrl>,
    ) -> SharedCredentialsProvider {
        let mut config = sdk_config.to_builder();
        if let Some(url) = endpoint_url {
            config.set_endpoint_url(Some(url.as_str().to_owned()));
            config.insert_origin("endpoint_url", SdkOrigin::shared_config());
        }
        let own = endpoint::configured(sdk_config, &ServiceName::from_static("sts"), false);
        if endpoint_url.is_some() || own.is_ok_and(|own| own.is_some()) {
            // As for clients: a custom endpoint has no other variant.
            config.set_use_fips(None).set_use_dual_stack(None);
        }
        let mut provider =
            AssumeRoleProvider::builder(&self.role_arn).configure(&config.build()).region(region);
        if let Some(name) = &self.role_session_name {
            provider = provider.session_name(name);
        }
        if let Some(id) = &self.external_id {
            provider = provider.external_id(id);
        }
        if let Some(duration) = self.duration {
            provider = provider.session_length(duration);
        }
        if let Some(policy) = &self.policy {
            provider = provider.policy(policy);
        }
        if !self.policy_arns.is_empty() {
            provider = provider.policy_arns(self.policy_arns.clone());
        }
        if !self.tags.is_empty() {
            provider = provider.tags(self.tags.clone());
        }
        SharedCredentialsProvider::new(provider.build_from_provider(base).await)
    }
}

impl<A: Into<String>> From<A> for AssumeRole {
    fn from(role_arn: A) -> Self {
        Self::new(role_arn)
    }
}

/// The account in the ARN of a role; `None` if the text is no such ARN.
pub(crate) fn account_of_role(arn: &str) -> Option<AccountId> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts[..] else { return None };
    let full_name = resource.strip_prefix("role/")?;
    let (path, name) = full_name.rsplit_once('/').unwrap_or(("", full_name));
    let well_formed = is_text(partition, 1..=64, "-")
        && is_text(name, 1..=64, "_+=,.@-")
        && path.bytes().all(|byte| byte.is_ascii_graphic())
        && arn.len() <= 2_048;
    well_formed.then(|| AccountId::new(account).ok()).flatten()
}

fn is_policy_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts[..] else { return false };
    let name = resource.strip_prefix("policy/").unwrap_or_default();
    is_text(partition, 1..=64, "-")
        && (account == "aws" || AccountId::new(account).is_ok())
        && is_text(name, 1..=1_024, "_+=,.@/-")
}

fn is_text(text: &str, length: std::ops::RangeInclusive<usize>, others: &str) -> bool {
    length.contains(&text.len())
        && text.chars().all(|char| char.is_ascii_alphanumeric() || others.contains(char))
}

fn refusal(option: &str, value: &str, allowed: &str) -> Error {
    let shown: String = value.escape_debug().take(200).collect();
    let message = format!("{option} `{shown}` of assume_role is not allowed: it must be {allowed}");
    Error::new(ErrorKind::InvalidConfig, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ARN: &str = "arn:aws:iam::123456789012:role/team/reader";

    fn refused(role: AssumeRole, words: &[&str]) {
        let error = role.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        for word in words {
            assert!(error.to_string().contains(word), "{word} in {error}");
        }
    }

    #[test]
    fn the_account_of_a_role_is_that_of_its_arn() {
        for arn in
            [ARN, "arn:aws-cn:iam::123456789012:role/x", "arn:aws-us-gov:iam::123456789012:role/a+=,.@-_b"]
        {
            assert_eq!(AssumeRole::from(arn).check().unwrap().as_str(), "123456789012", "{arn}");
        }
    }

    #[test]
    fn what_is_no_arn_of_a_role_is_refused_with_the_form_of_one() {
        for arn in [
            "",
            "reader",
            "arn:aws:iam::123456789012:user/ann",
            "arn:aws:iam::12345:role/x",
            "arn:aws:iam:eu-west-1:123456789012:role/x",
            "arn:aws:sts::123456789012:role/x",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/a b",
            "arn::iam::123456789012:role/x",
        ] {
            refused(
                AssumeRole::from(arn),
                &["role_arn", arn, "`arn:<partition>:iam::<12 digits>:role/<name>`"],
            );
        }
    }

    #[test]
    fn each_limit_of_sts_is_checked_at_both_ends() {
        let role = || AssumeRole::new(ARN);
        for (within, option, beyond) in [
            (role().role_session_name("ab"), "role_session_name", role().role_session_name("a")),
            (
                role().role_session_name("a".repeat(64)),
                "role_session_name",
                role().role_session_name("a".repeat(65)),
            ),
            (role().role_session_name("a+=,.@-_1"), "role_session_name", role().role_session_name("a b")),
            (role().external_id("ab"), "external_id", role().external_id("a")),
            (role().external_id("a".repeat(1_224)), "external_id", role().external_id("a".repeat(1_225))),
            (
                role().duration(Duration::from_secs(900)),
                "duration",
                role().duration(Duration::from_secs(899)),
            ),
            (
                role().duration(Duration::from_secs(43_200)),
                "duration",
                role().duration(Duration::from_secs(43_201)),
            ),
            (role().policy("{}"), "policy", role().policy("")),
            (role().policy("a".repeat(2_048)), "policy", role().policy("a".repeat(2_049))),
            (
                role().policy_arns(["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
                "policy_arns",
                role().policy_arns(["ReadOnlyAccess"]),
            ),
            (
                role().policy_arns(["arn:aws:iam::123456789012:policy/a/b"; 10]),
                "policy_arns",
                role().policy_arns(["arn:aws:iam::123456789012:policy/a/b"; 11]),
            ),
            (role().tags([("team", "")]), "tags", role().tags([("", "red")])),
            (role().tags([("a", "b"); 50]), "tags", role().tags([("a", "b"); 51])),
        ] {
            assert!(within.check().is_ok(), "{within:?}");
            refused(beyond, &[option, "must be"]);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_checks_panic(text in "\\PC{0,80}", tail in "[a-z:/é]{0,20}") {
            let _ = AssumeRole::new(text.as_str()).check();
            let _ = AssumeRole::new(format!("arn:aws:iam::123456789012:role{tail}"))
                .role_session_name(text.as_str())
                .external_id(text.as_str())
                .policy_arns([text.as_str()])
                .check();
        }
    }
}
