//! Pages: what a query or a scan reads until its limit or a megabyte, and what of that it shows.

use std::sync::Arc;

use super::capacity::{Capacity, Consistency, Units};
use super::error::Error;
use super::expression::{Condition, Projection};
use super::index::Index;
use super::item::{Attributes, Item};
use super::key_schema::{ItemKey, KeySchema};
use super::limit;
use super::table::Table;
use super::table_definition::{IndexKind, IndexProjection};
use super::write::check_scalar_keys;

/// Which attributes an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Select {
    AllAttributes,
    AllProjectedAttributes,
    SpecificAttributes,
    Count,
}

/// A page of a query or a scan.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page {
    /// `None` when only the count was asked for.
    pub(crate) items: Option<Vec<Arc<Item>>>,
    pub(crate) count: usize,
    pub(crate) scanned_count: usize,
    /// Where the next page starts, if there may be one.
    pub(crate) last_evaluated_key: Option<Attributes>,
    pub(crate) capacity: Capacity,
}

/// What queries and scans have in common once their request is read.
pub(crate) struct PageRequest<'r> {
    pub(crate) limit: Option<usize>,
    pub(crate) select: Option<Select>,
    pub(crate) filter: Option<&'r Condition>,
    pub(crate) projection: Option<&'r Projection>,
    pub(crate) consistency: Consistency,
}

/// What is read: a table, or one of its indexes.
pub(crate) struct Source<'t> {
    pub(crate) table: &'t Table,
    pub(crate) index: Option<&'t Index>,
}

impl<'t> Source<'t> {
    pub(crate) fn new(table: &'t Table, index_name: Option<&str>) -> Result<Self, Error> {
        Ok(Self { table, index: index_name.map(|name| table.index(name)).transpose()? })
    }

    /// The keys by which the source is ordered.
    pub(crate) fn key_schema(&self) -> &'t KeySchema {
        self.index.map_or(&self.table.definition.key_schema, |index| &index.definition.key_schema)
    }

    /// The attributes of a start key: those of the table's key, and those of the index's.
    pub(crate) fn start_key_attributes(&self) -> Vec<&'t str> {
        let mut names: Vec<&str> =
            self.table.definition.key_schema.attributes().map(|key| &*key.name).collect();
        for key in self.key_schema().attributes() {
            if !names.contains(&&*key.name) {
                names.push(&key.name);
            }
        }
        names
    }

    /// # Errors
    /// When a start key does not have exactly the attributes that start keys of the source have.
    pub(crate) fn check_start_attributes(&self, key: &Attributes) -> Result<(), Error> {
        let names = self.start_key_attributes();
        if key.len() != names.len() || !names.iter().all(|name| key.contains_key(*name)) {
            return Err(Error::validation("The provided starting key is invalid"));
        }
        Ok(())
    }

    /// A start key, taken apart into the source's own key and the table's.
    pub(crate) fn start_key(&self, key: &Attributes) -> Result<(ItemKey, ItemKey), Error> {
        let part = |schema: &KeySchema| {
            let part = key.iter().filter(|(name, _)| schema.contains(name));
            let part: Attributes = part.map(|(name, value)| (name.clone(), value.clone())).collect();
            schema.key_of_request(&part)
        };
        let invalid =
            |error: Error| Error::validation(format!("The provided starting key is invalid: {error}"));
        match self.index {
            // Whatever the key has beside the table's own attributes is found, too.
            None => self.key_schema().key_of_request(key).map(|key| (key.clone(), key)).map_err(invalid),
            Some(_) => {
                let own = part(self.key_schema())?;
                Ok((own, part(&self.table.definition.key_schema).map_err(invalid)?))
            }
        }
    }

    /// # Errors
    /// When a strongly consistent read is asked of a global index.
    pub(crate) fn check_consistency(&self, consistency: Consistency) -> Result<(), Error> {
        let is_global = self.index.is_some_and(|index| index.definition.kind == IndexKind::Global);
        match is_global && consistency == Consistency::Strong {
            true => Err(not_consistent()),
            false => Ok(()),
        }
    }

    /// Refuses what the source cannot answer.
    pub(crate) fn check(&self, request: &PageRequest<'_>) -> Result<(), Error> {
        if let Some(projection) = request.projection {
            check_scalar_keys(self.table, |visit| projection.paths().iter().for_each(visit))?;
        }
        if let Some(filter) = request.filter {
            check_scalar_keys(self.table, |visit| filter.visit_paths(visit))?;
        }
        let Some(index) = self.index else { return Ok(()) };
        let IndexKind::Global = index.definition.kind else { return Ok(()) };
        let name = &index.definition.name;
        if request.select == Some(Select::AllAttributes)
            && index.definition.projection != IndexProjection::All
        {
            return Err(Error::invalid_parameter(format!(
                "Select type ALL_ATTRIBUTES is not supported for global secondary index {name} because its projection \
                 type is not ALL"
            )));
        }
        let missing: Vec<_> = request
            .projection
            .iter()
            .flat_map(|projection| projection.paths())
            .map(|path| path.attribute())
            .filter(|attribute| !index.projects(attribute, &self.table.definition.key_schema))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::invalid_parameter(format!(
            "Global secondary index {name} does not project [{}]",
            missing.join(", ")
        )))
    }

    /// Whether entries must be completed from the table: local indexes do that when asked for more than they hold.
    fn fetches(&self, request: &PageRequest<'_>) -> bool {
        let Some(index) = self.index else { return false };
        index.definition.kind == IndexKind::Local
            && index.definition.projection != IndexProjection::All
            && (request.select == Some(Select::AllAttributes)
                || request.projection.is_some_and(|projection| {
                    let table = &self.table.definition.key_schema;
                    projection.paths().iter().any(|path| !index.projects(path.attribute(), table))
                }))
    }

    /// Reads entries up to the end of a page.
    pub(crate) fn read(
        &self,
        entries: impl Iterator<Item = (&'t ItemKey, &'t Arc<Item>)>,
        request: &PageRequest<'_>,
    ) -> Page {
        let fetches = self.fetches(request);
        let wanted = request.limit.unwrap_or(usize::MAX);
        let (mut bytes, mut billed, mut scanned_count, mut count) = (0, 0, 0, 0);
        let mut fetched_units = Units::default();
        let mut last = None;
        let mut items = Vec::new();
        let mut stopped = false;
        for (key, entry) in entries {
            bytes += entry.size();
            billed += match self.index {
                None => self.table.billed_size(entry),
                Some(_) => entry.size(),
            };
            scanned_count += 1;
            let whole = if fetches { self.table.items.get(key).unwrap_or(entry) } else { entry };
            if fetches {
                fetched_units += Units::of_read(self.table.billed_size(whole), request.consistency);
            }
            if request.filter.is_none_or(|filter| filter.holds(Some(whole))) {
                count += 1;
                if request.select != Some(Select::Count) {
                    items.push(match request.projection {
                        Some(projection) => Arc::new(Item::new(&projection.apply(whole))),
                        None => whole.clone(),
                    });
                }
            }
            last = Some(entry);
            if scanned_count >= wanted || bytes >= limit::PAGE_BYTES {
                stopped = true;
                break;
            }
        }
        Page {
            items: (request.select != Some(Select::Count)).then_some(items),
            count,
            scanned_count,
            last_evaluated_key: last.filter(|_| stopped).map(|item| self.last_evaluated_key(item)),
            capacity: self.capacity(Units::of_read(billed, request.consistency), fetched_units),
        }
    }

    fn last_evaluated_key(&self, entry: &Item) -> Attributes {
        let names = self.start_key_attributes();
        names.into_iter().filter_map(|name| Some((name.into(), entry.get(name)?))).collect()
    }

    fn capacity(&self, read: Units, fetched: Units) -> Capacity {
        match self.index {
            None => Capacity::of_table(read),
            Some(index) => {
                let mut capacity = Capacity::of_table(fetched);
                capacity.add_index(&index.definition.name, index.definition.kind, read);
                capacity
            }
        }
    }
}

/// What a strongly consistent read is told of any index that is not its table's own.
pub(super) fn not_consistent() -> Error {
    Error::validation("Consistent reads are not supported on global secondary indexes")
}
