//! Tags of objects: with the write, on their own, of versions, and what no tag may be.

use super::*;

fn document(tags: &[(&str, &str)]) -> String {
    let tags = tags.iter().map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"));
    format!("<Tagging><TagSet>{}</TagSet></Tagging>", tags.collect::<String>())
}

async fn tags(world: &World, target: &str) -> Vec<String> {
    let answer = world.ask(&format!("GET /films/{target}"), "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (keys, values) = (answer.elements("Key"), answer.elements("Value"));
    keys.iter().zip(values).map(|(key, value)| format!("{key}={value}")).collect()
}

#[tokio::test]
async fn tags_come_with_the_write_and_change_without_one() {
    let world = World::with_bucket().await;
    assert_eq!(world.ask("PUT /films/a\nx-amz-tagging: genre=drama&seen", "x").await.status, 200);
    assert_eq!(tags(&world, "a?tagging").await, ["genre=drama", "seen="]);
    let head = world.ask("HEAD /films/a", "").await;
    assert_eq!(head.header("x-amz-tagging-count"), "2");
    let put = world.ask("PUT /films/a?tagging", document(&[("year", "1927")])).await;
    assert_eq!((put.status, put.header("x-amz-version-id")), (200, ""));
    assert_eq!(tags(&world, "a?tagging").await, ["year=1927"]);
    let after = world.ask("HEAD /films/a", "").await;
    assert_eq!(after.header("etag"), head.header("etag"));
    assert_eq!(world.ask("DELETE /films/a?tagging", "").await.status, 204);
    assert!(tags(&world, "a?tagging").await.is_empty());
    assert_eq!(world.ask("HEAD /films/a", "").await.header("x-amz-tagging-count"), "");
    assert_eq!(world.ask("GET /films/none?tagging", "").await.refusal(), (404, "NoSuchKey"));
    assert_eq!(world.ask("PUT /films/none?tagging", document(&[])).await.refusal(), (404, "NoSuchKey"));
}

#[tokio::test]
async fn a_copy_takes_the_tags_along_unless_it_brings_its_own() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a\nx-amz-tagging: genre=drama", "x").await;
    for (headers, expected) in [
        ("", vec!["genre=drama"]),
        ("\nx-amz-tagging-directive: COPY", vec!["genre=drama"]),
        ("\nx-amz-tagging-directive: REPLACE\nx-amz-tagging: genre=comedy", vec!["genre=comedy"]),
        ("\nx-amz-tagging-directive: REPLACE", vec![]),
    ] {
        let copied = world.ask(&format!("PUT /films/b\nx-amz-copy-source: films/a{headers}"), "").await;
        assert_eq!(copied.status, 200, "{headers}: {}", copied.body);
        assert_eq!(tags(&world, "b?tagging").await, expected, "{headers}");
    }
    let unknown = "PUT /films/b\nx-amz-copy-source: films/a\nx-amz-tagging-directive: MERGE";
    assert_eq!(world.ask(unknown, "").await.refusal(), (400, "InvalidArgument"));
    let begun = world.ask("POST /films/c?uploads\nx-amz-tagging: genre=drama", "").await;
    let id = begun.element("UploadId").to_owned();
    let part = world.ask(&format!("PUT /films/c?partNumber=1&uploadId={id}"), "x").await;
    let complete = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        part.header("etag")
    );
    assert_eq!(world.ask(&format!("POST /films/c?uploadId={id}"), complete).await.status, 200);
    assert_eq!(tags(&world, "c?tagging").await, ["genre=drama"]);
}

#[tokio::test]
async fn every_version_has_tags_of_its_own() {
    let world = World::with_bucket().await;
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    world.ask("PUT /films?versioning", enabled).await;
    let one = world.ask("PUT /films/a\nx-amz-tagging: n=1", "x").await.header("x-amz-version-id").to_owned();
    world.ask("PUT /films/a\nx-amz-tagging: n=2", "x").await;
    let put = world.ask(&format!("PUT /films/a?tagging&versionId={one}"), document(&[("n", "one")])).await;
    assert_eq!((put.status, put.header("x-amz-version-id")), (200, one.as_str()), "{}", put.body);
    assert_eq!(tags(&world, &format!("a?tagging&versionId={one}")).await, ["n=one"]);
    assert_eq!(tags(&world, "a?tagging").await, ["n=2"]);
    world.ask("DELETE /films/a", "").await;
    let marked = world.ask("GET /films/a?tagging", "").await;
    assert_eq!((marked.refusal(), marked.element("Method")), ((405, "MethodNotAllowed"), "GET"));
    assert_eq!(marked.element("ResourceType"), "DeleteMarker");
    assert_eq!(world.ask("GET /films/b?tagging", "").await.element("Key"), "films/b");
    let marked = world.ask("PUT /films/a?tagging", document(&[])).await;
    assert_eq!((marked.refusal(), marked.header("x-amz-delete-marker")), ((405, "MethodNotAllowed"), "true"));
}

#[tokio::test]
async fn tags_that_break_the_rules_are_refused() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "x").await;
    let many: Vec<String> = (0..11).map(|n| format!("k{n}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "")).collect();
    let long = "k".repeat(129);
    for (body, refusal, message) in [
        (document(&many), (400, "BadRequest"), "Object tags cannot be greater than 10"),
        (document(&[(&long, "v")]), (400, "InvalidTag"), "The TagKey you have provided is invalid"),
        (document(&[("k", "v!")]), (400, "InvalidTag"), "The TagValue you have provided is invalid"),
        (
            document(&[("k", "1"), ("k", "2")]),
            (400, "InvalidTag"),
            "Cannot provide multiple Tags with the same key",
        ),
        (document(&[("aws:k", "v")]), (400, "InvalidTag"), "Your TagKey cannot be prefixed with aws:"),
    ] {
        let answer = world.ask("PUT /films/a?tagging", body).await;
        assert_eq!((answer.refusal(), answer.element("Message")), (refusal, message));
    }
    for body in
        ["<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>", "<Tagging></Tagging>", "<Tagging"]
    {
        assert_eq!(world.ask("PUT /films/a?tagging", body).await.refusal(), (400, "MalformedXML"), "{body}");
    }
    let twice = world.ask("PUT /films/a\nx-amz-tagging: a=1&a=2", "x").await;
    assert_eq!((twice.refusal(), twice.element("ArgumentName")), ((400, "InvalidArgument"), "x-amz-tagging"));
}

#[tokio::test]
async fn tags_that_are_not_what_was_signed_are_refused() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "x").await;
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let refused = world.ask(&format!("PUT /films/a?tagging\nx-amz-content-sha256: {empty}"), tags).await;
    assert_eq!(refused.refusal(), (400, "XAmzContentSHA256Mismatch"));
}

#[tokio::test]
async fn a_document_of_another_namespace_is_read_by_its_names() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "x").await;
    // The second is what examples of the documentation have had for years.
    for namespace in ["http://s3.amazonaws.com/doc/2006-03-01/", "http://doc.s3.amazonaws.com/2006-03-01"] {
        let open = format!("<Tagging xmlns=\"{namespace}\">");
        let document = document(&[("year", "1927")]).replace("<Tagging>", &open);
        assert_eq!(world.ask("PUT /films/a?tagging", document.clone()).await.status, 200, "{namespace}");
        assert_eq!(world.ask("PUT /films?tagging", document).await.status, 204, "{namespace}");
        assert_eq!(tags(&world, "a?tagging").await, ["year=1927"]);
        assert_eq!(world.ask("GET /films?tagging", "").await.element("Value"), "1927");
        for target in ["/films/a?tagging", "/films?tagging"] {
            assert_eq!(world.ask(&format!("DELETE {target}"), "").await.status, 204);
        }
    }
    let other = "<Tags xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet/></Tags>";
    assert_eq!(world.ask("PUT /films/a?tagging", other).await.refusal(), (400, "MalformedXML"));
}
