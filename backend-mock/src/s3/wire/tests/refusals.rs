//! What is refused, and in which words.

use super::*;

#[tokio::test]
async fn what_is_not_implemented_is_refused_by_name() {
    let world = World::with_bucket().await;
    for (head, name) in [
        ("PUT /films/a?renameObject", "renameObject"),
        // Else it would write the object.
        ("PUT /films/a?encryption", "encryption"),
        ("PUT /films?metadataAnnotationTable", "metadataAnnotationTable"),
        ("POST /films/a?select&select-type=2", "select"),
        ("GET /films/a?torrent", "torrent"),
        ("DELETE /films/a\nx-amz-if-match-size: 1", "x-amz-if-match-size"),
        ("DELETE /films/a\nx-amz-if-match-last-modified-time: x", "x-amz-if-match-last-modified-time"),
        ("PUT /films/a\nx-amz-write-offset-bytes: 1", "x-amz-write-offset-bytes"),
    ] {
        let answer = world.ask(head, "").await;
        assert_eq!((answer.refusal(), answer.element("Header")), ((501, "NotImplemented"), name), "{head}");
        let message = "A header you provided implies functionality that is not implemented";
        assert_eq!(answer.element("Message"), message);
    }
    for (head, name) in [
        ("GET /films?session", "CreateSession"),
        ("GET /films?metadataTable", "GetBucketMetadataTableConfiguration"),
    ] {
        let answer = world.ask(head, "<Tagging><TagSet></TagSet></Tagging>").await;
        assert_eq!(answer.refusal(), (501, "NotImplemented"), "{head}");
        assert_eq!(answer.element("Message"), format!("{name} is not implemented yet"));
    }
    let unknown = world.ask("POST /films/a?restock", "").await;
    assert_eq!(unknown.refusal(), (501, "NotImplemented"));
    assert_eq!(unknown.element("Message"), "POST /films/a with these parameters is not implemented");
}

#[tokio::test]
async fn a_method_that_a_resource_does_not_have_is_not_allowed() {
    let world = World::with_bucket().await;
    for (head, method, resource) in [
        ("PATCH /films/a", "PATCH", "OBJECT"),
        ("PATCH /films/a?acl", "PATCH", "OBJECT"),
        ("POST /films/a", "POST", "OBJECT"),
        ("PUT /", "PUT", "SERVICE"),
        ("DELETE /", "DELETE", "SERVICE"),
        ("POST /", "POST", "SERVICE"),
    ] {
        let answer = world.ask(head, "").await;
        assert_eq!(answer.refusal(), (405, "MethodNotAllowed"), "{head}");
        assert_eq!(answer.element("Message"), "The specified method is not allowed against this resource.");
        assert_eq!((answer.element("Method"), answer.element("ResourceType")), (method, resource), "{head}");
    }
    let formless = world.ask("POST /films", "").await;
    assert_eq!(formless.refusal(), (412, "PreconditionFailed"));
    assert_eq!(
        formless.element("Condition"),
        "Bucket POST must be of the enclosure-type multipart/form-data"
    );
}

#[tokio::test]
async fn a_uri_that_cannot_be_read_is_refused() {
    let world = World::with_bucket().await;
    for target in ["/films/%zz", "/films/a%ff", "/films/%"] {
        assert_eq!(world.ask(&format!("GET {target}"), "").await.refusal(), (400, "InvalidURI"), "{target}");
    }
}

#[tokio::test]
async fn a_refused_head_has_no_body() {
    let world = World::with_bucket().await;
    for (head, status) in [("HEAD /films/a", 404), ("HEAD /none", 404), ("HEAD /UPPER", 400)] {
        let answer = world.ask(head, "").await;
        assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{head}");
        assert_eq!(answer.header("x-amz-request-id"), "4442587FB7D0A2F9");
    }
}

#[tokio::test]
async fn names_that_no_bucket_and_no_key_can_have_are_refused() {
    let world = World::with_bucket().await;
    let name = world.ask("PUT /Films", "").await;
    assert_eq!(name.refusal(), (400, "InvalidBucketName"));
    assert_eq!(name.element("Message"), "The specified bucket is not valid.");
    assert_eq!(world.ask("PUT /xn--films", "").await.refusal(), (400, "InvalidBucketName"));
    let key = world.ask(&format!("PUT /films/{}", "k".repeat(1025)), "x").await;
    assert_eq!((key.refusal(), key.element("Message")), ((400, "KeyTooLongError"), "Your key is too long"));
    assert_eq!(
        world.ask("PUT /films/a\nx-amz-storage-class: WOOD", "x").await.refusal(),
        (400, "InvalidStorageClass")
    );
}

#[tokio::test]
async fn an_object_too_large_is_refused_before_it_is_read() {
    let world = World::with_bucket().await;
    let answer = world.ask("PUT /films/a\ncontent-length: 5368709121", "").await;
    assert_eq!((answer.refusal(), answer.element("MaxSizeAllowed")), ((400, "EntityTooLarge"), "5368709120"));
}

#[tokio::test]
async fn a_method_that_a_subresource_does_not_have_leaves_the_bucket_and_the_object_alone() {
    let world = World::with_bucket().await;
    for (head, method, resource) in [
        ("DELETE /films?acl", "DELETE", "ACL"),
        ("DELETE /films?versioning", "DELETE", "VERSIONING"),
        ("PUT /films?location", "PUT", "LOCATION"),
        ("POST /films?uploads", "POST", "UPLOADS"),
        ("DELETE /films/a?acl", "DELETE", "ACL"),
        ("PUT /films/a?uploads", "PUT", "UPLOADS"),
        ("DELETE /films/a?retention", "DELETE", "RETENTION"),
        ("PUT /films/a?attributes", "PUT", "ATTRIBUTES"),
    ] {
        let refused = world.ask(head, "").await;
        assert_eq!(refused.refusal(), (405, "MethodNotAllowed"), "{head}");
        assert_eq!(
            (refused.element("Method"), refused.element("ResourceType")),
            (method, resource),
            "{head}"
        );
    }
    for (head, message) in [
        ("GET /films/a?versioning", "Key is not expected for the GET method ?versioning subresource"),
        ("PUT /films/a?lifecycle", "Key is not expected for the PUT method ?lifecycle subresource"),
        ("DELETE /films/a?policy", "Key is not expected for the DELETE method ?policy subresource"),
    ] {
        let refused = world.ask(head, "").await;
        assert_eq!(
            (refused.refusal(), refused.element("Message")),
            ((400, "InvalidRequest"), message),
            "{head}"
        );
    }
    for head in ["PUT /films?inventory", "DELETE /films?metrics"] {
        assert_eq!(world.ask(head, "").await.refusal(), (400, "InvalidConfigurationId"), "{head}");
    }
    assert_eq!(world.ask("HEAD /films", "").await.status, 200);
    assert_eq!(world.ask("HEAD /films/a", "").await.status, 404);
}

#[tokio::test]
async fn a_part_has_a_number() {
    let world = World::with_bucket().await;
    for target in [
        "PUT /films/a?uploadId=u&partNumber=one",
        "PUT /films/a?uploadId=u&partNumber=",
        "GET /films/a?partNumber=x",
    ] {
        let refused = world.ask(target, "").await;
        assert_eq!(refused.refusal(), (400, "InvalidArgument"), "{target}");
        assert_eq!(
            refused.element("Message"),
            "Part number must be an integer between 1 and 10000, inclusive"
        );
        assert_eq!(refused.element("ArgumentName"), "partNumber");
    }
}
