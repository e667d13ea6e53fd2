//! What happened to a job: facts, with the counter that proves each.
//! Not here: whether the program was right (`verifier::judge`).

use std::sync::Arc;

use nix::sys::signal::Signal;

use crate::{enforcement::Enforcement, job::FilePath};

/// What happened to a job.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How the run ended.
    pub ending: Ending,
    /// How far the program says it got. The program may lie.
    pub progress: Progress,
    /// What stands on stdout (whole programs only).
    pub stdout: Vec<u8>,
    /// What was written to stderr, where the task keeps it.
    pub stderr: Vec<u8>,
    /// The files that the task asked for and the program left.
    pub files: Vec<(FilePath, Vec<u8>)>,
    /// What a tool made.
    pub made: Option<Vec<u8>>,
    /// CPU time of the program. In the WASI guest, as all times here, made of the instructions it used.
    pub cpu_ns: u64,
    /// The instructions it used, as WebAssembly's fuel; `None` where they are not counted.
    pub fuel: Option<u64>,
    /// Time in which it neither ran nor waited for a CPU; up to half of the limit, its wait for a CPU is not taken off.
    pub idle_ns: u64,
    /// From the request to the end.
    pub wall_ns: u64,
    /// The largest resident size, the interpreter's own pages included.
    pub peak_memory_bytes: u64,
    /// How many times as long as at its best the machine took for the same work meanwhile; `None` where nobody felt it: the
    /// program was too short, or its time is made of instructions.
    pub slowness: Option<f64>,
    /// What was enforced.
    pub enforcement: Arc<Enforcement>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The process ended by itself.
    Exited {
        /// Its exit status.
        status: i32,
    },
    /// A signal that trialbox did not send ended it.
    Signaled {
        /// The signal's number.
        signal: i32,
    },
    /// Its virtual machine could not go on.
    Trapped {
        /// Why.
        cause: TrapCause,
    },
    /// A limit ended it.
    Limit(LimitHit),
    /// The observer said stop at a gate.
    Stopped,
}

/// Why a virtual machine could not go on with a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrapCause {
    /// The stack of its C code was full.
    Stack,
    /// Its C code read or wrote where there is no memory; as it does where its stack ran out of what lies in memory.
    Memory,
    /// Its C code gave up.
    Abort,
    /// An instruction that cannot be executed.
    Instruction,
}

/// Which limit ended a run, and what the counter showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitHit {
    /// CPU time of the whole run.
    Cpu {
        /// What was used.
        used_ns: u64,
    },
    /// CPU time of one call, or of loading (`call` is `None`).
    CallCpu {
        /// The index of the call within the job.
        call: Option<u32>,
        /// What was used.
        used_ns: u64,
    },
    /// Time in which the program neither ran nor waited for a CPU.
    Idle {
        /// How long.
        idle_ns: u64,
    },
    /// Memory.
    Memory {
        /// What was used when it was stopped.
        used_bytes: u64,
    },
    /// Size of stdout.
    Output {
        /// What was written.
        written_bytes: u64,
    },
    /// What lies in the scratch folder, where that is no file system of its own (which would answer ENOSPC).
    Scratch {
        /// Bytes on disk.
        bytes: u64,
        /// Files and folders.
        files: u64,
        /// The most bytes that the profile allows.
        most_bytes: u64,
        /// Whether `bytes` is what the disk has lost since the program began, which somebody else may have taken.
        is_suspicion: bool,
    },
    /// Threads at once, where the kernel does not count them for each program (and would answer EAGAIN).
    Threads {
        /// How many there were.
        threads: u64,
        /// How many the profile allows.
        most: u64,
    },
}

/// How far a program says it got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The last stage reached.
    pub phase: Phase,
    /// Calls begun.
    pub started: u32,
    /// CPU time of its module-level code; 0 until that is done.
    pub load_cpu_ns: u64,
}

/// The stages of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The process was made.
    #[default]
    Forked,
    /// Its limits are in force.
    Started,
    /// The source compiled.
    Compiled,
    /// Module-level code ran to its end.
    Loaded,
    /// Everything was done.
    Finished,
}

/// One answer of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What kind of answer.
    pub kind: ReplyKind,
    /// An encoded value for [`ReplyKind::Returned`], a digest for [`ReplyKind::Digest`], else text.
    pub payload: Vec<u8>,
    /// CPU time of the call as the program measured it; 0 where it was under a millisecond.
    pub cpu_ns: u64,
}

/// What kind of answer a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// The call returned.
    Returned,
    /// The call returned a value too large to be sent: SHA-256 of its encoding, then its length as a u64.
    Digest,
    /// The call raised.
    Raised,
    /// The call returned something that is not plain data of bearable size.
    NotPlain,
    /// The source does not compile.
    CompileError,
    /// Module-level code raised.
    LoadError,
    /// The module has no such function.
    NoEntryPoint,
    /// A script ended with an uncaught exception.
    ScriptError,
}

/// A signal's name (`SIGSEGV`); `None` for one that has none, such as a real-time signal.
pub fn signal_name(number: i32) -> Option<&'static str> {
    Signal::try_from(number).ok().map(Signal::as_str)
}
