//! Runs programs in a sandbox: [`Job`] in, [`Outcome`] out.
//! Not here: problems, expected answers and verdicts (`verifier`); policies (`sandbox-profiles`).
//! A program's misbehaviour is never an `Err`; [`RunError`] means that the host failed.

mod enforcement;
mod interpreter;
mod job;
mod memory;
mod native;
mod outcome;
mod speed;
mod toolchain;

pub use enforcement::{Enforcement, Layer};
pub use interpreter::{Interpreter, InterpreterError};
pub use job::{Calls, Driver, Inputs, Job, Limits, Prelude, Task, ToolRun};
pub use memory::give_back_freed_memory;
pub use native::{
    Compilation, CompileFailure, Conversation, Host, HostError, Next, Observer, Refusal, Relay, RunError, StepError,
    Worker,
};
pub use outcome::{Ending, LimitHit, Outcome, Phase, Progress, Reply, ReplyKind};
pub use speed::Speed;
pub use toolchain::{Standard, Toolchain, ToolchainError};
