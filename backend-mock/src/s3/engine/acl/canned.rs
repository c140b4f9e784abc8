//! Canned access control lists: a name for a set of grants.

use super::{AccessControlList, Grant, Grantee, Group, Permission};
use crate::s3::engine::{CanonicalUserId, Error};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CannedAcl {
    Private,
    PublicRead,
    PublicReadWrite,
    AuthenticatedRead,
    AwsExecRead,
    BucketOwnerRead,
    BucketOwnerFullControl,
    LogDeliveryWrite,
}

impl CannedAcl {
    /// Whom EC2 reads machine images as.
    const EC2: &'static str = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

    /// # Errors
    /// `InvalidArgument` for a name that is none.
    pub(crate) fn parse(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "private" => Self::Private,
            "public-read" => Self::PublicRead,
            "public-read-write" => Self::PublicReadWrite,
            "authenticated-read" => Self::AuthenticatedRead,
            "aws-exec-read" => Self::AwsExecRead,
            "bucket-owner-read" => Self::BucketOwnerRead,
            "bucket-owner-full-control" => Self::BucketOwnerFullControl,
            "log-delivery-write" => Self::LogDeliveryWrite,
            _ => return Err(Error::invalid_argument("", "x-amz-acl", name)),
        })
    }

    /// The grants on what belongs to `owner` in a bucket of `bucket_owner`.
    pub(super) fn resolve(
        self,
        owner: &CanonicalUserId,
        bucket_owner: &CanonicalUserId,
    ) -> AccessControlList {
        let mut acl = AccessControlList::private(owner);
        let mut grant = |grantee: Grantee, permissions: &[Permission]| {
            let grants = permissions
                .iter()
                .map(|permission| Grant { grantee: grantee.clone(), permission: *permission });
            acl.0.extend(grants);
        };
        let all_users = Grantee::Group(Group::AllUsers);
        match self {
            Self::Private => {}
            Self::PublicRead => grant(all_users, &[Permission::Read]),
            Self::PublicReadWrite => grant(all_users, &[Permission::Read, Permission::Write]),
            Self::AuthenticatedRead => grant(Grantee::Group(Group::AuthenticatedUsers), &[Permission::Read]),
            Self::AwsExecRead => {
                if let Some(ec2) = CanonicalUserId::parse(Self::EC2) {
                    grant(Grantee::CanonicalUser(ec2), &[Permission::Read]);
                }
            }
            // On a bucket these say nothing that its owner has not.
            Self::BucketOwnerRead | Self::BucketOwnerFullControl if owner == bucket_owner => {}
            Self::BucketOwnerRead => grant(Grantee::CanonicalUser(bucket_owner.clone()), &[Permission::Read]),
            Self::BucketOwnerFullControl => {
                grant(Grantee::CanonicalUser(bucket_owner.clone()), &[Permission::FullControl]);
            }
            Self::LogDeliveryWrite => {
                grant(Grantee::Group(Group::LogDelivery), &[Permission::Write, Permission::ReadAcp]);
            }
        }
        acl
    }
}
