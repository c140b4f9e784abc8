//! Who may do what: every request is decided here before its operation runs.
//!
//! An explicit deny of the bucket's policy ends it. The account that owns the bucket may do everything else, since what
//! its own IAM policies would say is not known here; others need an allow of the policy, or a grant of an access control
//! list where the bucket still has those. Block Public Access takes public policies and public grants out of the count.
//! [`operation`] says what each operation needs.

mod operation;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::bucket::Bucket;
use super::{Caller, CanonicalUserId, Code, Engine, Error, Object, ObjectKey, Permission, VersionId};
use crate::context::RegionName;
use crate::s3::policy::{Asked, ConditionKeys, Requester, Verdict, is_object_action};

pub(crate) use operation::Needs;
use operation::{Grants, Target};

/// The condition keys that a request has values of where its object is to be encrypted with a customer's key.
const CUSTOMER_KEY: [&str; 2] =
    ["s3:x-amz-server-side-encryption-customer-algorithm", "s3:x-amz-server-side-encryption-customer-key"];

/// A request to be decided.
pub(crate) struct Access<'r> {
    /// S3's name for the operation, such as `GetObject`.
    pub(crate) operation: &'r str,
    pub(crate) bucket: &'r str,
    pub(crate) key: Option<&'r str>,
    pub(crate) version_id: Option<&'r str>,
    /// What the request's headers ask for besides, such as `s3:PutObjectAcl`.
    pub(crate) besides: &'r [&'static str],
    pub(crate) keys: &'r dyn ConditionKeys,
}

impl Access<'_> {
    /// Whether this writes what is to be encrypted with a key that it brings, right or wrong as that may be.
    fn brings_customer_key(&self) -> bool {
        let has = |part| self.keys.values(part).is_some();
        matches!(
            self.operation,
            "PutObject" | "CopyObject" | "CreateMultipartUpload" | "UploadPart" | "UploadPartCopy"
        ) && CUSTOMER_KEY.into_iter().any(has)
    }
}

/// A request that is being decided, with what its bucket says of it.
struct Decision<'e, 'r> {
    bucket: &'e Bucket,
    caller: &'r Caller,
    access: &'r Access<'r>,
    requester: Requester,
    partition: &'static str,
}

/// What lets a request in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Let {
    Owner,
    /// An allow of the policy, or a grant.
    Other,
}

/// Whether who may write objects by an access control list may do this with its headers, too: objects come with a list of
/// their own, and no permission of a list is about tags and locks.
fn covers(grants: Grants, besides: &str) -> bool {
    grants == Grants::Bucket(Permission::Write) && besides == "s3:PutObjectAcl"
}

impl Engine {
    /// Whether the caller may do what the request asks for.
    ///
    /// # Errors
    /// `AccessDenied`, or what is wrong with the bucket's name, region or expected owner.
    pub(crate) fn authorize(&self, caller: &Caller, access: &Access<'_>) -> Result<(), Error> {
        let Some(needs) = Needs::of(access.operation) else {
            return Ok(()); // it concerns no bucket, or makes one
        };
        let bucket = match (access.operation, caller.region.as_str()) {
            ("GetBucketLocation", RegionName::DEFAULT) => self.bucket_anywhere(caller, access.bucket)?,
            _ => self.bucket(caller, access.bucket)?,
        };
        if !bucket.is_its_owners_alone(caller) {
            Decision::new(bucket, caller, access).decide(needs)?;
        }
        match bucket.configuration().blocks_customer_keys == Some(true) && access.brings_customer_key() {
            true => Err(Decision::new(bucket, caller, access).denied_customer_key()),
            false => Ok(()),
        }
    }

    /// Whether the caller may read the source of a copy, in whatever region its bucket is.
    ///
    /// # Errors
    /// As [`Engine::authorize`]. `caller` expects the owner of the source's bucket.
    pub(crate) fn authorize_copy_source(&self, caller: &Caller, access: &Access<'_>) -> Result<(), Error> {
        let bucket = self.bucket_anywhere(caller, access.bucket)?;
        match bucket.is_its_owners_alone(caller) {
            true => Ok(()),
            false => Decision::new(bucket, caller, access).decide(Needs::TO_READ),
        }
    }
}

impl<'e, 'r> Decision<'e, 'r> {
    fn new(bucket: &'e Bucket, caller: &'r Caller, access: &'r Access<'r>) -> Self {
        let partition = partition(bucket.region());
        let requester = Requester::new(&caller.account_id, partition);
        Self { bucket, caller, access, requester, partition }
    }

    fn decide(&self, needs: Needs) -> Result<(), Error> {
        let action = needs.action(self.access.version_id.is_some());
        let admitted = match needs.target {
            Target::Object if self.is_read_of_nothing(needs) => self.decide_about_nothing(action)?,
            _ => self.admit(action, needs)?,
        };
        for besides in self.access.besides {
            let verdict = self.verdict(besides);
            if verdict == Verdict::Denied {
                return Err(self.denied_explicitly(besides));
            }
            let may = admitted == Let::Owner
                || verdict == Verdict::Allowed
                || covers(needs.grants, besides) && self.is_granted(needs.grants, self.object().as_deref());
            if !may {
                return Err(self.denied());
            }
        }
        if needs.owner_only && !self.is_owner() {
            return Err(Error::new(Code::MethodNotAllowed));
        }
        Ok(())
    }

    /// Decides one action that must be allowed by itself.
    fn admit(&self, action: &str, needs: Needs) -> Result<Let, Error> {
        let verdict = self.verdict(action);
        if verdict == Verdict::Denied {
            return Err(self.denied_explicitly(action));
        }
        let object = self.object();
        let foreign = object.as_deref().and_then(|object| self.foreign_owner(object));
        let concerns_content = matches!(needs.grants, Grants::Object(_));
        // Policies of a bucket are about its owner's objects: what another account wrote and owns is its own.
        let own_rules = foreign.is_none() || !concerns_content;
        if own_rules && self.is_owner() {
            return Ok(Let::Owner);
        }
        if foreign.is_some_and(|owner| owner == &self.caller.account_id) && concerns_content {
            return Ok(Let::Owner);
        }
        if own_rules && verdict == Verdict::Allowed {
            return Ok(Let::Other);
        }
        if self.is_granted(needs.grants, object.as_deref()) { Ok(Let::Other) } else { Err(self.denied()) }
    }

    /// A key that is not there is told to those only who may list the bucket.
    fn decide_about_nothing(&self, action: &str) -> Result<Let, Error> {
        if self.verdict(action) == Verdict::Denied {
            return Err(self.denied_explicitly(action));
        }
        self.admit("s3:ListBucket", Needs::TO_LIST)
    }

    fn is_read_of_nothing(&self, needs: Needs) -> bool {
        matches!(needs.grants, Grants::Object(_)) && self.object().is_none()
    }

    /// What the policy says of an action on the request's resource.
    fn verdict(&self, action: &str) -> Verdict {
        let configuration = self.bucket.configuration();
        let Some(policy) = &configuration.policy else { return Verdict::Silent };
        let name = self.access.bucket;
        let resource = match self.access.key {
            Some(key) if is_object_action(action) => format!("arn:{}:s3:::{name}/{key}", self.partition),
            _ => format!("arn:{}:s3:::{name}", self.partition),
        };
        let keys = Keys { decision: self };
        let asked = Asked { requester: &self.requester, action, resource: &resource, keys: &keys };
        match policy.evaluate(&asked) {
            // A public policy lets in the owner's account only, once that is asked for.
            Verdict::Allowed
                if !self.is_owner()
                    && configuration.blocks(|block| block.restrict_public_buckets)
                    && policy.is_public() =>
            {
                Verdict::Silent
            }
            verdict => verdict,
        }
    }

    fn is_granted(&self, grants: Grants, object: Option<&Object>) -> bool {
        if grants == Grants::Initiator {
            return self.has_begun_upload();
        }
        let configuration = self.bucket.configuration();
        if configuration.disables_acls() {
            return false;
        }
        let ignores_public = configuration.blocks(|block| block.ignore_public_acls);
        let granted = |acl: &super::AccessControlList, permission: Permission| {
            acl.permits(&self.caller.account_id, permission, ignores_public)
        };
        match grants {
            Grants::None | Grants::Initiator => false,
            Grants::Bucket(permission) => granted(&self.bucket.acl(), permission),
            Grants::Object(permission) => {
                object.is_some_and(|object| granted(&self.bucket.object_acl(object), permission))
            }
        }
    }

    fn has_begun_upload(&self) -> bool {
        let uploads = self.access.key.and_then(|key| self.bucket.uploads.get(key));
        let mut initiators =
            uploads.into_iter().flat_map(|uploads| uploads.values()).map(|upload| &upload.initiator);
        !self.caller.account_id.is_anonymous()
            && initiators.any(|initiator| *initiator == self.caller.account_id)
    }

    /// The account that owns an object, when it is not the bucket's.
    fn foreign_owner<'o>(&self, object: &'o Object) -> Option<&'o crate::context::AccountId> {
        let owner = &object.access.as_ref()?.owner;
        let disabled = self.bucket.configuration().disables_acls();
        (!disabled && owner != self.bucket.owner()).then_some(owner)
    }

    fn object(&self) -> Option<Arc<Object>> {
        self.bucket.accessed_object(self.access.key?, self.access.version_id)
    }

    fn is_owner(&self) -> bool {
        self.bucket.owner() == &self.caller.account_id
    }

    fn denied(&self) -> Error {
        Error::access_denied().in_region(self.bucket.region())
    }

    /// Within an account AWS says who was denied what, and why.
    fn denied_explicitly(&self, action: &str) -> Error {
        if !self.is_owner() {
            return self.denied();
        }
        let reason = "with an explicit deny in a resource-based policy";
        denied_because(&self.requester, action, &self.resource(action), reason)
            .in_region(self.bucket.region())
    }

    /// The denial of a key that the bucket blocks: it names the operation, and not the action that this needs.
    ///
    /// # Source
    /// S3 User Guide, troubleshooting 403 errors; for a copy, the answer in stratus-red-team's issue 946.
    fn denied_customer_key(&self) -> Error {
        if !self.is_owner() {
            return self.denied();
        }
        let reason = "because this bucket has blocked upload requests that specify Server Side Encryption with Customer \
                      provided keys (SSE-C). Please specify a different server-side encryption type";
        let (action, Access { bucket, key, .. }) = (format!("s3:{}", self.access.operation), self.access);
        denied_because(&self.requester, &action, &resource(self.partition, bucket, *key), reason)
            .in_region(self.bucket.region())
    }

    fn resource(&self, action: &str) -> String {
        resource(self.partition, self.access.bucket, self.access.key.filter(|_| is_object_action(action)))
    }
}

/// The condition keys of a request, with those that only the engine knows.
struct Keys<'d, 'e, 'r> {
    decision: &'d Decision<'e, 'r>,
}

impl ConditionKeys for Keys<'_, '_, '_> {
    fn values(&self, key: &str) -> Option<Vec<String>> {
        let decision = self.decision;
        if let Some(tag) = key.strip_prefix("s3:existingobjecttag/") {
            let object = decision.object()?;
            let mut tags = object.tags.iter();
            return tags
                .find(|(name, _)| name.eq_ignore_ascii_case(tag))
                .map(|(_, value)| vec![value.to_owned()]);
        }
        let known = match (key, &decision.requester) {
            ("aws:principalaccount", Requester::User { account_id, .. }) => account_id.to_string(),
            ("aws:principalarn", Requester::User { arn, .. }) => arn.clone(),
            ("aws:username", Requester::User { .. }) => Requester::USER_NAME.to_owned(),
            ("aws:principaltype", Requester::User { .. }) => "User".to_owned(),
            ("aws:principaltype", Requester::Anonymous) => "Anonymous".to_owned(),
            ("s3:resourceaccount" | "aws:resourceaccount", _) => decision.bucket.owner().to_string(),
            _ => return decision.access.keys.values(key),
        };
        Some(vec![known])
    }
}

/// A denial in the words that AWS has for requests within an account.
pub(super) fn denied_because(requester: &Requester, action: &str, resource: &str, reason: &str) -> Error {
    match requester {
        Requester::Anonymous => Error::access_denied(),
        Requester::User { arn, .. } => Error::with_message(
            Code::AccessDenied,
            format!(
                "User: {arn} is not authorized to perform: {action} on resource: \"{resource}\" {reason}"
            ),
        ),
    }
}

pub(super) fn resource(partition: &str, bucket: &str, key: Option<&str>) -> String {
    match key {
        Some(key) => format!("arn:{partition}:s3:::{bucket}/{key}"),
        None => format!("arn:{partition}:s3:::{bucket}"),
    }
}

/// The partition of a region, as ARNs begin with it.
pub(super) fn partition(region: &RegionName) -> &'static str {
    match region.as_str() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        region if region.starts_with("eusc-") => "aws-eusc",
        region if region.starts_with("us-iso-") => "aws-iso",
        region if region.starts_with("us-isob-") => "aws-iso-b",
        region if region.starts_with("eu-isoe-") => "aws-iso-e",
        region if region.starts_with("us-isof-") => "aws-iso-f",
        _ => "aws",
    }
}

impl Bucket {
    /// Whether there is nothing to decide: most buckets have neither a policy nor access control lists, and are used by
    /// their owner.
    fn is_its_owners_alone(&self, caller: &Caller) -> bool {
        let configuration = self.configuration();
        self.owner() == &caller.account_id && configuration.policy.is_none() && configuration.disables_acls()
    }

    /// The object that a request's key and version name, if it is there to be read.
    fn accessed_object(&self, key: &str, version_id: Option<&str>) -> Option<Arc<Object>> {
        let key = ObjectKey::parse(key).ok()?;
        let version_id = match version_id {
            Some(text) => Some(VersionId::parse(text, "versionId").ok()?),
            None => None,
        };
        self.object(&key, version_id).ok()
    }

    pub(super) fn owners(&self) -> Owners {
        Owners { bucket: CanonicalUserId::of(self.owner()), owns_all: self.configuration().disables_acls() }
    }
}

/// Whose the objects of a bucket are.
#[derive(Clone, Debug)]
pub(crate) struct Owners {
    bucket: CanonicalUserId,
    owns_all: bool,
}

impl Owners {
    /// The bucket's owner, whose its delete markers are.
    pub(crate) fn bucket(&self) -> &CanonicalUserId {
        &self.bucket
    }

    /// Who owns an object: its writer, where the bucket's owner does not own everything.
    pub(crate) fn of(&self, object: &Object) -> CanonicalUserId {
        match &object.access {
            Some(access) if !self.owns_all => CanonicalUserId::of(&access.owner),
            _ => self.bucket.clone(),
        }
    }
}

impl Engine {
    /// Whose the objects of a bucket are.
    pub(crate) fn owners(&self, caller: &Caller, bucket: &str) -> Result<Owners, Error> {
        Ok(self.bucket(caller, bucket)?.owners())
    }
}
