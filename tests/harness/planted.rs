//! Files of the host that cases try to read or to change.
//! Not here: what cases leave behind (`host`).
//! In: all cases. Out: the files, there from the first case to the last, and whether one was changed.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::case::Case;

/// The files, removed at the end.
#[derive(Debug)]
pub(crate) struct Planted(BTreeMap<PathBuf, (String, Vec<u64>)>);

impl Planted {
    /// Plants the files of all cases at once: cases of different classes run side by side.
    pub(crate) fn plant(cases: &[Arc<Case>]) -> Self {
        let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
        for (path, text) in cases.iter().flat_map(|case| &case.plant) {
            let earlier = files.insert(path.clone(), text.clone());
            assert!(earlier.is_none_or(|it| it == *text), "{}: two cases plant different texts", path.display());
        }
        let plant = |(path, text): (PathBuf, String)| {
            fs::write(&path, &text).unwrap_or_else(|error| panic!("cannot plant {}: {error}", path.display()));
            let marks = marks(&path);
            (path, (text, marks))
        };
        Self(files.into_iter().map(plant).collect())
    }

    pub(crate) fn contains(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    /// What was changed of a case's own files.
    pub(crate) fn complaints(&self, case: &Case) -> Vec<String> {
        let is_changed = |path: &&PathBuf| {
            let (text, before) = &self.0[*path];
            fs::read_to_string(path).ok().as_ref() != Some(text) || marks(path) != *before
        };
        let changed = case.plant.keys().filter(is_changed);
        changed.map(|path| format!("{} of the host was changed", path.display())).collect()
    }
}

/// What chmod, chown, utime, link and rename change.
fn marks(path: &Path) -> Vec<u64> {
    let Ok(it) = fs::symlink_metadata(path) else { return Vec::new() };
    let time = [it.mtime(), it.mtime_nsec(), it.ctime(), it.ctime_nsec()].map(i64::cast_unsigned);
    [it.ino(), it.mode().into(), it.uid().into(), it.gid().into(), it.nlink()].into_iter().chain(time).collect()
}

impl Drop for Planted {
    fn drop(&mut self) {
        self.0.keys().for_each(|path| drop(fs::remove_file(path)));
    }
}
