//! Python's `decimal.Decimal`: its text grammar, and exact values whose exponents are never expanded.
//! Not here: comparing one with other numbers (`number`).
//! In: text that a candidate may have chosen. Out: a normal form in which equal values are equal.

/// The largest adjusted exponent of C `decimal` on 64-bit machines; past it, `Decimal(text)` raises.
const MAX_ADJUSTED: i64 = 999_999_999_999_999_999;
/// The smallest exponent of the last digit.
const MIN_EXPONENT: i64 = -1_999_999_999_999_999_997;

/// A parsed decimal number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decimal {
    /// `±digits × 10^exponent`.
    Finite(Finite),
    /// `±Infinity`.
    Infinite {
        /// Whether it is the negative one.
        negative: bool,
    },
    /// `NaN`, equal to nothing; comparing a signaling one raises in Python.
    Nan {
        /// Whether it is `sNaN`.
        signaling: bool,
    },
}

/// A finite decimal in its normal form: ASCII digits with no zero at either end; zero is `+`, no digits, exponent 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finite {
    pub(crate) negative: bool,
    pub(crate) digits: String,
    pub(crate) exponent: i64,
}

impl Decimal {
    /// What `decimal.Decimal(text)` makes of text, or `None` where it raises.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let ascii = to_ascii(text)?;
        let (negative, body) = match ascii.as_bytes().first() {
            Some(b'-') => (true, &ascii[1..]),
            Some(b'+') => (false, &ascii[1..]),
            _ => (false, ascii.as_str()),
        };
        if body.eq_ignore_ascii_case("inf") || body.eq_ignore_ascii_case("infinity") {
            return Some(Decimal::Infinite { negative });
        }
        for (name, signaling) in [("nan", false), ("snan", true)] {
            if body.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                let payload = &body[name.len()..];
                return payload.bytes().all(|byte| byte.is_ascii_digit()).then_some(Decimal::Nan { signaling });
            }
        }
        Finite::parse(negative, body).map(Decimal::Finite)
    }

    /// Whether `==` of the two is true in Python.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        !matches!(self, Decimal::Nan { .. }) && self == other
    }
}

impl Finite {
    fn parse(negative: bool, body: &str) -> Option<Self> {
        let (mantissa, exponent) = match body.find(['e', 'E']) {
            Some(at) => (&body[..at], parse_exponent(&body[at + 1..])?),
            None => (body, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if !all_digits || whole.len() + fraction.len() == 0 {
            return None;
        }
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        let adjusted = exponent.checked_add(i64::try_from(digits.len().max(1) - 1).ok()?)?;
        if exponent < MIN_EXPONENT || adjusted > MAX_ADJUSTED {
            return None;
        }
        let normal = digits.trim_end_matches('0');
        if normal.is_empty() {
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let exponent = exponent + i64::try_from(digits.len() - normal.len()).ok()?;
        Some(Self { negative, digits: normal.to_owned(), exponent })
    }

    /// The power of ten just above the value: it lies in `[10^(magnitude-1), 10^magnitude)`, signs aside.
    pub(crate) fn magnitude(&self) -> i64 {
        self.exponent.saturating_add(i64::try_from(self.digits.len()).unwrap_or(i64::MAX))
    }
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// What C `decimal` does to text before it parses: trims it, drops underscores, turns every script's digits into ASCII.
fn to_ascii(text: &str) -> Option<String> {
    let trimmed = text.trim_matches(is_python_space);
    let mut ascii = String::with_capacity(trimmed.len());
    for character in trimmed.chars().filter(|character| *character != '_') {
        ascii.push(if character.is_ascii() { character } else { to_ascii_digit(character)? });
    }
    Some(ascii)
}

/// What `str.isspace()` accepts, and so what `str.strip()` and `str.split()` go by.
pub(crate) fn is_python_space(character: char) -> bool {
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}

fn to_ascii_digit(character: char) -> Option<char> {
    let code = u32::from(character);
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= code)].last()?;
    char::from_digit(code - zero, 10)
}

/// The zeros of all decimal digits but ASCII's, each followed by its nine others (Unicode 14, as in CPython 3.11).
const ZEROS: [u32; 65] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
    0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0,
    0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];
