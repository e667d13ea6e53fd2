//! Verifies one candidate: plan, run, judge, stop at the first failure.
//! Not here: many candidates at once (`pool`), what a stage's outcome means (`judge`).

use std::{
    ops::Range,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Instant,
};

use trialbox_datasets::problem::{Expected, Language, Problem, TestCode, Tests};
use trialbox_runner::{Backend, Inputs, RunError, Worker, guest_has};

use crate::{
    asserts::{self, Messages, asserts_reference},
    compiled::{Uncompiled, compiled},
    ending::{Beside, Fault},
    extract::imports,
    judge::{Failure, StageJudge},
    near::{Near, Ran, run_as_needed},
    plan::{Allowance, Plan, PlannedTests, Semantics, encode_inputs},
    reference::{Reference, ReferenceError, Request, generous, reference},
    room::Room,
    verdict::{FirstFailure, Judgement, Verdict},
};

/// How candidates are verified.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whose reading of the benchmark decides.
    pub semantics: Semantics,
    /// Where expected values are kept between runs; `None` for nowhere.
    pub cache: Option<PathBuf>,
    /// The interpreter's version, which expected values may depend on.
    pub interpreter: String,
    /// Of that version `3.X`, the X.
    pub python_minor: u8,
    /// Where programs run: together, or one alone.
    pub room: Room,
}

/// A problem and, once the first candidate has come, its plan.
#[derive(Debug)]
pub struct Task {
    problem: Mutex<Option<Problem>>,
    plan: OnceLock<Plan>,
    /// How much the problem or its job allows.
    allowance: Allowance,
}

impl Task {
    /// A problem to be planned when its first candidate comes.
    pub fn new(problem: Problem, allowance: Allowance) -> Self {
        Self { problem: Mutex::new(Some(problem)), plan: OnceLock::new(), allowance }
    }

    /// The digest of the plan: tasks of one digest judge every program alike.
    pub fn digest(&self, worker: &mut Worker, settings: &Settings) -> Result<[u8; 32], ReferenceError> {
        self.plan(worker, settings).map(|plan| *plan.digest().as_bytes())
    }

    /// The plan; its first caller makes it, running the canonical solution where expected values come from there, and
    /// lets go of the problem's decoded tests.
    pub fn plan(&self, worker: &mut Worker, settings: &Settings) -> Result<&Plan, ReferenceError> {
        if let Some(plan) = self.plan.get() {
            return Ok(plan);
        }
        let mut problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = problem.as_ref() {
            let plan = match &known.tests {
                Tests::Asserts(code) => plan_asserts(known, code, self.allowance, worker, settings)?,
                Tests::Function(_) | Tests::Stdin(_) => {
                    let inputs = encode_inputs(known, settings.semantics);
                    let reference = needed_reference(known, &inputs, self.allowance, worker, settings)?;
                    Plan::new(known, inputs, reference, settings.semantics, self.allowance)
                }
            };
            *problem = None;
            return Ok(self.plan.get_or_init(|| plan));
        }
        Ok(self.plan.get().expect("whoever took the problem left a plan, under the same lock"))
    }
}

/// A canonical solution that fails its own tests is told of, and no reason to judge nobody.
fn plan_asserts(
    problem: &Problem,
    code: &TestCode,
    allowance: Allowance,
    worker: &mut Worker,
    settings: &Settings,
) -> Result<Plan, ReferenceError> {
    let run = |canonical: &String| asserts_reference(code, canonical, &generous(), worker, &settings.room);
    let reference = match problem.canonical.as_ref().map(run).transpose()? {
        Some(Err(why)) => {
            tracing::warn!(task_id = problem.task_id, why, "the canonical solution fails its tests");
            None
        }
        Some(Ok(reference)) => Some(reference),
        None => None,
    };
    Ok(Plan::of_asserts(problem, code, reference, settings.semantics, allowance))
}

/// The canonical solution is run where expected values come from it, and where limits do.
fn needed_reference(
    problem: &Problem,
    inputs: &Arc<Inputs>,
    allowance: Allowance,
    worker: &mut Worker,
    settings: &Settings,
) -> Result<Option<Reference>, ReferenceError> {
    let gives_values =
        matches!(&problem.tests, Tests::Function(tests) if matches!(tests.expected, Expected::FromCanonical));
    if !gives_values && allowance.cpu_ms.is_some() {
        return Ok(None);
    }
    let request = Request::new(problem, inputs, &settings.interpreter);
    request.map(|request| reference(&request, worker, settings.cache.as_deref(), &settings.room)).transpose()
}

/// Verifies one program. In another language than Python it is judged on stdin and stdout only.
///
/// A host that fails gives the verdict `infra_error`; a canonical solution that fails is an error, since then nothing
/// can be said of any candidate.
pub fn verify(
    task: &Task,
    program: &Arc<[u8]>,
    language: Language,
    worker: &mut Worker,
    settings: &Settings,
) -> Result<Judgement, ReferenceError> {
    judged(task, program, language, None, worker, settings).map(|judged| judged.judgement)
}

/// A judgement, and how firm it is.
pub(crate) struct Judged {
    pub(crate) judgement: Judgement,
    /// Whether another run might be judged otherwise: it came close to a limit of time or memory.
    pub(crate) is_near_a_limit: bool,
    /// Where it came near a limit of time, if it did.
    pub(crate) near: Option<Near>,
}

/// As [`verify`]. `near` is what an earlier run says of the program.
pub(crate) fn judged(
    task: &Task,
    program: &Arc<[u8]>,
    language: Language,
    near: Option<Near>,
    worker: &mut Worker,
    settings: &Settings,
) -> Result<Judged, ReferenceError> {
    let begun = Instant::now();
    worker.choose(false);
    let plan = task.plan(worker, settings)?;
    let mut tally = Tally::new(choose(program, language, worker));
    if !plan.takes(language) {
        let why = "only programs on stdin, under real semantics, are judged in this language".to_owned();
        return Ok(tally.infra_error(plan, why, begun));
    }
    let program = match language {
        Language::Python => Arc::clone(program),
        Language::Cpp(standard) => match compiled(program, standard, worker, settings) {
            Ok(Ok(program)) => program,
            Ok(Err(uncompiled)) => {
                tally.add_uncompiled(uncompiled);
                return Ok(tally.judgement(plan, begun));
            }
            Err(error) => return Ok(tally.infra_error(plan, error.to_string(), begun)),
        },
    };
    for (number, stage) in plan.stages().into_iter().enumerate() {
        let near = near.filter(|near| near.stage == number);
        match run_stage(plan, (&stage, near), (&program, language), worker, &settings.room) {
            Ok(ran) => {
                if tally.add(number, ran) {
                    break;
                }
            }
            Err(error) => return Ok(tally.infra_error(plan, error.to_string(), begun)),
        }
    }
    Ok(tally.judgement(plan, begun))
}

/// Has the worker run a program where it can be run.
fn choose(program: &[u8], language: Language, worker: &mut Worker) -> Backend {
    let needs_native =
        !language.is_python() || (worker.has_choice() && imports(program).iter().any(|it| !guest_has(it)));
    worker.choose(needs_native)
}

/// Runs one stage, alone where that is needed.
fn run_stage(
    plan: &Plan,
    (stage, near): (&Range<usize>, Option<Near>),
    (program, language): (&Arc<[u8]>, Language),
    worker: &mut Worker,
    room: &Room,
) -> Result<Ran, RunError> {
    let job = plan.job(program, language, stage.clone());
    run_as_needed(room, plan.memory_bytes(), near, |beside| {
        let alone = beside == Beside::Nobody;
        if let PlannedTests::Asserts(asserts) = &plan.tests {
            let conversation = worker.converse(&plan.asking_job(asserts), &job, Messages::default)?;
            let finding = asserts::judge(asserts, &plan.limits(stage), &conversation, beside);
            return Ok(Ran { outcome: conversation.answering, finding, alone });
        }
        let (outcome, judge) = worker.run(&job, || StageJudge::new(plan, stage.clone(), beside))?;
        let finding = judge.finish(&outcome);
        Ok(Ran { outcome, finding, alone })
    })
}

/// How many of its tests a program passes that was judged so: those before its failure, and those behind it, which are run in
/// new processes, where `verify` stops. The test that failed has failed, whatever it does another time. Test code ends with its
/// first failure, as its language has it. `goes_on` is asked before each run; `None` where it says no, or the host failed.
pub fn tests_passed(
    task: &Task,
    (program, language): (&Arc<[u8]>, Language),
    judgement: &Judgement,
    worker: &mut Worker,
    settings: &Settings,
    goes_on: impl Fn() -> bool,
) -> Result<Option<usize>, ReferenceError> {
    let failed = judgement.first_failure.as_ref().and_then(|failure| failure.test);
    // Where no test has failed, all are passed, or none was reached.
    let Some(failed) = failed else { return Ok(Some(judgement.tests_run)) };
    worker.choose(false);
    let plan = task.plan(worker, settings)?;
    if !plan.goes_on_behind_failures() {
        return Ok(Some(judgement.tests_run.saturating_sub(1)));
    }
    choose(program, language, worker);
    let program = match language {
        Language::Python => Arc::clone(program),
        Language::Cpp(standard) => match compiled(program, standard, worker, settings) {
            Ok(Ok(program)) => program,
            Ok(Err(_)) | Err(_) => return Ok(None),
        },
    };
    let mut passed = failed;
    for stage in plan.stages() {
        let mut left = stage.start.max(failed + 1)..stage.end;
        while !left.is_empty() {
            if !goes_on() {
                return Ok(None);
            }
            let Ok(ran) = run_stage(plan, (&left, None), (&program, language), worker, &settings.room) else {
                return Ok(None);
            };
            passed += ran.finding.passed;
            match ran.finding.failure {
                Some(failure) if failure.first.test.is_some() => left.start += ran.finding.passed + 1,
                // It cannot be loaded any more, for one: no further test of the stage is reached.
                _ => break,
            }
        }
    }
    Ok(Some(passed))
}

/// The judgement of a text that holds no program.
pub fn no_code(why: String) -> Judgement {
    let failure = FirstFailure::of_none(why);
    Judgement {
        verdict: Verdict::NoCode,
        base: None,
        plus: Verdict::NoCode,
        tests_run: 0,
        tests_total: 0,
        first_failure: Some(failure),
        limit: None,
        error_code: None,
        lies_with_tests: false,
        rerun_alone: false,
        cpu_ms: 0.0,
        wall_ms: 0.0,
        peak_memory_bytes: 0,
        backend: None,
        fuel: None,
        cached: false,
    }
}

/// What the stages of one candidate add up to.
struct Tally {
    backend: Backend,
    passed: usize,
    failure: Option<Failure>,
    rerun_alone: bool,
    is_near_a_limit: bool,
    near: Option<Near>,
    cpu_ns: u64,
    fuel: Option<u64>,
    peak_memory_bytes: u64,
}

impl Tally {
    fn new(backend: Backend) -> Self {
        Self {
            backend,
            passed: 0,
            failure: None,
            rerun_alone: false,
            is_near_a_limit: false,
            near: None,
            cpu_ns: 0,
            fuel: None,
            peak_memory_bytes: 0,
        }
    }

    /// Adds one stage; true where it settles the matter.
    fn add(&mut self, stage: usize, ran: Ran) -> bool {
        if ran.alone && ran.finding.is_near_a_limit && self.near.is_none() {
            self.near = Some(Near { stage, was_too_slow: ran.is_too_slow() });
        }
        let Ran { outcome, finding, alone } = ran;
        self.rerun_alone |= alone;
        // Instructions are the same in every run.
        self.is_near_a_limit |= finding.is_near_a_limit && outcome.fuel.is_none();
        self.cpu_ns += outcome.cpu_ns;
        self.fuel = outcome.fuel.map(|fuel| self.fuel.unwrap_or(0) + fuel);
        self.peak_memory_bytes = self.peak_memory_bytes.max(outcome.peak_memory_bytes);
        self.passed += finding.passed;
        self.failure = finding.failure;
        if let Some(failure) = &mut self.failure
            && outcome.fuel.is_some()
        {
            failure.happened_in_the_guest();
        }
        self.failure.is_some()
    }

    /// Nothing was run: the source does not compile.
    fn add_uncompiled(&mut self, uncompiled: Uncompiled) {
        let Uncompiled { fault, cpu_ns, peak_memory_bytes, alone } = uncompiled;
        (self.cpu_ns, self.peak_memory_bytes) = (cpu_ns, peak_memory_bytes);
        (self.rerun_alone, self.is_near_a_limit) = (alone, alone);
        self.failure = Some(Failure::of(fault, FirstFailure::of_none));
    }

    fn infra_error(mut self, plan: &Plan, why: String, begun: Instant) -> Judged {
        self.failure = Some(Failure::of(Fault::new(Verdict::InfraError, why), FirstFailure::of_none));
        self.judgement(plan, begun)
    }

    #[expect(clippy::cast_precision_loss, reason = "times in ns are far below 2^52")]
    fn judgement(self, plan: &Plan, begun: Instant) -> Judged {
        let is_near_a_limit = self.is_near_a_limit || plan.is_near_its_memory(self.peak_memory_bytes);
        let verdict = self.failure.as_ref().map_or(Verdict::Pass, |failure| failure.verdict);
        let base = match &plan.tests {
            PlannedTests::Function(function) if function.base_count < function.expected.len() => {
                // An infra error says nothing, about the base tests either.
                let settled = self.passed >= function.base_count && verdict != Verdict::InfraError;
                Some(if settled { Verdict::Pass } else { verdict })
            }
            _ => None,
        };
        plan.note(self.failure.as_ref().and_then(|failure| failure.first.test));
        let names_a_test = self.failure.as_ref().is_some_and(|failure| failure.first.test.is_some());
        let tests_run = self.passed + usize::from(names_a_test);
        let judgement = Judgement {
            verdict,
            base,
            plus: verdict,
            tests_run,
            tests_total: plan.test_count(),
            limit: self.failure.as_ref().and_then(|failure| failure.limit),
            error_code: self.failure.as_ref().and_then(|failure| failure.error_code),
            lies_with_tests: self.failure.as_ref().is_some_and(|failure| failure.lies_with_tests),
            rerun_alone: self.rerun_alone,
            first_failure: self.failure.map(|failure| failure.first),
            cpu_ms: self.cpu_ns as f64 / 1e6,
            wall_ms: begun.elapsed().as_nanos() as f64 / 1e6,
            peak_memory_bytes: self.peak_memory_bytes,
            backend: Some(self.backend),
            fuel: self.fuel,
            cached: false,
        };
        let is_near_a_limit = is_near_a_limit || verdict == Verdict::MemoryLimit;
        Judged { judgement, is_near_a_limit, near: self.near }
    }
}
