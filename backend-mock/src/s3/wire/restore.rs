//! RestoreObject: refused, as S3 does for what is in no archive, and by name for what is.

use s3s::S3Response;
use s3s::dto::{RestoreObjectInput, RestoreObjectOutput};

use super::Operations;
use super::call::Call;
use super::versioning::version_id;
use crate::s3::engine::{Code, Error, ObjectKey};

/// The subresource, by which the restoration of an archived object is refused.
const SUBRESOURCE: &str = "restore";

pub(super) async fn restore_object(
    operations: &Operations,
    call: &Call,
    input: RestoreObjectInput,
) -> Result<S3Response<RestoreObjectOutput>, Error> {
    let (key, asked) = (ObjectKey::parse(&input.key)?, version_id(input.version_id.as_deref())?);
    let (object, _) = operations.engine().object(&call.caller(), &input.bucket, &key, asked)?;
    match object.storage_class.is_archive() {
        true => Err(Error::not_implemented(SUBRESOURCE)),
        false => Err(Error::with_message(
            Code::InvalidObjectState,
            "Restore is not allowed for the object's current storage class",
        )),
    }
}
