//! A bucket as a website, at the endpoints made for it: documents for browsers, redirects, and errors to be read.
//!
//! Nobody signs here: everything is asked for by nobody, and what a browser gets is up to the bucket's access control.

use std::fmt::Write as _;

use http::header::{self, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};

use super::request::decoded;
use super::response::{Question, element, escape, insert};
use super::target::{Target, host_of};
use super::{Wire, host};
use crate::context::{AccountId, Body, RegionName, RequestContext};
use crate::identity::region_of_host;
use crate::s3::engine::configuration::Website;
use crate::s3::engine::configuration::website::{Protocol, RoutingRule};
use crate::s3::engine::{Code, Error};
use crate::signature::encode_path;

/// Where an object sends those who ask for it at a website.
pub(super) const REDIRECT_LOCATION: &str = "x-amz-website-redirect-location";

/// The longest that such a place may be.
const MAX_LOCATION_BYTES: usize = 2048;

/// Whether a request is to a website.
pub(super) fn is_site(headers: &HeaderMap) -> bool {
    host::is_website(host_of(headers))
}

/// Checks where a new object is to send its readers.
///
/// # Errors
/// `InvalidRedirectLocation`.
pub(super) fn check_redirect_location(headers: &HeaderMap) -> Result<(), Error> {
    let Some(location) = headers.get(REDIRECT_LOCATION) else { return Ok(()) };
    let location = location.to_str().unwrap_or_default();
    if !["/", "http://", "https://"].iter().any(|start| location.starts_with(start)) {
        return Err(Error::new(Code::InvalidRedirectLocation));
    }
    match location.len() {
        0..=MAX_LOCATION_BYTES => Ok(()),
        _ => Err(Error::with_message(
            Code::InvalidRedirectLocation,
            "The length of website redirect location cannot exceed 2,048 characters.",
        )),
    }
}

/// A request on its way through a website.
struct Visit<'r> {
    wire: &'r Wire,
    context: RequestContext,
    question: &'r Question,
    method: Method,
    /// As it came, for redirects.
    host: String,
    target: String,
    headers: HeaderMap,
    bucket: String,
    key: String,
}

/// What was found for a key.
enum Found {
    Document(Response<Body>),
    Refused(Refusal),
}

/// An error as a page tells it.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    code: String,
    message: String,
    details: Vec<(String, String)>,
}

impl Wire {
    /// Answers a browser.
    pub(super) async fn visit(
        &self,
        mut context: RequestContext,
        request: Request<Body>,
        question: &Question,
    ) -> Response<Body> {
        let bucket = Target::of(request.uri(), request.headers()).bucket.unwrap_or_default().into_owned();
        context.account_id = AccountId::anonymous();
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let key = decoded(request.uri().path()).map(|path| path.trim_start_matches('/').to_owned());
        let mut visit = Visit {
            wire: self,
            context,
            question,
            method: request.method().clone(),
            host: host_of(request.headers()).to_owned(),
            target,
            headers: request.headers().clone(),
            bucket,
            key: key.unwrap_or_default(),
        };
        match visit.website() {
            Ok(website) => visit.answer(&website).await,
            Err(error) => visit.page(&Refusal::of(&error), None),
        }
    }
}

impl Visit<'_> {
    /// What the bucket says of itself as a website.
    fn website(&mut self) -> Result<Website, Error> {
        if !matches!(self.method, Method::GET | Method::HEAD) {
            return Err(Error::method_not_allowed(self.method.as_str(), "OBJECT"));
        }
        let engine = self.wire.operations.engine();
        let region = engine.bucket_region(&self.bucket).ok_or_else(|| Error::no_such_bucket(&self.bucket))?;
        if region_of_host(&self.host).is_some_and(|endpoint| endpoint != region.as_str()) {
            return Err(incorrect_endpoint(&self.bucket, region));
        }
        self.context.region = region.clone();
        engine
            .website_of(&self.bucket)
            .cloned()
            .ok_or_else(|| Error::new(Code::NoSuchWebsiteConfiguration).with("BucketName", &self.bucket))
    }

    async fn answer(&self, website: &Website) -> Response<Body> {
        let (index_suffix, error_key, rules) = match website {
            Website::RedirectAll { host_name, protocol } => {
                let protocol = protocol.unwrap_or(Protocol::Http).as_str();
                let location = format!("{protocol}://{host_name}{}", self.target);
                return self.redirect(StatusCode::MOVED_PERMANENTLY, &location);
            }
            Website::Documents { index_suffix, error_key, routing_rules } => {
                (index_suffix, error_key, routing_rules)
            }
        };
        if let Some(rule) = self.rule_for(rules, None) {
            return self.follow(rule);
        }
        let is_folder = self.key.is_empty() || self.key.ends_with('/');
        let key = if is_folder { format!("{}{index_suffix}", self.key) } else { self.key.clone() };
        let refusal = match self.read(&key, &self.headers).await {
            Found::Document(response) => return self.document(response),
            Found::Refused(refusal) => refusal,
        };
        if !is_folder && refusal.status.is_client_error() {
            let index = format!("{}/{index_suffix}", self.key);
            if let Found::Document(_) = self.read(&index, &HeaderMap::new()).await {
                let response = self.redirect(StatusCode::FOUND, &format!("/{}/", encode_path(&self.key)));
                return with_error(response, "Found", "Resource Found");
            }
        }
        if let Some(rule) = self.rule_for(rules, Some(refusal.status)) {
            return self.follow(rule);
        }
        self.error_document(&refusal, error_key.as_deref()).await
    }

    /// Asks for an object as nobody.
    async fn read(&self, key: &str, headers: &HeaderMap) -> Found {
        let mut request = Request::new(Body::empty());
        for name in [
            header::RANGE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            header::IF_MODIFIED_SINCE,
            header::IF_UNMODIFIED_SINCE,
        ] {
            request.headers_mut().extend(headers.get(&name).map(|value| (name, value.clone())));
        }
        request.headers_mut().insert(header::HOST, HeaderValue::from_static("s3.amazonaws.com"));
        match format!("/{}/{}", self.bucket, encode_path(key)).parse() {
            Ok(uri) => *request.uri_mut() = uri,
            Err(_) => return Found::Refused(Refusal::of(&Error::new(Code::InvalidURI))),
        }
        let response = self.wire.answer(self.context.clone(), request, &self.question.as_get()).await;
        match response.status().is_client_error() || response.status().is_server_error() {
            true => Found::Refused(Refusal::read(&response)),
            false => Found::Document(response),
        }
    }

    fn document(&self, response: Response<Body>) -> Response<Body> {
        let location = response.headers().get(REDIRECT_LOCATION).and_then(|location| location.to_str().ok());
        if let Some(location) = location {
            return self.redirect(StatusCode::MOVED_PERMANENTLY, location);
        }
        if self.method == Method::HEAD { response.map(|_| Body::empty()) } else { response }
    }

    /// The first rule whose condition is met, by the key alone or with the status of an error.
    fn rule_for<'w>(&self, rules: &'w [RoutingRule], status: Option<StatusCode>) -> Option<&'w RoutingRule> {
        rules.iter().find(|rule| {
            let prefix = rule.key_prefix_equals.as_deref().unwrap_or_default();
            let wanted = rule.http_error_code_returned_equals;
            self.key.starts_with(prefix) && wanted == status.map(|status| status.as_u16())
        })
    }

    fn follow(&self, rule: &RoutingRule) -> Response<Body> {
        let redirect = &rule.redirect;
        let prefix = rule.key_prefix_equals.as_deref().unwrap_or_default();
        let key = match (&redirect.replace_key_with, &redirect.replace_key_prefix_with) {
            (Some(key), _) => key.clone(),
            (None, Some(replacement)) => {
                format!("{replacement}{}", self.key.strip_prefix(prefix).unwrap_or(&self.key))
            }
            (None, None) => self.key.clone(),
        };
        let protocol = redirect.protocol.unwrap_or(Protocol::Http).as_str();
        let host = redirect.host_name.as_deref().unwrap_or(&self.host);
        let status = redirect.http_redirect_code.and_then(|code| StatusCode::from_u16(code).ok());
        let location = format!("{protocol}://{host}/{}", encode_path(&key));
        self.redirect(status.unwrap_or(StatusCode::MOVED_PERMANENTLY), &location)
    }

    fn redirect(&self, status: StatusCode, location: &str) -> Response<Body> {
        let mut headers = HeaderMap::new();
        insert(&mut headers, "location", location);
        self.question.finish(status, headers, Body::empty())
    }

    /// The bucket's own page for an error, with the status of the error; S3's page if it cannot be had.
    async fn error_document(&self, refusal: &Refusal, key: Option<&str>) -> Response<Body> {
        let Some(key) = key.filter(|_| refusal.status.is_client_error()) else {
            return self.page(refusal, None);
        };
        match self.read(key, &HeaderMap::new()).await {
            Found::Refused(second) => self.page(refusal, Some(&second)),
            Found::Document(response) => {
                let mut response = with_error(self.document(response), &refusal.code, &refusal.message);
                if !response.status().is_redirection() {
                    *response.status_mut() = refusal.status;
                }
                response
            }
        }
    }

    fn page(&self, refusal: &Refusal, second: Option<&Refusal>) -> Response<Body> {
        let status = refusal.status;
        let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
        let (request_id, host_id) = self.question.ids();
        let mut page =
            format!("<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<ul>\n");
        // Writing to a String cannot fail.
        let _ = write!(page, "{}", refusal.items());
        let _ = writeln!(page, "<li>RequestId: {request_id}</li>\n<li>HostId: {host_id}</li>\n</ul>");
        if let Some(second) = second {
            let _ = writeln!(
                page,
                "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n{}</ul>",
                second.items()
            );
        }
        page.push_str("<hr/>\n</body>\n</html>\n");
        let mut headers = HeaderMap::new();
        insert(&mut headers, "content-type", "text/html; charset=utf-8");
        let body = if self.method == Method::HEAD { Body::empty() } else { Body::from(page) };
        with_error(self.question.finish(status, headers, body), &refusal.code, &refusal.message)
    }
}

fn with_error(mut response: Response<Body>, code: &str, message: &str) -> Response<Body> {
    insert(response.headers_mut(), "x-amz-error-code", code);
    insert(response.headers_mut(), "x-amz-error-message", message);
    response
}

fn incorrect_endpoint(bucket: &str, region: &RegionName) -> Error {
    Error::new(Code::IncorrectEndpoint)
        .with("Endpoint", format_args!("{bucket}.s3-website-{region}.amazonaws.com"))
        .in_region(region)
}

impl Refusal {
    fn of(error: &Error) -> Self {
        let details = error.details().iter().map(|(name, text)| ((*name).to_owned(), text.clone()));
        Self {
            status: StatusCode::from_u16(error.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: error.code().as_str().to_owned(),
            message: error.message().to_owned(),
            details: details.collect(),
        }
    }

    /// Reads back what was refused.
    fn read(response: &Response<Body>) -> Self {
        let xml = response.body().bytes().unwrap_or_default();
        let xml = String::from_utf8_lossy(&xml);
        let text = |name: &str| element(&xml, name).map(unescape);
        let details = ["Key", "BucketName", "Condition", "RangeRequested", "ActualObjectSize"];
        Self {
            status: response.status(),
            code: text("Code").unwrap_or_default(),
            message: text("Message").unwrap_or_default(),
            details: details.iter().filter_map(|name| Some(((*name).to_owned(), text(name)?))).collect(),
        }
    }

    fn items(&self) -> String {
        let given = [("Code", &self.code), ("Message", &self.message)].into_iter();
        let details = self.details.iter().map(|(name, text)| (name.as_str(), text));
        given.chain(details).map(|(name, text)| format!("<li>{name}: {}</li>\n", escape(text))).collect()
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&#13;", "\r").replace("&amp;", "&")
}
