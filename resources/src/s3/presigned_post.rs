//! Presigned forms: an upload by a browser, without credentials, of what a policy allows.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::config::Config;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use aws_smithy_types::DateTime;
use aws_smithy_types::base64;
use aws_smithy_types::date_time::Format;
use serde_json::{Value, json};
use session_core::{Error, ErrorKind};

use super::bucket::Bucket;
use super::signing_identity::{Seen, SigningIdentity};
use crate::service::S3;

/// What boto3 takes where nothing is said.
const EXPIRES_IN: Duration = Duration::from_secs(3600);

/// What SigV4 takes at most.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// S3 puts the name of the chosen file in its place.
const FILENAME: &str = "${filename}";

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Fields of a form that are set here, or by who sends it.
const OWN_FIELDS: [&str; 9] = [
    "bucket",
    "file",
    "key",
    "policy",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
];

/// A form to be signed. Made by [`Object::presigned_post`](super::Object::presigned_post) and
/// [`Bucket::presigned_post`]; signs when awaited, and sends nothing.
///
/// ```
/// # use resources::S3;
/// # use session_core::SessionExt;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let session = backend_mock::MockAws::new().session();
/// # let s3 = session.resource(S3).await?;
/// let form = s3
///     .bucket("uploads")
///     .presigned_post("photos/${filename}") // whatever the file's name is
///     .starts_with("Content-Type", "image/")
///     .content_length_range(1..=10 << 20)
///     .field("x-amz-meta-from", "the website")
///     .await?;
/// println!("<form action={:?} method=post enctype=multipart/form-data>", form.url());
/// for (name, value) in form.fields() {
///     println!("<input type=hidden name={name:?} value={value:?}>");
/// }
/// // … and last a field `file`: S3 ignores what comes behind it.
/// # Ok::<(), session_core::Error>(()) }).unwrap();
/// ```
///
/// Unlike in boto3, a [`field`](Self::field) is a condition, too: S3 refuses fields that the policy does not speak of.
///
/// # Errors
/// When awaited, all before anything is sent:
/// - [`InvalidInput`](ErrorKind::InvalidInput) names the field that is set by itself, the range that is empty, or the
///   time that is out of bounds; an empty key or bucket name; a bucket whose requests are not signed with SigV4
/// - the kinds of missing credentials and endpoints
///
/// # Source
/// S3 API reference, "Browser-based uploads using POST"; `generate_presigned_post` of boto3 (CL-20).
#[derive(Clone, Debug)]
#[must_use = "a form is signed when it is awaited"]
pub struct PresignPost {
    bucket: Bucket,
    key: String,
    expires_in: Duration,
    fields: Vec<(String, String)>,
    conditions: Vec<Value>,
    refused: Option<String>,
}

impl PresignPost {
    pub(super) fn new(bucket: &Bucket, key: String) -> Self {
        Self {
            bucket: bucket.clone(),
            key,
            expires_in: EXPIRES_IN,
            fields: Vec::new(),
            conditions: Vec::new(),
            refused: None,
        }
    }

    /// How long the form is good for: 1 s to 7 days, an hour unless said, and no longer than the credentials that sign.
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.expires_in = time;
        self
    }

    /// A field of the form that has exactly that value, such as `acl`, `Content-Type` or `x-amz-meta-…`.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.check_name(&name);
        self.conditions.push(json!({ name.as_str(): value.as_str() }));
        self.fields.push((name, value));
        self
    }

    /// A field that who sends the form adds, with a value that begins so; any value if `prefix` is empty.
    pub fn starts_with(mut self, name: &str, prefix: &str) -> Self {
        self.check_name(name);
        self.conditions.push(json!(["starts-with", format!("${name}"), prefix]));
        self
    }

    /// How many bytes the file may have.
    pub fn content_length_range(mut self, bytes: RangeInclusive<u64>) -> Self {
        if bytes.is_empty() {
            let (least, most) = bytes.clone().into_inner();
            self.refuse(format!("content_length_range is {least} to {most}, which no file has"));
        }
        self.conditions.push(json!(["content-length-range", bytes.start(), bytes.end()]));
        self
    }

    fn check_name(&mut self, name: &str) {
        let name = name.to_ascii_lowercase();
        if OWN_FIELDS.contains(&name.as_str()) {
            self.refuse(format!("the field `{name}` of a presigned form is set by itself"));
        }
    }

    /// The first mistake is told.
    fn refuse(&mut self, message: String) {
        self.refused.get_or_insert(message);
    }

    async fn sign(self) -> Result<PresignedPost, Error> {
        let refuse = |message: String| {
            Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME).with_operation("PostObject")
        };
        if let Some(message) = self.refused {
            return Err(refuse(message));
        }
        if self.key.is_empty() {
            return Err(refuse("the key of a presigned form is empty: give its name".to_owned()));
        }
        if !(Duration::from_secs(1)..=LONGEST).contains(&self.expires_in) {
            let seconds = self.expires_in.as_secs_f64();
            return Err(refuse(format!(
                "expires_in is {seconds} s, but has to be 1 to {} s (7 days)",
                LONGEST.as_secs()
            )));
        }
        let Seen { identity, url } = self.look().await?;
        let form = Form { bucket: self.bucket.name(), key: &self.key, expires_in: self.expires_in };
        let fields = form.signed(self.fields, self.conditions, &identity)?;
        Ok(PresignedPost { url, fields, expires_in: self.expires_in })
    }

    /// Who signs requests to the bucket, and where they go: the SDK presigns a request, which tells both.
    async fn look(&self) -> Result<Seen, Error> {
        let signing = SigningIdentity::default();
        let config = Config::builder().push_auth_scheme(signing.clone());
        let presigning = PresigningConfig::expires_in(self.expires_in)
            .map_err(|error| Error::new(ErrorKind::InvalidInput, error.to_string()).with_source(error))?;
        let put = self.bucket.object("key").put().customize().config_override(config);
        put.presigned(presigning).await?;
        signing.seen().ok_or_else(|| {
            let message = format!(
                "a form is signed with SigV4 and a region, which requests to bucket `{}` are not",
                self.bucket.name()
            );
            Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME).with_operation("PostObject")
        })
    }
}

impl IntoFuture for PresignPost {
    type Output = Result<PresignedPost, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.sign())
    }
}

/// What a form is about.
struct Form<'a> {
    bucket: &'a str,
    key: &'a str,
    expires_in: Duration,
}

impl Form<'_> {
    fn signed(
        &self,
        mut fields: Vec<(String, String)>,
        mut conditions: Vec<Value>,
        identity: &super::signing_identity::Identity,
    ) -> Result<Vec<(String, String)>, Error> {
        let date = basic(identity.now)?;
        let region = &identity.region;
        let credential = format!("{}/{}/{region}/s3/aws4_request", identity.access_key_id, &date[..8]);
        conditions.push(json!({"bucket": self.bucket}));
        conditions.push(match self.key.strip_suffix(FILENAME) {
            Some(prefix) => json!(["starts-with", "$key", prefix]),
            None => json!({"key": self.key}),
        });
        let mut own = vec![("x-amz-algorithm", ALGORITHM.to_owned()), ("x-amz-credential", credential)];
        own.push(("x-amz-date", date));
        own.extend(identity.session_token.clone().map(|token| ("x-amz-security-token", token)));
        conditions.extend(own.iter().map(|(name, value)| json!({ *name: value })));
        let policy = json!({
            "expiration": extended(identity.now + self.expires_in)?,
            "conditions": conditions,
        });
        let policy = base64::encode(policy.to_string());
        let key = generate_signing_key(&identity.secret_access_key, identity.now, region, "s3");
        let signature = calculate_signature(key, policy.as_bytes());
        fields.push(("key".to_owned(), self.key.to_owned()));
        fields.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value)));
        fields.push(("policy".to_owned(), policy));
        fields.push(("x-amz-signature".to_owned(), signature));
        Ok(fields)
    }
}

/// `2026-11-22T09:08:07Z`, without a fraction.
fn extended(time: SystemTime) -> Result<String, Error> {
    let seconds = DateTime::from(time).secs();
    DateTime::from_secs(seconds).fmt(Format::DateTime).map_err(|error| {
        Error::new(ErrorKind::InvalidInput, "the client's clock is beyond what a form can say")
            .with_source(error)
    })
}

/// `20261122T090807Z`.
fn basic(time: SystemTime) -> Result<String, Error> {
    Ok(extended(time)?.replace(['-', ':'], ""))
}

/// A form that may be sent as it is until it expires: a POST of `multipart/form-data` to [`url`](Self::url), with all of
/// the [`fields`](Self::fields), the fields that conditions leave to the sender, and a last one, `file`.
#[derive(Clone)]
pub struct PresignedPost {
    url: String,
    fields: Vec<(String, String)>,
    expires_in: Duration,
}

impl PresignedPost {
    /// Where the form goes.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The fields, signature and all: **whoever has them may upload what the policy allows**.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How long it is good for, from when it was signed.
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }
}

impl fmt::Debug for PresignedPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresignedPost")
            .field("url", &self.url)
            .field("fields", &format_args!("[redacted]"))
            .field("expires_in", &self.expires_in)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::signing_identity::Identity;
    use super::*;

    /// The example of AWS's own, "Example: Browser-based upload using HTTP POST", but for the policy's text: its
    /// signature is of the text there, spaces and all.
    #[test]
    fn a_policy_is_signed_as_in_aws_s_example() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_451_347_200);
        assert_eq!(basic(now).unwrap(), "20151229T000000Z");
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let policy = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
        let key = generate_signing_key(secret, now, "us-east-1", "s3");
        assert_eq!(
            calculate_signature(key, policy.as_bytes()),
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }

    #[test]
    fn every_field_has_its_condition() {
        let identity = Identity {
            access_key_id: "AKIA".into(),
            secret_access_key: "secret".into(),
            session_token: Some("token".into()),
            region: "eu-west-1".into(),
            now: SystemTime::UNIX_EPOCH + Duration::from_millis(1_451_347_200_900),
        };
        let form = Form { bucket: "b", key: "in/${filename}", expires_in: Duration::from_secs(60) };
        let fields =
            form.signed(vec![("acl".into(), "private".into())], vec![json!({"acl": "private"})], &identity);
        let fields = fields.unwrap();
        let value = |name: &str| &fields.iter().find(|(field, _)| field == name).unwrap().1;
        let policy = base64::decode(value("policy")).unwrap();
        let policy: Value = serde_json::from_slice(&policy).unwrap();
        assert_eq!(policy["expiration"], "2015-12-29T00:01:00Z");
        let conditions = policy["conditions"].as_array().unwrap();
        for (name, value) in &fields {
            let is_own = ["key", "policy", "x-amz-signature"].contains(&name.as_str());
            assert!(is_own || conditions.contains(&json!({ name: value })), "{name}");
        }
        assert!(conditions.contains(&json!(["starts-with", "$key", "in/"])));
        assert!(conditions.contains(&json!({"bucket": "b"})));
        assert_eq!(value("x-amz-credential"), "AKIA/20151229/eu-west-1/s3/aws4_request");
    }
}
