//! Checksums of bodies: the algorithms of S3, their texts, and what becomes of them in objects of many parts.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, PAD};
use base64::prelude::BASE64_STANDARD;
use crc_fast::CrcAlgorithm;

use super::digest::Hasher;

/// Base64 as requests may write it: S3 passes over bits that the last letter has too many.
pub(crate) const GIVEN_BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, PAD.with_decode_allow_trailing_bits(true));

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChecksumAlgorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Md5,
    Sha1,
    Sha256,
    Sha512,
    Xxhash128,
    Xxhash3,
    Xxhash64,
}

impl ChecksumAlgorithm {
    pub(crate) const ALL: [Self; 10] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64nvme,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Xxhash128,
        Self::Xxhash3,
        Self::Xxhash64,
    ];

    /// What S3 computes when a request asks for nothing.
    pub(crate) const DEFAULT: Self = Self::Crc64nvme;

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(text))
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64nvme => "CRC64NVME",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::Xxhash128 => "XXHASH128",
            Self::Xxhash3 => "XXHASH3",
            Self::Xxhash64 => "XXHASH64",
        }
    }

    /// The header, or trailer, that carries a checksum of this algorithm.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64nvme => "x-amz-checksum-crc64nvme",
            Self::Md5 => "x-amz-checksum-md5",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Sha512 => "x-amz-checksum-sha512",
            Self::Xxhash128 => "x-amz-checksum-xxhash128",
            Self::Xxhash3 => "x-amz-checksum-xxhash3",
            Self::Xxhash64 => "x-amz-checksum-xxhash64",
        }
    }

    /// The name in lower case, as S3 writes it in its messages.
    pub(crate) fn lower(self) -> &'static str {
        &self.header()["x-amz-checksum-".len()..]
    }

    fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64nvme | Self::Xxhash3 | Self::Xxhash64 => 8,
            Self::Md5 | Self::Xxhash128 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The cyclic redundancy check behind the algorithm, if it is one: only those can be joined.
    pub(super) fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64nvme => Some(CrcAlgorithm::Crc64Nvme),
            _ => None,
        }
    }

    /// Whether parts of an upload may bring it beside their numbers: every one but CRC64NVME, which is of the whole.
    pub(super) fn is_of_parts(self) -> bool {
        self != Self::Crc64nvme
    }

    /// The type of a multipart upload's checksum when the request does not choose, and whether it may choose `wanted`.
    pub(crate) fn multipart_type(self, wanted: Option<ChecksumType>) -> Option<ChecksumType> {
        match (self, wanted) {
            (Self::Crc64nvme, None | Some(ChecksumType::FullObject)) => Some(ChecksumType::FullObject),
            (Self::Crc64nvme, Some(ChecksumType::Composite)) => None,
            // The checksum of the whole is made of those of the parts, for which it has to be one that can be joined.
            (_, Some(ChecksumType::FullObject)) if self.crc().is_none() => None,
            (_, wanted) => Some(wanted.unwrap_or(ChecksumType::Composite)),
        }
    }
}

impl fmt::Display for ChecksumAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the checksum of an object of many parts is a checksum of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChecksumType {
    /// Of the parts' checksums.
    Composite,
    /// Of the bytes.
    FullObject,
}

impl ChecksumType {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            text if text.eq_ignore_ascii_case("COMPOSITE") => Some(Self::Composite),
            text if text.eq_ignore_ascii_case("FULL_OBJECT") => Some(Self::FullObject),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Composite => "COMPOSITE",
            Self::FullObject => "FULL_OBJECT",
        }
    }
}

/// One checksum of some bytes; its text is Base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checksum {
    algorithm: ChecksumAlgorithm,
    value: Box<[u8]>,
}

impl Checksum {
    /// Nothing when the text is not Base64 of the algorithm's length.
    pub(crate) fn parse(algorithm: ChecksumAlgorithm, text: &str) -> Option<Self> {
        let value: Box<[u8]> = GIVEN_BASE64.decode(text).ok()?.into();
        (value.len() == algorithm.length()).then_some(Self { algorithm, value })
    }

    /// The SHA-256 that 64 hexadecimal digits say; nothing for any other text.
    pub(crate) fn from_sha256_hex(text: &str) -> Option<Self> {
        let algorithm = ChecksumAlgorithm::Sha256;
        if text.len() != 2 * algorithm.length() {
            return None;
        }
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            b'A'..=b'F' => Some(byte - b'A' + 10),
            _ => None,
        };
        let mut value: Box<[u8]> = vec![0; algorithm.length()].into();
        for (byte, pair) in value.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self { algorithm, value })
    }

    /// The value in hexadecimal digits.
    pub(crate) fn hex(&self) -> String {
        self.value.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn algorithm(&self) -> ChecksumAlgorithm {
        self.algorithm
    }

    /// The checksum of these bytes followed by `length` bytes with the checksum `next`; only for CRCs of one kind.
    fn followed_by(&self, next: &Self, length: u64) -> Option<Self> {
        let crc = self.algorithm.crc().filter(|_| self.algorithm == next.algorithm)?;
        let joined = crc_fast::checksum_combine(crc, number(&self.value), number(&next.value), length);
        Some(Self::of_crc(self.algorithm, joined))
    }

    pub(super) fn of_crc(algorithm: ChecksumAlgorithm, crc: u64) -> Self {
        Self { algorithm, value: crc.to_be_bytes()[8 - algorithm.length()..].into() }
    }

    /// The value that a hash function gave; its length is the algorithm's.
    pub(super) fn of_hash(algorithm: ChecksumAlgorithm, value: &[u8]) -> Self {
        Self { algorithm, value: value.into() }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_STANDARD.encode(&self.value))
    }
}

fn number(value: &[u8]) -> u64 {
    value.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The checksum that an object keeps: of its bytes, or of the checksums of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectChecksum {
    checksum: Checksum,
    /// How many parts a composite checksum is made of; never more than 10,000.
    parts: Option<u16>,
    /// Whether it is the one that S3 computes of an upload in parts that was begun without any.
    is_unasked: bool,
}

impl ObjectChecksum {
    pub(crate) fn full_object(checksum: Checksum) -> Self {
        Self { checksum, parts: None, is_unasked: false }
    }

    /// The same checksum, which S3 computed without being asked for one.
    pub(super) fn unasked(self) -> Self {
        Self { is_unasked: true, ..self }
    }

    /// Whether nobody asked for it. S3 then tells less of it where the bytes are encrypted with a key not its own.
    pub(crate) fn is_unasked(&self) -> bool {
        self.is_unasked
    }

    /// The checksum of parts joined as `kind` says; nothing when they lack it.
    pub(crate) fn of_parts(
        algorithm: ChecksumAlgorithm,
        kind: ChecksumType,
        parts: &[(&Checksum, u64)],
    ) -> Option<Self> {
        match kind {
            ChecksumType::Composite => {
                let mut hasher = Hasher::new(algorithm);
                parts.iter().for_each(|(checksum, _)| hasher.update(&checksum.value));
                Some(Self {
                    checksum: hasher.finish(algorithm),
                    parts: Some(u16::try_from(parts.len()).ok()?),
                    is_unasked: false,
                })
            }
            ChecksumType::FullObject => {
                let ((first, _), rest) = parts.split_first()?;
                let joined = rest
                    .iter()
                    .try_fold((*first).clone(), |joined, (next, length)| joined.followed_by(next, *length))?;
                Some(Self::full_object(joined))
            }
        }
    }

    /// Whether a request may write a checksum of an object so: a composite one with the number of its parts or without.
    pub(super) fn is_written(algorithm: ChecksumAlgorithm, kind: ChecksumType, text: &str) -> bool {
        let value = match (kind, text.split_once('-')) {
            (ChecksumType::Composite, Some((value, parts))) if parts.parse::<u16>().is_ok() => value,
            _ => text,
        };
        Checksum::parse(algorithm, value).is_some()
    }

    pub(crate) fn algorithm(&self) -> ChecksumAlgorithm {
        self.checksum.algorithm
    }

    pub(crate) fn kind(&self) -> ChecksumType {
        if self.parts.is_some() { ChecksumType::Composite } else { ChecksumType::FullObject }
    }

    /// The checksum without the number of parts, as GetObjectAttributes gives it.
    pub(crate) fn bare(&self) -> &Checksum {
        &self.checksum
    }
}

impl fmt::Display for ObjectChecksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts {
            Some(parts) => write!(f, "{}-{parts}", self.checksum),
            None => fmt::Display::fmt(&self.checksum, f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_of_another_length_is_none() {
        assert_eq!(Checksum::parse(ChecksumAlgorithm::Crc32, "rosUhgp5mIg="), None);
        assert_eq!(Checksum::parse(ChecksumAlgorithm::Crc32, "not base64"), None);
        assert!(Checksum::parse(ChecksumAlgorithm::Crc64nvme, "rosUhgp5mIg=").is_some());
    }
}
