//! Forms that a browser posts.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::*;

const CREDENTIAL: &str = "AKIA/20260101/us-east-1/s3/aws4_request";

/// Posts a form of these fields, signed with a policy of these conditions besides those of the signature.
async fn post_signed(world: &World, conditions: &str, fields: &[(&str, &str)], file: &str) -> Answer {
    let policy = format!(
        r#"{{"expiration": "2026-01-01T00:01:00Z", "conditions": [{conditions} {{"bucket": "films"}},
           {{"x-amz-algorithm": "AWS4-HMAC-SHA256"}}, {{"x-amz-credential": "{CREDENTIAL}"}},
           {{"x-amz-date": "20260101T000000Z"}}]}}"#
    );
    let policy = BASE64_STANDARD.encode(policy);
    let signature = [
        ("policy", policy.as_str()),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", CREDENTIAL),
        ("x-amz-date", "20260101T000000Z"),
        ("x-amz-signature", "0"),
    ];
    post(world, "POST /films", &[fields, &signature].concat(), Some(file)).await
}

async fn post(world: &World, head: &str, fields: &[(&str, &str)], file: Option<&str>) -> Answer {
    let mut form = String::new();
    for (name, value) in fields {
        form.push_str(&format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    if let Some(file) = file {
        form.push_str(&format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.txt\"\r\n\
             Content-Type: text/plain\r\n\r\n{file}\r\n"
        ));
    }
    form.push_str("--x--\r\n");
    let request =
        request_of(&format!("{head}\nhost: s3.amazonaws.com\ncontent-type: multipart/form-data; boundary=x"));
    let request = request.map(|()| Body::from(form.into_bytes()));
    let account = AccountId::parse(world.account).unwrap();
    let identify = |_: &FormSignature<'_>| Ok(account);
    Answer::read(world.wire.post_object(world.context(), request, identify).await).await
}

#[tokio::test]
async fn a_form_stores_its_file() {
    let world = World::with_bucket().await;
    let fields = [("key", "silent/${filename}"), ("x-amz-meta-year", "1927"), ("Cache-Control", "no-cache")];
    let conditions = r#"["starts-with", "$key", "silent/"], ["eq", "$x-amz-meta-year", "1927"],
                        ["starts-with", "$cache-control", ""],"#;
    let answer = post_signed(&world, conditions, &fields, "hello world").await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(answer.header("etag"), HELLO_ETAG);
    assert_eq!(answer.header("location"), "http://s3.amazonaws.com/films/silent/a%20b.txt");
    let film = world.ask("GET /films/silent/a%20b.txt", "").await;
    assert_eq!((film.status, film.body.as_str()), (200, "hello world"));
    assert_eq!((film.header("content-type"), film.header("cache-control")), ("text/plain", "no-cache"));
    assert_eq!(film.header("x-amz-meta-year"), "1927");
}

#[tokio::test]
async fn a_form_says_how_it_is_answered() {
    let world = World::with_bucket().await;
    let any = r#"["starts-with", "$key", ""], ["starts-with", "$success_action_status", ""],
                 ["starts-with", "$success_action_redirect", ""],"#;
    let created =
        post_signed(&world, any, &[("key", "a&b"), ("success_action_status", "201")], "hello world").await;
    assert_eq!((created.status, created.header("content-type")), (201, "application/xml"));
    assert_eq!((created.element("Bucket"), created.element("Key")), ("films", "a&amp;b"));
    assert_eq!(created.element("Location"), "http://s3.amazonaws.com/films/a%26b");
    assert_eq!(created.element("ETag"), HELLO_ETAG);
    let ok = post_signed(&world, any, &[("key", "a"), ("success_action_status", "200")], "").await;
    assert_eq!((ok.status, ok.body.as_str()), (200, ""));
    let unknown = post_signed(&world, any, &[("key", "a"), ("success_action_status", "418")], "").await;
    assert_eq!(unknown.status, 204);
    let redirect = [("key", "a b"), ("success_action_redirect", "https://example.com/done?x=1")];
    let redirected = post_signed(&world, any, &redirect, "hello world").await;
    assert_eq!(redirected.status, 303);
    assert_eq!(
        redirected.header("location"),
        "https://example.com/done?x=1&bucket=films&key=a+b&etag=%225eb63bbbe01eeed093cb22bb8f5acdc3%22"
    );
}

#[tokio::test]
async fn a_policy_that_is_not_kept_refuses_the_form() {
    let world = World::with_bucket().await;
    let denied = post_signed(&world, r#"{"key": "a"},"#, &[("key", "b")], "").await;
    assert_eq!(denied.refusal(), (403, "AccessDenied"));
    assert_eq!(
        denied.element("Message"),
        r#"Invalid according to Policy: Policy Condition failed: ["eq", "$key", "a"]"#
    );
    let long =
        post_signed(&world, r#"{"key": "a"}, ["content-length-range", 1, 3],"#, &[("key", "a")], "1927")
            .await;
    assert_eq!(long.refusal(), (400, "EntityTooLarge"));
    assert_eq!((long.element("ProposedSize"), long.element("MaxSizeAllowed")), ("4", "3"));
    let short =
        post_signed(&world, r#"{"key": "a"}, ["content-length-range", 1, 3],"#, &[("key", "a")], "").await;
    assert_eq!((short.refusal(), short.element("MinSizeAllowed")), ((400, "EntityTooSmall"), "1"));
    assert_eq!(world.ask("HEAD /films/a", "").await.status, 404);
}

#[tokio::test]
async fn a_form_that_lacks_something_is_told_what() {
    let world = World::with_bucket().await;
    let keyless = post(&world, "POST /films", &[], Some("x")).await;
    assert_eq!((keyless.refusal(), keyless.element("ArgumentName")), ((400, "InvalidArgument"), "key"));
    let message = "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the \
                   fields.";
    assert_eq!(keyless.element("Message"), message);
    let fileless = post(&world, "POST /films", &[("key", "a")], None).await;
    assert_eq!(fileless.element("Message"), "POST requires exactly one file upload per request.");
    let unsigned = post(&world, "POST /films", &[("key", "a"), ("policy", "e30=")], Some("x")).await;
    assert_eq!(unsigned.element("ArgumentName"), "AWSAccessKeyId");
    let lawless =
        post(&world, "POST /films", &[("key", "a"), ("x-amz-credential", CREDENTIAL)], Some("x")).await;
    assert_eq!(lawless.element("ArgumentName"), "policy");
    let object = post(&world, "POST /films/a", &[("key", "a")], Some("x")).await;
    assert_eq!((object.refusal(), object.element("ResourceType")), ((405, "MethodNotAllowed"), "OBJECT"));
    let nowhere = post_signed(&World::new(), r#"{"key": "a"},"#, &[("key", "a")], "x").await;
    assert_eq!(nowhere.refusal(), (404, "NoSuchBucket"));
}

#[tokio::test]
async fn a_form_without_a_signature_is_nobodys() {
    let world = World::with_bucket().await;
    let answer = post(&world, "POST /films", &[("key", "a")], Some("x")).await;
    assert_eq!(answer.refusal(), (403, "AccessDenied"));
}

#[tokio::test]
async fn a_form_may_have_tags() {
    let world = World::with_bucket().await;
    let tags = "<Tagging><TagSet><Tag><Key>year</Key><Value>19 27</Value></Tag></TagSet></Tagging>";
    let fields = [("key", "a"), ("tagging", tags)];
    let conditions = r#"["eq", "$key", "a"], ["starts-with", "$tagging", ""],"#;
    let answer = post_signed(&world, conditions, &fields, "hello world").await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    let told = world.ask("GET /films/a?tagging", "").await;
    assert_eq!((told.element("Key"), told.element("Value")), ("year", "19 27"));
}

#[tokio::test]
async fn a_policy_that_names_no_bucket_refuses_the_form() {
    let world = World::with_bucket().await;
    let policy = BASE64_STANDARD
        .encode(r#"{"expiration": "2026-01-01T00:01:00Z", "conditions": [["starts-with", "$key", ""]]}"#);
    let fields = [("key", "a"), ("AWSAccessKeyId", "AKIA"), ("signature", "0"), ("policy", policy.as_str())];
    let refused = post(&world, "POST /films", &fields, Some("x")).await;
    assert_eq!(refused.refusal(), (403, "AccessDenied"));
    assert_eq!(refused.element("Message"), "Invalid according to Policy: Extra input fields: bucket");
}

#[tokio::test]
async fn a_signature_that_is_none_is_an_argument_of_the_form() {
    let world = World::with_bucket().await;
    let credential = |text: &'static str| ("x-amz-credential", text);
    for (wrong, message) in [
        (("x-amz-date", "today"), "X-Amz-Date must be formated via ISO8601 Long format"),
        (
            credential("AKIA"),
            "the Credential is mal-formed; expecting \"&lt;YOUR-AKID&gt;/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ),
        (
            credential("AKIA/20260101/us-east-1/s3/aws5_request"),
            "incorrect terminal \"aws5_request\". This endpoint uses \"aws4_request\".",
        ),
        (
            credential("AKIA/20260101/eu-west-1/s3/aws4_request"),
            "the region 'eu-west-1' is wrong; expecting 'us-east-1'",
        ),
        (
            credential("AKIA/2026/us-east-1/s3/aws4_request"),
            "incorrect date format \"2026\". This date in the credential must be in the format \"yyyyMMdd\".",
        ),
    ] {
        // The first of two fields of a name counts.
        let refused = post_signed(&world, "", &[("key", "a"), wrong], "x").await;
        assert_eq!((refused.refusal(), refused.element("Message")), ((400, "InvalidArgument"), message));
    }
}
