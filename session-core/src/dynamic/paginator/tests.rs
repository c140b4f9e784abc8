//! Paginators over scripted answers, and the definitions of all services.

use serde_json::json;

use super::super::call::Script;
use super::*;

const DEFINITIONS: &str = r#"{ "rules": {}, "paginators": {
    "ListThings": { "input_token": "Marker", "output_token": "NextMarker || Things[-1].Key", "limit_key": "MaxItems",
        "more_results": "IsTruncated", "result_key": ["Things", "Prefixes", "Stats.Count"],
        "non_aggregate_keys": ["Owner", "Stats.Unit"] },
    "Plain": { "input_token": "NextToken", "output_token": "NextToken", "result_key": "Items" },
    "Pairs": { "input_token": ["A", "B"], "output_token": ["NextA", "NextB"], "result_key": "Items" }
} }"#;

fn paginator(operation: &str, script: &Arc<Script>) -> Paginator {
    let all = Paginations::parse(DEFINITIONS).unwrap();
    Paginator::new(script.clone(), all.find(operation).unwrap().clone())
}

fn plain() -> Arc<Script> {
    Script::of_outputs([
        json!({ "Items": [1, 2, 3], "NextToken": "t1" }),
        json!({ "Items": [], "NextToken": "t2" }),
        json!({ "Items": [4, 5, 6], "NextToken": "" }),
    ])
}

fn things() -> Arc<Script> {
    Script::of_outputs([
        json!({ "Things": [{ "Key": "a" }, { "Key": "b" }], "Prefixes": ["x"], "IsTruncated": true, "Owner": "me",
                "Stats": { "Count": 2, "Unit": "n" } }),
        json!({ "Things": [{ "Key": "c" }], "IsTruncated": false, "NextMarker": "ignored", "Stats": { "Count": 1 } }),
    ])
}

#[tokio::test]
async fn pages_follow_the_tokens_until_there_is_none() {
    let script = plain();
    let items: Vec<Value> =
        paginator("Plain", &script).input(json!({ "Name": "n" })).items().try_collect().await.unwrap();
    assert_eq!(items, [1, 2, 3, 4, 5, 6].map(Value::from));
    let expected =
        [r#"{"Name":"n"}"#, r#"{"Name":"n","NextToken":"t1"}"#, r#"{"Name":"n","NextToken":"t2"}"#];
    assert_eq!(script.inputs(), expected);
}

#[tokio::test]
async fn a_cut_page_is_gone_on_with_where_it_was_cut() {
    let mut pages = paginator("Plain", &plain()).max_items(2).pages();
    assert_eq!(pages.try_next().await.unwrap().unwrap()["Items"], Value::from(vec![1, 2]));
    assert!(pages.try_next().await.unwrap().is_none());
    let token = pages.resume_token().unwrap();
    // But for a space, the token that boto writes there.
    assert_eq!(token, "eyJOZXh0VG9rZW4iOm51bGwsImJvdG9fdHJ1bmNhdGVfYW1vdW50IjoyfQ==");
    let script = plain();
    let whole =
        paginator("Plain", &script).starting_token(token).max_items(1).build_full_result().await.unwrap();
    assert_eq!((script.inputs().len(), &whole["Items"]), (1, &Value::from(vec![3])));
    let script = plain();
    let again = paginator("Plain", &script).starting_token(whole["NextToken"].as_str().unwrap()).max_items(1);
    again.build_full_result().await.unwrap();
    assert_eq!(script.inputs(), [r#"{"NextToken":"t1"}"#]);
}

#[tokio::test]
async fn every_cut_and_what_comes_after_it_are_the_whole() {
    for most in 1..7 {
        let first = paginator("Plain", &plain()).max_items(most).build_full_result().await.unwrap();
        let mut all = first["Items"].as_list().unwrap().to_vec();
        if let Some(token) = first["NextToken"].as_str() {
            // The service starts over where its token says: the script, at the page of that token.
            let place = token::Position::decode(token, &["NextToken"]).unwrap().tokens[0].1.clone();
            let at =
                ["t1", "t2"].iter().position(|&token| place.as_str() == Some(token)).map_or(0, |at| at + 1);
            let rest = [
                json!({ "Items": [1, 2, 3], "NextToken": "t1" }),
                json!({ "Items": [], "NextToken": "t2" }),
                json!({ "Items": [4, 5, 6] }),
            ];
            let script = Script::of_outputs(rest.into_iter().skip(at));
            let rest = paginator("Plain", &script).starting_token(token).items();
            all.extend(rest.try_collect::<Vec<_>>().await.unwrap());
        }
        assert_eq!(all, [1, 2, 3, 4, 5, 6].map(Value::from), "cut after {most}");
    }
}

#[tokio::test]
async fn the_whole_joins_lists_and_adds_numbers() {
    let script = things();
    let whole = paginator("ListThings", &script).page_size(2).build_full_result().await.unwrap();
    assert_eq!(
        whole.to_string(),
        r#"{"Things":[{"Key":"a"},{"Key":"b"},{"Key":"c"}],"Prefixes":["x"],"Stats":{"Count":3,"Unit":"n"},"Owner":"me"}"#
    );
    assert_eq!(script.inputs(), [r#"{"MaxItems":2}"#, r#"{"MaxItems":2,"Marker":"b"}"#]);
    let script = things();
    let text = paginator("ListThings", &script).limit_is_text().page_size(2);
    assert_eq!(text.result_keys().collect::<Vec<_>>(), ["Things", "Prefixes", "Stats.Count"]);
    assert_eq!(text.pages().try_collect::<Vec<_>>().await.unwrap().len(), 2);
    assert_eq!(script.inputs()[0], r#"{"MaxItems":"2"}"#);
    let mut iters = paginator("ListThings", &things()).result_key_iters();
    assert_eq!(iters.remove(1).try_collect::<Vec<_>>().await.unwrap(), ["x".into()]);
    let keys = paginator("ListThings", &things()).search("Things[?Key != 'b'].Key").unwrap();
    assert_eq!(keys.try_collect::<Vec<_>>().await.unwrap(), ["a".into(), "c".into()]);
}

#[tokio::test]
async fn several_tokens_go_together() {
    let script = Script::of_outputs([
        json!({ "Items": [1], "NextA": "a1", "NextB": "b1" }),
        json!({ "Items": [2], "NextA": "a2" }),
        json!({ "Items": [3] }),
    ]);
    assert_eq!(paginator("Pairs", &script).items().count().await, 3);
    assert_eq!(script.inputs()[1..], [r#"{"A":"a1","B":"b1"}"#, r#"{"A":"a2"}"#]);
    let old = token::Position::decode("a1___None___3", &["A", "B"]).unwrap();
    assert_eq!((old.taken, &old.tokens[1].1), (3, &Value::Null));
}

#[tokio::test]
async fn a_token_with_bytes_in_it_survives() {
    let key = Value::from([("Pk", Value::from(aws_smithy_types::Blob::new([0, 255])))]);
    let place = token::Position { tokens: vec![("Key".into(), key)], taken: 4 };
    assert_eq!(token::Position::decode(&place.encode(), &["Key"]).unwrap(), place);
}

#[tokio::test]
async fn mistakes_end_the_pages() {
    let same = || json!({ "Items": [1], "NextToken": "t" });
    let script = Script::of_outputs([same(), same(), same()]);
    let mut pages = paginator("Plain", &script).pages();
    let mut count = 0;
    let error = loop {
        match pages.try_next().await {
            Ok(page) => count += usize::from(page.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!((count, error.kind(), script.inputs().len()), (2, ErrorKind::Service, 2));
    assert!(pages.try_next().await.unwrap().is_none());

    let unsent = Script::of_outputs([]);
    let error = paginator("Plain", &unsent).page_size(5).pages().try_next().await.unwrap_err();
    assert!(error.message().starts_with("page_size is not supported"), "{error}");
    let foreign = paginator("ListThings", &things()).max_items(1).build_full_result().await.unwrap();
    let foreign = foreign["NextToken"].as_str().unwrap().to_owned();
    let error = paginator("Plain", &unsent).starting_token(foreign).pages().try_next().await.unwrap_err();
    assert_eq!(error.message(), "starting_token is of another operation: this one goes on by `NextToken`");
    assert_eq!(paginator("Plain", &unsent).max_items(0).items().count().await, 0);
}

#[test]
fn the_definitions_of_all_services_parse() {
    let mut operations = 0;
    for service in crate::model::names() {
        let extras = crate::model::extras(service).unwrap();
        let all = Paginations::parse(extras).unwrap_or_else(|error| panic!("{service}: {error:?}"));
        operations += all.operations().count();
    }
    assert!(operations > 3_000, "{operations}");
}
