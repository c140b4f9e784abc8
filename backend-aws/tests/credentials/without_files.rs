//! A session with keys and a region: built without a look at any file.

use crate::probe::Case;

/// A pipe instead of each file: whoever opens one waits for ever.
fn pipes(case: Case) -> Case {
    let pipe = |case: Case, variable: &str, name: &str| {
        let path = case.path(name);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        case.variable(variable, path.to_str().unwrap())
    };
    let case = pipe(case, "AWS_CONFIG_FILE", "config");
    pipe(case, "AWS_SHARED_CREDENTIALS_FILE", "credentials").argument("aws_access_key_id", "ARGUMENT")
}

#[test]
fn a_session_with_keys_and_a_region_opens_no_file_before_its_first_client() {
    let config = "[default]; max_attempts = 7; region = us-west-1";
    let outcome = pipes(Case::new())
        .variable("AWS_DEFAULT_REGION", "eu-west-1")
        .argument("files_after_build", config)
        .run();
    outcome.is("access_key", "ARGUMENT").is("region", "eu-west-1").is("attempts", "7");
    let outcome =
        pipes(Case::new()).argument("region_name", "eu-west-3").argument("files_after_build", config).run();
    outcome.is("region_origin", "an argument of the session").is("profile", "default").is("attempts", "7");
}

#[test]
fn what_is_wrong_with_a_file_fails_the_first_client_then() {
    let case = pipes(Case::new()).argument("region_name", "eu-west-3");
    let outcome = case.argument("files_after_build", "[default").run();
    outcome.lacks("build_error").is("s3_error_kind", "InvalidConfig");
    let case = pipes(Case::new()).argument("region_name", "eu-west-3");
    let outcome = case.argument("files_after_build", "[default]; retry_mode = legacy").run();
    let outcome = outcome.is("s3_error_kind", "InvalidConfig");
    assert!(outcome.get("s3_error").unwrap().contains("`legacy`"));
}

#[test]
fn what_is_wrong_with_a_variable_fails_at_build_all_the_same() {
    let case = || pipes(Case::new()).argument("region_name", "eu-west-3");
    let outcome = case().variable("AWS_MAX_ATTEMPTS", "0").run();
    outcome.fails("InvalidConfig", &["AWS_MAX_ATTEMPTS"]);
    let outcome = case().variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "yes").run();
    outcome.fails("InvalidConfig", &["ignore_configured_endpoint_urls"]);
}
