//! Vector search against a naive model: a map of items, of which every one is measured.

use super::super::search::SearchInput;
use super::super::update_table::{UpdateTableInput, VectorIndexUpdate};
use super::super::vector::DistanceFunction;
use super::super::vector_definition::{SearchRole, VectorIndexInput};
use super::*;

type Point = (i64, i64);

#[derive(Clone, Debug)]
enum Step {
    Put { p: i64, g: Option<i64>, v: Option<Point> },
    Set { p: i64, name: &'static str, value: Option<Point> },
    Delete { p: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let (p, g) = (0..6_i64, 0..3_i64);
    let point = || (-3..4_i64, -3..4_i64);
    prop_oneof![
        (p.clone(), prop::option::of(g), prop::option::of(point())).prop_map(|(p, g, v)| Step::Put {
            p,
            g,
            v
        }),
        (p.clone(), prop::sample::select(vec!["g", "v"]), prop::option::of(point()))
            .prop_map(|(p, name, value)| Step::Set { p, name, value }),
        p.prop_map(|p| Step::Delete { p }),
    ]
}

fn value(name: &str, (x, y): Point) -> AttributeValue {
    match name {
        "g" => number(x),
        _ => AttributeValue::L(vec![number(x), number(y)]),
    }
}

/// The index `by-v` of points in `v`, partitioned by `g`.
fn index() -> VectorIndexInput {
    VectorIndexInput {
        name: "by-v".to_owned(),
        attribute: "v".to_owned(),
        dimensions: 2,
        distance: DistanceFunction::Euclidean,
        projection_type: Some("KEYS_ONLY".to_owned()),
        non_key_attributes: None,
        search_schema: vec![("g".to_owned(), SearchRole::Hash)],
    }
}

/// The table `t` with the key `p`, and with the index or not yet.
fn engine_with(indexes: Option<Vec<VectorIndexInput>>) -> Engine {
    let attribute = |name: &str| KeyAttribute { name: name.into(), key_type: KeyType::N };
    let defined = if indexes.is_some() { vec!["p", "g"] } else { vec!["p"] };
    let input = CreateTableInput {
        table_name: "t".to_owned(),
        attribute_definitions: defined.into_iter().map(attribute).collect(),
        key_schema: vec![KeySchemaElement { name: "p".into(), role: KeyRole::Hash }],
        local_indexes: None,
        global_indexes: None,
        vector_indexes: indexes,
        billing_mode: BillingMode::PayPerRequest,
        throughput: None,
        table_class: None,
        deletion_protection: false,
    };
    let mut engine = Engine::new(AccountId::default(), RegionName::new("us-east-1"));
    engine.create_table(input, Settings::default(), None, UNIX_EPOCH, &mut IdSource::new(0)).unwrap();
    engine.pass_time(UNIX_EPOCH);
    engine
}

fn run(engine: &mut Engine, step: &Step) {
    let keyed = |p, expressions| KeyedWriteInput {
        table_name: "t".to_owned(),
        key: attributes(&[("p", p)]),
        expressions,
        return_values: ReturnValues::None,
        on_condition_failure: OnConditionFailure::ShowNothing,
    };
    match *step {
        Step::Put { p, g, v } => {
            let mut item = attributes(&[("p", p)]);
            item.extend(g.map(|g| ("g".into(), number(g))));
            item.extend(v.map(|v| ("v".into(), value("v", v))));
            let input = PutItemInput {
                table_name: "t".to_owned(),
                item,
                expressions: Expressions::default(),
                return_values: ReturnValues::None,
                on_condition_failure: OnConditionFailure::ShowNothing,
            };
            engine.put_item(input).unwrap();
        }
        Step::Set { p, name, value: Some(point) } => {
            let expressions = Expressions {
                update: Some(format!("SET {name} = :v")),
                values: Some(BTreeMap::from([(":v".to_owned(), Ok(value(name, point)))])),
                ..Expressions::default()
            };
            engine.update_item(keyed(p, expressions)).unwrap();
        }
        Step::Set { p, name, value: None } => {
            let update = Some(format!("REMOVE {name}"));
            engine.update_item(keyed(p, Expressions { update, ..Expressions::default() })).unwrap();
        }
        Step::Delete { p } => {
            engine.delete_item(keyed(p, Expressions::default())).unwrap();
        }
    }
}

type Items = BTreeMap<i64, BTreeMap<&'static str, Point>>;

fn run_on_items(items: &mut Items, step: &Step) {
    match *step {
        Step::Put { p, g, v } => {
            let g = g.map(|g| ("g", (g, 0)));
            items.insert(p, g.into_iter().chain(v.map(|v| ("v", v))).collect());
        }
        Step::Set { p, name, value: Some(point) } => {
            items.entry(p).or_default().insert(name, point);
        }
        Step::Set { p, name, value: None } => {
            if let Some(item) = items.get_mut(&p) {
                item.remove(name);
            }
        }
        Step::Delete { p } => {
            items.remove(&p);
        }
    }
}

/// Each key with its score, in the order of both.
fn found(engine: &Engine, g: i64, at: Point, top: usize) -> Vec<(i64, f32)> {
    let input = SearchInput {
        table_name: "t".to_owned(),
        index_name: "by-v".to_owned(),
        vector: vec![at.0 as f32, at.1 as f32],
        top,
        expressions: Expressions {
            search: Some("g = :g".to_owned()),
            values: Some(BTreeMap::from([(":g".to_owned(), Ok(number(g)))])),
            ..Expressions::default()
        },
    };
    let found = engine.search_vectors(&input).unwrap();
    let key = |item: &Attributes| match &item["p"] {
        AttributeValue::N(number) => number.to_string().parse().unwrap(),
        other => panic!("{other}"),
    };
    found.items.iter().map(|(item, score)| (key(item), *score)).collect()
}

fn measured(items: &Items, g: i64, at: Point) -> Vec<(i64, f32)> {
    let of_g = items.iter().filter(|(_, item)| item.get("g").is_some_and(|(of, _)| *of == g));
    let distance = |(x, y): Point| (((x - at.0).pow(2) + (y - at.1).pow(2)) as f64).sqrt() as f32;
    of_g.filter_map(|(p, item)| Some((*p, distance(*item.get("v")?)))).collect()
}

fn sorted_by_key(mut found: Vec<(i64, f32)>) -> Vec<(i64, f32)> {
    found.sort_by_key(|(p, _)| *p);
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_is_closest_whenever_the_index_came(
        steps in prop::collection::vec(step(), 1..40),
        at in (-3..4_i64, -3..4_i64),
        top in 1..5_usize,
    ) {
        let (mut first, mut later) = (engine_with(Some(vec![index()])), engine_with(None));
        let mut items = Items::new();
        for step in &steps {
            run(&mut first, step);
            run(&mut later, step);
            run_on_items(&mut items, step);
        }
        let update = UpdateTableInput {
            table_name: "t".to_owned(),
            attribute_definitions: vec![KeyAttribute { name: "g".into(), key_type: KeyType::N }],
            vector_updates: vec![VectorIndexUpdate::Create(index())],
            ..UpdateTableInput::default()
        };
        later.update_table(update, UNIX_EPOCH).unwrap();
        later.pass_time(UNIX_EPOCH);
        for g in -3..4 {
            let expected = measured(&items, g, at);
            for engine in [&first, &later] {
                prop_assert_eq!(&sorted_by_key(found(engine, g, at, 100)), &expected);
                let mut scores: Vec<f32> = expected.iter().map(|(_, score)| *score).collect();
                scores.sort_by(f32::total_cmp);
                scores.truncate(top);
                let closest: Vec<f32> = found(engine, g, at, top).into_iter().map(|(_, score)| score).collect();
                prop_assert_eq!(closest, scores);
            }
        }
        let sizes = |engine: &Engine| {
            let table = engine.describe_table("t").unwrap();
            let index = &table.vector_indexes[0];
            (table.size, index.size, index.count())
        };
        prop_assert_eq!(sizes(&first), sizes(&later));
    }
}
