//! Digests of bodies: the MD5 that entity tags are made of, and the checksums that were asked for, segment by segment.

use std::hash::Hasher as _;
use std::thread;

use bytes::Bytes;
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use twox_hash::{XxHash3_64, XxHash3_128, XxHash64};

use super::{Checksum, ChecksumAlgorithm, Content};

/// From so many bytes on, the MD5 of a segment takes some forty times as long as to start a thread for it.
const WORTH_A_THREAD: usize = 1 << 20;

/// What a body turned out to be: its MD5, unless nobody needs it, and the checksums that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) md5: Option<[u8; 16]>,
    pub(crate) checksums: Vec<Checksum>,
}

impl Digest {
    pub(crate) fn of(content: &Content, algorithms: &[ChecksumAlgorithm]) -> Self {
        Digester::new(algorithms).digest(content)
    }

    /// The checksums alone: an MD5 takes several times as long as they do.
    pub(crate) fn without_md5(content: &Content, algorithms: &[ChecksumAlgorithm]) -> Self {
        Digester::without_md5(algorithms).digest(content)
    }

    pub(crate) fn checksum(&self, algorithm: ChecksumAlgorithm) -> Option<&Checksum> {
        self.checksums.iter().find(|checksum| checksum.algorithm() == algorithm)
    }
}

/// Computes the MD5 and the checksums of a body as its segments arrive.
pub(crate) struct Digester {
    md5: Option<Md5>,
    hashers: Vec<(ChecksumAlgorithm, Hasher)>,
}

impl Digester {
    pub(crate) fn new(algorithms: &[ChecksumAlgorithm]) -> Self {
        Self { md5: Some(Md5::new()), ..Self::without_md5(algorithms) }
    }

    pub(crate) fn without_md5(algorithms: &[ChecksumAlgorithm]) -> Self {
        let mut hashers: Vec<(ChecksumAlgorithm, Hasher)> = Vec::with_capacity(algorithms.len());
        for algorithm in algorithms {
            if hashers.iter().all(|(known, _)| known != algorithm) {
                hashers.push((*algorithm, Hasher::new(*algorithm)));
            }
        }
        Self { md5: None, hashers }
    }

    fn digest(mut self, content: &Content) -> Digest {
        content.segments().for_each(|segment| self.update(segment));
        self.finish()
    }

    pub(crate) fn update(&mut self, segment: &Bytes) {
        let apart = segment.len() >= WORTH_A_THREAD && !self.hashers.is_empty();
        if !(apart && self.update_at_once(segment)) {
            self.md5.iter_mut().for_each(|md5| md5.update(segment));
            self.hash(segment);
        }
    }

    /// Computes the MD5 beside the checksums; false, and nothing is computed, if there is none to compute or the machine
    /// has no thread to spare.
    fn update_at_once(&mut self, segment: &Bytes) -> bool {
        let Self { md5: Some(md5), hashers } = self else { return false };
        thread::scope(|scope| {
            let beside = thread::Builder::new().spawn_scoped(scope, || md5.update(segment));
            if beside.is_ok() {
                hashers.iter_mut().for_each(|(_, hasher)| hasher.update(segment));
            }
            beside.is_ok()
        })
    }

    fn hash(&mut self, segment: &Bytes) {
        self.hashers.iter_mut().for_each(|(_, hasher)| hasher.update(segment));
    }

    pub(crate) fn finish(self) -> Digest {
        let checksums = self.hashers.into_iter().map(|(algorithm, hasher)| hasher.finish(algorithm));
        Digest { md5: self.md5.map(|md5| md5.finalize().into()), checksums: checksums.collect() }
    }
}

/// One of the algorithms at work.
pub(super) enum Hasher {
    Crc(Box<crc_fast::Digest>),
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Box<Sha512>),
    Xxhash128(Box<XxHash3_128>),
    Xxhash3(Box<XxHash3_64>),
    Xxhash64(XxHash64),
}

impl Hasher {
    pub(super) fn new(algorithm: ChecksumAlgorithm) -> Self {
        match (algorithm, algorithm.crc()) {
            (_, Some(crc)) => Self::Crc(Box::new(crc_fast::Digest::new(crc))),
            (ChecksumAlgorithm::Md5, None) => Self::Md5(Md5::new()),
            (ChecksumAlgorithm::Sha1, None) => Self::Sha1(Sha1::new()),
            (ChecksumAlgorithm::Sha512, None) => Self::Sha512(Box::new(Sha512::new())),
            (ChecksumAlgorithm::Xxhash128, None) => Self::Xxhash128(Box::new(XxHash3_128::new())),
            (ChecksumAlgorithm::Xxhash3, None) => Self::Xxhash3(Box::new(XxHash3_64::new())),
            (ChecksumAlgorithm::Xxhash64, None) => Self::Xxhash64(XxHash64::with_seed(0)),
            (_, None) => Self::Sha256(Sha256::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(hasher) => hasher.update(bytes),
            Self::Md5(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
            Self::Xxhash128(hasher) => hasher.write(bytes),
            Self::Xxhash3(hasher) => hasher.write(bytes),
            Self::Xxhash64(hasher) => hasher.write(bytes),
        }
    }

    pub(super) fn finish(self, algorithm: ChecksumAlgorithm) -> Checksum {
        let of_hash = |value: &[u8]| Checksum::of_hash(algorithm, value);
        match self {
            Self::Crc(hasher) => Checksum::of_crc(algorithm, hasher.finalize()),
            Self::Md5(hasher) => of_hash(&hasher.finalize()),
            Self::Sha1(hasher) => of_hash(&hasher.finalize()),
            Self::Sha256(hasher) => of_hash(&hasher.finalize()),
            Self::Sha512(hasher) => of_hash(&hasher.finalize()),
            Self::Xxhash128(hasher) => of_hash(&hasher.finish_128().to_be_bytes()),
            Self::Xxhash3(hasher) => of_hash(&hasher.finish().to_be_bytes()),
            Self::Xxhash64(hasher) => of_hash(&hasher.finish().to_be_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::s3::engine::{ChecksumType, ObjectChecksum};

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
                "JfnnlDI7RTiF9RgfG2JNCw==",
                "98O8HYCOBHMq32eZZczDTKeuNEE=",
                "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
                "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ==",
                "MxGUd+3l3NXpcWQnaB1YYA==",
                "ctyxi2ehff8=",
                "jLhB20DmroM=",
            ]
        );
    }

    #[test]
    fn a_large_segment_has_the_digest_of_its_pieces() {
        let segment: Bytes = (0..WORTH_A_THREAD + 7).map(|at| (at % 251) as u8).collect();
        let mut by_pieces = Digester::new(&ChecksumAlgorithm::ALL);
        for piece in segment.chunks(WORTH_A_THREAD / 3) {
            by_pieces.update(&segment.slice_ref(piece));
        }
        let whole = Digest::of(&Content::from(segment), &ChecksumAlgorithm::ALL);
        assert_eq!(whole, by_pieces.finish());
        assert!(whole.md5.is_some());
    }

    #[test]
    fn without_an_md5_the_checksums_are_the_same() {
        let content = Content::from((0..WORTH_A_THREAD + 7).map(|at| (at % 251) as u8).collect::<Bytes>());
        let whole = Digest::of(&content, &ChecksumAlgorithm::ALL);
        let without = Digest::without_md5(&content, &ChecksumAlgorithm::ALL);
        assert_eq!(without, Digest { md5: None, ..whole });
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
