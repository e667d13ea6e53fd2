//! Sandbox policies: text to [`Profile`], and a profile's system call list to a BPF program.
//! Not here: applying a policy (`runner`); this crate makes no system call.
//! In: TOML, default deny, a `reason` on every permission. Out: [`Profile`].

mod profile;
mod seccomp;

pub use profile::{
    ArgumentTest, Confinement, FilesystemPolicy, Profile, ProfileError, ProfileLimits, RefusedAsMissing, SyscallRule,
    python,
};
pub use seccomp::{BpfInstruction, FilterError, compile};
