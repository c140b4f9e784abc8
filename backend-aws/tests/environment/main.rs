//! What a session finds outside the program: every rule of precedence, each case in a process of its own with
//! an environment and a home directory made for it.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests: a failure is the test's

mod probe;
mod settings;
mod sts;

use probe::Case;

const TWO_PROFILES: &str = "[default]\nregion = us-east-2\n[profile dev]\nregion = eu-north-1\n";
const TWO_IDENTITIES: &str = "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = hunter2\n\
                              [dev]\naws_access_key_id = DEV\naws_secret_access_key = hunter2\n";

#[test]
fn an_empty_environment_gives_a_session_without_region_and_credentials() {
    Case::new()
        .run()
        .is("profile", "default")
        .is("profile_origin", "the default")
        .lacks("region")
        .lacks("access_key")
        .lacks("credentials_error")
        .is("s3_error_kind", "MissingRegion")
        .is("dynamodb_error_kind", "MissingRegion");
}

#[test]
fn the_region_is_the_arguments_then_aws_region_then_aws_default_region_then_the_profiles() {
    let case = || Case::new().config(TWO_PROFILES);
    case().run().is("region", "us-east-2").is("region_origin", "the profile `default`");
    let default_region = || case().variable("AWS_DEFAULT_REGION", "ap-south-1");
    default_region()
        .run()
        .is("region", "ap-south-1")
        .is("region_origin", "the environment variable AWS_DEFAULT_REGION");
    let region = || default_region().variable("AWS_REGION", "sa-east-1");
    region().run().is("region", "sa-east-1").is("region_origin", "the environment variable AWS_REGION");
    region()
        .argument("region_name", "eu-west-3")
        .run()
        .is("region", "eu-west-3")
        .is("region_origin", "an argument of the session");
}

#[test]
fn the_profile_is_the_arguments_then_aws_profile_then_aws_default_profile() {
    let case = || Case::new().config("[profile a]\n[profile b]\n[profile c]\n");
    let old = || case().variable("AWS_DEFAULT_PROFILE", "a");
    old().run().is("profile", "a").is("profile_origin", "the environment variable AWS_DEFAULT_PROFILE");
    let new = || old().variable("AWS_PROFILE", "b");
    new().run().is("profile", "b").is("profile_origin", "the environment variable AWS_PROFILE");
    new()
        .argument("profile_name", "c")
        .run()
        .is("profile", "c")
        .is("profile_origin", "an argument of the session");
}

#[test]
fn a_profile_that_is_in_neither_file_fails_at_build_with_near_misses() {
    let words = ["`develop`", "did you mean `dev", ".aws/config", ".aws/credentials", "`default`"];
    let case = || Case::new().config("[default]\n[profile developer]\n").credentials(TWO_IDENTITIES);
    case().argument("profile_name", "develop").run().fails("ProfileNotFound", &words);
    let outcome = case().variable("AWS_PROFILE", "develop").run();
    outcome.fails("ProfileNotFound", &words).fails("ProfileNotFound", &["AWS_PROFILE"]);
    let outcome = Case::new().variable("AWS_DEFAULT_PROFILE", "dev").run();
    outcome.fails("ProfileNotFound", &["no profiles", "AWS_DEFAULT_PROFILE"]);
    // Explicit keys make it no better: the profile was asked for.
    let case = Case::new().argument("profile_name", "dev").argument("aws_access_key_id", "ARGUMENT");
    case.run().fails("ProfileNotFound", &["`dev`"]);
}

#[test]
fn a_profile_may_be_in_the_credentials_file_alone() {
    let case = Case::new().credentials(TWO_IDENTITIES).argument("profile_name", "dev");
    case.run().is("profile", "dev").is("access_key", "DEV");
}

#[test]
fn the_available_profiles_are_the_config_files_in_its_order_and_then_the_credentials_files_others() {
    Case::new().run().is("available_profiles", "");
    let case = || {
        Case::new()
            .config("[profile zebra]\n[default]\nregion = eu-west-1\n[services own]\n[sso-session own]\n[profile b]\n")
            .credentials("[zoo]\n[default]\n[ant]\n[b]\n")
    };
    case().run().is("available_profiles", "zebra default b zoo ant");
    case().argument("profile_name", "ant").run().is("available_profiles", "zebra default b zoo ant");
    let only_credentials = Case::new().credentials(TWO_IDENTITIES);
    only_credentials.run().is("available_profiles", "default dev");
    // A configuration made elsewhere stands for the files, unless a profile of theirs is asked for.
    let adopting = || case().argument("sdk_config", "bare");
    adopting().run().is("available_profiles", "");
    let outcome = adopting().argument("profile_name", "b").run();
    outcome.is("available_profiles", "zebra default b zoo ant");
}

#[test]
fn a_profile_given_in_code_beats_the_keys_of_the_environment_and_aws_profile_does_not() {
    let case = || Case::new().credentials(TWO_IDENTITIES).config(TWO_PROFILES).keys("ENVIRONMENT");
    case().run().is("access_key", "ENVIRONMENT");
    case().argument("profile_name", "dev").run().is("access_key", "DEV").is("region", "eu-north-1");
    let outcome = case().variable("AWS_PROFILE", "dev").run();
    outcome.is("access_key", "ENVIRONMENT").is("profile", "dev").is("region", "eu-north-1");
}

#[test]
fn a_profile_given_in_code_without_credentials_does_not_fall_back_to_the_environments_identity() {
    let case = Case::new()
        .config(TWO_PROFILES)
        .keys("ENVIRONMENT")
        .variable("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/x")
        .variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent");
    case.argument("profile_name", "dev").run().lacks("access_key").lacks("credentials_error");
}

#[test]
fn a_role_is_assumed_in_us_east_1_while_only_clients_name_a_region() {
    let (sts, serving) = sts::serve_once();
    Case::new()
        .config("[profile prod]\nrole_arn = arn:aws:iam::123456789012:role/prod\nsource_profile = default\n")
        .credentials(TWO_IDENTITIES)
        .variable("AWS_ENDPOINT_URL_STS", &sts)
        .argument("profile_name", "prod")
        .run()
        .is("access_key", "ASSUMED")
        .lacks("region");
    let authorization = serving.join().unwrap();
    assert!(authorization.contains("Credential=DEFAULT/") && authorization.contains("/us-east-1/sts/"));
}

#[test]
fn explicit_keys_beat_environment_and_profile_and_the_profile_gives_the_region() {
    let case = Case::new()
        .config(TWO_PROFILES)
        .credentials(TWO_IDENTITIES)
        .keys("ENVIRONMENT")
        .argument("aws_access_key_id", "ARGUMENT")
        .argument("profile_name", "dev");
    case.run().is("access_key", "ARGUMENT").is("region", "eu-north-1").is("profile", "dev");
}

#[test]
fn without_keys_in_the_environment_the_profile_signs() {
    let case = || Case::new().credentials(TWO_IDENTITIES);
    case().run().is("access_key", "DEFAULT");
    case().variable("AWS_ACCESS_KEY_ID", "").run().is("access_key", "DEFAULT");
    case().variable("AWS_PROFILE", "dev").run().is("access_key", "DEV");
    case().variable("AWS_DEFAULT_PROFILE", "dev").run().is("access_key", "DEV");
}

#[test]
fn half_of_the_keys_in_the_environment_fails_at_build_unless_others_are_used() {
    let case = || Case::new().credentials(TWO_IDENTITIES).variable("AWS_ACCESS_KEY_ID", "HALF");
    case().run().fails("PartialCredentials", &["AWS_SECRET_ACCESS_KEY is missing"]);
    let other_half = Case::new().variable("AWS_SECRET_ACCESS_KEY", "hunter2");
    other_half.run().fails("PartialCredentials", &["AWS_ACCESS_KEY_ID is missing"]);
    case().argument("profile_name", "dev").run().is("access_key", "DEV");
    case().argument("aws_access_key_id", "ARGUMENT").run().is("access_key", "ARGUMENT");
}

#[test]
fn the_files_are_where_the_environment_says() {
    let case = Case::new().file("elsewhere/config", TWO_PROFILES).file("elsewhere/keys", TWO_IDENTITIES);
    let keys = case.path("elsewhere/keys");
    case.variable("AWS_CONFIG_FILE", "~/elsewhere/config")
        .variable("AWS_SHARED_CREDENTIALS_FILE", keys.to_str().unwrap())
        .variable("AWS_PROFILE", "dev")
        .run()
        .is("region", "eu-north-1")
        .is("access_key", "DEV");
}

#[test]
fn a_broken_file_fails_at_build_and_is_named_with_the_line() {
    let outcome = Case::new().config("[default]\nregion = eu-west-1\nhunter2\n").run();
    outcome.fails("InvalidConfig", &[".aws/config", "line 3"]);
    let outcome = Case::new().credentials("[default\n").run();
    outcome.fails("InvalidConfig", &[".aws/credentials", "line 1"]);
    let directory = Case::new().file(".aws/config/oops", "");
    directory.run().fails("InvalidConfig", &[".aws/config", "cannot be read"]);
}

#[test]
fn a_malformed_region_of_the_environment_or_the_profile_fails_at_build() {
    let outcome = Case::new().variable("AWS_REGION", "eu west").run();
    outcome.fails("InvalidRegion", &["`eu west`", "AWS_REGION"]);
    let outcome = Case::new().config("[default]\nregion = eu_west\n").run();
    outcome.fails("InvalidRegion", &["`eu_west`", "the profile `default`"]);
}

#[test]
fn retry_settings_are_read_and_a_wrong_one_fails_at_build() {
    let case = || Case::new().variable("AWS_REGION", "eu-west-1");
    case().variable("AWS_MAX_ATTEMPTS", "7").run().is("attempts", "7");
    case().config("[default]\nmax_attempts = 4\n").run().is("attempts", "4");
    for wrong in ["0", "-1", "many", ""] {
        let outcome = case().variable("AWS_MAX_ATTEMPTS", wrong).run();
        outcome.fails("InvalidConfig", &["max_attempts", "AWS_MAX_ATTEMPTS", "from 1"]);
    }
    let outcome = case().config("[default]\nretry_mode = legacy\n").run();
    outcome.fails("InvalidConfig", &["retry_mode", "`legacy`", "the profile `default`", "`standard`"]);
}

#[test]
fn the_endpoint_is_the_services_variable_then_the_common_one_then_the_profiles() {
    let config = "[default]\nendpoint_url = http://profile:1\nservices = dev\n\
                  [services dev]\ns3 =\n  endpoint_url = http://section:2\n";
    let case = || Case::new().variable("AWS_REGION", "eu-west-1").config(config);
    case().run().is("s3_endpoint", "http://section:2").is("dynamodb_endpoint", "http://profile:1");
    let common = || case().variable("AWS_ENDPOINT_URL", "http://common:3");
    common().run().is("s3_endpoint", "http://common:3").is("dynamodb_endpoint", "http://common:3");
    let own = || common().variable("AWS_ENDPOINT_URL_S3", "http://own:4");
    own().run().is("s3_endpoint", "http://own:4").is("dynamodb_endpoint", "http://common:3");
    let argument = own().argument("endpoint_url", "http://argument:5").run();
    argument.is("s3_endpoint", "http://argument:5").is("in_house_endpoint", "http://argument:5");
}

#[test]
fn configured_endpoints_are_ignored_when_asked_but_not_the_argument() {
    let case = || {
        Case::new()
            .variable("AWS_REGION", "eu-west-1")
            .variable("AWS_ENDPOINT_URL", "http://common:3")
            .variable("AWS_ENDPOINT_URL_S3", "http://own:4")
    };
    let ignoring = || case().variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    ignoring().run().is("s3_endpoint", "own").is("dynamodb_endpoint", "own");
    ignoring().argument("endpoint_url", "http://argument:5").run().is("s3_endpoint", "http://argument:5");
    case().config("[default]\nignore_configured_endpoint_urls = true\n").run().is("s3_endpoint", "own");
    let outcome = case().variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "yes").run();
    outcome.fails("InvalidConfig", &["ignore_configured_endpoint_urls", "`true` or `false`"]);
}

#[test]
fn a_malformed_endpoint_of_the_environment_fails_when_the_client_opens() {
    let case = Case::new().variable("AWS_REGION", "eu-west-1").variable("AWS_ENDPOINT_URL_S3", "localhost:9");
    case.run().is("s3_error_kind", "InvalidEndpoint").is("dynamodb_endpoint", "own");
}

#[test]
fn a_services_section_that_is_missing_fails_at_build() {
    let outcome = Case::new().config("[default]\nservices = dev\n[services other]\n").run();
    outcome.fails("InvalidConfig", &["`services = dev`", "[services dev]", ".aws/config"]);
}

#[test]
fn a_ca_bundle_of_the_environment_or_the_profile_is_read_at_build() {
    let outcome = Case::new().variable("AWS_CA_BUNDLE", "/nonexistent.pem").run();
    outcome.fails("InvalidConfig", &["/nonexistent.pem"]);
    let case = Case::new().file("empty.pem", "").config("[default]\nca_bundle = ~/empty.pem\n");
    case.run().fails("InvalidConfig", &["empty.pem", "no certificate"]);
    let certificate = include_str!("../session/authority.pem");
    Case::new()
        .file("good.pem", certificate)
        .variable("AWS_CA_BUNDLE", "~/good.pem")
        .run()
        .lacks("build_error");
}

#[test]
fn an_existing_sdk_configuration_stands_for_the_environment() {
    let case = || {
        Case::new()
            .variable("AWS_REGION", "eu-west-1")
            .variable("AWS_ENDPOINT_URL", "http://common:3")
            .variable("AWS_PROFILE", "nowhere")
            .keys("ENVIRONMENT")
            .config(TWO_PROFILES)
            .credentials(TWO_IDENTITIES)
            .argument("sdk_config", "bare")
    };
    case().run().lacks("region").lacks("access_key").lacks("profile");
    let with_profile = case().argument("profile_name", "dev").run();
    with_profile.is("region", "eu-north-1").is("access_key", "DEV").is("s3_endpoint", "own");
}

#[test]
fn a_machine_without_certificates_still_opens_clients() {
    let case = Case::new().file("none.pem", "").variable("AWS_REGION", "eu-west-1");
    let none = case.path("none.pem");
    let case = case.variable("SSL_CERT_FILE", none.to_str().unwrap());
    case.run().is("s3_endpoint", "own").is("attempts", "3");
}
