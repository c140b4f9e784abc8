//! Tables with replicas that are deleted.

use super::*;

const SOURCE: &str = "Replica cannot be deleted because it has acted as a source region for new replica(s) being added \
                      to the table in the last 24 hours.";

#[test]
fn a_table_goes_after_the_replicas_that_were_lately_copied_from_it() {
    let mut cloud = Cloud::with_replicas(&[FRANKFURT]);
    cloud.ok_in(FRANKFURT, "UpdateTable", replica("Create", OHIO));
    let ttt = || json!({"TableName": "ttt"});
    assert_eq!(cloud.invalid("DeleteTable", ttt()), SOURCE);
    assert_eq!(cloud.invalid("UpdateTable", replica("Delete", FRANKFURT)), SOURCE);
    assert_eq!(cloud.err_in(FRANKFURT, "UpdateTable", replica("Delete", IRELAND))["message"], SOURCE);
    cloud.ok("UpdateTable", replica("Delete", OHIO));
    cloud.ok("UpdateTable", replica("Delete", FRANKFURT));
    cloud.ok("DeleteTable", ttt());
    for region in [IRELAND, FRANKFURT, OHIO] {
        assert_eq!(cloud.ok_in(region, "ListTables", json!({}))["TableNames"], json!([]), "{region}");
    }

    cloud.ok("CreateTable", on_demand_table("ttt"));
    cloud.ok("UpdateTable", replica("Create", FRANKFURT));
    cloud.put_in(IRELAND, "1", "stays");
    cloud.now += Duration::from_secs(24 * 3_600);
    let deleted = cloud.ok("DeleteTable", ttt())["TableDescription"].clone();
    assert_eq!(
        (&deleted["TableStatus"], &deleted["Replicas"][0]["RegionName"]),
        (&json!("DELETING"), &json!(FRANKFURT))
    );
    assert_eq!(cloud.text_in(FRANKFURT, "1").as_deref(), Some("stays"));
    assert_eq!(cloud.described_in(FRANKFURT)["Replicas"], Value::Null);
}

#[test]
fn a_replica_is_deleted_as_a_table_of_its_region_too() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    cloud.put_in(FRANKFURT, "1", "here");
    cloud.ok_in(FRANKFURT, "DeleteTable", json!({"TableName": "ttt"}));
    assert_eq!(cloud.replicas_in(IRELAND), []);
    cloud.put_in(IRELAND, "2", "alone");
    // A table that comes under the same name is another one.
    cloud.ok_in(FRANKFURT, "CreateTable", on_demand_table("ttt"));
    cloud.put_in(IRELAND, "3", "alone");
    assert_eq!(cloud.ok_in(FRANKFURT, "Scan", json!({"TableName": "ttt"}))["Count"], 0);
    assert_eq!(cloud.ok("Scan", json!({"TableName": "ttt"}))["Count"], 3);
}

#[test]
fn a_replica_with_deletion_protection_stays() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    let protect = |on: bool| json!({"TableName": "ttt", "DeletionProtectionEnabled": on});
    cloud.ok_in(FRANKFURT, "UpdateTable", protect(true));
    assert_eq!(cloud.described_in(IRELAND)["DeletionProtectionEnabled"], false);
    let message = "Cannot delete table ttt in region eu-central-1 because it has deletion protection enabled. Disable \
                   deletion protection first.";
    assert_eq!(cloud.invalid("UpdateTable", replica("Delete", FRANKFURT)), message);
    let delete = json!({"TableName": "ttt"});
    assert_eq!(cloud.err_in(FRANKFURT, "DeleteTable", delete)["message"], message);
    cloud.ok_in(FRANKFURT, "UpdateTable", protect(false));
    cloud.ok("UpdateTable", replica("Delete", FRANKFURT));
    assert_eq!(cloud.replicas_in(IRELAND), []);
}

#[test]
fn what_is_on_its_way_arrives_before_a_replica_goes() {
    let delay = Duration::from_secs(60);
    let options = EngineOptions { replication_delay: delay, ..EngineOptions::default() };
    let cloud = Cloud::replicated(options, &[FRANKFURT]);
    cloud.put_in(FRANKFURT, "1", "late");
    assert_eq!(cloud.text_in(IRELAND, "1"), None);
    cloud.ok("UpdateTable", replica("Delete", FRANKFURT));
    assert_eq!(cloud.text_in(IRELAND, "1").as_deref(), Some("late"));
}

#[test]
fn the_stream_stays_while_there_are_replicas() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    let disable = json!({"TableName": "ttt", "StreamSpecification": {"StreamEnabled": false}});
    let refused = "One or more parameter values were invalid: Disabling Stream is not allowed for a Global Table \
                   replica.";
    assert_eq!(cloud.invalid("UpdateTable", disable.clone()), refused);
    assert_eq!(cloud.err_in(FRANKFURT, "UpdateTable", disable.clone())["message"], refused);
    let enable = json!({"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"});
    assert_eq!(
        cloud.invalid("UpdateTable", json!({"TableName": "ttt", "StreamSpecification": enable})),
        "Table already has an enabled stream: TableName: ttt"
    );
    cloud.ok("UpdateTable", replica("Delete", FRANKFURT));
    assert_eq!(cloud.described_in(IRELAND)["StreamSpecification"], enable);
    cloud.ok("UpdateTable", disable);
}
