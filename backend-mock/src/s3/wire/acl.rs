//! Access control lists: by a canned name, by headers of grants, or by a document.

use http::HeaderMap;
use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::call::Call;
use super::response::insert;
use super::versioning::version_id;
use crate::s3::engine::{
    AccessControlList, CannedAcl, CanonicalUserId, Code, Error, Grant as EngineGrant,
    Grantee as EngineGrantee, Group, ObjectKey, Permission as EnginePermission, RequestedAcl, VersionId,
};

/// The headers that grant a permission.
pub(super) const GRANT_HEADERS: [(&str, EnginePermission); 5] = [
    ("x-amz-grant-full-control", EnginePermission::FullControl),
    ("x-amz-grant-read", EnginePermission::Read),
    ("x-amz-grant-read-acp", EnginePermission::ReadAcp),
    ("x-amz-grant-write", EnginePermission::Write),
    ("x-amz-grant-write-acp", EnginePermission::WriteAcp),
];

/// An owner as answers have it: AWS gives no display names any more.
pub(super) fn owner_of(id: &CanonicalUserId) -> Owner {
    Owner { display_name: None, id: Some(id.to_string()) }
}

/// The list that the headers ask for, if they ask for one.
pub(super) fn requested_acl(call: &Call) -> Result<Option<RequestedAcl>, Error> {
    let mut grants = Vec::new();
    for (header, permission) in GRANT_HEADERS {
        let Some(value) = call.header(header) else { continue };
        for grantee in value.split(',') {
            grants.push(EngineGrant { grantee: grantee_of_header(header, grantee)?, permission });
        }
    }
    match call.header("x-amz-acl") {
        Some(_) if !grants.is_empty() => {
            Err(Error::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed"))
        }
        Some(name) => CannedAcl::parse(name).map(RequestedAcl::Canned).map(Some),
        None => Ok((!grants.is_empty()).then_some(RequestedAcl::Grants(grants))),
    }
}

/// `id="…"`, `uri="…"` or `emailAddress="…"`.
fn grantee_of_header(header: &str, text: &str) -> Result<EngineGrantee, Error> {
    let unrecognized = || Error::invalid_argument("Argument format not recognized", header, text);
    let (kind, value) = text.trim().split_once('=').ok_or_else(unrecognized)?;
    let value = value.trim().trim_matches('"');
    match kind.trim() {
        "id" => grantee_of_id(value, "id"),
        "uri" => grantee_of_uri(value, "uri"),
        "emailAddress" => Err(grants_by_email_are_gone()),
        _ => Err(unrecognized()),
    }
}

fn grantee_of_id(id: &str, argument: &str) -> Result<EngineGrantee, Error> {
    let parsed = CanonicalUserId::parse(id).map(EngineGrantee::CanonicalUser);
    parsed.ok_or_else(|| Error::invalid_argument("Invalid id", argument, id))
}

fn grantee_of_uri(uri: &str, argument: &str) -> Result<EngineGrantee, Error> {
    let parsed = Group::parse(uri).map(EngineGrantee::Group);
    parsed.ok_or_else(|| Error::invalid_argument("Invalid group uri", argument, uri))
}

/// Since October 2025 S3 makes no grants to addresses.
fn grants_by_email_are_gone() -> Error {
    Error::new(Code::MethodNotAllowed)
}

/// The list that a request to put one asks for: by its headers or by its body, and not by both.
fn put_acl(call: &Call, body: Option<AccessControlPolicy>) -> Result<RequestedAcl, Error> {
    match (requested_acl(call)?, body) {
        (Some(_), Some(_)) => Err(Error::new(Code::UnexpectedContent)),
        (Some(requested), None) => Ok(requested),
        (None, Some(policy)) => requested_policy(policy),
        (None, None) => Err(Error::new(Code::MissingSecurityHeader).with("MissingHeaderName", "x-amz-acl")),
    }
}

fn requested_policy(policy: AccessControlPolicy) -> Result<RequestedAcl, Error> {
    let malformed = || Error::new(Code::MalformedACLError);
    let id = policy.owner.and_then(|owner| owner.id).ok_or_else(malformed)?;
    let owner = CanonicalUserId::parse(&id)
        .ok_or_else(|| Error::invalid_argument("Invalid id", "CanonicalUser/ID", &id))?;
    let mut grants = Vec::new();
    for grant in policy.grants.ok_or_else(malformed)? {
        let (Some(grantee), Some(permission)) = (grant.grantee, grant.permission) else {
            return Err(malformed());
        };
        let permission = EnginePermission::parse(permission.as_str()).ok_or_else(malformed)?;
        let grantee = match grantee.type_.as_str() {
            "CanonicalUser" => {
                grantee_of_id(grantee.id.as_deref().ok_or_else(malformed)?, "CanonicalUser/ID")?
            }
            "Group" => grantee_of_uri(grantee.uri.as_deref().ok_or_else(malformed)?, "Group/URI")?,
            "AmazonCustomerByEmail" => return Err(grants_by_email_are_gone()),
            _ => return Err(malformed()),
        };
        grants.push(EngineGrant { grantee, permission });
    }
    Ok(RequestedAcl::Policy { owner, grants })
}

fn grants(acl: &AccessControlList) -> Grants {
    let grant = |grant: &EngineGrant| {
        let (id, uri, kind) = match &grant.grantee {
            EngineGrantee::CanonicalUser(id) => (Some(id.to_string()), None, "CanonicalUser"),
            EngineGrantee::Group(group) => (None, Some(group.uri().to_owned()), "Group"),
        };
        Grant {
            grantee: Some(Grantee {
                display_name: None,
                email_address: None,
                id,
                type_: kind.to_owned().into(),
                uri,
            }),
            permission: Some(grant.permission.as_str().to_owned().into()),
        }
    };
    acl.grants().iter().map(grant).collect()
}

pub(super) async fn get_bucket_acl(
    operations: &Operations,
    call: &Call,
    input: GetBucketAclInput,
) -> Result<S3Response<GetBucketAclOutput>, Error> {
    let (owner, acl) = operations.engine().bucket_acl(&call.caller(), &input.bucket)?;
    Ok(S3Response::new(GetBucketAclOutput { grants: Some(grants(&acl)), owner: Some(owner_of(&owner)) }))
}

pub(super) async fn put_bucket_acl(
    operations: &Operations,
    call: &Call,
    input: PutBucketAclInput,
) -> Result<S3Response<PutBucketAclOutput>, Error> {
    let requested = put_acl(call, input.access_control_policy)?;
    operations.engine().put_bucket_acl(&call.caller(), &input.bucket, &requested)?;
    Ok(S3Response::new(PutBucketAclOutput {}))
}

pub(super) async fn get_object_acl(
    operations: &Operations,
    call: &Call,
    input: GetObjectAclInput,
) -> Result<S3Response<GetObjectAclOutput>, Error> {
    let key = ObjectKey::parse(&input.key)?;
    let caller = call.caller();
    let engine = operations.engine();
    let version_id = version_id(input.version_id.as_deref())?;
    let (object, told) = engine.object(&caller, &input.bucket, &key, version_id)?;
    let (owner, acl) = engine.object_acl(&caller, &input.bucket, &object)?;
    let mut response = S3Response::new(GetObjectAclOutput {
        grants: Some(grants(&acl)),
        owner: Some(owner_of(&owner)),
        request_charged: None,
    });
    insert_version_id(&mut response.headers, told);
    Ok(response)
}

/// Neither answer has a field for it.
fn insert_version_id(headers: &mut HeaderMap, version_id: Option<VersionId>) {
    if let Some(id) = version_id {
        insert(headers, "x-amz-version-id", &id.to_string());
    }
}

pub(super) async fn put_object_acl(
    operations: &Operations,
    call: &Call,
    input: PutObjectAclInput,
) -> Result<S3Response<PutObjectAclOutput>, Error> {
    let key = ObjectKey::parse(&input.key)?;
    let requested = put_acl(call, input.access_control_policy)?;
    let version_id = version_id(input.version_id.as_deref())?;
    let told =
        operations.engine().put_object_acl(&call.caller(), &input.bucket, &key, version_id, &requested)?;
    let mut response = S3Response::new(PutObjectAclOutput { request_charged: None });
    insert_version_id(&mut response.headers, told);
    Ok(response)
}
