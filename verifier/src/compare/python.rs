//! Python's `==` on plain values, with its exceptions.
//! Not here: numbers (`number`), arrays (`array`), what a benchmark makes of the answer (`compare`).
//! In: an actual value, perhaps hostile, and a trusted expected one. Out: equal, unequal, or a refusal to say.

use std::collections::HashMap;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

use trialbox_datasets::value::Value;

use super::Refusal;
use super::array;
use super::number::Number;

/// `actual == expected`. Time grows with the size of `actual` whatever it holds, because only the members of
/// `expected`, which nobody crafted, are looked up by hash.
pub(super) fn equal(actual: &Value, expected: &Value) -> Result<bool, Refusal> {
    match (actual, expected) {
        (Value::Array { .. }, _) | (_, Value::Array { .. }) => array::equal(actual, expected),
        (Value::None, Value::None) | (Value::Ellipsis, Value::Ellipsis) => Ok(true),
        (Value::Str(a), Value::Str(b)) => Ok(a == b),
        (Value::Bytes(a), Value::Bytes(b)) => Ok(a == b),
        (Value::Tuple(a), Value::Tuple(b)) | (Value::List(a), Value::List(b)) => sequences_equal(a, b),
        (Value::Set(a) | Value::FrozenSet(a), Value::Set(b) | Value::FrozenSet(b)) => Ok(sets_equal(a, b)),
        (Value::Dict(a), Value::Dict(b)) => dicts_equal(a, b),
        _ => match (Number::of(actual), Number::of(expected)) {
            (Some(a), Some(b)) => a.equals(&b),
            _ => Ok(false),
        },
    }
}

/// Whether `bool(actual == expected)` is true where it decides something inside a container.
fn members_equal(actual: &Value, expected: &Value) -> Result<bool, Refusal> {
    equal(actual, expected).map_err(|_| Refusal::Raises)
}

pub(super) fn sequences_equal(a: &[Value], b: &[Value]) -> Result<bool, Refusal> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (a, b) in a.iter().zip(b) {
        if !members_equal(a, b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Set equality. Members that hostile bytes repeat count once.
pub(super) fn sets_equal<'a>(
    actual: impl IntoIterator<Item = &'a Value>,
    expected: impl IntoIterator<Item = &'a Value>,
) -> bool {
    let expected = Index::new(expected.into_iter().map(|member| (member, member)));
    let mut seen = vec![false; expected.entries.len()];
    for member in actual {
        match expected.find(member) {
            Some(at) => seen[at] = true,
            None => return false,
        }
    }
    seen.into_iter().all(|seen| seen)
}

/// Dict equality, without regard to order. Of a key that hostile bytes repeat, the last value counts, as in a literal.
fn dicts_equal(actual: &[(Value, Value)], expected: &[(Value, Value)]) -> Result<bool, Refusal> {
    let expected = Index::new(expected.iter().map(|(key, value)| (key, value)));
    let mut last: Vec<Option<&Value>> = vec![None; expected.entries.len()];
    for (key, value) in actual {
        match expected.find(key) {
            Some(at) => last[at] = Some(value),
            None => return Ok(false),
        }
    }
    // Python counts first, and only then looks at values, some of which may raise.
    let Some(last) = last.into_iter().collect::<Option<Vec<_>>>() else { return Ok(false) };
    for (value, (_, expected)) in last.into_iter().zip(&expected.entries) {
        if !members_equal(value, expected)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Trusted keys by their hash.
struct Index<'a> {
    entries: Vec<(&'a Value, &'a Value)>,
    by_hash: HashMap<u64, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(entries: impl Iterator<Item = (&'a Value, &'a Value)>) -> Self {
        let mut index = Self { entries: Vec::new(), by_hash: HashMap::new() };
        for (key, value) in entries {
            if let Some(at) = index.find(key) {
                index.entries[at].1 = value;
                continue;
            }
            index.by_hash.entry(hash(key)).or_default().push(index.entries.len());
            index.entries.push((key, value));
        }
        index
    }

    fn find(&self, key: &Value) -> Option<usize> {
        let bucket = self.by_hash.get(&hash(key))?;
        bucket.iter().copied().find(|at| equal(key, self.entries[*at].0) == Ok(true))
    }
}

/// A hash that values share when they are equal in Python. Lists and other unhashable values have one too, since a
/// hostile set may hold them; it costs nothing to be right about them.
fn hash(value: &Value) -> u64 {
    if let Some(number) = Number::of(value) {
        return number.hash();
    }
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Str(text) => (1, text.as_bytes()).hash(&mut hasher),
        Value::Bytes(bytes) => (2, bytes).hash(&mut hasher),
        Value::Tuple(items) => hash_all(3, items.iter().map(hash), &mut hasher),
        Value::List(items) => hash_all(4, items.iter().map(hash), &mut hasher),
        Value::Set(items) | Value::FrozenSet(items) => hash_all(5, unordered(items.iter()), &mut hasher),
        Value::Dict(pairs) => hash_all(6, unordered(pairs.iter().map(|(key, _)| key)), &mut hasher),
        Value::Ellipsis => 7.hash(&mut hasher),
        // Arrays and opaque values are equal to no key.
        _ => 8.hash(&mut hasher),
    }
    hasher.finish()
}

fn hash_all(kind: u8, hashes: impl IntoIterator<Item = u64>, hasher: &mut DefaultHasher) {
    kind.hash(hasher);
    for hash in hashes {
        hasher.write_u64(hash);
    }
}

/// The members' hashes in an order of their own; repeated members must not show.
fn unordered<'a>(members: impl Iterator<Item = &'a Value>) -> Vec<u64> {
    let mut hashes: Vec<u64> = members.map(hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Whether Python can hash the value, and so put it in a set.
pub(super) fn is_hashable(value: &Value) -> bool {
    match value {
        Value::List(_) | Value::Set(_) | Value::Dict(_) | Value::Array { .. } => false,
        Value::Tuple(items) => items.iter().all(is_hashable),
        Value::Decimal(_) => {
            !matches!(Number::of(value), Some(Number::Decimal(super::decimal::Decimal::Nan { signaling: true })))
        }
        _ => true,
    }
}
