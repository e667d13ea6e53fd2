//! What is asked, made ready to be judged: a program, the task that it attempts, and where that one's problem is read.
//! Not here: the form of what is asked (`datasets::asked`), datasets by name (`catalogue`), judging (`verify`, `serve`).
//! Whoever asks, on the command line or over HTTP, gets the same program judged by the same task.

use std::sync::Arc;

use trialbox_datasets::{Asked, Dataset, JobLimits, Language, Problem};
use trialbox_verifier::{
    Allowance, Semantics, Task,
    extract::{Extracted, NoCode, Rule},
};

use crate::{
    catalogue::{Catalogue, CatalogueError},
    extraction,
    origin::Origin,
};

/// One program, ready to be judged.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// What it attempts.
    pub(crate) task: Arc<Task>,
    /// The program, or why there is none.
    pub(crate) program: Result<Arc<[u8]>, NoCode>,
    /// What it is written in.
    pub(crate) language: Language,
    /// By which rule it was taken out of a text; none where a program was sent.
    rule: Option<Rule>,
    /// Where the problem is read.
    origin: Origin,
    /// What the problem is called there.
    name: String,
}

/// Where problems are read that come along, and what their programs are allowed at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Along<'a> {
    /// A file, or wherever requests come from; its semantics decides.
    pub(crate) origin: &'a Origin,
    /// CPU time. What a job has not asked for is no more than it may ask for.
    pub(crate) most_cpu_ms: u64,
}

impl Attempt {
    /// Looks the problem up, or takes the one that came along, and takes the program out of its text.
    pub(crate) fn new(asked: Asked, catalogue: &Catalogue, along: Along<'_>) -> Result<Self, CatalogueError> {
        let (semantics, language) = (along.origin.semantics(), asked.language());
        match asked {
            Asked::Job(job) => {
                let program = Ok((job.candidate.into(), None));
                Ok(Self::along(job.problem, job.limits, along, program, language))
            }
            Asked::Posed { problem, sample, limits } => {
                let program = extraction::extract_for(&sample, &problem).map(taken_out);
                Ok(Self::along(*problem, limits, along, program, language))
            }
            Asked::Answer { dataset, sample, .. } => {
                let entry = catalogue.entry(dataset, &sample.task_id)?;
                let task = catalogue.task(dataset, &sample.task_id, semantics)?;
                let style = extraction::usual_style(dataset, semantics);
                let program = extraction::extract(&sample, entry, style, dataset == Dataset::LiveCodeBench);
                let origin = catalogue.origin(dataset, semantics);
                Ok(Self::of(task, program.map(taken_out), language, origin, sample.task_id))
            }
        }
    }

    /// How the program was found, where it was looked for.
    pub(crate) fn extraction(&self) -> Option<&'static str> {
        match self.program {
            Ok(_) => self.rule.map(Rule::as_str),
            Err(_) => Some("none"),
        }
    }

    /// Where the problem can be read again, as it is kept with the verdict.
    pub(crate) fn place(&self) -> String {
        self.origin.of_problem(&self.name)
    }

    fn along(problem: Problem, limits: JobLimits, along: Along<'_>, program: Program, language: Language) -> Self {
        let Allowance { cpu_ms, memory_bytes } = allowance(limits, along.origin.semantics());
        let allowance = Allowance { cpu_ms: cpu_ms.map(|cpu_ms| cpu_ms.min(along.most_cpu_ms)), memory_bytes };
        let name = problem.task_id.clone();
        Self::of(Arc::new(Task::new(problem, allowance)), program, language, along.origin.clone(), name)
    }

    fn of(task: Arc<Task>, program: Program, language: Language, origin: Origin, name: String) -> Self {
        let (program, rule) = match program {
            Ok((program, rule)) => (Ok(program), rule),
            Err(no) => (Err(no), None),
        };
        Self { task, program, language, rule, origin, name }
    }
}

/// A program, and by which rule it was found.
type Program = Result<(Arc<[u8]>, Option<Rule>), NoCode>;

fn taken_out(extracted: Extracted) -> (Arc<[u8]>, Option<Rule>) {
    (extracted.program.into_bytes().into(), Some(extracted.rule))
}

/// Looks at what is asked as far as can be seen without running it: whether the problem is there, and may be solved in the
/// program's language.
pub(crate) fn look(asked: &Asked, catalogue: &Catalogue) -> Result<(), CatalogueError> {
    let Asked::Answer { dataset, sample, .. } = asked else { return Ok(()) };
    let entry = catalogue.entry(*dataset, &sample.task_id)?;
    if sample.language != Language::Python && !entry.is_on_stdin() {
        return Err(CatalogueError::OnStdinAlone);
    }
    Ok(())
}

/// What a job is allowed. The corpus's default is 10 s and 1 GiB (attacks/README.md); a benchmark's own grader has limits
/// of its own.
pub(crate) fn allowance(limits: JobLimits, semantics: Semantics) -> Allowance {
    let default_ms = (semantics == Semantics::Real).then_some(10_000);
    Allowance { cpu_ms: limits.cpu_ms.or(default_ms), memory_bytes: limits.memory_bytes }
}
