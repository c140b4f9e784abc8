//! The decision before every operation, and before its body is read: what the request is about, and what it has for the
//! condition keys of policies.

use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use s3s::access::{S3Access, S3AccessContext};
use s3s::path::S3Path;
use s3s::{S3ErrorCode, S3Result};
use url::form_urlencoded;

use super::acl::GRANT_HEADERS;
use super::call::Call;
use super::{Operations, copy, requester_pays};
use crate::s3::engine::{Access, Caller, Code, ConditionKeys, Error};

/// Decides who may do what; `s3s` asks it with the operation found and nothing read yet.
pub(super) struct Gate {
    operations: Operations,
}

impl Gate {
    pub(super) fn new(operations: Operations) -> Self {
        Self { operations }
    }
}

/// Decides an operation on a bucket, or on an object in it.
pub(super) fn decide(
    operations: &Operations,
    call: &Call,
    operation: &str,
    bucket: &str,
    key: Option<&str>,
    query: &str,
) -> Result<(), Error> {
    let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let version_id = query.iter().find(|(name, _)| name == "versionId").map(|(_, value)| value.clone());
    let keys = RequestKeys { call, query };
    let caller = call.caller();
    let besides = besides(call, operation);
    let version_id = version_id.as_deref();
    let access = Access { operation, bucket, key, version_id, besides: &besides, keys: &keys };
    {
        let engine = operations.engine();
        let authorized = engine.authorize(&caller, &access);
        match wants_somebody(operation).filter(|_| caller.account_id.is_anonymous()) {
            Some(words)
                if authorized.as_ref().err().is_none_or(|error| error.code() == Code::AccessDenied) =>
            {
                return Err(Error::with_message(Code::AccessDenied, words));
            }
            _ => authorized?,
        }
        requester_pays::decide(&engine, call, &caller, operation, bucket)?;
    }
    if matches!(operation, "CopyObject" | "UploadPartCopy") {
        let source = copy::source(call)?;
        let source_version = source.version_id.map(|id| id.to_string());
        let reader = Caller { expected_bucket_owner: source.expected_bucket_owner, ..caller };
        let access = Access {
            operation: "GetObject",
            bucket: &source.bucket,
            key: Some(source.key.as_str()),
            version_id: source_version.as_deref(),
            besides: &[],
            keys: &keys,
        };
        let engine = operations.engine();
        engine.authorize_copy_source(&reader, &access)?;
        requester_pays::decide(&engine, call, &reader, operation, &source.bucket)?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl S3Access for Gate {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let Some(call) = context.extensions_mut().get::<Call>().cloned() else {
            return Err(S3ErrorCode::InternalError.into());
        };
        let (bucket, key) = match context.s3_path() {
            S3Path::Root => return Ok(()),
            S3Path::Bucket { bucket } => (&**bucket, None),
            S3Path::Object { bucket, key } => (&**bucket, Some(&**key)),
        };
        let query = context.uri().query().unwrap_or_default();
        let decided = decide(&self.operations, &call, context.s3_op().name(), bucket, key, query);
        decided.map_err(|error| call.refuse(error))
    }
}

/// Decides one key of a DeleteObjects request.
pub(super) fn authorize_delete(
    operations: &Operations,
    call: &Call,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
) -> Result<(), Error> {
    let besides = besides(call, "DeleteObject");
    let keys = RequestKeys {
        call,
        query: version_id.map(|id| ("versionId".to_owned(), id.to_owned())).into_iter().collect(),
    };
    let access = Access {
        operation: "DeleteObject",
        bucket,
        key: Some(key),
        version_id,
        besides: &besides,
        keys: &keys,
    };
    operations.engine().authorize(&call.caller(), &access)
}

/// What S3 says to nobody who asks for an operation that only somebody may carry out, public as the bucket may be or not.
fn wants_somebody(operation: &str) -> Option<&'static str> {
    match operation {
        "CreateMultipartUpload" => {
            Some("Anonymous users cannot initiate multipart uploads.  Please authenticate.")
        }
        "CopyObject" | "UploadPartCopy" => Some("Anonymous users cannot copy objects.  Please authenticate."),
        "CreateBucket" | "PutBucketAcl" | "PutObjectAcl" => {
            Some("Anonymous users cannot invoke this API. Please authenticate.")
        }
        "GetBucketOwnershipControls" => {
            Some("s3:GetBucketOwnershipControls does not support Anonymous requests!")
        }
        "PutBucketOwnershipControls" | "DeleteBucketOwnershipControls" => {
            Some("s3:PutBucketOwnershipControls does not support Anonymous requests!")
        }
        _ => None,
    }
}

/// The actions that headers ask for besides the operation's own.
fn besides(call: &Call, operation: &str) -> Vec<&'static str> {
    let has = |name: &str| call.header(name).is_some();
    let mut besides = Vec::new();
    if matches!(operation, "PutObject" | "CopyObject" | "CreateMultipartUpload") {
        if has("x-amz-acl") || GRANT_HEADERS.iter().any(|(name, _)| has(name)) {
            besides.push("s3:PutObjectAcl");
        }
        if has("x-amz-tagging") {
            besides.push("s3:PutObjectTagging");
        }
        if has("x-amz-object-lock-mode") || has("x-amz-object-lock-retain-until-date") {
            besides.push("s3:PutObjectRetention");
        }
        if has("x-amz-object-lock-legal-hold") {
            besides.push("s3:PutObjectLegalHold");
        }
    }
    let bypasses = call
        .header("x-amz-bypass-governance-retention")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if bypasses {
        besides.push("s3:BypassGovernanceRetention");
    }
    besides
}

/// What a request has for the condition keys of a policy.
pub(super) struct RequestKeys<'c> {
    call: &'c Call,
    query: Vec<(String, String)>,
}

impl<'c> RequestKeys<'c> {
    pub(super) fn of(call: &'c Call) -> Self {
        Self { call, query: Vec::new() }
    }

    fn parameter(&self, name: &str) -> Option<String> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
    }

    /// The tags of the header, which is written as a form is.
    fn tags(&self) -> Option<Vec<(String, String)>> {
        let header = self.call.header("x-amz-tagging")?;
        Some(form_urlencoded::parse(header.as_bytes()).into_owned().collect())
    }

    /// Milliseconds since the request was signed.
    fn signature_age(&self) -> Option<u128> {
        let text = self.call.header("x-amz-date")?;
        let (date, time) = (text.get(..8)?, text.get(9..15)?);
        let iso = format!(
            "{}-{}-{}T{}:{}:{}Z",
            date.get(..4)?,
            date.get(4..6)?,
            date.get(6..)?,
            time.get(..2)?,
            time.get(2..4)?,
            time.get(4..)?
        );
        let signed = SystemTime::try_from(DateTime::from_str(&iso, Format::DateTime).ok()?).ok()?;
        Some(self.call.context().now.duration_since(signed).unwrap_or_default().as_millis())
    }
}

impl ConditionKeys for RequestKeys<'_> {
    fn values(&self, key: &str) -> Option<Vec<String>> {
        let (call, context) = (self.call, self.call.context());
        let is_signed = !context.account_id.is_anonymous();
        let by_header = call.header("authorization");
        if let Some(tag) = key.strip_prefix("s3:requestobjecttag/") {
            let found = self.tags()?.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(tag));
            return found.map(|(_, value)| vec![value]);
        }
        if key == "s3:requestobjecttagkeys" {
            return Some(self.tags()?.into_iter().map(|(name, _)| name).collect());
        }
        let value = match key {
            "aws:securetransport" => Some(context.is_secure.to_string()),
            // Everybody who gets here is on this machine.
            "aws:sourceip" => Some("127.0.0.1".to_owned()),
            "aws:currenttime" => DateTime::from(context.now).fmt(Format::DateTime).ok(),
            "aws:epochtime" => Some(DateTime::from(context.now).secs().to_string()),
            "aws:requestedregion" => Some(context.region.to_string()),
            "aws:useragent" => call.owned("user-agent"),
            "aws:referer" => call.owned("referer"),
            "s3:authtype" if by_header.is_some() => Some("REST-HEADER".to_owned()),
            "s3:authtype" if is_signed => Some("REST-QUERY-STRING".to_owned()),
            "s3:signatureversion" if is_signed => match by_header {
                Some(header) if header.starts_with("AWS ") => Some("AWS".to_owned()),
                _ => Some("AWS4-HMAC-SHA256".to_owned()),
            },
            "s3:signatureage" if is_signed => self.signature_age().map(|age| age.to_string()),
            "s3:versionid" => self.parameter("versionId"),
            "s3:prefix" => self.parameter("prefix"),
            "s3:delimiter" => self.parameter("delimiter"),
            "s3:max-keys" => self.parameter("max-keys"),
            "s3:if-match" => call.owned("if-match"),
            "s3:if-none-match" => call.owned("if-none-match"),
            "s3:x-amz-copy-source" => {
                call.header("x-amz-copy-source").map(|source| source.trim_start_matches('/').to_owned())
            }
            "s3:object-lock-mode" | "s3:object-lock-legal-hold" | "s3:object-lock-retain-until-date" => {
                call.owned(&key.replace("s3:", "x-amz-"))
            }
            _ => {
                key.strip_prefix("s3:").filter(|name| name.starts_with("x-amz-")).and_then(|n| call.owned(n))
            }
        };
        value.map(|value| vec![value])
    }
}
