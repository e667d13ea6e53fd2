//! The guest that ships with trialbox: its bytes, and what they are.
//! Not here: how it was made (`runner/guest`), compiling it for this machine (`artefact`).

use std::io::{self, Read};

use ruzstd::decoding::StreamingDecoder;

/// The version of its CPython.
pub(crate) const PYTHON_VERSION: &str = "3.11.2";

/// The top-level modules that programs can import in it.
static MODULES: &str = include_str!("../../guest/modules.txt");

/// Whether programs can import a top-level module in the guest, and use it: threads and processes can be imported, and not
/// be started.
pub fn guest_has(module: &str) -> bool {
    const USELESS: [&str; 4] = ["concurrent", "multiprocessing", "subprocess", "threading"];
    !USELESS.contains(&module) && MODULES.lines().any(|line| line == module)
}

/// As `build.sh` has published it.
static COMPRESSED: &[u8] = include_bytes!("../../guest/guest.wasm.zst");

/// Names the guest.
pub(crate) fn hash() -> blake3::Hash {
    blake3::hash(COMPRESSED)
}

/// The guest, unpacked.
pub(crate) fn wasm() -> io::Result<Vec<u8>> {
    let mut wasm = Vec::new();
    StreamingDecoder::new(COMPRESSED).map_err(io::Error::other)?.read_to_end(&mut wasm)?;
    Ok(wasm)
}
