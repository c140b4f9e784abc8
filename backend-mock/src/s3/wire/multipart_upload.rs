//! Multipart uploads: from their beginning to one object, or to nothing.

use http::HeaderMap;
use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::acl::requested_acl;
use super::body::{self, Digests, Expected};
use super::bucket::{canonical_user_id, owner};
use super::call::Call;
use super::checksum_element::{self, CarriedChecksums, checksum_text};
use super::copy::asked_algorithm;
use super::encryption::{CUSTOMER_KEY, customer_key, tell};
use super::lifecycle::{insert_abortion, insert_expiration};
use super::listing::{Encoding, page_size};
use super::object::etag;
use super::response::insert;
use crate::context::AccountId;
use crate::s3::engine::{
    self, ChecksumAlgorithm as Algorithm, ChecksumType as Kind, Code, Encryption, Entry, Error, ListUploads,
    ObjectKey, PartNumber, UploadId,
};

/// How many parts or uploads a page holds at most, and when the request does not say.
const MAX_LISTED: usize = 1000;

fn initiator(account: &AccountId) -> Initiator {
    Initiator { display_name: None, id: Some(canonical_user_id(account)) }
}

pub(super) async fn create_multipart_upload(
    operations: &Operations,
    call: &Call,
    input: CreateMultipartUploadInput,
) -> Result<S3Response<CreateMultipartUploadOutput>, Error> {
    let checksum = asked_checksum(call)?;
    let create = engine::CreateMultipartUpload {
        key: ObjectKey::parse(&input.key)?,
        headers: call.object_headers(input.content_encoding, input.metadata)?,
        checksum,
        acl: requested_acl(call)?,
    };
    let caller = call.caller();
    let (id, abortion, encryption) = {
        let (mut engine, mut ids) = (operations.engine(), operations.ids());
        let key = create.key.clone();
        let id = engine.create_multipart_upload(&caller, &input.bucket, create, &mut ids)?;
        let upload = engine.multipart_upload(&caller, &input.bucket, &key, &id)?;
        let abortion = engine.upload_abortion(&caller, &input.bucket, &key, upload)?;
        (id, abortion, upload.encryption().clone())
    };
    let mut response = S3Response::new(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        checksum_algorithm: checksum.map(|(algorithm, _)| algorithm.as_str().to_owned().into()),
        checksum_type: checksum.map(|(_, kind)| kind.as_str().to_owned().into()),
        key: Some(input.key),
        upload_id: Some(id.to_string()),
        ..CreateMultipartUploadOutput::default()
    });
    insert_abortion(&mut response.headers, abortion.as_ref());
    Ok(tell(response, &encryption))
}

/// The checksum that an upload is begun with.
fn asked_checksum(call: &Call) -> Result<Option<(Algorithm, Kind)>, Error> {
    let kind = asked_type(call)?;
    let Some(algorithm) = asked_algorithm(call)? else {
        return match kind {
            None => Ok(None),
            Some(_) => Err(Error::invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let Some(fitting) = algorithm.multipart_type(kind) else {
        return Err(Error::invalid_request(format!(
            "The {} checksum type cannot be used with the {} checksum algorithm.",
            kind.map_or("null", Kind::as_str),
            algorithm.lower()
        )));
    };
    Ok(Some((algorithm, fitting)))
}

fn asked_type(call: &Call) -> Result<Option<Kind>, Error> {
    let parse = |text| {
        Kind::parse(text)
            .ok_or_else(|| Error::invalid_request("Value for x-amz-checksum-type header is invalid."))
    };
    call.header("x-amz-checksum-type").map(parse).transpose()
}

pub(super) async fn upload_part(
    operations: &Operations,
    call: &Call,
    input: UploadPartInput,
) -> Result<S3Response<UploadPartOutput>, Error> {
    let caller = call.caller();
    let key = ObjectKey::parse(&input.key)?;
    let upload_id = UploadId::from(input.upload_id.as_str());
    let customer_key = customer_key(call, CUSTOMER_KEY)?;
    let (number, expected, algorithms, encryption) = {
        let engine = operations.engine();
        let upload = engine.multipart_upload(&caller, &input.bucket, &key, &upload_id)?;
        let number = PartNumber::try_from(input.part_number)?;
        let expected = Expected::of_part(call)?;
        let locks = engine.locks_new_objects(&caller, &input.bucket, &upload.headers.lock)?;
        if locks && !expected.has_any() {
            return Err(Error::invalid_request(
                "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Part requests with Object Lock \
                 parameters",
            ));
        }
        let algorithms = upload.part_algorithms(expected.algorithm())?;
        (number, expected, algorithms, upload.encryption().clone())
    };
    let given = expected.algorithm();
    let Some(stream) = input.body else { return Err(Error::new(Code::MissingRequestBodyError)) };
    let digests = Digests { md5: encryption.keeps_md5(), checksums: &algorithms };
    let received = body::receive(stream, call, &expected, digests).await?;
    let part = engine::UploadPart {
        key,
        upload_id,
        number,
        content: received.content,
        digest: received.digest,
        given,
        customer_key,
    };
    let part = {
        let (mut engine, mut ids) = (operations.engine(), operations.ids());
        engine.upload_part(&caller, &input.bucket, part, &mut ids)?
    };
    let mut headers = HeaderMap::new();
    if let Some(checksum) = part.checksum() {
        insert(&mut headers, checksum.algorithm().header(), &checksum.to_string());
    }
    let output = UploadPartOutput { e_tag: etag(&part.etag()), ..UploadPartOutput::default() };
    Ok(tell(S3Response::with_headers(output, headers), &encryption))
}

pub(super) async fn complete_multipart_upload(
    operations: &Operations,
    call: &Call,
    input: CompleteMultipartUploadInput,
) -> Result<S3Response<CompleteMultipartUploadOutput>, Error> {
    let parts = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    let given = Algorithm::ALL
        .into_iter()
        .filter_map(|algorithm| Some((algorithm, call.owned(algorithm.header())?)))
        .collect::<Vec<_>>();
    if given.len() > 1 {
        return Err(Error::invalid_request(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ));
    }
    let complete = engine::CompleteMultipartUpload {
        key: ObjectKey::parse(&input.key)?,
        upload_id: UploadId::from(input.upload_id.as_str()),
        parts: parts.into_iter().map(completed_part).collect::<Result<_, _>>()?,
        condition: call.write_condition()?,
        checksum: given.into_iter().next(),
        checksum_type: asked_type(call)?,
        object_size: asked_size(call)?,
    };
    let caller = call.caller();
    let written = {
        let (mut engine, mut ids) = (operations.engine(), operations.ids());
        // A request without a body says nothing of its parts, which S3 words otherwise than a list of none.
        if call.body_length() == Some(0) {
            engine.multipart_upload(&caller, &input.bucket, &complete.key, &complete.upload_id)?;
            return Err(Error::invalid_request("You must specify at least one part"));
        }
        engine.complete_multipart_upload(&caller, &input.bucket, complete, &mut ids)?
    };
    let object = written.object;
    // Of bytes that a key of the customer's or of KMS encrypts, S3 computed no checksum that nobody asked for.
    let told = match &object.encryption {
        Encryption::Kms(_) | Encryption::Customer(_) if object.checksum.is_unasked() => None,
        _ => Some(&object.checksum),
    };
    let of = |element| checksum_element::text(told?.algorithm(), told?, element);
    let mut response = S3Response::new(CompleteMultipartUploadOutput {
        location: Some(format!(
            "https://{}.s3.{}.amazonaws.com/{}",
            input.bucket,
            caller.region,
            url::form_urlencoded::byte_serialize(input.key.as_bytes()).collect::<String>()
        )),
        bucket: Some(input.bucket),
        key: Some(input.key),
        checksum_crc32: of(Algorithm::Crc32),
        checksum_crc32c: of(Algorithm::Crc32c),
        checksum_crc64nvme: of(Algorithm::Crc64nvme),
        checksum_sha1: of(Algorithm::Sha1),
        checksum_sha256: of(Algorithm::Sha256),
        checksum_type: told.map(|checksum| checksum.kind().as_str().to_owned().into()),
        e_tag: etag(&object.etag),
        version_id: written.version_id.map(|id| id.to_string()),
        ..CompleteMultipartUploadOutput::default()
    });
    response.extensions.insert(CarriedChecksums);
    insert_expiration(&mut response.headers, written.expiration.as_ref());
    Ok(tell(response, &object.encryption))
}

/// `x-amz-mp-object-size`: what the parts should add up to.
fn asked_size(call: &Call) -> Result<Option<u64>, Error> {
    let name = "x-amz-mp-object-size";
    let Some(text) = call.header(name) else { return Ok(None) };
    match text.trim().parse::<i64>().map(u64::try_from) {
        Ok(Ok(size)) => Ok(Some(size)),
        Ok(Err(_)) => {
            Err(Error::invalid_request(format!("Value for {name} header is less than zero: '{text}'")))
        }
        Err(_) => Err(Error::invalid_request(format!("Value for {name} header is invalid: '{text}'"))),
    }
}

fn completed_part(part: CompletedPart) -> Result<engine::CompletedPart, Error> {
    let malformed = || Error::new(Code::MalformedXML);
    let checksums = [
        (Algorithm::Crc32, part.checksum_crc32),
        (Algorithm::Crc32c, part.checksum_crc32c),
        (Algorithm::Crc64nvme, part.checksum_crc64nvme),
        (Algorithm::Sha1, part.checksum_sha1),
        (Algorithm::Sha256, part.checksum_sha256),
    ];
    let checksums: Vec<_> = checksums
        .into_iter()
        .filter_map(|(element, text)| Some(checksum_element::read(element, text?)))
        .collect();
    let is_one = match checksums.as_slice() {
        [] => true,
        [(algorithm, text)] => engine::Checksum::parse(*algorithm, text).is_some(),
        _ => false,
    };
    if !is_one {
        let message = "Invalid Base64 or multiple checksums present in request";
        return Err(Error::with_message(Code::InvalidArgument, message).with("ArgumentName", "Checksum"));
    }
    let number = part.part_number.ok_or_else(malformed)?;
    if number < 1 {
        return Err(Error::invalid_argument("PartNumber must be >= 1", "PartNumber", number));
    }
    Ok(engine::CompletedPart {
        number: PartNumber::try_from(number)?,
        etag: part.e_tag.ok_or_else(malformed)?.into_value(),
        checksums,
    })
}

pub(super) async fn abort_multipart_upload(
    operations: &Operations,
    call: &Call,
    input: AbortMultipartUploadInput,
) -> Result<S3Response<AbortMultipartUploadOutput>, Error> {
    let (key, id) = (ObjectKey::parse(&input.key)?, UploadId::from(input.upload_id.as_str()));
    operations.engine().abort_multipart_upload(&call.caller(), &input.bucket, &key, &id)?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

pub(super) async fn list_parts(
    operations: &Operations,
    call: &Call,
    input: ListPartsInput,
) -> Result<S3Response<ListPartsOutput>, Error> {
    let (key, id) = (ObjectKey::parse(&input.key)?, UploadId::from(input.upload_id.as_str()));
    let max_parts = page_size(input.max_parts, MAX_LISTED);
    let after = u16::try_from(input.part_number_marker.unwrap_or(0)).unwrap_or(u16::MAX);
    let list = engine::ListParts { after, max_parts };
    let caller = call.caller();
    let (page, abortion) = {
        let engine = operations.engine();
        let page = engine.list_parts(&caller, &input.bucket, &key, &id, list)?;
        let abortion = engine.upload_abortion(&caller, &input.bucket, &key, &page.upload)?;
        (page, abortion)
    };
    let last = page.parts.last().map_or(0, |(number, _)| number.get());
    let upload = page.upload;
    let parts = page.parts.iter().map(|(number, part)| {
        let of = |algorithm| checksum_text(part.checksum(), algorithm);
        Part {
            checksum_crc32: of(Algorithm::Crc32),
            checksum_crc32c: of(Algorithm::Crc32c),
            checksum_crc64nvme: of(Algorithm::Crc64nvme),
            checksum_sha1: of(Algorithm::Sha1),
            checksum_sha256: of(Algorithm::Sha256),
            e_tag: etag(&part.etag()),
            last_modified: Some(part.last_modified.into()),
            part_number: Some(i32::from(number.get())),
            size: Some(part.content.len() as i64),
        }
    });
    let mut response = S3Response::new(ListPartsOutput {
        bucket: Some(input.bucket),
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm.as_str().to_owned().into()),
        checksum_type: upload.checksum.map(|(_, kind)| kind.as_str().to_owned().into()),
        initiator: Some(initiator(&upload.initiator)),
        is_truncated: Some(page.is_truncated),
        key: Some(input.key),
        max_parts: Some(max_parts as i32),
        next_part_number_marker: Some(i32::from(last)),
        owner: Some(owner(&upload.initiator)),
        part_number_marker: Some(i32::from(after)),
        parts: Some(parts.collect()),
        storage_class: Some(upload.headers.storage_class.as_str().to_owned().into()),
        upload_id: Some(input.upload_id),
        ..ListPartsOutput::default()
    });
    response.extensions.insert(CarriedChecksums);
    insert_abortion(&mut response.headers, abortion.as_ref());
    Ok(response)
}

pub(super) async fn list_multipart_uploads(
    operations: &Operations,
    call: &Call,
    input: ListMultipartUploadsInput,
) -> Result<S3Response<ListMultipartUploadsOutput>, Error> {
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let key_marker = input.key_marker.unwrap_or_default();
    let max_uploads = page_size(input.max_uploads, MAX_LISTED);
    let list = ListUploads {
        prefix: &prefix,
        delimiter: &delimiter,
        key_marker: &key_marker,
        upload_id_marker: input.upload_id_marker.as_deref().filter(|marker| !marker.is_empty()),
        max_uploads,
    };
    let page = operations.engine().list_multipart_uploads(&call.caller(), &input.bucket, &list)?;
    let encoding = Encoding::of(input.encoding_type.as_ref());
    let (mut uploads, mut common_prefixes) = (Vec::new(), Vec::new());
    for entry in &page.entries {
        match entry {
            Entry::Key(key, (id, upload)) => uploads.push(MultipartUpload {
                checksum_algorithm: upload
                    .checksum
                    .map(|(algorithm, _)| algorithm.as_str().to_owned().into()),
                checksum_type: upload.checksum.map(|(_, kind)| kind.as_str().to_owned().into()),
                initiated: Some(upload.initiated.into()),
                initiator: Some(initiator(&upload.initiator)),
                key: Some(encoding.write(key.as_str())),
                owner: Some(owner(&upload.initiator)),
                storage_class: Some(upload.headers.storage_class.as_str().to_owned().into()),
                upload_id: Some(id.to_string()),
            }),
            Entry::CommonPrefix(prefix) => {
                common_prefixes.push(CommonPrefix { prefix: Some(encoding.write(prefix)) });
            }
        }
    }
    // S3 names the last upload of the last page too.
    let (next_key, next_id) = match page.entries.last() {
        Some(Entry::Key(key, (id, _))) => (encoding.write(key.as_str()), id.to_string()),
        Some(Entry::CommonPrefix(prefix)) if page.is_truncated => (encoding.write(prefix), String::new()),
        Some(Entry::CommonPrefix(_)) | None => <(String, String)>::default(),
    };
    Ok(S3Response::new(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        common_prefixes: Some(common_prefixes),
        delimiter: (!delimiter.is_empty()).then(|| encoding.write(&delimiter)),
        encoding_type: encoding.name(),
        is_truncated: Some(page.is_truncated),
        key_marker: Some(encoding.write(&key_marker)),
        max_uploads: Some(max_uploads as i32),
        next_key_marker: Some(next_key),
        next_upload_id_marker: Some(next_id),
        prefix: (!prefix.is_empty()).then(|| encoding.write(&prefix)),
        request_charged: None,
        // Without a key it marks nothing, and is not told again.
        upload_id_marker: Some(input.upload_id_marker.filter(|_| !key_marker.is_empty()).unwrap_or_default()),
        uploads: Some(uploads),
    }))
}
