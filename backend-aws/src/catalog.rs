//! The services of AWS, by boto's names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use session_core::{Catalog, ServiceName};

/// Name, tab, service id; its head says where the list comes from.
const SERVICES: &str = include_str!("services.txt");

static SERVICE_IDS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let lines = SERVICES.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).collect()
});

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let names = SERVICE_IDS.keys().filter_map(|name| ServiceName::new(*name).ok());
    let with_resources = ["dynamodb", "s3"].map(ServiceName::from_static);
    Catalog::of_services(names.chain(with_resources.clone())).with_resources(with_resources)
});

/// All services, and those that have resources here.
pub(crate) fn catalog() -> &'static Catalog {
    &CATALOG
}

/// The id after which a service's settings are named, such as `Lex Model Building Service` for `lex-models`.
pub(crate) fn service_id(service: &ServiceName) -> Option<&'static str> {
    SERVICE_IDS.get(service.as_str()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_a_service() {
        let lines = SERVICES.lines().filter(|line| !line.starts_with('#')).count();
        assert!(lines > 400);
        assert_eq!(catalog().services().count(), lines);
        assert!(SERVICE_IDS.values().all(|id| !id.is_empty()));
    }

    #[test]
    fn a_service_id_is_found_by_botos_name() {
        assert_eq!(service_id(&ServiceName::from_static("dynamodb")), Some("DynamoDB"));
        assert_eq!(service_id(&ServiceName::from_static("lex-models")), Some("Lex Model Building Service"));
        assert_eq!(service_id(&ServiceName::from_static("in-house")), None);
    }
}
