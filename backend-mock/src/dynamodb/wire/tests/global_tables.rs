//! Global tables: replicas in other regions, which hold the same items.

mod deletion;
mod refusals;
mod replication;
mod settings;

use super::*;

const IRELAND: &str = REGION;
const FRANKFURT: &str = "eu-central-1";
const OHIO: &str = "us-east-2";
const TTT: &str = r#"{"TableName": "ttt"}"#;

fn on_demand_table(name: &str) -> Value {
    with(table(name), json!({"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": null}))
}

fn replica_update(action: &str, members: Value) -> Value {
    json!({"TableName": "ttt", "ReplicaUpdates": [{action: members}]})
}

fn replica(action: &str, region: &str) -> Value {
    replica_update(action, json!({"RegionName": region}))
}

impl Cloud {
    /// A cloud whose table `ttt` is in Ireland and has replicas in other regions.
    fn with_replicas(regions: &[&str]) -> Self {
        Self::replicated(EngineOptions::default(), regions)
    }

    fn replicated(options: EngineOptions, regions: &[&str]) -> Self {
        let mut cloud = Self::told(options);
        cloud.ok("CreateTable", on_demand_table("ttt"));
        cloud.now += options.status_delay;
        for region in regions {
            cloud.ok("UpdateTable", replica("Create", region));
            cloud.now += options.status_delay;
        }
        cloud
    }

    #[track_caller]
    fn ok_in(&self, region: &str, operation: &str, input: Value) -> Value {
        let (status, answer) = self.call_in(region, operation, &input);
        assert_eq!(status, 200, "{operation} {input} in {region}: {answer}");
        answer
    }

    #[track_caller]
    fn err_in(&self, region: &str, operation: &str, input: Value) -> Value {
        let (status, answer) = self.call_in(region, operation, &input);
        assert_eq!(status, 400, "{operation} {input} in {region}: {answer}");
        answer
    }

    fn described_in(&self, region: &str) -> Value {
        self.ok_in(region, "DescribeTable", serde_json::from_str(TTT).unwrap())["Table"].clone()
    }

    fn put_in(&self, region: &str, id: &str, text: &str) {
        let item = json!({"id": {"S": id}, "text": {"S": text}});
        self.ok_in(region, "PutItem", json!({"TableName": "ttt", "Item": item}));
    }

    /// The text of an item, as a region has it.
    fn text_in(&self, region: &str, id: &str) -> Option<String> {
        let key = json!({"TableName": "ttt", "Key": {"id": {"S": id}}});
        self.ok_in(region, "GetItem", key)["Item"]["text"]["S"].as_str().map(str::to_owned)
    }

    /// The regions and statuses of the replicas that a region knows.
    fn replicas_in(&self, region: &str) -> Vec<(String, String)> {
        let table = self.described_in(region);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let replicas = table["Replicas"].as_array().map(Vec::as_slice).unwrap_or_default();
        replicas
            .iter()
            .map(|replica| (text(&replica["RegionName"]), text(&replica["ReplicaStatus"])))
            .collect()
    }
}

#[test]
fn a_replica_is_a_table_of_its_own_with_the_same_items() {
    let cloud = Cloud::new();
    cloud.ok("CreateTable", on_demand_table("ttt"));
    cloud.put_in(IRELAND, "1", "before");
    let answer = cloud.ok("UpdateTable", replica("Create", FRANKFURT))["TableDescription"].clone();
    assert_eq!(answer["TableStatus"], "UPDATING");
    assert_eq!(answer["GlobalTableVersion"], "2019.11.21");
    assert_eq!(answer["Replicas"], json!([]));
    let stream = json!({"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"});
    assert_eq!(answer["StreamSpecification"], stream);

    let (source, copy) = (cloud.described_in(IRELAND), cloud.described_in(FRANKFURT));
    let warm = json!({"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"});
    for (table, other) in [(&source, FRANKFURT), (&copy, IRELAND)] {
        assert_eq!(table["TableStatus"], "ACTIVE");
        assert_eq!(table["GlobalTableVersion"], "2019.11.21");
        assert_eq!(table["GlobalTableSettingsReplicationMode"], "ENABLED_WITH_OVERRIDES");
        assert_eq!(table["StreamSpecification"], stream);
        assert_eq!(table["ItemCount"], 1);
        assert_eq!(
            table["Replicas"],
            json!([{
                "RegionName": other,
                "ReplicaStatus": "ACTIVE",
                "WarmThroughput": warm,
                "GlobalTableSettingsReplicationMode": "ENABLED_WITH_OVERRIDES",
            }])
        );
    }
    assert_eq!(copy["TableArn"], "arn:aws:dynamodb:eu-central-1:123456789012:table/ttt");
    assert_ne!(copy["TableId"], source["TableId"]);
    assert_eq!(cloud.text_in(FRANKFURT, "1").as_deref(), Some("before"));
    assert_eq!(cloud.ok_in(FRANKFURT, "ListTables", json!({}))["TableNames"], json!(["ttt"]));
    assert_eq!(cloud.ok_in(OHIO, "ListTables", json!({}))["TableNames"], json!([]));
}

#[test]
fn any_region_adds_replicas_and_all_know_them_by_age() {
    let mut cloud = Cloud::with_replicas(&[OHIO]);
    cloud.now += Duration::from_secs(1);
    cloud.ok_in(OHIO, "UpdateTable", replica("Create", FRANKFURT));
    for (region, others) in
        [(IRELAND, [OHIO, FRANKFURT]), (OHIO, [IRELAND, FRANKFURT]), (FRANKFURT, [IRELAND, OHIO])]
    {
        let active = others.map(|other| (other.to_owned(), "ACTIVE".to_owned()));
        assert_eq!(cloud.replicas_in(region), active, "{region}");
    }
}

#[test]
fn replicas_come_and_go_by_the_clock() {
    let delay = Duration::from_secs(10);
    let options = EngineOptions { status_delay: delay, ..EngineOptions::default() };
    let mut cloud = Cloud::replicated(options, &[]);
    let known = |region: &str, status: &str| vec![(region.to_owned(), status.to_owned())];
    let status = |cloud: &Cloud, region: &str| cloud.described_in(region)["TableStatus"].clone();
    cloud.ok("UpdateTable", replica("Create", FRANKFURT));
    assert_eq!(cloud.replicas_in(IRELAND), known(FRANKFURT, "CREATING"));
    assert_eq!((status(&cloud, IRELAND), status(&cloud, FRANKFURT)), ("UPDATING".into(), "CREATING".into()));
    assert_eq!(cloud.replicas_in(FRANKFURT), known(IRELAND, "ACTIVE"));
    assert_eq!(cloud.described_in(FRANKFURT)["StreamSpecification"], Value::Null);
    cloud.put_in(IRELAND, "1", "while it comes");
    let get = json!({"TableName": "ttt", "Key": {"id": {"S": "1"}}});
    assert_eq!(
        cloud.err_in(FRANKFURT, "GetItem", get)["__type"],
        "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"
    );
    let in_use = "The resource which you are attempting to change is in use.";
    for update in [replica("Create", OHIO), json!({"TableName": "ttt", "DeletionProtectionEnabled": true})] {
        assert_eq!(cloud.err("UpdateTable", update)["message"], in_use);
    }
    cloud.now += delay;
    assert_eq!(cloud.replicas_in(IRELAND), known(FRANKFURT, "ACTIVE"));
    assert_eq!(cloud.text_in(FRANKFURT, "1").as_deref(), Some("while it comes"));

    let answer = cloud.ok("UpdateTable", replica("Delete", FRANKFURT))["TableDescription"].clone();
    assert_eq!(answer["TableStatus"], "UPDATING");
    assert_eq!(answer["Replicas"][0]["ReplicaStatus"], "ACTIVE");
    assert_eq!(cloud.replicas_in(IRELAND), known(FRANKFURT, "DELETING"));
    assert_eq!(status(&cloud, FRANKFURT), "DELETING");
    assert_eq!(cloud.err("UpdateTable", replica("Delete", FRANKFURT))["message"], in_use);
    assert!(
        cloud.invalid("UpdateTable", replica("Create", FRANKFURT)).ends_with("already existed as tables.")
    );
    cloud.now += delay;
    let table = cloud.described_in(IRELAND);
    assert_eq!((&table["Replicas"], &table["GlobalTableVersion"]), (&Value::Null, &Value::Null));
    assert_eq!(cloud.ok_in(FRANKFURT, "ListTables", json!({}))["TableNames"], json!([]));
    cloud.ok("UpdateTable", replica("Create", FRANKFURT));
}

#[test]
fn a_clone_of_an_account_replicates_apart() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    cloud.put_in(IRELAND, "1", "both");
    let copy = Cloud {
        account: Mutex::new(cloud.account.lock().unwrap().clone()),
        ids: Mutex::new(IdSource::new(2)),
        now: cloud.now,
    };
    cloud.put_in(IRELAND, "2", "one");
    copy.put_in(FRANKFURT, "1", "other");
    assert_eq!(cloud.text_in(FRANKFURT, "1").as_deref(), Some("both"));
    assert_eq!(cloud.text_in(FRANKFURT, "2").as_deref(), Some("one"));
    assert_eq!(copy.text_in(IRELAND, "1").as_deref(), Some("other"));
    assert_eq!(copy.text_in(FRANKFURT, "2"), None);
}
