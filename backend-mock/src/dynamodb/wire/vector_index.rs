//! Vector indexes in JSON: what CreateTable, UpdateTable, imports and restores ask for, and what descriptions show.

use serde_json::{Value, json};

use super::super::engine::error::Error;
use super::super::engine::table::Table;
use super::super::engine::update_table::VectorIndexUpdate;
use super::super::engine::vector::DistanceFunction;
use super::super::engine::vector_definition::{
    SearchElement, SearchRole, VectorIndexDefinition, VectorIndexInput,
};
use super::super::engine::vector_index::VectorIndex;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Rule, Shape, optional, required};
use super::table::{NAME, PROJECTION, projection_description};

const INDEX_NAME: Member = required("IndexName", Shape::String, NAME);
const VECTOR_INDEX: Shape = Shape::Structure(&[
    INDEX_NAME,
    required(
        "VectorAttribute",
        Shape::Structure(&[required("AttributeName", Shape::String, &[Rule::Length(1, 255)])]),
        &[],
    ),
    optional(
        "SearchSchema",
        Shape::List(&Shape::Structure(&[
            required("AttributeName", Shape::String, &[Rule::Length(1, 65_535)]),
            required("SearchSchemaElementType", Shape::String, &[Rule::OneOf(SearchRole::NAMES)]),
        ])),
        &[Rule::Length(1, usize::MAX)],
    ),
    PROJECTION,
    required("Dimensions", Shape::Long, &[Rule::Min(1)]),
    required("DistanceFunction", Shape::String, &[Rule::OneOf(DistanceFunction::NAMES)]),
]);
pub(super) const VECTOR_INDEXES: Member = optional("VectorIndexes", Shape::List(&VECTOR_INDEX), &[]);
pub(super) const VECTOR_INDEX_OVERRIDE: Member =
    optional("VectorIndexOverride", Shape::List(&VECTOR_INDEX), &[]);
pub(super) const VECTOR_INDEX_UPDATES: Member = optional(
    "VectorIndexUpdates",
    Shape::List(&Shape::Structure(&[
        optional("Create", VECTOR_INDEX, &[]),
        optional("Delete", Shape::Structure(&[INDEX_NAME]), &[]),
    ])),
    &[],
);

/// The vector indexes that a member of a request lists.
pub(super) fn vector_indexes(input: Input<'_>, member: &str) -> Option<Vec<VectorIndexInput>> {
    input.list(member)?;
    Some(input.objects(member).map(vector_index).collect())
}

fn vector_index(index: Input<'_>) -> VectorIndexInput {
    let projection = index.object("Projection");
    let names = projection.and_then(|projection| projection.list("NonKeyAttributes"));
    let element = |element: Input<'_>| {
        let role = match element.text("SearchSchemaElementType") {
            Some("HASH") => SearchRole::Hash,
            _ => SearchRole::InlineFilter,
        };
        (element.string("AttributeName"), role)
    };
    VectorIndexInput {
        name: index.string("IndexName"),
        attribute: index.object("VectorAttribute").map(|it| it.string("AttributeName")).unwrap_or_default(),
        dimensions: index.integer("Dimensions").unwrap_or_default(),
        distance: index
            .text("DistanceFunction")
            .and_then(DistanceFunction::parse)
            .unwrap_or(DistanceFunction::Cosine),
        projection_type: projection.and_then(|it| it.text("ProjectionType")).map(str::to_owned),
        non_key_attributes: names
            .map(|names| names.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
        search_schema: index.objects("SearchSchema").map(element).collect(),
    }
}

/// What UpdateTable makes of vector indexes.
///
/// # Errors
/// Each update is one action, and there must be one.
pub(super) fn vector_updates(input: Input<'_>) -> Result<Vec<VectorIndexUpdate>, Fault> {
    if input.list("VectorIndexUpdates").is_some_and(<[Json<'_>]>::is_empty) {
        return Err(Fault::from(Error::invalid_parameter("List of VectorIndexUpdates is empty")));
    }
    let update = |update: Input<'_>| match (update.object("Create"), update.object("Delete")) {
        (Some(index), None) => Ok(VectorIndexUpdate::Create(vector_index(index))),
        (None, Some(index)) => Ok(VectorIndexUpdate::Delete(index.string("IndexName"))),
        (None, None) => Err(Fault::from(Error::invalid_parameter(
            "One of VectorIndexUpdate.Create, VectorIndexUpdate.Delete must not be null",
        ))),
        (Some(_), Some(_)) => Err(Fault::from(Error::invalid_parameter(
            "Only one vector index action is allowed per VectorIndexUpdate object",
        ))),
    };
    input.objects("VectorIndexUpdates").map(update).collect()
}

/// Adds the vector indexes of a table to its description.
pub(super) fn describe(table: &Table, table_arn: &str, description: &mut Value) {
    let index = |index: &VectorIndex| {
        let mut body = info(&index.definition);
        body["IndexStatus"] = index.phase.status().as_str().into();
        if let Some(backfilling) = index.phase.backfilling() {
            body["Backfilling"] = backfilling.into();
        }
        body["IndexSizeBytes"] = index.size.into();
        body["ItemCount"] = index.count().into();
        body["IndexArn"] = format!("{table_arn}/index/{}", index.definition.name).into();
        body
    };
    if !table.vector_indexes.is_empty() {
        description["VectorIndexes"] = table.vector_indexes.iter().map(index).collect();
    }
}

/// What an index is made of, as backups show it.
pub(super) fn info(index: &VectorIndexDefinition) -> Value {
    let mut body = json!({
        "IndexName": &*index.name,
        "VectorAttribute": {"AttributeName": &*index.attribute},
        "Projection": projection_description(&index.projection),
        "Dimensions": index.dimensions,
        "DistanceFunction": index.distance.as_str(),
    });
    if !index.search_schema.is_empty() {
        let element = |element: &SearchElement| {
            json!({
                "AttributeName": &*element.attribute.name,
                "SearchSchemaElementType": element.role.as_str(),
            })
        };
        body["SearchSchema"] = index.search_schema.iter().map(element).collect();
    }
    body
}
