//! Tags, CORS, default encryption, acceleration and payment of a bucket.

use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::blocked_encryption::{self, BlockedEncryption};
use super::call::Call;
use super::response::NoContent;
use crate::s3::engine::configuration::encryption::EncryptionAlgorithm;
use crate::s3::engine::configuration::{
    AccelerateStatus, Cors, CorsRule, Encryption, Payer as EnginePayer, Tagging as EngineTagging,
};
use crate::s3::engine::{Code, Error};

pub(super) async fn get_bucket_tagging(
    operations: &Operations,
    call: &Call,
    input: GetBucketTaggingInput,
) -> Result<S3Response<GetBucketTaggingOutput>, Error> {
    let tagging = operations.engine().bucket_tagging(&call.caller(), &input.bucket)?.clone();
    let tag = |(name, value): &(String, String)| Tag { key: Some(name.clone()), value: Some(value.clone()) };
    Ok(S3Response::new(GetBucketTaggingOutput { tag_set: tagging.tags().iter().map(tag).collect() }))
}

pub(super) async fn put_bucket_tagging(
    operations: &Operations,
    call: &Call,
    input: PutBucketTaggingInput,
) -> Result<S3Response<PutBucketTaggingOutput>, Error> {
    let tag = |tag: Tag| tag.key.zip(tag.value).ok_or_else(|| Error::new(Code::MalformedXML));
    let tags = input.tagging.tag_set.into_iter().map(tag).collect::<Result<_, _>>()?;
    let tagging = EngineTagging::new(tags)?;
    operations.engine().put_bucket_tagging(&call.caller(), &input.bucket, Some(tagging))?;
    let mut response = S3Response::new(PutBucketTaggingOutput {});
    response.extensions.insert(NoContent);
    Ok(response)
}

pub(super) async fn delete_bucket_tagging(
    operations: &Operations,
    call: &Call,
    input: DeleteBucketTaggingInput,
) -> Result<S3Response<DeleteBucketTaggingOutput>, Error> {
    operations.engine().put_bucket_tagging(&call.caller(), &input.bucket, None)?;
    Ok(S3Response::new(DeleteBucketTaggingOutput {}))
}

pub(super) async fn get_bucket_cors(
    operations: &Operations,
    call: &Call,
    input: GetBucketCorsInput,
) -> Result<S3Response<GetBucketCorsOutput>, Error> {
    let cors = operations.engine().bucket_cors(&call.caller(), &input.bucket)?.clone();
    let some = |texts: &Vec<String>| (!texts.is_empty()).then(|| texts.clone());
    let rule = |rule: &CorsRule| CORSRule {
        allowed_headers: some(&rule.allowed_headers),
        allowed_methods: rule.allowed_methods.clone(),
        allowed_origins: rule.allowed_origins.clone(),
        expose_headers: some(&rule.expose_headers),
        id: rule.id.clone(),
        max_age_seconds: rule.max_age_seconds,
    };
    Ok(S3Response::new(GetBucketCorsOutput { cors_rules: Some(cors.rules().iter().map(rule).collect()) }))
}

pub(super) async fn put_bucket_cors(
    operations: &Operations,
    call: &Call,
    input: PutBucketCorsInput,
) -> Result<S3Response<PutBucketCorsOutput>, Error> {
    let rule = |rule: CORSRule| CorsRule {
        id: rule.id,
        allowed_origins: rule.allowed_origins,
        allowed_methods: rule.allowed_methods,
        allowed_headers: rule.allowed_headers.unwrap_or_default(),
        expose_headers: rule.expose_headers.unwrap_or_default(),
        max_age_seconds: rule.max_age_seconds,
    };
    let cors = Cors::new(input.cors_configuration.cors_rules.into_iter().map(rule).collect())?;
    operations.engine().put_bucket_cors(&call.caller(), &input.bucket, Some(cors))?;
    Ok(S3Response::new(PutBucketCorsOutput {}))
}

pub(super) async fn delete_bucket_cors(
    operations: &Operations,
    call: &Call,
    input: DeleteBucketCorsInput,
) -> Result<S3Response<DeleteBucketCorsOutput>, Error> {
    operations.engine().put_bucket_cors(&call.caller(), &input.bucket, None)?;
    Ok(S3Response::new(DeleteBucketCorsOutput {}))
}

pub(super) async fn get_bucket_encryption(
    operations: &Operations,
    call: &Call,
    input: GetBucketEncryptionInput,
) -> Result<S3Response<GetBucketEncryptionOutput>, Error> {
    let (encryption, blocks_customer_keys) = {
        let (engine, caller) = (operations.engine(), call.caller());
        let blocks_customer_keys = engine.blocks_customer_keys(&caller, &input.bucket)?;
        (engine.bucket_encryption(&caller, &input.bucket)?, blocks_customer_keys)
    };
    let rule = ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
            kms_master_key_id: encryption.kms_master_key_id.clone(),
            sse_algorithm: encryption.algorithm.as_str().to_owned().into(),
        }),
        bucket_key_enabled: Some(encryption.bucket_key_enabled),
    };
    let mut response = S3Response::new(GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(ServerSideEncryptionConfiguration { rules: vec![rule] }),
    });
    if let Some(blocks_customer_keys) = blocks_customer_keys {
        response.extensions.insert(BlockedEncryption { blocks_customer_keys });
    }
    Ok(response)
}

pub(super) async fn put_bucket_encryption(
    operations: &Operations,
    call: &Call,
    input: PutBucketEncryptionInput,
) -> Result<S3Response<PutBucketEncryptionOutput>, Error> {
    let malformed = || Error::new(Code::MalformedXML);
    let mut rules = input.server_side_encryption_configuration.rules;
    let rule = rules.pop().filter(|_| rules.is_empty()).ok_or_else(malformed)?;
    let blocked = blocked_encryption::asked(call)?.map(|blocked| blocked.blocks_customer_keys);
    let bucket_key = rule.bucket_key_enabled.unwrap_or(false);
    let encryption = match rule.apply_server_side_encryption_by_default {
        Some(default) => {
            let algorithm =
                EncryptionAlgorithm::parse(default.sse_algorithm.as_str()).ok_or_else(malformed)?;
            Some(Encryption::new(algorithm, default.kms_master_key_id, bucket_key)?)
        }
        // A rule may be about what is blocked alone.
        None if blocked.is_some() => None,
        None => return Err(malformed()),
    };
    operations.engine().put_bucket_encryption(&call.caller(), &input.bucket, encryption, blocked)?;
    Ok(S3Response::new(PutBucketEncryptionOutput {}))
}

pub(super) async fn delete_bucket_encryption(
    operations: &Operations,
    call: &Call,
    input: DeleteBucketEncryptionInput,
) -> Result<S3Response<DeleteBucketEncryptionOutput>, Error> {
    operations.engine().put_bucket_encryption(&call.caller(), &input.bucket, None, None)?;
    Ok(S3Response::new(DeleteBucketEncryptionOutput {}))
}

pub(super) async fn get_accelerate(
    operations: &Operations,
    call: &Call,
    input: GetBucketAccelerateConfigurationInput,
) -> Result<S3Response<GetBucketAccelerateConfigurationOutput>, Error> {
    let status = operations.engine().accelerate_status(&call.caller(), &input.bucket)?;
    let status = status.map(|status| match status {
        AccelerateStatus::Enabled => BucketAccelerateStatus::from_static(BucketAccelerateStatus::ENABLED),
        AccelerateStatus::Suspended => BucketAccelerateStatus::from_static(BucketAccelerateStatus::SUSPENDED),
    });
    Ok(S3Response::new(GetBucketAccelerateConfigurationOutput { request_charged: None, status }))
}

pub(super) async fn put_accelerate(
    operations: &Operations,
    call: &Call,
    input: PutBucketAccelerateConfigurationInput,
) -> Result<S3Response<PutBucketAccelerateConfigurationOutput>, Error> {
    let status = input.accelerate_configuration.status;
    let status = match status.as_ref().map(BucketAccelerateStatus::as_str) {
        Some(BucketAccelerateStatus::ENABLED) => AccelerateStatus::Enabled,
        Some(BucketAccelerateStatus::SUSPENDED) => AccelerateStatus::Suspended,
        _ => return Err(Error::new(Code::MalformedXML)),
    };
    operations.engine().put_accelerate_status(&call.caller(), &input.bucket, status)?;
    Ok(S3Response::new(PutBucketAccelerateConfigurationOutput {}))
}

pub(super) async fn get_request_payment(
    operations: &Operations,
    call: &Call,
    input: GetBucketRequestPaymentInput,
) -> Result<S3Response<GetBucketRequestPaymentOutput>, Error> {
    let payer = match operations.engine().payer(&call.caller(), &input.bucket)? {
        EnginePayer::BucketOwner => Payer::from_static(Payer::BUCKET_OWNER),
        EnginePayer::Requester => Payer::from_static(Payer::REQUESTER),
    };
    Ok(S3Response::new(GetBucketRequestPaymentOutput { payer: Some(payer) }))
}

pub(super) async fn put_request_payment(
    operations: &Operations,
    call: &Call,
    input: PutBucketRequestPaymentInput,
) -> Result<S3Response<PutBucketRequestPaymentOutput>, Error> {
    let payer = match input.request_payment_configuration.payer.as_str() {
        Payer::BUCKET_OWNER => EnginePayer::BucketOwner,
        Payer::REQUESTER => EnginePayer::Requester,
        _ => return Err(Error::new(Code::MalformedXML)),
    };
    operations.engine().put_payer(&call.caller(), &input.bucket, payer)?;
    Ok(S3Response::new(PutBucketRequestPaymentOutput {}))
}
