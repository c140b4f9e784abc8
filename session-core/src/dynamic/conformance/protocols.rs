//! For the suite of AWS's protocol compliance cases: requests and answers of a model, without a client.

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};

use crate::dynamic::protocol::Wire;
use crate::dynamic::schema::{OperationPlan, Schemas};
use crate::dynamic::{ServiceFault, Value, host_prefix, input};
use crate::error::{Error, ErrorKind};
use crate::model::Model;

/// One model of the suite.
#[derive(Debug)]
pub struct Suite {
    model: &'static Model,
    schemas: Schemas,
    wire: Wire,
}

impl Suite {
    /// The suite over a botocore document (`service-2.json`).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: the document is not one.
    pub fn over(document: &serde_json::Value) -> Result<Self, Error> {
        let frame: &'static [u8] = crate::model::pack::model(document)?.leak();
        let model: &'static Model = Box::leak(Box::new(Model::over(frame)?));
        Ok(Self { model, schemas: Schemas::of(model), wire: Wire::of("test", model.metadata()) })
    }

    fn plan(&self, operation: &str) -> Result<OperationPlan, Error> {
        let index = self.model.find_operation(operation);
        let missing = || Error::new(ErrorKind::InvalidInput, format!("no operation {operation}"));
        Ok(self.schemas.plan(index.ok_or_else(missing)?))
    }

    fn config(&self, operation: &str) -> ConfigBag {
        let mut layer = Layer::new("suite");
        layer.store_put(Metadata::new(operation.to_owned(), "test"));
        self.wire.configure(self.model.metadata(), &mut layer);
        ConfigBag::of_layers(vec![layer])
    }

    /// The request that an input becomes, and the prefix of its host.
    ///
    /// # Errors
    /// Those of a client.
    pub fn request(&self, operation: &str, input: Value) -> Result<(HttpRequest, String), Error> {
        let plan = self.plan(operation)?;
        let config = self.config(operation);
        let failed = |error: String| Error::new(ErrorKind::InvalidInput, error);
        let input = input::prepare(&self.schemas, plan.input, plan.streaming_input, input)?;
        let prefix = host_prefix::of(&plan, &input, &config).map_err(|error| failed(error.to_string()))?;
        let request = self.wire.request(&self.schemas, &plan, &input, &config);
        let request = request.map_err(|error| failed(error.to_string()))?;
        Ok((request, prefix.map(|prefix| prefix.as_str().to_owned()).unwrap_or_default()))
    }

    /// The output that a response carries, its streamed member as a blob.
    ///
    /// # Errors
    /// The response is not as the protocol wants it.
    pub fn output(&self, operation: &str, mut response: HttpResponse) -> Result<Value, Error> {
        let plan = self.plan(operation)?;
        let streamed = plan.streaming_output.map(|stream| {
            let body = std::mem::replace(response.body_mut(), SdkBody::taken());
            (stream.name.to_owned(), Value::Blob(body.bytes().unwrap_or_default().into()))
        });
        let output = self.wire.output(&self.schemas, &plan, &response, &self.config(operation));
        let output =
            output.map_err(|error| Error::new(ErrorKind::Dispatch, format!("{error}: {error:?}")))?;
        match output {
            Value::Map(mut entries) => {
                entries.extend(streamed);
                Ok(Value::Map(entries))
            }
            other => Ok(other),
        }
    }

    /// The fault that a response carries.
    ///
    /// # Errors
    /// There is no such operation.
    pub fn fault(&self, operation: &str, response: &HttpResponse) -> Result<ServiceFault, Error> {
        let plan = self.plan(operation)?;
        Ok(self.wire.fault(&self.schemas, &plan, response, &self.config(operation)))
    }
}
