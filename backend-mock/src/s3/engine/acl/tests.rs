//! Access control lists: what is granted, whose an object is, and where lists are out of use.

use super::*;
use crate::s3::engine::tests::{caller, caller_of, engine_with, ids, key, put};
use crate::s3::engine::{PublicAccessBlock, PutObject};

const OTHER: &str = "999999999999";

fn canned(acl: CannedAcl) -> RequestedAcl {
    RequestedAcl::Canned(acl)
}

/// A bucket that has lists, and public ones too.
fn engine_with_acls(ownership: ObjectOwnership) -> Engine {
    let mut engine = engine_with("films");
    engine.put_ownership_controls(&caller(), "films", ownership).unwrap();
    engine.put_public_access_block(&caller(), "films", None).unwrap();
    engine
}

fn id(account: &str) -> CanonicalUserId {
    CanonicalUserId::of(&AccountId::parse(account).unwrap())
}

fn access_of(engine: &mut Engine, account: &str, acl: Option<RequestedAcl>) -> (CanonicalUserId, Vec<Grant>) {
    let writer = caller_of(account, "us-east-1");
    let object =
        engine.put_object(&writer, "films", PutObject { acl, ..put("a", "x") }, &mut ids()).unwrap().object;
    let (owner, acl) = engine.object_acl(&caller(), "films", &object).unwrap();
    (owner, acl.grants().to_vec())
}

fn full_control(account: &str) -> Grant {
    Grant { grantee: Grantee::CanonicalUser(id(account)), permission: Permission::FullControl }
}

#[test]
fn a_new_bucket_has_no_lists() {
    let mut engine = engine_with("films");
    let public = canned(CannedAcl::PublicRead);
    let refused = |error: Error| error.code();
    assert_eq!(
        engine.put_bucket_acl(&caller(), "films", &public).map_err(refused),
        Err(Code::AccessControlListNotSupported)
    );
    let write = PutObject { acl: Some(public), ..put("a", "x") };
    assert_eq!(
        engine.put_object(&caller(), "films", write, &mut ids()).map(drop).map_err(refused),
        Err(Code::AccessControlListNotSupported)
    );
    let handed = PutObject { acl: Some(canned(CannedAcl::BucketOwnerFullControl)), ..put("a", "x") };
    let object =
        engine.put_object(&caller_of(OTHER, "us-east-1"), "films", handed, &mut ids()).unwrap().object;
    assert_eq!(object.access, None);
    let same = RequestedAcl::Grants(vec![full_control(&caller().account_id.to_string())]);
    assert!(engine.put_bucket_acl(&caller(), "films", &same).is_ok());
    // It would change nothing, and is a list.
    for private in [canned(CannedAcl::Private), canned(CannedAcl::BucketOwnerRead)] {
        let refused_list = engine.put_bucket_acl(&caller(), "films", &private).map_err(refused);
        assert_eq!(refused_list, Err(Code::AccessControlListNotSupported));
        let write = PutObject { acl: Some(private), ..put("a", "x") };
        assert_eq!(
            engine.put_object(&caller(), "films", write, &mut ids()).map(drop).map_err(refused),
            Err(Code::AccessControlListNotSupported)
        );
    }
}

#[test]
fn an_object_is_its_writers_or_handed_over() {
    let own = caller().account_id.to_string();
    let mut engine = engine_with_acls(ObjectOwnership::ObjectWriter);
    assert_eq!(access_of(&mut engine, OTHER, None), (id(OTHER), vec![full_control(OTHER)]));
    let given = access_of(&mut engine, OTHER, Some(canned(CannedAcl::BucketOwnerFullControl)));
    assert_eq!(given, (id(OTHER), vec![full_control(OTHER), full_control(&own)]));
    let mut engine = engine_with_acls(ObjectOwnership::BucketOwnerPreferred);
    let given = access_of(&mut engine, OTHER, Some(canned(CannedAcl::BucketOwnerFullControl)));
    assert_eq!(given, (id(&own), vec![full_control(&own)]));
    assert_eq!(access_of(&mut engine, OTHER, None).0, id(OTHER));
    // With lists out of use it is the owner's again.
    engine.put_ownership_controls(&caller(), "films", ObjectOwnership::BucketOwnerEnforced).unwrap();
    let (object, _) = engine.object(&caller(), "films", &key("a"), None).unwrap();
    assert_eq!(engine.object_acl(&caller(), "films", &object).unwrap().0, id(&own));
}

#[test]
fn an_object_that_is_private_to_the_owner_costs_no_list() {
    let mut engine = engine_with_acls(ObjectOwnership::ObjectWriter);
    let write = PutObject { acl: Some(canned(CannedAcl::Private)), ..put("a", "x") };
    assert_eq!(engine.put_object(&caller(), "films", write, &mut ids()).unwrap().object.access, None);
    let write = PutObject { acl: Some(canned(CannedAcl::PublicRead)), ..put("a", "x") };
    assert!(engine.put_object(&caller(), "films", write, &mut ids()).unwrap().object.access.is_some());
}

#[test]
fn public_lists_are_refused_where_they_are_blocked() {
    let mut engine = engine_with_acls(ObjectOwnership::ObjectWriter);
    engine.put_public_access_block(&caller(), "films", Some(PublicAccessBlock::ALL)).unwrap();
    let error = engine.put_bucket_acl(&caller(), "films", &canned(CannedAcl::AuthenticatedRead)).unwrap_err();
    assert_eq!(
        error.message(),
        "User: arn:aws:iam::123456789012:user/mock-aws is not authorized to perform: s3:PutBucketAcl on resource: \
         \"arn:aws:s3:::films\" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public \
         Access."
    );
    let write = PutObject { acl: Some(canned(CannedAcl::PublicRead)), ..put("a", "x") };
    assert_eq!(
        engine.put_object(&caller(), "films", write, &mut ids()).unwrap_err().code(),
        Code::AccessDenied
    );
}

#[test]
fn lists_are_disabled_once_the_bucket_is_private() {
    let mut engine = engine_with_acls(ObjectOwnership::ObjectWriter);
    engine.put_bucket_acl(&caller(), "films", &canned(CannedAcl::PublicRead)).unwrap();
    let enforce = |engine: &mut Engine| {
        let enforced = ObjectOwnership::BucketOwnerEnforced;
        engine.put_ownership_controls(&caller(), "films", enforced).map_err(|error| error.code())
    };
    assert_eq!(enforce(&mut engine), Err(Code::InvalidBucketAclWithObjectOwnership));
    engine.put_bucket_acl(&caller(), "films", &canned(CannedAcl::Private)).unwrap();
    assert_eq!(enforce(&mut engine), Ok(()));
}

#[test]
fn a_document_names_the_true_owner() {
    let mut engine = engine_with_acls(ObjectOwnership::ObjectWriter);
    let policy = |owner: &str| RequestedAcl::Policy { owner: id(owner), grants: vec![full_control(OTHER)] };
    let own = caller().account_id.to_string();
    assert!(engine.put_bucket_acl(&caller(), "films", &policy(&own)).is_ok());
    assert_eq!(engine.bucket_acl(&caller(), "films").unwrap().1.grants(), [full_control(OTHER)]);
    let error = engine.put_bucket_acl(&caller(), "films", &policy(OTHER)).unwrap_err();
    assert_eq!(error.code(), Code::AccessDenied);
}
