//! The steps between fork and exec of a warm parent: each one system call, in order, with a name for its failure.
//! Not here: which steps (`view`, `zygote`).
//! Everything a step needs is allocated before the fork, because the child of a threaded process must not allocate.

use std::{
    ffi::{CStr, CString},
    fmt, io,
    os::fd::RawFd,
    path::Path,
    ptr,
};

use super::landlock::{self, Rules};

/// One step.
#[derive(Debug)]
pub(crate) struct Step {
    layer: &'static str,
    call: Call,
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Call {
    /// Moves to new namespaces.
    Unshare(libc::c_int),
    /// Keeps `/proc/self` open for [`Call::WriteProcSelf`], which may come after the old root has gone.
    OpenProcSelf,
    /// Writes a file below `/proc/self`.
    WriteProcSelf { name: CString, text: CString },
    /// Mounts.
    Mount { source: CString, target: CString, kind: CString, flags: libc::c_ulong, options: CString },
    /// Makes a folder.
    MakeFolder(CString),
    /// Makes an empty file.
    MakeFile(CString),
    /// Makes a symbolic link.
    Link { target: CString, path: CString },
    /// Adds attributes (`MOUNT_ATTR_*`) to a mount, and to those below it where `recursive`.
    MountAttributes { path: CString, attributes: u64, recursive: bool },
    /// Makes a folder the root and lets go of the old one.
    PivotRoot(CString),
    /// Changes the working folder.
    ChangeFolder(CString),
    /// Gives up every supplementary group, then takes this group and user.
    BecomeUser { uid: libc::uid_t, gid: libc::gid_t },
    /// Lets the process write its own id maps after it changed its user.
    StayDumpable,
    /// Holds the process to landlock rules.
    Restrict(Rules),
    /// Takes every capability but one out of the bounding set, or every single one.
    DropBoundingSet { but: Option<libc::c_int> },
    /// Has exec lay out memory the same way every time, where that is granted.
    FixLayout,
    /// Sets a soft limit, clamped to the hard one.
    SoftLimit { resource: libc::__rlimit_resource_t, value: u64 },
    /// Places a descriptor at a number that survives exec.
    PlaceDescriptor { from: RawFd, to: RawFd },
    /// Marks every descriptor from this number on as closed by exec.
    CloseOnExecFrom(RawFd),
    /// Leaves the terminal: a Ctrl-C is the supervisor's to handle.
    NewSession,
}

/// A step that failed: the layer, the step, and what the system said.
#[derive(Debug, thiserror::Error)]
#[error("{layer}: {step}: {source}")]
pub struct StepError {
    pub(crate) layer: &'static str,
    pub(crate) step: String,
    pub(crate) source: io::Error,
}

impl Step {
    pub(crate) fn new(layer: &'static str, call: Call) -> Self {
        Self { layer, call }
    }

    /// The error for this step.
    pub(crate) fn error(&self, errno: i32) -> StepError {
        StepError { layer: self.layer, step: self.call.to_string(), source: io::Error::from_raw_os_error(errno) }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Unshare(flags) => write!(f, "unshare({})", namespace_names(*flags)),
            Call::OpenProcSelf => write!(f, "open /proc/self"),
            Call::WriteProcSelf { name, text } => write!(f, "write {text:?} to /proc/self/{}", name.to_string_lossy()),
            Call::Mount { source, target, .. } => {
                write!(f, "mount {} on {}", source.to_string_lossy(), target.to_string_lossy())
            }
            Call::MakeFolder(path) => write!(f, "make folder {}", path.to_string_lossy()),
            Call::MakeFile(path) => write!(f, "make file {}", path.to_string_lossy()),
            Call::Link { path, .. } => write!(f, "make link {}", path.to_string_lossy()),
            Call::MountAttributes { path, .. } => write!(f, "restrict the mount {}", path.to_string_lossy()),
            Call::PivotRoot(path) => write!(f, "pivot_root to {}", path.to_string_lossy()),
            Call::ChangeFolder(path) => write!(f, "change to {}", path.to_string_lossy()),
            Call::BecomeUser { uid, .. } => write!(f, "become user {uid}"),
            Call::StayDumpable => write!(f, "stay dumpable"),
            Call::Restrict(_) => write!(f, "restrict what can be opened"),
            Call::DropBoundingSet { .. } => write!(f, "drop the capability bounding set"),
            Call::FixLayout => write!(f, "fix the memory layout"),
            Call::SoftLimit { resource, .. } => write!(f, "set resource limit {resource}"),
            Call::PlaceDescriptor { to, .. } => write!(f, "place descriptor {to}"),
            Call::CloseOnExecFrom(first) => write!(f, "close descriptors from {first} on"),
            Call::NewSession => write!(f, "leave the session"),
        }
    }
}

fn namespace_names(flags: libc::c_int) -> String {
    let known = [
        (libc::CLONE_NEWUSER, "user"),
        (libc::CLONE_NEWNS, "mount"),
        (libc::CLONE_NEWNET, "network"),
        (libc::CLONE_NEWIPC, "ipc"),
        (libc::CLONE_NEWUTS, "uts"),
        (libc::CLONE_NEWCGROUP, "cgroup"),
    ];
    let named: Vec<_> = known.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| *name).collect();
    named.join(", ")
}

/// Runs the steps. Called in the forked child: allocates nothing, and reports the first failure as (index, errno).
///
/// # Safety
/// Must run in a process of one thread that is about to exec; the steps change that process for good.
pub(crate) unsafe fn run(steps: &[Step]) -> Result<(), (usize, i32)> {
    let mut proc_self: RawFd = -1;
    for (index, step) in steps.iter().enumerate() {
        // SAFETY: the caller promises a single-threaded child before exec.
        unsafe { run_one(&step.call, &mut proc_self) }.map_err(|errno| (index, errno))?;
    }
    Ok(())
}

/// Runs one step.
///
/// # Safety
/// As for [`run`].
unsafe fn run_one(call: &Call, proc_self: &mut RawFd) -> Result<(), i32> {
    // SAFETY: every pointer below comes from a CStr or CString that outlives the call, or is null where the kernel
    // allows null; no call keeps a pointer.
    unsafe {
        match call {
            Call::Unshare(flags) => check(libc::unshare(*flags)),
            Call::OpenProcSelf => {
                let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC;
                *proc_self = libc::open(c"/proc/self".as_ptr(), flags);
                check(*proc_self)
            }
            Call::WriteProcSelf { name, text } => write_at(*proc_self, name, text),
            Call::Mount { source, target, kind, flags, options } => {
                check(libc::mount(source.as_ptr(), target.as_ptr(), kind.as_ptr(), *flags, options.as_ptr().cast()))
            }
            Call::MakeFolder(path) => made(libc::mkdir(path.as_ptr(), 0o755)),
            // Not open(O_CREAT): a descriptor left open for writing would keep the view from becoming read-only.
            Call::MakeFile(path) => made(libc::mknod(path.as_ptr(), libc::S_IFREG | 0o644, 0)),
            Call::Link { target, path } => made(libc::symlink(target.as_ptr(), path.as_ptr())),
            Call::MountAttributes { path, attributes, recursive } => mount_attributes(path, *attributes, *recursive),
            Call::PivotRoot(path) => {
                check(libc::chdir(path.as_ptr()))?;
                let here = c".".as_ptr();
                check_long(libc::syscall(libc::SYS_pivot_root, here, here))?;
                check(libc::umount2(here, libc::MNT_DETACH))?;
                check(libc::chdir(c"/".as_ptr()))
            }
            Call::ChangeFolder(path) => check(libc::chdir(path.as_ptr())),
            Call::BecomeUser { uid, gid } => {
                // The raw calls: libc's wrappers signal other threads, which do not exist in this child.
                check_long(libc::syscall(libc::SYS_setgroups, 0, ptr::null::<libc::gid_t>()))?;
                check_long(libc::syscall(libc::SYS_setresgid, *gid, *gid, *gid))?;
                check_long(libc::syscall(libc::SYS_setresuid, *uid, *uid, *uid))
            }
            Call::StayDumpable => check(libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0)),
            Call::Restrict(rules) => landlock::restrict(rules),
            Call::DropBoundingSet { but } => drop_bounding_set(*but),
            Call::FixLayout => {
                libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong);
                Ok(())
            }
            Call::SoftLimit { resource, value } => soft_limit(*resource, *value),
            Call::PlaceDescriptor { from, to } => check(libc::dup2(*from, *to)),
            Call::CloseOnExecFrom(first) => {
                let flags = libc::CLOSE_RANGE_CLOEXEC;
                check_long(libc::syscall(libc::SYS_close_range, *first, libc::c_uint::MAX, flags))
            }
            Call::NewSession => check(libc::setsid()),
        }
    }
}

pub(crate) fn errno() -> i32 {
    // SAFETY: errno's location is valid for the life of the thread.
    unsafe { *libc::__errno_location() }
}

fn check(result: libc::c_int) -> Result<(), i32> {
    if result < 0 { Err(errno()) } else { Ok(()) }
}

pub(crate) fn check_long(result: libc::c_long) -> Result<(), i32> {
    if result < 0 { Err(errno()) } else { Ok(()) }
}

/// A folder or link that is already there is what was wanted: the new root is an empty tmpfs that only we fill.
fn made(result: libc::c_int) -> Result<(), i32> {
    match check(result) {
        Err(libc::EEXIST) => Ok(()),
        other => other,
    }
}

fn write_at(folder: RawFd, name: &CStr, text: &CStr) -> Result<(), i32> {
    // SAFETY: `name` and `text` are NUL-terminated and outlive the calls; the descriptor is closed once.
    unsafe {
        let file = libc::openat(folder, name.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        check(file)?;
        let written = libc::write(file, text.as_ptr().cast(), text.count_bytes());
        let failure = errno();
        libc::close(file);
        if written < 0 { Err(failure) } else { Ok(()) }
    }
}

fn mount_attributes(path: &CStr, attributes: u64, recursive: bool) -> Result<(), i32> {
    let change = libc::mount_attr { attr_set: attributes, attr_clr: 0, propagation: 0, userns_fd: 0 };
    let flags = if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: `change` is a valid mount_attr of the size that is passed.
    check_long(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            &raw const change,
            size_of::<libc::mount_attr>(),
        )
    })
}

fn drop_bounding_set(but: Option<libc::c_int>) -> Result<(), i32> {
    for capability in (0..64).filter(|capability| Some(*capability) != but) {
        // SAFETY: prctl with integer arguments.
        match check(unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) }) {
            Err(libc::EINVAL) => return Ok(()), // past the kernel's last capability
            other => other?,
        }
    }
    Ok(())
}

fn soft_limit(resource: libc::__rlimit_resource_t, value: u64) -> Result<(), i32> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid rlimit to write to and read from.
    unsafe {
        check(libc::getrlimit(resource, &raw mut limit))?;
        limit.rlim_cur = value.min(limit.rlim_max);
        check(libc::setrlimit(resource, &raw const limit))
    }
}

/// A path as the kernel takes it. Paths that trialbox builds hold no NUL; one from outside that does is refused earlier.
pub(crate) fn c_path(path: &Path) -> CString {
    use std::os::unix::ffi::OsStrExt;
    CString::new(path.as_os_str().as_bytes()).expect("a path that the system gave us has no NUL")
}
