//! Where each service is: its regions in a partition, and its endpoints that are none.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A section a partition, a line a service; its head says how it is read and where it comes from.
const TEXT: &str = include_str!("regions.txt");

static SECTIONS: LazyLock<BTreeMap<&str, Section>> = LazyLock::new(parse);

/// Whether a list of regions has endpoints that are not regional, such as `aws-global` or `fips-us-east-1`: boto3's
/// `allow_non_regional`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NonRegional {
    /// Regions alone, as boto3 does unless told otherwise.
    #[default]
    Exclude,
    /// Regions and all other endpoints.
    Include,
}

/// A partition: its regions, and what is said of each service, by endpoint prefix.
#[derive(Default)]
struct Section {
    regions: Vec<&'static str>,
    services: BTreeMap<&'static str, &'static str>,
}

/// The regions, in alphabetical order, of the services with that endpoint prefix; none where the list has none.
pub(super) fn of(endpoint_prefix: &str, partition: &str, non_regional: NonRegional) -> Vec<&'static str> {
    let Some(section) = SECTIONS.get(partition) else { return Vec::new() };
    let Some(columns) = section.services.get(endpoint_prefix) else { return Vec::new() };
    let (regional, others) = columns.split_once('\t').unwrap_or((columns, ""));
    let mut names = match regional.strip_prefix('*') {
        Some(but) => {
            let missing = |region: &str| words(but).any(|word| word.strip_prefix('-') == Some(region));
            section.regions.iter().copied().filter(|region| !missing(region)).collect()
        }
        None => words(regional).collect::<Vec<_>>(),
    };
    if non_regional == NonRegional::Include {
        names.extend(words(others));
        names.sort_unstable();
    }
    names
}

fn words(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(' ').filter(|word| !word.is_empty())
}

fn parse() -> BTreeMap<&'static str, Section> {
    let mut sections: BTreeMap<_, Section> = BTreeMap::new();
    let mut partition = "";
    for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, regions)) = line.strip_prefix('[').and_then(|head| head.split_once(']')) {
            partition = name;
            sections.entry(partition).or_default().regions = words(regions).collect();
        } else if let Some((prefix, columns)) = line.split_once('\t') {
            sections.entry(partition).or_default().services.insert(prefix, columns);
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::super::partition::Partition;
    use super::*;

    #[test]
    fn every_line_is_a_section_or_a_service_and_every_region_is_its_partitions() {
        let lines = TEXT.lines().filter(|line| !line.starts_with('#')).count();
        let services: usize = SECTIONS.values().map(|section| section.services.len()).sum();
        assert_eq!(lines, SECTIONS.len() + services);
        assert_eq!(SECTIONS.len(), Partition::all().len());
        for partition in Partition::all() {
            let section = &SECTIONS[partition.name()];
            assert!(section.regions.iter().all(|region| partition.regions().contains(region)), "{partition}");
            for prefix in section.services.keys() {
                let regions = of(prefix, partition.name(), NonRegional::Exclude);
                assert!(regions.iter().all(|region| section.regions.contains(region)), "{prefix}");
                let all = of(prefix, partition.name(), NonRegional::Include);
                assert!(all.is_sorted() && regions.is_sorted() && !all.is_empty(), "{prefix}");
                assert!(regions.iter().all(|region| all.contains(region)), "{prefix}");
            }
        }
    }

    #[test]
    fn a_service_of_the_whole_partition_has_an_endpoint_and_no_region() {
        assert_eq!(of("iam", "aws", NonRegional::Exclude), Vec::<&str>::new());
        assert!(of("iam", "aws", NonRegional::Include).contains(&"aws-global"));
    }
}
