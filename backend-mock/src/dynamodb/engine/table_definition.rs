//! Table definitions: what CreateTable asks for, and the rules it must keep.

use std::sync::Arc;

use super::error::Error;
use super::java_order::{Buckets, in_java_order};
use super::key_schema::{KeyAttribute, KeySchema, KeyType};
use super::limit;
use super::table_settings::{OnDemandThroughput, UnitsPerSecond, WarmThroughput};
use super::update_table::check_on_demand;
use super::vector_definition::{self, VectorIndexDefinition, VectorIndexInput};

/// What CreateTable asks for. Names and types are checked for their form already.
#[derive(Clone, Debug)]
pub(crate) struct CreateTableInput {
    pub(crate) table_name: String,
    pub(crate) attribute_definitions: Vec<KeyAttribute>,
    pub(crate) key_schema: Vec<KeySchemaElement>,
    pub(crate) local_indexes: Option<Vec<IndexInput>>,
    pub(crate) global_indexes: Option<Vec<IndexInput>>,
    pub(crate) vector_indexes: Option<Vec<VectorIndexInput>>,
    pub(crate) billing_mode: BillingMode,
    pub(crate) throughput: Option<Throughput>,
    pub(crate) table_class: Option<String>,
    pub(crate) deletion_protection: bool,
}

/// An attribute in a key schema, before it is known to make sense there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeySchemaElement {
    pub(crate) name: Arc<str>,
    pub(crate) role: KeyRole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyRole {
    Hash,
    Range,
}

impl KeyRole {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Hash => "HASH",
            Self::Range => "RANGE",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BillingMode {
    Provisioned,
    PayPerRequest,
}

/// Provisioned read and write capacity units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Throughput {
    pub(crate) read: i64,
    pub(crate) write: i64,
}

/// An index as CreateTable asks for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IndexInput {
    pub(crate) name: String,
    pub(crate) key_schema: Vec<KeySchemaElement>,
    pub(crate) projection_type: Option<String>,
    pub(crate) non_key_attributes: Option<Vec<String>>,
    pub(crate) throughput: Option<Throughput>,
    pub(crate) on_demand: Option<OnDemandThroughput>,
    pub(crate) warm: Option<WarmThroughput>,
}

/// Which attributes an index holds besides its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IndexProjection {
    All,
    KeysOnly,
    Include(Vec<Arc<str>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IndexKind {
    Local,
    Global,
}

/// An index that keeps the rules.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IndexDefinition {
    pub(crate) name: Arc<str>,
    pub(crate) kind: IndexKind,
    pub(crate) key_schema: KeySchema,
    pub(crate) projection: IndexProjection,
    pub(crate) throughput: Throughput,
    /// The most that the index may be asked a second, whatever its table may be.
    pub(crate) on_demand: Option<OnDemandThroughput>,
    /// The warm throughput that was asked for.
    pub(crate) warm: Option<UnitsPerSecond>,
}

impl IndexDefinition {
    /// What the index can be asked at once.
    pub(crate) fn warm_throughput(&self, billing_mode: BillingMode) -> UnitsPerSecond {
        UnitsPerSecond::of(billing_mode, self.throughput).or_warmed(self.warm)
    }
}

/// A table that keeps the rules.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableDefinition {
    pub(crate) name: Arc<str>,
    pub(crate) attribute_definitions: Vec<KeyAttribute>,
    pub(crate) key_schema: KeySchema,
    pub(crate) indexes: Vec<IndexDefinition>,
    pub(crate) vector_indexes: Vec<Arc<VectorIndexDefinition>>,
    pub(crate) billing_mode: BillingMode,
    pub(crate) throughput: Throughput,
    pub(crate) table_class: Option<String>,
    pub(crate) deletion_protection: bool,
}

impl CreateTableInput {
    /// Checks everything in the order in which DynamoDB does.
    pub(crate) fn define(self) -> Result<TableDefinition, Error> {
        let throughput = self.table_throughput()?;
        self.check_definitions_are_distinct()?;
        self.check_definitions_suffice()?;
        let key_schema = self.key_schema(&self.key_schema, false)?;
        self.check_definitions_match_without_indexes()?;
        let indexes = self.indexes(&key_schema)?;
        let vector_indexes = self.vector_indexes(&indexes)?;
        self.check_all_definitions_used()?;
        check_projected_attributes(&indexes)?;
        Ok(TableDefinition {
            name: self.table_name.as_str().into(),
            attribute_definitions: self.attribute_definitions,
            key_schema,
            indexes,
            vector_indexes,
            billing_mode: self.billing_mode,
            throughput,
            table_class: self.table_class,
            deletion_protection: self.deletion_protection,
        })
    }

    /// What the table is provisioned with: nothing where it is paid for by requests.
    ///
    /// # Errors
    /// [`Error::Validation`] when units and billing mode do not go together.
    pub(crate) fn table_throughput(&self) -> Result<Throughput, Error> {
        match (self.billing_mode, self.throughput) {
            (BillingMode::PayPerRequest, None) => Ok(Throughput::default()),
            (BillingMode::PayPerRequest, Some(_)) => Err(Error::invalid_parameter(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
            )),
            (BillingMode::Provisioned, Some(throughput)) => throughput.check_bounds().map(|()| throughput),
            (BillingMode::Provisioned, None) => Err(Error::invalid_parameter(
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
            )),
        }
    }

    fn check_definitions_are_distinct(&self) -> Result<(), Error> {
        for (position, attribute) in self.attribute_definitions.iter().enumerate() {
            if self.attribute_definitions[..position].iter().any(|earlier| earlier.name == attribute.name) {
                return Err(Error::validation(format!("Attribute Name is duplicated: {}", attribute.name)));
            }
        }
        Ok(())
    }

    /// Before the names, their number counts.
    fn check_definitions_suffice(&self) -> Result<(), Error> {
        if self.attribute_definitions.len() < self.key_schema.len() {
            return Err(no_definition());
        }
        Ok(())
    }

    fn definition(&self, name: &str) -> Option<&KeyAttribute> {
        self.attribute_definitions.iter().find(|definition| &*definition.name == name)
    }

    fn definition_names(&self) -> String {
        let names = self.attribute_definitions.iter().map(|definition| &*definition.name);
        in_java_order(names, Buckets::ForAll).join(", ")
    }

    /// Not all of these are defined. Where there are fewer definitions than keys, none is named.
    fn undefined(&self, elements: &[KeySchemaElement]) -> Error {
        let keys = in_java_order(elements.iter().map(|element| &*element.name), Buckets::ForAll);
        if self.attribute_definitions.len() < keys.len() {
            return no_definition();
        }
        Error::invalid_parameter(format!(
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: [{}]",
            keys.join(", "),
            self.definition_names()
        ))
    }

    /// `allows_many` for global indexes, whose keys may be made of several attributes.
    fn key_schema(&self, elements: &[KeySchemaElement], allows_many: bool) -> Result<KeySchema, Error> {
        let mut attributes = Vec::new();
        for element in elements {
            attributes.push(self.definition(&element.name).cloned().ok_or_else(|| self.undefined(elements))?);
        }
        if let [one, other] = elements
            && one.name == other.name
            && !(allows_many && other.role == KeyRole::Hash)
        {
            return Err(Error::validation(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name",
            ));
        }
        let mut attributes = attributes.into_iter();
        let (Some(partition), Some(KeyRole::Hash)) =
            (attributes.next(), elements.first().map(|first| first.role))
        else {
            return Err(Error::validation(
                "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
            ));
        };
        if allows_many {
            return many_attributes(partition, attributes, elements);
        }
        if elements.get(1).is_some_and(|second| second.role != KeyRole::Range) {
            return Err(Error::validation(
                "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
            ));
        }
        Ok(KeySchema {
            partition,
            sort: attributes.next(),
            more_partition: Vec::new(),
            more_sort: Vec::new(),
        })
    }

    fn index_inputs(&self) -> impl Iterator<Item = &IndexInput> {
        self.local_indexes.iter().chain(&self.global_indexes).flatten()
    }

    fn check_definitions_match_without_indexes(&self) -> Result<(), Error> {
        let has_indexes = self.has_secondary_indexes() || self.vector_indexes.is_some();
        if has_indexes || self.attribute_definitions.len() == self.key_schema.len() {
            return Ok(());
        }
        Err(count_mismatch())
    }

    fn has_secondary_indexes(&self) -> bool {
        self.local_indexes.is_some() || self.global_indexes.is_some()
    }

    fn check_all_definitions_used(&self) -> Result<(), Error> {
        let mut used: Vec<&Arc<str>> = Vec::new();
        let schemas =
            std::iter::once(&self.key_schema).chain(self.index_inputs().map(|index| &index.key_schema));
        for element in schemas.flatten() {
            if !used.contains(&&element.name) {
                used.push(&element.name);
            }
        }
        let searched = self.vector_indexes.iter().flatten().flat_map(|index| &index.search_schema);
        let is_searched = |name: &str| searched.clone().any(|(searched, _)| *searched == *name);
        used.extend(self.attribute_definitions.iter().map(|it| &it.name).filter(|name| is_searched(name)));
        if self.attribute_definitions.iter().all(|definition| used.contains(&&definition.name)) {
            return Ok(());
        }
        if !self.has_secondary_indexes() {
            return Err(count_mismatch());
        }
        Err(Error::invalid_parameter(format!(
            "Some AttributeDefinitions are not used. AttributeDefinitions: [{}], keys used: [{}]",
            self.definition_names(),
            in_java_order(used.into_iter().map(|name| &**name), Buckets::Default).join(", ")
        )))
    }

    fn indexes(&self, table: &KeySchema) -> Result<Vec<IndexDefinition>, Error> {
        let mut indexes: Vec<IndexDefinition> = Vec::new();
        if let Some(local) = &self.local_indexes {
            check_index_list(local, "LocalSecondaryIndexes")?;
            if table.sort.is_none() {
                return Err(Error::invalid_parameter(
                    "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
                ));
            }
            for input in local {
                let index = self.define_index(input, IndexKind::Local, table)?;
                push_distinct(&mut indexes, index)?;
            }
            if local.len() > limit::LOCAL_INDEXES {
                return Err(Error::invalid_parameter(format!(
                    "Number of LocalSecondaryIndexes exceeds per-table limit of {}",
                    limit::LOCAL_INDEXES
                )));
            }
        }
        if let Some(global) = &self.global_indexes {
            check_index_list(global, "GlobalSecondaryIndexes")?;
            for input in global {
                let index = self.define_index(input, IndexKind::Global, table)?;
                push_distinct(&mut indexes, index)?;
            }
            if global.len() > limit::GLOBAL_INDEXES {
                return Err(Error::invalid_parameter(format!(
                    "GlobalSecondaryIndex count exceeds the per-table limit of {}",
                    limit::GLOBAL_INDEXES
                )));
            }
        }
        Ok(indexes)
    }

    /// The vector indexes, beside the others that there are.
    fn vector_indexes(&self, others: &[IndexDefinition]) -> Result<Vec<Arc<VectorIndexDefinition>>, Error> {
        let Some(inputs) = &self.vector_indexes else { return Ok(Vec::new()) };
        let indexes = vector_definition::define_all(inputs, &self.attribute_definitions, self.billing_mode)?;
        match indexes.iter().find(|index| others.iter().any(|other| other.name == index.name)) {
            None => Ok(indexes),
            Some(index) => Err(duplicate_name(&index.name)),
        }
    }

    /// The definition of one index of the table whose key is `table`.
    pub(super) fn define_index(
        &self,
        input: &IndexInput,
        kind: IndexKind,
        table: &KeySchema,
    ) -> Result<IndexDefinition, Error> {
        let key_schema = self.key_schema(&input.key_schema, kind == IndexKind::Global)?;
        let name = &input.name;
        if kind == IndexKind::Local {
            if key_schema.sort.is_none() {
                return Err(Error::invalid_parameter(format!(
                    "Index KeySchema does not have a range key for index: {name}"
                )));
            }
            if key_schema.partition != table.partition {
                return Err(Error::invalid_parameter(format!(
                    "Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. \
                     index hash key: {}, table hash key: {}",
                    key_schema.partition.name, table.partition.name
                )));
            }
        }
        let projection = projection(input.projection_type.as_deref(), input.non_key_attributes.as_deref())?;
        let throughput = match (kind, self.billing_mode, input.throughput) {
            (IndexKind::Local, ..) | (_, BillingMode::PayPerRequest, None) => Throughput::default(),
            (_, BillingMode::Provisioned, Some(throughput)) => throughput,
            (_, BillingMode::Provisioned, None) => {
                return Err(Error::invalid_parameter(format!(
                    "ProvisionedThroughput is not specified for index: {name}"
                )));
            }
            (_, BillingMode::PayPerRequest, Some(_)) => {
                return Err(Error::invalid_parameter(format!(
                    "ProvisionedThroughput should not be specified for index: {name} when BillingMode is \
                     PAY_PER_REQUEST"
                )));
            }
        };
        if let Some(maximum) = input.on_demand {
            check_on_demand(maximum, Some(name), self.billing_mode, 1)?;
        }
        let brought = UnitsPerSecond::of(self.billing_mode, throughput);
        let warmed = |asked| brought.warmed(asked, &format!("index {name}"), self.billing_mode);
        let warm = input.warm.map(warmed).transpose()?;
        Ok(IndexDefinition {
            name: name.as_str().into(),
            kind,
            key_schema,
            projection,
            throughput,
            on_demand: input.on_demand,
            warm,
        })
    }
}

impl Throughput {
    /// # Errors
    /// [`Error::Validation`] for more units than any table could have.
    pub(crate) fn check_bounds(self) -> Result<(), Error> {
        for (member, units) in [("ReadCapacityUnits", self.read), ("WriteCapacityUnits", self.write)] {
            if units > limit::CAPACITY_UNITS {
                return Err(Error::validation(format!("Given value {units} for {member} is out of bounds")));
            }
        }
        Ok(())
    }
}

/// The schema of a key whose first attribute is `partition`: up to four attributes of the partition key, and then up to
/// four of the sort key.
fn many_attributes(
    partition: KeyAttribute,
    others: impl Iterator<Item = KeyAttribute>,
    elements: &[KeySchemaElement],
) -> Result<KeySchema, Error> {
    let hashes = elements.iter().take_while(|element| element.role == KeyRole::Hash).count();
    if elements[hashes..].iter().any(|element| element.role == KeyRole::Hash) {
        return Err(Error::invalid_parameter(
            "All HASH key attributes must precede RANGE key attributes in the KeySchema",
        ));
    }
    for (role, count) in [("HASH", hashes), ("RANGE", elements.len() - hashes)] {
        if count > limit::KEY_ATTRIBUTES_OF_A_ROLE {
            return Err(Error::invalid_parameter(format!(
                "The KeySchema exceeds the maximum allowed number of {role} key attributes"
            )));
        }
    }
    let mut names: Vec<&str> = elements.iter().map(|element| &*element.name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::validation("The KeySchema contains multiple key attributes with the same name"));
    }
    let mut more_partition: Vec<_> = others.collect();
    let mut more_sort = more_partition.split_off(hashes - 1);
    let sort = (!more_sort.is_empty()).then(|| more_sort.remove(0));
    Ok(KeySchema { partition, sort, more_partition, more_sort })
}

/// What an index is to project.
///
/// # Errors
/// [`Error::Validation`] when the type of the projection and the attributes that are named do not go together.
pub(super) fn projection(
    projection_type: Option<&str>,
    non_key_attributes: Option<&[String]>,
) -> Result<IndexProjection, Error> {
    let projection_type = projection_type.unwrap_or("null");
    match (projection_type, non_key_attributes) {
        ("ALL", None) => Ok(IndexProjection::All),
        ("KEYS_ONLY", None) => Ok(IndexProjection::KeysOnly),
        ("INCLUDE", Some(names)) => {
            for (position, name) in names.iter().enumerate() {
                if names[..position].contains(name) {
                    return Err(Error::invalid_parameter(format!(
                        "Duplicate element in NonKeyAttributes: {name}"
                    )));
                }
            }
            Ok(IndexProjection::Include(names.iter().map(|name| name.as_str().into()).collect()))
        }
        ("INCLUDE", None) => {
            Err(Error::invalid_parameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified"))
        }
        ("ALL" | "KEYS_ONLY", Some(_)) => Err(Error::invalid_parameter(format!(
            "ProjectionType is {projection_type}, but NonKeyAttributes is specified"
        ))),
        _ => Err(Error::invalid_parameter(format!("Unknown ProjectionType: {projection_type}"))),
    }
}

/// Refuses indexes that project more attributes by name than those of one table may together.
pub(super) fn check_projected_attributes(indexes: &[IndexDefinition]) -> Result<(), Error> {
    let names = indexes.iter().map(|index| match &index.projection {
        IndexProjection::Include(names) => names.len(),
        IndexProjection::All | IndexProjection::KeysOnly => 0,
    });
    // What AWS says here is not known; the words are those of its other limits of a table.
    match names.sum::<usize>() > limit::PROJECTED_ATTRIBUTES {
        false => Ok(()),
        true => Err(Error::invalid_parameter(format!(
            "Number of projected NonKeyAttributes exceeds per-table limit of {}",
            limit::PROJECTED_ATTRIBUTES
        ))),
    }
}

fn check_index_list(indexes: &[IndexInput], member: &str) -> Result<(), Error> {
    if indexes.is_empty() {
        return Err(Error::invalid_parameter(format!("List of {member} is empty")));
    }
    Ok(())
}

fn push_distinct(indexes: &mut Vec<IndexDefinition>, index: IndexDefinition) -> Result<(), Error> {
    if indexes.iter().any(|earlier| earlier.name == index.name) {
        return Err(duplicate_name(&index.name));
    }
    indexes.push(index);
    Ok(())
}

pub(super) fn duplicate_name(index: &str) -> Error {
    Error::invalid_parameter(format!("Duplicate index name: {index}"))
}

fn count_mismatch() -> Error {
    Error::invalid_parameter(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
    )
}

fn no_definition() -> Error {
    Error::validation("Invalid KeySchema: Some index key attribute have no definition")
}

impl KeyType {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "S" => Some(Self::S),
            "N" => Some(Self::N),
            "B" => Some(Self::B),
            _ => None,
        }
    }
}
