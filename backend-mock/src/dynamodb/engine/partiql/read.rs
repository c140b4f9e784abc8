//! SELECT: a few queries one after the other, or a scan, and the columns of what they find.

use std::sync::Arc;

use super::super::Engine;
use super::super::attribute_value::AttributeValue;
use super::super::capacity::Consistency;
use super::super::error::Error;
use super::super::expression::{Condition, DocumentPath, Expressions, Parsed, Projection, Step};
use super::super::index::Index;
use super::super::item::{Attributes, Item};
use super::super::key_schema::KeySchema;
use super::super::limit;
use super::super::query::{Direction, Page, QueryInput};
use super::super::scan::{NO_SCAN_OF_VECTORS, ScanInput};
use super::super::table::Table;
use super::super::table_definition::IndexKind;
use super::super::write::check_scalar_keys;
use super::condition::{condition, path};
use super::parser::{Target, WrittenSelect};
use super::plan::{self, Plan, Range};
use super::term::{Node, Term};
use super::{Refused, Resume, StatementOutput};

/// A SELECT of a table that exists.
pub(super) struct Select {
    pub(super) target: Target,
    pub(super) columns: Option<Vec<DocumentPath>>,
    pub(super) condition: Option<Condition>,
    order_by: Vec<(Term, bool)>,
}

/// What a request asks for beside its statement.
pub(super) struct PageOptions {
    pub(super) limit: Option<usize>,
    pub(super) resume: Option<Resume>,
    pub(super) consistency: Consistency,
}

impl Select {
    /// # Errors
    /// [`Error::Validation`] in DynamoDB's words.
    pub(super) fn of(written: &WrittenSelect, parameters: &[AttributeValue]) -> Result<Self, Error> {
        let columns = written.projection.as_deref().map(columns).transpose()?;
        let condition = written.condition.as_ref().map(|term| condition(term, parameters)).transpose()?;
        Ok(Self { target: written.target.clone(), columns, condition, order_by: written.order_by.clone() })
    }

    pub(super) fn execute(
        self,
        engine: &Engine,
        mut options: PageOptions,
    ) -> Result<StatementOutput, Refused> {
        let table = engine.table(&self.target.table)?;
        let index = self.target.index.as_deref().map(|name| index(table, name)).transpose()?;
        let is_global = index.is_some_and(|index| index.definition.kind == IndexKind::Global);
        if is_global && options.consistency == Consistency::Strong {
            return Err(Error::validation(
                "Strongly consistent read is not supported on Global Secondary Indexes",
            )
            .into());
        }
        let schema = index.map_or(&table.definition.key_schema, |index| &index.definition.key_schema);
        if schema.has_many_attributes() {
            return Err(Error::validation(
                "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute \
                 RANGE keys.",
            )
            .into());
        }
        if let Some(columns) = &self.columns {
            check_scalar_keys(table, |visit| columns.iter().for_each(visit))?;
        }
        let order = self.order(schema)?;
        let plan = Plan::of(schema, self.condition.clone())?;
        let direction = order.direction(&plan)?;
        plan.check_sizes(schema).map_err(Refused::by_table)?;
        let (mut ranges, scan_filter) = match plan {
            Plan::Scan(filter) => (Vec::new(), Some(filter)),
            Plan::Queries { ranges, is_conjunction } => {
                if let Some(index) = index
                    && is_conjunction
                {
                    check_filter(index, &table.definition.key_schema, &ranges)?;
                }
                // Only an IN names more than one partition outright.
                if is_conjunction && is_of_many_partitions(&ranges) {
                    options.limit = Some(
                        options.limit.map_or(limit::IN_PAGE_ITEMS, |asked| asked.min(limit::IN_PAGE_ITEMS)),
                    );
                }
                (ranges, None)
            }
        };
        order.apply(schema, &mut ranges);
        let reader = Reader { engine, select: &self, direction, consistency: options.consistency };
        reader.read(&ranges, scan_filter, options).map_err(Refused::by_table)
    }

    /// What ORDER BY asks for, term by term.
    fn order(&self, schema: &KeySchema) -> Result<Order, Error> {
        let mut order = Order { is_asked_for: !self.order_by.is_empty(), ..Order::default() };
        if order.is_asked_for && self.condition.is_none() {
            return Err(Error::validation(
                "Must have WHERE clause in the statement when using ORDER BY clause.",
            ));
        }
        for (term, descends) in &self.order_by {
            let type_name = match &term.node {
                Node::Path(steps) => match &steps[..] {
                    [Step::Member(name)] => {
                        let of_key = if *name == schema.partition.name {
                            &mut order.of_partition
                        } else if schema.sort.as_ref().is_some_and(|sort| sort.name == *name) {
                            &mut order.of_sort
                        } else {
                            return Err(Error::validation(format!(
                                "Attribute {name} in ORDER BY clause must be part of the primary key"
                            )));
                        };
                        of_key.get_or_insert(*descends);
                        continue;
                    }
                    _ => "PATH",
                },
                Node::Text(text) | Node::Number(text) => text,
                _ => "LITERAL",
            };
            return Err(Error::validation(format!(
                "Argument to ORDER BY must be of type VariableReference. Type: {type_name} at {}",
                term.at
            )));
        }
        Ok(order)
    }

    /// The columns that the statement asks for; a path is called by its last name and what follows.
    pub(super) fn row(&self, item: Attributes) -> Attributes {
        let Some(columns) = &self.columns else { return item };
        let item = Item::new(&item);
        columns.iter().filter_map(|path| Some((column_name(path), path.find(&item)?))).collect()
    }

    /// The attributes that the columns lie in, each once and in the order of the statement.
    pub(super) fn projection(&self) -> Option<Projection> {
        let columns = self.columns.as_ref()?;
        let mut paths: Vec<DocumentPath> = Vec::new();
        for column in columns {
            let attribute = DocumentPath::new(column.steps().first().cloned().into_iter().collect());
            if !paths.contains(&attribute) {
                paths.push(attribute);
            }
        }
        Some(Projection::new(paths))
    }
}

/// What ORDER BY asks for: whether each key attribute descends. What is named first counts.
#[derive(Default)]
struct Order {
    is_asked_for: bool,
    of_partition: Option<bool>,
    of_sort: Option<bool>,
}

impl Order {
    /// Which way each range is read.
    ///
    /// # Errors
    /// When what is read has no such order.
    fn direction(&self, plan: &Plan) -> Result<Direction, Error> {
        if !self.is_asked_for {
            return Ok(Direction::Forward);
        }
        let Plan::Queries { ranges, .. } = plan else {
            return Err(Error::validation(
                "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
            ));
        };
        if self.of_partition.is_none() && is_of_many_partitions(ranges) {
            return Err(Error::validation(
                "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE \
                 clause.",
            ));
        }
        // The partition key alone has its items descend, whichever way it goes itself.
        Ok(if self.of_sort.unwrap_or(true) { Direction::Backward } else { Direction::Forward })
    }

    fn apply(&self, schema: &KeySchema, ranges: &mut Vec<Range>) {
        if !self.is_asked_for {
            return;
        }
        plan::sort(schema, ranges);
        let mut partitions: Vec<Vec<Range>> = Vec::new();
        for range in std::mem::take(ranges) {
            match partitions.last_mut().filter(|last| last.iter().all(|one| one.partition == range.partition))
            {
                Some(last) => last.push(range),
                None => partitions.push(vec![range]),
            }
        }
        if self.of_sort.unwrap_or(true) {
            partitions.iter_mut().for_each(|of_one| of_one.reverse());
        }
        if self.of_partition == Some(true) {
            partitions.reverse();
        }
        ranges.extend(partitions.into_iter().flatten());
    }
}

fn is_of_many_partitions(ranges: &[Range]) -> bool {
    ranges.windows(2).any(|pair| pair[0].partition != pair[1].partition)
}

struct Reader<'s> {
    engine: &'s Engine,
    select: &'s Select,
    direction: Direction,
    consistency: Consistency,
}

impl Reader<'_> {
    fn read(
        &self,
        ranges: &[Range],
        scan_filter: Option<Option<Condition>>,
        options: PageOptions,
    ) -> Result<StatementOutput, Error> {
        let PageOptions { mut limit, resume, .. } = options;
        let (first, mut start) = match resume {
            Some(Resume { position, key }) => (position, Some(key)),
            None => (0, None),
        };
        let count = if scan_filter.is_some() { 1 } else { ranges.len() };
        let mut output = StatementOutput::default();
        for position in first..count {
            let page = match (&scan_filter, ranges.get(position)) {
                (None, Some(range)) => self.query(range, start.take(), limit)?,
                (filter, _) => self.scan(filter.clone().flatten(), start.take(), limit)?,
            };
            output.capacity.add(&page.capacity);
            let items = page.items.unwrap_or_default();
            output.items.extend(items.iter().map(|item| self.select.row(item.attributes())));
            if let Some(key) = page.last_evaluated_key {
                output.resume = Some(Resume { position, key });
                break;
            }
            limit = limit.map(|limit| limit.saturating_sub(page.scanned_count));
        }
        Ok(output)
    }

    fn query(&self, range: &Range, start: Option<Attributes>, limit: Option<usize>) -> Result<Page, Error> {
        self.engine.query(&QueryInput {
            table_name: self.select.target.table.clone(),
            index_name: self.select.target.index.clone(),
            expressions: Expressions::of_statement(Parsed {
                key_condition: Some(range.key_condition.clone()),
                filter: range.filter.clone(),
                projection: self.select.projection(),
                ..Parsed::default()
            }),
            exclusive_start_key: start,
            limit,
            select: None,
            direction: self.direction,
            consistency: self.consistency,
        })
    }

    fn scan(
        &self,
        filter: Option<Condition>,
        start: Option<Attributes>,
        limit: Option<usize>,
    ) -> Result<Page, Error> {
        self.engine.scan(&ScanInput {
            table_name: self.select.target.table.clone(),
            index_name: self.select.target.index.clone(),
            expressions: Expressions::of_statement(Parsed {
                filter,
                projection: self.select.projection(),
                ..Parsed::default()
            }),
            exclusive_start_key: start,
            limit,
            select: None,
            segment: None,
            total_segments: None,
            consistency: self.consistency,
        })
    }
}

fn index<'t>(table: &'t Table, name: &str) -> Result<&'t Index, Error> {
    table.check_no_vector_index(Some(name), Consistency::Eventual, NO_SCAN_OF_VECTORS)?;
    table.index(name).map_err(|_| Error::validation("The table does not have the specified index"))
}

/// A query of an index cannot filter on what the index does not hold.
fn check_filter(index: &Index, table: &KeySchema, ranges: &[Range]) -> Result<(), Error> {
    let mut missing: Vec<&str> = Vec::new();
    if let Some(filter) = ranges.first().and_then(|range| range.filter.as_ref()) {
        filter.visit_paths(&mut |path| {
            if !index.projects(path.attribute(), table) && !missing.contains(&path.attribute()) {
                missing.push(path.attribute());
            }
        });
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Error::invalid_parameter(format!(
            "Secondary index {} does not project one or more filter attributes: [{}]",
            index.definition.name,
            missing.join(", ")
        ))),
    }
}

fn columns(terms: &[Term]) -> Result<Vec<DocumentPath>, Error> {
    let mut columns: Vec<DocumentPath> = Vec::new();
    let mut names: Vec<Arc<str>> = Vec::new();
    for term in terms {
        let Node::Path(steps) = &term.node else {
            return Err(Error::validation(format!("Unexpected path component at {}", term.at)));
        };
        let column = path(steps)?;
        let name = column_name(&column);
        if names.contains(&name) {
            return Err(Error::validation(format!("Duplicate identifiers in select clause: {name}")));
        }
        names.push(name);
        columns.push(column);
    }
    Ok(columns)
}

/// `b[0]` for `a.b[0]`.
fn column_name(path: &DocumentPath) -> Arc<str> {
    let last = path.steps().iter().rposition(|step| matches!(step, Step::Member(_))).unwrap_or_default();
    let parts = path.steps().iter().skip(last).map(|step| match step {
        Step::Member(name) => name.to_string(),
        Step::Element(index) => format!("[{index}]"),
    });
    parts.collect::<String>().into()
}
