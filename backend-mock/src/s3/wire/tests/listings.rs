//! Listings: pages, markers, tokens, encodings.

use super::*;

async fn world_of(keys: &[&str]) -> World {
    let world = World::with_bucket().await;
    for key in keys {
        assert_eq!(world.ask(&format!("PUT /films/{key}"), "x").await.status, 200);
    }
    world
}

#[tokio::test]
async fn a_page_of_the_second_version_says_where_the_next_one_starts() {
    let world = world_of(&["a", "dir/1", "dir/2", "z"]).await;
    let first = world.ask("GET /films?list-type=2&delimiter=%2F&max-keys=2", "").await;
    let token = first.element("NextContinuationToken").to_owned();
    assert_eq!(
        first.body,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>films</Name><Prefix></Prefix>\
             <MaxKeys>2</MaxKeys><KeyCount>2</KeyCount><IsTruncated>true</IsTruncated>\
             <NextContinuationToken>{token}</NextContinuationToken>\
             <Contents><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>\
             <ETag>\"9dd4e461268c8034f5c8564e155c67a6\"</ETag><Key>a</Key>\
             <LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>1</Size><StorageClass>STANDARD</StorageClass>\
             </Contents><CommonPrefixes><Prefix>dir/</Prefix></CommonPrefixes><Delimiter>/</Delimiter>\
             </ListBucketResult>"
        )
    );
    let second = format!(
        "GET /films?list-type=2&delimiter=%2F&max-keys=2&fetch-owner=true&continuation-token={token}"
    );
    let second = world.ask(&second, "").await;
    assert_eq!((second.elements("Key"), second.element("IsTruncated")), (vec!["z"], "false"));
    assert_eq!((second.element("ContinuationToken"), second.element("ID").len()), (token.as_str(), 64));
    let wrong = world.ask("GET /films?list-type=2&continuation-token=x", "").await;
    assert_eq!(wrong.refusal(), (400, "InvalidArgument"));
    assert_eq!(wrong.element("Message"), "The continuation token provided is incorrect");
}

#[tokio::test]
async fn a_start_key_is_left_behind_and_echoed() {
    let world = world_of(&["a", "b", "c"]).await;
    let page = world.ask("GET /films?list-type=2&start-after=a", "").await;
    assert_eq!((page.elements("Key"), page.element("StartAfter")), (vec!["b", "c"], "a"));
}

#[tokio::test]
async fn the_first_version_has_markers() {
    let world = world_of(&["a", "dir/1", "dir/2", "z"]).await;
    let first = world.ask("GET /films?delimiter=%2F&max-keys=2", "").await;
    assert_eq!((first.elements("Key"), first.element("NextMarker")), (vec!["a"], "dir/"));
    let second = world.ask("GET /films?delimiter=%2F&max-keys=2&marker=dir%2F", "").await;
    assert_eq!((second.elements("Key"), second.element("IsTruncated")), (vec!["z"], "false"));
    let plain = world.ask("GET /films?max-keys=2", "").await;
    assert_eq!((plain.element("IsTruncated"), plain.element("NextMarker")), ("true", ""));
    assert_eq!(plain.elements("ID").len(), 2);
}

#[tokio::test]
async fn parameters_are_clamped_encoded_and_checked() {
    let world = world_of(&["a%20b", "%C3%A9"]).await;
    let url = world.ask("GET /films?list-type=2&encoding-type=url&prefix=a%20&max-keys=5000", "").await;
    assert_eq!((url.elements("Key"), url.element("Prefix")), (vec!["a+b"], "a+"));
    assert_eq!((url.element("EncodingType"), url.element("MaxKeys")), ("url", "1000"));
    let none = world.ask("GET /films?list-type=2&max-keys=0", "").await;
    assert_eq!((none.element("KeyCount"), none.element("IsTruncated")), ("0", "false"));
    for parameter in ["max-keys=-1", "max-keys=many", "encoding-type=base64"] {
        let answer = world.ask(&format!("GET /films?{parameter}"), "").await;
        assert_eq!(answer.refusal(), (400, "InvalidArgument"), "{parameter}");
    }
}

#[tokio::test]
async fn a_carriage_return_in_a_key_reads_back_as_one() {
    let world = world_of(&["a%0Db"]).await;
    let page = world.ask("GET /films?list-type=2", "").await;
    assert_eq!(page.elements("Key"), ["a&#13;b"]);
    assert_eq!(world.ask("GET /films/none%0D", "").await.element("Key"), "none&#13;");
}

#[tokio::test]
async fn a_page_size_is_a_number_from_zero_on() {
    let world = world_of(&["a"]).await;
    let negative = world.ask("GET /films?max-keys=-1", "").await;
    assert_eq!(negative.refusal(), (400, "InvalidArgument"));
    assert_eq!(negative.element("Message"), "Argument maxKeys must be an integer between 0 and 2147483647");
    assert_eq!((negative.element("ArgumentName"), negative.element("ArgumentValue")), ("maxKeys", "-1"));
    let nothing = world.ask("GET /films?list-type=2&max-keys=0", "").await;
    assert_eq!((nothing.element("KeyCount"), nothing.element("IsTruncated")), ("0", "false"));
    let beyond = world.ask("GET /films?list-type=2&max-keys=2000", "").await;
    assert_eq!((beyond.element("MaxKeys"), beyond.element("KeyCount")), ("1000", "1"));
}
