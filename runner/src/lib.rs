//! Runs programs in a sandbox: [`Job`] in, [`Outcome`] out.
//! Not here: problems, expected answers and verdicts (`verifier`); policies (`sandbox-profiles`).
//! A program's misbehaviour is never an `Err`; [`RunError`] means that the host failed.

mod asleep;
mod conversation;
mod descriptors;
mod enforcement;
mod host;
mod interpreter;
mod job;
mod memory;
mod native;
mod observer;
mod outcome;
mod replaced;
mod replies;
mod speed;
mod toolchain;
mod wasi;
mod wire;
mod worker;

pub use asleep::programs_asleep;
pub use conversation::{Conversation, Refusal, Relay};
pub use descriptors::allow_more_descriptors;
pub use enforcement::{Enforcement, Layer};
pub use host::{Backend, Host};
pub use interpreter::{Interpreter, InterpreterError};
pub use job::{Calls, Driver, Extras, FilePath, Inputs, Job, Limits, Prelude, Task, ToolRun};
pub use memory::{available_memory_bytes, give_back_freed_memory};
pub use native::{Compilation, CompileFailure, HostError, SCRIPT, StepError};
pub use observer::{Next, Observer, RunError};
pub use outcome::{Ending, LimitHit, Outcome, Phase, Progress, Reply, ReplyKind, TrapCause, signal_name};
pub use replaced::sandboxes_replaced;
pub use speed::{Speed, machine_speed};
pub use toolchain::{Standard, Toolchain, ToolchainError};
pub use wasi::{ArtefactError, FUEL_PER_NS, GuestError, guest_has};
pub use worker::Worker;
