//! What an earlier trialbox that was killed could not clean up: its temporary folder, its control groups.
//! Not here: what a living one cleans up itself (`host`, `cgroup`).
//! A folder says by a lock that its owner lives, a group by the process number in its name.

use std::{
    fs::{self, File},
    io,
    path::Path,
    time::Duration,
};

use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
    sys::signal::kill,
    unistd::{Pid, geteuid},
};

/// How the names of folders and groups begin.
pub(crate) const PREFIX: &str = "trialbox-";
const LOCK: &str = "owner-lives";

/// Locks a folder for as long as the answer, and this process, live.
pub(crate) fn lock(folder: &Path) -> io::Result<Flock<File>> {
    let file = File::create(folder.join(LOCK))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| errno.into())
}

/// Removes folders of this user whose owners are gone.
pub(crate) fn remove_folders(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.metadata().is_ok_and(|about| about.is_dir() && owner(&about) == geteuid().as_raw());
        // A folder without the lock file has just been made, or belongs to something else.
        let Ok(file) = File::open(entry.path().join(LOCK)) else { continue };
        if is_ours && is_old(&file) && Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok() {
            tracing::debug!(folder = %entry.path().display(), "removing what a killed process left");
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Removes groups in `place` whose owners are gone. One that still holds a process cannot be removed.
pub(crate) fn remove_groups(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next()?.parse().ok());
        if number.is_some_and(|number| kill(Pid::from_raw(number), None) == Err(Errno::ESRCH)) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// Between making the file and locking it lies a moment.
fn is_old(file: &File) -> bool {
    let modified = file.metadata().and_then(|about| about.modified()).ok();
    modified.and_then(|then| then.elapsed().ok()).is_some_and(|age| age > Duration::from_secs(10))
}

fn owner(about: &fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(about)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn only_folders_without_a_living_owner_are_removed() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let make = |name: &str| {
            let folder = place.path().join(name);
            fs::create_dir(&folder).expect("a folder");
            folder
        };
        let (dead, living, foreign) = (make("trialbox-dead"), make("trialbox-living"), make("other"));
        let fresh = make("trialbox-fresh");
        let locks = [&dead, &living, &foreign, &fresh].map(|folder| lock(folder).expect("locked"));
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        locks[..3].iter().for_each(|lock| lock.set_modified(hour_ago).expect("set"));
        let [dead_lock, _living_lock, foreign_lock, fresh_lock] = locks;
        drop((dead_lock, foreign_lock, fresh_lock));
        remove_folders(place.path());
        let is_there = [&dead, &living, &foreign, &fresh].map(|folder| folder.exists());
        assert_eq!(is_there, [false, true, true, true]);
    }

    #[test]
    fn only_groups_without_a_living_owner_are_removed() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let living = format!("trialbox-{}-0", std::process::id());
        for name in [living.as_str(), "trialbox-2147483646-0", "trialbox-x", "other"] {
            fs::create_dir(place.path().join(name)).expect("a folder");
        }
        remove_groups(place.path());
        let mut left: Vec<_> = fs::read_dir(place.path()).expect("there").flatten().map(|it| it.file_name()).collect();
        left.sort();
        assert_eq!(left, ["other", living.as_str(), "trialbox-x"]);
    }
}
