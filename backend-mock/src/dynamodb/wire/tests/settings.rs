//! Tags, time to live, policies, insights, and what is only ever described.

use super::*;

const ARN: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt";

fn tags(cloud: &Cloud) -> Value {
    cloud.ok("ListTagsOfResource", json!({"ResourceArn": ARN}))["Tags"].clone()
}

fn tag(key: &str, value: &str) -> Value {
    json!({"Key": key, "Value": value})
}

#[test]
fn a_table_is_created_with_everything_that_can_be_set() {
    let cloud = Cloud::new();
    let settings = json!({
        "BillingMode": "PAY_PER_REQUEST",
        "ProvisionedThroughput": null,
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "abc"},
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "OnDemandThroughput": {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 5},
        "WarmThroughput": {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 5_000},
        "Tags": [tag("env", "test")],
    });
    cloud.ok("CreateTable", with(table("ttt"), settings.clone()));
    let table = cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"].clone();
    for member in ["StreamSpecification", "OnDemandThroughput"] {
        assert_eq!(table[member], settings[member]);
    }
    assert_eq!(
        table["SSEDescription"],
        json!({
            "Status": "ENABLED",
            "SSEType": "KMS",
            "KMSMasterKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/abc",
        })
    );
    assert_eq!(
        table["WarmThroughput"],
        json!({"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 5_000, "Status": "ACTIVE"})
    );
    assert_eq!(table["TableClassSummary"], json!({"TableClass": "STANDARD_INFREQUENT_ACCESS"}));
    assert_eq!(tags(&cloud), json!([tag("env", "test")]));
}

#[test]
fn tags_are_added_replaced_and_taken_away() {
    let cloud = Cloud::with_table();
    assert_eq!(tags(&cloud), json!([]));
    cloud.ok("TagResource", json!({"ResourceArn": ARN, "Tags": [tag("env", "test"), tag("team", "x")]}));
    cloud.ok("TagResource", json!({"ResourceArn": ARN, "Tags": [tag("env", "live")]}));
    assert_eq!(tags(&cloud), json!([tag("env", "live"), tag("team", "x")]));
    cloud.ok("UntagResource", json!({"ResourceArn": ARN, "TagKeys": ["env", "none"]}));
    assert_eq!(tags(&cloud), json!([tag("team", "x")]));
}

#[test]
fn tags_come_in_pages_of_ten_and_fifty_are_enough() {
    let cloud = Cloud::with_table();
    let fifty: Vec<Value> = (0..50).map(|number| tag(&format!("key{number}"), "")).collect();
    cloud.ok("TagResource", json!({"ResourceArn": ARN, "Tags": fifty}));
    assert_eq!(
        cloud.invalid("TagResource", json!({"ResourceArn": ARN, "Tags": [tag("more", "")]})),
        "Number of Tags exceed the current limit for the provided ResourceArn"
    );
    let (mut seen, mut token) = (0, Value::Null);
    loop {
        let page = cloud.ok("ListTagsOfResource", json!({"ResourceArn": ARN, "NextToken": token}));
        seen += page["Tags"].as_array().unwrap().len();
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen, 50);
}

#[test]
fn tags_that_cannot_be_are_refused_in_aws_words() {
    let cloud = Cloud::with_table();
    for (input, message) in [
        (json!({}), "Invalid TableArn"),
        (
            json!({"ResourceArn": "ttt"}),
            "One or more parameter values were invalid: ARNs must start with 'arn:': ttt",
        ),
        (json!({"ResourceArn": ARN}), "Atleast one Tag needs to be provided as Input."),
        (json!({"ResourceArn": ARN, "Tags": [tag("", "a")]}), "The Tag Key provided is invalid, Key: "),
        (
            json!({"ResourceArn": ARN, "Tags": [tag("a", "é;")]}),
            "The Tag Value provided is invalid, Value: é;",
        ),
        (
            json!({"ResourceArn": ARN, "Tags": [tag("aws:a", "b")]}),
            "Tag Key cannot be prefixed with aws:, Key: aws:a",
        ),
    ] {
        assert_eq!(cloud.invalid("TagResource", input), message);
    }
    let gone = "arn:aws:dynamodb:eu-west-1:123456789012:table/gone";
    assert_eq!(
        cloud.err("ListTagsOfResource", json!({"ResourceArn": gone}))["message"],
        format!("Requested resource not found: ResourcArn: {gone} not found")
    );
    let other = "arn:aws:dynamodb:eu-west-1:000000000000:table/ttt";
    let error = cloud.err("ListTagsOfResource", json!({"ResourceArn": other}));
    assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#AccessDeniedException");
}

#[test]
fn time_to_live_is_enabled_and_disabled_with_time_between() {
    let mut cloud = Cloud::with_table();
    let set = |attribute: &str, enabled: bool| {
        let specification = json!({"AttributeName": attribute, "Enabled": enabled});
        json!({"TableName": "ttt", "TimeToLiveSpecification": specification})
    };
    let described = |cloud: &Cloud| {
        cloud.ok("DescribeTimeToLive", json!({"TableName": "ttt"}))["TimeToLiveDescription"].clone()
    };
    assert_eq!(described(&cloud), json!({"TimeToLiveStatus": "DISABLED"}));
    assert_eq!(cloud.invalid("UpdateTimeToLive", set("end", false)), "TimeToLive is already disabled");
    assert_eq!(
        cloud.invalid("UpdateTimeToLive", set("", true)),
        "TimeToLiveSpecification.AttributeName must be non empty"
    );
    assert_eq!(
        cloud.ok("UpdateTimeToLive", set("end", true)),
        json!({"TimeToLiveSpecification": {"AttributeName": "end", "Enabled": true}})
    );
    assert_eq!(described(&cloud), json!({"TimeToLiveStatus": "ENABLED", "AttributeName": "end"}));
    assert_eq!(cloud.invalid("UpdateTimeToLive", set("end", true)), "TimeToLive is already enabled");
    assert_eq!(
        cloud.invalid("UpdateTimeToLive", set("other", false)),
        "TimeToLive is active on a different AttributeName: current AttributeName is end"
    );
    assert_eq!(
        cloud.invalid("UpdateTimeToLive", set("end", false)),
        "Time to live has been modified multiple times within a fixed interval"
    );
    cloud.now += Duration::from_secs(30 * 60);
    cloud.ok("UpdateTimeToLive", set("end", false));
    assert_eq!(described(&cloud), json!({"TimeToLiveStatus": "DISABLED"}));
    assert_eq!(
        cloud.err("DescribeTimeToLive", json!({"TableName": "gone"}))["message"],
        "Requested resource not found: Table: gone not found"
    );
}

#[test]
fn a_later_revision_of_a_policy_is_a_greater_number() {
    let cloud = Cloud::with_table();
    let put = |statements: Value| {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let put = cloud.ok("PutResourcePolicy", json!({"ResourceArn": ARN, "Policy": policy}));
        put["RevisionId"].as_str().unwrap().parse::<u64>().unwrap()
    };
    assert!(put(json!([])) < put(json!([{}])));
}

#[test]
fn a_resource_policy_is_kept_by_revision() {
    let cloud = Cloud::with_table();
    let get = json!({"ResourceArn": ARN});
    let missing = cloud.err("GetResourcePolicy", get.clone());
    assert_eq!(missing["__type"], "com.amazonaws.dynamodb.v20120810#PolicyNotFoundException");
    let policy = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    let put = cloud.ok("PutResourcePolicy", json!({"ResourceArn": ARN, "Policy": policy}));
    assert_eq!(
        cloud.ok("GetResourcePolicy", get.clone()),
        json!({"Policy": policy, "RevisionId": put["RevisionId"]})
    );
    let unexpected = json!({"ResourceArn": ARN, "Policy": policy, "ExpectedRevisionId": "NO_POLICY"});
    assert_eq!(
        cloud.err("PutResourcePolicy", unexpected)["__type"],
        "com.amazonaws.dynamodb.v20120810#PolicyNotFoundException"
    );
    assert_eq!(
        cloud.invalid("PutResourcePolicy", json!({"ResourceArn": ARN, "Policy": "{"})),
        "One or more parameter values were invalid: Invalid policy document: This policy contains invalid Json"
    );
    assert_eq!(cloud.ok("DeleteResourcePolicy", get.clone()), put);
    assert_eq!(cloud.ok("DeleteResourcePolicy", get), json!({}));
}

#[test]
fn contributor_insights_are_switched_for_a_table() {
    let cloud = Cloud::with_table();
    let describe = |cloud: &Cloud| cloud.ok("DescribeContributorInsights", json!({"TableName": "ttt"}));
    assert_eq!(describe(&cloud), json!({"TableName": "ttt", "ContributorInsightsStatus": "DISABLED"}));
    let enable = json!({"TableName": "ttt", "ContributorInsightsAction": "ENABLE"});
    assert_eq!(cloud.ok("UpdateContributorInsights", enable)["ContributorInsightsStatus"], "ENABLING");
    assert_eq!(describe(&cloud)["ContributorInsightsStatus"], "ENABLED");
    assert_eq!(
        describe(&cloud)["ContributorInsightsRuleList"][0],
        "DynamoDBContributorInsights-PKC-ttt-1700000000500"
    );
    let all = cloud.ok("ListContributorInsights", json!({}));
    assert_eq!(all["ContributorInsightsSummaries"][0]["TableName"], "ttt");
}

#[test]
fn what_never_is_in_memory_is_listed_as_empty_and_not_found() {
    let cloud = Cloud::with_table();
    assert_eq!(cloud.ok("ListExports", json!({})), json!({"ExportSummaries": []}));
    assert_eq!(cloud.ok("ListImports", json!({})), json!({"ImportSummaryList": []}));
    assert_eq!(cloud.ok("ListGlobalTables", json!({})), json!({"GlobalTables": []}));
    assert_eq!(
        cloud.err("DescribeExport", json!({"ExportArn": format!("{ARN}/export/01234")}))["__type"],
        "com.amazonaws.dynamodb.v20120810#ExportNotFoundException"
    );
    assert_eq!(
        cloud.err("DescribeGlobalTable", json!({"GlobalTableName": "ttt"}))["__type"],
        "com.amazonaws.dynamodb.v20120810#GlobalTableNotFoundException"
    );
    assert_eq!(
        cloud.ok("DescribeEndpoints", json!({})),
        json!({"Endpoints": [{"Address": "dynamodb.eu-west-1.amazonaws.com", "CachePeriodInMinutes": 1440}]})
    );
}

#[test]
fn a_global_index_is_warmed_as_a_table_is() {
    let cloud = Cloud::new();
    let definitions = ["id", "g"].map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
    let warmed = |read: u32| {
        json!({
            "TableName": "ttt",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": definitions,
            "KeySchema": [key("id", "HASH")],
            "GlobalSecondaryIndexes": [{
                "IndexName": "by-g",
                "KeySchema": [key("g", "HASH")],
                "Projection": {"ProjectionType": "ALL"},
                "WarmThroughput": {"ReadUnitsPerSecond": read},
            }],
        })
    };
    assert!(
        cloud.invalid("CreateTable", warmed(10_000)).starts_with(
            "One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput for index by-g \
             is lower than initial throughput for OnDemand."
        )
    );
    cloud.ok("CreateTable", warmed(15_000));
    let table = cloud.ok("DescribeTable", json!({"TableName": "ttt"}));
    assert_eq!(
        table["Table"]["GlobalSecondaryIndexes"][0]["WarmThroughput"],
        json!({"ReadUnitsPerSecond": 15_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"})
    );
}
