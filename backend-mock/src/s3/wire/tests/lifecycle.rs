//! Lifecycle rules: stored as they came, refused as S3 does, and carried out as days go by.

use super::*;

const DAY: u64 = 86_400;

fn document(rules: &str) -> String {
    format!(
        "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rules}</LifecycleConfiguration>"
    )
}

fn rule(filter: &str, actions: &str) -> String {
    document(&format!("<Rule><ID>rule</ID><Filter>{filter}</Filter><Status>Enabled</Status>{actions}</Rule>"))
}

async fn with_rule(filter: &str, actions: &str) -> World {
    let world = World::with_bucket().await;
    let put = world.ask("PUT /films?lifecycle", rule(filter, actions)).await;
    assert_eq!(put.status, 200, "{}", put.body);
    world
}

async fn enable_versions(world: &World) {
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    assert_eq!(world.ask("PUT /films?versioning", enabled).await.status, 200);
}

#[tokio::test]
async fn a_configuration_comes_back_as_it_was_put() {
    let world = World::with_bucket().await;
    let missing = world.ask("GET /films?lifecycle", "").await;
    assert_eq!(missing.refusal(), (404, "NoSuchLifecycleConfiguration"));
    for rules in [
        "<Rule><Expiration><Days>3</Days></Expiration><Filter><Prefix>logs/</Prefix></Filter><ID>one</ID>\
         <Status>Enabled</Status></Rule><Rule><Filter><And><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>\
         </And></Filter><ID>two</ID><NoncurrentVersionExpiration><NewerNoncurrentVersions>2</NewerNoncurrentVersions>\
         <NoncurrentDays>5</NoncurrentDays></NoncurrentVersionExpiration><Status>Disabled</Status><Transition>\
         <Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition></Rule>",
        "<Rule><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>\
         </AbortIncompleteMultipartUpload><ID>old</ID><Prefix></Prefix><Status>Enabled</Status></Rule>",
    ] {
        let put = world.ask("PUT /films?lifecycle", document(rules)).await;
        assert_eq!(put.status, 200, "{}", put.body);
        assert_eq!(put.header("x-amz-transition-default-minimum-object-size"), "all_storage_classes_128K");
        let told = world.ask("GET /films?lifecycle", "").await;
        assert!(told.body.ends_with(&document(rules)), "{}", told.body);
    }
    let nameless =
        document("<Rule><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>");
    world.ask("PUT /films?lifecycle", nameless).await;
    assert_eq!(world.ask("GET /films?lifecycle", "").await.element("ID").len(), 48);
    assert_eq!(world.ask("DELETE /films?lifecycle", "").await.status, 204);
    assert_eq!(world.ask("GET /films?lifecycle", "").await.status, 404);
}

#[tokio::test]
async fn a_configuration_that_makes_no_sense_is_refused() {
    let world = World::with_bucket().await;
    let days = "<Expiration><Days>1</Days></Expiration>";
    let transition = |days: i32, class: &str| {
        format!("<Transition><Days>{days}</Days><StorageClass>{class}</StorageClass></Transition>")
    };
    let tag = "<Tag><Key>k</Key><Value>v</Value></Tag>";
    let cases = [
        (document(""), "MalformedXML", ""),
        (
            document("<Rule><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"),
            "MalformedXML",
            "",
        ),
        (rule("", ""), "InvalidRequest", "At least one action needs to be specified in a rule"),
        (rule("<Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>", days), "MalformedXML", ""),
        (rule("<And><Prefix>a</Prefix></And>", days), "MalformedXML", ""),
        (
            rule(&format!("<And>{tag}{tag}</And>"), days),
            "InvalidRequest",
            "Duplicate Tag Keys are not allowed.",
        ),
        (
            rule("", &days.replace('1', "0")),
            "InvalidArgument",
            "'Days' for Expiration action must be a positive integer",
        ),
        (
            rule("", "<Expiration><Date>2026-01-01T10:00:00Z</Date></Expiration>"),
            "InvalidArgument",
            "'Date' must be at midnight GMT",
        ),
        (
            rule(
                "",
                "<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
            ),
            "MalformedXML",
            "",
        ),
        (
            rule("", &transition(29, "ONEZONE_IA")),
            "InvalidArgument",
            "'Days' in Transition action must be greater than or equal to 30 for storageClass 'ONEZONE_IA'",
        ),
        (rule("", &transition(1, "WOOD")), "MalformedXML", ""),
        (
            rule(
                tag,
                "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
                 </AbortIncompleteMultipartUpload>",
            ),
            "InvalidRequest",
            "AbortIncompleteMultipartUpload cannot be specified with Tags.",
        ),
        (
            rule(
                "",
                "<NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays></NoncurrentVersionExpiration>",
            ),
            "InvalidArgument",
            "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
        ),
        (
            rule("<ObjectSizeLessThan>0</ObjectSizeLessThan>", days),
            "InvalidRequest",
            "'ObjectSizeLessThan' should be between 1 and 1099511627776000.",
        ),
        (
            document(&format!(
                "<Rule><ID>a</ID><Filter/><Status>Enabled</Status>{days}</Rule>\
                 <Rule><ID>a</ID><Filter/><Status>Enabled</Status>{days}</Rule>"
            )),
            "InvalidArgument",
            "Rule ID must be unique. Found same ID for more than one rule",
        ),
        (
            rule(
                "<Prefix>a</Prefix>",
                "<NoncurrentVersionExpiration><NewerNoncurrentVersions>101</NewerNoncurrentVersions>\
                 <NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>",
            ),
            "InvalidArgument",
            "'NewerNoncurrentVersions' must be less than or equal to 100",
        ),
        (
            document(&format!(
                "<Rule><ID>{}</ID><Filter/><Status>Enabled</Status>{days}</Rule>",
                "i".repeat(256)
            )),
            "InvalidArgument",
            "ID length should not exceed allowed limit of 255",
        ),
        (rule("", days).replace("Enabled", "enabled"), "MalformedXML", ""),
    ];
    for (body, code, message) in cases {
        let answer = world.ask("PUT /films?lifecycle", body.clone()).await;
        assert_eq!(answer.refusal(), (400, code), "{body}: {}", answer.body);
        assert!(message.is_empty() || answer.element("Message") == message, "{}", answer.body);
    }
    assert_eq!(world.ask("GET /films?lifecycle", "").await.status, 404);
}

#[tokio::test]
async fn an_object_expires_at_the_midnight_that_was_told() {
    let mut world = with_rule("<Prefix>logs/</Prefix>", "<Expiration><Days>2</Days></Expiration>").await;
    world.now += Duration::from_secs(3_600);
    let expected = "expiry-date=\"Sun, 04 Jan 2026 00:00:00 GMT\", rule-id=\"rule\"";
    let written = world.ask("PUT /films/logs/a", "x").await;
    assert_eq!(written.header("x-amz-expiration"), expected);
    world.ask("PUT /films/a", "x").await;
    assert_eq!(world.ask("HEAD /films/logs/a", "").await.header("x-amz-expiration"), expected);
    assert_eq!(world.ask("HEAD /films/a", "").await.header("x-amz-expiration"), "");
    world.now += Duration::from_secs(3 * DAY - 3_601);
    assert_eq!(world.ask("GET /films/logs/a", "").await.status, 200);
    world.now += Duration::from_secs(1);
    assert_eq!(world.ask("GET /films/logs/a", "").await.refusal(), (404, "NoSuchKey"));
    assert_eq!(world.ask("GET /films/a", "").await.status, 200);
}

#[tokio::test]
async fn with_versions_an_object_expires_under_a_marker_and_then_for_good() {
    let actions = "<Expiration><Days>1</Days></Expiration>\
                   <NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>";
    let mut world = with_rule("", actions).await;
    enable_versions(&world).await;
    let version = world.ask("PUT /films/a", "x").await.header("x-amz-version-id").to_owned();
    world.now += Duration::from_secs(DAY);
    let hidden = world.ask("GET /films/a", "").await;
    assert_eq!((hidden.status, hidden.header("x-amz-delete-marker")), (404, "true"));
    let old = format!("GET /films/a?versionId={version}");
    assert_eq!(world.ask(&old, "").await.status, 200);
    world.now += Duration::from_secs(3 * DAY);
    assert_eq!(world.ask(&old, "").await.refusal(), (404, "NoSuchVersion"));
    assert_eq!(
        world.ask("GET /films?versions", "").await.elements("VersionId").len(),
        0,
        "the marker went too"
    );
}

#[tokio::test]
async fn a_lone_delete_marker_goes_with_a_rule_about_it_or_when_it_is_old_enough_itself() {
    for (expiration, days) in [
        ("<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>", 1),
        ("<Days>3</Days>", 4),
        ("<Date>2026-01-06T00:00:00Z</Date>", 5),
    ] {
        let mut world = with_rule("", &format!("<Expiration>{expiration}</Expiration>")).await;
        enable_versions(&world).await;
        world.now += Duration::from_secs(1);
        let version = world.ask("PUT /films/a", "x").await.header("x-amz-version-id").to_owned();
        world.ask("DELETE /films/a", "").await;
        world.ask(&format!("DELETE /films/a?versionId={version}"), "").await;
        world.now += Duration::from_secs(days * DAY - 2);
        let listed = world.ask("GET /films?versions", "").await;
        assert_eq!(listed.elements("DeleteMarker").len(), 1, "{expiration}");
        world.now += Duration::from_secs(1);
        let listed = world.ask("GET /films?versions", "").await;
        assert_eq!(listed.elements("DeleteMarker").len(), 0, "{expiration}");
    }
}

#[tokio::test]
async fn a_year_at_once_does_all_that_a_year_would_have_done() {
    let actions = "<Expiration><Days>1</Days></Expiration>\
                   <NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>";
    let mut world = with_rule("", actions).await;
    enable_versions(&world).await;
    world.ask("PUT /films/a", "x").await;
    world.now += Duration::from_secs(365 * DAY);
    assert_eq!(world.ask("GET /films?versions", "").await.elements("VersionId").len(), 0);
    assert_eq!(world.ask("DELETE /films", "").await.status, 204);
}

#[tokio::test]
async fn noncurrent_versions_beyond_a_number_expire() {
    let actions = "<NoncurrentVersionExpiration><NewerNoncurrentVersions>1</NewerNoncurrentVersions>\
                   <NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>";
    let mut world = with_rule("", actions).await;
    enable_versions(&world).await;
    for body in ["1", "2", "3", "4"] {
        world.ask("PUT /films/a", body).await;
    }
    world.now += Duration::from_secs(DAY);
    assert_eq!(world.ask("GET /films?versions", "").await.elements("VersionId").len(), 2);
    assert_eq!(world.ask("GET /films/a", "").await.body, "4");
}

#[tokio::test]
async fn uploads_are_aborted_and_classes_changed_by_the_clock() {
    let actions = "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
                   </AbortIncompleteMultipartUpload><Transition><Days>2</Days><StorageClass>GLACIER</StorageClass>\
                   </Transition>";
    let mut world = World::with_bucket().await;
    let put = "PUT /films?lifecycle\nx-amz-transition-default-minimum-object-size: varies_by_storage_class";
    assert_eq!(world.ask(put, rule("", actions)).await.status, 200);
    let begun = world.ask("POST /films/a?uploads", "").await;
    assert_eq!(begun.header("x-amz-abort-date"), "Fri, 02 Jan 2026 00:00:00 GMT");
    assert_eq!(begun.header("x-amz-abort-rule-id"), "rule");
    let parts = format!("GET /films/a?uploadId={}", begun.element("UploadId"));
    assert_eq!(world.ask(&parts, "").await.header("x-amz-abort-rule-id"), "rule");
    let written = world.ask("PUT /films/b", "x").await;
    world.now += Duration::from_secs(DAY);
    assert_eq!(world.ask(&parts, "").await.refusal(), (404, "NoSuchUpload"));
    world.now += Duration::from_secs(DAY);
    let head = world.ask("HEAD /films/b", "").await;
    assert_eq!(
        (head.header("x-amz-storage-class"), head.header("etag")),
        ("GLACIER", written.header("etag"))
    );
    assert_eq!(world.ask("GET /films/b", "").await.refusal(), (403, "InvalidObjectState"));
}

#[tokio::test]
async fn what_is_locked_does_not_expire() {
    let mut world = World::new();
    world.ask("PUT /films\nx-amz-bucket-object-lock-enabled: true", "").await;
    let actions =
        "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>";
    world.ask("PUT /films?lifecycle", rule("", actions)).await;
    let held = format!("PUT /films/a\ncontent-md5: {HELLO_MD5}\nx-amz-object-lock-legal-hold: ON");
    let version = world.ask(&held, "hello world").await.header("x-amz-version-id").to_owned();
    world.ask("PUT /films/a", "x").await;
    world.now += Duration::from_secs(10 * DAY);
    assert_eq!(world.ask(&format!("GET /films/a?versionId={version}"), "").await.status, 200);
}

#[tokio::test]
async fn a_date_that_is_no_midnight_is_repeated() {
    let world = World::with_bucket().await;
    let refused = world
        .ask(
            "PUT /films?lifecycle",
            "<LifecycleConfiguration><Rule><Filter><Prefix></Prefix></Filter><Status>Enabled</Status><Expiration>\
             <Date>2027-01-01T12:00:00Z</Date></Expiration></Rule></LifecycleConfiguration>",
        )
        .await;
    assert_eq!((refused.refusal(), refused.element("ArgumentName")), ((400, "InvalidArgument"), "Date"));
    assert!(refused.element("ArgumentValue").starts_with("2027-01-01T12:00:00"), "{}", refused.body);
}
