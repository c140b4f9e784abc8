//! All that a client needs: what a backend hands to a service.

use std::fmt;
use std::sync::atomic::{Ordering, fence};

use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_types::SdkConfig;

use crate::catalog::Partition;
use crate::client::ClientMeta;
use crate::config::{ClientConfig, RegionName};
use crate::error::{Error, ErrorKind};
use crate::gate::{Gate, GateInterceptor, GatedHttpClient, GatedSleep, Pass, ScopeClosed};
use crate::pool;
use crate::scope::Scopes;
use crate::service::ServiceName;

/// A line to one service: identity, region, endpoint, time, retries and the HTTP client to send requests with.
///
/// Nothing is dialled yet. A backend makes one in [`Session::connect`](crate::Session::connect);
/// a [`Service`](crate::Service) turns it into a client.
#[derive(Clone)]
pub struct Connection {
    service: ServiceName,
    sdk_config: SdkConfig,
    config: ClientConfig,
    /// What of it the program said itself, and not the machine; `None` for all.
    said: Option<Box<ClientConfig>>,
    interceptors: Vec<SharedInterceptor>,
    backend: &'static str,
    scopes: Option<Scopes>,
    gated: Option<Box<Gated>>,
}

/// What a connection behind a gate remembers.
#[derive(Clone, Debug)]
struct Gated {
    gate: Gate,
    /// The session's configuration and interceptors, without the gate.
    sdk_config: SdkConfig,
    interceptors: Vec<SharedInterceptor>,
}

/// Makes the closing of a scope wait as long as it lives.
#[derive(Clone, Debug)]
pub struct Hold(#[expect(dead_code, reason = "held, not read")] Option<Pass>);

impl Connection {
    /// A connection to `service` over `sdk_config`, into which `config` has been merged already.
    ///
    /// The SDK configuration must carry an HTTP client: it is what the scope guards.
    pub fn new(service: ServiceName, config: ClientConfig, sdk_config: SdkConfig) -> Self {
        let mut interceptors = config.interceptors().to_vec();
        interceptors.extend(config.user_agent_interceptor());
        Self {
            service,
            sdk_config: pool::limited(sdk_config, &config),
            config,
            said: None,
            interceptors,
            backend: "custom",
            scopes: None,
            gated: None,
        }
    }

    /// The same connection, said to come from the backend of that name; `custom` otherwise.
    #[must_use]
    pub fn with_backend(mut self, backend: &'static str) -> Self {
        self.backend = backend;
        self
    }

    /// The same connection, whose scope is one of `scopes` and is closed with them.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &Scopes) -> Self {
        self.scopes = Some(scopes.clone());
        self
    }

    /// The same connection, of whose configuration the program said only this; the rest was found on the machine.
    #[must_use]
    pub fn with_said(mut self, said: ClientConfig) -> Self {
        self.said = Some(Box::new(said));
        self
    }

    /// The same connection with one more interceptor on every operation.
    #[must_use]
    pub fn with_interceptor(mut self, interceptor: SharedInterceptor) -> Self {
        self.interceptors.push(interceptor);
        self
    }

    /// The service at the other end.
    pub fn service(&self) -> &ServiceName {
        &self.service
    }

    /// The SDK's configuration: what `aws_sdk_*::config::Builder::from` takes.
    pub fn sdk_config(&self) -> &SdkConfig {
        &self.sdk_config
    }

    /// What the caller asked of this client.
    pub fn config(&self) -> &ClientConfig {
        &self.config
    }

    /// What of it the program said itself, and not the machine.
    #[cfg(feature = "dynamic")]
    pub(crate) fn said(&self) -> &ClientConfig {
        self.said.as_deref().unwrap_or(&self.config)
    }

    /// The interceptors that every operation of the client must run.
    pub fn interceptors(&self) -> &[SharedInterceptor] {
        &self.interceptors
    }

    /// Refuses settings that are for S3 where the client is one of S3 but its marker cannot heed them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] names the setting.
    #[doc(hidden)] // for `service!`
    pub fn refuse_unheeded(&self) -> Result<(), Error> {
        match self.service.as_str() {
            "s3" | "s3control" => self.said.as_deref().unwrap_or(&self.config).refuse_s3_settings(),
            _ => Ok(()),
        }
    }

    /// What the client is: service, region, endpoint, backend.
    pub fn meta(&self) -> ClientMeta {
        let region = self.sdk_config.region().map(ToString::to_string);
        let region_name = region.and_then(|name| RegionName::new(name).ok());
        ClientMeta {
            service_name: self.service.clone(),
            partition: region_name.as_ref().and_then(Partition::of_region),
            region_name,
            endpoint_url: self.sdk_config.endpoint_url().map(str::to_owned),
            backend: self.backend,
            config: self.config.clone(),
        }
    }

    /// Whether operations may still begin: neither the scope nor its session is closed.
    ///
    /// # Errors
    /// [`ErrorKind::ScopeClosed`].
    pub fn require_open(&self) -> Result<(), Error> {
        match &self.gated {
            Some(gated) if gated.gate.is_closed() => {
                let error = Error::new(ErrorKind::ScopeClosed, ScopeClosed::MESSAGE).with_source(ScopeClosed);
                Err(error.with_service(self.service.clone()))
            }
            _ => Ok(()),
        }
    }

    /// A connection of the same scope for cleaning up, as in aborting a multipart upload whose future was dropped.
    ///
    /// Closing the scope waits for its operations, and neither closing nor dropping the scope refuses or cancels
    /// them.
    #[must_use]
    pub fn cleanup(&self) -> Self {
        let mut cleanup = self.clone();
        if let Some(Gated { gate, sdk_config, interceptors }) = self.gated.as_deref() {
            (cleanup.sdk_config, cleanup.interceptors) = (sdk_config.clone(), interceptors.clone());
            cleanup.put_behind(gate.cleanup());
        }
        cleanup
    }

    /// Makes the closing of the scope, or of its session, wait until what is returned is dropped.
    ///
    /// If [`require_open`](Self::require_open) is asked afterwards and says so, closing has not begun before and waits.
    pub fn hold(&self) -> Hold {
        let hold = Hold(self.gated.as_ref().map(|gated| gated.gate.hold()));
        // As when a gate is entered: what is counted here is seen by whoever closes it next.
        fence(Ordering::SeqCst);
        hold
    }

    /// The same connection behind a new gate: every request, pause and body of it obeys the scope.
    pub(crate) fn gated(mut self) -> Result<(Self, Gate), Error> {
        let gate = match &self.scopes {
            Some(scopes) if scopes.is_closed() => {
                let message = "the session is closed: it opens no more clients";
                return Err(Error::new(ErrorKind::ScopeClosed, message).with_service(self.service));
            }
            Some(scopes) => scopes.gate().child(),
            None => Gate::root(),
        };
        if self.sdk_config.http_client().is_none() {
            let message =
                "the session's connection has no HTTP client: set SdkConfig::http_client in connect()";
            return Err(Error::new(ErrorKind::InvalidConfig, message).with_service(self.service));
        }
        self.put_behind(gate.clone());
        Ok((self, gate))
    }

    fn put_behind(&mut self, gate: Gate) {
        let mut guarded = self.sdk_config.to_builder();
        if let Some(http_client) = self.sdk_config.http_client() {
            guarded.set_http_client(None);
            guarded = guarded.http_client(GatedHttpClient::new(
                http_client,
                self.sdk_config.sleep_impl(),
                gate.clone(),
            ));
        }
        if let Some(sleep) = self.sdk_config.sleep_impl() {
            guarded = guarded.sleep_impl(GatedSleep::new(sleep, gate.clone()));
        }
        let sdk_config = std::mem::replace(&mut self.sdk_config, guarded.build());
        let interceptors = self.interceptors.clone();
        let region = self.sdk_config.region().map(ToString::to_string);
        let admission = GateInterceptor::new(gate.clone(), self.service.clone(), region);
        self.interceptors.push(SharedInterceptor::permanent(admission));
        self.gated = Some(Box::new(Gated { gate, sdk_config, interceptors }));
    }
}

/// The SDK's configuration is left out: its `Debug` shows the profiles that it was loaded from, with their secrets.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("service", &self.service)
            .field("region", &self.sdk_config.region())
            .field("endpoint_url", &self.sdk_config.endpoint_url())
            .field("backend", &self.backend)
            .field("config", &self.config)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
