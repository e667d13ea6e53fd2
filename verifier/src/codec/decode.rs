//! Reads encoded values as hostile input: strictly, without recursion, and within limits.
//! Not here: writing them (`encode`).
//! In: bytes that a candidate may have chosen, and limits. Out: `Value`, or the reason and place of the refusal.

use num_bigint::BigInt;
use num_bigint::Sign;
use num_traits::Signed;
use num_traits::ToPrimitive;
use thiserror::Error;
use trialbox_datasets::value::PyStr;
use trialbox_datasets::value::Value;

use super::tag;
use crate::compare::decimal::Decimal;

/// The most dimensions that a numpy array has.
const MAX_DIMENSIONS: usize = 64;

/// What a decoded value may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeLimits {
    /// The most bytes of input.
    pub bytes: usize,
    /// The most containers inside each other. Everything that later walks a decoded value may recurse, dropping it
    /// included, because this bounds it.
    pub depth: usize,
    /// The most values, inner ones included; each costs about 80 bytes of memory.
    pub nodes: usize,
}

impl Default for DecodeLimits {
    /// 64 MiB, 1,000 levels (Python's own `==` gives up at as many), 4 million values.
    fn default() -> Self {
        Self { bytes: 64 << 20, depth: 1_000, nodes: 4 << 20 }
    }
}

/// Why bytes were refused, and where.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{kind} (at byte {at})")]
pub struct DecodeError {
    /// The offset at which reading stopped.
    pub at: usize,
    /// What was wrong there.
    pub kind: DecodeErrorKind,
}

/// What can be wrong with encoded bytes.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// The input ends inside a value, or claims more members than it has bytes left.
    #[error("the data ends too early")]
    Truncated,
    /// Bytes follow the value.
    #[error("data follows the value")]
    TrailingBytes,
    /// A tag that no value of ours has.
    #[error("unknown tag 0x{0:02x}")]
    UnknownTag(u8),
    /// The end mark of a dict where no dict expects one.
    #[error("a dict ends where none may")]
    UnexpectedEnd,
    /// More input than allowed.
    #[error("more than {0} bytes")]
    TooLong(usize),
    /// Deeper than allowed.
    #[error("nested more than {0} levels deep")]
    TooDeep(usize),
    /// More values than allowed.
    #[error("more than {0} values")]
    TooMany(usize),
    /// An int that CPython would have written otherwise.
    #[error("an int is not in its canonical form")]
    BadInt,
    /// A str that is not UTF-8 with surrogates.
    #[error("a str is not valid utf-8")]
    BadStr,
    /// Text that `decimal.Decimal` refuses.
    #[error("a decimal does not parse")]
    BadDecimal,
    /// A fraction of other things than an int and a positive int.
    #[error("a fraction is not two ints, the second one positive")]
    BadFraction,
    /// An array whose shape and number of members differ, or with too many dimensions.
    #[error("an array's shape does not fit its members")]
    BadArray,
}

/// Decodes exactly one value that takes up all of `bytes`.
pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Value, DecodeError> {
    let mut decoder = Decoder { bytes, at: 0, nodes: 0, limits, open: Vec::new() };
    decoder.run().map_err(|kind| DecodeError { at: decoder.at, kind })
}

/// A container whose members are still being read.
struct Open {
    kind: Container,
    /// How many members are still to come; a dict does not say.
    missing: usize,
    items: Vec<Value>,
}

enum Container {
    Tuple,
    List,
    Set,
    FrozenSet,
    Dict,
    Fraction,
    Array { shape: Vec<usize>, is_float: bool },
}

/// What stood at the current place of the input.
enum Read {
    Whole(Value),
    Opened(Container, usize),
    DictEnd,
}

type Step<T> = Result<T, DecodeErrorKind>;

struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: usize,
    limits: &'a DecodeLimits,
    open: Vec<Open>,
}

impl Decoder<'_> {
    fn run(&mut self) -> Step<Value> {
        if self.bytes.len() > self.limits.bytes {
            return Err(DecodeErrorKind::TooLong(self.limits.bytes));
        }
        loop {
            let value = match self.read()? {
                Read::Whole(value) => Some(value),
                Read::DictEnd => Some(self.end_dict()?),
                Read::Opened(kind, missing) => self.push(kind, missing)?,
            };
            if let Some(root) = value.map(|value| self.place(value)).transpose()?.flatten() {
                return if self.at == self.bytes.len() { Ok(root) } else { Err(DecodeErrorKind::TrailingBytes) };
            }
        }
    }

    /// Opens a container; gives it back at once where it is empty.
    fn push(&mut self, kind: Container, missing: usize) -> Step<Option<Value>> {
        // Each member takes at least one byte, so an honest claim never exceeds what is left.
        if missing > self.bytes.len() - self.at {
            return Err(DecodeErrorKind::Truncated);
        }
        if self.open.len() >= self.limits.depth {
            return Err(DecodeErrorKind::TooDeep(self.limits.depth));
        }
        let is_dict = matches!(kind, Container::Dict);
        // Room for a few only: a thousand nested containers may each claim millions.
        let open = Open { kind, missing, items: Vec::with_capacity(missing.min(32)) };
        if missing == 0 && !is_dict {
            return close(open).map(Some);
        }
        self.open.push(open);
        Ok(None)
    }

    /// Puts a finished value where it belongs, and everything that it finishes; gives the root back once it is whole.
    fn place(&mut self, mut value: Value) -> Step<Option<Value>> {
        while let Some(open) = self.open.last_mut() {
            open.items.push(value);
            open.missing = open.missing.saturating_sub(1);
            let is_dict = matches!(open.kind, Container::Dict);
            match self.open.pop_if(|open| !is_dict && open.missing == 0) {
                Some(full) => value = close(full)?,
                None => return Ok(None),
            }
        }
        Ok(Some(value))
    }

    fn end_dict(&mut self) -> Step<Value> {
        match self.open.pop() {
            Some(open) if matches!(open.kind, Container::Dict) && open.items.len().is_multiple_of(2) => close(open),
            _ => Err(DecodeErrorKind::UnexpectedEnd),
        }
    }

    fn read(&mut self) -> Step<Read> {
        let tag = self.byte()?;
        if tag == tag::DICT_END {
            return Ok(Read::DictEnd);
        }
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(DecodeErrorKind::TooMany(self.limits.nodes));
        }
        let value = match tag {
            tag::TUPLE => return Ok(Read::Opened(Container::Tuple, self.count()?)),
            tag::LIST => return Ok(Read::Opened(Container::List, self.count()?)),
            tag::SET => return Ok(Read::Opened(Container::Set, self.count()?)),
            tag::FROZEN_SET => return Ok(Read::Opened(Container::FrozenSet, self.count()?)),
            tag::DICT => return Ok(Read::Opened(Container::Dict, 0)),
            tag::FRACTION => return Ok(Read::Opened(Container::Fraction, 2)),
            tag::ARRAY => return self.array(),
            tag::NONE => Value::None,
            tag::TRUE => Value::Bool(true),
            tag::FALSE => Value::Bool(false),
            tag::ELLIPSIS => Value::Ellipsis,
            tag::INT => Value::Int(i32::from_le_bytes(self.fixed()?).into()),
            tag::LONG => Value::Int(self.long()?),
            tag::FLOAT => Value::Float(self.float()?),
            tag::COMPLEX => Value::Complex { re: self.float()?, im: self.float()? },
            tag::BYTES => Value::Bytes(self.counted()?.to_vec()),
            tag::STR => Value::Str(self.text()?),
            tag::DECIMAL => Value::Decimal(self.decimal()?),
            tag::OPAQUE => Value::Opaque { type_name: String::from_utf8_lossy(self.counted()?).into_owned() },
            other => return Err(DecodeErrorKind::UnknownTag(other)),
        };
        Ok(Read::Whole(value))
    }

    fn array(&mut self) -> Step<Read> {
        let is_float = match self.byte()? {
            0 => false,
            1 => true,
            _ => return Err(DecodeErrorKind::BadArray),
        };
        let dimensions = self.count()?;
        if dimensions > MAX_DIMENSIONS {
            return Err(DecodeErrorKind::BadArray);
        }
        let shape = (0..dimensions).map(|_| self.count()).collect::<Step<Vec<usize>>>()?;
        let count = self.count()?;
        // A zero anywhere makes the product zero, however large the other dimensions are.
        let product = if shape.contains(&0) {
            Some(0)
        } else {
            shape.iter().try_fold(1_usize, |product, dimension| product.checked_mul(*dimension))
        };
        if product != Some(count) {
            return Err(DecodeErrorKind::BadArray);
        }
        Ok(Read::Opened(Container::Array { shape, is_float }, count))
    }

    /// An int in 15-bit digits. CPython writes one form for each number, so any other form is forged.
    fn long(&mut self) -> Step<BigInt> {
        let count = i32::from_le_bytes(self.fixed()?);
        let sign = if count < 0 { Sign::Minus } else { Sign::Plus };
        let digits = usize::try_from(count.unsigned_abs()).map_err(|_| DecodeErrorKind::BadInt)?;
        let bytes = self.take(digits.checked_mul(2).ok_or(DecodeErrorKind::Truncated)?)?;
        let mut words = Vec::with_capacity(digits.div_ceil(2));
        let (mut bits, mut held, mut last) = (0_u64, 0_u32, 0);
        for pair in bytes.chunks_exact(2) {
            last = u16::from_le_bytes([pair[0], pair[1]]);
            if last > 0x7fff {
                return Err(DecodeErrorKind::BadInt);
            }
            bits |= u64::from(last) << held;
            held += 15;
            if held >= 32 {
                words.push(low_word(bits));
                bits >>= 32;
                held -= 32;
            }
        }
        words.push(low_word(bits));
        let number = BigInt::from_slice(sign, &words);
        // The top digit of a canonical int is not zero, and what fits 32 bits has another tag.
        if last == 0 || number.to_i32().is_some() { Err(DecodeErrorKind::BadInt) } else { Ok(number) }
    }

    fn text(&mut self) -> Step<PyStr> {
        PyStr::from_surrogatepass(self.counted()?.to_vec()).ok_or(DecodeErrorKind::BadStr)
    }

    fn decimal(&mut self) -> Step<String> {
        let text = std::str::from_utf8(self.counted()?).map_err(|_| DecodeErrorKind::BadDecimal)?;
        if text.is_ascii() && Decimal::parse(text).is_some() {
            Ok(text.to_owned())
        } else {
            Err(DecodeErrorKind::BadDecimal)
        }
    }

    fn float(&mut self) -> Step<f64> {
        Ok(f64::from_bits(u64::from_le_bytes(self.fixed()?)))
    }

    fn counted(&mut self) -> Step<&[u8]> {
        let count = self.count()?;
        self.take(count)
    }

    fn count(&mut self) -> Step<usize> {
        // marshal's own limit is 2³¹ - 1; a larger claim is refused because the input is not that long.
        usize::try_from(u32::from_le_bytes(self.fixed()?)).map_err(|_| DecodeErrorKind::Truncated)
    }

    fn byte(&mut self) -> Step<u8> {
        self.fixed::<1>().map(|[byte]| byte)
    }

    fn fixed<const N: usize>(&mut self) -> Step<[u8; N]> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| DecodeErrorKind::Truncated)
    }

    fn take(&mut self, count: usize) -> Step<&[u8]> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(DecodeErrorKind::Truncated)?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }
}

fn low_word(bits: u64) -> u32 {
    u32::try_from(bits & 0xffff_ffff).expect("32 bits fit 32")
}

fn close(open: Open) -> Step<Value> {
    let items = open.items;
    match open.kind {
        Container::Tuple => Ok(Value::Tuple(items)),
        Container::List => Ok(Value::List(items)),
        Container::Set => Ok(Value::Set(items)),
        Container::FrozenSet => Ok(Value::FrozenSet(items)),
        Container::Array { shape, is_float } => Ok(Value::Array { shape, items, is_float }),
        Container::Dict => {
            let mut items = items.into_iter();
            Ok(Value::Dict(std::iter::from_fn(|| Some((items.next()?, items.next()?))).collect()))
        }
        Container::Fraction => match <[Value; 2]>::try_from(items) {
            Ok([Value::Int(numerator), Value::Int(denominator)]) if denominator.is_positive() => {
                Ok(Value::Fraction { numerator, denominator })
            }
            _ => Err(DecodeErrorKind::BadFraction),
        },
    }
}
