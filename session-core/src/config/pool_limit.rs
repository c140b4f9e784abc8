//! How many connections a client may hold at once, and how long a request waits for its turn.

use std::time::Duration;

use super::client::{ClientConfig, ClientConfigBuilder, Settings};
use crate::error::{Error, ErrorKind};

/// How long a request waits for its turn, if nothing else is said: as long as boto3 waits for a connection.
const DEFAULT_POOL_TIMEOUT: Duration = Duration::from_secs(60);

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

    /// How long a request waits for its turn under [`max_pool_connections`](Self::max_pool_connections), default 60 s.
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

    /// How long a request waits for its turn; 60 s unless said.
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
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_for_nobody_is_refused() {
        let error = ClientConfig::builder().max_pool_connections(0).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(error.to_string().contains("max_pool_connections `0`"), "{error}");
    }
}
