//! placeholder
use std::path::Path;
use wasmtime::{Engine, Module};
/// Error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ArtefactError(String);
pub(crate) fn load_or_compile(engine: &Engine, wasm: impl FnOnce() -> Vec<u8>, _hash: &blake3::Hash, _cache: Option<&Path>, progress: &mut dyn FnMut(&str)) -> Result<Module, ArtefactError> {
    progress("compiling");
    Module::new(engine, wasm()).map_err(|e| ArtefactError(e.to_string()))
}
