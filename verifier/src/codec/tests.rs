//! Tests of the codec against CPython's own bytes, its own round trip, and bytes that nobody honest would write.
//! Not here: what decoded values are worth (`compare`).
//! In: `testdata/marshal.txt` and generated values. Out: test results, and the generator for others to use.

use proptest::prelude::*;
use trialbox_datasets::value::PyStr;
use trialbox_datasets::value::Value;

use super::*;

fn read(bytes: &[u8]) -> Result<Value, DecodeErrorKind> {
    decode(bytes, &DecodeLimits::default()).map_err(|error| error.kind)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// What `testdata/marshal.py` prints.
fn describe(value: &Value) -> String {
    let all =
        |kind: &str, items: &[Value]| format!("{kind}({})", items.iter().map(describe).collect::<Vec<_>>().join(", "));
    match value {
        Value::None => "NoneType".into(),
        Value::Ellipsis => "ellipsis".into(),
        Value::Bool(true) => "bool True".into(),
        Value::Bool(false) => "bool False".into(),
        Value::Int(int) => format!("int {int}"),
        Value::Float(float) => format!("float {:016x}", float.to_bits()),
        Value::Complex { re, im } => format!("complex {:016x} {:016x}", re.to_bits(), im.to_bits()),
        Value::Str(text) => format!("str {}", hex(text.as_bytes())),
        Value::Bytes(bytes) => format!("bytes {}", hex(bytes)),
        Value::Tuple(items) => all("tuple", items),
        Value::List(items) => all("list", items),
        Value::Set(items) => all("set", items),
        Value::FrozenSet(items) => all("frozenset", items),
        Value::Dict(pairs) => {
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{}: {}", describe(k), describe(v))).collect();
            format!("dict({})", pairs.join(", "))
        }
        other => format!("{other:?}"),
    }
}

/// Any value, sets and dicts with repeated members included.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let float = prop_oneof![any::<f64>(), any::<i8>().prop_map(f64::from), Just(f64::NAN)];
    let leaf = prop_oneof![
        Just(Value::None),
        Just(Value::Ellipsis),
        any::<bool>().prop_map(Value::Bool),
        any::<i8>().prop_map(|small| Value::from(i64::from(small))),
        any::<i128>().prop_map(|large| Value::Int(large.into())),
        (any::<i64>(), 0..2000_u32).prop_map(|(base, shift)| Value::Int(num_bigint::BigInt::from(base) << shift)),
        float.clone().prop_map(Value::Float),
        (float.clone(), float).prop_map(|(re, im)| Value::Complex { re, im }),
        any::<String>().prop_map(|text| Value::from(text.as_str())),
        Just(Value::Str(PyStr::from_surrogatepass(vec![0xED, 0xA0, 0x80]).unwrap())),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        (any::<i64>(), -400..400_i32).prop_map(|(digits, power)| Value::Decimal(format!("{digits}E{power:+}"))),
        (any::<i8>(), 1..20_i64).prop_map(|(n, d)| Value::Fraction { numerator: n.into(), denominator: d.into() }),
        any::<String>().prop_map(|type_name| Value::Opaque { type_name }),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let items = prop::collection::vec(inner.clone(), 0..6);
        prop_oneof![
            items.clone().prop_map(Value::Tuple),
            items.clone().prop_map(Value::List),
            items.clone().prop_map(Value::Set),
            items.clone().prop_map(Value::FrozenSet),
            prop::collection::vec((inner.clone(), inner), 0..4).prop_map(Value::Dict),
            (items, any::<bool>()).prop_map(|(items, is_float)| Value::Array {
                shape: vec![1, items.len()],
                items,
                is_float
            }),
        ]
    })
}

#[test]
fn bytes_are_those_of_cpython() {
    let mut count = 0;
    for line in include_str!("../../testdata/marshal.txt").lines() {
        let (bytes, description) = line.split_once('\t').unwrap();
        let value = read(&unhex(bytes)).unwrap();
        assert_eq!(describe(&value), description);
        assert_eq!(hex(&encode(&value)), bytes, "{description}");
        count += 1;
    }
    assert!(count > 60);
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_the_same_bytes(value in any_value()) {
        let bytes = encode(&value);
        let decoded = read(&bytes).unwrap();
        // Sets are sorted on the way, and NaN equals nothing: the second encoding is what can be compared.
        prop_assert_eq!(encode(&decoded), bytes);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn damaged_bytes_are_refused_or_mean_one_value(
        value in any_value(), at in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let mut bytes = encode(&value);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(changed) = read(&bytes) {
            let again = encode(&changed);
            prop_assert_eq!(encode(&read(&again).unwrap()), again);
        }
    }

    #[test]
    fn every_prefix_is_refused(value in any_value(), at in any::<prop::sample::Index>()) {
        let bytes = encode(&value);
        prop_assert!(read(&bytes[..at.index(bytes.len())]).is_err());
    }
}

#[test]
fn data_after_the_value_is_refused() {
    assert_eq!(read(b"NN"), Err(DecodeErrorKind::TrailingBytes));
    assert_eq!(read(b"[\0\0\0\0N"), Err(DecodeErrorKind::TrailingBytes));
}

#[test]
fn tags_that_no_result_has_are_refused() {
    for tag in b"ScRrtZazfxIX?)\x80\xdb\xe9" {
        assert_eq!(read(&[*tag, 0, 0, 0, 0]), Err(DecodeErrorKind::UnknownTag(*tag)));
    }
}

#[test]
fn ints_in_another_form_than_cpythons_are_refused() {
    let long = |count: i32, digits: &[u16]| {
        let mut bytes = vec![b'l'];
        bytes.extend(count.to_le_bytes());
        bytes.extend(digits.iter().flat_map(|digit| digit.to_le_bytes()));
        read(&bytes)
    };
    assert_eq!(long(0, &[]), Err(DecodeErrorKind::BadInt));
    assert_eq!(long(4, &[1, 2, 3, 0]), Err(DecodeErrorKind::BadInt));
    assert_eq!(long(4, &[1, 2, 0x8000, 1]), Err(DecodeErrorKind::BadInt));
    assert_eq!(long(1, &[5]), Err(DecodeErrorKind::BadInt), "fits the short form");
    assert_eq!(long(i32::MIN, &[5]), Err(DecodeErrorKind::Truncated));
    assert_eq!(long(-5, &[5, 5, 5, 5]), Err(DecodeErrorKind::Truncated));
    assert!(long(-4, &[5, 5, 5, 5]).is_ok());
}

#[test]
fn claimed_sizes_are_not_believed() {
    for tag in b"([<>su" {
        assert_eq!(read(&[*tag, 0xff, 0xff, 0xff, 0xff]), Err(DecodeErrorKind::Truncated));
        assert_eq!(read(&[*tag, 0xff, 0xff, 0xff, 0x7f, b'N']), Err(DecodeErrorKind::Truncated));
    }
    // A thousand lists, each of which claims all the bytes that follow.
    let mut bytes = Vec::new();
    for level in 0..1000_u32 {
        bytes.push(b'[');
        bytes.extend((1_000_000 - level * 5 - 5).to_le_bytes());
    }
    bytes.resize(1_000_000, b'N');
    assert_eq!(read(&bytes), Err(DecodeErrorKind::Truncated));
}

#[test]
fn dicts_end_where_they_may() {
    assert_eq!(read(b"0"), Err(DecodeErrorKind::UnexpectedEnd));
    assert_eq!(read(b"{N0"), Err(DecodeErrorKind::UnexpectedEnd));
    assert_eq!(read(b"[\x01\0\0\x000"), Err(DecodeErrorKind::UnexpectedEnd));
    assert_eq!(read(b"{NT"), Err(DecodeErrorKind::Truncated));
    assert_eq!(read(b"{NT0"), Ok(Value::Dict(vec![(Value::None, Value::Bool(true))])));
}

#[test]
fn arrays_hold_as_many_members_as_their_shape_says() {
    let array = |dimensions: &[u32], count: u32, members: usize| {
        let mut bytes = vec![b'A', 1];
        bytes.extend(u32::try_from(dimensions.len()).unwrap().to_le_bytes());
        bytes.extend(dimensions.iter().flat_map(|dimension| dimension.to_le_bytes()));
        bytes.extend(count.to_le_bytes());
        bytes.resize(bytes.len() + members, b'T');
        read(&bytes)
    };
    assert!(array(&[2, 3], 6, 6).is_ok());
    assert!(array(&[], 1, 1).is_ok());
    assert!(array(&[u32::MAX, u32::MAX, u32::MAX, 0], 0, 0).is_ok());
    assert_eq!(array(&[2, 3], 5, 5), Err(DecodeErrorKind::BadArray));
    assert_eq!(array(&[u32::MAX, u32::MAX, u32::MAX], 1, 1), Err(DecodeErrorKind::BadArray));
    assert_eq!(array(&[1; 65], 1, 1), Err(DecodeErrorKind::BadArray));
    assert_eq!(read(b"A\x02\0\0\0\0\x01\0\0\0N"), Err(DecodeErrorKind::BadArray));
}

#[test]
fn our_own_tags_are_checked_too() {
    assert_eq!(read(b"D\x03\0\0\x001.5"), Ok(Value::Decimal("1.5".into())));
    assert_eq!(read(b"D\x03\0\0\x001.x"), Err(DecodeErrorKind::BadDecimal));
    assert_eq!(read("D\x02\0\0\0\u{663}".as_bytes()), Err(DecodeErrorKind::BadDecimal));
    assert!(read(b"Qi\x01\0\0\0i\x02\0\0\0").is_ok());
    assert_eq!(read(b"Qi\x01\0\0\0i\0\0\0\0"), Err(DecodeErrorKind::BadFraction));
    assert_eq!(read(b"Qi\x01\0\0\0i\xff\xff\xff\xff"), Err(DecodeErrorKind::BadFraction));
    assert_eq!(read(b"QTT"), Err(DecodeErrorKind::BadFraction));
    assert_eq!(read(b"O\x02\0\0\0a\xff"), Ok(Value::Opaque { type_name: "a\u{fffd}".into() }));
    assert_eq!(read(b"u\x01\0\0\0\xff"), Err(DecodeErrorKind::BadStr));
}

#[test]
fn limits_on_depth_count_and_size_hold() {
    let nested = |depth: usize| [b"[\x01\0\0\0".repeat(depth), vec![b'N']].concat();
    assert!(read(&nested(1000)).is_ok());
    assert_eq!(read(&nested(1001)), Err(DecodeErrorKind::TooDeep(1000)));
    assert_eq!(read(&nested(1_000_000)), Err(DecodeErrorKind::TooDeep(1000)));
    let limits = DecodeLimits { bytes: 100, depth: 3, nodes: 4 };
    let kind = |bytes: &[u8]| decode(bytes, &limits).map_err(|error| error.kind);
    assert!(kind(b"[\x03\0\0\0NNN").is_ok());
    assert_eq!(kind(b"[\x04\0\0\0NNNN"), Err(DecodeErrorKind::TooMany(4)));
    assert_eq!(kind(&[b'N'; 101]), Err(DecodeErrorKind::TooLong(100)));
    assert_eq!(decode(b"[\x01\0\0\0?", &limits), Err(DecodeError { at: 6, kind: DecodeErrorKind::UnknownTag(b'?') }));
}
