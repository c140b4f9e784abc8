//! Checksums of bodies: the five algorithms of S3, computed while a body streams in, and joined for objects of many parts.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::Content;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChecksumAlgorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Sha1,
    Sha256,
}

impl ChecksumAlgorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64nvme, Self::Sha1, Self::Sha256];

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
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header, or trailer, that carries a checksum of this algorithm.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The name in lower case, as S3 writes it in its messages.
    pub(crate) fn lower(self) -> &'static str {
        &self.header()["x-amz-checksum-".len()..]
    }

    fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The cyclic redundancy check behind the algorithm, if it is one: only those can be joined.
    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
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
            (Self::Sha1 | Self::Sha256, Some(ChecksumType::FullObject)) => None,
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
        let value: Box<[u8]> = BASE64_STANDARD.decode(text).ok()?.into();
        (value.len() == algorithm.length()).then_some(Self { algorithm, value })
    }

    /// The SHA-256 that 64 hexadecimal digits say; nothing for any other text.
    pub(crate) fn from_sha256_hex(text: &str) -> Option<Self> {
        let digits: Option<Vec<u8>> =
            text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        let value: Box<[u8]> = digits?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        let algorithm = ChecksumAlgorithm::Sha256;
        (text.len() == 2 * algorithm.length()).then_some(Self { algorithm, value })
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

    fn of_crc(algorithm: ChecksumAlgorithm, crc: u64) -> Self {
        Self { algorithm, value: crc.to_be_bytes()[8 - algorithm.length()..].into() }
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
}

impl ObjectChecksum {
    pub(crate) fn full_object(checksum: Checksum) -> Self {
        Self { checksum, parts: None }
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

/// What a body turned out to be: its MD5 and the checksums that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) md5: [u8; 16],
    pub(crate) checksums: Vec<Checksum>,
}

impl Digest {
    pub(crate) fn of(content: &Content, algorithms: &[ChecksumAlgorithm]) -> Self {
        let mut digester = Digester::new(algorithms);
        content.segments().for_each(|segment| digester.update(segment));
        digester.finish()
    }

    pub(crate) fn checksum(&self, algorithm: ChecksumAlgorithm) -> Option<&Checksum> {
        self.checksums.iter().find(|checksum| checksum.algorithm == algorithm)
    }
}

/// Computes the MD5 and the checksums of a body as its segments arrive.
pub(crate) struct Digester {
    md5: Md5,
    hashers: Vec<(ChecksumAlgorithm, Hasher)>,
}

impl Digester {
    pub(crate) fn new(algorithms: &[ChecksumAlgorithm]) -> Self {
        let mut hashers: Vec<(ChecksumAlgorithm, Hasher)> = Vec::with_capacity(algorithms.len());
        for algorithm in algorithms {
            if hashers.iter().all(|(known, _)| known != algorithm) {
                hashers.push((*algorithm, Hasher::new(*algorithm)));
            }
        }
        Self { md5: Md5::new(), hashers }
    }

    pub(crate) fn update(&mut self, segment: &Bytes) {
        self.md5.update(segment);
        self.hashers.iter_mut().for_each(|(_, hasher)| hasher.update(segment));
    }

    pub(crate) fn finish(self) -> Digest {
        let checksums = self.hashers.into_iter().map(|(algorithm, hasher)| hasher.finish(algorithm));
        Digest { md5: self.md5.finalize().into(), checksums: checksums.collect() }
    }
}

enum Hasher {
    Crc(Box<crc_fast::Digest>),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    fn new(algorithm: ChecksumAlgorithm) -> Self {
        match (algorithm, algorithm.crc()) {
            (_, Some(crc)) => Self::Crc(Box::new(crc_fast::Digest::new(crc))),
            (ChecksumAlgorithm::Sha1, None) => Self::Sha1(Sha1::new()),
            (_, None) => Self::Sha256(Sha256::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self, algorithm: ChecksumAlgorithm) -> Checksum {
        match self {
            Self::Crc(hasher) => Checksum::of_crc(algorithm, hasher.finalize()),
            Self::Sha1(hasher) => Checksum { algorithm, value: hasher.finalize().as_slice().into() },
            Self::Sha256(hasher) => Checksum { algorithm, value: hasher.finalize().as_slice().into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_algorithms_give_their_published_check_values() {
        let digest = Digest::of(&Content::from(Bytes::from_static(b"123456789")), &ChecksumAlgorithm::ALL);
        let texts: Vec<String> = digest.checksums.iter().map(Checksum::to_string).collect();
        assert_eq!(
            texts,
            [
                "y/Q5Jg==",
                "4waSgw==",
                "rosUhgp5mIg=",
                "98O8HYCOBHMq32eZZczDTKeuNEE=",
                "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
            ]
        );
    }

    #[test]
    fn a_checksum_of_another_length_is_none() {
        assert_eq!(Checksum::parse(ChecksumAlgorithm::Crc32, "rosUhgp5mIg="), None);
        assert_eq!(Checksum::parse(ChecksumAlgorithm::Crc32, "not base64"), None);
        assert!(Checksum::parse(ChecksumAlgorithm::Crc64nvme, "rosUhgp5mIg=").is_some());
    }

    proptest! {
        #[test]
        fn the_checksum_of_joined_parts_is_that_of_the_whole(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 1..6),
        ) {
            let contents: Vec<Content> = pieces.into_iter().map(|piece| Bytes::from(piece).into()).collect();
            let whole = Content::concat(&contents);
            for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32c, ChecksumAlgorithm::Crc64nvme] {
                let of = |content| Digest::of(content, &[algorithm]).checksums.remove(0);
                let parts: Vec<(Checksum, u64)> = contents.iter().map(|part| (of(part), part.len())).collect();
                let parts: Vec<(&Checksum, u64)> = parts.iter().map(|(sum, length)| (sum, *length)).collect();
                let joined = ObjectChecksum::of_parts(algorithm, ChecksumType::FullObject, &parts);
                prop_assert_eq!(joined, Some(ObjectChecksum::full_object(of(&whole))));
            }
        }
    }
}
