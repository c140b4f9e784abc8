//! Time as a test says it is; whoever sleeps moves it on.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use aws_types::sdk_config::Builder;

/// A clock that stands still between sleeps. Clones are the same clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Arc<Mutex<SystemTime>>);

impl Clock {
    /// At noon of the first of May 2026, in Coordinated Universal Time.
    pub(crate) fn at_noon() -> Self {
        Self(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_777_636_800))))
    }

    pub(crate) fn passes(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }

    /// For a session whose time this is to be.
    pub(crate) fn rules(&self, sdk_config: Builder) -> Builder {
        sdk_config.time_source(self.clone()).sleep_impl(self.clone())
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

impl AsyncSleep for Clock {
    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.clone();
        Sleep::new(async move { clock.passes(duration) })
    }
}
