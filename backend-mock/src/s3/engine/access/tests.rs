//! Decisions: the same request by its owner, by another account, and by nobody.

use super::*;
use crate::context::AccountId;
use crate::s3::engine::configuration::policy::PutBucketPolicy;
use crate::s3::engine::tests::{caller, caller_of, create_upload, engine_with, ids, key, put};
use crate::s3::engine::{
    CannedAcl, CreateMultipartUpload, ObjectHeaders, ObjectOwnership, PublicAccessBlock, PutObject,
    RequestedAcl,
};
use crate::seed::IdSource;

struct NoKeys;

impl ConditionKeys for NoKeys {
    fn values(&self, _: &str) -> Option<Vec<String>> {
        None
    }
}

fn stranger() -> Caller {
    caller_of("999999999999", "us-east-1")
}

fn nobody() -> Caller {
    Caller { account_id: AccountId::anonymous(), ..caller() }
}

fn decide(engine: &Engine, caller: &Caller, operation: &str, key: Option<&str>) -> Result<(), Error> {
    let access = Access { operation, bucket: "films", key, version_id: None, besides: &[], keys: &NoKeys };
    engine.authorize(caller, &access)
}

fn allows(engine: &Engine, caller: &Caller, operation: &str, key: &str) -> bool {
    decide(engine, caller, operation, Some(key).filter(|key| !key.is_empty())).is_ok()
}

fn with_policy(engine: &mut Engine, statements: &str) {
    engine.put_public_access_block(&caller(), "films", None).unwrap();
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let put = PutBucketPolicy { policy: &policy, confirms_removal_of_own_access: true, keys: &NoKeys };
    engine.put_bucket_policy(&caller(), "films", &put).unwrap();
}

fn engine_with_object() -> Engine {
    let mut engine = engine_with("films");
    engine.put_object(&caller(), "films", put("a", "x"), &mut ids()).unwrap();
    engine
}

const PUBLIC_READ: &str =
    r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::films/*"}"#;

#[test]
fn a_new_bucket_is_its_owners_alone() {
    let engine = engine_with_object();
    for (operation, key) in [
        ("GetObject", "a"),
        ("PutObject", "b"),
        ("ListObjectsV2", ""),
        ("DeleteBucket", ""),
        ("GetBucketPolicy", ""),
    ] {
        assert!(allows(&engine, &caller(), operation, key), "{operation}");
        for other in [stranger(), nobody()] {
            let error = decide(&engine, &other, operation, Some(key)).unwrap_err();
            assert_eq!((error.code(), error.message()), (Code::AccessDenied, "Access Denied"), "{operation}");
        }
    }
}

#[test]
fn a_policy_lets_others_in_and_no_further() {
    let mut engine = engine_with_object();
    with_policy(&mut engine, PUBLIC_READ);
    for other in [stranger(), nobody()] {
        assert!(allows(&engine, &other, "GetObject", "a"));
        assert!(allows(&engine, &other, "HeadObject", "a"));
        assert!(!allows(&engine, &other, "PutObject", "a"));
        assert!(!allows(&engine, &other, "GetObjectAcl", "a"));
        // What is not there is told to those only who may list.
        assert!(!allows(&engine, &other, "GetObject", "none"));
    }
    let list =
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::films"}"#;
    with_policy(&mut engine, &format!("{PUBLIC_READ},{list}"));
    assert!(allows(&engine, &nobody(), "GetObject", "none"));
    assert!(allows(&engine, &nobody(), "HeadBucket", ""));
}

#[test]
fn an_explicit_deny_is_for_the_owner_too_and_says_why() {
    let mut engine = engine_with_object();
    with_policy(
        &mut engine,
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::films/*"}"#,
    );
    let error = decide(&engine, &caller(), "GetObject", Some("a")).unwrap_err();
    assert_eq!(
        error.message(),
        "User: arn:aws:iam::123456789012:user/mock-aws is not authorized to perform: s3:GetObject on resource: \
         \"arn:aws:s3:::films/a\" with an explicit deny in a resource-based policy"
    );
    assert_eq!(decide(&engine, &stranger(), "GetObject", Some("a")).unwrap_err().message(), "Access Denied");
    assert!(allows(&engine, &caller(), "PutObject", "a"));
}

#[test]
fn a_public_policy_is_blocked_or_restricted_as_configured() {
    let mut engine = engine_with_object();
    let policy = format!(r#"{{"Statement":[{PUBLIC_READ}]}}"#);
    let put = PutBucketPolicy { policy: &policy, confirms_removal_of_own_access: false, keys: &NoKeys };
    let error = engine.put_bucket_policy(&caller(), "films", &put).unwrap_err();
    assert!(error.message().ends_with(
        "s3:PutBucketPolicy on resource: \"arn:aws:s3:::films\" because public policies are prevented by the \
         BlockPublicPolicy setting in S3 Block Public Access."
    ));
    with_policy(&mut engine, PUBLIC_READ);
    let restricted = PublicAccessBlock { restrict_public_buckets: true, ..PublicAccessBlock::default() };
    engine.put_public_access_block(&caller(), "films", Some(restricted)).unwrap();
    assert!(!allows(&engine, &nobody(), "GetObject", "a"));
    assert!(allows(&engine, &caller(), "GetObject", "a"));
}

#[test]
fn the_policy_itself_is_the_owners_whatever_it_says() {
    let mut engine = engine_with_object();
    with_policy(
        &mut engine,
        r#"{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:*","Resource":"arn:aws:s3:::films"}"#,
    );
    let error = decide(&engine, &stranger(), "GetBucketPolicy", None).unwrap_err();
    assert_eq!(error.code(), Code::MethodNotAllowed);
    assert!(allows(&engine, &stranger(), "GetBucketTagging", ""));
    assert_eq!(decide(&engine, &nobody(), "GetBucketPolicy", None).unwrap_err().code(), Code::AccessDenied);
}

#[test]
fn a_policy_that_locks_its_author_out_wants_to_be_confirmed() {
    let mut engine = engine_with_object();
    let policy = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::films"}]}"#;
    let mut put = PutBucketPolicy { policy, confirms_removal_of_own_access: false, keys: &NoKeys };
    assert_eq!(engine.put_bucket_policy(&caller(), "films", &put).unwrap_err().code(), Code::AccessDenied);
    put.confirms_removal_of_own_access = true;
    assert!(engine.put_bucket_policy(&caller(), "films", &put).is_ok());
    assert!(!allows(&engine, &caller(), "DeleteBucketPolicy", ""));
}

#[test]
fn lists_let_others_in_where_they_are_in_use() {
    let mut engine = engine_with("films");
    engine.put_ownership_controls(&caller(), "films", ObjectOwnership::ObjectWriter).unwrap();
    engine.put_public_access_block(&caller(), "films", None).unwrap();
    let acl = Some(RequestedAcl::Canned(CannedAcl::PublicRead));
    engine.put_object(&caller(), "films", PutObject { acl, ..put("a", "x") }, &mut ids()).unwrap();
    engine.put_object(&caller(), "films", put("b", "x"), &mut ids()).unwrap();
    assert!(allows(&engine, &nobody(), "GetObject", "a"));
    assert!(!allows(&engine, &nobody(), "GetObject", "b"));
    assert!(!allows(&engine, &nobody(), "GetObject", "none"));
    let acl = RequestedAcl::Canned(CannedAcl::PublicReadWrite);
    engine.put_bucket_acl(&caller(), "films", &acl).unwrap();
    assert!(allows(&engine, &nobody(), "GetObject", "none"));
    assert!(allows(&engine, &nobody(), "PutObject", "c"));
    assert!(allows(&engine, &nobody(), "ListObjects", ""));
    assert!(!allows(&engine, &nobody(), "GetBucketAcl", ""));
    // What a stranger writes is the stranger's: the owner may delete it, and not read it.
    engine.put_object(&stranger(), "films", put("c", "x"), &mut ids()).unwrap();
    assert!(!allows(&engine, &caller(), "GetObject", "c"));
    assert!(allows(&engine, &stranger(), "GetObject", "c"));
    assert!(allows(&engine, &caller(), "DeleteObject", "c"));
    // Public grants that are ignored let in nobody.
    let ignoring = PublicAccessBlock { ignore_public_acls: true, ..PublicAccessBlock::default() };
    engine.put_public_access_block(&caller(), "films", Some(ignoring)).unwrap();
    assert!(!allows(&engine, &nobody(), "GetObject", "a"));
}

#[test]
fn what_headers_ask_for_besides_is_granted_by_itself() {
    let besides = |engine: &Engine, caller: &Caller, asked: &[&'static str]| {
        let (key, version_id) = (Some("a"), None);
        let access = Access {
            operation: "PutObject",
            bucket: "films",
            key,
            version_id,
            besides: asked,
            keys: &NoKeys,
        };
        engine.authorize(caller, &access).is_ok()
    };
    let mut engine = engine_with_object();
    engine.put_ownership_controls(&caller(), "films", ObjectOwnership::ObjectWriter).unwrap();
    with_policy(
        &mut engine,
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::films/*"}"#,
    );
    assert!(besides(&engine, &stranger(), &[]));
    assert!(!besides(&engine, &stranger(), &["s3:PutObjectAcl"]));
    // A list that lets write lets the writer say whose the object is besides, policy or not, and no more.
    let acl = RequestedAcl::Canned(CannedAcl::PublicReadWrite);
    engine.put_bucket_acl(&caller(), "films", &acl).unwrap();
    for has_policy in [true, false] {
        for (asked, is_let) in [
            ("s3:PutObjectAcl", true),
            ("s3:PutObjectTagging", false),
            ("s3:PutObjectRetention", false),
            ("s3:BypassGovernanceRetention", false),
        ] {
            assert_eq!(besides(&engine, &stranger(), &[asked]), is_let, "{asked} {has_policy}");
            assert!(besides(&engine, &caller(), &[asked]), "{asked}");
        }
        engine.delete_bucket_policy(&caller(), "films").unwrap();
    }
}

#[test]
fn who_began_an_upload_may_abort_it() {
    let mut engine = engine_with_object();
    create_upload(&mut engine, "b", 1);
    assert!(!allows(&engine, &stranger(), "AbortMultipartUpload", "b"));
    let create =
        CreateMultipartUpload { key: key("c"), headers: ObjectHeaders::default(), checksum: None, acl: None };
    engine.create_multipart_upload(&stranger(), "films", create, &mut IdSource::new(2)).unwrap();
    assert!(allows(&engine, &stranger(), "AbortMultipartUpload", "c"));
    assert!(allows(&engine, &stranger(), "ListParts", "c"));
    assert!(!allows(&engine, &stranger(), "UploadPart", "c"));
    assert!(!allows(&engine, &nobody(), "AbortMultipartUpload", "c"));
}

#[test]
fn an_operation_that_nothing_is_known_of_is_the_owners() {
    let engine = engine_with_object();
    assert!(allows(&engine, &caller(), "OperationOfNextYear", ""));
    assert!(!allows(&engine, &stranger(), "OperationOfNextYear", ""));
}
