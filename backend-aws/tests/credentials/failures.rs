//! What goes wrong with credentials: said with its kind, its place and the provider, to everybody who asks.

use crate::fakes::Fakes;
use crate::probe::Case;
use crate::{KEYS, ROLE, SIGN_ON, SIGN_ON_TOKEN, case, container, instance, sign_on, web_identity};

#[test]
fn a_malformed_account_or_expiry_of_the_environment_fails_at_build() {
    let keys = || Case::new().keys("ENVIRONMENT");
    let outcome = keys().variable("AWS_CREDENTIAL_EXPIRATION", "tomorrow").run();
    outcome.fails("InvalidConfig", &["AWS_CREDENTIAL_EXPIRATION", "`tomorrow`", "RFC 3339"]);
    let outcome = keys().variable("AWS_ACCOUNT_ID", "12345").run();
    outcome.fails("InvalidConfig", &["AWS_ACCOUNT_ID", "`12345`", "twelve digits"]);
}

#[test]
fn keys_of_the_environment_that_have_expired_are_an_error() {
    let fakes = Fakes::start();
    let keys = case(&fakes).keys("ENVIRONMENT").variable("AWS_CREDENTIAL_EXPIRATION", "2001-01-01T00:00:00Z");
    let outcome = keys.run().is("credentials_error_kind", "Service").lacks("signed");
    let told = outcome.get("credentials_error").unwrap();
    assert!(told.contains("expired already") && told.contains("EnvironmentVariable"), "{told}");
    assert!(fakes.asked("/").is_empty());
}

#[test]
fn broken_answers_are_errors_that_name_the_provider() {
    let role = format!("[default]\nrole_arn = {ROLE}\nsource_profile = keys\n");
    let denied =
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>";
    for (path, status, body, provider, kind) in [
        (
            "/latest/meta-data/iam/security-credentials/instance-role",
            200,
            "{",
            "Ec2InstanceMetadata",
            "Service",
        ),
        ("/latest/api/token", 403, "", "Ec2InstanceMetadata", "Service"),
        ("/container", 403, "{}", "EcsContainer", "Service"),
        ("/container", 200, "[", "EcsContainer", "Service"),
        ("AssumeRoleWithWebIdentity", 403, denied, "WebIdentityToken", "Service"),
        ("AssumeRoleWithWebIdentity", 200, "<", "WebIdentityToken", "Service"),
        ("AssumeRole", 403, denied, "Profile", "Service"),
        ("/federation/credentials", 403, "{}", "Profile", "Service"),
    ] {
        let fakes = Fakes::start();
        fakes.answer(path, status, body);
        let case = case(&fakes).variable("AWS_MAX_ATTEMPTS", "1");
        let case = match path {
            "AssumeRole" => case.config(&role).credentials(&format!("[keys]\n{KEYS}")),
            "AssumeRoleWithWebIdentity" => web_identity(case),
            "/container" => container(&fakes, case),
            "/federation/credentials" => sign_on(case),
            _ => instance(&fakes, case),
        };
        let outcome = case.run().is("credentials_error_kind", kind).is("sign_error_kind", "AccessDenied");
        for error in ["credentials_error", "sign_error"] {
            let told = outcome.get(error).unwrap();
            assert!(told.contains(&format!("the provider {provider} failed")), "{path} {status}: {told}");
        }
        assert!(fakes.asked("/?x-id=ListBuckets").is_empty());
    }
}

#[test]
fn what_is_wrong_with_a_profile_is_told_to_everybody_who_asks() {
    let fakes = Fakes::start();
    for (profile, words) in [
        ("role_arn = arn:aws:iam::123456789012:role/x\n", "`source_profile` or `credential_source`"),
        ("sso_session = gone\nsso_account_id = 222222222222\nsso_role_name = x\n", "gone"),
        ("credential_process = false\n", "exited with code"),
        ("credential_process = echo hello\n", "could not parse response"),
        (SIGN_ON, "failed to load the cached SSO token"),
    ] {
        let outcome = case(&fakes).config(&format!("[default]\n{profile}")).run();
        for error in ["credentials_error", "sign_error"] {
            let told = outcome.get(error).unwrap();
            assert!(told.contains(words) && told.contains("the provider Profile failed"), "{told}");
        }
    }
}

#[test]
fn a_source_profile_that_is_missing_fails_at_build_and_nobody_else_signs() {
    let fakes = Fakes::start();
    let case = |profiles: &str| instance(&fakes, case(&fakes)).config(profiles);
    let role = |source: &str| format!("role_arn = {ROLE}\nsource_profile = {source}\n");
    let outcome = case(&format!("[default]\n{}", role("gone"))).run();
    outcome.fails("InvalidConfig", &["the profile `default`", "`source_profile = gone`"]);
    let chained = format!("[default]\n{}[profile next]\n{}", role("next"), role("gone"));
    case(&chained).run().fails("InvalidConfig", &["the profile `next`", "`source_profile = gone`"]);
    // Keys that are used instead make it no matter, and a circle is the SDK's to tell.
    case(&chained).keys("ENVIRONMENT").run().is("access_key", "ENVIRONMENT");
    let circle = format!("[default]\n{}[profile next]\n{}", role("next"), role("default"));
    case(&circle).run().is("credentials_error_kind", "InvalidConfig");
}

#[test]
fn without_any_credentials_the_first_request_says_where_they_were_looked_for() {
    let fakes = Fakes::start();
    let outcome = case(&fakes).run().lacks("access_key").lacks("credentials_error");
    let outcome = outcome.is("sign_error_kind", "NoCredentials");
    let told = outcome.get("sign_error").unwrap();
    for word in ["Profile:", "WebIdentityToken:", "EcsContainer:", "Ec2InstanceMetadata:", "IMDS disabled"] {
        assert!(told.contains(word), "{word} in {told}");
    }
}

#[test]
fn a_sign_on_that_is_over_asks_for_nothing() {
    let fakes = Fakes::start();
    let token = "{\"accessToken\": \"sso-tok3n\", \"expiresAt\": \"2001-01-01T00:00:00Z\"}";
    let outcome = sign_on(case(&fakes)).file(SIGN_ON_TOKEN, token).run();
    let outcome = outcome.is("credentials_error_kind", "Service").is("sign_error_kind", "AccessDenied");
    for error in ["credentials_error", "sign_error"] {
        let told = outcome.get(error).unwrap();
        assert!(told.contains("token has expired") && told.contains("the provider Profile failed"), "{told}");
    }
    assert!(fakes.asked("/").is_empty());
}

#[test]
fn a_container_is_not_looked_for_on_just_any_host() {
    let fakes = Fakes::start();
    let case = case(&fakes).variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/container");
    let outcome =
        case.run().is("credentials_error_kind", "InvalidConfig").is("sign_error_kind", "InvalidConfig");
    let told = outcome.get("sign_error").unwrap();
    for words in ["the provider EcsContainer failed", "192.0.2.1", "allowed IP address"] {
        assert!(told.contains(words), "{words} in {told}");
    }
}

#[test]
fn a_web_identity_without_its_file_is_an_error_and_nobody_else_signs() {
    let fakes = Fakes::start();
    let case =
        web_identity(container(&fakes, case(&fakes))).variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent");
    let outcome = case.run().is("credentials_error_kind", "Service").lacks("signed");
    assert!(outcome.get("sign_error").unwrap().contains("the provider WebIdentityToken failed"));
    assert!(fakes.asked("/").is_empty());
}
