//! Settings of clients in environment and profile: read, in that order, and refused when the session is built.

use crate::probe::{Case, Outcome};

struct Setting {
    variable: &'static str,
    property: &'static str,
    /// One value for the environment and one for the profile.
    values: [&'static str; 2],
    /// How the client's configuration shows them.
    shown: [&'static str; 2],
    wrong: &'static str,
    allowed: &'static str,
}

const fn setting(
    variable: &'static str,
    property: &'static str,
    values: [&'static str; 2],
    shown: [&'static str; 2],
    wrong: &'static str,
    allowed: &'static str,
) -> Setting {
    Setting { variable, property, values, shown, wrong, allowed }
}

const BOOLEAN: &str = "`true` or `false`";

const SETTINGS: [Setting; 17] = [
    setting(
        "AWS_MAX_ATTEMPTS",
        "max_attempts",
        ["7", "4"],
        ["total_max_attempts: Some(7)", "total_max_attempts: Some(4)"],
        "many",
        "from 1",
    ),
    setting(
        "AWS_RETRY_MODE",
        "retry_mode",
        ["adaptive", "Standard"],
        ["retry_mode: Some(Adaptive)", "retry_mode: Some(Standard)"],
        "legacy",
        "`standard` or `adaptive`",
    ),
    setting(
        "AWS_DEFAULTS_MODE",
        "defaults_mode",
        ["in-region", "mobile"],
        ["defaults_mode: Some(InRegion)", "defaults_mode: Some(Mobile)"],
        "fast",
        "`cross-region`",
    ),
    setting(
        "AWS_USE_FIPS_ENDPOINT",
        "use_fips_endpoint",
        ["TRUE", "false"],
        ["use_fips_endpoint: Some(true)", "use_fips_endpoint: Some(false)"],
        "yes",
        BOOLEAN,
    ),
    setting(
        "AWS_USE_DUALSTACK_ENDPOINT",
        "use_dualstack_endpoint",
        ["true", "false"],
        ["use_dualstack_endpoint: Some(true)", "use_dualstack_endpoint: Some(false)"],
        "1",
        BOOLEAN,
    ),
    setting(
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "ignore_configured_endpoint_urls",
        ["true", "false"],
        ["ignore_configured_endpoint_urls: Some(true)", "ignore_configured_endpoint_urls: Some(false)"],
        "yes",
        BOOLEAN,
    ),
    setting(
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
        "account_id_endpoint_mode",
        ["required", "disabled"],
        ["account_id_endpoint_mode: Some(Required)", "account_id_endpoint_mode: Some(Disabled)"],
        "never",
        "`preferred` or `disabled` or `required`",
    ),
    setting(
        "AWS_AUTH_SCHEME_PREFERENCE",
        "auth_scheme_preference",
        ["sigv4a, sigv4", "sigv4"],
        [
            r#"auth_scheme_preference: Some(["sigv4a", "sigv4"])"#,
            r#"auth_scheme_preference: Some(["sigv4"])"#,
        ],
        "sigv5",
        "`sigv4a`",
    ),
    setting(
        "AWS_SIGV4A_SIGNING_REGION_SET",
        "sigv4a_signing_region_set",
        ["eu-west-1,us-east-1", "*"],
        [
            r#"sigv4a_signing_region_set: Some(["eu-west-1", "us-east-1"])"#,
            r#"sigv4a_signing_region_set: Some(["*"])"#,
        ],
        "eu west",
        "only letters, digits and hyphens",
    ),
    setting(
        "AWS_SDK_UA_APP_ID",
        "sdk_ua_app_id",
        ["shop", "till"],
        [r#"user_agent_appid: Some("shop")"#, r#"user_agent_appid: Some("till")"#],
        "my shop",
        "letters, digits and",
    ),
    setting(
        "AWS_REQUEST_CHECKSUM_CALCULATION",
        "request_checksum_calculation",
        ["when_required", "WHEN_SUPPORTED"],
        [
            "request_checksum_calculation: Some(WhenRequired)",
            "request_checksum_calculation: Some(WhenSupported)",
        ],
        "never",
        "`when_supported` or `when_required`",
    ),
    setting(
        "AWS_RESPONSE_CHECKSUM_VALIDATION",
        "response_checksum_validation",
        ["WHEN_REQUIRED", "when_supported"],
        [
            "response_checksum_validation: Some(WhenRequired)",
            "response_checksum_validation: Some(WhenSupported)",
        ],
        "always",
        "`when_supported` or `when_required`",
    ),
    setting(
        "AWS_DISABLE_REQUEST_COMPRESSION",
        "disable_request_compression",
        ["true", "false"],
        ["disable_request_compression: Some(true)", "disable_request_compression: Some(false)"],
        "on",
        BOOLEAN,
    ),
    setting(
        "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
        "request_min_compression_size_bytes",
        ["0", "10485760"],
        ["request_min_compression_size_bytes: Some(0)", "request_min_compression_size_bytes: Some(10485760)"],
        "10485761",
        "from 0 to 10485760",
    ),
    setting(
        "AWS_S3_USE_ARN_REGION",
        "s3_use_arn_region",
        ["false", "true"],
        ["s3_use_arn_region: Some(false)", "s3_use_arn_region: Some(true)"],
        "no",
        BOOLEAN,
    ),
    setting(
        "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS",
        "s3_disable_multiregion_access_points",
        ["true", "false"],
        [
            "s3_disable_multiregion_access_points: Some(true)",
            "s3_disable_multiregion_access_points: Some(false)",
        ],
        "no",
        BOOLEAN,
    ),
    setting(
        "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH",
        "s3_disable_express_session_auth",
        ["true", "false"],
        ["s3_disable_express_session_auth: Some(true)", "s3_disable_express_session_auth: Some(false)"],
        "no",
        BOOLEAN,
    ),
];

fn case() -> Case {
    Case::new().variable("AWS_REGION", "eu-west-1")
}

fn profile(property: &str, value: &str) -> Case {
    case().config(&format!("[default]\n{property} = {value}\n"))
}

#[track_caller]
fn shows(outcome: &Outcome, shown: &str) {
    let connection = outcome.get("connection").unwrap_or_else(|| panic!("{outcome:#?}"));
    assert!(connection.contains(shown), "{shown} in {connection}");
}

#[test]
fn every_setting_is_the_environments_before_the_profiles() {
    for Setting { variable, property, values: [ours, theirs], shown: [our_show, their_show], .. } in SETTINGS
    {
        shows(&profile(property, theirs).run(), their_show);
        shows(&profile(property, theirs).variable(variable, ours).run(), our_show);
    }
}

#[test]
fn every_wrong_value_fails_at_build_and_is_told_with_its_place_and_what_is_allowed() {
    for Setting { variable, property, wrong, allowed, .. } in SETTINGS {
        let name = if property == "sdk_ua_app_id" { "user_agent_appid" } else { property };
        let words = [name, &format!("`{wrong}`"), allowed];
        case().variable(variable, wrong).run().fails("InvalidConfig", &words);
        profile(property, wrong)
            .run()
            .fails("InvalidConfig", &words)
            .fails("InvalidConfig", &["profile `default`"]);
    }
}

#[test]
fn the_profiles_s3_section_is_read_as_boto_and_the_command_line_do() {
    let config = "[default]\ns3 =\n  addressing_style = path\n  payload_signing_enabled = true\n  \
                  use_dualstack_endpoint = true\n  use_arn_region = false\n  max_queue_size = 10\n";
    let outcome = case().config(config).run();
    for shown in [
        "s3_addressing_style: Some(Path)",
        "s3_payload_signing_enabled: Some(true)",
        "s3_use_dualstack_endpoint: Some(true)",
        "s3_use_arn_region: Some(false)",
    ] {
        shows(&outcome, shown);
    }
    let outcome = case().config("[default]\ns3 =\n  addressing_style = host\n").run();
    outcome.fails(
        "InvalidConfig",
        &["addressing_style `host`", "the profile `default`", "`auto` or `virtual` or `path`"],
    );
    // Two settings that exclude each other, in two places.
    let config = "[default]\nuse_fips_endpoint = true\ns3 =\n  use_accelerate_endpoint = true\n";
    case().config(config).run().fails("InvalidConfig", &["s3_use_accelerate_endpoint and use_fips_endpoint"]);
}
