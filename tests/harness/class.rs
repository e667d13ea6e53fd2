//! The kinds of host that cases run on.
//! Not here: the conversation with a trialbox there (`conversation`).
//! In: a class. Out: a [`Ground`] with the commands that start trialbox so, or why it cannot be had here.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;
use tempfile::TempDir;

use crate::{
    processes::{command, finish},
    support::shared_path,
};

/// The user of [`Class::User`] where the tests run as root; nobody else on a machine has this number.
const USER: u32 = 60_123;
/// The same for [`Class::Wasi`].
const WASI_USER: u32 = 60_124;
/// The user of [`Class::ContainerUser`], as `like-a-container.c` has it in its examples.
const CONTAINER_USER: u32 = 1000;
/// The user as whom programs run where trialbox itself is root.
const NOBODY: u32 = 65_534;

/// A kind of host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Class {
    /// trialbox as root.
    Root,
    /// trialbox as an ordinary user.
    User,
    /// trialbox as root of a container with default restrictions.
    Container,
    /// trialbox as an ordinary user of such a container.
    ContainerUser,
    /// trialbox as an ordinary user of a host with no Python, and programs in the WASI guest.
    Wasi,
}

impl Class {
    pub(crate) const ALL: [Self; 5] = [Self::Root, Self::User, Self::Container, Self::ContainerUser, Self::Wasi];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::User => "user",
            Self::Container => "container",
            Self::ContainerUser => "container-user",
            Self::Wasi => "wasi",
        }
    }
}

/// Folders for one class, and the way to start trialbox in it. Removed with it.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) class: Class,
    folder: TempDir,
    /// The user as whom trialbox runs, where that is not the user of the tests.
    user: Option<u32>,
    /// What stands before trialbox on the command line.
    wrapper: Vec<PathBuf>,
}

impl Ground {
    /// Prepares a class; the error says why it cannot be had here.
    pub(crate) fn prepare(class: Class) -> Result<Self, String> {
        if !is_root() && !matches!(class, Class::User | Class::Wasi) {
            return Err("the tests do not run as root".to_owned());
        }
        let folder = tempfile::Builder::new().prefix("cases-").tempdir().expect("a temporary folder");
        let user = match class {
            Class::Root | Class::Container => None,
            Class::User => is_root().then_some(USER),
            Class::Wasi => is_root().then_some(WASI_USER),
            Class::ContainerUser => Some(CONTAINER_USER),
        };
        let mut ground = Self { class, folder, user, wrapper: Vec::new() };
        ground.furnish();
        if matches!(class, Class::Container | Class::ContainerUser) {
            ground.wrapper = wrapper(class, ground.folder.path())?;
        }
        let doctor = finish(ground.trialbox(&["doctor"]), b"");
        let words = doctor.stdout + &doctor.stderr;
        (doctor.code == Some(0)).then_some(ground).ok_or_else(|| words.lines().last().unwrap_or("no word").to_owned())
    }

    /// Folders that the class's user may use, and a trialbox that it may run.
    fn furnish(&self) {
        let root = self.folder.path();
        fs::set_permissions(root, fs::Permissions::from_mode(0o755)).expect("our own folder");
        fs::copy(env!("CARGO_BIN_EXE_trialbox"), root.join("trialbox")).expect("the binary can be copied");
        for name in ["home", "tmp"] {
            fs::create_dir(root.join(name)).expect("a folder");
            chown(root.join(name), self.user, self.user).expect("root may give away");
        }
    }

    /// trialbox with these arguments, as this class starts it.
    pub(crate) fn trialbox(&self, arguments: &[&str]) -> Command {
        let binary = self.folder.path().join("trialbox");
        let words: Vec<PathBuf> = self.wrapper.iter().cloned().chain([binary]).collect();
        let mut command = command(&words[0]);
        command.args(&words[1..]).args(arguments);
        command.env_clear().env("HOME", self.folder.path().join("home"));
        match self.class {
            Class::Wasi => command.args(["--backend", "wasi"]).env("PATH", "/nonexistent"),
            _ => command.args(["--backend", "native", "--python", python()]).env("PATH", "/usr/bin:/bin"),
        };
        command.env("TMPDIR", self.temporary()).current_dir(self.folder.path());
        if let Some(user) = self.user.filter(|_| self.wrapper.is_empty()) {
            command.uid(user).gid(user); // as root, this also leaves all supplementary groups
        }
        command
    }

    /// The folder around all others.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// trialbox's own folder for temporary files.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// The user as whom programs run, where nobody else works as that user.
    pub(crate) fn program_user(&self) -> Option<u32> {
        self.user.or_else(|| is_root().then_some(NOBODY))
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").expect("Linux").uid() == 0
}

/// The system's own Python, which every user may run.
pub(super) fn python() -> &'static str {
    let system = "/usr/bin/python3";
    if Path::new(system).exists() { system } else { "python3" }
}

/// Compiles `like-a-container`; the words that stand before a command which runs in it.
fn wrapper(class: Class, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let source = shared_path("tools/like-a-container.c");
    if !source.exists() {
        return Err(format!("{} is missing; TRIALBOX_SHARED names the folder that has it", source.display()));
    }
    let program = folder.join("like-a-container");
    let mut compiler = command("cc");
    compiler.arg("-O2").arg("-o").arg(&program).arg(&source);
    let status = compiler.status().map_err(|error| format!("cc: {error}"))?;
    if !status.success() {
        return Err(format!("cc: {status}"));
    }
    let user = [PathBuf::from("--user"), CONTAINER_USER.to_string().into()];
    Ok([program].into_iter().chain(user.into_iter().filter(|_| class == Class::ContainerUser)).collect())
}
