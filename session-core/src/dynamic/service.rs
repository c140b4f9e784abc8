//! One service as clients of it share it: its model, its schemas and what each of its operations needs, made once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{SharedRuntimePlugin, StaticRuntimePlugin};

use super::customization::{self, Steps, name_alias};
use super::operation_name::snake_case;
use super::orchestration::operation_layer;
use super::paginator::Paginations;
use super::protocol::Wire;
use super::schema::{OperationPlan, Schemas};
use super::waiter::Definitions;
use crate::catalog::did_you_mean;
use crate::error::{Error, ErrorKind};
use crate::model::{self, Model};
use crate::service::ServiceName;

/// Services that a client was opened for. They are kept as long as the process lives, like their models.
static SERVICES: Mutex<Vec<&'static ModeledService>> = Mutex::new(Vec::new());

/// A service with its model.
pub(crate) struct ModeledService {
    /// boto's name.
    pub(crate) name: &'static str,
    /// The name in the user agent: the service's id in small letters.
    pub(crate) user_agent_name: &'static str,
    pub(crate) model: &'static Model,
    pub(crate) schemas: Schemas,
    pub(crate) wire: Wire,
    operations: Box<[OnceLock<ModeledOperation>]>,
    by_snake_case: OnceLock<HashMap<String, usize>>,
    paginations: OnceLock<Result<Paginations, String>>,
    waiters: OnceLock<Result<Definitions, String>>,
}

/// An operation, ready to be called by any client of its service.
#[derive(Debug)]
pub(crate) struct ModeledOperation {
    pub(crate) plan: &'static OperationPlan,
    pub(crate) plugin: SharedRuntimePlugin,
    /// What is done differently from the model.
    pub(super) steps: Steps,
}

impl ModeledService {
    /// The service of that name.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownService`]: there is no model of it; names near misses.
    pub(crate) fn find(name: &ServiceName) -> Result<&'static Self, Error> {
        let mut services = SERVICES.lock().unwrap_or_else(PoisonError::into_inner);
        // Few services are used by one program.
        if let Some(known) = services.iter().find(|known| known.name == name.as_str()) {
            return Ok(known);
        }
        let Some(model) = model::find(name.as_str())? else {
            let mut message = format!("there is no model of a service `{name}`");
            message.push_str(&did_you_mean(name.as_str(), model::names()));
            return Err(Error::new(ErrorKind::UnknownService, message).with_service(name.clone()));
        };
        let name: &'static str = String::leak(name.as_str().to_owned());
        let service = Self::over(name, model);
        services.push(service);
        Ok(service)
    }

    /// A service over a model of any origin.
    pub(crate) fn over(name: &'static str, model: &'static Model) -> &'static Self {
        let user_agent_name = model.metadata().service_id.replace(' ', "").to_lowercase();
        Box::leak(Box::new(Self {
            name,
            user_agent_name: String::leak(user_agent_name),
            model,
            schemas: Schemas::of(model),
            wire: Wire::of(name, model.metadata()),
            operations: (0..model.operation_count()).map(|_| OnceLock::new()).collect(),
            by_snake_case: OnceLock::new(),
            paginations: OnceLock::new(),
            waiters: OnceLock::new(),
        }))
    }

    /// The operation of that number.
    pub(crate) fn operation(&'static self, index: usize) -> Option<&'static ModeledOperation> {
        let operation = self.operations.get(index)?;
        Some(operation.get_or_init(|| {
            let plan: &'static OperationPlan = Box::leak(Box::new(self.schemas.plan(index)));
            let steps = customization::steps(self.name, plan);
            let layer = operation_layer(self, plan, steps);
            let mut components = RuntimeComponentsBuilder::new("ModeledOperation");
            components.extend_interceptors(plan.interceptors());
            let plugin =
                StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components);
            ModeledOperation { plan, plugin: SharedRuntimePlugin::new(plugin), steps }
        }))
    }

    /// The operation of that name, in the model's letters or in snake case.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: there is none; names near misses.
    pub(crate) fn find_operation(&'static self, name: &str) -> Result<&'static ModeledOperation, Error> {
        let by_snake_case =
            || self.snake_case_names().get(name_alias::of_operation(self.name, name)).copied();
        let index = self.model.find_operation(name).or_else(by_snake_case);
        index.and_then(|index| self.operation(index)).ok_or_else(|| {
            let near = match name.contains('_') || name.chars().all(|letter| letter.is_lowercase()) {
                true => did_you_mean(name, self.snake_case_names().keys().map(String::as_str)),
                false => did_you_mean(name, self.model.operation_names()),
            };
            let shown: String = name.chars().take(80).flat_map(char::escape_debug).collect();
            let message = format!("{} has no operation `{shown}`{near}", self.name);
            Error::new(ErrorKind::InvalidInput, message).with_service(self.service_name())
        })
    }

    fn snake_case_names(&self) -> &HashMap<String, usize> {
        self.by_snake_case.get_or_init(|| {
            let names = self.model.operation_names().enumerate();
            names.map(|(index, name)| (snake_case(name), index)).collect()
        })
    }

    /// How operations are paged, read when it is first asked for.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: the embedded model is broken.
    pub(crate) fn paginations(&'static self) -> Result<&'static Paginations, Error> {
        let read = || Paginations::parse(self.extras()).map_err(|error| error.to_string());
        self.paginations.get_or_init(read).as_ref().map_err(|broken| self.broken(broken))
    }

    /// What can be waited for, read when it is first asked for.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: the embedded model is broken.
    pub(crate) fn waiters(&'static self) -> Result<&'static Definitions, Error> {
        let read = || Definitions::parse(self.extras()).map_err(|error| error.to_string());
        self.waiters.get_or_init(read).as_ref().map_err(|broken| self.broken(broken))
    }

    fn extras(&self) -> &'static str {
        model::extras(self.name).unwrap_or("{}")
    }

    fn broken(&self, told: &str) -> Error {
        Error::new(ErrorKind::InvalidConfig, told.to_owned()).with_service(self.service_name())
    }

    pub(crate) fn service_name(&self) -> ServiceName {
        ServiceName::new(self.name).unwrap_or(ServiceName::from_static("unknown"))
    }
}

impl fmt::Debug for ModeledService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ModeledService").field(&self.name).finish()
    }
}
