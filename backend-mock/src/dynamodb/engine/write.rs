//! Writes of one item: the same plan for PutItem, UpdateItem, DeleteItem, batches and transactions.

use std::sync::Arc;

use super::error::Error;
use super::expression::{Condition, Projection, Update, Verb};
use super::item::{self, Attributes, Item};
use super::key_schema::ItemKey;
use super::limit;
use super::table::{Change, Table};
use super::{update_application, update_charge};

/// A write to one table, its expressions read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Write {
    pub(crate) action: WriteAction,
    pub(crate) condition: Option<Condition>,
    pub(crate) on_condition_failure: OnConditionFailure,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum WriteAction {
    /// The attributes, and the item that they make.
    Put(Attributes, Arc<Item>),
    Update(Attributes, Option<Update>),
    Delete(Attributes),
    /// Only the condition counts.
    Check(Attributes),
}

/// Whether a failed condition shows the item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OnConditionFailure {
    #[default]
    ShowNothing,
    ShowItem,
}

/// What a write answers with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ReturnValues {
    #[default]
    None,
    AllOld,
    UpdatedOld,
    AllNew,
    UpdatedNew,
}

impl WriteAction {
    pub(crate) fn put(attributes: Attributes) -> Self {
        let item = Arc::new(Item::new(&attributes));
        Self::Put(attributes, item)
    }
}

impl Write {
    /// Checks that do not need the table.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.action {
            WriteAction::Put(attributes, item) => {
                item::check_nesting(attributes)?;
                check_size(item, "Item size has exceeded the maximum allowed size")
            }
            _ => Ok(()),
        }
    }

    /// What the write would change in the table as it is.
    pub(crate) fn plan(&self, table: &Table) -> Result<Change, Error> {
        self.change(table, self.target(table)?)
    }

    /// The key of the item, when the write fits the definition of the table.
    pub(crate) fn target(&self, table: &Table) -> Result<ItemKey, Error> {
        let schema = &table.definition.key_schema;
        let key = match &self.action {
            WriteAction::Put(attributes, _) => {
                let key = schema.key_of_item(attributes)?;
                check_index_keys(table, attributes)?;
                table.check_vectors(attributes, None)?;
                key
            }
            WriteAction::Update(key, _) | WriteAction::Delete(key) | WriteAction::Check(key) => {
                schema.key_of_request(key)?
            }
        };
        if let WriteAction::Update(_, Some(update)) = &self.action {
            check_update_keys(table, update)?;
        }
        self.check_key_paths(table)?;
        Ok(key)
    }

    /// What the write to its target would change, when it fits the item that is there.
    pub(crate) fn change(&self, table: &Table, key: ItemKey) -> Result<Change, Error> {
        let old = table.items.get(&key).cloned();
        if let Some(condition) = &self.condition
            && !condition.holds(old.as_deref())
        {
            let shown = match self.on_condition_failure {
                OnConditionFailure::ShowNothing => None,
                OnConditionFailure::ShowItem => old,
            };
            return Err(Error::ConditionalCheckFailed(shown));
        }
        let written = match &self.action {
            WriteAction::Put(_, item) => Some(item.clone()),
            WriteAction::Delete(_) | WriteAction::Check(_) => None,
            WriteAction::Update(key, update) => updated(table, key, old.as_ref(), update.as_ref())?,
        };
        let new = match &self.action {
            WriteAction::Check(_) => old.clone(),
            _ => written.map(|item| item.under(&key, &table.definition.key_schema)),
        };
        let change = Change { key, old, new };
        table.check_collection(&change)?;
        Ok(change)
    }

    fn check_key_paths(&self, table: &Table) -> Result<(), Error> {
        if let WriteAction::Update(_, Some(update)) = &self.action {
            check_scalar_keys(table, |visit| update.visit_paths(visit))?;
        }
        match &self.condition {
            None => Ok(()),
            Some(condition) => check_scalar_keys(table, |visit| condition.visit_paths(visit)),
        }
    }

    /// The attributes that the answer shows, if any.
    pub(crate) fn returned(&self, change: &Change, return_values: ReturnValues) -> Option<Attributes> {
        let whole = |item: &Option<Arc<Item>>| item.as_ref().map(|item| item.attributes());
        let updated = |item: &Option<Arc<Item>>| match (&self.action, item) {
            (WriteAction::Update(_, Some(update)), Some(item)) => {
                let paths = update.actions.iter().map(|action| action.path.clone()).collect();
                Some(Projection::new(paths).apply(item)).filter(|attributes| !attributes.is_empty())
            }
            _ => None,
        };
        match return_values {
            ReturnValues::None => None,
            ReturnValues::AllOld => whole(&change.old),
            ReturnValues::AllNew => whole(&change.new),
            ReturnValues::UpdatedOld => updated(&change.old),
            ReturnValues::UpdatedNew => updated(&change.new),
        }
    }
}

/// The item after an update. Actions that only take away do not bring an item into being, and where there is no item
/// even a path that leads nowhere is fine with them.
fn updated(
    table: &Table,
    key: &Attributes,
    old: Option<&Arc<Item>>,
    update: Option<&Update>,
) -> Result<Option<Arc<Item>>, Error> {
    let before = match old {
        Some(old) => old.clone(),
        None => Arc::new(Item::new(key)),
    };
    let Some(update) = update else { return Ok(Some(before)) };
    let only_takes_away =
        update.actions.iter().all(|action| matches!(action.verb, Verb::Remove | Verb::Delete(_)));
    if old.is_none() && only_takes_away {
        return Ok(None);
    }
    // What indexes are made of is looked at in the whole item.
    if table.indexes.is_empty()
        && table.vector_indexes.is_empty()
        && let Some(item) = update_application::apply_in_place(update, &before)?
    {
        check_size(&item, update_charge::TOO_LARGE)?;
        return Ok(Some(Arc::new(item)));
    }
    let attributes = update_application::apply(update, &before)?;
    attributes.values().try_for_each(item::check_nesting_of_updated)?;
    // What an item had before an index came, it may keep.
    let changed = |index: &super::index::Index| -> Attributes {
        let keys = index.definition.key_schema.attributes().map(|attribute| &attribute.name);
        let found = keys.filter_map(|name| Some((name.clone(), attributes.get(name)?.clone())));
        found.filter(|(name, value)| before.get(name).as_ref() != Some(value)).collect()
    };
    for index in table.indexes_by_name() {
        index.definition.key_schema.check_index_keys(&changed(index), &index.definition.name).map_err(|error| {
            match error {
                Error::Validation(message) if message.contains("Type mismatch") => Error::validation(
                    "The update expression attempted to update the secondary index key to unsupported type",
                ),
                Error::Validation(message) if message.contains("has exceeded") => Error::validation(
                    "The update expression attempted to update the secondary index key beyond allowed size limits",
                ),
                error => {
                    let kind = if error.to_string().contains("empty binary") { "binary" } else { "string" };
                    Error::validation(format!(
                        "One or more parameter values are not valid. The update expression attempted to update a \
                         secondary index key to a value that is not supported. The AttributeValue for a key attribute \
                         cannot contain an empty {kind} value."
                    ))
                }
            }
        })?;
    }
    table.check_vectors(&attributes, Some(&before))?;
    let item = Item::new(&attributes);
    check_size(&item, update_charge::TOO_LARGE)?;
    Ok(Some(Arc::new(item)))
}

fn check_size(item: &Item, message: &str) -> Result<(), Error> {
    if item.size() > limit::ITEM_BYTES { Err(Error::validation(message)) } else { Ok(()) }
}

fn check_index_keys(table: &Table, attributes: &Attributes) -> Result<(), Error> {
    table.indexes_by_name().into_iter().try_for_each(|index| {
        index.definition.key_schema.check_index_keys(attributes, &index.definition.name)
    })
}

/// Refuses updates of the key, and literals that an index could not hold as its key.
fn check_update_keys(table: &Table, update: &Update) -> Result<(), Error> {
    for attribute in table.definition.key_schema.attributes() {
        if update.actions.iter().any(|action| action.path.attribute() == &*attribute.name) {
            return Err(Error::invalid_parameter(format!(
                "Cannot update attribute {}. This attribute is part of the key",
                attribute.name
            )));
        }
    }
    for index in table.indexes_by_name() {
        for attribute in index.definition.key_schema.attributes() {
            let actual = update.actions.iter().find_map(|action| match &action.verb {
                Verb::Set(value)
                    if !action.path.is_nested() && action.path.attribute() == &*attribute.name =>
                {
                    value.known_type()
                }
                Verb::Add(value)
                    if !action.path.is_nested() && action.path.attribute() == &*attribute.name =>
                {
                    Some(value.attribute_type())
                }
                _ => None,
            });
            let expected = attribute.key_type.attribute_type();
            if let Some(actual) = actual
                && actual != expected
            {
                return Err(Error::invalid_parameter(format!(
                    "Type mismatch for Index Key {} Expected: {expected} Actual: {actual} IndexName: {}",
                    attribute.name, index.definition.name
                )));
            }
        }
    }
    Ok(())
}

/// Refuses paths that go into key attributes: those are scalars.
pub(crate) fn check_scalar_keys<'p>(
    table: &Table,
    each_path: impl FnOnce(&mut dyn FnMut(&'p super::expression::DocumentPath)),
) -> Result<(), Error> {
    let mut fault = None;
    each_path(&mut |path| {
        if !path.is_nested() || fault.is_some() {
            return;
        }
        let name = path.attribute();
        if table.definition.key_schema.contains(name) {
            fault = Some(format!("Key: {name}"));
        } else if table.indexes.iter().any(|index| index.definition.key_schema.contains(name)) {
            fault = Some(format!("IndexKey: {name}"));
        }
    });
    match fault {
        None => Ok(()),
        Some(key) => Err(Error::validation(format!(
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: {key}"
        ))),
    }
}
