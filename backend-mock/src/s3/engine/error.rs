//! What S3 says when it refuses: a code, the status that goes with it, a message, and the elements that name the culprit.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::{ChecksumAlgorithm, ETag};
use crate::context::RegionName;

/// Repeats one line an error code: its name, its status, and the message that AWS gives it.
macro_rules! codes {
    ($($code:ident = $status:literal $message:literal;)*) => {
        /// An S3 error code; its name is its text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code { $($code),* }

        impl Code {
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$code => stringify!($code)),* }
            }

            pub(crate) fn parse(text: &str) -> Option<Self> {
                match text { $(stringify!($code) => Some(Self::$code),)* _ => None }
            }

            /// The HTTP status that S3 answers with.
            pub(crate) fn status(self) -> u16 {
                match self { $(Self::$code => $status),* }
            }

            /// The message when the request gives no reason to say more.
            pub(crate) fn message(self) -> &'static str {
                match self { $(Self::$code => $message),* }
            }
        }
    };
}

codes! {
    AccessControlListNotSupported = 400 "The bucket does not allow ACLs";
    AccessDenied = 403 "Access Denied";
    AccessForbidden = 403 "Access forbidden";
    AuthorizationHeaderMalformed = 400 "The authorization header is malformed.";
    AuthorizationQueryParametersError = 400 "Error parsing the query parameters of the signature.";
    BadDigest = 400 "The Content-MD5 you specified did not match what we received.";
    BadRequest = 400 "Bad Request";
    BucketAlreadyExists = 409 "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
    BucketAlreadyOwnedByYou = 409 "Your previous request to create the named bucket succeeded and you already own it.";
    BucketNotEmpty = 409 "The bucket you tried to delete is not empty";
    ConditionalRequestConflict = 409 "The conditional request cannot succeed due to a conflicting operation against this resource.";
    CrossLocationLoggingProhibitted = 403 "Cross S3 location logging not allowed. ";
    EntityTooLarge = 400 "Your proposed upload exceeds the maximum allowed size";
    EntityTooSmall = 400 "Your proposed upload is smaller than the minimum allowed size";
    IllegalVersioningConfigurationException = 400 "The Versioning element must be specified";
    IllegalLocationConstraintException = 400 "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.";
    IncompleteBody = 400 "You did not provide the number of bytes specified by the Content-Length HTTP header";
    IncorrectEndpoint = 400 "The specified bucket exists in another region. Please direct requests to the specified endpoint.";
    InternalError = 500 "We encountered an internal error. Please try again.";
    InvalidAccessKeyId = 403 "The AWS Access Key Id you provided does not exist in our records.";
    InvalidArgument = 400 "Invalid Argument";
    InvalidBucketAclWithBlockPublicAccessError = 400 "Bucket cannot have public ACLs set with BlockPublicAccess enabled";
    InvalidBucketAclWithObjectOwnership = 400 "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    InvalidBucketNamespace = 400 "The requested bucket is in the account-regional namespace of another account or region";
    InvalidBucketState = 409 "The request is not valid with the current state of the bucket.";
    InvalidBucketName = 400 "The specified bucket is not valid.";
    InvalidBucketOwnerAWSAccountID = 400 "The value of the expected bucket owner parameter must be an AWS Account ID";
    IdMismatch = 400 "Document ID does not match the specified configuration ID.";
    InvalidConfigurationId = 400 "The specified configuration id is invalid.";
    InvalidChunkSizeError = 403 "Only the last chunk is allowed to have a size less than 8192 bytes";
    InvalidDigest = 400 "The Content-MD5 you specified was invalid.";
    InvalidLocationConstraint = 400 "The specified location-constraint is not valid";
    InvalidNamespaceHeader = 400 "The requested bucket name did not include the account-regional namespace suffix";
    InvalidObjectState = 403 "The operation is not valid for the object's storage class";
    InvalidPart = 400 "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    InvalidPartNumber = 416 "The requested partnumber is not satisfiable";
    InvalidPartOrder = 400 "The list of parts was not in ascending order. Parts must be ordered by part number.";
    InvalidPolicyDocument = 400 "The content of the form does not meet the conditions specified in the policy document.";
    InvalidRange = 416 "The requested range is not satisfiable";
    InvalidRedirectLocation = 400 "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.";
    InvalidRequest = 400 "Invalid Request";
    InvalidS3DestinationBucket = 400 "Invalid bucket ARN.";
    InvalidStorageClass = 400 "The storage class you specified is not valid";
    InvalidTag = 400 "The tag provided was not a valid tag. This error can occur if the tag did not pass input validation.";
    InvalidTargetBucketForLogging = 400 "The target bucket for logging does not exist";
    InvalidEncryptionAlgorithmError = 400 "The Encryption request you specified is not valid. Supported value: AES256.";
    InvalidURI = 400 "Couldn't parse the specified URI.";
    KeyTooLongError = 400 "Your key is too long";
    MalformedPOSTRequest = 400 "The body of your POST request is not well-formed multipart/form-data.";
    MalformedACLError = 400 "The XML you provided was not well-formed or did not validate against our published schema";
    MalformedPolicy = 400 "This policy contains invalid Json";
    MalformedTrailerError = 400 "The request contained trailing data that was not well-formed or did not conform to our published schema.";
    MalformedXML = 400 "The XML you provided was not well-formed or did not validate against our published schema";
    MaxMessageLengthExceeded = 400 "Your request was too big.";
    MaxPostPreDataLengthExceededError = 400 "Your POST request fields preceding the upload file were too large.";
    MetadataTooLarge = 400 "Your metadata headers exceed the maximum allowed metadata size";
    MethodNotAllowed = 405 "The specified method is not allowed against this resource.";
    MissingContentLength = 411 "You must provide the Content-Length HTTP header.";
    MissingNamespaceHeader = 400 "The requested bucket name has the account-regional namespace suffix";
    MissingRequestBodyError = 400 "Request Body is empty";
    MissingSecurityHeader = 400 "Your request was missing a required header";
    NoSuchBucket = 404 "The specified bucket does not exist";
    NoLoggingStatusForKey = 400 "There is no such thing as the ?logging sub-resource for a key";
    NoSuchBucketPolicy = 404 "The bucket policy does not exist";
    NoSuchConfiguration = 404 "The specified configuration does not exist.";
    NoSuchCORSConfiguration = 404 "The CORS configuration does not exist";
    NoSuchKey = 404 "The specified key does not exist.";
    NoSuchPublicAccessBlockConfiguration = 404 "The public access block configuration was not found";
    NoSuchTagSet = 404 "The TagSet does not exist";
    NoSuchLifecycleConfiguration = 404 "The lifecycle configuration does not exist";
    NoSuchObjectLockConfiguration = 404 "The specified object does not have a ObjectLock configuration";
    NoSuchVersion = 404 "The specified version does not exist.";
    NoSuchUpload = 404 "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    NoSuchWebsiteConfiguration = 404 "The specified bucket does not have a website configuration";
    NotImplemented = 501 "A header you provided implies functionality that is not implemented";
    NotModified = 304 "Not Modified";
    OwnershipControlsNotFoundError = 404 "The bucket ownership controls were not found";
    ObjectLockConfigurationNotFoundError = 404 "Object Lock configuration does not exist for this bucket";
    ObjectNotInActiveTierError = 403 "The source object of the COPY operation is not in the active tier and is only stored in Amazon S3 Glacier.";
    PermanentRedirect = 301 "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
    PolicyTooLarge = 400 "Policy exceeds the maximum allowed document size.";
    PreconditionFailed = 412 "At least one of the pre-conditions you specified did not hold";
    RequestHeaderSectionTooLarge = 400 "Your request header section exceeds the maximum allowed size.";
    RequestTimeTooSkewed = 403 "The difference between the request time and the current time is too large.";
    SignatureDoesNotMatch = 403 "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
    UserKeyMustBeSpecified = 400 "The bucket POST must contain the specified field name. If it is specified, check the order of the fields.";
    ReplicationConfigurationNotFoundError = 404 "The replication configuration was not found";
    TooManyConfigurations = 400 "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.";
    UnexpectedContent = 400 "This request does not support content";
    XAmzContentSHA256Mismatch = 400 "The provided 'x-amz-content-sha256' header does not match what was computed.";
}

/// A refusal: what the `Error` element of the answer says, in the order in which it says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error(Box<Refusal>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    code: Code,
    message: Cow<'static, str>,
    details: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    bucket_region: Option<RegionName>,
}

impl Error {
    pub(crate) fn new(code: Code) -> Self {
        Self::with_message(code, code.message())
    }

    pub(crate) fn with_message(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Refusal {
            code,
            message: message.into(),
            details: Vec::new(),
            headers: Vec::new(),
            bucket_region: None,
        }))
    }

    /// Adds an element that names what the error is about, such as `BucketName`.
    pub(crate) fn with(mut self, element: &'static str, text: impl fmt::Display) -> Self {
        self.0.details.push((element, text.to_string()));
        self
    }

    /// Adds a header of the answer.
    pub(crate) fn with_header(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.0.headers.push((name, value.to_string()));
        self
    }

    /// The region that `x-amz-bucket-region` of the answer names.
    pub(crate) fn in_region(mut self, region: &RegionName) -> Self {
        self.0.bucket_region = Some(region.clone());
        self
    }

    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    pub(crate) fn details(&self) -> &[(&'static str, String)] {
        &self.0.details
    }

    pub(crate) fn headers(&self) -> &[(&'static str, String)] {
        &self.0.headers
    }

    pub(crate) fn bucket_region(&self) -> Option<&RegionName> {
        self.0.bucket_region.as_ref()
    }

    pub(crate) fn access_denied() -> Self {
        Self::new(Code::AccessDenied)
    }

    /// The refusal of a method that what it is sent to, such as an `OBJECT`, does not have.
    pub(crate) fn method_not_allowed(method: &str, resource_type: &str) -> Self {
        Self::new(Code::MethodNotAllowed).with("Method", method).with("ResourceType", resource_type)
    }

    pub(crate) fn no_such_bucket(name: &str) -> Self {
        Self::new(Code::NoSuchBucket).with("BucketName", name)
    }

    pub(crate) fn no_such_key(key: &str) -> Self {
        Self::new(Code::NoSuchKey).with("Key", key)
    }

    pub(crate) fn no_such_version(key: &str, version_id: impl fmt::Display) -> Self {
        Self::new(Code::NoSuchVersion).with("Key", key).with("VersionId", version_id)
    }

    pub(crate) fn no_such_upload(upload_id: &str) -> Self {
        Self::new(Code::NoSuchUpload).with("UploadId", upload_id)
    }

    pub(crate) fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::with_message(Code::InvalidRequest, message)
    }

    pub(crate) fn invalid_argument(
        message: impl Into<Cow<'static, str>>,
        name: &str,
        value: impl fmt::Display,
    ) -> Self {
        Self::with_message(Code::InvalidArgument, message)
            .with("ArgumentName", name)
            .with("ArgumentValue", value)
    }

    /// The refusal of a header or parameter that this cloud does not carry out.
    pub(crate) fn not_implemented(header: &str) -> Self {
        Self::new(Code::NotImplemented).with("Header", header)
    }

    pub(crate) fn precondition_failed(condition: &str) -> Self {
        Self::new(Code::PreconditionFailed).with("Condition", condition)
    }

    /// Not a failure but an answer without a body: the caller's copy is still good.
    pub(crate) fn not_modified(etag: &ETag, last_modified: SystemTime) -> Self {
        Self::new(Code::NotModified)
            .with("ETag", etag.quoted())
            .with("Last-Modified", http_date(last_modified))
    }

    pub(crate) fn permanent_redirect(bucket: &str, region: &RegionName) -> Self {
        Self::new(Code::PermanentRedirect)
            .with("Endpoint", format_args!("{bucket}.s3.{region}.amazonaws.com"))
            .with("Bucket", bucket)
            .in_region(region)
    }

    pub(crate) fn entity_too_large(proposed: u64, allowed: u64) -> Self {
        Self::new(Code::EntityTooLarge).with("ProposedSize", proposed).with("MaxSizeAllowed", allowed)
    }

    pub(crate) fn checksum_mismatch(algorithm: ChecksumAlgorithm) -> Self {
        Self::with_message(
            Code::BadDigest,
            format!("The {algorithm} you specified did not match the calculated checksum."),
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code().as_str(), self.message())
    }
}

impl std::error::Error for Error {}

/// A time as `Last-Modified` writes it.
pub(crate) fn http_date(time: SystemTime) -> String {
    // Only years outside 0 to 9999 cannot be written so; no clock of ours gets there.
    DateTime::from(time).fmt(Format::HttpDate).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_from_its_own_text() {
        assert_eq!(Code::parse(Code::NoSuchKey.as_str()), Some(Code::NoSuchKey));
        assert_eq!(Code::parse("NoSuchThing"), None);
    }

    #[test]
    fn a_redirect_names_the_endpoint_the_bucket_and_the_region() {
        let error = Error::permanent_redirect("films", &RegionName::new("eu-west-1"));
        assert_eq!(error.details()[0], ("Endpoint", "films.s3.eu-west-1.amazonaws.com".to_owned()));
        assert_eq!(error.bucket_region(), Some(&RegionName::new("eu-west-1")));
        assert_eq!(http_date(SystemTime::UNIX_EPOCH), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
