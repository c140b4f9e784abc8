//! SearchVectors: what is found and shown, what it counts, and what is refused.

use super::vector_indexes::{cloud_with_vix, list, table_of, vix, with_schema};
use super::*;

fn vector(numbers: &[&str]) -> Value {
    list(numbers)["L"].clone()
}

/// A search of the index `vix` for the vector (1, 0, 0).
fn search() -> Value {
    json!({"TableName": "vec", "IndexName": "vix", "SearchVector": vector(&["1", "0", "0"]), "TopK": 10})
}

impl Cloud {
    fn found(&self, input: Value) -> Vec<(String, f64)> {
        let answer = self.ok("SearchVectors", input);
        let result =
            |it: &Value| (it["Item"]["pk"]["S"].as_str().unwrap().to_owned(), it["Score"].as_f64().unwrap());
        answer["SearchResults"].as_array().unwrap().iter().map(result).collect()
    }
}

/// Four items around a circle, and indexes of each distance function.
fn circle() -> Cloud {
    let cloud = Cloud::new();
    let index = |name: &str| with(vix(), json!({"IndexName": name.to_lowercase(), "DistanceFunction": name}));
    let indexes: Vec<_> = ["COSINE", "EUCLIDEAN", "DOT_PRODUCT"].into_iter().map(index).collect();
    cloud.ok("CreateTable", table_of(json!(indexes), &[]));
    for (pk, numbers) in
        [("a", ["1", "0", "0"]), ("b", ["0", "1", "0"]), ("c", ["-1", "0", "0"]), ("d", ["0.6", "0.8", "0"])]
    {
        cloud.put(
            "vec",
            json!({"pk": {"S": pk}, "label": {"S": format!("item-{pk}")}, "embedding": list(&numbers)}),
        );
    }
    cloud
}

#[test]
fn the_closest_comes_first_by_each_function() {
    let cloud = circle();
    for (index, scores) in [
        ("cosine", [("a", 0.0), ("d", 0.4), ("b", 1.0), ("c", 2.0)]),
        ("euclidean", [("a", 0.0), ("d", 0.8_f64.sqrt()), ("b", 2_f64.sqrt()), ("c", 2.0)]),
        ("dot_product", [("a", 1.0), ("d", 0.6), ("b", 0.0), ("c", -1.0)]),
    ] {
        let found = cloud.found(with(search(), json!({"IndexName": index})));
        assert_eq!(found.len(), 4);
        for ((pk, score), (expected, near)) in found.iter().zip(scores) {
            assert_eq!(pk, expected, "{index}");
            assert!((score - near).abs() < 1e-6, "{index} {pk}: {score}");
        }
    }
    let closest = with(search(), json!({"IndexName": "cosine", "TopK": 1}));
    assert_eq!(cloud.found(closest), [("a".to_owned(), 0.0)]);
}

#[test]
fn the_vector_comes_when_it_is_asked_for_as_the_index_has_it() {
    let cloud = circle();
    let shown = |members: Value| {
        let input = with(with(search(), json!({"IndexName": "cosine", "TopK": 1})), members);
        cloud.ok("SearchVectors", input)["SearchResults"][0]["Item"].clone()
    };
    assert_eq!(shown(json!({})), json!({"pk": {"S": "a"}, "label": {"S": "item-a"}}));
    assert_eq!(
        shown(json!({"ProjectionExpression": "pk, embedding"})),
        json!({"pk": {"S": "a"}, "embedding": list(&["1.0", "0.0", "0.0"])})
    );
    assert_eq!(shown(json!({"ProjectionExpression": "embedding[0]"})), json!({"embedding": list(&["1.0"])}));
    let precise = ["0.1", "16777217", "1.000000059604644775390625"];
    cloud.put("vec", json!({"pk": {"S": "f32"}, "embedding": list(&precise)}));
    let get = json!({"TableName": "vec", "Key": {"pk": {"S": "f32"}}});
    assert_eq!(cloud.ok("GetItem", get)["Item"]["embedding"], list(&precise));
    let found = shown(json!({"SearchVector": vector(&precise), "ProjectionExpression": "embedding"}));
    assert_eq!(found, json!({"embedding": list(&["0.1", "16777216.0", "1.0"])}));
}

#[test]
fn what_the_index_does_not_project_is_not_shown() {
    let cloud = Cloud::new();
    let include = json!({
        "IndexName": "some", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["embedding", "title"]},
    });
    let keys = json!({"Projection": {"ProjectionType": "KEYS_ONLY"}});
    let indexes = json!([with(with_schema(), keys), with(vix(), include)]);
    cloud.ok("CreateTable", table_of(indexes, &["tenant", "category"]));
    let item = json!({
        "pk": {"S": "a"}, "tenant": {"S": "t"}, "title": {"S": "x"}, "more": {"S": "y"},
        "embedding": list(&["1", "0", "0"]),
    });
    cloud.put("vec", item);
    let shown = |members: Value| {
        cloud.ok("SearchVectors", with(search(), members))["SearchResults"][0]["Item"].clone()
    };
    let of_tenant = |members: Value| {
        let tenant = json!({
            "SearchConditionExpression": "tenant = :t", "ExpressionAttributeValues": {":t": {"S": "t"}},
        });
        shown(with(tenant, members))
    };
    assert_eq!(of_tenant(json!({})), json!({"pk": {"S": "a"}, "tenant": {"S": "t"}}));
    assert_eq!(of_tenant(json!({"ProjectionExpression": "pk, embedding, title"})), json!({"pk": {"S": "a"}}));
    assert_eq!(shown(json!({"IndexName": "some"})), json!({"pk": {"S": "a"}, "title": {"S": "x"}}));
    assert_eq!(
        shown(json!({"IndexName": "some", "ProjectionExpression": "embedding, more"})),
        json!({"embedding": list(&["1.0", "0.0", "0.0"])})
    );
}

/// A table whose index is partitioned by `tenant` and filters on `category`.
fn tenants() -> Cloud {
    let cloud = Cloud::new();
    cloud.ok("CreateTable", table_of(json!([with_schema()]), &["tenant", "category"]));
    for (pk, tenant, category) in [("a", "t1", Some("c1")), ("b", "t1", None), ("c", "t2", Some("c1"))] {
        let mut item = json!({"pk": {"S": pk}, "tenant": {"S": tenant}, "embedding": list(&["1", "0", "0"])});
        if let Some(category) = category {
            item["category"] = json!({"S": category});
        }
        cloud.put("vec", item);
    }
    cloud
}

#[test]
fn a_condition_names_the_partition_and_filters_in_it() {
    let cloud = tenants();
    for (condition, values, expected) in [
        ("tenant = :t", json!({":t": {"S": "t1"}}), &["a", "b"][..]),
        (":t = tenant", json!({":t": {"S": "t2"}}), &["c"]),
        ("tenant = :t AND category = :c", json!({":t": {"S": "t1"}, ":c": {"S": "c1"}}), &["a"]),
        ("(category = :c) AND (tenant = :t)", json!({":t": {"S": "t1"}, ":c": {"S": "none"}}), &[]),
        ("tenant = :t", json!({":t": {"S": "t3"}}), &[]),
    ] {
        let members = json!({"SearchConditionExpression": condition, "ExpressionAttributeValues": values});
        let mut found: Vec<_> = cloud.found(with(search(), members)).into_iter().map(|(pk, _)| pk).collect();
        found.sort();
        assert_eq!(found, expected, "{condition}");
    }
}

#[test]
fn conditions_that_an_index_cannot_follow_are_told() {
    let cloud = tenants();
    let t1 = json!({":t": {"S": "t1"}});
    let prefix = "Invalid SearchConditionExpression: ";
    let comparator = format!("{prefix}Invalid comparator used in SearchConditionExpression");
    let nested = format!("{prefix}SearchConditionExpression cannot have conditions on nested attributes");
    let twice = format!("{prefix}SearchConditionExpression must only contain one condition per attribute");
    for (condition, values, message) in [
        ("tenant < :t", t1.clone(), comparator.clone()),
        ("tenant = :t AND category < :c", json!({":t": {"S": "t1"}, ":c": {"S": "c"}}), comparator.clone()),
        ("tenant = :t OR category = :t", t1.clone(), comparator.clone()),
        ("begins_with(tenant, :t)", t1.clone(), comparator),
        ("tenant.a = :t", t1.clone(), nested.clone()),
        ("tenant[0] = :t", t1.clone(), nested),
        ("tenant = :t AND tenant = :u", json!({":t": {"S": "t1"}, ":u": {"N": "1"}}), twice),
        (
            "tenant = :t AND category = :c",
            t1.clone(),
            format!(
                "{prefix}An expression attribute value used in expression is not defined; attribute value: :c"
            ),
        ),
        (
            "bucket = :t",
            t1.clone(),
            format!("{prefix}Attribute name is a reserved keyword; reserved keyword: bucket"),
        ),
        ("", t1.clone(), format!("{prefix}The expression can not be empty;")),
        (
            "category = :t",
            t1.clone(),
            "SearchConditionExpression must be provided when SearchSchema has a HASH key".to_owned(),
        ),
        (
            "tenant = :t AND title = :t",
            t1.clone(),
            "SearchConditionExpression must not contain any attributes that is not in SearchSchema. Invalid attribute: \
             title"
                .to_owned(),
        ),
        (
            "tenant = :t",
            json!({":t": {"N": "1"}}),
            "Type of 'tenant' attribute in SearchConditionExpression (N) does not match type in search schema (S)"
                .to_owned(),
        ),
        (
            "tenant = :t",
            json!({":t": {"S": ""}}),
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
             string value. Key: tenant"
                .to_owned(),
        ),
        (
            "tenant = :t",
            json!({":t": {"S": "t1"}, ":u": {"S": "x"}}),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}".to_owned(),
        ),
    ] {
        let members = json!({"SearchConditionExpression": condition, "ExpressionAttributeValues": values});
        assert_eq!(cloud.invalid("SearchVectors", with(search(), members)), message, "{condition}");
    }
    assert_eq!(
        cloud.invalid("SearchVectors", search()),
        "SearchConditionExpression must be provided when SearchSchema has a HASH key"
    );
}

#[test]
fn members_are_checked_in_their_order() {
    let cloud = cloud_with_vix();
    let constraint = |member: &str, least: &str| {
        format!("Value at '{member}' failed to satisfy constraint: Member must have {least}")
    };
    let index = constraint("IndexName", "length greater than or equal to 3");
    let top = constraint("TopK", "value greater than or equal to 1");
    let short = "Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal \
                 to 3";
    let no_vector = "Search vector contains invalid values. All values in the search vector must be a 32-bit \
                     floating-point number attribute";
    for (members, message) in [
        (
            json!({"TableName": "", "TopK": 0}),
            format!(
                "1 validation error detected: {}",
                constraint("TableName", "length greater than or equal to 1")
            ),
        ),
        (json!({"IndexName": "ab", "TopK": 0}), format!("2 validation errors detected: {index}; {top}")),
        (
            json!({"SearchVector": [], "TableName": "a!b"}),
            format!(
                "1 validation error detected: {}",
                constraint("SearchVector", "length greater than or equal to 1")
            ),
        ),
        (json!({"TableName": "ab", "ReturnConsumedCapacity": "SOME"}), short.to_owned()),
        (
            json!({"TableName": "a!b"}),
            "Value 'a!b' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: \
             [a-zA-Z0-9_.-]+"
                .to_owned(),
        ),
        (
            json!({"ReturnConsumedCapacity": "SOME", "TopK": 101}),
            "Value 'SOME' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: \
             [INDEXES, TOTAL, NONE]"
                .to_owned(),
        ),
        (
            json!({"TopK": 101, "SearchVector": [{"S": "x"}]}),
            "Provided TopK value '101' is out of valid range. The value must be between 1 and 100 inclusive".to_owned(),
        ),
        (json!({"SearchVector": [{"L": vector(&["1", "0", "0"])}]}), no_vector.to_owned()),
        (json!({"SearchVector": vector(&["1e39", "0", "0"])}), no_vector.to_owned()),
        (
            json!({"ExpressionAttributeValues": {":v": {"NULL": false}}}),
            "One or more parameter values were invalid: Null attribute value types must have the value of true".to_owned(),
        ),
        (
            json!({"ExpressionAttributeValues": {":v": {"INT": "1"}}}),
            "This type mapping is not supported".to_owned(),
        ),
        (json!({"ExpressionAttributeNames": {}}), "ExpressionAttributeNames must not be empty".to_owned()),
        (
            json!({"ExpressionAttributeValues": {"v": {"S": "x"}}}),
            "ExpressionAttributeValues contains invalid key: Syntax error; key: \"v\"".to_owned(),
        ),
        (
            json!({"ExpressionAttributeValues": {":v": {"S": "x"}}}),
            "ExpressionAttributeValues can only be specified when using expressions".to_owned(),
        ),
        (
            json!({"IndexName": "none", "SearchVector": vector(&["1"])}),
            "The table does not have the specified index: none".to_owned(),
        ),
        (
            json!({"SearchVector": vector(&["1", "0"])}),
            "Input search vector dimension 2 does not match vector index dimension 3".to_owned(),
        ),
    ] {
        assert_eq!(cloud.invalid("SearchVectors", with(search(), members.clone())), message, "{members}");
    }
    let elsewhere = cloud.err("SearchVectors", with(search(), json!({"TableName": "none"})));
    assert_eq!(elsewhere["__type"], "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException");
    let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/vec";
    assert_eq!(cloud.found(with(search(), json!({"TableName": arn}))), []);
}

#[test]
fn a_body_that_cannot_be_read_is_told_with_the_place() {
    let cloud = cloud_with_vix();
    let valid = r#"{"TableName":"vec","IndexName":"vix","SearchVector":[{"N":"1"}],"TopK":1}"#;
    let (serialization, validation) =
        ("com.amazon.coral.service#SerializationException", "com.amazon.coral.validate#ValidationException");
    for (from, to, kind, message) in [
        (r#""vix""#, "null", serialization, "invalid type: null, expected a string at line 1 column 35"),
        (
            r#"[{"N":"1"}]"#,
            "null",
            serialization,
            "invalid type: null, expected a sequence at line 1 column 56",
        ),
        (
            r#""TopK":1"#,
            r#""TopK":null"#,
            serialization,
            "invalid type: null, expected i32 at line 1 column 75",
        ),
        (
            r#""TopK":1"#,
            r#""TopK":3.5"#,
            serialization,
            "invalid type: floating point `3.5`, expected i32 at line 1 column 74",
        ),
        (
            r#""TopK":1"#,
            r#""TopK":3000000000"#,
            validation,
            "invalid value: integer `3000000000`, expected i32 at line 1 column 81",
        ),
        (r#""TableName":"vec","#, "", validation, "missing field `TableName` at line 1 column 55"),
        (
            r#"{"N":"1"}"#,
            r#"{"N":1}"#,
            serialization,
            "invalid type: integer `1`, expected a string at line 1 column 59",
        ),
        (
            r#"{"N":"1"}"#,
            r#"{"X":"1"}"#,
            validation,
            "unknown variant `X`, expected one of `B`, `BOOL`, `BS`, `DECIMAL`, `DECIMALSET`, `DOUBLE`, `DOUBLESET`, \
             `INT`, `INTSET`, `L`, `M`, `N`, `NS`, `NULL`, `S`, `SS` at line 1 column 57",
        ),
    ] {
        let body = valid.replace(from, to);
        let response = cloud.respond("DynamoDB_20120810.SearchVectors", body.as_bytes());
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(answer["__type"], kind, "{answer}");
        assert_eq!(answer["message"], message, "{body}");
    }
    for shapeless in ["null", "{}", r#"{"N":"1","S":"x"}"#, "1", "[]", "true"] {
        let body = valid.replace(r#"{"N":"1"}"#, shapeless);
        let response = cloud.respond("DynamoDB_20120810.SearchVectors", body.as_bytes());
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(answer, json!({"__type": serialization}), "{body}");
    }
}

#[test]
fn a_number_searched_for_is_read_as_a_float_though_it_be_no_number_of_an_item() {
    let cloud = cloud_with_vix();
    for tiny_or_long in ["1e-400", "0.123456789012345678901234567890123456789012"] {
        assert_eq!(
            cloud.found(with(search(), json!({"SearchVector": vector(&[tiny_or_long, "0", "0"])}))),
            []
        );
    }
    for neither in ["1e400", "123456789012345678901234567890123456789012", "abc", "", "NaN", "inf"] {
        let refused = cloud
            .invalid("SearchVectors", with(search(), json!({"SearchVector": vector(&[neither, "0", "0"])})));
        assert!(
            refused.ends_with("must be a 32-bit floating-point number attribute"),
            "{neither}: {refused}"
        );
    }
}

#[test]
fn a_search_counts_bytes_and_no_units() {
    let cloud = cloud_with_vix();
    let consumed = |detail: &str| {
        cloud.ok("SearchVectors", with(search(), json!({"ReturnConsumedCapacity": detail})))["ConsumedCapacity"].clone()
    };
    assert_eq!(consumed("TOTAL"), json!({"VectorSearchRequestBytes": 1024.0}));
    for at in 0..200 {
        cloud.put("vec", json!({"pk": {"S": format!("{at:03}")}, "embedding": list(&["1", "0", "0"])}));
    }
    // Twelve bytes for each vector, and the keys that are shown.
    let all = json!({"VectorSearchRequestBytes": f64::from(200 * 12 + 10 * 5)});
    assert_eq!((consumed("TOTAL"), consumed("INDEXES")), (all.clone(), all));
    assert_eq!(consumed("NONE"), Value::Null);
}
