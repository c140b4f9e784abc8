//! What every operation needs: an action of the policy, or a permission of an access control list.
//!
//! Source: the S3 API reference, and the S3 User Guide on required permissions and on mapping ACL permissions.

use crate::s3::engine::Permission;

/// What a request must be allowed to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    action: &'static str,
    /// The action on a version that is named.
    action_on_version: &'static str,
    pub(super) target: Target,
    pub(super) grants: Grants,
    /// Whether others than the owner's account are refused even when the policy lets them in.
    pub(super) owner_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Bucket,
    Object,
}

/// The permission of an access control list that will do as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grants {
    None,
    Bucket(Permission),
    Object(Permission),
    /// None, but who began a multipart upload may see and abort it.
    Initiator,
}

impl Needs {
    pub(super) const TO_READ: Self =
        Self::object("s3:GetObject", "s3:GetObjectVersion", Grants::Object(Permission::Read));
    pub(super) const TO_LIST: Self = Self::bucket("s3:ListBucket", Grants::Bucket(Permission::Read));
    /// What every key of a DeleteObjects request needs.
    const TO_DELETE: Self =
        Self::object("s3:DeleteObject", "s3:DeleteObjectVersion", Grants::Bucket(Permission::Write));

    const fn bucket(action: &'static str, grants: Grants) -> Self {
        Self { action, action_on_version: action, target: Target::Bucket, grants, owner_only: false }
    }

    const fn object(action: &'static str, action_on_version: &'static str, grants: Grants) -> Self {
        Self { action, action_on_version, target: Target::Object, grants, owner_only: false }
    }

    pub(super) fn action(self, names_version: bool) -> &'static str {
        if names_version { self.action_on_version } else { self.action }
    }

    /// What an operation needs; nothing for those that concern no bucket that exists, and for DeleteObjects, each of
    /// whose keys needs what DeleteObject does.
    pub(crate) fn of(operation: &str) -> Option<Self> {
        if let Some(action) = configuration_action(operation) {
            return Some(Self::bucket(action, Grants::None));
        }
        let write = Grants::Bucket(Permission::Write);
        let of_policy = |action| Self { owner_only: true, ..Self::bucket(action, Grants::None) };
        let on = |action, action_on_version| Self::object(action, action_on_version, Grants::None);
        Some(match operation {
            "ListObjects" | "ListObjectsV2" | "HeadBucket" => Self::TO_LIST,
            "ListObjectVersions" => Self::bucket("s3:ListBucketVersions", Grants::Bucket(Permission::Read)),
            "ListMultipartUploads" => {
                Self::bucket("s3:ListBucketMultipartUploads", Grants::Bucket(Permission::Read))
            }
            "GetBucketAcl" => Self::bucket("s3:GetBucketAcl", Grants::Bucket(Permission::ReadAcp)),
            "PutBucketAcl" => Self::bucket("s3:PutBucketAcl", Grants::Bucket(Permission::WriteAcp)),
            "GetBucketPolicy" => of_policy("s3:GetBucketPolicy"),
            "PutBucketPolicy" => of_policy("s3:PutBucketPolicy"),
            "DeleteBucketPolicy" => of_policy("s3:DeleteBucketPolicy"),
            "GetObject" | "HeadObject" => Self::TO_READ,
            "GetObjectAttributes" => Self::object(
                "s3:GetObjectAttributes",
                "s3:GetObjectVersionAttributes",
                Grants::Object(Permission::Read),
            ),
            "GetObjectTorrent" => Self::object(
                "s3:GetObjectTorrent",
                "s3:GetObjectVersionTorrent",
                Grants::Object(Permission::Read),
            ),
            "GetObjectAcl" => {
                Self::object("s3:GetObjectAcl", "s3:GetObjectVersionAcl", Grants::Object(Permission::ReadAcp))
            }
            "PutObjectAcl" => Self::object(
                "s3:PutObjectAcl",
                "s3:PutObjectVersionAcl",
                Grants::Object(Permission::WriteAcp),
            ),
            "SelectObjectContent" => Self::TO_READ,
            "PutObject"
            | "CopyObject"
            | "CreateMultipartUpload"
            | "UploadPart"
            | "UploadPartCopy"
            | "CompleteMultipartUpload"
            | "PostObject" => Self::object("s3:PutObject", "s3:PutObject", write),
            "AbortMultipartUpload" => {
                Self::object("s3:AbortMultipartUpload", "s3:AbortMultipartUpload", Grants::Initiator)
            }
            "ListParts" => {
                Self::object("s3:ListMultipartUploadParts", "s3:ListMultipartUploadParts", Grants::Initiator)
            }
            "DeleteObject" => Self::TO_DELETE,
            "GetObjectTagging" => on("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
            "PutObjectTagging" => on("s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
            "DeleteObjectTagging" => on("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
            "GetObjectRetention" => on("s3:GetObjectRetention", "s3:GetObjectRetention"),
            "PutObjectRetention" => on("s3:PutObjectRetention", "s3:PutObjectRetention"),
            "GetObjectLegalHold" => on("s3:GetObjectLegalHold", "s3:GetObjectLegalHold"),
            "PutObjectLegalHold" => on("s3:PutObjectLegalHold", "s3:PutObjectLegalHold"),
            "RestoreObject" => on("s3:RestoreObject", "s3:RestoreObject"),
            "CreateBucket" | "ListBuckets" | "DeleteObjects" => return None,
            // An operation that is not known yet is its owner's.
            _ => Self::bucket("s3:*", Grants::None),
        })
    }
}

/// The actions of a bucket's configurations, which no access control list is about.
fn configuration_action(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "DeleteBucket" => "s3:DeleteBucket",
        "GetBucketLocation" => "s3:GetBucketLocation",
        "GetBucketPolicyStatus" => "s3:GetBucketPolicyStatus",
        "GetBucketVersioning" => "s3:GetBucketVersioning",
        "PutBucketVersioning" => "s3:PutBucketVersioning",
        "GetBucketTagging" => "s3:GetBucketTagging",
        "PutBucketTagging" | "DeleteBucketTagging" => "s3:PutBucketTagging",
        "GetBucketCors" => "s3:GetBucketCORS",
        "PutBucketCors" | "DeleteBucketCors" => "s3:PutBucketCORS",
        "GetBucketEncryption" => "s3:GetEncryptionConfiguration",
        "PutBucketEncryption" | "DeleteBucketEncryption" => "s3:PutEncryptionConfiguration",
        "GetBucketLifecycleConfiguration" => "s3:GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => "s3:PutLifecycleConfiguration",
        "GetBucketLogging" => "s3:GetBucketLogging",
        "PutBucketLogging" => "s3:PutBucketLogging",
        "GetBucketNotificationConfiguration" => "s3:GetBucketNotification",
        "PutBucketNotificationConfiguration" => "s3:PutBucketNotification",
        "GetBucketOwnershipControls" => "s3:GetBucketOwnershipControls",
        "PutBucketOwnershipControls" | "DeleteBucketOwnershipControls" => "s3:PutBucketOwnershipControls",
        "GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock",
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "s3:PutBucketPublicAccessBlock",
        "GetBucketReplication" => "s3:GetReplicationConfiguration",
        "PutBucketReplication" | "DeleteBucketReplication" => "s3:PutReplicationConfiguration",
        "GetBucketWebsite" => "s3:GetBucketWebsite",
        "PutBucketWebsite" => "s3:PutBucketWebsite",
        "DeleteBucketWebsite" => "s3:DeleteBucketWebsite",
        "GetBucketAccelerateConfiguration" => "s3:GetAccelerateConfiguration",
        "PutBucketAccelerateConfiguration" => "s3:PutAccelerateConfiguration",
        "GetBucketRequestPayment" => "s3:GetBucketRequestPayment",
        "PutBucketRequestPayment" => "s3:PutBucketRequestPayment",
        "GetBucketInventoryConfiguration" | "ListBucketInventoryConfigurations" => {
            "s3:GetInventoryConfiguration"
        }
        "PutBucketInventoryConfiguration" | "DeleteBucketInventoryConfiguration" => {
            "s3:PutInventoryConfiguration"
        }
        "GetBucketMetricsConfiguration" | "ListBucketMetricsConfigurations" => "s3:GetMetricsConfiguration",
        "PutBucketMetricsConfiguration" | "DeleteBucketMetricsConfiguration" => "s3:PutMetricsConfiguration",
        "GetBucketAnalyticsConfiguration" | "ListBucketAnalyticsConfigurations" => {
            "s3:GetAnalyticsConfiguration"
        }
        "PutBucketAnalyticsConfiguration" | "DeleteBucketAnalyticsConfiguration" => {
            "s3:PutAnalyticsConfiguration"
        }
        "GetBucketIntelligentTieringConfiguration" | "ListBucketIntelligentTieringConfigurations" => {
            "s3:GetIntelligentTieringConfiguration"
        }
        "PutBucketIntelligentTieringConfiguration" | "DeleteBucketIntelligentTieringConfiguration" => {
            "s3:PutIntelligentTieringConfiguration"
        }
        "GetObjectLockConfiguration" => "s3:GetBucketObjectLockConfiguration",
        "PutObjectLockConfiguration" => "s3:PutBucketObjectLockConfiguration",
        _ => return None,
    })
}
