//! The WASI backend: a CPython in WebAssembly, one instance per program, limits counted in instructions.
//! Not here: what a policy says (`sandbox-profiles`).

mod areas;
mod artefact;
mod guest;
mod host;
mod inhabitant;
mod run;
mod system;
#[cfg(test)]
mod tests;
mod worker;

pub use artefact::ArtefactError;
pub use guest::guest_has;
pub use host::GuestError;
pub(crate) use host::Host;
pub use system::FUEL_PER_NS;
pub(crate) use worker::Worker;
