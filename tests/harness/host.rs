//! The host around a running trialbox: what is there before a program, and what is there after it.
//! Not here: files that are planted for programs to find (`planted`).
//! In: a trialbox. Out: a [`Snapshot`]; compared with an earlier one, complaints.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{BEGUN, class::Ground, planted::Planted};
use crate::{
    processes::{Stat, descendants, processes, resident_bytes},
    support::{groups_of, names_in},
};

/// By how much trialbox may grow over all cases.
const GROWTH_BYTES: u64 = 64 << 20;
/// Names that only cases use, ours and the corpus's: whoever owns such a file, a case made it.
const CASE_PREFIXES: [&str; 2] = ["trialbox-case-", "atk_"];
/// Folders of the host that any process may write to.
const PUBLIC_FOLDERS: [&str; 4] = ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"];

/// What is there at one moment. Interpreters may be replaced, so what belongs to one is counted and not named.
#[derive(Debug)]
pub(crate) struct Snapshot {
    processes: usize,
    strays: BTreeSet<String>,
    mounts: BTreeSet<String>,
    groups: usize,
    files: BTreeSet<String>,
    own_files: BTreeSet<String>,
    scratch: Vec<String>,
    ipc: BTreeSet<String>,
    descriptors: Vec<String>,
    resident_bytes: u64,
}

impl Snapshot {
    pub(crate) fn take(ground: &Ground, planted: &Planted, trialbox: u32) -> Self {
        let all = processes();
        let below = descendants(&all, trialbox);
        Self {
            strays: strays(ground, &all),
            processes: below.len(),
            mounts: lines(&format!("/proc/{trialbox}/mountinfo")),
            groups: groups_of(trialbox, *BEGUN).len(),
            files: PUBLIC_FOLDERS.iter().flat_map(|folder| suspicious(ground, planted, folder)).collect(),
            own_files: tree(&ground.temporary()),
            scratch: below.iter().flat_map(|number| names_in(&scratch(*number))).collect(),
            ipc: ["shm", "sem", "msg"].iter().flat_map(|kind| ipc_objects(kind)).collect(),
            descriptors: descriptors(trialbox),
            resident_bytes: resident_bytes(trialbox).unwrap_or(0),
        }
    }

    /// What is there now and was not there before.
    pub(crate) fn complaints(&self, before: &Self) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut complain =
            |what: &str, now: String, before: String| complaints.push(format!("{what}: {now}, before: {before}"));
        for (what, now, earlier) in [
            ("stray processes", &self.strays, &before.strays),
            ("mounts", &self.mounts, &before.mounts),
            ("files", &self.files, &before.files),
            ("files of trialbox", &self.own_files, &before.own_files),
            ("System V objects", &self.ipc, &before.ipc),
        ] {
            let new: Vec<&String> = now.difference(earlier).collect();
            if !new.is_empty() {
                complain(&format!("new {what}"), format!("{new:?}"), "none of them".to_owned());
            }
        }
        if !self.scratch.is_empty() {
            complain("the scratch folder is not empty", format!("{:?}", self.scratch), "nothing".to_owned());
        }
        if self.processes != before.processes {
            complain("processes below trialbox", self.processes.to_string(), before.processes.to_string());
        }
        if self.groups != before.groups {
            complain("control groups", self.groups.to_string(), before.groups.to_string());
        }
        if self.descriptors != before.descriptors {
            complain("descriptors", format!("{:?}", self.descriptors), format!("{:?}", before.descriptors));
        }
        if self.resident_bytes > before.resident_bytes + GROWTH_BYTES {
            complain("resident bytes", self.resident_bytes.to_string(), before.resident_bytes.to_string());
        }
        complaints
    }

    /// What should be gone now that trialbox has ended.
    pub(crate) fn remains(&self) -> Vec<String> {
        let mut remains = Vec::new();
        if !self.own_files.is_empty() {
            remains.push(format!("files of trialbox are left: {:?}", self.own_files));
        }
        if self.groups > 0 {
            remains.push(format!("{} control groups are left", self.groups));
        }
        if !self.strays.is_empty() {
            remains.push(format!("processes are left: {:?}", self.strays));
        }
        remains
    }
}

/// Processes of the programs' user that no trialbox has started: others may be at work on this machine. One that is on its
/// way out, with its trialbox gone already, is none.
fn strays(ground: &Ground, all: &HashMap<u32, Stat>) -> BTreeSet<String> {
    let Some(user) = ground.program_user() else { return BTreeSet::new() };
    let mut strays = strays_among(user, all);
    for _ in 0..20 {
        if strays.is_empty() {
            break;
        }
        thread::sleep(Duration::from_millis(50));
        strays = &strays & &strays_among(user, &processes());
    }
    strays
}

fn strays_among(user: u32, all: &HashMap<u32, Stat>) -> BTreeSet<String> {
    let name = |number: u32| read(&format!("/proc/{number}/comm")).trim_end().to_owned();
    let supervisors = all.keys().copied().filter(|number| name(*number).starts_with("trialbox"));
    let supervised: BTreeSet<u32> =
        supervisors.flat_map(|number| descendants(all, number).into_iter().chain([number])).collect();
    let is_stray = |number: &u32| !all[number].is_dead && !supervised.contains(number) && owner(*number) == Some(user);
    let describe = |number: u32| {
        let parent = all.get(&number).map_or(0, |stat| stat.parent);
        format!("{number} ({}), started by {parent} ({})", name(number), name(parent))
    };
    all.keys().copied().filter(is_stray).map(describe).collect()
}

/// The most memory that a process has held since [`forget_peak`].
pub(crate) fn peak_bytes(process: u32) -> u64 {
    status_bytes(process, "VmHWM:")
}

/// Makes the kernel forget the most memory that a process has held.
pub(crate) fn forget_peak(process: u32) {
    fs::write(format!("/proc/{process}/clear_refs"), "5").expect("our own child");
}

/// Empty where the file is not there any more, as with processes that end meanwhile.
fn read(path: &str) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

fn lines(path: &str) -> BTreeSet<String> {
    read(path).lines().map(str::to_owned).collect()
}

fn owner(process: u32) -> Option<u32> {
    let status = read(&format!("/proc/{process}/status"));
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()
}

fn status_bytes(process: u32, key: &str) -> u64 {
    let status = read(&format!("/proc/{process}/status"));
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.trim().strip_suffix(" kB").and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Where a warm interpreter's programs may write, as its own view has it.
fn scratch(interpreter: u32) -> PathBuf {
    let root = PathBuf::from(format!("/proc/{interpreter}/root"));
    // Without a view of its own this is the host's own folder, where others work too.
    let has_own_root = fs::metadata(&root).ok().map(|it| it.ino()) != fs::metadata("/").ok().map(|it| it.ino());
    if has_own_root { root.join("tmp") } else { PathBuf::new() }
}

/// Files that a program may have made.
fn suspicious(ground: &Ground, planted: &Planted, folder: &str) -> Vec<String> {
    let is_suspicious = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let owner = fs::symlink_metadata(path).ok().map(|it| it.uid());
        let is_a_cases = CASE_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        (is_a_cases && !planted.contains(path)) || (owner.is_some() && owner == ground.program_user())
    };
    let paths = names_in(Path::new(folder)).into_iter().map(|name| Path::new(folder).join(name));
    paths.filter(is_suspicious).map(|path| path.display().to_string()).collect()
}

/// Every path below a folder.
fn tree(folder: &Path) -> BTreeSet<String> {
    let (mut folders, mut paths) = (vec![folder.to_owned()], BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            paths.insert(entry.path().display().to_string());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    paths
}

/// Kind, key and number of each object.
fn ipc_objects(kind: &str) -> Vec<String> {
    let text = read(&format!("/proc/sysvipc/{kind}"));
    let name = |line: &str| [kind].into_iter().chain(line.split_whitespace().take(2)).collect::<Vec<_>>().join(" ");
    text.lines().skip(1).map(name).collect()
}

/// What trialbox holds open, less the numbers that change with every interpreter.
fn descriptors(process: u32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    let target = |path: PathBuf| fs::read_link(path).map_or_else(|_| String::new(), |to| to.display().to_string());
    let nameless = |text: String| text.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let mut targets: Vec<String> = entries.map(|entry| nameless(target(entry.path()))).collect();
    targets.sort();
    targets
}
