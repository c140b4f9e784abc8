//! Completing a multipart upload: the named parts become one object, without a copy of their bytes.

use std::sync::Arc;

use super::{
    Caller, ChecksumAlgorithm, ChecksumType, Code, Content, ETag, Engine, Error, MultipartUpload, Object,
    ObjectChecksum, ObjectKey, ObjectPart, Part, PartNumber, UploadId, WriteCondition, Written,
};
use crate::seed::IdSource;

/// Every part but the last has at least 5 MiB.
const MIN_PART_BYTES: u64 = 5 << 20;

#[derive(Clone, Debug)]
pub(crate) struct CompleteMultipartUpload {
    pub(crate) key: ObjectKey,
    pub(crate) upload_id: UploadId,
    pub(crate) parts: Vec<CompletedPart>,
    pub(crate) condition: WriteCondition,
    /// The whole object's checksum as the request gives it.
    pub(crate) checksum: Option<(ChecksumAlgorithm, String)>,
    pub(crate) checksum_type: Option<ChecksumType>,
    /// `x-amz-mp-object-size`: how many bytes the parts should add up to.
    pub(crate) object_size: Option<u64>,
}

/// A part as the request names it.
#[derive(Clone, Debug)]
pub(crate) struct CompletedPart {
    pub(crate) number: PartNumber,
    pub(crate) etag: String,
    pub(crate) checksums: Vec<(ChecksumAlgorithm, String)>,
}

impl Engine {
    /// Completing an upload once more with the same parts is told what came of it, whatever became of the object since;
    /// the object is then without its bytes.
    ///
    /// # Errors
    /// `NoSuchUpload`, `PreconditionFailed`, `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`, `BadDigest`; the
    /// upload is then as it was.
    pub(crate) fn complete_multipart_upload(
        &mut self,
        caller: &Caller,
        bucket: &str,
        complete: CompleteMultipartUpload,
        ids: &mut IdSource,
    ) -> Result<Written, Error> {
        let completions = &self.bucket(caller, bucket)?.completions;
        if let Some(again) = completions.answer(&complete.key, &complete.upload_id, &complete.parts) {
            return Ok(again);
        }
        let upload = Arc::clone(self.multipart_upload(caller, bucket, &complete.key, &complete.upload_id)?);
        let bucket = self.bucket_mut(caller, bucket)?;
        check_condition(&complete, &upload, bucket.objects.get(&complete.key))?;
        let parts = named_parts(&complete, &upload)?;
        let checksum = checksum(&complete, &upload, &parts)?;
        // Of parts whose sum is the object's checksum S3 keeps none of their own.
        let told = upload.checksum.is_some_and(|(_, kind)| kind == ChecksumType::Composite);
        let mut start = 0;
        let places = parts.iter().map(|(number, part)| {
            let place = ObjectPart {
                number: *number,
                start,
                size: part.content.len(),
                checksum: part.checksum().filter(|_| told).cloned(),
            };
            start += place.size;
            place
        });
        let places = places.collect();
        let content = Content::concat(parts.iter().map(|(_, part)| &part.content));
        let etag = ETag::of_parts(parts.iter().map(|(_, part)| part.md5));
        let headers = upload.headers.clone();
        let asked = headers.lock.clone();
        let mut object = Object::new(content, etag, checksum, headers, caller.now);
        object.parts = places;
        bucket.forget_upload(&complete.key, &complete.upload_id);
        let named = parts.iter().map(|(number, part)| (*number, part.etag())).collect();
        let written = bucket.write(complete.key.clone(), object, &asked, caller.now, ids);
        bucket.completions.remember(complete.key, complete.upload_id, named, &written);
        Ok(written)
    }
}

/// Beside the condition itself: what the upload began with must not have gone or come in the meantime.
fn check_condition(
    complete: &CompleteMultipartUpload,
    upload: &MultipartUpload,
    existing: Option<&Arc<Object>>,
) -> Result<(), Error> {
    complete.condition.check(&complete.key, existing.map(|object| &object.etag))?;
    let conflict = match (&complete.condition, existing) {
        (WriteCondition::Absent, None) if upload.replaces.is_some() => "If-None-Match",
        (WriteCondition::Matches(_), Some(object)) if !upload.has_found(object) => "If-Match",
        _ => return Ok(()),
    };
    Err(Error::new(Code::ConditionalRequestConflict).with("Condition", conflict).with("Key", &complete.key))
}

/// The upload's parts that the request names, in order and each as the request describes it.
fn named_parts<'u>(
    complete: &CompleteMultipartUpload,
    upload: &'u MultipartUpload,
) -> Result<Vec<(PartNumber, &'u Part)>, Error> {
    if complete.parts.is_empty() {
        return Err(Error::new(Code::MalformedXML));
    }
    if !complete.parts.is_sorted_by(|one, next| one.number < next.number) {
        return Err(Error::new(Code::InvalidPartOrder).with("UploadId", &complete.upload_id));
    }
    // Parts that bring checksums of their own are numbered from 1 on, without a gap.
    let brings = |named: &CompletedPart| named.checksums.iter().any(|(algorithm, _)| algorithm.is_of_parts());
    if complete.parts.iter().any(brings)
        && !(1..).zip(&complete.parts).all(|(number, named)| named.number.get() == number)
    {
        return Err(Error::new(Code::InvalidPartOrder).with("UploadId", &complete.upload_id));
    }
    let last = complete.parts.len() - 1;
    let mut parts = Vec::with_capacity(complete.parts.len());
    for (at, named) in complete.parts.iter().enumerate() {
        let bare_etag = named.etag.trim_matches('"');
        let invalid = || {
            Error::new(Code::InvalidPart)
                .with("UploadId", &complete.upload_id)
                .with("PartNumber", named.number)
                .with("ETag", bare_etag)
        };
        let part =
            upload.parts.get(&named.number).filter(|part| part.etag().is(&named.etag)).ok_or_else(invalid)?;
        check_part_checksum(named, part, upload, invalid)?;
        if at < last && part.content.len() < MIN_PART_BYTES {
            return Err(Error::new(Code::EntityTooSmall)
                .with("ProposedSize", part.content.len())
                .with("MinSizeAllowed", MIN_PART_BYTES)
                .with("PartNumber", named.number)
                .with("ETag", bare_etag));
        }
        parts.push((named.number, part));
    }
    Ok(parts)
}

fn check_part_checksum(
    named: &CompletedPart,
    part: &Part,
    upload: &MultipartUpload,
    invalid: impl Fn() -> Error,
) -> Result<(), Error> {
    let Some((algorithm, kind)) = upload.checksum else {
        return if named.checksums.is_empty() { Ok(()) } else { Err(invalid()) };
    };
    let given = named.checksums.iter().find(|(given, _)| *given == algorithm);
    match (given, named.checksums.first(), kind) {
        (Some((_, text)), ..) => match part.checksum_of(algorithm) {
            Some(checksum) if checksum.to_string() == *text => Ok(()),
            _ => Err(invalid()),
        },
        (None, Some((other, _)), _) => Err(Error::with_message(
            Code::BadDigest,
            format!(
                "The {} you specified for part {} did not match what we received.",
                other.lower(),
                named.number
            ),
        )),
        (None, None, ChecksumType::FullObject) => Ok(()),
        (None, None, ChecksumType::Composite) => Err(Error::invalid_request(format!(
            "The upload was created using a {} checksum. The complete request must include the checksum for each part. \
             It was missing for part {} in the request.",
            algorithm.lower(),
            named.number
        ))),
    }
}

/// The object's checksum, checked against what the request says of the whole.
fn checksum(
    complete: &CompleteMultipartUpload,
    upload: &MultipartUpload,
    parts: &[(PartNumber, &Part)],
) -> Result<ObjectChecksum, Error> {
    let size: u64 = parts.iter().map(|(_, part)| part.content.len()).sum();
    if let Some(expected) = complete.object_size.filter(|expected| *expected != size) {
        return Err(Error::invalid_request(format!(
            "The provided 'x-amz-mp-object-size' header value {expected} does not match what was computed: {size}"
        )));
    }
    let (algorithm, kind) = upload.checksum.unwrap_or((ChecksumAlgorithm::DEFAULT, ChecksumType::FullObject));
    let begun_with = upload.checksum.map(|(_, kind)| kind);
    if complete.checksum_type.is_some() && complete.checksum_type != begun_with {
        return Err(Error::invalid_request(format!(
            "The upload was created using the {} checksum mode. The complete request must use the same checksum mode.",
            begun_with.map_or("null", ChecksumType::as_str)
        )));
    }
    let of_parts: Option<Vec<_>> =
        parts.iter().map(|(_, part)| Some((part.checksum_of(algorithm)?, part.content.len()))).collect();
    // Every part was digested with the upload's algorithm when it came in.
    let checksum = of_parts
        .and_then(|of_parts| ObjectChecksum::of_parts(algorithm, kind, &of_parts))
        .ok_or_else(|| Error::new(Code::InternalError))?;
    // S3 looks at the request's checksum only where the upload was begun with one.
    match complete.checksum.as_ref().filter(|_| upload.checksum.is_some()) {
        Some((given, text)) if *given != algorithm => Err(Error::invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {} ({text})",
            algorithm.lower(),
            given.lower()
        ))),
        Some((_, text)) if !ObjectChecksum::is_written(algorithm, kind, text) => {
            Err(Error::invalid_request(format!("Value for {} header is invalid.", algorithm.header())))
        }
        Some((_, text)) if *text != checksum.to_string() && *text != checksum.bare().to_string() => {
            Err(Error::with_message(
                Code::BadDigest,
                format!("The {} you specified did not match the calculated checksum.", algorithm.lower()),
            ))
        }
        _ if upload.checksum.is_none() => Ok(checksum.unasked()),
        _ => Ok(checksum),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::s3::engine::tests::{
        caller, create_upload, create_upload_with, engine_with, ids, key, put, upload_part,
    };
    use crate::s3::engine::{DeleteObject, Digest, GetObject};

    fn complete(id: &UploadId, parts: &[(i32, &str)]) -> CompleteMultipartUpload {
        let parts = parts.iter().map(|(number, etag)| CompletedPart {
            number: PartNumber::try_from(*number).unwrap(),
            etag: (*etag).to_owned(),
            checksums: Vec::new(),
        });
        CompleteMultipartUpload {
            key: key("a"),
            upload_id: id.clone(),
            parts: parts.collect(),
            condition: WriteCondition::None,
            checksum: None,
            checksum_type: None,
            object_size: None,
        }
    }

    fn refusal(engine: &mut Engine, complete: CompleteMultipartUpload) -> Code {
        engine.complete_multipart_upload(&caller(), "films", complete, &mut ids()).unwrap_err().code()
    }

    #[test]
    fn parts_that_are_unknown_unordered_or_small_are_refused_and_the_upload_stays() {
        let mut engine = engine_with("films");
        let id = create_upload(&mut engine, "a", 1);
        let one = upload_part(&mut engine, "a", &id, 1, "one");
        let two = upload_part(&mut engine, "a", &id, 2, "two");
        assert_eq!(refusal(&mut engine, complete(&id, &[])), Code::MalformedXML);
        assert_eq!(refusal(&mut engine, complete(&id, &[(1, &two)])), Code::InvalidPart);
        assert_eq!(refusal(&mut engine, complete(&id, &[(3, &one)])), Code::InvalidPart);
        assert_eq!(refusal(&mut engine, complete(&id, &[(2, &two), (1, &one)])), Code::InvalidPartOrder);
        assert_eq!(refusal(&mut engine, complete(&id, &[(1, &one), (1, &one)])), Code::InvalidPartOrder);
        assert_eq!(refusal(&mut engine, complete(&id, &[(1, &one), (2, &two)])), Code::EntityTooSmall);
        let sized = CompleteMultipartUpload { object_size: Some(4), ..complete(&id, &[(2, &two)]) };
        assert_eq!(refusal(&mut engine, sized), Code::InvalidRequest);
        let object = engine
            .complete_multipart_upload(&caller(), "films", complete(&id, &[(2, &two)]), &mut ids())
            .unwrap()
            .object;
        assert!(object.etag.to_string().ends_with("-1"));
        assert_eq!(refusal(&mut engine, complete(&id, &[(1, &one)])), Code::NoSuchUpload);
    }

    #[test]
    fn a_completion_asked_for_again_is_answered_again_whatever_became_of_the_object() {
        let mut engine = engine_with("films");
        let id = create_upload(&mut engine, "a", 1);
        let one = upload_part(&mut engine, "a", &id, 1, "one");
        let first = engine
            .complete_multipart_upload(&caller(), "films", complete(&id, &[(1, &one)]), &mut ids())
            .unwrap()
            .object;
        engine.delete_object(&caller(), "films", DeleteObject::of(key("a")), None, &mut ids()).unwrap();
        let absent =
            CompleteMultipartUpload { condition: WriteCondition::Absent, ..complete(&id, &[(1, &one)]) };
        let again = engine.complete_multipart_upload(&caller(), "films", absent, &mut ids()).unwrap().object;
        assert_eq!((again.etag, &again.checksum), (first.etag, &first.checksum));
        assert_eq!(again.content.len(), 0, "the bytes are not kept");
        assert!(
            engine.get_object(&caller(), "films", &GetObject::of(key("a"))).is_err(),
            "nor is the object"
        );
        let other = CompleteMultipartUpload { key: key("b"), ..complete(&id, &[(1, &one)]) };
        assert_eq!(refusal(&mut engine, other), Code::NoSuchUpload);
    }

    #[test]
    fn parts_with_checksums_are_numbered_without_a_gap() {
        let mut engine = engine_with("films");
        let sha256 = ChecksumAlgorithm::Sha256;
        let id = create_upload_with(&mut engine, "a", Some((sha256, ChecksumType::Composite)));
        let two = upload_part(&mut engine, "a", &id, 2, "123456789");
        let mut named = complete(&id, &[(2, &two)]);
        named.parts[0].checksums = vec![(sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=".into())];
        assert_eq!(refusal(&mut engine, named), Code::InvalidPartOrder);
    }

    #[test]
    fn a_checksum_of_the_whole_counts_where_the_upload_was_begun_with_one() {
        let mut engine = engine_with("films");
        let crc32 = ChecksumAlgorithm::Crc32;
        let told = |id: &UploadId, etag: &str, text: &str| CompleteMultipartUpload {
            checksum: Some((crc32, text.to_owned())),
            ..complete(id, &[(1, etag)])
        };
        let id = create_upload_with(&mut engine, "a", Some((crc32, ChecksumType::FullObject)));
        let one = upload_part(&mut engine, "a", &id, 1, "123456789");
        for (text, code) in [
            ("not base64", Code::InvalidRequest),
            ("y/Q5Jg==-1", Code::InvalidRequest),
            ("AAAAAA==", Code::BadDigest),
        ] {
            assert_eq!(refusal(&mut engine, told(&id, &one, text)), code, "{text}");
        }
        assert!(
            engine
                .complete_multipart_upload(&caller(), "films", told(&id, &one, "y/Q5Jg=="), &mut ids())
                .is_ok()
        );
        let id = create_upload(&mut engine, "a", 2);
        let one = upload_part(&mut engine, "a", &id, 1, "123456789");
        assert!(
            engine
                .complete_multipart_upload(&caller(), "films", told(&id, &one, "AAAAAA=="), &mut ids())
                .is_ok()
        );
    }

    #[test]
    fn a_completion_may_expect_the_key_to_be_free() {
        let mut engine = engine_with("films");
        let id = create_upload(&mut engine, "a", 1);
        let one = upload_part(&mut engine, "a", &id, 1, "one");
        let absent =
            CompleteMultipartUpload { condition: WriteCondition::Absent, ..complete(&id, &[(1, &one)]) };
        engine.put_object(&caller(), "films", put("a", "other"), &mut ids()).unwrap();
        assert_eq!(refusal(&mut engine, absent), Code::PreconditionFailed);
        let late = create_upload(&mut engine, "a", 2);
        let one = upload_part(&mut engine, "a", &late, 1, "one");
        engine.delete_object(&caller(), "films", DeleteObject::of(key("a")), None, &mut ids()).unwrap();
        let absent =
            CompleteMultipartUpload { condition: WriteCondition::Absent, ..complete(&late, &[(1, &one)]) };
        assert_eq!(refusal(&mut engine, absent), Code::ConditionalRequestConflict);
    }

    #[test]
    fn a_composite_checksum_is_named_part_by_part() {
        let mut engine = engine_with("films");
        let sha256 = ChecksumAlgorithm::Sha256;
        let id = create_upload_with(&mut engine, "a", Some((sha256, ChecksumType::Composite)));
        let one = upload_part(&mut engine, "a", &id, 1, "123456789");
        assert_eq!(refusal(&mut engine, complete(&id, &[(1, &one)])), Code::InvalidRequest);
        let mut named = complete(&id, &[(1, &one)]);
        named.parts[0].checksums = vec![(sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=".into())];
        let object = engine.complete_multipart_upload(&caller(), "films", named, &mut ids()).unwrap().object;
        assert_eq!(object.checksum.kind(), ChecksumType::Composite);
        assert!(object.checksum.to_string().ends_with("=-1"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn an_upload_of_any_split_is_the_whole(
            extras in prop::collection::vec(0usize..1000, 0..3),
            tail in prop::collection::vec(any::<u8>(), 0..50),
            part_number in 1i32..4,
        ) {
            let mut engine = engine_with("films");
            let id = create_upload(&mut engine, "a", 1);
            let big = Bytes::from(vec![7u8; MIN_PART_BYTES as usize + 1000]);
            let mut pieces: Vec<Bytes> =
                extras.iter().map(|extra| big.slice(..MIN_PART_BYTES as usize + extra)).collect();
            pieces.push(Bytes::from(tail));
            let mut tags = Vec::new();
            for (at, piece) in pieces.iter().enumerate() {
                tags.push(upload_part(&mut engine, "a", &id, at as i32 + 1, piece.clone()));
            }
            let named: Vec<(i32, &str)> = (1..).zip(tags.iter().map(String::as_str)).collect();
            let complete = complete(&id, &named);
            let written = engine.complete_multipart_upload(&caller(), "films", complete, &mut ids()).unwrap();
            let object = written.object;
            let whole: Content = pieces.iter().cloned().collect();
            let digest = Digest::of(&whole, &[ChecksumAlgorithm::Crc64nvme]);
            prop_assert_eq!(Digest::of(&object.content, &[ChecksumAlgorithm::Crc64nvme]), digest.clone());
            prop_assert_eq!(object.checksum.bare(), &digest.checksums[0]);
            let get = GetObject { part_number: PartNumber::try_from(part_number).ok(), ..GetObject::of(key("a")) };
            match engine.get_object(&caller(), "films", &get) {
                Ok(read) => {
                    let part: Content = pieces[part_number as usize - 1].clone().into();
                    prop_assert_eq!(Digest::of(&read.content(), &[]), Digest::of(&part, &[]));
                    prop_assert_eq!(read.parts_count, Some(pieces.len()));
                }
                Err(error) => {
                    prop_assert_eq!(error.code(), Code::InvalidPartNumber);
                    prop_assert!(part_number as usize > pieces.len());
                }
            }
        }
    }
}
