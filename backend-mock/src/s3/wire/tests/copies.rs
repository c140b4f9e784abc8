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
