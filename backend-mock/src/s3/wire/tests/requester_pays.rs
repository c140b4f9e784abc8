//! Requester Pays: whoever is charged says so, and is told so.

use super::*;

const KNOWING: &str = "x-amz-request-payer: requester";

/// A bucket that another account may use and has to pay for, and that account.
async fn bucket_that_costs() -> (World, World) {
    let owner = World::with_bucket().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},
        "Action":"s3:*","Resource":["arn:aws:s3:::films","arn:aws:s3:::films/*"]}]}"#;
    assert_eq!(owner.ask("PUT /films?policy", policy).await.status, 204);
    assert_eq!(owner.ask("PUT /films/a", "1927").await.status, 200);
    let payment = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>";
    assert_eq!(owner.ask("PUT /films?requestPayment", payment).await.status, 200);
    let other = World { wire: owner.wire.clone(), account: OTHER_ACCOUNT, ..World::new() };
    (owner, other)
}

#[tokio::test]
async fn who_does_not_say_that_they_pay_is_refused() {
    let (_, other) = bucket_that_costs().await;
    for head in [
        "GET /films/a",
        "HEAD /films/a",
        "PUT /films/b",
        "DELETE /films/a",
        "GET /films?list-type=2",
        "HEAD /films",
        "POST /films/b?uploads",
        "GET /films/a\nx-amz-request-payer: owner",
    ] {
        assert_eq!(other.ask(head, "").await.status, 403, "{head}");
    }
    let delete = "<Delete><Object><Key>a</Key></Object></Delete>";
    let all = other.ask("POST /films?delete\ncontent-md5: aFPqFnlCon58cZ4Qt7zwvQ==", delete).await;
    assert_eq!(all.refusal(), (403, "AccessDenied"));
    assert_eq!(other.ask(&format!("GET /films/a\n{KNOWING}"), "").await.body, "1927", "nothing is gone");
}

#[tokio::test]
async fn who_pays_is_told() {
    let (owner, other) = bucket_that_costs().await;
    for head in [
        "GET /films/a",
        "HEAD /films/a",
        "PUT /films/b",
        "GET /films?list-type=2",
        "GET /films?versions",
        "GET /films?uploads",
        "POST /films/b?uploads",
        "DELETE /films/b",
    ] {
        let paid = other.ask(&format!("{head}\n{KNOWING}"), "").await;
        assert!(paid.status < 300, "{head}: {}", paid.body);
        assert_eq!(paid.header("x-amz-request-charged"), "requester", "{head}");
        let free = owner.ask(head, "").await;
        assert!(free.status < 300, "{head}: {}", free.body);
        assert_eq!(free.header("x-amz-request-charged"), "", "{head}");
    }
    let presigned = other.ask("GET /films/a?x-amz-request-payer=requester", "").await;
    assert_eq!((presigned.status, presigned.header("x-amz-request-charged")), (200, "requester"));
    let refused = other.ask(&format!("GET /films/none\n{KNOWING}"), "").await;
    assert_eq!((refused.status, refused.header("x-amz-request-charged")), (404, ""));
}

#[tokio::test]
async fn a_copy_is_charged_for_its_source() {
    let (_, other) = bucket_that_costs().await;
    other.ask("PUT /elsewhere", "").await;
    let copy = "PUT /elsewhere/a\nx-amz-copy-source: films/a";
    assert_eq!(other.ask(copy, "").await.refusal(), (403, "AccessDenied"));
    let copied = other.ask(&format!("{copy}\n{KNOWING}"), "").await;
    assert_eq!((copied.status, copied.header("x-amz-request-charged")), (200, "requester"));
    let free = other.ask(&format!("GET /elsewhere/a\n{KNOWING}"), "").await;
    assert_eq!((free.body.as_str(), free.header("x-amz-request-charged")), ("1927", ""));
}

#[tokio::test]
async fn a_bucket_that_is_not_there_charges_nobody() {
    let world = World::new();
    let nothing =
        world.ask("POST /films?delete\ncontent-md5: R2cEG0GhQVRNiyXR3QnSyw==", "<Delete></Delete>").await;
    assert_eq!(nothing.refusal(), (400, "MalformedXML"));
    assert_eq!(world.ask("GET /films/a", "").await.refusal(), (404, "NoSuchBucket"));
}

#[tokio::test]
async fn nobody_cannot_pay() {
    let owner = World::with_bucket().await;
    owner.ask("DELETE /films?publicAccessBlock", "").await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
        "Resource":"arn:aws:s3:::films/*"}]}"#;
    owner.ask("PUT /films?policy", policy).await;
    owner.ask("PUT /films/a", "1927").await;
    let nobody = World { wire: owner.wire.clone(), account: "", ..World::new() };
    assert_eq!(nobody.ask("GET /films/a", "").await.body, "1927");
    let payment = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>";
    owner.ask("PUT /films?requestPayment", payment).await;
    assert_eq!(nobody.ask(&format!("GET /films/a\n{KNOWING}"), "").await.refusal(), (403, "AccessDenied"));
}
