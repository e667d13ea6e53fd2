//! The argument types that JSON could not hold: which MBPP+ tasks take tuples, sets and complex numbers, and where.
//! Not here: the rest of a row (`mbpp`).
//! In: a task id and an argument list as JSON has it. Out: the arguments as EvalPlus 0.3.1 passes them.
//!
//! The table restates `mbpp_deserialize_inputs` of <https://github.com/evalplus/evalplus>; `tests/shared_files/evalplus.rs`
//! holds the digest of what that function gives for the whole dataset.

use crate::members;
use crate::python_literal::complex_value_of;
use crate::python_literal::float_of;
use crate::python_literal::iterate;
use crate::row::RowErrorKind;
use crate::value::Value;

/// What becomes of an argument list.
#[derive(Debug)]
enum Arguments {
    /// Every argument takes the shape.
    Every(Shape),
    /// The first arguments take these shapes; there are no others.
    These(&'static [Shape]),
    /// The same, and the argument list itself is a tuple.
    TupleOfThese(&'static [Shape]),
    /// The first argument takes the shape; the others stay.
    First(Shape),
    /// Every list at any depth, the argument list included, is a tuple.
    AllTuples,
}

/// What becomes of a value.
#[derive(Debug)]
enum Shape {
    /// It stays.
    Same,
    /// Its items become a tuple.
    Tuple,
    /// A list becomes a tuple, anything else stays.
    TupleIfList,
    /// A non-empty list becomes a set, anything else an empty dict.
    SetOrEmptyDict,
    /// `float(value)`.
    Float,
    /// `complex(value)`.
    Complex,
    /// A list of its items, each in the shape.
    ListOf(&'static Shape),
    /// A tuple of its items, each in the shape.
    TupleOf(&'static Shape),
    /// A dict with the same keys, each value in the shape.
    DictOf(&'static Shape),
}

use Shape::Complex;
use Shape::DictOf;
use Shape::Float;
use Shape::ListOf;
use Shape::Same;
use Shape::SetOrEmptyDict;
use Shape::Tuple;
use Shape::TupleIfList;
use Shape::TupleOf;

/// The tasks whose arguments are not what JSON says.
static TASKS: &[(&[u32], Arguments)] = &[
    (
        &[2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809],
        Arguments::Every(Tuple),
    ),
    (&[63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780], Arguments::Every(ListOf(&Tuple))),
    (&[75, 413, 444, 753], Arguments::These(&[ListOf(&Tuple), Same])),
    (&[106, 750], Arguments::These(&[Same, Tuple])),
    (&[115], Arguments::These(&[ListOf(&SetOrEmptyDict)])),
    (&[124], Arguments::TupleOfThese(&[Float, Complex])),
    (&[250, 405, 446, 617, 720, 763, 808], Arguments::These(&[Tuple, Same])),
    (&[252], Arguments::These(&[Complex])),
    (&[259, 401, 445], Arguments::Every(TupleOf(&Tuple))),
    (&[278], Arguments::These(&[TupleOf(&TupleIfList)])),
    (&[307], Arguments::These(&[Tuple, Same, Same])),
    (&[580, 615, 791], Arguments::AllTuples),
    (&[722], Arguments::First(DictOf(&Tuple))),
];

/// Puts the arguments of a task into their real types.
pub(crate) fn restore(task_id: &str, arguments: Vec<Value>) -> Result<Value, RowErrorKind> {
    let number = task_id.rsplit('/').next().and_then(|number| number.parse().ok());
    let number: u32 = number.ok_or_else(|| RowErrorKind::bad_value("task_id", "it does not end in a number"))?;
    let rule = TASKS.iter().find(|(numbers, _)| numbers.contains(&number)).map(|(_, rule)| rule);
    let restored = match rule {
        None => Ok(Value::List(arguments)),
        Some(Arguments::Every(shape)) => all(shape, arguments).map(Value::List),
        Some(Arguments::These(shapes)) => these(shapes, arguments).map(Value::List),
        Some(Arguments::TupleOfThese(shapes)) => these(shapes, arguments).map(Value::Tuple),
        Some(Arguments::First(shape)) => first(shape, arguments).map(Value::List),
        Some(Arguments::AllTuples) => Ok(all_tuples(Value::List(arguments))),
    };
    restored.map_err(|reason| RowErrorKind::bad_value("inputs", reason))
}

fn all(shape: &Shape, values: Vec<Value>) -> Result<Vec<Value>, String> {
    values.into_iter().map(|value| reshape(shape, value)).collect()
}

fn these(shapes: &[Shape], arguments: Vec<Value>) -> Result<Vec<Value>, String> {
    if arguments.len() < shapes.len() {
        return Err(format!("expected {} arguments, found {}", shapes.len(), arguments.len()));
    }
    shapes.iter().zip(arguments).map(|(shape, argument)| reshape(shape, argument)).collect()
}

fn first(shape: &Shape, mut arguments: Vec<Value>) -> Result<Vec<Value>, String> {
    let argument = arguments.first_mut().ok_or("expected at least one argument, found none")?;
    *argument = reshape(shape, std::mem::replace(argument, Value::None))?;
    Ok(arguments)
}

fn reshape(shape: &Shape, value: Value) -> Result<Value, String> {
    Ok(match (shape, value) {
        (Same, value) => value,
        (Tuple, value) => Value::Tuple(items(value)?),
        (TupleIfList, Value::List(items)) => Value::Tuple(items),
        (TupleIfList, value) => value,
        (SetOrEmptyDict, Value::List(items)) if !items.is_empty() => {
            Value::Set(members::distinct(items).map_err(|error| error.to_string())?)
        }
        (SetOrEmptyDict, _) => Value::Dict(vec![]),
        (Float, value) => Value::Float(float_of(&value)?),
        (Complex, value) => complex_value_of(&value)?,
        (ListOf(shape), value) => Value::List(all(shape, items(value)?)?),
        (TupleOf(shape), value) => Value::Tuple(all(shape, items(value)?)?),
        (DictOf(shape), Value::Dict(pairs)) => {
            let reshaped = pairs.into_iter().map(|(key, value)| Ok((key, reshape(shape, value)?)));
            Value::Dict(reshaped.collect::<Result<_, String>>()?)
        }
        (DictOf(_), other) => return Err(format!("expected a dict, found {}", other.type_name())),
    })
}

fn items(value: Value) -> Result<Vec<Value>, String> {
    let name = value.type_name();
    iterate(value).ok_or_else(|| format!("expected something with items, found {name}"))
}

// Recursion is safe: values read from JSON are at most 200 levels deep.
fn all_tuples(value: Value) -> Value {
    match value {
        Value::List(items) => Value::Tuple(items.into_iter().map(all_tuples).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python_json;
    use crate::python_literal;

    fn restored(number: u32, arguments: &str) -> Value {
        let Ok(Value::List(arguments)) = python_json::parse(arguments.as_bytes()) else { panic!("not a list") };
        restore(&format!("Mbpp/{number}"), arguments).expect("the arguments fit the task")
    }

    #[test]
    fn arguments_take_the_types_of_their_task() {
        for (number, arguments, expected) in [
            (1, "[[1], 2]", "[[1], 2]"),
            (2, "[[1, [2]], \"ab\"]", "[(1, [2]), ('a', 'b')]"),
            (63, "[[[1, 2], [3]]]", "[[(1, 2), (3,)]]"),
            (75, "[[[1], []], 6, 7]", "[[(1,), ()], 6]"),
            (106, "[[1], [2]]", "[[1], (2,)]"),
            (115, "[[[1, 1, 2], [], {\"a\": 1}]]", "[[{1, 2}, {}, {}]]"),
            (124, "[\"1.5\", \"(0+2j)\"]", "(1.5, 2j)"),
            (250, "[[1], 2]", "[(1,), 2]"),
            (252, "[\"(-0-1e-05j)\"]", "[complex(-0.0, -1e-05)]"),
            (259, "[[[1], [2]], [[3]]]", "[((1,), (2,)), ((3,),)]"),
            (278, "[[1, [2, [3]], \"ab\"]]", "[(1, (2, [3]), 'ab')]"),
            (307, "[[1], 2, 3]", "[(1,), 2, 3]"),
            (580, "[[1, [2, []]]]", "((1, (2, ())),)"),
            (722, "[{\"a\": [1, 2]}, 3, 4]", "[{'a': (1, 2)}, 3, 4]"),
        ] {
            assert_eq!(Ok(restored(number, arguments)), python_literal::parse(expected), "Mbpp/{number}");
        }
    }

    #[test]
    fn no_task_stands_in_the_table_twice() {
        let mut numbers: Vec<u32> = TASKS.iter().flat_map(|(numbers, _)| numbers.iter().copied()).collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }

    #[test]
    fn arguments_that_do_not_fit_are_refused() {
        assert!(restore("Mbpp/124", vec![Value::from(1)]).is_err());
        assert!(restore("Mbpp/252", vec![Value::from("i")]).is_err());
        assert!(restore("Mbpp/722", vec![]).is_err());
        assert!(restore("Mbpp/x", vec![]).is_err());
    }
}
