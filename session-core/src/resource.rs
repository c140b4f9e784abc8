//! What every resource is: identifiers, and a way to ask AWS about it.

use std::fmt;

use async_trait::async_trait;

use crate::error::Error;
use crate::service::ServiceName;

/// Facts about a resource type: boto3's `resource.meta`, as far as it does not depend on the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceMeta {
    /// The service whose resource this is.
    pub service_name: ServiceName,
    /// The resource type as boto3 names it, such as `Bucket`.
    pub resource_name: &'static str,
    /// The names of the identifiers in their order, as boto3 spells them: `["bucket_name", "key"]`.
    pub identifier_names: &'static [&'static str],
}

impl ResourceMeta {
    /// The facts of one resource type.
    pub const fn new(
        service_name: ServiceName,
        resource_name: &'static str,
        identifier_names: &'static [&'static str],
    ) -> Self {
        Self { service_name, resource_name, identifier_names }
    }
}

/// A resource of any service: a bucket, a table, a service itself. Dyn-compatible.
///
/// A handle is its identifiers and a client: cheap to clone, equal when the identifiers are, and without a cache of
/// attributes. The typed resources have a `load` of their own that returns AWS's full description.
#[async_trait]
pub trait Resource: fmt::Debug + Send + Sync {
    /// What type of resource this is.
    fn meta(&self) -> &ResourceMeta;

    /// The values of the identifiers, in the order of [`ResourceMeta::identifier_names`].
    fn identifiers(&self) -> Vec<String>;

    /// Asks AWS for the resource and forgets the answer.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when it does not exist, and whatever the call reports.
    async fn load(&self) -> Result<(), Error>;

    /// Whether the resource exists.
    ///
    /// # Errors
    /// Whatever the call reports, other than that the resource does not exist.
    async fn exists(&self) -> Result<bool, Error>;
}
