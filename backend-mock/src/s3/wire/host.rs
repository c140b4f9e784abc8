//! Which bucket a host names: virtual-hosted requests name it there, path-style ones in the path.

use std::borrow::Cow;
use std::net::IpAddr;

use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

const WEBSITE: &[u8] = b"s3-website";

/// The hosts that S3 is reached under: AWS's own, and names of the local machine.
#[derive(Debug)]
pub(super) struct Hosts;

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let plain = VirtualHost::new(host);
        Ok(match bucket(host) {
            Some(bucket) => plain.with_bucket(bucket.to_ascii_lowercase()),
            None => plain,
        })
    }
}

/// The bucket that a host names; nothing for an address, for S3's own hosts, and for hosts that it does not know.
pub(super) fn bucket(host: &str) -> Option<&str> {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    // The last sign of an address is a digit or a bracket: names, of which there are more, need no second look.
    let may_be_address = name.ends_with(|last: char| last.is_ascii_hexdigit() || matches!(last, ':' | ']'));
    if may_be_address && name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return None;
    }
    let before = |at: usize| (at > 0).then(|| &name[..at - 1]).filter(|bucket| !bucket.is_empty());
    let lower = lowercase(name);
    if [".amazonaws.com", ".amazonaws.com.cn", ".localhost", ".localhost.localstack.cloud"]
        .iter()
        .any(|domain| lower.ends_with(domain))
        && let Some(at) = last_service_label(&lower)
    {
        return before(at);
    }
    let at = lower.strip_suffix(".localhost").map(str::len)?;
    (lower != "s3.localhost").then(|| &name[..at])
}

/// Whether a host's name says that it is S3's, with a bucket's name before it or without.
pub(crate) fn is_endpoint(host: &str) -> bool {
    last_service_label(&lowercase(host.split(':').next().unwrap_or_default())).is_some()
}

/// Whether a host is a website's: `films.s3-website-eu-west-1.amazonaws.com`, also with a dot in front of the region,
/// and at home `films.s3-website.localhost`.
pub(super) fn is_website(host: &str) -> bool {
    // The name of the service is in every such host, and in hardly any other.
    if !host.as_bytes().windows(WEBSITE.len()).any(|part| part.eq_ignore_ascii_case(WEBSITE)) {
        return false;
    }
    let lower = lowercase(host.split(':').next().unwrap_or_default());
    let at_home = [".localhost", ".localhost.localstack.cloud"].iter().any(|domain| lower.ends_with(domain));
    if !at_home && !is_of_aws(&lower) {
        return false;
    }
    let service = last_service_label(&lower).and_then(|at| lower[at..].split('.').next());
    service.is_some_and(|label| label == "s3-website" || label.starts_with("s3-website-"))
}

/// Whether AWS owns the host's name, and so decides where it leads.
pub(super) fn is_of_aws(host: &str) -> bool {
    let lower = lowercase(host.split(':').next().unwrap_or_default());
    [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|domain| lower.ends_with(domain))
}

/// Hosts are mostly written in lower case already.
pub(super) fn lowercase(host: &str) -> Cow<'_, str> {
    match host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(host.to_ascii_lowercase()),
        false => Cow::Borrowed(host),
    }
}

/// Where the last label that says S3 begins: `s3`, or one of its endpoints such as `s3-accelerate`.
fn last_service_label(name: &str) -> Option<usize> {
    let mut end = name.len();
    loop {
        let at = name.as_bytes()[..end].iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1);
        let label = &name[at..end];
        if matches!(label, "s3" | "s3-website" | "s3-accelerate" | "s3-fips" | "s3-external-1")
            || is_dashed_region(label)
        {
            return Some(at);
        }
        end = at.checked_sub(1)?;
    }
}

/// The old form of a regional endpoint, `s3-us-west-2`, and of its websites.
fn is_dashed_region(label: &str) -> bool {
    label.strip_prefix("s3-").is_some_and(|region| {
        let region = region.strip_prefix("website-").unwrap_or(region);
        region.matches('-').count() == 2 && region.ends_with(|last: char| last.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_host_names_its_bucket() {
        for host in [
            "films.s3.eu-west-1.amazonaws.com",
            "films.s3.amazonaws.com",
            "films.s3.amazonaws.com:443",
            "films.s3.dualstack.eu-west-1.amazonaws.com",
            "films.s3-us-west-2.amazonaws.com",
            "films.s3.cn-north-1.amazonaws.com.cn",
            "films.s3-accelerate.amazonaws.com",
            "films.localhost",
            "films.localhost:4566",
            "films.s3.localhost:4566",
            "films.s3.eu-west-1.localhost:4566",
            "films.s3-website-eu-west-1.amazonaws.com",
            "films.s3-website.eu-central-1.amazonaws.com",
            "films.s3-website.localhost:4566",
            "films.s3.localhost.localstack.cloud:4566",
        ] {
            assert_eq!(bucket(host), Some("films"), "{host}");
        }
        assert_eq!(bucket("a.s3.b.s3.eu-west-1.amazonaws.com"), Some("a.s3.b"));
    }

    #[test]
    fn a_website_has_hosts_of_its_own() {
        for (host, is) in [
            ("films.s3-website-eu-west-1.amazonaws.com", true),
            ("films.s3-website.eu-central-1.amazonaws.com:80", true),
            ("films.s3-website.localhost:4566", true),
            ("films.s3.eu-west-1.amazonaws.com", false),
            ("films.s3-website.s3.amazonaws.com", false),
            ("films.localhost", false),
            ("s3-website.example.com", false),
        ] {
            assert_eq!(is_website(host), is, "{host}");
        }
    }

    #[test]
    fn addresses_and_the_hosts_of_s3_name_none() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:4566",
            "[::1]:4566",
            "[::1]",
            "localhost",
            "localhost:4566",
            "s3.localhost",
            "s3.amazonaws.com",
            "s3.eu-west-1.amazonaws.com",
            "s3-us-west-2.amazonaws.com",
            "s3.dualstack.eu-west-1.amazonaws.com",
            "s3.localhost.localstack.cloud:4566",
            "minio.example.com",
            "mock",
        ] {
            assert_eq!(bucket(host), None, "{host}");
        }
    }
}
