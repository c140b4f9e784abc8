//! S3's REST protocol over the engine: a request in, a response out, whatever happens.
//!
//! [`request`] makes of what a client sent the plain request that `s3s` reads, and remembers in a [`call::Call`] what
//! `s3s` has no place for. The crate's types stop here: each family of operations turns them into the engine's and back.
//! [`response`] writes errors as S3 does, and the headers that every answer carries.

mod body;
mod bucket;
mod call;
mod copy;
mod host;
mod listing;
mod multipart_upload;
mod object;
mod operations;
mod read;
mod request;
mod response;
mod unsupported;

use std::sync::{Arc, Mutex, MutexGuard};

use s3s::service::{S3Service, S3ServiceBuilder};

use super::engine::{Code, Engine, Error};
use crate::context::{Body, RequestContext};
use crate::lock::locked;
use crate::seed::IdSource;

/// The S3 of the cloud as a door sees it.
pub(crate) struct Wire {
    service: S3Service,
    engine: Arc<Mutex<Engine>>,
}

impl Wire {
    pub(crate) fn new(engine: Arc<Mutex<Engine>>, ids: Arc<Mutex<IdSource>>) -> Self {
        let mut builder = S3ServiceBuilder::new(Operations { engine: Arc::clone(&engine), ids });
        builder.set_host(host::Hosts);
        Self { service: builder.build(), engine }
    }

    /// Every bucket goes, with all that it holds.
    pub(crate) fn reset(&self) {
        *locked(&self.engine) = Engine::new();
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
        let (request, call) = match request::plain(request, context).await {
            Ok(plain) => plain,
            Err(error) => return question.refuse(&error),
        };
        match self.service.call(request).await {
            Ok(response) => match call.take_refusal() {
                Some(error) => question.refuse(&error),
                None => question.answer(response),
            },
            Err(_) => question.refuse(&Error::new(Code::InternalError)),
        }
    }
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

    fn ids(&self) -> MutexGuard<'_, IdSource> {
        locked(&self.ids)
    }
}

#[cfg(test)]
mod tests;
