//! A symmetric key.

use std::fmt;
use std::time::SystemTime;

use super::MATERIAL_BYTES;

/// What may be done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kms) enum KeyState {
    Enabled,
    Disabled,
    /// It is gone at that time.
    PendingDeletion {
        at: SystemTime,
    },
}

/// A symmetric key that encrypts and decrypts.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::kms) struct Key {
    pub(in crate::kms) id: String,
    pub(in crate::kms) description: String,
    pub(in crate::kms) created: SystemTime,
    pub(in crate::kms) state: KeyState,
    pub(super) material: [u8; MATERIAL_BYTES],
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}
