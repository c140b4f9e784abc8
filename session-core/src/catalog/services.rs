//! The services that AWS publishes: boto's names, service ids and endpoint prefixes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::service::ServiceName;

/// Name, service id, endpoint prefix; its head says where the list comes from.
const TEXT: &str = include_str!("services.txt");

static SERVICES: LazyLock<BTreeMap<&str, Published>> = LazyLock::new(|| lines().filter_map(parse).collect());

struct Published {
    id: &'static str,
    endpoint_prefix: &'static str,
}

/// # What AWS publishes about it
///
/// As of the botocore version that is named in `session-core/src/catalog/services.txt`.
impl ServiceName {
    /// The id after which the service's settings are named: `Lex Model Building Service` for `lex-models`, whence
    /// `AWS_ENDPOINT_URL_LEX_MODEL_BUILDING_SERVICE`. `None` for a name that AWS does not publish.
    pub fn service_id(&self) -> Option<&'static str> {
        SERVICES.get(self.as_str()).map(|service| service.id)
    }

    /// How the service's own endpoints begin: `elasticloadbalancing` for `elb`. `None` for a name that AWS does not
    /// publish.
    ///
    /// ```
    /// use session_core::ServiceName;
    ///
    /// assert_eq!(ServiceName::from_static("elb").endpoint_prefix(), Some("elasticloadbalancing"));
    /// assert_eq!(ServiceName::from_static("elb").service_id(), Some("Elastic Load Balancing"));
    /// assert_eq!(ServiceName::from_static("in-house").endpoint_prefix(), None);
    /// ```
    pub fn endpoint_prefix(&self) -> Option<&'static str> {
        endpoint_prefix_of(self.as_str())
    }

    /// The version of the service's API that clients by name speak, a date such as `2016-11-15`: the newest there is.
    /// `None` for a name that AWS does not publish.
    ///
    /// ```
    /// use session_core::ServiceName;
    ///
    /// assert_eq!(ServiceName::from_static("ec2").api_version(), Some("2016-11-15"));
    /// ```
    #[cfg(feature = "dynamic")]
    pub fn api_version(&self) -> Option<&'static str> {
        crate::model::api_version(self.as_str())
    }
}

/// All names, in alphabetical order.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SERVICES.keys().copied()
}

/// The endpoint prefix of the service of that name.
pub(super) fn endpoint_prefix_of(name: &str) -> Option<&'static str> {
    SERVICES.get(name).map(|service| service.endpoint_prefix)
}

/// The same text, if it is the endpoint prefix of any service.
pub(super) fn as_endpoint_prefix(text: &str) -> Option<&'static str> {
    SERVICES.values().map(|service| service.endpoint_prefix).find(|prefix| *prefix == text)
}

fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines().filter(|line| !line.starts_with('#'))
}

fn parse(line: &'static str) -> Option<(&'static str, Published)> {
    let (name, rest) = line.split_once('\t')?;
    let (id, endpoint_prefix) = rest.split_once('\t').unwrap_or((rest, name));
    Some((name, Published { id, endpoint_prefix }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_a_service() {
        assert!(SERVICES.len() > 400 && SERVICES.len() == lines().count());
        for (name, service) in SERVICES.iter() {
            assert!(ServiceName::new(*name).is_ok(), "{name}");
            assert!(!service.id.is_empty() && !service.endpoint_prefix.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_service_id_is_found_by_botos_name() {
        let id = |name| ServiceName::from_static(name).service_id();
        assert_eq!(id("dynamodb"), Some("DynamoDB"));
        assert_eq!(id("lex-models"), Some("Lex Model Building Service"));
        assert_eq!(id("in-house"), None);
    }
}
