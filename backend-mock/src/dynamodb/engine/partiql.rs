//! PartiQL: statements in DynamoDB's dialect of SQL, carried out by the operations that there are already.
//!
//! `token` and `term` read what is written, `parser` the statement around it; `literal`, `condition` and `update` make
//! of it what the other operations make of their expressions, parameters put in. `plan` says which keys a SELECT asks
//! for, `read` queries or scans for them, `write` makes a statement a write of one item. So a statement changes and
//! finds what PutItem, UpdateItem, DeleteItem, Query, Scan and the transactions would.

mod condition;
mod keyword;
mod literal;
mod parser;
mod path;
mod plan;
mod read;
mod term;
#[cfg(test)]
mod tests;
mod token;
mod transaction;
mod update;
mod write;

use super::Engine;
use super::attribute_value::AttributeValue;
use super::capacity::{Capacity, Consistency};
use super::error::Error;
use super::item::Attributes;
use super::throttling::Access;
use super::write::OnConditionFailure;
use parser::Written;
use read::{PageOptions, Select};
use write::StatementWrite;

pub(crate) use transaction::TransactionOutput;

/// A statement as it came.
#[derive(Clone, Debug)]
pub(crate) struct StatementInput {
    pub(crate) text: String,
    /// Each value, or what is wrong with it: that is found out only after faults of the statement.
    pub(crate) parameters: Vec<Result<AttributeValue, String>>,
    pub(crate) consistency: Consistency,
    pub(crate) on_condition_failure: OnConditionFailure,
}

/// Where the next page of a SELECT starts: in which of its queries, and after which key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resume {
    pub(crate) position: usize,
    pub(crate) key: Attributes,
}

/// What a statement answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StatementOutput {
    pub(crate) table_name: String,
    pub(crate) items: Vec<Attributes>,
    pub(crate) resume: Option<Resume>,
    pub(crate) capacity: Capacity,
}

/// What became of one statement of a batch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BatchedOutput {
    /// The table, unless the statement was refused before it came there.
    pub(crate) table_name: Option<String>,
    pub(crate) result: Result<StatementOutput, Error>,
}

impl Engine {
    /// Carries one statement out. `limit` is for how many items a SELECT looks at, `resume` where it goes on.
    pub(crate) fn execute_statement(
        &mut self,
        input: &StatementInput,
        limit: Option<usize>,
        resume: Option<Resume>,
    ) -> Result<StatementOutput, Error> {
        let statement = Statement::read(input)?;
        let table_name = self.table_name(statement.table()).to_owned();
        let options = PageOptions { limit, resume, consistency: input.consistency };
        Ok(StatementOutput { table_name, ..statement.execute(self, options)? })
    }

    /// Carries statements out one after the other, each on its own.
    ///
    /// # Errors
    /// When reads and writes are mixed; what is wrong with one statement is its own output.
    pub(crate) fn batch_execute_statement(
        &mut self,
        inputs: &[StatementInput],
    ) -> Result<Vec<BatchedOutput>, Error> {
        let statements: Vec<_> = inputs.iter().map(Statement::read).collect();
        let kinds: Vec<bool> = statements
            .iter()
            .flatten()
            .map(|statement| matches!(statement.written, Written::Select(_)))
            .collect();
        if kinds.contains(&true) && kinds.contains(&false) {
            return Err(Error::validation(
                "The batch must consist of either read statements or write statements, but not both",
            ));
        }
        let outputs = statements.into_iter().zip(inputs).map(|(statement, input)| {
            let statement = match statement {
                Ok(statement) => statement,
                Err(error) => return BatchedOutput { table_name: None, result: Err(error) },
            };
            let table = self.table_name(statement.table()).to_owned();
            let options = PageOptions { limit: None, resume: None, consistency: input.consistency };
            let result = match statement.check_reads_one_item(self, "BatchExecuteStatement") {
                Ok(()) => statement.execute(self, options),
                Err(error) => Err(error),
            };
            let has_run = matches!(
                result,
                Ok(_)
                    | Err(Error::ConditionalCheckFailed(_)
                        | Error::DuplicateItem
                        | Error::ItemCollectionSizeLimitExceeded
                        | Error::Throttled(_)
                        | Error::TransactionConflict)
            );
            BatchedOutput { table_name: has_run.then_some(table), result }
        });
        Ok(outputs.collect())
    }
}

/// A statement that is one, with values for all its parameters.
struct Statement {
    written: Written,
    parameters: Vec<AttributeValue>,
    on_condition_failure: OnConditionFailure,
}

impl Statement {
    fn read(input: &StatementInput) -> Result<Self, Error> {
        Self::parse(input)?.with_parameters(input)
    }

    fn parse(input: &StatementInput) -> Result<Unbound, Error> {
        let (written, parameters) = parser::parse(&input.text)?;
        Ok(Unbound { written, parameters })
    }

    /// The table that it names.
    fn table(&self) -> &str {
        match &self.written {
            Written::Insert { table, .. } => table,
            Written::Update { target, .. } | Written::Delete { target, .. } => &target.table,
            Written::Select(select) | Written::Exists(select) => &select.target.table,
        }
    }

    fn execute(self, engine: &mut Engine, options: PageOptions) -> Result<StatementOutput, Error> {
        if let Written::Select(written) = &self.written {
            let output = Select::of(written, &self.parameters)?.execute(engine, options)?;
            engine.charge(self.table(), &output.capacity, Access::Read);
            return Ok(output);
        }
        if matches!(self.written, Written::Exists(_)) {
            return Err(Error::validation("EXISTS can only be used in ExecuteTransaction write requests."));
        }
        let write = StatementWrite::of(engine, &self.written, &self.parameters, self.on_condition_failure)?;
        let Some(write) = write else { return Ok(StatementOutput::default()) };
        let output = write.execute(engine)?;
        Ok(StatementOutput {
            items: output.attributes.into_iter().collect(),
            capacity: output.capacity,
            ..StatementOutput::default()
        })
    }

    /// Where many statements go together, a SELECT names one item by its key and says no more about it.
    fn check_reads_one_item(&self, engine: &Engine, operation: &str) -> Result<(), Error> {
        let Written::Select(written) = &self.written else { return Ok(()) };
        let select = Select::of(written, &self.parameters)?;
        let schema = &engine.table(&select.target.table)?.definition.key_schema;
        let names_key = select.target.index.is_none()
            && matches!(write::key_and_rest(schema, select.condition), Ok((_, None)));
        match names_key {
            true => Ok(()),
            false => Err(Error::validation(format!(
                "Select statements within {operation} must specify the primary key in the where clause."
            ))),
        }
    }
}

/// A statement before its parameters have values.
struct Unbound {
    written: Written,
    parameters: usize,
}

impl Unbound {
    fn lacks_parameters(&self, input: &StatementInput) -> bool {
        input.parameters.len() < self.parameters
    }

    fn with_parameters(self, input: &StatementInput) -> Result<Statement, Error> {
        let parameters = input.parameters.iter().cloned().collect::<Result<Vec<_>, _>>();
        let parameters = parameters.map_err(Error::Validation)?;
        // More than are asked for are passed over.
        if parameters.len() < self.parameters {
            return Err(literal::parameters_mismatch());
        }
        Ok(Statement { written: self.written, parameters, on_condition_failure: input.on_condition_failure })
    }
}

/// The error about a text that is no statement.
fn malformed(detail: &str) -> Error {
    Error::validation(format!("Statement wasn't well formed, can't be processed: {detail}"))
}
