//! The WASI backend: a CPython in WebAssembly, one instance per program, limits counted in instructions.
//! Not here: what a policy says (`sandbox-profiles`).

mod areas;
mod artefact;
mod guest;
mod host;
mod inhabitant;
mod run;
pub(crate) mod system;
mod worker;

pub use artefact::ArtefactError;
pub use host::GuestError;
pub(crate) use host::Host;
pub(crate) use worker::Worker;
