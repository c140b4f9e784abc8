//! Vectors: lists of numbers in 32 bits each, and how close one lies to another.
//!
//! The numbers of an item keep all their digits; what an index compares is each of them as the nearest 32-bit float.
//! Sums are made in 64 bits, so that products too large for 32 still cancel, and what comes out is a 32-bit float again.
//!
//! Source: developer guide, "Using vector indexes in DynamoDB", on distance functions; sums, limits and the score of a
//! vector of zeros as recorded on AWS in August 2026.

use std::cmp::Ordering;
use std::sync::Arc;

use super::attribute_value::{AttributeType, AttributeValue, ELEMENT_BYTES, LIST_BYTES};
use super::number::Number;
use super::packed::View;

/// How the closeness of two vectors is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DistanceFunction {
    Cosine,
    DotProduct,
    Euclidean,
}

impl DistanceFunction {
    pub(crate) const NAMES: &[&str] = &["COSINE", "DOT_PRODUCT", "EUCLIDEAN"];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "COSINE" => Self::Cosine,
            "DOT_PRODUCT" => Self::DotProduct,
            "EUCLIDEAN" => Self::Euclidean,
            _ => return None,
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Cosine => "COSINE",
            Self::DotProduct => "DOT_PRODUCT",
            Self::Euclidean => "EUCLIDEAN",
        }
    }

    /// A search for a vector.
    pub(super) fn asked(self, vector: &[f32]) -> Asked<'_> {
        Asked { function: self, vector, square: dot(vector, vector) }
    }

    /// Whether the first score is of a vector that lies closer.
    pub(super) fn closer(self, one: f32, other: f32) -> Ordering {
        match self {
            Self::Cosine | Self::Euclidean => one.total_cmp(&other),
            Self::DotProduct => other.total_cmp(&one),
        }
    }
}

/// A vector that is searched for.
pub(super) struct Asked<'v> {
    function: DistanceFunction,
    vector: &'v [f32],
    /// The product of the vector with itself.
    square: f64,
}

impl Asked<'_> {
    /// The score of a vector of the same dimensions.
    pub(super) fn score(&self, stored: &[f32]) -> f32 {
        let score = match self.function {
            DistanceFunction::Cosine => self.cosine_distance(stored),
            DistanceFunction::DotProduct => dot(self.vector, stored),
            DistanceFunction::Euclidean => {
                let squares = pairs(self.vector, stored).map(|(one, other)| (one - other) * (one - other));
                squares.sum::<f64>().sqrt()
            }
        };
        score.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
    }

    /// From 0, the same direction, to 2, the opposite one. A vector of zeros has no direction and lies at 1 from all.
    fn cosine_distance(&self, stored: &[f32]) -> f64 {
        let sums = pairs(self.vector, stored).fold((0.0, 0.0), |(product, square), (one, other)| {
            (product + one * other, square + other * other)
        });
        let (product, square): (f64, f64) = sums;
        if self.square == 0.0 || square == 0.0 {
            return 1.0;
        }
        // Of the same numbers no rounding may remain.
        if self.vector == stored {
            return 0.0;
        }
        (1.0 - product / (self.square.sqrt() * square.sqrt())).clamp(0.0, 2.0)
    }
}

fn dot(one: &[f32], other: &[f32]) -> f64 {
    pairs(one, other).map(|(one, other)| one * other).sum()
}

fn pairs(one: &[f32], other: &[f32]) -> impl Iterator<Item = (f64, f64)> {
    one.iter().zip(other).map(|(one, other)| (f64::from(*one), f64::from(*other)))
}

/// Why a value is no vector of an index.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum VectorFault {
    NotAList,
    /// It has so many elements.
    Length(usize),
    /// The element at this place is no number.
    ElementType(usize, AttributeType),
    /// The element at this place is more than a 32-bit float can be.
    ElementRange(usize, Number),
}

/// The vector of so many dimensions that a value is.
pub(super) fn vector_of(value: &AttributeValue, dimensions: usize) -> Result<Arc<[f32]>, VectorFault> {
    let AttributeValue::L(elements) = value else { return Err(VectorFault::NotAList) };
    if elements.len() != dimensions {
        return Err(VectorFault::Length(elements.len()));
    }
    let single = |(place, element): (usize, &AttributeValue)| match element {
        AttributeValue::N(number) => single(*number).ok_or(VectorFault::ElementRange(place, *number)),
        other => Err(VectorFault::ElementType(place, other.attribute_type())),
    };
    elements.iter().enumerate().map(single).collect()
}

/// The size of a vector of so many dimensions where it lies in an item, if it is one.
pub(super) fn size_of_vector(value: View<'_>, dimensions: usize) -> Option<usize> {
    let View::L(elements) = value else { return None };
    let (mut count, mut bytes) = (0, LIST_BYTES);
    for element in elements.elements() {
        let View::N(number) = element else { return None };
        let (_, digits, unit) = number.parts();
        let is_small =
            i64::from(unit) + i64::from(digits.checked_ilog10().unwrap_or(0)) < i64::from(f32::MAX_10_EXP);
        if !is_small && single(number).is_none() {
            return None;
        }
        count += 1;
        bytes += ELEMENT_BYTES + number.size();
    }
    (count == dimensions).then_some(bytes)
}

/// A number as the nearest 32-bit float, if it is not too large for one.
pub(crate) fn single(number: Number) -> Option<f32> {
    let float = quickly(number).or_else(|| number.to_string().parse().ok())?;
    float.is_finite().then_some(float)
}

/// The powers of ten that 64-bit floats have exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The same for numbers of few digits and a small exponent, as those of most vectors are, without their text.
///
/// Digits and power are exact in 64 bits, so what is made of them is rounded once there, and once more to 32. The second
/// rounding is right unless the first one came out halfway between two floats.
fn quickly(number: Number) -> Option<f32> {
    let (negative, digits, unit) = number.parts();
    let power = POWERS.get(usize::try_from(unit.unsigned_abs()).ok()?)?;
    if digits > 1 << f64::MANTISSA_DIGITS {
        return None;
    }
    let digits = digits as f64;
    let wide = if unit < 0 { digits / power } else { digits * power };
    let (dropped, half) = (0x1FFF_FFFF, 0x1000_0000);
    let is_halfway = wide.to_bits() & dropped == half;
    let is_usual = wide == 0.0 || (f64::from(f32::MIN_POSITIVE)..1e38).contains(&wide);
    let float = wide as f32;
    (is_usual && !is_halfway).then_some(if negative { -float } else { float })
}

/// The list that an index gives back for a vector: each number as short as it can be told from its neighbours.
pub(super) fn value_of(vector: &[f32]) -> AttributeValue {
    // A finite float is within the range of a number, and its shortest text within 38 digits.
    let number = |float: &f32| float.to_string().parse().unwrap_or(Number::ZERO);
    AttributeValue::L(vector.iter().map(|float| AttributeValue::N(number(float))).collect())
}

impl VectorFault {
    /// The fault in DynamoDB's words, of the value of an attribute that has to be a vector of `dimensions`.
    pub(super) fn told(&self, attribute: &str, dimensions: usize, index: &str) -> String {
        let fault = match self {
            Self::NotAList => {
                format!("Invalid type for parameter {attribute}, Expected: 32-bit floating point number list")
            }
            Self::Length(actual) => {
                format!("Invalid size for parameter {attribute}, Expected: {dimensions}, Actual: {actual}")
            }
            Self::ElementType(place, actual) => format!(
                "Invalid type for parameter {attribute}[{place}], Expected: 32-bit floating point number, Actual: \
                 {actual}."
            ),
            Self::ElementRange(place, number) => format!(
                "Invalid value for parameter {attribute}[{place}], Value: {} is outside valid range [-3.4028235E38, \
                 3.4028235E38].",
                scientific(*number)
            ),
        };
        format!("One or more parameter values were invalid. {fault} IndexName: {index}")
    }
}

/// A large number as Java writes it: `-1.5E+39`
fn scientific(number: Number) -> String {
    let (negative, digits, unit) = number.parts();
    let digits = digits.to_string();
    let (first, rest) = digits.split_at(1);
    let sign = if negative { "-" } else { "" };
    let point = if rest.is_empty() { "" } else { "." };
    let exponent = i64::from(unit) + rest.len() as i64;
    format!("{sign}{first}{point}{rest}E{exponent:+}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(numbers: &[&str]) -> AttributeValue {
        AttributeValue::L(numbers.iter().map(|text| AttributeValue::N(text.parse().unwrap())).collect())
    }

    #[test]
    fn each_function_scores_as_it_is_documented() {
        let asked = [1.0, 0.0, 0.0];
        for (function, scores) in [
            (DistanceFunction::Cosine, [0.0, 1.0, 2.0, 0.4]),
            (DistanceFunction::Euclidean, [0.0, 2_f32.sqrt(), 2.0, 0.8_f32.sqrt()]),
            (DistanceFunction::DotProduct, [1.0, 0.0, -1.0, 0.6]),
        ] {
            let stored = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.6, 0.8, 0.0]];
            for (stored, score) in stored.iter().zip(scores) {
                assert!(
                    (function.asked(&asked).score(stored) - score).abs() < 1e-6,
                    "{function:?} {stored:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_too_large_or_too_small_for_32_bits_is_summed_all_the_same() {
        let score = |function: DistanceFunction, asked: [f32; 2], stored: [f32; 2]| {
            function.asked(&asked).score(&stored)
        };
        let large = [3e38, 3e38];
        assert_eq!(score(DistanceFunction::DotProduct, large, [3e38, -3e38]), 0.0);
        assert_eq!(score(DistanceFunction::DotProduct, large, large), f32::MAX);
        assert_eq!(score(DistanceFunction::Euclidean, large, [-3e38, -3e38]), f32::MAX);
        assert_eq!(score(DistanceFunction::Cosine, [1e-23, 0.0], [1e-23, 0.0]), 0.0);
        assert_eq!(score(DistanceFunction::Cosine, [0.0, 0.0], [1.0, 0.0]), 1.0);
        assert_eq!(score(DistanceFunction::Cosine, [1.0, 0.0], [0.0, 0.0]), 1.0);
    }

    #[test]
    fn a_vector_is_a_list_of_so_many_numbers_in_32_bits() {
        let vector = vector_of(&list(&["0.1", "16777217", "-0"]), 3).unwrap();
        assert_eq!(&*vector, [0.1, 16_777_216.0, 0.0]);
        assert_eq!(value_of(&vector), list(&["0.1", "16777216", "0"]));
        assert_eq!(
            value_of(&[f32::MAX, f32::MIN_POSITIVE]),
            list(&["340282350000000000000000000000000000000", "1.1754944e-38"])
        );
        assert_eq!(vector_of(&AttributeValue::Null, 3), Err(VectorFault::NotAList));
        assert_eq!(vector_of(&list(&["1"]), 2), Err(VectorFault::Length(1)));
        let mixed = AttributeValue::L(vec![AttributeValue::Null]);
        assert_eq!(vector_of(&mixed, 1), Err(VectorFault::ElementType(0, AttributeType::Null)));
        for (number, shown) in [("1E+39", "1E+39"), ("-35e38", "-3.5E+39")] {
            let Err(fault) = vector_of(&list(&[number]), 1) else { panic!("{number}") };
            let told = fault.told("embedding", 1, "vix");
            assert!(told.contains(&format!("embedding[0], Value: {shown} is outside")), "{told}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_the_float_that_its_text_is(digits in "-?[0-9]{1,38}", unit in -60_i32..40) {
            let text = format!("{digits}e{unit}");
            if let Ok(number) = text.parse::<Number>() {
                let float: f32 = text.parse().unwrap();
                prop_assert_eq!(single(number), float.is_finite().then_some(float + 0.0), "{}", text);
            }
        }

        #[test]
        fn a_number_halfway_between_two_floats_is_rounded_by_its_last_digits(
            float in 1.0_f32..1e6, more in prop::option::of(1..1000_u32),
        ) {
            let halfway = (f64::from(float) + f64::from(float.next_up())) / 2.0;
            let text = format!("{halfway}{}", more.map_or_else(String::new, |more| format!("000{more}")));
            if let Ok(number) = text.parse::<Number>() {
                prop_assert_eq!(single(number), Some(text.parse().unwrap()), "{}", text);
            }
        }
    }
}
