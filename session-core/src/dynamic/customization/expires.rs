//! `Expires` of objects: whatever whoever stored them wrote there, dates or not.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

use super::{Customized, Value};

/// Leaves a header out that cannot be read, rather than to fail with the object in hand.
pub(super) fn leave_out_broken(response: &HttpResponse) -> Option<HttpResponse> {
    let given = response.headers().get("expires")?;
    if DateTime::from_str(given, Format::HttpDate).is_ok() {
        return None;
    }
    let mut readable = HttpResponse::new(response.status(), SdkBody::empty());
    *readable.headers_mut() = response.headers().clone();
    readable.headers_mut().remove("expires");
    Some(readable)
}

/// Adds the header as it came.
pub(super) fn add_text(_: Customized<'_>, response: &HttpResponse, _: &ConfigBag, output: &mut Value) {
    if let Some(given) = response.headers().get("expires").filter(|given| !given.is_empty()) {
        output.insert("ExpiresString", given);
    }
}
