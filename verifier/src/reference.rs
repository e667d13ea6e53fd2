//! Reference runs: what a canonical solution answers and what CPU time each answer takes, kept on disk by content.
//! Not here: comparing candidates with it (`judge`), limits that follow from it (`plan`).
//! In: a problem's program and inputs. Out: [`Reference`], run once in the sandbox like any candidate.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use trialbox_datasets::problem::{Problem, StdinTest, Tests};
use trialbox_runner::{Calls, Driver, Ending, Inputs, Job, Limits, Prelude, Reply, ReplyKind, RunError, Task, Worker};

use crate::{
    content::Content,
    plan::{Semantics, driver},
    room::Room,
};

/// What a canonical solution answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reference {
    /// One answer per input.
    pub answers: Vec<Answer>,
    /// CPU time per input.
    pub cpu_ns: Vec<u64>,
    /// The largest resident size of the run.
    pub peak_memory_bytes: u64,
}

/// An answer as it came out of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// An encoded value.
    Value(Vec<u8>),
    /// The digest of a value too large to be sent.
    Digest(Vec<u8>),
}

/// Why there is no reference.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// The host failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The canonical solution failed on its own tests.
    #[error("the canonical solution of {task_id} fails on input {input}: {what}")]
    Canonical {
        /// The task.
        task_id: String,
        /// The index of the input.
        input: usize,
        /// What happened.
        what: String,
    },
}

/// Whose reference is wanted.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    task_id: &'a str,
    program: Arc<[u8]>,
    runs: Runs<'a>,
    /// Whose Python: another version may answer otherwise.
    interpreter: &'a str,
}

/// What the canonical solution is run on.
#[derive(Debug)]
enum Runs<'a> {
    Calls { entry_point: &'a str, driver: Driver, inputs: Arc<Inputs>, inputs_hash: blake3::Hash },
    Scripts(&'a [StdinTest]),
}

impl<'a> Request<'a> {
    /// A request for a problem's canonical solution; `None` where it has none.
    pub(crate) fn new(problem: &'a Problem, inputs: &Arc<Inputs>, interpreter: &'a str) -> Option<Self> {
        let program = problem.canonical.as_ref()?.as_bytes().into();
        let runs = match &problem.tests {
            Tests::Function(tests) => {
                let inputs_hash =
                    Content::of("inputs").parts((0..inputs.len()).map(|index| inputs.get(index))).finish();
                let inputs = Arc::clone(inputs);
                let driver = driver(&tests.comparison, Semantics::Real);
                Runs::Calls { entry_point: &tests.entry_point, driver, inputs, inputs_hash }
            }
            Tests::Stdin(tests) => Runs::Scripts(tests),
            Tests::Asserts(_) => return None,
        };
        Some(Self { task_id: &problem.task_id, program, runs, interpreter })
    }

    fn count(&self) -> usize {
        match &self.runs {
            Runs::Calls { inputs, .. } => inputs.len(),
            Runs::Scripts(tests) => tests.len(),
        }
    }

    fn failure(&self, input: usize, what: String) -> ReferenceError {
        ReferenceError::Canonical { task_id: self.task_id.to_owned(), input, what }
    }
}

/// A call that takes less has the least limit that there is, whatever it takes (`plan`).
const SETS_LIMITS_NS: u64 = 250_000_000;

/// The layout of the files; another layout has other names.
const FORMAT: &str = "trialbox reference 3";
const VALUE: u8 = 0;
const DIGEST: u8 = 1;

/// Gives the reference, from the cache or by running the canonical solution.
pub(crate) fn reference(
    request: &Request<'_>,
    worker: &mut Worker,
    cache: Option<&Path>,
    room: &Room,
) -> Result<Reference, ReferenceError> {
    let path = cache.map(|folder| folder.join("reference").join(key(request)));
    if let Some(known) = path.as_deref().and_then(|path| read(path, request.count())) {
        return Ok(known);
    }
    let mut reference = room.among_others(generous().memory_bytes, || run(request, worker))?;
    if reference.cpu_ns.iter().any(|ns| *ns > SETS_LIMITS_NS) {
        // Limits follow from these times, and must not depend on what else ran when they were taken.
        let alone = room.alone(|| run(request, worker))?;
        for (ns, alone_ns) in reference.cpu_ns.iter_mut().zip(alone.cpu_ns) {
            *ns = alone_ns.min(*ns);
        }
    }
    if let Some(path) = path
        && let Err(error) = write(&path, &reference)
    {
        // A cache that cannot be written costs time, nothing else.
        tracing::warn!(path = %path.display(), %error, "cannot keep a reference");
    }
    Ok(reference)
}

/// Far more than any canonical solution takes (the slowest of MBPP+ takes half a minute).
pub(crate) fn generous() -> Limits {
    Limits {
        cpu_ns: 600_000_000_000,
        load_cpu_ns: 60_000_000_000,
        idle_ns: 60_000_000_000,
        memory_bytes: 8 << 30,
        ..Limits::default()
    }
}

fn run(request: &Request<'_>, worker: &mut Worker) -> Result<Reference, ReferenceError> {
    match &request.runs {
        Runs::Calls { entry_point, driver, inputs, .. } => run_calls(request, entry_point, *driver, inputs, worker),
        Runs::Scripts(tests) => run_scripts(request, tests, worker),
    }
}

fn run_calls(
    request: &Request<'_>,
    entry_point: &str,
    driver: Driver,
    inputs: &Arc<Inputs>,
    worker: &mut Worker,
) -> Result<Reference, ReferenceError> {
    let calls = Calls {
        entry_point: entry_point.to_owned(),
        inputs: Arc::clone(inputs),
        range: 0..inputs.len(),
        gates: Vec::new(),
        exact_cpu: true,
        driver,
    };
    let job = Job { program: Arc::clone(&request.program), task: Task::Calls(calls), limits: generous() };
    let (outcome, replies) = worker.run(&job, Vec::<Reply>::new)?;
    let is_answer = |reply: &Reply| matches!(reply.kind, ReplyKind::Returned | ReplyKind::Digest);
    if let Some(input) = replies.iter().position(|reply| !is_answer(reply)) {
        return Err(request.failure(input, String::from_utf8_lossy(&replies[input].payload).into_owned()));
    }
    if replies.len() < inputs.len() {
        return Err(request.failure(replies.len(), format!("{:?}", outcome.ending)));
    }
    let answer = |reply: Reply| match reply.kind {
        ReplyKind::Digest => (Answer::Digest(reply.payload), reply.cpu_ns),
        _ => (Answer::Value(reply.payload), reply.cpu_ns),
    };
    let (answers, cpu_ns) = replies.into_iter().map(answer).unzip();
    Ok(Reference { answers, cpu_ns, peak_memory_bytes: outcome.peak_memory_bytes })
}

/// Whether the output is right is not asked here: what a stdin problem expects stands in its tests.
fn run_scripts(request: &Request<'_>, tests: &[StdinTest], worker: &mut Worker) -> Result<Reference, ReferenceError> {
    let mut reference = Reference::default();
    for (index, test) in tests.iter().enumerate() {
        let task = Task::Script { stdin: test.input.as_bytes().into(), prelude: Prelude::LiveCodeBench, extras: None };
        let job = Job { program: Arc::clone(&request.program), task, limits: generous() };
        let (outcome, replies) = worker.run(&job, Vec::<Reply>::new)?;
        if outcome.ending != (Ending::Exited { status: 0 }) {
            let said = replies.first().map(|reply| String::from_utf8_lossy(&reply.payload).into_owned());
            return Err(request.failure(index, said.unwrap_or_else(|| format!("{:?}", outcome.ending))));
        }
        reference.answers.push(Answer::Value(outcome.stdout));
        reference.cpu_ns.push(outcome.cpu_ns);
        reference.peak_memory_bytes = reference.peak_memory_bytes.max(outcome.peak_memory_bytes);
    }
    Ok(reference)
}

fn key(request: &Request<'_>) -> String {
    let hash = Content::of(FORMAT).part(request.interpreter).part(&request.program);
    let hash = match &request.runs {
        Runs::Calls { entry_point, driver, inputs_hash, .. } => {
            let calls = if *driver == Driver::Module { "calls" } else { "calls of a Solution" };
            hash.part(calls).part(entry_point).part(inputs_hash.as_bytes())
        }
        Runs::Scripts(tests) => hash.part("scripts").parts(tests.iter().map(|test| &test.input)),
    };
    hash.finish().to_hex().to_string()
}

/// Reads a reference; `None` where there is none, or none that can be trusted.
fn read(path: &Path, count: usize) -> Option<Reference> {
    let bytes = fs::read(path).ok()?;
    let (checksum, body) = bytes.split_first_chunk::<32>()?;
    if blake3::hash(body) != *checksum {
        tracing::warn!(path = %path.display(), "a damaged reference is ignored");
        return None;
    }
    parse(body).filter(|reference| reference.answers.len() == count)
}

fn parse(body: &[u8]) -> Option<Reference> {
    let (peak, mut body) = body.split_first_chunk::<8>()?;
    let mut reference = Reference { peak_memory_bytes: u64::from_le_bytes(*peak), ..Reference::default() };
    while let Some((head, rest)) = body.split_first_chunk::<17>() {
        let number = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().expect("eight bytes"));
        let length = usize::try_from(number(8)).ok()?;
        let payload = rest.get(..length)?.to_vec();
        reference.cpu_ns.push(number(0));
        reference.answers.push(if head[16] == DIGEST { Answer::Digest(payload) } else { Answer::Value(payload) });
        body = &rest[length..];
    }
    body.is_empty().then_some(reference)
}

/// Written aside and moved into place, so that another process sees all of it or nothing.
fn write(path: &Path, reference: &Reference) -> io::Result<()> {
    let mut body = reference.peak_memory_bytes.to_le_bytes().to_vec();
    for (answer, cpu_ns) in reference.answers.iter().zip(&reference.cpu_ns) {
        let (tag, payload) = match answer {
            Answer::Value(payload) => (VALUE, payload),
            Answer::Digest(payload) => (DIGEST, payload),
        };
        body.extend(cpu_ns.to_le_bytes());
        body.extend((payload.len() as u64).to_le_bytes());
        body.push(tag);
        body.extend(payload);
    }
    let folder: PathBuf = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    fs::create_dir_all(&folder)?;
    let mut file = tempfile::NamedTempFile::new_in(&folder)?;
    file.write_all(blake3::hash(&body).as_bytes())?;
    file.write_all(&body)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Reference {
        let answers = vec![Answer::Value(b"N".to_vec()), Answer::Value(vec![]), Answer::Digest(vec![7; 40])];
        Reference { answers, cpu_ns: vec![1, 2, u64::MAX], peak_memory_bytes: 5 }
    }

    #[test]
    fn a_reference_survives_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/er");
        write(&path, &example()).expect("written");
        assert_eq!(read(&path, 3), Some(example()));
        assert_eq!(read(&path, 4), None, "a reference for another number of inputs is none");
    }

    #[test]
    fn a_damaged_reference_is_ignored() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x");
        write(&path, &example()).expect("written");
        let mut bytes = fs::read(&path).expect("readable");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, &bytes).expect("writable");
        assert_eq!(read(&path, 3), None);
        fs::write(&path, &bytes[..20]).expect("writable");
        assert_eq!(read(&path, 3), None);
    }
}
