//! What a statement is about: the bucket, or objects in it.

use super::document::{Malformed, texts};
use super::{ConditionKeys, wildcard};

#[derive(Debug)]
pub(super) enum Resources {
    These(Vec<String>),
    AllBut(Vec<String>),
}

impl Resources {
    /// Reads the resources of a policy of `bucket`; all of them must be of that bucket.
    pub(super) fn read(
        statement: &serde_json::Map<String, serde_json::Value>,
        bucket: &str,
    ) -> Result<Self, Malformed> {
        let (value, all_but) = match (statement.get("Resource"), statement.get("NotResource")) {
            (Some(value), None) => (value, false),
            (None, Some(value)) => (value, true),
            (None, None) => return Err(Malformed("Missing required field Resource".into())),
            (Some(_), Some(_)) => {
                return Err(Malformed(
                    "Statement must contain either Resource or NotResource, not both".into(),
                ));
            }
        };
        let invalid = || Malformed("Policy has invalid resource".into());
        let patterns = texts(value).filter(|texts| !texts.is_empty()).ok_or_else(invalid)?;
        if !patterns.iter().all(|pattern| is_of(pattern, bucket)) {
            return Err(invalid());
        }
        let patterns = patterns.into_iter().map(str::to_owned).collect();
        Ok(if all_but { Self::AllBut(patterns) } else { Self::These(patterns) })
    }

    pub(super) fn matches(&self, resource: &str, keys: &dyn ConditionKeys) -> bool {
        let any = |patterns: &[String]| {
            patterns.iter().any(|pattern| {
                wildcard::filled(pattern, keys).is_some_and(|pattern| wildcard::matches(&pattern, resource))
            })
        };
        match self {
            Self::These(patterns) => any(patterns),
            Self::AllBut(patterns) => !any(patterns),
        }
    }

    /// Whether a statement with these can be about the bucket itself.
    pub(super) fn name_the_bucket(&self) -> bool {
        match self {
            Self::These(patterns) => patterns.iter().any(|pattern| !pattern.contains('/')),
            Self::AllBut(_) => true,
        }
    }

    /// Whether a statement with these can be about objects.
    pub(super) fn name_objects(&self) -> bool {
        match self {
            Self::These(patterns) => {
                patterns.iter().any(|pattern| pattern.contains('/') || pattern.contains('*'))
            }
            Self::AllBut(_) => true,
        }
    }
}

/// Whether a pattern is an ARN of S3 whose bucket is, or has as its pattern, this one.
fn is_of(pattern: &str, bucket: &str) -> bool {
    let mut parts = pattern.splitn(6, ':');
    let prefix = [parts.next(), parts.next(), parts.next(), parts.next(), parts.next()];
    let [Some("arn"), Some("aws" | "aws-cn" | "aws-us-gov"), Some("s3"), Some(""), Some("")] = prefix else {
        return false;
    };
    let Some(resource) = parts.next() else { return false };
    let named = resource.split('/').next().unwrap_or_default();
    wildcard::matches(named, bucket)
}
