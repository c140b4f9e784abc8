//! What DynamoDB is sent for an expression.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{AttributeValue, Put, Update as UpdateOf};

use super::{Attr, Condition, Update, WithCondition, WithUpdate};

/// The expression with its placeholders replaced.
fn spelt(
    expression: &str,
    names: Option<&HashMap<String, String>>,
    values: Option<&HashMap<String, AttributeValue>>,
) -> String {
    let mut spelt = String::new();
    let mut rest = expression;
    while let Some(start) = rest.find(['#', ':']) {
        let (before, from) = rest.split_at(start);
        spelt.push_str(before);
        let end =
            from[1..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(from.len(), |end| end + 1);
        let (placeholder, after) = from.split_at(end);
        match values.and_then(|values| values.get(placeholder)) {
            Some(AttributeValue::S(text)) => spelt.push_str(&format!("'{text}'")),
            Some(AttributeValue::N(number)) => spelt.push_str(number),
            Some(other) => spelt.push_str(&format!("{other:?}")),
            None => spelt.push_str(&names.unwrap()[placeholder]),
        }
        rest = after;
    }
    spelt + rest
}

fn put() -> PutBuilder {
    Put::builder().table_name("t").item("id", AttributeValue::S("1".into()))
}

fn condition_of(put: PutBuilder) -> String {
    let put = put.build().unwrap();
    let (names, values) = (put.expression_attribute_names(), put.expression_attribute_values());
    spelt(put.condition_expression().unwrap(), names, values)
}

fn says(condition: Condition) -> String {
    condition_of(put().condition(condition))
}

fn update() -> UpdateBuilder {
    UpdateOf::builder().table_name("t").key("id", AttributeValue::S("1".into()))
}

fn does(update: UpdateBuilder) -> String {
    let update = update.build().unwrap();
    spelt(
        update.update_expression(),
        update.expression_attribute_names(),
        update.expression_attribute_values(),
    )
}

fn attr(path: &str) -> Attr {
    Attr::new(path)
}

#[test]
fn every_condition_is_written_as_dynamodb_reads_it() {
    let conditions = [
        (attr("a").eq(1), "a = 1"),
        (attr("a").ne("x"), "a <> 'x'"),
        (attr("a").lt(1), "a < 1"),
        (attr("a").lte(1), "a <= 1"),
        (attr("a").gt(attr("b")), "a > b"),
        (attr("a").gte(attr("b").size()), "a >= size(b)"),
        (attr("a").between(1, 2), "a BETWEEN 1 AND 2"),
        (attr("a").is_in(["x", "y"]), "a IN ('x', 'y')"),
        (attr("a").begins_with("x"), "begins_with(a, 'x')"),
        (attr("a").contains(7), "contains(a, 7)"),
        (attr("a").exists(), "attribute_exists(a)"),
        (attr("a").not_exists(), "attribute_not_exists(a)"),
        (attr("a").attribute_type("SS"), "attribute_type(a, 'SS')"),
        (attr("a").size().between(1, 9), "size(a) BETWEEN 1 AND 9"),
    ];
    for (condition, expected) in conditions {
        assert_eq!(says(condition), expected);
    }
}

#[test]
fn brackets_are_where_they_change_something_and_nowhere_else() {
    let [a, b, c] = ["a", "b", "c"].map(|name| attr(name).exists());
    let [says_a, says_b, says_c] = ["a", "b", "c"].map(|name| format!("attribute_exists({name})"));
    assert_eq!(says((a.clone() | b.clone()) & c.clone()), format!("({says_a} OR {says_b}) AND {says_c}"));
    assert_eq!(says(a.clone() | b.clone() & c.clone()), format!("{says_a} OR {says_b} AND {says_c}"));
    assert_eq!(says(!(a.clone() & b.clone())), format!("NOT ({says_a} AND {says_b})"));
    assert_eq!(says(!a.clone() & b.clone()), format!("NOT {says_a} AND {says_b}"));
    assert_eq!(says(!!a.clone()), says_a);
    assert_eq!(says(a.and(b).and(c)), format!("{says_a} AND {says_b} AND {says_c}"));
}

#[test]
fn a_path_goes_into_maps_and_lists() {
    assert_eq!(says(attr("a.b[0][12].c").exists()), "attribute_exists(a.b[0][12].c)");
    let by_steps = attr("a").key("b.c").index(3).key("d[0]");
    let put = put().condition(by_steps.exists()).build().unwrap();
    let names = put.expression_attribute_names().unwrap();
    assert_eq!(put.condition_expression(), Some("attribute_exists(#n_0.#n_1[3].#n_2)"));
    assert_eq!((&*names["#n_1"], &*names["#n_2"]), ("b.c", "d[0]"));
}

#[test]
fn brackets_that_are_no_index_belong_to_the_name() {
    for name in ["a[b]", "a[", "[0]", "a[-1]", "a[]", "a[0]b"] {
        let put = put().condition(attr(name).exists()).build().unwrap();
        assert_eq!(put.expression_attribute_names().unwrap()["#n_0"], name);
    }
}

#[test]
fn one_attribute_has_one_placeholder() {
    let put = put().condition(attr("a").gt(1) & attr("a").lt(9)).build().unwrap();
    assert_eq!(put.condition_expression(), Some("#n_0 > :v_0 AND #n_0 < :v_1"));
    assert_eq!(put.expression_attribute_names().unwrap().len(), 1);
}

#[test]
fn the_caller_s_own_placeholders_stay_what_they_are() {
    let put = put()
        .condition_expression("#n_0 = :v_0 OR #mine = :v_1")
        .expression_attribute_names("#n_0", "theirs")
        .expression_attribute_names("#mine", "mine")
        .expression_attribute_values(":v_0", AttributeValue::N("1".into()))
        .expression_attribute_values(":v_1", AttributeValue::N("2".into()));
    assert_eq!(
        condition_of(put.condition(attr("ours").eq(3) | attr("mine").eq(4))),
        "(theirs = 1 OR mine = 2) AND (ours = 3 OR mine = 4)"
    );
}

#[test]
fn text_in_brackets_gets_no_second_pair() {
    let with = |text: &str| condition_of(put().condition_expression(text).condition(attr("a").exists()));
    assert_eq!(with("(x = y)"), "(x = y) AND attribute_exists(a)");
    assert_eq!(with("(x = y) OR (y = z)"), "((x = y) OR (y = z)) AND attribute_exists(a)");
    assert_eq!(with(" "), "attribute_exists(a)");
}

#[test]
fn conditions_given_one_after_the_other_all_hold() {
    let put = put().condition(attr("a").eq(1)).condition(attr("b").eq(2) | attr("c").eq(3));
    assert_eq!(condition_of(put), "(a = 1) AND (b = 2 OR c = 3)");
}

#[test]
fn an_update_has_each_clause_once() {
    let update = update().update(
        Update::new()
            .set("a", 1)
            .set("n", attr("n").if_not_exists(0).plus(1))
            .set("left", attr("total").minus(attr("paid")))
            .set("log", attr("log").append(AttributeValue::L(vec![])))
            .remove("b[0]")
            .add("c", 2)
            .delete("d", AttributeValue::Ss(vec!["x".into()]))
            .remove("e"),
    );
    assert_eq!(
        does(update),
        "SET a = 1, n = if_not_exists(n, 0) + 1, left = total - paid, log = list_append(log, L([])) \
         REMOVE b[0], e ADD c 2 DELETE d Ss([\"x\"])"
    );
}

#[test]
fn an_update_goes_on_where_the_caller_s_text_ends() {
    let update = update()
        .update_expression("set #s = :s , tries=:t Remove draft ADD seen :t")
        .expression_attribute_names("#s", "status")
        .expression_attribute_values(":s", AttributeValue::S("open".into()))
        .expression_attribute_values(":t", AttributeValue::N("1".into()))
        .update(Update::new().remove("old").set("new", 2).delete("tags", "x"));
    assert_eq!(
        does(update),
        "SET status = 'open' , tries=1, new = 2 REMOVE draft, old ADD seen 1 DELETE tags 'x'"
    );
}

#[test]
fn an_update_without_an_action_changes_nothing() {
    let untouched = update().update_expression("SET a = b").update(Update::new());
    assert_eq!(untouched.get_update_expression().as_deref(), Some("SET a = b"));
}

#[test]
fn prepended_elements_come_first() {
    let update = update().update(Update::new().set("log", attr("log").prepend(attr("new"))));
    assert_eq!(does(update), "SET log = list_append(new, log)");
}
