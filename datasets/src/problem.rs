//! The problem vocabulary: what a candidate is asked to do, and what decides whether it did.
//! Not here: reading rows (one file per dataset), running anything (`runner`), judging (`verifier`).
//! In: nothing. Out: the types that the other files fill and the verifier reads.

use std::sync::Arc;

use crate::value::Value;

/// One task of a benchmark.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The dataset's own name for it, such as `HumanEval/0`.
    pub task_id: String,
    /// The text a model was shown. Where it is the beginning of a program, a bare `completion` continues it.
    pub prompt: String,
    /// What the dataset keeps apart of what a model is shown.
    pub shown: Shown,
    /// A program known to be right, where the dataset has one. What holds for any program holds for it: the preamble of
    /// its test code, if there is one, is put before it and is no part of it.
    pub canonical: Option<String>,
    /// The tests.
    pub tests: Tests,
}

impl Problem {
    /// How many bytes of memory its tests take, about. Expected values that nobody knows yet count as much as the inputs.
    pub fn test_bytes(&self) -> usize {
        let all = |values: &[Value]| values.iter().map(Value::bytes).sum::<usize>();
        match &self.tests {
            Tests::Function(FunctionTests { inputs, expected, .. }) => {
                all(inputs)
                    + match expected {
                        Expected::Given(values) => all(values),
                        Expected::FromCanonical => all(inputs),
                    }
            }
            Tests::Stdin(tests) => tests.iter().map(|test| test.input.len() + test.output.len()).sum(),
            Tests::Asserts(code) => code.preamble.len() + code.source.len(),
        }
    }
}

/// What a dataset keeps apart of what a model is shown, for prompts that put it elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The code that an answer is to begin with. The prompt ends in it, behind an empty line.
    pub starter_code: Option<String>,
    /// Tests, as the row writes them. The prompt does not have them.
    pub tests: Vec<String>,
}

impl Problem {
    /// What is asked: the prompt without the starter code.
    pub fn question(&self) -> &str {
        let without = |code: &String| self.prompt.strip_suffix(code.as_str())?.strip_suffix(STARTER_GAP);
        self.shown.starter_code.as_ref().and_then(without).unwrap_or(&self.prompt)
    }
}

/// What stands between a question and the starter code.
const STARTER_GAP: &str = "\n\n";

/// A prompt that is a question and perhaps starter code, and what is to be known of it.
pub(crate) fn prompt_with_starter(question: String, starter_code: Option<String>) -> (String, Shown) {
    let prompt = match &starter_code {
        Some(code) => format!("{question}{STARTER_GAP}{code}"),
        None => question,
    };
    (prompt, Shown { starter_code, tests: Vec::new() })
}

/// What a candidate is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Python.
    #[default]
    Python,
    /// C++ of a standard.
    Cpp(CppStandard),
}

/// Which C++.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CppStandard {
    /// C++14.
    Cpp14,
    /// C++17.
    #[default]
    Cpp17,
    /// C++20.
    Cpp20,
    /// C++23.
    Cpp23,
}

impl Language {
    /// Whether it is Python.
    pub fn is_python(self) -> bool {
        self == Self::Python
    }

    /// The names that rows may give, as messages have them.
    pub(crate) const NAMES: &str = "python, cpp (which is cpp17), cpp14, cpp17, cpp20 or cpp23";

    /// Its name in rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Cpp(CppStandard::Cpp14) => "cpp14",
            Self::Cpp(CppStandard::Cpp17) => "cpp17",
            Self::Cpp(CppStandard::Cpp20) => "cpp20",
            Self::Cpp(CppStandard::Cpp23) => "cpp23",
        }
    }

    /// A language by its name in rows; `None` for one that is not known.
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().replace("c++", "cpp").as_str() {
            "python" | "python3" => Self::Python,
            "cpp" => Self::Cpp(CppStandard::default()),
            "cpp14" => Self::Cpp(CppStandard::Cpp14),
            "cpp17" => Self::Cpp(CppStandard::Cpp17),
            "cpp20" => Self::Cpp(CppStandard::Cpp20),
            "cpp23" => Self::Cpp(CppStandard::Cpp23),
            _ => return None,
        })
    }
}

/// How a candidate is tested.
#[derive(Clone, Debug)]
pub enum Tests {
    /// Call a function with each input and compare what it returns.
    Function(FunctionTests),
    /// Run the whole program with each text on stdin and compare its stdout.
    Stdin(Vec<StdinTest>),
    /// Run test code that asks the program.
    Asserts(TestCode),
}

/// Test code in Python. It runs where the program does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestCode {
    /// What stands before the program and before the tests: imports, and the classes that arguments and answers may be
    /// of (LeetCode's `ListNode`). Empty in most datasets.
    pub preamble: String,
    /// The tests.
    pub source: String,
    /// How they are run.
    pub form: TestForm,
}

/// How test code is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestForm {
    /// Its statements one after the other; whatever they name and do not define is the program's (MBPP's `test_list`).
    Statements,
    /// It defines `check`, which is called with what this expression gives (HumanEval, LeetCodeDataset).
    Check {
        /// Such as `has_close_elements` or `Solution().twoSum`.
        candidate: String,
    },
    /// Its functions `test_*` are called, as pytest does; it imports the program as `solution`, or names what is there
    /// (KodCode).
    Pytest,
}

/// Function tests: inputs, and where the answers come from.
#[derive(Clone, Debug)]
pub struct FunctionTests {
    /// The function's name.
    pub entry_point: String,
    /// The argument lists in order, each a [`Value::List`] or [`Value::Tuple`] of positional arguments.
    pub inputs: Arc<[Value]>,
    /// How many of the inputs are the benchmark's base tests; the rest are its plus tests. Equal to the number of
    /// inputs in a dataset with one set of tests only.
    pub base_count: usize,
    /// The expected values.
    pub expected: Expected,
    /// How returned and expected values are compared.
    pub comparison: Comparison,
}

/// Where the expected values of function tests come from.
#[derive(Clone, Debug)]
pub enum Expected {
    /// One value per input.
    Given(Arc<[Value]>),
    /// Whatever the canonical solution returns.
    FromCanonical,
}

/// Whose rule compares a returned value with the expected one.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// EvalPlus: Python equality, then a tolerance (`atol`), then the special oracle of the entry point, if any.
    EvalPlus {
        /// The row's absolute tolerance; 0 means exact.
        atol: f64,
        /// The task's special rule.
        oracle: Oracle,
    },
    /// APPS's rule for functions, as TACO's, rLLM's and verl's graders have it. The answer, in which one outer tuple
    /// counts as a list, must be the expected value or, where that is a list, its first item, since some rows wrap every
    /// expected value in a list; there, tuples in the answer count as lists too. Python equality without tolerance.
    Apps,
    /// LiveCodeBench call-based: one outer tuple counts as a list, then Python equality without tolerance.
    LiveCodeBench,
    /// Python equality and nothing else, as `assert f(x) == y` has it.
    Equality,
}

/// EvalPlus's special rules, by the entry point that has them (`evalplus/eval/__init__.py`, `_special_oracle.py`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Oracle {
    /// None: the ordinary comparison.
    #[default]
    Plain,
    /// `find_zero` (HumanEval/32): the polynomial's value at the answer must be within `atol` of zero.
    FindZero,
    /// `are_equivalent` (Mbpp/164): every answer is accepted.
    AlwaysTrue,
    /// `sum_div` (Mbpp/295): 0 is accepted too.
    ZeroToo,
    /// `surface_Area` (Mbpp/581): also the formula with the true slant height, rounded.
    SurfaceArea,
    /// `digit_distance_nums` (Mbpp/558): also the digit distance of the zero-padded numbers.
    DigitDistance,
    /// Equal as sets: `set(actual) == set(expected)`.
    SetEqual,
    /// Truthiness: a bool is compared as it is; anything else counts by whether it is not `None`.
    NotNone,
}

/// One stdin test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StdinTest {
    /// What stands on stdin.
    pub input: String,
    /// What must stand on stdout, up to the comparison rule of `verifier::compare`.
    pub output: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_takes_as_much_as_its_tests() {
        let of = |tests| {
            let (task_id, prompt, shown) = (String::new(), String::new(), Shown::default());
            Problem { task_id, prompt, shown, canonical: None, tests }.test_bytes()
        };
        let one = size_of::<Value>();
        let numbers = Value::List((0..100).map(Value::from).collect());
        let function = |expected| {
            let inputs = Arc::from([numbers.clone(), Value::from("text")]);
            let comparison = Comparison::Equality;
            Tests::Function(FunctionTests { entry_point: String::new(), inputs, base_count: 2, expected, comparison })
        };
        assert_eq!(of(function(Expected::FromCanonical)), 2 * (102 * one + 4));
        assert_eq!(of(function(Expected::Given(Arc::from([Value::None])))), 103 * one + 4);
        let test = |length: usize| StdinTest { input: "1".repeat(length), output: "2".repeat(length) };
        assert_eq!(of(Tests::Stdin(vec![test(10), test(3_000_000)])), 6_000_020);
    }
}
