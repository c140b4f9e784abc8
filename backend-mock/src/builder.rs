//! What a cloud is told before it begins.

use std::time::Duration;

use crate::cloud::MockAws;
use crate::identity::Identity;

/// Makes a [`MockAws`]; what is not said is as in [`MockAws::new`].
///
/// ```
/// use backend_mock::{Identity, MockAws};
///
/// let aws = MockAws::builder().seed(7).identity(Identity::new("AKIA", "secret", "111122223333")?).build();
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder makes a cloud when it is built"]
pub struct MockAwsBuilder {
    seed: u64,
    identities: Vec<Identity>,
    strict_signatures: bool,
    dynamodb_status_delay: Duration,
}

impl MockAwsBuilder {
    /// Draws request ids, upload ids and tokens: the same seed and the same requests in the same order give the same
    /// ids. 0 if it is not said.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Adds an access key with its secret and account; of two with one access key, the later one counts.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self
    }

    /// Verifies signatures; without this, any are accepted.
    ///
    /// A request is answered only if it is anonymous, where the service allows that, or signed as AWS wants it: with a
    /// key that the cloud knows, no more than 15 minutes off its [`clock`](MockAws::clock), and with the signature that
    /// the key's secret makes of its headers, or of its URL, its chunks and trailers, or the policy of its form. The
    /// refusals are AWS's, such as `SignatureDoesNotMatch` with the canonical request that was expected.
    ///
    /// The cloud knows the keys of [`identity`](Self::identity), those that a session brings together with an account,
    /// and the ones in its own [`sdk_config`](MockAws::sdk_config). Signatures of Version 2 and multi-region signatures
    /// cannot be verified and are refused.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let aws = backend_mock::MockAws::builder().strict_signatures().build();
    /// let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
    /// s3.list_buckets().send().await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn strict_signatures(mut self) -> Self {
        self.strict_signatures = true;
        self
    }

    /// For how long a DynamoDB table or index is `CREATING`, `UPDATING` or `DELETING` by the cloud's clock. Zero by
    /// default: the answer says `CREATING`, and the next look says `ACTIVE`.
    pub fn dynamodb_status_delay(mut self, delay: Duration) -> Self {
        self.dynamodb_status_delay = delay;
        self
    }

    /// The cloud: empty, and knowing these keys.
    pub fn build(self) -> MockAws {
        let Self { seed, identities, strict_signatures, dynamodb_status_delay } = self;
        MockAws::built(seed, identities, strict_signatures, dynamodb_status_delay)
    }
}
