//! How many connections a client may hold at once, and how long a request waits for its turn.

use std::time::Duration;

use super::client::{ClientConfig, ClientConfigBuilder, Settings};
use crate::error::{Error, ErrorKind};

/// How long a request waits for its turn, if nothing else is said: less than the grace of stalled streams.
const DEFAULT_POOL_TIMEOUT: Duration = Duration::from_secs(15);

/// The grace of stalled streams, if nothing else is said. A body that is not asked for counts as stalled.
const DEFAULT_GRACE: Duration = Duration::from_secs(20);

impl ClientConfigBuilder {
    /// How many requests of this client may be on the way at once, 1 or more; default no limit, boto3's is 10.
    ///
    /// A request counts until the body of its answer is read to the end or dropped, for as long it holds its connection.
    /// One that waits for its turn longer than [`pool_timeout`](Self::pool_timeout) fails with
    /// [`ErrorKind::PoolTimeout`], so that forgotten bodies end in an error and not in a standstill.
    pub fn max_pool_connections(mut self, limit: usize) -> Self {
        self.settings.max_pool_connections = Some(limit);
        self
    }

    /// How long a request waits for its turn under [`max_pool_connections`](Self::max_pool_connections), default 15 s.
    ///
    /// It must be shorter than the grace period of [`stalled_stream_protection`](Self::stalled_stream_protection), 20 s
    /// unless said, for what waits with a body to send would be taken for stalled; or switch that off for uploads.
    pub fn pool_timeout(mut self, timeout: Duration) -> Self {
        self.settings.pool_timeout = Some(timeout);
        self
    }
}

impl ClientConfig {
    /// How many requests may be on the way at once; `None` for no limit.
    pub fn max_pool_connections(&self) -> Option<usize> {
        self.settings.max_pool_connections
    }

    /// How long a request waits for its turn; 15 s unless said.
    pub fn pool_timeout(&self) -> Duration {
        self.settings.pool_timeout.unwrap_or(DEFAULT_POOL_TIMEOUT)
    }
}

impl Settings {
    pub(super) fn check_pool(&self) -> Result<(), Error> {
        match self.max_pool_connections {
            // What the semaphore behind it can count is more than anybody has sockets.
            Some(limit @ (0 | 1_000_001..)) => Err(Error::new(
                ErrorKind::InvalidConfig,
                format!(
                    "max_pool_connections `{limit}` must be from 1 to 1000000: leave it out for no limit"
                ),
            )),
            None => Ok(()),
            Some(_) => {
                let (wait, protection) =
                    (self.pool_timeout.unwrap_or(DEFAULT_POOL_TIMEOUT), &self.stalled_stream_protection);
                let grace = protection.as_ref().map_or(DEFAULT_GRACE, |protection| protection.grace_period());
                let watches = protection.as_ref().is_none_or(|protection| protection.upload_enabled());
                match watches && wait >= grace {
                    true => Err(Error::new(
                        ErrorKind::InvalidConfig,
                        format!(
                            "pool_timeout `{wait:?}` must be shorter than the {grace:?} after which \
                             stalled_stream_protection ends what does not move"
                        ),
                    )),
                    false => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;

    use super::*;

    #[test]
    fn a_wait_that_would_be_taken_for_a_stall_is_refused() {
        let limited = || ClientConfig::builder().max_pool_connections(1);
        let error = limited().pool_timeout(Duration::from_secs(20)).build().unwrap_err();
        assert!(error.to_string().contains("pool_timeout `20s`"), "{error}");
        let unwatched = StalledStreamProtectionConfig::disabled();
        assert!(
            limited()
                .pool_timeout(Duration::from_secs(20))
                .stalled_stream_protection(unwatched)
                .build()
                .is_ok()
        );
        assert!(limited().pool_timeout(Duration::from_secs(19)).build().is_ok());
    }

    #[test]
    fn a_pool_for_nobody_is_refused() {
        let error = ClientConfig::builder().max_pool_connections(0).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(error.to_string().contains("max_pool_connections `0`"), "{error}");
    }
}
