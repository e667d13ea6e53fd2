//! Surroundings for one run of the binary: folders of its own, and a look at what it leaves in them.
//! Not here: running and watching it (`processes`), what is run (`fixtures`).
//! In: arguments. Out: how the run ended, or a visible reason to skip.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::processes::{Finished, command, finish};

/// Folders for one test, removed with it.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    begun: SystemTime,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("place-").tempdir().expect("a temporary folder");
        let place = Self { folder, begun: SystemTime::now() };
        for name in ["cache", "tmp"] {
            fs::create_dir(place.path(name)).expect("a folder");
        }
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder that `--out` names in tests; it is not there until trialbox makes it.
    pub(crate) fn out(&self) -> PathBuf {
        self.path("out")
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), text).expect("written");
        self.path(name)
    }

    /// Sets up a run that sees nothing of the user's own caches.
    pub(crate) fn prepare(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = command(program);
        command.env("TMPDIR", self.path("tmp")).env("TRIALBOX_CACHE", self.path("cache")).env_remove("TRIALBOX_LOG");
        command.current_dir(self.folder.path());
        command
    }

    pub(crate) fn trialbox(&self, arguments: &[&dyn AsRef<OsStr>]) -> Command {
        let mut command = self.prepare(env!("CARGO_BIN_EXE_trialbox"));
        for argument in arguments {
            command.arg(argument);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&dyn AsRef<OsStr>]) -> Finished {
        self.finish(self.trialbox(arguments), b"")
    }

    /// Runs a command to its end, and makes sure that it left no process, folder or control group.
    pub(crate) fn finish(&self, command: Command, stdin: &[u8]) -> Finished {
        let finished = finish(command, stdin);
        self.assert_nothing_is_left(finished.process, &finished.survivors);
        finished
    }

    /// Makes sure that a process that has ended left no process, folder or control group.
    pub(crate) fn assert_nothing_is_left(&self, process: u32, survivors: &[u32]) {
        assert!(survivors.is_empty(), "processes are left: {survivors:?}");
        assert_eq!(names_in(&self.path("tmp")), Vec::<String>::new(), "something is left in the temporary folder");
        let groups = groups_of(process, self.begun - CLOCK_STEP);
        assert!(groups.is_empty(), "control groups are left: {groups:?}");
    }

    /// The verdicts of the last run, as they stand in the out folder.
    pub(crate) fn verdicts(&self) -> Vec<Value> {
        json_lines(&fs::read_to_string(self.out().join("verdicts.jsonl")).expect("verdicts were written"))
    }

    pub(crate) fn report(&self) -> Value {
        let text = fs::read_to_string(self.out().join("report.json")).expect("a report was written");
        serde_json::from_str(&text).expect("the report is JSON")
    }
}

pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    text.lines().map(parse).collect()
}

/// The names in a folder, hidden ones too; none where there is no folder.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect()
}

/// The shared corpus of programs that misbehave and of honest ones (its README says what a row holds).
pub(crate) const CORPUS: &str = "attacks/attacks_shared.jsonl";

/// The kernel stamps what it makes with a clock that lags a few milliseconds behind.
pub(crate) const CLOCK_STEP: Duration = Duration::from_secs(1);

/// Control groups named after a process, anywhere, and made since a moment: the name is trialbox's own, the number tells
/// whose. Numbers are used again, and what a killed process left elsewhere, under the same number, is not ours.
pub(crate) fn groups_of(process: u32, since: SystemTime) -> Vec<PathBuf> {
    let (prefix, mut found) = (format!("trialbox-{process}-"), Vec::new());
    let mut folders = vec![PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_new = || entry.metadata().and_then(|about| about.modified()).is_ok_and(|made| made >= since);
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                found.extend(is_new().then(|| entry.path()));
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    found
}

/// Says something that the test runner must not hide: unlike `eprintln!`, this is not captured.
pub(crate) fn say(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).expect("stderr can be written");
}

/// Says why a test is not run; under `TRIALBOX_TESTS_STRICT=1` that is a failure.
pub(crate) fn skip(reason: &str) {
    let strict = std::env::var_os("TRIALBOX_TESTS_STRICT").is_some_and(|value| value == "1");
    assert!(!strict, "{reason}, and TRIALBOX_TESTS_STRICT=1");
    say(&format!("skipped: {reason}"));
}

/// The path of a shared file: under `$TRIALBOX_SHARED`, or `../shared` beside the repository.
pub(crate) fn shared_path(name: &str) -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    std::env::var_os("TRIALBOX_SHARED").map_or_else(beside, PathBuf::from).join(name)
}

/// The path of a shared file that is there.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let path = shared_path(name);
    if !path.exists() {
        skip(&format!("{} is missing; TRIALBOX_SHARED names the folder that has it", path.display()));
        return None;
    }
    Some(path)
}

/// Whether programs can be run here at all; where not, says why.
pub(crate) fn can_run() -> bool {
    static DOCTOR: OnceLock<(bool, String)> = OnceLock::new();
    let (healthy, words) = DOCTOR.get_or_init(|| {
        let doctor = Place::new().run(&[&"doctor", &"--backend", &"native"]);
        (doctor.code == Some(0), doctor.stdout + &doctor.stderr)
    });
    if !healthy {
        skip(&format!("this host cannot run programs: {}", words.trim_end().replace('\n', "; ")));
    }
    *healthy
}
