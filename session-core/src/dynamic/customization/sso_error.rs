//! Errors of SSO OIDC, which says in OAuth's words what went wrong.

use aws_smithy_types::error::metadata::ErrorMetadata;

use super::super::error::ServiceFault;

/// The description is the message, where there is no other.
pub(super) fn describe(fault: &mut ServiceFault) {
    let described = fault.fields["error_description"].as_str().map(str::to_owned);
    if let Some(message) = described.filter(|_| fault.message().is_none()) {
        let mut metadata = ErrorMetadata::builder().message(message);
        if let Some(code) = fault.code() {
            metadata = metadata.code(code);
        }
        fault.metadata = metadata.build();
    }
}
