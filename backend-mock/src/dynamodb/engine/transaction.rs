//! TransactWriteItems and TransactGetItems: all or nothing, with one reason for each part when it is nothing.

use std::collections::BTreeMap;
use std::time::SystemTime;

use imbl::{OrdMap, Vector};

use super::Engine;
use super::capacity::Capacity;
use super::error::{CancellationReason, Error};
use super::expression::Expressions;
use super::item::Attributes;
use super::key_schema::ItemKey;
use super::limit;
use super::single_item::GetItemInput;
use super::table::Change;
use super::write::{OnConditionFailure, Write, WriteAction};

/// One part of a TransactWriteItems as it came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TransactWriteItem {
    pub(crate) table_name: String,
    pub(crate) verb: TransactVerb,
    pub(crate) expressions: Expressions,
    pub(crate) on_condition_failure: OnConditionFailure,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TransactVerb {
    Put(Attributes),
    Update(Attributes),
    Delete(Attributes),
    ConditionCheck(Attributes),
}

/// The tokens of the last ten minutes, with what they stood for.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdempotencyTokens {
    requests: OrdMap<String, std::sync::Arc<Remembered>>,
    /// In the order in which they expire.
    expiries: Vector<(SystemTime, String)>,
}

#[derive(Debug)]
struct Remembered {
    items: Vec<TransactWriteItem>,
    capacity: BTreeMap<String, Capacity>,
}

impl IdempotencyTokens {
    fn forget_expired(&mut self, now: SystemTime) {
        while let Some((expiry, token)) = self.expiries.front().cloned() {
            if expiry > now {
                return;
            }
            self.requests.remove(&token);
            self.expiries.pop_front();
        }
    }

    fn remember(&mut self, token: String, request: Remembered, now: SystemTime) {
        self.expiries.push_back((now + limit::TOKEN_LIFETIME, token.clone()));
        self.requests.insert(token, request.into());
    }
}

impl Engine {
    /// Carries all of it out, or nothing. The same token and the same request within ten minutes change nothing.
    pub(crate) fn transact_write_items(
        &mut self,
        items: Vec<TransactWriteItem>,
        token: Option<String>,
        now: SystemTime,
    ) -> Result<BTreeMap<String, Capacity>, Error> {
        self.tokens.forget_expired(now);
        if let Some(earlier) = token.as_ref().and_then(|token| self.tokens.requests.get(token)) {
            return match earlier.items == items {
                true => Ok(earlier.capacity.clone()),
                false => Err(Error::IdempotentParameterMismatch),
            };
        }
        let writes = items.iter().map(TransactWriteItem::to_write).collect::<Result<Vec<_>, _>>()?;
        for item in &items {
            self.table(&item.table_name)?;
        }
        self.check_distinct(&items)?;
        let changes = self.plan_all(&items, &writes)?;
        let mut capacity: BTreeMap<String, Capacity> = BTreeMap::new();
        for (item, change) in items.iter().zip(&changes) {
            let used = self.table_mut(&item.table_name)?.apply(change);
            capacity.entry(self.table_name(&item.table_name).to_owned()).or_default().add(&used.doubled());
        }
        if let Some(token) = token {
            self.tokens.remember(token, Remembered { items, capacity: capacity.clone() }, now);
        }
        Ok(capacity)
    }

    /// Refuses two parts that speak of the same item.
    fn check_distinct(&self, items: &[TransactWriteItem]) -> Result<(), Error> {
        let mut seen: Vec<(&str, ItemKey)> = Vec::new();
        for item in items {
            let schema = &self.table(&item.table_name)?.definition.key_schema;
            let key = match &item.verb {
                TransactVerb::Put(attributes) => schema.key_of_item(attributes),
                TransactVerb::Update(key) | TransactVerb::Delete(key) | TransactVerb::ConditionCheck(key) => {
                    schema.key_of_request(key)
                }
            };
            // A key that does not fit becomes this part's reason later.
            let Ok(key) = key else { continue };
            let target = (self.table_name(&item.table_name), key);
            if seen.contains(&target) {
                return Err(Error::validation(
                    "Transaction request cannot include multiple operations on one item",
                ));
            }
            seen.push(target);
        }
        Ok(())
    }

    fn plan_all(&self, items: &[TransactWriteItem], writes: &[Write]) -> Result<Vec<Change>, Error> {
        let (mut changes, mut reasons, mut bytes) = (Vec::new(), Vec::new(), 0);
        for (item, write) in items.iter().zip(writes) {
            let reason = match write.plan(self.table(&item.table_name)?) {
                Ok(change) => {
                    bytes += change.size();
                    changes.push(change);
                    CancellationReason::None
                }
                Err(Error::ConditionalCheckFailed(item)) => CancellationReason::ConditionalCheckFailed(item),
                Err(error) => CancellationReason::ValidationError(error.to_string()),
            };
            reasons.push(reason);
        }
        if changes.len() < items.len() {
            return Err(Error::TransactionCanceled(reasons));
        }
        if bytes > limit::TRANSACTION_BYTES {
            return Err(Error::validation("Collection size of items in the transaction cannot exceed 4MB"));
        }
        Ok(changes)
    }

    /// The items, in the order in which they were asked for.
    pub(crate) fn transact_get_items(&self, items: &[GetItemInput]) -> Result<TransactGetOutput, Error> {
        for item in items {
            item.expressions.parse("ProjectionExpression")?;
            self.table(&item.table_name)?;
        }
        let mut output = TransactGetOutput::default();
        let (mut reasons, mut bytes) = (Vec::new(), 0);
        for item in items {
            match self.get_item(item) {
                Ok(found) => {
                    bytes += found.size;
                    output.items.push(found.item);
                    output
                        .capacity
                        .entry(self.table_name(&item.table_name).to_owned())
                        .or_default()
                        .add(&found.capacity);
                    reasons.push(CancellationReason::None);
                }
                Err(error) => reasons.push(CancellationReason::ValidationError(error.to_string())),
            }
        }
        if output.items.len() < items.len() {
            return Err(Error::TransactionCanceled(reasons));
        }
        if bytes > limit::TRANSACTION_BYTES {
            return Err(Error::validation("Collection size of items in the transaction cannot exceed 4MB"));
        }
        Ok(output)
    }
}

/// What TransactGetItems answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TransactGetOutput {
    pub(crate) items: Vec<Option<Attributes>>,
    pub(crate) capacity: BTreeMap<String, Capacity>,
}

impl TransactWriteItem {
    fn to_write(&self) -> Result<Write, Error> {
        let with_values = match self.verb {
            TransactVerb::Update(_) => "UpdateExpression and ConditionExpression",
            _ => "ConditionExpression",
        };
        let parsed = self.expressions.parse(with_values)?;
        let action = match self.verb.clone() {
            TransactVerb::Put(item) => WriteAction::put(item),
            TransactVerb::Update(key) => WriteAction::Update(key, parsed.update),
            TransactVerb::Delete(key) => WriteAction::Delete(key),
            TransactVerb::ConditionCheck(key) => WriteAction::Check(key),
        };
        let write =
            Write { action, condition: parsed.condition, on_condition_failure: self.on_condition_failure };
        write.check()?;
        Ok(write)
    }
}
