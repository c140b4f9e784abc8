//! The second frame of a model: one JSON object, of which a reader wants one part.

use std::fmt;

use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// One part of a service's extras, such as `waiters`; null where there is none. The others are passed over.
///
/// # Errors
/// The text is not one JSON object.
pub(crate) fn part(extras: &str, name: &str) -> Result<Value, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(extras);
    let part = json.deserialize_map(Part(name))?;
    json.end()?;
    Ok(part)
}

struct Part<'n>(&'n str);

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut found = Value::Null;
        while let Some(name) = parts.next_key::<String>()? {
            match name == self.0 {
                true => found = parts.next_value()?,
                false => drop(parts.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_part_is_found_among_others() {
        let extras = r#"{"rules": {"a": [1, {}]}, "waiters": {"B": {}}, "paginators": null}"#;
        assert_eq!(part(extras, "waiters").unwrap(), json!({"B": {}}));
        assert_eq!(part(extras, "resources").unwrap(), Value::Null);
        for broken in ["", "[]", "{", "{}{}", r#"{"waiters": }"#] {
            assert!(part(broken, "waiters").is_err(), "{broken}");
        }
    }
}
