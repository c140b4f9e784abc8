//! Who may do what: policies, access control lists, ownership and Block Public Access, from outside.

use super::*;

const NOBODY: &str = "";

impl World {
    /// The same cloud, asked by another account, or by nobody.
    fn asked_by(&self, account: &'static str) -> Self {
        Self { wire: self.wire.clone(), account, region: self.region, now: self.now }
    }

    /// A bucket that takes public policies and access control lists.
    async fn with_open_bucket() -> Self {
        let world = Self::with_bucket().await;
        assert_eq!(world.ask("DELETE /films?publicAccessBlock", "").await.status, 204);
        let ownership = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
                         </OwnershipControls>";
        assert_eq!(world.ask("PUT /films?ownershipControls", ownership).await.status, 200);
        world
    }

    async fn with_policy(&self, statement: &str) {
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{{{statement}}}]}}"#);
        let put = self.ask("PUT /films?policy", policy).await;
        assert_eq!((put.status, put.body.as_str()), (204, ""));
    }
}

#[tokio::test]
async fn a_policy_is_told_as_it_was_put() {
    let world = World::with_bucket().await;
    let missing = world.ask("GET /films?policy", "").await;
    assert_eq!(missing.refusal(), (404, "NoSuchBucketPolicy"));
    assert_eq!(
        (missing.element("Message"), missing.element("BucketName")),
        ("The bucket policy does not exist", "films")
    );
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "s3:*", "Resource": ["arn:aws:s3:::films", "arn:aws:s3:::films/*"]}]}"#;
    assert_eq!(world.ask("PUT /films?policy", policy).await.status, 204);
    let told = world.ask("GET /films?policy", "").await;
    assert_eq!((told.status, told.body.as_str()), (200, policy));
    assert_eq!(told.header("content-type"), "application/json");
    assert_eq!(world.ask("GET /films?policyStatus", "").await.element("IsPublic"), "false");
    assert_eq!(world.ask("DELETE /films?policy", "").await.status, 204);
    assert_eq!(world.ask("DELETE /films?policy", "").await.status, 204);
    assert_eq!(world.ask("GET /films?policyStatus", "").await.refusal(), (404, "NoSuchBucketPolicy"));
    let malformed = world.ask("PUT /films?policy", "nonsense").await;
    assert_eq!(malformed.refusal(), (400, "MalformedPolicy"));
    assert!(malformed.element("Message").starts_with("Policies must be valid JSON"));
}

#[tokio::test]
async fn everybody_may_read_what_a_public_policy_says() {
    let world = World::with_open_bucket().await;
    world.ask("PUT /films/a", "1927").await;
    let nobody = world.asked_by(NOBODY);
    assert_eq!(nobody.ask("GET /films/a", "").await.refusal(), (403, "AccessDenied"));
    world
        .with_policy(
            r#""Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::films/*""#,
        )
        .await;
    assert_eq!(world.ask("GET /films?policyStatus", "").await.element("IsPublic"), "true");
    assert_eq!(nobody.ask("GET /films/a", "").await.body, "1927");
    assert_eq!(nobody.ask("GET /films/none", "").await.refusal(), (403, "AccessDenied"));
    assert_eq!(nobody.ask("HEAD /films/none", "").await.status, 403);
    assert_eq!(nobody.ask("PUT /films/a", "x").await.refusal(), (403, "AccessDenied"));
    assert_eq!(world.ask("GET /films/none", "").await.refusal(), (404, "NoSuchKey"));
}

#[tokio::test]
async fn a_copy_reads_its_source_and_writes_its_target() {
    let world = World::with_open_bucket().await;
    world.ask("PUT /films/a", "1927").await;
    let other = world.asked_by(OTHER_ACCOUNT);
    assert_eq!(other.ask("PUT /elsewhere", "").await.status, 200);
    let copy = "PUT /elsewhere/a\nx-amz-copy-source: /films/a";
    assert_eq!(other.ask(copy, "").await.refusal(), (403, "AccessDenied"));
    world
        .with_policy(
            r#""Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::films/*""#,
        )
        .await;
    assert_eq!(other.ask(copy, "").await.status, 200);
    assert_eq!(other.ask("GET /elsewhere/a", "").await.body, "1927");
    assert_eq!(
        other.ask("PUT /films/b\nx-amz-copy-source: /films/a", "").await.refusal(),
        (403, "AccessDenied")
    );
}

#[tokio::test]
async fn conditions_see_headers_and_parameters() {
    let world = World::with_open_bucket().await;
    let nobody = world.asked_by(NOBODY);
    world
        .with_policy(
            r#""Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::films",
               "Condition":{"StringEquals":{"s3:prefix":"open/"},"NumericLessThanEquals":{"s3:max-keys":"10"},
               "StringLike":{"aws:UserAgent":"curl*","aws:Referer":"http://example.com/*"}}"#,
        )
        .await;
    let headers = "\nuser-agent: curl/8\nreferer: http://example.com/index";
    let list = |query: &str| format!("GET /films?list-type=2&{query}{headers}");
    assert_eq!(nobody.ask(&list("prefix=open/&max-keys=10"), "").await.status, 200);
    assert_eq!(nobody.ask(&list("prefix=open/&max-keys=11"), "").await.status, 403);
    assert_eq!(nobody.ask(&list("prefix=shut/&max-keys=10"), "").await.status, 403);
    assert_eq!(nobody.ask("GET /films?list-type=2&prefix=open/&max-keys=10", "").await.status, 403);
    world
        .with_policy(
            r#""Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::films/*",
               "Condition":{"StringNotEquals":{"s3:x-amz-storage-class":"STANDARD_IA"}}"#,
        )
        .await;
    let denied = world.ask("PUT /films/a", "x").await;
    assert_eq!(denied.refusal(), (403, "AccessDenied"));
    assert_eq!(
        denied.element("Message"),
        "User: arn:aws:iam::123456789012:user/mock-aws is not authorized to perform: s3:PutObject on resource: \
         \"arn:aws:s3:::films/a\" with an explicit deny in a resource-based policy"
    );
    assert_eq!(world.ask("PUT /films/a\nx-amz-storage-class: STANDARD_IA", "x").await.status, 200);
}

#[tokio::test]
async fn signatures_have_an_age_and_a_kind() {
    let world = World::with_open_bucket().await;
    world.ask("PUT /films/a", "x").await;
    world
        .with_policy(
            r#""Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::films/*",
               "Condition":{"NumericGreaterThan":{"s3:signatureAge":"60000"},"StringEquals":{"s3:authType":"REST-QUERY-STRING"}}"#,
        )
        .await;
    let at = |date: &str| format!("GET /films/a?X-Amz-Date={date}&X-Amz-Signature=0");
    assert_eq!(world.ask(&at("20251231T235930Z"), "").await.status, 200);
    assert_eq!(world.ask(&at("20251231T235800Z"), "").await.status, 403);
    let header = "GET /films/a\nauthorization: AWS4-HMAC-SHA256 x\nx-amz-date: 20251231T235800Z";
    assert_eq!(world.ask(header, "").await.status, 200);
}

#[tokio::test]
async fn one_request_deletes_what_it_may_and_says_what_it_may_not() {
    let world = World::with_open_bucket().await;
    for key in ["a", "kept/b"] {
        world.ask(&format!("PUT /films/{key}"), "x").await;
    }
    world
        .with_policy(
            r#""Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::films/kept/*""#,
        )
        .await;
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>kept/b</Key></Object></Delete>";
    let head = format!(
        "POST /films?delete\nx-amz-checksum-crc32: {}",
        crate::s3::engine::Digest::of(
            &crate::s3::engine::Content::from(Bytes::from_static(body.as_bytes())),
            &[crate::s3::engine::ChecksumAlgorithm::Crc32]
        )
        .checksums[0]
    );
    let answer = world.ask(&head, body).await;
    assert_eq!((answer.status, answer.elements("Key")), (200, vec!["a", "kept/b"]), "{}", answer.body);
    assert_eq!(answer.element("Code"), "AccessDenied");
    assert_eq!(world.ask("GET /films/kept/b", "").await.status, 200);
}

#[tokio::test]
async fn lists_are_told_with_canonical_ids_and_no_names() {
    let world = World::with_open_bucket().await;
    world.ask("PUT /films/a\nx-amz-acl: public-read", "x").await;
    let acl = world.ask("GET /films/a?acl", "").await;
    assert_eq!(acl.elements("Permission"), ["FULL_CONTROL", "READ"]);
    assert_eq!(acl.element("URI"), "http://acs.amazonaws.com/groups/global/AllUsers");
    assert_eq!((acl.elements("ID").len(), acl.element("ID").len()), (2, 64));
    assert!(
        !acl.body.contains("DisplayName") && acl.body.contains("xsi:type=\"CanonicalUser\""),
        "{}",
        acl.body
    );
    let nobody = world.asked_by(NOBODY);
    assert_eq!(nobody.ask("GET /films/a", "").await.body, "x");
    assert_eq!(world.ask("PUT /films/a?acl\nx-amz-acl: private", "").await.status, 200);
    assert_eq!(nobody.ask("GET /films/a", "").await.status, 403);
    let other = crate::s3::engine::CanonicalUserId::of(&AccountId::parse(OTHER_ACCOUNT).unwrap());
    let grant = format!("PUT /films/a?acl\nx-amz-grant-read: id=\"{other}\"");
    assert_eq!(world.ask(&grant, "").await.status, 200);
    assert_eq!(world.asked_by(OTHER_ACCOUNT).ask("GET /films/a", "").await.body, "x");
}

#[tokio::test]
async fn a_list_that_is_wrong_is_refused_in_the_words_of_aws() {
    let world = World::with_open_bucket().await;
    let owner = world.ask("GET /films?acl", "").await.element("ID").to_owned();
    let list = |grantee: &str| {
        format!(
            "<AccessControlPolicy><Owner><ID>{owner}</ID></Owner><AccessControlList><Grant>\
             <Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" {grantee}</Grantee>\
             <Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
        )
    };
    for (grantee, refusal) in [
        ("xsi:type=\"CanonicalUser\"><ID>_foo</ID>", (400, "InvalidArgument")),
        ("xsi:type=\"Group\"><URI>http://example.com</URI>", (400, "InvalidArgument")),
        (
            "xsi:type=\"AmazonCustomerByEmail\"><EmailAddress>a@example.com</EmailAddress>",
            (405, "MethodNotAllowed"),
        ),
    ] {
        let answer = world.ask("PUT /films?acl", list(grantee)).await;
        assert_eq!(answer.refusal(), refusal, "{grantee}");
    }
    let group = list("xsi:type=\"Group\"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>");
    assert_eq!(world.ask("PUT /films?acl", group.clone()).await.status, 200);
    let both = world.ask("PUT /films?acl\nx-amz-acl: private", group).await;
    assert_eq!(
        (both.refusal(), both.element("Message")),
        ((400, "UnexpectedContent"), "This request does not support content")
    );
    assert_eq!(world.ask("PUT /films?acl", "").await.refusal(), (400, "MissingSecurityHeader"));
    assert_eq!(
        world.ask("PUT /films?acl", "<AccessControlPolicy><Own").await.refusal(),
        (400, "MalformedACLError")
    );
    let without = format!("<AccessControlPolicy><Owner><ID>{owner}</ID></Owner></AccessControlPolicy>");
    assert_eq!(world.ask("PUT /films?acl", without).await.refusal(), (400, "MalformedACLError"));
    let twice = "PUT /films/a\nx-amz-acl: private\nx-amz-grant-read: uri=http://acs.amazonaws.com/groups/global/AllUsers";
    let twice = world.ask(twice, "x").await;
    assert_eq!(twice.element("Message"), "Specifying both Canned ACLs and Header Grants is not allowed");
    let mail = world.ask("PUT /films/a\nx-amz-grant-read: emailAddress=\"a@example.com\"", "x").await;
    assert_eq!(mail.refusal(), (405, "MethodNotAllowed"));
    assert_eq!(world.ask("PUT /films/a\nx-amz-acl: public", "x").await.refusal(), (400, "InvalidArgument"));
}

#[tokio::test]
async fn a_new_bucket_has_no_lists_and_blocks_what_is_public() {
    let world = World::with_bucket().await;
    assert_eq!(
        world.ask("GET /films?ownershipControls", "").await.element("ObjectOwnership"),
        "BucketOwnerEnforced"
    );
    let block = world.ask("GET /films?publicAccessBlock", "").await;
    for setting in ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"] {
        assert_eq!(block.element(setting), "true", "{setting}");
    }
    let list = world.ask("PUT /films/a\nx-amz-acl: public-read", "x").await;
    assert_eq!(list.refusal(), (400, "AccessControlListNotSupported"));
    assert_eq!(list.element("Message"), "The bucket does not allow ACLs");
    assert_eq!(world.ask("PUT /films/a\nx-amz-acl: bucket-owner-full-control", "x").await.status, 200);
    for private in [
        "PUT /films/a\nx-amz-acl: private",
        "PUT /films/a?acl\nx-amz-acl: private",
        "PUT /films?acl\nx-amz-acl: private",
    ] {
        let body = if private.contains("?acl") { "" } else { "x" };
        assert_eq!(
            world.ask(private, body).await.refusal(),
            (400, "AccessControlListNotSupported"),
            "{private}"
        );
    }
    assert_eq!(
        world.ask("PUT /other\nx-amz-acl: public-read", "").await.refusal(),
        (400, "InvalidBucketAclWithObjectOwnership")
    );
    let public = "PUT /other\nx-amz-acl: public-read\nx-amz-object-ownership: ObjectWriter";
    assert_eq!(world.ask(public, "").await.refusal(), (400, "InvalidBucketAclWithBlockPublicAccessError"));
    assert_eq!(world.ask("DELETE /films?publicAccessBlock", "").await.status, 204);
    assert_eq!(
        world.ask("GET /films?publicAccessBlock", "").await.refusal(),
        (404, "NoSuchPublicAccessBlockConfiguration")
    );
    assert_eq!(world.ask("DELETE /films?ownershipControls", "").await.status, 204);
    let controls = world.ask("GET /films?ownershipControls", "").await;
    assert_eq!(controls.refusal(), (404, "OwnershipControlsNotFoundError"));
}

#[tokio::test]
async fn a_listing_names_the_owner_of_every_object() {
    let world = World::with_open_bucket().await;
    world.ask("PUT /films?acl\nx-amz-acl: public-read-write", "").await;
    world.ask("PUT /films/a", "x").await;
    world.asked_by(OTHER_ACCOUNT).ask("PUT /films/b", "x").await;
    world.asked_by(NOBODY).ask("PUT /films/c", "x").await;
    let listed = world.ask("GET /films?list-type=2&fetch-owner=true", "").await;
    let owners = listed.elements("ID");
    assert_eq!(owners.len(), 3);
    assert!(owners[0] != owners[1] && owners[2].len() == 32, "{owners:?}");
    assert_eq!(world.ask("GET /films/b", "").await.refusal(), (403, "AccessDenied"));
}

const ENABLED: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

#[tokio::test]
async fn a_version_has_a_list_of_its_own() {
    let world = World::with_open_bucket().await;
    world.ask("PUT /films?versioning", ENABLED).await;
    let first = world.ask("PUT /films/a", "1927").await.header("x-amz-version-id").to_owned();
    world.ask("PUT /films/a", "2001").await;
    let put = world.ask(&format!("PUT /films/a?acl&versionId={first}\nx-amz-acl: public-read"), "").await;
    assert_eq!((put.status, put.header("x-amz-version-id")), (200, first.as_str()), "{}", put.body);
    let nobody = world.asked_by(NOBODY);
    assert_eq!(nobody.ask(&format!("GET /films/a?versionId={first}"), "").await.body, "1927");
    assert_eq!(nobody.ask("GET /films/a", "").await.refusal(), (403, "AccessDenied"));
    let told = world.ask(&format!("GET /films/a?acl&versionId={first}"), "").await;
    assert_eq!((told.elements("Permission").len(), told.header("x-amz-version-id")), (2, first.as_str()));
    assert_eq!(world.ask("GET /films/a?acl", "").await.elements("Permission"), ["FULL_CONTROL"]);
}

#[tokio::test]
async fn a_policy_may_ask_for_the_tags_of_an_object() {
    let world = World::with_open_bucket().await;
    world.ask("PUT /films/a\nx-amz-tagging: public=yes", "1927").await;
    world.ask("PUT /films/b", "2001").await;
    world
        .with_policy(
            r#""Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::films/*",
               "Condition":{"StringEquals":{"s3:ExistingObjectTag/public":"yes"}}"#,
        )
        .await;
    let nobody = world.asked_by(NOBODY);
    assert_eq!(nobody.ask("GET /films/a", "").await.body, "1927");
    assert_eq!(nobody.ask("GET /films/b", "").await.refusal(), (403, "AccessDenied"));
}

#[tokio::test]
async fn deletes_of_versions_are_decided_one_by_one() {
    let world = World::with_bucket().await;
    world.ask("PUT /films?versioning", ENABLED).await;
    let version = world.ask("PUT /films/a", "1927").await.header("x-amz-version-id").to_owned();
    world
        .with_policy(
            r#""Effect":"Deny","Principal":"*","Action":"s3:DeleteObjectVersion",
               "Resource":"arn:aws:s3:::films/*""#,
        )
        .await;
    let body = format!(
        "<Delete><Object><Key>a</Key><VersionId>{version}</VersionId></Object><Object><Key>b</Key></Object></Delete>"
    );
    let answer = world.ask(&super::versions::delete_many(&body), body).await;
    assert_eq!((answer.status, answer.element("Code")), (200, "AccessDenied"), "{}", answer.body);
    assert_eq!(answer.elements("Key").len(), 2);
    assert_eq!(world.ask("GET /films/a", "").await.body, "1927");
}

#[tokio::test]
async fn versions_are_listed_as_their_owners() {
    let world = World::with_bucket().await;
    world.ask("PUT /films?versioning", ENABLED).await;
    world.ask("PUT /films/a", "1927").await;
    world.ask("DELETE /films/a", "").await;
    world
        .with_policy(
            r#""Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:ListBucketVersions",
               "Resource":"arn:aws:s3:::films""#,
        )
        .await;
    let told = world.ask("GET /films?versions", "").await;
    let elsewhere = world.asked_by(OTHER_ACCOUNT).ask("GET /films?versions", "").await;
    assert_eq!(told.elements("ID").len(), 2);
    assert_eq!(told.elements("ID"), elsewhere.elements("ID"));
}

#[tokio::test]
async fn nobody_begins_an_upload_or_copies_however_public_the_bucket() {
    let mut world = World::with_open_bucket().await;
    world
        .with_policy(r#""Effect": "Allow", "Principal": "*", "Action": "s3:*Object", "Resource": "arn:aws:s3:::films/*""#)
        .await;
    assert_eq!(world.ask("PUT /films/a", "x").await.status, 200);
    world.account = "";
    assert_eq!(world.ask("PUT /films/b", "x").await.status, 200);
    for (head, what) in [
        ("POST /films/c?uploads", "initiate multipart uploads"),
        ("PUT /films/c\nx-amz-copy-source: films/a", "copy objects"),
    ] {
        let refused = world.ask(head, "").await;
        assert_eq!(refused.refusal(), (403, "AccessDenied"), "{head}");
        let message = format!("Anonymous users cannot {what}.  Please authenticate.");
        assert_eq!(refused.element("Message"), message);
    }
}

#[tokio::test]
async fn nobody_is_told_what_only_somebody_may_do() {
    let mut world = World::with_bucket().await;
    world.account = "";
    let authenticate = "Anonymous users cannot invoke this API. Please authenticate.";
    let controls =
        |verb: &str| format!("s3:{verb}BucketOwnershipControls does not support Anonymous requests!");
    for (head, message) in [
        ("PUT /others", authenticate.to_owned()),
        ("PUT /films?acl\nx-amz-acl: private", authenticate.to_owned()),
        ("PUT /films/a?acl\nx-amz-acl: private", authenticate.to_owned()),
        ("GET /films?ownershipControls", controls("Get")),
        ("DELETE /films?ownershipControls", controls("Put")),
        (
            "POST /films/a?uploads",
            "Anonymous users cannot initiate multipart uploads.  Please authenticate.".to_owned(),
        ),
        ("GET /films", "Access Denied".to_owned()),
    ] {
        let refused = world.ask(head, "").await;
        assert_eq!(
            (refused.refusal(), refused.element("Message")),
            ((403, "AccessDenied"), message.as_str()),
            "{head}"
        );
    }
    assert_eq!(world.ask("GET /none?ownershipControls", "").await.refusal(), (404, "NoSuchBucket"));
}
