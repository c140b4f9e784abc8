//! Endpoint discovery: a service of cells, such as Timestream, says itself to which of them a client is to talk.
//!
//! A client asks once, and again when the answer has aged or when the service says that the endpoint is not the right
//! one. A client with an endpoint of its own does not ask.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime::expiring_cache::ExpiringCache;
use futures_util::future::BoxFuture;

use super::super::client::DynamicClient;
use super::super::output::Output;
use super::super::schema::OperationPlan;
use super::Value;
use crate::error::{Error, ErrorKind};

/// The endpoint that one client was told.
#[derive(Debug)]
pub(in crate::dynamic) struct EndpointDiscovery {
    time: SharedTimeSource,
    told: Mutex<ExpiringCache<String, Error>>,
}

/// Whether an operation goes nowhere but to an endpoint that the service tells. Where it is optional, as for DynamoDB, the
/// usual endpoint is as good.
pub(in crate::dynamic) fn is_required(plan: &OperationPlan) -> bool {
    plan.traits["endpointdiscovery"]["required"] == true
}

/// Whether an error says that the endpoint is not the right one any more.
pub(in crate::dynamic) fn is_misdirected(error: &Error) -> bool {
    error.status() == Some(421) || error.code() == Some("InvalidEndpointException")
}

impl EndpointDiscovery {
    pub(in crate::dynamic) fn new(time: SharedTimeSource) -> Self {
        Self { time, told: Mutex::new(ExpiringCache::new(Duration::ZERO)) }
    }

    /// The endpoint's URL.
    ///
    /// # Errors
    /// As the service's own operation that tells it; [`ErrorKind::Dispatch`] where it tells none.
    pub(in crate::dynamic) async fn endpoint(&self, client: &DynamicClient) -> Result<String, Error> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match told.yield_or_clear_if_expired(self.time.now()).await {
            Some(url) => Ok(url),
            None => told.get_or_load(|| self.ask(client)).await,
        }
    }

    /// Forgets what was told.
    pub(in crate::dynamic) fn forget(&self) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = ExpiringCache::new(Duration::ZERO);
    }

    async fn ask(&self, client: &DynamicClient) -> Result<(String, SystemTime), Error> {
        let answer = describe(client).await?;
        let first = &answer["Endpoints"][0];
        let minutes = first["CachePeriodInMinutes"].as_i64().and_then(|minutes| u64::try_from(minutes).ok());
        let (Some(address), Some(minutes)) = (first["Address"].as_str(), minutes) else {
            let error = Error::new(ErrorKind::Dispatch, "DescribeEndpoints told no endpoint");
            return Err(error.with_service(client.service().service_name()));
        };
        let url = if address.starts_with("http") { address.to_owned() } else { format!("https://{address}") };
        // A year is as good as for ever.
        let period = Duration::from_secs(60 * minutes.min(365 * 24 * 60));
        Ok((url, self.time.now() + period))
    }
}

/// The call within a call.
fn describe(client: &DynamicClient) -> BoxFuture<'_, Result<Output, Error>> {
    Box::pin(client.call("DescribeEndpoints", Value::Null))
}
