//! The one request of moto's server that is not AWS's, for suites that were written for it: `POST /moto-api/reset`.
//!
//! It is answered only where it was asked for: the path could be a bucket's.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};

use crate::service::Services;

/// The answer to a request under moto's path; nothing for every other request.
pub(crate) fn answer(services: &Services, request: &Parts) -> Option<Response<Bytes>> {
    let path = request.uri.path().strip_prefix("/moto-api/")?;
    let (status, body) = match (&request.method, path) {
        (&Method::POST, "reset") => {
            services.reset();
            (StatusCode::OK, r#"{"status": "ok"}"#)
        }
        _ => (StatusCode::NOT_IMPLEMENTED, r#"{"status": "only POST /moto-api/reset is implemented"}"#),
    };
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Some(response)
}
