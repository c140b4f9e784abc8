//! Operations on one item: PutItem, GetItem, UpdateItem and DeleteItem.

use std::sync::Arc;

use super::Engine;
use super::capacity::{Capacity, Consistency, Units};
use super::error::Error;
use super::expression::{Expressions, Projection};
use super::item::{self, Attributes, Item};
use super::key_schema::ItemKey;
use super::table::Table;
use super::throttling::Access;
use super::write::{OnConditionFailure, ReturnValues, Write, WriteAction, check_scalar_keys};
use super::{update_application, update_charge};

#[derive(Clone, Debug)]
pub(crate) struct PutItemInput {
    pub(crate) table_name: String,
    pub(crate) item: Attributes,
    pub(crate) expressions: Expressions,
    pub(crate) return_values: ReturnValues,
    pub(crate) on_condition_failure: OnConditionFailure,
}

#[derive(Clone, Debug)]
pub(crate) struct KeyedWriteInput {
    pub(crate) table_name: String,
    pub(crate) key: Attributes,
    pub(crate) expressions: Expressions,
    pub(crate) return_values: ReturnValues,
    pub(crate) on_condition_failure: OnConditionFailure,
}

/// What the three writes answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WriteOutput {
    pub(crate) attributes: Option<Attributes>,
    pub(crate) capacity: Capacity,
}

#[derive(Clone, Debug)]
pub(crate) struct GetItemInput {
    pub(crate) table_name: String,
    pub(crate) key: Attributes,
    pub(crate) expressions: Expressions,
    pub(crate) consistency: Consistency,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GetItemOutput {
    pub(crate) item: Option<Arc<Item>>,
    pub(crate) capacity: Capacity,
    /// The bytes of the whole item.
    pub(crate) size: usize,
}

/// What is held against the size that an item may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sizing {
    /// The finished item.
    Item,
    /// The update expression as well.
    Expression,
}

impl Engine {
    pub(crate) fn put_item(&mut self, input: PutItemInput) -> Result<WriteOutput, Error> {
        check_old_or_none(input.return_values).map_err(|fault| input.expressions.reported(fault))?;
        let parsed =
            input.expressions.parse(&self.texts, "").map_err(|fault| input.expressions.reported(fault))?;
        let write = Write {
            action: WriteAction::put(input.item),
            condition: parsed.condition,
            on_condition_failure: input.on_condition_failure,
        };
        self.write(&input.table_name, &write, input.return_values, Sizing::Item)
    }

    pub(crate) fn update_item(&mut self, input: KeyedWriteInput) -> Result<WriteOutput, Error> {
        let is_legacy = input.expressions.legacy.update.is_some();
        let sizing = match is_legacy || input.expressions.statement.is_some() {
            true => Sizing::Item,
            false => Sizing::Expression,
        };
        let parsed =
            input.expressions.parse(&self.texts, "").map_err(|fault| input.expressions.reported(fault))?;
        let write = Write {
            action: WriteAction::Update(input.key, parsed.update),
            condition: parsed.condition,
            on_condition_failure: input.on_condition_failure,
        };
        self.write(&input.table_name, &write, input.return_values, sizing).map_err(|error| match error {
            Error::Validation(message) if is_legacy && message == update_application::WRONG_TYPE => {
                Error::validation("Type mismatch for attribute to update")
            }
            other => other,
        })
    }

    pub(crate) fn delete_item(&mut self, input: KeyedWriteInput) -> Result<WriteOutput, Error> {
        check_old_or_none(input.return_values).map_err(|fault| input.expressions.reported(fault))?;
        let parsed =
            input.expressions.parse(&self.texts, "").map_err(|fault| input.expressions.reported(fault))?;
        let write = Write {
            action: WriteAction::Delete(input.key),
            condition: parsed.condition,
            on_condition_failure: input.on_condition_failure,
        };
        self.write(&input.table_name, &write, input.return_values, Sizing::Item)
    }

    fn write(
        &mut self,
        table_name: &str,
        write: &Write,
        return_values: ReturnValues,
        sizing: Sizing,
    ) -> Result<WriteOutput, Error> {
        write.check()?;
        self.check_not_held(table_name, write)?;
        self.check_write(table_name, write)?;
        let table = self.table_mut(table_name)?;
        if let (Sizing::Expression, WriteAction::Update(_, Some(update))) = (sizing, &write.action) {
            update_charge::check(update)?;
        }
        let key = write.target(table)?;
        let change = write.change(table, key)?;
        let attributes = write.returned(&change, return_values);
        let capacity = table.apply(&change);
        self.charge(table_name, &capacity, Access::Write);
        Ok(WriteOutput { attributes, capacity })
    }

    /// What it costs is not charged yet.
    pub(crate) fn get_item(&self, input: &GetItemInput) -> Result<GetItemOutput, Error> {
        let projection = input.expressions.parse(&self.texts, "ProjectionExpression")?.projection;
        item::check_nesting(&input.key)?;
        let table = self.table(&input.table_name)?;
        let key = table.definition.key_schema.key_of_request(&input.key)?;
        if let Some(projection) = &projection {
            check_scalar_keys(table, |visit| projection.paths().iter().for_each(visit))?;
        }
        self.check_read(table, None)?;
        Ok(table.read_item(&key, projection.as_ref(), input.consistency))
    }
}

impl Table {
    /// The item with this key, if there is one, and what it costs to find out.
    pub(super) fn read_item(
        &self,
        key: &ItemKey,
        projection: Option<&Projection>,
        consistency: Consistency,
    ) -> GetItemOutput {
        let item = self.items.get(key);
        let billed = item.map_or(0, |item| self.billed_size(item));
        GetItemOutput {
            item: item.map(|item| match projection {
                Some(projection) => Arc::new(Item::new(&projection.apply(item))),
                None => item.clone(),
            }),
            capacity: Capacity::of_table(Units::of_read(billed, consistency)),
            size: item.map_or(0, |item| item.size()),
        }
    }
}

/// What PutItem and DeleteItem say of values that only UpdateItem has.
pub(crate) const OLD_OR_NONE: &str = "ReturnValues can only be ALL_OLD or NONE";

fn check_old_or_none(return_values: ReturnValues) -> Result<(), Error> {
    match return_values {
        ReturnValues::None | ReturnValues::AllOld => Ok(()),
        _ => Err(Error::validation(OLD_OR_NONE)),
    }
}
