//! Configurations of buckets by name and typed: put, told and taken away, with every member that the cloud keeps.

use aws_sdk_s3::types::*;
use serde_json::json;

use super::pair::{Pair, scripts};
use crate::case::TestResult;

scripts! {
    buckets_come_and_go_alike,
    tags_of_a_bucket_are_the_same,
    rules_of_cors_are_the_same,
    a_website_is_the_same,
    a_website_that_redirects_is_the_same,
    encryption_by_default_is_the_same,
    rules_of_a_lifecycle_are_the_same,
    rules_of_replication_are_the_same,
    notifications_are_the_same,
    who_is_logged_and_who_pays_is_the_same,
    acceleration_is_the_same,
}

async fn buckets_come_and_go_alike(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let named = json!({"Bucket": bucket});
    s3.same("HeadBucket", s3.typed.head_bucket().bucket(&bucket).send(), named.clone()).await?;
    // By name this one is asked in path style, as by boto: the host of a bucket would be that of its region.
    let in_path_style = aws_sdk_s3::config::Builder::new().force_path_style(true);
    let get = s3.typed.get_bucket_location().bucket(&bucket).customize().config_override(in_path_style);
    s3.same("GetBucketLocation", get.send(), named.clone()).await?;
    let list = s3.typed.list_buckets().prefix(&bucket).max_buckets(5).send();
    s3.same("ListBuckets", list, json!({"Prefix": bucket, "MaxBuckets": 5})).await?;
    s3.same("DeleteBucket", s3.typed.delete_bucket().bucket(&bucket).send(), named.clone()).await?;
    let again = s3.typed.delete_bucket().bucket(&bucket).send();
    s3.refused("DeleteBucket", again, named.clone(), "NoSuchBucket").await?;
    let acl = s3.typed.get_bucket_acl().bucket(&bucket).send();
    s3.refused("GetBucketAcl", acl, named, "NoSuchBucket").await
}

async fn tags_of_a_bucket_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let named = json!({"Bucket": bucket});
    let get = || s3.typed.get_bucket_tagging().bucket(&bucket).send();
    s3.refused("GetBucketTagging", get(), named.clone(), "NoSuchTagSet").await?;
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let tagging = Tagging::builder().tag_set(tag("colour", "red + ü")?).tag_set(tag("a/b=c", "")?).build()?;
    let put = s3.typed.put_bucket_tagging().bucket(&bucket).tagging(tagging).send();
    let tags = json!([{"Key": "colour", "Value": "red + ü"}, {"Key": "a/b=c", "Value": ""}]);
    s3.same("PutBucketTagging", put, json!({"Bucket": bucket, "Tagging": {"TagSet": tags}})).await?;
    s3.same("GetBucketTagging", get(), named.clone()).await?;
    s3.same("DeleteBucketTagging", s3.typed.delete_bucket_tagging().bucket(&bucket).send(), named).await?;
    Ok(())
}

async fn rules_of_cors_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let named = json!({"Bucket": bucket});
    let get = || s3.typed.get_bucket_cors().bucket(&bucket).send();
    s3.refused("GetBucketCors", get(), named.clone(), "NoSuchCORSConfiguration").await?;
    let rule = CorsRule::builder()
        .id("pages")
        .allowed_headers("*")
        .allowed_methods("GET")
        .allowed_methods("PUT")
        .allowed_origins("https://example.com")
        .expose_headers("ETag")
        .max_age_seconds(60)
        .build()?;
    let other = CorsRule::builder().allowed_methods("HEAD").allowed_origins("*").build()?;
    let rules = CorsConfiguration::builder().cors_rules(rule).cors_rules(other).build()?;
    let put = s3.typed.put_bucket_cors().bucket(&bucket).cors_configuration(rules).send();
    let rules = json!([
        {"ID": "pages", "AllowedHeaders": ["*"], "AllowedMethods": ["GET", "PUT"],
            "AllowedOrigins": ["https://example.com"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60},
        {"AllowedMethods": ["HEAD"], "AllowedOrigins": ["*"]},
    ]);
    s3.same("PutBucketCors", put, json!({"Bucket": bucket, "CORSConfiguration": {"CORSRules": rules}}))
        .await?;
    s3.same("GetBucketCors", get(), named.clone()).await?;
    s3.same("DeleteBucketCors", s3.typed.delete_bucket_cors().bucket(&bucket).send(), named).await?;
    Ok(())
}

async fn a_website_is_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let named = json!({"Bucket": bucket});
    let get = || s3.typed.get_bucket_website().bucket(&bucket).send();
    s3.refused("GetBucketWebsite", get(), named.clone(), "NoSuchWebsiteConfiguration").await?;
    let condition =
        Condition::builder().key_prefix_equals("old/").http_error_code_returned_equals("404").build();
    let redirect = Redirect::builder()
        .host_name("example.com")
        .http_redirect_code("302")
        .protocol(Protocol::Https)
        .replace_key_prefix_with("new/")
        .build();
    let rule = RoutingRule::builder().condition(condition).redirect(redirect).build();
    let website = WebsiteConfiguration::builder()
        .index_document(IndexDocument::builder().suffix("index.html").build()?)
        .error_document(ErrorDocument::builder().key("missing.html").build()?)
        .routing_rules(rule)
        .build();
    let put = s3.typed.put_bucket_website().bucket(&bucket).website_configuration(website).send();
    let rule = json!({
        "Condition": {"KeyPrefixEquals": "old/", "HttpErrorCodeReturnedEquals": "404"},
        "Redirect": {"HostName": "example.com", "HttpRedirectCode": "302", "Protocol": "https",
            "ReplaceKeyPrefixWith": "new/"},
    });
    let website = json!({"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "missing.html"},
        "RoutingRules": [rule]});
    s3.same("PutBucketWebsite", put, json!({"Bucket": bucket, "WebsiteConfiguration": website})).await?;
    s3.same("GetBucketWebsite", get(), named.clone()).await?;
    s3.same("DeleteBucketWebsite", s3.typed.delete_bucket_website().bucket(&bucket).send(), named).await?;
    Ok(())
}

async fn a_website_that_redirects_is_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let to = RedirectAllRequestsTo::builder().host_name("example.com").protocol(Protocol::Https).build()?;
    let website = WebsiteConfiguration::builder().redirect_all_requests_to(to).build();
    let put = s3.typed.put_bucket_website().bucket(&bucket).website_configuration(website).send();
    let website = json!({"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}});
    s3.same("PutBucketWebsite", put, json!({"Bucket": bucket, "WebsiteConfiguration": website})).await?;
    let get = s3.typed.get_bucket_website().bucket(&bucket).send();
    s3.same("GetBucketWebsite", get, json!({"Bucket": bucket})).await?;
    Ok(())
}

async fn encryption_by_default_is_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let named = json!({"Bucket": bucket});
    let get = || s3.typed.get_bucket_encryption().bucket(&bucket).send();
    let by_default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::AwsKms)
        .kms_master_key_id("alias/films")
        .build()?;
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(by_default)
        .bucket_key_enabled(true)
        .build();
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule).build()?;
    let put = s3.typed.put_bucket_encryption().bucket(&bucket).server_side_encryption_configuration(rules);
    let rule = json!({"BucketKeyEnabled": true, "ApplyServerSideEncryptionByDefault":
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/films"}});
    let input = json!({"Bucket": bucket, "ServerSideEncryptionConfiguration": {"Rules": [rule]}});
    s3.same("PutBucketEncryption", put.send(), input).await?;
    s3.same("GetBucketEncryption", get(), named.clone()).await?;
    let delete = s3.typed.delete_bucket_encryption().bucket(&bucket).send();
    s3.same("DeleteBucketEncryption", delete, named).await?;
    Ok(())
}

async fn rules_of_a_lifecycle_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let named = json!({"Bucket": bucket});
    let get = || s3.typed.get_bucket_lifecycle_configuration().bucket(&bucket).send();
    s3.refused("GetBucketLifecycleConfiguration", get(), named.clone(), "NoSuchLifecycleConfiguration")
        .await?;
    let and = LifecycleRuleAndOperator::builder()
        .prefix("logs/")
        .tags(Tag::builder().key("kind").value("old").build()?)
        .object_size_greater_than(500)
        .build();
    let old = LifecycleRule::builder()
        .id("old")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().and(and).build())
        .expiration(LifecycleExpiration::builder().days(365).build())
        .transitions(Transition::builder().days(30).storage_class(TransitionStorageClass::StandardIa).build())
        .noncurrent_version_expiration(
            NoncurrentVersionExpiration::builder().noncurrent_days(90).newer_noncurrent_versions(3).build(),
        )
        .build()?;
    let unfinished = AbortIncompleteMultipartUpload::builder().days_after_initiation(7).build();
    let unfinished = LifecycleRule::builder()
        .id("unfinished")
        .status(ExpirationStatus::Disabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .abort_incomplete_multipart_upload(unfinished)
        .build()?;
    let rules = BucketLifecycleConfiguration::builder().rules(old).rules(unfinished).build()?;
    let put = s3.typed.put_bucket_lifecycle_configuration().bucket(&bucket).lifecycle_configuration(rules);
    let rules = json!([
        {"ID": "old", "Status": "Enabled", "Expiration": {"Days": 365},
            "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "kind", "Value": "old"}],
                "ObjectSizeGreaterThan": 500}},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 90, "NewerNoncurrentVersions": 3}},
        {"ID": "unfinished", "Status": "Disabled", "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    ]);
    let input = json!({"Bucket": bucket, "LifecycleConfiguration": {"Rules": rules}});
    s3.same("PutBucketLifecycleConfiguration", put.send(), input).await?;
    s3.same("GetBucketLifecycleConfiguration", get(), named.clone()).await?;
    let delete = s3.typed.delete_bucket_lifecycle().bucket(&bucket).send();
    s3.same("DeleteBucketLifecycle", delete, named).await?;
    Ok(())
}

async fn rules_of_replication_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket, other) = (&pair.s3, pair.bucket().await?, pair.bucket().await?);
    let (named, arn) = (json!({"Bucket": bucket}), format!("arn:aws:s3:::{other}"));
    for bucket in [&bucket, &other] {
        let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let put = s3.typed.put_bucket_versioning().bucket(bucket).versioning_configuration(versioning).send();
        let input = json!({"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}});
        s3.same("PutBucketVersioning", put, input).await?;
    }
    let get = || s3.typed.get_bucket_replication().bucket(&bucket).send();
    s3.refused("GetBucketReplication", get(), named.clone(), "ReplicationConfigurationNotFoundError").await?;
    let markers = DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Disabled).build();
    let destination = Destination::builder().bucket(&arn).storage_class(StorageClass::StandardIa).build()?;
    let rule = ReplicationRule::builder()
        .id("films")
        .priority(1)
        .filter(ReplicationRuleFilter::builder().prefix("films/").build())
        .status(ReplicationRuleStatus::Enabled)
        .delete_marker_replication(markers)
        .destination(destination)
        .build()?;
    let role = "arn:aws:iam::123456789012:role/copies";
    let rules = ReplicationConfiguration::builder().role(role).rules(rule).build()?;
    let put = s3.typed.put_bucket_replication().bucket(&bucket).replication_configuration(rules).send();
    let rule = json!({"ID": "films", "Priority": 1, "Filter": {"Prefix": "films/"}, "Status": "Enabled",
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": arn, "StorageClass": "STANDARD_IA"}});
    let input = json!({"Bucket": bucket, "ReplicationConfiguration": {"Role": role, "Rules": [rule]}});
    s3.same("PutBucketReplication", put, input).await?;
    s3.same("GetBucketReplication", get(), named.clone()).await?;
    let delete = s3.typed.delete_bucket_replication().bucket(&bucket).send();
    s3.same("DeleteBucketReplication", delete, named).await?;
    Ok(())
}

async fn notifications_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let get = || s3.typed.get_bucket_notification_configuration().bucket(&bucket).send();
    s3.same("GetBucketNotificationConfiguration", get(), json!({"Bucket": bucket})).await?;
    let (queue, topic) =
        ("arn:aws:sqs:eu-west-1:123456789012:films", "arn:aws:sns:eu-west-1:123456789012:films");
    let rule = FilterRule::builder().name(FilterRuleName::Suffix).value(".mp4").build();
    let filter = S3KeyFilter::builder().filter_rules(rule).build();
    let to_queue = QueueConfiguration::builder()
        .id("created")
        .queue_arn(queue)
        .events(Event::from("s3:ObjectCreated:*"))
        .filter(NotificationConfigurationFilter::builder().key(filter).build())
        .build()?;
    let to_topic = TopicConfiguration::builder()
        .id("removed")
        .topic_arn(topic)
        .events(Event::S3ObjectRemovedDelete)
        .build()?;
    let configuration = NotificationConfiguration::builder()
        .queue_configurations(to_queue)
        .topic_configurations(to_topic)
        .event_bridge_configuration(EventBridgeConfiguration::builder().build())
        .build();
    let put = s3.typed.put_bucket_notification_configuration().bucket(&bucket);
    let put = put.skip_destination_validation(true).notification_configuration(configuration).send();
    let configuration = json!({
        "QueueConfigurations": [{"Id": "created", "QueueArn": queue, "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".mp4"}]}}}],
        "TopicConfigurations": [{"Id": "removed", "TopicArn": topic, "Events": ["s3:ObjectRemoved:Delete"]}],
        "EventBridgeConfiguration": {},
    });
    let input = json!({"Bucket": bucket, "NotificationConfiguration": configuration,
        "SkipDestinationValidation": true});
    s3.same("PutBucketNotificationConfiguration", put, input).await?;
    s3.same("GetBucketNotificationConfiguration", get(), json!({"Bucket": bucket})).await?;
    Ok(())
}

async fn who_is_logged_and_who_pays_is_the_same(pair: Pair) -> TestResult {
    let (s3, bucket, logs) = (&pair.s3, pair.bucket().await?, pair.bucket().await?);
    let named = json!({"Bucket": bucket});
    let get = || s3.typed.get_bucket_logging().bucket(&bucket).send();
    s3.same("GetBucketLogging", get(), named.clone()).await?;
    let logging = LoggingEnabled::builder().target_bucket(&logs).target_prefix("films/").build()?;
    let status = BucketLoggingStatus::builder().logging_enabled(logging).build();
    let put = s3.typed.put_bucket_logging().bucket(&bucket).bucket_logging_status(status).send();
    let logging = json!({"TargetBucket": logs, "TargetPrefix": "films/"});
    let input = json!({"Bucket": bucket, "BucketLoggingStatus": {"LoggingEnabled": logging}});
    s3.same("PutBucketLogging", put, input).await?;
    s3.same("GetBucketLogging", get(), named.clone()).await?;
    let payment = RequestPaymentConfiguration::builder().payer(Payer::Requester).build()?;
    let put = s3.typed.put_bucket_request_payment().bucket(&bucket).request_payment_configuration(payment);
    let input = json!({"Bucket": bucket, "RequestPaymentConfiguration": {"Payer": "Requester"}});
    s3.same("PutBucketRequestPayment", put.send(), input).await?;
    let get = s3.typed.get_bucket_request_payment().bucket(&bucket).send();
    s3.same("GetBucketRequestPayment", get, named).await?;
    Ok(())
}

async fn acceleration_is_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let get = || s3.typed.get_bucket_accelerate_configuration().bucket(&bucket).send();
    s3.same("GetBucketAccelerateConfiguration", get(), json!({"Bucket": bucket})).await?;
    let configuration = AccelerateConfiguration::builder().status(BucketAccelerateStatus::Enabled).build();
    let put = s3.typed.put_bucket_accelerate_configuration().bucket(&bucket);
    let put = put.accelerate_configuration(configuration).send();
    let input = json!({"Bucket": bucket, "AccelerateConfiguration": {"Status": "Enabled"}});
    s3.same("PutBucketAccelerateConfiguration", put, input).await?;
    s3.same("GetBucketAccelerateConfiguration", get(), json!({"Bucket": bucket})).await?;
    Ok(())
}
