//! The guest that ships with trialbox: its bytes, and what they are.
//! Not here: how it was made (`runner/guest`), compiling it for this machine (`artefact`).

/// The version of its CPython.
pub(crate) const PYTHON_VERSION: &str = "3.11.2";

static DEV: &[u8] = include_bytes!("/tmp/guest/dev.wasm");

/// Names the guest.
pub(crate) fn hash() -> blake3::Hash {
    blake3::hash(DEV)
}

/// The guest, unpacked.
pub(crate) fn wasm() -> std::io::Result<Vec<u8>> { Ok(DEV.to_vec()) }
