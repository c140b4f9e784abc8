//! Labels of hosts: `isValidHostLabel` and `aws.isVirtualHostableS3Bucket`.

use std::net::Ipv4Addr;

/// Whether the text is a label of RFC 1123: 1 to 63 letters, digits and hyphens, no hyphen first or last. Or, with
/// `dots`, labels with dots between.
pub(super) fn is_valid_label(text: &str, dots: bool) -> bool {
    labels(text, dots).all(is_label)
}

/// Whether a bucket of that name can stand in a host: labels of 3 to 63 letters, in lower case, and no IPv4 address.
pub(super) fn is_virtual_hostable_bucket(name: &str, dots: bool) -> bool {
    let hosts = |label: &str| {
        label.len() >= 3 && is_label(label) && !label.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    labels(name, dots).all(hosts) && name.parse::<Ipv4Addr>().is_err()
}

fn labels(text: &str, dots: bool) -> impl Iterator<Item = &str> {
    text.splitn(if dots { usize::MAX } else { 1 }, '.')
}

fn is_label(label: &str) -> bool {
    let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    letters && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_label_is_letters_digits_and_hyphens_within() {
        for label in ["a", "A-1", "0", &"a".repeat(63)] {
            assert!(is_valid_label(label, false) && is_valid_label(label, true), "{label}");
        }
        for label in ["", "-a", "a-", "a_b", "a b", "é", &"a".repeat(64)] {
            assert!(!is_valid_label(label, false) && !is_valid_label(label, true), "{label}");
        }
        assert!(is_valid_label("a.b", true) && !is_valid_label("a.b", false));
        assert!(!is_valid_label("a..b", true) && !is_valid_label("a.", true));
    }

    #[test]
    fn a_bucket_in_a_host_is_a_lower_case_label_of_three_letters_or_more() {
        assert!(is_virtual_hostable_bucket("films", false));
        assert!(
            is_virtual_hostable_bucket("old.films", true) && !is_virtual_hostable_bucket("old.films", false)
        );
        for name in ["", "ab", "Films", "film_s", "-films", "films-", "192.168.100.200", "a.films"] {
            assert!(!is_virtual_hostable_bucket(name, true), "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_bucket_in_a_host_is_a_valid_label(name in "[a-zA-Z0-9.é_-]{0,70}|\\PC{0,20}", dots: bool) {
            prop_assert!(!is_virtual_hostable_bucket(&name, dots) || is_valid_label(&name, dots));
        }
    }
}
