//! Queries and scans.

use super::*;

/// Five songs of one artist with falling plays, and one of another.
fn songs() -> Cloud {
    let cloud = Cloud::with_songs();
    for (title, plays) in [("a", 5), ("ab", 4), ("b", 3), ("c", 2), ("d", 1)] {
        cloud.put("songs", song("x", title, plays));
    }
    cloud.put("songs", song("y", "z", 3));
    cloud
}

fn song(artist: &str, title: &str, plays: u32) -> Value {
    json!({
        "artist": {"S": artist},
        "title": {"S": title},
        "genre": {"S": "pop"},
        "plays": {"N": plays.to_string()},
        "extra": {"S": "!"},
    })
}

fn query(condition: &str) -> Value {
    let values = json!({":x": {"S": "x"}, ":a": {"S": "a"}, ":c": {"S": "c"}});
    let used: serde_json::Map<String, Value> = values
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| condition.contains(*name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    json!({"TableName": "songs", "KeyConditionExpression": condition, "ExpressionAttributeValues": used})
}

fn titles(answer: &Value) -> Vec<&str> {
    answer["Items"].as_array().unwrap().iter().map(|item| item["title"]["S"].as_str().unwrap()).collect()
}

#[test]
fn a_query_reads_a_range_of_sort_keys_either_way() {
    let cloud = songs();
    for (condition, expected) in [
        ("artist = :x", vec!["a", "ab", "b", "c", "d"]),
        ("artist = :x AND title = :a", vec!["a"]),
        ("artist = :x AND title < :c", vec!["a", "ab", "b"]),
        ("artist = :x AND title <= :c", vec!["a", "ab", "b", "c"]),
        ("artist = :x AND title > :a", vec!["ab", "b", "c", "d"]),
        ("artist = :x AND :c <= title", vec!["c", "d"]),
        ("artist = :x AND title BETWEEN :a AND :c", vec!["a", "ab", "b", "c"]),
        ("artist = :x AND begins_with(title, :a)", vec!["a", "ab"]),
        ("artist = :a", vec![]),
    ] {
        let forward = cloud.ok("Query", query(condition));
        assert_eq!(titles(&forward), expected, "{condition}");
        let mut backward = cloud.ok("Query", with(query(condition), json!({"ScanIndexForward": false})));
        backward["Items"].as_array_mut().unwrap().reverse();
        assert_eq!(titles(&backward), expected, "{condition}, backward");
    }
}

#[test]
fn a_filter_thins_a_page_after_it_was_read() {
    let cloud = songs();
    let mut input = query("artist = :x");
    input["ExpressionAttributeValues"][":n"] = json!({"N": "4"});
    input["FilterExpression"] = "plays < :n".into();
    input["Limit"] = 3.into();
    let answer = cloud.ok("Query", input.clone());
    assert_eq!(
        (titles(&answer), &answer["Count"], &answer["ScannedCount"]),
        (vec!["b"], &json!(1), &json!(3))
    );
    assert_eq!(answer["LastEvaluatedKey"], json!({"artist": {"S": "x"}, "title": {"S": "b"}}));
    input["Select"] = "COUNT".into();
    assert_eq!(
        cloud.ok("Query", input),
        json!({"Count": 1, "ScannedCount": 3, "LastEvaluatedKey": {"artist": {"S": "x"}, "title": {"S": "b"}}})
    );
}

#[test]
fn a_page_of_an_index_ends_at_a_key_of_both() {
    let cloud = songs();
    let mut input = json!({
        "TableName": "songs",
        "IndexName": "by-genre",
        "KeyConditionExpression": "genre = :g AND plays >= :n",
        "ExpressionAttributeValues": {":g": {"S": "pop"}, ":n": {"N": "3"}},
        "Limit": 1,
        "ReturnConsumedCapacity": "INDEXES",
    });
    let mut found = Vec::new();
    loop {
        let answer = cloud.ok("Query", input.clone());
        found.extend(titles(&answer).into_iter().map(str::to_owned));
        let Some(key) = answer.get("LastEvaluatedKey") else { break };
        assert_eq!(
            key.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["artist", "genre", "plays", "title"]
        );
        assert_eq!(
            answer["ConsumedCapacity"]["GlobalSecondaryIndexes"],
            json!({"by-genre": {"CapacityUnits": 0.5}})
        );
        input["ExclusiveStartKey"] = key.clone();
    }
    found.sort();
    assert_eq!(found, ["a", "ab", "b", "z"]);
}

#[test]
fn a_local_index_fetches_what_it_does_not_hold_and_a_global_one_refuses() {
    let cloud = songs();
    let local = with(query("artist = :x"), json!({"IndexName": "by-plays", "ConsistentRead": true}));
    assert_eq!(titles(&cloud.ok("Query", local.clone())), ["d", "c", "b", "ab", "a"]);
    assert!(cloud.ok("Query", local.clone())["Items"][0].get("extra").is_none());
    let all = cloud.ok("Query", with(local, json!({"Select": "ALL_ATTRIBUTES"})));
    assert_eq!(all["Items"][0], song("x", "d", 1));
    let global = json!({
        "TableName": "songs",
        "IndexName": "genres",
        "KeyConditionExpression": "genre = :g",
        "ExpressionAttributeValues": {":g": {"S": "pop"}},
    });
    for (members, message) in [
        (json!({"ConsistentRead": true}), "Consistent reads are not supported on global secondary indexes"),
        (
            json!({"Select": "ALL_ATTRIBUTES"}),
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global \
             secondary index genres because its projection type is not ALL",
        ),
        (
            json!({"ProjectionExpression": "extra"}),
            "One or more parameter values were invalid: Global secondary index genres does not project [extra]",
        ),
        (json!({"IndexName": "none"}), "The table does not have the specified index: none"),
    ] {
        assert_eq!(cloud.invalid("Query", with(global.clone(), members)), message);
    }
}

#[test]
fn indexes_follow_every_write() {
    let cloud = songs();
    let in_genre = |genre: &str| {
        cloud.ok(
            "Query",
            json!({
                "TableName": "songs",
                "IndexName": "genres",
                "KeyConditionExpression": "genre = :g",
                "ExpressionAttributeValues": {":g": {"S": genre}},
            }),
        )["Count"]
            .clone()
    };
    let key = json!({"artist": {"S": "x"}, "title": {"S": "a"}});
    let update = |expression: &str, values: Value| json!({"TableName": "songs", "Key": key, "UpdateExpression": expression, "ExpressionAttributeValues": values});
    cloud.ok("UpdateItem", update("SET genre = :g", json!({":g": {"S": "jazz"}})));
    assert_eq!((in_genre("pop"), in_genre("jazz")), (json!(5), json!(1)));
    cloud.ok("UpdateItem", update("REMOVE genre", Value::Null));
    assert_eq!(in_genre("jazz"), json!(0));
    cloud.ok("DeleteItem", json!({"TableName": "songs", "Key": {"artist": {"S": "y"}, "title": {"S": "z"}}}));
    assert_eq!(in_genre("pop"), json!(4));
}

#[test]
fn queries_that_no_key_can_answer_are_refused_in_aws_words() {
    let cloud = songs();
    let filtered = |filter: &str| with(query("artist = :x"), json!({"FilterExpression": filter}));
    for (input, message) in [
        (
            json!({"TableName": "songs"}),
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        ),
        (query("title = :x"), "Query condition missed key schema element: artist"),
        (query("artist = :x AND extra = :a"), "Query condition missed key schema element: title"),
        (query("artist > :x"), "Query key condition not supported"),
        (
            with(query("artist = :x"), json!({"ExpressionAttributeValues": {":x": {"N": "1"}}})),
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            filtered("title = :x"),
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: title",
        ),
        (
            with(query("artist = :x"), json!({"ExclusiveStartKey": {"artist": {"S": "x"}}})),
            "The provided starting key is invalid",
        ),
        (
            with(
                query("artist = :x"),
                json!({"ExclusiveStartKey": {"artist": {"S": "x"}, "title": {"N": "1"}}}),
            ),
            "The provided starting key is invalid",
        ),
        (
            with(query("artist = :x"), json!({"ExclusiveStartKey": {"artist": {}, "title": {"S": "a"}}})),
            "The provided starting key is invalid: Supplied AttributeValue is empty, must contain exactly one of the \
             supported datatypes",
        ),
        (
            with(
                query("artist = :x"),
                json!({"ExclusiveStartKey": {"artist": {"S": "y"}, "title": {"S": "a"}}}),
            ),
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
        (
            with(
                query("artist = :x AND title < :c"),
                json!({"ExclusiveStartKey": {"artist": {"S": "x"}, "title": {"S": "d"}}}),
            ),
            "The provided starting key does not match the range key predicate",
        ),
        (
            with(query("artist = :x"), json!({"Select": "SPECIFIC_ATTRIBUTES"})),
            "1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get \
             SPECIFIC_ATTRIBUTES",
        ),
    ] {
        assert_eq!(cloud.invalid("Query", input), message);
    }
}

#[test]
fn a_page_ends_after_a_megabyte() {
    let cloud = Cloud::with_table();
    for id in 0..4 {
        cloud.put("ttt", json!({"id": {"S": id.to_string()}, "a": {"S": "x".repeat(400_000)}}));
    }
    let page = cloud.ok("Scan", json!({"TableName": "ttt", "Select": "COUNT"}));
    assert_eq!(page["Count"], 3);
    let rest = json!({"TableName": "ttt", "Select": "COUNT", "ExclusiveStartKey": page["LastEvaluatedKey"]});
    assert_eq!(cloud.ok("Scan", rest), json!({"Count": 1, "ScannedCount": 1}));
}

#[test]
fn the_segments_of_a_scan_are_the_whole_table() {
    let cloud = Cloud::with_table();
    for id in 0..50 {
        cloud.put("ttt", json!({"id": {"S": id.to_string()}}));
    }
    let counts: Vec<u64> = (0..4)
        .map(|segment| {
            let scan = json!({"TableName": "ttt", "Segment": segment, "TotalSegments": 4, "Select": "COUNT"});
            cloud.ok("Scan", scan)["Count"].as_u64().unwrap()
        })
        .collect();
    assert_eq!(counts.iter().sum::<u64>(), 50);
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    assert_eq!(
        cloud.invalid("Scan", json!({"TableName": "ttt", "Segment": 4, "TotalSegments": 4})),
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 4 is not less \
         than TotalSegments: 4"
    );
}

#[test]
fn a_scan_starts_at_a_key_of_what_it_reads_and_nothing_besides() {
    let cloud = songs();
    let from = |attributes: &[&str]| {
        let key = attributes.iter().map(|name| ((*name).to_owned(), json!({"S": "x"})));
        json!({"TableName": "songs", "ExclusiveStartKey": key.collect::<serde_json::Map<_, _>>()})
    };
    cloud.ok("Scan", from(&["artist", "title"]));
    for key in [&["artist"][..], &["artist", "title", "genre"], &["artist", "title", "nothing"]] {
        assert_eq!(
            cloud.invalid("Scan", from(key)),
            "The provided starting key is invalid: The provided key element does not match the schema",
            "{key:?}"
        );
    }
    let index = json!({"IndexName": "genres"});
    cloud.ok("Scan", with(from(&["artist", "title", "genre"]), index.clone()));
    for key in [&["artist", "title"][..], &["artist", "title", "genre", "nothing"]] {
        assert_eq!(
            cloud.invalid("Scan", with(from(key), index.clone())),
            "The provided starting key is invalid",
            "{key:?}"
        );
    }
}

#[test]
fn a_scan_comes_in_the_order_of_awss_hash() {
    let cloud = Cloud::new();
    cloud.ok("CreateTable", table("ttt"));
    for id in ["B", "A", "C", "D"] {
        cloud.put("ttt", json!({"id": {"S": id}}));
    }
    let ids = |answer: Value| -> Vec<String> {
        let id = |item: &Value| item["id"]["S"].as_str().unwrap().to_owned();
        answer["Items"].as_array().unwrap().iter().map(id).collect()
    };
    // The first bytes of MD5 of "OutliersA" and so on: 0c, 2a, 85 and db.
    assert_eq!(ids(cloud.ok("Scan", json!({"TableName": "ttt"}))), ["A", "B", "C", "D"]);
    let segment = |number: u32| json!({"TableName": "ttt", "Segment": number, "TotalSegments": 4});
    assert_eq!(ids(cloud.ok("Scan", segment(0))), ["A", "B"]);
}

#[test]
fn select_and_projections_must_agree() {
    let cloud = songs();
    let values = json!({":x": {"S": "x"}});
    let of_query = json!({"KeyConditionExpression": "artist = :x", "ExpressionAttributeValues": values});
    let one = "1 validation error detected: ";
    for (operation, keys) in [("Query", of_query), ("Scan", json!({}))] {
        let request = with(json!({"TableName": "songs"}), keys);
        for (members, message) in [
            (
                json!({"Select": "ALL_PROJECTED_ATTRIBUTES"}),
                "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
            ),
            (
                json!({"Select": "SPECIFIC_ATTRIBUTES"}),
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
            ),
            (
                json!({"Select": "COUNT", "ProjectionExpression": "plays"}),
                "Cannot specify the ProjectionExpression when choosing to get only the Count",
            ),
            (
                json!({"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "plays"}),
                "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES",
            ),
            // Both are wrong, and the projection is named.
            (
                json!({"Select": "ALL_PROJECTED_ATTRIBUTES", "ProjectionExpression": "plays"}),
                "Cannot specify the ProjectionExpression when choosing to get ALL_PROJECTED_ATTRIBUTES",
            ),
        ] {
            let message = format!("{one}{message}");
            assert_eq!(cloud.invalid(operation, with(request.clone(), members.clone())), message);
            // Before any table is looked for.
            let elsewhere = with(with(request.clone(), members), json!({"TableName": "nowhere"}));
            assert_eq!(cloud.invalid(operation, elsewhere), message);
        }
    }
}

#[test]
fn no_condition_of_a_query_compares_a_key_with_nothing() {
    let cloud = songs();
    let values = json!({":x": {"S": "x"}, ":e": {"S": ""}});
    for (condition, key) in [
        ("artist = :e AND title = :x", "artist"),
        ("artist = :x AND title = :e", "title"),
        ("artist = :x AND title BETWEEN :e AND :x", "title"),
        ("artist = :x AND begins_with(title, :e)", "title"),
    ] {
        let query = json!({
            "TableName": "songs", "KeyConditionExpression": condition, "ExpressionAttributeValues": values,
        });
        assert_eq!(
            cloud.invalid("Query", query),
            format!(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an \
                 empty string value. Key: {key}"
            )
        );
    }
}
