//! Policies as documents: which are refused and how, and what the others mean.

use std::collections::HashMap;

use super::*;
use crate::context::AccountId;

/// The keys of a request, given by a test.
#[derive(Default)]
struct Keys(HashMap<&'static str, Vec<&'static str>>);

impl ConditionKeys for Keys {
    fn values(&self, key: &str) -> Option<Vec<String>> {
        Some(self.0.get(key)?.iter().map(|value| (*value).to_owned()).collect())
    }
}

fn keys(pairs: &[(&'static str, &'static str)]) -> Keys {
    let mut keys = Keys::default();
    for (key, value) in pairs {
        keys.0.entry(key).or_default().push(value);
    }
    keys
}

fn account(id: &str) -> Requester {
    Requester::new(&AccountId::parse(id).unwrap(), "aws")
}

fn with_statement(statement: &str) -> Policy {
    Policy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{{{statement}}}]}}"#), "films").unwrap()
}

fn verdict(policy: &Policy, requester: &Requester, action: &str, resource: &str, keys: &Keys) -> Verdict {
    policy.evaluate(&Asked { requester, action, resource, keys })
}

fn refusal(text: &str) -> String {
    match Policy::parse(text, "films").unwrap_err() {
        PolicyError::Malformed(message) => message,
        PolicyError::TooLarge => panic!("{text} is not large"),
    }
}

/// A statement in which one element is another than it should be.
fn refusal_with(element: &str, value: &str) -> String {
    let mut elements = vec![
        ("Effect", r#""Allow""#),
        ("Principal", r#""*""#),
        ("Action", r#""s3:GetObject""#),
        ("Resource", r#""arn:aws:s3:::films/*""#),
    ];
    elements.retain(|(name, _)| *name != element);
    if !value.is_empty() {
        elements.push((element, value));
    }
    let statement: Vec<String> =
        elements.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
    refusal(&format!(r#"{{"Version":"2012-10-17","Statement":[{{{}}}]}}"#, statement.join(",")))
}

#[test]
fn a_malformed_policy_is_refused_in_the_words_of_aws() {
    assert_eq!(refusal("nonsense"), "Policies must be valid JSON and the first byte must be '{'");
    assert_eq!(refusal("{\"Statement\""), "This policy contains invalid Json");
    assert_eq!(refusal("{}"), "Missing required field Statement");
    assert_eq!(refusal(r#"{"Statement":[]}"#), "Could not parse the policy: Statement is empty!");
    assert_eq!(
        refusal(r#"{"Version":"2020-01-01","Statement":[]}"#),
        "The policy must contain a valid version string"
    );
    for (element, value, message) in [
        ("Effect", "", "Missing required field Effect"),
        ("Effect", r#""Perhaps""#, "Invalid effect: Perhaps"),
        ("Principal", "", "Missing required field Principal"),
        ("Principal", r#"{"AWS":"nobody"}"#, "Invalid principal in policy"),
        ("Principal", r#"{"AWS":"arn:aws:iam::1234:root"}"#, "Invalid principal in policy"),
        ("Principal", r#"{"CanonicalUser":"x"}"#, "Invalid principal in policy"),
        ("Principal", r#""123456789012""#, "Invalid principal in policy"),
        ("Action", "", "Missing required field Action"),
        ("Action", r#""s3:Frobnicate""#, "Policy has invalid action"),
        ("Action", r#""ec2:RunInstances""#, "Policy has invalid action"),
        ("Action", r#""*GetObject""#, "Policy has invalid action"),
        ("Action", r#""???PutObject""#, "Policy has invalid action"),
        ("Action", r#""s3:ListBucket""#, "Action does not apply to any resource(s) in statement"),
        ("Resource", "", "Missing required field Resource"),
        ("Resource", r#""films/*""#, "Policy has invalid resource"),
        ("Resource", r#""arn:aws:s3:::others/*""#, "Policy has invalid resource"),
        ("Resource", r#""arn:aws:s3:::films""#, "Action does not apply to any resource(s) in statement"),
        ("Condition", r#"{"StringIs":{"s3:prefix":"a"}}"#, "Invalid Condition type : StringIs"),
        ("Condition", r#"{"StringEquals":{"s3:colour":"a"}}"#, "Policy has an invalid condition key"),
    ] {
        assert_eq!(refusal_with(element, value), message, "{element} {value}");
    }
}

#[test]
fn a_policy_has_at_most_20_kilobytes() {
    let policy = |padding: usize| {
        let id = "x".repeat(padding);
        format!(
            r#"{{"Id":"{id}","Statement":{{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::films"}}}}"#
        )
    };
    let bare = policy(0).len();
    assert!(Policy::parse(&policy(MAX_POLICY_BYTES - bare), "films").is_ok());
    let error = Policy::parse(&policy(MAX_POLICY_BYTES - bare + 1), "films").unwrap_err();
    assert_eq!(error, PolicyError::TooLarge);
}

#[test]
fn a_deny_beats_an_allow_and_silence_is_neither() {
    let text = r#"{"Statement":[
        {"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::films/*"},
        {"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject",
         "Resource":"arn:aws:s3:::films/secret/*"}]}"#;
    let policy = Policy::parse(text, "films").unwrap();
    let none = Keys::default();
    let (alice, bob) = (account("111122223333"), account("444455556666"));
    let ask = |who: &Requester, action: &str, key: &str| {
        verdict(&policy, who, action, &format!("arn:aws:s3:::films/{key}"), &none)
    };
    assert_eq!(ask(&Requester::Anonymous, "s3:GetObject", "a"), Verdict::Allowed);
    assert_eq!(ask(&alice, "s3:GetObject", "secret/a"), Verdict::Denied);
    assert_eq!(ask(&bob, "s3:GetObject", "secret/a"), Verdict::Allowed);
    assert_eq!(ask(&bob, "s3:PutObject", "a"), Verdict::Silent);
    assert_eq!(policy.text(), text);
}

#[test]
fn principals_are_accounts_users_and_canonical_users() {
    let canonical =
        crate::s3::canonical_user::CanonicalUserId::of(&AccountId::parse("111122223333").unwrap());
    let alice = account("111122223333");
    for (principal, matches) in [
        (r#""Principal":"*""#.to_owned(), true),
        (r#""Principal":{"AWS":"*"}"#.to_owned(), true),
        (r#""Principal":{"AWS":["444455556666","111122223333"]}"#.to_owned(), true),
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#.to_owned(), true),
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/mock-aws"}"#.to_owned(), true),
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/other"}"#.to_owned(), false),
        (r#""Principal":{"AWS":"444455556666"}"#.to_owned(), false),
        (r#""Principal":{"Service":"logging.s3.amazonaws.com"}"#.to_owned(), false),
        (format!(r#""Principal":{{"CanonicalUser":"{canonical}"}}"#), true),
        (r#""NotPrincipal":{"AWS":"111122223333"}"#.to_owned(), false),
        (r#""NotPrincipal":{"AWS":"444455556666"}"#.to_owned(), true),
    ] {
        let policy = with_statement(&format!(
            r#""Effect":"Allow",{principal},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::films""#
        ));
        let expected = if matches { Verdict::Allowed } else { Verdict::Silent };
        let found = verdict(&policy, &alice, "s3:ListBucket", "arn:aws:s3:::films", &Keys::default());
        assert_eq!(found, expected, "{principal}");
    }
}

#[test]
fn what_is_not_named_is_meant_by_not_action_and_not_resource() {
    let policy = with_statement(
        r#""Effect":"Allow","Principal":"*","NotAction":"s3:Delete*","NotResource":"arn:aws:s3:::films/private/*""#,
    );
    let ask = |action: &str, key: &str| {
        let resource = format!("arn:aws:s3:::films/{key}");
        verdict(&policy, &Requester::Anonymous, action, &resource, &Keys::default())
    };
    assert_eq!(ask("s3:GetObject", "a"), Verdict::Allowed);
    assert_eq!(ask("s3:DeleteObject", "a"), Verdict::Silent);
    assert_eq!(ask("s3:GetObject", "private/a"), Verdict::Silent);
}

#[test]
fn conditions_compare_what_the_request_has() {
    let request = keys(&[
        ("s3:prefix", "2026/"),
        ("s3:max-keys", "10"),
        ("aws:sourceip", "192.0.2.7"),
        ("aws:currenttime", "2026-01-01T00:00:00Z"),
        ("aws:securetransport", "false"),
        ("aws:principalarn", "arn:aws:iam::111122223333:user/mock-aws"),
        ("s3:requestobjecttagkeys", "colour"),
        ("s3:requestobjecttagkeys", "size"),
    ]);
    for (condition, holds) in [
        (r#"{"StringEquals":{"s3:prefix":["2025/","2026/"]}}"#, true),
        (r#"{"StringEquals":{"S3:Prefix":"2025/"}}"#, false),
        (r#"{"StringNotEquals":{"s3:prefix":"2025/"}}"#, true),
        (r#"{"StringNotEquals":{"s3:delimiter":"/"}}"#, true),
        (r#"{"StringEquals":{"s3:delimiter":"/"}}"#, false),
        (r#"{"StringEqualsIfExists":{"s3:delimiter":"/"}}"#, true),
        (r#"{"StringLike":{"s3:prefix":"20*"}}"#, true),
        (r#"{"StringNotLike":{"s3:prefix":"20*"}}"#, false),
        (r#"{"StringEqualsIgnoreCase":{"aws:SecureTransport":"FALSE"}}"#, true),
        (r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#, true),
        (r#"{"NumericLessThan":{"s3:max-keys":10}}"#, false),
        (r#"{"NumericNotEquals":{"s3:max-keys":"11"}}"#, true),
        (r#"{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#, true),
        (r#"{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","2001:db8::/32"]}}"#, false),
        (r#"{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/29"}}"#, false),
        (r#"{"DateGreaterThan":{"aws:CurrentTime":"2025-12-31T23:59:59Z"}}"#, true),
        (r#"{"DateLessThan":{"aws:CurrentTime":"2025-12-31"}}"#, false),
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, false),
        (r#"{"Bool":{"aws:SecureTransport":false}}"#, true),
        (r#"{"Null":{"s3:delimiter":"true"}}"#, true),
        (r#"{"Null":{"s3:prefix":"true"}}"#, false),
        (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}}"#, true),
        (r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*"}}"#, false),
        (r#"{"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["colour","size","age"]}}"#, true),
        (r#"{"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["colour"]}}"#, false),
        (r#"{"ForAnyValue:StringEquals":{"s3:RequestObjectTagKeys":["colour"]}}"#, true),
        (r#"{"ForAllValues:StringEquals":{"s3:RequestObjectTag/none":["colour"]}}"#, true),
        (r#"{"StringEquals":{"s3:prefix":"2026/"},"Bool":{"aws:SecureTransport":"true"}}"#, false),
    ] {
        let policy = with_statement(&format!(
            r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::films","Condition":{condition}"#
        ));
        let found = verdict(&policy, &Requester::Anonymous, "s3:ListBucket", "arn:aws:s3:::films", &request);
        assert_eq!(found == Verdict::Denied, holds, "{condition}");
    }
}

#[test]
fn a_policy_is_public_when_it_lets_in_everyone_without_a_boundary() {
    for (principal, condition, public) in [
        (r#""*""#, "{}", true),
        (r#"{"AWS":"*"}"#, r#"{"StringLike":{"s3:prefix":"a*"}}"#, true),
        (r#"{"AWS":"111122223333"}"#, "{}", false),
        (r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#, false),
        (r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}"#, true),
        (r#""*""#, r#"{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#, false),
        (r#""*""#, r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#, true),
        (r#""*""#, r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}"#, true),
    ] {
        let policy = with_statement(&format!(
            r#""Effect":"Allow","Principal":{principal},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::films","Condition":{condition}"#
        ));
        assert_eq!(policy.is_public(), public, "{principal} {condition}");
    }
    let denying =
        with_statement(r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::films""#);
    assert!(!denying.is_public());
}
