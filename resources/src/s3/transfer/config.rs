//! How a transfer is cut into parts, and how many of them are on their way at once.

use session_core::{Error, ErrorKind};

use super::byte_size::ByteSize;
use crate::service::S3;

/// The least that S3 takes for every part but the last.
pub(super) const LEAST_PART: ByteSize = ByteSize::mib(5);

/// The most that S3 takes for a part, and for an object in one PutObject.
pub(super) const LARGEST_PART: ByteSize = ByteSize::gib(5);

/// How many attempts a download makes at one part before it gives up.
const PART_ATTEMPTS: u32 = 5;

/// The checked configuration of transfers.
///
/// ```
/// use resources::transfer::{ByteSize, TransferConfig};
///
/// let config = TransferConfig::builder().part_size(ByteSize::mib(16)).max_concurrency(4).build()?;
/// assert_eq!(config.part_size(), ByteSize::mib(16));
/// assert_eq!(config.multipart_threshold(), ByteSize::mib(8));
/// assert!(TransferConfig::builder().part_size(ByteSize::mib(1)).build().is_err());
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferConfig {
    part_size: ByteSize,
    multipart_threshold: ByteSize,
    max_concurrency: usize,
    part_attempts: u32,
}

impl TransferConfig {
    /// The defaults, to be changed.
    pub fn builder() -> TransferConfigBuilder {
        TransferConfigBuilder { config: Self::default() }
    }

    /// The size of every part but the last; 5 MiB to 5 GiB, default 8 MiB.
    ///
    /// A file that would need more than 10,000 parts of it is cut into larger ones, all equal.
    pub fn part_size(&self) -> ByteSize {
        self.part_size
    }

    /// The file size from which on an upload is made of parts; 1 byte to 5 GiB, default 8 MiB.
    pub fn multipart_threshold(&self) -> ByteSize {
        self.multipart_threshold
    }

    /// How many parts are on their way at once; 1 to 1,000, default 10.
    pub fn max_concurrency(&self) -> usize {
        self.max_concurrency
    }

    /// How often a download asks for a part whose body broke off, the first time included; at least 1, default 5.
    /// Requests that fail before their body are retried by the client, as its `retry_config` says.
    pub fn part_attempts(&self) -> u32 {
        self.part_attempts
    }
}

impl Default for TransferConfig {
    fn default() -> Self {
        Self {
            part_size: ByteSize::mib(8),
            multipart_threshold: ByteSize::mib(8),
            max_concurrency: 10,
            part_attempts: PART_ATTEMPTS,
        }
    }
}

/// Builds a [`TransferConfig`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct TransferConfigBuilder {
    config: TransferConfig,
}

impl TransferConfigBuilder {
    /// See [`TransferConfig::part_size`].
    pub fn part_size(mut self, size: ByteSize) -> Self {
        self.config.part_size = size;
        self
    }

    /// See [`TransferConfig::multipart_threshold`].
    pub fn multipart_threshold(mut self, size: ByteSize) -> Self {
        self.config.multipart_threshold = size;
        self
    }

    /// See [`TransferConfig::max_concurrency`].
    pub fn max_concurrency(mut self, parts: usize) -> Self {
        self.config.max_concurrency = parts;
        self
    }

    /// See [`TransferConfig::part_attempts`].
    pub fn part_attempts(mut self, attempts: u32) -> Self {
        self.config.part_attempts = attempts;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] names the setting that is out of its bounds.
    pub fn build(self) -> Result<TransferConfig, Error> {
        let Self { config } = self;
        let wrong = if !(LEAST_PART..=LARGEST_PART).contains(&config.part_size) {
            format!("part_size is {}, but S3 takes parts of 5 MiB to 5 GiB", config.part_size)
        } else if !(ByteSize::bytes(1)..=LARGEST_PART).contains(&config.multipart_threshold) {
            format!("multipart_threshold is {}, but must be 1 byte to 5 GiB", config.multipart_threshold)
        } else if !(1..=1_000).contains(&config.max_concurrency) {
            format!("max_concurrency is {}, but must be 1 to 1,000", config.max_concurrency)
        } else if config.part_attempts == 0 {
            "part_attempts is 0, but must be at least 1".to_owned()
        } else {
            return Ok(config);
        };
        Err(Error::new(ErrorKind::InvalidConfig, wrong).with_service(S3::NAME))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_bounds_are_refused_by_name() {
        let builder = TransferConfig::builder;
        for (wrong, name) in [
            (builder().part_size(ByteSize::bytes(LEAST_PART.as_u64() - 1)), "part_size"),
            (builder().part_size(ByteSize::bytes(LARGEST_PART.as_u64() + 1)), "part_size"),
            (builder().multipart_threshold(ByteSize::bytes(0)), "multipart_threshold"),
            (builder().multipart_threshold(ByteSize::gib(6)), "multipart_threshold"),
            (builder().max_concurrency(0), "max_concurrency"),
            (builder().part_attempts(0), "part_attempts"),
        ] {
            let error = wrong.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig);
            assert!(error.to_string().contains(name), "{error}");
        }
        assert!(builder().part_size(LEAST_PART).multipart_threshold(LARGEST_PART).build().is_ok());
    }
}
