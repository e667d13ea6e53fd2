//! Plans: a problem made ready for many candidates, and the jobs that one candidate gives rise to.
//! Not here: running them (`verify`), judging what came of them (`judge`).

mod digest;
mod gates;

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use trialbox_datasets::{
    problem::{Comparison, Expected, FunctionTests, Language, Oracle, Problem, StdinTest, TestCode, Tests},
    value::Value,
};
use trialbox_runner::{Calls, Driver, Inputs, Job, Limits, Prelude, Task};

pub(crate) use self::gates::Gates;
use crate::{
    asserts::{AssertPlan, AssertReference},
    codec::{DecodeLimits, decode, encode, may_hold_nan},
    compare::Tolerance,
    ending::{FIRM_PERCENT, with_headroom},
    lcb_runner,
    oracle::expected_from_canonical,
    reference::{Answer, Reference},
};

/// Whose reading of the benchmark decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Semantics {
    /// What the problem means.
    #[default]
    Real,
    /// What the benchmark's own grader does, quirks included.
    Official,
}

/// Limits that do not come from the problem itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// CPU time per test, instead of what the canonical solution suggests.
    pub cpu_ms: Option<u64>,
    /// Memory, instead of the default.
    pub memory_bytes: Option<u64>,
}

const SECOND_NS: u64 = 1_000_000_000;
/// EvalPlus's `gt_time_limit_factor`, taken over under both semantics.
const FACTOR: u64 = 4;
/// A problem made ready: inputs and expected values encoded, limits settled. Shared by all its candidates.
#[derive(Debug)]
pub struct Plan {
    pub(crate) tests: PlannedTests,
    limits: Limits,
    /// The limits of the calls, with headroom.
    loose_call_cpu_ns: Arc<[u64]>,
    semantics: Semantics,
    digest: OnceLock<blake3::Hash>,
}

#[derive(Debug)]
pub(crate) enum PlannedTests {
    Function(FunctionPlan),
    Stdin(StdinPlan),
    Asserts(AssertPlan),
}

/// Stdin tests made ready.
#[derive(Debug)]
pub(crate) struct StdinPlan {
    pub(crate) tests: Vec<ScriptTest>,
    /// CPU limit of each test; empty for the same limit on all.
    cpu_ns: Vec<u64>,
}

/// One stdin test. What stands on stdin may be large, and is shared by all runs.
#[derive(Debug)]
pub(crate) struct ScriptTest {
    pub(crate) input: Arc<[u8]>,
    pub(crate) output: String,
}

impl From<&StdinTest> for ScriptTest {
    fn from(test: &StdinTest) -> Self {
        Self { input: test.input.as_bytes().into(), output: test.output.clone() }
    }
}

/// Function tests made ready. Values are kept encoded: thousands of them would be ten times larger decoded.
#[derive(Debug)]
pub(crate) struct FunctionPlan {
    pub(crate) entry_point: String,
    pub(crate) driver: Driver,
    pub(crate) inputs: Arc<Inputs>,
    pub(crate) base_count: usize,
    pub(crate) expected: Vec<ExpectedAnswer>,
    pub(crate) rule: Rule,
    /// CPU limit of each call.
    pub(crate) call_cpu_ns: Arc<[u64]>,
    pub(crate) gates: Gates,
}

impl FunctionPlan {
    /// Whether the program is driven, and its failures are numbered, as lcb_runner does it.
    pub(crate) fn is_lcb_runners(&self) -> bool {
        matches!(self.driver, Driver::LcbRunnerFunction | Driver::LcbRunnerStdin)
    }
}

/// How answers are compared with expected ones.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    /// As values.
    Values(Comparison),
    /// As texts that were printed.
    Stdout,
}

/// One expected value.
#[derive(Debug)]
pub(crate) struct ExpectedAnswer {
    /// The value, encoded, or the digest of one too large to be sent.
    pub(crate) answer: Answer,
    /// Whether equal bytes mean an equal value (not so where a NaN is inside, or a special rule decides).
    pub(crate) equals_itself: bool,
    /// EvalPlus's tolerance as it stands when this answer is compared.
    pub(crate) tolerance: Tolerance,
}

impl Plan {
    /// Makes a problem ready. `inputs` are its function inputs, encoded, and `reference` is what its canonical solution
    /// answers, where limits or expected values come from there.
    pub(crate) fn new(
        problem: &Problem,
        inputs: Arc<Inputs>,
        reference: Option<Reference>,
        semantics: Semantics,
        allowance: Allowance,
    ) -> Self {
        let limits = base_limits(problem, semantics, allowance);
        match &problem.tests {
            Tests::Function(tests) => {
                let (plan, limits) = plan_function(tests, inputs, reference, semantics, allowance, limits);
                Self::of_calls(plan, limits, semantics)
            }
            Tests::Stdin(tests) if semantics == Semantics::Official => {
                let limits = lcb_runner::limits(allowance, tests.len(), limits);
                let plan = lcb_runner::plan_stdin(tests, inputs, Arc::clone(&limits.call_cpu_ns));
                Self::of_calls(plan, limits, semantics)
            }
            Tests::Stdin(tests) => {
                let canonical_ns = reference.map_or_else(Vec::new, |reference| reference.cpu_ns);
                let tests = StdinPlan {
                    tests: tests.iter().map(ScriptTest::from).collect(),
                    cpu_ns: script_limits_ns(allowance, &canonical_ns, tests.len()),
                };
                Self::with_calls(PlannedTests::Stdin(tests), limits, Arc::new([]), semantics)
            }
            Tests::Asserts(code) => Self::of_asserts(problem, code, None, semantics, allowance),
        }
    }

    /// Makes test code ready. Without a canonical solution that passes, no operand of the tests is shown to programs.
    pub(crate) fn of_asserts(
        problem: &Problem,
        code: &TestCode,
        reference: Option<AssertReference>,
        semantics: Semantics,
        allowance: Allowance,
    ) -> Self {
        let mut limits = base_limits(problem, semantics, allowance);
        if let (None, Some(reference)) = (allowance.cpu_ms, &reference) {
            limits.cpu_ns = limits.cpu_ns.max(reference.cpu_ns.saturating_mul(FACTOR));
        }
        let shown_at = reference.map_or(Value::Bool(false), |reference| reference.shown_at);
        let tests = PlannedTests::Asserts(AssertPlan::new(code, shown_at));
        Self::with_calls(tests, limits, Arc::new([]), semantics)
    }

    fn of_calls(plan: FunctionPlan, limits: Limits, semantics: Semantics) -> Self {
        let loose_call_cpu_ns = plan.call_cpu_ns.iter().map(|ns| with_headroom(*ns)).collect();
        Self::with_calls(PlannedTests::Function(plan), limits, loose_call_cpu_ns, semantics)
    }

    fn with_calls(tests: PlannedTests, limits: Limits, loose_call_cpu_ns: Arc<[u64]>, semantics: Semantics) -> Self {
        Self { tests, limits, loose_call_cpu_ns, semantics, digest: OnceLock::new() }
    }

    /// How many tests there are.
    pub fn test_count(&self) -> usize {
        match &self.tests {
            PlannedTests::Function(plan) => plan.expected.len(),
            PlannedTests::Stdin(plan) => plan.tests.len(),
            PlannedTests::Asserts(plan) => plan.count,
        }
    }

    /// The runs of one candidate, in order: the later ones are needed only where the earlier ones passed.
    ///
    /// EvalPlus runs base and plus tests in processes of their own; what a program keeps between calls then differs.
    pub(crate) fn stages(&self) -> Vec<Range<usize>> {
        match &self.tests {
            PlannedTests::Function(plan) => {
                let (base, all) = (plan.base_count, plan.expected.len());
                let cut = if self.semantics == Semantics::Official { base } else { all };
                [0..cut, cut..all].into_iter().filter(|stage| !stage.is_empty()).collect()
            }
            PlannedTests::Stdin(plan) => (0..plan.tests.len()).map(|test| test..test + 1).collect(),
            PlannedTests::Asserts(plan) => std::iter::once(0..plan.count).collect(),
        }
    }

    /// Whether a test can be run without the one before it.
    pub(crate) fn goes_on_behind_failures(&self) -> bool {
        !matches!(self.tests, PlannedTests::Asserts(_))
    }

    /// What one stage is allowed.
    pub(crate) fn limits(&self, stage: &Range<usize>) -> Limits {
        let mut limits = self.limits.clone();
        limits.cpu_ns = match &self.tests {
            PlannedTests::Function(plan) => limits.cpu_ns.min(self.stage_cpu_ns(plan, stage)),
            PlannedTests::Stdin(plan) => plan.cpu_ns.get(stage.start).copied().unwrap_or(limits.cpu_ns),
            PlannedTests::Asserts(_) => limits.cpu_ns,
        };
        limits
    }

    /// What a run may use in all; tests that ask have as much as the program has.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let sandboxes = if matches!(self.tests, PlannedTests::Asserts(_)) { 2 } else { 1 };
        self.limits.memory_bytes.saturating_mul(sandboxes)
    }

    /// Whether a program that took so much memory might be refused some in another run.
    pub(crate) fn is_near_its_memory(&self, peak_memory_bytes: u64) -> bool {
        peak_memory_bytes > self.limits.memory_bytes / 5 * 4
    }

    /// Whether what a program does is all that decides. Tests that ask may look at its functions too, and lcb_runner looks
    /// for words in its text.
    pub(crate) fn sees_behaviour_alone(&self) -> bool {
        match &self.tests {
            PlannedTests::Function(plan) => !plan.is_lcb_runners(),
            PlannedTests::Stdin(_) => true,
            PlannedTests::Asserts(_) => false,
        }
    }

    /// Whether programs of this language can be judged by it.
    pub(crate) fn takes(&self, language: Language) -> bool {
        language == Language::Python || matches!(self.tests, PlannedTests::Stdin(_))
    }

    /// The job of one stage. It may run on for a while past its limits of time: what that means is for the judge to say.
    pub(crate) fn job(&self, program: &Arc<[u8]>, language: Language, stage: Range<usize>) -> Job {
        let allowed = self.limits(&stage);
        let task = match &self.tests {
            PlannedTests::Function(plan) => Task::Calls(Calls {
                entry_point: plan.entry_point.clone(),
                inputs: Arc::clone(&plan.inputs),
                gates: gates_of(plan, &stage),
                range: stage,
                exact_cpu: false,
                driver: plan.driver,
            }),
            PlannedTests::Stdin(plan) => {
                let stdin = Arc::clone(&plan.tests[stage.start].input);
                match language {
                    Language::Python => Task::Script { stdin, prelude: Prelude::LiveCodeBench, extras: None },
                    Language::Cpp(_) => Task::Execute { stdin, extras: None },
                }
            }
            PlannedTests::Asserts(_) => Task::Answer,
        };
        let limits = Limits {
            cpu_ns: with_headroom(allowed.cpu_ns),
            load_cpu_ns: with_headroom(allowed.load_cpu_ns),
            idle_ns: with_headroom(allowed.idle_ns),
            call_cpu_ns: Arc::clone(&self.loose_call_cpu_ns),
            firm_percent: FIRM_PERCENT,
            ..allowed
        };
        let program = match &self.tests {
            PlannedTests::Asserts(plan) => plan.program(program),
            PlannedTests::Function(_) | PlannedTests::Stdin(_) => Arc::clone(program),
        };
        Job { program, task, limits }
    }

    /// Takes note of a candidate that was judged: which of the tests was the first it failed.
    pub(crate) fn note(&self, failed: Option<usize>) {
        if let PlannedTests::Function(plan) = &self.tests {
            plan.gates.note(failed);
        }
    }

    /// The job of the tests' own side, where they ask.
    pub(crate) fn asking_job(&self, plan: &AssertPlan) -> Job {
        plan.asking_job(self.limits.clone())
    }

    /// No stage is given more time than its calls and its loading together.
    fn stage_cpu_ns(&self, plan: &FunctionPlan, stage: &Range<usize>) -> u64 {
        let calls: u64 = plan.call_cpu_ns[stage.clone()].iter().fold(0, |sum, ns| sum.saturating_add(*ns));
        calls.saturating_add(self.limits.load_cpu_ns)
    }
}

/// The gates that lie within a stage, by its own count of tests.
fn gates_of(plan: &FunctionPlan, stage: &Range<usize>) -> Vec<u32> {
    let within = |gate: &u32| {
        let at = (*gate as usize).checked_sub(stage.start).filter(|at| (1..stage.len()).contains(at));
        at.and_then(|at| u32::try_from(at).ok())
    };
    plan.gates.now().iter().filter_map(within).collect()
}

/// How functions are found and called.
pub(crate) fn driver(comparison: &Comparison, semantics: Semantics) -> Driver {
    match (comparison, semantics) {
        (Comparison::LiveCodeBench | Comparison::Apps, Semantics::Real) => Driver::FreshSolution,
        (Comparison::LiveCodeBench | Comparison::Apps, Semantics::Official) => Driver::LcbRunnerFunction,
        (Comparison::EvalPlus { .. } | Comparison::Equality, _) => Driver::Module,
    }
}

/// Limits before the tests have been looked at.
fn base_limits(problem: &Problem, semantics: Semantics, allowance: Allowance) -> Limits {
    let default_memory = match (&problem.tests, semantics) {
        (Tests::Function(FunctionTests { comparison: Comparison::EvalPlus { .. }, .. }), Semantics::Official) => {
            4 << 30 // EVALPLUS_MAX_MEMORY_BYTES
        }
        _ => 1 << 30,
    };
    let mut limits = Limits { memory_bytes: allowance.memory_bytes.unwrap_or(default_memory), ..Limits::default() };
    if let Some(cpu_ms) = allowance.cpu_ms {
        let cpu_ns = cpu_ms.saturating_mul(1_000_000);
        limits.load_cpu_ns = cpu_ns;
        limits.idle_ns = cpu_ns.max(SECOND_NS);
        limits.cpu_ns = cpu_ns;
    }
    limits
}

fn plan_function(
    tests: &FunctionTests,
    inputs: Arc<Inputs>,
    reference: Option<Reference>,
    semantics: Semantics,
    allowance: Allowance,
    mut limits: Limits,
) -> (FunctionPlan, Limits) {
    if let (None, Some(reference)) = (allowance.memory_bytes, &reference) {
        // Some answers alone take gigabytes (Mbpp/255).
        limits.memory_bytes = limits.memory_bytes.max(reference.peak_memory_bytes.saturating_mul(2));
    }
    let has_reference = reference.is_some();
    let (expected, cpu_ns) = expected_values(tests, reference);
    let driver = driver(&tests.comparison, semantics);
    if driver == Driver::LcbRunnerFunction || (driver == Driver::FreshSolution && !has_reference) {
        limits = lcb_runner::limits(allowance, expected.len(), limits);
    } else {
        limits.call_cpu_ns = match allowance.cpu_ms {
            Some(cpu_ms) => vec![cpu_ms.saturating_mul(1_000_000); expected.len()].into(),
            None => cpu_ns.iter().map(|ns| call_limit_ns(semantics, *ns)).collect(),
        };
        limits.cpu_ns = total_limit_ns(semantics, allowance, &cpu_ns);
    }
    let plan = FunctionPlan {
        entry_point: tests.entry_point.clone(),
        driver,
        inputs,
        base_count: tests.base_count,
        expected: expected_answers(expected, &tests.comparison, semantics, tests.base_count),
        rule: Rule::Values(tests.comparison.clone()),
        call_cpu_ns: Arc::clone(&limits.call_cpu_ns),
        gates: Gates::new(&cpu_ns),
    };
    (plan, limits)
}

/// A stdin test of a problem with a canonical solution is limited as a call is; others have what lcb_runner gives.
fn script_limits_ns(allowance: Allowance, canonical_ns: &[u64], count: usize) -> Vec<u64> {
    match allowance.cpu_ms {
        Some(_) => Vec::new(),
        None if canonical_ns.is_empty() => vec![lcb_runner::TEST_NS; count],
        None => canonical_ns.iter().map(|ns| call_limit_ns(Semantics::Real, *ns)).collect(),
    }
}

/// EvalPlus: `max(min_time_limit, gt_time_limit_factor * t)` with 4 s; ours has a second, and counts CPU.
fn call_limit_ns(semantics: Semantics, canonical_ns: u64) -> u64 {
    let least = match semantics {
        Semantics::Real => SECOND_NS,
        Semantics::Official => 4 * SECOND_NS,
    };
    least.max(canonical_ns.saturating_mul(FACTOR))
}

/// EvalPlus: `min(60, sum of limits) + 1`; ours never gives the canonical solution less than its factor in all.
fn total_limit_ns(semantics: Semantics, allowance: Allowance, canonical_ns: &[u64]) -> u64 {
    let all: u64 = canonical_ns.iter().sum();
    match (allowance.cpu_ms, semantics) {
        // One call may take the whole allowance, and the others some more.
        (Some(cpu_ms), _) => cpu_ms.saturating_mul(2_000_000),
        (None, Semantics::Official) => 61 * SECOND_NS,
        (None, Semantics::Real) => (60 * SECOND_NS).max(all.saturating_mul(FACTOR)),
    }
}

/// Expected answers, and what CPU time the canonical solution took for each (0 where nobody measured).
fn expected_values(tests: &FunctionTests, reference: Option<Reference>) -> (Vec<Answer>, Vec<u64>) {
    match (&tests.expected, reference) {
        (Expected::Given(values), reference) => {
            let cpu_ns = reference.map_or_else(|| vec![0; values.len()], |reference| reference.cpu_ns);
            (values.iter().map(|value| Answer::Value(encode(value))).collect(), cpu_ns)
        }
        (Expected::FromCanonical, reference) => {
            let reference = reference.expect("`verify` runs the canonical solution of such a problem first");
            (reference.answers, reference.cpu_ns)
        }
    }
}

/// The tolerance of EvalPlus depends on the expected values before: it is settled here once for all candidates.
fn expected_answers(
    answers: Vec<Answer>,
    comparison: &Comparison,
    semantics: Semantics,
    base_count: usize,
) -> Vec<ExpectedAnswer> {
    let (atol, oracle) = match comparison {
        Comparison::EvalPlus { atol, oracle } => (*atol, *oracle),
        Comparison::Apps | Comparison::LiveCodeBench | Comparison::Equality => (0.0, Oracle::Plain),
    };
    let fresh = || match semantics {
        Semantics::Real => Tolerance::real(atol),
        Semantics::Official => Tolerance::official(atol),
    };
    let mut tolerance = fresh();
    let settle = |(index, answer): (usize, Answer)| {
        if index == base_count {
            tolerance = fresh(); // the plus tests are a run of their own
        }
        let before = tolerance;
        let settled = settle(answer, oracle, &mut tolerance);
        let equals_itself =
            matches!(&settled, Answer::Value(encoded) if oracle == Oracle::Plain && !may_hold_nan(encoded));
        ExpectedAnswer { answer: settled, equals_itself, tolerance: before }
    };
    answers.into_iter().enumerate().map(settle).collect()
}

/// The answer as candidates' answers are compared with it. Most need not be decoded for that, and are not.
fn settle(answer: Answer, oracle: Oracle, tolerance: &mut Tolerance) -> Answer {
    let Answer::Value(encoded) = &answer else { return answer };
    if oracle == Oracle::Plain && !may_be_floats(encoded) {
        return answer;
    }
    // What has more parts than anyone decodes is compared by its bytes.
    let Ok(value) = decode(encoded, &DecodeLimits::default()) else { return answer };
    tolerance.advance(&value);
    if oracle == Oracle::Plain { answer } else { Answer::Value(encode(&expected_from_canonical(oracle, value))) }
}

/// Whether a value may be one that turns EvalPlus's tolerance on: a float, a list or tuple that begins with one, or an
/// array.
fn may_be_floats(encoded: &[u8]) -> bool {
    matches!(encoded, [b'g' | b'A', ..] | [b'[' | b'(', _, _, _, _, b'g', ..])
}

/// The inputs of whatever is run as calls, encoded; none for other forms.
pub(crate) fn encode_inputs(problem: &Problem, semantics: Semantics) -> Arc<Inputs> {
    match &problem.tests {
        Tests::Function(tests) => Arc::new(Inputs::new(tests.inputs.iter().map(encode))),
        Tests::Stdin(tests) if semantics == Semantics::Official => Arc::new(lcb_runner::stdin_inputs(tests)),
        Tests::Stdin(_) | Tests::Asserts(_) => Arc::new(Inputs::new([])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_turns_the_tolerance_on_is_decoded() {
        let float = || Value::Float(0.5);
        for value in [float(), Value::List(vec![float(), float()]), Value::Tuple(vec![float()])] {
            assert!(may_be_floats(&encode(&value)), "{value:?}");
        }
        assert!(!may_be_floats(&encode(&Value::List(vec![]))));
    }
}
