//! Queries that ask for two things at once, or for what is not at that place.

use super::*;

#[tokio::test]
async fn subresources_that_conflict_are_told_in_order() {
    let world = World::with_bucket().await;
    for (target, names, first) in [
        ("/films?versioning&acl", "acl, versioning", "acl"),
        ("/none?uploads&versioning", "uploads, versioning", "uploads"),
        ("/films/a?tagging&partNumber=1", "partNumber, tagging", "partNumber"),
        ("/films/a?attributes&acl&acl", "acl, attributes", "acl"),
    ] {
        let refused = world.ask(&format!("GET {target}"), "").await;
        assert_eq!(refused.refusal(), (400, "InvalidArgument"), "{target}");
        assert_eq!(refused.element("Message"), format!("Conflicting query string parameters: {names}"));
        let argument = (refused.element("ArgumentName"), refused.element("ArgumentValue"));
        assert_eq!(argument, ("ResourceType", first), "{target}");
        assert_eq!(world.ask(&format!("HEAD {target}"), "").await.status, 400, "{target}");
    }
    assert_eq!(world.ask("GET /films?foo=bar&x-id=ListObjects", "").await.status, 200);
}

#[tokio::test]
async fn a_subresource_has_no_head() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "x").await;
    for target in ["/films?versioning", "/none?location", "/films/a?acl", "/films/none?tagging"] {
        let head = world.ask(&format!("HEAD {target}"), "").await;
        assert_eq!((head.status, head.body.as_str()), (405, ""), "{target}");
    }
    assert_eq!(world.ask("HEAD /films/a?partNumber=1", "").await.status, 206);
}

#[tokio::test]
async fn the_two_listings_keep_their_parameters_apart() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "x").await;
    for (query, name, message) in [
        (
            "start-after=x&continuation-token=",
            "continuation-token",
            "continuation-token only supported in REST.GET.BUCKET with list-type=2",
        ),
        ("start-after=x", "start-after", "startAfter only supported in REST.GET.BUCKET with list-type=2"),
        ("list-type=2&marker=x", "marker", "Marker unsupported with REST.GET.BUCKET in list-type=2"),
    ] {
        for bucket in ["films", "none"] {
            let refused = world.ask(&format!("GET /{bucket}?{query}"), "").await;
            assert_eq!(
                (refused.refusal(), refused.element("Message"), refused.element("ArgumentName")),
                ((400, "InvalidArgument"), message, name),
                "{query}"
            );
            assert!(!refused.body.contains("ArgumentValue"), "{}", refused.body);
        }
    }
    // Whatever is not the second version is the first.
    for kind in ["1", "0", "bogus"] {
        let listed = world.ask(&format!("GET /films?list-type={kind}"), "").await;
        assert!(listed.status == 200 && listed.body.contains("<Marker>"), "{kind}: {}", listed.body);
        assert!(!listed.body.contains("<KeyCount>"), "{}", listed.body);
    }
    let owner =
        async |asked: &str| world.ask(&format!("GET /films?list-type=2&fetch-owner={asked}"), "").await;
    assert_eq!(owner("true").await.element("ID").len(), 64);
    for asked in ["false", "True", "maybe", ""] {
        let listed = owner(asked).await;
        assert_eq!((listed.status, listed.element("ID")), (200, ""), "{asked}");
    }
}

#[tokio::test]
async fn what_only_objects_have_is_not_asked_of_a_bucket() {
    let world = World::with_bucket().await;
    for (query, code, message) in [
        ("partNumber=1&max-keys=1", "InvalidRequest", "Object must have a valid key name."),
        ("versionId=null", "InvalidArgument", "This operation does not accept a version-id."),
        ("versions&versionId=", "InvalidArgument", "This operation does not accept a version-id."),
        ("acl&versionId=x", "InvalidArgument", "Invalid version id specified"),
        ("website=x", "InvalidArgument", "The website parameter must not have a value"),
    ] {
        let refused = world.ask(&format!("GET /films?{query}"), "").await;
        assert_eq!(
            (refused.refusal(), refused.element("Message")),
            ((400, code), message),
            "{query}: {}",
            refused.body
        );
    }
    let uploads = world.ask("GET /films/a?uploads", "").await;
    assert_eq!(
        (uploads.refusal(), uploads.element("Message")),
        ((400, "InvalidRequest"), "Key is not expected for the GET method ?uploads subresource")
    );
    for (subresource, code) in [("versions", "InvalidRequest"), ("logging", "NoLoggingStatusForKey")] {
        let refused = world.ask(&format!("GET /films/a?{subresource}"), "").await;
        assert_eq!(refused.refusal(), (400, code));
        assert_eq!(
            refused.element("Message"),
            format!("There is no such thing as the ?{subresource} sub-resource for a key")
        );
    }
}

#[tokio::test]
async fn buckets_are_listed_by_the_region_that_is_asked() {
    let world = World::with_bucket().await;
    let here = world.ask("GET /?bucket-region=US-East-1", "").await;
    assert_eq!((here.status, here.element("BucketRegion")), (200, "us-east-1"), "{}", here.body);
    for (region, message) in [
        (
            "eu-west-1",
            "Requests with bucket-region specified must be made to the corresponding regional endpoint",
        ),
        ("us-east-9", "Argument value us-east-9 is not a valid AWS Region"),
        ("global", "Argument value global is not a valid AWS Region"),
    ] {
        let refused = world.ask(&format!("GET /?bucket-region={region}"), "").await;
        assert_eq!(
            (refused.refusal(), refused.element("Message"), refused.element("ArgumentName")),
            ((400, "InvalidArgument"), message, "bucket-region")
        );
    }
}

#[tokio::test]
async fn what_is_no_copy_and_no_part_is_refused_as_such() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "x").await;
    for target in ["GET /films/a", "DELETE /films/a", "POST /films/a?uploads", "GET /films"] {
        let refused = world.ask(&format!("{target}\nx-amz-copy-source: films/b"), "").await;
        assert_eq!(
            (refused.refusal(), refused.element("ArgumentName"), refused.element("ArgumentValue")),
            ((400, "InvalidArgument"), "x-amz-copy-source", "films/b"),
            "{target}"
        );
    }
    let refused = world.ask("PUT /films/a?uploadId=x", "y").await;
    assert_eq!(
        (refused.refusal(), refused.element("Method"), refused.element("ResourceType")),
        ((405, "MethodNotAllowed"), "PUT", "UPLOAD")
    );
    assert_eq!(refused.header("allow"), "DELETE, POST, GET");
    assert_eq!(world.ask("GET /films/a", "").await.body, "x");
}

#[tokio::test]
async fn the_headers_of_a_request_have_an_end() {
    let world = World::with_bucket().await;
    for (length, status) in [(7_000, 200), (8_192, 400)] {
        let answer = world.ask(&format!("PUT /films/a\nx-unread: {}", "x".repeat(length)), "").await;
        assert_eq!(answer.status, status, "{}", answer.body);
        if status == 400 {
            assert_eq!(
                (answer.element("Code"), answer.element("MaxSizeAllowed")),
                ("RequestHeaderSectionTooLarge", "8192")
            );
        }
    }
}
