//! Requests of another form than the model's: a header more, another method, another host.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use url::Url;

use super::super::endpoint::ParameterValue;
use super::super::endpoint_parameters;
use super::{Customized, Value, refuse, text_of};

/// API Gateway answers in HAL where it is not asked for JSON.
pub(super) fn accept_json(
    _: Customized<'_>,
    _: &Value,
    request: &mut HttpRequest,
    _: &mut ConfigBag,
) -> Result<(), BoxError> {
    if request.headers().get("accept").is_none() {
        request.headers_mut().insert("accept", "application/json");
    }
    Ok(())
}

/// Operations that say where others are to be sent want to know for which API.
pub(super) fn add_api_version(
    this: Customized<'_>,
    _: &Value,
    request: &mut HttpRequest,
    _: &mut ConfigBag,
) -> Result<(), BoxError> {
    request.headers_mut().insert("x-amz-api-version", this.schemas.model.metadata().api_version);
    Ok(())
}

/// A search whose parameters may be longer than a URL goes by POST.
pub(super) fn post(
    _: Customized<'_>,
    _: &Value,
    request: &mut HttpRequest,
    _: &mut ConfigBag,
) -> Result<(), BoxError> {
    let Some((path, query)) = request.uri().split_once('?') else { return Ok(()) };
    let (path, query) = (path.to_owned(), query.to_owned());
    request.set_uri(path)?;
    request.set_method("POST")?;
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
    request.headers_mut().insert("content-length", query.len().to_string());
    *request.body_mut() = SdkBody::from(query);
    Ok(())
}

/// A prediction is asked of the model's own endpoint, which is in the input.
pub(super) fn to_predict_endpoint(
    _: Customized<'_>,
    input: &Value,
    _: &mut HttpRequest,
    config: &mut ConfigBag,
) -> Result<(), BoxError> {
    const MEMBER: &str = "PredictEndpoint";
    let Some(endpoint) = text_of(input, MEMBER).filter(|text| !text.is_empty()) else { return Ok(()) };
    let url =
        Url::parse(endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| {
        refuse(format!(
            "{MEMBER} is no URL: give one such as https://realtime.machinelearning.us-east-1.amazonaws.com"
        ))
    })?;
    let origin = url.origin().ascii_serialization();
    endpoint_parameters::set(config, "Endpoint", ParameterValue::String(origin));
    Ok(())
}
