//! What is asked of the sandbox: a program, how to drive it, and its limits.
//! Not here: problems, expected answers or verdicts; nothing in a [`Job`] says what a right answer is. Nor any language: a
//! task says how a program is driven, and the warm parent that drives so (`native`) is all that knows what it is written in.

use std::{ops::Range, sync::Arc};

/// One run of one program.
#[derive(Clone, Debug)]
pub struct Job {
    /// The program: a source, or an executable, any bytes.
    pub program: Arc<[u8]>,
    /// How the program is driven.
    pub task: Task,
    /// What it may use.
    pub limits: Limits,
}

/// How a program is driven.
#[derive(Clone, Debug)]
pub enum Task {
    /// Load it and call one of its functions with each input.
    Calls(Calls),
    /// Run it as a script with a text on stdin.
    Script {
        /// What stands on stdin.
        stdin: Arc<[u8]>,
        /// What it finds in its namespace before it begins.
        prelude: Prelude,
        /// What there is of it beside stdin and stdout.
        extras: Option<Arc<Extras>>,
    },
    /// Load it as a module and answer what tests ask of its functions ([`Worker::converse`](crate::Worker::converse)).
    Answer,
    /// Run it as tests, trusted code: an encoded list of statements. Whatever they ask is answered by another program.
    Ask,
    /// Execute it, with a text on stdin.
    Execute {
        /// What stands on stdin.
        stdin: Arc<[u8]>,
        /// What there is of it beside stdin and stdout.
        extras: Option<Arc<Extras>>,
    },
    /// Have a shell run it, with a text on stdin.
    Shell {
        /// What stands on stdin.
        stdin: Arc<[u8]>,
        /// What there is of it beside stdin and stdout.
        extras: Option<Arc<Extras>>,
    },
    /// Give it to a tool of the host, which makes something else of it ([`Worker::compile`](crate::Worker::compile)).
    Tool(ToolRun),
}

/// What there is of a whole program beside stdin and stdout, for whoever runs it and does not judge it: stderr is kept, and
/// files pass through its folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Files that it finds in its folder: a path, and what stands there.
    pub files: Vec<(FilePath, Vec<u8>)>,
    /// Files that are taken from its folder when it has ended.
    pub fetched: Vec<FilePath>,
}

/// A path within a program's folder, which cannot lead out of it as a text: `data/in.txt`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilePath(String);

impl From<FilePath> for String {
    fn from(path: FilePath) -> Self {
        path.0
    }
}

impl FilePath {
    /// The folder is that deep at most, and no name longer than file systems have them.
    const MOST_PARTS: usize = 8;
    const MOST_PART_BYTES: usize = 255;

    /// A path, where the text is one: relative, of names and single slashes, without `.` and `..`.
    pub fn new(text: &str) -> Option<Self> {
        let is_name = |part: &str| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.len() <= Self::MOST_PART_BYTES
                && !part.contains('\0')
        };
        let fits = text.split('/').count() <= Self::MOST_PARTS && text.split('/').all(is_name);
        fits.then(|| Self(text.to_owned()))
    }

    /// The path as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders on the way, and the file's own name.
    pub(crate) fn parts(&self) -> (impl Iterator<Item = &str>, &str) {
        let (folders, name) = self.0.rsplit_once('/').unwrap_or(("", &self.0));
        (folders.split('/').filter(|part| !part.is_empty()), name)
    }
}

/// A tool at work: it finds the program as a file in its folder, and leaves another there.
#[derive(Clone, Debug)]
pub struct ToolRun {
    /// The tool and its arguments, each with a NUL behind it.
    pub(crate) command: Vec<u8>,
    /// What the program is called.
    pub(crate) input: &'static str,
    /// What is taken from the folder when the tool has ended.
    pub(crate) output: &'static str,
}

impl Task {
    /// Whether it is a whole program that reads stdin and writes stdout.
    pub(crate) fn has_streams(&self) -> bool {
        matches!(self, Self::Script { .. } | Self::Execute { .. } | Self::Shell { .. } | Self::Tool(_))
    }

    /// Whether a Python interpreter does it.
    pub(crate) fn is_python(&self) -> bool {
        !matches!(self, Self::Execute { .. } | Self::Shell { .. } | Self::Tool(_))
    }

    /// What there is of it beside stdin and stdout.
    pub(crate) fn extras(&self) -> Option<&Extras> {
        match self {
            Self::Script { extras, .. } | Self::Execute { extras, .. } | Self::Shell { extras, .. } => {
                extras.as_deref()
            }
            Self::Calls(_) | Self::Answer | Self::Ask | Self::Tool(_) => None,
        }
    }

    /// Whether what it writes to stderr is kept.
    pub(crate) fn keeps_stderr(&self) -> bool {
        self.extras().is_some()
    }

    /// What stands on its stdin, to be kept.
    pub(crate) fn shared_stdin(&self) -> Option<Arc<[u8]>> {
        match self {
            Self::Script { stdin, .. } | Self::Execute { stdin, .. } | Self::Shell { stdin, .. } => {
                Some(Arc::clone(stdin))
            }
            Self::Calls(_) | Self::Answer | Self::Ask | Self::Tool(_) => None,
        }
    }

    /// What stands on its stdin.
    pub(crate) fn stdin(&self) -> Option<&[u8]> {
        match self {
            Self::Script { stdin, .. } | Self::Execute { stdin, .. } | Self::Shell { stdin, .. } => Some(stdin),
            Self::Calls(_) | Self::Answer | Self::Ask | Self::Tool(_) => None,
        }
    }
}

/// Calls of one function.
#[derive(Clone, Debug)]
pub struct Calls {
    /// The function's name.
    pub entry_point: String,
    /// The inputs of the problem.
    pub inputs: Arc<Inputs>,
    /// Which of them are run, in order.
    pub range: Range<usize>,
    /// After this many finished calls the program waits until what it answered so far was looked at. At most four.
    pub gates: Vec<u32>,
    /// Measure the CPU time of every call exactly, at the price of a system call each.
    pub exact_cpu: bool,
    /// How the program is loaded and the function found.
    pub driver: Driver,
}

/// How a program is loaded, and what is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Driver {
    /// As a module; its function of that name.
    #[default]
    Module,
    /// As a module behind LiveCodeBench's star imports; where there is a class `Solution` with such a method, that of a
    /// new object for each call.
    FreshSolution,
    /// As lcb_runner loads it where a function is asked for: one `Solution()` for all calls.
    LcbRunnerFunction,
    /// As lcb_runner loads it where a whole program is asked for: that becomes a function, which is called with what shall
    /// stand on stdin, and gives what it printed.
    LcbRunnerStdin,
}

/// What a script finds in its namespace before it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prelude {
    /// Nothing.
    #[default]
    None,
    /// LiveCodeBench's star imports.
    LiveCodeBench,
}

/// The encoded argument lists of one problem, made once and shared by all its candidates.
#[derive(Debug)]
pub struct Inputs {
    pub(crate) bytes: Vec<u8>,
    pub(crate) spans: Vec<Range<usize>>,
}

impl Inputs {
    /// Takes argument lists, each encoded as `marshal` version 2 of a list or tuple.
    pub fn new(encoded: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut inputs = Inputs { bytes: Vec::new(), spans: Vec::new() };
        for input in encoded {
            let start = inputs.bytes.len();
            inputs.bytes.extend_from_slice(&input);
            inputs.spans.push(start..inputs.bytes.len());
        }
        inputs
    }

    /// One of them, encoded. Panics where there is no such one.
    pub fn get(&self, index: usize) -> &[u8] {
        &self.bytes[self.spans[index].clone()]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }
}

/// What a program may use. CPU limits count the program's own CPU time, whatever else the machine does.
#[derive(Clone, Debug)]
pub struct Limits {
    /// CPU time of the whole run.
    pub cpu_ns: u64,
    /// CPU time before the first call (compiling and module-level code).
    pub load_cpu_ns: u64,
    /// CPU time of each call, by its index in [`Inputs`]; empty for none but the total.
    pub call_cpu_ns: Arc<[u64]>,
    /// At how many percent of its limits of CPU time a program is stopped while the machine is as fast as it ever was: what is
    /// beyond is for programs whose time counts more because something else runs. 100 for no such difference.
    pub firm_percent: u64,
    /// Time in which the program neither ran nor waited for a CPU: the limit that ends sleepers.
    pub idle_ns: u64,
    /// Memory, tmpfs pages included where a cgroup counts them.
    pub memory_bytes: u64,
    /// Size of stdout, and of any one file the program writes.
    pub output_bytes: u64,
    /// Size of the area for answers. A returned value larger than about half of it is not sent but hashed.
    pub reply_bytes: u64,
}

impl Limits {
    /// RLIMIT_AS: a loose backstop, since it counts address space that nobody touches.
    pub fn address_space_bytes(&self) -> u64 {
        self.memory_bytes.saturating_mul(4).saturating_add(16 << 30)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_ns: 10_000_000_000,
            load_cpu_ns: 10_000_000_000,
            call_cpu_ns: Arc::new([]),
            firm_percent: 100,
            idle_ns: 10_000_000_000,
            memory_bytes: 1 << 30,
            output_bytes: 64 << 20,
            reply_bytes: 64 << 20,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_folder() {
        for good in ["a", "a b.txt", "data/in.txt", ".hidden", "a/b/c/d/e/f/g/h", "...", "ü"] {
            assert_eq!(FilePath::new(good).expect(good).as_str(), good);
        }
        for bad in ["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\0b", "a/b/c/d/e/f/g/h/i"] {
            assert_eq!(FilePath::new(bad), None, "{bad:?}");
        }
        assert_eq!(FilePath::new(&"x".repeat(256)), None);
        let path = FilePath::new("a/b/c.txt").expect("a path");
        let (folders, name) = path.parts();
        assert_eq!((folders.collect::<Vec<_>>(), name), (vec!["a", "b"], "c.txt"));
    }
}
