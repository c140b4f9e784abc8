//! Built-ins: the settings of a client that endpoint rules read.

use aws_types::SdkConfig;

use super::{ParameterValue, Parameters, RuleSet};
use crate::config::{ClientConfig, S3AddressingStyle};

/// The parameter for an identity's account, which is known when a request is about to be signed.
pub(super) const ACCOUNT_ID: &str = "AWS::Auth::AccountId";

/// The settings of a client by the name of the built-in, or of the parameter where it is none.
#[derive(Clone, Debug)]
pub(super) struct ClientSettings(Vec<(&'static str, ParameterValue)>);

impl ClientSettings {
    /// What the two say; where they are silent, botocore's defaults.
    ///
    /// # Source
    /// `compute_endpoint_resolver_builtin_defaults` in botocore's `args.py`. One default differs: `us-east-1` is S3's
    /// regional endpoint, as for the SDK's own client.
    pub(super) fn of(sdk_config: &SdkConfig, config: &ClientConfig) -> Self {
        let flag = ParameterValue::Bool;
        let custom_endpoint = sdk_config.endpoint_url();
        let accelerate = config.s3_use_accelerate_endpoint();
        let path_style = match config.s3_addressing_style() {
            S3AddressingStyle::Path => true,
            S3AddressingStyle::Virtual => false,
            // An endpoint of one's own has a name for itself, seldom one for every bucket.
            S3AddressingStyle::Auto => custom_endpoint.is_some() && !accelerate,
        };
        let account_mode = sdk_config.account_id_endpoint_mode().cloned().unwrap_or_default();
        let mut settings = vec![
            (ACCOUNT_ID_MODE, ParameterValue::String(account_mode.to_string())),
            (DUAL_STACK, flag(sdk_config.use_dual_stack().unwrap_or_default())),
            ("AWS::UseFIPS", flag(sdk_config.use_fips().unwrap_or_default())),
            ("AWS::S3::Accelerate", flag(accelerate)),
            ("AWS::S3::ForcePathStyle", flag(path_style)),
            ("AWS::S3::UseArnRegion", flag(config.s3_use_arn_region().unwrap_or(true))),
            ("AWS::S3::UseGlobalEndpoint", flag(false)),
            (
                "AWS::S3::DisableMultiRegionAccessPoints",
                flag(config.s3_disable_multiregion_access_points().unwrap_or_default()),
            ),
            (
                "DisableS3ExpressSessionAuth",
                flag(config.s3_disable_express_session_auth().unwrap_or_default()),
            ),
            ("AWS::S3Control::UseArnRegion", flag(config.s3_use_arn_region().unwrap_or_default())),
            ("AWS::STS::UseGlobalEndpoint", flag(false)),
        ];
        let region = sdk_config.region().map(|region| region.as_ref());
        for (name, text) in [("AWS::Region", region), ("SDK::Endpoint", custom_endpoint)] {
            settings.extend(text.map(|text| (name, ParameterValue::String(text.to_owned()))));
        }
        Self(settings)
    }

    /// The same, with dual-stack as said for S3 alone. A custom endpoint is what it is.
    pub(super) fn of_s3(mut self, config: &ClientConfig) -> Self {
        let is_custom = self.get("SDK::Endpoint").is_some();
        if let Some(dual_stack) = config.s3_use_dualstack_endpoint().filter(|_| !is_custom) {
            self.0.retain(|(name, _)| *name != DUAL_STACK);
            self.0.push((DUAL_STACK, ParameterValue::Bool(dual_stack)));
        }
        self
    }

    fn get(&self, name: &str) -> Option<&ParameterValue> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// By the rule set's names.
    pub(super) fn parameters(&self, rules: &RuleSet) -> Parameters {
        let named = rules.parameters().iter().filter_map(|parameter| {
            let setting = parameter.built_in.as_ref().unwrap_or(&parameter.name);
            Some((parameter.name.clone(), self.get(setting)?.clone()))
        });
        named.collect()
    }
}

const ACCOUNT_ID_MODE: &str = "AWS::Auth::AccountIdEndpointMode";
const DUAL_STACK: &str = "AWS::UseDualStack";

#[cfg(test)]
mod tests {
    use aws_types::region::Region;
    use serde_json::json;

    use super::*;

    fn parameters(sdk_config: &SdkConfig, config: &ClientConfig) -> Parameters {
        let built_in = |name: &str| json!({"type": "string", "builtIn": name});
        let rules = json!({"version": "1.0", "rules": [], "parameters": {
            "Region": built_in("AWS::Region"), "Endpoint": built_in("SDK::Endpoint"),
            "UseDualStack": built_in("AWS::UseDualStack"), "ForcePathStyle": built_in("AWS::S3::ForcePathStyle"),
            "AccountIdEndpointMode": built_in(ACCOUNT_ID_MODE), "AccountId": built_in(ACCOUNT_ID),
            "DisableS3ExpressSessionAuth": {"type": "boolean"}, "Bucket": {"type": "string"},
        }});
        ClientSettings::of(sdk_config, config).of_s3(config).parameters(&RuleSet::of_json(&rules).unwrap())
    }

    fn text(text: &str) -> Option<ParameterValue> {
        Some(ParameterValue::String(text.into()))
    }

    #[test]
    fn settings_are_given_by_the_rule_sets_names() {
        let sdk_config = SdkConfig::builder().region(Region::new("eu-west-1")).build();
        let given = parameters(&sdk_config, &ClientConfig::default());
        assert_eq!(given.get("Region").cloned(), text("eu-west-1"));
        assert_eq!(given.get("AccountIdEndpointMode").cloned(), text("preferred"));
        assert_eq!(given.get("ForcePathStyle"), Some(&ParameterValue::Bool(false)));
        assert_eq!(given.get("DisableS3ExpressSessionAuth"), Some(&ParameterValue::Bool(false)));
        for absent in ["Endpoint", "AccountId", "Bucket"] {
            assert_eq!(given.get(absent), None, "{absent}");
        }
    }

    #[test]
    fn a_custom_endpoint_has_buckets_in_the_path_and_no_dual_stack_of_s3() {
        let sdk_config = SdkConfig::builder().endpoint_url("http://127.0.0.1:9000").build();
        let config = ClientConfig::builder().s3_use_dualstack_endpoint(true).build().unwrap();
        let given = parameters(&sdk_config, &config);
        assert_eq!(given.get("Endpoint").cloned(), text("http://127.0.0.1:9000"));
        assert_eq!(given.get("ForcePathStyle"), Some(&ParameterValue::Bool(true)));
        assert_eq!(given.get("UseDualStack"), Some(&ParameterValue::Bool(false)));
        let given = parameters(&SdkConfig::builder().build(), &config);
        assert_eq!(given.get("UseDualStack"), Some(&ParameterValue::Bool(true)));
    }
}
