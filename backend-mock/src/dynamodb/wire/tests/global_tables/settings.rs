//! What replicas share, what is each one's own, and how their capacity is scaled.

use super::*;

fn genre_index() -> Value {
    json!({
        "TableName": "ttt",
        "AttributeDefinitions": [{"AttributeName": "genre", "AttributeType": "S"}],
        "GlobalSecondaryIndexUpdates": [{"Create": {
            "IndexName": "by-genre",
            "KeySchema": [key("genre", "HASH")],
            "Projection": {"ProjectionType": "ALL"},
        }}],
    })
}

#[test]
fn an_index_comes_and_goes_in_every_region() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    let item = json!({"id": {"S": "1"}, "genre": {"S": "jazz"}});
    cloud.ok("PutItem", json!({"TableName": "ttt", "Item": item}));
    cloud.ok_in(FRANKFURT, "UpdateTable", genre_index());
    let scan = json!({"TableName": "ttt", "IndexName": "by-genre"});
    for region in [IRELAND, FRANKFURT] {
        assert_eq!(cloud.ok_in(region, "Scan", scan.clone())["Count"], 1, "{region}");
        let table = cloud.described_in(region);
        assert_eq!(table["Replicas"][0]["GlobalSecondaryIndexes"][0]["IndexName"], "by-genre");
        assert_eq!(table["AttributeDefinitions"].as_array().unwrap().len(), 2);
    }
    let delete = json!([{"Delete": {"IndexName": "by-genre"}}]);
    cloud.ok("UpdateTable", json!({"TableName": "ttt", "GlobalSecondaryIndexUpdates": delete}));
    for region in [IRELAND, FRANKFURT] {
        assert_eq!(cloud.described_in(region)["GlobalSecondaryIndexes"], Value::Null, "{region}");
    }
}

#[test]
fn a_change_that_one_region_refuses_is_made_in_none() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    let class =
        |class: &str| replica_update("Update", json!({"RegionName": FRANKFURT, "TableClassOverride": class}));
    cloud.ok("UpdateTable", class("STANDARD_INFREQUENT_ACCESS"));
    let summary = json!({"TableClass": "STANDARD_INFREQUENT_ACCESS", "LastUpdateDateTime": 1_700_000_000.5});
    assert_eq!(cloud.described_in(IRELAND)["Replicas"][0]["ReplicaTableClassSummary"], summary);
    assert_eq!(cloud.described_in(IRELAND)["TableClassSummary"], Value::Null);
    assert_eq!(cloud.described_in(FRANKFURT)["TableClassSummary"], summary);
    cloud.ok("UpdateTable", class("STANDARD"));
    let all = json!({"TableName": "ttt", "TableClass": "STANDARD_INFREQUENT_ACCESS"});
    let error = cloud.err("UpdateTable", all);
    assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#LimitExceededException");
    assert_eq!(
        error["message"],
        "Limit exceeded for replica in eu-central-1. Updates to TableClass are limited to 2 times in 30 day(s)"
    );
    assert_eq!(cloud.described_in(IRELAND)["TableClassSummary"], Value::Null);
    assert_eq!(cloud.described_in(IRELAND)["TableStatus"], "ACTIVE");
}

#[test]
fn time_to_live_is_shared_and_tags_are_not() {
    let cloud = Cloud::with_replicas(&[]);
    let ireland = "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt";
    let frankfurt = "arn:aws:dynamodb:eu-central-1:123456789012:table/ttt";
    cloud.ok("TagResource", json!({"ResourceArn": ireland, "Tags": [{"Key": "env", "Value": "test"}]}));
    cloud.ok("UpdateTable", replica("Create", FRANKFURT));
    assert_eq!(
        cloud.ok_in(FRANKFURT, "ListTagsOfResource", json!({"ResourceArn": frankfurt}))["Tags"],
        json!([])
    );
    let specification = json!({"AttributeName": "until", "Enabled": true});
    let enable = json!({"TableName": "ttt", "TimeToLiveSpecification": specification});
    cloud.ok_in(FRANKFURT, "UpdateTimeToLive", enable);
    let described = cloud.ok("DescribeTimeToLive", json!({"TableName": "ttt"}));
    assert_eq!(
        described["TimeToLiveDescription"],
        json!({"TimeToLiveStatus": "ENABLED", "AttributeName": "until"})
    );
}

#[test]
fn a_maximum_of_a_replica_is_an_override_while_it_is_another() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    let maximum = |units: Value| json!({"TableName": "ttt", "OnDemandThroughput": units});
    cloud.ok("UpdateTable", maximum(json!({"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50})));
    let both = json!({"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50});
    for region in [IRELAND, FRANKFURT] {
        assert_eq!(cloud.described_in(region)["OnDemandThroughput"], both);
        assert_eq!(cloud.described_in(region)["Replicas"][0]["OnDemandThroughputOverride"], Value::Null);
    }
    let own = |units: i64| {
        let maximum = json!({"MaxReadRequestUnits": units});
        replica_update("Update", json!({"RegionName": FRANKFURT, "OnDemandThroughputOverride": maximum}))
    };
    cloud.ok("UpdateTable", own(30));
    let shown =
        |region: &str| cloud.described_in(region)["Replicas"][0]["OnDemandThroughputOverride"].clone();
    assert_eq!(shown(IRELAND), json!({"MaxReadRequestUnits": 30}));
    assert_eq!(shown(FRANKFURT), json!({"MaxReadRequestUnits": 100}));
    cloud.ok("UpdateTable", maximum(json!({"MaxReadRequestUnits": 200, "MaxWriteRequestUnits": 60})));
    assert_eq!(
        cloud.described_in(FRANKFURT)["OnDemandThroughput"],
        json!({"MaxReadRequestUnits": 30, "MaxWriteRequestUnits": 60})
    );
    cloud.ok("UpdateTable", own(200));
    assert_eq!((shown(IRELAND), shown(FRANKFURT)), (Value::Null, Value::Null));
}

#[test]
fn what_a_replica_is_given_when_it_is_created_is_its_own() {
    let cloud = Cloud::with_replicas(&[]);
    cloud.ok("UpdateTable", genre_index());
    let settings = json!({
        "RegionName": FRANKFURT,
        "TableClassOverride": "STANDARD_INFREQUENT_ACCESS",
        "OnDemandThroughputOverride": {"MaxReadRequestUnits": 7},
        "GlobalSecondaryIndexes": [
            {"IndexName": "by-genre", "OnDemandThroughputOverride": {"MaxReadRequestUnits": 3}},
            {"IndexName": "nobody", "OnDemandThroughputOverride": {"MaxReadRequestUnits": 3}},
        ],
    });
    cloud.ok("UpdateTable", replica_update("Create", settings));
    let table = cloud.described_in(FRANKFURT);
    assert_eq!(table["TableClassSummary"], json!({"TableClass": "STANDARD_INFREQUENT_ACCESS"}));
    assert_eq!(table["OnDemandThroughput"], json!({"MaxReadRequestUnits": 7}));
    assert_eq!(table["GlobalSecondaryIndexes"][0]["OnDemandThroughput"], json!({"MaxReadRequestUnits": 3}));
    assert_eq!(
        cloud.described_in(IRELAND)["Replicas"][0]["GlobalSecondaryIndexes"][0]["OnDemandThroughputOverride"],
        json!({"MaxReadRequestUnits": 3})
    );
}

#[test]
fn a_table_restored_from_a_backup_has_no_replicas() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    cloud.put_in(IRELAND, "1", "kept");
    let backup = cloud.ok("CreateBackup", json!({"TableName": "ttt", "BackupName": "kept"}));
    let arn = &backup["BackupDetails"]["BackupArn"];
    cloud.ok("RestoreTableFromBackup", json!({"TargetTableName": "restored", "BackupArn": arn}));
    let table = cloud.ok("DescribeTable", json!({"TableName": "restored"}))["Table"].clone();
    assert_eq!((&table["Replicas"], &table["ItemCount"]), (&Value::Null, &json!(1)));
    assert_eq!(cloud.ok_in(FRANKFURT, "ListTables", json!({}))["TableNames"], json!(["ttt"]));
}

#[test]
fn the_scaling_of_replicas_is_off_and_stays_off() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    let off = json!({"AutoScalingDisabled": true, "ScalingPolicies": []});
    let replica = |region: &str| {
        json!({
            "RegionName": region,
            "GlobalSecondaryIndexes": [],
            "ReplicaProvisionedReadCapacityAutoScalingSettings": off,
            "ReplicaProvisionedWriteCapacityAutoScalingSettings": off,
            "ReplicaStatus": "ACTIVE",
        })
    };
    let described = json!({"TableAutoScalingDescription": {
        "TableName": "ttt",
        "TableStatus": "ACTIVE",
        "Replicas": [replica(FRANKFURT), replica(IRELAND)],
    }});
    for region in [IRELAND, FRANKFURT] {
        let ttt = json!({"TableName": "ttt"});
        assert_eq!(cloud.ok_in(region, "DescribeTableReplicaAutoScaling", ttt), described);
    }
    let update = |members: Value| with(json!({"TableName": "ttt"}), members);
    let disable = json!({"ProvisionedWriteCapacityAutoScalingUpdate": {"AutoScalingDisabled": true}});
    assert_eq!(cloud.ok("UpdateTableReplicaAutoScaling", update(disable)), described);
    let units = json!({"MinimumUnits": 1, "MaximumUnits": 10});
    let read = |region: &str| json!({"RegionName": region, "ReplicaProvisionedReadCapacityAutoScalingUpdate": units});
    let failed = "Failed to update settings for global table with name: ‘ttt’ because";
    let on_demand = "Failed to update global table with name ‘ttt‘. Replicas 'EU-CENTRAL-1', 'EU-WEST-1' BillingMode is \
                     PayPerRequest. You must convert table's BillingMode to PROVISIONED to set parameters:";
    for (members, message) in [
        (json!({}), format!("{failed} at least one update parameter must be specified.")),
        (
            json!({"ReplicaUpdates": [{"RegionName": FRANKFURT}]}),
            format!("{failed} at least one update parameter must be specified for region: ‘eu-central-1’."),
        ),
        (
            json!({"ReplicaUpdates": [read(IRELAND), read(IRELAND)]}),
            format!("{failed} the regions: ‘[eu-west-1]’ were specified more than once."),
        ),
        (
            json!({"ProvisionedWriteCapacityAutoScalingUpdate": units}),
            format!("{on_demand} 'GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate'."),
        ),
        (
            json!({"ReplicaUpdates": [read(FRANKFURT)]}),
            format!("{on_demand} 'ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate'."),
        ),
    ] {
        assert_eq!(cloud.invalid("UpdateTableReplicaAutoScaling", update(members)), message);
    }
}
