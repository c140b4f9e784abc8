//! Partitions: the parts of AWS that know nothing of each other, such as `aws`, `aws-cn` and `aws-us-gov`.

use std::fmt;
use std::sync::LazyLock;

use crate::config::RegionName;

/// A key, a space and a value a line; its head says where the list comes from.
const TEXT: &str = include_str!("partitions.txt");

static PARTITIONS: LazyLock<Vec<Partition>> = LazyLock::new(parse);

/// A partition of AWS: regions that share accounts, identities and the suffix of their hosts.
///
/// Displays as its name.
///
/// ```
/// use session_core::{Partition, RegionName};
///
/// let china = Partition::of_region(&RegionName::new("cn-north-1")?).unwrap();
/// assert_eq!(china.name(), "aws-cn");
/// assert_eq!(china.dns_suffix(), "amazonaws.com.cn");
/// assert_eq!(china.implicit_global_region(), "cn-northwest-1");
/// # Ok::<(), session_core::Error>(())
/// ```
///
/// # Source
/// `partitions.json`, as the botocore ships it whose version is named in `session-core/src/catalog/partitions.txt`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Partition {
    name: &'static str,
    dns_suffix: &'static str,
    dual_stack_dns_suffix: &'static str,
    supports_dual_stack: bool,
    supports_fips: bool,
    implicit_global_region: &'static str,
    global_region: Option<&'static str>,
    region_prefixes: Vec<&'static str>,
    regions: Vec<&'static str>,
}

impl Partition {
    /// All partitions, `aws` first, in botocore's order.
    pub fn all() -> &'static [Self] {
        &PARTITIONS
    }

    /// The partition that a region belongs to: the one that lists it, or else the one whose regions are named so.
    ///
    /// A region newer than the list is thus found: `eu-west-9` is in `aws`. `None` for a name like no other. Unlike
    /// boto3, regions that stand for a whole partition, such as `aws-global`, are found.
    pub fn of_region(region: &RegionName) -> Option<&'static Self> {
        Self::of_region_named(region.as_str())
    }

    /// As [`of_region`](Self::of_region), for a text that need not be the name of a region.
    pub(crate) fn of_region_named(region: &str) -> Option<&'static Self> {
        let lists = |partition: &&Self| {
            partition.global_region == Some(region) || partition.regions.binary_search(&region).is_ok()
        };
        let names =
            |partition: &&Self| partition.region_prefixes.iter().any(|prefix| is_named(region, prefix));
        let all = Self::all().iter();
        all.clone().find(lists).or_else(|| all.clone().find(names))
    }

    /// The name, as in ARNs: `aws`, `aws-cn`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How hosts end: `amazonaws.com`.
    pub fn dns_suffix(&self) -> &'static str {
        self.dns_suffix
    }

    /// How hosts end that answer on IPv6 too: `api.aws`.
    pub fn dual_stack_dns_suffix(&self) -> &'static str {
        self.dual_stack_dns_suffix
    }

    /// Whether there are endpoints that answer on IPv6 too.
    pub fn supports_dual_stack(&self) -> bool {
        self.supports_dual_stack
    }

    /// Whether there are endpoints with cryptography validated by FIPS 140.
    pub fn supports_fips(&self) -> bool {
        self.supports_fips
    }

    /// The region that services which know no regions sign for: `us-east-1`.
    pub fn implicit_global_region(&self) -> &'static str {
        self.implicit_global_region
    }

    /// The region that stands for the whole partition, such as `aws-global`; no service is at home in it alone.
    pub fn global_region(&self) -> Option<&'static str> {
        self.global_region
    }

    /// The regions known by name, in alphabetical order, without [`global_region`](Self::global_region).
    ///
    /// Some are not open to everybody, and some are announced only.
    pub fn regions(&self) -> &[&'static str] {
        &self.regions
    }

    /// What regions of the partition begin with, such as `us` and `eu`; a hyphen, a word, a hyphen and a number follow.
    pub(crate) fn region_prefixes(&self) -> &[&'static str] {
        &self.region_prefixes
    }
}

/// AWS's expression `^prefix\-\w+\-\d+$`, of ASCII alone.
fn is_named(region: &str, prefix: &str) -> bool {
    let rest = region.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    rest.and_then(|rest| rest.split_once('-')).is_some_and(|(word, number)| {
        let letters = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        letters && digits && !word.is_empty() && !number.is_empty()
    })
}

/// A line `partition …` begins one; the lines below it tell of it.
fn parse() -> Vec<Partition> {
    let mut partitions: Vec<Partition> = Vec::new();
    for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        if key == "partition" {
            partitions.push(Partition { name: value, ..Partition::default() });
        }
        let Some(partition) = partitions.last_mut() else { continue };
        let words = || value.split(' ').filter(|word| !word.is_empty());
        match key {
            "dns_suffix" => partition.dns_suffix = value,
            "dual_stack_dns_suffix" => partition.dual_stack_dns_suffix = value,
            "supports" => {
                partition.supports_dual_stack = words().any(|word| word == "dual_stack");
                partition.supports_fips = words().any(|word| word == "fips");
            }
            "implicit_global_region" => partition.implicit_global_region = value,
            "global_region" => partition.global_region = words().next(),
            "region_prefixes" => partition.region_prefixes = words().collect(),
            "regions" => partition.regions = words().collect(),
            _ => {}
        }
    }
    partitions
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.name, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(region: &str) -> Option<&'static str> {
        Partition::of_region(&RegionName::new(region).unwrap()).map(Partition::name)
    }

    #[test]
    fn every_partition_is_complete() {
        assert_eq!(Partition::all()[0].name, "aws");
        for partition in Partition::all() {
            assert!(!partition.dns_suffix.is_empty() && !partition.dual_stack_dns_suffix.is_empty());
            assert!(partition.supports_fips && partition.supports_dual_stack, "{partition}");
            assert!(partition.regions.contains(&partition.implicit_global_region), "{partition}");
            assert!(partition.regions.is_sorted() && !partition.region_prefixes.is_empty());
            for region in partition.regions.iter().copied().chain(partition.global_region) {
                assert_eq!(of(region), Some(partition.name), "{region}");
            }
        }
    }

    #[test]
    fn a_region_that_is_not_listed_belongs_to_the_partition_that_names_its_regions_so() {
        for (region, partition) in [
            ("eu-west-9", Some("aws")),
            ("us-gov-north-12", Some("aws-us-gov")),
            ("us-isob-south-1", Some("aws-iso-b")),
            ("eusc-de-west-1", Some("aws-eusc")),
            ("aws-global", Some("aws")),
            ("aws-cn-global", Some("aws-cn")),
            ("eusc-west-1", None),
            ("us-east", None),
            ("us-east-", None),
            ("us-east-1a", None),
            ("us-east-1-fips", None),
            ("moon-base-1", None),
            ("US-EAST-1", None),
        ] {
            match RegionName::new(region) {
                Ok(_) => assert_eq!(of(region), partition, "{region}"),
                Err(_) => assert_eq!(partition, None),
            }
        }
    }
}
