//! Buckets: create, head, delete, list, locate.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use s3s::S3Response;
use s3s::dto::*;
use s3s::xml::{DeError, DeResult, Deserializer};

use super::Operations;
use super::acl::{owner_of, requested_acl};
use super::call::Call;
use super::response::{BucketArns, insert};
use crate::context::{AccountId, RegionName};
use crate::s3::engine::configuration::Tagging;
use crate::s3::engine::{
    self, BucketName, BucketNamespace, CanonicalUserId, Code, Error, LocationConstraint,
    ObjectOwnership as EngineOwnership,
};

const BUCKET_ARN: &str = "x-amz-bucket-arn";
const OWNERSHIP: &str = "x-amz-object-ownership";

/// How many buckets a page of ListBuckets holds when the request does not say.
const MAX_BUCKETS: usize = 10_000;

pub(super) fn canonical_user_id(account: &AccountId) -> String {
    CanonicalUserId::of(account).to_string()
}

pub(super) fn owner(account: &AccountId) -> Owner {
    owner_of(&CanonicalUserId::of(account))
}

pub(super) async fn create_bucket(
    operations: &Operations,
    call: &Call,
    input: CreateBucketInput,
) -> Result<S3Response<CreateBucketOutput>, Error> {
    let configuration = input.create_bucket_configuration.unwrap_or_default();
    if configuration.bucket.is_some() || configuration.location.is_some() {
        return Err(Error::not_implemented("Location"));
    }
    let constraint = configuration.location_constraint.map(|constraint| constraint.as_str().to_owned());
    check_location(call, constraint.as_deref().unwrap_or_default())?;
    let ownership = call.header_or_empty(OWNERSHIP).map(|text| {
        let unknown = || {
            let message = format!("Invalid {OWNERSHIP} header: {text}");
            Error::with_message(Code::InvalidArgument, message).with("ArgumentName", OWNERSHIP)
        };
        EngineOwnership::parse(text).ok_or_else(unknown)
    });
    let namespace = call.header("x-amz-bucket-namespace").map(BucketNamespace::parse).transpose()?;
    let mut create = engine::CreateBucket::named(BucketName::parse(&input.bucket)?);
    create.namespace = namespace.unwrap_or_default();
    create.ownership = ownership.transpose()?.unwrap_or_default();
    create.acl = requested_acl(call)?;
    create.location = LocationConstraint(constraint.filter(|constraint| !constraint.is_empty()));
    create.object_lock = input.object_lock_enabled_for_bucket.unwrap_or(false);
    create.tagging = tags(call)?;
    let region = operations.engine().create_bucket(&call.caller(), create)?;
    let location = match (region.as_str(), namespace.unwrap_or_default()) {
        (RegionName::DEFAULT, _) | (_, BucketNamespace::AccountRegional) => format!("/{}", input.bucket),
        (_, BucketNamespace::Global) => format!("http://{}.s3.amazonaws.com/", input.bucket),
    };
    let mut response = S3Response::new(CreateBucketOutput { location: Some(location) });
    insert(&mut response.headers, BUCKET_ARN, &engine::bucket_arn(&region, &input.bucket));
    Ok(response)
}

/// The tags of a new bucket, which `s3s` passes over.
fn tags(call: &Call) -> Result<Option<Tagging>, Error> {
    let Some(document) = call.document() else { return Ok(None) };
    let xml: Vec<u8> = document.segments().flatten().copied().collect();
    let tags = read_tags(&xml).map_err(|_| Error::new(Code::MalformedXML))?;
    let tag = |tag: Tag| tag.key.zip(tag.value).ok_or_else(|| Error::new(Code::MalformedXML));
    let tags = tags.map(|tags| tags.into_iter().map(tag).collect::<Result<_, _>>()).transpose()?;
    tags.map(Tagging::new).transpose()
}

fn read_tags(xml: &[u8]) -> DeResult<Option<Vec<Tag>>> {
    let mut tags = None;
    let mut deserializer = Deserializer::new(xml);
    deserializer.named_element("CreateBucketConfiguration", |d| {
        d.for_each_element(|d, element| match element {
            b"Tags" if tags.is_none() => {
                tags = Some(d.list_content::<Tag>("Tag")?);
                Ok(())
            }
            b"LocationConstraint" => d.content::<BucketLocationConstraint>().map(drop),
            b"Location" => d.content::<LocationInfo>().map(drop),
            b"Bucket" => d.content::<BucketInfo>().map(drop),
            _ => Err(DeError::UnexpectedTagName),
        })
    })?;
    deserializer.expect_eof()?;
    Ok(tags)
}

/// Whether AWS has a region of this name in which a bucket can be, as in `aws-global` and the like none can.
fn is_region(name: &str) -> bool {
    !name.ends_with("-global") && RegionName::is_listed(name)
}

/// A listing of a region's buckets is asked of that region.
fn check_listed_region(call: &Call, region: &str) -> Result<(), Error> {
    if region.eq_ignore_ascii_case(call.context().region.as_str()) {
        return Ok(());
    }
    let message = match is_region(&region.to_ascii_lowercase()) {
        true => {
            "Requests with bucket-region specified must be made to the corresponding regional endpoint".into()
        }
        false => format!("Argument value {region} is not a valid AWS Region"),
    };
    Err(Error::with_message(Code::InvalidArgument, message).with("ArgumentName", "bucket-region"))
}

/// The endpoint of us-east-1 makes buckets in every region that there is; the others refuse every name but their own.
fn check_location(call: &Call, constraint: &str) -> Result<(), Error> {
    let is_anywhere = call.context().region.as_str() == RegionName::DEFAULT;
    let is_known = ["", "EU"].contains(&constraint) || is_region(constraint);
    match is_known {
        false if is_anywhere => {
            Err(Error::new(Code::InvalidLocationConstraint).with("LocationConstraint", constraint))
        }
        _ => Ok(()),
    }
}

pub(super) async fn head_bucket(
    operations: &Operations,
    call: &Call,
    input: HeadBucketInput,
) -> Result<S3Response<HeadBucketOutput>, Error> {
    let region = operations.engine().head_bucket(&call.caller(), &input.bucket)?.clone();
    let mut response = S3Response::new(HeadBucketOutput {
        access_point_alias: Some(false),
        bucket_region: Some(region.to_string()),
        ..HeadBucketOutput::default()
    });
    // Of a document that a HEAD does not send.
    insert(&mut response.headers, "content-type", "application/xml");
    insert(&mut response.headers, BUCKET_ARN, &engine::bucket_arn(&region, &input.bucket));
    Ok(response)
}

pub(super) async fn delete_bucket(
    operations: &Operations,
    call: &Call,
    input: DeleteBucketInput,
) -> Result<S3Response<DeleteBucketOutput>, Error> {
    operations.engine().delete_bucket(&call.caller(), &input.bucket)?;
    Ok(S3Response::new(DeleteBucketOutput {}))
}

pub(super) async fn get_bucket_location(
    operations: &Operations,
    call: &Call,
    input: GetBucketLocationInput,
) -> Result<S3Response<GetBucketLocationOutput>, Error> {
    let location = operations.engine().bucket_location(&call.caller(), &input.bucket)?.clone();
    let location = location.0.unwrap_or_default();
    Ok(S3Response::new(GetBucketLocationOutput { location_constraint: Some(location.into()) }))
}

pub(super) async fn list_buckets(
    operations: &Operations,
    call: &Call,
    input: ListBucketsInput,
) -> Result<S3Response<ListBucketsOutput>, Error> {
    let max_buckets = match input.max_buckets {
        None => MAX_BUCKETS,
        Some(max) => {
            usize::try_from(max).ok().filter(|max| (1..=MAX_BUCKETS).contains(max)).ok_or_else(|| {
                Error::invalid_argument(
                    "Argument max-buckets must be an integer between 1 and 10000",
                    "max-buckets",
                    max,
                )
            })?
        }
    };
    if let Some(region) = &input.bucket_region {
        check_listed_region(call, region)?;
    }
    let after = input.continuation_token.as_deref().map(|token| {
        let name = BASE64_URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        name.ok_or_else(|| {
            Error::invalid_argument(
                "The continuation token provided is incorrect",
                "continuation-token",
                token,
            )
        })
    });
    let after = after.transpose()?;
    // A request with parameters is told the buckets' regions.
    let tells_region = input.bucket_region.is_some()
        || input.max_buckets.is_some()
        || input.prefix.is_some()
        || input.continuation_token.is_some();
    let caller = call.caller();
    let page = operations.engine().list_buckets(
        &caller,
        input.prefix.as_deref().unwrap_or_default(),
        input.bucket_region.as_ref().map(|_| caller.region.as_str()),
        after.as_deref(),
        max_buckets,
    )?;
    let arns =
        page.buckets.iter().map(|bucket| engine::bucket_arn(&bucket.region, bucket.name.as_str())).collect();
    let buckets = page.buckets.into_iter().map(|bucket| Bucket {
        bucket_region: tells_region.then(|| bucket.region.to_string()),
        creation_date: Some(bucket.created.into()),
        name: Some(bucket.name.to_string()),
    });
    let mut response = S3Response::new(ListBucketsOutput {
        buckets: Some(buckets.collect()),
        continuation_token: page.next.map(|name| BASE64_URL_SAFE_NO_PAD.encode(name.as_str())),
        owner: Some(owner(&caller.account_id)),
        prefix: input.prefix,
    });
    response.extensions.insert(BucketArns(arns));
    Ok(response)
}
