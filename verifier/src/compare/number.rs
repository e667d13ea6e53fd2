//! Python's numeric tower under `==`: every pair of numbers compared by its exact value, and a hash that agrees.
//! Not here: containers (`python`), tolerances (`close`).
//! In: numbers of any size. Out: equal, unequal, or Python's refusal to compare; never an expanded exponent.

use std::borrow::Cow;

use num_bigint::BigInt;
use num_bigint::BigUint;
use num_bigint::Sign;
use num_traits::FromPrimitive;
use num_traits::Zero;
use trialbox_datasets::value::Value;

use super::Refusal;
use super::decimal::Decimal;
use super::decimal::Finite;

/// Bits per decimal digit.
const LOG2_10: f64 = std::f64::consts::LOG2_10;
/// More digits than any float has when written out in full (767).
const MOST_FLOAT_DIGITS: usize = 800;

/// A value seen as a number.
#[derive(Clone, Debug)]
pub(super) enum Number<'a> {
    Int(Cow<'a, BigInt>),
    Float(f64),
    /// A complex with an imaginary part; without one it is a float.
    Complex(f64, f64),
    Decimal(Decimal),
    Fraction(&'a BigInt, &'a BigInt),
}

impl<'a> Number<'a> {
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::Bool(truth) => Some(Number::Int(Cow::Owned(BigInt::from(u8::from(*truth))))),
            Value::Int(number) => Some(Number::Int(Cow::Borrowed(number))),
            Value::Float(number) => Some(Number::Float(*number)),
            Value::Complex { re, im } if *im == 0.0 => Some(Number::Float(*re)),
            Value::Complex { re, im } => Some(Number::Complex(*re, *im)),
            Value::Decimal(text) => Decimal::parse(text).map(Number::Decimal),
            Value::Fraction { numerator, denominator } => Some(Number::Fraction(numerator, denominator)),
            _ => None,
        }
    }

    /// Python's `==`.
    pub(super) fn equals(&self, other: &Self) -> Result<bool, Refusal> {
        use Number::{Complex, Decimal as Dec, Float, Fraction, Int};
        match (self, other) {
            (Complex(re, im), Complex(other_re, other_im)) => Ok(re == other_re && im == other_im),
            // Before the signaling NaN: Decimal does not even look at a complex with an imaginary part.
            (Complex(..), _) | (_, Complex(..)) => Ok(false),
            (Dec(Decimal::Nan { signaling: true }), _) | (_, Dec(Decimal::Nan { signaling: true })) => {
                Err(Refusal::Raises)
            }
            (Int(a), Int(b)) => Ok(a == b),
            (Float(a), Float(b)) => Ok(a == b),
            (Dec(a), Dec(b)) => Ok(a.equals(b)),
            (Fraction(an, ad), Fraction(bn, bd)) => Ok(fractions_equal((an, ad), (bn, bd))),
            (Int(int), Float(float)) | (Float(float), Int(int)) => Ok(int_equals_float(int, *float)),
            (Int(int), Dec(decimal)) | (Dec(decimal), Int(int)) => Ok(int_equals_decimal(int, decimal)),
            (Int(int), Fraction(n, d)) | (Fraction(n, d), Int(int)) => Ok(**n == int.as_ref() * *d),
            (Float(float), Dec(decimal)) | (Dec(decimal), Float(float)) => Ok(float_equals_decimal(*float, decimal)),
            (Float(float), Fraction(n, d)) | (Fraction(n, d), Float(float)) => Ok(float_equals_fraction(*float, n, d)),
            (Dec(decimal), Fraction(n, d)) | (Fraction(n, d), Dec(decimal)) => {
                Ok(decimal_equals_fraction(decimal, n, d))
            }
        }
    }

    /// A hash that equal numbers share: the value in the field of integers modulo 2⁶¹ - 1, as CPython's is.
    pub(super) fn hash(&self) -> u64 {
        match self {
            Number::Int(int) => field::of_int(int),
            Number::Float(float) => field::of_float(*float),
            Number::Complex(re, im) => field::of_float(*re) ^ field::of_float(*im).rotate_left(17),
            Number::Decimal(Decimal::Finite(finite)) => field::of_decimal(finite),
            Number::Decimal(Decimal::Infinite { negative }) => field::infinity(*negative),
            Number::Decimal(Decimal::Nan { .. }) => 0,
            Number::Fraction(n, d) => field::multiply(field::of_int(n), field::inverse(field::of_int(d))),
        }
    }
}

fn fractions_equal(a: (&BigInt, &BigInt), b: (&BigInt, &BigInt)) -> bool {
    // Honest fractions are in lowest terms; the products serve only forged ones.
    a == b || (a.1 != b.1 && a.0 * b.1 == b.0 * a.1)
}

fn int_equals_float(int: &BigInt, float: f64) -> bool {
    // Most ints differ from most floats in size; only the same size is worth an exact look.
    if !float.is_finite() || float.fract() != 0.0 || int.bits() > 1024 {
        return false;
    }
    BigInt::from_f64(float).as_ref() == Some(int)
}

fn int_equals_decimal(int: &BigInt, decimal: &Decimal) -> bool {
    let Decimal::Finite(finite) = decimal else { return false };
    if finite.digits.is_empty() || int.is_zero() {
        return finite.digits.is_empty() && int.is_zero();
    }
    finite.exponent >= 0 && same_size(finite.magnitude(), int.bits()) && scaled(finite, finite.exponent) == *int
}

/// Whether numbers below `10^magnitude` can have as many bits; this keeps `1e999999999` from being written out.
fn same_size(magnitude: i64, bits: u64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "an estimate; the margin covers the rounding")]
    let (expected, bits) = (magnitude as f64 * LOG2_10, bits as f64);
    (expected - bits).abs() <= 8.0 + bits * 1e-9
}

/// `digits × 10^power` with the decimal's sign. Callers have checked that the power is small.
fn scaled(finite: &Finite, power: i64) -> BigInt {
    let digits = BigUint::parse_bytes(finite.digits.as_bytes(), 10).unwrap_or_default();
    let sign = if finite.negative { Sign::Minus } else { Sign::Plus };
    BigInt::from_biguint(sign, digits) * power_of_ten(power)
}

fn power_of_ten(power: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(power).unwrap_or(0))
}

fn float_equals_decimal(float: f64, decimal: &Decimal) -> bool {
    let finite = match decimal {
        Decimal::Finite(finite) => finite,
        Decimal::Infinite { negative } => return float.is_infinite() && float.is_sign_negative() == *negative,
        Decimal::Nan { .. } => return false,
    };
    if !float.is_finite() || finite.digits.is_empty() || float == 0.0 {
        return float == 0.0 && finite.digits.is_empty();
    }
    if finite.digits.len() > MOST_FLOAT_DIGITS || !(-330..=310).contains(&finite.magnitude()) {
        return false;
    }
    let (numerator, denominator) = float_ratio(float);
    let (up, down) = (finite.exponent.max(0), (-finite.exponent).max(0));
    scaled(finite, up) * denominator == numerator * power_of_ten(down)
}

fn float_equals_fraction(float: f64, n: &BigInt, d: &BigInt) -> bool {
    if !float.is_finite() {
        return false;
    }
    let (numerator, denominator) = float_ratio(float);
    n * denominator == numerator * d
}

fn decimal_equals_fraction(decimal: &Decimal, n: &BigInt, d: &BigInt) -> bool {
    let Decimal::Finite(finite) = decimal else { return false };
    if finite.digits.is_empty() || n.is_zero() {
        return finite.digits.is_empty() && n.is_zero();
    }
    // n = decimal × d gives the size; and as the digits end in no zero, a negative exponent of -k needs a
    // denominator of 2^k at least.
    let down = finite.exponent.min(0).unsigned_abs();
    #[expect(clippy::cast_precision_loss, reason = "an estimate; the margin covers the rounding")]
    let expected = (finite.magnitude() as f64 + digits_of(d) - digits_of(n)).abs();
    if down > d.bits() || expected > 4.0 + digits_of(n) * 1e-9 {
        return false;
    }
    scaled(finite, finite.exponent.max(0)) * d == n * power_of_ten((-finite.exponent).max(0))
}

#[expect(clippy::cast_precision_loss, reason = "an estimate; the caller's margin covers the rounding")]
fn digits_of(int: &BigInt) -> f64 {
    int.bits() as f64 / LOG2_10
}

/// A finite float as an exact ratio.
fn float_ratio(float: f64) -> (BigInt, BigInt) {
    let (mantissa, exponent) = float_parts(float);
    let mantissa = if float.is_sign_negative() { -BigInt::from(mantissa) } else { BigInt::from(mantissa) };
    if exponent >= 0 {
        (mantissa << exponent.unsigned_abs(), BigInt::from(1))
    } else {
        (mantissa, BigInt::from(1) << exponent.unsigned_abs())
    }
}

/// `|float| = mantissa × 2^exponent`.
fn float_parts(float: f64) -> (u64, i32) {
    let bits = float.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    if biased == 0 { (fraction, -1074) } else { (fraction | (1 << 52), biased - 1075) }
}

/// Arithmetic modulo the Mersenne prime 2⁶¹ - 1.
mod field {
    use num_bigint::BigInt;
    use num_bigint::Sign;

    use super::Finite;

    const PRIME: u64 = (1 << 61) - 1;

    pub(super) fn multiply(a: u64, b: u64) -> u64 {
        let product = u128::from(a) * u128::from(b) % u128::from(PRIME);
        u64::try_from(product).unwrap_or(0)
    }

    fn add(a: u64, b: u64) -> u64 {
        (a + b) % PRIME
    }

    fn negate_if(negative: bool, a: u64) -> u64 {
        if negative { (PRIME - a) % PRIME } else { a }
    }

    fn power(base: u64, mut exponent: u64) -> u64 {
        let (mut result, mut base) = (1, base);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = multiply(result, base);
            }
            base = multiply(base, base);
            exponent >>= 1;
        }
        result
    }

    /// The inverse; zero for zero, which has none.
    pub(super) fn inverse(a: u64) -> u64 {
        power(a, PRIME - 2)
    }

    fn signed_power(base: u64, exponent: i64) -> u64 {
        let magnitude = power(base, exponent.unsigned_abs());
        if exponent < 0 { inverse(magnitude) } else { magnitude }
    }

    pub(super) fn of_int(int: &BigInt) -> u64 {
        let two_64 = power(2, 64);
        let (mut sum, mut weight) = (0, 1);
        for word in int.iter_u64_digits() {
            sum = add(sum, multiply(word % PRIME, weight));
            weight = multiply(weight, two_64);
        }
        negate_if(int.sign() == Sign::Minus, sum)
    }

    pub(super) fn of_float(float: f64) -> u64 {
        if float.is_nan() {
            return 0;
        }
        if float.is_infinite() {
            return infinity(float.is_sign_negative());
        }
        let (mantissa, exponent) = super::float_parts(float);
        negate_if(float.is_sign_negative(), multiply(mantissa % PRIME, signed_power(2, exponent.into())))
    }

    pub(super) fn of_decimal(finite: &Finite) -> u64 {
        let digits =
            finite.digits.bytes().fold(0, |sum, digit| add(multiply(sum, 10), u64::from(digit.wrapping_sub(b'0'))));
        negate_if(finite.negative, multiply(digits, signed_power(10, finite.exponent)))
    }

    pub(super) fn infinity(negative: bool) -> u64 {
        negate_if(negative, 314_159)
    }
}
