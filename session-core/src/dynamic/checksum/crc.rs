//! Cyclic redundancy checks over tables, sixteen bytes a step: CRC-32C and CRC-64/NVME.
//!
//! The SDK's crate for them comes with the tables of a hundred others, 0.7 MB in every program. These are made when they
//! are first asked for, in some ten microseconds. CRC-32, which most requests carry, is computed by the processor's own
//! instructions instead, as the SDK does for events.
//!
//! # Source
//! RFC 3720, section 12.1 (CRC-32C); NVM Command Set Specification, section 5.2.1.3.4 (the 64-bit one).

use std::sync::LazyLock;

/// Bytes a step.
const STEP: usize = 16;

/// Of a byte that so many bytes of zeros follow, what it does to the register.
type Tables = [[u64; 256]; STEP];

static CRC_32C: LazyLock<Box<Tables>> = LazyLock::new(|| tables(0x82f6_3b78));
static CRC_64_NVME: LazyLock<Box<Tables>> = LazyLock::new(|| tables(0x9a6c_9329_ac4b_c9b5));

/// A check as it is computed: the register starts with ones, and is inverted in the end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crc {
    tables: &'static Tables,
    register: u64,
    ones: u64,
}

impl Crc {
    pub(super) fn crc_32c() -> Self {
        Self { tables: &CRC_32C, register: u32::MAX.into(), ones: u32::MAX.into() }
    }

    pub(super) fn crc_64_nvme() -> Self {
        Self { tables: &CRC_64_NVME, register: u64::MAX, ones: u64::MAX }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        let tables = self.tables;
        let (steps, rest) = bytes.as_chunks::<STEP>();
        let mut register = self.register;
        for step in steps {
            let mixed = (u128::from_le_bytes(*step) ^ u128::from(register)).to_le_bytes();
            register = 0;
            for (at, byte) in mixed.into_iter().enumerate() {
                register ^= tables[STEP - 1 - at][usize::from(byte)];
            }
        }
        for byte in rest {
            let [low, ..] = register.to_le_bytes();
            register = tables[0][usize::from(low ^ byte)] ^ (register >> 8);
        }
        self.register = register;
    }

    /// The check of all bytes so far; of CRC-32C the lower half.
    pub(super) fn value(self) -> u64 {
        self.register ^ self.ones
    }
}

/// The tables of a polynomial, whose highest power is the lowest bit.
fn tables(polynomial: u64) -> Box<Tables> {
    let mut tables = Box::new([[0; 256]; STEP]);
    for byte in 0..=u8::MAX {
        let mut register = u64::from(byte);
        for _ in 0..8 {
            register = (register >> 1) ^ if register & 1 == 1 { polynomial } else { 0 };
        }
        tables[0][usize::from(byte)] = register;
    }
    for step in 1..STEP {
        for byte in 0..256 {
            let before = tables[step - 1][byte];
            let [low, ..] = before.to_le_bytes();
            tables[step][byte] = tables[0][usize::from(low)] ^ (before >> 8);
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(mut crc: Crc, pieces: &[&[u8]]) -> u64 {
        pieces.iter().for_each(|piece| crc.update(piece));
        crc.value()
    }

    #[test]
    fn the_check_values_of_the_specifications_come_out() {
        assert_eq!(sum(Crc::crc_32c(), &[b"123456789"]), 0xe306_9283);
        assert_eq!(sum(Crc::crc_64_nvme(), &[b"123456789"]), 0xae8b_1486_0a79_9888);
        // RFC 3720, appendix B.4.
        assert_eq!(sum(Crc::crc_32c(), &[&[0; 32]]), 0x8a91_36aa);
        assert_eq!(sum(Crc::crc_32c(), &[&[0xff; 32]]), 0x62a8_ab43);
        assert_eq!(sum(Crc::crc_64_nvme(), &[]), 0);
    }

    proptest! {
        #[test]
        fn bytes_in_pieces_are_summed_as_the_sdk_sums_them(bytes: Vec<u8>, at: proptest::sample::Index) {
            use aws_smithy_checksums::ChecksumAlgorithm;
            let (front, back) = bytes.split_at(at.index(bytes.len() + 1));
            let of_sdk = |algorithm: ChecksumAlgorithm| {
                let mut checksum = algorithm.into_impl();
                checksum.update(&bytes);
                checksum.finalize().iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
            };
            prop_assert_eq!(sum(Crc::crc_32c(), &[front, back]), of_sdk(ChecksumAlgorithm::Crc32c));
            prop_assert_eq!(sum(Crc::crc_64_nvme(), &[front, back]), of_sdk(ChecksumAlgorithm::Crc64Nvme));
        }
    }
}
