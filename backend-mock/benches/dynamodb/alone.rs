//! The engine alone: without SDK, wire and locks.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Instant, UNIX_EPOCH};

use criterion::Criterion;

use crate::context::{AccountId, RegionName};
use crate::engine::Engine;
use crate::engine::attribute_value::AttributeValue;
use crate::engine::capacity::Consistency;
use crate::engine::expression::Expressions;
use crate::engine::item::Attributes;
use crate::engine::key_schema::{KeyAttribute, KeyType};
use crate::engine::query::{Direction, QueryInput};
use crate::engine::scan::ScanInput;
use crate::engine::single_item::{GetItemInput, PutItemInput};
use crate::engine::table_definition::{BillingMode, CreateTableInput, IndexInput, KeyRole, KeySchemaElement};
use crate::engine::table_settings::Settings;
use crate::engine::write::{OnConditionFailure, ReturnValues};
use crate::pairs::median;
use crate::seed::IdSource;
use crate::{FEW, MANY};

const TABLE: &str = "films";
/// Items in one partition of the table, and entries in one partition of its index.
const PARTITION: usize = 1_000;
/// Items in a page.
const PAGE: usize = 100;

/// Reads a page of an engine with so many items.
type PageOf = fn(&Engine, usize);

pub(crate) fn measure(criterion: &mut Criterion) {
    let mut engine = filled(10);
    let mut group = criterion.benchmark_group("engine alone");
    group.bench_function("get 1 KB", |to| to.iter(|| get(&engine)));
    group.bench_function("get 1 KB, with a projection", |to| to.iter(|| get_projected(&engine)));
    let item = item_of_1_kb();
    group.bench_function("put 1 KB, with a condition", |to| to.iter(|| put_if(&mut engine, &item)));
    group.finish();
}

pub(crate) fn summary() {
    let (mut few, mut many) = (filled(FEW), filled(MANY));
    println!("\nthe engine alone, in microseconds: {FEW} items, {MANY} items");
    let item = item_of_1_kb();
    let line = |what: &str, few: f64, many: f64, bound: &str| {
        println!("  {what:<34} {few:8.2} {many:8.2}  ({bound})");
    };
    line("GetItem", timed(|| get(&few)), timed(|| get(&many)), "at most 2");
    let (puts, of_many) = (timed(|| put_if(&mut few, &item)), timed(|| put_if(&mut many, &item)));
    line("PutItem with a condition", puts, of_many, "at most 5");
    let (writes, of_many) = (timed(moves(&mut few, FEW)), timed(moves(&mut many, MANY)));
    line("PutItem that moves in an index", writes, of_many, "log n");
    let pages: [(&str, PageOf); 4] = [
        ("Query of the table, a page of 100", query_table),
        ("Query backwards", query_backwards),
        ("Query of the index", query_index),
        ("Scan, a page of 100 from the middle", scan),
    ];
    for (what, page) in pages {
        line(what, timed(|| page(&few, FEW)), timed(|| page(&many, MANY)), "flat");
    }
}

fn timed(work: impl FnMut()) -> f64 {
    microseconds(31, 2_000, work)
}

/// A table of items with the keys `pk` and `sk`, and an index with the keys `genre` and `plays`.
fn filled(items: usize) -> Engine {
    let attribute = |name: &str, key_type| KeyAttribute { name: name.into(), key_type };
    let element = |name: &str, role| KeySchemaElement { name: name.into(), role };
    let mut engine = Engine::new(AccountId::default(), RegionName::new(RegionName::DEFAULT));
    let index = IndexInput {
        name: "by-genre".to_owned(),
        key_schema: vec![element("genre", KeyRole::Hash), element("plays", KeyRole::Range)],
        projection_type: Some("ALL".to_owned()),
        non_key_attributes: None,
        throughput: None,
        on_demand: None,
        warm: None,
    };
    let table = CreateTableInput {
        table_name: TABLE.to_owned(),
        attribute_definitions: vec![
            attribute("pk", KeyType::S),
            attribute("sk", KeyType::N),
            attribute("genre", KeyType::S),
            attribute("plays", KeyType::N),
        ],
        key_schema: vec![element("pk", KeyRole::Hash), element("sk", KeyRole::Range)],
        local_indexes: None,
        global_indexes: Some(vec![index]),
        vector_indexes: None,
        billing_mode: BillingMode::PayPerRequest,
        throughput: None,
        table_class: None,
        deletion_protection: false,
    };
    let created = engine.create_table(table, Settings::default(), None, UNIX_EPOCH, &mut IdSource::new(0));
    created.expect("a table");
    engine.pass_time(UNIX_EPOCH);
    for number in 0..items {
        put(&mut engine, small_item(number, number), Expressions::default());
    }
    put(&mut engine, item_of_1_kb(), Expressions::default());
    engine
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: usize) -> AttributeValue {
    AttributeValue::N(value.into())
}

/// The key of the item of this number.
fn key(of: usize) -> Attributes {
    [("pk".into(), text(&format!("p{}", of / PARTITION))), ("sk".into(), number(of % PARTITION))].into()
}

fn small_item(of: usize, plays: usize) -> Attributes {
    let mut item = key(of);
    item.insert("genre".into(), text(&format!("g{}", of / PARTITION)));
    item.insert("plays".into(), number(plays));
    item
}

fn key_of_1_kb() -> Attributes {
    [("pk".into(), text("large")), ("sk".into(), number(1))].into()
}

/// Ten attributes of 1 KB altogether, and none of the index's.
fn item_of_1_kb() -> Attributes {
    let mut item = key_of_1_kb();
    item.extend((1..9).map(|at| (format!("text{at}").into(), text(&"x".repeat(120)))));
    item
}

fn get(engine: &Engine) {
    get_with(engine, Expressions::default());
}

fn get_projected(engine: &Engine) {
    let projection = Some("text1, text5, sk".to_owned());
    get_with(engine, Expressions { projection, ..Expressions::default() });
}

fn get_with(engine: &Engine, expressions: Expressions) {
    let input = GetItemInput {
        table_name: TABLE.to_owned(),
        key: key_of_1_kb(),
        expressions,
        consistency: Consistency::Strong,
    };
    black_box(engine.get_item(&input).expect("an answer").item.expect("the item is there"));
}

fn put(engine: &mut Engine, item: Attributes, expressions: Expressions) {
    let put = PutItemInput {
        table_name: TABLE.to_owned(),
        item,
        expressions,
        return_values: ReturnValues::None,
        on_condition_failure: OnConditionFailure::ShowNothing,
    };
    black_box(engine.put_item(put).expect("the item is stored"));
}

fn put_if(engine: &mut Engine, item: &Attributes) {
    let expressions = Expressions {
        condition: Some("attribute_exists(text1) AND text2 = :text AND sk BETWEEN :low AND :high".to_owned()),
        values: Some(BTreeMap::from([
            (":text".to_owned(), Ok(text(&"x".repeat(120)))),
            (":low".to_owned(), Ok(number(0))),
            (":high".to_owned(), Ok(number(9))),
        ])),
        ..Expressions::default()
    };
    put(engine, item.clone(), expressions);
}

/// Every call writes another item, and gives it another place in the index.
fn moves(engine: &mut Engine, items: usize) -> impl FnMut() {
    let mut at = 0;
    move || {
        at += 1;
        put(engine, small_item(at * 7919 % items, at), Expressions::default());
    }
}

fn query(engine: &Engine, index: Option<&str>, partition: usize, direction: Direction) {
    let (condition, value) = match index {
        None => ("pk = :p", text(&format!("p{partition}"))),
        Some(_) => ("genre = :p", text(&format!("g{partition}"))),
    };
    let input = QueryInput {
        table_name: TABLE.to_owned(),
        index_name: index.map(str::to_owned),
        expressions: Expressions {
            key_condition: Some(condition.to_owned()),
            values: Some(BTreeMap::from([(":p".to_owned(), Ok(value))])),
            ..Expressions::default()
        },
        exclusive_start_key: None,
        limit: Some(PAGE),
        select: None,
        direction,
        consistency: Consistency::Eventual,
    };
    assert_eq!(black_box(engine.query(&input).expect("a page")).count, PAGE);
}

fn query_table(engine: &Engine, items: usize) {
    query(engine, None, items / PARTITION / 2, Direction::Forward);
}

fn query_backwards(engine: &Engine, items: usize) {
    query(engine, None, items / PARTITION / 2, Direction::Backward);
}

fn query_index(engine: &Engine, items: usize) {
    query(engine, Some("by-genre"), items / PARTITION / 2, Direction::Forward);
}

fn scan(engine: &Engine, items: usize) {
    let input = ScanInput {
        table_name: TABLE.to_owned(),
        index_name: None,
        expressions: Expressions::default(),
        exclusive_start_key: Some(key((items / PARTITION / 2) * PARTITION)),
        limit: Some(PAGE),
        select: None,
        segment: None,
        total_segments: None,
        consistency: Consistency::Eventual,
    };
    assert_eq!(black_box(engine.scan(&input).expect("a page")).scanned_count, PAGE);
}

/// Microseconds that one run of `work` takes: the median of some rounds.
fn microseconds(rounds: usize, runs: usize, mut work: impl FnMut()) -> f64 {
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let begun = Instant::now();
        for _ in 0..runs {
            work();
        }
        times.push(begun.elapsed().as_secs_f64() * 1e6 / runs as f64);
    }
    median(times)
}
