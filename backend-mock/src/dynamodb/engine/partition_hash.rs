//! Where a partition lies among the others: scans go through them in the order of a hash of the partition key.
//!
//! It is AWS's: the MD5 sum of `Outliers` and the bytes of the key, a number being the bytes that order numbers. So a
//! scan here comes in the order in which one of AWS does, whose first segments hold the same items.
//!
//! # Source
//! dynalite, whose tests were compared with AWS, and moto's `test_scan_with_alternating_hash_keys`, which was run there.

use md5::{Digest as _, Md5};

use super::key_schema::KeyValue;
use super::number::Number;

/// What stands before every key.
const SALT: &[u8] = b"Outliers";

/// Bytes of digits, two to a byte, that the longest number has.
const MAX_DIGIT_BYTES: usize = 20;

/// The first 64 bits of the hash.
pub(super) fn partition_hash(key: &KeyValue) -> u64 {
    let mut hash = Md5::new();
    hash.update(SALT);
    feed(&mut hash, key);
    hash.finalize().iter().take(8).fold(0, |bits, byte| (bits << 8) | u64::from(*byte))
}

fn feed(hash: &mut Md5, key: &KeyValue) {
    match key {
        KeyValue::S(text) => hash.update(text.as_bytes()),
        KeyValue::N(number) => hash.update(ordered_bytes(*number)),
        KeyValue::B(bytes) => hash.update(bytes),
        KeyValue::Many(values) => values.iter().for_each(|value| feed(hash, value)),
        // No key has it.
        KeyValue::End => {}
    }
}

/// A number as bytes that stand in the order of numbers: half the exponent, then its digits in twos, each one more than
/// it is. Those of a negative number are turned round, and end with a byte that no pair of digits can be.
fn ordered_bytes(number: Number) -> Vec<u8> {
    if number == Number::ZERO {
        return vec![0x80];
    }
    let (negative, digits, unit) = number.parts();
    let digits = digits.to_string().into_bytes();
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let exponent = unit + length;
    let is_odd = exponent.rem_euclid(2) == 1;
    let mut padded = Vec::with_capacity(digits.len() + 2);
    padded.extend(is_odd.then_some(b'0'));
    padded.extend(digits);
    if padded.len() % 2 == 1 {
        padded.push(b'0');
    }
    // From -64 to 63: an exponent is between -129 and 126.
    let [.., half] = ((exponent + i32::from(is_odd)) / 2 - 64).to_be_bytes();
    let mut bytes = vec![if negative { !half } else { half }];
    for pair in padded.chunks_exact(2) {
        let pair = (pair[0] - b'0') * 10 + (pair[1] - b'0');
        bytes.push(if negative { 101 - pair } else { pair + 1 });
    }
    if negative && bytes.len() <= MAX_DIGIT_BYTES {
        bytes.push(102);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn the_bytes_of_numbers_stand_in_the_order_of_the_numbers() {
        let texts = [
            "-9.9E+125",
            "-100",
            "-99",
            "-10.5",
            "-10",
            "-1.5",
            "-1",
            "-0.1",
            "-0.01",
            "-1E-130",
            "0",
            "1E-130",
            "0.01",
            "0.1",
            "0.15",
            "1",
            "1.5",
            "9",
            "10",
            "10.5",
            "99",
            "100",
            "101",
            "1234.5",
            "9.9E+125",
        ];
        let bytes: Vec<_> = texts.iter().map(|text| ordered_bytes(number(text))).collect();
        for (at, pair) in bytes.windows(2).enumerate() {
            assert!(pair[0] < pair[1], "{} and {}: {pair:?}", texts[at], texts[at + 1]);
        }
    }

    #[test]
    fn the_hash_of_a_key_is_that_of_aws() {
        // MD5 of "OutliersA" and "OutliersB".
        assert_eq!(partition_hash(&KeyValue::S("A".into())), 0x0cb5_bbe4_8b87_2698);
        assert_eq!(partition_hash(&KeyValue::S("B".into())), 0x2a5f_bc3c_b26c_0b3e);
        assert_eq!(partition_hash(&KeyValue::B(b"A"[..].into())), 0x0cb5_bbe4_8b87_2698);
        assert_eq!(ordered_bytes(number("1")), [0xC1, 2]);
        assert_eq!(ordered_bytes(number("-1")), [0x3E, 100, 102]);
        assert_eq!(ordered_bytes(number("251")), [0xC2, 3, 52]);
    }
}
