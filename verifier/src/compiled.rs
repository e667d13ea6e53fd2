//! Compiled candidates: a source becomes a program, kept on disk by content.
//! Not here: compiling (`runner`), judging what the program does (`judge`).
//! In: a source. Out: the program, or the fault of a source that has none.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use trialbox_datasets::CppStandard;
use trialbox_runner::{Compilation, CompileFailure, Ending, LimitHit, Limits, RunError, Standard, Worker};

use crate::{
    ending::{Fault, with_headroom},
    repr::cut,
    verdict::Verdict,
    verify::Settings,
};

/// The fault of a source that does not compile, and what finding out took.
pub(crate) struct Uncompiled {
    pub(crate) fault: Fault,
    pub(crate) cpu_ns: u64,
    pub(crate) peak_memory_bytes: u64,
    /// Whether it was compiled again alone.
    pub(crate) alone: bool,
}

/// The layout of the files; another layout has other names.
const FORMAT: &str = "trialbox program 1";
/// The folder of the cache, and how much it may hold: so many programs in each of 256 parts, none larger than this.
const FOLDER: &str = "program";
const MOST_IN_A_PART: usize = 8;
const MOST_BYTES: usize = 8 << 20;

/// What compiling may take. Codeforces gives as much; the largest honest sources take a third of it.
fn limits() -> Limits {
    Limits { cpu_ns: 10_000_000_000, idle_ns: 10_000_000_000, memory_bytes: 1 << 30, ..Limits::default() }
}

/// Gives the program of a source: from the cache, or by compiling it.
pub(crate) fn compiled(
    source: &Arc<[u8]>,
    standard: CppStandard,
    worker: &mut Worker,
    settings: &Settings,
) -> Result<Result<Arc<[u8]>, Uncompiled>, RunError> {
    let standard = standard_of(standard);
    let kept = match (&settings.cache, worker.identity(standard)) {
        (Some(folder), Some(identity)) => Some(Kept::new(folder, &identity, source)),
        _ => None,
    };
    if let Some(program) = kept.as_ref().and_then(Kept::read) {
        return Ok(Ok(program.into()));
    }
    let loose = Limits { cpu_ns: with_headroom(limits().cpu_ns), ..limits() };
    let mut compile = |limits: &Limits| worker.compile(source, standard, limits);
    let mut compilation = settings.room.among_others(loose.memory_bytes, || compile(&loose))?;
    let alone = is_too_slow(&compilation);
    if alone {
        compilation = settings.room.alone(|| compile(&limits()))?;
    }
    let Compilation { result, cpu_ns, peak_memory_bytes } = compilation;
    match result {
        Ok(program) => {
            if let Some(kept) = kept
                && let Err(error) = kept.write(&program)
            {
                // A cache that cannot be written costs time, nothing else.
                tracing::warn!(path = %kept.path.display(), %error, "cannot keep a program");
            }
            Ok(Ok(program))
        }
        Err(failure) => Ok(Err(Uncompiled { fault: fault_of(failure), cpu_ns, peak_memory_bytes, alone })),
    }
}

/// Whether a source took too long among others: alone it may not.
fn is_too_slow(compilation: &Compilation) -> bool {
    let is_of_time = |failure: &CompileFailure| {
        matches!(failure.ending, Ending::Limit(LimitHit::Cpu { .. } | LimitHit::CallCpu { .. } | LimitHit::Idle { .. }))
    };
    compilation.cpu_ns > limits().cpu_ns || compilation.result.as_ref().is_err_and(is_of_time)
}

/// The standard, as the compiler's side calls it.
/// The standard that a row asks for, as the compiler knows it.
pub fn standard_of(standard: CppStandard) -> Standard {
    match standard {
        CppStandard::Cpp14 => Standard::Cpp14,
        CppStandard::Cpp17 => Standard::Cpp17,
        CppStandard::Cpp20 => Standard::Cpp20,
        CppStandard::Cpp23 => Standard::Cpp23,
    }
}

/// Whatever keeps a source from becoming a program is a compile error, as Codeforces has it; a limit behind it is named.
fn fault_of(failure: CompileFailure) -> Fault {
    let said = failure.said;
    let (actual, limit) = match failure.ending {
        Ending::Limit(hit) => {
            let fault = Fault::of_limit(hit, &limits(), limits().cpu_ns);
            (format!("the compiler was stopped: {}", fault.actual), fault.limit)
        }
        Ending::Signaled { signal } => (format!("the compiler was ended by signal {signal}\n{said}"), None),
        Ending::Exited { .. } | Ending::Trapped { .. } | Ending::Stopped if said.is_empty() => {
            ("the compiler made no program and said nothing".to_owned(), None)
        }
        Ending::Exited { .. } | Ending::Trapped { .. } | Ending::Stopped => (said, None),
    };
    Fault { limit, ..Fault::new(Verdict::CompileError, cut(actual.trim_end())) }
}

/// One program's place in the cache.
struct Kept {
    path: PathBuf,
    /// What the program was made of and by.
    key: blake3::Hash,
}

impl Kept {
    fn new(cache: &Path, identity: &str, source: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [FORMAT.as_bytes(), identity.as_bytes(), source] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let key = hasher.finalize();
        let name = key.to_hex();
        Self { path: cache.join(FOLDER).join(&name[..2]).join(&name[2..]), key }
    }

    /// Over the key too: a program that was put in another's place is as bad as a damaged one.
    fn checksum(&self, program: &[u8]) -> blake3::Hash {
        blake3::Hasher::new_keyed(self.key.as_bytes()).update(program).finalize()
    }

    /// Reads the program; `None` where there is none, or none that can be trusted.
    fn read(&self) -> Option<Vec<u8>> {
        let length = fs::metadata(&self.path).ok()?.len();
        let mut bytes = if length <= MOST_BYTES as u64 + 32 { fs::read(&self.path).ok()? } else { Vec::new() };
        let checksum: [u8; 32] = bytes.get(..32).and_then(|head| head.try_into().ok()).unwrap_or_default();
        if bytes.len() < 32 || self.checksum(&bytes[32..]) != checksum {
            tracing::warn!(path = %self.path.display(), "a damaged program is made anew");
            return None;
        }
        bytes.drain(..32);
        Some(bytes)
    }

    /// Written aside and moved into place, so that another process sees all of it or nothing.
    fn write(&self, program: &[u8]) -> io::Result<()> {
        if program.len() > MOST_BYTES {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        make_room(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(self.checksum(program).as_bytes())?;
        file.write_all(program)?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// Removes the oldest programs of a part that is full.
fn make_room(folder: &Path) -> io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)?.flatten() {
        let modified = entry.metadata().and_then(|about| about.modified());
        files.push((modified.unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
    }
    files.sort();
    for (_, path) in files.iter().rev().skip(MOST_IN_A_PART - 1) {
        // Somebody else may have removed it.
        let _ = fs::remove_file(path);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Counter;

    #[test]
    fn a_program_is_kept_by_source_and_compiler() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = Kept::new(folder.path(), "g++ 12", b"int main() {}");
        assert_eq!(kept.read(), None);
        kept.write(b"program").expect("written");
        assert_eq!(kept.read().as_deref(), Some(b"program".as_slice()));
        assert_eq!(Kept::new(folder.path(), "g++ 13", b"int main() {}").read(), None);
        assert_eq!(Kept::new(folder.path(), "g++ 12", b"int main() { }").read(), None);
    }

    #[test]
    fn a_damaged_or_foreign_program_is_not_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let (kept, other) = (Kept::new(folder.path(), "g++", b"a"), Kept::new(folder.path(), "g++", b"b"));
        kept.write(b"program of a").expect("written");
        other.write(b"program of b").expect("written");
        fs::copy(&other.path, &kept.path).expect("copied");
        assert_eq!(kept.read(), None, "another's program");
        kept.write(b"program of a").expect("written again");
        let mut bytes = fs::read(&kept.path).expect("readable");
        *bytes.last_mut().expect("not empty") ^= 1;
        fs::write(&kept.path, &bytes).expect("writable");
        assert_eq!(kept.read(), None, "damaged");
        fs::write(&kept.path, b"short").expect("writable");
        assert_eq!(kept.read(), None, "cut off");
    }

    #[test]
    fn no_part_of_the_cache_grows_without_end() {
        let folder = tempfile::tempdir().expect("a folder");
        for number in 0..50 {
            let path = folder.path().join(number.to_string());
            Kept { path, key: blake3::hash(b"key") }.write(b"program").expect("written");
        }
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), MOST_IN_A_PART);
        let huge = Kept::new(folder.path(), "g++", b"huge");
        huge.write(&vec![0; MOST_BYTES + 1]).expect("no error");
        assert_eq!(huge.read(), None);
    }

    #[test]
    fn a_limit_of_the_compiler_is_a_compile_error_that_names_it() {
        let failure = |ending, said: &str| fault_of(CompileFailure { ending, said: said.to_owned() });
        let stopped = failure(Ending::Limit(LimitHit::Cpu { used_ns: 11_000_000_000 }), "");
        assert_eq!(stopped.verdict, Verdict::CompileError);
        assert_eq!(stopped.limit.expect("a limit").counter, Counter::CpuNs);
        assert!(stopped.actual.contains("11000 ms of CPU time"), "{}", stopped.actual);
        let said = failure(Ending::Exited { status: 1 }, "solution.cpp:1:1: error: nonsense");
        assert_eq!((said.verdict, said.limit), (Verdict::CompileError, None));
        assert_eq!(said.actual, "solution.cpp:1:1: error: nonsense");
        assert!(failure(Ending::Exited { status: 0 }, "").actual.contains("no program"));
    }
}
