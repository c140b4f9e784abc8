//! The algorithms by their names.

use aws_smithy_checksums::ChecksumAlgorithm;
use aws_smithy_checksums::http::{
    CRC_32_C_HEADER_NAME, CRC_32_HEADER_NAME, CRC_64_NVME_HEADER_NAME, SHA_1_HEADER_NAME, SHA_256_HEADER_NAME,
};

use crate::error::{Error, ErrorKind};

/// Each with its name in the models and its header. Models name more, such as MD5, for checksums that callers bring.
const ALGORITHMS: [(ChecksumAlgorithm, &str, &str); 5] = [
    (ChecksumAlgorithm::Crc32, "CRC32", CRC_32_HEADER_NAME),
    (ChecksumAlgorithm::Crc32c, "CRC32C", CRC_32_C_HEADER_NAME),
    (ChecksumAlgorithm::Crc64Nvme, "CRC64NVME", CRC_64_NVME_HEADER_NAME),
    (ChecksumAlgorithm::Sha1, "SHA1", SHA_1_HEADER_NAME),
    (ChecksumAlgorithm::Sha256, "SHA256", SHA_256_HEADER_NAME),
];

/// The algorithm of that name, in letters of any case.
pub(super) fn find(name: &str) -> Option<ChecksumAlgorithm> {
    let mut known = ALGORITHMS.into_iter();
    known.find_map(|(algorithm, known, _)| known.eq_ignore_ascii_case(name).then_some(algorithm))
}

/// The algorithm that `member` names.
///
/// # Errors
/// [`ErrorKind::InvalidInput`]: it is none, or one that is not computed here; names those that are.
pub(super) fn chosen(member: &str, name: &str) -> Result<ChecksumAlgorithm, Error> {
    find(name).ok_or_else(|| {
        let message = format!(
            "{member} is `{name}`, but has to be `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1` or `SHA256`: give a checksum of \
             another kind yourself, and leave {member} out"
        );
        Error::new(ErrorKind::InvalidInput, message)
    })
}

/// The name in the models, such as `CRC32`.
pub(super) fn name(algorithm: ChecksumAlgorithm) -> &'static str {
    of(algorithm).1
}

/// The header or trailer that has its checksums, such as `x-amz-checksum-crc32`.
pub(super) fn header(algorithm: ChecksumAlgorithm) -> &'static str {
    of(algorithm).2
}

fn of(algorithm: ChecksumAlgorithm) -> (ChecksumAlgorithm, &'static str, &'static str) {
    let known = ALGORITHMS.into_iter().find(|(known, ..)| *known == algorithm);
    // Only those of the table are ever made, by `find`, or named outright.
    known.unwrap_or(ALGORITHMS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_has_the_header_that_the_sdk_gives_it() {
        for (algorithm, name, header) in ALGORITHMS {
            assert_eq!(algorithm.into_impl().header_name(), header);
            assert_eq!(find(&name.to_lowercase()), Some(algorithm));
            assert_eq!((super::name(algorithm), super::header(algorithm)), (name, header));
        }
        for other in ["MD5", "SHA512", "XXHASH3", ""] {
            let error = chosen("ChecksumAlgorithm", other).unwrap_err();
            assert!(error.to_string().contains(&format!("ChecksumAlgorithm is `{other}`")), "{error}");
        }
    }
}
