//! Credentials of a session: every source asked for real, on ports of this machine, and what signs afterwards.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests: a failure is the test's

mod assume_role;
mod existing;
mod failures;
mod fakes;
#[path = "../environment/probe.rs"]
mod probe;
#[cfg(unix)]
mod without_files;

use fakes::Fakes;
use probe::{Case, Outcome};

const ROLE: &str = "arn:aws:iam::123456789012:role/reader";
const KEYS: &str = "aws_access_key_id = PROFILE\naws_secret_access_key = hunter2\n";
const SIGN_ON: &str = "sso_session = work\nsso_account_id = 222222222222\nsso_role_name = reader\n\
                       [sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://example.com/start\n";
/// SHA-1 of `work`, the name of the session.
const SIGN_ON_TOKEN: &str = ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json";

/// A case whose requests all go to the fakes, and which signs one.
fn case(fakes: &Fakes) -> Case {
    Case::new()
        .variable("AWS_REGION", "eu-west-1")
        .variable("AWS_ENDPOINT_URL_S3", &fakes.url)
        .variable("AWS_ENDPOINT_URL_STS", &fakes.url)
        .variable("AWS_ENDPOINT_URL_SSO", &fakes.url)
        .argument("sign", "yes")
}

fn instance(fakes: &Fakes, case: Case) -> Case {
    case.variable("AWS_EC2_METADATA_DISABLED", "false")
        .variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", &fakes.url)
}

fn container(fakes: &Fakes, case: Case) -> Case {
    fakes.set(|answers| answers.container_token = "container-tok3n".into());
    case.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{}/container", fakes.url))
        .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-tok3n")
}

fn web_identity(case: Case) -> Case {
    let case = case.file("identity", "identity-tok3n");
    let path = case.path("identity");
    case.variable("AWS_WEB_IDENTITY_TOKEN_FILE", path.to_str().unwrap())
        .variable("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/web")
}

fn sign_on(case: Case) -> Case {
    let token = "{\"accessToken\": \"sso-tok3n\", \"expiresAt\": \"2100-01-01T00:00:00Z\"}";
    case.file(SIGN_ON_TOKEN, token).config(&format!("[default]\n{SIGN_ON}"))
}

/// A script that prints what `credential_process` expects, with these fields.
fn process(case: Case, fields: &str) -> Case {
    let output = format!("{{\"Version\": 1, {fields}}}");
    let case = case.file("output", &output);
    let path = case.path("output");
    case.config(&format!("[default]\ncredential_process = cat {}\n", path.display()))
}

/// Signed, with that access key.
#[track_caller]
fn signed(outcome: Outcome, fakes: &Fakes, access_key: &str) -> Outcome {
    let outcome = outcome.is("access_key", access_key).is("signed", "yes");
    let requests = fakes.asked("/?x-id=ListBuckets");
    let signers: Vec<_> = requests.iter().map(fakes::Request::signer).collect();
    assert_eq!(signers, [access_key]);
    outcome
}

#[test]
fn instance_metadata_is_asked_with_a_session_token_and_its_role_signs() {
    let fakes = Fakes::start();
    let outcome = instance(&fakes, case(&fakes)).run();
    signed(outcome, &fakes, "INSTANCE").is("source", "IMDSv2").is("expiry", "2100-01-01T00:00:00Z");
    // Shown once and kept for the request: one token, the role's name, its credentials.
    assert_eq!(fakes.asked("/latest/").len(), 3);
}

#[test]
fn a_container_is_asked_with_its_token_from_variable_or_file() {
    let fakes = Fakes::start();
    let outcome = container(&fakes, case(&fakes)).run();
    signed(outcome, &fakes, "CONTAINER").is("source", "EcsContainer").is("expiry", "2100-01-01T00:00:00Z");

    let fakes = Fakes::start();
    let case = container(&fakes, case(&fakes)).file("token", "from-the-file");
    fakes.set(|answers| answers.container_token = "from-the-file".into());
    let path = case.path("token");
    let outcome = case.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path.to_str().unwrap()).run();
    signed(outcome, &fakes, "CONTAINER");
}

#[test]
fn a_web_identity_is_exchanged_for_its_role() {
    let fakes = Fakes::start();
    let outcome = web_identity(case(&fakes)).variable("AWS_ROLE_SESSION_NAME", "nightly").run();
    signed(outcome, &fakes, "WEB").is("source", "WebIdentityToken").is("credentials_account", "123456789012");
    let asked = &fakes.asked("AssumeRoleWithWebIdentity")[0];
    assert_eq!(asked.field("WebIdentityToken").as_deref(), Some("identity-tok3n"));
    assert_eq!(asked.field("RoleSessionName").as_deref(), Some("nightly"));
    assert_eq!(asked.header("authorization"), "");
}

#[test]
fn a_single_sign_on_gives_the_credentials_of_its_role() {
    let fakes = Fakes::start();
    let outcome = sign_on(case(&fakes)).run();
    signed(outcome, &fakes, "SIGNON")
        .is("source", "SSO")
        .is("expiry", "2100-01-01T00:00:00Z")
        .is("account", "222222222222")
        .is("account_origin", "the profile `default`");
    let asked = &fakes.asked("/federation/credentials")[0];
    assert_eq!(asked.field("role_name").as_deref(), Some("reader"));
    assert_eq!(asked.field("account_id").as_deref(), Some("222222222222"));
}

#[test]
fn a_process_prints_credentials_with_or_without_an_expiry() {
    let keys = "\"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"hunter2\", \"SessionToken\": \"tok3n\"";
    let fakes = Fakes::start();
    let outcome = process(case(&fakes), &format!("{keys}, \"Expiration\": \"2100-01-01T00:00:00Z\"")).run();
    signed(outcome, &fakes, "PROCESS").is("source", "CredentialProcess").is("expiry", "2100-01-01T00:00:00Z");
    let fakes = Fakes::start();
    let outcome = process(case(&fakes), keys).run();
    signed(outcome, &fakes, "PROCESS").is("expiry", "never").is("has_token", "true");
}

#[test]
fn keys_of_a_profile_sign_with_their_account() {
    let fakes = Fakes::start();
    let keys =
        |account: &str| format!("[default]\n{KEYS}aws_session_token = tok3n\naws_account_id = {account}\n");
    let outcome = case(&fakes).credentials(&keys("111111111111")).run();
    signed(outcome, &fakes, "PROFILE")
        .is("has_token", "true")
        .is("account", "111111111111")
        .is("account_origin", "the profile `default`")
        .is("credentials_account", "111111111111");
    let outcome = case(&fakes).credentials(&keys("12345")).run();
    outcome.fails("InvalidConfig", &["aws_account_id", "`12345`", "the profile `default`", "twelve digits"]);
}

#[test]
fn keys_of_the_environment_sign_with_token_account_and_expiry() {
    let fakes = Fakes::start();
    let keys = || case(&fakes).keys("ENVIRONMENT").variable("AWS_ACCOUNT_ID", "111111111111");
    let outcome = keys().variable("AWS_SECURITY_TOKEN", "tok3n").run();
    signed(outcome, &fakes, "ENVIRONMENT")
        .is("source", "EnvironmentVariable")
        .is("expiry", "never")
        .is("has_token", "true")
        .is("account", "111111111111")
        .is("account_origin", "the environment variable AWS_ACCOUNT_ID")
        .is("credentials_account", "111111111111");
    let both = keys().variable("AWS_SECURITY_TOKEN", "old").variable("AWS_SESSION_TOKEN", "tok3n");
    both.run().is("has_token", "true");
    let expiring = || keys().variable("AWS_CREDENTIAL_EXPIRATION", "2100-01-01T01:00:00+01:00");
    expiring().run().is("expiry", "2100-01-01T00:00:00Z").is("signed", "yes");

    // In code, a profile leaves the environment's identity aside, and what is wrong with it too.
    let other = expiring().variable("AWS_ACCOUNT_ID", "x").credentials(&format!("[default]\n{KEYS}"));
    other.argument("profile_name", "default").run().is("access_key", "PROFILE").lacks("account");
}

#[test]
fn each_source_comes_before_those_that_follow_it() {
    // Each row takes the source before it away. All sources of a row are there at once.
    let process = "credential_process = echo '{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \
                   \"SecretAccessKey\": \"hunter2\"}'\n";
    for (first, with_keys, profile, with_web_identity, with_container) in [
        ("ENVIRONMENT", true, SIGN_ON.to_owned(), true, true),
        ("SIGNON", false, format!("{process}{KEYS}{SIGN_ON}"), true, true),
        ("PROCESS", false, format!("{process}{KEYS}"), true, true),
        ("PROFILE", false, KEYS.to_owned(), true, true),
        ("WEB", false, String::new(), true, true),
        ("CONTAINER", false, String::new(), false, true),
        ("INSTANCE", false, String::new(), false, false),
    ] {
        let fakes = Fakes::start();
        let mut case = instance(&fakes, sign_on(case(&fakes))).config(&format!("[default]\n{profile}"));
        if with_keys {
            case = case.keys("ENVIRONMENT");
        }
        if with_web_identity {
            case = web_identity(case);
        }
        if with_container {
            case = container(&fakes, case);
        }
        signed(case.run(), &fakes, first);
    }
}

#[test]
fn roles_of_profiles_are_chained_from_their_source() {
    let fakes = Fakes::start();
    let config = "[default]\nrole_arn = arn:aws:iam::222222222222:role/second\nsource_profile = first\n\
                  external_id = ours\nrole_session_name = nightly\n\
                  [profile first]\nrole_arn = arn:aws:iam::111111111111:role/first\nsource_profile = keys\n";
    let outcome = case(&fakes).config(config).credentials(&format!("[keys]\n{KEYS}")).run();
    signed(outcome, &fakes, "SECOND")
        .is("source", "AssumeRoleProvider")
        .is("account", "222222222222")
        .is("account_origin", "the credentials");
    let asked = fakes.asked("AssumeRole");
    let signers: Vec<_> = asked.iter().map(fakes::Request::signer).collect();
    assert_eq!(signers, ["PROFILE", "FIRST"]);
    assert_eq!(asked[1].field("ExternalId").as_deref(), Some("ours"));
    assert_eq!(asked[1].field("RoleSessionName").as_deref(), Some("nightly"));

    for (source, signer) in
        [("EcsContainer", "CONTAINER"), ("Ec2InstanceMetadata", "INSTANCE"), ("Environment", "ENVIRONMENT")]
    {
        let fakes = Fakes::start();
        let config = format!("[default]\nrole_arn = {ROLE}\ncredential_source = {source}\n");
        let case = instance(&fakes, container(&fakes, case(&fakes))).config(&config).keys("ENVIRONMENT");
        // Given in code, for otherwise the environment's keys would sign.
        let outcome = case.argument("profile_name", "default").run();
        signed(outcome, &fakes, "READER");
        assert_eq!(fakes.asked("AssumeRole")[0].signer(), signer);
    }
}

#[test]
fn a_role_is_assumed_over_what_would_sign_otherwise() {
    for (with_keys, argument, signer) in [
        (true, None, "ENVIRONMENT"),
        (false, None, "PROFILE"),
        (true, Some(("profile_name", "default")), "PROFILE"),
        (true, Some(("aws_access_key_id", "ARGUMENT")), "ARGUMENT"),
    ] {
        let fakes = Fakes::start();
        let mut case = case(&fakes).credentials(&format!("[default]\n{KEYS}")).argument("assume_role", ROLE);
        if with_keys {
            case = case.keys("ENVIRONMENT").variable("AWS_ACCOUNT_ID", "999999999999");
        }
        if let Some((name, value)) = argument {
            case = case.argument(name, value);
        }
        signed(case.run(), &fakes, "READER")
            .is("source", "AssumeRoleProvider")
            .is("account", "123456789012")
            .is("account_origin", "the credentials")
            .is("credentials_account", "123456789012");
        let asked = fakes.asked("AssumeRole");
        assert_eq!((asked.len(), asked[0].signer()), (1, signer));
        assert!(asked[0].header("authorization").contains("/eu-west-1/sts/"));
    }
}
