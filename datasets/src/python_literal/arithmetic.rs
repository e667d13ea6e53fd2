//! The arithmetic that value expressions may use: signs, `+ - * **` on whole numbers, and complex literals' `+ -`.
//! Not here: walking expressions (`python_literal`), calls (`calls`).
//! In: values. Out: a value no larger than the limit, or why not.

use num_bigint::BigInt;
use num_bigint::Sign;
use num_traits::FromPrimitive;
use num_traits::ToPrimitive;
use num_traits::Zero;
use ruff_python_ast::Operator;

use crate::value::Value;

/// The largest whole number that is computed, in bits.
const LIMIT_BITS: u64 = 1 << 20;
const LIMIT: &str = "1048576 bits";

/// Why an operation has no result.
pub(super) enum Fault {
    /// Not supported, or an error in Python as well.
    Refused(String),
    /// Beyond the limit.
    TooLarge(&'static str),
}

/// The number of an integer literal, which the parser has found well formed.
pub(super) fn int(token: &str) -> BigInt {
    let token = token.replace('_', "").to_ascii_lowercase();
    let (digits, radix) = match token.get(..2) {
        Some("0x") => (&token[2..], 16),
        Some("0o") => (&token[2..], 8),
        Some("0b") => (&token[2..], 2),
        _ => (token.as_str(), 10),
    };
    BigInt::parse_bytes(digits.as_bytes(), radix).expect("the lexer lets only digits of the radix through")
}

pub(super) fn negate(operand: Value) -> Result<Value, Fault> {
    Ok(match operand {
        Value::Bool(flag) => Value::from(-i64::from(flag)),
        Value::Int(number) => Value::Int(-number),
        Value::Float(number) => Value::Float(-number),
        Value::Complex { re, im } => Value::Complex { re: -re, im: -im },
        other => return Err(Fault::Refused(format!("no - of {}", other.type_name()))),
    })
}

pub(super) fn plus(operand: Value) -> Result<Value, Fault> {
    match operand {
        Value::Bool(flag) => Ok(Value::from(i64::from(flag))),
        Value::Int(_) | Value::Float(_) | Value::Complex { .. } => Ok(operand),
        other => Err(Fault::Refused(format!("no + of {}", other.type_name()))),
    }
}

pub(super) fn binary(left: Value, operator: Operator, right: Value) -> Result<Value, Fault> {
    let refused = || {
        let (left, right) = (left.type_name(), right.type_name());
        Fault::Refused(format!("{} of {left} and {right} is not supported here", operator.as_str()))
    };
    if let (Some(left), Some(right)) = (whole(&left), whole(&right)) {
        return whole_binary(&left, operator, &right).unwrap_or_else(|| Err(refused()));
    }
    if !matches!(left, Value::Complex { .. }) && !matches!(right, Value::Complex { .. }) {
        return Err(refused());
    }
    let (Some(a), Some(b)) = (complex(&left), complex(&right)) else { return Err(refused()) };
    match operator {
        Operator::Add => Ok(Value::Complex { re: a.0 + b.0, im: a.1 + b.1 }),
        Operator::Sub => Ok(Value::Complex { re: a.0 - b.0, im: a.1 - b.1 }),
        _ => Err(refused()),
    }
}

fn whole(value: &Value) -> Option<BigInt> {
    match value {
        Value::Bool(flag) => Some(BigInt::from(u8::from(*flag))),
        Value::Int(number) => Some(number.clone()),
        _ => None,
    }
}

/// Both parts of a number that a complex one can be added to; a whole number must be exact as a float.
fn complex(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Float(number) => Some((*number, 0.0)),
        Value::Complex { re, im } => Some((*re, *im)),
        other => exact_float(&whole(other)?).map(|number| (number, 0.0)),
    }
}

/// The float equal to a whole number, if there is one.
pub(super) fn exact_float(number: &BigInt) -> Option<f64> {
    let float = number.to_f64().filter(|float| float.is_finite())?;
    (BigInt::from_f64(float)? == *number).then_some(float)
}

fn whole_binary(left: &BigInt, operator: Operator, right: &BigInt) -> Option<Result<Value, Fault>> {
    let bits = match operator {
        Operator::Add | Operator::Sub => left.bits().max(right.bits()) + 1,
        Operator::Mult => left.bits() + right.bits(),
        Operator::Pow => return Some(power(left, right)),
        _ => return None,
    };
    if bits > LIMIT_BITS {
        return Some(Err(Fault::TooLarge(LIMIT)));
    }
    Some(Ok(Value::Int(match operator {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        _ => left * right,
    })))
}

fn power(base: &BigInt, exponent: &BigInt) -> Result<Value, Fault> {
    if exponent.sign() == Sign::Minus {
        return Err(Fault::Refused("a negative power is not supported here".to_owned()));
    }
    // 0, 1 and -1 may be raised to anything; only the exponent's parity matters.
    if base.is_zero() || base.magnitude().bits() == 1 {
        let small = if exponent.is_zero() { 0 } else { 2 - u32::from(exponent.bit(0)) };
        return Ok(Value::Int(base.pow(small)));
    }
    let small = exponent.to_u32().filter(|small| base.bits().saturating_mul(u64::from(*small)) <= LIMIT_BITS);
    small.map(|small| Value::Int(base.pow(small))).ok_or(Fault::TooLarge(LIMIT))
}
