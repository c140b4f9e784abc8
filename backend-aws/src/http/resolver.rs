//! Names to addresses: the operating system's resolver, or one that the client was given.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::dns::{ResolveDns, ResolveDnsError};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

/// Who finds addresses. The system's resolver is asked on a thread for blocking calls.
#[derive(Clone, Default)]
pub(super) struct Resolver(Option<Arc<dyn ResolveDns>>);

impl Resolver {
    pub(super) fn given(resolver: Arc<dyn ResolveDns>) -> Self {
        Self(Some(resolver))
    }
}

/// A resolver equals itself and no other.
impl PartialEq for Resolver {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(given) => given.fmt(f),
            None => f.write_str("the operating system's"),
        }
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let given = self.0.clone();
        Box::pin(async move {
            let found: Vec<_> = match given {
                // The port is the URL's, and is put in by the caller.
                Some(given) => {
                    let found = given.resolve_dns(name.as_str()).await?;
                    found.into_iter().map(|address| SocketAddr::new(address, 0)).collect()
                }
                None => GaiResolver::new().call(name).await.map_err(ResolveDnsError::new)?.collect(),
            };
            Ok(found.into_iter())
        })
    }
}
