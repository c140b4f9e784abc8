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
use super::write::{StatementWrite, key_and_rest};
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
            let parsed = Statement::parse(input).map_err(|error| at(position, error))?;
            let lacks_parameters = parsed.lacks_parameters(input);
            let told = |error| if lacks_parameters { at(position, error) } else { error };
            statements.push(parsed.with_parameters(input).map_err(told)?);
        }
        for (position, statement) in statements.iter().enumerate() {
            check(statement).map_err(|error| at(position, error))?;
        }
        let reads = statements.iter().filter(|one| matches!(one.written, Written::Select(_))).count();
        if reads == 0 {
            return self.write_all(&statements, token, now).map(TransactionOutput::Written);
        }
        if reads < statements.len() {
            return Err(Error::validation(
                "The transaction must consist of either read statements or write statements, but not both",
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
        let (mut items, mut inserts) = (Vec::new(), Vec::new());
        for (position, statement) in statements.iter().enumerate() {
            let write = StatementWrite::of(
                self,
                &statement.written,
                &statement.parameters,
                statement.on_condition_failure,
            );
            if let Some(write) = write.map_err(|error| at(position, error))? {
                inserts.push(write.is_insert);
                items.push(write.item);
            }
        }
        self.transact_write_items(items, token, now).map_err(|error| match error {
            Error::TransactionCanceled(mut reasons) => {
                for (reason, is_insert) in reasons.iter_mut().zip(inserts) {
                    if is_insert && matches!(reason, CancellationReason::ConditionalCheckFailed(_)) {
                        *reason = CancellationReason::DuplicateItem;
                    }
                }
                Error::TransactionCanceled(reasons)
            }
            other => other,
        })
    }

    fn read_all(&self, statements: &[Statement]) -> Result<TransactionOutput, Error> {
        let (mut selects, mut gets) = (Vec::new(), Vec::new());
        for (position, statement) in statements.iter().enumerate() {
            let Written::Select(written) = &statement.written else { continue };
            let of_statement = |error| at(position, error);
            statement.check_reads_one_item(self, "ExecuteTransaction").map_err(of_statement)?;
            let select = Select::of(written, &statement.parameters).map_err(of_statement)?;
            let schema = &self.table(&select.target.table)?.definition.key_schema;
            let (key, _) = key_and_rest(schema, select.condition.clone()).map_err(of_statement)?;
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

/// The same error, saying which statement it is about.
fn at(position: usize, error: Error) -> Error {
    match error {
        Error::Validation(message) => {
            Error::Validation(format!("Validation failed in TransactStatements[{position}]: {message}"))
        }
        other => other,
    }
}
