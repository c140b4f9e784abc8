//! One HTTP request in, one response out: which service is asked, by whom, and which engine answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use session_core::Secret;

use crate::clock::Clock;
use crate::context::{AccountId, Body, RegionName, RequestContext};
use crate::identity::{CredentialScope, Identities, Identity, region_of_host};
use crate::lock::locked;
use crate::s3::{FormSignature, SignedFor};
use crate::seed::IdSource;
use crate::signature::{self, ChunkSignatures, CommonError, Flaw, Payload, Place};
use crate::{dynamodb, kms, moto_api, s3, sts};

/// The services that the cloud has engines for, by the name that requests are signed with.
pub(crate) const SERVICES: [&str; 4] = ["dynamodb", "kms", "s3", "sts"];

/// The one that is a service of its own and signs as another: DynamoDB Streams, as boto calls it.
pub(crate) const STREAMS: &str = "dynamodbstreams";

/// Those of them that have resources in boto3.
pub(crate) const RESOURCES: [&str; 2] = ["dynamodb", "s3"];

/// The largest request that DynamoDB reads: 16 MB of batch and some room.
const DYNAMODB_REQUEST_BYTES: usize = 17 << 20;

/// The largest request that STS reads: far more than its longest parameters, tokens and policies, take together.
const STS_REQUEST_BYTES: usize = 1 << 20;

/// The largest request that KMS reads: far more than its longest parameters take together.
const KMS_REQUEST_BYTES: usize = 1 << 20;

/// What requests of S3's own client may be signed for besides S3: S3 Express, Object Lambda, or an outpost.
const OF_S3_S_CLIENT: [&str; 3] = ["s3express", "s3-object-lambda", "s3-outposts"];

/// One engine an account and region.
type Engines<E> = HashMap<(AccountId, RegionName), Arc<Mutex<E>>>;

/// The engines of one cloud and what they share. Both doors lead here.
pub(crate) struct Services {
    clock: Clock,
    strict_signatures: bool,
    ids: Arc<Mutex<IdSource>>,
    identities: Mutex<Identities>,
    s3: Arc<s3::Wire>,
    dynamodb: Mutex<HashMap<AccountId, Arc<Mutex<dynamodb::Account>>>>,
    kms: Mutex<Engines<kms::Engine>>,
    dynamodb_options: dynamodb::EngineOptions,
    /// Whether requests under moto's own path are answered.
    moto_api: AtomicBool,
}

impl Services {
    pub(crate) fn new(
        seed: u64,
        clock: Clock,
        strict_signatures: bool,
        dynamodb_options: dynamodb::EngineOptions,
    ) -> Self {
        let ids = Arc::new(Mutex::new(IdSource::new(seed)));
        let s3 = Arc::new(Mutex::new(s3::Engine::new()));
        Self {
            clock,
            strict_signatures,
            s3: Arc::new(s3::Wire::new(s3, Arc::clone(&ids))),
            ids,
            identities: Mutex::default(),
            dynamodb: Mutex::default(),
            kms: Mutex::default(),
            dynamodb_options,
            moto_api: AtomicBool::new(false),
        }
    }

    /// From now on, the access key belongs to the identity's account.
    pub(crate) fn register(&self, identity: Identity) {
        locked(&self.identities).register(identity);
    }

    /// Buckets, objects, tables, items and KMS's keys go; access keys stay with their accounts, and ids go on as they
    /// were drawn.
    pub(crate) fn reset(&self) {
        self.s3.reset();
        locked(&self.dynamodb).clear();
        locked(&self.kms).clear();
    }

    /// From now on the ports answer moto's request for a reset, too.
    pub(crate) fn open_moto_api(&self) {
        self.moto_api.store(true, Ordering::Relaxed);
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Answers a request. Whatever is wrong with it is an answer too.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        if self.moto_api.load(Ordering::Relaxed)
            && let Some(response) = moto_api::answer(self, &parts)
        {
            return response.map(Body::from);
        }
        name_the_host(&mut parts);
        let scope = CredentialScope::of(&parts);
        let asked = Asked::of(&parts, scope.as_ref());
        let context = self.context(scope.as_ref(), &asked, &parts);
        tracing::debug!(service = asked.name(), method = %parts.method, path = parts.uri.path(), "request");
        match asked {
            Asked::S3 => self.answer_s3(context, scope, parts, body).await,
            Asked::DynamoDb | Asked::Kms
                if context.account_id.is_anonymous() && !self.claims_credentials(&parts) =>
            {
                let code = "com.amazon.coral.service#MissingAuthenticationTokenException";
                let message = "Request is missing Authentication Token";
                json_error(StatusCode::BAD_REQUEST, code, message, &context).map(Body::from)
            }
            Asked::DynamoDb => self.answer_dynamodb(&context, &parts, body).await.map(Body::from),
            Asked::Kms => self.answer_kms(&context, &parts, body).await.map(Body::from),
            Asked::Sts => self.answer_sts(&context, &parts, body).await.map(Body::from),
            Asked::Other(name) => refuse_service(&name, &parts, &context).map(Body::from),
        }
    }

    async fn answer_s3(
        &self,
        mut context: RequestContext,
        scope: Option<CredentialScope>,
        mut parts: Parts,
        body: Body,
    ) -> Response<Body> {
        self.finish_exports(&context);
        // A browser asks beforehand at the URL that it means to use, whose signature is for another method.
        if parts.method == Method::OPTIONS {
            return self.s3.respond(context, Request::from_parts(parts, body)).await;
        }
        let signed_for = scope
            .as_ref()
            .and_then(|scope| scope.region.as_deref())
            .map(|region| SignedFor { region, in_query: !parts.headers.contains_key(AUTHORIZATION) });
        context.region = match self.s3.endpoint_region(&parts.uri, &parts.headers, signed_for) {
            Ok(region) => region,
            Err(error) => return s3::refuse(&context, &Request::from_parts(parts, body), &error),
        };
        if let Some(scope) = scope.as_ref().filter(|scope| scope.service != "s3") {
            let place = if parts.headers.contains_key(AUTHORIZATION) { Place::Header } else { Place::Query };
            let flaw = Flaw::Service { found: scope.service.clone(), place };
            return s3::refuse(&context, &Request::from_parts(parts, body), &flaw.into());
        }
        if s3::is_form(&parts.method, &parts.headers) {
            let (request, region) = (Request::from_parts(parts, body), context.region.clone());
            let identify = |signature: &FormSignature<'_>| self.signer_of(signature, &region);
            // Boxed, as what is rare: the rest need not make room for it.
            return Box::pin(self.s3.post_object(context, request, identify)).await;
        }
        let checked = match self.strict_signatures {
            true => self.verify(&parts, Payload::Declared),
            false => {
                signature::check_claims(&parts, context.now, &context.region, scope.is_some()).map(|()| None)
            }
        };
        match checked {
            Ok(chunks) => {
                chunks.map(|chunks| parts.extensions.insert(chunks));
                self.s3.respond(context, Request::from_parts(parts, body)).await
            }
            Err(flaw) => s3::refuse(&context, &Request::from_parts(parts, body), &flaw.into()),
        }
    }

    /// The account whose key signs a form.
    fn signer_of(&self, signature: &FormSignature<'_>, region: &RegionName) -> Result<AccountId, Flaw> {
        let key = match signature {
            FormSignature::Old(_) if self.strict_signatures => return Err(Flaw::OtherVersion),
            FormSignature::Old(key) => {
                signature::check_old_region(region)?;
                key
            }
            FormSignature::V4(authentication, policy) => {
                if self.strict_signatures {
                    signature::verify_policy(authentication, policy, |key| self.secret_of(key))?;
                }
                authentication.access_key_id.as_str()
            }
        };
        Ok(locked(&self.identities).account_of(key))
    }

    fn secret_of(&self, access_key_id: &str) -> Option<Secret> {
        locked(&self.identities).get(access_key_id).map(|identity| identity.secret_access_key().clone())
    }

    /// Whether a request that names no key says, in a form that could not be read, that it is signed.
    fn claims_credentials(&self, parts: &Parts) -> bool {
        self.strict_signatures && parts.headers.contains_key(AUTHORIZATION)
    }

    fn verify(&self, parts: &Parts, payload: Payload<'_>) -> Result<Option<ChunkSignatures>, Flaw> {
        signature::verify(parts, self.clock.now(), |key| self.secret_of(key), payload)
    }

    /// Verifies a request to a service that signs whole bodies, if signatures matter.
    fn verify_whole(&self, parts: &Parts, body: &[u8]) -> Result<(), Flaw> {
        match self.strict_signatures {
            true => self.verify(parts, Payload::Whole(body)).map(drop),
            false => Ok(()),
        }
    }

    async fn answer_sts(&self, context: &RequestContext, parts: &Parts, body: Body) -> Response<Bytes> {
        let body = match whole(body, STS_REQUEST_BYTES).await {
            Ok(body) => body,
            Err((status, message)) => return xml_error(status, "MalformedInput", message, context),
        };
        match self.verify_whole(parts, &body) {
            Ok(()) => sts::respond(context, parts.uri.query().unwrap_or_default(), &body),
            Err(flaw) => {
                let CommonError { status, code, message } = flaw.for_query();
                xml_error(status, code, &message, context)
            }
        }
    }

    async fn answer_dynamodb(&self, context: &RequestContext, parts: &Parts, body: Body) -> Response<Bytes> {
        let body = match self.json_body(context, parts, body, DYNAMODB_REQUEST_BYTES).await {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        let account = self.dynamodb_account(&context.account_id);
        dynamodb::respond(&account, &self.ids, context, target(parts), &body)
    }

    async fn answer_kms(&self, context: &RequestContext, parts: &Parts, body: Body) -> Response<Bytes> {
        let body = match self.json_body(context, parts, body, KMS_REQUEST_BYTES).await {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        let engine = engine_at(&self.kms, context, || {
            kms::Engine::new(context.partition(), context.region.as_str(), context.account_id.as_str())
        });
        kms::respond(&engine, &self.ids, context, target(parts), &body)
    }

    /// The body of a request to a service that speaks JSON, whose signature is verified if signatures matter.
    async fn json_body(
        &self,
        context: &RequestContext,
        parts: &Parts,
        body: Body,
        limit: usize,
    ) -> Result<Bytes, Response<Bytes>> {
        let body = whole(body, limit).await.map_err(|(status, message)| {
            let code = "com.amazon.coral.service#SerializationException";
            json_error(status, code, message, context)
        })?;
        match self.verify_whole(parts, &body) {
            Ok(()) => Ok(body),
            Err(flaw) => {
                let CommonError { status, code, message } = flaw.for_json();
                Err(json_error(status, &format!("com.amazon.coral.service#{code}"), &message, context))
            }
        }
    }

    /// What DynamoDB has exported by now is there before anybody looks.
    fn finish_exports(&self, context: &RequestContext) {
        // Without a delay, an export is written when it is asked for.
        if self.dynamodb_options.status_delay.is_zero() {
            return;
        }
        let accounts: Vec<_> = locked(&self.dynamodb).values().cloned().collect();
        for account in accounts {
            dynamodb::finish_all_exports(&account, &self.ids, context.now);
        }
    }

    /// What an account has in DynamoDB, made when it is first asked for.
    fn dynamodb_account(&self, id: &AccountId) -> Arc<Mutex<dynamodb::Account>> {
        let mut accounts = locked(&self.dynamodb);
        let account = accounts.entry(id.clone()).or_insert_with(|| {
            let account = dynamodb::Account::new(id.clone(), self.dynamodb_options);
            Arc::new(Mutex::new(account.reaching(Arc::clone(&self.s3) as _)))
        });
        Arc::clone(account)
    }

    fn context(&self, scope: Option<&CredentialScope>, asked: &Asked, parts: &Parts) -> RequestContext {
        let account_id = scope.map_or_else(AccountId::anonymous, |scope| {
            locked(&self.identities).account_of(&scope.access_key_id)
        });
        let host = host_of(parts);
        let signed_for = scope.and_then(|scope| scope.region.as_deref());
        let region = signed_for.or_else(|| region_of_host(host)).unwrap_or(RegionName::DEFAULT);
        let mut ids = locked(&self.ids);
        let request_id = match asked {
            Asked::S3 => ids.alphanumeric(16),
            Asked::Sts => ids.uuid(),
            _ => ids.alphanumeric(52),
        };
        drop(ids);
        RequestContext {
            account_id,
            is_secure: parts.uri.scheme() == Some(&http::uri::Scheme::HTTPS),
            region: RegionName::new(region),
            request_id,
            now: self.clock.now(),
        }
    }
}

/// The engine of the request's account and region, made when it is first asked for.
fn engine_at<E>(
    engines: &Mutex<Engines<E>>,
    context: &RequestContext,
    make: impl FnOnce() -> E,
) -> Arc<Mutex<E>> {
    let place = (context.account_id.clone(), context.region.clone());
    Arc::clone(locked(engines).entry(place).or_insert_with(|| Arc::new(Mutex::new(make()))))
}

fn host_of(parts: &Parts) -> &str {
    parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

/// What a request of a JSON protocol asks for.
fn target(parts: &Parts) -> &str {
    parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The service that a request is for.
enum Asked {
    S3,
    DynamoDb,
    Kms,
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
                "kms" => Self::Kms,
                "sts" => Self::Sts,
                // S3 says itself that its endpoint is not that service's.
                other if !OF_S3_S_CLIENT.contains(&other) && s3::is_endpoint(host_of(parts)) => Self::S3,
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
            Some("TrentService") => Self::Kms,
            Some(other) => Self::Other(other.to_owned()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::S3 => "s3",
            Self::DynamoDb => "dynamodb",
            Self::Kms => "kms",
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
    if OF_S3_S_CLIENT.contains(&name) {
        let escaped = message.replace('&', "&amp;").replace('<', "&lt;");
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NotImplemented</Code>\
             <Message>{escaped}</Message><RequestId>{}</RequestId></Error>",
            context.request_id
        );
        return answer(StatusCode::NOT_IMPLEMENTED, "application/xml", body, context);
    }
    let speaks_xml = content_type.contains("urlencoded")
        || content_type.contains("xml")
        || matches!(name, "route53" | "cloudfront");
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
