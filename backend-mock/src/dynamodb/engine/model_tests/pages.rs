//! Queries and scans of a table and its indexes, by pages of any size: joined, they are the model filtered and sorted.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::super::table_definition::IndexKind;
use super::*;

/// An attribute of the model: a number, or a text of one letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Plain {
    N(i64),
    S(char),
}

impl Plain {
    fn value(self) -> AttributeValue {
        match self {
            Self::N(value) => number(value),
            Self::S(letter) => AttributeValue::S(letter.to_string().into()),
        }
    }
}

type Row = BTreeMap<&'static str, Plain>;
/// The table: rows by their key.
type Rows = BTreeMap<(Plain, Plain), Row>;

/// What is queried and scanned: its partition key, its sort key, and the attributes it holds besides keys.
struct Place {
    index: Option<&'static str>,
    kind: Option<IndexKind>,
    partition: &'static [&'static str],
    sort: &'static [&'static str],
    holds: Option<&'static [&'static str]>,
}

const PLACES: [Place; 5] = [
    Place { index: None, kind: None, partition: &["pk"], sort: &["sk"], holds: None },
    Place {
        index: Some("by-r"),
        kind: Some(IndexKind::Local),
        partition: &["pk"],
        sort: &["r"],
        holds: Some(&["x"]),
    },
    Place {
        index: Some("by-g"),
        kind: Some(IndexKind::Global),
        partition: &["g"],
        sort: &["h"],
        holds: Some(&["x"]),
    },
    Place {
        index: Some("many"),
        kind: Some(IndexKind::Global),
        partition: &["g", "pk"],
        sort: &["h", "r", "sk"],
        holds: None,
    },
    Place {
        index: Some("only-g"),
        kind: Some(IndexKind::Global),
        partition: &["g"],
        sort: &[],
        holds: Some(&[]),
    },
];

const KEY: [&str; 2] = ["pk", "sk"];

fn table_of_places() -> Engine {
    let attribute = |(name, key_type): (&str, _)| KeyAttribute { name: name.into(), key_type };
    let schema = |place: &Place| {
        let element = |role| move |name: &&str| KeySchemaElement { name: (*name).into(), role };
        let partition = place.partition.iter().map(element(KeyRole::Hash));
        partition.chain(place.sort.iter().map(element(KeyRole::Range))).collect::<Vec<_>>()
    };
    let indexes = |kind| {
        let of_kind = PLACES.iter().filter(move |place| place.kind == Some(kind));
        let indexes = of_kind.map(|place| IndexInput {
            name: place.index.unwrap().to_owned(),
            key_schema: schema(place),
            projection_type: Some(match place.holds {
                None => "ALL".to_owned(),
                Some([]) => "KEYS_ONLY".to_owned(),
                Some(_) => "INCLUDE".to_owned(),
            }),
            non_key_attributes: place
                .holds
                .filter(|names| !names.is_empty())
                .map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
            throughput: None,
            on_demand: None,
            warm: None,
        });
        Some(indexes.collect())
    };
    let input = CreateTableInput {
        table_name: "t".to_owned(),
        attribute_definitions: [
            ("pk", KeyType::S),
            ("sk", KeyType::N),
            ("g", KeyType::S),
            ("h", KeyType::N),
            ("r", KeyType::S),
        ]
        .map(attribute)
        .to_vec(),
        key_schema: schema(&PLACES[0]),
        local_indexes: indexes(IndexKind::Local),
        global_indexes: indexes(IndexKind::Global),
        vector_indexes: None,
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

/// When a write is carried out.
#[derive(Clone, Copy, Debug)]
enum When {
    Always,
    Absent,
    /// The attribute `x` is at most this.
    AtMost(i64),
}

impl When {
    fn holds(self, row: Option<&Row>) -> bool {
        match self {
            Self::Always => true,
            Self::Absent => row.is_none(),
            Self::AtMost(most) => row.and_then(|row| row.get("x")).is_some_and(|x| *x <= Plain::N(most)),
        }
    }

    fn expressions(self) -> Expressions {
        let (condition, value) = match self {
            Self::Always => return Expressions::default(),
            Self::Absent => ("attribute_not_exists(pk)", None),
            Self::AtMost(most) => ("x <= :most", Some((":most".to_owned(), Ok(number(most))))),
        };
        Expressions {
            condition: Some(condition.to_owned()),
            values: value.map(|value| BTreeMap::from([value])),
            ..Expressions::default()
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Put(Row),
    Set(&'static str, Plain),
    Remove(&'static str),
    Add(i64),
    Delete,
}

#[derive(Clone, Debug)]
struct Written {
    key: (Plain, Plain),
    step: Step,
    when: When,
}

fn attribute() -> impl Strategy<Value = (&'static str, Plain)> {
    prop_oneof![
        prop::sample::select(vec!['a', 'b']).prop_map(|letter| ("g", Plain::S(letter))),
        (-2..3_i64).prop_map(|value| ("h", Plain::N(value))),
        prop::sample::select(vec!['u', 'v', 'w']).prop_map(|letter| ("r", Plain::S(letter))),
        (0..6_i64).prop_map(|value| ("x", Plain::N(value))),
        (0..6_i64).prop_map(|value| ("y", Plain::N(value))),
    ]
}

fn written() -> impl Strategy<Value = Written> {
    let key = (prop::sample::select(vec!['k', 'l']), -3..4_i64);
    let step = prop_oneof![
        4 => prop::collection::vec(attribute(), 0..7).prop_map(|row| Step::Put(row.into_iter().collect())),
        2 => attribute().prop_map(|(name, value)| Step::Set(name, value)),
        1 => attribute().prop_map(|(name, _)| Step::Remove(name)),
        1 => (-3..4_i64).prop_map(Step::Add),
        1 => Just(Step::Delete),
    ];
    let when = prop_oneof![
        4 => Just(When::Always),
        1 => Just(When::Absent),
        1 => (0..6_i64).prop_map(When::AtMost),
    ];
    (key, step, when).prop_map(|((pk, sk), step, when)| Written {
        key: (Plain::S(pk), Plain::N(sk)),
        step,
        when,
    })
}

/// Whether the model carries the write out.
fn write_to_model(rows: &mut Rows, write: &Written) -> bool {
    if !write.when.holds(rows.get(&write.key)) {
        return false;
    }
    match &write.step {
        Step::Put(row) => {
            rows.insert(write.key, row.clone());
        }
        Step::Set(name, value) => {
            rows.entry(write.key).or_default().insert(name, *value);
        }
        Step::Remove(name) => {
            // Taking away brings no item into being.
            if let Some(row) = rows.get_mut(&write.key) {
                row.remove(name);
            }
        }
        Step::Add(value) => {
            let sum = rows.entry(write.key).or_default().entry("h").or_insert(Plain::N(0));
            if let Plain::N(sum) = sum {
                *sum += value;
            }
        }
        Step::Delete => {
            rows.remove(&write.key);
        }
    }
    true
}

/// Whether the engine carries the write out.
fn write_to_engine(engine: &mut Engine, write: &Written) -> bool {
    let key: Attributes = [("pk".into(), write.key.0.value()), ("sk".into(), write.key.1.value())].into();
    let mut expressions = write.when.expressions();
    let mut update = |text: String, value: Option<Plain>| {
        expressions.update = Some(text);
        if let Some(value) = value {
            expressions.values.get_or_insert_default().insert(":v".to_owned(), Ok(value.value()));
        }
    };
    match &write.step {
        Step::Set(name, value) => update(format!("SET {name} = :v"), Some(*value)),
        Step::Remove(name) => update(format!("REMOVE {name}"), None),
        Step::Add(value) => update("ADD h :v".to_owned(), Some(Plain::N(*value))),
        Step::Put(_) | Step::Delete => {}
    }
    let (table_name, return_values) = ("t".to_owned(), ReturnValues::None);
    let on_condition_failure = OnConditionFailure::ShowNothing;
    let answer = match &write.step {
        Step::Put(row) => {
            let mut item = key;
            item.extend(row.iter().map(|(name, value)| ((*name).into(), value.value())));
            engine.put_item(PutItemInput {
                table_name,
                item,
                expressions,
                return_values,
                on_condition_failure,
            })
        }
        other => {
            let input = KeyedWriteInput { table_name, key, expressions, return_values, on_condition_failure };
            if matches!(other, Step::Delete) { engine.delete_item(input) } else { engine.update_item(input) }
        }
    };
    match answer {
        Ok(_) => true,
        Err(error::Error::ConditionalCheckFailed(_)) => false,
        Err(other) => panic!("{write:?}: {other}"),
    }
}

/// A read of one place.
#[derive(Clone, Debug)]
struct Read {
    limit: usize,
    backward: bool,
    /// How many attributes of the sort key are asked to equal those of some row.
    equal: usize,
    /// How the next one is compared with that row's: `=`, `<`, `<=`, `>`, `>=`, or BETWEEN it and itself.
    test: Option<&'static str>,
    /// `x` is at least this, or absent where this is `None`.
    filter: Option<Option<i64>>,
    projection: Option<Vec<&'static str>>,
    segments: u32,
}

fn read() -> impl Strategy<Value = Read> {
    (
        1..6_usize,
        any::<bool>(),
        0..4_usize,
        prop::option::of(prop::sample::select(vec!["=", "<", "<=", ">", ">=", "BETWEEN"])),
        prop::option::of(prop::option::of(0..6_i64)),
        prop::option::of(prop::sample::subsequence(vec!["pk", "sk", "x", "y"], 1..4)),
        1..5_u32,
    )
        .prop_map(|(limit, backward, equal, test, filter, projection, segments)| Read {
            limit,
            backward,
            equal,
            test,
            filter,
            projection,
            segments,
        })
}

impl Place {
    /// The rows that lie here, whole, with their keys.
    fn rows(&self, rows: &Rows) -> Vec<Row> {
        let whole = rows.iter().map(|((pk, sk), row)| {
            let mut row = row.clone();
            row.extend([("pk", *pk), ("sk", *sk)]);
            row
        });
        let has_keys = |row: &Row| self.partition.iter().chain(self.sort).all(|name| row.contains_key(name));
        whole.filter(has_keys).collect()
    }

    fn has(&self, name: &str) -> bool {
        let keys = KEY.iter().chain(self.partition).chain(self.sort);
        self.holds.is_none_or(|names| names.contains(&name)) || keys.into_iter().any(|key| *key == name)
    }

    /// What an answer shows of a row.
    fn shown(&self, row: &Row, read: &Read) -> Attributes {
        let wanted = |name: &str| match &read.projection {
            Some(names) => names.contains(&name),
            None => self.has(name),
        };
        row.iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| ((*name).into(), value.value()))
            .collect()
    }

    /// Global indexes show only what they hold; local ones fetch the rest.
    fn can_show(&self, read: &Read) -> bool {
        self.kind != Some(IndexKind::Global) || read.projection.iter().flatten().all(|name| self.has(name))
    }
}

impl Read {
    fn passes(&self, place: &Place, row: &Row) -> bool {
        // A local index fetches the whole item where more is asked for than it holds.
        let fetches = self.projection.iter().flatten().any(|name| !place.has(name));
        let x = row.get("x").filter(|_| fetches || place.has("x"));
        match self.filter {
            None => true,
            Some(None) => x.is_none(),
            Some(Some(least)) => x.is_some_and(|x| *x >= Plain::N(least)),
        }
    }

    fn expressions(&self) -> Expressions {
        let filter = self.filter.map(|filter| match filter {
            None => "attribute_not_exists(x)",
            Some(_) => "x >= :least",
        });
        let least = self.filter.flatten().map(|least| (":least".to_owned(), Ok(number(least))));
        Expressions {
            filter: filter.map(str::to_owned),
            projection: self.projection.as_ref().map(|names| names.join(", ")),
            values: least.map(|least| BTreeMap::from([least])),
            ..Expressions::default()
        }
    }
}

fn check_scan(engine: &Engine, place: &Place, rows: &[Row], read: &Read) {
    let expected =
        rows.iter().filter(|row| read.passes(place, row)).map(|row| place.shown(row, read)).collect();
    let mut found = Vec::new();
    for segment in 0..read.segments {
        let mut input = ScanInput {
            table_name: "t".to_owned(),
            index_name: place.index.map(str::to_owned),
            expressions: read.expressions(),
            exclusive_start_key: None,
            limit: Some(read.limit),
            select: None,
            segment: (read.segments > 1).then_some(segment),
            total_segments: (read.segments > 1).then_some(read.segments),
            consistency: Consistency::Eventual,
        };
        loop {
            let page = engine.scan(&input).unwrap();
            assert!(page.scanned_count <= read.limit);
            found.extend(page.items.unwrap().iter().map(|item| item.attributes()));
            match page.last_evaluated_key {
                Some(key) => input.exclusive_start_key = Some(key),
                None => break,
            }
        }
    }
    assert_eq!(sorted(found), sorted(expected), "{:?} {read:?}", place.index);
}

/// A query for the partition of `like`, one of the rows, and for sort keys that compare with its own.
fn check_query(engine: &Engine, place: &Place, rows: &[Row], like: &Row, read: &Read) {
    let equal = read.equal.min(place.sort.len());
    let tested = read.test.and_then(|test| Some((test, *place.sort.get(equal)?)));
    let same = place.partition.iter().chain(&place.sort[..equal]);
    let mut expressions = read.expressions();
    let values = expressions.values.get_or_insert_default();
    let mut conditions = Vec::new();
    for name in same.clone() {
        conditions.push(format!("{name} = :{name}"));
        values.insert(format!(":{name}"), Ok(like[name].value()));
    }
    if let Some((test, name)) = tested {
        conditions.push(match test {
            "BETWEEN" => format!("{name} BETWEEN :{name} AND :{name}"),
            test => format!("{name} {test} :{name}"),
        });
        values.insert(format!(":{name}"), Ok(like[name].value()));
    }
    expressions.key_condition = Some(conditions.join(" AND "));
    let is_meant = |row: &&Row| {
        let order = |name: &str| row[name].cmp(&like[name]);
        same.clone().all(|name| row[name] == like[name])
            && tested.is_none_or(|(test, name)| match test {
                "<" => order(name) == Ordering::Less,
                "<=" => order(name).is_le(),
                ">" => order(name) == Ordering::Greater,
                ">=" => order(name).is_ge(),
                _ => order(name).is_eq(),
            })
            && read.passes(place, row)
    };
    let mut expected: Vec<&Row> = rows.iter().filter(is_meant).collect();
    let sort_key = |row: &Row| -> Vec<Plain> { place.sort.iter().map(|name| row[name]).collect() };
    // The order of entries with the same sort key is the index's own affair.
    expected.sort_by_key(|row| sort_key(row));
    if read.backward {
        expected.reverse();
    }
    let mut input = QueryInput {
        table_name: "t".to_owned(),
        index_name: place.index.map(str::to_owned),
        expressions,
        exclusive_start_key: None,
        limit: Some(read.limit),
        select: None,
        direction: if read.backward { Direction::Backward } else { Direction::Forward },
        consistency: Consistency::Eventual,
    };
    let mut found = Vec::new();
    loop {
        let page = engine.query(&input).unwrap();
        assert!(page.scanned_count <= read.limit);
        found.extend(page.items.unwrap().iter().map(|item| item.attributes()));
        match page.last_evaluated_key {
            Some(key) => input.exclusive_start_key = Some(key),
            None => break,
        }
    }
    assert_eq!(found.len(), expected.len(), "{:?} {read:?}", place.index);
    // Runs of one sort key are compared as sets, and the runs one after the other.
    let mut found = found.into_iter();
    for run in expected.chunk_by(|one, other| sort_key(one) == sort_key(other)) {
        let shown = run.iter().map(|row| place.shown(row, read)).collect();
        let there = found.by_ref().take(run.len()).collect();
        assert_eq!(sorted(there), sorted(shown), "{:?} {read:?}", place.index);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn pages_joined_are_the_model_filtered_and_sorted(
        writes in prop::collection::vec(written(), 0..60),
        reads in prop::collection::vec(read(), 1..6),
    ) {
        let (mut engine, mut model) = (table_of_places(), Rows::new());
        for write in &writes {
            prop_assert_eq!(write_to_engine(&mut engine, write), write_to_model(&mut model, write), "{:?}", write);
        }
        for place in &PLACES {
            let rows = place.rows(&model);
            for read in reads.iter().filter(|read| place.can_show(read)) {
                check_scan(&engine, place, &rows, read);
                for like in rows.iter().step_by(rows.len() / 3 + 1) {
                    check_query(&engine, place, &rows, like, read);
                }
            }
        }
    }
}
