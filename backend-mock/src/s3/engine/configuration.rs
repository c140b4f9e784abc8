//! What is configured of a bucket, a file a configuration.
//!
//! What the engine acts on has a type of its own: ownership, Block Public Access, the policy, encryption, tags, rules of
//! CORS and of a website. What S3 itself would act on behind the scenes (logging, replication, notifications, inventory,
//! metrics, analytics, tiering) is checked and then kept as the [`Document`] that it came as: nothing here reads it again,
//! and a type for every element of it would be a second copy of the protocol.

pub(crate) mod accelerate;
pub(crate) mod cors;
mod document;
pub(crate) mod encryption;
pub(crate) mod listed;
mod logging;
pub(crate) mod notification;
mod object_ownership;
pub(crate) mod policy;
mod public_access_block;
mod replication;
pub(crate) mod tagging;
pub(crate) mod website;

use std::sync::Arc;

use super::{AccessControlList, Caller, Engine, Error};

use crate::s3::policy::Policy;

pub(crate) use accelerate::{AccelerateStatus, Payer};
pub(crate) use cors::{Cors, CorsRule};
pub(crate) use document::Document;
pub(crate) use encryption::Encryption;
pub(crate) use listed::{Listed, ListedKind, ListedPage};
pub(crate) use logging::Logging;
pub(crate) use notification::Notification;
pub(crate) use object_ownership::ObjectOwnership;
pub(crate) use public_access_block::PublicAccessBlock;
pub(crate) use replication::Replication;
pub(crate) use tagging::Tagging;
pub(crate) use website::Website;

/// Everything that is configured of a bucket. A clone shares what is large.
#[derive(Clone, Debug, Default)]
pub(crate) struct Configuration {
    /// None after ownership controls are deleted: objects are then their writers'.
    pub(super) ownership: Option<ObjectOwnership>,
    /// None after the configuration is deleted: nothing is blocked then.
    pub(super) public_access_block: Option<PublicAccessBlock>,
    pub(super) policy: Option<Policy>,
    /// None while the bucket is private.
    pub(super) acl: Option<Arc<AccessControlList>>,
    pub(super) tagging: Option<Arc<Tagging>>,
    pub(super) cors: Option<Arc<Cors>>,
    pub(super) website: Option<Arc<Website>>,
    /// None for encryption with S3's own keys, which every bucket has.
    pub(super) encryption: Option<Arc<Encryption>>,
    /// Whether no new object may be encrypted with a customer's key; none where nobody said. Buckets that AWS makes since
    /// April 2026 begin with a yes, as these do not: code that is older would be refused its own tests.
    pub(super) blocks_customer_keys: Option<bool>,
    pub(super) logging: Option<Document>,
    pub(super) notification: Option<Document>,
    pub(super) replication: Option<Document>,
    pub(super) accelerate: Option<AccelerateStatus>,
    pub(super) payer: Payer,
    pub(super) listed: Listed,
}

impl Configuration {
    /// Of a new bucket: no access control lists, and nothing public.
    pub(super) fn of_new_bucket(ownership: ObjectOwnership) -> Self {
        Self {
            ownership: Some(ownership),
            public_access_block: Some(PublicAccessBlock::ALL),
            ..Self::default()
        }
    }

    pub(crate) fn object_ownership(&self) -> ObjectOwnership {
        self.ownership.unwrap_or(ObjectOwnership::ObjectWriter)
    }

    /// Whether the bucket's owner owns every object, and access control lists are out of use.
    pub(crate) fn disables_acls(&self) -> bool {
        self.object_ownership() == ObjectOwnership::BucketOwnerEnforced
    }

    /// Whether Block Public Access is configured so.
    pub(super) fn blocks(&self, setting: impl FnOnce(&PublicAccessBlock) -> bool) -> bool {
        self.public_access_block.as_ref().is_some_and(setting)
    }
}

impl Engine {
    /// What is configured of a bucket.
    pub(crate) fn configuration(&self, caller: &Caller, bucket: &str) -> Result<&Configuration, Error> {
        Ok(self.bucket(caller, bucket)?.configuration())
    }

    /// The same to write to, for the files of this folder.
    fn configuration_mut(&mut self, caller: &Caller, bucket: &str) -> Result<&mut Configuration, Error> {
        Ok(self.bucket_mut(caller, bucket)?.configuration_mut())
    }
}
