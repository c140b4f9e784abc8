//! What a backend can serve: services and, of those, the ones with resources.

use std::collections::BTreeSet;

use crate::error::{Error, ErrorKind};
use crate::service::ServiceName;

/// The services of a backend, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    services: BTreeSet<ServiceName>,
    resources: BTreeSet<ServiceName>,
}

impl Catalog {
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
        let near = self.nearest(name.as_str());
        if !near.is_empty() {
            message.push_str(&format!("; did you mean {}?", listed(&near)));
        }
        if self.services.len() <= 12 {
            let all: Vec<&str> = self.services.iter().map(ServiceName::as_str).collect();
            message.push_str(&format!("; this session serves {}", listed(&all)));
        }
        Err(Error::new(ErrorKind::UnknownService, message).with_service(name.clone()))
    }

    /// At most three names that a slip of the pen may have meant.
    fn nearest(&self, name: &str) -> Vec<&str> {
        let mut near: Vec<(usize, &str)> = self
            .services
            .iter()
            .map(ServiceName::as_str)
            .filter_map(|known| {
                let distance = strsim::damerau_levenshtein(name, known);
                let prefix = name.len() >= 3 && (known.starts_with(name) || name.starts_with(known));
                let slip = distance <= 1 + name.len() / 4;
                (prefix || slip).then_some((distance, known))
            })
            .collect();
        near.sort_unstable();
        near.into_iter().take(3).map(|(_, known)| known).collect()
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
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
}
