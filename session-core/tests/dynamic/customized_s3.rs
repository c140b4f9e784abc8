//! Where S3 differs from its model: keys in listings, sources of copies, keys of encryption, dates that are none.

use backend_mock::MockAws;
use serde_json::json;
use session_core::{ErrorKind, S3AddressingStyle, SessionExt};

use crate::TestResult;
use crate::scripted::Scripted;

#[tokio::test]
async fn keys_are_listed_as_they_are() -> TestResult {
    let s3 = MockAws::new().session().client("s3").await?;
    s3.call("CreateBucket", json!({"Bucket": "films"})).await?;
    let keys = ["a b+c/%41", "a\u{1}b\nc", "ü&<>", "a b+d/x"];
    for key in keys {
        s3.call("PutObject", json!({"Bucket": "films", "Key": key})).await?;
    }
    for operation in ["ListObjects", "ListObjectsV2"] {
        let listed = s3.call(operation, json!({"Bucket": "films"})).await?;
        let rows = listed["Contents"].as_list().unwrap().iter().map(|row| row["Key"].as_str().unwrap());
        let mut expected = keys;
        expected.sort_unstable();
        assert_eq!(rows.collect::<Vec<_>>(), expected, "{operation}");
        let below = json!({"Bucket": "films", "Prefix": "a b+", "Delimiter": "/"});
        let listed = s3.call(operation, below).await?;
        assert_eq!(listed["CommonPrefixes"][0]["Prefix"].as_str(), Some("a b+c/"), "{operation}");
        assert_eq!(listed["Prefix"].as_str(), Some("a b+"), "{operation}");
    }
    let listed = s3.paginator("ListObjects")?.input(json!({"Bucket": "films"})).page_size(1);
    assert_eq!(listed.build_full_result().await?["Contents"].as_list().unwrap().len(), keys.len());
    Ok(())
}

#[tokio::test]
async fn keys_of_versions_are_listed_as_they_are() -> TestResult {
    let page = "<ListVersionsResult><EncodingType>url</EncodingType><KeyMarker>a%2B</KeyMarker><Prefix>a+b</Prefix>\
                <NextKeyMarker>a%01</NextKeyMarker><VersionIdMarker>%41</VersionIdMarker>\
                <Version><Key>a+b%2Bc</Key></Version><DeleteMarker><Key>a%0A</Key></DeleteMarker>\
                <CommonPrefixes><Prefix>%C3%BC/</Prefix></CommonPrefixes></ListVersionsResult>";
    let session = Scripted::new().answer(200, page);
    let listed = session.client("s3").await?.call("ListObjectVersions", json!({"Bucket": "films"})).await?;
    assert_eq!(
        session.asked()[0].uri,
        "https://films.s3.eu-west-1.amazonaws.com/?versions&encoding-type=url"
    );
    let texts = ["KeyMarker", "NextKeyMarker", "VersionIdMarker", "Prefix"]
        .map(|name| listed[name].as_str().unwrap());
    assert_eq!(texts, ["a+", "a\u{1}", "%41", "a b"]);
    assert_eq!(listed["Versions"][0]["Key"].as_str(), Some("a b+c"));
    assert_eq!(listed["DeleteMarkers"][0]["Key"].as_str(), Some("a\n"));
    assert_eq!(listed["CommonPrefixes"][0]["Prefix"].as_str(), Some("ü/"));
    Ok(())
}

#[tokio::test]
async fn who_asks_for_an_encoding_gets_it() -> TestResult {
    let page = "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>a%20b</Key></Contents></ListBucketResult>";
    let session = Scripted::new().answer(200, page).answer(200, page);
    let s3 = session.client("s3").await?;
    let listed = s3.call("ListObjectsV2", json!({"Bucket": "films", "EncodingType": "url"})).await?;
    assert_eq!(listed["Contents"][0]["Key"].as_str(), Some("a%20b"));
    let listed = s3.call("ListObjectsV2", json!({"Bucket": "films"})).await?;
    assert_eq!(listed["Contents"][0]["Key"].as_str(), Some("a b"));
    for asked in session.asked() {
        assert_eq!(asked.uri.matches("encoding-type=url").count(), 1, "{asked:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_source_is_a_map_or_a_text() -> TestResult {
    let copied = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>";
    let session = Scripted::new().answer(200, copied).answer(200, copied);
    let s3 = session.client("s3").await?;
    let source = json!({"Bucket": "films", "Key": "a b?c", "VersionId": "v+1"});
    s3.call("CopyObject", json!({"Bucket": "b", "Key": "k", "CopySource": source})).await?;
    assert_eq!(session.asked()[0].header("x-amz-copy-source"), Some("films/a%20b%3Fc?versionId=v+1"));
    s3.call("CopyObject", json!({"Bucket": "b", "Key": "k", "CopySource": "films/a b"})).await?;
    assert_eq!(session.asked()[1].header("x-amz-copy-source"), Some("films/a%20b"));
    let part = json!({"Bucket": "b", "Key": "k", "UploadId": "u", "PartNumber": 1, "CopySource": {"Bucket": "films"}});
    let error = s3.call("UploadPartCopy", part).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("CopySource.Key is missing"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_key_of_the_customers_is_encoded_with_its_md5() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(200, "").answer(200, "<CopyObjectResult/>");
    let s3 = session.client("s3").await?;
    let key = "0123456789abcdef0123456789abcdef";
    let (encoded, md5) = ("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "hRasmdxgYDKV3nvbahU1MA==");
    let head = json!({"Bucket": "b", "Key": "k", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": key});
    s3.call("HeadObject", head.clone()).await?;
    let asked = &session.asked()[0];
    assert_eq!(asked.header("x-amz-server-side-encryption-customer-key"), Some(encoded));
    assert_eq!(asked.header("x-amz-server-side-encryption-customer-key-md5"), Some(md5));
    // Who gives the MD5 has encoded the key.
    let mut given = head.clone();
    given["SSECustomerKeyMD5"] = json!("given");
    s3.call("HeadObject", given).await?;
    let asked = &session.asked()[1];
    assert_eq!(asked.header("x-amz-server-side-encryption-customer-key"), Some(key));
    assert_eq!(asked.header("x-amz-server-side-encryption-customer-key-md5"), Some("given"));
    let copy = json!({"Bucket": "b", "Key": "k", "CopySource": "b/a", "CopySourceSSECustomerKey": key});
    s3.call("CopyObject", copy).await?;
    let asked = &session.asked()[2];
    assert_eq!(asked.header("x-amz-copy-source-server-side-encryption-customer-key"), Some(encoded));
    assert_eq!(asked.header("x-amz-copy-source-server-side-encryption-customer-key-md5"), Some(md5));
    Ok(())
}

#[tokio::test]
async fn names_and_metadata_are_checked_before_anything_is_sent() -> TestResult {
    let session = Scripted::new();
    let s3 = session.client("s3").await?;
    let put = json!({"Bucket": "b", "Key": "k", "Metadata": {"director": "Fassbinder, Rainer Werner", "title": "Söhne"}});
    for (operation, input, part) in [
        ("HeadBucket", json!({"Bucket": "no/bucket"}), "Bucket is `no/bucket`"),
        ("HeadBucket", json!({"Bucket": ""}), "Bucket is ``"),
        ("PutObject", put, "Metadata[\"title\"] has letters that are not ASCII"),
    ] {
        let error = s3.call(operation, input).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(session.asked().is_empty());
    Ok(())
}

#[tokio::test]
async fn an_object_whose_date_is_none_is_read_nevertheless() -> TestResult {
    let session = Scripted::new()
        .answer_with(200, &[("expires", "never")], "frames")
        .answer_with(200, &[("expires", "Thu, 01 Jan 2026 00:00:00 GMT")], "")
        .answer_with(200, &[("expires", "0")], "");
    let s3 = session.client("s3").await?;
    let film = json!({"Bucket": "films", "Key": "a"});
    let mut got = s3.call("GetObject", film.clone()).await?;
    assert_eq!((got["ExpiresString"].as_str(), got.get("Expires")), (Some("never"), None));
    assert_eq!(got.take_body().unwrap().collect().await?.into_bytes(), "frames");
    let head = s3.call("HeadObject", film.clone()).await?;
    assert_eq!(head["ExpiresString"].as_str(), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    assert_eq!(head["Expires"].as_timestamp().unwrap().secs(), 1_767_225_600);
    let head = s3.call("HeadObject", film).await?;
    assert_eq!((head["ExpiresString"].as_str(), head.get("Expires")), (Some("0"), None));
    Ok(())
}

#[tokio::test]
async fn a_bucket_is_in_the_path_or_in_the_host_as_it_has_to_be() -> TestResult {
    let session = Scripted::new().answer(200, "<LocationConstraint/>").answer(200, "");
    let s3 = session.client("s3").await?;
    s3.call("GetBucketLocation", json!({"Bucket": "films"})).await?;
    assert_eq!(session.asked()[0].uri, "https://s3.eu-west-1.amazonaws.com/films/?location");
    let path = session.client("s3").s3_addressing_style(S3AddressingStyle::Path).await?;
    let arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/films";
    path.call("HeadObject", json!({"Bucket": arn, "Key": "a"})).await?;
    let host = "https://films-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/a";
    assert_eq!(session.asked()[1].uri, host);
    Ok(())
}

#[tokio::test]
async fn line_breaks_in_keys_arrive_as_they_are() -> TestResult {
    let session = Scripted::new().answer(200, "<DeleteResult/>");
    let s3 = session.client("s3").await?;
    let objects = json!({"Objects": [{"Key": "a\r\nb"}]});
    s3.call("DeleteObjects", json!({"Bucket": "films", "Delete": objects})).await?;
    let asked = &session.asked()[0];
    assert!(asked.body.contains("<Key>a&#xD;&#xA;b</Key>"), "{asked:?}");
    Ok(())
}

#[tokio::test]
async fn keys_that_look_like_paths_stay_what_they_are() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(200, "");
    let s3 = session.client("s3").await?;
    for key in ["/a//b", "a/../b/./"] {
        s3.call("HeadObject", json!({"Bucket": "films", "Key": key})).await?;
        let asked = session.asked();
        assert_eq!(asked.last().unwrap().uri, format!("https://films.s3.eu-west-1.amazonaws.com/{key}"));
    }
    Ok(())
}

#[tokio::test]
async fn an_empty_key_does_not_become_the_bucket() -> TestResult {
    let session = Scripted::new();
    let s3 = session.client("s3").await?;
    let error = s3.call("DeleteObject", json!({"Bucket": "films", "Key": ""})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
    assert!(session.asked().is_empty());
    Ok(())
}
