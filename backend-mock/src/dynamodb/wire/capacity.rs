//! ConsumedCapacity in JSON, as much of it as ReturnConsumedCapacity asks for.

use serde_json::{Map, Value, json};

use super::super::engine::capacity::{Capacity, Units};
use super::super::engine::table_definition::IndexKind;
use super::input::Input;

/// What ReturnConsumedCapacity asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    None,
    Total,
    Indexes,
}

/// Transactions also say which kind of units they used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum UnitKind {
    Unsaid,
    Read,
    Write,
}

impl Detail {
    pub(super) fn of(input: Input<'_>) -> Self {
        match input.text("ReturnConsumedCapacity") {
            Some("TOTAL") => Self::Total,
            Some("INDEXES") => Self::Indexes,
            _ => Self::None,
        }
    }

    /// Adds `ConsumedCapacity` to an answer about one table.
    pub(super) fn put_one(self, answer: &mut Value, table: &str, capacity: &Capacity) {
        if self != Self::None {
            answer["ConsumedCapacity"] = self.one(table, capacity, UnitKind::Unsaid);
        }
    }

    /// Adds `ConsumedCapacity` to an answer about many tables.
    pub(super) fn put_many<'c>(
        self,
        answer: &mut Value,
        tables: impl Iterator<Item = (&'c String, &'c Capacity)>,
        kind: UnitKind,
    ) {
        if self != Self::None {
            answer["ConsumedCapacity"] =
                tables.map(|(table, capacity)| self.one(table, capacity, kind)).collect();
        }
    }

    fn one(self, table: &str, capacity: &Capacity, kind: UnitKind) -> Value {
        let mut body = units(capacity.total(), kind);
        body.insert("TableName".to_owned(), table.into());
        if self == Self::Indexes {
            body.insert("Table".to_owned(), Value::Object(units(capacity.table, kind)));
            for (member, wanted) in
                [("LocalSecondaryIndexes", IndexKind::Local), ("GlobalSecondaryIndexes", IndexKind::Global)]
            {
                let of_kind = capacity.indexes.iter().filter(|(_, (kind, _))| *kind == wanted);
                let indexes: Map<String, Value> = of_kind
                    .map(|(name, (_, used))| (name.to_string(), Value::Object(units(*used, kind))))
                    .collect();
                if !indexes.is_empty() {
                    body.insert(member.to_owned(), Value::Object(indexes));
                }
            }
            let vectors: Map<String, Value> = capacity
                .vector_indexes
                .iter()
                .map(|(name, bytes)| (name.to_string(), json!({"VectorWriteRequestBytes": *bytes as f64})))
                .collect();
            if !vectors.is_empty() {
                body.insert("VectorIndexes".to_owned(), Value::Object(vectors));
            }
        }
        Value::Object(body)
    }
}

fn units(units: Units, kind: UnitKind) -> Map<String, Value> {
    let mut body = Map::from_iter([("CapacityUnits".to_owned(), json!(units.as_f64()))]);
    match kind {
        UnitKind::Unsaid => {}
        UnitKind::Read => {
            body.insert("ReadCapacityUnits".to_owned(), json!(units.as_f64()));
        }
        UnitKind::Write => {
            body.insert("WriteCapacityUnits".to_owned(), json!(units.as_f64()));
        }
    }
    body
}
