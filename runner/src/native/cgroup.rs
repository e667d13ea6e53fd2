//! Memory limits by control group: one group per worker, around its warm parent and the parent's children.
//! Not here: watching memory where no group can be had (`watch`).
//! A group is made once per worker, because making one per program costs more than everything else together.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use super::leftovers::{self, PREFIX};

/// Where groups can be made.
#[derive(Clone, Debug)]
pub(crate) enum MemoryControl {
    /// A writable cgroup v2 folder whose children have the memory controller.
    V2(PathBuf),
    /// A writable folder of the v1 memory controller.
    V1(PathBuf),
    /// Neither: memory is watched from outside.
    Polling(String),
}

impl MemoryControl {
    /// Looks for the best that this host offers, by making a group and removing it again.
    pub(crate) fn detect() -> Self {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let (v2, v1) = candidates(&mounts, &groups);
        let mut refusals = Vec::new();
        for control in v2.into_iter().map(Self::V2).chain(v1.into_iter().map(Self::V1)) {
            match control.try_out() {
                Ok(()) => return control,
                Err(why) => refusals.push(why),
            }
        }
        refusals.dedup();
        if refusals.is_empty() {
            refusals.push("no memory controller is mounted".to_owned());
        }
        Self::Polling(refusals.join("; "))
    }

    fn try_out(&self) -> Result<(), String> {
        let (Self::V2(parent) | Self::V1(parent)) = self else { return Ok(()) };
        leftovers::remove_groups(parent);
        let explain = |error: io::Error| format!("no group in {}: {error}", parent.display());
        let mut group = MemoryGroup::new(self).map_err(explain)?.ok_or("no group")?;
        group.set_limit(64 << 20).map_err(explain)
    }

    /// What `doctor` says of it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::V2(_) => "cgroup v2".to_owned(),
            Self::V1(_) => "cgroup v1".to_owned(),
            Self::Polling(why) => format!("polling the resident size every few milliseconds ({why})"),
        }
    }
}

/// The folders in which groups might be made: below this process's own group, v2 first.
fn candidates(mounts: &str, groups: &str) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let own = |wanted: &str| {
        groups.lines().find_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            let (controllers, path) = (fields.next()?, fields.next()?);
            (controllers.split(',').any(|name| name == wanted)).then(|| path.to_owned())
        })
    };
    let (mut v2, mut v1) = (Vec::new(), Vec::new());
    for line in mounts.lines() {
        let Some((front, back)) = line.split_once(" - ") else { continue };
        let fields: Vec<_> = front.split(' ').collect();
        let (Some(root), Some(point)) = (fields.get(3), fields.get(4)) else { continue };
        let below =
            |path: String| Path::new(point).join(path.strip_prefix(root).unwrap_or(&path).trim_start_matches('/'));
        let mut back = back.split(' ');
        match (back.next(), back.nth(1)) {
            (Some("cgroup2"), _) => v2.extend(own("").map(below)),
            (Some("cgroup"), Some(options)) if options.split(',').any(|option| option == "memory") => {
                v1.extend(own("memory").map(below));
            }
            _ => {}
        }
    }
    (v2, v1)
}

/// What the groups of this process leave it of memory; `None` where none of them says.
pub(crate) fn free_bytes() -> Option<u64> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let (v2, v1) = candidates(&mounts, &groups);
    let v2 = v2.into_iter().map(|folder| (folder, "memory.max", "memory.current"));
    let v1 = v1.into_iter().map(|folder| (folder, "memory.limit_in_bytes", "memory.usage_in_bytes"));
    let number = |path: PathBuf| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let free = |(folder, limit, usage): (PathBuf, &str, &str)| {
        Some(number(folder.join(limit))?.saturating_sub(number(folder.join(usage))?))
    };
    v2.chain(v1).filter_map(free).min()
}

/// One worker's group.
#[derive(Debug)]
pub(crate) struct MemoryGroup {
    folder: PathBuf,
    is_v2: bool,
    limit_bytes: u64,
    /// What the warm parent itself uses.
    own_bytes: u64,
    /// How often the kernel had killed in the group when it was last asked.
    kills: u64,
}

impl MemoryGroup {
    /// Makes a group; `None` where memory is polled.
    pub(crate) fn new(control: &MemoryControl) -> io::Result<Option<Self>> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let (parent, is_v2) = match control {
            MemoryControl::V2(parent) => (parent, true),
            MemoryControl::V1(parent) => (parent, false),
            MemoryControl::Polling(_) => return Ok(None),
        };
        let name = format!("{PREFIX}{}-{}", process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let folder = parent.join(name);
        fs::create_dir(&folder)?;
        let group = Self { folder, is_v2, limit_bytes: 0, own_bytes: 0, kills: 0 };
        // Without its limit file a group limits nothing.
        fs::metadata(group.folder.join(group.limit_file()))?;
        Ok(Some(group))
    }

    fn limit_file(&self) -> &'static str {
        if self.is_v2 { "memory.max" } else { "memory.limit_in_bytes" }
    }

    /// Moves a process into the group; its children follow.
    pub(crate) fn add(&self, pid: u32) -> io::Result<()> {
        fs::write(self.folder.join("cgroup.procs"), pid.to_string())
    }

    /// Sets the limit of the whole group.
    pub(crate) fn set_limit(&mut self, bytes: u64) -> io::Result<()> {
        if self.limit_bytes != bytes {
            let set = || fs::write(self.folder.join(self.limit_file()), bytes.to_string());
            match set() {
                // What the last program read of files still counts as this group's, and v1 lets go of it only when told to.
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy && !self.is_v2 => {
                    fs::write(self.folder.join("memory.force_empty"), "0").and_then(|()| set())?;
                }
                other => other?,
            }
            self.limit_bytes = bytes;
        }
        Ok(())
    }

    /// Sets the limit so that a program may use this much beyond what the warm parent uses.
    pub(crate) fn limit_program(&mut self, bytes: u64) -> io::Result<()> {
        self.set_limit(self.own_bytes.saturating_add(bytes))
    }

    /// Takes what the group uses now as the warm parent's own.
    pub(crate) fn note_own_bytes(&mut self) -> io::Result<()> {
        let file = if self.is_v2 { "memory.current" } else { "memory.usage_in_bytes" };
        let text = fs::read_to_string(self.folder.join(file))?;
        self.own_bytes = text.trim().parse().map_err(io::Error::other)?;
        Ok(())
    }

    /// As if the kernel had killed one and nobody had asked.
    #[cfg(test)]
    pub(crate) fn forget_a_kill(&mut self) {
        self.kills = self.kills.wrapping_sub(1);
    }

    /// Whether the kernel has killed a process of the group for its memory since this was last asked.
    pub(crate) fn has_killed(&mut self) -> io::Result<bool> {
        let file = if self.is_v2 { "memory.events" } else { "memory.oom_control" };
        let text = fs::read_to_string(self.folder.join(file))?;
        let kills = text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok()).unwrap_or(0);
        Ok(kills > std::mem::replace(&mut self.kills, kills))
    }
}

impl Drop for MemoryGroup {
    fn drop(&mut self) {
        // The group empties a moment after its last process was reaped.
        for _ in 0..100 {
            match fs::remove_dir(&self.folder) {
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => thread::sleep(Duration::from_millis(5)),
                Err(error) => return tracing::warn!(folder = %self.folder.display(), %error, "cannot remove a cgroup"),
                Ok(()) => return,
            }
        }
        tracing::warn!(folder = %self.folder.display(), "a cgroup stays busy");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_made_below_the_processes_own() {
        let mounts = "30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n31 25 0:27 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
        let groups = "4:memory:/a/b\n0::/user.slice\n";
        let (v2, v1) = candidates(mounts, groups);
        assert_eq!((v2, v1), (vec!["/sys/fs/cgroup/user.slice".into()], vec!["/sys/fs/cgroup/memory/a/b".into()]));
    }

    #[test]
    fn a_mount_of_a_part_of_the_tree_hides_that_part_of_the_path() {
        let mounts = "31 25 0:27 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
        let (_, v1) = candidates(mounts, "4:memory:/docker/x/y\n");
        assert_eq!(v1, vec![PathBuf::from("/sys/fs/cgroup/memory/y")]);
    }
}
