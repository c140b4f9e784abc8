//! Retries: whether, how, and how often an operation is tried.

use aws_smithy_types::retry::{self, RetryConfig};

use super::client::{ClientConfig, ClientConfigBuilder, Settings};
use crate::error::{Error, ErrorKind};

/// How failed attempts are tried again.
///
/// Retried are connection failures, attempt time-outs, statuses 500, 502, 503 and 504, throttling codes, and errors that the
/// service's model calls retryable. A closed scope, a full pool, and a status 429 without a code are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryMode {
    /// One attempt, whatever becomes of it.
    Off,
    /// Exponential back-off with jitter, under a quota that all clients of the process share for a service and region.
    /// The default.
    Standard,
    /// [`Standard`](Self::Standard), and a rate limiter on this side: calls wait while the service throttles. The limiter
    /// is that of the service and region for the whole process. The first throttle of a process that has sent little
    /// makes it wait as long as the `max_backoff` of [`retry_config`](ClientConfigBuilder::retry_config) allows, 20 s.
    Adaptive,
}

impl ClientConfigBuilder {
    /// Whether and how failed attempts are tried again; default [`RetryMode::Standard`]. boto3's `legacy` is not there.
    pub fn retry_mode(mut self, mode: RetryMode) -> Self {
        self.settings.retry_mode = Some(mode);
        self
    }

    /// How many attempts an operation gets in all, the first one included: 1 or more, default 3 (S3 and DynamoDB too).
    ///
    /// There is one meaning of attempts here, that of `AWS_MAX_ATTEMPTS`; boto3's `retries={"max_attempts": n}` in code
    /// counts the retries after the first attempt.
    pub fn total_max_attempts(mut self, attempts: u32) -> Self {
        self.settings.total_max_attempts = Some(attempts);
        self
    }

    /// All about retries in the SDK's own type: mode, attempts, back-off. [`retry_mode`](Self::retry_mode) and
    /// [`total_max_attempts`](Self::total_max_attempts) win over what it says.
    pub fn retry_config(mut self, retries: RetryConfig) -> Self {
        self.settings.retry_config = Some(retries);
        self
    }
}

impl ClientConfig {
    /// Retries in the SDK's own type, where said.
    pub fn retry_config(&self) -> Option<&RetryConfig> {
        self.settings.retry_config.as_ref()
    }

    /// Whether and how failed attempts are tried again, where said.
    pub fn retry_mode(&self) -> Option<RetryMode> {
        self.settings.retry_mode
    }

    /// How many attempts an operation gets in all, where said.
    pub fn total_max_attempts(&self) -> Option<u32> {
        self.settings.total_max_attempts
    }
}

impl Settings {
    /// Ours, less what `over` says in other words: a whole configuration of retries is one word, and more than one
    /// attempt means that retries are not off.
    pub(super) fn without_what_retries_replace(mut self, over: &Self) -> Self {
        if over.retry_config.is_some() {
            (self.retry_mode, self.total_max_attempts) = (None, None);
        }
        if over.total_max_attempts.is_some_and(|attempts| attempts > 1)
            && self.retry_mode == Some(RetryMode::Off)
        {
            self.retry_mode = None;
        }
        if over.retry_mode == Some(RetryMode::Off) {
            self.total_max_attempts = None;
        }
        self
    }

    pub(super) fn check_retries(&self) -> Result<(), Error> {
        let refuse = |message: String| Err(Error::new(ErrorKind::InvalidConfig, message));
        match (self.total_max_attempts, self.retry_mode) {
            (Some(0), _) => refuse(
                "total_max_attempts `0` must be 1 or more: the first attempt counts; RetryMode::Off switches retries off"
                    .to_owned(),
            ),
            (Some(attempts), Some(RetryMode::Off)) if attempts > 1 => {
                refuse(format!("total_max_attempts `{attempts}` contradicts RetryMode::Off, which makes one attempt"))
            }
            _ => match &self.retry_config {
                Some(retries) if retries.max_attempts() == 0 => {
                    refuse("the max_attempts `0` of retry_config must be 1 or more: the first attempt counts".to_owned())
                }
                _ => Ok(()),
            },
        }
    }

    /// What is said about retries here, over what the session does; `None` when nothing is.
    pub(super) fn retries_over(&self, session: Option<&RetryConfig>) -> Option<RetryConfig> {
        let Self { retry_config, retry_mode, total_max_attempts, .. } = self;
        if retry_config.is_none() && retry_mode.is_none() && total_max_attempts.is_none() {
            return None;
        }
        let mut retries = retry_config.as_ref().or(session).cloned().unwrap_or_else(RetryConfig::standard);
        match retry_mode {
            Some(RetryMode::Off) => return Some(RetryConfig::disabled()),
            // A session without retries has one attempt, which would go on switching them off.
            Some(_) if !retries.has_retry() && retry_config.is_none() => retries = RetryConfig::standard(),
            _ => {}
        }
        match retry_mode {
            Some(RetryMode::Adaptive) => retries = retries.with_retry_mode(retry::RetryMode::Adaptive),
            Some(_) => retries = retries.with_retry_mode(retry::RetryMode::Standard),
            None => {}
        }
        if let Some(attempts) = total_max_attempts {
            retries = retries.with_max_attempts(*attempts);
        }
        Some(retries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_count_the_first_one_and_off_means_one() {
        let builder = ClientConfig::builder;
        let applied = |config: ClientConfigBuilder, session: Option<&RetryConfig>| {
            let retries = config.build().unwrap().settings.retries_over(session);
            retries.map(|retries| (retries.mode(), retries.max_attempts()))
        };
        let (standard, adaptive) = (retry::RetryMode::Standard, retry::RetryMode::Adaptive);
        let session = RetryConfig::standard().with_max_attempts(7);
        assert_eq!(applied(builder(), Some(&session)), None);
        assert_eq!(applied(builder().total_max_attempts(2), Some(&session)), Some((standard, 2)));
        assert_eq!(applied(builder().retry_mode(RetryMode::Adaptive), Some(&session)), Some((adaptive, 7)));
        assert_eq!(applied(builder().retry_mode(RetryMode::Off), Some(&session)), Some((standard, 1)));
        let off = RetryConfig::disabled();
        assert_eq!(applied(builder().retry_mode(RetryMode::Standard), Some(&off)), Some((standard, 3)));
    }

    #[test]
    fn the_later_word_about_retries_counts_in_whatever_words() {
        let builder = ClientConfig::builder;
        let attempts = |ours: ClientConfigBuilder, over: ClientConfigBuilder| {
            let (ours, over) = (ours.build().unwrap(), over.build().unwrap());
            ours.overridden_by(over).settings.retries_over(None).unwrap().max_attempts()
        };
        let (five, off) = (builder().total_max_attempts(5), builder().retry_mode(RetryMode::Off));
        assert_eq!(attempts(five.clone(), builder().retry_config(RetryConfig::disabled())), 1);
        assert_eq!(attempts(five.clone(), off.clone()), 1);
        assert_eq!(attempts(off, five), 5);
    }

    #[test]
    fn attempts_that_mean_nothing_are_refused_by_name() {
        let builder = ClientConfig::builder;
        for (wrong, told) in [
            (builder().total_max_attempts(0), "total_max_attempts `0`"),
            (builder().total_max_attempts(4).retry_mode(RetryMode::Off), "total_max_attempts `4`"),
            (
                builder().retry_config(RetryConfig::standard().with_max_attempts(0)),
                "max_attempts `0` of retry_config",
            ),
        ] {
            let error = wrong.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig);
            assert!(error.to_string().contains(told), "{error}");
        }
    }
}
