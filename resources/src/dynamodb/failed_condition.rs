//! The items that DynamoDB shows with a failed condition, as Rust values.

use std::error::Error as StdError;

use aws_sdk_dynamodb::types::error::{ConditionalCheckFailedException, TransactionCanceledException};
use serde::de::DeserializeOwned;
use session_core::Error;

use super::Item;
use super::item::from_item;

/// The item that stood in the way of a conditional write: `None` for another error, for one without an item, or if
/// `return_values_on_condition_check_failure(AllOld)` was not said. `error` may be the SDK's, or an [`Error`] made of it.
///
/// ```
/// use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
/// use resources::item::from_failed_condition;
/// # use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Seat {
///     id: u32,
///     taken_by: String,
/// }
/// /// Who has the seat now.
/// async fn take(seats: &resources::Table, seat: &Seat) -> Result<String, session_core::Error> {
///     let put = seats.put(seat)?.condition_expression("attribute_not_exists(id)");
///     let Err(error) = put.return_values_on_condition_check_failure(AllOld).send().await else {
///         return Ok(seat.taken_by.clone());
///     };
///     match from_failed_condition::<Seat>(&error)? {
///         Some(taken) => Ok(taken.taken_by),
///         None => Err(error.into()),
///     }
/// }
/// ```
///
/// # Errors
/// As [`from_item`].
///
/// # Source
/// DynamoDB API reference, `ConditionalCheckFailedException`; boto3 leaves the item as it came (D-03).
pub fn from_failed_condition<T: DeserializeOwned>(
    error: &(dyn StdError + 'static),
) -> Result<Option<T>, Error> {
    let failed = in_chain::<ConditionalCheckFailedException>(error);
    read(failed.and_then(ConditionalCheckFailedException::item))
}

/// The items that stood in the way of a transaction, one place for each of its writes in their order: `None` where there
/// was none, or where `return_values_on_condition_check_failure(AllOld)` was not said. Nothing at all for another error.
///
/// Why each write failed is in the SDK's `TransactionCanceledException::cancellation_reasons`, in the same places.
///
/// # Errors
/// As [`from_item`].
///
/// # Source
/// DynamoDB API reference, `CancellationReason`.
pub fn from_cancelled_transaction<T: DeserializeOwned>(
    error: &(dyn StdError + 'static),
) -> Result<Vec<Option<T>>, Error> {
    let cancelled = in_chain::<TransactionCanceledException>(error);
    let reasons = cancelled.map(TransactionCanceledException::cancellation_reasons).unwrap_or_default();
    reasons.iter().map(|reason| read(reason.item())).collect()
}

fn read<T: DeserializeOwned>(item: Option<&Item>) -> Result<Option<T>, Error> {
    // An item has its key at least: no attributes are no item.
    item.filter(|item| !item.is_empty()).cloned().map(from_item).transpose()
}

/// What of that type is behind an error, or is the error itself.
fn in_chain<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}
