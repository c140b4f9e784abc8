//! The actions of S3 that a bucket's policy may name, and the patterns that name them.

use super::document::{Malformed, texts};
use super::resource::Resources;
use super::wildcard;

/// What is done to objects.
const OBJECT_ACTIONS: [&str; 39] = [
    "s3:AbortMultipartUpload",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:DeleteObjectAnnotation",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersion",
    "s3:DeleteObjectVersionTagging",
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectAttributes",
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectTagging",
    "s3:GetObjectTorrent",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionAttributes",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionTagging",
    "s3:GetObjectVersionTorrent",
    "s3:InitiateReplication",
    "s3:ListMultipartUploadParts",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectAnnotation",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionTagging",
    "s3:ReplicateDelete",
    "s3:ReplicateObject",
    "s3:ReplicateTags",
    "s3:RestoreObject",
    "s3:UpdateObjectEncryption",
    "s3:GetObjectAnnotation",
    "s3:GetObjectVersionAnnotation",
    "s3:ListObjectAnnotations",
];

/// What is done to a bucket.
const BUCKET_ACTIONS: [&str; 58] = [
    "s3:CreateBucket",
    "s3:CreateBucketMetadataTableConfiguration",
    "s3:DeleteBucket",
    "s3:DeleteBucketMetadataTableConfiguration",
    "s3:DeleteBucketOwnershipControls",
    "s3:DeleteBucketPolicy",
    "s3:DeleteBucketWebsite",
    "s3:GetAccelerateConfiguration",
    "s3:GetAnalyticsConfiguration",
    "s3:GetBucketAbac",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketMetadataTableConfiguration",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetIntelligentTieringConfiguration",
    "s3:GetInventoryConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetMetricsConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:ListTagsForResource",
    "s3:PutAccelerateConfiguration",
    "s3:PutAnalyticsConfiguration",
    "s3:PutBucketAbac",
    "s3:PutBucketAcl",
    "s3:PutBucketCORS",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketRequestPayment",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutBucketWebsite",
    "s3:PutEncryptionConfiguration",
    "s3:PutIntelligentTieringConfiguration",
    "s3:PutInventoryConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutMetricsConfiguration",
    "s3:PutReplicationConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
];

/// Whether an action is one on objects: its resource names a key.
pub(crate) fn is_object_action(action: &str) -> bool {
    OBJECT_ACTIONS.contains(&action)
}

#[derive(Debug)]
pub(super) enum Actions {
    These(Vec<String>),
    AllBut(Vec<String>),
}

impl Actions {
    pub(super) fn read(
        statement: &serde_json::Map<String, serde_json::Value>,
        resources: &Resources,
    ) -> Result<Self, Malformed> {
        let (value, all_but) = match (statement.get("Action"), statement.get("NotAction")) {
            (Some(value), None) => (value, false),
            (None, Some(value)) => (value, true),
            (None, None) => return Err(Malformed("Missing required field Action".into())),
            (Some(_), Some(_)) => {
                return Err(Malformed("Statement must contain either Action or NotAction, not both".into()));
            }
        };
        let invalid = || Malformed("Policy has invalid action".into());
        let patterns = texts(value).filter(|texts| !texts.is_empty()).ok_or_else(invalid)?;
        for pattern in &patterns {
            let named = |actions: &[&str]| {
                actions.iter().any(|action| wildcard::matches_in_any_case(pattern, action))
            };
            let (on_objects, on_buckets) = (named(&OBJECT_ACTIONS), named(&BUCKET_ACTIONS));
            // A wildcard stands for no service: its name is written out, or nothing is.
            let is_of_s3 = *pattern == "*"
                || pattern.get(..3).is_some_and(|service| service.eq_ignore_ascii_case("s3:"));
            if !is_of_s3 || !on_objects && !on_buckets {
                return Err(invalid());
            }
            let applies =
                (on_objects && resources.name_objects()) || (on_buckets && resources.name_the_bucket());
            if !applies && !all_but {
                return Err(Malformed("Action does not apply to any resource(s) in statement".into()));
            }
        }
        let patterns = patterns.into_iter().map(str::to_owned).collect();
        Ok(if all_but { Self::AllBut(patterns) } else { Self::These(patterns) })
    }

    pub(super) fn matches(&self, action: &str) -> bool {
        let any = |patterns: &[String]| {
            patterns.iter().any(|pattern| wildcard::matches_in_any_case(pattern, action))
        };
        match self {
            Self::These(patterns) => any(patterns),
            Self::AllBut(patterns) => !any(patterns),
        }
    }
}
