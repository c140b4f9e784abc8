//! Handles: identity, parents, and identifiers that must not become requests.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use aws_smithy_async::rt::sleep::AsyncSleep;
use resources::transfer::{ByteSize, TransferConfig};
use resources::{DynamoDb, S3, S3Resource};
use session_core::{Error, ErrorKind, Resource, S3AddressingStyle, Service, SessionConfig, SessionExt};

use crate::scripted::{Answer, Scripted};

fn silent() -> Scripted {
    Scripted::new(|_| Answer::Reply(200, Vec::new(), Default::default()))
}

#[tokio::test]
async fn handles_are_equal_when_their_identifiers_are() {
    let (here, there) = (silent(), silent());
    let (s3, other) = (here.s3().await, there.s3().await);
    assert_eq!(s3.object("b", "k"), other.bucket("b").object("k"));
    assert_ne!(s3.object("b", "k"), s3.object("c", "k"));
    let keys = HashSet::from([s3.object("b", "k"), other.object("b", "k"), s3.object("b", "l")]);
    assert_eq!(keys.len(), 2);
    assert_eq!(format!("{:?}", s3.object("b", "k")), r#"s3.Object(bucket_name="b", key="k")"#);
    assert_eq!(s3.object("b", "k").bucket(), &s3.bucket("b"));
    let table = here.dynamodb().await.table("orders");
    assert_eq!(format!("{table:?}"), r#"dynamodb.Table(name="orders")"#);
    assert!(here.asked().is_empty());
}

#[tokio::test]
async fn scoped_handles_are_equal_where_their_clients_send_alike() {
    let session = backend_mock::MockAws::new().session();
    let of = async |region: &str, key: &str| {
        let open = session.resource(DynamoDb).region_name(region);
        let dynamodb = open.aws_access_key_id(key).aws_secret_access_key("secret").await.unwrap();
        dynamodb.scoped(dynamodb.table("orders"))
    };
    let (here, again) = (of("eu-west-1", "111111111111").await, of("eu-west-1", "111111111111").await);
    let (elsewhere, of_another) =
        (of("us-east-1", "111111111111").await, of("eu-west-1", "222222222222").await);
    assert_eq!(here, again);
    assert!(*here == *elsewhere && *here == *of_another);
    let places = HashSet::from([here, again, elsewhere.clone(), of_another]);
    assert_eq!(places.len(), 3);
    assert_eq!(format!("{elsewhere:?}"), r#"dynamodb.Table(name="orders") in us-east-1"#);
    assert_eq!(elsewhere.into_inner().name(), "orders");
}

#[tokio::test]
async fn a_bucket_elsewhere_or_of_somebody_else_tells_its_region() {
    let aws = backend_mock::MockAws::new();
    let s3 = aws.session().resource(S3).region_name("eu-west-1").await.unwrap();
    let bucket = s3.bucket("films");
    let location = BucketLocationConstraint::EuWest1;
    let there = CreateBucketConfiguration::builder().location_constraint(location).build();
    bucket.create().create_bucket_configuration(there).send().await.unwrap();

    let elsewhere = aws.session().resource(S3).region_name("us-east-1").await.unwrap();
    assert_eq!(elsewhere.bucket("films").region().await.unwrap().as_str(), "eu-west-1");

    let stranger = SessionConfig::builder().aws_access_key_id("111111111111").aws_secret_access_key("secret");
    let stranger = aws.session_with(stranger.region_name("eu-west-1").build().unwrap());
    let stranger = stranger.resource(S3).await.unwrap();
    let theirs = stranger.bucket("films");
    assert_eq!(theirs.load().await.unwrap_err().kind(), ErrorKind::AccessDenied);
    assert_eq!(theirs.region().await.unwrap().as_str(), "eu-west-1");

    let silent = silent().s3().await.bucket("films").region().await.unwrap_err();
    assert_eq!(silent.kind(), ErrorKind::Service);
    assert_eq!(silent.message(), "the answer to HeadBucket does not say in which region `films` is");
}

#[tokio::test]
async fn a_resource_tells_its_type_and_identifiers() {
    let s3 = silent().s3().await;
    let object: Box<dyn Resource> = Box::new(s3.object("b", "k"));
    assert_eq!(object.meta().resource_name, "Object");
    assert_eq!(object.meta().identifier_names, ["bucket_name", "key"]);
    assert_eq!(object.identifiers(), ["b", "k"]);
}

#[tokio::test]
async fn every_resource_of_s3_tells_its_type_and_identifiers() {
    let s3 = silent().s3().await;
    let (bucket, object) = (s3.bucket("b"), s3.object("b", "k"));
    let upload = object.multipart_upload("u");
    let resources: [(Box<dyn Resource>, &str, &[&str]); 17] = [
        (Box::new(bucket.clone()), "Bucket", &["b"]),
        (Box::new(bucket.acl()), "BucketAcl", &["b"]),
        (Box::new(bucket.cors()), "BucketCors", &["b"]),
        (Box::new(bucket.lifecycle_configuration()), "BucketLifecycleConfiguration", &["b"]),
        (Box::new(bucket.logging()), "BucketLogging", &["b"]),
        (Box::new(bucket.notification()), "BucketNotification", &["b"]),
        (Box::new(bucket.policy()), "BucketPolicy", &["b"]),
        (Box::new(bucket.request_payment()), "BucketRequestPayment", &["b"]),
        (Box::new(bucket.tagging()), "BucketTagging", &["b"]),
        (Box::new(bucket.versioning()), "BucketVersioning", &["b"]),
        (Box::new(bucket.website()), "BucketWebsite", &["b"]),
        (Box::new(object.clone()), "Object", &["b", "k"]),
        (Box::new(object.acl()), "ObjectAcl", &["b", "k"]),
        (Box::new(object.version("v")), "ObjectVersion", &["b", "k", "v"]),
        (Box::new(upload.clone()), "MultipartUpload", &["b", "k", "u"]),
        (Box::new(upload.part(3)), "MultipartUploadPart", &["b", "k", "u", "3"]),
        (Box::new(S3Resource::clone(&s3)), "S3", &[]),
    ];
    for (resource, name, identifiers) in resources {
        assert_eq!(resource.meta().resource_name, name);
        assert_eq!(resource.identifiers(), identifiers, "{name}");
        assert_eq!(resource.meta().identifier_names.len(), identifiers.len(), "{name}");
        let shown = format!("{resource:?}");
        let named = identifiers.iter().all(|identifier| shown.contains(*identifier));
        assert!(shown.starts_with("s3.") && shown.contains(name) && named, "{shown}");
    }
}

fn refused(error: impl Into<Error>, name: &str) {
    let error = error.into();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
    assert!(error.to_string().contains(&format!("the {name} ")), "{error:?}");
}

#[tokio::test]
async fn an_empty_identifier_is_refused_by_name_and_nothing_is_sent() {
    let aws = silent();
    let (s3, dynamodb) = (aws.s3().await, aws.dynamodb().await);
    refused(s3.object("b", "").get().send().await.unwrap_err(), "key");
    refused(s3.object("b", "").delete().send().await.unwrap_err(), "key");
    refused(s3.object("", "k").put().send().await.unwrap_err(), "name");
    refused(s3.bucket("").delete().send().await.unwrap_err(), "name");
    refused(s3.bucket("").exists().await.unwrap_err(), "name");
    refused(s3.bucket("").objects().items().try_next().await.unwrap_err(), "name");
    refused(s3.object("b", "").copy_from(&s3.object("b", "k")).send().await.unwrap_err(), "key");
    refused(s3.object("b", "k").copy_from(&s3.object("b", "")).send().await.unwrap_err(), "key");
    refused(s3.object("b", "k").copy_from(&s3.object("", "k")).send().await.unwrap_err(), "name");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    refused(s3.object("b", "").upload_file(file).await.unwrap_err(), "key");
    let parts = TransferConfig::builder().multipart_threshold(ByteSize::bytes(1)).build().unwrap();
    refused(s3.object("", "k").upload_file(file).config(parts).await.unwrap_err(), "name");
    refused(s3.object("b", "").download_file("nowhere").await.unwrap_err(), "key");
    refused(s3.object("b", "k").multipart_upload("").abort().send().await.unwrap_err(), "id");
    refused(s3.object("b", "k").version("").get().send().await.unwrap_err(), "id");
    refused(s3.object("b", "").version("v").get().send().await.unwrap_err(), "key");
    refused(s3.object("b", "k").copy_from(&s3.object("b", "k").version("")).send().await.unwrap_err(), "id");
    refused(s3.object("b", "k").multipart_upload("").part(1).upload().send().await.unwrap_err(), "id");
    refused(s3.object("b", "").acl().load().await.unwrap_err(), "key");
    refused(s3.bucket("").policy().load().await.unwrap_err(), "name");
    refused(s3.bucket("").object_versions().items().try_next().await.unwrap_err(), "name");
    refused(s3.bucket("").multipart_uploads().items().try_next().await.unwrap_err(), "name");
    refused(dynamodb.table("").load().await.unwrap_err(), "name");
    refused(dynamodb.table("").scan_items(|scan| scan).try_next().await.unwrap_err(), "name");
    let item = [("id", AttributeValue::S("7".into()))];
    refused(dynamodb.table("").batch_writer().put_item(item).await.unwrap_err(), "name");
    assert!(aws.asked().is_empty(), "{:?}", aws.asked());
}

#[tokio::test]
async fn the_bucket_is_in_the_path_of_an_endpoint_url_and_in_the_host_of_aws() {
    let own = silent();
    own.s3().await.object("films", "k").get().send().await.unwrap();
    assert_eq!((own.asked()[0].host.as_str(), own.asked()[0].path.as_str()), ("scripted.test", "/films/k"));

    let aws = silent().without_endpoint_url();
    aws.s3().await.object("films", "k").get().send().await.unwrap();
    assert_eq!(aws.asked()[0].host, "films.s3.eu-west-1.amazonaws.com");

    let path = aws.resource(S3).s3_addressing_style(S3AddressingStyle::Path).await.unwrap();
    path.object("films", "k").get().send().await.unwrap();
    assert_eq!(aws.asked()[1].host, "s3.eu-west-1.amazonaws.com");

    let hosted = own.resource(S3).s3_addressing_style(S3AddressingStyle::Virtual).await.unwrap();
    hosted.object("films", "k").get().send().await.unwrap();
    assert_eq!(own.asked()[1].host, "films.scripted.test");
}

#[tokio::test]
async fn only_the_api_version_that_the_clients_speak_is_opened() {
    let aws = silent();
    assert!(aws.client(S3).api_version("2006-03-01").await.is_ok());
    assert!(aws.resource(DynamoDb).api_version("2012-08-10").await.is_ok());
    let error = aws.resource(DynamoDb).api_version("2011-12-05").await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::InvalidConfig && error.service() == Some(&DynamoDb.name()),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_bucket_is_created_where_the_client_is() {
    let aws = silent();
    aws.s3().await.bucket("b").create().send().await.unwrap();
    assert!(aws.asked()[0].body.contains("<LocationConstraint>eu-west-1</LocationConstraint>"));
    let east = aws.resource(S3).await.unwrap();
    let config =
        east.client().config().to_builder().region(aws_types::region::Region::new("us-east-1")).build();
    let east = resources::S3Resource::new(aws_sdk_s3::Client::from_conf(config));
    east.bucket("b").create().send().await.unwrap();
    assert_eq!(aws.asked()[1].body, "");
}

#[test]
fn handles_and_transfers_can_be_sent_and_shared() {
    fn both<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    both::<resources::S3Resource>();
    both::<resources::Object>();
    both::<resources::Table>();
    both::<resources::BatchWriter>();
    both::<resources::ObjectCollection>();
    sent::<resources::Items<resources::ObjectSummary>>();
    sent::<resources::transfer::UploadFile>();
    sent::<resources::transfer::DownloadFile>();
    sent::<resources::transfer::UploadFileobj<'static>>();
    sent::<resources::transfer::DownloadFileobj<'static>>();
    sent::<resources::transfer::CopyTo>();
    sent::<resources::transfer::UploadDirectory>();
    sent::<resources::transfer::DownloadDirectory>();
    sent::<resources::transfer::TransferHandle<resources::transfer::UploadedObject>>();
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_scope_does_not_end_the_time_outs_of_the_shared_pool() {
    let aws = silent();
    let s3 = aws.s3().await;
    s3.object("b", "k").get().send().await.unwrap();
    drop(s3);
    let sleep = aws.pool_sleep.lock().unwrap().clone().unwrap();
    let begun = tokio::time::Instant::now();
    sleep.sleep(Duration::from_secs(3)).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(3));
}
