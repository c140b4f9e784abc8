//! What every client is, whatever its service.

use std::fmt;

use crate::catalog::Partition;
use crate::config::{ClientConfig, RegionName};
use crate::scope::ResourceScope;
use crate::service::ServiceName;

/// Facts about a client: boto3's `client.meta`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientMeta {
    /// The service that the client calls.
    pub service_name: ServiceName,
    /// The region that requests are signed for; `None` when no region was given or found.
    pub region_name: Option<RegionName>,
    /// The partition of the region; `None` without a region, or when no partition names its regions so.
    pub partition: Option<&'static Partition>,
    /// The custom endpoint; `None` when the service's own endpoint is used.
    pub endpoint_url: Option<String>,
    /// The backend that answers: `aws`, `mock`, or what a custom session says.
    pub backend: &'static str,
    /// What was asked for when the client was opened, over what its session, the environment and the profile say.
    pub config: ClientConfig,
}

/// A client of any service: what a scope of a client tells about itself. Dyn-compatible.
///
/// Operations are those of the typed SDK client inside the scope.
pub trait Client: fmt::Debug + Send + Sync {
    /// Service, region, endpoint and backend of the client.
    fn meta(&self) -> &ClientMeta;

    /// Whether the client's scope still takes requests.
    fn is_open(&self) -> bool;
}

impl<T: Send + Sync> Client for ResourceScope<T> {
    fn meta(&self) -> &ClientMeta {
        ResourceScope::meta(self)
    }

    fn is_open(&self) -> bool {
        ResourceScope::is_open(self)
    }
}
