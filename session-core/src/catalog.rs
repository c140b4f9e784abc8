//! What a backend can serve, and where AWS has it.
//!
//! Services and resources are the backend's own; partitions and regions are facts about AWS, the same for every backend.
//! `cargo xtask models` writes the lists beside this file. They are parsed when somebody asks first, without I/O.

mod partition;
mod regions;
mod services;

use std::collections::BTreeSet;

pub use self::partition::Partition;
pub use self::regions::NonRegional;
use crate::config::RegionName;
use crate::error::{Error, ErrorKind};
use crate::service::ServiceName;

/// The services of a backend, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    services: BTreeSet<ServiceName>,
    resources: BTreeSet<ServiceName>,
}

impl Catalog {
    /// Every service that AWS publishes, without resources.
    ///
    /// As of the botocore version that is named in `session-core/src/catalog/services.txt`.
    pub fn of_aws() -> Self {
        Self::of_services(services::names().filter_map(|name| ServiceName::new(name).ok()))
    }

    /// A catalogue of services without resources.
    pub fn of_services(names: impl IntoIterator<Item = ServiceName>) -> Self {
        Self { services: names.into_iter().collect(), resources: BTreeSet::new() }
    }

    /// The same catalogue, in which these services have resources too.
    #[must_use]
    pub fn with_resources(mut self, names: impl IntoIterator<Item = ServiceName>) -> Self {
        self.resources.extend(names);
        self
    }

    /// The services that clients can be opened for, in alphabetical order.
    pub fn services(&self) -> impl Iterator<Item = &ServiceName> {
        self.services.iter()
    }

    /// The services that resources can be opened for, in alphabetical order.
    pub fn resources(&self) -> impl Iterator<Item = &ServiceName> {
        self.resources.iter()
    }

    /// Whether clients can be opened for the service.
    pub fn has_service(&self, name: &ServiceName) -> bool {
        self.services.contains(name)
    }

    /// Checks that clients can be opened for the service.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownService`] names the service, the names that are nearest to it, and, when
    /// they are few, all there are.
    pub fn require_service(&self, name: &ServiceName) -> Result<(), Error> {
        if self.has_service(name) {
            return Ok(());
        }
        let mut message = format!("there is no service `{name}` here");
        let known = || self.services.iter().map(ServiceName::as_str);
        message.push_str(&did_you_mean(name.as_str(), known()));
        if self.services.len() <= 12 {
            message.push_str(&format!("; this session serves {}", listed(known())));
        }
        Err(Error::new(ErrorKind::UnknownService, message).with_service(name.clone()))
    }

    /// The regions of a service in a partition, in alphabetical order, as far as AWS lists them: empty for a service
    /// that is not in the partition, for one that is not listed by region at all, and for a backend's own services.
    ///
    /// `service` is a name (`elb`) or an endpoint prefix (`elasticloadbalancing`), and need not be in this catalogue:
    /// where AWS has a service is the same whoever serves it. Endpoints that are not regional are not always names of
    /// regions: some have dots.
    ///
    /// # Errors
    /// - [`ErrorKind::UnknownService`]: neither AWS nor this backend has it; names near misses. boto3 returns an
    ///   empty list
    /// - [`ErrorKind::InvalidInput`]: there is no such partition; names all. boto3 returns an empty list
    ///
    /// # Source
    /// `get_available_regions` of botocore, on its `endpoints.json`.
    pub fn regions(
        &self,
        service: &str,
        partition: &str,
        non_regional: NonRegional,
    ) -> Result<Vec<&'static str>, Error> {
        let known = || Partition::all().iter().map(Partition::name);
        if !known().any(|name| name == partition) {
            let mut message = format!("there is no partition `{}`", shown(partition));
            message.push_str(&did_you_mean(partition, known()));
            message.push_str(&format!("; the partitions are {}", listed(known())));
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let prefix = services::endpoint_prefix_of(service).or_else(|| services::as_endpoint_prefix(service));
        match prefix {
            Some(prefix) => Ok(regions::of(prefix, partition, non_regional)),
            None if self.services.iter().any(|own| own.as_str() == service) => Ok(Vec::new()),
            None => {
                let published: Vec<&str> = services::names().collect();
                let known = self.services.iter().map(ServiceName::as_str).chain(published);
                let mut message = format!("AWS has no service and no endpoint prefix `{}`", shown(service));
                message.push_str(&did_you_mean(service, known));
                Err(Error::new(ErrorKind::UnknownService, message))
            }
        }
    }

    /// The partition that a region belongs to; see [`Partition::of_region`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRegion`]: the text is not the name of a region, or no partition names its regions so; says
    /// how they are named, and near misses.
    pub fn partition_for_region(&self, region: &str) -> Result<&'static Partition, Error> {
        let name = RegionName::new(region)?;
        Partition::of_region(&name).ok_or_else(|| {
            let named = Partition::all().iter().flat_map(|partition| {
                let prefixes = partition.region_prefixes().iter();
                prefixes.map(move |prefix| format!("{prefix}-<word>-<number>"))
            });
            let known = Partition::all().iter().flat_map(Partition::regions).copied();
            let message = format!(
                "unknown region `{name}`: no partition lists it, and it is none of {}{}",
                named.collect::<Vec<_>>().join(", "),
                did_you_mean(region, known)
            );
            Error::new(ErrorKind::InvalidRegion, message)
        })
    }
}

/// Asks for at most three names that a slip of the pen may have meant; says nothing where there are none.
pub(crate) fn did_you_mean<'k>(name: &str, mut known: impl Iterator<Item = &'k str>) -> String {
    near(name, &mut known)
}

/// Compiled once, for all that is iterated over.
fn near(name: &str, known: &mut dyn Iterator<Item = &str>) -> String {
    // What is longer than any name is no slip, and would take long to compare.
    if name.len() > 64 {
        return String::new();
    }
    let mut near: Vec<(usize, &str)> = known
        .filter_map(|known| {
            let distance = strsim::damerau_levenshtein(name, known);
            let prefix = name.len() >= 3 && (known.starts_with(name) || name.starts_with(known));
            let slip = distance <= 1 + name.len() / 4;
            (prefix || slip).then_some((distance, known))
        })
        .collect();
    near.sort_unstable();
    near.dedup();
    match near.is_empty() {
        true => String::new(),
        false => format!("; did you mean {}?", listed(near.into_iter().take(3).map(|(_, known)| known))),
    }
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Text from outside, short and on one line.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn catalog() -> Catalog {
        Catalog::of_services(["dynamodb", "s3", "sqs"].map(ServiceName::from_static))
    }

    #[test]
    fn an_unknown_service_is_told_with_near_misses() {
        for (wrong, meant) in [("dynamo", "`dynamodb`"), ("dynmaodb", "`dynamodb`"), ("s4", "`s3`")] {
            let error = catalog().require_service(&ServiceName::new(wrong).unwrap()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnknownService);
            let message = error.to_string();
            let asked = message.find("did you mean").unwrap();
            assert!(message[asked..].contains(meant) && message.contains(&format!("`{wrong}`")), "{message}");
        }
        let error = catalog().require_service(&ServiceName::from_static("kinesis")).unwrap_err();
        assert!(!error.to_string().contains("did you mean"), "{error}");
    }
    #[test]
    fn regions_are_found_by_name_and_by_endpoint_prefix() {
        let regions = |service, partition| catalog().regions(service, partition, NonRegional::Exclude);
        assert!(regions("s3", "aws").unwrap().contains(&"eu-west-1"));
        assert_eq!(regions("elb", "aws-cn").unwrap(), ["cn-north-1", "cn-northwest-1"]);
        assert_eq!(regions("elb", "aws").unwrap(), regions("elasticloadbalancing", "aws").unwrap());
        // A name comes before a prefix: `sso` is also the prefix of `sso-admin`.
        assert_eq!(regions("sso", "aws").unwrap(), regions("portal.sso", "aws").unwrap());
        let own = Catalog::of_services([ServiceName::from_static("in-house")]);
        assert!(own.regions("in-house", "aws", NonRegional::Include).unwrap().is_empty());
    }

    #[test]
    fn an_unknown_service_or_partition_is_told_with_what_there_is() {
        let error = catalog().regions("kinesys", "aws", NonRegional::Exclude).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownService);
        assert!(error.to_string().contains("`kinesys`; did you mean `kinesis`"), "{error}");
        let error = catalog().regions("s3", "aws_cn", NonRegional::Exclude).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(
            error.to_string().contains("did you mean `aws-cn`") && error.to_string().contains("`aws-eusc`")
        );
        let endless = "é\n".repeat(100_000);
        for (service, partition) in [(&*endless, "aws"), ("s3", &*endless)] {
            let error = catalog().regions(service, partition, NonRegional::Exclude).unwrap_err();
            assert!(error.to_string().len() < 500 && !error.to_string().contains('\n'));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_look_up_panic_and_an_error_is_one_line(
            text in "((us|eu|cn|gov|aws|global|é|[0-9]|\\PC|\n)-?){0,12}|\\PC{0,90}",
        ) {
            match catalog().partition_for_region(&text) {
                Ok(partition) => prop_assert!(Partition::all().contains(partition)),
                Err(error) => {
                    prop_assert_eq!(error.kind(), ErrorKind::InvalidRegion);
                    prop_assert!(!error.to_string().contains('\n'));
                }
            }
            for (service, partition) in [(&*text, "aws"), ("s3", &*text)] {
                if let Err(error) = catalog().regions(service, partition, NonRegional::Include) {
                    prop_assert!(!error.to_string().contains('\n'));
                }
            }
        }

        #[test]
        fn a_region_named_as_a_partitions_is_the_partitions(
            index in 0..Partition::all().len(), word in "[a-z]{1,12}", number in 1..100u8,
        ) {
            let partition = &Partition::all()[index];
            for prefix in partition.region_prefixes() {
                let region = format!("{prefix}-{word}-{number}");
                prop_assert_eq!(catalog().partition_for_region(&region).unwrap(), partition);
            }
        }
    }

    #[test]
    fn an_unknown_region_is_told_with_how_regions_are_named() {
        assert_eq!(catalog().partition_for_region("us-gov-east-1").unwrap().name(), "aws-us-gov");
        let error = catalog().partition_for_region("es-west-1").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRegion);
        for words in ["unknown region `es-west-1`", "us-gov-<word>-<number>", "did you mean `eu-west-1`"] {
            assert!(error.to_string().contains(words), "{error}");
        }
        assert_eq!(catalog().partition_for_region("").unwrap_err().kind(), ErrorKind::InvalidRegion);
    }
}
