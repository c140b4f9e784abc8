//! Resources that are compared with where they are.

use std::fmt;
use std::ops::Deref;

use crate::client::ClientMeta;
use crate::config::RegionName;
use crate::service::ServiceName;

/// A resource and where it is asked for: equal to another when both the resources and the places are.
///
/// Resources alone are equal when their identifiers are, wherever their clients send, as in boto3: the table
/// `orders` of one region equals that of another. In a map or set that holds resources of several clients, put these.
/// Made by [`ResourceScope::scoped`](crate::ResourceScope::scoped).
///
/// A place is service, region, endpoint, backend, and the access key id if the client was opened with one. It is what the
/// client was told, so two sessions of one region that found keys of different accounts by themselves are one place.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Scoped<R> {
    resource: R,
    service_name: ServiceName,
    region_name: Option<RegionName>,
    endpoint_url: Option<String>,
    backend: &'static str,
    access_key_id: Option<String>,
}

impl<R> Scoped<R> {
    pub(crate) fn new(resource: R, meta: &ClientMeta) -> Self {
        Self {
            resource,
            service_name: meta.service_name.clone(),
            region_name: meta.region_name.clone(),
            endpoint_url: meta.endpoint_url.clone(),
            backend: meta.backend,
            access_key_id: meta.config.credentials().map(|keys| keys.access_key_id().to_owned()),
        }
    }

    /// The resource alone.
    pub fn into_inner(self) -> R {
        self.resource
    }
}

impl<R> Deref for Scoped<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.resource
    }
}

impl<R: fmt::Debug> fmt::Debug for Scoped<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.region_name.as_ref().map_or("no region", RegionName::as_str);
        write!(f, "{:?} in {region}", self.resource)?;
        match &self.endpoint_url {
            Some(url) => write!(f, " at {url}"),
            None => Ok(()),
        }
    }
}
