//! What one kind of program is kept in: who runs it, under which profile, behind which walls.
//! Not here: which kinds there are on a host (`host`), the ways to isolation (`isolation`), one worker's process (`zygote`).
//! In: a [`Guest`] and a profile. Out: [`Jail`], from which warm parents are started; or the layer that cannot be had.

use std::{
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
    host::HostError,
    isolation::{Isolation, NOBODY, Place},
    landlock, leftovers,
    memory_map::Region,
    self_test,
    shell::{FILES_NAME, Shell},
    steps::{Call, Step},
    view::{self, Shown},
    zygote::{Zygote, ZygoteError, clone_flags},
};
use crate::{
    enforcement::{Enforcement, Layer},
    interpreter::Interpreter,
    job::Limits,
    toolchain::Toolchain,
};

const PR_SET_PDEATHSIG: u64 = 1;
const SIGKILL: u64 = 9;
const CLONE_THREAD: u64 = 0x1_0000;
/// On a loaded machine a fork may take long.
const FORK_PATIENCE: Duration = Duration::from_secs(60);

/// Who is kept.
#[derive(Clone, Debug)]
pub(crate) enum Guest {
    /// A Python interpreter, which runs candidates itself.
    Python(Interpreter),
    /// The tools that compile candidates.
    Compiler(Arc<Toolchain>),
    /// Compiled candidates.
    Program,
    /// A shell, which runs scripts, and whatever those start.
    Shell(Shell),
}

impl Guest {
    /// What the others try in vain and this one may (self_test.c): nobody outside is reached by it.
    fn may(&self) -> &'static [&'static str] {
        match self {
            Self::Python(_) | Self::Compiler(_) | Self::Program => &[],
            Self::Shell(_) => &[
                "fork",
                "run another program",
                "signal itself",
                "send signals",
                "send signals to threads",
                "leave its session",
                // To the user it is, and as nobody but itself: "give a file away", "become somebody else" stay refused.
                "change a file's owner",
                "become another user",
                // Where memory is counted by a group (`view`).
                "read /dev/zero",
            ],
        }
    }
}

/// Where trialbox keeps what only lives as long as it does. Removed with the last who has it.
#[derive(Debug)]
pub(crate) struct Folder {
    folder: TempDir,
    /// Tells other processes that the folder is in use.
    _lock: Flock<File>,
}

impl Folder {
    pub(crate) fn new() -> io::Result<Self> {
        let open_to_pass = fs::Permissions::from_mode(0o711);
        let folder = tempfile::Builder::new().prefix(leftovers::PREFIX).permissions(open_to_pass).tempdir()?;
        let lock = leftovers::lock(folder.path())?;
        fs::create_dir(folder.path().join("root"))?;
        Ok(Self { folder, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the C part of Python's warm parent lies.
    pub(crate) fn helper(&self) -> PathBuf {
        self.path().join("zygote.so")
    }
}

/// What one kind of program is kept in.
#[derive(Debug)]
pub(crate) struct Jail {
    pub(crate) guest: Guest,
    pub(crate) profile: Profile,
    pub(crate) memory: MemoryControl,
    isolation: Isolation,
    filter: Vec<BpfInstruction>,
    child_filter: Vec<BpfInstruction>,
    enforcement: Arc<Enforcement>,
    /// How long a warm parent may take to fork before it counts as hung.
    pub(crate) fork_patience: Duration,
    folder: Arc<Folder>,
}

impl Jail {
    /// Settles how this guest is kept, the strongest way first, and has it tested from inside.
    pub(crate) fn settle(
        guest: Guest,
        profile: Profile,
        memory: MemoryControl,
        folder: Arc<Folder>,
        allow_degraded: bool,
    ) -> Result<Self, HostError> {
        let mut jail = Self::untried(guest, profile, memory, folder);
        jail.settle_isolation(allow_degraded)?;
        Ok(jail.described())
    }

    /// Keeps another guest in the same way, and has that tested from inside too.
    pub(crate) fn beside(&self, guest: Guest, profile: Profile) -> Result<Self, HostError> {
        let mut jail = Self::untried(guest, profile, self.memory.clone(), Arc::clone(&self.folder));
        jail.try_out(self.isolation.clone())?.map_err(HostError::CannotEnforce)?;
        Ok(jail.described())
    }

    fn untried(guest: Guest, profile: Profile, memory: MemoryControl, folder: Arc<Folder>) -> Self {
        Self {
            guest,
            profile,
            memory,
            isolation: Isolation::User,
            filter: Vec::new(),
            child_filter: Vec::new(),
            enforcement: Arc::new(unenforced()),
            fork_patience: FORK_PATIENCE,
            folder,
        }
    }

    fn described(mut self) -> Self {
        self.enforcement = Arc::new(self.isolation.describe(&self.memory));
        self
    }

    /// What is enforced, layer by layer.
    pub(crate) fn enforcement(&self) -> &Arc<Enforcement> {
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
        let mut acts = tested.map_err(|error| HostError::Worker(format!("the self-test failed: {error}")))?;
        acts.retain(|act| !self.guest.may().contains(&act.as_str()));
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

    /// Whether programs may start others.
    pub(crate) fn may_fork(&self) -> bool {
        matches!(self.guest, Guest::Shell(_))
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
        if !matches!(self.guest, Guest::Python(_)) {
            let to_nobody_else = vec![exactly(4, 0)];
            inherited.syscalls.extend([
                rule(&["sendto"], to_nobody_else, "the launcher answers trialbox; its children hold no socket"),
                rule(&["recvmsg"], Vec::new(), "it is given programs"),
            ]);
        }
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

    /// The first message to a warm parent: how to fork, the filters, what lies where (parent.c, `struct setup`).
    pub(crate) fn setup_message(&self, regions: &[Region]) -> Vec<u8> {
        let flags = clone_flags(self.has_namespaces());
        let regions = if matches!(self.guest, Guest::Python(_)) { regions } else { &[] };
        let lengths =
            [self.filter.len(), self.child_filter.len(), regions.len()].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let words = [flags, lengths[0], lengths[1], lengths[2]];
        let mut message: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        for instruction in self.filter.iter().chain(&self.child_filter) {
            message.extend(instruction.code.to_ne_bytes());
            message.extend([instruction.jump_true, instruction.jump_false]);
            message.extend(instruction.operand.to_ne_bytes());
        }
        message.extend(regions.iter().flat_map(Region::to_bytes));
        message
    }

    /// The steps between fork and exec of a warm parent. `scratch` is its private folder, where no tmpfs can be mounted.
    pub(crate) fn steps(&self, scratch: Option<&Path>) -> Vec<Step> {
        let shown = match &self.guest {
            Guest::Python(interpreter) => Shown::to_python(interpreter, &self.folder.helper()),
            Guest::Compiler(toolchain) => Shown::to_compiler(toolchain),
            Guest::Program => Shown::to_program(),
            Guest::Shell(_) => {
                let has_group = !matches!(self.memory, MemoryControl::Polling(_));
                Shown::to_shell(&self.folder.path().join(FILES_NAME), has_group)
            }
        };
        let place = Place {
            shown,
            policy: &self.profile.filesystem,
            staging: &self.folder().join("root"),
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
        if self.has_namespaces() { view::HELPER.into() } else { self.folder.helper() }
    }

    /// The folders to import from, as the interpreter will see them.
    pub(crate) fn import_path(&self, interpreter: &Interpreter) -> Vec<PathBuf> {
        let places = view::import_path(interpreter).into_iter();
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
