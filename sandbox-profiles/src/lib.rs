//! Sandbox policies: text to [`Profile`], a profile's system call list to a BPF program, and both to people.
//! Not here: applying a policy (`runner`); this crate makes no system call.
//! In: TOML, default deny, a `reason` on every permission. Out: [`Profile`], BPF, an explanation.

mod document;
mod explain;
mod never;
mod profile;
mod seccomp;

pub use explain::explain;
pub use never::{NEVER_ALLOWED, NeverAllowed};
pub use profile::{
    ArgumentTest, Confinement, FilesystemPolicy, Profile, ProfileError, ProfileLimits, RefusedAsMissing, SyscallRule,
    bash, cpp, cpp_compile, python, shipped,
};
pub use seccomp::{BpfInstruction, FilterError, compile, compile_refusals};
