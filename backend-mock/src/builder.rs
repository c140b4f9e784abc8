//! What a cloud is told before it begins.

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

    /// The cloud: empty, and knowing these keys.
    pub fn build(self) -> MockAws {
        MockAws::built(self.seed, self.identities)
    }
}
