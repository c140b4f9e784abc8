//! Attribute values in JSON: `{"S": "text"}`, `{"N": "1"}` and so on, both ways.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::{Value, json};

use super::super::engine::attribute_value::AttributeValue;
use super::super::engine::item::{self, Attributes};
use super::super::engine::limit;
use super::super::engine::number::{Number, NumberError};
use super::json::{Json, Object};

pub(super) fn attributes_to_json(attributes: &Attributes) -> Value {
    Value::Object(attributes.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect())
}

pub(super) fn to_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": &**text}),
        AttributeValue::N(number) => json!({"N": number.to_string()}),
        AttributeValue::B(bytes) => json!({"B": BASE64.encode(bytes)}),
        AttributeValue::Bool(value) => json!({"BOOL": value}),
        AttributeValue::Null => json!({"NULL": true}),
        AttributeValue::M(members) => json!({"M": attributes_to_json(members)}),
        AttributeValue::L(elements) => json!({"L": elements.iter().map(to_json).collect::<Vec<_>>()}),
        AttributeValue::Ss(elements) => {
            json!({"SS": elements.iter().map(|text| &**text).collect::<Vec<_>>()})
        }
        AttributeValue::Ns(elements) => {
            json!({"NS": elements.iter().map(Number::to_string).collect::<Vec<_>>()})
        }
        AttributeValue::Bs(elements) => {
            json!({"BS": elements.iter().map(|bytes| BASE64.encode(bytes)).collect::<Vec<_>>()})
        }
    }
}

/// What DynamoDB says about a name that has no characters, of an attribute or in a map.
pub(super) const EMPTY_NAME: &str = "Empty attribute name";

/// DynamoDB checks requests in one of two layers, and which one an operation runs decides how it words faults of numbers
/// and of sets, how deep a value may be, and whether faults of writes come in an envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ValueLayer {
    /// BatchWriteItem, Scan, transactions and statements.
    #[default]
    Older,
    /// Writes of one item, GetItem, BatchGetItem and Query, as long as the request is not nested beyond all measure.
    Current,
}

impl ValueLayer {
    /// An item or a key from JSON whose shape is checked.
    ///
    /// # Errors
    /// The first fault in DynamoDB's words: of a value, of the attributes' own names, of how deep they go, and of names
    /// further inside.
    pub(super) fn attributes(self, object: &Object<'_>) -> Result<Attributes, String> {
        let mut reader = Reader::new(self);
        let attributes = reader.members(object)?;
        if object.names().any(str::is_empty) {
            return Err(EMPTY_NAME.to_owned());
        }
        reader.check(limit::NESTING_LEVELS)?;
        Ok(attributes)
    }

    /// The value of an expression or of a legacy condition, from JSON whose shape is checked. The older layer lets such
    /// values go one level deeper than what is stored.
    ///
    /// # Errors
    /// The fault in DynamoDB's words.
    pub(super) fn value(self, value: &Json<'_>) -> Result<AttributeValue, String> {
        let mut reader = Reader::new(self);
        let read = reader.value(value)?;
        reader.check(match self {
            Self::Older => limit::NESTING_LEVELS + 1,
            Self::Current => limit::NESTING_LEVELS,
        })?;
        Ok(read)
    }

    fn number(self, text: &str) -> Result<Number, String> {
        text.parse().map_err(|error: NumberError| match (self, error) {
            // The newer layer shows the text even where there is none.
            (Self::Current, NumberError::Empty) => format!("{}: ", NumberError::Empty),
            // The older one adds digits and exponent in 32 bits, and the sum wraps.
            (Self::Older, NumberError::Overflow) if has_greatest_exponent(text) => {
                NumberError::Underflow.to_string()
            }
            (_, error) => error.to_string(),
        })
    }

    fn string_set(self, elements: &[Json<'_>]) -> Result<AttributeValue, String> {
        let texts: Vec<&str> = elements.iter().map(|value| value.as_str().unwrap_or_default()).collect();
        if texts.is_empty() {
            return Err(invalid("An string set  may not be empty"));
        }
        let set: BTreeSet<_> = texts.iter().map(|text| (*text).into()).collect();
        if set.len() < texts.len() {
            let shown = match self {
                Self::Older => texts.join(", "),
                Self::Current => quoted(&up_to_repeat(&texts), ", "),
            };
            return Err(invalid(&format!("Input collection [{shown}] contains duplicates.")));
        }
        Ok(AttributeValue::Ss(set))
    }

    fn number_set(self, elements: &[Json<'_>]) -> Result<AttributeValue, String> {
        if elements.is_empty() {
            return Err(invalid("An number set  may not be empty"));
        }
        let numbers = elements.iter().map(|value| self.number(value.as_str().unwrap_or_default()));
        let set = numbers.collect::<Result<BTreeSet<_>, _>>()?;
        if set.len() < elements.len() {
            return Err(match self {
                Self::Older => "Input collection contains duplicates".to_owned(),
                Self::Current => invalid("Input collection contains duplicates."),
            });
        }
        Ok(AttributeValue::Ns(set))
    }

    fn binary_set(self, elements: &[Json<'_>]) -> Result<AttributeValue, String> {
        if elements.is_empty() {
            return Err(invalid("Binary sets should not be empty"));
        }
        let all: Vec<Bytes> = elements.iter().map(bytes).collect();
        let set: BTreeSet<Bytes> = all.iter().cloned().collect();
        if set.len() < elements.len() {
            let texts = |elements: &[Bytes]| -> Vec<String> {
                elements.iter().map(|bytes| BASE64.encode(bytes)).collect()
            };
            let shown = match self {
                Self::Older => texts(&all).join(", "),
                Self::Current => quoted(&texts(&up_to_repeat(&all)), ","),
            };
            return Err(invalid(&format!("Input collection [{shown}]of type BS contains duplicates.")));
        }
        Ok(AttributeValue::Bs(set))
    }
}

/// Reads values, and remembers what is only told when all of them have been read.
struct Reader {
    layer: ValueLayer,
    /// How many lists and maps lie around what is being read, and the most there were.
    level: usize,
    deepest: usize,
    has_empty_name: bool,
}

impl Reader {
    fn new(layer: ValueLayer) -> Self {
        Self { layer, level: 0, deepest: 0, has_empty_name: false }
    }

    fn check(&self, levels: usize) -> Result<(), String> {
        if self.deepest > levels {
            return Err(item::NESTED_TOO_DEEP.to_owned());
        }
        if self.has_empty_name { Err(EMPTY_NAME.to_owned()) } else { Ok(()) }
    }

    fn members(&mut self, object: &Object<'_>) -> Result<Attributes, String> {
        object.iter().map(|(name, value)| Ok((name.into(), self.value(value)?))).collect()
    }

    fn value(&mut self, value: &Json<'_>) -> Result<AttributeValue, String> {
        const EMPTY: &str =
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
        const MANY: &str = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";
        const TYPES: [&str; 10] = ["S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"];
        let members = value.as_object().ok_or(EMPTY)?;
        // Every value is looked at before it matters that there is more than one.
        let (mut found, mut is_one) = (None, true);
        for (name, value) in members.iter().filter(|(name, value)| TYPES.contains(name) && !value.is_null()) {
            is_one &= found.replace(self.typed(name, value)?).is_none();
        }
        found.filter(|_| is_one).ok_or_else(|| if is_one { EMPTY } else { MANY }.to_owned())
    }

    fn typed(&mut self, name: &str, value: &Json<'_>) -> Result<AttributeValue, String> {
        let text = || value.as_str().unwrap_or_default();
        let elements = || value.as_array().unwrap_or_default();
        Ok(match name {
            "S" => AttributeValue::S(text().into()),
            "N" => AttributeValue::N(self.layer.number(text())?),
            "B" => AttributeValue::B(bytes(value)),
            "BOOL" => AttributeValue::Bool(value.as_bool().unwrap_or_default()),
            "NULL" if value.as_bool() == Some(true) => AttributeValue::Null,
            "NULL" => return Err(invalid("Null attribute value types must have the value of true")),
            "L" => {
                self.enter();
                let list = elements().iter().map(|element| self.value(element)).collect::<Result<_, _>>()?;
                self.level -= 1;
                AttributeValue::L(list)
            }
            "M" => {
                self.enter();
                let map = match value.as_object() {
                    Some(members) => {
                        self.has_empty_name |= members.names().any(str::is_empty);
                        self.members(members)?
                    }
                    None => Attributes::new(),
                };
                self.level -= 1;
                AttributeValue::M(map)
            }
            "SS" => self.layer.string_set(elements())?,
            "NS" => self.layer.number_set(elements())?,
            _ => self.layer.binary_set(elements())?,
        })
    }

    fn enter(&mut self) {
        self.level += 1;
        self.deepest = self.deepest.max(self.level);
    }
}

/// The elements in order up to the first that comes again, then that one, then the rest as they came.
fn up_to_repeat<T: Ord + Clone>(elements: &[T]) -> Vec<T> {
    let mut seen = BTreeSet::new();
    let repeat = elements.iter().position(|element| !seen.insert(element.clone()));
    let rest = elements.iter().skip(repeat.unwrap_or(elements.len())).cloned();
    seen.into_iter().chain(rest).collect()
}

fn quoted(elements: &[impl AsRef<str>], separator: &str) -> String {
    elements.iter().map(|text| Value::from(text.as_ref()).to_string()).collect::<Vec<_>>().join(separator)
}

/// Whether a number's exponent is the greatest that 32 bits hold.
fn has_greatest_exponent(number: &str) -> bool {
    let exponent = number.rsplit_once(['e', 'E']).map(|(_, exponent)| exponent.parse());
    exponent == Some(Ok(i32::MAX))
}

fn invalid(detail: &str) -> String {
    format!("One or more parameter values were invalid: {detail}")
}

/// The shape check has decoded it once already.
fn bytes(value: &Json<'_>) -> Bytes {
    BASE64.decode(value.as_str().unwrap_or_default()).unwrap_or_default().into()
}
