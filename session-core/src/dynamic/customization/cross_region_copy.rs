//! Copies across regions: RDS, Neptune, DocumentDB and EC2 fetch the source by a request that is presigned for its region.

use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;

use super::super::client::DynamicClient;
use super::super::operation::Operation;
use super::super::service::ModeledOperation;
use super::{Value, text_of};
use crate::error::Error;

const SOURCE: &str = "SourceRegion";
const DESTINATION: &str = "DestinationRegion";

/// boto3's, which is an hour.
const EXPIRES_IN: Duration = Duration::from_secs(3600);

/// How an operation calls its presigned URL.
fn url_member(service: &str, operation: &str) -> Option<&'static str> {
    match (service, operation) {
        ("ec2", "CopySnapshot") => Some("PresignedUrl"),
        (
            "rds",
            "CopyDBSnapshot" | "CreateDBInstanceReadReplica" | "StartDBInstanceAutomatedBackupsReplication",
        ) => Some("PreSignedUrl"),
        ("rds" | "neptune" | "docdb", "CopyDBClusterSnapshot" | "CreateDBCluster") => Some("PreSignedUrl"),
        _ => None,
    }
}

/// Fills in the presigned URL, where the input has a source region and no URL.
///
/// EC2 wants both regions in the request as well. The others know no source region: it is taken out.
///
/// # Errors
/// As [`Operation::presigned`].
pub(in crate::dynamic) async fn presign(
    client: &DynamicClient,
    operation: &'static ModeledOperation,
    input: &mut Value,
) -> Result<(), Error> {
    let service = client.service().name;
    let Some(member) = url_member(service, operation.plan.operation.name) else { return Ok(()) };
    let Some(source) = text_of(input, SOURCE).map(str::to_owned) else { return Ok(()) };
    let is_ec2 = service == "ec2";
    if let (false, Value::Map(entries)) = (is_ec2, &mut *input) {
        entries.retain(|(name, _)| name != SOURCE);
    }
    let Some(destination) = client.region().filter(|_| input[member].is_null()) else { return Ok(()) };
    let mut presigned = input.clone();
    let mut request = Operation::new(client.clone(), operation).in_region(source)?;
    match is_ec2 {
        true => {
            presigned.insert(DESTINATION, destination);
            input.insert(DESTINATION, destination);
        }
        false => request = request.interceptor(AddDestination(destination.to_owned())),
    }
    let request = request.input(presigned).presigned(EXPIRES_IN).await?;
    input.insert(member, request.url());
    Ok(())
}

/// Adds the region to which the copy goes: a parameter that no model has.
#[derive(Debug)]
struct AddDestination(String);

#[dyn_dispatch_hint]
impl Intercept for AddDestination {
    fn name(&self) -> &'static str {
        "AddDestination"
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let mut form = std::str::from_utf8(request.body().bytes().unwrap_or_default())?.to_owned();
        form.push_str(&format!("&{DESTINATION}={}", self.0));
        *request.body_mut() = SdkBody::from(form);
        Ok(())
    }
}
