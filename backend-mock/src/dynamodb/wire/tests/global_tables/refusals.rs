//! What UpdateTable does not do of replicas, in AWS's words.

use super::*;

#[test]
fn one_thing_becomes_of_one_replica_at_a_time() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    let update = |actions: Value| json!({"TableName": "ttt", "ReplicaUpdates": actions});
    let of = |action: &str, region: &str| json!({action: {"RegionName": region}});
    let nothing = "There are no actions specified in the Replica Update Action of the request.";
    let no_member = "Update global table operation failed because one or more replicas were not part of the global \
                     table. Please retry the request without these replicas: [us-east-2].";
    let local = "Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or \
                 UpdateTable as required.";
    let one = "Update table operation with more than one create or delete replica actions not allowed";
    let kinds = "Update table operation with more than one type of replica actions not allowed.";
    for (actions, message) in [
        (json!([{}]), nothing),
        (json!([of("Update", FRANKFURT)]), nothing),
        (json!([of("Create", IRELAND)]), local),
        (json!([of("Delete", IRELAND)]), local),
        (json!([of("Create", OHIO), of("Create", "us-west-2")]), one),
        (json!([of("Delete", FRANKFURT), of("Delete", OHIO)]), one),
        (json!([{"Create": {"RegionName": OHIO}, "Delete": {"RegionName": FRANKFURT}}]), kinds),
        (json!([of("Delete", OHIO)]), no_member),
        (json!([{"Update": {"RegionName": OHIO, "TableClassOverride": "STANDARD"}}]), no_member),
        (
            json!([of("Create", FRANKFURT)]),
            "Failed to create a the new replica of table with name: ‘ttt’ because one or more replicas already existed \
             as tables.",
        ),
        (
            json!([{"Update": {"RegionName": FRANKFURT, "ProvisionedThroughputOverride": {"ReadCapacityUnits": 1}}}]),
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        ),
        (
            json!([{"Update": {"RegionName": FRANKFURT, "KMSMasterKeyId": "alias/aws/dynamodb"}}]),
            "One or more parameter values were invalid: KMSMasterKeyId must be specified for each replica.",
        ),
    ] {
        assert_eq!(cloud.invalid("UpdateTable", update(actions.clone())), message, "{actions}");
    }
    let with_more = with(replica("Create", OHIO), json!({"DeletionProtectionEnabled": true}));
    assert_eq!(
        cloud.invalid("UpdateTable", with_more),
        "One or more parameter values were invalid: Replica modification must be the only operation in the request"
    );
    // Twice the same is once.
    cloud.ok("UpdateTable", update(json!([of("Create", OHIO), of("Create", OHIO)])));
    assert_eq!(cloud.replicas_in(IRELAND).len(), 2);
}

#[test]
fn replicas_are_where_aws_has_regions() {
    let cloud = Cloud::with_replicas(&[]);
    for region in ["us-fake-1", "EU-WEST-2", "cn-north-1"] {
        let message = cloud.invalid("UpdateTable", replica("Create", region));
        let expected = format!(
            "Region {region} is not supported. The latest version of global tables are only supported in the following \
             regions: ["
        );
        assert!(message.starts_with(&expected) && message.contains("us-east-2"), "{message}");
    }
}

#[test]
fn a_table_in_the_way_is_not_taken() {
    let cloud = Cloud::with_replicas(&[]);
    cloud.ok_in(FRANKFURT, "CreateTable", table("ttt"));
    assert_eq!(
        cloud.invalid("UpdateTable", replica("Create", FRANKFURT)),
        "Failed to create a the new replica of table with name: ‘ttt’ because one or more replicas already existed as \
         tables."
    );
    assert_eq!(cloud.described_in(FRANKFURT)["Replicas"], Value::Null);
}

#[test]
fn provisioned_tables_have_no_replicas_unless_something_scales_them() {
    let cloud = Cloud::with_table();
    let scaled = "Table write capacity should either be Pay-Per-Request or AutoScaled.";
    assert_eq!(cloud.invalid("UpdateTable", replica("Create", FRANKFURT)), scaled);
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    let units = json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 1});
    let provision = json!({"TableName": "ttt", "BillingMode": "PROVISIONED", "ProvisionedThroughput": units});
    assert_eq!(cloud.invalid("UpdateTable", provision), scaled);
}

#[test]
fn a_consistency_comes_with_the_first_replica() {
    let cloud = Cloud::with_replicas(&[]);
    let consistent =
        |update: Value, consistency: &str| with(update, json!({"MultiRegionConsistency": consistency}));
    assert_eq!(
        cloud.invalid("UpdateTable", json!({"TableName": "ttt", "MultiRegionConsistency": "STRONG"})),
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, \
         SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, DeletionProtectionEnabled, \
         OnDemandThroughput, WarmThroughput or TableClass is required"
    );
    assert_eq!(
        cloud.invalid("UpdateTable", consistent(replica("Create", FRANKFURT), "STRONG")),
        "The in-memory DynamoDB does not implement the MultiRegionConsistency STRONG"
    );
    cloud.ok("UpdateTable", consistent(replica("Create", FRANKFURT), "EVENTUAL"));
    assert_eq!(
        cloud.invalid("UpdateTable", consistent(replica("Create", OHIO), "EVENTUAL")),
        "MultiRegionConsistency parameter is unsupported on existing global table"
    );
    assert_eq!(
        cloud.invalid("UpdateTable", consistent(replica("Delete", FRANKFURT), "EVENTUAL")),
        "Only Replica Create actions are supported when MultiRegionConsistency parameter is provided."
    );
}

#[test]
fn keys_of_replicas_are_of_one_kind_and_of_their_own_region() {
    let cloud = Cloud::new();
    let encryption = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "abc"});
    cloud.ok("CreateTable", with(on_demand_table("ttt"), json!({"SSESpecification": encryption})));
    let keyed = |key: &str| replica_update("Create", json!({"RegionName": FRANKFURT, "KMSMasterKeyId": key}));
    let invalid = "One or more parameter values were invalid: ";
    for (update, message) in [
        (replica("Create", FRANKFURT), format!("{invalid}KMSMasterKeyId must be specified for each replica.")),
        (
            keyed("alias/aws/dynamodb"),
            format!("{invalid}All replica keys must either be Customer Managed CMK or AWS Managed CMK."),
        ),
        (
            keyed("arn:aws:kms:eu-west-1:123456789012:key/abc"),
            "KMS validation error for region eu-central-1: com.amazonaws.services.kms.model.NotFoundException: Invalid \
             arn eu-west-1"
                .to_owned(),
        ),
    ] {
        assert_eq!(cloud.invalid("UpdateTable", update), message);
    }
    cloud.ok("UpdateTable", keyed("def"));
    let key = "arn:aws:kms:eu-central-1:123456789012:key/def";
    assert_eq!(cloud.described_in(IRELAND)["Replicas"][0]["KMSMasterKeyId"], key);
    assert_eq!(cloud.described_in(FRANKFURT)["SSEDescription"]["KMSMasterKeyArn"], key);
    // A key of the account's own is changed region by region, and one that AWS manages in all of them.
    let change = |encryption: Value| json!({"TableName": "ttt", "SSESpecification": encryption});
    let other = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "ghi"});
    cloud.ok_in(FRANKFURT, "UpdateTable", change(other));
    let key_of = |region: &str| cloud.described_in(region)["SSEDescription"]["KMSMasterKeyArn"].clone();
    assert_eq!(key_of(IRELAND), "arn:aws:kms:eu-west-1:123456789012:key/abc");
    assert_eq!(key_of(FRANKFURT), "arn:aws:kms:eu-central-1:123456789012:key/ghi");
    cloud.ok("UpdateTable", change(json!({"Enabled": true})));
    for region in [IRELAND, FRANKFURT] {
        let managed = format!("arn:aws:kms:{region}:123456789012:key/00000000-0000-4000-8000-123456789012");
        assert_eq!(key_of(region), managed.as_str());
    }
}
