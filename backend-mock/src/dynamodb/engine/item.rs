//! Items: named attribute values, and the size that DynamoDB bills and limits.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::attribute_value::AttributeValue;
use super::error::Error;
use super::limit;

/// The attributes of an item, by name.
pub(crate) type Attributes = BTreeMap<Arc<str>, AttributeValue>;

/// An item and its size. Items never change: a write makes another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    attributes: Attributes,
    size: usize,
}

impl Item {
    pub(crate) fn new(attributes: Attributes) -> Self {
        Self { size: size(&attributes), attributes }
    }

    pub(crate) fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    pub(crate) fn get(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes.get(name)
    }

    /// Bytes, as the developer guide counts them.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Only the attributes that `wanted` names.
    pub(crate) fn restricted_to(&self, wanted: impl Fn(&str) -> bool) -> Self {
        Self::new(
            self.attributes
                .iter()
                .filter(|(name, _)| wanted(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }
}

/// What attributes count for in the size of an item.
pub(crate) fn size(attributes: &Attributes) -> usize {
    attributes.iter().map(|(name, value)| name.len() + value.size()).sum()
}

/// Refuses attributes that are nested too deep.
pub(crate) fn check_nesting(attributes: &Attributes) -> Result<(), Error> {
    if attributes.values().any(|value| value.nesting_levels() > limit::NESTING_LEVELS) {
        return Err(Error::validation(NESTED_TOO_DEEP));
    }
    Ok(())
}

pub(crate) const NESTED_TOO_DEEP: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have \
                                          nested levels beyond supported limit";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_an_item_is_its_names_and_values() {
        let item = Item::new(Attributes::from([
            ("id".into(), AttributeValue::S("abc".into())),
            ("n".into(), AttributeValue::N("12".parse().unwrap())),
            ("t".into(), AttributeValue::Bool(true)),
        ]));
        assert_eq!(item.size(), (2 + 3) + (1 + 2) + (1 + 1));
    }

    #[test]
    fn thirty_one_levels_above_a_scalar_are_allowed_and_one_more_is_not() {
        let nested =
            |levels| (0..levels).fold(AttributeValue::Null, |inner, _| AttributeValue::L(vec![inner]));
        assert!(check_nesting(&Attributes::from([("a".into(), nested(31))])).is_ok());
        assert!(check_nesting(&Attributes::from([("a".into(), nested(32))])).is_err());
    }
}
