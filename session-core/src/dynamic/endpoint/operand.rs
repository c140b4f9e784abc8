//! Operands: what expressions of rules yield and functions take.

use std::sync::Arc;

use aws_smithy_types::{Document, Number};

use super::ParameterValue;
use super::arn::Arn;
use super::url::Url;
use crate::catalog::Partition;

/// A value within rules. A copy is cheap: texts, lists and records are shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Operand {
    #[default]
    Absent,
    Bool(bool),
    Integer(i64),
    Text(Arc<str>),
    List(Arc<[Operand]>),
    Arn(Arc<Arn>),
    Url(Arc<Url>),
    Partition(&'static Partition),
}

impl Operand {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn texts<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        Self::List(texts.map(Self::text).collect())
    }

    /// Whether a condition of this value holds: it is neither absent nor false.
    pub(super) fn holds(&self) -> bool {
        !matches!(self, Self::Absent | Self::Bool(false))
    }

    /// Its text in a template; `None` for what has none.
    pub(super) fn to_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.to_string()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Integer(value) => Some(value.to_string()),
            Self::Absent | Self::List(_) | Self::Arn(_) | Self::Url(_) | Self::Partition(_) => None,
        }
    }

    /// As a property of an endpoint; records have no form there.
    pub(super) fn to_document(&self) -> Document {
        match self {
            Self::Text(text) => Document::String(text.to_string()),
            Self::Bool(value) => Document::Bool(*value),
            Self::Integer(value) => Document::Number(match u64::try_from(*value) {
                Ok(value) => Number::PosInt(value),
                Err(_) => Number::NegInt(*value),
            }),
            Self::List(values) => Document::Array(values.iter().map(Self::to_document).collect()),
            Self::Absent | Self::Arn(_) | Self::Url(_) | Self::Partition(_) => Document::Null,
        }
    }
}

impl From<&ParameterValue> for Operand {
    fn from(value: &ParameterValue) -> Self {
        match value {
            ParameterValue::Bool(value) => Self::Bool(*value),
            ParameterValue::String(text) => Self::text(text),
            ParameterValue::StringList(texts) => Self::texts(texts.iter().map(String::as_str)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_absent_or_false_does_not_hold() {
        assert!(!Operand::Absent.holds() && !Operand::Bool(false).holds());
        for holding in
            [Operand::Bool(true), Operand::Integer(0), Operand::text(""), Operand::texts([].into_iter())]
        {
            assert!(holding.holds(), "{holding:?}");
        }
    }

    #[test]
    fn numbers_of_either_sign_become_documents() {
        assert_eq!(Operand::Integer(7).to_document(), Document::Number(Number::PosInt(7)));
        assert_eq!(Operand::Integer(-7).to_document(), Document::Number(Number::NegInt(-7)));
    }
}
