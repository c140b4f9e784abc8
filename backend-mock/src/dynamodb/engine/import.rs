//! Imports: a new table that begins with items out of a bucket.

use super::Engine;
use super::item::Attributes;
use super::write::{OnConditionFailure, Write, WriteAction};

/// What an import has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Imported {
    pub(crate) bytes: usize,
    pub(crate) processed: usize,
    pub(crate) imported: usize,
    pub(crate) errors: usize,
}

impl Engine {
    /// Puts items into a table that an import has just created, and counts them. Of items with the same key, the last
    /// stays. Nothing is charged for it.
    pub(crate) fn import_items(
        &mut self,
        table_name: &str,
        items: impl Iterator<Item = Result<Attributes, String>>,
        imported: &mut Imported,
    ) {
        let Some(table) = self.tables.get_mut(table_name) else { return };
        for item in items {
            imported.processed += 1;
            let change = item.ok().and_then(|attributes| {
                let write = Write {
                    action: WriteAction::put(attributes),
                    condition: None,
                    on_condition_failure: OnConditionFailure::ShowNothing,
                };
                write.check().and_then(|()| write.plan(table)).ok()
            });
            match change {
                Some(change) => {
                    table.apply(&change);
                    imported.imported += 1;
                }
                None => imported.errors += 1,
            }
        }
    }
}
