//! SearchVectors, which DynamoDB serves from an endpoint of its own: it reads requests more strictly than the others do,
//! and says what its reader says, with the place in the body.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{
    Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::{Map, Value, json};

use super::super::engine::Engine;
use super::super::engine::attribute_value::AttributeValue;
use super::super::engine::expression::Expressions;
use super::super::engine::item::Attributes;
use super::super::engine::limit;
use super::super::engine::number::{Number, NumberError};
use super::super::engine::search::SearchInput;
use super::super::engine::vector::single;
use super::attribute_value::{ValueLayer, to_json};
use super::constraint::is_name;
use super::fault::Fault;
use super::json::Json;
use super::shape;

/// The members of the input. Of several that are missing, the first of them is named.
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    index_name: String,
    search_vector: Vec<Typed>,
    table_name: String,
    top_k: i32,
    search_condition_expression: Option<String>,
    projection_expression: Option<String>,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    expression_attribute_values: Option<BTreeMap<String, Typed>>,
    return_consumed_capacity: Option<String>,
}

pub(super) fn search_vectors(engine: &mut Engine, body: &Json<'_>, unread: &[u8]) -> Result<Value, Fault> {
    if body.as_object().is_none() {
        return Err(Fault::serialization("Unexpected value type in payload"));
    }
    let request: Request = serde_json::from_slice(unread).map_err(|error| as_fault(&error))?;
    request.check_members()?;
    let input = SearchInput {
        table_name: request.table_name,
        index_name: request.index_name,
        vector: vector(&request.search_vector)?,
        top: usize::try_from(request.top_k).unwrap_or_default(),
        expressions: Expressions {
            search: request.search_condition_expression,
            projection: request.projection_expression,
            names: request.expression_attribute_names,
            values: request
                .expression_attribute_values
                .map(|values| values.into_iter().map(|(key, value)| (key, value.read())).collect()),
            shows_value_faults_alone: true,
            ..Expressions::default()
        },
    };
    let found = engine.search_vectors(&input)?;
    let mut results = Vec::new();
    for (attributes, score) in &found.items {
        let item = shown(attributes, &found.vector_attribute);
        results.push(json!({"Item": item, "Score": f64::from(*score)}));
    }
    let mut answer = json!({"SearchResults": results});
    if matches!(request.return_consumed_capacity.as_deref(), Some("TOTAL" | "INDEXES")) {
        answer["ConsumedCapacity"] = json!({"VectorSearchRequestBytes": found.bytes as f64});
    }
    Ok(answer)
}

impl Request {
    /// The constraints of the members: some are told together, and then each by itself.
    fn check_members(&self) -> Result<(), Fault> {
        let at_least = |member: &str, least: &str| {
            format!("Value at '{member}' failed to satisfy constraint: Member must have {least}")
        };
        if self.table_name.is_empty() {
            let fault = at_least("TableName", "length greater than or equal to 1");
            return Err(Fault::validation(fault).enveloped());
        }
        let mut faults = Vec::new();
        let length = self.index_name.chars().count();
        if length < 3 {
            faults.push(at_least("IndexName", "length greater than or equal to 3"));
        }
        if length > 255 {
            faults.push(at_least("IndexName", "length less than or equal to 255"));
        }
        if self.search_vector.is_empty() {
            faults.push(at_least("SearchVector", "length greater than or equal to 1"));
        }
        if self.top_k < 1 {
            faults.push(at_least("TopK", "value greater than or equal to 1"));
        }
        if !faults.is_empty() {
            return Err(shape::together(&faults));
        }
        if let Some(fault) = self.table_name_fault() {
            let name = &self.table_name;
            return Err(Fault::validation(format!(
                "Value '{name}' at 'tableName' failed to satisfy constraint: Member must {fault}"
            )));
        }
        if let Some(detail) = self.return_consumed_capacity.as_deref()
            && !["INDEXES", "TOTAL", "NONE"].contains(&detail)
        {
            return Err(Fault::validation(format!(
                "Value '{detail}' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum \
                 value set: [INDEXES, TOTAL, NONE]"
            )));
        }
        if i64::from(self.top_k) > limit::SEARCH_RESULTS {
            return Err(Fault::validation(format!(
                "Provided TopK value '{}' is out of valid range. The value must be between 1 and {} inclusive",
                self.top_k,
                limit::SEARCH_RESULTS
            )));
        }
        Ok(())
    }

    /// What is wrong with the name of the table, or with its ARN.
    fn table_name_fault(&self) -> Option<&'static str> {
        match (self.table_name.starts_with("arn:"), self.table_name.chars().count()) {
            (true, ..=1024) => None,
            (true, _) => Some("have length less than or equal to 1024"),
            (false, ..3) => Some("have length greater than or equal to 3"),
            (false, 256..) => Some("have length less than or equal to 255"),
            (false, _) if is_name(&self.table_name) => None,
            (false, _) => Some("satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
        }
    }
}

/// The vector that is searched for.
fn vector(elements: &[Typed]) -> Result<Vec<f32>, Fault> {
    let number = |element: &Typed| {
        let text = element.0.get("N").and_then(Value::as_str)?;
        match text.parse::<Number>() {
            Ok(number) => single(number),
            Err(NumberError::Empty | NumberError::Malformed(_)) => None,
            // What is no number of DynamoDB's can be a float.
            Err(_) => text.parse().ok().filter(|float: &f32| float.is_finite()),
        }
    };
    elements.iter().map(number).collect::<Option<_>>().ok_or_else(|| {
        Fault::validation(
            "Search vector contains invalid values. All values in the search vector must be a 32-bit floating-point \
             number attribute",
        )
    })
}

/// What is shown of an item. The numbers of a vector are written as the floats that they are: `1.0`
fn shown(attributes: &Attributes, vector_attribute: &str) -> Value {
    let float = |element: &AttributeValue| {
        let text = match element {
            AttributeValue::N(number) => single(*number).and_then(|it| serde_json::to_string(&it).ok()),
            _ => None,
        };
        text.map_or_else(|| to_json(element), |text| json!({"N": text}))
    };
    let value = |(name, value): (&std::sync::Arc<str>, &AttributeValue)| {
        let value = match value {
            AttributeValue::L(elements) if **name == *vector_attribute => {
                json!({"L": elements.iter().map(float).collect::<Vec<_>>()})
            }
            other => to_json(other),
        };
        (name.to_string(), value)
    };
    Value::Object(attributes.iter().map(value).collect())
}

/// What the reader says of an attribute value that has no shape at all, for which DynamoDB has no words.
const SHAPELESS: &str = "no attribute value";

/// What the reader's errors become. What a value is of the wrong type is one kind of error, all else another.
fn as_fault(error: &serde_json::Error) -> Fault {
    let message = error.to_string();
    match error.classify() {
        serde_json::error::Category::Data if message.starts_with(SHAPELESS) => Fault::Malformed,
        serde_json::error::Category::Data if message.starts_with("invalid type") => Fault::Misread(message),
        serde_json::error::Category::Data => Fault::validation(message),
        _ => Fault::Malformed,
    }
}

/// An attribute value that is known to be an object of one member, which is of the type that it names.
struct Typed(Value);

impl Typed {
    /// The value, or what is wrong with it.
    fn read(&self) -> Result<AttributeValue, String> {
        if self.0.as_object().is_some_and(|value| value.keys().any(|name| INTERNAL.contains(&name.as_str())))
        {
            return Err("This type mapping is not supported".to_owned());
        }
        ValueLayer::Current.value(&Json::from(self.0.clone()))
    }
}

/// The types that the reader knows, in the order in which it lists them.
const TYPES: &[&str] = &[
    "B",
    "BOOL",
    "BS",
    "DECIMAL",
    "DECIMALSET",
    "DOUBLE",
    "DOUBLESET",
    "INT",
    "INTSET",
    "L",
    "M",
    "N",
    "NS",
    "NULL",
    "S",
    "SS",
];
/// Those of them that no request may have.
const INTERNAL: &[&str] = &["DECIMAL", "DECIMALSET", "DOUBLE", "DOUBLESET", "INT", "INTSET"];

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TypedVisitor).map(Self)
    }
}

struct TypedVisitor;

impl<'de> Visitor<'de> for TypedVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let shapeless = || A::Error::custom(SHAPELESS);
        let name: String = map.next_key()?.ok_or_else(shapeless)?;
        let values = |values: Vec<Typed>| values.into_iter().map(|value| value.0).collect();
        let texts = |texts: Vec<Base64>| texts.into_iter().map(|text| text.0).collect();
        let value = match name.as_str() {
            "S" | "N" | "INT" | "DECIMAL" | "DOUBLE" => Value::String(map.next_value()?),
            "BOOL" | "NULL" => Value::Bool(map.next_value()?),
            "B" => map.next_value::<Base64>()?.0,
            "BS" => Value::Array(map.next_value().map(texts)?),
            "SS" | "NS" | "INTSET" | "DECIMALSET" | "DOUBLESET" => map.next_value::<Vec<String>>()?.into(),
            "L" => Value::Array(map.next_value().map(values)?),
            "M" => {
                let members: BTreeMap<String, Typed> = map.next_value()?;
                Value::Object(members.into_iter().map(|(name, value)| (name, value.0)).collect())
            }
            _ => return Err(A::Error::unknown_variant(&name, TYPES)),
        };
        match map.next_key::<IgnoredAny>()? {
            Some(_) => Err(shapeless()),
            None => Ok(Value::Object(Map::from_iter([(name, value)]))),
        }
    }

    /// A text is read as a type without a value.
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        match TYPES.contains(&text) {
            true => Err(E::invalid_type(Unexpected::UnitVariant, &"newtype variant")),
            false => Err(E::unknown_variant(text, TYPES)),
        }
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Err(E::custom(SHAPELESS))
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Value, E> {
        Err(E::custom(SHAPELESS))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Value, E> {
        Err(E::custom(SHAPELESS))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Value, E> {
        Err(E::custom(SHAPELESS))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Value, E> {
        Err(E::custom(SHAPELESS))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
        Err(A::Error::custom(SHAPELESS))
    }
}

/// The text of a binary, whose type the reader calls by a name of its own.
struct Base64(Value);

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a Base64-encoded string")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
                match shape::check_blob(&Json::from(Value::from(text))) {
                    Ok(()) => Ok(text.into()),
                    // What AWS says here is not known.
                    Err(_) => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_str(Text).map(Self)
    }
}
