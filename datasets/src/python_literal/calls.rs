//! The few calls that stand for plain values: `float`, `complex`, `set`, `frozenset`, `list`, `tuple`, `dict`, `range`.
//! Not here: calls of the function under test (`assert_call`).
//! In: a call. Out: its value, or what is wrong with it.

use num_bigint::BigInt;
use num_traits::Signed;
use num_traits::ToPrimitive;
use num_traits::Zero;
use ruff_python_ast::Expr;
use ruff_python_ast::ExprCall;

use super::LiteralError;
use super::Reader;
use super::arithmetic;
use super::arithmetic::Fault;
use crate::members;
use crate::value::PyStr;
use crate::value::Value;

/// How many elements all ranges of one text may have together.
pub(super) const RANGE_LIMIT: usize = 1 << 22;

/// Whether a function's calls are values here.
pub(crate) fn is_value_call(name: &str) -> bool {
    matches!(name, "float" | "complex" | "set" | "frozenset" | "list" | "tuple" | "dict" | "range")
}

impl Reader<'_> {
    /// The value of a call.
    pub(super) fn call(&mut self, expression: &Expr, call: &ExprCall) -> Result<Value, LiteralError> {
        let Expr::Name(function) = call.func.as_ref() else { return Err(self.not_a_value(expression)) };
        let arguments = match is_value_call(&function.id) && call.arguments.keywords.is_empty() {
            true => &call.arguments.args,
            false => return Err(self.not_a_value(expression)),
        };
        let result = match (function.id.as_str(), arguments.as_ref()) {
            ("float", [argument]) => float(&self.value(argument)?).map(Value::Float),
            ("complex", [re, im]) => complex(&self.value(re)?, &self.value(im)?),
            ("complex", [whole]) => complex_of(&self.value(whole)?),
            ("dict", []) => Ok(Value::Dict(vec![])),
            ("list", arguments) => Ok(Value::List(self.items(expression, arguments)?)),
            ("tuple", arguments) => Ok(Value::Tuple(self.items(expression, arguments)?)),
            ("set", arguments) => Ok(Value::Set(self.distinct_items(expression, arguments)?)),
            ("frozenset", arguments) => Ok(Value::FrozenSet(self.distinct_items(expression, arguments)?)),
            ("range", _) => Err(Fault::Refused("a range is a value only inside list(), tuple() or set()".to_owned())),
            (name, _) => Err(Fault::Refused(format!("a call of {name} with these arguments is not supported here"))),
        };
        result.map_err(|fault| self.fault(expression, fault))
    }

    fn distinct_items(&mut self, expression: &Expr, arguments: &[Expr]) -> Result<Vec<Value>, LiteralError> {
        let items = self.items(expression, arguments)?;
        self.hashed(expression, members::distinct(items))
    }

    /// What a container's constructor takes out of its argument.
    fn items(&mut self, expression: &Expr, arguments: &[Expr]) -> Result<Vec<Value>, LiteralError> {
        let argument = match arguments {
            [] => return Ok(vec![]),
            [argument] => argument,
            _ => return Err(self.not_a_value(expression)),
        };
        if let Expr::Call(call) = argument
            && matches!(call.func.as_ref(), Expr::Name(name) if name.id == "range")
            && call.arguments.keywords.is_empty()
        {
            let bounds = self.values(&call.arguments.args)?;
            return range(&bounds, &mut self.range_budget).map_err(|fault| self.fault(argument, fault));
        }
        let iterable = self.value(argument)?;
        let name = iterable.type_name();
        iterate(iterable).ok_or_else(|| self.fault(argument, Fault::Refused(format!("{name} has no items"))))
    }
}

/// The items that iterating over a value gives, where it can be iterated over.
pub(crate) fn iterate(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => Some(items),
        Value::Dict(pairs) => Some(pairs.into_iter().map(|(key, _)| key).collect()),
        Value::Str(text) => Some(text.as_str()?.chars().map(character).collect()),
        Value::Bytes(bytes) => Some(bytes.into_iter().map(|byte| Value::from(i64::from(byte))).collect()),
        _ => None,
    }
}

fn character(character: char) -> Value {
    Value::Str(PyStr::from(character.encode_utf8(&mut [0; 4]) as &str))
}

fn range(bounds: &[Value], budget: &mut usize) -> Result<Vec<Value>, Fault> {
    let whole = |value: &Value| match value {
        Value::Int(number) => Ok(number.clone()),
        other => Err(Fault::Refused(format!("range of {}", other.type_name()))),
    };
    let (start, stop, step) = match bounds {
        [stop] => (BigInt::zero(), whole(stop)?, BigInt::from(1)),
        [start, stop] => (whole(start)?, whole(stop)?, BigInt::from(1)),
        [start, stop, step] => (whole(start)?, whole(stop)?, whole(step)?),
        _ => return Err(Fault::Refused("range takes one to three numbers".to_owned())),
    };
    if step.is_zero() {
        return Err(Fault::Refused("range with a step of zero".to_owned()));
    }
    let distance = if step.is_negative() { &start - &stop } else { &stop - &start };
    let size = step.abs();
    let count = if distance.is_positive() { (distance + &size - 1) / size } else { BigInt::zero() };
    let count =
        count.to_usize().filter(|count| count <= budget).ok_or(Fault::TooLarge("4194304 elements of ranges"))?;
    *budget -= count;
    let numbers = std::iter::successors(Some(start), |number| Some(number + &step));
    Ok(numbers.take(count).map(Value::Int).collect())
}

/// What `float(value)` is.
pub(crate) fn float_of(value: &Value) -> Result<f64, String> {
    match float(value) {
        Ok(number) => Ok(number),
        Err(Fault::Refused(reason)) => Err(reason),
        Err(Fault::TooLarge(limit)) => Err(format!("larger than {limit}")),
    }
}

fn float(value: &Value) -> Result<f64, Fault> {
    let refused = || Fault::Refused(format!("no float of this {}", value.type_name()));
    match value {
        Value::Float(number) => Ok(*number),
        Value::Bool(flag) => Ok(f64::from(u8::from(*flag))),
        Value::Int(number) => arithmetic::exact_float(number).ok_or_else(refused),
        Value::Str(text) => text.as_str().and_then(|text| text.trim().parse().ok()).ok_or_else(refused),
        _ => Err(refused()),
    }
}

fn complex(re: &Value, im: &Value) -> Result<Value, Fault> {
    match (re, im) {
        (Value::Str(_), _) | (_, Value::Str(_)) => Err(Fault::Refused("complex of two with a string".to_owned())),
        _ => Ok(Value::Complex { re: float(re)?, im: float(im)? }),
    }
}

/// What `complex(value)` is.
pub(crate) fn complex_value_of(value: &Value) -> Result<Value, String> {
    complex_of(value).map_err(|_| format!("no complex number of this {}", value.type_name()))
}

fn complex_of(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Complex { .. } => Ok(value.clone()),
        Value::Str(text) => text
            .as_str()
            .and_then(complex_text)
            .map(|(re, im)| Value::Complex { re, im })
            .ok_or_else(|| Fault::Refused("not the text of a complex number".to_owned())),
        other => Ok(Value::Complex { re: float(other)?, im: 0.0 }),
    }
}

/// Reads `1`, `2j`, `1+2j` or any of them in parentheses.
fn complex_text(text: &str) -> Option<(f64, f64)> {
    let text = text.trim();
    let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).map_or(text, str::trim);
    let Some(head) = text.strip_suffix(['j', 'J']) else { return Some((text.parse().ok()?, 0.0)) };
    // The last sign that is not an exponent's divides the parts.
    let sign = head
        .char_indices()
        .rev()
        .find(|(at, character)| matches!(character, '+' | '-') && *at > 0 && !head[..*at].ends_with(['e', 'E']));
    let (re, im) = head.split_at(sign.map_or(0, |(at, _)| at));
    let re = if re.is_empty() { 0.0 } else { re.parse().ok()? };
    let im = match im {
        "" | "+" => 1.0,
        "-" => -1.0,
        im => im.parse().ok()?,
    };
    Some((re, im))
}
