//! Packing: from the JSON documents that botocore ships to the two frames of a model.
//!
//! What a client does not need at run time stays outside: documentation, examples, enumerations, patterns, bounds,
//! deprecations, and shapes that no operation reaches. Nothing is interpreted and nothing is renamed, with two
//! exceptions: what few have is kept as JSON under `traits`, and what an operation says of its input and output is
//! called `inputTraits` and `outputTraits` there.
//!
//! An object that is empty is kept: `awsQueryCompatible: {}` and `endpointdiscovery: {}` mean something by being there.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::columns::{Columns, NONE};
use super::members::Expected;
use super::records::{HEAD, MAGIC, MEMBER, OPERATION, SHAPE, member_flags, operation_flags, shape_flags};
use super::texts::END;
use crate::error::{Error, ErrorKind};

/// What is said of a service as a whole.
const METADATA: &[&str] = &[
    "apiVersion",
    "endpointPrefix",
    "protocol",
    "protocols",
    "jsonVersion",
    "serviceId",
    "signatureVersion",
    "signingName",
    "targetPrefix",
    "xmlNamespace",
    "globalEndpoint",
    "auth",
    "awsQueryCompatible",
    "checksumFormat",
    "protocolSettings",
];

const SHAPE_TRAITS: &[&str] = &["error", "retryable", "xmlOrder", "xmlNamespace", "synthetic"];

const MEMBER_TRAITS: &[&str] = &["contextParam", "xmlNamespace", "queryName", "timestampFormat"];

const OPERATION_TRAITS: &[&str] = &[
    "staticContextParams",
    "operationContextParams",
    "httpChecksum",
    "requestcompression",
    "auth",
    "authtype",
    "endpointdiscovery",
    "endpointoperation",
];

/// Of an operation's input or output.
const MESSAGE_TRAITS: &[&str] = &["locationName", "xmlNamespace", "resultWrapper"];

/// The order is that of the numbers in the records.
const TYPES: &[&str] = &[
    "structure",
    "list",
    "map",
    "string",
    "integer",
    "long",
    "boolean",
    "timestamp",
    "double",
    "float",
    "blob",
    "character",
    "short",
    "byte",
    "bigdecimal",
    "biginteger",
];

/// As [`TYPES`]. What is not listed is in the body.
const LOCATIONS: &[&str] = &["", "header", "headers", "uri", "querystring", "statusCode"];

/// As [`TYPES`]. 0 is a shape that leaves it to the protocol.
const TIMESTAMP_FORMATS: &[&str] = &["", "iso8601", "unixTimestamp", "rfc822"];

const SHAPE_FLAGS: &[(&str, u16)] = &[
    ("wrapper", shape_flags::WRAPPER),
    ("flattened", shape_flags::FLATTENED),
    ("document", shape_flags::DOCUMENT),
    ("union", shape_flags::UNION),
    ("eventstream", shape_flags::EVENT_STREAM),
    ("event", shape_flags::EVENT),
    ("streaming", shape_flags::STREAMING),
    ("exception", shape_flags::EXCEPTION),
    ("fault", shape_flags::FAULT),
    ("sensitive", shape_flags::SENSITIVE),
    ("box", shape_flags::BOX),
    ("requiresLength", shape_flags::REQUIRES_LENGTH),
    ("sparse", shape_flags::SPARSE),
];

const MEMBER_FLAGS: &[(&str, u16)] = &[
    ("flattened", member_flags::FLATTENED),
    ("idempotencyToken", member_flags::IDEMPOTENCY_TOKEN),
    ("hostLabel", member_flags::HOST_LABEL),
    ("jsonvalue", member_flags::JSON_VALUE),
    ("streaming", member_flags::STREAMING),
    ("eventpayload", member_flags::EVENT_PAYLOAD),
    ("eventheader", member_flags::EVENT_HEADER),
    ("xmlAttribute", member_flags::XML_ATTRIBUTE),
    ("box", member_flags::BOX),
];

const OPERATION_FLAGS: &[(&str, u16)] = &[
    ("unsignedPayload", operation_flags::UNSIGNED_PAYLOAD),
    ("httpChecksumRequired", operation_flags::HTTP_CHECKSUM_REQUIRED),
];

/// The first frame, not yet deflated: the records of a `service-2.json` document.
///
/// # Errors
/// [`ErrorKind::InvalidConfig`]: the document is none, names a shape that it lacks or a type that nobody knows, or has
/// more of something than the records can count. Names the place.
pub fn model(service: &Value) -> Result<Vec<u8>, Error> {
    let shapes = object(service, "shapes", "the model")?;
    let operations = object(service, "operations", "the model")?;
    let kept = reachable(shapes, operations)?;
    let kept: Vec<_> = shapes.iter().filter(|(name, _)| kept.contains(name.as_str())).collect();
    let numbered = kept.iter().enumerate().map(|(index, (name, _))| Ok((name.as_str(), count(index, name)?)));
    let indices = numbered.collect::<Result<_, Error>>()?;
    let mut packer = Packer { indices, ..Packer::default() };
    // Texts are numbered as they come: those of the shapes before those of members before all others.
    for (name, _) in &kept {
        packer.text(name)?;
    }
    for (name, _) in kept.iter().flat_map(|(_, shape)| members(shape)) {
        packer.text(name)?;
    }
    packer.expected = Expected::at_first(kept.len(), packer.text_count());
    for (name, shape) in &kept {
        packer.shape(name, shape)?;
    }
    let mut operations: Vec<_> = operations.iter().collect();
    operations.sort_unstable_by_key(|(name, _)| name.as_str());
    for (name, operation) in &operations {
        packer.operation(name, operation)?;
    }
    let metadata = traits(&service["metadata"], METADATA);
    packer.frame(&Value::Object(metadata).to_string())
}

/// The texts of a first frame.
pub fn texts(frame: &[u8]) -> impl Iterator<Item = &str> {
    let texts = frame.get(HEAD..HEAD + number(frame, 6)).unwrap_or_default();
    std::str::from_utf8(texts).unwrap_or_default().split_terminator(char::from(END))
}

/// One of the numbers at the front of a first frame.
fn number(frame: &[u8], index: usize) -> usize {
    let at = MAGIC.len() + 4 * index;
    let bytes = frame.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, |bytes| u32::from_le_bytes(bytes) as usize)
}

/// What only some programs ask for: the documents beside a service's model, each where there is one.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// `endpoint-rule-set-1.json`.
    pub rules: Option<Value>,
    /// `pagination` of `paginators-1.json`.
    pub paginators: Option<Value>,
    /// `waiters` of `waiters-2.json`.
    pub waiters: Option<Value>,
    /// boto3's `resources-1.json`.
    pub resources: Option<Value>,
}

/// The second frame, not yet deflated: one JSON object.
pub fn extras(extras: Extras) -> String {
    let Extras { rules, paginators, waiters, resources } = extras;
    let documents =
        [("rules", rules), ("paginators", paginators), ("waiters", waiters), ("resources", resources)];
    let kept = documents.into_iter().filter_map(|(name, document)| {
        let mut document = document?;
        without_documentation(&mut document);
        (!is_nothing(&document)).then(|| (name.to_owned(), document))
    });
    Value::Object(kept.collect()).to_string()
}

/// Lays a document over another, as botocore does with `*.sdk-extras.json`: objects are merged, all else is replaced.
pub fn merge(document: &mut Value, over: Value) {
    match (document, over) {
        (Value::Object(document), Value::Object(over)) => {
            for (key, value) in over {
                merge(document.entry(key).or_insert(Value::Null), value);
            }
        }
        (document, over) => *document = over,
    }
}

/// The names of the shapes that operations lead to, and of all exceptions: answers name those by themselves.
fn reachable<'d>(
    shapes: &'d Map<String, Value>,
    operations: &'d Map<String, Value>,
) -> Result<HashSet<&'d str>, Error> {
    let mut open: Vec<&str> = Vec::new();
    for operation in operations.values() {
        let errors = operation["errors"].as_array().into_iter().flatten();
        let messages = [&operation["input"], &operation["output"]].into_iter().chain(errors);
        open.extend(messages.filter_map(|message| message["shape"].as_str()));
    }
    let exceptions = shapes.iter().filter(|(_, shape)| shape["exception"] == true);
    open.extend(exceptions.map(|(name, _)| name.as_str()));
    let mut found = HashSet::new();
    while let Some(name) = open.pop() {
        if !found.insert(name) {
            continue;
        }
        let shape = shapes.get(name).ok_or_else(|| broken(format!("there is no shape {name}")))?;
        open.extend(members(shape).into_iter().filter_map(|(_, member)| member["shape"].as_str()));
    }
    Ok(found)
}

/// The members of a structure in the model's order, the one of a list, the two of a map.
fn members(shape: &Value) -> Vec<(&str, &Value)> {
    match shape["type"].as_str() {
        Some("list") => vec![("member", &shape["member"])],
        Some("map") => vec![("key", &shape["key"]), ("value", &shape["value"])],
        _ => {
            let members = shape["members"].as_object().into_iter().flatten();
            members.map(|(name, member)| (name.as_str(), member)).collect()
        }
    }
}

/// The records as they grow.
#[derive(Default)]
struct Packer<'d> {
    indices: HashMap<&'d str, u16>,
    texts: Vec<u8>,
    numbers: HashMap<String, u16>,
    expected: Option<Expected>,
    shapes: Columns<SHAPE>,
    members: Columns<MEMBER>,
    operations: Columns<OPERATION>,
    errors: Columns<1>,
}

impl Packer<'_> {
    fn shape(&mut self, name: &str, shape: &Value) -> Result<(), Error> {
        let members = members(shape);
        let kind = listed(TYPES, shape["type"].as_str().unwrap_or_default(), name)?;
        let timestamp =
            listed(TIMESTAMP_FORMATS, shape["timestampFormat"].as_str().unwrap_or_default(), name)?;
        let row = [
            count(members.len(), name)?,
            u16::from_le_bytes([kind, timestamp]),
            flags(shape, SHAPE_FLAGS),
            self.optional(&shape["locationName"])?,
            self.traits(traits(shape, SHAPE_TRAITS))?,
        ];
        self.shapes.push(row);
        for (member_name, member) in members {
            self.member(name, shape, member_name, member)?;
        }
        Ok(())
    }

    fn member(&mut self, owner: &str, shape: &Value, name: &str, member: &Value) -> Result<(), Error> {
        let mut flags = flags(member, MEMBER_FLAGS);
        let required = shape["required"].as_array().into_iter().flatten();
        if required.into_iter().any(|required| required == name) {
            flags |= member_flags::REQUIRED;
        }
        if shape["payload"] == name {
            flags |= member_flags::PAYLOAD;
        }
        let location = listed(LOCATIONS, member["location"].as_str().unwrap_or_default(), owner)?;
        let (number, shape) = (self.text(name)?, self.index(member)?);
        let written = self.expected.as_mut().and_then(|expected| expected.written(number, shape));
        let (name, shape) = written.ok_or_else(|| broken(format!("{owner}: more members than are known")))?;
        let row = [
            self.optional(&member["locationName"])?,
            flags,
            location.into(),
            self.traits(traits(member, MEMBER_TRAITS))?,
            name,
            shape,
        ];
        self.members.push(row);
        Ok(())
    }

    fn operation(&mut self, name: &str, operation: &Value) -> Result<(), Error> {
        let message = |key: &str| match &operation[key] {
            Value::Null => Ok(NONE),
            message => self.index(message),
        };
        let (input, output) = (message("input")?, message("output")?);
        let errors = operation["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let http = &operation["http"];
        let mut kept = traits(operation, OPERATION_TRAITS);
        for (key, called) in [("input", "inputTraits"), ("output", "outputTraits")] {
            let of_message = traits(&operation[key], MESSAGE_TRAITS);
            if !of_message.is_empty() {
                kept.insert(called.to_owned(), Value::Object(of_message));
            }
        }
        let row = [
            self.text(name)?,
            self.optional(&http["method"])?,
            self.optional(&http["requestUri"])?,
            input,
            output,
            self.optional(&operation["endpoint"]["hostPrefix"])?,
            count(errors.len(), name)?,
            flags(operation, OPERATION_FLAGS),
            self.traits(kept)?,
        ];
        self.operations.push(row);
        for error in errors {
            let index = self.index(error)?;
            self.errors.push([index]);
        }
        Ok(())
    }

    /// The number of the shape that a member, a message or an error points to.
    fn index(&self, reference: &Value) -> Result<u16, Error> {
        let name = reference["shape"].as_str().unwrap_or_default();
        self.indices.get(name).copied().ok_or_else(|| broken(format!("there is no shape `{name}`")))
    }

    fn traits(&mut self, traits: Map<String, Value>) -> Result<u16, Error> {
        match traits.is_empty() {
            true => Ok(NONE),
            false => self.text(&Value::Object(traits).to_string()),
        }
    }

    fn optional(&mut self, text: &Value) -> Result<u16, Error> {
        text.as_str().map_or(Ok(NONE), |text| self.text(text))
    }

    /// The number of a text; every text is there once.
    fn text(&mut self, text: &str) -> Result<u16, Error> {
        if let Some(&number) = self.numbers.get(text) {
            return Ok(number);
        }
        if text.as_bytes().contains(&END) {
            return Err(broken(format!("the text {text:?} has more than one line")));
        }
        let number = count(self.text_count(), "the texts")?;
        self.texts.extend(text.as_bytes());
        self.texts.push(END);
        self.numbers.insert(text.to_owned(), number);
        Ok(number)
    }

    fn text_count(&self) -> usize {
        self.numbers.len()
    }

    fn frame(mut self, metadata: &str) -> Result<Vec<u8>, Error> {
        let metadata = self.text(metadata)?;
        let text_count = self.text_count();
        let Self { texts, shapes, members, operations, errors, .. } = self;
        let mut frame = MAGIC.to_vec();
        let counts = [text_count, shapes.len(), members.len(), operations.len(), errors.len()];
        for number in counts.into_iter().chain([metadata.into(), texts.len()]) {
            let number = u32::try_from(number).map_err(|_| broken("more than 4 GiB".to_owned()))?;
            frame.extend(number.to_le_bytes());
        }
        frame.extend(texts);
        shapes.write(&mut frame);
        operations.write(&mut frame);
        errors.write(&mut frame);
        members.write(&mut frame);
        Ok(frame)
    }
}

/// Of an object, the members of these names that say something, in the order of the names.
fn traits(of: &Value, names: &[&str]) -> Map<String, Value> {
    let said = names.iter().filter_map(|name| Some((*name, of.get(name)?)));
    let said = said.filter(|(_, value)| !matches!(value, Value::Null | Value::Bool(false)));
    said.filter(|(_, value)| value.as_array().is_none_or(|list| !list.is_empty()))
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

fn flags(of: &Value, known: &[(&str, u16)]) -> u16 {
    known.iter().filter(|(name, _)| of[*name] == true).fold(0, |flags, (_, flag)| flags | flag)
}

fn listed(known: &[&str], name: &str, at: &str) -> Result<u8, Error> {
    let number = known.iter().zip(0..).find_map(|(known, number)| (*known == name).then_some(number));
    number.ok_or_else(|| broken(format!("{at}: `{name}` is none of {known:?}")))
}

/// A number as the records hold it; the greatest stands for nothing.
fn count(length: usize, at: &str) -> Result<u16, Error> {
    let fits = u16::try_from(length).ok().filter(|&length| length != NONE);
    fits.ok_or_else(|| broken(format!("{at}: {length} are more than {}", NONE - 1)))
}

fn object<'v>(value: &'v Value, key: &str, at: &str) -> Result<&'v Map<String, Value>, Error> {
    value[key].as_object().ok_or_else(|| broken(format!("{at}: `{key}` is no object")))
}

fn broken(why: String) -> Error {
    Error::new(ErrorKind::InvalidConfig, format!("the service model cannot be packed: {why}"))
}

fn without_documentation(document: &mut Value) {
    match document {
        Value::Object(members) => {
            members.retain(|name, _| name != "documentation");
            members.values_mut().for_each(without_documentation);
        }
        Value::Array(all) => all.iter_mut().for_each(without_documentation),
        _ => {}
    }
}

fn is_nothing(document: &Value) -> bool {
    document.is_null() || document.as_object().is_some_and(Map::is_empty)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Location, Model, Protocol, ShapeKind, TimestampFormat};

    fn service() -> Value {
        json!({
            "metadata": {
                "apiVersion": "2020-01-01", "endpointPrefix": "tea", "protocol": "json", "jsonVersion": "1.1",
                "serviceFullName": "Tea", "awsQueryCompatible": {}, "targetPrefix": "Tea",
            },
            "operations": {
                "Pour": {
                    "http": {"method": "POST", "requestUri": "/{Cup}"},
                    "input": {"shape": "PourRequest", "locationName": "Pour"},
                    "errors": [{"shape": "Empty"}],
                    "endpoint": {"hostPrefix": "pot."},
                    "endpointdiscovery": {},
                    "documentation": "Pours.",
                    "httpChecksumRequired": true,
                },
                "Boil": {"http": {"method": "GET", "requestUri": "/"}, "output": {"shape": "Kettle"}},
            },
            "shapes": {
                "PourRequest": {
                    "type": "structure",
                    "required": ["Cup"],
                    "payload": "Leaves",
                    "members": {
                        "Cup": {"shape": "Name", "location": "uri", "locationName": "cup", "documentation": "Which."},
                        "Leaves": {"shape": "Kettle", "xmlNamespace": {"uri": "urn:tea"}},
                    },
                },
                "Name": {"type": "string", "pattern": ".*", "sensitive": true},
                "Kettle": {"type": "structure", "members": {"At": {"shape": "Time"}, "Inner": {"shape": "Kettles"}}},
                "Kettles": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Kettle"}},
                "Time": {"type": "timestamp", "timestampFormat": "iso8601"},
                "Empty": {"type": "structure", "members": {}, "exception": true, "error": {"httpStatusCode": 400}},
                "Unused": {"type": "string"},
                "Unnamed": {"type": "structure", "members": {}, "exception": true},
            },
        })
    }

    #[test]
    fn what_is_packed_is_read_again() {
        let frame = model(&service()).unwrap();
        assert_eq!(frame, model(&service()).unwrap());
        let first: Vec<_> = texts(&frame).take(10).collect();
        assert_eq!(first[..7], ["PourRequest", "Name", "Kettle", "Kettles", "Time", "Empty", "Unnamed"]);
        assert_eq!(first[7..], ["Cup", "Leaves", "At"]);
        let model = Model::over(Vec::leak(frame)).unwrap();
        assert_eq!(model.metadata().protocol, Protocol::AwsJson1_1);
        assert!(model.metadata().is_query_compatible);
        assert_eq!(model.operation_names().collect::<Vec<_>>(), ["Boil", "Pour"]);
        let names: Vec<_> = (0..model.shape_count()).map(|shape| model.shape(shape).name).collect();
        assert_eq!(names, ["PourRequest", "Name", "Kettle", "Kettles", "Time", "Empty", "Unnamed"]);

        let pour = model.operation(model.find_operation("Pour").unwrap());
        assert_eq!((pour.method, pour.uri, pour.host_prefix), ("POST", "/{Cup}", Some("pot.")));
        assert_eq!(pour.output, None);
        assert!(pour.has(operation_flags::HTTP_CHECKSUM_REQUIRED));
        assert_eq!(pour.traits, Some(r#"{"endpointdiscovery":{},"inputTraits":{"locationName":"Pour"}}"#));
        let error = model.shape(model.errors(&pour).next().unwrap());
        assert_eq!((error.name, error.traits), ("Empty", Some(r#"{"error":{"httpStatusCode":400}}"#)));
        assert!(error.has(shape_flags::EXCEPTION));

        let input = model.shape(pour.input.unwrap());
        let members: Vec<_> = model.members(&input).collect();
        assert_eq!((members[0].name, members[0].location_name), ("Cup", Some("cup")));
        assert_eq!(members[0].location, Location::Uri);
        assert!(members[0].has(member_flags::REQUIRED) && !members[0].has(member_flags::PAYLOAD));
        assert!(model.shape(members[0].shape).has(shape_flags::SENSITIVE));
        assert!(members[1].has(member_flags::PAYLOAD) && !members[1].has(member_flags::REQUIRED));
        assert_eq!(members[1].traits, Some(r#"{"xmlNamespace":{"uri":"urn:tea"}}"#));
        let kettle = model.shape(members[1].shape);
        let inside: Vec<_> = model.members(&kettle).map(|member| model.shape(member.shape)).collect();
        assert_eq!(inside[0].timestamp_format, Some(TimestampFormat::Iso8601));
        assert_eq!(inside[1].kind, ShapeKind::Map);
        let value = model.members(&inside[1]).nth(1).unwrap();
        assert_eq!((value.name, model.shape(value.shape).name), ("value", "Kettle"));
    }

    #[test]
    fn what_cannot_be_packed_is_named() {
        for (pointer, value, told) in [
            ("/shapes/Name/type", json!("tune"), "Name: `tune` is none of"),
            ("/shapes/Kettle/members/At/shape", json!("Clock"), "there is no shape Clock"),
            ("/shapes/PourRequest/members/Cup/location", json!("cloud"), "`cloud` is none of"),
            ("/operations/Boil/http/method", json!("GET\n"), "has more than one line"),
            ("/operations", json!(3), "`operations` is no object"),
        ] {
            let mut service = service();
            *service.pointer_mut(pointer).unwrap() = value;
            let error = model(&service).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig);
            assert!(error.to_string().contains(told), "{error}");
        }
    }

    #[test]
    fn extras_are_those_that_say_something_without_their_documentation() {
        let rules = json!({"rules": [{"documentation": "long", "type": "tree"}]});
        let packed = extras(Extras { rules: Some(rules), waiters: Some(json!({})), ..Extras::default() });
        assert_eq!(packed, r#"{"rules":{"rules":[{"type":"tree"}]}}"#);
    }

    #[test]
    fn a_document_laid_over_another_adds_and_replaces() {
        let mut document = json!({"a": {"b": 1, "c": [1, 2]}, "d": 1});
        merge(&mut document, json!({"a": {"c": [3], "e": {"f": 2}}}));
        assert_eq!(document, json!({"a": {"b": 1, "c": [3], "e": {"f": 2}}, "d": 1}));
    }
}
