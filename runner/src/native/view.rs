//! The file system that a candidate sees: what runs it read-only, some devices, and a private scratch folder.
//! Not here: running the steps (`steps`).
//! In: [`Shown`], the profile, a staging folder. Out: the list of steps that build the view.

use std::{
    ffi::CString,
    fs,
    path::{Path, PathBuf},
};

use trialbox_sandbox_profiles::FilesystemPolicy;

use super::{
    landlock::{DEVICE, READ, Rules, WRITE},
    shell::COMMANDS,
    steps::{Call, Step, c_path},
};
use crate::{interpreter::Interpreter, toolchain::Toolchain};

/// Where the C part of the warm parent stands in the view.
pub(crate) const HELPER: &str = "/run/trialbox/zygote.so";
/// Where what every program in a shell's sandbox is given stands (launcher.c).
const FILES: &str = "/run/trialbox/files.so";
/// Where folders stand that cannot stand at their own place.
const PACKAGES: &str = "/run/trialbox/packages";
/// Where a script's input stands once more, for programs that open /dev/stdin: without /proc there is no other way to it.
pub(crate) const INPUT: &str = "/run/trialbox/input";
/// The candidate's working folder, the only place it can write.
pub(crate) const SCRATCH: &str = "/tmp";

const LAYER: &str = "filesystem";
const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
/// Read-only is the node, not the device.
const DEVICE_ATTRIBUTES: u64 = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC;
const DEVICES: [&str; 4] = ["/dev/null", "/dev/full", "/dev/random", "/dev/urandom"];
/// Mapped shared, it is memory that the resident size does not show: for nobody whose memory no group counts.
const DEVICES_AND_ZERO: [&str; 5] = ["/dev/null", "/dev/full", "/dev/random", "/dev/urandom", "/dev/zero"];
/// What the dynamic linker and libc read, where it exists.
const SYSTEM: [&str; 7] =
    ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"];

/// What of the host one kind of program is shown.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Paths, each at its own place.
    paths: Vec<PathBuf>,
    /// Paths of the host that stand elsewhere in the view.
    moved: Vec<(PathBuf, PathBuf)>,
    devices: &'static [&'static str],
    /// Whether /dev/stdin leads to a file of its own, for programs without /proc.
    has_stdin: bool,
}

impl Shown {
    /// To Python: the interpreter, the folders that it imports from, and the C part of the warm parent.
    pub(crate) fn to_python(interpreter: &Interpreter, helper: &Path) -> Self {
        let moved = import_path(interpreter).into_iter().filter(|(host, inside)| host != inside);
        let moved = moved.chain([(helper.to_owned(), PathBuf::from(HELPER))]).collect();
        Self { paths: of_python(interpreter), moved, devices: &DEVICES, has_stdin: true }
    }

    /// To a compiler: its tools and what they read. No device gives bytes without end: a source may include any.
    pub(crate) fn to_compiler(toolchain: &Toolchain) -> Self {
        let tools = toolchain.tools.iter().map(|tool| tool.path.clone());
        let system = SYSTEM.iter().map(PathBuf::from);
        let paths = existing(system.chain(tools).chain(toolchain.folders.iter().cloned()));
        Self { paths, devices: &DEVICES[..1], ..Self::default() }
    }

    /// To a shell: commands and what they read, and what stands in for the descriptors' names. No /dev/stdin: its processes
    /// have different ones.
    pub(crate) fn to_shell(files: &Path, memory_has_a_group: bool) -> Self {
        let paths = existing(SYSTEM.into_iter().chain(COMMANDS).map(PathBuf::from));
        let devices: &[&str] = if memory_has_a_group { &DEVICES_AND_ZERO } else { &DEVICES };
        Self { paths, moved: vec![(files.to_owned(), PathBuf::from(FILES))], devices, has_stdin: false }
    }

    /// To a program that needs nothing.
    pub(crate) fn to_program() -> Self {
        Self { devices: &DEVICES, has_stdin: true, ..Self::default() }
    }
}

/// The steps that build the view in `staging` and make it the root.
pub(crate) fn steps(shown: &Shown, policy: &FilesystemPolicy, staging: &Path) -> Vec<Step> {
    let mut view = View { staging, steps: Vec::new() };
    view.mount("none", Path::new("/"), "", libc::MS_REC | libc::MS_PRIVATE, "");
    view.mount("tmpfs", staging, "tmpfs", libc::MS_NOSUID | libc::MS_NODEV, "mode=755,size=1m,nr_inodes=4096");
    for path in &shown.paths {
        view.expose(path);
    }
    for (host, inside) in &shown.moved {
        let is_folder = host.is_dir();
        view.bind(host, inside, is_folder);
        view.restrict(inside, READ_ONLY, is_folder);
    }
    for device in shown.devices {
        view.bind(Path::new(device), Path::new(device), false);
        view.restrict(Path::new(device), DEVICE_ATTRIBUTES, false);
    }
    view.input(shown.has_stdin);
    view.scratch(policy);
    view.restrict(Path::new("/"), READ_ONLY, false);
    view.push(Call::PivotRoot(c_path(staging)));
    view.push(Call::ChangeFolder(c_path(Path::new(SCRATCH))));
    view.steps
}

/// What may be opened within the view: all of it read, and the scratch folder written.
pub(crate) fn rules_within(abi: u32, shown: &Shown) -> Rules {
    let mut rules = Rules::nothing(abi);
    // What may be executed in there is said by the mounts.
    rules.allow(c_path(Path::new("/")), READ);
    rules.allow(c_path(Path::new(SCRATCH)), WRITE);
    shown.devices.iter().for_each(|device| rules.allow(c_path(Path::new(device)), DEVICE));
    rules
}

/// What may be opened where there is no view: the same paths of the host's own root.
pub(crate) fn rules_without(abi: u32, shown: &Shown, scratch: &Path) -> Rules {
    let mut rules = Rules::nothing(abi);
    for path in shown.paths.iter().chain(shown.moved.iter().map(|(host, _)| host)) {
        rules.allow(c_path(path), READ);
    }
    shown.devices.iter().for_each(|device| rules.allow(c_path(Path::new(device)), DEVICE));
    rules.allow(c_path(scratch), WRITE);
    rules
}

/// The folders to import from, and where they stand in the view: at the same place, but for those that the scratch
/// folder would hide (a virtual environment below /tmp).
pub(crate) fn import_path(interpreter: &Interpreter) -> Vec<(PathBuf, PathBuf)> {
    let inside = |(index, path): (usize, &PathBuf)| match path.starts_with(SCRATCH) {
        true => Path::new(PACKAGES).join(index.to_string()),
        false => path.clone(),
    };
    let places: Vec<PathBuf> = interpreter.path.iter().enumerate().map(inside).collect();
    interpreter.path.iter().cloned().zip(places).collect()
}

/// The system's libraries, the interpreter, and the folders it imports from.
fn of_python(interpreter: &Interpreter) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
    let prefix = &interpreter.base_prefix;
    // A system-wide prefix holds the whole system: of it, only the libraries.
    let is_system = [Path::new("/"), Path::new("/usr"), Path::new("/usr/local")].contains(&prefix.as_path());
    paths.push(if is_system { prefix.join("lib") } else { prefix.clone() });
    paths.push(interpreter.executable.clone());
    paths.extend(import_path(interpreter).into_iter().filter(|(host, inside)| host == inside).map(|(host, _)| host));
    existing(paths)
}

/// Those that are there, no path twice.
fn existing(paths: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut kept: Vec<PathBuf> = Vec::new();
    for path in paths {
        let covered = kept.iter().any(|earlier| path.starts_with(earlier) && !earlier.is_symlink());
        if !covered && path.exists() {
            kept.push(path);
        }
    }
    kept
}

struct View<'a> {
    staging: &'a Path,
    steps: Vec<Step>,
}

impl View<'_> {
    fn push(&mut self, call: Call) {
        self.steps.push(Step::new(LAYER, call));
    }

    /// Where a path of the view stands before the view is the root.
    fn staged(&self, path: &Path) -> PathBuf {
        self.staging.join(path.strip_prefix("/").unwrap_or(path))
    }

    fn mount(&mut self, source: &str, target: &Path, kind: &str, flags: libc::c_ulong, options: &str) {
        let text = |text: &str| CString::new(text).expect("constants hold no NUL");
        self.push(Call::Mount {
            source: text(source),
            target: c_path(target),
            kind: text(kind),
            flags,
            options: text(options),
        });
    }

    /// Shows a path of the host at the same place; symbolic links stay links.
    fn expose(&mut self, path: &Path) {
        match fs::read_link(path) {
            Ok(target) => {
                self.make_parents(path);
                self.push(Call::Link { target: c_path(&target), path: c_path(&self.staged(path)) });
                // A link such as /etc/localtime points into what is exposed anyway, or at nothing.
            }
            Err(_) => {
                self.bind(path, path, path.is_dir());
                self.restrict(path, READ_ONLY, true);
            }
        }
    }

    fn bind(&mut self, source: &Path, target: &Path, is_folder: bool) {
        self.make_parents(target);
        let staged = self.staged(target);
        self.push(if is_folder { Call::MakeFolder(c_path(&staged)) } else { Call::MakeFile(c_path(&staged)) });
        self.push(Call::Mount {
            source: c_path(source),
            target: c_path(&staged),
            kind: CString::default(),
            flags: libc::MS_BIND | libc::MS_REC,
            options: CString::default(),
        });
    }

    fn restrict(&mut self, path: &Path, attributes: u64, recursive: bool) {
        let path = c_path(&self.staged(path));
        self.push(Call::MountAttributes { path, attributes, recursive });
    }

    fn make_parents(&mut self, path: &Path) {
        let mut parents: Vec<&Path> = path.ancestors().skip(1).filter(|parent| parent.parent().is_some()).collect();
        parents.reverse();
        for parent in parents {
            let staged = c_path(&self.staged(parent));
            self.push(Call::MakeFolder(staged));
        }
    }

    fn input(&mut self, has_stdin: bool) {
        let staged = self.staged(Path::new(INPUT));
        self.make_parents(Path::new(INPUT));
        self.push(Call::MakeFolder(c_path(&staged)));
        let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
        self.mount("tmpfs", &staged, "tmpfs", flags, "mode=755,size=256m,nr_inodes=8");
        if has_stdin {
            let link = c_path(&self.staged(Path::new("/dev/stdin")));
            self.push(Call::Link { target: c_path(&Path::new(INPUT).join("stdin")), path: link });
        }
    }

    fn scratch(&mut self, policy: &FilesystemPolicy) {
        let staged = self.staged(Path::new(SCRATCH));
        self.push(Call::MakeFolder(c_path(&staged)));
        let options = format!("mode=1777,size={},nr_inodes={}", policy.scratch_bytes, policy.scratch_files);
        let not_executed = if policy.scratch_executable { 0 } else { libc::MS_NOEXEC };
        self.mount("tmpfs", &staged, "tmpfs", libc::MS_NOSUID | libc::MS_NODEV | not_executed, &options);
        for alias in ["/var/tmp", "/dev/shm"] {
            self.make_parents(Path::new(alias));
            let path = c_path(&self.staged(Path::new(alias)));
            self.push(Call::Link { target: c_path(Path::new(SCRATCH)), path });
        }
    }
}
