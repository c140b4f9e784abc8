//! What stands in an expression beside an attribute: values, other attributes, sizes.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::Attr;
use super::condition::Size;
use super::placeholders::Placeholders;

/// A value, as DynamoDB has it: made of texts, integers, truth values, bytes, or any [`AttributeValue`].
///
/// A float is made one by [`to_attribute_value`](crate::item::to_attribute_value), which can refuse it.
#[derive(Clone, Debug, PartialEq)]
pub struct Value(AttributeValue);

impl From<Value> for AttributeValue {
    fn from(value: Value) -> Self {
        value.0
    }
}

impl From<AttributeValue> for Value {
    fn from(value: AttributeValue) -> Self {
        Self(value)
    }
}

macro_rules! values {
    ($($type:ty => $value:expr),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from(plain: $type) -> Self {
                let value: fn($type) -> AttributeValue = $value;
                Self(value(plain))
            }
        })*
    };
}

values! {
    &str => |text| AttributeValue::S(text.to_owned()),
    String => AttributeValue::S,
    &String => |text| AttributeValue::S(text.clone()),
    bool => AttributeValue::Bool,
    Blob => AttributeValue::B,
    &[u8] => |bytes| AttributeValue::B(Blob::new(bytes)),
    i8 => |number| AttributeValue::N(number.to_string()),
    i16 => |number| AttributeValue::N(number.to_string()),
    i32 => |number| AttributeValue::N(number.to_string()),
    i64 => |number| AttributeValue::N(number.to_string()),
    isize => |number| AttributeValue::N(number.to_string()),
    u8 => |number| AttributeValue::N(number.to_string()),
    u16 => |number| AttributeValue::N(number.to_string()),
    u32 => |number| AttributeValue::N(number.to_string()),
    u64 => |number| AttributeValue::N(number.to_string()),
    usize => |number| AttributeValue::N(number.to_string()),
}

/// The other side of a comparison: a [`Value`], another [`Attr`], or the [`Size`] of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand(pub(super) Term);

impl<V: Into<Value>> From<V> for Operand {
    fn from(value: V) -> Self {
        Self(Term::Value(value.into().0))
    }
}

impl From<Attr> for Operand {
    fn from(attr: Attr) -> Self {
        Self(Term::Path(attr))
    }
}

impl From<Size> for Operand {
    fn from(size: Size) -> Self {
        Self(Term::Size(size.0))
    }
}

/// One side of a comparison, or an argument.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    Value(AttributeValue),
    Path(Attr),
    Size(Attr),
}

impl Term {
    pub(super) fn write(&self, text: &mut String, placeholders: &mut Placeholders) {
        match self {
            Self::Value(value) => text.push_str(&placeholders.value(value)),
            Self::Path(attr) => attr.write(text, placeholders),
            Self::Size(attr) => {
                text.push_str("size(");
                attr.write(text, placeholders);
                text.push(')');
            }
        }
    }
}
