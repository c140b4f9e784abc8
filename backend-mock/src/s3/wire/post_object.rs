//! PostObject: a form that a browser sends becomes a PutObject request, and its answer what the form asks for.

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use s3s::dto::Tagging;
use s3s::stream::DynByteStream;
use s3s::xml::Deserialize as _;
use url::{Url, form_urlencoded};

use super::body::ContentStream;
use super::form::Form;
use super::post_policy::PostPolicy;
use super::response::{escape, insert};
use super::{Wire, host, response};
use crate::context::{AccountId, Body, RegionName, RequestContext};
use crate::identity::region_of_host;
use crate::s3::engine::{Code, Error};
use crate::signature::{Authentication, Flaw};

/// What signs a form.
#[derive(Debug)]
pub(crate) enum FormSignature<'f> {
    /// The policy, signed with Version 4.
    V4(Authentication, &'f str),
    /// Version 2 names a key; its signature is not verified.
    Old(&'f str),
}

/// Fields that are headers of a PutObject, under their own name. So are all that begin with `x-amz-` and are no part of
/// the signature.
const HEADERS: [HeaderName; 6] = [
    header::CACHE_CONTROL,
    header::CONTENT_TYPE,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::EXPIRES,
];

const SIGNATURE_FIELDS: [&str; 5] =
    ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token"];

impl Wire {
    /// Answers a form. `identify` tells whose the key is that signs it; a form without one is nobody's.
    pub(crate) async fn post_object(
        &self,
        mut context: RequestContext,
        request: Request<Body>,
        identify: impl FnOnce(&FormSignature<'_>) -> Result<AccountId, Flaw>,
    ) -> Response<Body> {
        let question = response::Question::of(&request, &context);
        let (parts, body) = request.into_parts();
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let posting = async {
            let target = Target::of(host, parts.uri.path())?;
            let mut form = Form::read(&parts.headers, body).await?;
            form.expand();
            let key = key_of(&form)?;
            let of_bucket = || self.operations.engine().bucket_region(&target.bucket).cloned();
            let expected = region_of_host(host).map(RegionName::new).or_else(of_bucket);
            context.account_id = identity(&form, expected.as_ref(), identify)?;
            if let Some(policy) = form.field("policy") {
                let policy = PostPolicy::parse(policy)?;
                policy.check(context.now, &target.bucket, form.fields(), form.file.content.len())?;
            }
            let put = put_request(&target, &key, &form, &parts.headers)?;
            Ok::<_, Error>((target, key, Asked::of(&form), put))
        };
        let (target, key, asked, put) = match posting.await {
            Ok(posted) => posted,
            Err(error) => return question.refuse(&error),
        };
        let stored = self.respond(context, put).await;
        match stored.status().is_success() {
            true => asked.answer(stored, host, &target, &key),
            false => stored,
        }
    }
}

/// The bucket that a form is posted to.
struct Target {
    bucket: String,
    /// What the path of an object in it begins with.
    prefix: String,
}

impl Target {
    fn of(host: &str, path: &str) -> Result<Self, Error> {
        let path = path.strip_prefix('/').unwrap_or(path);
        if let Some(bucket) = host::bucket(host) {
            return match path {
                "" => Ok(Self { bucket: bucket.to_ascii_lowercase(), prefix: "/".to_owned() }),
                _ => Err(Error::method_not_allowed("POST", "OBJECT")),
            };
        }
        match path.split_once('/').unwrap_or((path, "")) {
            ("", _) => Err(Error::method_not_allowed("POST", "SERVICE")),
            (bucket, "") => Ok(Self { bucket: bucket.to_owned(), prefix: format!("/{bucket}/") }),
            _ => Err(Error::method_not_allowed("POST", "OBJECT")),
        }
    }
}

fn missing_field(name: &str) -> Error {
    let message = format!(
        "Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    );
    Error::invalid_argument(message, name, "")
}

fn key_of(form: &Form) -> Result<String, Error> {
    match form.field("key") {
        None => Err(missing_field("key")),
        Some("") => Err(Error::new(Code::UserKeyMustBeSpecified)),
        Some(key) => Ok(key.to_owned()),
    }
}

/// Whose form it is. A policy wants a signature, and a signature a policy, which is what it signs, for the region of the
/// endpoint or else of the bucket, if there is one.
fn identity(
    form: &Form,
    expected: Option<&RegionName>,
    identify: impl FnOnce(&FormSignature<'_>) -> Result<AccountId, Flaw>,
) -> Result<AccountId, Error> {
    let old = form.field("AWSAccessKeyId");
    let new = ["x-amz-algorithm", "x-amz-credential", "x-amz-signature"];
    let claimed = old.is_some() || new.iter().any(|name| form.field(name).is_some());
    let Some(policy) = form.field("policy") else {
        return if claimed { Err(missing_field("policy")) } else { Ok(AccountId::anonymous()) };
    };
    let required = |name: &str| form.field(name).ok_or_else(|| missing_field(name));
    let signature = match old {
        Some(key) => {
            required("Signature")?;
            FormSignature::Old(key)
        }
        None if !claimed => return Err(missing_field("AWSAccessKeyId")),
        None => {
            let algorithm = required("X-Amz-Algorithm")?;
            if algorithm != crate::signature::ALGORITHM {
                return Err(Error::invalid_argument(
                    "Only AWS4-HMAC-SHA256 is supported",
                    "X-Amz-Algorithm",
                    algorithm,
                ));
            }
            let credential = required("X-Amz-Credential")?;
            let (date, signature) = (required("X-Amz-Date")?, required("X-Amz-Signature")?);
            let authentication = Authentication::of_form(credential, date, signature)?;
            if let Some(expected) = expected.filter(|expected| expected.as_str() != authentication.region) {
                let wrong =
                    format!("the region '{}' is wrong; expecting '{expected}'", authentication.region);
                return Err(Error::invalid_argument(wrong, "X-Amz-Credential", credential));
            }
            FormSignature::V4(authentication, policy)
        }
    };
    Ok(identify(&signature)?)
}

/// The request that stores the file.
fn put_request(target: &Target, key: &str, form: &Form, posted: &HeaderMap) -> Result<Request<Body>, Error> {
    let mut headers = HeaderMap::new();
    for (name, value) in form.fields() {
        let lower = name.to_ascii_lowercase();
        if let Some(header) = header_of(&lower) {
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| Error::invalid_argument("Header value cannot be represented.", name, value))?;
            headers.append(header, value);
        }
    }
    if let Some(tagging) = form.field("tagging") {
        insert(&mut headers, "x-amz-tagging", &tags(tagging)?);
    }
    if let Some(host) = posted.get(header::HOST) {
        headers.insert(header::HOST, host.clone());
    }
    if !headers.contains_key(header::CONTENT_TYPE)
        && let Some(content_type) = &form.file.content_type
    {
        insert(&mut headers, "content-type", content_type);
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(form.file.content.len()));
    let uri = format!("{}{}", target.prefix, crate::signature::encode_path(key));
    let file: DynByteStream = Box::pin(ContentStream::from(form.file.content.clone()));
    let mut request = Request::new(Body::from(file));
    *request.method_mut() = Method::PUT;
    *request.uri_mut() = uri.parse().map_err(|_| Error::new(Code::InvalidURI))?;
    *request.headers_mut() = headers;
    Ok(request)
}

fn header_of(field: &str) -> Option<HeaderName> {
    if field == "acl" {
        return Some(HeaderName::from_static("x-amz-acl"));
    }
    if field.starts_with("x-amz-") && !SIGNATURE_FIELDS.contains(&field) {
        return field.parse().ok();
    }
    HEADERS.into_iter().find(|header| header.as_str() == field)
}

/// Tags as the header of a PutObject has them.
fn tags(xml: &str) -> Result<String, Error> {
    let malformed = || Error::new(Code::MalformedXML);
    // A document of another kind holds no tags, which is no error.
    if is_other_document(xml) {
        return Ok(String::new());
    }
    let mut deserializer = s3s::xml::Deserializer::new(xml.as_bytes());
    let tagging = Tagging::deserialize(&mut deserializer).map_err(|_| malformed())?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    for tag in tagging.tag_set {
        let (key, value) = tag.key.zip(tag.value).ok_or_else(malformed)?;
        query.append_pair(&key, &value);
    }
    Ok(query.finish())
}

/// Whether a text is one element, whole, that is not named `Tagging`.
fn is_other_document(xml: &str) -> bool {
    let xml = xml.trim();
    let xml =
        xml.strip_prefix("<?").and_then(|rest| rest.split_once("?>")).map_or(xml, |(_, rest)| rest.trim());
    let name = xml.strip_prefix('<').and_then(|rest| rest.split(['>', ' ', '/']).next()).unwrap_or_default();
    !["", "Tagging"].contains(&name) && xml.ends_with(&format!("</{name}>"))
}

/// How a form wants to be answered.
enum Asked {
    Redirect(Url),
    Status(StatusCode),
}

impl Asked {
    fn of(form: &Form) -> Self {
        let redirect = form.field("success_action_redirect").or_else(|| form.field("redirect"));
        // S3 passes over what is no URL.
        if let Some(url) = redirect.and_then(|url| Url::parse(url).ok()).filter(Url::has_host) {
            return Self::Redirect(url);
        }
        Self::Status(match form.field("success_action_status") {
            Some("200") => StatusCode::OK,
            Some("201") => StatusCode::CREATED,
            _ => StatusCode::NO_CONTENT,
        })
    }

    fn answer(self, stored: Response<Body>, host: &str, target: &Target, key: &str) -> Response<Body> {
        let (mut parts, _) = stored.into_parts();
        let etag = parts
            .headers
            .get(header::ETAG)
            .and_then(|etag| etag.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let location = format!("http://{host}{}{}", target.prefix, crate::signature::encode_path(key));
        parts.headers.remove(header::CONTENT_LENGTH);
        let body = match self {
            Self::Redirect(mut url) => {
                url.query_pairs_mut()
                    .append_pair("bucket", &target.bucket)
                    .append_pair("key", key)
                    .append_pair("etag", &etag);
                parts.status = StatusCode::SEE_OTHER;
                insert(&mut parts.headers, "location", url.as_str());
                Body::empty()
            }
            Self::Status(status) => {
                parts.status = status;
                insert(&mut parts.headers, "location", &location);
                if status == StatusCode::CREATED {
                    insert(&mut parts.headers, "content-type", "application/xml");
                    Body::from(format!(
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location>\
                         <Bucket>{}</Bucket><Key>{}</Key><ETag>{}</ETag></PostResponse>",
                        escape(&location),
                        escape(&target.bucket),
                        escape(key),
                        escape(&etag)
                    ))
                } else {
                    Body::empty()
                }
            }
        };
        if parts.status != StatusCode::NO_CONTENT
            && let Some(length) = http_body::Body::size_hint(&body).exact()
        {
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        Response::from_parts(parts, body)
    }
}
