//! The value vocabulary: one Python value as plain data, with nothing lost.
//! Not here: reading values from text (`python_json`, `python_literal`) or from a sandbox (`verifier::codec`).
//! In: nothing. Out: the types that readers fill and comparisons take apart.

use num_bigint::BigInt;

/// A Python value reduced to plain data. It has no identity, no methods and no code.
///
/// Containers keep the order in which they were read; a set or dict may hold equal members more than once when it was
/// read from a hostile source, so comparisons must not assume uniqueness.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// `bool`.
    Bool(bool),
    /// `int`, of any size.
    Int(BigInt),
    /// `float`; the bits are kept, NaN payloads and signed zeros included.
    Float(f64),
    /// `complex`.
    Complex {
        /// The real part.
        re: f64,
        /// The imaginary part.
        im: f64,
    },
    /// `str`.
    Str(PyStr),
    /// `bytes` (and `bytearray`, which compares equal to it).
    Bytes(Vec<u8>),
    /// `tuple`.
    Tuple(Vec<Value>),
    /// `list`.
    List(Vec<Value>),
    /// `set`.
    Set(Vec<Value>),
    /// `frozenset`.
    FrozenSet(Vec<Value>),
    /// `dict`, as pairs in insertion order.
    Dict(Vec<(Value, Value)>),
    /// `decimal.Decimal`, as its `str()`.
    Decimal(String),
    /// `fractions.Fraction`.
    Fraction {
        /// The numerator.
        numerator: BigInt,
        /// The denominator, positive in honest values.
        denominator: BigInt,
    },
    /// A numpy array by value: `items` in C order, as many as the product of `shape`.
    Array {
        /// The dimensions; empty for a 0-d array.
        shape: Vec<usize>,
        /// The elements in C order.
        items: Vec<Value>,
        /// Whether numpy's dtype is float32 or float64 (EvalPlus turns its tolerance on for these).
        is_float: bool,
    },
    /// Anything that is not plain data (a generator, an instance of a user's class): its type's name. Equal to nothing.
    Opaque {
        /// `type(value).__name__`, as the candidate claims it.
        type_name: String,
    },
}

impl Value {
    /// The name of the value's type in Python, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::None => "NoneType",
            Value::Ellipsis => "ellipsis",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Complex { .. } => "complex",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::Tuple(_) => "tuple",
            Value::List(_) => "list",
            Value::Set(_) => "set",
            Value::FrozenSet(_) => "frozenset",
            Value::Dict(_) => "dict",
            Value::Decimal(_) => "Decimal",
            Value::Fraction { .. } => "Fraction",
            Value::Array { .. } => "ndarray",
            Value::Opaque { .. } => "object",
        }
    }

    /// How many bytes of memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let all = |values: &[Value]| values.iter().map(Value::bytes).sum::<usize>();
        let of_integer = |number: &BigInt| usize::try_from(number.bits() / 8).unwrap_or(usize::MAX);
        size_of::<Value>()
            + match self {
                Value::Str(text) => text.as_bytes().len(),
                Value::Bytes(bytes) => bytes.len(),
                Value::Tuple(members) | Value::List(members) | Value::Set(members) | Value::FrozenSet(members) => {
                    all(members)
                }
                Value::Dict(pairs) => pairs.iter().map(|(key, value)| key.bytes() + value.bytes()).sum(),
                Value::Array { items, .. } => all(items),
                Value::Int(number) => of_integer(number),
                Value::Fraction { numerator, denominator } => of_integer(numerator) + of_integer(denominator),
                Value::Decimal(text) | Value::Opaque { type_name: text } => text.len(),
                Value::None | Value::Ellipsis | Value::Bool(_) | Value::Float(_) | Value::Complex { .. } => 0,
            }
    }
}

/// A Python `str`: UTF-8 in which lone surrogates may stand, encoded as CPython's `surrogatepass` does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PyStr(Vec<u8>);

impl PyStr {
    /// Takes bytes in CPython's `utf-8` + `surrogatepass` encoding; `None` where they are not that.
    pub fn from_surrogatepass(bytes: Vec<u8>) -> Option<Self> {
        let mut rest = bytes.as_slice();
        while let Err(error) = std::str::from_utf8(rest) {
            // A surrogate is ED A0..BF 80..BF; UTF-8 proper refuses exactly these three-byte forms.
            match &rest[error.valid_up_to()..] {
                [0xED, 0xA0..=0xBF, 0x80..=0xBF, tail @ ..] => rest = tail,
                _ => return None,
            }
        }
        Some(Self(bytes))
    }

    /// The encoded bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text where it holds no lone surrogate.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl From<&str> for PyStr {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Str(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number.into())
    }
}
