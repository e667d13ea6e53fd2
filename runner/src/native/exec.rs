//! What a warm parent becomes between fork and its first word: an interpreter, or the launcher of compiled programs.
//! Not here: the steps before (`steps`), talking to it (`zygote`).

use std::{ffi::CString, fs::File, io, os::fd::AsRawFd, path::Path};

use nix::errno::Errno;

use super::{
    area::sealed_file,
    jail::{Guest, Jail},
    steps, view,
};
use crate::interpreter::Interpreter;

/// The warm parent of compiled programs and compilers. Empty where it could not be linked (build.rs).
static LAUNCHER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/launcher"));

/// Whether this build can start compiled programs.
pub(crate) fn has_launcher() -> bool {
    !LAUNCHER.is_empty()
}

/// Everything exec needs, allocated before the fork.
pub(crate) struct Program {
    executable: Executable,
    _strings: Vec<CString>,
    arguments: Vec<*const libc::c_char>,
    environment: Vec<*const libc::c_char>,
}

/// What a warm parent is.
enum Executable {
    /// A file that is shown to it.
    Path(CString),
    /// A file of our own, which is shown to nobody.
    Memory(File),
}

impl Program {
    pub(crate) fn new(jail: &Jail, code: &str, scratch: Option<&Path>) -> io::Result<Self> {
        let home = scratch.unwrap_or(Path::new(view::SCRATCH)).display().to_string();
        let (executable, arguments, environment) = match &jail.guest {
            Guest::Python(interpreter) => (
                Executable::Path(steps::c_path(&interpreter.executable)),
                python_arguments(jail, interpreter, code),
                python_environment(&home),
            ),
            Guest::Compiler(_) | Guest::Program | Guest::Shell(_) => {
                let launcher = sealed_file(c"trialbox-launcher", LAUNCHER)?;
                (Executable::Memory(launcher), vec!["launcher".to_owned()], Vec::new())
            }
        };
        let text = |text: &String| CString::new(text.as_str()).expect("arguments hold no NUL");
        let arguments: Vec<CString> = arguments.iter().map(text).collect();
        let environment: Vec<CString> = environment.iter().map(text).collect();
        let pointers = |strings: &[CString]| -> Vec<*const libc::c_char> {
            strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
        };
        Ok(Self {
            executable,
            arguments: pointers(&arguments),
            environment: pointers(&environment),
            _strings: arguments.into_iter().chain(environment).collect(),
        })
    }

    /// Becomes the program; returns errno where that fails.
    ///
    /// # Safety
    /// Must run in a forked child.
    pub(crate) unsafe fn exec(&self) -> i32 {
        let (arguments, environment) = (self.arguments.as_ptr(), self.environment.as_ptr());
        // SAFETY: the path and both arrays are NUL-terminated, and what they point to lives in `self`.
        unsafe {
            match &self.executable {
                Executable::Path(path) => libc::execve(path.as_ptr(), arguments, environment).into(),
                Executable::Memory(file) => {
                    let (empty, flags) = (c"".as_ptr(), libc::AT_EMPTY_PATH);
                    libc::syscall(libc::SYS_execveat, file.as_raw_fd(), empty, arguments, environment, flags)
                }
            }
        };
        Errno::last_raw()
    }
}

fn python_arguments(jail: &Jail, interpreter: &Interpreter, code: &str) -> Vec<String> {
    let import_path: Vec<_> = jail.import_path(interpreter).iter().map(|path| path.display().to_string()).collect();
    let mut arguments: Vec<String> =
        ["python3", "-S", "-s", "-B", "-X", "utf8", "-c", code].into_iter().map(str::to_owned).collect();
    arguments.extend([jail.helper_path().display().to_string(), import_path.join(":")]);
    arguments
}

/// The environment is ours alone, so PYTHONHASHSEED may count: equal programs see equal set orders.
fn python_environment(home: &str) -> Vec<String> {
    vec![
        "PYTHONHASHSEED=0".to_owned(),
        format!("HOME={home}"),
        format!("TMPDIR={home}"),
        "LANG=C.UTF-8".into(),
        "OPENBLAS_NUM_THREADS=1".into(),
        "OMP_NUM_THREADS=1".into(),
        "MKL_NUM_THREADS=1".into(),
    ]
}
