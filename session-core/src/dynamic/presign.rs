//! Presigned requests: an operation that somebody else may send, within a time, without credentials.

use std::fmt;
use std::time::Duration;

use aws_runtime::auth::{HttpSignatureType, SigV4OperationSigningConfig};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_sigv4::http_request::SignableBody;
use aws_smithy_runtime::client::orchestrator::StopPoint;
use aws_smithy_runtime::client::retries::strategy::NeverRetryStrategy;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{
    Intercept, SharedInterceptor, disable_interceptor, dyn_dispatch_hint,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::retries::SharedRetryStrategy;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_runtime_api::client::runtime_plugin::{SharedRuntimePlugin, StaticRuntimePlugin};
use aws_smithy_types::config_bag::{ConfigBag, Layer, Storable, StoreReplace};
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use url::form_urlencoded;

use super::operation::Operation;
use crate::error::{Error, ErrorKind};

/// How long a presigned request may be good for: SigV4 takes no more.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A request that may be sent as it is until it expires.
#[derive(Clone)]
pub struct PresignedRequest {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    expires_in: Duration,
}

impl PresignedRequest {
    /// What boto3 takes where nothing is said: an hour.
    pub const DEFAULT_EXPIRES_IN: Duration = Duration::from_secs(3600);

    /// The HTTP method, such as `GET`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The URL, signature and all: **whoever has it may send the request**.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers that have to be sent with it, since the signature covers them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How long it is good for, from when it was signed.
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }
}

impl fmt::Debug for PresignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("PresignedRequest")
            .field("method", &self.method)
            .field("url", &format_args!("{bare}?[redacted]"))
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

impl Operation {
    /// Signs the operation into a URL that is good for `expires_in`: 1 s to 7 days. Nothing is sent.
    ///
    /// It is good no longer than the credentials that sign it. Whether a service takes signatures in the URL is up to it:
    /// S3, STS, EC2, RDS and Polly do.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use session_core::{Error, SessionExt};
    /// # use serde_json::json;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let session = backend_mock::MockAws::new().session();
    /// let s3 = session.client("s3").await?;
    /// let film = json!({"Bucket": "films", "Key": "metropolis"});
    /// let request = s3.operation("GetObject")?.input(film).presigned(Duration::from_secs(600)).await?;
    /// assert!(request.url().contains("X-Amz-Expires=600"));
    /// # Ok::<(), Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: `expires_in` is out of bounds, or the input does not fit the model; the kinds of missing
    /// credentials and endpoints.
    ///
    /// # Source
    /// `generate_presigned_url` of boto3; the SDK's presigning.
    pub async fn presigned(self, expires_in: Duration) -> Result<PresignedRequest, Error> {
        self.presigning(expires_in).await
    }

    /// Behind a pointer, and so compiled once; see [`send`](Self::send).
    fn presigning(self, expires_in: Duration) -> BoxFuture<'static, Result<PresignedRequest, Error>> {
        Box::pin(self.presigned_now(expires_in))
    }

    async fn presigned_now(self, expires_in: Duration) -> Result<PresignedRequest, Error> {
        let told = self.told();
        if !(Duration::from_secs(1)..=LONGEST).contains(&expires_in) {
            let message = format!(
                "expires_in is {} s, but has to be 1 to {} s (7 days)",
                expires_in.as_secs_f64(),
                LONGEST.as_secs()
            );
            return Err(told.of_ours(Error::new(ErrorKind::InvalidInput, message)));
        }
        if let Some(member) = self.events_member() {
            let message = format!("{member} is a stream of events, which no URL can carry");
            return Err(told.of_ours(Error::new(ErrorKind::InvalidInput, message)));
        }
        let parameters = self.parameters();
        let payload = if self.is_of_s3() { SignableBody::UnsignedPayload } else { SignableBody::Bytes(&[]) };
        let plugin = plugin(Presigning { expires_in, payload, parameters });
        let context = self.orchestrate(StopPoint::BeforeTransmit, Some(plugin)).await?;
        let request = context.request();
        let missing = || told.of_ours(Error::new(ErrorKind::InvalidInput, "the request could not be built"));
        let request = request.ok_or_else(missing)?;
        Ok(PresignedRequest {
            method: request.method().to_owned(),
            url: request.uri().to_owned(),
            headers: signed_headers(request),
            expires_in,
        })
    }
}

/// Those besides `host`, which whoever sends the request sets by itself.
fn signed_headers(request: &HttpRequest) -> Vec<(String, String)> {
    let headers = request.headers().iter().filter(|(name, _)| *name != "host" && *name != "content-length");
    headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn plugin(presigning: Presigning) -> SharedRuntimePlugin {
    let mut layer = Layer::new("Presigning");
    layer.store_put(Presigned);
    layer.store_put(disable_interceptor::<InvocationIdInterceptor>("presigning"));
    layer.store_put(disable_interceptor::<RequestInfoInterceptor>("presigning"));
    layer.store_put(disable_interceptor::<UserAgentInterceptor>("presigning"));
    layer.store_put(disable_interceptor::<ServiceClockSkewInterceptor>("presigning"));
    let components = RuntimeComponentsBuilder::new("Presigning")
        .with_interceptor(SharedInterceptor::permanent(presigning))
        .with_retry_strategy(Some(SharedRetryStrategy::new(NeverRetryStrategy::new())));
    SharedRuntimePlugin::new(
        StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components),
    )
}

/// In the configuration of a call that is signed for somebody else to send: what depends on its body is not known here.
#[derive(Debug)]
pub(super) struct Presigned;

impl Storable for Presigned {
    type Storer = StoreReplace<Self>;
}

/// Makes the signer write into the URL.
#[derive(Debug)]
struct Presigning {
    expires_in: Duration,
    payload: SignableBody<'static>,
    parameters: Parameters,
}

/// Where an operation's parameters are. Those of a body go into the URL, and the request becomes a GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameters {
    /// Where a GET has them, or in a body that whoever sends the request adds.
    AsTheyAre,
    /// In a form, by a query protocol.
    Form,
    /// In a JSON document. Polly alone takes what would be in it from the URL.
    Json,
}

#[dyn_dispatch_hint]
impl Intercept for Presigning {
    fn name(&self) -> &'static str {
        "Presigning"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let body = request.body().bytes().unwrap_or_default();
        match self.parameters {
            Parameters::AsTheyAre => {}
            Parameters::Form => {
                let form = std::str::from_utf8(body)?.to_owned();
                move_into_url(request, &form)?;
            }
            Parameters::Json => {
                let query = query_of_json(body)?;
                move_into_url(request, &query)?;
            }
        }
        request.headers_mut().remove("content-length");
        let signing = config.load::<SigV4OperationSigningConfig>().cloned();
        let mut signing = signing.ok_or("an operation that is not signed cannot be presigned")?;
        signing.signing_options.expires_in = Some(self.expires_in);
        signing.signing_options.signature_type = HttpSignatureType::HttpRequestQueryParams;
        signing.signing_options.payload_override = Some(self.payload.clone());
        config.interceptor_state().store_put(signing);
        Ok(())
    }
}

/// A parameter for each member; the elements of a list have its name each.
fn query_of_json(body: &[u8]) -> Result<String, BoxError> {
    let mut members: serde_json::Map<String, Json> = serde_json::from_slice(body)?;
    members.sort_keys();
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &members {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            query.append_pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
    }
    // In the signature a space is %20.
    Ok(query.finish().replace('+', "%20"))
}

fn move_into_url(request: &mut HttpRequest, query: &str) -> Result<(), BoxError> {
    let separator = if request.uri().contains('?') { '&' } else { '?' };
    let uri = format!("{}{separator}{query}", request.uri());
    request.set_uri(uri)?;
    request.set_method("GET")?;
    request.headers_mut().remove("content-type");
    *request.body_mut() = aws_smithy_types::body::SdkBody::empty();
    Ok(())
}
