//! S3's REST protocol over the engine: a request in, a response out, whatever happens.
//!
//! [`plain_object`] carries out what is plainly about one object. For all else, [`request`] makes of what a client sent the
//! plain request that `s3s` reads, and remembers in a [`call::Call`] what `s3s` has no place for. The crate's types stop
//! here: each family of operations turns them into the engine's and back. [`response`] writes errors as S3
//! does, and the headers that every answer carries.

mod access;
mod acl;
mod blocked_encryption;
mod body;
mod bucket;
mod call;
mod checksum_element;
mod configuration;
mod copy;
mod cors;
mod delete_object;
mod document;
mod encoded_word;
mod encryption;
mod form;
mod header_names;
mod host;
mod integer_element;
mod lifecycle;
mod listed;
mod listing;
mod multipart_upload;
mod object;
mod object_lock;
mod operations;
mod plain_object;
mod policy;
mod post_object;
mod post_policy;
mod query;
mod read;
mod region;
mod request;
mod requester_pays;
mod response;
mod restore;
mod site;
mod store;
mod subresource;
mod tagging;
mod target;
mod timestamp;
mod unsupported;
mod versioning;
mod website;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};

use plain_object::PlainObject;
use request::Received;

pub(crate) use form::is_form;
pub(crate) use host::is_endpoint;
pub(crate) use post_object::FormSignature;
pub(crate) use region::SignedFor;

use super::engine::{Code, Engine, Error};
use crate::context::{Body, RequestContext};
use crate::lock::locked;
use crate::seed::IdSource;

/// The S3 of the cloud as a door sees it.
pub(crate) struct Wire {
    service: S3Service,
    operations: Operations,
    /// Whether plain requests for an object go past `s3s`.
    has_short_road: bool,
}

impl Wire {
    pub(crate) fn new(engine: Arc<Mutex<Engine>>, ids: Arc<Mutex<IdSource>>) -> Self {
        let operations = Operations { engine, ids };
        let mut builder = S3ServiceBuilder::new(operations.clone());
        builder.set_host(host::Hosts);
        // Without keys of its own `s3s` asks for no decision; no signature gets that far.
        builder.set_auth(SimpleAuth::new());
        builder.set_access(access::Gate::new(operations.clone()));
        Self { service: builder.build(), operations, has_short_road: true }
    }

    /// Every bucket goes, with all that it holds.
    pub(crate) fn reset(&self) {
        *self.operations.engine() = Engine::new();
    }

    /// Answers a request whose signature has been verified, or that needs none. The body may still be aws-chunked.
    ///
    /// # Cancellation
    /// The engine changes in one step once the whole body is there: a dropped future has stored everything or nothing.
    pub(crate) async fn respond(
        &self,
        context: RequestContext,
        request: http::Request<Body>,
    ) -> http::Response<Body> {
        let question = response::Question::of(&request, &context);
        self.operations.advance(context.now);
        if cors::is_preflight(request.method()) {
            return self.preflight(&request, &question);
        }
        let for_pages = self.simple(&request);
        let mut response = match site::is_site(request.headers()) {
            // Boxed, as all that is rare: what a request might have to hold is copied for every one.
            true => Box::pin(self.visit(context, request, &question)).await,
            false => self.answer(context, request, &question).await,
        };
        response.headers_mut().extend(for_pages.unwrap_or_default());
        response
    }

    async fn answer(
        &self,
        context: RequestContext,
        request: http::Request<Body>,
        question: &response::Question,
    ) -> http::Response<Body> {
        let received = match Received::new(request, context) {
            Ok(received) => received,
            Err(error) => return question.refuse(&error),
        };
        let answered = match PlainObject::of(&received.parts).filter(|_| self.has_short_road) {
            Some(plain) => {
                self.operations.carry_out(plain, received).await.map(|response| question.complete(response))
            }
            None => Box::pin(self.ask_s3s(received, question)).await,
        };
        answered.unwrap_or_else(|error| question.refuse(&error))
    }

    async fn ask_s3s(
        &self,
        received: Received,
        question: &response::Question,
    ) -> Result<http::Response<Body>, Error> {
        let (request, call) = request::plain(received).await?;
        let answered = self.service.call(request).await;
        let mut response = answered.map_err(|_| Error::new(Code::InternalError))?;
        if let Some(error) = call.take_refusal() {
            return Err(error);
        }
        requester_pays::tell(&call, response.headers_mut());
        Ok(question.answer(response))
    }
}

/// The answer to a request that is refused before it is read.
pub(crate) fn refuse(
    context: &RequestContext,
    request: &http::Request<Body>,
    error: &Error,
) -> http::Response<Body> {
    response::Question::of(request, context).refuse(error)
}

/// The operations that `s3s` calls: the engine and the source of ids, each behind its lock. Who needs both takes the
/// engine's first.
#[derive(Clone)]
struct Operations {
    engine: Arc<Mutex<Engine>>,
    ids: Arc<Mutex<IdSource>>,
}

impl Operations {
    /// The engine, for as long as one expression needs it and never over an `.await`.
    fn engine(&self) -> MutexGuard<'_, Engine> {
        locked(&self.engine)
    }

    /// Lets lifecycle rules do what has fallen due.
    fn advance(&self, now: SystemTime) {
        let (mut engine, mut ids) = (self.engine(), self.ids());
        engine.advance(now, &mut ids);
    }

    fn ids(&self) -> MutexGuard<'_, IdSource> {
        locked(&self.ids)
    }
}

#[cfg(test)]
mod tests;
