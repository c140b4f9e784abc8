//! Object lock: retention, legal hold, defaults, and who gets past them.

use super::*;

const LATER: &str = "2026-01-03T00:00:00.000Z";

async fn with_lock() -> World {
    let world = World::new();
    let created = world.ask("PUT /films\nx-amz-bucket-object-lock-enabled: true", "").await;
    assert_eq!(created.status, 200, "{}", created.body);
    world
}

async fn put(world: &World, headers: &str) -> String {
    let written = world.ask(&format!("PUT /films/a\ncontent-md5: {HELLO_MD5}{headers}"), "hello world").await;
    assert_eq!(written.status, 200, "{}", written.body);
    written.header("x-amz-version-id").to_owned()
}

fn retention(mode: &str, date: &str) -> String {
    format!("<Retention><Mode>{mode}</Mode><RetainUntilDate>{date}</RetainUntilDate></Retention>")
}

#[tokio::test]
async fn a_bucket_has_object_lock_from_its_creation_or_once_it_keeps_versions() {
    let world = with_lock().await;
    assert_eq!(world.ask("GET /films?versioning", "").await.element("Status"), "Enabled");
    assert_eq!(world.ask("GET /films?object-lock", "").await.element("ObjectLockEnabled"), "Enabled");
    let suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    assert_eq!(world.ask("PUT /films?versioning", suspended).await.refusal(), (409, "InvalidBucketState"));

    world.ask("PUT /plain", "").await;
    let missing = world.ask("GET /plain?object-lock", "").await;
    assert_eq!(missing.refusal(), (404, "ObjectLockConfigurationNotFoundError"));
    let on =
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
    assert_eq!(world.ask("PUT /plain?object-lock", on).await.refusal(), (409, "InvalidBucketState"));
    let locked = world.ask("PUT /plain/a\nx-amz-object-lock-legal-hold: ON", "x").await;
    assert_eq!(locked.refusal(), (400, "InvalidRequest"));
    assert_eq!(locked.element("Message"), "Bucket is missing ObjectLockConfiguration");
    world.ask("PUT /plain/a", "x").await;
    let read = world.ask("GET /plain/a?retention", "").await;
    assert_eq!(
        (read.refusal(), read.element("Message")),
        ((400, "InvalidRequest"), "Bucket is missing Object Lock Configuration")
    );
    let bypass = world.ask("DELETE /plain/a\nx-amz-bypass-governance-retention: true", "").await;
    assert_eq!(bypass.refusal(), (400, "InvalidArgument"));
    world.ask("PUT /plain?versioning", suspended.replace("Suspended", "Enabled")).await;
    assert_eq!(world.ask("PUT /plain?object-lock", on).await.status, 200);
}

#[tokio::test]
async fn a_default_retention_holds_what_says_nothing_itself() {
    let mut world = with_lock().await;
    let rule = |default: &str| {
        format!(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>{default}\
             </DefaultRetention></Rule></ObjectLockConfiguration>"
        )
    };
    for (default, code) in [
        ("<Mode>GOVERNANCE</Mode>", "MalformedXML"),
        ("<Mode>STRICT</Mode><Days>1</Days>", "MalformedXML"),
        ("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>", "MalformedXML"),
        ("<Mode>GOVERNANCE</Mode><Days>0</Days>", "InvalidArgument"),
    ] {
        assert_eq!(
            world.ask("PUT /films?object-lock", rule(default)).await.refusal(),
            (400, code),
            "{default}"
        );
    }
    let two_days = rule("<Mode>COMPLIANCE</Mode><Days>2</Days>");
    assert_eq!(world.ask("PUT /films?object-lock", two_days).await.status, 200);
    let told = world.ask("GET /films?object-lock", "").await;
    assert_eq!((told.element("Mode"), told.element("Days"), told.element("Years")), ("COMPLIANCE", "2", ""));
    let unchecked = world.ask("PUT /films/a", "hello world").await;
    assert_eq!(unchecked.refusal(), (400, "InvalidRequest"));
    let version = put(&world, "").await;
    let read = world.ask("HEAD /films/a", "").await;
    assert_eq!(read.header("x-amz-object-lock-mode"), "COMPLIANCE");
    assert_eq!(read.header("x-amz-object-lock-retain-until-date"), LATER);
    let delete = format!("DELETE /films/a?versionId={version}\nx-amz-bypass-governance-retention: true");
    let held = world.ask(&delete, "").await;
    assert_eq!(held.refusal(), (403, "AccessDenied"));
    assert_eq!(held.element("Message"), "Access Denied because object protected by object lock.");
    let marked = world.ask("DELETE /films/a", "").await;
    assert_eq!((marked.status, marked.header("x-amz-delete-marker")), (204, "true"));
    world.now += Duration::from_secs(2 * 86_400);
    assert_eq!(world.ask(&delete, "").await.status, 204);
}

#[tokio::test]
async fn parts_of_what_will_be_held_bring_a_checksum() {
    let world = with_lock().await;
    let part = |begun: &Answer| format!("PUT /films/a?partNumber=1&uploadId={}", begun.element("UploadId"));
    let begun = world.ask("POST /films/a?uploads\nx-amz-object-lock-legal-hold: ON", "").await;
    let refused = world.ask(&part(&begun), "hello world").await;
    assert_eq!(refused.refusal(), (400, "InvalidRequest"));
    assert_eq!(
        refused.element("Message"),
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Part requests with Object Lock parameters"
    );
    let checked = world.ask(&format!("{}\ncontent-md5: {HELLO_MD5}", part(&begun)), "hello world").await;
    assert_eq!(checked.status, 200, "{}", checked.body);
    let free = world.ask("POST /films/a?uploads", "").await;
    assert_eq!(world.ask(&part(&free), "hello world").await.status, 200);
}

#[tokio::test]
async fn a_configuration_without_a_body_is_missing_and_an_empty_one_malformed() {
    let world = with_lock().await;
    let missing = world.ask("PUT /films?object-lock", "").await;
    assert_eq!(
        (missing.refusal(), missing.element("Message")),
        ((400, "MissingRequestBodyError"), "Request Body is empty")
    );
    let empty = world.ask("PUT /films?object-lock", "<ObjectLockConfiguration/>").await;
    assert_eq!(empty.refusal(), (400, "MalformedXML"));
}

#[tokio::test]
async fn governance_can_be_bypassed_and_compliance_only_extended() {
    let world = with_lock().await;
    let lock = |mode: &str| {
        format!("\nx-amz-object-lock-mode: {mode}\nx-amz-object-lock-retain-until-date: {LATER}")
    };
    let version = put(&world, &lock("GOVERNANCE")).await;
    let told = world.ask(&format!("GET /films/a?retention&versionId={version}"), "").await;
    assert_eq!((told.element("Mode"), told.element("RetainUntilDate")), ("GOVERNANCE", LATER));
    let target = format!("PUT /films/a?retention&versionId={version}");
    let shorter = retention("GOVERNANCE", "2026-01-02T00:00:00Z");
    assert_eq!(world.ask(&target, shorter.clone()).await.refusal(), (403, "AccessDenied"));
    assert_eq!(world.ask(&target, "<Retention/>").await.refusal(), (403, "AccessDenied"));
    let bypassed = format!("{target}\nx-amz-bypass-governance-retention: true");
    assert_eq!(world.ask(&bypassed, shorter).await.status, 200);
    let delete = format!("DELETE /films/a?versionId={version}");
    assert_eq!(world.ask(&delete, "").await.refusal(), (403, "AccessDenied"));
    let delete = format!("{delete}\nx-amz-bypass-governance-retention: true");
    assert_eq!(world.ask(&delete, "").await.status, 204);

    let version = put(&world, &lock("COMPLIANCE")).await;
    let target =
        format!("PUT /films/a?retention&versionId={version}\nx-amz-bypass-governance-retention: true");
    for (body, status) in [
        (retention("COMPLIANCE", "2026-01-02T00:00:00Z"), 403),
        (retention("GOVERNANCE", "2026-01-05T00:00:00Z"), 403),
        ("<Retention/>".to_owned(), 403),
        (retention("COMPLIANCE", "2026-01-05T00:00:00Z"), 200),
    ] {
        assert_eq!(world.ask(&target, body.clone()).await.status, status, "{body}");
    }
    for (body, code) in [
        (retention("COMPLIANCE", "2025-01-01T00:00:00Z"), "InvalidArgument"),
        (retention("STRICT", "2027-01-01T00:00:00Z"), "MalformedXML"),
        ("<Retention><Mode>GOVERNANCE</Mode></Retention>".to_owned(), "MalformedXML"),
    ] {
        assert_eq!(world.ask(&target, body.clone()).await.refusal(), (400, code), "{body}");
    }
}

#[tokio::test]
async fn a_legal_hold_holds_until_it_is_off() {
    let world = with_lock().await;
    let version = put(&world, "").await;
    let none = world.ask("GET /films/a?legal-hold", "").await;
    assert_eq!(none.refusal(), (404, "NoSuchObjectLockConfiguration"));
    let hold = |status: &str| format!("<LegalHold><Status>{status}</Status></LegalHold>");
    assert_eq!(world.ask("PUT /films/a?legal-hold", hold("MAYBE")).await.refusal(), (400, "MalformedXML"));
    assert_eq!(world.ask("PUT /films/a?legal-hold", hold("ON")).await.status, 200);
    assert_eq!(world.ask("GET /films/a?legal-hold", "").await.element("Status"), "ON");
    assert_eq!(world.ask("HEAD /films/a", "").await.header("x-amz-object-lock-legal-hold"), "ON");
    let delete = format!("DELETE /films/a?versionId={version}");
    assert_eq!(world.ask(&delete, "").await.refusal(), (403, "AccessDenied"));
    world.ask("PUT /films/a?legal-hold", hold("OFF")).await;
    assert_eq!(world.ask(&delete, "").await.status, 204);
}

#[tokio::test]
async fn lock_headers_that_make_no_sense_are_refused() {
    let world = with_lock().await;
    let both = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
    for (headers, message) in [
        ("x-amz-object-lock-mode: GOVERNANCE".to_owned(), both),
        (format!("x-amz-object-lock-retain-until-date: {LATER}"), both),
        (
            "x-amz-object-lock-mode: x\nx-amz-object-lock-retain-until-date: soon".to_owned(),
            "The retain until date must be provided in ISO 8601 format",
        ),
        (
            "x-amz-object-lock-mode: x\nx-amz-object-lock-retain-until-date: 2025-01-01T00:00:00Z".to_owned(),
            "The retain until date must be in the future!",
        ),
        (
            format!("x-amz-object-lock-mode: x\nx-amz-object-lock-retain-until-date: {LATER}"),
            "Unknown wormMode directive.",
        ),
        ("x-amz-object-lock-legal-hold: MAYBE".to_owned(), "Legal Hold must be either of 'ON' or 'OFF'"),
    ] {
        let answer =
            world.ask(&format!("PUT /films/a\ncontent-md5: {HELLO_MD5}\n{headers}"), "hello world").await;
        assert_eq!(
            (answer.refusal(), answer.element("Message")),
            ((400, "InvalidArgument"), message),
            "{headers}"
        );
    }
}
