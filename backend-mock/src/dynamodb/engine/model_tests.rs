//! The engine against a naive model: one sorted map, no indexes, no pages.

mod pages;
mod replicas;
mod vectors;

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use proptest::prelude::*;

use super::attribute_value::AttributeValue;
use super::capacity::Consistency;
use super::expression::Expressions;
use super::item::Attributes;
use super::key_schema::{KeyAttribute, KeyType};
use super::query::{Direction, QueryInput};
use super::scan::ScanInput;
use super::single_item::{KeyedWriteInput, PutItemInput};
use super::table_definition::{BillingMode, CreateTableInput, IndexInput, KeyRole, KeySchemaElement};
use super::table_settings::Settings;
use super::write::{OnConditionFailure, ReturnValues};
use super::*;
use crate::seed::IdSource;

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string().parse().unwrap())
}

fn attributes(members: &[(&str, i64)]) -> Attributes {
    members.iter().map(|(name, value)| ((*name).into(), number(*value))).collect()
}

/// The table `t` with the keys `p` and `s`, and the index `by-g` with the keys `g` and `s`.
fn engine() -> Engine {
    let mut engine = Engine::new(AccountId::default(), RegionName::new("us-east-1"));
    create_table(&mut engine);
    engine
}

fn create_table(engine: &mut Engine) {
    let attribute = |name: &str| KeyAttribute { name: name.into(), key_type: KeyType::N };
    let element = |name: &str, role| KeySchemaElement { name: name.into(), role };
    let input = CreateTableInput {
        table_name: "t".to_owned(),
        attribute_definitions: ["p", "s", "g"].map(attribute).to_vec(),
        key_schema: vec![element("p", KeyRole::Hash), element("s", KeyRole::Range)],
        local_indexes: None,
        global_indexes: Some(vec![IndexInput {
            name: "by-g".to_owned(),
            key_schema: vec![element("g", KeyRole::Hash), element("s", KeyRole::Range)],
            projection_type: Some("ALL".to_owned()),
            non_key_attributes: None,
            throughput: None,
            on_demand: None,
            warm: None,
        }]),
        vector_indexes: None,
        billing_mode: BillingMode::PayPerRequest,
        throughput: None,
        table_class: None,
        deletion_protection: false,
    };
    engine.create_table(input, Settings::default(), None, UNIX_EPOCH, &mut IdSource::new(0)).unwrap();
    engine.pass_time(UNIX_EPOCH);
}

#[derive(Clone, Debug)]
enum Command {
    Put { p: i64, s: i64, g: Option<i64> },
    Add { p: i64, s: i64, n: i64 },
    Move { p: i64, s: i64, g: i64 },
    Delete { p: i64, s: i64 },
}

fn command() -> impl Strategy<Value = Command> {
    let (p, s, g) = (0..3_i64, -4..5_i64, 0..3_i64);
    prop_oneof![
        (p.clone(), s.clone(), prop::option::of(g.clone())).prop_map(|(p, s, g)| Command::Put { p, s, g }),
        (p.clone(), s.clone(), 0..9_i64).prop_map(|(p, s, n)| Command::Add { p, s, n }),
        (p.clone(), s.clone(), g).prop_map(|(p, s, g)| Command::Move { p, s, g }),
        (p, s).prop_map(|(p, s)| Command::Delete { p, s }),
    ]
}

type Model = BTreeMap<(i64, i64), BTreeMap<&'static str, i64>>;

fn run_on_model(model: &mut Model, command: &Command) {
    match *command {
        Command::Put { p, s, g } => {
            model.insert((p, s), g.map(|g| ("g", g)).into_iter().collect());
        }
        Command::Add { p, s, n } => *model.entry((p, s)).or_default().entry("n").or_default() += n,
        Command::Move { p, s, g } => {
            model.entry((p, s)).or_default().insert("g", g);
        }
        Command::Delete { p, s } => {
            model.remove(&(p, s));
        }
    }
}

fn run_on_engine(engine: &mut Engine, command: &Command) {
    let keyed = |p, s, expressions| KeyedWriteInput {
        table_name: "t".to_owned(),
        key: attributes(&[("p", p), ("s", s)]),
        expressions,
        return_values: ReturnValues::None,
        on_condition_failure: OnConditionFailure::ShowNothing,
    };
    let update = |expression: &str, value| Expressions {
        update: Some(expression.to_owned()),
        values: Some(BTreeMap::from([(":v".to_owned(), Ok(number(value)))])),
        ..Expressions::default()
    };
    match *command {
        Command::Put { p, s, g } => {
            let mut item = attributes(&[("p", p), ("s", s)]);
            item.extend(g.map(|g| ("g".into(), number(g))));
            engine
                .put_item(PutItemInput {
                    table_name: "t".to_owned(),
                    item,
                    expressions: Expressions::default(),
                    return_values: ReturnValues::None,
                    on_condition_failure: OnConditionFailure::ShowNothing,
                })
                .unwrap();
        }
        Command::Add { p, s, n } => {
            engine.update_item(keyed(p, s, update("ADD n :v", n))).unwrap();
        }
        Command::Move { p, s, g } => {
            engine.update_item(keyed(p, s, update("SET g = :v", g))).unwrap();
        }
        Command::Delete { p, s } => {
            engine.delete_item(keyed(p, s, Expressions::default())).unwrap();
        }
    }
}

fn item((p, s): (i64, i64), rest: &BTreeMap<&'static str, i64>) -> Attributes {
    let mut item = attributes(&[("p", p), ("s", s)]);
    item.extend(rest.iter().map(|(name, value)| ((*name).into(), number(*value))));
    item
}

fn query(condition: &str, values: &[(&str, i64)]) -> QueryInput {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), Ok(number(*value)))).collect();
    QueryInput {
        table_name: "t".to_owned(),
        index_name: None,
        expressions: Expressions {
            key_condition: Some(condition.to_owned()),
            values: Some(values),
            ..Expressions::default()
        },
        exclusive_start_key: None,
        limit: None,
        select: None,
        direction: Direction::Forward,
        consistency: Consistency::Eventual,
    }
}

/// All pages of a query, joined.
fn all(engine: &Engine, mut input: QueryInput) -> Vec<Attributes> {
    let mut items = Vec::new();
    loop {
        let page = engine.query(&input).unwrap();
        items.extend(page.items.unwrap().iter().map(|item| item.attributes()));
        match page.last_evaluated_key {
            Some(key) => input.exclusive_start_key = Some(key),
            None => return items,
        }
    }
}

fn scan_all(engine: &Engine, index_name: Option<&str>, limit: usize) -> Vec<Attributes> {
    let mut input = ScanInput {
        table_name: "t".to_owned(),
        index_name: index_name.map(str::to_owned),
        expressions: Expressions::default(),
        exclusive_start_key: None,
        limit: Some(limit),
        select: None,
        segment: None,
        total_segments: None,
        consistency: Consistency::Eventual,
    };
    let mut items = Vec::new();
    loop {
        let page = engine.scan(&input).unwrap();
        items.extend(page.items.unwrap().iter().map(|item| item.attributes()));
        match page.last_evaluated_key {
            Some(key) => input.exclusive_start_key = Some(key),
            None => break,
        }
    }
    sorted(items)
}

fn sorted(mut items: Vec<Attributes>) -> Vec<Attributes> {
    items.sort_by_key(|item| format!("{item:?}"));
    items
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_engine_is_a_sorted_map(
        commands in prop::collection::vec(command(), 0..40),
        limit in 1..6_usize,
        low in -5..6_i64,
        width in 0..6_i64,
    ) {
        let (mut engine, mut model) = (engine(), Model::new());
        for command in &commands {
            run_on_engine(&mut engine, command);
            run_on_model(&mut model, command);
        }
        let whole: Vec<_> = model.iter().map(|(key, rest)| item(*key, rest)).collect();
        prop_assert_eq!(scan_all(&engine, None, limit), sorted(whole.clone()));
        let indexed = whole.into_iter().filter(|item| item.contains_key("g")).collect();
        prop_assert_eq!(scan_all(&engine, Some("by-g"), limit), sorted(indexed));

        let table = engine.table("t").unwrap();
        prop_assert_eq!(table.size, table.items.values().map(|item| item.size()).sum::<usize>());
        let index = &table.indexes[0];
        prop_assert_eq!(index.size, index.entries.values().map(|item| item.size()).sum::<usize>());

        type Test = fn(i64, i64, i64) -> bool;
        let tests: [(&str, Test); 6] = [
            ("s = :a", |s, a, _| s == a),
            ("s < :a", |s, a, _| s < a),
            ("s <= :a", |s, a, _| s <= a),
            ("s > :a", |s, a, _| s > a),
            ("s >= :a", |s, a, _| s >= a),
            ("s BETWEEN :a AND :b", |s, a, b| a <= s && s <= b),
        ];
        for (text, holds) in tests {
            for direction in [Direction::Forward, Direction::Backward] {
                let mut values = vec![(":k", 1), (":a", low)];
                if text.contains(":b") {
                    values.push((":b", low + width));
                }
                let paged = |input: QueryInput| QueryInput { limit: Some(limit), direction, ..input };
                let of_table = all(&engine, paged(query(&format!("p = :k AND {text}"), &values)));
                let mut expected: Vec<_> = model
                    .iter()
                    .filter(|((p, s), _)| *p == 1 && holds(*s, low, low + width))
                    .map(|(key, rest)| item(*key, rest))
                    .collect();
                if direction == Direction::Backward {
                    expected.reverse();
                }
                prop_assert_eq!(of_table, expected, "{} {:?}", text, direction);

                let mut of_index = query(&format!("g = :k AND {text}"), &values);
                of_index.index_name = Some("by-g".to_owned());
                let expected = model
                    .iter()
                    .filter(|((_, s), rest)| rest.get("g") == Some(&1) && holds(*s, low, low + width))
                    .map(|(key, rest)| item(*key, rest))
                    .collect();
                let found = all(&engine, paged(of_index));
                let in_order = found.is_sorted_by(|one, other| match one["s"].scalar_cmp(&other["s"]) {
                    Some(order) if direction == Direction::Forward => order.is_le(),
                    Some(order) => order.is_ge(),
                    None => false,
                });
                prop_assert!(in_order, "{} {:?} of the index: {:?}", text, direction, found);
                prop_assert_eq!(sorted(found), sorted(expected), "{} {:?} of the index", text, direction);
            }
        }
    }

    #[test]
    fn a_clone_goes_its_own_way(
        before in prop::collection::vec(command(), 0..20),
        after in prop::collection::vec(command(), 1..20),
    ) {
        let mut original = engine();
        before.iter().for_each(|command| run_on_engine(&mut original, command));
        let (there, mut fork) = (scan_all(&original, None, 100), original.clone());
        after.iter().for_each(|command| run_on_engine(&mut fork, command));
        prop_assert_eq!(scan_all(&original, None, 100), there);
    }
}
