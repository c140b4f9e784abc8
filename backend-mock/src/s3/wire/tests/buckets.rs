//! Buckets: whose they are, where they are, how they are named.

use super::*;

#[tokio::test]
async fn a_new_bucket_says_where_it_is() {
    let world = World::new();
    let created = world.ask("PUT /films", "").await;
    assert_eq!((created.status, created.body.as_str()), (200, ""));
    assert_eq!(
        telling(&created),
        ["content-length: 0", "location: /films", "x-amz-bucket-arn: arn:aws:s3:::films"]
    );
    assert_eq!(created.header("x-amz-request-id"), "4442587FB7D0A2F9");
    assert_eq!(created.header("x-amz-id-2").len(), 88);
    assert_eq!(created.header("date"), "Thu, 01 Jan 2026 00:00:00 GMT");
    let head = world.ask("HEAD /films", "").await;
    assert_eq!(
        telling(&head),
        [
            "content-type: application/xml",
            "x-amz-access-point-alias: false",
            "x-amz-bucket-arn: arn:aws:s3:::films",
            "x-amz-bucket-region: us-east-1",
        ]
    );
    let location = world.ask("GET /films?location", "").await;
    assert_eq!(
        location.body,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></LocationConstraint>"
    );
}

#[tokio::test]
async fn a_bucket_of_another_region_names_it_in_its_location() {
    let world = World { region: "eu-west-1", ..World::new() };
    let constraint = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                      <LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    let created = world.ask("PUT /films", constraint).await;
    assert_eq!((created.status, created.header("location")), (200, "http://films.s3.amazonaws.com/"));
    let location = world.ask("GET /films?location", "").await;
    assert!(location.body.ends_with(">eu-west-1</LocationConstraint>"), "{}", location.body);
    let again = world.ask("PUT /films", constraint).await;
    assert_eq!(again.refusal(), (409, "BucketAlreadyOwnedByYou"));
    let unspecified = world.ask("PUT /filme", "").await;
    assert_eq!(unspecified.refusal(), (400, "IllegalLocationConstraintException"));
}

#[tokio::test]
async fn a_bucket_may_be_made_with_tags() {
    let world = World { region: "eu-west-1", ..World::new() };
    let with = |rest: &str| {
        format!(
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <LocationConstraint>eu-west-1</LocationConstraint>{rest}</CreateBucketConfiguration>"
        )
    };
    let tags = |tags: &str| with(&format!("<Tags>{tags}</Tags>"));
    let two = "<Tag><Key>genre</Key><Value>noir</Value></Tag><Tag><Key>year</Key><Value/></Tag>";
    assert_eq!(world.ask("PUT /films", tags(two)).await.status, 200);
    let told = world.ask("GET /films?tagging", "").await;
    assert_eq!((told.elements("Key"), told.element("Value")), (vec!["genre", "year"], "noir"));
    assert_eq!(world.ask("PUT /none", tags("")).await.status, 200);
    assert_eq!(world.ask("GET /none?tagging", "").await.refusal(), (404, "NoSuchTagSet"));
    for (body, code) in [
        (tags("<Tag><Key>aws:a</Key><Value/></Tag>"), "InvalidTag"),
        (tags("<Tag><Key>a</Key></Tag>"), "MalformedXML"),
        (with("<Colour>grey</Colour>"), "MalformedXML"),
    ] {
        assert_eq!(world.ask("PUT /filme", body.clone()).await.refusal(), (400, code), "{body}");
    }
    assert_eq!(world.ask("HEAD /filme", "").await.status, 404);
}

#[tokio::test]
async fn a_bucket_that_is_made_again_keeps_its_tags() {
    let world = World::with_bucket().await;
    let tags = "<Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags>";
    let tagged = format!("<CreateBucketConfiguration>{tags}</CreateBucketConfiguration>");
    assert_eq!(world.ask("PUT /films", tagged).await.status, 200);
    assert_eq!(world.ask("GET /films?tagging", "").await.refusal(), (404, "NoSuchTagSet"));
}

#[tokio::test]
async fn a_request_to_the_wrong_region_is_sent_to_the_right_one() {
    let world = World::with_bucket().await;
    let elsewhere = World { region: "eu-west-1", wire: world.wire.clone(), ..World::new() };
    let answer = elsewhere.ask("GET /films/a", "").await;
    assert_eq!(answer.refusal(), (301, "PermanentRedirect"));
    assert_eq!(answer.header("x-amz-bucket-region"), "us-east-1");
    assert_eq!(answer.element("Endpoint"), "films.s3.us-east-1.amazonaws.com");
    let head = elsewhere.ask("HEAD /films", "").await;
    assert_eq!((head.status, head.body.as_str(), head.header("x-amz-bucket-region")), (301, "", "us-east-1"));
}

#[tokio::test]
async fn another_account_may_neither_take_nor_touch_a_bucket() {
    let world = World::with_bucket().await;
    let other = World { account: OTHER_ACCOUNT, wire: world.wire.clone(), ..World::new() };
    assert_eq!(other.ask("PUT /films", "").await.refusal(), (409, "BucketAlreadyExists"));
    assert_eq!(other.ask("GET /films", "").await.refusal(), (403, "AccessDenied"));
    assert_eq!(other.ask("HEAD /films", "").await.status, 403);
    assert!(other.ask("GET /", "").await.element("Buckets").is_empty());
    let expecting = format!("GET /films\nx-amz-expected-bucket-owner: {OTHER_ACCOUNT}");
    assert_eq!(world.ask(&expecting, "").await.refusal(), (403, "AccessDenied"));
    let nonsense = world.ask("GET /films\nx-amz-expected-bucket-owner: me", "").await;
    assert_eq!(nonsense.refusal(), (400, "InvalidBucketOwnerAWSAccountID"));
    let expecting = "GET /films\nx-amz-expected-bucket-owner: 123456789012";
    assert_eq!(world.ask(expecting, "").await.status, 200);
}

#[tokio::test]
async fn buckets_are_listed_in_pages() {
    let world = World::with_bucket().await;
    world.ask("PUT /albums", "").await;
    let all = world.ask("GET /", "").await;
    assert_eq!(all.elements("Name"), ["albums", "films"]);
    assert_eq!(all.elements("CreationDate")[0], "2026-01-01T00:00:00.000Z");
    assert_eq!((all.element("ID").len(), all.element("BucketRegion")), (64, ""));
    let page = world.ask("GET /?max-buckets=1", "").await;
    assert_eq!((page.elements("Name"), page.element("BucketRegion")), (vec!["albums"], "us-east-1"));
    let rest = format!("GET /?max-buckets=1&continuation-token={}", page.element("ContinuationToken"));
    let rest = world.ask(&rest, "").await;
    assert_eq!((rest.elements("Name"), rest.element("ContinuationToken")), (vec!["films"], ""));
}

#[tokio::test]
async fn only_an_empty_bucket_is_deleted() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "x").await;
    assert_eq!(world.ask("DELETE /films", "").await.refusal(), (409, "BucketNotEmpty"));
    assert_eq!(world.ask("DELETE /films/a", "").await.status, 204);
    let deleted = world.ask("DELETE /films", "").await;
    assert_eq!((deleted.status, telling(&deleted)), (204, vec![]));
    let gone = world.ask("GET /films", "").await;
    assert_eq!(
        gone.body,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchBucket</Code>\
             <Message>The specified bucket does not exist</Message><BucketName>films</BucketName>\
             <RequestId>4442587FB7D0A2F9</RequestId><HostId>{}</HostId></Error>",
            gone.header("x-amz-id-2")
        )
    );
}

#[tokio::test]
async fn a_bucket_is_named_by_the_host_or_by_the_path() {
    let world = World::with_bucket().await;
    assert_eq!(world.ask("PUT /a/b\nhost: films.s3.us-east-1.amazonaws.com", "x").await.status, 200);
    for head in [
        "GET https://films.s3.us-east-1.amazonaws.com/a/b?x-id=GetObject",
        "GET https://s3.us-east-1.amazonaws.com/films/a/b",
        "GET /a/b\nhost: films.localhost:4566",
        "GET /films/a/b\nhost: localhost:4566",
        "GET /films/a/b\nhost: 127.0.0.1:4566",
        "GET /films/a%2Fb\nhost: [::1]:4566",
    ] {
        let answer = world.ask(head, "").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "x"), "{head}");
    }
}

#[tokio::test]
async fn a_key_is_the_same_by_host_and_by_path_whatever_it_is_made_of() {
    let world = World::with_bucket().await;
    for key in [
        "/",
        "//",
        "a//b",
        "dir/",
        ".",
        "..",
        "../x",
        "a/./b",
        "a+b",
        "a%20b",
        "a%2Bb",
        "%25",
        "%C3%A9",
        "%0D",
        "a&b=c",
        "a%3Fb%23c",
        "*~'()!",
        "%3Cx%3E",
        "%20",
    ] {
        let by_host = format!("PUT /{key}\nhost: films.s3.us-east-1.amazonaws.com");
        let body = format!("<Tags>{key}");
        assert_eq!(world.ask(&by_host, body.clone()).await.status, 200, "{key}");
        let answer = world.ask(&format!("GET /films/{key}"), "").await;
        assert_eq!((answer.status, answer.body), (200, body), "{key}");
    }
}

#[tokio::test]
async fn a_bucket_is_made_where_there_is_a_region() {
    let world = World::new();
    let asked = async |region: &str| {
        let body = format!(
            "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        );
        world.ask("PUT /films", body).await
    };
    for nowhere in ["nowhere", "us-east", "us-east-1", "us-fake-1", "us-east-9"] {
        let refused = asked(nowhere).await;
        assert_eq!(refused.refusal(), (400, "InvalidLocationConstraint"), "{nowhere}");
        assert_eq!(refused.element("LocationConstraint"), nowhere);
    }
    assert_eq!(asked("EU").await.status, 200);
    let ireland = World { region: "eu-west-1", wire: world.wire.clone(), ..World::new() };
    let told = ireland.ask("GET /films?location", "").await;
    assert!(told.body.ends_with(">EU</LocationConstraint>"), "{}", told.body);
}

#[tokio::test]
async fn a_region_s_endpoint_makes_buckets_there_alone() {
    let world = World { region: "eu-west-2", ..World::new() };
    for (named, what) in [("EU", "The EU"), ("eu-west-1", "The eu-west-1"), ("", "The unspecified")] {
        let body = match named {
            "" => String::new(),
            named => format!(
                "<CreateBucketConfiguration><LocationConstraint>{named}</LocationConstraint>\
                 </CreateBucketConfiguration>"
            ),
        };
        let refused = world.ask("PUT /films", body).await;
        assert_eq!(
            (refused.refusal(), refused.element("Message")),
            (
                (400, "IllegalLocationConstraintException"),
                format!(
                    "{what} location constraint is incompatible for the region specific endpoint this request was \
                     sent to."
                )
                .as_str()
            )
        );
    }
}

#[tokio::test]
async fn a_page_of_buckets_has_a_size_that_is_a_number() {
    let world = World::new();
    for (size, message) in [
        ("a", "Provided max-buckets not an integer or within integer range"),
        ("0", "Argument max-buckets must be an integer between 1 and 10000"),
        ("10001", "Argument max-buckets must be an integer between 1 and 10000"),
    ] {
        let refused = world.ask(&format!("GET /?max-buckets={size}"), "").await;
        assert_eq!(
            (refused.refusal(), refused.element("Message")),
            ((400, "InvalidArgument"), message),
            "{size}"
        );
    }
}

#[tokio::test]
async fn a_bucket_wants_an_ownership_and_a_place_that_there_are() {
    let world = World::new();
    let refused = world.ask("PUT /films\nx-amz-object-ownership: Nobody", "").await;
    assert_eq!(refused.refusal(), (400, "InvalidArgument"));
    assert_eq!(refused.element("Message"), "Invalid x-amz-object-ownership header: Nobody");
    assert!(!refused.body.contains("ArgumentValue"), "{}", refused.body);
    let place = "<CreateBucketConfiguration><LocationConstraint>aws-global</LocationConstraint>\
                 </CreateBucketConfiguration>";
    assert_eq!(world.ask("PUT /films", place).await.refusal(), (400, "InvalidLocationConstraint"));
}

#[tokio::test]
async fn a_listing_of_buckets_tells_their_arns() {
    let world = World::with_bucket().await;
    assert_eq!(world.ask("PUT /shows", "").await.status, 200);
    let listed = world.ask("GET /", "").await;
    assert_eq!(listed.elements("BucketArn"), ["arn:aws:s3:::films", "arn:aws:s3:::shows"]);
}

#[tokio::test]
async fn a_name_that_is_none_is_repeated() {
    let refused = World::new().ask("PUT /Bad_Name", "").await;
    assert_eq!((refused.refusal(), refused.element("BucketName")), ((400, "InvalidBucketName"), "Bad_Name"));
}
