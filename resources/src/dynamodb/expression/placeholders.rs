//! Names for attributes and values in an expression, none of which the caller has already.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// What generated placeholders begin with, behind `#` and `:`.
const NAME: &str = "#n_";
const VALUE: &str = ":v_";

/// The placeholders of a request: the caller's own, and those made for conditions, updates and projections.
pub(super) struct Placeholders {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
    next_name: usize,
    next_value: usize,
}

impl Placeholders {
    /// Beside those that the request has.
    pub(super) fn beside(
        names: Option<HashMap<String, String>>,
        values: Option<HashMap<String, AttributeValue>>,
    ) -> Self {
        Self {
            names: names.unwrap_or_default(),
            values: values.unwrap_or_default(),
            next_name: 0,
            next_value: 0,
        }
    }

    /// The placeholder of an attribute's name: the one that was made for it before, or a new one.
    pub(super) fn name(&mut self, attribute: &str) -> String {
        let made = |(placeholder, name): &(&String, &String)| {
            placeholder.starts_with(NAME) && name.as_str() == attribute
        };
        if let Some((placeholder, _)) = self.names.iter().find(made) {
            return placeholder.clone();
        }
        let placeholder =
            fresh(NAME, &mut self.next_name, |placeholder| self.names.contains_key(placeholder));
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    /// A new placeholder of a value.
    pub(super) fn value(&mut self, value: &AttributeValue) -> String {
        let placeholder =
            fresh(VALUE, &mut self.next_value, |placeholder| self.values.contains_key(placeholder));
        self.values.insert(placeholder.clone(), value.clone());
        placeholder
    }

    /// All names; none if there are none, for DynamoDB refuses an empty map.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// All values; none if there are none.
    pub(super) fn values(self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then_some(self.values)
    }
}

fn fresh(prefix: &str, next: &mut usize, taken: impl Fn(&str) -> bool) -> String {
    loop {
        let placeholder = format!("{prefix}{next}");
        *next += 1;
        if !taken(&placeholder) {
            return placeholder;
        }
    }
}
