//! Reading objects: their bytes, their headers, their attributes.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use s3s::S3Response;
use s3s::dto::*;
use s3s::stream::DynByteStream;

use super::Operations;
use super::body::ContentStream;
use super::call::Call;
use super::checksum_element::{CarriedChecksums, checksum_text};
use super::encoded_word;
use super::encryption::{self, insert_encryption, readers_key};
use super::lifecycle::insert_expiration;
use super::object::insert_checksum;
use super::object_lock::insert_lock;
use super::response::{BareETag, insert};
use super::site::REDIRECT_LOCATION;
use super::versioning::version_id;
use crate::context::Body;
use crate::s3::engine::{
    self, ByteRange, ChecksumAlgorithm, Content, Error, ObjectKey, ObjectPart as EnginePart, ObjectRead,
    PartNumber, StorageClass as EngineStorageClass, http_date,
};

/// How many parts a page of GetObjectAttributes holds at most.
const MAX_PARTS: usize = 1000;

/// The headers with which a request replaces those of the object.
#[derive(Default)]
struct Overrides {
    cache_control: Option<String>,
    content_disposition: Option<String>,
    content_encoding: Option<String>,
    content_language: Option<String>,
    content_type: Option<String>,
    expires: Option<Timestamp>,
}

impl Overrides {
    /// Only who signs a request may say what its answer's headers are.
    fn check(&self, call: &Call) -> Result<(), Error> {
        let texts = [
            &self.cache_control,
            &self.content_disposition,
            &self.content_encoding,
            &self.content_language,
            &self.content_type,
        ];
        let any = self.expires.is_some() || texts.into_iter().any(Option::is_some);
        if any && call.context().account_id.is_anonymous() {
            return Err(Error::invalid_request(
                "Request specific response headers cannot be used for anonymous GET requests.",
            ));
        }
        Ok(())
    }
}

/// What a request to read an object says, beside what its [`Call`] has.
pub(super) struct Read {
    bucket: String,
    key: String,
    version_id: Option<String>,
    part_number: Option<i32>,
    overrides: Overrides,
}

impl Read {
    /// The object as it is.
    pub(super) fn of(bucket: String, key: String) -> Self {
        Self { bucket, key, version_id: None, part_number: None, overrides: Overrides::default() }
    }

    fn check(&self, call: &Call) -> Result<engine::GetObject, Error> {
        encryption::check_read(call)?;
        let get = engine::GetObject {
            key: ObjectKey::parse(&self.key)?,
            version_id: version_id(self.version_id.as_deref())?,
            range: call.header("range").and_then(ByteRange::parse),
            part_number: self.part_number.map(PartNumber::try_from).transpose()?,
            condition: call.read_condition(),
            customer_key: readers_key(call)?,
        };
        self.overrides.check(call)?;
        Ok(get)
    }
}

/// Reads the input of `s3s`; GetObject and HeadObject have the same members in different types.
macro_rules! read {
    ($input:ident) => {
        Read {
            bucket: $input.bucket,
            key: $input.key,
            version_id: $input.version_id,
            part_number: $input.part_number,
            overrides: Overrides {
                cache_control: $input.response_cache_control,
                content_disposition: $input.response_content_disposition,
                content_encoding: $input.response_content_encoding,
                content_language: $input.response_content_language,
                content_type: $input.response_content_type,
                expires: $input.response_expires,
            },
        }
    };
}

pub(super) async fn get_object(
    operations: &Operations,
    call: &Call,
    input: GetObjectInput,
) -> Result<S3Response<GetObjectOutput>, Error> {
    let (headers, content) = get(operations, call, read!(input))?;
    let body = Some(StreamingBlob::new(ContentStream::from(content)));
    Ok(S3Response::with_headers(GetObjectOutput { body, ..GetObjectOutput::default() }, headers))
}

pub(super) async fn head_object(
    operations: &Operations,
    call: &Call,
    input: HeadObjectInput,
) -> Result<S3Response<HeadObjectOutput>, Error> {
    let headers = head(operations, call, read!(input))?;
    Ok(S3Response::with_headers(HeadObjectOutput::default(), headers))
}

/// Reads an object; gives the headers of the answer, and the bytes.
pub(super) fn get(operations: &Operations, call: &Call, read: Read) -> Result<(HeaderMap, Content), Error> {
    let get = read.check(call)?;
    let found = operations.engine().get_object(&call.caller(), &read.bucket, &get)?;
    Ok((headers(call, &found, read.overrides), found.content()))
}

/// The same without the bytes.
pub(super) fn head(operations: &Operations, call: &Call, read: Read) -> Result<HeaderMap, Error> {
    let get = read.check(call)?;
    let found = operations.engine().head_object(&call.caller(), &read.bucket, &get)?;
    Ok(headers(call, &found, read.overrides))
}

/// The bytes of an object as a body.
pub(super) fn body_of(content: Content) -> Body {
    match (content.segment(0), content.segment(1)) {
        (None, _) => Body::empty(),
        (Some(only), None) => Body::from(only.clone()),
        _ => Body::from(Box::pin(ContentStream::from(content)) as DynByteStream),
    }
}

/// The metadata; what cannot stand in a header as it is, in the encoding of RFC 2047.
fn insert_metadata(headers: &mut HeaderMap, read: &ObjectRead) {
    for (name, value) in read.object.user_metadata.iter() {
        let name = HeaderName::try_from(format!("x-amz-meta-{name}")).ok();
        let value = HeaderValue::try_from(encoded_word::header(value).as_ref()).ok();
        headers.extend(name.zip(value));
    }
}

fn headers(call: &Call, read: &ObjectRead, overrides: Overrides) -> HeaderMap {
    let object = &read.object;
    let stored = object.system_metadata();
    let mut headers = HeaderMap::with_capacity(16);
    insert_metadata(&mut headers, read);
    insert(&mut headers, "accept-ranges", "bytes");
    insert(&mut headers, "etag", &object.etag.quoted());
    insert(&mut headers, "last-modified", &http_date(object.last_modified));
    insert(&mut headers, "content-length", &read.length().to_string());
    insert_encryption(&mut headers, &object.encryption);
    insert_lock(&mut headers, object.lock());
    insert_expiration(&mut headers, read.expiration.as_ref());
    if !object.tags.is_empty() {
        insert(&mut headers, "x-amz-tagging-count", &object.tags.len().to_string());
    }
    let content_type = overrides.content_type.as_deref().unwrap_or(stored.content_type());
    insert(&mut headers, "content-type", content_type);
    let expires = overrides.expires.and_then(|time| {
        let mut text = Vec::new();
        time.format(TimestampFormat::HttpDate, &mut text).ok()?;
        String::from_utf8(text).ok()
    });
    let parts_count = read.parts_count.map(|count| count.to_string());
    let content_range = read.content_range();
    let version_id = read.version_id.map(|id| id.to_string());
    for (name, value) in [
        ("cache-control", overrides.cache_control.as_deref().or(stored.cache_control.as_deref())),
        (
            "content-disposition",
            overrides.content_disposition.as_deref().or(stored.content_disposition.as_deref()),
        ),
        ("content-encoding", overrides.content_encoding.as_deref().or(stored.content_encoding.as_deref())),
        ("content-language", overrides.content_language.as_deref().or(stored.content_language.as_deref())),
        ("content-range", content_range.as_deref()),
        ("expires", expires.as_deref().or(stored.expires.as_deref())),
        (REDIRECT_LOCATION, stored.website_redirect_location.as_deref()),
        ("x-amz-version-id", version_id.as_deref()),
        ("x-amz-mp-parts-count", parts_count.as_deref()),
    ] {
        if let Some(value) = value {
            insert(&mut headers, name, value);
        }
    }
    if object.storage_class != EngineStorageClass::Standard {
        insert(&mut headers, "x-amz-storage-class", object.storage_class.as_str());
    }
    if call.header("x-amz-checksum-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("ENABLED")) {
        match &read.part_checksum {
            Some(checksum) => {
                insert(&mut headers, checksum.algorithm().header(), &checksum.to_string());
                insert(&mut headers, "x-amz-checksum-type", object.checksum.kind().as_str());
            }
            None if read.is_whole() && object.tells_checksum() => {
                insert_checksum(&mut headers, &object.checksum)
            }
            None => {}
        }
    }
    headers
}

pub(super) async fn get_object_attributes(
    operations: &Operations,
    call: &Call,
    input: GetObjectAttributesInput,
) -> Result<S3Response<GetObjectAttributesOutput>, Error> {
    let asked = call.header("x-amz-object-attributes").unwrap_or_default();
    let mut wanted = Wanted::default();
    asked.split(',').try_for_each(|name| wanted.add(name.trim()))?;
    let key = ObjectKey::parse(&input.key)?;
    let customer_key = readers_key(call)?;
    let asked_version = version_id(input.version_id.as_deref())?;
    let (object, told_version) = operations.engine().readable_object(
        &call.caller(),
        &input.bucket,
        &key,
        asked_version,
        customer_key,
    )?;
    let checksum = &object.checksum;
    let parts =
        (wanted.parts && !object.parts.is_empty()).then(|| parts_page(call, &object.parts)).transpose()?;
    let mut response = S3Response::new(GetObjectAttributesOutput {
        checksum: (wanted.checksum && object.tells_checksum()).then(|| {
            let of = |element| checksum_text(Some(checksum.bare()), element);
            Checksum {
                checksum_crc32: of(ChecksumAlgorithm::Crc32),
                checksum_crc32c: of(ChecksumAlgorithm::Crc32c),
                checksum_crc64nvme: of(ChecksumAlgorithm::Crc64nvme),
                checksum_sha1: of(ChecksumAlgorithm::Sha1),
                checksum_sha256: of(ChecksumAlgorithm::Sha256),
                checksum_type: Some(checksum.kind().as_str().to_owned().into()),
            }
        }),
        e_tag: wanted.etag.then(|| ETag::Strong(object.etag.to_string())),
        object_parts: parts,
        object_size: wanted.size.then_some(object.content.len() as i64),
        storage_class: wanted.storage_class.then(|| object.storage_class.as_str().to_owned().into()),
        last_modified: Some(object.last_modified.into()),
        version_id: told_version.map(|id| id.to_string()),
        ..GetObjectAttributesOutput::default()
    });
    response.extensions.insert(BareETag);
    response.extensions.insert(CarriedChecksums);
    Ok(response)
}

/// Which attributes a GetObjectAttributes request asks for.
#[derive(Default)]
struct Wanted {
    etag: bool,
    checksum: bool,
    parts: bool,
    size: bool,
    storage_class: bool,
}

impl Wanted {
    fn add(&mut self, name: &str) -> Result<(), Error> {
        let wanted = match name {
            "ETag" => &mut self.etag,
            "Checksum" => &mut self.checksum,
            "ObjectParts" => &mut self.parts,
            "ObjectSize" => &mut self.size,
            "StorageClass" => &mut self.storage_class,
            _ => {
                let message = "Invalid attribute name specified.";
                return Err(Error::invalid_argument(message, "x-amz-object-attributes", name));
            }
        };
        *wanted = true;
        Ok(())
    }
}

/// The parts of an object; one by one only where the upload asked for a checksum of each.
fn parts_page(call: &Call, parts: &[EnginePart]) -> Result<GetObjectAttributesParts, Error> {
    let after: u16 = call.number("x-amz-part-number-marker")?.unwrap_or(0);
    let max_parts = call.number("x-amz-max-parts")?.unwrap_or(MAX_PARTS).min(MAX_PARTS);
    let total = Some(i32::try_from(parts.len()).unwrap_or(i32::MAX));
    if parts.iter().all(|part| part.checksum.is_none()) {
        return Ok(GetObjectAttributesParts {
            total_parts_count: total,
            ..GetObjectAttributesParts::default()
        });
    }
    let mut behind = parts.iter().filter(|part| part.number.get() > after);
    let page: Vec<&EnginePart> = behind.by_ref().take(max_parts).collect();
    let last = page.last().map_or(after, |part| part.number.get());
    Ok(GetObjectAttributesParts {
        is_truncated: Some(max_parts > 0 && behind.next().is_some()),
        max_parts: i32::try_from(max_parts).ok(),
        next_part_number_marker: Some(i32::from(last)),
        part_number_marker: Some(i32::from(after)),
        parts: Some(page.into_iter().map(object_part).collect()),
        total_parts_count: total,
    })
}

fn object_part(part: &EnginePart) -> ObjectPart {
    let of = |algorithm| checksum_text(part.checksum.as_ref(), algorithm);
    ObjectPart {
        checksum_crc32: of(ChecksumAlgorithm::Crc32),
        checksum_crc32c: of(ChecksumAlgorithm::Crc32c),
        checksum_crc64nvme: of(ChecksumAlgorithm::Crc64nvme),
        checksum_sha1: of(ChecksumAlgorithm::Sha1),
        checksum_sha256: of(ChecksumAlgorithm::Sha256),
        part_number: Some(i32::from(part.number.get())),
        size: Some(part.size as i64),
    }
}
