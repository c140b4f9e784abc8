//! Configurations of a bucket: put, told back, refused, and missing.

use anyhow::ensure;
use aws_sdk_s3::types::{
    CorsConfiguration, CorsRule, Event, IndexDocument, MetricsConfiguration, NotificationConfiguration,
    Payer, QueueConfiguration, RequestPaymentConfiguration, ServerSideEncryption, Tag, Tagging,
    WebsiteConfiguration,
};
use session_core::{Error, ErrorKind, SessionExt};

use crate::case::{TestResult, cases, check};
use crate::world::World;

cases! {
    a_new_bucket_has_nothing_configured,
    tags_of_a_bucket_are_told_and_taken_away,
    tags_of_the_system_are_refused,
    rules_of_cors_are_told_and_taken_away,
    a_rule_of_cors_for_an_unknown_method_is_refused,
    a_website_is_told_and_taken_away,
    every_bucket_encrypts_by_default,
    a_notification_is_told_with_its_filter,
    a_destination_that_is_none_is_refused,
    who_pays_is_told,
    metrics_are_listed_by_id,
}

async fn a_new_bucket_has_nothing_configured(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (client, name) = (bucket.client(), bucket.name());
    let cors = client.get_bucket_cors().bucket(name).send().await.unwrap_err();
    check(cors, ErrorKind::NotFound, "NoSuchCORSConfiguration")?;
    let tagging = client.get_bucket_tagging().bucket(name).send().await.unwrap_err();
    check(tagging, ErrorKind::NotFound, "NoSuchTagSet")?;
    let website = client.get_bucket_website().bucket(name).send().await.unwrap_err();
    check(website, ErrorKind::NotFound, "NoSuchWebsiteConfiguration")?;
    let replication = client.get_bucket_replication().bucket(name).send().await.unwrap_err();
    check(replication, ErrorKind::NotFound, "ReplicationConfigurationNotFoundError")?;
    let logging = client.get_bucket_logging().bucket(name).send().await?;
    ensure!(logging.logging_enabled().is_none(), "{logging:?}");
    let notification = client.get_bucket_notification_configuration().bucket(name).send().await?;
    ensure!(notification.queue_configurations().is_empty(), "{notification:?}");
    Ok(())
}

async fn tags_of_a_bucket_are_told_and_taken_away(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (client, name) = (bucket.client(), bucket.name());
    let tag = Tag::builder().key("colour").value("red").build()?;
    let tagging = Tagging::builder().tag_set(tag.clone()).build()?;
    client.put_bucket_tagging().bucket(name).tagging(tagging).send().await?;
    let told = client.get_bucket_tagging().bucket(name).send().await?;
    ensure!(told.tag_set() == [tag], "{told:?}");
    client.delete_bucket_tagging().bucket(name).send().await?;
    let gone = client.get_bucket_tagging().bucket(name).send().await.unwrap_err();
    check(gone, ErrorKind::NotFound, "NoSuchTagSet")
}

async fn tags_of_the_system_are_refused(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let tag = Tag::builder().key("aws:colour").value("red").build()?;
    let tagging = Tagging::builder().tag_set(tag).build()?;
    let put = bucket.client().put_bucket_tagging().bucket(bucket.name()).tagging(tagging).send().await;
    let error = Error::from(put.unwrap_err());
    ensure!(error.code() == Some("InvalidTag") && error.status() == Some(400), "{error:?}");
    Ok(())
}

fn cors(method: &str) -> anyhow::Result<CorsConfiguration> {
    let rule = CorsRule::builder()
        .allowed_methods(method)
        .allowed_origins("https://example.com")
        .allowed_headers("*");
    Ok(CorsConfiguration::builder().cors_rules(rule.max_age_seconds(60).build()?).build()?)
}

async fn rules_of_cors_are_told_and_taken_away(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (client, name) = (bucket.client(), bucket.name());
    client.put_bucket_cors().bucket(name).cors_configuration(cors("GET")?).send().await?;
    let told = client.get_bucket_cors().bucket(name).send().await?;
    let [rule] = told.cors_rules() else { anyhow::bail!("{told:?}") };
    ensure!(rule.allowed_methods() == ["GET"] && rule.max_age_seconds() == Some(60), "{rule:?}");
    client.delete_bucket_cors().bucket(name).send().await?;
    let gone = client.get_bucket_cors().bucket(name).send().await.unwrap_err();
    check(gone, ErrorKind::NotFound, "NoSuchCORSConfiguration")
}

async fn a_rule_of_cors_for_an_unknown_method_is_refused(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let put = bucket.client().put_bucket_cors().bucket(bucket.name()).cors_configuration(cors("PATCH")?);
    let error = put.send().await.unwrap_err();
    let message = "Found unsupported HTTP method in CORS config. Unsupported method is PATCH";
    world.check_message(error, ErrorKind::InvalidInput, "InvalidRequest", message)
}

async fn a_website_is_told_and_taken_away(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (client, name) = (bucket.client(), bucket.name());
    let index = IndexDocument::builder().suffix("index.html").build()?;
    let website = WebsiteConfiguration::builder().index_document(index).build();
    client.put_bucket_website().bucket(name).website_configuration(website).send().await?;
    let told = client.get_bucket_website().bucket(name).send().await?;
    ensure!(told.index_document().map(|index| index.suffix()) == Some("index.html"), "{told:?}");
    client.delete_bucket_website().bucket(name).send().await?;
    let gone = client.get_bucket_website().bucket(name).send().await.unwrap_err();
    check(gone, ErrorKind::NotFound, "NoSuchWebsiteConfiguration")
}

async fn every_bucket_encrypts_by_default(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let told = bucket.client().get_bucket_encryption().bucket(bucket.name()).send().await?;
    let rules = told.server_side_encryption_configuration().map(|told| told.rules()).unwrap_or_default();
    let default = rules[0].apply_server_side_encryption_by_default();
    ensure!(default.map(|rule| rule.sse_algorithm()) == Some(&ServerSideEncryption::Aes256), "{told:?}");
    Ok(())
}

fn notification(arn: &str) -> anyhow::Result<NotificationConfiguration> {
    let queue = QueueConfiguration::builder().id("created").queue_arn(arn);
    let queue = queue.events(Event::from("s3:ObjectCreated:*")).build()?;
    Ok(NotificationConfiguration::builder().queue_configurations(queue).build())
}

async fn a_notification_is_told_with_its_filter(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (client, name) = (bucket.client(), bucket.name());
    let region = world.session.region_name().expect("every backend has a region");
    let arn = format!("arn:aws:sqs:{region}:123456789012:films");
    let put = client.put_bucket_notification_configuration().bucket(name).skip_destination_validation(true);
    put.notification_configuration(notification(&arn)?).send().await?;
    let told = client.get_bucket_notification_configuration().bucket(name).send().await?;
    let [queue] = told.queue_configurations() else { anyhow::bail!("{told:?}") };
    ensure!(queue.queue_arn() == arn && queue.id() == Some("created"), "{queue:?}");
    Ok(())
}

async fn a_destination_that_is_none_is_refused(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let put = bucket.client().put_bucket_notification_configuration().bucket(bucket.name());
    let refused = put.notification_configuration(notification("films")?).send().await.unwrap_err();
    check(refused, ErrorKind::InvalidInput, "InvalidArgument")
}

async fn who_pays_is_told(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (client, name) = (bucket.client(), bucket.name());
    let told = client.get_bucket_request_payment().bucket(name).send().await?;
    ensure!(told.payer() == Some(&Payer::BucketOwner), "{told:?}");
    let payment = RequestPaymentConfiguration::builder().payer(Payer::Requester).build()?;
    client.put_bucket_request_payment().bucket(name).request_payment_configuration(payment).send().await?;
    let told = client.get_bucket_request_payment().bucket(name).send().await?;
    ensure!(told.payer() == Some(&Payer::Requester), "{told:?}");
    Ok(())
}

async fn metrics_are_listed_by_id(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (client, name) = (bucket.client(), bucket.name());
    for id in ["b", "a"] {
        let metrics = MetricsConfiguration::builder().id(id).build()?;
        client
            .put_bucket_metrics_configuration()
            .bucket(name)
            .id(id)
            .metrics_configuration(metrics)
            .send()
            .await?;
    }
    let listed = client.list_bucket_metrics_configurations().bucket(name).send().await?;
    let ids: Vec<&str> = listed.metrics_configuration_list().iter().map(|metrics| metrics.id()).collect();
    ensure!(ids == ["a", "b"] && listed.is_truncated() == Some(false), "{listed:?}");
    client.delete_bucket_metrics_configuration().bucket(name).id("a").send().await?;
    let gone = client.get_bucket_metrics_configuration().bucket(name).id("a").send().await.unwrap_err();
    check(gone, ErrorKind::NotFound, "NoSuchConfiguration")
}
