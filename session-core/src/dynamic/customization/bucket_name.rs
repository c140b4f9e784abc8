//! Names of buckets, checked before they become a host or a path.

use super::{Customized, Value, refuse, text_of};
use crate::error::Error;

/// Refuses what can be neither a bucket nor an access point.
///
/// # Source
/// `validate_bucket_name` of botocore: S3's oldest buckets have up to 255 letters of either case.
pub(super) fn check(_: Customized<'_>, input: &mut Value) -> Result<(), Error> {
    match text_of(input, "Bucket") {
        Some(name) if !is_bucket(name) && !is_access_point(name) => {
            let shown: String = name.chars().take(80).flat_map(char::escape_debug).collect();
            Err(refuse(format!(
                "Bucket is `{shown}`, but has to be 1 to 255 letters, digits, dots, hyphens or underscores, or the ARN \
                 of an access point"
            )))
        }
        _ => Ok(()),
    }
}

fn is_bucket(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

/// Whether it is the ARN of an access point, of S3, of Object Lambda or on Outposts.
pub(super) fn is_access_point(name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts[..] else { return false };
    let is_region =
        region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if arn != "arn" || !partition.starts_with("aws") || !is_region || !is_account {
        return false;
    }
    let resource: Vec<&str> = resource.split(['/', ':']).collect();
    match (service, resource.as_slice()) {
        ("s3" | "s3-object-lambda", ["accesspoint", name]) => is_label(name, b"-."),
        ("s3-outposts", ["outpost", outpost, "accesspoint", name]) => {
            !region.is_empty() && is_label(outpost, b"-") && is_label(name, b"-")
        }
        _ => false,
    }
}

fn is_label(text: &str, besides: &[u8]) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || besides.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_buckets_and_access_points() {
        for good in ["films", "Old_Films.2006", &"a".repeat(255)] {
            assert!(is_bucket(good), "{good}");
        }
        for bad in ["", "a/b", "ü", &"a".repeat(256), "arn:aws:s3:::films"] {
            assert!(!is_bucket(bad) && !is_access_point(bad), "{bad}");
        }
        for arn in [
            "arn:aws:s3:eu-west-1:123456789012:accesspoint/films",
            "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:films",
            "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
            "arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/films",
            "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/films",
        ] {
            assert!(is_access_point(arn), "{arn}");
        }
        assert!(!is_access_point("arn:aws:s3:eu-west-1:12:accesspoint/films"));
        assert!(!is_access_point("arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/bucket/films"));
    }
}
