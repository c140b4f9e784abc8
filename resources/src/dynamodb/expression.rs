//! Expressions of DynamoDB as values: conditions, updates and projections, whose placeholders are never the caller's.
//!
//! ```
//! use aws_sdk_dynamodb::types::AttributeValue;
//! use resources::Table;
//! use resources::expression::{Attr, Key, Update};
//! use resources::expression::{WithCondition, WithFilter, WithKeyCondition, WithProjection, WithUpdate};
//! use session_core::Error;
//!
//! async fn ship(orders: Table, customer: &str) -> Result<usize, Error> {
//!     let open = orders.query_items(|query| {
//!         query
//!             .key_condition(Key::new("customer").eq(customer) & Key::new("at").gte(2026))
//!             .filter(Attr::new("status").eq("open") | Attr::new("hold").not_exists())
//!             .project(["at", "lines[0].article"])
//!     });
//!     let open = open.try_collect().await?;
//!     for order in &open {
//!         let ship = orders.update_item().key("customer", AttributeValue::S(customer.into()));
//!         ship.key("at", order["at"].clone())
//!             .update(Update::new().set("status", "sent").add("attempts", 1))
//!             .condition(!Attr::new("status").eq("sent"))
//!             .send()
//!             .await?;
//!     }
//!     Ok(open.len())
//! }
//! ```
//!
//! Start at [`Attr`], [`Key`] and [`Update`]. What they make goes to the SDK's own builders, by the traits `With…`, and
//! to the parts of transactions and batches. A request may have expressions as text, too, set before: placeholders are
//! chosen beside those that the request has, and begin with `#n_` and `:v_`, so that the caller's own stay what they
//! are. `set_expression_attribute_names` and `set_expression_attribute_values` replace all of them; call these first.
//!
//! Nothing is checked here that DynamoDB checks: types, limits and reserved words are its own affair.

mod attr;
mod condition;
mod key_condition;
mod operand;
mod placeholders;
mod requests;
#[cfg(test)]
mod tests;
mod update;

pub use attr::Attr;
pub use condition::{Condition, Size};
pub use key_condition::{Key, KeyCondition};
pub use operand::{Operand, Value};
pub use requests::{WithCondition, WithFilter, WithKeyCondition, WithProjection, WithUpdate};
pub use update::{SetValue, Update};
