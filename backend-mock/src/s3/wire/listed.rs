//! Inventory, metrics, analytics and Intelligent-Tiering: the same four operations on each, by id.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::call::Call;
use super::document::{document, read};
use super::response::NoContent;
use crate::s3::engine::configuration::{ListedKind, ListedPage};
use crate::s3::engine::{Code, Error};

/// Repeats the operations on one kind of configuration: their inputs and outputs differ in names only.
macro_rules! listed {
    ($kind:ident, $member:ident: $configuration:ident, $list:ident, $check:ident,
     $get:ident($get_input:ident) -> $get_output:ident, $put:ident($put_input:ident) -> $put_output:ident,
     $delete:ident($delete_input:ident) -> $delete_output:ident,
     $list_all:ident($list_input:ident) -> $list_output:ident) => {
        pub(super) async fn $get(
            operations: &Operations,
            call: &Call,
            input: $get_input,
        ) -> Result<S3Response<$get_output>, Error> {
            let found = {
                let engine = operations.engine();
                engine
                    .listed_configuration(&call.caller(), &input.bucket, ListedKind::$kind, &input.id)?
                    .clone()
            };
            Ok(S3Response::new($get_output { $member: Some(read(&found)?) }))
        }

        pub(super) async fn $put(
            operations: &Operations,
            call: &Call,
            input: $put_input,
        ) -> Result<S3Response<$put_output>, Error> {
            let configuration: $configuration = input.$member;
            $check(&configuration)?;
            let (document, ids) = (document(&configuration)?, (input.id.as_str(), configuration.id.as_str()));
            let caller = call.caller();
            let mut engine = operations.engine();
            engine.put_listed_configuration(&caller, &input.bucket, ListedKind::$kind, ids, document)?;
            let mut response = S3Response::new($put_output {});
            response.extensions.insert(NoContent);
            Ok(response)
        }

        pub(super) async fn $delete(
            operations: &Operations,
            call: &Call,
            input: $delete_input,
        ) -> Result<S3Response<$delete_output>, Error> {
            let caller = call.caller();
            let mut engine = operations.engine();
            engine.delete_listed_configuration(&caller, &input.bucket, ListedKind::$kind, &input.id)?;
            Ok(S3Response::new($delete_output {}))
        }

        pub(super) async fn $list_all(
            operations: &Operations,
            call: &Call,
            input: $list_input,
        ) -> Result<S3Response<$list_output>, Error> {
            let token = input.continuation_token.as_deref();
            let page = page(operations, call, &input.bucket, ListedKind::$kind, token)?;
            let documents =
                page.documents.iter().map(read::<$configuration>).collect::<Result<Vec<_>, _>>()?;
            Ok(S3Response::new($list_output {
                continuation_token: input.continuation_token,
                $list: (!documents.is_empty()).then_some(documents),
                is_truncated: Some(page.next.is_some()),
                next_continuation_token: page.next.map(|id| BASE64_URL_SAFE_NO_PAD.encode(id)),
            }))
        }
    };
}

listed!(
    Inventory, inventory_configuration: InventoryConfiguration, inventory_configuration_list, check_inventory,
    get_inventory(GetBucketInventoryConfigurationInput) -> GetBucketInventoryConfigurationOutput,
    put_inventory(PutBucketInventoryConfigurationInput) -> PutBucketInventoryConfigurationOutput,
    delete_inventory(DeleteBucketInventoryConfigurationInput) -> DeleteBucketInventoryConfigurationOutput,
    list_inventory(ListBucketInventoryConfigurationsInput) -> ListBucketInventoryConfigurationsOutput
);
listed!(
    Metrics, metrics_configuration: MetricsConfiguration, metrics_configuration_list, check_metrics,
    get_metrics(GetBucketMetricsConfigurationInput) -> GetBucketMetricsConfigurationOutput,
    put_metrics(PutBucketMetricsConfigurationInput) -> PutBucketMetricsConfigurationOutput,
    delete_metrics(DeleteBucketMetricsConfigurationInput) -> DeleteBucketMetricsConfigurationOutput,
    list_metrics(ListBucketMetricsConfigurationsInput) -> ListBucketMetricsConfigurationsOutput
);
listed!(
    Analytics, analytics_configuration: AnalyticsConfiguration, analytics_configuration_list, check_analytics,
    get_analytics(GetBucketAnalyticsConfigurationInput) -> GetBucketAnalyticsConfigurationOutput,
    put_analytics(PutBucketAnalyticsConfigurationInput) -> PutBucketAnalyticsConfigurationOutput,
    delete_analytics(DeleteBucketAnalyticsConfigurationInput) -> DeleteBucketAnalyticsConfigurationOutput,
    list_analytics(ListBucketAnalyticsConfigurationsInput) -> ListBucketAnalyticsConfigurationsOutput
);
listed!(
    IntelligentTiering, intelligent_tiering_configuration: IntelligentTieringConfiguration,
    intelligent_tiering_configuration_list, check_tiering,
    get_tiering(GetBucketIntelligentTieringConfigurationInput) -> GetBucketIntelligentTieringConfigurationOutput,
    put_tiering(PutBucketIntelligentTieringConfigurationInput) -> PutBucketIntelligentTieringConfigurationOutput,
    delete_tiering(DeleteBucketIntelligentTieringConfigurationInput)
        -> DeleteBucketIntelligentTieringConfigurationOutput,
    list_tiering(ListBucketIntelligentTieringConfigurationsInput)
        -> ListBucketIntelligentTieringConfigurationsOutput
);

fn page(
    operations: &Operations,
    call: &Call,
    bucket: &str,
    kind: ListedKind,
    token: Option<&str>,
) -> Result<ListedPage, Error> {
    let after = token.map(|token| {
        let id = BASE64_URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let message = "The continuation token provided is incorrect";
        id.ok_or_else(|| Error::invalid_argument(message, "continuation-token", token))
    });
    let after = after.transpose()?;
    operations.engine().listed_configurations(&call.caller(), bucket, kind, after.as_deref())
}

fn one_of(text: &str, allowed: &[&str]) -> Result<(), Error> {
    if allowed.contains(&text) { Ok(()) } else { Err(Error::new(Code::MalformedXML)) }
}

/// What an inventory may tell of an object beside its key.
const OPTIONAL_FIELDS: [&str; 16] = [
    "Size",
    "LastModifiedDate",
    "StorageClass",
    "ETag",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "EncryptionStatus",
    "ObjectLockRetainUntilDate",
    "ObjectLockMode",
    "ObjectLockLegalHoldStatus",
    "IntelligentTieringAccessTier",
    "BucketKeyStatus",
    "ChecksumAlgorithm",
    "ObjectAccessControlList",
    "ObjectOwner",
    "LifecycleExpirationDate",
];

fn check_inventory(inventory: &InventoryConfiguration) -> Result<(), Error> {
    one_of(inventory.schedule.frequency.as_str(), &["Daily", "Weekly"])?;
    one_of(inventory.included_object_versions.as_str(), &["All", "Current"])?;
    for field in inventory.optional_fields.iter().flatten() {
        one_of(field.as_str(), &OPTIONAL_FIELDS)?;
    }
    let destination = &inventory.destination.s3_bucket_destination;
    one_of(destination.format.as_str(), &["CSV", "ORC", "Parquet"])?;
    if !destination.bucket.starts_with("arn:aws") {
        return Err(Error::with_message(Code::InvalidS3DestinationBucket, "Invalid bucket ARN."));
    }
    Ok(())
}

fn check_metrics(_: &MetricsConfiguration) -> Result<(), Error> {
    Ok(())
}

fn check_analytics(analytics: &AnalyticsConfiguration) -> Result<(), Error> {
    let Some(export) = &analytics.storage_class_analysis.data_export else { return Ok(()) };
    one_of(export.output_schema_version.as_str(), &["V_1"])?;
    let destination = &export.destination.s3_bucket_destination;
    one_of(destination.format.as_str(), &["CSV"])?;
    if !destination.bucket.starts_with("arn:aws") {
        return Err(Error::with_message(Code::InvalidS3DestinationBucket, "Invalid bucket ARN."));
    }
    Ok(())
}

fn check_tiering(tiering: &IntelligentTieringConfiguration) -> Result<(), Error> {
    one_of(tiering.status.as_str(), &["Enabled", "Disabled"])?;
    if tiering.tierings.is_empty() {
        return Err(Error::new(Code::MalformedXML));
    }
    for tier in &tiering.tierings {
        let least = match tier.access_tier.as_str() {
            "ARCHIVE_ACCESS" => 90,
            "DEEP_ARCHIVE_ACCESS" => 180,
            _ => return Err(Error::new(Code::MalformedXML)),
        };
        if !(least..=730).contains(&tier.days) {
            let message = format!("Days must be between {least} and 730 for {}", tier.access_tier.as_str());
            return Err(Error::invalid_argument(message, "Days", tier.days));
        }
    }
    Ok(())
}
