//! RestoreObject, and what there is to restore.

use super::*;

#[tokio::test]
async fn what_is_in_no_archive_is_not_restored() {
    let world = World::with_bucket().await;
    let restore = "<RestoreRequest><Days>1</Days></RestoreRequest>";
    assert_eq!(world.ask("POST /films/a?restore", restore).await.refusal(), (404, "NoSuchKey"));
    for class in ["STANDARD", "STANDARD_IA", "GLACIER_IR"] {
        world.ask(&format!("PUT /films/a\nx-amz-storage-class: {class}"), "x").await;
        let refused = world.ask("POST /films/a?restore", restore).await;
        assert_eq!(refused.refusal(), (403, "InvalidObjectState"), "{class}");
        let message = "Restore is not allowed for the object's current storage class";
        assert_eq!(refused.element("Message"), message);
    }
}

#[tokio::test]
async fn the_restoration_of_an_archived_object_is_refused_by_name() {
    let world = World::with_bucket().await;
    let restore = "<RestoreRequest><Days>1</Days></RestoreRequest>";
    for class in ["GLACIER", "DEEP_ARCHIVE"] {
        world.ask(&format!("PUT /films/a\nx-amz-storage-class: {class}"), "x").await;
        let refused = world.ask("POST /films/a?restore", restore).await;
        assert_eq!((refused.refusal(), refused.element("Header")), ((501, "NotImplemented"), "restore"));
        assert_eq!(world.ask("GET /films/a", "").await.refusal(), (403, "InvalidObjectState"));
    }
}
