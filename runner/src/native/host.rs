//! What this host can enforce, settled once: interpreter, namespaces, filter, memory control.
//! Not here: one worker's process (`zygote`), one program's run (`worker`).
//! In: an interpreter and a profile. Out: [`Host`], from which workers are started; or the layer that cannot be had.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use nix::unistd::{Pid, getegid, geteuid};
use tempfile::TempDir;
use trialbox_sandbox_profiles::{ArgumentTest, BpfInstruction, FilterError, Profile, SyscallRule, compile};

use super::{
    cgroup::MemoryControl,
    steps::{Call, Step, StepError},
    view,
    zygote::{Zygote, ZygoteError, clone_flags},
};
use crate::{
    enforcement::{Enforcement, Layer},
    interpreter::{Interpreter, InterpreterError},
    job::Limits,
};

static HELPER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/zygote.so"));
const NOBODY: u32 = 65534;
const CAP_SYS_ADMIN: libc::c_int = 21;
const PR_SET_PDEATHSIG: u64 = 1;
const SIGKILL: u64 = 9;

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
    folder: TempDir,
    enforcement: Arc<Enforcement>,
}

/// How namespaces are had.
#[derive(Clone, Debug)]
enum Isolation {
    /// As root: the view is built with root's rights, then the process becomes nobody in a user namespace.
    Root,
    /// As an ordinary user: a user namespace first, the view within it.
    User,
    /// Not at all, and why.
    None(String),
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
}

impl Host {
    /// Looks at the host and starts a worker once, to see whether every layer of the profile can be had.
    ///
    /// With `allow_degraded` a host that grants no namespaces is used all the same, and [`Host::enforcement`] says so.
    pub fn start(interpreter: Interpreter, profile: Profile, allow_degraded: bool) -> Result<Self, HostError> {
        let folder = tempfile::Builder::new().prefix("trialbox-").tempdir().map_err(HostError::Folder)?;
        fs::create_dir(folder.path().join("root")).map_err(HostError::Folder)?;
        fs::write(folder.path().join("zygote.so"), HELPER).map_err(HostError::Folder)?;
        let memory = MemoryControl::detect();
        let mut host = Self {
            interpreter,
            profile,
            memory,
            isolation: Isolation::User,
            filter: Vec::new(),
            child_filter: Vec::new(),
            folder,
            enforcement: Arc::new(unenforced()),
        };
        host.settle_isolation(allow_degraded)?;
        host.enforcement = Arc::new(host.describe());
        Ok(host)
    }

    /// What is enforced, layer by layer.
    pub fn enforcement(&self) -> &Arc<Enforcement> {
        &self.enforcement
    }

    /// Tries the ways to isolation, the strongest first: root may be refused another user (in a container that maps only
    /// one) and still be granted what an ordinary user is.
    fn settle_isolation(&mut self, allow_degraded: bool) -> Result<(), HostError> {
        let ways = if geteuid().is_root() { vec![Isolation::Root, Isolation::User] } else { vec![Isolation::User] };
        let mut refused: Option<StepError> = None;
        for way in ways {
            self.isolation = way;
            self.compile_filters()?;
            match self.try_out() {
                Ok(()) => return Ok(()),
                Err(ZygoteError::Step(step)) => refused = Some(refused.unwrap_or(step)),
                Err(other) => return Err(HostError::Worker(other.to_string())),
            }
        }
        let refused = refused.map_or_else(String::new, |step| step.to_string());
        if !allow_degraded {
            return Err(HostError::CannotEnforce(refused));
        }
        self.isolation = Isolation::None(refused);
        self.compile_filters()?;
        self.try_out().map_err(|error| HostError::Worker(error.to_string()))
    }

    fn try_out(&self) -> Result<(), ZygoteError> {
        Zygote::start(self, Limits::default().reply_bytes).map(drop)
    }

    pub(crate) fn is_isolated(&self) -> bool {
        !matches!(self.isolation, Isolation::None(_))
    }

    /// The warm parent must be able to fork under the filter it hands down. In a pid namespace of its own a child is
    /// refused that call by the kernel (it has no capability); elsewhere it gets a filter without it.
    fn compile_filters(&mut self) -> Result<(), FilterError> {
        let mut inherited = self.profile.clone();
        inherited.syscalls.push(SyscallRule {
            allow: vec!["clone".to_owned()],
            arguments: vec![exactly(0, u64::from(clone_flags(self.is_isolated())))],
            reason: "the warm parent forks".to_owned(),
        });
        // capset can only drop capabilities, close_range only close.
        let mut last_steps = vec!["capset".to_owned(), "close_range".to_owned()];
        if !self.is_isolated() {
            last_steps.push("seccomp".to_owned());
        }
        inherited.syscalls.push(SyscallRule {
            allow: last_steps,
            arguments: Vec::new(),
            reason: "the child's own last steps before the program".to_owned(),
        });
        inherited.syscalls.push(SyscallRule {
            allow: vec!["prctl".to_owned()],
            arguments: vec![exactly(0, PR_SET_PDEATHSIG), exactly(1, SIGKILL)],
            reason: "the child dies with trialbox, however that ends; it cannot take this back".to_owned(),
        });
        self.filter = compile(&inherited)?;
        self.child_filter = if self.is_isolated() { Vec::new() } else { compile(&self.profile)? };
        Ok(())
    }

    /// The first message to a warm parent: how to fork, and the filters (zygote.c, `struct setup`).
    pub(crate) fn setup_message(&self) -> Vec<u8> {
        let flags = clone_flags(self.is_isolated());
        let lengths = [self.filter.len(), self.child_filter.len()].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let mut message: Vec<u8> = [flags, lengths[0], lengths[1]].iter().flat_map(|word| word.to_ne_bytes()).collect();
        for instruction in self.filter.iter().chain(&self.child_filter) {
            message.extend(instruction.code.to_ne_bytes());
            message.extend([instruction.jump_true, instruction.jump_false]);
            message.extend(instruction.operand.to_ne_bytes());
        }
        message
    }

    /// The steps between fork and exec of a warm parent.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let staging = self.folder.path().join("root");
        let build_view = || {
            view::steps(&self.interpreter, &self.profile.filesystem, &staging, &self.folder.path().join("zygote.so"))
        };
        let others =
            libc::CLONE_NEWNS | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS | libc::CLONE_NEWCGROUP;
        let namespaces = |call| Step::new("namespaces", call);
        let mut steps = Vec::new();
        match &self.isolation {
            Isolation::Root => {
                steps.push(namespaces(Call::OpenProcSelf));
                steps.push(namespaces(Call::Unshare(others)));
                steps.extend(build_view());
                steps.push(namespaces(Call::BecomeUser { uid: NOBODY, gid: NOBODY }));
                steps.push(namespaces(Call::StayDumpable));
                steps.push(namespaces(Call::Unshare(libc::CLONE_NEWUSER)));
                steps.extend(id_maps(NOBODY, NOBODY).map(namespaces));
            }
            Isolation::User => {
                steps.push(namespaces(Call::OpenProcSelf));
                steps.push(namespaces(Call::Unshare(libc::CLONE_NEWUSER | others)));
                steps.extend(id_maps(geteuid().as_raw(), getegid().as_raw()).map(namespaces));
                steps.extend(build_view());
            }
            Isolation::None(_) => {}
        }
        // What exec leaves to the warm parent: the right to make pid namespaces within its own user namespace. Its
        // children give that up before the program begins.
        let but = self.is_isolated().then_some(CAP_SYS_ADMIN);
        steps.push(Step::new("capabilities", Call::DropBoundingSet { but }));
        let stack = Call::SoftLimit { resource: libc::RLIMIT_STACK, value: self.profile.limits.stack_bytes };
        steps.push(Step::new("limits", stack));
        steps
    }

    pub(crate) fn helper_path(&self) -> PathBuf {
        if self.is_isolated() { view::HELPER.into() } else { self.folder.path().join("zygote.so") }
    }

    /// The folders to import from, as the interpreter will see them.
    pub(crate) fn import_path(&self) -> Vec<PathBuf> {
        let places = view::import_path(&self.interpreter).into_iter();
        places.map(|(host, inside)| if self.is_isolated() { inside } else { host }).collect()
    }

    /// The scratch folder as this process sees it.
    pub(crate) fn scratch_folder(&self, zygote: Pid) -> PathBuf {
        if self.is_isolated() {
            Path::new("/proc").join(zygote.to_string()).join("root").join(view::SCRATCH.trim_start_matches('/'))
        } else {
            self.folder.path().join("root")
        }
    }

    fn describe(&self) -> Enforcement {
        let memory = match &self.memory {
            MemoryControl::Polling(why) => {
                Layer::Partial { by: "polling the resident size".into(), missing: why.clone() }
            }
            control => Layer::Full { by: control.describe() },
        };
        let syscalls = Layer::full("seccomp allow-list, no_new_privs, no capabilities");
        let cpu = Layer::full("the process's CPU clock, read from outside, and RLIMIT_CPU");
        let none = |missing: &String| Layer::None { missing: missing.clone() };
        match &self.isolation {
            Isolation::None(why) => Enforcement {
                filesystem: none(why),
                network: Layer::Partial { by: "seccomp: no sockets".into(), missing: why.clone() },
                syscalls,
                processes: Layer::Partial { by: "seccomp: no new processes, no signals".into(), missing: why.clone() },
                memory,
                cpu,
            },
            _ => Enforcement {
                filesystem: Layer::full("mount namespace, read-only view, private tmpfs"),
                network: Layer::full("empty network namespace, no sockets"),
                syscalls,
                processes: Layer::full("pid namespace per program, no new processes"),
                memory,
                cpu,
            },
        }
    }
}

fn exactly(index: u8, equals: u64) -> ArgumentTest {
    ArgumentTest { index, mask: u64::MAX, equals }
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

/// One user, called 0 inside so that exec keeps its capabilities within the namespace; nobody else exists there.
fn id_maps(uid: u32, gid: u32) -> [Call; 3] {
    let text = |text: String| std::ffi::CString::new(text).expect("no NUL");
    let write = |name: &str, content: String| Call::WriteProcSelf { name: text(name.to_owned()), text: text(content) };
    [
        write("setgroups", "deny".to_owned()),
        write("uid_map", format!("0 {uid} 1")),
        write("gid_map", format!("0 {gid} 1")),
    ]
}
