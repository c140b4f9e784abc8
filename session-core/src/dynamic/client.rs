//! The model-driven client: any service's operations over one connection.
//!
//! It is assembled as the SDK's generated clients are: the same plugins, in the same order, over the same
//! configuration. What a session, a scope or a hook does to those it does to this one.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::{sigv4, sigv4a};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::recursion_detection::RecursionDetectionInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::{AwsErrorCodeClassifier, TRANSIENT_ERRORS};
use aws_runtime::service_clock_skew::{
    DisableClockSkewCorrection, ServiceClockSkewClassifier, ServiceClockSkewInterceptor,
};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime::client::auth::http::BearerAuthScheme;
use aws_smithy_runtime::client::auth::no_auth::NoAuthRuntimePluginV2;
use aws_smithy_runtime::client::defaults::{DefaultPluginParams, default_plugins};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::orchestrator::AuthSchemeAndEndpointOrchestrationV2;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, ModeledAsRetryableClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime::client::stalled_stream_protection::StalledStreamProtectionInterceptor;
use aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemePreference, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::endpoint::SharedEndpointResolver;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_types::config_bag::Layer;
use aws_types::SigningName;
use aws_types::endpoint_config::{EndpointUrl, UseDualStack, UseFips};
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;

use super::auth::{Anonymous, ModeledAuth};
use super::compression::CompressionSettings;
use super::customization::endpoint_discovery::EndpointDiscovery;
use super::customization::{bearer_token, name_alias, region_redirect, s3_express};
use super::endpoint::EndpointRulesResolver;
use super::error::ServiceFault;
use super::operation::Operation;
use super::output::Output;
use super::service::ModeledService;
use super::value::Value;
use crate::connection::Connection;
use crate::error::{Error, ErrorKind};
use crate::scope::ResourceScope;
use crate::service::ServiceName;

/// A client of any of AWS's services, made from the service's model. Clones share the client.
///
/// ```
/// # use session_core::{Error, SessionExt};
/// # use serde_json::json;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let session = backend_mock::MockAws::new().session(); // in production: `backend_aws::AwsSession::builder()…`
/// let s3 = session.client("s3").await?;
/// s3.call("CreateBucket", json!({"Bucket": "films"})).await?;
/// let answer = s3.call("list_buckets", json!({})).await?; // boto3's names do as well
/// assert_eq!(answer["Buckets"][0]["Name"].as_str(), Some("films"));
/// # Ok::<(), Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct DynamicClient {
    shared: Arc<Shared>,
}

struct Shared {
    service: &'static ModeledService,
    plugins: RuntimePlugins,
    region: Option<String>,
    credentials: Option<SharedCredentialsProvider>,
    time: SharedTimeSource,
    sleep: Option<SharedAsyncSleep>,
    /// `None` for a client that has an endpoint of its own.
    discovery: Option<EndpointDiscovery>,
}

impl DynamicClient {
    /// The client of the connection's service.
    ///
    /// # Errors
    /// - [`ErrorKind::UnknownService`]: AWS publishes no model of it
    /// - [`ErrorKind::InvalidConfig`]: the service takes only signatures of version 2, or a setting that this client cannot
    ///   heed; names it
    pub fn new(connection: &Connection) -> Result<Self, Error> {
        let service = ModeledService::find(connection.service())?;
        let told = |error: Error| error.with_service(connection.service().clone());
        refuse(service, connection).map_err(told)?;
        let compression = CompressionSettings::of(connection.sdk_config()).map_err(told)?;
        let region = connection.sdk_config().region().map(ToString::to_string);
        let sleep = connection.sdk_config().sleep_impl();
        let credentials = connection.sdk_config().credentials_provider();
        let time = connection.sdk_config().time_source().unwrap_or_default();
        let asks = endpoint_url(service, connection).is_none();
        let discovery = asks.then(|| EndpointDiscovery::new(time.clone()));
        let shared = Arc::new_cyclic(|client| {
            let plugins = plugins(service, connection, compression, WeakClient(client.clone()));
            Shared { service, plugins, region, credentials, time, sleep, discovery }
        });
        Ok(Self { shared })
    }

    /// Calls an operation: [`operation`](Self::operation) with an input and nothing else.
    ///
    /// # Errors
    /// As [`Operation::send`]; and [`ErrorKind::InvalidInput`] where the service has no such operation.
    pub async fn call(&self, operation: &str, input: impl Into<Value>) -> Result<Output, Error> {
        self.operation(operation)?.input(input).send().await
    }

    /// An operation, to be given an input and sent. The name is the model's (`ListObjectsV2`) or boto3's
    /// (`list_objects_v2`).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: the service has no such operation; names near misses.
    pub fn operation(&self, name: &str) -> Result<Operation, Error> {
        let operation = self.shared.service.find_operation(name)?;
        Ok(Operation::new(self.clone(), operation))
    }

    /// The names of the service's operations, in alphabetical order.
    pub fn operations(&self) -> Vec<&'static str> {
        self.shared.service.model.operation_names().collect()
    }

    /// What an operation takes and answers, as a tree with a line a member, to be read by people.
    ///
    /// ```
    /// # use session_core::{Error, SessionExt};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let dynamodb = backend_mock::MockAws::new().session().client("dynamodb").await?;
    /// let told = dynamodb.describe("DeleteTable")?;
    /// assert!(told.starts_with("DeleteTable\ninput\n  TableName: string, required\noutput\n"), "{told}");
    /// let error = dynamodb.describe("DeletTable").unwrap_err();
    /// assert!(error.to_string().contains("did you mean `DeleteTable`"), "{error}");
    /// # Ok::<(), Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: the service has no such operation; names near misses.
    pub fn describe(&self, operation: &str) -> Result<String, Error> {
        let name = self.shared.service.find_operation(operation)?.plan.operation.name;
        let model = self.shared.service.model;
        Ok(model
            .find_operation(name)
            .map(|index| super::describe::describe(model, index))
            .unwrap_or_default())
    }

    /// The API version that the client speaks, such as `2016-11-15`.
    pub fn api_version(&self) -> &'static str {
        self.shared.service.model.metadata().api_version
    }

    pub(super) fn discovery(&self) -> Option<&EndpointDiscovery> {
        self.shared.discovery.as_ref()
    }

    pub(super) fn region(&self) -> Option<&str> {
        self.shared.region.as_deref()
    }

    pub(super) fn service(&self) -> &'static ModeledService {
        self.shared.service
    }

    pub(super) fn credentials(&self) -> Option<&SharedCredentialsProvider> {
        self.shared.credentials.as_ref()
    }

    pub(super) fn now(&self) -> SystemTime {
        self.shared.time.now()
    }

    /// The sleep that ends with the scope.
    pub(super) fn sleep(&self) -> Option<SharedAsyncSleep> {
        self.shared.sleep.clone()
    }

    pub(super) fn plugins(&self) -> RuntimePlugins {
        self.shared.plugins.clone()
    }
}

impl fmt::Debug for DynamicClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicClient")
            .field("service", &self.shared.service.name)
            .field("region", &self.shared.region)
            .finish_non_exhaustive()
    }
}

/// A client that does not keep itself alive: what its own plugins may hold.
pub(super) struct WeakClient(Weak<Shared>);

impl WeakClient {
    /// The client, unless it is gone.
    pub(super) fn upgrade(&self) -> Option<DynamicClient> {
        self.0.upgrade().map(|shared| DynamicClient { shared })
    }
}

fn refuse(service: &ModeledService, connection: &Connection) -> Result<(), Error> {
    let metadata = service.model.metadata();
    if metadata.auth.is_empty() && metadata.signature_version == "v2" {
        let message = format!("{} takes only signatures of version 2, which are not supported", service.name);
        return Err(Error::new(ErrorKind::InvalidConfig, message));
    }
    if service.name == "s3" && connection.config().s3_payload_signing_enabled().is_some() {
        let message =
            "s3_payload_signing_enabled is not for the model-driven client: open S3 with `resources::S3`";
        return Err(Error::new(ErrorKind::InvalidConfig, message));
    }
    Ok(())
}

fn plugins(
    service: &'static ModeledService,
    connection: &Connection,
    compression: CompressionSettings,
    this: WeakClient,
) -> RuntimePlugins {
    let sdk_config = connection.sdk_config();
    let partition = match sdk_config.region() {
        Some(region) => format!("{}-{region}", service.name),
        None => service.name.to_owned(),
    };
    let defaults = DefaultPluginParams::new()
        .with_retry_partition_name(partition)
        .with_behavior_version(sdk_config.behavior_version().unwrap_or_else(BehaviorVersion::latest))
        .with_is_aws_sdk(true);
    let (mut layer, mut components) = (layer(service, connection, compression), components(connection));
    if service.name == "s3" {
        region_redirect::follow(&mut components);
        s3_express::enable(this, &mut components, &mut layer);
    }
    if let Some(token) = bearer_token::of(service, connection) {
        components.set_identity_resolver(HTTP_BEARER_AUTH_SCHEME_ID, SharedIdentityResolver::new(token));
        layer.store_put(AuthSchemePreference::from([HTTP_BEARER_AUTH_SCHEME_ID]));
    }
    let client = StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components);
    RuntimePlugins::new()
        .with_client_plugins(default_plugins(defaults))
        .with_client_plugin(client)
        .with_client_plugin(NoAuthRuntimePluginV2::new())
}

fn layer(
    service: &'static ModeledService,
    connection: &Connection,
    compression: CompressionSettings,
) -> Layer {
    let sdk_config = connection.sdk_config();
    let metadata = service.model.metadata();
    let mut layer = Layer::new("DynamicClient");
    layer.store_or_unset(sdk_config.region().cloned());
    layer.store_or_unset(sdk_config.region().cloned().map(SigningRegion::from));
    layer.store_put(SigningName::from(metadata.signing_name));
    layer.store_or_unset(sdk_config.sigv4a_signing_region_set().cloned());
    layer.store_or_unset(sdk_config.use_fips().map(UseFips));
    layer.store_or_unset(sdk_config.use_dual_stack().map(UseDualStack));
    layer.store_or_unset(endpoint_url(service, connection).map(EndpointUrl));
    layer.store_or_unset(sdk_config.account_id_endpoint_mode().cloned());
    layer.store_or_unset(sdk_config.auth_scheme_preference().cloned());
    layer.store_or_unset(sdk_config.request_checksum_calculation());
    layer.store_or_unset(sdk_config.response_checksum_validation());
    layer.store_or_unset(sdk_config.app_name().cloned());
    layer.store_or_unset(sdk_config.disable_clock_skew_correction().map(DisableClockSkewCorrection::from));
    if let Some(retries) = sdk_config.retry_config() {
        layer.store_put(retries.clone());
    }
    if let Some(timeouts) = sdk_config.timeout_config() {
        layer.store_put(timeouts.clone());
    }
    if let Some(protection) = sdk_config.stalled_stream_protection() {
        layer.store_put(protection);
    }
    for framework in sdk_config.framework_metadata() {
        layer.store_append(framework.clone());
    }
    layer.store_put(ApiMetadata::new(service.user_agent_name, env!("CARGO_PKG_VERSION")));
    layer.store_put(AuthSchemeAndEndpointOrchestrationV2);
    if connection.config().is_anonymous() {
        layer.store_put(Anonymous);
    }
    layer.store_put(compression);
    service.wire.configure(metadata, &mut layer);
    layer
}

/// The endpoint of this client, else what environment and profile say of its service: as generated clients do.
fn endpoint_url(service: &ModeledService, connection: &Connection) -> Option<String> {
    let sdk_config = connection.sdk_config();
    let common = || sdk_config.endpoint_url().map(str::to_owned);
    if sdk_config.get_origin("endpoint_url").is_client_config() {
        return common();
    }
    let key = ServiceConfigKey::builder()
        .service_id(service.model.metadata().service_id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = || sdk_config.service_config()?.load_config(key.ok()?);
    own().or_else(common)
}

fn components(connection: &Connection) -> RuntimeComponentsBuilder {
    let sdk_config = connection.sdk_config();
    let endpoints = EndpointRulesResolver::new(connection.service(), sdk_config, connection.config());
    let auth = ModeledAuth { endpoints: endpoints.clone(), is_anonymous: connection.config().is_anonymous() };
    let mut components = RuntimeComponentsBuilder::new("DynamicClient")
        .with_http_client(sdk_config.http_client())
        .with_sleep_impl(sdk_config.sleep_impl())
        .with_time_source(sdk_config.time_source())
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(auth)))
        .with_endpoint_resolver(Some(SharedEndpointResolver::new(endpoints)))
        .with_auth_scheme(SharedAuthScheme::new(sigv4::SigV4AuthScheme::new()))
        .with_auth_scheme(SharedAuthScheme::new(sigv4a::SigV4aAuthScheme::new()))
        .with_auth_scheme(SharedAuthScheme::new(BearerAuthScheme::new()))
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_retry_classifier(TransientErrorClassifier::<ServiceFault>::new())
        .with_retry_classifier(ModeledAsRetryableClassifier::<ServiceFault>::new())
        .with_retry_classifier(error_codes(connection))
        .with_retry_classifier(ServiceClockSkewClassifier::<ServiceFault>::new());
    if let Some(cache) = sdk_config.identity_cache() {
        components.set_identity_cache(Some(cache));
    }
    if let Some(credentials) = sdk_config.credentials_provider() {
        components.set_identity_resolver(sigv4a::SCHEME_ID, credentials.clone());
        components.set_identity_resolver(sigv4::SCHEME_ID, credentials);
    }
    if let Some(tokens) = sdk_config.token_provider() {
        components.set_identity_resolver(HTTP_BEARER_AUTH_SCHEME_ID, tokens);
    }
    for interceptor in connection.interceptors() {
        components.push_interceptor(interceptor.clone());
    }
    components.push_interceptor(SharedInterceptor::permanent(ConnectionPoisoningInterceptor::new()));
    components.push_interceptor(ServiceClockSkewInterceptor::new());
    components.push_interceptor(RequestInfoInterceptor::new());
    components.push_interceptor(UserAgentInterceptor::new());
    components.push_interceptor(InvocationIdInterceptor::new());
    components.push_interceptor(SharedInterceptor::permanent(RecursionDetectionInterceptor::new()));
    components.push_interceptor(SharedInterceptor::permanent(StalledStreamProtectionInterceptor::default()));
    components
}

/// The codes that are worth another attempt. S3 has one more, which it may send with status 200, once it has begun to
/// answer.
fn error_codes(connection: &Connection) -> AwsErrorCodeClassifier<ServiceFault> {
    if connection.service().as_str() != "s3" {
        return AwsErrorCodeClassifier::new();
    }
    let transient = [TRANSIENT_ERRORS, &["InternalError"]].concat();
    AwsErrorCodeClassifier::builder().transient_errors(transient).build()
}

/// # Clients by name
impl ResourceScope<DynamicClient> {
    /// [`DynamicClient::call`]; here too, or [`Client::call`](crate::Client::call) would come before it wherever that trait
    /// is in use.
    ///
    /// # Errors
    /// As [`DynamicClient::call`].
    pub async fn call(&self, operation: &str, input: impl Into<Value>) -> Result<Output, Error> {
        DynamicClient::call(self, operation, input).await
    }
}

/// The services of the models by their names, such as `"ec2"`.
macro_rules! by_name {
    ($($name:ty),*) => {$(
        impl crate::service::Service for $name {
            type Client = DynamicClient;

            fn name(&self) -> ServiceName {
                ServiceName::of_caller(name_alias::of_service(self.as_ref()))
            }

            fn api_version(&self) -> Option<&'static str> {
                let model = crate::model::find(name_alias::of_service(self.as_ref())).ok()??;
                Some(model.metadata().api_version)
            }

            fn client(&self, connection: &Connection) -> Result<DynamicClient, Error> {
                DynamicClient::new(connection)
            }
        }
    )*};
}

by_name!(&str, String, ServiceName);
