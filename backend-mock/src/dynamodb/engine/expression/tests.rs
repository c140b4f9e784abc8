//! Expressions from the outside: what is accepted, what holds, and the exact words of what is refused.

use proptest::prelude::*;

use super::super::item::{Attributes, Item};
use super::*;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: &str) -> AttributeValue {
    AttributeValue::N(value.parse().unwrap())
}

fn item() -> Item {
    Item::new(&Attributes::from([
        ("id".into(), text("one")),
        ("price".into(), number("10")),
        ("tags".into(), AttributeValue::Ss(["a".into(), "b".into()].into())),
        ("parts".into(), AttributeValue::L(vec![text("x"), number("2"), text("z")])),
        ("holder".into(), AttributeValue::M([("forename".into(), text("Ada"))].into())),
    ]))
}

fn values() -> BTreeMap<String, Result<AttributeValue, String>> {
    let list = (":l".to_owned(), Ok(AttributeValue::L(vec![])));
    expressions().values.into_iter().flatten().chain([list]).collect()
}

fn expressions() -> Expressions {
    Expressions {
        values: Some(BTreeMap::from([(":s".into(), Ok(text("one"))), (":n".into(), Ok(number("10")))])),
        ..Expressions::default()
    }
}

/// Parses with `:s`, `:n` and `:l` defined; whether they are used is of no concern.
fn condition(source: &str) -> Result<Condition, String> {
    let values = values();
    let names = BTreeMap::from([("#i".to_owned(), "id".to_owned())]);
    let mut placeholders = Placeholders::new(Some(&names), Some(&values), false).unwrap();
    Condition::of(&Written::parse(source)?, &mut placeholders)
}

fn update(source: &str) -> Result<Update, String> {
    let values = values();
    let mut placeholders = Placeholders::new(None, Some(&values), false).unwrap();
    Update::of(&WrittenUpdate::parse(source)?, &mut placeholders)
}

#[test]
fn conditions_hold_or_do_not() {
    for (source, holds) in [
        ("id = :s", true),
        ("#i = :s", true),
        ("id <> :s", false),
        ("absent <> :s", true),
        ("absent = :s", false),
        ("price >= :n AND price <= :n", true),
        ("price < :n OR NOT price > :n", true),
        ("price BETWEEN :n AND :n", true),
        ("price IN (:s, :n)", true),
        ("attribute_exists(holder.forename) AND attribute_not_exists(holder.surname)", true),
        ("attribute_exists(parts[2]) and not attribute_exists(parts[3])", true),
        ("contains(id, :s)", true),
        ("contains(tags, :s)", false),
        ("begins_with(id, :s)", true),
        ("size(parts) < :n", true),
        ("(size(id)) < price", true),
        ("((id = :s) AND (price = :n)) OR id = :n", true),
    ] {
        assert_eq!(condition(source).unwrap().holds(Some(&item())), holds, "{source}");
    }
}

#[test]
fn an_expression_nests_as_deep_as_its_operators_allow() {
    let alternatives = format!("price = :n {}{}", "OR (price = :n ".repeat(149), ")".repeat(149));
    let negations = format!("{}price = :n", "NOT ".repeat(298));
    for source in [&alternatives, &negations] {
        assert!(condition(source).unwrap().holds(Some(&item())));
    }
    assert_eq!(
        condition(&"(".repeat(4000)).unwrap_err(),
        "The expression is nested too deeply; nesting levels: 301"
    );
}

#[test]
fn the_size_of_a_text_is_its_utf_16_code_units() {
    let item = Item::new(&Attributes::from([("id".into(), text("é𝄞")), ("three".into(), number("3"))]));
    assert!(condition("size(id) = three").unwrap().holds(Some(&item)));
}

#[test]
fn faults_of_conditions_are_reported_in_aws_words() {
    for (source, fault) in [
        ("", "The expression can not be empty;"),
        ("a = ", "Syntax error; token: \"<EOF>\", near: \"=\""),
        ("a", "Syntax error; token: \"<EOF>\", near: \"a\""),
        ("((a = :s))", "The expression has redundant parentheses;"),
        ("nope(a)", "Invalid function name; function: nope"),
        ("size(a)", "The function is not allowed to be used this way in an expression; function: size"),
        (
            "contains(a, :s) = :s",
            "The function is not allowed to be used this way in an expression; function: contains",
        ),
        ("name = :s", "Attribute name is a reserved keyword; reserved keyword: name"),
        (
            "#x = :s",
            "An expression attribute name used in the document path is not defined; attribute name: #x",
        ),
        ("a = :x", "An expression attribute value used in expression is not defined; attribute value: :x"),
        (
            "begins_with(a)",
            "Incorrect number of operands for operator or function; operator or function: begins_with, number of \
             operands: 1",
        ),
        (
            "a = a",
            "The first operand must be distinct from the remaining operands for this operator or function; \
             operator: =, first operand: [a]",
        ),
        (
            "begins_with(a, :n)",
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        ),
        (
            "attribute_exists(:s)",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "attribute_type(a, :s)",
            "Invalid attribute type name found; type: one, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
        ),
        (
            "a BETWEEN :s AND :n",
            "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: \
             AttributeValue: {S:one}, upper bound operand: AttributeValue: {N:10}",
        ),
        (
            "a BETWEEN :l AND :l",
            "Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: L",
        ),
        (
            "if_not_exists(a, :s) = :s",
            "The function is not allowed to be used this way in an expression; function: if_not_exists",
        ),
        (
            "list_append(a, b)",
            "The function is not allowed to be used this way in an expression; function: list_append",
        ),
        ("a[99999999999] = :s", "List index is not within the allowable range; index: [99999999999]"),
    ] {
        assert_eq!(condition(source).unwrap_err(), fault, "{source}");
    }
}

#[test]
fn faults_of_updates_are_reported_in_aws_words() {
    for (source, fault) in [
        ("SET a = :s SET b = :s", "The \"SET\" section can only be used once in an update expression;"),
        // Overlaps are found before conflicts, and both before what is wrong with functions.
        (
            "SET d[0] = b, d.e = b, c[0].a = b, c = if_not_exists(a)",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [c, [0], \
             a], path two: [c]",
        ),
        (
            "SET b = list_append(:s, a), c = if_not_exists(a) ADD x :s",
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
        ),
        (
            "SET a = :x, b = #y",
            "An expression attribute name used in the document path is not defined; attribute name: #y",
        ),
        (
            "SET a = if_not_exists(:s, b)",
            "Operator or function requires a document path; operator or function: if_not_exists",
        ),
        (
            "SET a = list_append(list_append(a, :l), :l)",
            "The function is not allowed to be used this way in an expression; function: list_append",
        ),
        ("SET a = set", "Syntax error; token: \"set\", near: \"= set\""),
        ("SET a = b + c + d", "Syntax error; token: \"+\", near: \"c + d\""),
        ("SET a = (b + c) + d", "Syntax error; token: \"+\", near: \") + d\""),
        ("SET a", "Syntax error; token: \"<EOF>\", near: \"a\""),
        ("FOO a", "Syntax error; token: \"FOO\", near: \"FOO a\""),
        ("SET data = :s", "Attribute name is a reserved keyword; reserved keyword: data"),
        ("SET a = nope(a, :s)", "Invalid function name; function: nope"),
        (
            "SET a = :s, a.b = :s",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], \
             path two: [a, b]",
        ),
        (
            "SET a.b = :s, a[0] = :s",
            "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: \
             [a, b], path two: [a, [0]]",
        ),
        (
            "ADD a :s",
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
        ),
        (
            "DELETE a :n",
            "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_ADD_OPERAND",
        ),
        (
            "SET a = :s + :n",
            "Incorrect operand type for operator or function; operator or function: +, operand type: S",
        ),
        (
            "SET a = list_append(b, :n)",
            "Incorrect operand type for operator or function; operator or function: list_append, operand type: N",
        ),
    ] {
        assert_eq!(update(source).unwrap_err(), fault, "{source}");
    }
}

#[test]
fn parentheses_around_a_whole_sum_or_around_operands_are_accepted() {
    for source in ["SET a = ((b.c) + (:n))", "SET a = (b)", "SET a = (b - c)", "SET a = (b) - c"] {
        assert_eq!(update(source).map(|_| ()), Ok(()), "{source}");
    }
}

#[test]
fn what_is_defined_must_be_used_and_the_other_way_round() {
    let fault = |expressions: Expressions| {
        expressions.parse(&Texts::default(), "ConditionExpression").unwrap_err().to_string()
    };
    assert_eq!(
        fault(Expressions { condition: Some("id = :s".into()), ..expressions() }),
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:n}"
    );
    assert_eq!(
        fault(expressions()),
        "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"
    );
    let names = |key: &str| Some(BTreeMap::from([(key.to_owned(), "a".to_owned())]));
    assert_eq!(
        fault(Expressions { names: names("#a"), ..Expressions::default() }),
        "ExpressionAttributeNames can only be specified when using expressions"
    );
    assert_eq!(
        fault(Expressions { condition: Some("id = :s".into()), names: names("a"), ..Expressions::default() }),
        "ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\""
    );
    assert_eq!(
        fault(Expressions { condition: Some("name = :s".into()), ..expressions() }),
        "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name"
    );
}

#[test]
fn a_projection_closes_lists_up() {
    let names = BTreeMap::from([("#o".to_owned(), "holder".to_owned())]);
    let parse = |source| {
        let mut placeholders = Placeholders::new(Some(&names), None, false).unwrap();
        Projection::of(&WrittenProjection::parse(source)?, &mut placeholders)
    };
    let projected = parse("parts[2], parts[0], #o.forename, absent, parts[7]").unwrap().apply(&item());
    assert_eq!(projected.len(), 2);
    assert_eq!(projected["parts"], AttributeValue::L(vec![text("x"), text("z")]));
    assert!(parse("id, id").unwrap_err().starts_with("Two document paths overlap with each other;"));
}

#[test]
fn a_key_condition_takes_either_order_and_no_other_operator() {
    let parse = |source: &str| {
        // A filter uses the values that the key condition does not.
        let filter = Some("x = :s OR x = :n".to_owned());
        Expressions { key_condition: Some(source.to_owned()), filter, ..expressions() }
            .parse(&Texts::default(), "")
    };
    let parts = parse(":s = id AND :n < price").unwrap().key_condition.unwrap().parts;
    assert_eq!(parts[0].test, KeyTest::Equal(text("one")));
    assert_eq!(parts[1].test, KeyTest::Greater(number("10")));
    for (source, fault) in [
        ("id = :s OR price = :n", "Invalid operator used in KeyConditionExpression: OR"),
        ("id.a = :s AND price = :n", "KeyConditionExpressions cannot have conditions on nested attributes"),
        (
            "id = :s AND id = :n",
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
        ),
        (
            "id = price AND id = :n",
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
        ),
        ("id.a > price", "KeyConditionExpressions cannot have conditions on nested attributes"),
        (
            "id > price.a",
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
        ),
        (":s > :n AND id < :n", "Invalid condition in KeyConditionExpression: No key attribute specified"),
        ("id > size(price)", "KeyConditionExpressions cannot contain nested operations"),
        (
            ":s BETWEEN size(b) AND size(a) AND b > :n",
            "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first \
             operand",
        ),
        ("id = ", "Invalid KeyConditionExpression: Syntax error; token: \"<EOF>\", near: \"=\""),
    ] {
        assert_eq!(parse(source).unwrap_err().to_string(), fault, "{source}");
    }
}

#[test]
fn hostile_depth_and_length_are_refused() {
    let deep = format!("{}a = :s{}", "NOT (".repeat(500), ")".repeat(500));
    assert!(condition(&deep).unwrap_err().starts_with("The expression is nested too deeply"));
    let allowed = format!("{}a = :s{}", "NOT (".repeat(50), ")".repeat(50));
    assert!(
        condition(&allowed).unwrap().holds(Some(&item())) != condition("NOT a = :s").unwrap().holds(None)
    );
    assert!(update(&format!("SET a = {}", "(".repeat(4000))).is_err());
    assert!(condition(&"NOT ".repeat(1000)).is_err());
    assert_eq!(condition("").unwrap_err(), "The expression can not be empty;");
    let long = format!("a = :s{}", " ".repeat(4096));
    assert_eq!(condition(&long).unwrap_err(), "Expression size has exceeded the maximum allowed size;");
    let wide = vec!["a=:s"; 151].join(" AND ");
    assert_eq!(
        condition(&wide).unwrap_err(),
        "The expression contains too many operators; operator count: 301"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_a_parser_panic(source in "(\\PC|[a-c(),.<>=\\[\\]#:+ -]|AND |OR |NOT |SET |IN |BETWEEN |size|:s|:n){0,40}") {
        let _ = (condition(&source), update(&source));
        let _ = WrittenProjection::parse(&source);
        let _ = Expressions { key_condition: Some(source), ..expressions() }.parse(&Texts::default(), "");
    }
}
