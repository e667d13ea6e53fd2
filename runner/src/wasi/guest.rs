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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// What `sha256sum` says of a list of files.
    #[expect(clippy::disallowed_methods, reason = "a tool of the system, in a test")]
    fn checked(folder: &str, list: &str) -> bool {
        let mut command = Command::new("sha256sum");
        command.args(["--check", "--quiet", "--ignore-missing", list]);
        let folder = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
        command.current_dir(folder).status().expect("coreutils are there").success()
    }

    #[test]
    fn the_guest_is_the_one_that_was_built_of_the_sources_that_are_here() {
        assert!(checked("guest", "SHA256SUMS"), "guest.wasm.zst is not what build.sh has published");
        let missing = include_str!("../../guest/SOURCES").lines().filter_map(|line| line.split_once("  "));
        for (_, path) in missing {
            assert!(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{path} is gone");
        }
        assert!(checked(".", "guest/SOURCES"), "build.sh has not been run since the driver or the guest changed");
    }

    #[test]
    fn the_guest_unpacks_to_a_module() {
        let wasm = wasm().expect("it is well compressed");
        assert_eq!(&wasm[..8], b"\0asm\x01\0\0\0");
    }
}
