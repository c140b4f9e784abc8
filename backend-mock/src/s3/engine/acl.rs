//! Access control lists: who is granted what, on a bucket or on an object.

mod canned;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use super::access::{denied_because, partition, resource};
use super::bucket::Bucket;
use super::{Caller, CanonicalUserId, Code, Engine, Error, Object, ObjectKey, ObjectOwnership, VersionId};
use crate::context::AccountId;
use crate::s3::policy::Requester;

pub(crate) use canned::CannedAcl;

/// How many grants a list holds at most.
const MAX_GRANTS: usize = 100;

/// What a grant permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    Read,
    Write,
    ReadAcp,
    WriteAcp,
    FullControl,
}

impl Permission {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Write, Self::ReadAcp, Self::WriteAcp, Self::FullControl]
            .into_iter()
            .find(|permission| permission.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::ReadAcp => "READ_ACP",
            Self::WriteAcp => "WRITE_ACP",
            Self::FullControl => "FULL_CONTROL",
        }
    }
}

/// Who is granted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Grantee {
    CanonicalUser(CanonicalUserId),
    Group(Group),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    AllUsers,
    AuthenticatedUsers,
    LogDelivery,
}

impl Group {
    pub(crate) fn parse(uri: &str) -> Option<Self> {
        [Self::AllUsers, Self::AuthenticatedUsers, Self::LogDelivery]
            .into_iter()
            .find(|group| group.uri() == uri)
    }

    pub(crate) fn uri(self) -> &'static str {
        match self {
            Self::AllUsers => "http://acs.amazonaws.com/groups/global/AllUsers",
            Self::AuthenticatedUsers => "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
            Self::LogDelivery => "http://acs.amazonaws.com/groups/s3/LogDelivery",
        }
    }

    fn is_public(self) -> bool {
        matches!(self, Self::AllUsers | Self::AuthenticatedUsers)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) grantee: Grantee,
    pub(crate) permission: Permission,
}

/// The grants of a bucket or an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccessControlList(Vec<Grant>);

/// An access control list as a request asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestedAcl {
    Canned(CannedAcl),
    /// By headers: these grants and no other.
    Grants(Vec<Grant>),
    /// By a document, which names the owner, too.
    Policy {
        owner: CanonicalUserId,
        grants: Vec<Grant>,
    },
}

/// Whose an object is, and who else may use it, when it is not private to the owner of its bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectAccess {
    pub(crate) owner: AccountId,
    pub(crate) acl: AccessControlList,
}

impl AccessControlList {
    /// The owner may do everything, and nobody else anything.
    pub(crate) fn private(owner: &CanonicalUserId) -> Self {
        let grantee = Grantee::CanonicalUser(owner.clone());
        Self(vec![Grant { grantee, permission: Permission::FullControl }])
    }

    pub(crate) fn grants(&self) -> &[Grant] {
        &self.0
    }

    pub(super) fn is_public(&self) -> bool {
        self.0.iter().any(|grant| matches!(grant.grantee, Grantee::Group(group) if group.is_public()))
    }

    /// Whether the account is granted a permission; grants to the public may be out of the count.
    pub(super) fn permits(&self, account: &AccountId, permission: Permission, ignores_public: bool) -> bool {
        let id = CanonicalUserId::of(account);
        self.0.iter().any(|grant| {
            let is_grantee = match &grant.grantee {
                Grantee::CanonicalUser(grantee) => *grantee == id && !account.is_anonymous(),
                Grantee::Group(Group::AllUsers) => !ignores_public,
                Grantee::Group(Group::AuthenticatedUsers) => !ignores_public && !account.is_anonymous(),
                Grantee::Group(Group::LogDelivery) => false,
            };
            is_grantee && (grant.permission == permission || grant.permission == Permission::FullControl)
        })
    }
}

impl RequestedAcl {
    /// The list that is asked for, on what belongs to `owner` in a bucket of `bucket_owner`.
    pub(super) fn resolve(
        &self,
        owner: &CanonicalUserId,
        bucket_owner: &CanonicalUserId,
    ) -> Result<AccessControlList, Error> {
        let grants = match self {
            Self::Canned(canned) => return Ok(canned.resolve(owner, bucket_owner)),
            Self::Grants(grants) => grants,
            Self::Policy { owner: named, .. } if named != owner => return Err(Error::access_denied()),
            Self::Policy { grants, .. } => grants,
        };
        if grants.len() > MAX_GRANTS {
            return Err(Error::new(Code::MalformedACLError));
        }
        Ok(AccessControlList(grants.clone()))
    }

    /// What is left to ask for where lists are disabled: full control for the bucket's owner, in so many words.
    ///
    /// `private` says the same of the owner's own objects, and S3 refuses it all the same.
    ///
    /// # Errors
    /// `AccessControlListNotSupported` for anything else.
    fn without_lists(
        &self,
        owner: &CanonicalUserId,
        bucket_owner: &CanonicalUserId,
    ) -> Result<AccessControlList, Error> {
        let private = AccessControlList::private(bucket_owner);
        let is_said = match self {
            Self::Canned(canned) => *canned == CannedAcl::BucketOwnerFullControl,
            listed => listed.resolve(owner, bucket_owner)? == private,
        };
        is_said.then_some(private).ok_or_else(|| Error::new(Code::AccessControlListNotSupported))
    }
}

impl Bucket {
    /// The bucket's own list.
    pub(crate) fn acl(&self) -> Cow<'_, AccessControlList> {
        match &self.configuration().acl {
            Some(acl) if !self.configuration().disables_acls() => Cow::Borrowed(acl),
            _ => Cow::Owned(AccessControlList::private(&CanonicalUserId::of(self.owner()))),
        }
    }

    pub(super) fn object_acl<'o>(&self, object: &'o Object) -> Cow<'o, AccessControlList> {
        match &object.access {
            Some(access) if !self.configuration().disables_acls() => Cow::Borrowed(&access.acl),
            _ => Cow::Owned(AccessControlList::private(&CanonicalUserId::of(self.owner()))),
        }
    }

    /// What a new object's access is: nothing to remember when it is private to the bucket's owner.
    ///
    /// # Errors
    /// As [`Bucket::check_new_acl`].
    pub(super) fn access_of_new_object(
        &self,
        caller: &Caller,
        requested: Option<&RequestedAcl>,
    ) -> Result<Option<Box<ObjectAccess>>, Error> {
        let is_owner = self.owner() == &caller.account_id;
        if let Some(requested) = requested {
            self.check_new_acl(caller, requested)?;
        }
        let ownership = self.configuration().object_ownership();
        if ownership == ObjectOwnership::BucketOwnerEnforced || (is_owner && requested.is_none()) {
            return Ok(None);
        }
        let hands_over = ownership == ObjectOwnership::BucketOwnerPreferred
            && requested == Some(&RequestedAcl::Canned(CannedAcl::BucketOwnerFullControl));
        let owner = if hands_over { self.owner() } else { &caller.account_id };
        let (id, bucket_owner) = (CanonicalUserId::of(owner), CanonicalUserId::of(self.owner()));
        let private = RequestedAcl::Canned(CannedAcl::Private);
        let acl = requested.unwrap_or(&private).resolve(&id, &bucket_owner)?;
        let plain = owner == self.owner() && acl == AccessControlList::private(&bucket_owner);
        Ok((!plain).then(|| Box::new(ObjectAccess { owner: owner.clone(), acl })))
    }

    /// Whether an object that the caller writes may have this list.
    ///
    /// # Errors
    /// `AccessControlListNotSupported` where the bucket has no such lists, `AccessDenied` where it takes no public ones.
    pub(super) fn check_new_acl(&self, caller: &Caller, requested: &RequestedAcl) -> Result<(), Error> {
        let (id, bucket_owner) = (CanonicalUserId::of(&caller.account_id), CanonicalUserId::of(self.owner()));
        if self.configuration().disables_acls() {
            return requested.without_lists(&id, &bucket_owner).map(drop);
        }
        let acl = requested.resolve(&id, &bucket_owner)?;
        if acl.is_public() && self.configuration().blocks(|block| block.block_public_acls) {
            return Err(Error::access_denied());
        }
        Ok(())
    }

    /// The list that a bucket or an object of `owner` is to have from now on.
    fn replacing_acl(
        &self,
        caller: &Caller,
        requested: &RequestedAcl,
        owner: &AccountId,
        (bucket, key): (&str, Option<&str>),
    ) -> Result<AccessControlList, Error> {
        let (id, bucket_owner) = (CanonicalUserId::of(owner), CanonicalUserId::of(self.owner()));
        if self.configuration().disables_acls() {
            return requested.without_lists(&id, &bucket_owner);
        }
        let acl = requested.resolve(&id, &bucket_owner)?;
        if acl.is_public() && self.configuration().blocks(|block| block.block_public_acls) {
            let partition = partition(self.region());
            let action = if key.is_some() { "s3:PutObjectAcl" } else { "s3:PutBucketAcl" };
            let reason =
                "because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.";
            return Err(if &caller.account_id == self.owner() {
                let requester = Requester::new(&caller.account_id, partition);
                denied_because(&requester, action, &resource(partition, bucket, key), reason)
            } else {
                Error::access_denied()
            });
        }
        Ok(acl)
    }
}

impl Engine {
    /// The owner and the list of a bucket.
    pub(crate) fn bucket_acl(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<(CanonicalUserId, AccessControlList), Error> {
        let bucket = self.bucket(caller, name)?;
        Ok((CanonicalUserId::of(bucket.owner()), bucket.acl().into_owned()))
    }

    /// Gives a bucket another list.
    ///
    /// # Errors
    /// `AccessControlListNotSupported` with lists disabled, `AccessDenied` for a public one that is blocked.
    pub(crate) fn put_bucket_acl(
        &mut self,
        caller: &Caller,
        name: &str,
        requested: &RequestedAcl,
    ) -> Result<(), Error> {
        let bucket = self.bucket_mut(caller, name)?;
        let acl = bucket.replacing_acl(caller, requested, &bucket.owner().clone(), (name, None))?;
        bucket.configuration_mut().acl = Some(acl.into());
        Ok(())
    }

    /// The owner and the list of an object.
    pub(crate) fn object_acl(
        &self,
        caller: &Caller,
        name: &str,
        object: &Object,
    ) -> Result<(CanonicalUserId, AccessControlList), Error> {
        let bucket = self.bucket(caller, name)?;
        Ok((bucket.owners().of(object), bucket.object_acl(object).into_owned()))
    }

    /// Gives an object another list, or that version of it; tells which it was, where there are versions.
    ///
    /// # Errors
    /// As [`Engine::put_bucket_acl`], and `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker.
    pub(crate) fn put_object_acl(
        &mut self,
        caller: &Caller,
        name: &str,
        key: &ObjectKey,
        version_id: Option<VersionId>,
        requested: &RequestedAcl,
    ) -> Result<Option<VersionId>, Error> {
        let bucket = self.bucket(caller, name)?;
        let object = bucket.object_to_change(key, version_id, "PUT")?;
        let told = bucket.told_id(&object);
        let owner = object.access.as_ref().map_or(bucket.owner(), |access| &access.owner).clone();
        let acl = bucket.replacing_acl(caller, requested, &owner, (name, Some(key.as_str())))?;
        if bucket.configuration().disables_acls() {
            return Ok(told);
        }
        let access = Box::new(ObjectAccess { owner, acl });
        let bucket = self.bucket_mut(caller, name)?;
        bucket.objects.update(key, object.version_id, |object| object.access = Some(access));
        Ok(told)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
