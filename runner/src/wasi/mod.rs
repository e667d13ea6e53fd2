//! The WASI backend: a CPython in WebAssembly, one instance per program, limits counted in instructions.
//! Not here: what a policy says (`sandbox-profiles`).

#![cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the worker that uses it comes next"))]

mod artefact;
pub(crate) mod system;
