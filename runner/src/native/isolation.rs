//! The ways to keep programs from the host: the steps that lead there, and what they amount to.
//! Not here: which way this host grants (`host`), the steps themselves (`steps`, `view`, `landlock`).

use std::path::Path;

use nix::unistd::{getegid, geteuid};
use trialbox_sandbox_profiles::{Confinement, FilesystemPolicy};

use super::{
    cgroup::MemoryControl,
    landlock,
    steps::{Call, Step, c_path},
    view::{self, Shown},
};
use crate::enforcement::{Enforcement, Layer};

/// The user who owns nothing.
pub(crate) const NOBODY: u32 = 65534;
const CAP_SYS_ADMIN: libc::c_int = 21;
const NAMESPACES: libc::c_int =
    libc::CLONE_NEWNS | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS | libc::CLONE_NEWCGROUP;

/// How programs are kept from the host.
#[derive(Clone, Debug)]
pub(crate) enum Isolation {
    /// Namespaces, as root: the view is built with root's rights, then the process becomes nobody in a user namespace.
    Root,
    /// Namespaces, as an ordinary user: a user namespace first, the view within it.
    User,
    /// No namespaces, and why: landlock, seccomp and resource limits, under which root becomes nobody where the
    /// interpreter's files let it.
    Landlock { abi: u32, as_nobody: bool, refused: String },
    /// Neither, and why: seccomp and resource limits.
    Neither(String),
}

/// What a warm parent is given.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) shown: Shown,
    pub(crate) policy: &'a FilesystemPolicy,
    /// An empty folder, to build the view in.
    pub(crate) staging: &'a Path,
    /// Its private folder, where no tmpfs can be mounted.
    pub(crate) scratch: &'a Path,
}

impl Isolation {
    /// Whether programs live in namespaces of their own.
    pub(crate) fn has_namespaces(&self) -> bool {
        matches!(self, Self::Root | Self::User)
    }

    /// Whether programs run as another user than trialbox, without namespaces.
    pub(crate) fn becomes_nobody(&self) -> bool {
        matches!(self, Self::Landlock { as_nobody: true, .. })
    }

    /// Under which of the profile's conditions programs run.
    pub(crate) fn confinement(&self) -> Confinement {
        match self {
            Self::Root | Self::User => Confinement::Namespaces,
            Self::Landlock { as_nobody: true, .. } => Confinement::LandlockAsNobody,
            Self::Landlock { as_nobody: false, .. } | Self::Neither(_) => Confinement::LandlockAsUser,
        }
    }

    /// The steps that lead there.
    pub(crate) fn steps(&self, place: &Place<'_>) -> Vec<Step> {
        match self {
            Self::Root => root_steps(place),
            Self::User => user_steps(place),
            Self::Landlock { .. } | Self::Neither(_) => self.plain_steps(place),
        }
    }

    fn plain_steps(&self, place: &Place<'_>) -> Vec<Step> {
        let mut steps = Vec::new();
        if geteuid().is_root() {
            steps.push(Step::new("capabilities", Call::DropBoundingSet { but: None }));
        }
        if self.becomes_nobody() {
            steps.push(Step::new("user", Call::BecomeUser { uid: NOBODY, gid: NOBODY }));
        }
        steps.push(Step::new("filesystem", Call::ChangeFolder(c_path(place.scratch))));
        if let Self::Landlock { abi, .. } = self {
            let rules = view::rules_without(*abi, &place.shown, place.scratch);
            steps.push(Step::new("landlock", Call::Restrict(rules)));
        }
        steps
    }

    /// What is in force, layer by layer.
    pub(crate) fn describe(&self, memory: &MemoryControl) -> Enforcement {
        let memory = match memory {
            MemoryControl::Polling(why) => {
                Layer::Partial { by: "polling the resident size".into(), missing: why.clone() }
            }
            control => Layer::Full { by: control.describe() },
        };
        let (filesystem, network, processes) = self.describe_walls();
        let syscalls = Layer::full("seccomp allow-list, no_new_privs, no capabilities");
        let cpu = Layer::full("the process's CPU clock, read from outside, and RLIMIT_CPU");
        Enforcement { filesystem, network, syscalls, processes, memory, cpu }
    }

    /// What keeps programs from files, networks and processes.
    fn describe_walls(&self) -> (Layer, Layer, Layer) {
        let partial = |by: &str, missing: &str| Layer::Partial { by: by.to_owned(), missing: missing.to_owned() };
        let (no_sockets, no_processes) = ("seccomp: no sockets", "seccomp: no new processes, no signals");
        match self {
            Self::Root | Self::User => {
                let landlock = if landlock::abi().is_some() { ", landlock" } else { "" };
                (
                    Layer::full(&format!("mount namespace, read-only view, private tmpfs{landlock}")),
                    Layer::full("empty network namespace, no sockets"),
                    Layer::full("pid namespace per program, no new processes"),
                )
            }
            Self::Landlock { abi, as_nobody, refused } => {
                let who = if *as_nobody { "nobody" } else { "this user" };
                let by = format!("landlock (ABI {abi}) as {who}, a private folder counted from outside");
                let seen = format!("names, sizes and times of the host's files can be seen ({refused})");
                (
                    partial(&by, &seen),
                    partial(no_sockets, "a network namespace"),
                    partial(no_processes, "the host's process numbers can be seen"),
                )
            }
            Self::Neither(why) => {
                (Layer::None { missing: why.clone() }, partial(no_sockets, why), partial(no_processes, why))
            }
        }
    }
}

fn root_steps(place: &Place<'_>) -> Vec<Step> {
    let mut steps = namespaces([Call::OpenProcSelf, Call::Unshare(NAMESPACES)]);
    steps.extend(view_steps(place));
    steps.extend(namespaces([
        Call::BecomeUser { uid: NOBODY, gid: NOBODY },
        Call::StayDumpable,
        Call::Unshare(libc::CLONE_NEWUSER),
    ]));
    steps.extend(namespaces(id_maps(NOBODY, NOBODY)));
    steps.extend(last_steps_within(place));
    steps
}

fn user_steps(place: &Place<'_>) -> Vec<Step> {
    let mut steps = namespaces([Call::OpenProcSelf, Call::Unshare(libc::CLONE_NEWUSER | NAMESPACES)]);
    steps.extend(namespaces(id_maps(geteuid().as_raw(), getegid().as_raw())));
    steps.extend(view_steps(place));
    steps.extend(last_steps_within(place));
    steps
}

fn view_steps(place: &Place<'_>) -> Vec<Step> {
    view::steps(&place.shown, place.policy, place.staging)
}

fn namespaces<const N: usize>(calls: [Call; N]) -> Vec<Step> {
    calls.into_iter().map(|call| Step::new("namespaces", call)).collect()
}

/// Once the view stands: landlock on top of it where the kernel has it, and the capabilities. What exec leaves to the
/// warm parent is the right to make pid namespaces within its own user namespace; its children give that up before the
/// program begins.
fn last_steps_within(place: &Place<'_>) -> Vec<Step> {
    let rules = landlock::abi().map(|abi| view::rules_within(abi, &place.shown));
    let mut steps: Vec<Step> = rules.map(|rules| Step::new("landlock", Call::Restrict(rules))).into_iter().collect();
    steps.push(Step::new("capabilities", Call::DropBoundingSet { but: Some(CAP_SYS_ADMIN) }));
    steps
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
