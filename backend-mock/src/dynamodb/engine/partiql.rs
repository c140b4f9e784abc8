//! PartiQL: statements in DynamoDB's dialect of SQL, carried out by the operations that there are already.
//!
//! `token` and `term` read what is written, `parser` the statement around it, and `reading` finds what DynamoDB refuses
//! as it reads values; `literal`, `condition` and `update` make of it what the other operations make of their
//! expressions, parameters put in. `plan` says which keys a SELECT asks for, `read` queries or scans for them, `write`
//! makes a statement a write of one item. So a statement changes and finds what PutItem, UpdateItem, DeleteItem, Query,
//! Scan and the transactions would.

mod condition;
mod ion;
mod keyword;
mod literal;
mod parser;
mod path;
mod plan;
mod read;
mod reading;
mod term;
#[cfg(test)]
mod tests;
mod token;
mod transaction;
mod update;
mod write;

use super::Engine;
use super::attribute_value::AttributeValue;
use super::capacity::{Capacity, Consistency, Units};
use super::error::Error;
use super::item::{self, Attributes};
use super::key_schema::ItemKey;
use super::throttling::Access;
use super::write::OnConditionFailure;
use parser::Written;
use plan::one_key;
use read::{PageOptions, Select};
use write::{AskedIn, StatementWrite};

pub(crate) use literal::is_beyond_exponents;
pub(crate) use transaction::TransactionOutput;

/// A statement as it came.
#[derive(Clone, Debug)]
pub(crate) struct StatementInput {
    pub(crate) text: String,
    /// Each value, or what is wrong with it: that is found out only after faults of the statement.
    pub(crate) parameters: Vec<Result<AttributeValue, String>>,
    /// Whether a parameter is too deep to be looked at, which is told before anything else.
    pub(crate) too_deep: bool,
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

/// Why a statement did not succeed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused {
    pub(crate) error: Error,
    /// Whether its table was asked, and said so.
    pub(crate) by_table: bool,
}

impl Refused {
    fn by_table(error: Error) -> Self {
        Self { error, by_table: true }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, by_table: false }
    }
}

/// What became of one statement of a batch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BatchedOutput {
    /// The table, unless the statement was refused before it came there.
    pub(crate) table_name: Option<String>,
    pub(crate) result: Result<StatementOutput, Error>,
    /// What a write costs whose item does not fit it.
    pub(crate) failure: Units,
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
        let output = statement.execute(self, options).map_err(|refused| refused.error)?;
        Ok(StatementOutput { table_name, ..output })
    }

    /// Carries statements out one after the other, each on its own.
    ///
    /// # Errors
    /// When reads and writes are mixed, or two statements are about the same item; what is wrong with one statement is
    /// its own output, and it takes no part in that.
    pub(crate) fn batch_execute_statement(
        &mut self,
        inputs: &[StatementInput],
    ) -> Result<Vec<BatchedOutput>, Error> {
        let statements: Vec<_> = inputs.iter().map(Statement::read).collect();
        let mut kinds = statements.iter().flatten().map(Statement::is_read);
        let first = kinds.next();
        if kinds.any(|kind| first != Some(kind)) {
            return Err(Error::validation(
                "Read and write requests together in the same batch is not supported.",
            ));
        }
        let mut targets: Vec<Option<ItemTarget>> = Vec::new();
        for statement in &statements {
            let target = statement.as_ref().ok().and_then(|statement| statement.item_target(self));
            if targets
                .iter()
                .flatten()
                .any(|other| target.as_ref().is_some_and(|target| target.is_same(other)))
            {
                return Err(Error::validation("Provided list of item keys contains duplicates"));
            }
            targets.push(target);
        }
        let outputs = statements.into_iter().zip(inputs).zip(&targets).map(|((statement, input), target)| {
            let statement = match statement {
                Ok(statement) => statement,
                Err(error) => {
                    return BatchedOutput { table_name: None, result: Err(error), failure: Units::default() };
                }
            };
            let table = self.table_name(statement.table()).to_owned();
            let options = PageOptions { limit: None, resume: None, consistency: input.consistency };
            let result = match statement.check_reads_one_item(self, "BatchExecuteStatement") {
                Ok(()) => statement.execute(self, options),
                Err(error) => Err(error.into()),
            };
            let has_come = result.as_ref().map_or_else(
                |refused| refused.by_table || matches!(refused.error, Error::ResourceNotFound(_)),
                |_| true,
            );
            let result = result.map_err(|refused| refused.error);
            // What was refused left its item as it was.
            let failure = match (&result, target) {
                (Err(Error::ConditionalCheckFailed(_) | Error::DuplicateItem), Some(target)) => {
                    target.cost_of_failure(self)
                }
                _ => Units::default(),
            };
            BatchedOutput { table_name: has_come.then_some(table), result, failure }
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
        let statement = Self::parse(input)?.with_parameters(input)?;
        statement.check_reading()?;
        Ok(statement)
    }

    fn check_reading(&self) -> Result<(), Error> {
        reading::check(&self.written, &self.parameters)
    }

    fn is_read(&self) -> bool {
        matches!(self.written, Written::Select(_))
    }

    fn parse(input: &StatementInput) -> Result<Unbound, Error> {
        if input.too_deep {
            return Err(Error::validation(item::NESTED_TOO_DEEP));
        }
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

    fn execute(self, engine: &mut Engine, options: PageOptions) -> Result<StatementOutput, Refused> {
        if let Written::Select(written) = &self.written {
            let output = Select::of(written, &self.parameters)?.execute(engine, options)?;
            engine.charge(self.table(), &output.capacity, Access::Read);
            return Ok(output);
        }
        if matches!(self.written, Written::Exists(_)) {
            return Err(Error::validation(parser::EXISTS_ELSEWHERE).into());
        }
        let Some(write) = self.write(engine, AskedIn::Statement)? else {
            return Ok(StatementOutput::default());
        };
        let output = write.execute(engine).map_err(Refused::by_table)?;
        Ok(StatementOutput {
            items: output.attributes.into_iter().collect(),
            capacity: output.capacity,
            ..StatementOutput::default()
        })
    }

    fn write(&self, engine: &Engine, asked_in: AskedIn) -> Result<Option<StatementWrite>, Error> {
        StatementWrite::of(engine, &self.written, &self.parameters, self.on_condition_failure, asked_in)
    }

    /// Where many statements go together, a SELECT names one item by its key and says no more about it.
    fn check_reads_one_item(&self, engine: &Engine, operation: &str) -> Result<(), Error> {
        match self.is_read() {
            true => self.key_of_select(engine, operation).map(drop),
            false => Ok(()),
        }
    }

    fn key_of_select(&self, engine: &Engine, operation: &str) -> Result<Attributes, Error> {
        let no_key = || {
            Error::validation(format!(
                "Select statements within {operation} must specify the primary key in the where clause."
            ))
        };
        let Written::Select(written) = &self.written else { return Err(no_key()) };
        let select = Select::of(written, &self.parameters)?;
        let schema = &engine.table(&select.target.table)?.definition.key_schema;
        let condition = select.condition.filter(|_| select.target.index.is_none()).ok_or_else(no_key)?;
        one_key(schema, &condition)?.ok_or_else(no_key)
    }

    /// The one item that the statement is about, if it says so and its table is there.
    fn item_target(&self, engine: &Engine) -> Option<ItemTarget> {
        let schema = &engine.table(self.table()).ok()?.definition.key_schema;
        let (key, inserted) = match self.is_read() {
            true => (schema.key_of_request(&self.key_of_select(engine, "").ok()?), 0),
            false => {
                let write = self.write(engine, AskedIn::Statement).ok()??;
                let attributes = write.item.verb.attributes();
                let inserted = if write.is_insert { item::size(attributes) } else { 0 };
                (schema.key_of_item(attributes), inserted)
            }
        };
        Some(ItemTarget { table_name: engine.table_name(self.table()).to_owned(), key: key.ok()?, inserted })
    }
}

/// The one item that a statement is about.
struct ItemTarget {
    table_name: String,
    key: ItemKey,
    /// The bytes of the item that an INSERT has.
    inserted: usize,
}

impl ItemTarget {
    fn is_same(&self, other: &Self) -> bool {
        (&self.table_name, &self.key) == (&other.table_name, &other.key)
    }

    /// What a write costs that the item refuses: as much as the larger of what is there and what would come.
    fn cost_of_failure(&self, engine: &Engine) -> Units {
        let there = engine.table(&self.table_name).map(|table| table.cost_of_failure(&self.key).table);
        there.unwrap_or_default().max(Units::of_write(self.inserted))
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
