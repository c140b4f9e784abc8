//! Paginators and waiters of a client: its operations, called again and again.

use std::sync::Arc;

use aws_smithy_async::rt::sleep::default_async_sleep;
use futures_util::future::BoxFuture;

use super::call::{Answer, Call};
use super::client::DynamicClient;
use super::operation::Operation;
use super::operation_name::snake_case;
use super::paginator::{Pagination, Paginator};
use super::service::ModeledOperation;
use super::value::Value;
use super::waiter::Waiter;
use crate::catalog::did_you_mean;
use crate::error::{Error, ErrorKind};
use crate::model::ShapeKind;

/// An operation of a client, to be called with one input after the other.
#[derive(Clone, Debug)]
struct Repeated {
    client: DynamicClient,
    operation: &'static ModeledOperation,
}

impl Call for Repeated {
    fn call(&self, input: Value) -> BoxFuture<'_, Result<Answer, Error>> {
        let operation = Operation::new(self.client.clone(), self.operation).input(input);
        Box::pin(async move {
            let output = operation.send().await?;
            Ok(Answer { status: output.status(), value: output.into_value() })
        })
    }
}

/// # Paginators and waiters
impl DynamicClient {
    /// A paginator of an operation, by the model's name (`ListObjectsV2`) or boto3's (`list_objects_v2`).
    ///
    /// ```
    /// # use session_core::{Error, SessionExt};
    /// # use serde_json::json;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let session = backend_mock::MockAws::new().session();
    /// let s3 = session.client("s3").await?;
    /// s3.call("CreateBucket", json!({"Bucket": "films"})).await?;
    /// for key in ["a", "b", "c"] {
    ///     s3.call("PutObject", json!({"Bucket": "films", "Key": key})).await?;
    /// }
    /// let all = s3.paginator("list_objects_v2")?.input(json!({"Bucket": "films"})).page_size(2);
    /// let whole = all.build_full_result().await?;
    /// assert_eq!(whole["Contents"].as_list().map(<[_]>::len), Some(3));
    /// # Ok::<(), Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: the service has no such operation, or it cannot be paged.
    pub fn paginator(&self, operation: &str) -> Result<Paginator, Error> {
        let found = self.service().find_operation(operation)?;
        let name = found.plan.operation.name;
        let Some(pagination) = self.service().paginations()?.find(name) else {
            let message = format!("{name} cannot be paged: the model says nothing of its pages");
            return Err(self.refused(message));
        };
        let call = Repeated { client: self.clone(), operation: found };
        let paginator = Paginator::new(Arc::new(call), Arc::clone(pagination));
        Ok(match self.limit_is_text(found, pagination) {
            true => paginator.limit_is_text(),
            false => paginator,
        })
    }

    fn limit_is_text(&self, operation: &ModeledOperation, pagination: &Pagination) -> bool {
        let member = pagination.limit_key().and_then(|limit| operation.plan.input.member(limit));
        let model = self.service().model;
        member.is_some_and(|member| model.shape(member.target).kind == ShapeKind::String)
    }

    /// Whether an operation can be paged; `false` also where there is no such operation.
    pub fn can_paginate(&self, operation: &str) -> bool {
        self.paginator(operation).is_ok()
    }

    /// A waiter by its name, the model's (`InstanceRunning`) or boto3's (`instance_running`).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: the service has no such waiter; names near misses.
    pub fn waiter(&self, name: &str) -> Result<Waiter, Error> {
        let waiters = self.service().waiters()?;
        let known = waiters.names().find(|known| *known == name || snake_case(known) == name);
        let found = known.and_then(|known| Some((known, waiters.find(known)?)));
        let Some((name, definition)) = found else {
            let shown: String = name.chars().take(80).flat_map(char::escape_debug).collect();
            let near = did_you_mean(name, waiters.names());
            let count = waiters.names().count();
            let message = match (near.is_empty(), count) {
                (_, 0) => format!("{} has no waiters", self.service().name),
                (true, ..=20) => {
                    let all: Vec<&str> = waiters.names().collect();
                    format!("{} has no waiter `{shown}`; it has {}", self.service().name, all.join(", "))
                }
                _ => format!("{} has no waiter `{shown}`{near}", self.service().name),
            };
            return Err(self.refused(message));
        };
        let operation = self.service().find_operation(&definition.operation)?;
        let call = Repeated { client: self.clone(), operation };
        let sleep = self.sleep().or_else(default_async_sleep);
        let sleep = sleep
            .ok_or_else(|| self.refused("the client cannot wait: its session has no sleep".to_owned()))?;
        Ok(Waiter::new(name, Arc::clone(definition), Arc::new(call), sleep))
    }

    /// The names of the service's waiters, in alphabetical order.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: the embedded model is broken, which tests rule out.
    pub fn waiter_names(&self) -> Result<Vec<&'static str>, Error> {
        Ok(self.service().waiters()?.names().collect())
    }

    fn refused(&self, message: String) -> Error {
        Error::new(ErrorKind::InvalidInput, message).with_service(self.service().service_name())
    }
}
