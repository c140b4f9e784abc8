//! Configurations of buckets that have ids, by name and typed: inventory, metrics, analytics and tiering.

use aws_sdk_s3::types::*;
use serde_json::json;

use super::pair::{Pair, scripts};
use crate::case::TestResult;

scripts! {
    inventories_are_the_same,
    metrics_are_the_same,
    analytics_are_the_same,
    tierings_are_the_same,
}

async fn inventories_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let (named, arn) = (json!({"Bucket": bucket, "Id": "weekly"}), format!("arn:aws:s3:::{bucket}"));
    let get = || s3.typed.get_bucket_inventory_configuration().bucket(&bucket).id("weekly").send();
    s3.refused("GetBucketInventoryConfiguration", get(), named.clone(), "NoSuchConfiguration").await?;
    let to =
        InventoryS3BucketDestination::builder().bucket(&arn).format(InventoryFormat::Csv).prefix("lists");
    let inventory = InventoryConfiguration::builder()
        .id("weekly")
        .is_enabled(true)
        .included_object_versions(InventoryIncludedObjectVersions::All)
        .filter(InventoryFilter::builder().prefix("films/").build()?)
        .schedule(InventorySchedule::builder().frequency(InventoryFrequency::Weekly).build()?)
        .destination(InventoryDestination::builder().s3_bucket_destination(to.build()?).build())
        .optional_fields(InventoryOptionalField::Size)
        .optional_fields(InventoryOptionalField::ETag)
        .build()?;
    let put = s3.typed.put_bucket_inventory_configuration().bucket(&bucket).id("weekly");
    let put = put.inventory_configuration(inventory).send();
    let to = json!({"Bucket": arn, "Format": "CSV", "Prefix": "lists"});
    let inventory = json!({"Id": "weekly", "IsEnabled": true, "IncludedObjectVersions": "All",
        "Filter": {"Prefix": "films/"}, "Schedule": {"Frequency": "Weekly"},
        "Destination": {"S3BucketDestination": to}, "OptionalFields": ["Size", "ETag"]});
    let input = json!({"Bucket": bucket, "Id": "weekly", "InventoryConfiguration": inventory});
    s3.same("PutBucketInventoryConfiguration", put, input).await?;
    s3.same("GetBucketInventoryConfiguration", get(), named.clone()).await?;
    let list = s3.typed.list_bucket_inventory_configurations().bucket(&bucket).send();
    s3.same("ListBucketInventoryConfigurations", list, json!({"Bucket": bucket})).await?;
    let delete = s3.typed.delete_bucket_inventory_configuration().bucket(&bucket).id("weekly").send();
    s3.same("DeleteBucketInventoryConfiguration", delete, named).await?;
    Ok(())
}

async fn metrics_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let named = json!({"Bucket": bucket, "Id": "films"});
    let get = || s3.typed.get_bucket_metrics_configuration().bucket(&bucket).id("films").send();
    s3.refused("GetBucketMetricsConfiguration", get(), named.clone(), "NoSuchConfiguration").await?;
    let tag = Tag::builder().key("kind").value("new").build()?;
    let and = MetricsAndOperator::builder().prefix("films/").tags(tag).build();
    let metrics = MetricsConfiguration::builder().id("films").filter(MetricsFilter::And(and)).build()?;
    let put = s3.typed.put_bucket_metrics_configuration().bucket(&bucket).id("films");
    let put = put.metrics_configuration(metrics).send();
    let and = json!({"Prefix": "films/", "Tags": [{"Key": "kind", "Value": "new"}]});
    let input = json!({"Bucket": bucket, "Id": "films",
        "MetricsConfiguration": {"Id": "films", "Filter": {"And": and}}});
    s3.same("PutBucketMetricsConfiguration", put, input).await?;
    s3.same("GetBucketMetricsConfiguration", get(), named.clone()).await?;
    let list = s3.typed.list_bucket_metrics_configurations().bucket(&bucket).send();
    s3.same("ListBucketMetricsConfigurations", list, json!({"Bucket": bucket})).await?;
    let delete = s3.typed.delete_bucket_metrics_configuration().bucket(&bucket).id("films").send();
    s3.same("DeleteBucketMetricsConfiguration", delete, named).await?;
    Ok(())
}

async fn analytics_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let (named, arn) = (json!({"Bucket": bucket, "Id": "films"}), format!("arn:aws:s3:::{bucket}"));
    let get = || s3.typed.get_bucket_analytics_configuration().bucket(&bucket).id("films").send();
    s3.refused("GetBucketAnalyticsConfiguration", get(), named.clone(), "NoSuchConfiguration").await?;
    let to = AnalyticsS3BucketDestination::builder().bucket(&arn).prefix("analyses");
    let to = to.format(AnalyticsS3ExportFileFormat::Csv).build()?;
    let export = StorageClassAnalysisDataExport::builder()
        .output_schema_version(StorageClassAnalysisSchemaVersion::V1)
        .destination(AnalyticsExportDestination::builder().s3_bucket_destination(to).build())
        .build()?;
    let analytics = AnalyticsConfiguration::builder()
        .id("films")
        .filter(AnalyticsFilter::Prefix("films/".to_owned()))
        .storage_class_analysis(StorageClassAnalysis::builder().data_export(export).build())
        .build()?;
    let put = s3.typed.put_bucket_analytics_configuration().bucket(&bucket).id("films");
    let put = put.analytics_configuration(analytics).send();
    let to = json!({"Bucket": arn, "Format": "CSV", "Prefix": "analyses"});
    let export = json!({"OutputSchemaVersion": "V_1", "Destination": {"S3BucketDestination": to}});
    let analytics = json!({"Id": "films", "Filter": {"Prefix": "films/"},
        "StorageClassAnalysis": {"DataExport": export}});
    let input = json!({"Bucket": bucket, "Id": "films", "AnalyticsConfiguration": analytics});
    s3.same("PutBucketAnalyticsConfiguration", put, input).await?;
    s3.same("GetBucketAnalyticsConfiguration", get(), named.clone()).await?;
    let list = s3.typed.list_bucket_analytics_configurations().bucket(&bucket).send();
    s3.same("ListBucketAnalyticsConfigurations", list, json!({"Bucket": bucket})).await?;
    let delete = s3.typed.delete_bucket_analytics_configuration().bucket(&bucket).id("films").send();
    s3.same("DeleteBucketAnalyticsConfiguration", delete, named).await?;
    Ok(())
}

async fn tierings_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let named = json!({"Bucket": bucket, "Id": "cold"});
    let get = || s3.typed.get_bucket_intelligent_tiering_configuration().bucket(&bucket).id("cold").send();
    s3.refused("GetBucketIntelligentTieringConfiguration", get(), named.clone(), "NoSuchConfiguration")
        .await?;
    let tiering =
        Tiering::builder().days(90).access_tier(IntelligentTieringAccessTier::ArchiveAccess).build()?;
    let configuration = IntelligentTieringConfiguration::builder()
        .id("cold")
        .status(IntelligentTieringStatus::Enabled)
        .filter(IntelligentTieringFilter::builder().prefix("films/").build())
        .tierings(tiering)
        .build()?;
    let put = s3.typed.put_bucket_intelligent_tiering_configuration().bucket(&bucket).id("cold");
    let put = put.intelligent_tiering_configuration(configuration).send();
    let configuration = json!({"Id": "cold", "Status": "Enabled", "Filter": {"Prefix": "films/"},
        "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]});
    let input = json!({"Bucket": bucket, "Id": "cold", "IntelligentTieringConfiguration": configuration});
    s3.same("PutBucketIntelligentTieringConfiguration", put, input).await?;
    s3.same("GetBucketIntelligentTieringConfiguration", get(), named.clone()).await?;
    let list = s3.typed.list_bucket_intelligent_tiering_configurations().bucket(&bucket).send();
    s3.same("ListBucketIntelligentTieringConfigurations", list, json!({"Bucket": bucket})).await?;
    let delete = s3.typed.delete_bucket_intelligent_tiering_configuration().bucket(&bucket).id("cold").send();
    s3.same("DeleteBucketIntelligentTieringConfiguration", delete, named).await?;
    Ok(())
}
