//! The wire from outside: exact requests in, exact answers out.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, StreamBody};
use md5::Digest as _;

use super::*;
use crate::context::{AccountId, RegionName};

mod access;
mod bucket_namespaces;
mod buckets;
mod conditions;
mod configurations;
mod copies;
mod cors;
mod digests;
mod encryption;
mod forms;
mod lifecycle;
mod listings;
mod multipart_uploads;
mod object_lock;
mod objects;
mod queries;
mod refusals;
mod requester_pays;
mod restores;
mod short_road;
mod sites;
mod tagging;
mod versions;

const OTHER_ACCOUNT: &str = "999999999999";
const HELLO_MD5: &str = "XrY7u+Ae7tCTyyK7j1rNww==";
const HELLO_ETAG: &str = "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"";

/// A cloud of its own for every test, at one moment of one day.
struct World {
    wire: Arc<Wire>,
    region: &'static str,
    account: &'static str,
    now: SystemTime,
}

impl World {
    fn new() -> Self {
        let wire = Wire::new(Arc::default(), Arc::new(Mutex::new(IdSource::new(7))));
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        Self { wire: Arc::new(wire), region: "us-east-1", account: AccountId::DEFAULT, now }
    }

    /// The same cloud once more, where every request goes through `s3s`.
    fn by_the_long_road(&self) -> Self {
        let Operations { engine, ids } = &self.wire.operations;
        let copied =
            (Arc::new(Mutex::new(locked(engine).clone())), Arc::new(Mutex::new(locked(ids).clone())));
        let wire = Wire { has_short_road: false, ..Wire::new(copied.0, copied.1) };
        Self { wire: Arc::new(wire), ..*self }
    }

    /// All that there is.
    fn state(&self) -> String {
        format!("{:?} {:?}", *self.wire.operations.engine(), *self.wire.operations.ids())
    }

    async fn with_bucket() -> Self {
        let world = Self::new();
        assert_eq!(world.ask("PUT /films", "").await.status, 200);
        world
    }

    fn context(&self) -> RequestContext {
        RequestContext {
            account_id: AccountId::parse(self.account).unwrap_or_else(AccountId::anonymous),
            is_secure: false,
            region: RegionName::new(self.region),
            request_id: "4442587FB7D0A2F9".into(),
            now: self.now,
        }
    }

    /// Sends `METHOD target`, headers a line each, and a body; as clients do, with a digest of a document that needs one,
    /// and by both roads, which lead to the same.
    async fn ask(&self, head: &str, body: impl Into<Bytes>) -> Answer {
        let body = body.into();
        let mut request = request_of(head);
        if wants_digest(&request) {
            let digest = BASE64_STANDARD.encode(md5::Md5::digest(&body));
            request.headers_mut().insert("content-md5", digest.parse().unwrap());
        }
        self.ask_plainly(request, body).await
    }

    /// Sends a request as it is, but for the length of its body.
    async fn ask_plainly(&self, mut request: Request<()>, body: Bytes) -> Answer {
        let sized = request.headers().contains_key("content-length") || body.is_empty();
        if !sized {
            request.headers_mut().insert("content-length", body.len().into());
        }
        let head = format!("{} {}", request.method(), request.uri());
        let whole = || Body::http_body(http_body_util::Full::new(body.clone()));
        let long = self.by_the_long_road();
        let by_the_long_road = long.send(request.clone().map(|()| whole())).await;
        let answer = self.send(request.map(|()| whole())).await;
        assert_eq!(answer, by_the_long_road, "{head}");
        assert_eq!(self.state(), long.state(), "{head}");
        answer
    }

    /// Sends a request whose body comes in these frames.
    async fn ask_in_frames(&self, head: &str, frames: Vec<Bytes>) -> Answer {
        let frames = frames.into_iter().map(|frame| Ok::<_, std::io::Error>(http_body::Frame::data(frame)));
        let body = StreamBody::new(futures_util::stream::iter(frames.collect::<Vec<_>>()));
        self.send(request_of(head).map(|()| Body::http_body(body))).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.wire.respond(self.context(), request).await).await
    }
}

/// Whether a request puts a document that S3 takes only with a digest, and has none.
fn wants_digest(request: &Request<()>) -> bool {
    let of_bucket = request.uri().path().trim_matches('/').split('/').count() == 1;
    let wanted: &[&str] =
        if of_bucket { &["cors", "lifecycle", "object-lock", "tagging"] } else { &["legal-hold"] };
    let mut named = request.uri().query().unwrap_or_default().split('&');
    let vouched =
        |name: &http::HeaderName| name == "content-md5" || name.as_str().starts_with("x-amz-checksum-");
    request.method() == http::Method::PUT
        && named.any(|name| wanted.contains(&name))
        && !request.headers().keys().any(vouched)
}

fn request_of(head: &str) -> Request<()> {
    let mut lines = head.lines();
    let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(target);
    for line in lines {
        let (name, value) = line.trim().split_once(": ").unwrap();
        request = request.header(name, value);
    }
    request.body(()).unwrap()
}

#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: String,
    declared: Option<u64>,
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let declared = http_body::Body::size_hint(&body).exact();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
            declared,
        }
    }

    #[track_caller]
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The text of the first element of that name.
    fn element(&self, name: &str) -> &str {
        let text = self.body.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
        text.and_then(|rest| rest.split_once("</")).map_or("", |(text, _)| text)
    }

    fn elements(&self, name: &str) -> Vec<&str> {
        let open = format!("<{name}>");
        self.body
            .split(&open)
            .skip(1)
            .filter_map(|rest| rest.split_once("</"))
            .map(|(text, _)| text)
            .collect()
    }

    /// The status and the code of a refusal.
    fn refusal(&self) -> (u16, &str) {
        (self.status, self.element("Code"))
    }
}

/// The headers of an answer as text, without the ids, the date and the server that every answer has.
fn telling(answer: &Answer) -> Vec<String> {
    let every = ["x-amz-id-2", "x-amz-request-id", "date", "server"];
    let headers = answer.headers.iter().filter(|(name, _)| !every.contains(&name.as_str()));
    headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
}
