//! Time-outs: of a connection, of an answer, of an attempt, of a whole operation, of a closing scope.

use std::time::Duration;

use aws_smithy_types::timeout::{TimeoutConfig, TimeoutConfigBuilder};

use super::client::{ClientConfig, ClientConfigBuilder, Settings};
use crate::error::{Error, ErrorKind};

/// How long [`ResourceScope::close`](crate::ResourceScope::close) waits for what is in flight, if nothing else is said.
const DEFAULT_CLOSE_TIMEOUT: Duration = Duration::from_secs(30);

impl ClientConfigBuilder {
    fn timeouts(mut self, set: impl FnOnce(TimeoutConfigBuilder) -> TimeoutConfigBuilder) -> Self {
        let timeouts =
            self.settings.timeout_config.take().unwrap_or_else(|| TimeoutConfig::builder().build());
        self.settings.timeout_config = Some(set(timeouts.into_builder()).build());
        self
    }

    /// How long making a connection may take (name look-up, TCP, proxy and TLS), default 3.1 s; boto3's is 60 s.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.timeouts(|timeouts| timeouts.connect_timeout(timeout))
    }

    /// How long a request may wait for the head of its answer, default for ever; boto3's is 60 s, on every read. It counts
    /// from the request's beginning, and so has to be long enough for the largest upload.
    ///
    /// What becomes of a body that stops arriving is for
    /// [`stalled_stream_protection`](Self::stalled_stream_protection) to say.
    pub fn read_timeout(self, timeout: Duration) -> Self {
        self.timeouts(|timeouts| timeouts.read_timeout(timeout))
    }

    /// How long one attempt may take in all, default for ever. What it cuts off is tried again. boto3 has none.
    ///
    /// A body that is streamed is no part of the attempt, only its head is.
    pub fn operation_attempt_timeout(self, timeout: Duration) -> Self {
        self.timeouts(|timeouts| timeouts.operation_attempt_timeout(timeout))
    }

    /// How long an operation may take with all its retries and their pauses, default for ever; without a streamed body,
    /// as [`operation_attempt_timeout`](Self::operation_attempt_timeout). boto3 has none.
    pub fn operation_timeout(self, timeout: Duration) -> Self {
        self.timeouts(|timeouts| timeouts.operation_timeout(timeout))
    }

    /// All four time-outs in the SDK's own type; each that it leaves out stays as it was said before, or the session's.
    ///
    /// One call is given others by the SDK's `.customize().config_override(…)`.
    pub fn timeout_config(mut self, timeouts: TimeoutConfig) -> Self {
        let mut timeouts = timeouts;
        if let Some(before) = &self.settings.timeout_config {
            timeouts.take_defaults_from(before);
        }
        self.settings.timeout_config = Some(timeouts);
        self
    }

    /// How long closing the scope waits for what is in flight, default 30 s.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.settings.close_timeout = Some(timeout);
        self
    }
}

impl ClientConfig {
    /// The time-outs, where said.
    pub fn timeout_config(&self) -> Option<&TimeoutConfig> {
        self.settings.timeout_config.as_ref()
    }

    /// How long closing the scope waits for what is in flight; 30 s unless said.
    pub fn close_timeout(&self) -> Duration {
        self.settings.close_timeout.unwrap_or(DEFAULT_CLOSE_TIMEOUT)
    }
}

impl Settings {
    pub(super) fn check_timeouts(&self) -> Result<(), Error> {
        let Some(timeouts) = &self.timeout_config else { return Ok(()) };
        let all = [
            ("connect_timeout", timeouts.connect_timeout()),
            ("read_timeout", timeouts.read_timeout()),
            ("operation_attempt_timeout", timeouts.operation_attempt_timeout()),
            ("operation_timeout", timeouts.operation_timeout()),
        ];
        match all.into_iter().find(|(_, timeout)| *timeout == Some(Duration::ZERO)) {
            Some((name, _)) => Err(Error::new(
                ErrorKind::InvalidConfig,
                format!("{name} `0s` must be longer than nothing: leave it out for no limit"),
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_outs_are_set_one_by_one_or_together() {
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(9));
        let config = ClientConfig::builder()
            .connect_timeout(short)
            .timeout_config(TimeoutConfig::builder().read_timeout(long).build())
            .operation_timeout(long)
            .build()
            .unwrap();
        let timeouts = config.timeout_config().unwrap();
        assert_eq!(timeouts.connect_timeout(), Some(short));
        assert_eq!((timeouts.read_timeout(), timeouts.operation_timeout()), (Some(long), Some(long)));
        assert_eq!(timeouts.operation_attempt_timeout(), None);
    }

    #[test]
    fn a_time_out_of_nothing_is_refused_by_name() {
        let error = ClientConfig::builder().read_timeout(Duration::ZERO).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(error.to_string().contains("read_timeout `0s`"), "{error}");
    }
}
