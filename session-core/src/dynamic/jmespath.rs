//! JMESPath over values: the language in which AWS's models say where a token, a result or a state is found.
//!
//! `lexer.rs` cuts an expression into tokens, `parser.rs` makes a tree of them by binding powers, `evaluate.rs` walks the
//! tree over a value, `function.rs` has the functions. The whole language is there, not what the models use alone:
//! programs search pages with it.
//!
//! Source: the specification and its grammar at <https://jmespath.org/specification.html>. Texts have an order, which the
//! specification leaves out and boto has. Two projections that boto ends too early go on as specified: `a.*.b.c`, and a
//! slice after an index, `a[0][1:].b`.

mod evaluate;
mod function;
mod lexer;
mod parser;

use std::borrow::Cow;
use std::fmt;

use super::value::Value;
use crate::error::{Error, ErrorKind};

pub(crate) use evaluate::{equal, is_true};

/// A parsed expression.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    text: String,
    root: parser::Node,
}

impl Expression {
    /// Parses an expression; functions are looked up and their arguments counted here.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: no expression; names the place, or more than 100 levels deep.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        match parser::parse(text) {
            Ok(root) => Ok(Self { text: text.to_owned(), root }),
            Err(mistake) => {
                let told = format!("the JMESPath expression `{text}` cannot be read: {mistake}");
                Err(Error::new(ErrorKind::InvalidInput, told))
            }
        }
    }

    /// The expression as it was given.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What the expression finds; null where there is nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: a function got an argument of a type that it does not take.
    pub(crate) fn search<'a>(&'a self, value: &'a Value) -> Result<Cow<'a, Value>, Error> {
        self.root.search(value).map_err(|failure| {
            Error::new(ErrorKind::InvalidInput, format!("the JMESPath expression `{}`: {failure}", self.text))
        })
    }
}

impl Value {
    /// What a [JMESPath](https://jmespath.org) expression finds in the value; null where there is nothing.
    ///
    /// ```
    /// use serde_json::json;
    /// use session_core::dynamic::Value;
    ///
    /// let answer = Value::from(json!({ "Volumes": [
    ///     { "VolumeId": "vol-1", "Size": 8 },
    ///     { "VolumeId": "vol-2", "Size": 100 },
    /// ] }));
    /// assert_eq!(answer.search("Volumes[?Size > `50`].VolumeId")?, Value::from(vec!["vol-2"]));
    /// # Ok::<(), session_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: no expression, or a function got an argument of a type that it does not take.
    pub fn search(&self, expression: &str) -> Result<Self, Error> {
        Ok(Expression::parse(expression)?.search(self)?.into_owned())
    }
}

/// What is wrong with the text of an expression, and where: bytes from its beginning.
#[derive(Debug, PartialEq)]
pub(super) struct Mistake {
    at: usize,
    message: String,
}

impl Mistake {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn given() -> Value {
        Value::from(json!({
            "people": [
                { "name": "ada", "age": 36, "tags": ["a", "b"] },
                { "name": "bob", "age": 17, "tags": [] },
                { "name": "cy", "tags": ["c"] },
            ],
            "nested": [[1, 2], [3, [4]], 5],
            "map": { "x": { "n": 1 }, "y": { "n": 2 }, "z": {} },
            "with-dash": { "": true },
            "empty": [],
            "text": "hello",
        }))
    }

    #[track_caller]
    fn finds(expression: &str, expected: serde_json::Value) {
        let found = given().search(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert!(equal(&found, &Value::from(expected.clone())), "{expression} finds {found}, not {expected}");
    }

    #[test]
    fn paths_and_indices() {
        finds("text", json!("hello"));
        finds("people[0].name", json!("ada"));
        finds("people[-1].name", json!("cy"));
        finds("people[9].name.deeper", json!(null));
        finds("text.name", json!(null));
        finds("\"with-dash\".\"\"", json!(true));
        finds("people[::2].name", json!(["ada", "cy"]));
        finds("people[::-1].name", json!(["cy", "bob", "ada"]));
        finds("people[1:].age", json!([17]));
        finds("@.text", json!("hello"));
        finds("nested[0] | [1]", json!(2));
    }

    #[test]
    fn projections_drop_nulls_and_pipes_end_them() {
        finds("people[*].age", json!([36, 17]));
        finds("people[].tags[]", json!(["a", "b", "c"]));
        finds("people[*].tags[0]", json!(["a", "c"]));
        finds("people[*].name | [0]", json!("ada"));
        finds("map.*.n", json!([1, 2]));
        finds("@.*.x.n", json!([1]));
        finds("[people][0][:2].name", json!(["ada", "bob"]));
        finds("nested[]", json!([1, 2, 3, [4], 5]));
        finds("nested[][]", json!([1, 2, 3, 4, 5]));
        finds("text[*]", json!(null));
        finds("text.*", json!(null));
        finds("people[?age > `18`].name", json!(["ada"]));
        finds("people[?!age].name", json!(["cy"]));
        finds("people[?tags && age].name | length(@)", json!(1));
    }

    #[test]
    fn selections_logic_and_comparison() {
        finds("people[*].[name, age] | [2]", json!(["cy", null]));
        finds("people[*].[name, age][]", json!(["ada", 36, "bob", 17, "cy"]));
        finds("people[0].{n: name, \"t\": tags[0]}", json!({ "n": "ada", "t": "a" }));
        finds("missing.[a, b]", json!(null));
        finds("missing || text", json!("hello"));
        finds("empty || missing", json!(null));
        finds("text && empty", json!([]));
        finds("!empty && !missing", json!(true));
        finds("text == 'hello' && people[0].age >= `36`", json!(true));
        finds("text < `1`", json!(null));
        finds("people[?name >= 'bob'].name", json!(["bob", "cy"]));
        finds("people[0].age == `36.0`", json!(true));
        finds("(text || missing) != `\"hello\"`", json!(false));
        finds("map.x == `{\"n\": 1}`", json!(true));
    }

    #[test]
    fn functions() {
        finds("length(people[?contains(tags, 'b')])", json!(1));
        finds("keys(map)", json!(["x", "y", "z"]));
        finds("values(map)[0].n", json!(1));
        finds("sort_by(people[?age], &age)[*].name", json!(["bob", "ada"]));
        finds("max_by(people[?age], &age).name", json!("ada"));
        finds("min_by(people[?age], &age).name", json!("bob"));
        finds("map(&name, people)", json!(["ada", "bob", "cy"]));
        finds("join('-', people[*].name)", json!("ada-bob-cy"));
        finds("sum(people[*].age)", json!(53));
        finds("avg(people[*].age)", json!(26.5));
        finds("avg(empty)", json!(null));
        finds("max(people[*].name)", json!("cy"));
        finds("min(people[*].age)", json!(17));
        finds("reverse(text)", json!("olleh"));
        finds("sort(['b', 'a'])", json!(["a", "b"]));
        finds("starts_with(text, 'he') && ends_with(text, 'lo')", json!(true));
        finds("not_null(missing, text)", json!("hello"));
        finds("merge(map.x, map.z, {m: `3`})", json!({ "n": 1, "m": 3 }));
        finds("to_array(text)", json!(["hello"]));
        finds("to_string(map.x)", json!("{\"n\":1}"));
        finds("to_number('12.5')", json!(12.5));
        finds("to_number(empty)", json!(null));
        finds("type(missing)", json!("null"));
        finds("[abs(`-3`), ceil(`1.2`), floor(`-1.2`)]", json!([3, 2, -2]));
        finds("length('äöü')", json!(3));
    }

    #[test]
    fn the_expressions_of_the_models() {
        let services = Value::from(json!({ "services": [
            { "deployments": [1], "runningCount": 2, "desiredCount": 2 },
        ] }));
        let stable =
            "length(services[?!(length(deployments) == `1` && runningCount == desiredCount)]) == `0`";
        assert_eq!(services.search(stable).unwrap(), true.into());
        let writes = Value::from(json!({ "TransactItems": [
            { "Put": { "TableName": "a" } }, { "Delete": { "TableName": "b" } },
        ] }));
        let tables = "TransactItems[*].[ConditionCheck.TableName, Put.TableName, Delete.TableName, Update.TableName][]";
        assert_eq!(writes.search(tables).unwrap(), Value::from(vec!["a", "b"]));
        let versions =
            Value::from(json!({ "Versions": [{ "Key": "k" }], "DeleteMarkers": [{ "Key": "l" }] }));
        assert_eq!(versions.search("[Versions,DeleteMarkers]|[].Key").unwrap(), Value::from(vec!["k", "l"]));
    }

    /// The texts of all members called `path` in boto3's resource models.
    fn paths<'j>(json: &'j serde_json::Value, found: &mut Vec<&'j str>) {
        match json {
            serde_json::Value::Object(entries) => {
                entries.iter().for_each(|(name, value)| match value.as_str() {
                    Some(path) if name == "path" => found.push(path),
                    _ => paths(value, found),
                })
            }
            serde_json::Value::Array(elements) => elements.iter().for_each(|element| paths(element, found)),
            _ => {}
        }
    }

    #[test]
    fn the_paths_of_all_resources_parse() {
        let mut count = 0;
        for service in crate::model::names() {
            let extras: serde_json::Value =
                serde_json::from_str(crate::model::extras(service).unwrap()).unwrap();
            let mut found = Vec::new();
            paths(&extras["resources"], &mut found);
            for path in &found {
                Expression::parse(path).unwrap();
            }
            count += found.len();
        }
        assert!(count > 100, "{count}");
    }

    #[test]
    fn mistakes_name_the_place() {
        for (expression, message) in [
            ("", "an expression is expected at byte 0"),
            ("a.", "a name, `*`, `[` or `{` is expected at byte 2"),
            ("a[", "an expression is expected at byte 2"),
            ("a b", "the end is expected at byte 2"),
            ("'a", "the string has no end at byte 0"),
            ("`{`", "the literal is not JSON at byte 0"),
            ("a = b", "`=` alone means nothing at byte 2"),
            ("size(a)", "there is no function `size` at byte 0"),
            ("length(a, b)", "`length` takes 1 argument, not 2 at byte 0"),
            ("a[::0]", "the step of a slice cannot be 0 at byte 4"),
            ("a[99999999999999999999]", "the number is too large at byte 2"),
            ("map(a, b)", "argument 1 of `map` is an expression after `&` at byte 0"),
        ] {
            let error = Expression::parse(expression).unwrap_err();
            let expected = format!("the JMESPath expression `{expression}` cannot be read: {message}");
            assert_eq!(error.message(), expected);
        }
        let deep = "(".repeat(5_000);
        assert!(Expression::parse(&deep).unwrap_err().message().contains("levels deep"));
        assert!(Expression::parse(&"a.".repeat(5_000)).unwrap_err().message().contains("levels deep"));
        let error = given().search("length(missing)").unwrap_err();
        assert!(error.message().ends_with("`length` does not take null"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-c0-9.*@&|!<>=,:{}()'`\"\\[\\]? -]{0,24}") {
            let _ = given().search(&text);
        }
    }
}
