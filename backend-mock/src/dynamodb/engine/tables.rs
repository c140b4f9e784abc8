//! Operations on tables. A table is usable as soon as CreateTable has answered, though the answer says `CREATING`.

use std::time::SystemTime;

use super::Engine;
use super::error::Error;
use super::table::Table;
use super::table_definition::CreateTableInput;
use crate::seed::IdSource;

/// A page of ListTables.
#[derive(Debug, PartialEq)]
pub(crate) struct TableNames {
    pub(crate) names: Vec<String>,
    /// Where the next page starts, if there is one.
    pub(crate) last_evaluated: Option<String>,
}

impl Engine {
    pub(crate) fn create_table(
        &mut self,
        input: CreateTableInput,
        now: SystemTime,
        ids: &mut IdSource,
    ) -> Result<Table, Error> {
        let definition = input.define()?;
        if self.tables.contains_key(&*definition.name) {
            return Err(Error::ResourceInUse(format!("Table already exists: {}", definition.name)));
        }
        let table = Table::new(definition, ids.uuid(), now);
        self.tables.insert(table.definition.name.clone(), table.clone());
        Ok(table)
    }

    pub(crate) fn describe_table(&self, name: &str) -> Result<Table, Error> {
        let name = self.table_name(name);
        self.tables.get(name).cloned().ok_or_else(|| Error::named_table_not_found(name))
    }

    /// Names in order, after `start`, at most `limit` of them.
    pub(crate) fn list_tables(&self, start: Option<&str>, limit: usize) -> TableNames {
        let after = |name: &str| start.is_none_or(|start| name > start);
        let mut names = self.tables.keys().filter(|name| after(name)).map(|name| name.to_string());
        let page: Vec<String> = names.by_ref().take(limit).collect();
        let last_evaluated = names.next().and_then(|_| page.last().cloned());
        TableNames { names: page, last_evaluated }
    }

    pub(crate) fn delete_table(&mut self, name: &str) -> Result<Table, Error> {
        let table = self.describe_table(name)?;
        if table.definition.deletion_protection {
            return Err(Error::validation(
                "Resource cannot be deleted as it is currently protected against deletion. Disable deletion \
                 protection first.",
            ));
        }
        if table.stream.is_some() {
            self.disable_stream(&table.definition.name)?;
        }
        self.tables.remove(&table.definition.name);
        Ok(table)
    }
}
