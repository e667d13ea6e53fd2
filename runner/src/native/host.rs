//! What this host can run, and what it can enforce: settled once for Python, and for C++ and
//! bash when those are first asked for.
//! Not here: settling it (`jail`), one program's run (`run`), compiling (`compile`).
//! In: an interpreter, a profile, a compiler's name. Out: [`Host`], from which workers are started.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use trialbox_sandbox_profiles::{FilterError, Profile, bash, cpp, cpp_compile};

use super::{
    cgroup::MemoryControl,
    compile::compile,
    exec::has_launcher,
    jail::{Folder, Guest, Jail},
    leftovers, packages,
    shell::{FILES, FILES_NAME, Shell},
    worker::run_once,
};
use crate::{
    enforcement::Enforcement,
    interpreter::{Interpreter, InterpreterError},
    job::{Job, Limits, Task},
    speed::machine_speed,
    toolchain::{Standard, Toolchain, ToolchainError},
};

static HELPER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/zygote.so"));

/// A host that was looked at: what native workers need to start.
#[derive(Debug)]
pub(crate) struct Host {
    /// The interpreter that runs Python candidates.
    pub(crate) interpreter: Interpreter,
    /// The C++ compiler, if C++ is asked for.
    compiler: PathBuf,
    pub(crate) python: Jail,
    cpp: OnceLock<Result<Cpp, HostError>>,
    shell: OnceLock<Result<Jail, HostError>>,
}

/// What C++ candidates are compiled by, and kept in.
#[derive(Debug)]
pub(crate) struct Cpp {
    pub(crate) toolchain: Arc<Toolchain>,
    pub(crate) compiling: Jail,
    pub(crate) running: Jail,
}

/// Why no worker can be started here.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// No usable interpreter.
    #[error(transparent)]
    Interpreter(#[from] InterpreterError),
    /// No usable C++ compiler.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// The C++ compiler, or what it makes, does not work within the sandbox.
    #[error("the C++ compiler does not work in its sandbox: {0}")]
    Compiler(String),
    /// No bash, or none that works within its sandbox.
    #[error("bash cannot be run here: {0}")]
    Shell(String),
    /// This build of trialbox lacks what starts compiled programs.
    #[error(
        "this trialbox was built where there was no static C library, and starts neither compiled programs nor bash"
    )]
    NoLauncher,
    /// The profile's filter does not compile for this machine.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A temporary folder cannot be made.
    #[error("cannot make a temporary folder: {0}")]
    Folder(#[source] io::Error),
    /// A layer of the profile cannot be had, and running without it was not allowed.
    #[error("this host cannot enforce the profile: {0}")]
    CannotEnforce(String),
    /// The warm interpreter does not start even without that layer.
    #[error("{0}")]
    Worker(String),
    /// The layers are in force, and yet something that they forbid was done from inside.
    #[error("the self-test could do from inside the sandbox what nobody may: {}; this is a fault of trialbox or of this kernel", .0.join(", "))]
    SelfTest(Vec<String>),
}

impl Host {
    /// Looks at the host and starts a worker once, to see whether every layer of the profile can be had.
    ///
    /// With `allow_degraded` a host that grants neither namespaces nor landlock is used all the same, and
    /// [`Host::enforcement`] says so.
    pub(crate) fn start(
        mut interpreter: Interpreter,
        profile: Profile,
        allow_degraded: bool,
    ) -> Result<Self, HostError> {
        machine_speed(); // before anything runs
        leftovers::remove_folders(&env::temp_dir());
        let folder = Folder::new().map_err(HostError::Folder)?;
        fs::write(folder.helper(), HELPER).map_err(HostError::Folder)?;
        interpreter.path.push(packages::unpack(folder.path()).map_err(HostError::Folder)?);
        let guest = Guest::Python(interpreter.clone());
        let python = Jail::settle(guest, profile, MemoryControl::detect(), Arc::new(folder), allow_degraded)?;
        Ok(Self { interpreter, compiler: PathBuf::from("g++"), python, cpp: OnceLock::new(), shell: OnceLock::new() })
    }

    /// The same with another C++ compiler than `g++`.
    #[must_use]
    pub(crate) fn with_compiler(self, compiler: &Path) -> Self {
        Self { compiler: compiler.to_owned(), ..self }
    }

    /// Names the interpreter, what can be imported there, and the policy (`crate::Host::judge`).
    pub(crate) fn judge(&self) -> String {
        format!("{}, under {:?} as far as {:?}", self.interpreter.judge(), self.python.profile, self.enforcement())
    }

    /// What is enforced, layer by layer.
    pub(crate) fn enforcement(&self) -> &Arc<Enforcement> {
        self.python.enforcement()
    }

    /// The C++ compiler. Its first caller waits until it was looked at and tested in its sandbox.
    pub(crate) fn toolchain(&self) -> Result<&Toolchain, &HostError> {
        self.cpp().map(|cpp| cpp.toolchain.as_ref())
    }

    pub(crate) fn cpp(&self) -> Result<&Cpp, &HostError> {
        self.cpp.get_or_init(|| self.settle_cpp()).as_ref()
    }

    /// What bash scripts are kept in. Its first caller waits until it was tested.
    pub(crate) fn shell(&self) -> Result<&Jail, &HostError> {
        self.shell.get_or_init(|| self.settle_shell()).as_ref()
    }

    /// The version of the bash that runs scripts.
    pub(crate) fn shell_version(&self) -> Result<&str, &HostError> {
        self.shell().map(|jail| match &jail.guest {
            Guest::Shell(shell) => shell.version.as_str(),
            Guest::Python(_) | Guest::Compiler(_) | Guest::Program => unreachable!("a shell's jail keeps a shell"),
        })
    }

    fn settle_shell(&self) -> Result<Jail, HostError> {
        if !has_launcher() {
            return Err(HostError::NoLauncher);
        }
        if !self.python.has_namespaces() {
            let why = "a script starts processes, which need a pid namespace of their own, and this host grants none";
            return Err(HostError::Shell(why.to_owned()));
        }
        let shell = Shell::probe().map_err(HostError::Shell)?;
        fs::write(self.python.folder().join(FILES_NAME), FILES).map_err(HostError::Folder)?;
        let jail = self.python.beside(Guest::Shell(shell), bash())?;
        try_out_shell(&jail).map_err(HostError::Shell)?;
        Ok(jail)
    }

    fn settle_cpp(&self) -> Result<Cpp, HostError> {
        if !has_launcher() {
            return Err(HostError::NoLauncher);
        }
        let toolchain = Arc::new(Toolchain::probe(&self.compiler)?);
        let compiling = self.python.beside(Guest::Compiler(Arc::clone(&toolchain)), cpp_compile())?;
        let running = self.python.beside(Guest::Program, cpp())?;
        let found = Cpp { toolchain, compiling, running };
        found.try_out().map_err(HostError::Compiler)?;
        Ok(found)
    }
}

/// Runs a small script that starts processes: what a host lacks is told before somebody's script fails for it.
fn try_out_shell(jail: &Jail) -> Result<(), String> {
    let (word, script) = ("fit for use", "read line; cat <(echo \"$line\" | cat)\n");
    let task = Task::Shell { stdin: word.as_bytes().into(), extras: Some(Arc::default()) };
    let job = Job { program: script.as_bytes().into(), task, limits: Limits::default() };
    let (outcome, replies) = run_once(jail, &job).map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&outcome.stdout);
    if (said.trim(), replies.is_empty()) == (word, true) {
        return Ok(());
    }
    let why = replies.first().map_or(&outcome.stderr, |reply| &reply.payload);
    Err(format!("a small script ends with {:?}, {}", outcome.ending, String::from_utf8_lossy(why).trim()))
}

impl Cpp {
    /// Compiles and runs one small program: a compiler that lacks something within its sandbox would make every candidate
    /// a bad one.
    fn try_out(&self) -> Result<(), String> {
        let (limits, word) = (Limits::default(), "fit for use");
        // What everybody includes is looked for and not read: that alone would take a second.
        let source = format!(
            "#include <cstdio>\n#include <string>\n#if !__has_include(<bits/stdc++.h>)\n#error no bits/stdc++.h\n#endif\n\
             int main() {{ std::string word = \"{word}\"; std::printf(\"%s\", word.c_str()); }}\n"
        );
        let compiled = compile(&self.toolchain, &source.as_bytes().into(), Standard::default(), &limits, |job| {
            run_once(&self.compiling, job)
        });
        let program = match compiled.map_err(|error| error.to_string())?.result {
            Ok(program) => program,
            Err(failure) => return Err(format!("{:?}: {}", failure.ending, failure.said)),
        };
        let job = Job { program, task: Task::Execute { stdin: Arc::new([]), extras: None }, limits };
        let (outcome, replies) = run_once(&self.running, &job).map_err(|error| error.to_string())?;
        if outcome.stdout == word.as_bytes() && replies.is_empty() {
            return Ok(());
        }
        let why = replies.first().map(|reply| String::from_utf8_lossy(&reply.payload).into_owned());
        Err(format!("a small program ends with {:?}, {}", outcome.ending, why.unwrap_or_default()))
    }
}
