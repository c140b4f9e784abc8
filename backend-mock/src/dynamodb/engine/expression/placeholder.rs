//! Placeholders: what `#name` and `:value` stand for, and which of them an expression used.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::attribute_value::AttributeValue;
use super::super::error::Error;

/// The maps of a request, while its expressions are read.
pub(crate) struct Placeholders<'r> {
    names: Option<&'r BTreeMap<String, String>>,
    values: Option<&'r BTreeMap<String, Result<AttributeValue, String>>>,
    used: BTreeSet<&'r str>,
}

impl<'r> Placeholders<'r> {
    /// # Errors
    /// When a map is empty, a key is not of its form, a name is empty or a value has a fault.
    pub(super) fn new(
        names: Option<&'r BTreeMap<String, String>>,
        values: Option<&'r BTreeMap<String, Result<AttributeValue, String>>>,
        shows_value_faults_alone: bool,
    ) -> Result<Self, Error> {
        if let Some(names) = names {
            check_keys("ExpressionAttributeNames", '#', names.keys())?;
            if let Some((key, _)) = names.iter().find(|(_, name)| name.is_empty()) {
                return Err(Error::validation(format!(
                    "ExpressionAttributeNames contains invalid value: Empty attribute name for key {key}"
                )));
            }
        }
        if let Some(values) = values {
            check_keys("ExpressionAttributeValues", ':', values.keys())?;
            for (key, value) in values {
                let Err(fault) = value else { continue };
                return Err(Error::validation(match shows_value_faults_alone {
                    true => fault.to_owned(),
                    false => {
                        format!("ExpressionAttributeValues contains invalid value: {fault} for key {key}")
                    }
                }));
            }
        }
        Ok(Self { names, values, used: BTreeSet::new() })
    }

    pub(super) fn name(&mut self, placeholder: &str) -> Result<Arc<str>, String> {
        let (key, name) = self.names.and_then(|names| names.get_key_value(placeholder)).ok_or_else(|| {
            format!(
                "An expression attribute name used in the document path is not defined; attribute name: {placeholder}"
            )
        })?;
        self.used.insert(key);
        Ok(name.as_str().into())
    }

    pub(super) fn value(&mut self, placeholder: &str) -> Result<AttributeValue, String> {
        let found = self.values.and_then(|values| values.get_key_value(placeholder));
        let (key, value) = found.and_then(|(key, value)| Some((key, value.as_ref().ok()?))).ok_or_else(|| {
            format!(
                "An expression attribute value used in expression is not defined; attribute value: {placeholder}"
            )
        })?;
        self.used.insert(key);
        Ok(value.clone())
    }

    /// # Errors
    /// When something was defined and not used.
    pub(super) fn check_all_used(&self) -> Result<(), Error> {
        if let Some(names) = self.names {
            self.check_used("ExpressionAttributeNames", names.keys())?;
        }
        if let Some(values) = self.values {
            self.check_used("ExpressionAttributeValues", values.keys())?;
        }
        Ok(())
    }

    fn check_used<'k>(&self, member: &str, keys: impl Iterator<Item = &'k String>) -> Result<(), Error> {
        let unused: Vec<_> =
            keys.filter(|key| !self.used.contains(key.as_str())).map(String::as_str).collect();
        if unused.is_empty() {
            return Ok(());
        }
        let keys = unused.join(", ");
        Err(Error::validation(format!("Value provided in {member} unused in expressions: keys: {{{keys}}}")))
    }
}

fn check_keys<'k>(
    member: &str,
    sign: char,
    mut keys: impl ExactSizeIterator<Item = &'k String>,
) -> Result<(), Error> {
    if keys.len() == 0 {
        return Err(Error::validation(format!("{member} must not be empty")));
    }
    let well_formed = |key: &String| {
        key.strip_prefix(sign).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    };
    match keys.find(|key| !well_formed(key)) {
        None => Ok(()),
        Some(key) => {
            Err(Error::validation(format!("{member} contains invalid key: Syntax error; key: \"{key}\"")))
        }
    }
}
