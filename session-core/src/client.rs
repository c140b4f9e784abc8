//! What every client is, whatever its service.

#[cfg(feature = "dynamic")]
use std::any::Any;
use std::fmt;

#[cfg(feature = "dynamic")]
use async_trait::async_trait;

use crate::catalog::Partition;
use crate::config::{ClientConfig, RegionName};
#[cfg(feature = "dynamic")]
use crate::dynamic::{DynamicClient, Value};
#[cfg(feature = "dynamic")]
use crate::error::{Error, ErrorKind};
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

/// A client of any service: what a scope of a client tells about itself, and with the feature `dynamic` its operations
/// by name. Dyn-compatible.
///
/// Clients that were opened by the service's name have all of [`DynamicClient`](crate::dynamic::DynamicClient) besides,
/// typed ones the operations of their SDK crate.
#[cfg_attr(feature = "dynamic", async_trait)]
pub trait Client: fmt::Debug + Send + Sync {
    /// Service, region, endpoint and backend of the client.
    fn meta(&self) -> &ClientMeta;

    /// Whether the client's scope still takes requests.
    fn is_open(&self) -> bool;

    /// Calls an operation by its name, the model's (`ListObjectsV2`) or boto3's (`list_objects_v2`). A body that the
    /// operation streams is left unread: take [`DynamicClient::call`](crate::dynamic::DynamicClient::call) for it.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use session_core::{Client, Error, SessionExt};
    /// # use serde_json::json;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let session = backend_mock::MockAws::new().session();
    /// let client: Arc<dyn Client> = Arc::new(session.client("dynamodb").await?);
    /// let answer = client.call("ListTables", json!({}).into()).await?;
    /// assert_eq!(answer["TableNames"].as_list().map(<[_]>::len), Some(0));
    /// # Ok::<(), Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`DynamicClient::call`](crate::dynamic::DynamicClient::call).
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) where the client is a typed one.
    #[cfg(feature = "dynamic")]
    async fn call(&self, operation: &str, input: Value) -> Result<Value, Error>;
}

#[cfg_attr(feature = "dynamic", async_trait)]
impl<T: Send + Sync + 'static> Client for ResourceScope<T> {
    fn meta(&self) -> &ClientMeta {
        ResourceScope::meta(self)
    }

    fn is_open(&self) -> bool {
        ResourceScope::is_open(self)
    }

    #[cfg(feature = "dynamic")]
    async fn call(&self, operation: &str, input: Value) -> Result<Value, Error> {
        let inside: &(dyn Any + Send + Sync) = &**self;
        match inside.downcast_ref::<DynamicClient>() {
            Some(client) => client.call(operation, input).await.map(Value::from),
            None => {
                let service = &ResourceScope::meta(self).service_name;
                let message = format!(
                    "a typed client has no operations by name: open the service by name for call(), \
                     as in `session.client(\"{service}\")`"
                );
                Err(Error::new(ErrorKind::InvalidInput, message).with_service(service.clone()))
            }
        }
    }
}
