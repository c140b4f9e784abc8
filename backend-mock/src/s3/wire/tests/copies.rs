//! Copies of objects onto themselves.

use super::*;

#[tokio::test]
async fn a_copy_onto_itself_is_for_something() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a\nx-amz-website-redirect-location: /b", "x").await;
    let copy = "PUT /films/a\nx-amz-copy-source: films/a";
    assert_eq!(world.ask(copy, "").await.refusal(), (400, "InvalidRequest"));
    for named in [
        "x-amz-website-redirect-location: /b",
        "x-amz-storage-class: STANDARD",
        "x-amz-server-side-encryption: AES256",
        "x-amz-metadata-directive: REPLACE",
    ] {
        assert_eq!(world.ask(&format!("{copy}\n{named}"), "").await.status, 200, "{named}");
    }
    let kms = world.ask(&format!("{copy}\nx-amz-server-side-encryption: aws:kms"), "").await;
    assert_eq!(kms.header("x-amz-server-side-encryption"), "aws:kms");
    let back = world.ask(copy, "").await;
    assert_eq!((back.status, back.header("x-amz-server-side-encryption")), (200, "AES256"));
    assert_eq!(world.ask(copy, "").await.refusal(), (400, "InvalidRequest"));
    let default = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256\
                   </SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
    assert_eq!(world.ask("PUT /films?encryption", default).await.status, 200);
    assert_eq!(world.ask(copy, "").await.status, 200);
}

#[tokio::test]
async fn a_source_is_an_object_of_a_bucket_that_could_be() {
    let world = World::with_bucket().await;
    for (source, what) in [
        ("films/%ZZ", "encoding"),
        ("100%/a", "encoding"),
        ("films/%C3%", "encoding"),
        ("192.168.1.1/a", "bucket name"),
        ("2001:0db8:85a3::7334/a", "bucket name"),
        ("my-buc@k/a", "bucket name"),
        ("films", "object key"),
        ("films/", "object key"),
    ] {
        for target in ["/films/b", "/films/b?partNumber=1&uploadId=x"] {
            let refused = world.ask(&format!("PUT {target}\nx-amz-copy-source: {source}"), "").await;
            assert_eq!(
                (refused.refusal(), refused.element("Message")),
                ((400, "InvalidArgument"), format!("Invalid copy source {what}").as_str()),
                "{source}"
            );
        }
    }
    // Old buckets are named as new ones may not be.
    let old = world.ask("PUT /films/b\nx-amz-copy-source: Old_Films/a", "").await;
    assert_eq!(old.refusal(), (404, "NoSuchBucket"));
}

#[tokio::test]
async fn the_number_of_a_copied_part_comes_before_its_source() {
    let world = World::with_bucket().await;
    for number in ["0", "-10", "10001"] {
        let copy = format!("PUT /films/b?partNumber={number}&uploadId=x\nx-amz-copy-source: none/a");
        let refused = world.ask(&copy, "").await;
        assert_eq!(
            (refused.refusal(), refused.element("Message"), refused.element("ArgumentValue")),
            (
                (400, "InvalidArgument"),
                "Part number must be an integer between 1 and 10000, inclusive",
                number
            )
        );
    }
}
