//! Compiles a C++ candidate: the tools of the host's compiler, one after the other, each in the compilers' jail.
//! Not here: which tools there are (`toolchain`), keeping what came of it (`verifier::compiled`).
//! In: a source, which is hostile. Out: a program, which is as hostile, or what the tool that failed said.

use std::{io, sync::Arc};

use super::worker::Worker;
use crate::{
    job::{Job, Limits, Task, ToolRun},
    observer::{RunError, failed},
    outcome::{Ending, Outcome, Reply},
    toolchain::{Standard, Toolchain},
};

/// What came of a source.
#[derive(Clone, Debug)]
pub struct Compilation {
    /// The program, or why there is none.
    pub result: Result<Arc<[u8]>, CompileFailure>,
    /// CPU time of all tools.
    pub cpu_ns: u64,
    /// The largest resident size of any of them.
    pub peak_memory_bytes: u64,
}

/// Why there is no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileFailure {
    /// How the tool that failed ended.
    pub ending: Ending,
    /// The first lines of what it said.
    pub said: String,
}

/// What is read of a tool's complaints, and what is kept.
const READ_BYTES: usize = 64 << 10;
const KEPT_LINES: usize = 20;
const KEPT_BYTES: usize = 2_000;

impl Worker {
    /// Names the compiler and all else that decides (`crate::Worker::identity`).
    pub(crate) fn identity(&self, standard: Standard) -> Option<String> {
        self.host.toolchain().ok().map(|toolchain| toolchain.identity(standard))
    }

    /// Compiles a C++ source (`crate::Worker::compile`).
    pub(crate) fn compile(
        &mut self,
        source: &Arc<[u8]>,
        standard: Standard,
        limits: &Limits,
    ) -> Result<Compilation, RunError> {
        let host = Arc::clone(&self.host);
        let toolchain = host.toolchain().map_err(|error| failed("judge C++")(io::Error::other(error.to_string())))?;
        compile(toolchain, source, standard, limits, |job| self.run(job, Vec::new))
    }
}

/// Compiles a source by means of something that runs jobs.
pub(crate) fn compile(
    toolchain: &Toolchain,
    source: &Arc<[u8]>,
    standard: Standard,
    limits: &Limits,
    mut run: impl FnMut(&Job) -> Result<(Outcome, Vec<Reply>), RunError>,
) -> Result<Compilation, RunError> {
    let mut compilation = Compilation { result: Ok(Arc::clone(source)), cpu_ns: 0, peak_memory_bytes: 0 };
    for tool in &toolchain.tools {
        let Ok(input) = &compilation.result else { break };
        let words = [vec![tool.path.display().to_string()], tool.with(standard)].concat();
        let command = words.into_iter().flat_map(|word| [word.into_bytes(), vec![0]].concat()).collect();
        let task = Task::Tool(ToolRun { command, input: tool.input, output: tool.output });
        let left_ns = limits.cpu_ns.saturating_sub(compilation.cpu_ns);
        let limits = Limits { cpu_ns: left_ns, load_cpu_ns: left_ns, ..limits.clone() };
        let (outcome, replies) = run(&Job { program: Arc::clone(input), task, limits })?;
        if let Some(reply) = replies.first() {
            // Tools are ours to start: that none starts is no source's doing.
            let why = String::from_utf8_lossy(&reply.payload).into_owned();
            return Err(failed("start a compiler's tool")(io::Error::other(why)));
        }
        compilation.cpu_ns += outcome.cpu_ns;
        compilation.peak_memory_bytes = compilation.peak_memory_bytes.max(outcome.peak_memory_bytes);
        compilation.result = result_of(outcome);
    }
    Ok(compilation)
}

/// What a tool made, if it ended as one does that made something.
fn result_of(outcome: Outcome) -> Result<Arc<[u8]>, CompileFailure> {
    match outcome.made {
        Some(made) if outcome.ending == (Ending::Exited { status: 0 }) => Ok(made.into()),
        _ => {
            let said = &outcome.stdout[..outcome.stdout.len().min(READ_BYTES)];
            Err(CompileFailure { ending: outcome.ending, said: first_lines(&String::from_utf8_lossy(said)) })
        }
    }
}

/// The first lines, without the host's paths: of a file, its name is said.
fn first_lines(said: &str) -> String {
    let mut text = String::new();
    for line in said.lines().filter(|line| !line.trim().is_empty()).take(KEPT_LINES) {
        let line = without_folders(line);
        if text.len() + line.len() > KEPT_BYTES {
            break;
        }
        text += &line;
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

/// A line with every absolute path cut down to its last part.
fn without_folders(line: &str) -> String {
    let is_of_path = |letter: char| letter.is_alphanumeric() || "/._-+~".contains(letter);
    let (mut text, mut rest) = (String::new(), line);
    while let Some(start) = rest.find('/') {
        let begins = !rest[..start].ends_with(is_of_path);
        let end = rest[start..].find(|letter: char| !is_of_path(letter)).map_or(rest.len(), |length| start + length);
        let path = &rest[start..end];
        text += &rest[..start];
        // A single `/` divides.
        text += if begins && path.len() > 1 { path.rsplit('/').next().unwrap_or_default() } else { path };
        rest = &rest[end..];
    }
    text + rest
}

#[cfg(test)]
mod runs;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_paths_only_the_last_part_is_said() {
        for (line, expected) in [
            ("solution.cpp:3:5: error: 'x' was not declared", "solution.cpp:3:5: error: 'x' was not declared"),
            ("In file included from /usr/include/c++/12/map:60,", "In file included from map:60,"),
            ("/tmp/trialbox-a/scratch-b/solution.o: in function `main':", "solution.o: in function `main':"),
            ("error: invalid operands of 'a / b' and a/b", "error: invalid operands of 'a / b' and a/b"),
            ("fatal error: /etc/passwd: No such file", "fatal error: passwd: No such file"),
        ] {
            assert_eq!(without_folders(line), expected);
        }
    }

    #[test]
    fn a_flood_of_complaints_is_cut() {
        let said = first_lines(&"error: something is wrong with this template\n".repeat(10_000));
        assert!(said.len() < KEPT_BYTES && said.lines().count() == KEPT_LINES, "{}", said.len());
        assert!(first_lines(&"x".repeat(1 << 20)).is_empty());
    }
}
