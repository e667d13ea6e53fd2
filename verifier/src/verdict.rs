//! The verdict vocabulary: what was judged of one candidate.
//! Not here: how it was judged (`judge`), averages over candidates (`report`).

use serde::{Deserialize, Serialize};
use trialbox_runner::Backend;

/// The judgement of one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every test passed.
    Pass,
    /// A test's answer differs from the expected one.
    WrongAnswer,
    /// An exception, a signal, a non-zero exit, or an end before the last answer.
    RuntimeError,
    /// More CPU time, or more idle time, than the limit.
    TimeLimit,
    /// More memory than the limit.
    MemoryLimit,
    /// More output than the limit.
    OutputLimit,
    /// The source cannot be decoded, parsed or compiled.
    CompileError,
    /// The model's text holds no program.
    NoCode,
    /// The host failed; it says nothing about the candidate.
    InfraError,
}

impl Verdict {
    /// All of them, in the order in which reports list them.
    pub const ALL: [Verdict; 9] = [
        Verdict::Pass,
        Verdict::WrongAnswer,
        Verdict::RuntimeError,
        Verdict::TimeLimit,
        Verdict::MemoryLimit,
        Verdict::OutputLimit,
        Verdict::CompileError,
        Verdict::NoCode,
        Verdict::InfraError,
    ];

    /// Its name in files and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::WrongAnswer => "wrong_answer",
            Verdict::RuntimeError => "runtime_error",
            Verdict::TimeLimit => "time_limit",
            Verdict::MemoryLimit => "memory_limit",
            Verdict::OutputLimit => "output_limit",
            Verdict::CompileError => "compile_error",
            Verdict::NoCode => "no_code",
            Verdict::InfraError => "infra_error",
        }
    }
}

/// The first test that a candidate did not pass. Texts are cut to a bearable length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstFailure {
    /// The index of the test, base tests first; `None` where the program failed before any.
    pub test: Option<usize>,
    /// The input.
    pub input: Option<String>,
    /// The expected answer.
    pub expected: Option<String>,
    /// What came instead: a value, an exception, a limit.
    pub actual: String,
}

impl FirstFailure {
    /// Where no test was reached.
    pub(crate) fn of_none(actual: String) -> Self {
        Self { test: None, input: None, expected: None, actual }
    }
}

/// What a limit counts, its unit in its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counter {
    /// CPU time of a run.
    CpuNs,
    /// CPU time before the first call.
    LoadCpuNs,
    /// CPU time of one call.
    CallCpuNs,
    /// Time in which a program neither ran nor waited for a CPU.
    IdleNs,
    /// Instructions of a run, where they are counted instead of time.
    Fuel,
    /// Instructions before the first call.
    LoadFuel,
    /// Instructions of one call.
    CallFuel,
    /// Memory.
    MemoryBytes,
    /// Address space that was refused.
    AddressSpaceBytes,
    /// What was written to stdout, or to one file.
    OutputBytes,
    /// What lies in the scratch folder.
    ScratchBytes,
    /// Threads at once.
    Threads,
}

impl Counter {
    /// What it is called where instructions are counted instead of time; `None` for what is counted everywhere alike.
    pub(crate) fn of_instructions(self) -> Option<Self> {
        match self {
            Self::CpuNs => Some(Self::Fuel),
            Self::LoadCpuNs => Some(Self::LoadFuel),
            Self::CallCpuNs => Some(Self::CallFuel),
            _ => None,
        }
    }
}

/// The counter that proves that a limit was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitFact {
    /// Which counter.
    pub counter: Counter,
    /// What it showed; `None` where something larger was refused before it was used.
    pub used: Option<u64>,
    /// What it may show.
    pub allowed: u64,
}

/// Everything judged of one candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The verdict on all tests.
    pub verdict: Verdict,
    /// The verdict on the base tests alone; `None` where the dataset has one set of tests.
    pub base: Option<Verdict>,
    /// The verdict on base and plus tests; the same as `verdict`.
    pub plus: Verdict,
    /// Tests with a known result.
    pub tests_run: usize,
    /// Tests in all.
    pub tests_total: usize,
    /// The first test that was not passed.
    pub first_failure: Option<FirstFailure>,
    /// The limit behind the verdict, where it is one.
    pub limit: Option<LimitFact>,
    /// What lcb_runner calls `error_code`: of the first test that was not passed, where its own semantics decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<i8>,
    /// Of an `infra_error`: whether it is the tests that cannot be run here, so that to ask again would not help.
    #[serde(skip)]
    pub lies_with_tests: bool,
    /// Whether it came close to a limit of time and was run again alone.
    pub rerun_alone: bool,
    /// CPU time of the candidate.
    pub cpu_ms: f64,
    /// Time from the request to the verdict, waiting included.
    pub wall_ms: f64,
    /// The largest resident size, the interpreter's own pages included.
    pub peak_memory_bytes: u64,
    /// What ran it; `None` where there was nothing to run.
    pub backend: Option<Backend>,
    /// The instructions it used, as WebAssembly's fuel; `None` where they are not counted. Then `cpu_ms` is made of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
    /// Whether the verdict was known already.
    pub cached: bool,
}
