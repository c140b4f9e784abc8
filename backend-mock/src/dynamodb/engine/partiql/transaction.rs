//! ExecuteTransaction: statements that are all reads or all writes, carried out as TransactGetItems or
//! TransactWriteItems would be.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::super::Engine;
use super::super::capacity::{Capacity, Consistency};
use super::super::error::{CancellationReason, Error};
use super::super::expression::{Expressions, Parsed};
use super::super::item::Attributes;
use super::super::single_item::GetItemInput;
use super::super::throttling::Access;
use super::super::transaction::Consumed;
use super::parser::Written;
use super::read::Select;
use super::write::{AskedIn, StatementWrite};
use super::{Statement, StatementInput};

/// What an ExecuteTransaction answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TransactionOutput {
    /// The rows, in the order of the statements.
    Rows(Vec<Option<Attributes>>, BTreeMap<String, Capacity>),
    Written(Consumed),
}

impl Engine {
    /// Carries all of the statements out, or none.
    ///
    /// # Errors
    /// [`Error::Validation`] for the first statement that is none or may not stand in a transaction;
    /// [`Error::TransactionCanceled`] when one does not fit its item.
    pub(crate) fn execute_transaction(
        &mut self,
        inputs: &[StatementInput],
        token: Option<String>,
        now: SystemTime,
    ) -> Result<TransactionOutput, Error> {
        let mut statements = Vec::new();
        for (position, input) in inputs.iter().enumerate() {
            let told = |error| if input.too_deep { error } else { at(position, error) };
            let parsed = Statement::parse(input).map_err(told)?;
            let lacks_parameters = parsed.lacks_parameters(input);
            let told = |error| if lacks_parameters { at(position, error) } else { error };
            let statement = parsed.with_parameters(input).map_err(told)?;
            statement.check_reading().map_err(|error| at(position, error))?;
            statements.push(statement);
        }
        for (position, statement) in statements.iter().enumerate() {
            check(statement).map_err(|error| at(position, error))?;
        }
        let reads = statements.iter().filter(|one| one.is_read()).count();
        if reads == 0 {
            return self.write_all(&statements, token, now).map(TransactionOutput::Written);
        }
        if reads < statements.len() {
            return Err(Error::validation(
                "ExecuteTransaction API does not support both read and write operations in the same request.",
            ));
        }
        let output = self.read_all(&statements)?;
        if let TransactionOutput::Rows(_, capacity) = &output {
            capacity.iter().for_each(|(name, used)| self.charge(name, used, Access::Read));
        }
        Ok(output)
    }

    fn write_all(
        &mut self,
        statements: &[Statement],
        token: Option<String>,
        now: SystemTime,
    ) -> Result<Consumed, Error> {
        let mut writes = Vec::new();
        for (position, statement) in statements.iter().enumerate() {
            let write = statement.write(self, AskedIn::Transaction);
            writes.extend(write.map_err(|error| of_part(position, statements.len(), error))?);
        }
        let items = writes.iter().map(|write| write.item.clone()).collect();
        self.transact_write_items(items, token, now).map_err(|error| match error {
            Error::TransactionCanceled(reasons) => {
                let are_items_judged = reasons
                    .iter()
                    .any(|reason| matches!(reason, CancellationReason::ConditionalCheckFailed(_)));
                let reasons = reasons.into_iter().zip(&writes).map(|(reason, write)| match reason {
                    CancellationReason::ConditionalCheckFailed(_) if write.is_insert => {
                        CancellationReason::DuplicateItem
                    }
                    // Alone, it would have had nothing to do.
                    CancellationReason::None
                        if are_items_judged && write.is_conditional_delete && !self.has_item(write) =>
                    {
                        CancellationReason::ConditionalCheckFailed(None)
                    }
                    other => other,
                });
                Error::TransactionCanceled(reasons.collect())
            }
            other => other,
        })
    }

    fn has_item(&self, write: &StatementWrite) -> bool {
        self.table(&write.item.table_name).is_ok_and(|table| {
            let key = table.definition.key_schema.key_of_request(write.item.verb.attributes());
            key.is_ok_and(|key| table.items.contains_key(&key))
        })
    }

    fn read_all(&self, statements: &[Statement]) -> Result<TransactionOutput, Error> {
        let (mut selects, mut gets) = (Vec::new(), Vec::new());
        for (position, statement) in statements.iter().enumerate() {
            let Written::Select(written) = &statement.written else { continue };
            let of_statement = |error| of_part(position, statements.len(), error);
            let key = statement.key_of_select(self, "ExecuteTransaction").map_err(of_statement)?;
            let select = Select::of(written, &statement.parameters).map_err(of_statement)?;
            gets.push(GetItemInput {
                table_name: select.target.table.clone(),
                key,
                expressions: Expressions::of_statement(Parsed {
                    projection: select.projection(),
                    ..Parsed::default()
                }),
                consistency: Consistency::Transactional,
            });
            selects.push(select);
        }
        let output = self.transact_get_items(&gets)?;
        let rows =
            output.items.into_iter().zip(&selects).map(|(item, select)| Some(select.row(item?.attributes())));
        Ok(TransactionOutput::Rows(rows.collect(), output.capacity))
    }
}

/// What needs no table to be refused.
fn check(statement: &Statement) -> Result<(), Error> {
    match &statement.written {
        Written::Update { returning: Some(_), .. } | Written::Delete { returning: Some(_), .. } => {
            Err(Error::validation("RETURNING clause is not supported in ExecuteTransaction."))
        }
        Written::Select(select) if select.target.index.is_some() => {
            Err(Error::validation("Reads on indices are not supported within transactions."))
        }
        _ => Ok(()),
    }
}

/// What cannot be a part of a transaction: without its table, that is a reason to cancel it.
fn of_part(position: usize, count: usize, error: Error) -> Error {
    match error {
        Error::ResourceNotFound(message) => {
            let reason = |index| match index == position {
                true => CancellationReason::ResourceNotFound(message.clone()),
                false => CancellationReason::None,
            };
            Error::TransactionCanceled((0..count).map(reason).collect())
        }
        other => at(position, other),
    }
}

/// The same error, saying which statement it is about.
fn at(position: usize, error: Error) -> Error {
    match error {
        Error::Validation(message) => {
            Error::Validation(format!("Validation failed in TransactStatements[{position}]: {message}"))
        }
        other => other,
    }
}
