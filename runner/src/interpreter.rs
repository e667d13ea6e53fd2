//! The CPython found on the host: where its files are, and whether it can serve.
//! Not here: starting it for candidates (`native::zygote`).
//! In: a path or name. Out: [`Interpreter`], asked of the interpreter itself once, before any candidate exists.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

/// A usable CPython.
#[derive(Clone, Debug, Deserialize)]
pub struct Interpreter {
    /// The real executable, symbolic links and virtual environments resolved.
    pub executable: PathBuf,
    /// `X.Y.Z`.
    pub version: String,
    /// `sys.implementation.name`.
    implementation: String,
    /// Whether it was built without the global interpreter lock.
    free_threaded: bool,
    /// The installation's own folder.
    pub(crate) base_prefix: PathBuf,
    /// Folders to import from: the standard library, then installed packages.
    pub(crate) path: Vec<PathBuf>,
}

/// Why an interpreter cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum InterpreterError {
    /// It cannot be started.
    #[error(
        "cannot start the Python interpreter `{path}`: {source}; install python3 (3.9 or later) or name one with --python"
    )]
    Start {
        /// What was tried.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It was started and gave no usable answer.
    #[error("`{path}` does not answer like a Python interpreter: {answer}")]
    Answer {
        /// What was tried.
        path: PathBuf,
        /// What it said.
        answer: String,
    },
    /// It is not a CPython from 3.9 on with a global interpreter lock.
    #[error("`{path}` is {found}; trialbox needs CPython 3.9 or later with the global interpreter lock")]
    Unsupported {
        /// What was tried.
        path: PathBuf,
        /// What it is.
        found: String,
    },
}

const QUESTION: &str = r#"
import json, os, site, sys, sysconfig
base = getattr(sys, "_base_executable", None) or sys.executable
packages = site.getsitepackages()
print(json.dumps({
    "executable": os.path.realpath(base), "version": "%d.%d.%d" % sys.version_info[:3],
    "implementation": sys.implementation.name, "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "base_prefix": os.path.realpath(sys.base_prefix),
    "path": [os.path.realpath(p) for p in sys.path if os.path.isdir(p) and p not in packages]
          + [os.path.realpath(p) for p in packages if os.path.isdir(p)],
}))
"#;

impl Interpreter {
    /// Asks the interpreter at `path` (a path, or a name on the PATH) about itself.
    pub fn probe(path: &Path) -> Result<Self, InterpreterError> {
        #[expect(clippy::disallowed_methods, reason = "the user's own interpreter, before any candidate exists")]
        let output = Command::new(path)
            .args(["-I", "-c", QUESTION])
            .output()
            .map_err(|source| InterpreterError::Start { path: path.to_owned(), source })?;
        let found: Interpreter = serde_json::from_slice(&output.stdout).map_err(|_| InterpreterError::Answer {
            path: path.to_owned(),
            answer: String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("nothing").to_owned(),
        })?;
        let unsupported = |found: String| InterpreterError::Unsupported { path: path.to_owned(), found };
        if found.implementation != "cpython" {
            return Err(unsupported(format!("{} {}", found.implementation, found.version)));
        }
        let minor = found.version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(0);
        if !found.version.starts_with("3.") || minor < 9_u32 {
            return Err(unsupported(format!("CPython {}", found.version)));
        }
        if found.free_threaded {
            return Err(unsupported(format!("the free-threaded CPython {}", found.version)));
        }
        Ok(found)
    }

    /// Names the interpreter and what can be imported: the executable as it lies there, and the names in each folder of
    /// its path, which tell packages and their versions.
    pub(crate) fn judge(&self) -> String {
        let state = |path: &Path| {
            let metadata = fs::metadata(path).ok();
            metadata.map(|it| format!("{} bytes of {:?}", it.len(), it.modified().ok())).unwrap_or_default()
        };
        let names = |folder: &PathBuf| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
            names.sort_unstable();
            names.join(" ")
        };
        let imported: Vec<String> = self.path.iter().map(names).collect();
        format!("{} {} {} {imported:?}", self.executable.display(), self.version, state(&self.executable))
    }
}
