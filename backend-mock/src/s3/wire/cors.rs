//! Cross-origin requests: the preflights that browsers send, and the headers they look for.

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response};

use super::Wire;
use super::response::{Question, insert};
use super::target::Target;
use crate::context::Body;
use crate::s3::engine::configuration::CorsRule;
use crate::s3::engine::{Code, CorsRequest, Error};

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

const VARY: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

impl Wire {
    /// Answers the question that a browser asks before a request.
    pub(super) fn preflight(&self, request: &Request<Body>, question: &Question) -> Response<Body> {
        let target = Target::of(request.uri(), request.headers());
        let headers = request.headers();
        match self.allowed(&target, headers) {
            Ok(headers) => question.answer_with(headers),
            Err(error) => question.refuse(&error),
        }
    }

    fn allowed(&self, target: &Target, headers: &HeaderMap) -> Result<HeaderMap, Error> {
        let bad = |message: String| Error::with_message(Code::BadRequest, message);
        let origin = text(headers, header::ORIGIN)
            .ok_or_else(|| bad("Insufficient information. Origin request header needed.".to_owned()))?;
        let method = text(headers, header::ACCESS_CONTROL_REQUEST_METHOD);
        let engine = self.operations.engine();
        let bucket = target.bucket.as_deref().unwrap_or_default();
        let unasked = |message: &'static str| {
            Error::with_message(Code::AccessForbidden, message)
                .with("Method", method.unwrap_or(Method::OPTIONS.as_str()))
                .with("ResourceType", "BUCKET")
        };
        let configuration = engine
            .cors_of(bucket)
            .ok_or_else(|| unasked("CORSResponse: Bucket not found"))?
            .ok_or_else(|| unasked("CORSResponse: CORS is not enabled for this bucket."))?;
        let method = method.filter(|method| METHODS.contains(method)).ok_or_else(|| {
            bad(format!("Invalid Access-Control-Request-Method: {}", method.unwrap_or("null")))
        })?;
        let wanted = text(headers, header::ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
        if let Some(odd) = wanted.split(',').find(|name| !is_header_name(name.trim())) {
            return Err(bad(format!("Access-Control-Request-Headers \"{odd}\" contains invalid character.")));
        }
        let wanted: Vec<String> = wanted
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase())
            .filter(|name| !name.is_empty())
            .collect();
        let forbidden = |message: &'static str| {
            Error::with_message(Code::AccessForbidden, message)
                .with("Method", method)
                .with("ResourceType", target.resource_type())
        };
        let asked = CorsRequest { origin, method, headers: &wanted };
        let rule = configuration.rule_for(asked).ok_or_else(|| {
            // The misspelling is AWS's.
            forbidden(
                "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, \
                 request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted \
                 by the resource's CORS spec.",
            )
        })?;
        Ok(granted(rule, asked))
    }

    /// The headers that a browser looks for in the answer to a request of a page; none if no rule allows it.
    pub(super) fn simple(&self, request: &Request<Body>) -> Option<HeaderMap> {
        let origin = text(request.headers(), header::ORIGIN)?;
        let bucket = Target::of(request.uri(), request.headers()).bucket?;
        let engine = self.operations.engine();
        let configuration = engine.cors_of(&bucket)??;
        let method = text(request.headers(), header::ACCESS_CONTROL_REQUEST_METHOD);
        let method = method.unwrap_or(request.method().as_str());
        let asked = CorsRequest { origin, method, headers: &[] };
        configuration.rule_for(asked).map(|rule| granted(rule, asked))
    }
}

pub(super) fn is_preflight(method: &Method) -> bool {
    *method == Method::OPTIONS
}

/// Whether a header may be called so, if it is called anything.
fn is_header_name(name: &str) -> bool {
    name.is_empty() || HeaderName::from_bytes(name.as_bytes()).is_ok()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty())
}

fn granted(rule: &CorsRule, asked: CorsRequest<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if rule.allows_any_origin(asked.origin) {
        insert(&mut headers, "access-control-allow-origin", "*");
    } else {
        insert(&mut headers, "access-control-allow-origin", asked.origin);
        insert(&mut headers, "access-control-allow-credentials", "true");
    }
    insert(&mut headers, "access-control-allow-methods", &rule.allowed_methods.join(", "));
    if !asked.headers.is_empty() {
        insert(&mut headers, "access-control-allow-headers", &asked.headers.join(", "));
    }
    if !rule.expose_headers.is_empty() {
        insert(&mut headers, "access-control-expose-headers", &rule.expose_headers.join(", "));
    }
    if let Some(seconds) = rule.max_age_seconds {
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds));
    }
    insert(&mut headers, "vary", VARY);
    headers
}
