//! Pools of connections, and which client uses which.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use session_core::{ClientConfig, Error};

use super::dial::{Dial, Route};
use super::exchange::Exchange;
use super::transport::Transport;

/// So many pools with settings of their own does a session remember. One that it forgot lives as long as its clients.
const REMEMBERED: usize = 16;

/// The pools of a session: its own, and those of clients that asked for another trust, proxy or the like.
#[derive(Debug)]
pub(crate) struct Pools {
    transport: Transport,
    own: SharedHttpClient,
    /// The last one used comes last.
    others: Mutex<VecDeque<(Transport, SharedHttpClient)>>,
}

impl Pools {
    /// The pool of clients without settings of their own and of credential providers, and all pools of the session.
    /// Dials nobody and reads no file.
    pub(crate) fn of_session(transport: Transport) -> (SharedHttpClient, Option<Self>) {
        let own = SharedHttpClient::new(Pool::new(&transport));
        (own.clone(), Some(Self { transport, own, others: Mutex::default() }))
    }

    /// The pool for a client: one for all that have the same settings.
    ///
    /// # Errors
    /// [`InvalidConfig`](session_core::ErrorKind::InvalidConfig): a file that the client names cannot be used.
    pub(crate) async fn of_client(&self, config: &ClientConfig) -> Result<SharedHttpClient, Error> {
        if !Transport::is_told_by(config) {
            return Ok(self.own.clone());
        }
        let transport = self.transport.overridden_by(config).await?;
        if transport == self.transport {
            return Ok(self.own.clone());
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let known = others.iter().position(|(known, _)| *known == transport);
        let pool = match known.and_then(|index| others.remove(index)) {
            Some((_, pool)) => pool,
            None => SharedHttpClient::new(Pool::new(&transport)),
        };
        others.push_back((transport, pool.clone()));
        if others.len() > REMEMBERED {
            others.pop_front();
        }
        Ok(pool)
    }
}

/// One pool. Clients share its connections unless their connect time-outs differ.
struct Pool {
    route: Arc<Route>,
    keepalive_timeout: Duration,
    /// hyper's own pool, by connect time-out, for that is part of how it dials.
    clients: RwLock<HashMap<Option<Duration>, Client<Dial, SdkBody>>>,
}

impl Pool {
    fn new(transport: &Transport) -> Self {
        let (route, keepalive_timeout) = (Arc::new(transport.route()), transport.keepalive_timeout());
        Self { route, keepalive_timeout, clients: RwLock::default() }
    }

    /// The sleep is that of the first who asks. All who use a pool belong to one session, and so have the same.
    fn client(&self, connect_timeout: Option<Duration>, sleep: &SharedAsyncSleep) -> Client<Dial, SdkBody> {
        let known =
            self.clients.read().unwrap_or_else(PoisonError::into_inner).get(&connect_timeout).cloned();
        known.unwrap_or_else(|| {
            let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
            if clients.len() >= REMEMBERED && !clients.contains_key(&connect_timeout) {
                // Time-outs worked out anew for every client: none of them comes again.
                clients.clear();
            }
            clients.entry(connect_timeout).or_insert_with(|| self.connect(connect_timeout, sleep)).clone()
        })
    }

    fn connect(&self, connect_timeout: Option<Duration>, sleep: &SharedAsyncSleep) -> Client<Dial, SdkBody> {
        let connect_timeout = connect_timeout.map(|after| (after, sleep.clone()));
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(self.keepalive_timeout);
        if self.keepalive_timeout.is_zero() {
            builder.pool_max_idle_per_host(0);
        }
        builder.build(Dial { route: Arc::clone(&self.route), connect_timeout })
    }
}

impl HttpClient for Pool {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let sleep = components.sleep_impl().unwrap_or_else(|| SharedAsyncSleep::new(TokioSleep::new()));
        SharedHttpConnector::new(Exchange {
            client: self.client(settings.connect_timeout(), &sleep),
            route: Arc::clone(&self.route),
            read_timeout: settings.read_timeout().map(|after| (after, sleep)),
            time: components.time_source(),
        })
    }

    /// Part of the user agent.
    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("hyper", Some("1.x".into())))
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("route", &self.route).finish_non_exhaustive()
    }
}
