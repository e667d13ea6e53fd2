//! Tests of `python_json`: what Python writes comes back exactly, and hostile bytes only ever give an error.
//! Not here: tests of rows and files (`row`, and each dataset's file).

use num_bigint::BigInt;
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Value {
    parse(text.as_bytes()).expect("the document is well formed")
}

fn refused(text: &str) -> String {
    parse(text.as_bytes()).expect_err("the document is not acceptable").to_string()
}

#[test]
fn integers_of_any_size_are_exact() {
    let digits = "1234567890".repeat(40);
    let expected: BigInt = format!("-{digits}").parse().expect("digits");
    assert_eq!(read(&format!("-{digits}")), Value::Int(expected));
    assert_eq!(read("18446744073709551616"), Value::Int(BigInt::from(1u128 << 64)));
    assert_eq!(read("-9223372036854775808"), Value::from(i64::MIN));
}

#[test]
fn an_integer_and_a_float_stay_apart() {
    assert_eq!(read("[1, 1.0, 1e0, -0]"), {
        let one = Value::Float(1.0);
        Value::List(vec![Value::from(1), one.clone(), one, Value::from(0)])
    });
}

#[test]
fn bare_infinity_and_nan_are_floats() {
    let Value::List(items) = read("[Infinity, -Infinity, NaN]") else { panic!("not a list") };
    assert_eq!(items[0], Value::Float(f64::INFINITY));
    assert_eq!(items[1], Value::Float(f64::NEG_INFINITY));
    assert!(matches!(items[2], Value::Float(number) if number.is_nan()));
}

#[test]
fn floats_out_of_range_become_infinite_as_in_python() {
    assert_eq!(read("1e400"), Value::Float(f64::INFINITY));
    assert_eq!(read("1e-400"), Value::Float(0.0));
}

#[test]
fn negative_zero_keeps_its_sign() {
    assert!(matches!(read("-0.0"), Value::Float(number) if number == 0.0 && number.is_sign_negative()));
}

#[test]
fn a_repeated_key_keeps_the_first_place_and_the_last_value() {
    let pairs = vec![("a".into(), Value::from(3)), ("b".into(), Value::from(2))];
    assert_eq!(read(r#"{"a": 1, "b": 2, "a": 3}"#), Value::Dict(pairs));
}

#[test]
fn surrogate_pairs_are_one_character() {
    assert_eq!(read(r#""\ud83d\ude00""#), Value::from("\u{1F600}"));
}

#[test]
fn lone_surrogates_come_through() {
    for (document, bytes) in [
        (r#""a\ud83db""#, &b"a\xED\xA0\xBDb"[..]),
        (r#""\ude00""#, b"\xED\xB8\x80"),
        (r#""\ud83d""#, b"\xED\xA0\xBD"),
        (r#""\ud83d\n""#, b"\xED\xA0\xBD\n"),
        (r#""\ud83d\ud83d\ude00""#, b"\xED\xA0\xBD\xF0\x9F\x98\x80"),
        (r#""\\ud83d\uD83d""#, b"\\ud83d\xED\xA0\xBD"),
    ] {
        let Value::Str(text) = read(document) else { panic!("{document} is a string") };
        assert_eq!(text.as_bytes(), bytes, "{document}");
    }
}

#[test]
fn a_lone_surrogate_beside_its_stand_in_is_refused() {
    assert!(refused("[\"\\ud83d\", \"\u{FDD0}\"]").contains("U+FDD0"));
    assert!(refused(r#"["\ud83d", "\uFdd0"]"#).contains("U+FDD0"));
    assert_eq!(read("\"\u{FDD0}\""), Value::from("\u{FDD0}"));
}

#[test]
fn nesting_beyond_the_limit_is_refused_and_below_it_read() {
    assert_eq!(read(&format!("{}{}", "[".repeat(200), "]".repeat(200))).type_name(), "list");
    assert!(refused(&"[".repeat(100_000)).contains("200 levels"));
    assert!(refused(&"{\"a\":".repeat(100_000)).contains("200 levels"));
}

#[test]
fn errors_say_where_and_what() {
    assert_eq!(refused("{\"a\": }"), "malformed JSON at byte 6: expected value");
    assert_eq!(refused("{\"a\": 1"), "malformed JSON at byte 7: EOF while parsing an object");
    assert_eq!(refused("1 2"), "malformed JSON at byte 2: trailing characters");
    assert!(refused(&"9".repeat(5000)).contains("4300 digits"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn arbitrary_json_like_text_never_panics(text in r#"[\[\]{}",:0-9eE+\-.\\udDaAtrunlINf ]{0,80}"#) {
        let _ = parse(text.as_bytes());
    }

    #[test]
    fn every_finite_float_comes_back_bit_for_bit(number in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
        prop_assert_eq!(parse(format!("{number:?}").as_bytes()), Ok(Value::Float(number)));
    }
}
