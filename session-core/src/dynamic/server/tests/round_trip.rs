//! Properties: what is written is what the SDK's reader of XML finds, and no form is too strange to be read.

use aws_smithy_types::{Blob, DateTime};
use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};
use fastrand::Rng;

use super::super::query::{flattened_name, wire_name};
use super::super::scalar;
use proptest::prelude::*;

use super::*;
use crate::model::Shape;

/// Services with lists, maps, flattened lists and all simple types in what they answer.
const SERVICES: [&str; 10] =
    ["autoscaling", "cloudformation", "elasticache", "elbv2", "iam", "rds", "sdb", "ses", "sns", "sts"];

/// Any value of a shape. What XML does not tell apart is left out: a flattened list has an element.
fn any_value(model: &'static Model, shape: &Shape, rng: &mut Rng, depth: usize) -> Value {
    match shape.kind {
        ShapeKind::Structure => {
            let mut value = Value::Map(Vec::new());
            for member in model.members(shape).filter(|_| depth < 6) {
                if rng.bool() {
                    let target = model.shape(member.shape);
                    value.insert(member.name, any_value(model, &target, rng, depth + 1));
                }
            }
            value
        }
        ShapeKind::List => {
            let element = model.members(shape).next().unwrap();
            let target = model.shape(element.shape);
            (0..rng.usize(1..4)).map(|_| any_value(model, &target, rng, depth + 1)).collect()
        }
        ShapeKind::Map => {
            let target = model.shape(model.members(shape).nth(1).unwrap().shape);
            let mut value = Value::Map(Vec::new());
            for _ in 0..rng.usize(0..4) {
                value.insert(any_text(rng), any_value(model, &target, rng, depth + 1));
            }
            value
        }
        ShapeKind::Byte => i64::from(rng.i8(..)).into(),
        ShapeKind::Short => i64::from(rng.i16(..)).into(),
        ShapeKind::Integer => i64::from(rng.i32(..)).into(),
        ShapeKind::Long | ShapeKind::BigInteger => rng.i64(..).into(),
        ShapeKind::Float | ShapeKind::Double | ShapeKind::BigDecimal => f64::from(rng.f32()).into(),
        ShapeKind::Boolean => rng.bool().into(),
        ShapeKind::Blob => Blob::new(any_text(rng)).into(),
        ShapeKind::Timestamp => DateTime::from_secs(rng.i64(0..4_000_000_000)).into(),
        ShapeKind::String | ShapeKind::Character => any_text(rng).into(),
    }
}

fn any_text(rng: &mut Rng) -> String {
    let special = [' ', '\n', '\r', '\t', '<', '>', '&', '"', '\'', ']', ';', '#', 'ü', '\u{2028}', '🎬'];
    (0..rng.usize(0..9))
        .map(|_| if rng.bool() { rng.alphanumeric() } else { special[rng.usize(..special.len())] })
        .collect()
}

fn found(model: &'static Model, shape: &Shape, scope: &mut ScopedDecoder<'_, '_>) -> Value {
    match shape.kind {
        ShapeKind::Structure => found_members(model, shape, scope),
        ShapeKind::List => {
            let element = model.members(shape).next().unwrap();
            let target = model.shape(element.shape);
            let mut elements = Vec::new();
            while let Some(mut tag) = scope.next_tag() {
                assert_eq!(tag.start_el().local(), element.location_name.unwrap_or("member"));
                elements.push(found(model, &target, &mut tag));
            }
            Value::List(elements)
        }
        ShapeKind::Map => {
            let target = model.shape(model.members(shape).nth(1).unwrap().shape);
            let mut map = Value::Map(Vec::new());
            while let Some(mut entry) = scope.next_tag() {
                assert_eq!(entry.start_el().local(), "entry");
                let key = try_data(&mut entry.next_tag().unwrap()).unwrap().into_owned();
                map.insert(key, found(model, &target, &mut entry.next_tag().unwrap()));
            }
            map
        }
        _ => scalar::read(shape, &try_data(scope).unwrap()).unwrap(),
    }
}

fn found_members(model: &'static Model, shape: &Shape, scope: &mut ScopedDecoder<'_, '_>) -> Value {
    let mut value = Value::Map(Vec::new());
    while let Some(mut tag) = scope.next_tag() {
        let name = tag.start_el().local().to_owned();
        for member in model.members(shape) {
            let target = model.shape(member.shape);
            let element = model.members(&target).next().filter(|_| target.kind == ShapeKind::List);
            match element.and_then(|element| Some((element, flattened_name(&member, &target, &element)?))) {
                Some((element, flattened)) if flattened == name => {
                    let element = found(model, &model.shape(element.shape), &mut tag);
                    let mut elements = value[member.name].as_list().unwrap_or_default().to_vec();
                    elements.push(element);
                    value.insert(member.name, elements);
                }
                None if wire_name(&member, &target) == name => {
                    value.insert(member.name, found(model, &target, &mut tag));
                }
                _ => {}
            }
        }
    }
    value
}

proptest! {
    #[test]
    fn the_reader_of_the_sdk_finds_what_was_written(seed in any::<u64>(), service in 0..SERVICES.len()) {
        let mut rng = Rng::with_seed(seed);
        let model = Served::find(SERVICES[service]).unwrap().model;
        let operation = model.operation(rng.usize(..model.operation_count()));
        let Some(shape) = operation.output.map(|index| model.shape(index)) else { return Ok(()) };
        let output = any_value(model, &shape, &mut rng, 0);
        let written = xml::answer(model, &operation, &output, "the-id").unwrap();
        let mut document = Document::new(&written);
        let mut root = document.root_element().unwrap();
        prop_assert_eq!(root.start_el().local(), format!("{}Response", operation.name));
        let mut result = root.next_tag().unwrap();
        prop_assert_eq!(result.start_el().local(), format!("{}Result", operation.name));
        prop_assert_eq!(found_members(model, &shape, &mut result), output);
    }

    #[test]
    fn no_form_is_too_strange(
        service in 0..SERVICES.len(),
        operation in any::<prop::sample::Index>(),
        parameters in prop::collection::vec(("([A-Z][a-z]{0,6}|member|entry|key|value|[0-9]{1,12}|[.%]){0,9}", ".{0,5}"), 0..9),
        bytes in any::<Vec<u8>>(),
    ) {
        let model = Served::find(SERVICES[service]).unwrap().model;
        let name = model.operation(operation.index(model.operation_count())).name;
        let (served, mut form) = asked(SERVICES[service], name);
        for (name, value) in parameters {
            form.push_str(&format!("&{name}={value}"));
        }
        let _any_answer = served.read(&form, &bytes);
    }
}
