//! Forms in and documents out, by the models of services that speak the query protocol; `json_documents.rs` has those
//! that speak JSON.

use serde_json::json;

use super::*;
use crate::model::ShapeKind;

mod json_documents;
mod round_trip;

/// The service, and the prefix of a form for one of its operations.
fn asked(service: &str, action: &str) -> (Served, String) {
    let served = Served::find(service).unwrap();
    let version = served.model.metadata().api_version;
    (served, format!("Action={action}&Version={version}"))
}

fn input(service: &str, action: &str, parameters: &str) -> Result<serde_json::Value, ServedFault> {
    let (served, form) = asked(service, action);
    let request = served.read("", format!("{form}&{parameters}").as_bytes())?;
    assert_eq!(request.operation(), action);
    Ok(request.input().clone().into())
}

fn refusal(service: &str, action: &str, parameters: &str) -> (String, String) {
    let fault = input(service, action, parameters).unwrap_err();
    assert_eq!(fault.status(), StatusCode::BAD_REQUEST);
    (fault.code().to_owned(), fault.message().to_owned())
}

#[test]
fn lists_and_maps_of_a_form_are_read() {
    let parameters = "Name=films&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=The+films%21\
                      &Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a&Tags.member.1.Value=";
    let expected = json!({
        "Name": "films",
        "Attributes": { "DisplayName": "The films!" },
        "Tags": [{ "Key": "a", "Value": "" }, { "Key": "b", "Value": "2" }],
    });
    assert_eq!(input("sns", "CreateTopic", parameters).unwrap(), expected);
    assert_eq!(
        input("sns", "CreateTopic", "Name=films&Tags=").unwrap(),
        json!({ "Name": "films", "Tags": [] })
    );
}

#[test]
fn elements_have_the_names_and_numbers_that_the_model_and_the_client_give_them() {
    let parameters = "Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.10=c\
                      &Filters.Filter.1.Values.Value.2=b&Filters.Filter.1.Values.Value.x=d&MaxRecords=20";
    let expected = json!({ "Filters": [{ "Name": "engine", "Values": ["b", "c"] }], "MaxRecords": 20 });
    assert_eq!(input("rds", "DescribeDBInstances", parameters).unwrap(), expected);
}

#[test]
fn flattened_lists_are_read_by_the_names_of_their_elements() {
    let parameters = "DomainName=d&ItemName=i&AttributeName.1=a&AttributeName.2=b";
    let expected = json!({ "DomainName": "d", "ItemName": "i", "AttributeNames": ["a", "b"] });
    assert_eq!(input("sdb", "GetAttributes", parameters).unwrap(), expected);
}

#[test]
fn scalars_are_read_by_their_types() {
    let found = input(
        "ses",
        "SendRawEmail",
        "RawMessage.Data=YWI%3D&Destinations.member.1=a%40example.com&X-Amz-Date=passed+over",
    );
    let expected = json!({ "Destinations": ["a@example.com"], "RawMessage": { "Data": "YWI=" } });
    assert_eq!(found.unwrap(), expected);
    let found = input("rds", "DescribeEvents", "StartTime=2026-11-22T21:00:00%2B01:00&Duration=60");
    assert_eq!(found.unwrap(), json!({ "StartTime": "2026-11-22T20:00:00Z", "Duration": 60 }));
    let (code, message) = refusal("sts", "GetSessionToken", "DurationSeconds=2147483648");
    let expected = "The value of DurationSeconds is not an integer of 32 bits";
    assert_eq!((code.as_str(), message.as_str()), ("MalformedInput", expected));
}

#[test]
fn all_that_is_missing_is_named() {
    let (code, message) = refusal("sts", "AssumeRole", "Tags.member.1.Key=a&RoleArn=r");
    let expected = "2 validation errors detected: Value null at 'roleSessionName' failed to satisfy constraint: \
                    Member must not be null; Value null at 'tags.1.member.value' failed to satisfy constraint: \
                    Member must not be null";
    assert_eq!((code.as_str(), message.as_str()), ("ValidationError", expected));
}

#[test]
fn an_action_that_does_not_exist_is_named_with_its_version() {
    let sts = Served::find("sts").unwrap();
    for (form, code, message) in [
        ("", "MissingAction", "The request is missing the parameter Action"),
        (
            "Action=GetNothing&Version=2011-06-15",
            "InvalidAction",
            "Could not find operation GetNothing for version 2011-06-15",
        ),
        (
            "Action=GetCallerIdentity",
            "InvalidAction",
            "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED",
        ),
    ] {
        for fault in [sts.read(form, b"").unwrap_err(), sts.read("", form.as_bytes()).unwrap_err()] {
            assert_eq!((fault.code(), fault.message()), (code, message));
        }
    }
}

#[test]
fn other_protocols_are_refused_by_name() {
    let error = Served::find("s3").unwrap_err();
    assert_eq!(error.message(), "`s3` speaks RestXml, and only AwsQuery and AwsJson can be served");
    assert_eq!(Served::find("nothing").unwrap_err().kind(), ErrorKind::UnknownService);
}

#[test]
fn an_answer_is_written_byte_by_byte_as_on_aws() {
    let (sts, form) = asked("sts", "GetCallerIdentity");
    let request = sts.read("", form.as_bytes()).unwrap();
    assert!(!request.allows_anonymous());
    let output = Value::from([("Arn", "arn:<&\u{1}"), ("Account", "1")]);
    let answer = sts.answer(&request, &output, "the-id").unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/xml");
    assert_eq!(answer.headers()["x-amzn-requestid"], "the-id");
    let expected = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                    <GetCallerIdentityResult><Account>1</Account><Arn>arn:&lt;&amp;\u{FFFD}</Arn>\
                    </GetCallerIdentityResult><ResponseMetadata><RequestId>the-id</RequestId></ResponseMetadata>\
                    </GetCallerIdentityResponse>";
    assert_eq!(answer.into_body(), expected);
}

#[test]
fn an_answer_that_does_not_fit_the_model_names_the_member() {
    let (sts, form) = asked("sts", "GetCallerIdentity");
    let request = sts.read("", form.as_bytes()).unwrap();
    let message = |output: serde_json::Value| {
        let error = sts.answer(&request, &output.into(), "the-id").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        error.message().to_owned()
    };
    let before = "the answer does not fit the model: GetCallerIdentity";
    assert_eq!(message(json!({ "Arn": [] })), format!("{before}.Arn is a list where a string is expected"));
    assert_eq!(message(json!({ "Arm": "" })), format!("{before}.Arm is no member of it"));
    assert_eq!(message(json!(1)), format!("{before} is an integer where a map is expected"));
}

#[test]
fn a_fault_has_the_code_and_status_of_the_model() {
    let (sts, form) = asked("sts", "AssumeRoleWithWebIdentity");
    let form = format!("{form}&RoleArn=r&RoleSessionName=s&WebIdentityToken=t");
    let request = sts.read(&form, b"").unwrap();
    assert!(request.allows_anonymous());
    let fault = sts.modeled_fault(&request, "IDPRejectedClaimException", "no").unwrap();
    assert_eq!((fault.code(), fault.status()), ("IDPRejectedClaim", StatusCode::FORBIDDEN));
    let expected = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                    <Code>IDPRejectedClaim</Code><Message>no</Message></Error><RequestId>the-id</RequestId>\
                    </ErrorResponse>";
    assert_eq!(sts.refuse(&fault, "the-id").into_body(), expected);
    assert_eq!(sts.modeled_fault(&request, "NoSuchBucket", "no"), None);
}
