//! Tests of `python_literal`: expressions against the values they stand for, and what is refused with which words.
//! Not here: tests of asserts (`assert_call/tests.rs`).

use num_bigint::BigInt;
use proptest::prelude::*;

use super::*;

fn read(source: &str) -> Value {
    parse(source).unwrap_or_else(|error| panic!("{source}: {error}"))
}

fn refused(source: &str) -> String {
    parse(source).expect_err(source).to_string()
}

fn numbers(numbers: &[i64]) -> Vec<Value> {
    numbers.iter().copied().map(Value::from).collect()
}

#[test]
fn literals_are_read() {
    assert_eq!(read("None"), Value::None);
    assert_eq!(read("..."), Value::Ellipsis);
    assert_eq!(read(" True "), Value::Bool(true));
    assert_eq!(read("1.5e3"), Value::Float(1500.0));
    assert_eq!(read("'a' \"b\" r'\\n' '\\n'"), Value::from("ab\\n\n"));
    assert_eq!(read("b'a\\xff' b'b'"), Value::Bytes(b"a\xFFb".to_vec()));
    assert_eq!(read("'\\u00e9\\N{BULLET}\u{1F600}'"), Value::from("\u{e9}\u{2022}\u{1F600}"));
}

#[test]
fn integers_of_every_radix_and_size_are_exact() {
    assert_eq!(read("[0x1_0, 0o17, 0b11, 1_000]"), Value::List(numbers(&[16, 15, 3, 1000])));
    assert_eq!(read("0xFFFFFFFFFFFFFFFFFFFF"), Value::Int((BigInt::from(1) << 80) - 1));
    assert_eq!(read("1_0000000000_0000000000"), Value::Int(BigInt::from(10).pow(20)));
    assert_eq!(read(&"9".repeat(5000)), Value::Int(BigInt::from(10).pow(5000) - 1));
}

#[test]
fn containers_keep_their_kind_and_order() {
    assert_eq!(read("(1,)"), Value::Tuple(numbers(&[1])));
    assert_eq!(read("1, 2"), Value::Tuple(numbers(&[1, 2])));
    assert_eq!(read("()"), Value::Tuple(vec![]));
    assert_eq!(read("[\n 1,\n 2,\n]"), Value::List(numbers(&[1, 2])));
    assert_eq!(read("{2, 1, 2}"), Value::Set(numbers(&[2, 1])));
    assert_eq!(read("{}"), Value::Dict(vec![]));
    let pairs = vec![(Value::from(1), Value::from("b")), (Value::Tuple(vec![]), Value::None)];
    assert_eq!(read("{1: 'a', (): None, True: 'b'}"), Value::Dict(pairs));
}

#[test]
fn signs_and_whole_arithmetic_are_computed() {
    assert_eq!(read("-1 + 2 * 3 - -4"), Value::from(9));
    assert_eq!(read("2 ** 100"), Value::Int(BigInt::from(1) << 100));
    assert_eq!(read("-2 ** 2"), Value::from(-4));
    assert_eq!(read("(-1) ** (10 ** 30 + 1)"), Value::from(-1));
    assert_eq!(read("[0 ** 0, 0 ** 5, 1 ** 10 ** 9, (-1) ** 4]"), Value::List(numbers(&[1, 0, 1, 1])));
    assert_eq!(read("+True"), Value::from(1));
    assert!(matches!(read("-0.0"), Value::Float(zero) if zero.is_sign_negative()));
}

#[test]
fn complex_numbers_are_read() {
    assert_eq!(read("1+2j"), Value::Complex { re: 1.0, im: 2.0 });
    assert_eq!(read("-1.5 - 2e3j"), Value::Complex { re: -1.5, im: -2000.0 });
    assert_eq!(read("complex(1, -2.5)"), Value::Complex { re: 1.0, im: -2.5 });
    assert_eq!(read("complex('(1e-05-j)')"), Value::Complex { re: 1e-5, im: -1.0 });
    assert_eq!(read("complex('1')"), Value::Complex { re: 1.0, im: 0.0 });
    assert!(refused("1j * 2").contains("* of complex and int is not supported"));
    assert!(refused("complex('1+2')").contains("not the text of a complex number"));
}

#[test]
fn value_calls_are_read() {
    assert_eq!(read("float('inf')"), Value::Float(f64::INFINITY));
    assert_eq!(read("-float(' -Infinity ')"), Value::Float(f64::INFINITY));
    assert!(matches!(read("float(\"nan\")"), Value::Float(number) if number.is_nan()));
    assert_eq!(read("float(3)"), Value::Float(3.0));
    assert_eq!(read("set()"), Value::Set(vec![]));
    assert_eq!(read("set([1, 1, 2])"), Value::Set(numbers(&[1, 2])));
    assert_eq!(read("frozenset({1})"), Value::FrozenSet(numbers(&[1])));
    assert_eq!(read("list(range(3))"), Value::List(numbers(&[0, 1, 2])));
    assert_eq!(read("list(range(5, -1, -2))"), Value::List(numbers(&[5, 3, 1])));
    assert_eq!(read("set(range(2, 2))"), Value::Set(vec![]));
    assert_eq!(read("tuple('ab')"), Value::Tuple(vec!["a".into(), "b".into()]));
    assert_eq!(read("dict()"), Value::Dict(vec![]));
}

#[test]
fn what_is_no_value_is_named() {
    assert_eq!(refused("[1, x]"), "expected a plain value, found a name: x");
    assert_eq!(
        refused("[i for i in range(3)]"),
        "expected a plain value, found a comprehension: [i for i in range(3)]"
    );
    assert_eq!(refused("f(1)"), "expected a plain value, found a call: f(1)");
    assert_eq!(refused("__import__('os')"), "expected a plain value, found a call: __import__('os')");
    assert_eq!(refused("math.pi"), "expected a plain value, found an attribute: math.pi");
    assert_eq!(refused("f'{1}'"), "expected a plain value, found an f-string: f'{1}'");
    assert_eq!(refused("[*[1]]"), "expected a plain value, found * unpacking: *[1]");
    assert_eq!(refused("{**{}}"), "expected a plain value, found ** unpacking: {}");
    assert_eq!(refused("1 < 2"), "expected a plain value, found a comparison: 1 < 2");
    assert!(refused("range(3)").starts_with("a range is a value only inside list()"));
    assert!(refused("{[]}").starts_with("unhashable type: 'list'"));
    assert!(refused("1 / 2").starts_with("/ of int and int is not supported here"));
    assert!(refused("'a' + 'b'").starts_with("+ of str and str is not supported here"));
    assert!(refused("list(5)").starts_with("int has no items"));
    assert!(refused("").starts_with("not a Python expression"));
    assert!(refused("[1, 2").starts_with("not a Python expression"));
    assert!(refused("x = 1").starts_with("not a Python expression"));
}

#[test]
fn an_escaped_surrogate_is_refused_and_never_replaced() {
    assert!(refused("'\\ud800'").contains("lone surrogate"));
    assert!(refused("'\\U0000dfff'").contains("lone surrogate"));
    assert_eq!(read("'\u{FFFD}\\ufffd'"), Value::from("\u{FFFD}\u{FFFD}"));
    assert_eq!(read("r'\\ud800'"), Value::from("\\ud800"));
}

#[test]
fn results_beyond_the_limits_are_refused() {
    for source in ["10 ** 10 ** 10", "2 ** 1048577", "(2 ** 1000000) * (2 ** 1000000)", "list(range(10 ** 30))"] {
        assert!(refused(source).starts_with("a result larger than"), "{source}");
    }
    let many = format!("[{}]", "list(range(4000000)),".repeat(3));
    assert!(refused(&many).contains("4194304 elements"));
}

#[test]
fn deep_nesting_of_every_kind_is_refused() {
    let deep = 100_000;
    for source in [
        "[".repeat(deep),
        format!("{}{}", "(".repeat(deep), ")".repeat(deep)),
        format!("{}1", "-".repeat(deep)),
        format!("{}1", "1-".repeat(deep)),
        format!("{}1", "not ".repeat(deep)),
        format!("f{}", "()".repeat(deep)),
        format!("{}1", "lambda a, b: ".repeat(deep)),
        format!("{}1", "1 if 1 else ".repeat(deep)),
        format!("a{}", ".a".repeat(deep)),
        format!("[{}1]", "{1:".repeat(deep)),
    ] {
        assert!(refused(&source).contains("200 levels"), "{}", excerpt(&source));
    }
    assert_eq!(read(&format!("{}{}", "[".repeat(200), "]".repeat(200))).type_name(), "list");
}

#[test]
fn breadth_is_no_depth() {
    let wide = format!("[{}]", "-1, (2, {3: 'a' 'b'}), ".repeat(10_000));
    assert!(matches!(read(&wide), Value::List(items) if items.len() == 20_000));
    let brackets = format!("'{}'", "(".repeat(1000));
    assert_eq!(read(&brackets), Value::from("(".repeat(1000).as_str()));
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = parse(&text);
        let _ = crate::reduce_assert(&text);
    }

    #[test]
    fn arbitrary_python_like_text_never_panics(
        parts in proptest::collection::vec(prop::sample::select(vec![
            "[", "]", "(", ")", "{", "}", ",", ":", "1", "-", "**", "+", "*", "'a'", "b'c'", "f'{", "j", "1j", "set", "range",
            "list", "float", "complex", " ", "\n", "\\", "'", "\"\"\"", "0x", "1e9", "==", "assert ", "f", "lambda ", "\u{e9}",
            "9999999999999999999999", "\\ud800", "...", "None",
        ]), 0..30)
    ) {
        let text = parts.concat();
        let _ = parse(&text);
        let _ = crate::reduce_assert(&format!("assert {text}"));
    }

    #[test]
    fn whole_numbers_come_back(number in any::<i128>()) {
        prop_assert_eq!(parse(&number.to_string()), Ok(Value::Int(number.into())));
    }

    #[test]
    fn floats_come_back_bit_for_bit(number in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
        prop_assert_eq!(parse(&format!("{number:?}")), Ok(Value::Float(number)));
    }
}
