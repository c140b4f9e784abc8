//! S3 and DynamoDB in memory, by name: what the typed clients see.

use aws_smithy_types::byte_stream::ByteStream;
use backend_mock::MockAws;
use serde_json::json;
use session_core::{ErrorKind, SessionExt};

use crate::TestResult;

#[tokio::test]
async fn an_object_streams_in_and_out() -> TestResult {
    let aws = MockAws::new();
    let s3 = aws.session().client("s3").await?;
    s3.call("CreateBucket", json!({"Bucket": "films"})).await?;
    let film = json!({"Bucket": "films", "Key": "a/b c.mkv", "Metadata": {"director": "Lang"}});
    let body = ByteStream::from_static(b"metropolis");
    let put = s3.operation("PutObject")?.input(film.clone()).body(body).send().await?;
    assert!(put["ETag"].as_str().is_some());
    s3.call("PutObject", json!({"Bucket": "films", "Key": "inline", "Body": "text"})).await?;

    let film = json!({"Bucket": "films", "Key": "a/b c.mkv"});
    let mut answer = s3.call("get_object", film.clone()).await?;
    assert_eq!(answer["ContentLength"].as_i64(), Some(10));
    assert_eq!(answer["Metadata"]["director"].as_str(), Some("Lang"));
    let body = answer.take_body().expect("an object has a body").collect().await?;
    assert_eq!(body.into_bytes(), "metropolis");
    assert!(answer.take_body().is_none());

    let typed = aws_sdk_s3::Client::new(&aws.sdk_config());
    let listed = typed.list_objects_v2().bucket("films").send().await?;
    let by_name = s3.call("ListObjectsV2", json!({"Bucket": "films"})).await?;
    for (index, object) in listed.contents().iter().enumerate() {
        let same = &by_name["Contents"][index];
        assert_eq!(same["Key"].as_str(), object.key());
        assert_eq!(same["ETag"].as_str(), object.e_tag());
        assert_eq!(same["Size"].as_i64(), object.size());
        assert_eq!(same["LastModified"].as_timestamp().as_ref(), object.last_modified());
    }
    assert_eq!(by_name["KeyCount"].as_i64(), Some(2));

    let error = s3.call("GetObject", json!({"Bucket": "films", "Key": "none"})).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("NoSuchKey")));
    let error = s3.call("HeadObject", json!({"Bucket": "films", "Key": "none"})).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
    s3.call(
        "DeleteObjects",
        json!({"Bucket": "films", "Delete": {"Objects": [film.clone(), {"Key": "inline"}]}}),
    )
    .await
    .expect_err("a bucket is no member of an object's identifier");
    let all = json!({"Objects": [{"Key": "a/b c.mkv"}, {"Key": "inline"}]});
    let deleted = s3.call("DeleteObjects", json!({"Bucket": "films", "Delete": all})).await?;
    assert_eq!(deleted["Deleted"].as_list().map(<[_]>::len), Some(2));
    Ok(())
}

#[tokio::test]
async fn a_table_is_written_and_queried() -> TestResult {
    let aws = MockAws::new();
    let dynamodb = aws.session().client("dynamodb").await?;
    let table = json!({
        "TableName": "films",
        "KeySchema": [{"AttributeName": "year", "KeyType": "HASH"}, {"AttributeName": "title", "KeyType": "RANGE"}],
        "AttributeDefinitions": [
            {"AttributeName": "year", "AttributeType": "N"},
            {"AttributeName": "title", "AttributeType": "S"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
    });
    dynamodb.call("CreateTable", table).await?;
    for title in ["Metropolis", "Sunrise"] {
        let item = json!({"year": {"N": "1927"}, "title": {"S": title}, "poster": {"B": "raw"}, "seen": {"BOOL": true}});
        dynamodb.call("PutItem", json!({"TableName": "films", "Item": item})).await?;
    }
    let query = json!({
        "TableName": "films",
        "KeyConditionExpression": "#y = :y",
        "ExpressionAttributeNames": {"#y": "year"},
        "ExpressionAttributeValues": {":y": {"N": "1927"}},
    });
    let answer = dynamodb.call("Query", query).await?;
    assert_eq!(answer["Count"].as_i64(), Some(2));
    assert_eq!(answer["Items"][1]["title"]["S"].as_str(), Some("Sunrise"));
    assert_eq!(answer["Items"][0]["poster"]["B"].as_blob(), Some(b"raw".as_slice()));

    let error =
        dynamodb.call("GetItem", json!({"TableName": "none", "Key": {"a": {"S": "b"}}})).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("ResourceNotFoundException")));
    assert!(error.request_id().is_some());
    Ok(())
}

#[tokio::test]
async fn a_service_that_is_not_in_memory_is_refused_by_name() {
    let error = MockAws::new().session().client("ec2").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownService);
    assert!(error.to_string().contains("`ec2`"), "{error}");
}
