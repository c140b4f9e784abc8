//! Prefixes of the host that an operation asks for, such as an account's number.

use std::net::IpAddr;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::endpoint::EndpointPrefix;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::endpoint_config::EndpointUrl;

use super::schema::OperationPlan;
use super::value::Value;
use crate::error::{Error, ErrorKind};

/// The operation's prefix with its labels filled in.
///
/// None for the service whose endpoint rules put the account before the host already, S3 Control.
///
/// None before `localhost` and addresses: there is no such host, and whoever gives one means it as it is.
pub(super) fn of(
    plan: &OperationPlan,
    input: &Value,
    config: &ConfigBag,
) -> Result<Option<EndpointPrefix>, BoxError> {
    let Some(template) = plan.operation.host_prefix.filter(|_| !plan.has_prefix_by_rules) else {
        return Ok(None);
    };
    if config.load::<EndpointUrl>().is_some_and(|url| takes_no_prefix(&url.0)) {
        return Ok(None);
    }
    let mut prefix = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (label, after) = after.split_once('}').ok_or("a host prefix without an end of its label")?;
        prefix.push_str(before);
        prefix.push_str(value_of(label, input)?);
        rest = after;
    }
    prefix.push_str(rest);
    Ok(Some(EndpointPrefix::new(prefix)?))
}

fn value_of<'v>(label: &str, input: &'v Value) -> Result<&'v str, Error> {
    let given = match input {
        Value::Map(entries) => entries.iter().find(|(name, _)| name == label).map(|(_, value)| value),
        _ => None,
    };
    let refuse = |why: &str| {
        let message = format!("{label} is part of the host's name, and so {why}");
        Err(Error::new(ErrorKind::InvalidInput, message))
    };
    match given {
        Some(Value::String(text)) if is_label(text) => Ok(text),
        Some(_) => {
            refuse("has to be 1 to 63 letters, digits or hyphens, none of the last at its begin or end")
        }
        None => refuse("must not be missing"),
    }
}

fn is_label(text: &str) -> bool {
    let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    allowed && (1..=63).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-')
}

fn takes_no_prefix(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_take_no_prefix_and_names_do() {
        for (url, none) in [
            ("http://127.0.0.1:5000", true),
            ("http://[::1]:5000/", true),
            ("http://localhost:8000", true),
            ("https://example.com", false),
        ] {
            assert_eq!(takes_no_prefix(url), none, "{url}");
        }
        assert!(is_label("123456789012") && !is_label("") && !is_label("a.b") && !is_label("-a"));
    }
}
