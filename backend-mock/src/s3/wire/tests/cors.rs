//! What browsers ask and what they are told.

use super::*;

const RULES: &str = "<CORSConfiguration><CORSRule><ID>pages</ID><AllowedOrigin>https://*.example.com</AllowedOrigin>\
    <AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader>\
    <ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>\
    <CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule></CORSConfiguration>";

async fn with_rules() -> World {
    let world = World::with_bucket().await;
    let md5 = "content-md5: ";
    let digest =
        base64::Engine::encode(&base64::prelude::BASE64_STANDARD, <md5::Md5 as md5::Digest>::digest(RULES));
    let put = world.ask(&format!("PUT /films?cors\n{md5}{digest}"), RULES).await;
    assert_eq!((put.status, put.body.as_str()), (200, ""));
    world
}

#[tokio::test]
async fn a_configuration_is_kept_read_back_and_deleted() {
    let world = World::with_bucket().await;
    let none = world.ask("GET /films?cors", "").await;
    assert_eq!((none.refusal(), none.element("BucketName")), ((404, "NoSuchCORSConfiguration"), "films"));
    assert_eq!(none.element("Message"), "The CORS configuration does not exist");
    let world = with_rules().await;
    let kept = world.ask("GET /films?cors", "").await;
    assert_eq!((kept.status, kept.elements("AllowedMethod")), (200, vec!["GET", "PUT", "HEAD"]));
    assert_eq!((kept.element("ID"), kept.element("MaxAgeSeconds")), ("pages", "600"));
    assert_eq!(world.ask("DELETE /films?cors", "").await.status, 204);
    assert_eq!(world.ask("DELETE /films?cors", "").await.status, 204);
    assert_eq!(world.ask("GET /films?cors", "").await.refusal(), (404, "NoSuchCORSConfiguration"));
    let wrong = RULES.replace("PUT", "PATCH");
    let digest =
        base64::Engine::encode(&base64::prelude::BASE64_STANDARD, <md5::Md5 as md5::Digest>::digest(&wrong));
    let refused = world.ask(&format!("PUT /films?cors\ncontent-md5: {digest}"), wrong).await;
    assert_eq!(refused.refusal(), (400, "InvalidRequest"));
    assert!(refused.element("Message").ends_with("Unsupported method is PATCH"));
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_rules_without_credentials() {
    let mut world = with_rules().await;
    world.account = "999999999999";
    let preflight = "OPTIONS /films/a\norigin: https://www.example.com\naccess-control-request-method: PUT\n\
                     access-control-request-headers: X-Amz-Date, x-amz-acl";
    let allowed = world.ask(preflight, "").await;
    assert_eq!((allowed.status, allowed.body.as_str()), (200, ""));
    let cors: Vec<String> =
        telling(&allowed).into_iter().filter(|line| !line.starts_with("content-length")).collect();
    assert_eq!(
        cors,
        [
            "access-control-allow-credentials: true",
            "access-control-allow-headers: x-amz-date, x-amz-acl",
            "access-control-allow-methods: GET, PUT",
            "access-control-allow-origin: https://www.example.com",
            "access-control-expose-headers: ETag",
            "access-control-max-age: 600",
            "vary: Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        ]
    );
}

#[tokio::test]
async fn a_preflight_that_no_rule_allows_is_forbidden() {
    let world = with_rules().await;
    let ask = async |lines: &str| world.ask(&format!("OPTIONS /films/a\n{lines}"), "").await;
    let other = ask("origin: https://example.org\naccess-control-request-method: PUT").await;
    assert_eq!(other.refusal(), (403, "AccessForbidden"));
    assert!(other.element("Message").starts_with("CORSResponse: This CORS request is not allowed."));
    assert_eq!((other.element("Method"), other.element("ResourceType")), ("PUT", "OBJECT"));
    let header = "origin: https://a.example.com\naccess-control-request-method: PUT\n\
                  access-control-request-headers: x-b";
    assert_eq!(ask(header).await.refusal(), (403, "AccessForbidden"));
    let silent = ask("accept: */*").await;
    assert_eq!(silent.refusal(), (400, "BadRequest"));
    assert_eq!(silent.element("Message"), "Insufficient information. Origin request header needed.");
    let methodless = ask("origin: https://a.example.com").await;
    assert_eq!(methodless.element("Message"), "Invalid Access-Control-Request-Method: null");
    for (names, odd) in
        [("date, X(Custom)", " X(Custom)"), ("X[Key],date", "X[Key]"), ("bad@char", "bad@char")]
    {
        let preflight = format!(
            "origin: https://a.example.com\naccess-control-request-method: PUT\n\
             access-control-request-headers: {names}"
        );
        assert_eq!(
            ask(&preflight).await.element("Message"),
            format!("Access-Control-Request-Headers \"{odd}\" contains invalid character.")
        );
    }
    let bare = World::with_bucket().await;
    let disabled = bare.ask("OPTIONS /films\norigin: x\naccess-control-request-method: GET", "").await;
    assert_eq!(disabled.element("Message"), "CORSResponse: CORS is not enabled for this bucket.");
    assert_eq!((disabled.status, disabled.element("ResourceType")), (403, "BUCKET"));
    let nowhere = bare.ask("OPTIONS /none\norigin: x\naccess-control-request-method: GET", "").await;
    assert_eq!(nowhere.element("Message"), "CORSResponse: Bucket not found");
}

#[tokio::test]
async fn the_answer_to_a_page_says_that_it_may_read_it_even_when_it_is_a_refusal() {
    let world = with_rules().await;
    world.ask("PUT /films/a", "1927").await;
    let read = world.ask("GET /films/a\norigin: https://www.example.com", "").await;
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, "https://www.example.com"));
    assert_eq!(read.header("access-control-expose-headers"), "ETag");
    let missing = world.ask("GET /films/b\norigin: https://www.example.com", "").await;
    assert_eq!(
        (missing.status, missing.header("access-control-allow-origin")),
        (404, "https://www.example.com")
    );
    let any = world.ask("HEAD /films/a\norigin: https://example.org", "").await;
    assert_eq!(any.header("access-control-allow-origin"), "*");
    assert_eq!(any.header("access-control-allow-credentials"), "");
    let other = world.ask("GET /films/a\norigin: https://example.org", "").await;
    assert_eq!((other.status, other.header("access-control-allow-origin")), (200, ""));
}

#[tokio::test]
async fn a_preflight_of_a_bucket_without_rules_does_not_look_at_the_method() {
    let world = World::with_bucket().await;
    for (method, told) in [("", "OPTIONS"), ("access-control-request-method: PATCH", "PATCH")] {
        let refused =
            world.ask(&format!("OPTIONS /films/a\norigin: https://example.com\n{method}"), "").await;
        assert_eq!(refused.element("Message"), "CORSResponse: CORS is not enabled for this bucket.");
        assert_eq!((refused.element("Method"), refused.element("ResourceType")), (told, "BUCKET"));
    }
}
