//! Glacier: the account of whoever signs, and the version that each request has to name.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::config_bag::ConfigBag;

use super::{Customized, Value};
use crate::error::Error;

/// Fills in `-`, which is the account of whoever signs.
pub(super) fn fill_account(_: Customized<'_>, input: &mut Value) -> Result<(), Error> {
    if input["accountId"].is_null() {
        input.insert("accountId", "-");
    }
    Ok(())
}

/// Adds the header with the API's version.
pub(super) fn add_version(
    this: Customized<'_>,
    _: &Value,
    request: &mut HttpRequest,
    _: &mut ConfigBag,
) -> Result<(), BoxError> {
    request.headers_mut().insert("x-amz-glacier-version", this.schemas.model.metadata().api_version);
    Ok(())
}
