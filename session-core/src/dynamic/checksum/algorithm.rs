//! The algorithms: their names, their headers, and the sums themselves.

use aws_smithy_checksums::Checksum;
use aws_smithy_checksums::http::{
    CRC_32_C_HEADER_NAME, CRC_32_HEADER_NAME, CRC_64_NVME_HEADER_NAME, HttpChecksum, SHA_1_HEADER_NAME,
    SHA_256_HEADER_NAME,
};
use bytes::Bytes;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::crc::Crc;
use crate::error::{Error, ErrorKind};

/// What can be computed here. Models name more, such as MD5, for checksums that callers bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The algorithm of that name, in letters of any case.
    pub(super) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name))
    }

    /// The algorithm that `member` names.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: it is none, or one that is not computed here; names those that are.
    pub(super) fn chosen(member: &str, name: &str) -> Result<Self, Error> {
        Self::find(name).ok_or_else(|| {
            let message = format!(
                "{member} is `{name}`, but has to be `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1` or `SHA256`: give a checksum \
                 of another kind yourself, and leave {member} out"
            );
            Error::new(ErrorKind::InvalidInput, message)
        })
    }

    /// The name in the models, such as `CRC32`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header or trailer that has its checksums, such as `x-amz-checksum-crc32`.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => CRC_32_HEADER_NAME,
            Self::Crc32c => CRC_32_C_HEADER_NAME,
            Self::Crc64Nvme => CRC_64_NVME_HEADER_NAME,
            Self::Sha1 => SHA_1_HEADER_NAME,
            Self::Sha256 => SHA_256_HEADER_NAME,
        }
    }

    /// A sum of nothing yet. Not the SDK's own: whoever asks it for one gets the tables of all cyclic redundancy checks
    /// there are.
    pub(in crate::dynamic) fn begin(self) -> Box<dyn HttpChecksum> {
        let state = match self {
            Self::Crc32 => State::Crc32(crc32fast::Hasher::new()),
            Self::Crc32c => State::Crc32c(Crc::crc_32c()),
            Self::Crc64Nvme => State::Crc64Nvme(Crc::crc_64_nvme()),
            Self::Sha1 => State::Sha1(Sha1::new()),
            Self::Sha256 => State::Sha256(Sha256::new()),
        };
        Box::new(Sum { algorithm: self, state })
    }
}

/// A checksum as it is computed.
struct Sum {
    algorithm: Algorithm,
    state: State,
}

enum State {
    Crc32(crc32fast::Hasher),
    Crc32c(Crc),
    Crc64Nvme(Crc),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum for Sum {
    fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Crc32(crc) => crc.update(bytes),
            State::Crc32c(crc) | State::Crc64Nvme(crc) => crc.update(bytes),
            State::Sha1(sha) => sha.update(bytes),
            State::Sha256(sha) => sha.update(bytes),
        }
    }

    fn finalize(self: Box<Self>) -> Bytes {
        match self.state {
            State::Crc32(crc) => Bytes::copy_from_slice(&crc.finalize().to_be_bytes()),
            State::Crc32c(crc) => Bytes::copy_from_slice(&crc.value().to_be_bytes()[4..]),
            State::Crc64Nvme(crc) => Bytes::copy_from_slice(&crc.value().to_be_bytes()),
            State::Sha1(sha) => Bytes::copy_from_slice(&sha.finalize()),
            State::Sha256(sha) => Bytes::copy_from_slice(&sha.finalize()),
        }
    }

    fn size(&self) -> u64 {
        match self.algorithm {
            Algorithm::Crc32 | Algorithm::Crc32c => 4,
            Algorithm::Crc64Nvme => 8,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }
}

impl HttpChecksum for Sum {
    fn header_name(&self) -> &'static str {
        self.algorithm.header()
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_checksums::ChecksumAlgorithm;

    use super::*;

    #[test]
    fn every_algorithm_sums_and_says_what_the_sdks_does() {
        for algorithm in Algorithm::ALL {
            let mut of_sdk = algorithm.name().parse::<ChecksumAlgorithm>().unwrap().into_impl();
            let mut ours = algorithm.begin();
            assert_eq!(
                (ours.header_name(), algorithm.header()),
                (of_sdk.header_name(), of_sdk.header_name())
            );
            assert_eq!(Checksum::size(&*ours), Checksum::size(&*of_sdk), "{algorithm:?}");
            for piece in ["", "metropolis", " is a film in black and white, and in tinted prints"] {
                ours.update(piece.as_bytes());
                of_sdk.update(piece.as_bytes());
            }
            let (ours, of_sdk) = (ours.finalize(), of_sdk.finalize());
            assert_eq!(ours, of_sdk, "{algorithm:?}");
        }
    }

    #[test]
    fn an_algorithm_is_found_by_its_name_alone() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::find(&algorithm.name().to_lowercase()), Some(algorithm));
        }
        for other in ["MD5", "SHA512", "XXHASH3", ""] {
            let error = Algorithm::chosen("ChecksumAlgorithm", other).unwrap_err();
            assert!(error.to_string().contains(&format!("ChecksumAlgorithm is `{other}`")), "{error}");
        }
    }
}
