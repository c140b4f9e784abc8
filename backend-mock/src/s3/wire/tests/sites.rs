//! Websites, as a browser sees them.

use super::*;

const SITE: &str = "films.s3-website-us-east-1.amazonaws.com";

async fn site(configuration: &str) -> World {
    let world = World::with_bucket().await;
    let configuration = format!("<WebsiteConfiguration>{configuration}</WebsiteConfiguration>");
    assert_eq!(world.ask("PUT /films?website", configuration).await.status, 200);
    assert_eq!(world.ask("DELETE /films?publicAccessBlock", "").await.status, 204);
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
        "Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::films","arn:aws:s3:::films/*"]}]}"#;
    assert_eq!(world.ask("PUT /films?policy", policy).await.status, 204);
    for (key, text) in
        [("index.html", "welcome"), ("silent/index.html", "silent films"), ("error.html", "lost")]
    {
        let head = format!("PUT /films/{key}\ncontent-type: text/html");
        assert_eq!(world.ask(&head, text).await.status, 200);
    }
    world
}

const DOCUMENTS: &str = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>";
const ERRORS: &str = "<ErrorDocument><Key>error.html</Key></ErrorDocument>";

async fn visit(world: &World, path: &str) -> Answer {
    world.ask(&format!("GET {path}\nhost: {SITE}"), "").await
}

#[tokio::test]
async fn a_folder_is_its_index_document() {
    let world = site(DOCUMENTS).await;
    for (path, text) in [("/", "welcome"), ("/silent/", "silent films"), ("/index.html", "welcome")] {
        let page = visit(&world, path).await;
        assert_eq!(
            (page.status, page.body.as_str(), page.header("content-type")),
            (200, text, "text/html"),
            "{path}"
        );
    }
    let local = world.ask("GET /silent/\nhost: films.s3-website.localhost:4566", "").await;
    assert_eq!((local.status, local.body.as_str()), (200, "silent films"));
    let folder = visit(&world, "/silent").await;
    assert_eq!((folder.status, folder.header("location")), (302, "/silent/"));
    let head = world.ask(&format!("HEAD /\nhost: {SITE}"), "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let range = world.ask(&format!("GET /\nhost: {SITE}\nrange: bytes=0-2"), "").await;
    assert_eq!((range.status, range.body.as_str()), (206, "wel"));
}

#[tokio::test]
async fn an_error_is_a_page() {
    let world = site(DOCUMENTS).await;
    let lost = visit(&world, "/none").await;
    assert_eq!((lost.status, lost.header("content-type")), (404, "text/html; charset=utf-8"));
    assert_eq!(lost.header("x-amz-error-code"), "NoSuchKey");
    assert!(
        lost.body
            .starts_with("<html>\n<head><title>404 Not Found</title></head>\n<body>\n<h1>404 Not Found</h1>")
    );
    assert!(lost.body.contains(
        "<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n<li>Key: none</li>\n\
         <li>RequestId: "
    ));
    let head = world.ask(&format!("HEAD /none\nhost: {SITE}"), "").await;
    assert_eq!((head.status, head.body.as_str()), (404, ""));
    let put = world.ask(&format!("PUT /a\nhost: {SITE}"), "x").await;
    assert_eq!((put.status, put.header("x-amz-error-code")), (405, "MethodNotAllowed"));
    let elsewhere = world.ask("GET /\nhost: films.s3-website.eu-west-1.amazonaws.com", "").await;
    assert_eq!((elsewhere.status, elsewhere.header("x-amz-error-code")), (400, "IncorrectEndpoint"));
    let nowhere = world.ask("GET /\nhost: none.s3-website-us-east-1.amazonaws.com", "").await;
    assert_eq!((nowhere.status, nowhere.header("x-amz-error-code")), (404, "NoSuchBucket"));
    let world = World::with_bucket().await;
    let none = visit(&world, "/").await;
    assert_eq!((none.status, none.header("x-amz-error-code")), (404, "NoSuchWebsiteConfiguration"));
}

#[tokio::test]
async fn a_bucket_has_a_page_of_its_own_for_errors() {
    let world = site(&format!("{ERRORS}{DOCUMENTS}")).await;
    let lost = visit(&world, "/none").await;
    assert_eq!((lost.status, lost.body.as_str()), (404, "lost"));
    assert_eq!((lost.header("content-type"), lost.header("x-amz-error-code")), ("text/html", "NoSuchKey"));
    world.ask("DELETE /films/error.html", "").await;
    let twice = visit(&world, "/none").await;
    assert_eq!(twice.status, 404);
    assert!(twice.body.contains("An Error Occurred While Attempting to Retrieve a Custom Error Document"));
    assert!(twice.body.contains("<li>Key: error.html</li>"));
}

#[tokio::test]
async fn what_nobody_may_read_is_forbidden() {
    let world = site(DOCUMENTS).await;
    assert_eq!(world.ask("DELETE /films?policy", "").await.status, 204);
    let denied = visit(&world, "/").await;
    assert_eq!((denied.status, denied.header("x-amz-error-code")), (403, "AccessDenied"));
    assert!(denied.body.contains("<h1>403 Forbidden</h1>"));
}

#[tokio::test]
async fn the_codes_of_rules_are_those_of_http() {
    let world = World::with_bucket().await;
    let put = async |condition: &str, code: &str| {
        let rule = format!(
            "<RoutingRule>{condition}<Redirect><HostName>films.example</HostName>{code}</Redirect></RoutingRule>"
        );
        let website = format!(
            "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument><RoutingRules>{rule}\
             </RoutingRules></WebsiteConfiguration>"
        );
        world.ask("PUT /films?website", website).await
    };
    for (code, allowed) in
        [(300, false), (301, true), (304, true), (305, true), (306, false), (308, true), (309, false)]
    {
        let redirect = put("", &format!("<HttpRedirectCode>{code}</HttpRedirectCode>")).await;
        let message =
            format!("The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300.");
        assert_eq!(redirect.element("Message"), if allowed { "" } else { &message });
    }
    for (code, allowed) in
        [(399, false), (400, true), (417, true), (418, false), (500, true), (505, true), (506, false)]
    {
        let when = format!(
            "<Condition><HttpErrorCodeReturnedEquals>{code}</HttpErrorCodeReturnedEquals></Condition>"
        );
        let message =
            format!("The provided HTTP error code ({code}) is not valid. Valid codes are 4XX or 5XX.");
        assert_eq!(put(&when, "").await.element("Message"), if allowed { "" } else { &message });
    }
    let long = put("", &format!("<ReplaceKeyWith>{}</ReplaceKeyWith>", "a".repeat(128 << 10))).await;
    assert_eq!(
        (long.refusal(), long.element("MaxMessageLengthBytes")),
        ((400, "MaxMessageLengthExceeded"), "131072")
    );
}

#[tokio::test]
async fn rules_send_requests_elsewhere() {
    let rules = "<RoutingRules>\
        <RoutingRule><Condition><KeyPrefixEquals>docs/</KeyPrefixEquals></Condition>\
        <Redirect><ReplaceKeyPrefixWith>documents/</ReplaceKeyPrefixWith></Redirect></RoutingRule>\
        <RoutingRule><Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals>\
        <KeyPrefixEquals>old/</KeyPrefixEquals></Condition><Redirect><Protocol>https</Protocol>\
        <HostName>example.com</HostName><ReplaceKeyWith>gone.html</ReplaceKeyWith>\
        <HttpRedirectCode>307</HttpRedirectCode></Redirect></RoutingRule></RoutingRules>";
    let world = site(&format!("{DOCUMENTS}{rules}")).await;
    let prefix = visit(&world, "/docs/a%20b").await;
    assert_eq!(
        (prefix.status, prefix.header("location")),
        (301, format!("http://{SITE}/documents/a%20b").as_str())
    );
    let gone = visit(&world, "/old/page").await;
    assert_eq!((gone.status, gone.header("location")), (307, "https://example.com/gone.html"));
    assert_eq!(visit(&world, "/new/page").await.status, 404);
    let all = "<RedirectAllRequestsTo><HostName>example.com</HostName><Protocol>https</Protocol>\
               </RedirectAllRequestsTo>";
    let world = site(all).await;
    let everything = visit(&world, "/a/b?c=d").await;
    assert_eq!((everything.status, everything.header("location")), (301, "https://example.com/a/b?c=d"));
}

#[tokio::test]
async fn an_object_may_send_its_readers_elsewhere() {
    let world = site(DOCUMENTS).await;
    let put = world.ask("PUT /films/moved\nx-amz-website-redirect-location: /silent/", "").await;
    assert_eq!(put.status, 200);
    let moved = visit(&world, "/moved").await;
    assert_eq!((moved.status, moved.header("location")), (301, "/silent/"));
    let read = world.ask("GET /films/moved", "").await;
    assert_eq!((read.status, read.header("x-amz-website-redirect-location")), (200, "/silent/"));
    world.ask("PUT /films/copy\nx-amz-copy-source: films/moved", "").await;
    assert_eq!(world.ask("HEAD /films/copy", "").await.header("x-amz-website-redirect-location"), "");
    let wrong = world.ask("PUT /films/moved\nx-amz-website-redirect-location: silent", "").await;
    assert_eq!(wrong.refusal(), (400, "InvalidRedirectLocation"));
    let message = "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.";
    assert_eq!(wrong.element("Message"), message);
}
