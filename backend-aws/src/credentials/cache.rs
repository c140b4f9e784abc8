//! One set of credentials for all clients of a session, fetched once however many ask.
//!
//! What a provider gave is used until it nears its end. Then one fetch runs, in a task of its own: while the old
//! credentials are good for a good while nobody waits for it, later everybody does, and none of those who wait can end
//! it by going away. A fetch that fails leaves the old ones in use as long as they are valid.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::future::timeout::Timeout;
use aws_smithy_async::rt::sleep::{AsyncSleep as _, SharedAsyncSleep};
use aws_smithy_async::time::SharedTimeSource;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tracing::Instrument as _;

use super::failure::{Chain, told_again};

/// Before the end by this much, or by a quarter of their life, credentials are fetched anew while the old are used.
const ADVISORY: Duration = Duration::from_secs(15 * 60);

/// Before the end by this much, or by a sixth of their life, whoever asks waits for new ones.
const MANDATORY: Duration = Duration::from_secs(10 * 60);

/// The least that credentials are good for when they are handed out without a wait: a request must arrive.
const LEAST: Duration = Duration::from_secs(10);

/// The longest that one fetch may take: a role over a role over a slow endpoint, each with its retries.
const FETCH_TIMEOUT: Duration = Duration::from_secs(60);

/// A provider that remembers what the provider under it gave.
pub(crate) struct CachedProvider(Arc<Shared>);

struct Shared {
    provider: SharedCredentialsProvider,
    clock: SharedTimeSource,
    sleep: SharedAsyncSleep,
    /// How long credentials without an expiry are used; for ever if `None`.
    life_without_expiry: Option<Duration>,
    /// Credentials that never expire: found here without a lock.
    forever: OnceLock<Credentials>,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    held: Option<Held>,
    flight: Option<Flight>,
}

/// Credentials in use, and when to do something about them.
struct Held {
    credentials: Credentials,
    refresh_at: SystemTime,
    wait_at: SystemTime,
    end: SystemTime,
}

/// A fetch on its way.
struct Flight {
    landing: Landing,
    task: AbortHandle,
}

type Outcome = Result<Credentials, Arc<CredentialsError>>;
type Landing = watch::Receiver<Option<Outcome>>;

enum Answer {
    Now(Credentials),
    At(Landing),
    /// There is no runtime that a fetch could be left to.
    FetchYourself,
}

impl CachedProvider {
    pub(crate) fn new(
        provider: SharedCredentialsProvider,
        clock: SharedTimeSource,
        sleep: SharedAsyncSleep,
        life_without_expiry: Option<Duration>,
    ) -> Self {
        let (forever, slot) = (OnceLock::new(), Mutex::default());
        Self(Arc::new(Shared { provider, clock, sleep, life_without_expiry, forever, slot }))
    }

    async fn credentials(&self) -> provider::Result {
        // Again once: a fetch ends early with the runtime that it was begun on, or stands still while nobody drives that
        // runtime, and this caller may be on another.
        for _ in 0..2 {
            let mut landing = match self.0.ask() {
                Answer::Now(credentials) => return Ok(credentials),
                Answer::FetchYourself => return self.0.fetch_and_land().await.map_err(|e| told_again(&e)),
                Answer::At(landing) => landing,
            };
            let patience = self.0.sleep.sleep(FETCH_TIMEOUT + LEAST);
            let waited = Timeout::new(landing.wait_for(Option::is_some), patience).await;
            match waited.map(|landed| landed.map(|outcome| outcome.clone())) {
                Ok(Ok(Some(outcome))) => return outcome.map_err(|error| told_again(&error)),
                Ok(_) => {}
                Err(_) => self.0.give_up(&landing),
            }
        }
        Err(CredentialsError::unhandled("the fetch of credentials was cut short"))
    }
}

impl Shared {
    fn ask(self: &Arc<Self>) -> Answer {
        if let Some(credentials) = self.forever.get() {
            return Answer::Now(credentials.clone());
        }
        let now = self.clock.now();
        let mut slot = self.slot();
        let usable = match &slot.held {
            Some(held) if now < held.refresh_at => return Answer::Now(held.credentials.clone()),
            Some(held) if now < held.wait_at => Some(held.credentials.clone()),
            _ => None,
        };
        // A flight whose sender is gone has died with its runtime: one that lands leaves the slot first.
        let under_way = slot.flight.as_ref().map(|flight| flight.landing.clone());
        let landing = match under_way.filter(|landing| landing.has_changed().is_ok()) {
            Some(landing) => landing,
            None => match self.take_off() {
                Some(flight) => slot.flight.insert(flight).landing.clone(),
                None => return usable.map_or(Answer::FetchYourself, Answer::Now),
            },
        };
        usable.map_or(Answer::At(landing), Answer::Now)
    }

    fn take_off(self: &Arc<Self>) -> Option<Flight> {
        let runtime = Handle::try_current().ok()?;
        let (sender, landing) = watch::channel(None);
        let shared = Arc::clone(self);
        let fetch = async move {
            let outcome = shared.fetch_and_land().await;
            sender.send_replace(Some(outcome));
        };
        Some(Flight { landing, task: runtime.spawn(fetch.in_current_span()).abort_handle() })
    }

    /// Ends a flight that should have landed long ago.
    fn give_up(&self, landing: &Landing) {
        let mut slot = self.slot();
        if let Some(flight) = slot.flight.take_if(|flight| flight.landing.same_channel(landing)) {
            flight.task.abort();
        }
    }

    async fn fetch_and_land(&self) -> Outcome {
        let asking = self.provider.provide_credentials();
        let fetched = match Handle::try_current() {
            Ok(_) => Timeout::new(asking, self.sleep.sleep(FETCH_TIMEOUT)).await.unwrap_or_else(|_| {
                self.fallback().ok_or_else(|| CredentialsError::provider_timed_out(FETCH_TIMEOUT))
            }),
            // Without a runtime there may be no timer either.
            Err(_) => asking.await,
        };
        self.land(fetched)
    }

    fn land(&self, fetched: provider::Result) -> Outcome {
        let now = self.clock.now();
        let expired = |credentials: &Credentials| credentials.expiry().is_some_and(|expiry| expiry <= now);
        let fetched = match fetched {
            // Instance metadata asks that its old credentials be used while it has no new ones, and stands by them.
            Ok(credentials) if expired(&credentials) && self.fallback().is_none() => {
                Err(CredentialsError::provider_error(Expired(format!("{credentials:?}"))))
            }
            other => other,
        };
        let mut slot = self.slot();
        slot.flight = None;
        match fetched {
            Ok(credentials) => {
                let end = credentials.expiry().or_else(|| self.life_without_expiry.map(|life| now + life));
                match end {
                    Some(end) => slot.held = Some(Held::new(credentials.clone(), now, end)),
                    None => {
                        let _ = self.forever.set(credentials.clone());
                    }
                }
                Ok(credentials)
            }
            Err(error) => match slot.held.take_if(|held| now < held.end) {
                Some(held) => {
                    tracing::warn!(
                        error = %Chain(&error),
                        "credentials could not be refreshed; the old ones stay in use while they are valid"
                    );
                    let credentials = held.credentials.clone();
                    // As if fetched now: with less and less time left, it is tried again sooner and sooner.
                    slot.held = Some(Held::new(held.credentials, now, held.end));
                    Ok(credentials)
                }
                None => {
                    slot.held = None;
                    Err(Arc::new(error))
                }
            },
        }
    }

    /// What the provider stands by while it has nothing better. The SDK's shared handle does not pass this question on.
    fn fallback(&self) -> Option<Credentials> {
        self.provider.as_ref().fallback_on_interrupt()
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // Nothing panics between two writes to the slot, so what a panic leaves behind is whole.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn new(credentials: Credentials, now: SystemTime, end: SystemTime) -> Self {
        let life = end.duration_since(now).unwrap_or_default();
        let mandatory = MANDATORY.min(life / 6).max(LEAST);
        let advisory = ADVISORY.min(life / 4).max(mandatory);
        let before_end = |duration| end.checked_sub(duration).unwrap_or(now);
        Self { credentials, refresh_at: before_end(advisory), wait_at: before_end(mandatory), end }
    }
}

impl ProvideCredentials for CachedProvider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        match self.0.forever.get() {
            Some(credentials) => future::ProvideCredentials::ready(Ok(credentials.clone())),
            None => future::ProvideCredentials::new(self.credentials()),
        }
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.0.fallback()
    }
}

/// Nobody is left to ask for what a fetch would bring.
impl Drop for CachedProvider {
    fn drop(&mut self) {
        if let Some(flight) = self.0.slot().flight.take() {
            flight.task.abort();
        }
    }
}

/// Providers print more than is good.
impl fmt::Debug for CachedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedProvider").finish_non_exhaustive()
    }
}

/// A provider gave what was over already. Holds what `Debug` of credentials says, which is no secret.
#[derive(Debug)]
struct Expired(String);

impl fmt::Display for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the provider gave credentials that have expired already: {}", self.0)
    }
}

impl StdError for Expired {}

#[cfg(test)]
mod tests;
