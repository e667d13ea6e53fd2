//! Compiled guests on disk: compiled once per machine, loaded by every later process.
//! Not here: the guest and the engine's settings (`wasi`), the folder and the file themselves (`artefact::folder`).
//! In: an engine, a guest. Out: its module. A file that is damaged, or was made for something else, is made anew; one that
//! somebody else may have written is an error, since what it holds is run.

use std::{
    hash::{Hash, Hasher},
    io,
    path::{Path, PathBuf},
    time::Instant,
};

use wasmtime::{Engine, Module};

mod folder;
#[cfg(test)]
mod tests;

use folder::{Folder, FolderError, Found};

/// The layout of the files; another layout has other keys.
const FORMAT: &[u8] = b"trialbox artefact 1";

/// What a guest cannot be compiled or loaded for.
#[derive(Debug, thiserror::Error)]
pub enum ArtefactError {
    /// The guest cannot be had.
    #[error("cannot unpack the guest")]
    Guest(#[source] io::Error),
    /// It does not compile.
    #[error("cannot compile the guest")]
    Compile(#[source] wasmtime::Error),
    /// The folder or a file in it could be another's work. It is not used, and not replaced either.
    #[error("{} is not used: {reason}; compiled code is taken only from where nobody else can write", path.display())]
    Untrusted {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
}

/// Gives the module of a guest: from the folder, or by compiling it, which takes seconds.
///
/// `content` is the hash of the guest, or of what it is unpacked from; `wasm` unpacks it, and is asked only where it must be
/// compiled. `progress` is told what takes long and what could not be kept. Without a folder that can be used, the guest is
/// compiled in memory.
pub(crate) fn load_or_compile(
    engine: &Engine,
    wasm: impl FnOnce() -> io::Result<Vec<u8>>,
    content: blake3::Hash,
    folder: Option<&Path>,
    progress: &mut dyn FnMut(&str),
) -> Result<Module, ArtefactError> {
    let key = key(engine, content);
    let folder = match folder.map(Folder::open) {
        Some(Ok(folder)) => Some(folder),
        Some(Err(FolderError::Untrusted { path, reason })) => return Err(ArtefactError::Untrusted { path, reason }),
        Some(Err(FolderError::Unusable(reason))) => {
            progress(&format!("the compiled guest will not be kept: {reason}"));
            None
        }
        None => {
            progress("the compiled guest will not be kept: no cache folder is known");
            None
        }
    };
    if let Some(folder) = &folder {
        match folder.read(&key) {
            Ok(Found::Body(body)) => match load(engine, &body) {
                Ok(module) => return Ok(module),
                Err(error) => progress(&format!("the kept guest cannot be loaded and is compiled anew: {error}")),
            },
            Ok(Found::Nothing) => {}
            Ok(Found::Damaged(reason)) => progress(&format!("the kept guest is compiled anew: {reason}")),
            Err(FolderError::Untrusted { path, reason }) => return Err(ArtefactError::Untrusted { path, reason }),
            Err(FolderError::Unusable(reason)) => progress(&format!("the kept guest is compiled anew: {reason}")),
        }
    }
    let wasm = wasm().map_err(ArtefactError::Guest)?;
    progress("compiling the guest, once on this machine");
    let began = Instant::now();
    let Some(folder) = folder else {
        return Module::from_binary(engine, &wasm).map_err(ArtefactError::Compile);
    };
    let body = engine.precompile_module(&wasm).map_err(ArtefactError::Compile)?;
    progress(&format!("compiled the guest in {:.1} s", began.elapsed().as_secs_f64()));
    if let Err(error) = folder.write(&key, &body) {
        // A cache that cannot be written costs time, nothing else.
        progress(&format!("the compiled guest cannot be kept: {error}"));
    }
    load(engine, &body).map_err(ArtefactError::Compile)
}

/// Makes a module of compiled code.
fn load(engine: &Engine, body: &[u8]) -> wasmtime::Result<Module> {
    // SAFETY: the bytes are what `precompile_module` gave, unmodified: just now, or when a file was written that nobody but
    // ourselves and root can write (`Folder` has checked owner and mode of both folder and file, on the descriptors that
    // it read from) and whose checksum is right. They are in our own memory, so nothing changes them after the check.
    // What another version, engine or processor was meant for has another key, and is refused by wasmtime itself.
    #[expect(unsafe_code, reason = "loading compiled code trusts it")]
    unsafe {
        Module::deserialize(engine, body)
    }
}

/// What compiled code depends on: the guest, and everything that wasmtime names (its version, the settings, the processor's
/// features).
fn key(engine: &Engine, content: blake3::Hash) -> blake3::Hash {
    let mut hasher = Everything(blake3::Hasher::new());
    hasher.write(FORMAT);
    hasher.write(content.as_bytes());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize()
}

/// Takes what is hashed in full: the standard library's hashers give 64 bits, too few to trust.
struct Everything(blake3::Hasher);

impl Hasher for Everything {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        u64::from_le_bytes(std::array::from_fn(|at| hash.as_bytes()[at]))
    }
}
