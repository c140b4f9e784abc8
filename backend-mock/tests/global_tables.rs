//! Typed clients in two regions, and a table that both have.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters as _;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, CreateReplicationGroupMemberAction,
    DeleteReplicationGroupMemberAction, KeySchemaElement, KeyType, ReplicaStatus, ReplicationGroupUpdate,
    ScalarAttributeType, TableStatus,
};
use backend_mock::MockAws;
use session_core::{SessionConfig, SessionExt as _};

session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb, "2012-08-10");

const WEST: &str = "us-west-2";

/// The table `films` of us-east-1, empty and alone.
async fn films(east: &Client) {
    let id = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
    let definition =
        AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    let create = east.create_table().table_name("films").key_schema(id);
    let create = create.attribute_definitions(definition.build().unwrap());
    create.billing_mode(BillingMode::PayPerRequest).send().await.unwrap();
    let wait = east.wait_until_table_exists().table_name("films").wait(Duration::from_secs(600));
    wait.await.unwrap();
}

fn added(region: &str) -> ReplicationGroupUpdate {
    let create = CreateReplicationGroupMemberAction::builder().region_name(region).build().unwrap();
    ReplicationGroupUpdate::builder().create(create).build()
}

async fn has(client: &Client, id: &str) -> bool {
    let key = AttributeValue::S(id.to_owned());
    let got = client.get_item().table_name("films").key("id", key).send().await.unwrap();
    got.item.is_some()
}

async fn put(client: &Client, id: &str) {
    let id = AttributeValue::S(id.to_owned());
    client.put_item().table_name("films").item("id", id).send().await.unwrap();
}

#[tokio::test]
async fn what_one_region_writes_the_other_reads() {
    let aws = MockAws::new();
    let east = aws.session().client(DynamoDb).await.unwrap();
    let west = SessionConfig::builder().region_name(WEST).build().unwrap();
    let west = aws.session_with(west).client(DynamoDb).await.unwrap();
    films(&east).await;
    put(&east, "before").await;
    east.update_table().table_name("films").replica_updates(added(WEST)).send().await.unwrap();
    put(&east, "east").await;
    put(&west, "west").await;
    for client in [&*east, &*west] {
        for id in ["before", "east", "west"] {
            assert!(has(client, id).await, "{id}");
        }
    }
    let delete = DeleteReplicationGroupMemberAction::builder().region_name(WEST).build().unwrap();
    let delete = ReplicationGroupUpdate::builder().delete(delete).build();
    east.update_table().table_name("films").replica_updates(delete).send().await.unwrap();
    let gone = west.describe_table().table_name("films").send().await.unwrap_err();
    assert!(gone.into_service_error().is_resource_not_found_exception());
    assert!(has(&east, "west").await);
}

#[tokio::test]
async fn a_waiter_sees_a_replica_come() {
    let delay = Duration::from_secs(30);
    let aws = MockAws::builder().dynamodb_status_delay(delay).build();
    let east = aws.session().client(DynamoDb).await.unwrap();
    films(&east).await;
    let updated = east.update_table().table_name("films").replica_updates(added(WEST)).send().await.unwrap();
    assert_eq!(updated.table_description().unwrap().table_status(), Some(&TableStatus::Updating));
    let described = || async {
        east.describe_table().table_name("films").send().await.unwrap().table.unwrap().replicas.unwrap()
    };
    assert_eq!(described().await[0].replica_status(), Some(&ReplicaStatus::Creating));
    let wait = east.wait_until_table_exists().table_name("films").wait(Duration::from_secs(600));
    wait.await.unwrap();
    let replicas = described().await;
    assert_eq!(
        (replicas[0].region_name(), replicas[0].replica_status()),
        (Some(WEST), Some(&ReplicaStatus::Active))
    );
}

#[tokio::test]
async fn accounts_have_global_tables_of_their_own() {
    let aws = MockAws::new();
    let east = aws.session().client(DynamoDb).await.unwrap();
    films(&east).await;
    east.update_table().table_name("films").replica_updates(added(WEST)).send().await.unwrap();
    let other = SessionConfig::builder()
        .aws_access_key_id("222222222222")
        .aws_secret_access_key("any")
        .region_name(WEST)
        .build()
        .unwrap();
    let other = aws.session_with(other).client(DynamoDb).await.unwrap();
    assert!(other.list_tables().send().await.unwrap().table_names().is_empty());
}

#[tokio::test]
async fn regions_that_write_at_once_end_with_the_same_items() {
    let aws = MockAws::builder().dynamodb_replication_delay(Duration::from_millis(1)).build();
    let east = aws.session().client(DynamoDb).await.unwrap();
    let west = SessionConfig::builder().region_name(WEST).build().unwrap();
    let west = aws.session_with(west).client(DynamoDb).await.unwrap();
    films(&east).await;
    east.update_table().table_name("films").replica_updates(added(WEST)).send().await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let client = if writer % 2 == 0 { Client::clone(&east) } else { Client::clone(&west) };
        writers.spawn(async move {
            for round in 0..20 {
                let (id, text) =
                    (AttributeValue::S(format!("{round}")), AttributeValue::S(format!("{writer}")));
                client.put_item().table_name("films").item("id", id).item("text", text).send().await.unwrap();
            }
        });
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap();
    }
    aws.clock().advance(Duration::from_millis(1));
    let items = |client: Client| async move {
        let mut items = client.scan().table_name("films").send().await.unwrap().items.unwrap();
        items.sort_by_key(|item| item["id"].as_s().unwrap().clone());
        items
    };
    let (east, west) = (items(Client::clone(&east)).await, items(Client::clone(&west)).await);
    assert_eq!(east.len(), 20);
    assert_eq!(east, west);
}
