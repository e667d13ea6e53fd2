//! Tests of the comparison against tables computed by Python, numpy and EvalPlus's rule, and of its laws.
//! Not here: the codec's own tests.
//! In: `testdata/compare.txt` (`testdata/compare.py` writes it) and generated values. Out: test results.

use std::time::Duration;
use std::time::Instant;

use proptest::prelude::*;

use super::*;
use crate::codec::DecodeLimits;
use crate::codec::decode;
use crate::codec::tests::any_value;

const GOLDEN: &str = include_str!("../../testdata/compare.txt");

fn value(hex: &str) -> Value {
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    decode(&bytes, &DecodeLimits::default()).unwrap()
}

fn oracle(name: &str) -> Oracle {
    match name {
        "Plain" => Oracle::Plain,
        "FindZero" => Oracle::FindZero,
        "AlwaysTrue" => Oracle::AlwaysTrue,
        "ZeroToo" => Oracle::ZeroToo,
        "SurfaceArea" => Oracle::SurfaceArea,
        "DigitDistance" => Oracle::DigitDistance,
        "SetEqual" => Oracle::SetEqual,
        "NotNone" => Oracle::NotNone,
        other => panic!("unknown oracle {other}"),
    }
}

#[test]
fn every_pair_compares_as_in_python() {
    let values: Vec<Value> = GOLDEN.lines().filter_map(|line| line.strip_prefix("value ")).map(value).collect();
    let (mut rows, mut wrong) = (0, Vec::new());
    for line in GOLDEN.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let &[rule, atol, row, results] = words.as_slice() else { continue };
        let (Ok(atol), Ok(row)) = (atol.parse::<f64>(), row.parse::<usize>()) else { continue };
        rows += 1;
        assert_eq!(results.len(), values.len());
        for (expected, result) in values.iter().zip(results.chars()) {
            let actual = &values[row];
            let equal = match rule {
                "eq" => python_eq(actual, expected),
                _ => {
                    let inputs = Value::List(vec![]);
                    evalplus_equal(actual, expected, oracle(rule), &inputs, &mut Tolerance::official(atol))
                }
            };
            if result != '?' && equal != (result == '1') {
                wrong.push(format!("{rule} {atol}: {actual:?} with {expected:?} is {equal}"));
            }
        }
    }
    assert_eq!(rows, 8 * values.len());
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(60)].join("\n"));
}

#[test]
fn every_run_is_judged_as_by_evalplus() {
    let (mut rule, mut tolerance) = (Oracle::Plain, Tolerance::official(0.0));
    let mut wrong = Vec::new();
    for (number, line) in GOLDEN.lines().enumerate() {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["run", name, atol] => {
                (rule, tolerance) = (oracle(name), Tolerance::official(atol.parse().unwrap()));
            }
            ["case", inputs, actual, expected, result] => {
                let (inputs, actual, expected) = (value(inputs), value(actual), value(expected));
                let equal = evalplus_equal(&actual, &expected, rule, &inputs, &mut tolerance);
                if equal != (*result == "1") {
                    wrong.push(format!("{}: {rule:?} of {inputs:?}: {actual:?} is {equal}", number + 1));
                }
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn real_semantics_forget_the_tolerance_of_earlier_inputs() {
    let nested = |number: f64| Value::List(vec![Value::List(vec![Value::Float(number)])]);
    let judge = |tolerance: &mut Tolerance| {
        let inputs = Value::List(vec![]);
        let mut equal = |a: &Value, b: &Value| evalplus_equal(a, b, Oracle::Plain, &inputs, tolerance);
        (equal(&Value::Float(0.1 + 0.2), &Value::Float(0.3)), equal(&nested(0.1 + 0.2), &nested(0.3)))
    };
    assert_eq!(judge(&mut Tolerance::official(0.0)), (true, true));
    assert_eq!(judge(&mut Tolerance::real(0.0)), (true, false));
}

#[test]
fn livecodebench_takes_an_outer_tuple_for_a_list() {
    let (list, tuple) = (Value::List(vec![1.into()]), Value::Tuple(vec![1.into()]));
    assert!(livecodebench_equal(&tuple, &list));
    assert!(livecodebench_equal(&list, &list));
    assert!(!livecodebench_equal(&list, &tuple));
    assert!(!livecodebench_equal(&Value::List(vec![tuple]), &Value::List(vec![list])));
    assert!(livecodebench_equal(&Value::Bool(true), &Value::Float(1.0)));
    assert!(!livecodebench_equal(&Value::Float(0.1 + 0.2), &Value::Float(0.3)));
}

#[test]
fn opaque_values_equal_nothing() {
    let opaque = Value::Opaque { type_name: "generator".into() };
    assert!(!python_eq(&opaque, &opaque));
    assert!(!python_eq(&Value::Set(vec![opaque.clone()]), &Value::Set(vec![opaque])));
}

fn ints(numbers: impl Iterator<Item = i64>) -> Vec<Value> {
    numbers.map(Value::from).collect()
}

#[test]
fn members_that_hostile_bytes_repeat_count_once() {
    let set = |members: &[i64]| Value::Set(ints(members.iter().copied()));
    assert!(python_eq(&set(&[1, 1, 2]), &set(&[2, 1])));
    assert!(!python_eq(&set(&[1, 1]), &set(&[2, 1])));
    assert!(!python_eq(&set(&[1, 2, 3]), &set(&[2, 1])));
    let dict = |pairs: &[(i64, i64)]| Value::Dict(pairs.iter().map(|(k, v)| (Value::from(*k), (*v).into())).collect());
    assert!(python_eq(&dict(&[(1, 5), (1, 2)]), &dict(&[(1, 2)])));
    assert!(!python_eq(&dict(&[(1, 2), (1, 5)]), &dict(&[(1, 2)])));
    let nested = |members: &[i64]| Value::Set(vec![Value::FrozenSet(ints(members.iter().copied()))]);
    assert!(python_eq(&nested(&[1, 1, 2]), &nested(&[2, 1])));
}

fn within(seconds: u64, what: impl FnOnce()) {
    let start = Instant::now();
    what();
    assert!(start.elapsed() < Duration::from_secs(seconds), "took {:?}", start.elapsed());
}

#[test]
fn large_sets_and_dicts_compare_in_linear_time() {
    let forward = Value::Set(ints(0..200_000));
    let backward = Value::Set(ints((0..200_000).rev()));
    within(20, || assert!(python_eq(&forward, &backward)));
    let pairs = |numbers: &mut dyn Iterator<Item = i64>| {
        Value::Dict(numbers.map(|n| (Value::Tuple(vec![n.into()]), n.into())).collect())
    };
    within(20, || assert!(python_eq(&pairs(&mut (0..100_000)), &pairs(&mut (0..100_000).rev()))));
}

#[test]
fn members_crafted_to_share_a_hash_cost_no_more() {
    let prime = (num_bigint::BigInt::from(1) << 61) - 1;
    let crafted = (0..200_000_u32).map(|n| Value::Int(&prime * n)).collect();
    within(20, || assert!(!python_eq(&Value::Set(crafted), &Value::Set(ints(0..1000)))));
    let repeated = Value::Set(vec![Value::from(0); 200_000]);
    within(20, || assert!(!python_eq(&repeated, &Value::Set(ints(0..1000)))));
}

#[test]
fn hostile_exponents_are_never_written_out() {
    let decimals = ["1E+999999999999999999", "1E-1999999999999999997", "9E+400000000", "1E+30"];
    let numbers = [Value::from(7), Value::Int(num_bigint::BigInt::from(1) << 1_000_000), Value::Float(1e300)];
    within(5, || {
        for decimal in decimals.map(|text| Value::Decimal(text.into())) {
            for number in &numbers {
                assert!(!python_eq(&decimal, number));
                assert!(!python_eq(&Value::Set(vec![decimal.clone()]), &Value::Set(vec![number.clone()])));
            }
        }
        let long = Value::Decimal(format!("3.{}", "7".repeat(1_000_000)));
        let third = Value::Fraction { numerator: 34.into(), denominator: 9.into() };
        assert!(!python_eq(&long, &third));
        assert!(!python_eq(&long, &Value::Float(34.0 / 9.0)));
    });
}

#[test]
fn broadcasting_a_small_answer_against_a_large_one_is_bounded() {
    let column = |count: i64| Value::List((0..count).map(|_| Value::List(vec![Value::Float(1.0)])).collect());
    let row = |count: usize| vec![Value::Float(1.0); count];
    let actual = Value::List(vec![Value::List(row(20_000)); 20]);
    within(10, || assert!(close::close(&actual, &column(20), 1e-6)));
    let actual = Value::List(vec![Value::List(vec![Value::List(row(1000))]); 20_000 / 1000]);
    assert!(close::close(&actual, &column(20), 1e-6));
    let cube = |inner: Value| Value::List(vec![inner]);
    let wide = cube(cube(Value::List(row(10_000))));
    let tall = cube(column(10_000));
    within(10, || assert!(!close::close(&wide, &tall, 1e-6)));
}

#[test]
fn the_deepest_values_fit_a_small_stack() {
    let nested = |depth: usize, tag: &[u8]| {
        let mut bytes = tag.repeat(depth);
        bytes.push(b'N');
        decode(&bytes, &DecodeLimits::default()).unwrap()
    };
    for tag in [b"[\x01\0\0\0", b"<\x01\0\0\0", b">\x01\0\0\0", b"(\x01\0\0\0"] {
        let (a, b) = (nested(1000, tag), nested(1000, tag));
        assert!(python_eq(&a, &b));
        assert!(!close::close(&a, &b, 1e-6));
        assert_eq!(crate::codec::encode(&a), crate::codec::encode(&b.clone()));
    }
}

/// The same value with other types, other orders and other duplicates, as far as Python's `==` does not care.
fn disguise(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => Value::from(i64::from(*truth)),
        Value::Int(int) => Value::Decimal(int.to_string()),
        Value::Float(float) if !float.is_nan() => Value::Complex { re: *float, im: -0.0 },
        Value::Tuple(items) => Value::Tuple(items.iter().map(disguise).collect()),
        Value::List(items) => Value::List(items.iter().map(disguise).collect()),
        Value::Set(items) => Value::FrozenSet(items.iter().rev().map(disguise).collect()),
        Value::FrozenSet(items) => Value::Set(items.iter().chain(items).map(disguise).collect()),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn equality_is_symmetric_and_sees_through_disguises(a in any_value(), b in any_value()) {
        prop_assert_eq!(python_eq(&a, &b), python_eq(&b, &a));
        prop_assert_eq!(python_eq(&a, &a), python_eq(&disguise(&a), &a));
        prop_assert_eq!(python_eq(&a, &b), python_eq(&disguise(&a), &b));
    }

    #[test]
    fn whatever_is_equal_passes_every_tolerance(a in any_value(), b in any_value(), atol in 0.0..1.0_f64) {
        let inputs = Value::List(vec![]);
        let judge = |b: &Value| evalplus_equal(&a, b, Oracle::Plain, &inputs, &mut Tolerance::official(atol));
        prop_assert!(!python_eq(&a, &a) || judge(&a));
        prop_assert!(!python_eq(&a, &b) || judge(&b));
    }

    #[test]
    fn no_oracle_panics(a in any_value(), b in any_value(), inputs in any_value()) {
        for name in ["Plain", "FindZero", "AlwaysTrue", "ZeroToo", "SurfaceArea", "DigitDistance", "SetEqual", "NotNone"] {
            for inputs in [inputs.clone(), Value::List(vec![inputs.clone(); 2]), Value::List(vec![inputs.clone()])] {
                let _ = evalplus_equal(&a, &b, oracle(name), &inputs, &mut Tolerance::official(0.1));
            }
        }
    }
}

#[test]
fn an_answer_that_leaves_nothing_to_compare_is_close_only_for_evalplus_itself() {
    let nothing = Value::List(vec![Value::List(vec![])]);
    let one_float = Value::List(vec![Value::Float(1.5)]);
    let judge = |mut tolerance: Tolerance| {
        evalplus_equal(&nothing, &one_float, Oracle::Plain, &Value::List(vec![]), &mut tolerance)
    };
    assert!(judge(Tolerance::official(1e-6)), "numpy.allclose([[]], [1.5])");
    assert!(!judge(Tolerance::real(1e-6)));
}

#[test]
fn apps_takes_the_expected_value_or_the_first_item_of_a_list() {
    let value = |source: &str| trialbox_datasets::python_literal::parse(source).unwrap();
    let equal = |actual, expected| apps_equal(&value(actual), &value(expected));
    for (actual, expected) in
        [("3", "3"), ("3", "[3]"), ("[3]", "[3]"), ("(1, 2)", "[1, 2]"), ("(1, 2)", "[[1, 2]]"), ("1", "[1, 2]")]
    {
        assert!(equal(actual, expected), "{actual} for {expected}");
    }
    assert!(equal("[(1, 2), (3,)]", "[[[1, 2], [3]]]") && equal("((1,), [2])", "[[[1], [2]]]"));
    for (actual, expected) in [
        ("[3]", "3"),
        ("2", "[1, 2]"),
        ("[]", "[3]"),
        ("[(1, 2)]", "[[1, 2]]"),
        ("[[1], (2,)]", "[[[1], [2]]]"),
        ("[(1,), 2]", "[[[1], 2]]"),
    ] {
        assert!(!equal(actual, expected), "{actual} for {expected}");
    }
}
