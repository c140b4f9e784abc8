//! One HTTP request in, one response out: which service is asked, by whom, and which engine answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_smithy_async::time::SharedTimeSource;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};

use crate::context::{AccountId, Body, RegionName, RequestContext};
use crate::identity::{CredentialScope, region_of_host};
use crate::lock::locked;
use crate::seed::IdSource;
use crate::{dynamodb, s3, sts};

/// The services that the cloud has engines for, by the name that requests are signed with.
pub(crate) const SERVICES: [&str; 3] = ["dynamodb", "s3", "sts"];

/// Those of them that have resources in boto3.
pub(crate) const RESOURCES: [&str; 2] = ["dynamodb", "s3"];

/// The largest request that DynamoDB reads: 16 MB of batch and some room.
const DYNAMODB_REQUEST_BYTES: usize = 17 << 20;

/// The largest request that STS reads: far more than its longest parameters, tokens and policies, take together.
const STS_REQUEST_BYTES: usize = 1 << 20;

/// One engine an account and region.
type DynamoDbEngines = HashMap<(AccountId, RegionName), Arc<Mutex<dynamodb::Engine>>>;

/// The engines of one cloud and what they share. Both doors lead here.
pub(crate) struct Services {
    time: SharedTimeSource,
    ids: Arc<Mutex<IdSource>>,
    accounts: Mutex<HashMap<String, AccountId>>,
    s3: s3::Wire,
    dynamodb: Mutex<DynamoDbEngines>,
}

impl Services {
    pub(crate) fn new(seed: u64, time: SharedTimeSource) -> Self {
        let ids = Arc::new(Mutex::new(IdSource::new(seed)));
        let s3 = Arc::new(Mutex::new(s3::Engine::new()));
        Self {
            time,
            s3: s3::Wire::new(s3, Arc::clone(&ids)),
            ids,
            accounts: Mutex::default(),
            dynamodb: Mutex::default(),
        }
    }

    /// From now on, the access key belongs to the account.
    pub(crate) fn register(&self, access_key_id: &str, account_id: AccountId) {
        locked(&self.accounts).insert(access_key_id.to_owned(), account_id);
    }

    pub(crate) fn time_source(&self) -> SharedTimeSource {
        self.time.clone()
    }

    /// Answers a request. Whatever is wrong with it is an answer too.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        name_the_host(&mut parts);
        let scope = CredentialScope::of(&parts);
        let asked = Asked::of(&parts, scope.as_ref());
        let context = self.context(scope.as_ref(), &asked, &parts);
        tracing::debug!(service = asked.name(), method = %parts.method, path = parts.uri.path(), "request");
        match asked {
            Asked::S3 => self.s3.respond(context, Request::from_parts(parts, body)).await,
            Asked::DynamoDb if context.account_id.is_anonymous() => {
                let code = "com.amazon.coral.service#MissingAuthenticationTokenException";
                let message = "Request is missing Authentication Token";
                json_error(StatusCode::BAD_REQUEST, code, message, &context).map(Body::from)
            }
            Asked::DynamoDb => self.answer_dynamodb(&context, &parts, body).await.map(Body::from),
            Asked::Sts => answer_sts(&context, &parts, body).await.map(Body::from),
            Asked::Other(name) => refuse_service(&name, &parts, &context).map(Body::from),
        }
    }

    async fn answer_dynamodb(&self, context: &RequestContext, parts: &Parts, body: Body) -> Response<Bytes> {
        let body = match whole(body, DYNAMODB_REQUEST_BYTES).await {
            Ok(body) => body,
            Err((status, message)) => {
                let code = "com.amazon.coral.service#SerializationException";
                return json_error(status, code, message, context);
            }
        };
        let target =
            parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let engine = self.dynamodb_engine(context);
        dynamodb::respond(&engine, &self.ids, context, target, &body)
    }

    fn dynamodb_engine(&self, context: &RequestContext) -> Arc<Mutex<dynamodb::Engine>> {
        let place = (context.account_id.clone(), context.region.clone());
        let mut engines = locked(&self.dynamodb);
        let engine = engines.entry(place).or_insert_with_key(|(account_id, region)| {
            Arc::new(Mutex::new(dynamodb::Engine::new(account_id.clone(), region.clone())))
        });
        Arc::clone(engine)
    }

    fn context(&self, scope: Option<&CredentialScope>, asked: &Asked, parts: &Parts) -> RequestContext {
        let account_id =
            scope.map_or_else(AccountId::anonymous, |scope| self.account_of(&scope.access_key_id));
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let signed_for = scope.and_then(|scope| scope.region.as_deref());
        let region = signed_for.or_else(|| region_of_host(host)).unwrap_or(RegionName::DEFAULT);
        let mut ids = locked(&self.ids);
        let request_id = match asked {
            Asked::S3 => ids.alphanumeric(16),
            Asked::Sts => ids.uuid(),
            _ => ids.alphanumeric(52),
        };
        drop(ids);
        RequestContext { account_id, region: RegionName::new(region), request_id, now: self.time.now() }
    }

    fn account_of(&self, access_key_id: &str) -> AccountId {
        let known = locked(&self.accounts).get(access_key_id).cloned();
        known.or_else(|| AccountId::parse(access_key_id)).unwrap_or_default()
    }
}

/// The service that a request is for.
enum Asked {
    S3,
    DynamoDb,
    Sts,
    Other(String),
}

impl Asked {
    /// By the credential scope, else by the target header; else STS for a form at the root, which is nothing that S3
    /// reads; else S3, the one service that has answers for everybody.
    fn of(parts: &Parts, scope: Option<&CredentialScope>) -> Self {
        if let Some(scope) = scope {
            return match scope.service.as_str() {
                "s3" => Self::S3,
                "dynamodb" => Self::DynamoDb,
                "sts" => Self::Sts,
                other => Self::Other(other.to_owned()),
            };
        }
        let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        match target.and_then(|target| target.split('.').next()) {
            None if is_form(parts) => Self::Sts,
            None => Self::S3,
            Some(prefix) if prefix.starts_with("DynamoDB_") || prefix.starts_with("DynamoDBStreams_") => {
                Self::DynamoDb
            }
            Some(other) => Self::Other(other.to_owned()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::S3 => "s3",
            Self::DynamoDb => "dynamodb",
            Self::Sts => "sts",
            Self::Other(name) => name,
        }
    }
}

/// Whether this is how the query protocol sends: browsers' forms for S3 are `multipart/form-data`.
fn is_form(parts: &Parts) -> bool {
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    parts.method == Method::POST
        && parts.uri.path() == "/"
        && content_type
            .is_some_and(|value| value.trim_start().starts_with("application/x-www-form-urlencoded"))
}

async fn answer_sts(context: &RequestContext, parts: &Parts, body: Body) -> Response<Bytes> {
    match whole(body, STS_REQUEST_BYTES).await {
        Ok(body) => sts::respond(context, parts.uri.query().unwrap_or_default(), &body),
        Err((status, message)) => xml_error(status, "MalformedInput", message, context),
    }
}

/// The body, if it has at most so many bytes; else the status and the words to refuse it with.
async fn whole(body: Body, limit: usize) -> Result<Bytes, (StatusCode, &'static str)> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err((StatusCode::PAYLOAD_TOO_LARGE, "Request size is too large"))
        }
        Err(_) => Err((StatusCode::BAD_REQUEST, "The request body ended before it was complete")),
    }
}

/// The SDK leaves the host in the URI for its HTTP client to move; wires read it in one place.
fn name_the_host(parts: &mut Parts) {
    if parts.headers.contains_key(HOST) {
        return;
    }
    let host = parts.uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let Some(host) = host {
        parts.headers.insert(HOST, host);
    }
}

/// The answer for a service without an engine, in a form that its client can read.
fn refuse_service(name: &str, parts: &Parts, context: &RequestContext) -> Response<Bytes> {
    let message = format!(
        "the in-memory AWS has no service `{name}`; it serves {}",
        SERVICES.map(|name| format!("`{name}`")).join(", ")
    );
    let content_type =
        parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let speaks_xml = content_type.contains("urlencoded")
        || content_type.contains("xml")
        || matches!(name, "route53" | "cloudfront")
        || name.starts_with("s3");
    if !speaks_xml {
        let mut response = json_error(StatusCode::NOT_IMPLEMENTED, "NotImplemented", &message, context);
        // Where REST services with JSON look for the code.
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static("NotImplemented"));
        return response;
    }
    xml_error(StatusCode::NOT_IMPLEMENTED, "NotImplemented", &message, context)
}

fn xml_error(status: StatusCode, code: &str, message: &str, context: &RequestContext) -> Response<Bytes> {
    let escaped = message.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ErrorResponse><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{escaped}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
        context.request_id
    );
    answer(status, "text/xml", body, context)
}

fn json_error(status: StatusCode, code: &str, message: &str, context: &RequestContext) -> Response<Bytes> {
    let body = serde_json::json!({ "__type": code, "message": message }).to_string();
    answer(status, "application/x-amz-json-1.0", body, context)
}

fn answer(
    status: StatusCode,
    content_type: &'static str,
    body: String,
    context: &RequestContext,
) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(request_id) = HeaderValue::from_str(&context.request_id) {
        response.headers_mut().insert("x-amzn-requestid", request_id);
    }
    response
}
