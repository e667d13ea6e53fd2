//! What this host can enforce, settled once: interpreter, isolation, filter, memory control.
//! Not here: the ways to isolation (`isolation`), one worker's process (`zygote`), one program's run (`run`).
//! In: an interpreter and a profile. Out: [`Host`], from which workers are started; or the layer that cannot be had.

use std::{
    env,
    fs::{self, File},
    io,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use nix::{fcntl::Flock, unistd::geteuid};
use tempfile::TempDir;
use trialbox_sandbox_profiles::{
    ArgumentTest, BpfInstruction, FilterError, Profile, SyscallRule, compile, compile_refusals,
};

use super::{
    cgroup::MemoryControl,
    isolation::{Isolation, NOBODY, Place},
    landlock, leftovers, packages, self_test,
    steps::{Call, Step},
    view,
    zygote::{Zygote, ZygoteError, clone_flags},
};
use crate::{
    enforcement::{Enforcement, Layer},
    interpreter::{Interpreter, InterpreterError},
    job::Limits,
};

static HELPER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/zygote.so"));
const PR_SET_PDEATHSIG: u64 = 1;
const SIGKILL: u64 = 9;
const CLONE_THREAD: u64 = 0x1_0000;
/// On a loaded machine a fork may take long.
const FORK_PATIENCE: Duration = Duration::from_secs(60);

/// A host that was looked at: what workers need to start.
#[derive(Debug)]
pub struct Host {
    /// The interpreter that runs the candidates.
    pub interpreter: Interpreter,
    pub(crate) profile: Profile,
    pub(crate) memory: MemoryControl,
    isolation: Isolation,
    filter: Vec<BpfInstruction>,
    child_filter: Vec<BpfInstruction>,
    enforcement: Arc<Enforcement>,
    /// How long a warm parent may take to fork before it counts as hung.
    pub(crate) fork_patience: Duration,
    folder: TempDir,
    /// Tells other processes that the folder is in use.
    _lock: Flock<File>,
}

/// Why no worker can be started here.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// No usable interpreter.
    #[error(transparent)]
    Interpreter(#[from] InterpreterError),
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
    pub fn start(mut interpreter: Interpreter, profile: Profile, allow_degraded: bool) -> Result<Self, HostError> {
        leftovers::remove_folders(&env::temp_dir());
        let open_to_pass = fs::Permissions::from_mode(0o711);
        let prefix = leftovers::PREFIX;
        let folder = tempfile::Builder::new().prefix(prefix).permissions(open_to_pass).tempdir();
        let folder = folder.map_err(HostError::Folder)?;
        let lock = leftovers::lock(folder.path()).map_err(HostError::Folder)?;
        fs::create_dir(folder.path().join("root")).map_err(HostError::Folder)?;
        fs::write(folder.path().join("zygote.so"), HELPER).map_err(HostError::Folder)?;
        interpreter.path.push(packages::unpack(folder.path()).map_err(HostError::Folder)?);
        let memory = MemoryControl::detect();
        let mut host = Self {
            interpreter,
            profile,
            memory,
            isolation: Isolation::User,
            filter: Vec::new(),
            child_filter: Vec::new(),
            enforcement: Arc::new(unenforced()),
            fork_patience: FORK_PATIENCE,
            folder,
            _lock: lock,
        };
        host.settle_isolation(allow_degraded)?;
        host.enforcement = Arc::new(host.isolation.describe(&host.memory));
        Ok(host)
    }

    /// What is enforced, layer by layer.
    pub fn enforcement(&self) -> &Arc<Enforcement> {
        &self.enforcement
    }

    /// Tries the ways to isolation, the strongest first: root may be refused another user (in a container that maps only
    /// one) and still be granted what an ordinary user is.
    fn settle_isolation(&mut self, allow_degraded: bool) -> Result<(), HostError> {
        let is_root = geteuid().is_root();
        let mut refused: Option<String> = None;
        for way in if is_root { vec![Isolation::Root, Isolation::User] } else { vec![Isolation::User] } {
            match self.try_out(way)? {
                Ok(()) => return Ok(()),
                Err(step) => refused = Some(refused.unwrap_or(step)),
            }
        }
        let mut refused = refused.unwrap_or_default();
        if let Some(abi) = landlock::abi() {
            for as_nobody in if is_root { vec![true, false] } else { vec![false] } {
                match self.try_out(Isolation::Landlock { abi, as_nobody, refused: refused.clone() })? {
                    Ok(()) => return Ok(()),
                    Err(step) => tracing::debug!(%step, as_nobody, "not this way"),
                }
            }
        } else {
            refused.push_str("; landlock: this kernel has it not, or not switched on");
        }
        if !allow_degraded {
            return Err(HostError::CannotEnforce(refused));
        }
        self.try_out(Isolation::Neither(refused))?.map_err(HostError::Worker)
    }

    /// Starts one worker in this way and has it tested from inside. The inner error says which step was refused.
    fn try_out(&mut self, way: Isolation) -> Result<Result<(), String>, HostError> {
        self.isolation = way;
        self.compile_filters()?;
        let mut zygote = match Zygote::start(self, Limits::default().reply_bytes) {
            Ok(zygote) => zygote,
            Err(ZygoteError::Step(step)) => return Ok(Err(step.to_string())),
            // As nobody, the interpreter's own files may be out of reach.
            Err(other) if matches!(self.isolation, Isolation::Landlock { as_nobody: true, .. }) => {
                return Ok(Err(other.to_string()));
            }
            Err(other) => return Err(HostError::Worker(other.to_string())),
        };
        let tested = self_test::run(self, &mut zygote);
        let acts = tested.map_err(|error| HostError::Worker(format!("the self-test failed: {error}")))?;
        match &mut self.isolation {
            _ if acts.is_empty() => Ok(Ok(())),
            Isolation::Neither(why) => {
                *why = format!("{why}; a program can {}", acts.join(", "));
                Ok(Ok(()))
            }
            _ => Err(HostError::SelfTest(acts)),
        }
    }

    /// Whether programs live in namespaces of their own.
    pub(crate) fn has_namespaces(&self) -> bool {
        self.isolation.has_namespaces()
    }

    /// Where trialbox keeps what only lives as long as it does.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The warm parent must be able to fork under the filter it hands down. In a pid namespace of its own a child is
    /// refused that call by the kernel (it has no capability); elsewhere it puts a small filter on top, which takes it
    /// back: that costs a fifth of what a whole filter of its own would.
    fn compile_filters(&mut self) -> Result<(), FilterError> {
        let mut inherited = self.profile.under(self.isolation.confinement());
        let forks = vec![exactly(0, u64::from(clone_flags(self.has_namespaces())))];
        let dies_with_us = vec![exactly(0, PR_SET_PDEATHSIG), exactly(1, SIGKILL)];
        inherited.syscalls.extend([
            rule(&["clone"], forks, "the warm parent forks"),
            // capset can only drop capabilities, close_range only close.
            rule(&["capset", "close_range"], Vec::new(), "the child's own last steps before the program"),
            rule(&["prctl"], dies_with_us, "the child dies with trialbox, however that ends; it cannot take this back"),
        ]);
        self.child_filter.clear();
        if !self.has_namespaces() {
            inherited.syscalls.push(rule(&["seccomp"], Vec::new(), "the child's filter on top"));
            let no_thread = ArgumentTest { index: 0, mask: CLONE_THREAD, one_of: vec![0] };
            let taken_back = [
                rule(&["clone"], vec![no_thread], "only the warm parent forks"),
                rule(&["seccomp"], Vec::new(), "no further filter"),
            ];
            self.child_filter = compile_refusals(&taken_back)?;
        }
        self.filter = compile(&inherited)?;
        Ok(())
    }

    /// The first message to a warm parent: how to fork, and the filters (zygote.c, `struct setup`).
    pub(crate) fn setup_message(&self) -> Vec<u8> {
        let flags = clone_flags(self.has_namespaces());
        let lengths = [self.filter.len(), self.child_filter.len()].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let mut message: Vec<u8> = [flags, lengths[0], lengths[1]].iter().flat_map(|word| word.to_ne_bytes()).collect();
        for instruction in self.filter.iter().chain(&self.child_filter) {
            message.extend(instruction.code.to_ne_bytes());
            message.extend([instruction.jump_true, instruction.jump_false]);
            message.extend(instruction.operand.to_ne_bytes());
        }
        message
    }

    /// The steps between fork and exec of a warm parent. `scratch` is its private folder, where no tmpfs can be mounted.
    pub(crate) fn steps(&self, scratch: Option<&Path>) -> Vec<Step> {
        let place = Place {
            interpreter: &self.interpreter,
            policy: &self.profile.filesystem,
            staging: &self.folder().join("root"),
            helper: &self.helper_on_host(),
            scratch: scratch.unwrap_or(self.folder()),
        };
        let mut steps = self.isolation.steps(&place);
        // One layout in four makes CPython half as slow again (measured: 85 or 137 ms for the same loop), and a limit of
        // time must not depend on the worker. Nothing is given up: code in there may read every address anyway.
        steps.push(Step::new("limits", Call::FixLayout));
        let stack = Call::SoftLimit { resource: libc::RLIMIT_STACK, value: self.profile.limits.stack_bytes };
        steps.push(Step::new("limits", stack));
        steps
    }

    fn helper_on_host(&self) -> PathBuf {
        self.folder().join("zygote.so")
    }

    /// The private folder of a new worker, where it cannot mount one of its own.
    pub(crate) fn new_scratch(&self) -> io::Result<Option<TempDir>> {
        if self.has_namespaces() {
            return Ok(None);
        }
        let scratch = tempfile::Builder::new().prefix("scratch-").tempdir_in(self.folder())?;
        if self.isolation.becomes_nobody() {
            chown(scratch.path(), Some(NOBODY), Some(NOBODY))?;
        }
        Ok(Some(scratch))
    }

    pub(crate) fn helper_path(&self) -> PathBuf {
        if self.has_namespaces() { view::HELPER.into() } else { self.helper_on_host() }
    }

    /// The folders to import from, as the interpreter will see them.
    pub(crate) fn import_path(&self) -> Vec<PathBuf> {
        let places = view::import_path(&self.interpreter).into_iter();
        places.map(|(host, inside)| if self.has_namespaces() { inside } else { host }).collect()
    }
}

fn rule(allow: &[&str], arguments: Vec<ArgumentTest>, reason: &str) -> SyscallRule {
    let allow = allow.iter().map(|name| (*name).to_owned()).collect();
    SyscallRule { allow, arguments, only_under: Vec::new(), reason: reason.to_owned() }
}

fn exactly(index: u8, equals: u64) -> ArgumentTest {
    ArgumentTest { index, mask: u64::MAX, one_of: vec![equals] }
}

fn unenforced() -> Enforcement {
    let none = || Layer::None { missing: "not looked at yet".to_owned() };
    Enforcement {
        filesystem: none(),
        network: none(),
        syscalls: none(),
        processes: none(),
        memory: none(),
        cpu: none(),
    }
}
