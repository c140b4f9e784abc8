//! TransactWriteItems and TransactGetItems: all or nothing, with one reason for each part when it is nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use imbl::{OrdMap, Vector};

use super::Engine;
use super::attribute_value::AttributeValue;
use super::capacity::{Capacity, Consistency, Units};
use super::error::{CancellationReason, Error};
use super::expression::{Expressions, Texts};
use super::item::{self, Attributes, Item};
use super::key_schema::ItemKey;
use super::limit;
use super::single_item::{GetItemInput, GetItemOutput};
use super::table::{Change, Table};
use super::throttling::{Access, Throttling};
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

impl TransactVerb {
    /// The item or the key.
    pub(crate) fn attributes(&self) -> &Attributes {
        match self {
            Self::Put(attributes)
            | Self::Update(attributes)
            | Self::Delete(attributes)
            | Self::ConditionCheck(attributes) => attributes,
        }
    }
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
    /// What it costs to find out that all is done: a read of every item.
    capacity: BTreeMap<String, Capacity>,
    /// Until then, it is not done.
    finish: SystemTime,
}

/// What a TransactWriteItems cost.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Consumed {
    Written(BTreeMap<String, Capacity>),
    /// The token was known, and nothing was left to write.
    Read(BTreeMap<String, Capacity>),
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
    ) -> Result<Consumed, Error> {
        self.tokens.forget_expired(now);
        if let Some(earlier) = token.as_ref().and_then(|token| self.tokens.requests.get(token)) {
            if earlier.items != items {
                return Err(Error::IdempotentParameterMismatch);
            }
            if earlier.finish > now {
                return Err(Error::TransactionInProgress);
            }
            let read = earlier.capacity.clone();
            read.iter().for_each(|(table_name, used)| self.charge(table_name, used, Access::Read));
            return Ok(Consumed::Read(read));
        }
        let writes = items.iter().map(|item| item.to_write(&self.texts)).collect::<Result<Vec<_>, _>>()?;
        for item in &items {
            self.table(&item.table_name)?;
        }
        self.check_distinct(items.iter().map(|item| (&*item.table_name, item.verb.attributes())))?;
        if items.iter().map(TransactWriteItem::size).sum::<usize>() > limit::TRANSACTION_BYTES {
            return Err(too_large());
        }
        let mut prepared = self.throttling.clone();
        let changes = self.plan_all(&items, &writes, prepared.as_mut()).inspect_err(|_| {
            self.throttling = prepared.clone();
        })?;
        let mut written: BTreeMap<String, Capacity> = BTreeMap::new();
        let mut read: BTreeMap<String, Capacity> = BTreeMap::new();
        for (item, change) in items.iter().zip(&changes) {
            let table = self.table_mut(&item.table_name)?;
            let used = table.apply(change).in_transaction();
            let billed = table.billed_change(change);
            self.charge(&item.table_name, &used, Access::Write);
            let table_name = self.table_name(&item.table_name);
            written.entry(table_name.to_owned()).or_default().add(&used);
            let to_find_out = Capacity::of_table(Units::of_read(billed, Consistency::Transactional));
            read.entry(table_name.to_owned()).or_default().add(&to_find_out);
        }
        let mut ongoing = std::mem::take(&mut self.ongoing);
        let held = items.iter().zip(&changes);
        let held = held.filter_map(|(item, change)| Some((self.table(&item.table_name).ok()?, &change.key)));
        ongoing.hold(held, now);
        self.ongoing = ongoing;
        if let Some(token) = token {
            let finish = self.ongoing.finish(now);
            self.tokens.remember(token, Remembered { items, capacity: read, finish }, now);
        }
        Ok(Consumed::Written(written))
    }

    /// Checks that need no table, of each part in order.
    pub(crate) fn check_transact_items(&self, items: &[TransactWriteItem]) -> Result<(), Error> {
        items.iter().try_for_each(|item| item.to_write(&self.texts).map(drop))
    }

    /// Refuses two parts that speak of the same item.
    fn check_distinct<'i>(
        &self,
        targets: impl Iterator<Item = (&'i str, &'i Attributes)>,
    ) -> Result<(), Error> {
        let mut seen: Vec<(&str, ItemKey)> = Vec::new();
        for (table_name, attributes) in targets {
            let schema = &self.table(table_name)?.definition.key_schema;
            // A key that does not fit becomes this part's reason later.
            let Ok(key) = schema.key_of_item(attributes) else { continue };
            let target = (self.table_name(table_name), key);
            if seen.contains(&target) {
                return Err(Error::validation(
                    "Transaction request cannot include multiple operations on one item",
                ));
            }
            seen.push(target);
        }
        Ok(())
    }

    /// The first part that does not fit its table is the only reason; only then are items looked at. Each part that is
    /// prepared takes from what is left of the capacity.
    fn plan_all(
        &self,
        items: &[TransactWriteItem],
        writes: &[Write],
        mut throttling: Option<&mut Throttling>,
    ) -> Result<Vec<Change>, Error> {
        let mut keys = Vec::new();
        for (item, write) in items.iter().zip(writes) {
            match write.target(self.table(&item.table_name)?) {
                Ok(key) => keys.push(key),
                Err(error) => {
                    let mut reasons = vec![CancellationReason::None; items.len()];
                    reasons[keys.len()] = item.reason(error)?;
                    return Err(Error::TransactionCanceled(reasons));
                }
            }
        }
        let (mut changes, mut reasons) = (Vec::new(), Vec::new());
        for ((item, write), key) in items.iter().zip(writes).zip(keys) {
            let table = self.table(&item.table_name)?;
            let reason = match self.prepare(table, write, key, throttling.as_deref_mut()) {
                Ok(change) => {
                    changes.push(change);
                    CancellationReason::None
                }
                Err(error) => item.reason(error)?,
            };
            reasons.push(reason);
        }
        if changes.len() < items.len() {
            return Err(Error::TransactionCanceled(reasons));
        }
        Ok(changes)
    }

    fn prepare(
        &self,
        table: &Table,
        write: &Write,
        key: ItemKey,
        throttling: Option<&mut Throttling>,
    ) -> Result<Change, Error> {
        self.ongoing.check(table, &key, self.now)?;
        let Some(throttling) = throttling else { return write.change(table, key) };
        throttling.check(table, None, Access::Write, self.now)?;
        match write.change(table, key.clone()) {
            Ok(change) => {
                throttling.check_change(table, &change, self.now)?;
                throttling.charge(table, &table.cost(&change), Access::Write, self.now);
                Ok(change)
            }
            Err(error) => {
                throttling.charge(table, &table.cost_of_failure(&key), Access::Write, self.now);
                Err(error)
            }
        }
    }

    /// The items, in the order in which they were asked for. What they cost is not charged yet.
    pub(crate) fn transact_get_items(&self, items: &[GetItemInput]) -> Result<TransactGetOutput, Error> {
        for item in items {
            item.expressions.parse(&self.texts, "ProjectionExpression")?;
            self.table(&item.table_name)?;
        }
        self.check_distinct(items.iter().map(|item| (&*item.table_name, &item.key)))?;
        let mut output = TransactGetOutput::default();
        let mut throttling = self.throttling.clone();
        let (mut reasons, mut bytes) = (Vec::new(), 0);
        for item in items {
            let table = self.table(&item.table_name)?;
            match self.get_prepared(table, item, throttling.as_mut()) {
                Ok(found) => {
                    bytes += found.size;
                    // A projection that finds nothing shows no item.
                    output.items.push(found.item.filter(|item| !item.is_empty()));
                    output
                        .capacity
                        .entry(self.table_name(&item.table_name).to_owned())
                        .or_default()
                        .add(&found.capacity);
                    reasons.push(CancellationReason::None);
                }
                Err(error) => reasons.push(CancellationReason::of(error)),
            }
        }
        if output.items.len() < items.len() {
            return Err(Error::TransactionCanceled(reasons));
        }
        if bytes > limit::TRANSACTION_BYTES {
            return Err(too_large());
        }
        Ok(output)
    }

    fn get_prepared(
        &self,
        table: &Table,
        item: &GetItemInput,
        throttling: Option<&mut Throttling>,
    ) -> Result<GetItemOutput, Error> {
        let found = self.get_item(item)?;
        let key = table.definition.key_schema.key_of_request(&item.key)?;
        self.ongoing.check(table, &key, self.now)?;
        if let Some(throttling) = throttling {
            throttling.check(table, None, Access::Read, self.now)?;
            throttling.charge(table, &found.capacity, Access::Read, self.now);
        }
        Ok(found)
    }
}

/// What TransactGetItems answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TransactGetOutput {
    pub(crate) items: Vec<Option<Arc<Item>>>,
    pub(crate) capacity: BTreeMap<String, Capacity>,
}

fn too_large() -> Error {
    Error::validation("Collection size of items in the transaction cannot exceed 4MB")
}

impl TransactWriteItem {
    /// The bytes that the request carries for this part: an item that is deleted counts with its key only.
    fn size(&self) -> usize {
        let values = self.expressions.values.iter().flat_map(BTreeMap::values).flatten();
        item::size(self.verb.attributes()) + values.map(AttributeValue::size).sum::<usize>()
    }

    /// Why this part did not succeed.
    ///
    /// # Errors
    /// An empty key is no reason of a part, unless a statement has it: it fails the whole request.
    fn reason(&self, error: Error) -> Result<CancellationReason, Error> {
        match error {
            Error::Validation(message)
                if message.contains("cannot contain an empty") && self.expressions.statement.is_none() =>
            {
                Err(Error::Validation(message))
            }
            error => Ok(CancellationReason::of(error)),
        }
    }

    fn to_write(&self, texts: &Texts) -> Result<Write, Error> {
        let with_values = match self.verb {
            TransactVerb::Update(_) => "UpdateExpression and ConditionExpression",
            _ => "ConditionExpression",
        };
        let parsed = self.expressions.parse(texts, with_values)?;
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
