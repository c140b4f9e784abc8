//! One call of an operation: its input, a stream beside it, and what it does differently from its client.

use std::fmt;

use aws_smithy_runtime::client::orchestrator::{StopPoint, invoke_with_stop_point};
use aws_smithy_runtime_api::client::interceptors::context::{
    Error as ErasedError, Input, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{
    RuntimePlugins, SharedRuntimePlugin, StaticRuntimePlugin,
};
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::endpoint_config::EndpointUrl;
use aws_types::region::{Region, SigningRegion};
use futures_util::future::BoxFuture;
use futures_util::{Stream, StreamExt};

use super::client::DynamicClient;
use super::customization::{Customized, archive_hash, cross_region_copy, endpoint_discovery};
use super::endpoint_parameters::{EndpointOverride, RegionOverride};
use super::error::ServiceFault;
use super::event_stream::{EventSource, SendFailure};
use super::input;
use super::orchestration::CallInput;
use super::output::Output;
use super::presign::Parameters;
use super::service::{ModeledOperation, ModeledService};
use super::value::Value;
use crate::config::{EndpointUrl as CheckedUrl, RegionName};
use crate::error::{BoxError, Error, ErrorKind, of_modeled};
use crate::model::Protocol;

/// An operation about to be called; made by [`DynamicClient::operation`].
#[must_use = "an operation is called by `send`"]
pub struct Operation {
    client: DynamicClient,
    operation: &'static ModeledOperation,
    input: Value,
    body: Option<ByteStream>,
    events: Option<EventSource>,
    overrides: Overrides,
}

#[derive(Clone, Default)]
struct Overrides {
    timeout_config: Option<TimeoutConfig>,
    retry_config: Option<RetryConfig>,
    endpoint_url: Option<String>,
    region: Option<RegionName>,
    interceptors: Vec<SharedInterceptor>,
}

impl Operation {
    pub(super) fn new(client: DynamicClient, operation: &'static ModeledOperation) -> Self {
        let overrides = Overrides::default();
        Self { client, operation, input: Value::Null, body: None, events: None, overrides }
    }

    /// The operation's name in the model, such as `ListObjectsV2`.
    pub fn name(&self) -> &'static str {
        self.operation.plan.operation.name
    }

    /// The input: a map of the members that the model has. Replaces the one before.
    pub fn input(mut self, input: impl Into<Value>) -> Self {
        self.input = input.into();
        self
    }

    /// The bytes of the input's streaming member, such as S3's `Body`. A body that can be read but once makes the call one
    /// that is not retried.
    ///
    /// S3 gets a checksum after the stream, of the input's `ChecksumAlgorithm` or else CRC-32, unless the input has one
    /// already; for that the stream says its length, or the input does as `ContentLength`.
    pub fn body(mut self, body: impl Into<ByteStream>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The events of the input's stream, such as Lex's `requestEventStream`: maps with one member, the event's name. Each is
    /// checked when it is about to be sent; one that does not fit the model ends the call, and both
    /// [`send`](Self::send) and [`EventReceiver::recv`](super::EventReceiver::recv) tell why. When the stream ends, so does
    /// the request, and the service may go on answering.
    ///
    /// A call with events is not retried, and where the service answers while it listens, that takes HTTP/2.
    ///
    /// ```no_run
    /// # use session_core::{Error, Session, SessionExt};
    /// # use serde_json::json;
    /// # async fn speak(session: &dyn Session) -> Result<(), Error> {
    /// let polly = session.client("polly").await?;
    /// let text = [json!({"TextEvent": {"Text": "Good evening."}}), json!({"CloseStreamEvent": {}})];
    /// let mut answer = polly
    ///     .operation("StartSpeechSynthesisStream")?
    ///     .input(json!({"Engine": "generative", "OutputFormat": "mp3", "VoiceId": "Amy"}))
    ///     .events(futures_util::stream::iter(text))
    ///     .send()
    ///     .await?;
    /// if let Some(mut events) = answer.take_events() {
    ///     while let Some(event) = events.recv().await? {
    ///         println!("{} bytes of sound", event["AudioEvent"]["AudioChunk"].as_blob().map_or(0, <[u8]>::len));
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn events<S>(self, events: S) -> Self
    where
        S: Stream + Send + 'static,
        S::Item: Into<Value>,
    {
        self.try_events(events.map(Ok::<_, Error>))
    }

    /// [`events`](Self::events) of a stream that can fail, such as one that reads a file. Its error ends the call, and is
    /// among the causes of what is told then.
    pub fn try_events<S, V, E>(mut self, events: S) -> Self
    where
        S: Stream<Item = Result<V, E>> + Send + 'static,
        V: Into<Value>,
        E: Into<BoxError>,
    {
        self.events = Some(EventSource::new(events));
        self
    }

    /// Time-outs of this call alone; those left out stay the client's.
    pub fn timeout_config(mut self, timeouts: TimeoutConfig) -> Self {
        self.overrides.timeout_config = Some(timeouts);
        self
    }

    /// The retries of this call alone.
    pub fn retry_config(mut self, retries: RetryConfig) -> Self {
        self.overrides.retry_config = Some(retries);
        self
    }

    /// The endpoint of this call alone: a complete URL.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.overrides.endpoint_url = Some(url.into());
        self
    }

    /// One more hook on this call alone.
    pub fn interceptor(mut self, interceptor: impl Intercept + 'static) -> Self {
        self.overrides.interceptors.push(SharedInterceptor::new(interceptor));
        self
    }

    /// The region of this call alone, for which it is signed as well.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: it cannot be the name of a region.
    pub(super) fn in_region(mut self, name: String) -> Result<Self, Error> {
        let region = RegionName::new(name);
        let refuse = |error: Error| Error::new(ErrorKind::InvalidInput, error.message().to_owned());
        self.overrides.region = Some(region.map_err(|error| self.told().of_ours(refuse(error)))?);
        Ok(self)
    }

    /// Calls the operation.
    ///
    /// # Errors
    /// - [`ErrorKind::InvalidInput`]: the input does not fit the model, and nothing was sent; tells all mistakes with their
    ///   paths, such as `Filters[0].Valuez`
    /// - what the service answers, by its kind, with [`ServiceFault`] among the causes
    /// - what was wrong with an event that was to be sent, by its kind
    /// - the kinds of every client: [`ErrorKind::Timeout`], [`ErrorKind::Dispatch`], [`ErrorKind::ScopeClosed`] …
    ///
    /// # Cancellation
    /// Dropping the future cancels the request; it may have been carried out.
    pub async fn send(self) -> Result<Output, Error> {
        self.sending().await
    }

    /// [`send`](Self::send) as one future behind a pointer. An `async fn` is compiled wherever it is awaited, with all that
    /// it awaits, the SDK's orchestrator included; this one is compiled here, once.
    fn sending(mut self) -> BoxFuture<'static, Result<Output, Error>> {
        Box::pin(async move {
            cross_region_copy::presign(&self.client, self.operation, &mut self.input).await?;
            match self.is_discovered() {
                true => self.send_where_told().await,
                false => self.send_as_it_is().await,
            }
        })
    }

    /// Sends it to the endpoint that the service tells; once more where that is not the right one any more.
    fn send_where_told(self) -> BoxFuture<'static, Result<Output, Error>> {
        Box::pin(async move {
            let mut again = Some(self.without_body());
            let mut now = self;
            loop {
                let answer = now.discovered().await?.send_as_it_is().await;
                let is_misdirected = answer.as_ref().err().is_some_and(endpoint_discovery::is_misdirected);
                now = match again.take() {
                    Some(again) if is_misdirected => again,
                    _ => return answer,
                };
                now.client.discovery().inspect(|discovery| discovery.forget());
            }
        })
    }

    async fn send_as_it_is(self) -> Result<Output, Error> {
        let told = self.told();
        let sending = self.events.as_ref().map(EventSource::failure);
        let has_initial_response = self.client.service().wire.has_initial_response();
        // What was wrong with an event says more than that the request was not sent to its end.
        let cause = |error: Error| match sending.as_ref().and_then(SendFailure::take) {
            Some(cause) if !error.is_closed() => told.of_ours(cause),
            _ => error,
        };
        let context = self.orchestrate(StopPoint::None, None).await.map_err(cause)?;
        let output = context.finalize().map_err(|error| cause(told.of_sdk(error)))?;
        let foreign = || Error::new(ErrorKind::Dispatch, "the answer is that of another client");
        let mut output: Output = output.downcast().map_err(|_| told.of_ours(foreign()))?;
        if let Some(events) = &mut output.events {
            events.ends_with(sending);
            if has_initial_response && let Some(value) = events.initial_response().await? {
                output.value = value;
            }
        }
        Ok(output)
    }

    /// The name of the member that is a stream of events to be sent.
    pub(super) fn events_member(&self) -> Option<&'static str> {
        self.operation.plan.events_in().map(|stream| stream.name)
    }

    /// Whether the service has to be asked where to send it.
    fn is_discovered(&self) -> bool {
        let has_own_endpoint = self.overrides.endpoint_url.is_some() || self.client.discovery().is_none();
        !has_own_endpoint && endpoint_discovery::is_required(self.operation.plan)
    }

    /// The same for the endpoint that the service tells.
    async fn discovered(mut self) -> Result<Self, Error> {
        if let Some(discovery) = self.client.discovery() {
            self.overrides.endpoint_url = Some(discovery.endpoint(&self.client).await?);
        }
        Ok(self)
    }

    /// The same, to be sent once more: services that tell endpoints take no streams.
    fn without_body(&self) -> Self {
        let Self { client, operation, input, body: _, events: _, overrides } = self;
        let (input, overrides) = (input.clone(), overrides.clone());
        Self { client: client.clone(), operation, input, body: None, events: None, overrides }
    }

    /// Where its parameters are.
    pub(super) fn parameters(&self) -> Parameters {
        let service = self.client.service();
        match service.schemas.protocol {
            Protocol::AwsQuery | Protocol::Ec2Query => Parameters::Form,
            _ if service.name == "polly" && self.name() == "SynthesizeSpeech" => Parameters::Json,
            _ => Parameters::AsTheyAre,
        }
    }

    pub(super) fn is_of_s3(&self) -> bool {
        self.client.service().name == "s3"
    }

    pub(super) fn told(&self) -> Told {
        Told::new(self.client.service(), self.name())
    }

    /// Runs the call up to the stop, with one more plugin where there is one.
    pub(super) fn orchestrate(
        self,
        stop: StopPoint,
        plugin: Option<SharedRuntimePlugin>,
    ) -> BoxFuture<'static, Result<InterceptorContext, Error>> {
        Box::pin(self.orchestrated(stop, plugin))
    }

    async fn orchestrated(
        self,
        stop: StopPoint,
        plugin: Option<SharedRuntimePlugin>,
    ) -> Result<InterceptorContext, Error> {
        let told = self.told();
        let Self { client, operation, input, body, events, overrides } = self;
        let (service, plan) = (client.service(), operation.plan);
        let prepared = |mut input: Value| {
            check_streams(operation, &input, body.as_ref(), events.is_some())?;
            Customized { schemas: &service.schemas, plan }.prepare(operation.steps, &mut input)?;
            input::prepare(&service.schemas, plan.input, plan.streaming_input, input)
        };
        let mut value = prepared(input).map_err(|error| told.of_ours(error))?;
        let mut plugins = client.plugins().with_operation_plugin(operation.plugin.clone());
        plugins = overrides.over(plugins).map_err(|error| told.of_ours(error))?;
        if let Some(plugin) = plugin {
            plugins = plugins.with_operation_plugin(plugin);
        }
        let mut body = body;
        if archive_hash::is_wanted(service.name, plan.operation.name) {
            let (sent, signed) =
                archive_hash::add(&mut value, body).await.map_err(|error| told.of_ours(error))?;
            body = sent;
            let mut layer = Layer::new("ArchiveHash");
            layer.store_put(signed);
            let plugin = StaticRuntimePlugin::new().with_config(layer.freeze());
            plugins = plugins.with_operation_plugin(plugin);
        }
        let input = Input::erase(CallInput { value, body, events });
        invoke_with_stop_point(
            service.model.metadata().service_id,
            plan.operation.name,
            input,
            &plugins,
            stop,
        )
        .await
        .map_err(|error| told.of_sdk(error))
    }
}

/// Makes errors say whose they are.
#[derive(Clone, Copy)]
pub(super) struct Told {
    service: &'static ModeledService,
    operation: &'static str,
}

impl Told {
    pub(super) fn new(service: &'static ModeledService, operation: &'static str) -> Self {
        Self { service, operation }
    }

    pub(super) fn of_ours(self, error: Error) -> Error {
        error.with_service(self.service.service_name()).with_operation(self.operation)
    }

    pub(super) fn of_sdk(self, error: SdkError<ErasedError, HttpResponse>) -> Error {
        let error = error.map_service_error(|fault| fault.downcast::<ServiceFault>().unwrap_or_default());
        of_modeled(error, self.service.service_name(), self.operation)
    }
}

fn check_streams(
    operation: &ModeledOperation,
    input: &Value,
    body: Option<&ByteStream>,
    has_events: bool,
) -> Result<(), Error> {
    let plan = operation.plan;
    let refuse = |message: String| Err(Error::new(ErrorKind::InvalidInput, message));
    if let Some(stream) = plan.events_in() {
        let name = stream.name;
        return match input.get(name) {
            _ if body.is_some() => {
                refuse(format!("{name} is a stream of events: give it with `events`, not `body`"))
            }
            Some(_) => {
                refuse(format!("{name} is a stream of events: give it beside the input, with `events`"))
            }
            None if !has_events => {
                refuse(format!("{name} is missing: a stream of events, given with `events`"))
            }
            None => Ok(()),
        };
    }
    if has_events {
        return refuse(format!("{} takes no stream of events beside its input", plan.operation.name));
    }
    match (plan.streaming_input, body) {
        (None, Some(_)) => refuse(format!("{} takes no body beside its input", plan.operation.name)),
        (Some(stream), Some(_)) if input.get(stream.name).is_some() => {
            refuse(format!("{} is given twice: in the input and beside it", stream.name))
        }
        (Some(stream), Some(body)) if stream.requires_length && body.size_hint().1.is_none() => refuse(
            format!("the length of {} has to be known, and this stream does not say its own", stream.name),
        ),
        _ => Ok(()),
    }
}

impl Overrides {
    fn over(self, plugins: RuntimePlugins) -> Result<RuntimePlugins, Error> {
        let Self { timeout_config, retry_config, endpoint_url, region, interceptors } = self;
        let is_empty = timeout_config.is_none() && retry_config.is_none() && endpoint_url.is_none();
        let is_empty = is_empty && region.is_none();
        if is_empty && interceptors.is_empty() {
            return Ok(plugins);
        }
        let mut layer = Layer::new("OperationOverrides");
        if let Some(timeouts) = timeout_config {
            layer.store_put(timeouts);
        }
        if let Some(retries) = retry_config {
            layer.store_put(retries);
        }
        if let Some(url) = endpoint_url {
            let url = CheckedUrl::new(url)?.as_str().to_owned();
            layer.store_put(EndpointUrl(url.clone()));
            layer.store_put(EndpointOverride(url));
        }
        if let Some(region) = region {
            let name = region.as_str().to_owned();
            layer.store_put(Region::new(name.clone()));
            layer.store_put(SigningRegion::from(Region::new(name.clone())));
            layer.store_put(RegionOverride(name));
        }
        let components = RuntimeComponentsBuilder::new("OperationOverrides");
        let components =
            interceptors.into_iter().fold(components, RuntimeComponentsBuilder::with_interceptor);
        let plugin =
            StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components);
        Ok(plugins.with_operation_plugin(plugin))
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("client", &self.client)
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
