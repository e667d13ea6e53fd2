//! The native backend: a warm parent per worker and kind of program (a CPython, a launcher of compiled ones), one forked
//! child per program, the kernel's own walls around both.
//! Not here: what a policy says (`sandbox-profiles`).

#![expect(unsafe_code, reason = "namespaces, shared memory and process control are system calls")]

mod answers;
mod area;
mod cgroup;
mod child;
mod compile;
mod exec;
mod gate;
mod host;
mod isolation;
mod jail;
mod landlock;
mod leftovers;
mod memory_map;
mod pace;
mod packages;
mod placing;
mod process;
mod run;
mod scratch;
mod self_test;
mod shell;
mod steps;
#[cfg(test)]
mod test_host;
mod tree;
mod view;
mod watch;
mod worker;
mod zygote;

pub(crate) use cgroup::free_bytes;
pub use compile::{Compilation, CompileFailure};
pub(crate) use host::Host;
pub use host::HostError;
pub use shell::SCRIPT;
pub use steps::StepError;
pub(crate) use worker::{Worker, pin_to_a_core};
