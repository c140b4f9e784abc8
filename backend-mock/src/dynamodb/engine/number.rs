//! DynamoDB's number: 38 significant decimal digits, magnitudes from 1E-130 to 9.99…E+125, exact arithmetic.
//!
//! A number is kept as sign, exponent and 38 digits aligned to the left, so that comparing the three is comparing
//! the numbers and `1`, `1.0` and `10E-1` are one value. The digits are in two halves, which need no more room and no
//! stricter alignment than a pointer: keys hold numbers.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Neg;
use std::str::FromStr;

/// Significant digits that a number may have.
const DIGITS: u32 = 38;
/// `10^37`, the least coefficient of a number that is not zero.
const LEAST_COEFFICIENT: u128 = 10_u128.pow(DIGITS - 1);
const MAX_EXPONENT: i64 = 125;
const MIN_EXPONENT: i64 = -130;

/// A decimal number in canonical form.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Number {
    negative: bool,
    /// The power of ten of the first digit; 0 for zero.
    exponent: i16,
    /// 38 digits of which the first is not 0, the upper 64 bits and the lower; 0 for zero.
    halves: [u64; 2],
}

/// Why a text or a sum is no number of DynamoDB.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NumberError {
    #[error("The parameter cannot be converted to a numeric value")]
    Empty,
    #[error("The parameter cannot be converted to a numeric value: {0}")]
    Malformed(String),
    #[error("Number overflow. Attempting to store a number with magnitude larger than supported range")]
    Overflow,
    #[error("Number underflow. Attempting to store a number with magnitude smaller than supported range")]
    Underflow,
    #[error("Attempting to store more than 38 significant digits in a Number")]
    TooManyDigits,
}

impl Number {
    pub(crate) const ZERO: Self = Self { negative: false, exponent: 0, halves: [0, 0] };

    /// `digits` times ten to the power of `unit`.
    ///
    /// # Errors
    /// When the number is out of range or has more than 38 digits.
    pub(super) fn from_parts(negative: bool, digits: u128, unit: i64) -> Result<Self, NumberError> {
        let Some(magnitude) = digits.checked_ilog10() else { return Ok(Self::ZERO) };
        let exponent = unit + i64::from(magnitude);
        if exponent > MAX_EXPONENT {
            return Err(NumberError::Overflow);
        }
        if exponent < MIN_EXPONENT {
            return Err(NumberError::Underflow);
        }
        let coefficient = if magnitude < DIGITS {
            digits * 10_u128.pow(DIGITS - 1 - magnitude)
        } else if digits.is_multiple_of(10) {
            digits / 10
        } else {
            return Err(NumberError::TooManyDigits);
        };
        let exponent = i16::try_from(exponent).map_err(|_| NumberError::Overflow)?;
        Ok(Self { negative, exponent, halves: [(coefficient >> 64) as u64, coefficient as u64] })
    }

    fn coefficient(self) -> u128 {
        u128::from(self.halves[0]) << 64 | u128::from(self.halves[1])
    }

    fn is_zero(self) -> bool {
        self.halves == [0, 0]
    }

    /// The digits without trailing zeros, and the power of ten of the last one.
    fn to_parts(self) -> (u128, i32) {
        if self.is_zero() {
            return (0, 0);
        }
        let (mut digits, mut unit) = (self.coefficient(), i32::from(self.exponent) - (DIGITS as i32 - 1));
        // By halves: most numbers are short, and what has up to 19 digits is divided in 64 bits.
        const HALF: u128 = 10_u128.pow(DIGITS / 2);
        if let Ok(mut short) = u64::try_from(digits / HALF)
            && digits.is_multiple_of(HALF)
        {
            unit += DIGITS as i32 / 2;
            for zeros in [16, 8, 4, 2, 1] {
                let power = 10_u64.pow(zeros);
                if short.is_multiple_of(power) {
                    short /= power;
                    unit += zeros as i32;
                }
            }
            return (u128::from(short), unit);
        }
        for zeros in [16, 8, 4, 2, 1] {
            let power = 10_u128.pow(zeros);
            // A power of ten is one of two, which is seen without a division.
            if digits.trailing_zeros() >= zeros && digits.is_multiple_of(power) {
                digits /= power;
                unit += zeros as i32;
            }
        }
        (digits, unit)
    }

    /// The sign, the digits without trailing zeros, and the power of ten of the last one.
    pub(super) fn parts(self) -> (bool, u128, i32) {
        let (digits, unit) = self.to_parts();
        (self.negative, digits, unit)
    }

    /// The exact sum.
    ///
    /// # Errors
    /// When the sum is out of range or needs more than 38 digits: DynamoDB calls both an overflow.
    pub(crate) fn checked_add(self, other: Self) -> Result<Self, NumberError> {
        if self.is_zero() {
            return Ok(other);
        }
        if other.is_zero() {
            return Ok(self);
        }
        let ((a, a_unit), (b, b_unit)) = (self.to_parts(), other.to_parts());
        let unit = a_unit.min(b_unit);
        // Where an aligned operand or the sum does not fit 128 bits, the sum has 39 digits or more of which the
        // last is not zero: the operands' last digits lie at different places then.
        let align = |digits: u128, from: i32| {
            10_u128
                .checked_pow(from.abs_diff(unit))
                .and_then(|power| digits.checked_mul(power))
                .ok_or(NumberError::Overflow)
        };
        let (a, b) = (align(a, a_unit)?, align(b, b_unit)?);
        let (negative, digits) = if self.negative == other.negative {
            (self.negative, a.checked_add(b).ok_or(NumberError::Overflow)?)
        } else if a >= b {
            (self.negative, a - b)
        } else {
            (other.negative, b - a)
        };
        match Self::from_parts(negative, digits, i64::from(unit)) {
            Err(NumberError::TooManyDigits) => Err(NumberError::Overflow),
            sum => sum,
        }
    }

    /// The exact difference; see [`Number::checked_add`].
    pub(crate) fn checked_sub(self, other: Self) -> Result<Self, NumberError> {
        self.checked_add(-other)
    }

    /// What the number counts for in the size of an item: a byte for every two digits as they stand around the
    /// decimal point, one more byte, and one for the minus sign.
    pub(crate) fn size(self) -> usize {
        let (digits, _) = self.to_parts();
        let Some(magnitude) = digits.checked_ilog10() else { return 1 };
        let count = magnitude as usize + 1;
        let pairs = if self.exponent % 2 == 0 { count / 2 + 1 } else { count.div_ceil(2) };
        1 + pairs + usize::from(self.negative)
    }
}

impl Neg for Number {
    type Output = Self;

    fn neg(self) -> Self {
        Self { negative: !self.negative && !self.is_zero(), ..self }
    }
}

impl From<usize> for Number {
    fn from(count: usize) -> Self {
        // 64 bits are at most 20 digits: always inside the range.
        Self::from_parts(false, count as u128, 0).unwrap_or(Self::ZERO)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.halves, number.negative) {
            ([0, 0], _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        };
        let magnitude = || (self.exponent, self.halves).cmp(&(other.exponent, other.halves));
        sign(self)
            .cmp(&sign(other))
            .then_with(|| if self.negative { magnitude().reverse() } else { magnitude() })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        if text.is_empty() {
            return Err(NumberError::Empty);
        }
        Decimal::scan(text).ok_or_else(|| NumberError::Malformed(text.to_owned()))?.number()
    }
}

/// What a decimal literal says, before its range is judged.
#[derive(Default)]
struct Decimal {
    negative: bool,
    /// The significant digits, as many as fit.
    digits: u128,
    /// How many significant digits there are, fitting or not.
    count: i64,
    /// The power of ten of the last significant digit.
    unit: i64,
    /// The exponent as it is written.
    exponent: i64,
}

impl Decimal {
    /// Reads `[+-]digits[.digits][(e|E)[+-]digits]` with at least one digit before the exponent.
    fn scan(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut decimal = Self { negative, ..Self::default() };
        let mut zeros = 0_i64;
        for byte in whole.bytes().chain(fraction.bytes()) {
            match byte {
                b'0' if decimal.count == 0 => {}
                b'0' => zeros += 1,
                b'1'..=b'9' => {
                    decimal.count += zeros + 1;
                    if decimal.count <= i64::from(DIGITS) {
                        let shift = u32::try_from(zeros + 1).ok()?;
                        decimal.digits = decimal.digits * 10_u128.pow(shift) + u128::from(byte - b'0');
                    }
                    zeros = 0;
                }
                _ => return None,
            }
        }
        decimal.exponent = exponent.map_or(Some(0), Self::scan_exponent)?;
        decimal.unit = zeros - i64::try_from(fraction.len()).ok()? + decimal.exponent;
        Some(decimal)
    }

    /// An exponent of 64 bits; past a billion it is out of range whatever it says.
    fn scan_exponent(text: &str) -> Option<i64> {
        let (sign, digits) = match text.as_bytes().first()? {
            b'-' => (-1, &text[1..]),
            b'+' => (1, &text[1..]),
            _ => (1, text),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let magnitude: i64 = digits.parse().ok()?;
        Some(sign * magnitude.min(1_000_000_000))
    }

    fn number(self) -> Result<Number, NumberError> {
        if self.count == 0 {
            // Zero is judged by the exponent that it is written with.
            return match self.exponent {
                exponent if exponent > MAX_EXPONENT => Err(NumberError::Overflow),
                exponent if exponent < MIN_EXPONENT => Err(NumberError::Underflow),
                _ => Ok(Number::ZERO),
            };
        }
        let exponent = self.unit + self.count - 1;
        if exponent > MAX_EXPONENT {
            Err(NumberError::Overflow)
        } else if exponent < MIN_EXPONENT {
            Err(NumberError::Underflow)
        } else if self.count > i64::from(DIGITS) {
            Err(NumberError::TooManyDigits)
        } else {
            Number::from_parts(self.negative, self.digits, self.unit)
        }
    }
}

/// The canonical form: plain notation without superfluous zeros.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_assert!(self.is_zero() || self.coefficient() >= LEAST_COEFFICIENT);
        let (digits, unit) = self.to_parts();
        if digits == 0 {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        let digits = digits.to_string();
        match usize::try_from(unit) {
            Ok(zeros) => write!(f, "{digits}{:0<zeros$}", ""),
            Err(_) => {
                let decimals = unit.unsigned_abs() as usize;
                if decimals < digits.len() {
                    let (whole, fraction) = digits.split_at(digits.len() - decimals);
                    write!(f, "{whole}.{fraction}")
                } else {
                    write!(f, "0.{digits:0>decimals$}")
                }
            }
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use bigdecimal::BigDecimal;
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn a_number_has_one_canonical_form() {
        for (text, canonical) in [
            ("0", "0"),
            ("-0", "0"),
            ("0e125", "0"),
            ("0.0e-130", "0"),
            ("007", "7"),
            ("+1.50", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-12.3400e1", "-123.4"),
            ("1E3", "1000"),
            ("1e-3", "0.001"),
            ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ] {
            assert_eq!(number(text).to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn exponents_are_read_whole_and_judged_even_for_zero() {
        for text in ["1e99999999999", "-1e99999999999", "1e2147483648", "1e126", "0e126"] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::Overflow), "{text}");
        }
        for text in ["1e-99999999999", "1e-2147483648", "1e-131", "0e-131"] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::Underflow), "{text}");
        }
        let beyond = "1e9223372036854775808";
        assert_eq!(beyond.parse::<Number>(), Err(NumberError::Malformed(beyond.to_owned())));
    }

    #[test]
    fn what_is_no_number_is_refused_in_aws_words() {
        for text in ["a", "1a", "--1", "1e", "e1", ".", "1.2.3", " 1", "1_0", "NaN", "Infinity", "0x1"] {
            let message = format!("The parameter cannot be converted to a numeric value: {text}");
            assert_eq!(text.parse::<Number>().unwrap_err().to_string(), message);
        }
        assert_eq!("".parse::<Number>(), Err(NumberError::Empty));
    }

    #[test]
    fn the_range_ends_where_aws_says() {
        assert!("1e-130".parse::<Number>().is_ok() && "-9.99e125".parse::<Number>().is_ok());
        assert_eq!("1e126".parse::<Number>(), Err(NumberError::Overflow));
        assert_eq!("9e-131".parse::<Number>(), Err(NumberError::Underflow));
        assert_eq!(
            "123456789012345678901234567890123456789".parse::<Number>(),
            Err(NumberError::TooManyDigits)
        );
        assert!("1234567890123456789012345678901234567800".parse::<Number>().is_ok());
    }

    #[test]
    fn sums_are_exact_or_refused() {
        let thirty_eight_nines = "9".repeat(38);
        assert_eq!(number("1e38").checked_sub(number("1")).unwrap().to_string(), thirty_eight_nines);
        assert_eq!(number(&thirty_eight_nines).checked_add(number("1")).unwrap(), number("1e38"));
        assert_eq!(number("1e38").checked_add(number("1")), Err(NumberError::Overflow));
        assert_eq!(number("1e100").checked_sub(number("1")), Err(NumberError::Overflow));
        assert_eq!(number("9e125").checked_add(number("9e125")), Err(NumberError::Overflow));
        assert_eq!(
            number("10").checked_sub(number("9.9999999999999999999999999999999999999")).unwrap(),
            number("1e-37")
        );
        assert_eq!(number("2").checked_sub(number("2")).unwrap(), Number::ZERO);
    }

    #[test]
    fn the_size_counts_pairs_of_digits_around_the_point() {
        for (text, size) in
            [("0", 1), ("1", 2), ("-1", 3), ("10", 2), ("12", 2), ("123", 3), ("1.2", 3), ("0.01", 2)]
        {
            assert_eq!(number(text).size(), size, "{text}");
        }
    }

    prop_compose! {
        fn decimals()(digits in "-?[0-9]{1,30}", unit in -60_i32..60) -> String { format!("{digits}e{unit}") }
    }

    prop_compose! {
        /// As many digits as there may be and some more, up to both ends of the range and beyond.
        fn literals()(
            sign in "[+-]?", whole in "[0-9]{0,42}", fraction in "[0-9]{0,42}", unit in -180_i32..180,
        ) -> String {
            format!("{sign}{whole}.{fraction}0e{unit}")
        }
    }

    /// Whether DynamoDB has this number: its first digit's place lies in the range and its last within 38 of it.
    fn is_storable(exact: &BigDecimal) -> bool {
        let exact = exact.normalized();
        let (digits, scale) = exact.as_bigint_and_exponent();
        if digits == 0.into() {
            return true;
        }
        let exponent = exact.digits() as i64 - 1 - scale;
        (MIN_EXPONENT..=MAX_EXPONENT).contains(&exponent) && exact.digits() <= u64::from(DIGITS)
    }

    proptest! {
        #[test]
        fn numbers_keep_their_order(a in decimals(), b in decimals()) {
            let (big_a, big_b): (BigDecimal, BigDecimal) = (a.parse().unwrap(), b.parse().unwrap());
            prop_assert_eq!(number(&a).cmp(&number(&b)), big_a.cmp(&big_b));
        }

        #[test]
        fn printing_and_reading_gives_the_same_number(text in decimals()) {
            let (printed, exact) = (number(&text).to_string(), text.parse::<BigDecimal>().unwrap());
            prop_assert_eq!(number(&printed), number(&text));
            prop_assert_eq!(printed.parse::<BigDecimal>().unwrap(), exact);
        }

        #[test]
        fn a_literal_is_read_exactly_or_refused_for_its_size(text in literals()) {
            let (exact, zero): (BigDecimal, _) = (text.parse().unwrap(), BigDecimal::from(0));
            match text.parse::<Number>() {
                Ok(read) => prop_assert_eq!(read.to_string().parse::<BigDecimal>().unwrap(), exact),
                // A zero is judged by the exponent that it is written with.
                Err(_) => prop_assert!(!is_storable(&exact) || exact == zero, "{}", text),
            }
        }

        #[test]
        fn a_sum_and_a_difference_are_exact_or_refused(
            a in prop_oneof![decimals(), literals()],
            b in prop_oneof![decimals(), literals()],
        ) {
            let (Ok(one), Ok(other)) = (a.parse::<Number>(), b.parse::<Number>()) else { return Ok(()) };
            let (a, b): (BigDecimal, BigDecimal) = (a.parse().unwrap(), b.parse().unwrap());
            for (ours, exact) in [(one.checked_add(other), &a + &b), (one.checked_sub(other), &a - &b)] {
                match ours {
                    Ok(ours) => prop_assert_eq!(ours.to_string().parse::<BigDecimal>().unwrap(), exact),
                    Err(_) => prop_assert!(!is_storable(&exact), "{} is refused", exact),
                }
            }
        }

        #[test]
        fn a_number_is_the_same_in_parts(text in literals()) {
            if let Ok(number) = text.parse::<Number>() {
                let (negative, digits, unit) = number.parts();
                prop_assert_eq!(Number::from_parts(negative, digits, i64::from(unit)), Ok(number));
                prop_assert!(digits == 0 || !digits.is_multiple_of(10));
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*") {
            let _ = text.parse::<Number>();
        }
    }
}
