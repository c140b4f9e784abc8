//! Customizations: where a service wants or answers something else than its model says.
//!
//! Most are steps of an operation: of its input, before it is checked; of its request, when it has been written; of its
//! response, before it is read; of the output or the fault that came of it. [`TABLE`] says which operation has which; an
//! operation looks its own up once. What needs another request, or the client itself, has a file here as well and is
//! called by name: presigned copies, hashes of archives, redirects to a bucket's region, sessions of directory buckets,
//! endpoints that a service tells.
//!
//! # Source
//! botocore's built-in handlers; `customization.md` has all of them, and what becomes of each.

pub(super) mod archive_hash;
pub(super) mod bearer_token;
mod bucket_endpoint;
mod bucket_name;
mod copy_source;
pub(super) mod cross_region_copy;
mod customer_key;
pub(super) mod endpoint_discovery;
mod expires;
mod glacier;
mod json_text;
mod listed_key;
pub(super) mod name_alias;
mod object_metadata;
mod outpost_account;
mod parameter_alias;
mod percent;
pub(super) mod region_redirect;
mod request_form;
mod route53_id;
pub(super) mod s3_express;
mod sso_error;
mod user_data;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::config_bag::ConfigBag;

use super::error::ServiceFault;
use super::schema::{OperationPlan, Schemas};
use super::value::Value;
use crate::error::{Error, ErrorKind};

/// The operation that a step is a step of.
#[derive(Clone, Copy)]
pub(super) struct Customized<'a> {
    pub(super) schemas: &'a Schemas,
    pub(super) plan: &'a OperationPlan,
}

/// What is done differently, and when.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Before the input is checked: it may have forms that the model does not know.
    Input(fn(Customized<'_>, &mut Value) -> Result<(), Error>),
    /// When the request has been written, without endpoint and signature.
    Request(fn(Customized<'_>, &Value, &mut HttpRequest, &mut ConfigBag) -> Result<(), BoxError>),
    /// Before an output is read: the response to read instead, without its body.
    Response(fn(&HttpResponse) -> Option<HttpResponse>),
    /// When an output has been read.
    Output(fn(Customized<'_>, &HttpResponse, &ConfigBag, &mut Value)),
    /// When a fault has been read.
    Fault(fn(&mut ServiceFault)),
}

/// The steps of one operation.
pub(super) type Steps = &'static [Step];

/// A service by boto's name, its operations (none named: all of them), and a step of theirs.
type Row = (&'static str, &'static [&'static str], Step);

const TABLE: &[Row] = &[
    ("apigateway", &[], Step::Request(request_form::accept_json)),
    ("autoscaling", &["CreateLaunchConfiguration"], Step::Input(user_data::encode)),
    ("cloudformation", &["GetTemplate"], Step::Output(json_text::read_template)),
    ("cloudsearchdomain", &["Search"], Step::Input(parameter_alias::rename)),
    ("cloudsearchdomain", &["Search"], Step::Request(request_form::post)),
    ("ec2", &[], Step::Input(parameter_alias::rename)),
    ("ec2", &["RunInstances"], Step::Input(user_data::encode)),
    ("ec2", &["GetConsoleOutput"], Step::Output(user_data::decode_console)),
    ("glacier", &[], Step::Input(glacier::fill_account)),
    ("glacier", &[], Step::Request(glacier::add_version)),
    ("iam", &[], Step::Output(json_text::read_policies)),
    ("logs", &["CreateExportTask"], Step::Input(parameter_alias::rename)),
    ("machinelearning", &["Predict"], Step::Request(request_form::to_predict_endpoint)),
    ("route53", &[], Step::Input(route53_id::shorten)),
    ("s3", &[], Step::Input(bucket_name::check)),
    ("s3", &[], Step::Request(bucket_endpoint::choose_style)),
    ("s3", &["CopyObject", "UploadPartCopy"], Step::Input(copy_source::quote)),
    ("s3", &["CopyObject", "PutObject", "CreateMultipartUpload"], Step::Input(object_metadata::check)),
    ("s3", customer_key::OPERATIONS, Step::Input(customer_key::encode)),
    ("s3", &["CopyObject", "UploadPartCopy"], Step::Input(customer_key::encode_of_source)),
    ("s3", listed_key::OPERATIONS, Step::Request(listed_key::ask_encoded)),
    ("s3", listed_key::OPERATIONS, Step::Output(listed_key::decode)),
    ("s3", &["GetObject", "HeadObject"], Step::Response(expires::leave_out_broken)),
    ("s3", &["GetObject", "HeadObject"], Step::Output(expires::add_text)),
    ("s3control", &[], Step::Input(outpost_account::fill)),
    ("sso-oidc", &[], Step::Fault(sso_error::describe)),
];

/// The steps of an operation. They are kept as long as the process lives, as its plan is.
pub(super) fn steps(service: &str, plan: &OperationPlan) -> Steps {
    let operation = plan.operation.name;
    let is_meant = |row: &&Row| row.0 == service && (row.1.is_empty() || row.1.contains(&operation));
    let mut steps: Vec<Step> = TABLE.iter().filter(is_meant).map(|row| row.2).collect();
    if plan.traits["endpointoperation"] == true {
        steps.push(Step::Request(request_form::add_api_version));
    }
    steps.leak()
}

impl<'a> Customized<'a> {
    /// Takes the steps of the input. An input that is no map is left to the check.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] tells what a step cannot make sense of.
    pub(super) fn prepare(self, steps: Steps, input: &mut Value) -> Result<(), Error> {
        if steps.is_empty() {
            return Ok(());
        }
        if input.is_null() {
            *input = Value::Map(Vec::new());
        }
        for step in steps {
            if let (Step::Input(step), Value::Map(_)) = (step, &*input) {
                step(self, input)?;
            }
        }
        Ok(())
    }

    /// Takes the steps of the request.
    pub(super) fn write(
        self,
        steps: Steps,
        input: &Value,
        request: &mut HttpRequest,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        for step in steps {
            if let Step::Request(step) = step {
                step(self, input, request, config)?;
            }
        }
        Ok(())
    }

    /// Takes the steps of the output.
    pub(super) fn read(self, steps: Steps, response: &HttpResponse, config: &ConfigBag, output: &mut Value) {
        for step in steps {
            if let Step::Output(step) = step {
                step(self, response, config, output);
            }
        }
    }
}

/// The response to read instead, if a step says so.
pub(super) fn readable(steps: Steps, response: &HttpResponse) -> Option<HttpResponse> {
    steps.iter().find_map(|step| match step {
        Step::Response(step) => step(response),
        _ => None,
    })
}

/// Takes the steps of the fault.
pub(super) fn explain(steps: Steps, fault: &mut ServiceFault) {
    for step in steps {
        if let Step::Fault(step) = step {
            step(fault);
        }
    }
}

/// A text of the input's; `None` where there is none, and where it is something else.
fn text_of<'v>(input: &'v Value, member: &str) -> Option<&'v str> {
    input.get(member).and_then(Value::as_str)
}

fn refuse(message: String) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::super::service::ModeledService;
    use super::*;
    use crate::service::ServiceName;

    #[test]
    fn every_row_is_of_operations_that_the_models_have() {
        for (service, operations, _) in TABLE {
            let service = ModeledService::find(&ServiceName::from_static(service)).unwrap();
            for operation in *operations {
                service.find_operation(operation).unwrap();
            }
        }
    }

    /// The names in the first column of the page's tables.
    fn handlers_of_the_page() -> Vec<&'static str> {
        let rows = include_str!("customization.md").lines().filter(|line| line.starts_with("| `"));
        rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect()
    }

    #[test]
    fn the_page_has_each_handler_once() {
        let mut names = handlers_of_the_page();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(all > 70, "{all}");
    }
}
