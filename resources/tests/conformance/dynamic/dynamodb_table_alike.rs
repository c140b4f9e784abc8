//! Tables by name and typed: made, changed, tagged, backed up, restored, and what hangs on them.

use anyhow::Context;
use aws_sdk_dynamodb::primitives::DateTime;
use aws_sdk_dynamodb::types::*;
use serde_json::json;

use super::pair::{Pair, scripts};
use crate::case::TestResult;
use crate::world::{attribute, key};

scripts! {
    tables_are_the_same,
    tables_with_everything_are_the_same,
    changes_of_tables_are_the_same,
    time_to_live_is_the_same,
    tags_of_a_table_are_the_same,
    policies_of_a_table_are_the_same,
    backups_are_the_same,
    points_in_time_are_the_same,
    contributor_insights_are_the_same,
    what_is_elsewhere_is_the_same,
    global_tables_are_refused_alike,
    kinesis_destinations_are_the_same,
}

async fn tables_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let named = json!({"TableName": table});
    dynamodb
        .same("DescribeTable", dynamodb.typed.describe_table().table_name(&table).send(), named.clone())
        .await?;
    // Of other cases' tables, this shows as many.
    let start = &table[..table.len() - 1];
    let list = dynamodb.typed.list_tables().exclusive_start_table_name(start).limit(1).send();
    dynamodb.same("ListTables", list, json!({"ExclusiveStartTableName": start, "Limit": 1})).await?;
    dynamodb
        .same("DeleteTable", dynamodb.typed.delete_table().table_name(&table).send(), named.clone())
        .await?;
    let describe = dynamodb.typed.describe_table().table_name("no-such-table").send();
    let input = json!({"TableName": "no-such-table"});
    dynamodb.refused("DescribeTable", describe, input, "ResourceNotFoundException").await
}

async fn tables_with_everything_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.world.no_table().name().to_owned());
    let throughput =
        ProvisionedThroughput::builder().read_capacity_units(5).write_capacity_units(6).build()?;
    let by_genre = GlobalSecondaryIndex::builder()
        .index_name("by-genre")
        .key_schema(key("genre", KeyType::Hash)?)
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::Include)
                .non_key_attributes("plays")
                .build(),
        )
        .provisioned_throughput(throughput.clone())
        .build()?;
    let by_plays = LocalSecondaryIndex::builder()
        .index_name("by-plays")
        .key_schema(key("artist", KeyType::Hash)?)
        .key_schema(key("plays", KeyType::Range)?)
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()?;
    let stream = StreamSpecification::builder().stream_enabled(true);
    let create = dynamodb
        .typed
        .create_table()
        .table_name(&table)
        .attribute_definitions(attribute("artist", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("title", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("genre", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("plays", ScalarAttributeType::N)?)
        .key_schema(key("artist", KeyType::Hash)?)
        .key_schema(key("title", KeyType::Range)?)
        .global_secondary_indexes(by_genre)
        .local_secondary_indexes(by_plays)
        .billing_mode(BillingMode::Provisioned)
        .provisioned_throughput(throughput)
        .stream_specification(stream.stream_view_type(StreamViewType::NewAndOldImages).build()?)
        .sse_specification(SseSpecification::builder().enabled(true).sse_type(SseType::Kms).build())
        .table_class(TableClass::StandardInfrequentAccess)
        .tags(Tag::builder().key("kind").value("music").build()?)
        .send();
    let throughput = json!({"ReadCapacityUnits": 5, "WriteCapacityUnits": 6});
    let attribute = |name: &str, kind: &str| json!({"AttributeName": name, "AttributeType": kind});
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let input = json!({
        "TableName": table,
        "AttributeDefinitions": [attribute("artist", "S"), attribute("title", "S"), attribute("genre", "S"),
            attribute("plays", "N")],
        "KeySchema": [key("artist", "HASH"), key("title", "RANGE")],
        "GlobalSecondaryIndexes": [{"IndexName": "by-genre", "KeySchema": [key("genre", "HASH")],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["plays"]},
            "ProvisionedThroughput": throughput}],
        "LocalSecondaryIndexes": [{"IndexName": "by-plays",
            "KeySchema": [key("artist", "HASH"), key("plays", "RANGE")],
            "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        "BillingMode": "PROVISIONED", "ProvisionedThroughput": throughput,
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "SSESpecification": {"Enabled": true, "SSEType": "KMS"},
        "TableClass": "STANDARD_INFREQUENT_ACCESS", "Tags": [{"Key": "kind", "Value": "music"}],
    });
    dynamodb.same("CreateTable", create, input).await?;
    pair.table_exists(&table).await?;
    let describe = dynamodb.typed.describe_table().table_name(&table).send();
    dynamodb.same("DescribeTable", describe, json!({"TableName": table})).await?;
    dynamodb.same("DescribeLimits", dynamodb.typed.describe_limits().send(), json!({})).await?;
    dynamodb.same("DescribeEndpoints", dynamodb.typed.describe_endpoints().send(), json!({})).await?;
    Ok(())
}

async fn changes_of_tables_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let create = CreateGlobalSecondaryIndexAction::builder()
        .index_name("by-genre")
        .key_schema(key("genre", KeyType::Hash)?)
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()?;
    let update = dynamodb
        .typed
        .update_table()
        .table_name(&table)
        .attribute_definitions(attribute("id", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("genre", ScalarAttributeType::S)?)
        .global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().create(create).build())
        .send();
    let create = json!({"IndexName": "by-genre", "Projection": {"ProjectionType": "ALL"},
        "KeySchema": [{"AttributeName": "genre", "KeyType": "HASH"}]});
    let input = json!({"TableName": table,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "genre", "AttributeType": "S"}],
        "GlobalSecondaryIndexUpdates": [{"Create": create}]});
    dynamodb.same("UpdateTable", update, input).await?;
    pair.table_exists(&table).await?;
    let update = dynamodb.typed.update_table().table_name(&table).deletion_protection_enabled(true).send();
    dynamodb
        .same("UpdateTable", update, json!({"TableName": table, "DeletionProtectionEnabled": true}))
        .await?;
    let delete = dynamodb.typed.delete_table().table_name(&table).send();
    dynamodb.refused("DeleteTable", delete, json!({"TableName": table}), "ValidationException").await?;
    let update = dynamodb.typed.update_table().table_name(&table).deletion_protection_enabled(false).send();
    dynamodb
        .same("UpdateTable", update, json!({"TableName": table, "DeletionProtectionEnabled": false}))
        .await?;
    Ok(())
}

async fn time_to_live_is_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let describe = || dynamodb.typed.describe_time_to_live().table_name(&table).send();
    dynamodb.same("DescribeTimeToLive", describe(), json!({"TableName": table})).await?;
    let until = TimeToLiveSpecification::builder().enabled(true).attribute_name("until").build()?;
    let update =
        dynamodb.typed.update_time_to_live().table_name(&table).time_to_live_specification(until).send();
    let until = json!({"Enabled": true, "AttributeName": "until"});
    let input = json!({"TableName": table, "TimeToLiveSpecification": until});
    dynamodb.same("UpdateTimeToLive", update, input).await?;
    dynamodb.same("DescribeTimeToLive", describe(), json!({"TableName": table})).await?;
    Ok(())
}

async fn tags_of_a_table_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let arn = pair.arn_of(&table).await?;
    let tag = Tag::builder().key("kind").value("a + b").build()?;
    let typed = dynamodb.typed.tag_resource().resource_arn(&arn).tags(tag).send();
    let input = json!({"ResourceArn": arn, "Tags": [{"Key": "kind", "Value": "a + b"}]});
    dynamodb.same("TagResource", typed, input).await?;
    let list = || dynamodb.typed.list_tags_of_resource().resource_arn(&arn).send();
    dynamodb.same("ListTagsOfResource", list(), json!({"ResourceArn": arn})).await?;
    let typed = dynamodb.typed.untag_resource().resource_arn(&arn).tag_keys("kind").send();
    dynamodb.same("UntagResource", typed, json!({"ResourceArn": arn, "TagKeys": ["kind"]})).await?;
    dynamodb.same("ListTagsOfResource", list(), json!({"ResourceArn": arn})).await?;
    Ok(())
}

async fn policies_of_a_table_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let arn = pair.arn_of(&table).await?;
    let get = || dynamodb.typed.get_resource_policy().resource_arn(&arn).send();
    let named = json!({"ResourceArn": arn});
    dynamodb.refused("GetResourcePolicy", get(), named.clone(), "PolicyNotFoundException").await?;
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "dynamodb:GetItem", "Resource": arn}]});
    let policy = policy.to_string();
    let put = dynamodb.typed.put_resource_policy().resource_arn(&arn).policy(&policy);
    let put = put.expected_revision_id("NO_POLICY").send();
    let input = json!({"ResourceArn": arn, "Policy": policy, "ExpectedRevisionId": "NO_POLICY"});
    dynamodb.same("PutResourcePolicy", put, input).await?;
    dynamodb.same("GetResourcePolicy", get(), named.clone()).await?;
    let delete = dynamodb.typed.delete_resource_policy().resource_arn(&arn).send();
    dynamodb.same("DeleteResourcePolicy", delete, named).await?;
    Ok(())
}

async fn backups_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let create = dynamodb.typed.create_backup().table_name(&table).backup_name("daily").send();
    let input = json!({"TableName": table, "BackupName": "daily"});
    let created = dynamodb.same("CreateBackup", create, input).await?;
    let arn = created.backup_details().context("there is no backup")?.backup_arn();
    let named = json!({"BackupArn": arn});
    let describe = dynamodb.typed.describe_backup().backup_arn(arn).send();
    dynamodb.same("DescribeBackup", describe, named.clone()).await?;
    let list = dynamodb.typed.list_backups().table_name(&table).backup_type(BackupTypeFilter::User).send();
    dynamodb.same("ListBackups", list, json!({"TableName": table, "BackupType": "USER"})).await?;
    let target = pair.world.no_table().name().to_owned();
    let restore =
        dynamodb.typed.restore_table_from_backup().backup_arn(arn).target_table_name(&target).send();
    let input = json!({"BackupArn": arn, "TargetTableName": target});
    dynamodb.same("RestoreTableFromBackup", restore, input).await?;
    pair.table_exists(&target).await?;
    let delete = || dynamodb.typed.delete_backup().backup_arn(arn).send();
    dynamodb.same("DeleteBackup", delete(), named.clone()).await?;
    dynamodb.refused("DeleteBackup", delete(), named, "BackupNotFoundException").await
}

async fn points_in_time_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let describe = || dynamodb.typed.describe_continuous_backups().table_name(&table).send();
    dynamodb.same("DescribeContinuousBackups", describe(), json!({"TableName": table})).await?;
    let recovery = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true);
    let recovery = recovery.recovery_period_in_days(7).build()?;
    let update = dynamodb.typed.update_continuous_backups().table_name(&table);
    let update = update.point_in_time_recovery_specification(recovery).send();
    let recovery = json!({"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 7});
    let input = json!({"TableName": table, "PointInTimeRecoverySpecification": recovery});
    dynamodb.same("UpdateContinuousBackups", update, input).await?;
    dynamodb.same("DescribeContinuousBackups", describe(), json!({"TableName": table})).await?;
    let target = pair.world.no_table().name().to_owned();
    let restore = dynamodb.typed.restore_table_to_point_in_time().source_table_name(&table);
    let too_early = restore.clone().target_table_name(&target).restore_date_time(DateTime::from_secs(1));
    let input = json!({"SourceTableName": table, "TargetTableName": target, "RestoreDateTime": 1});
    let code = "InvalidRestoreTimeException";
    dynamodb.refused("RestoreTableToPointInTime", too_early.send(), input, code).await?;
    let latest = restore.target_table_name(&target).use_latest_restorable_time(true).send();
    let input = json!({"SourceTableName": table, "TargetTableName": target, "UseLatestRestorableTime": true});
    dynamodb.same("RestoreTableToPointInTime", latest, input).await?;
    pair.table_exists(&target).await
}

async fn contributor_insights_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let update = dynamodb.typed.update_contributor_insights().table_name(&table);
    let update = update.contributor_insights_action(ContributorInsightsAction::Enable).send();
    let input = json!({"TableName": table, "ContributorInsightsAction": "ENABLE"});
    dynamodb.same("UpdateContributorInsights", update, input).await?;
    let describe = dynamodb.typed.describe_contributor_insights().table_name(&table).send();
    dynamodb.same("DescribeContributorInsights", describe, json!({"TableName": table})).await?;
    let list = dynamodb.typed.list_contributor_insights().table_name(&table).send();
    dynamodb.same("ListContributorInsights", list, json!({"TableName": table})).await?;
    Ok(())
}

async fn what_is_elsewhere_is_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let arn = pair.arn_of(&table).await?;
    let list = dynamodb.typed.list_exports().table_arn(&arn).max_results(5).send();
    dynamodb.same("ListExports", list, json!({"TableArn": arn, "MaxResults": 5})).await?;
    let list = dynamodb.typed.list_imports().table_arn(&arn).page_size(5).send();
    dynamodb.same("ListImports", list, json!({"TableArn": arn, "PageSize": 5})).await?;
    let list = dynamodb.typed.list_global_tables().limit(5).send();
    dynamodb.same("ListGlobalTables", list, json!({"Limit": 5})).await?;
    let (export, import) =
        (format!("{arn}/export/01234567890123-abc"), format!("{arn}/import/01234567890123-abc"));
    let describe = dynamodb.typed.describe_export().export_arn(&export).send();
    dynamodb
        .refused("DescribeExport", describe, json!({"ExportArn": export}), "ExportNotFoundException")
        .await?;
    let describe = dynamodb.typed.describe_import().import_arn(&import).send();
    dynamodb
        .refused("DescribeImport", describe, json!({"ImportArn": import}), "ImportNotFoundException")
        .await?;
    let describe = dynamodb.typed.describe_global_table().global_table_name("films").send();
    let input = json!({"GlobalTableName": "films"});
    dynamodb.refused("DescribeGlobalTable", describe, input, "GlobalTableNotFoundException").await?;
    let describe = dynamodb.typed.describe_kinesis_streaming_destination().table_name(&table).send();
    dynamodb.same("DescribeKinesisStreamingDestination", describe, json!({"TableName": table})).await?;
    let export = dynamodb.typed.export_table_to_point_in_time().table_arn(&arn).s3_bucket("films");
    let export = export.client_token("1").send();
    let input = json!({"TableArn": arn, "S3Bucket": "films", "ClientToken": "1"});
    dynamodb
        .refused("ExportTableToPointInTime", export, input, "PointInTimeRecoveryUnavailableException")
        .await?;
    let source = S3BucketSource::builder().s3_bucket("films").build()?;
    let parameters = TableCreationParameters::builder()
        .table_name(&table)
        .attribute_definitions(attribute("id", ScalarAttributeType::S)?)
        .key_schema(key("id", KeyType::Hash)?)
        .billing_mode(BillingMode::PayPerRequest)
        .build()?;
    let import = dynamodb.typed.import_table().client_token("1").s3_bucket_source(source);
    let import = import.input_format(InputFormat::DynamodbJson).table_creation_parameters(parameters).send();
    let input = json!({
        "ClientToken": "1",
        "S3BucketSource": {"S3Bucket": "films"},
        "InputFormat": "DYNAMODB_JSON",
        "TableCreationParameters": {
            "TableName": table,
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    });
    dynamodb.refused("ImportTable", import, input, "ResourceInUseException").await
}

async fn global_tables_are_refused_alike(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let replica = Replica::builder().region_name("eu-west-1").build();
    let create =
        dynamodb.typed.create_global_table().global_table_name(&table).replication_group(replica).send();
    let input = json!({"GlobalTableName": table, "ReplicationGroup": [{"RegionName": "eu-west-1"}]});
    dynamodb.refused("CreateGlobalTable", create, input, "ValidationException").await?;
    let added = CreateReplicaAction::builder().region_name("eu-west-1").build()?;
    let update = ReplicaUpdate::builder().create(added).build();
    let update =
        dynamodb.typed.update_global_table().global_table_name(&table).replica_updates(update).send();
    let input =
        json!({"GlobalTableName": table, "ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}]});
    dynamodb.refused("UpdateGlobalTable", update, input, "ValidationException").await?;
    let named = json!({"GlobalTableName": "films"});
    let describe = dynamodb.typed.describe_global_table_settings().global_table_name("films").send();
    dynamodb
        .refused("DescribeGlobalTableSettings", describe, named.clone(), "GlobalTableNotFoundException")
        .await?;
    let update = dynamodb.typed.update_global_table_settings().global_table_name("films").send();
    dynamodb.refused("UpdateGlobalTableSettings", update, named, "GlobalTableNotFoundException").await?;
    let describe = dynamodb.typed.describe_table_replica_auto_scaling().table_name("no-such-table").send();
    let named = json!({"TableName": "no-such-table"});
    dynamodb
        .refused("DescribeTableReplicaAutoScaling", describe, named.clone(), "ResourceNotFoundException")
        .await?;
    let update = dynamodb.typed.update_table_replica_auto_scaling().table_name("no-such-table").send();
    dynamodb.refused("UpdateTableReplicaAutoScaling", update, named, "ResourceNotFoundException").await
}

async fn kinesis_destinations_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let arn = pair.arn_of(&table).await?;
    let owner = arn.split(":table/").next().unwrap_or_default().replacen(":dynamodb:", ":kinesis:", 1);
    let stream = format!("{owner}:stream/films");
    let input = json!({"TableName": table, "StreamArn": stream});
    let enable = dynamodb.typed.enable_kinesis_streaming_destination().table_name(&table).stream_arn(&stream);
    dynamodb.same("EnableKinesisStreamingDestination", enable.send(), input.clone()).await?;
    let precision = UpdateKinesisStreamingConfiguration::builder()
        .approximate_creation_date_time_precision(ApproximateCreationDateTimePrecision::Microsecond)
        .build();
    let update = dynamodb.typed.update_kinesis_streaming_destination().table_name(&table).stream_arn(&stream);
    let update = update.update_kinesis_streaming_configuration(precision).send();
    let configuration = json!({"ApproximateCreationDateTimePrecision": "MICROSECOND"});
    let mut changed = input.clone();
    changed["UpdateKinesisStreamingConfiguration"] = configuration;
    dynamodb.same("UpdateKinesisStreamingDestination", update, changed).await?;
    let disable =
        dynamodb.typed.disable_kinesis_streaming_destination().table_name(&table).stream_arn(&stream);
    dynamodb.same("DisableKinesisStreamingDestination", disable.send(), input).await?;
    Ok(())
}
