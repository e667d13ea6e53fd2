//! A folder that one run at a time writes, and the file in it that says what it is a run of.
//! Not here: what stands there besides (`run_folder`, `completions`).

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Read,
    os::unix::fs::FileExt,
    path::Path,
};

use anyhow::Context;

use crate::exit::{DataFault, UsageFault};

/// What the folder may hold already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing, or a run of the same manifest, which goes on.
    Anything,
    /// A run of the same manifest.
    Run,
    /// Whatever there is of an earlier run is thrown away.
    Discard,
}

impl Before {
    /// As `--resume` and `--fresh` say.
    pub(crate) fn of(resume: bool, fresh: bool) -> Self {
        match (resume, fresh) {
            (true, _) => Self::Run,
            (false, true) => Self::Discard,
            (false, false) => Self::Anything,
        }
    }
}

/// Files of a run: the one that says what it is a run of, and those that are made of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    pub(crate) manifest: &'static str,
    pub(crate) made: &'static [&'static str],
}

/// Opens a folder for a run of this manifest, an object of JSON, making it where needed; other processes are kept out for as
/// long as what is given back is open. A folder that holds another run is refused, and so is one that should hold one and
/// does not.
pub(crate) fn lock(folder: &Path, names: Names, manifest: &serde_json::Value, before: Before) -> anyhow::Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("failed to make the folder {}", folder.display()))?;
    let mut file = locked(folder, names.manifest)?;
    if before == Before::Discard {
        for name in names.made.iter().filter(|name| folder.join(name).exists()) {
            fs::remove_file(folder.join(name)).with_context(|| format!("failed to empty {}", folder.display()))?;
        }
        file.set_len(0).with_context(|| format!("failed to empty {}", folder.display()))?;
    }
    let mut found = String::new();
    file.read_to_string(&mut found).with_context(|| format!("failed to read {}", folder.display()))?;
    if before == Before::Discard || found.is_empty() {
        refuse_unknown(folder, names, before)?;
        let text = serde_json::to_string_pretty(manifest)? + "\n";
        file.write_all_at(text.as_bytes(), 0)
            .and_then(|()| file.sync_all())
            .with_context(|| format!("failed to write {}", folder.join(names.manifest).display()))?;
    } else {
        refuse_another(folder, names, &found, manifest)?;
    }
    Ok(file)
}

/// Opens the manifest, empty where there was none, and keeps other processes out until this one ends, however it ends.
fn locked(folder: &Path, manifest: &str) -> anyhow::Result<File> {
    let path = folder.join(manifest);
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let file = file.with_context(|| format!("failed to write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(UsageFault(format!("another trialbox is at work in {}", folder.display())).into())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("failed to lock {}", path.display())),
    }
}

/// Refuses a folder without a manifest that holds something, or that should hold a run.
fn refuse_unknown(folder: &Path, names: Names, before: Before) -> anyhow::Result<()> {
    let holds_something = names.made.iter().any(|name| folder.join(name).exists());
    let fault = match before {
        _ if holds_something => {
            "holds a run of another version of trialbox, which says nowhere of what; name another folder, or --fresh to begin \
             anew"
        }
        Before::Run => "holds no run to resume",
        Before::Anything | Before::Discard => return Ok(()),
    };
    // Nothing was there, and nothing is left there.
    let _ = fs::remove_file(folder.join(names.manifest));
    Err(UsageFault(format!("{} {fault}", folder.display())).into())
}

/// Refuses a folder that holds a run of another manifest, and says where the two differ.
fn refuse_another(folder: &Path, names: Names, found: &str, manifest: &serde_json::Value) -> anyhow::Result<()> {
    let path = folder.join(names.manifest);
    let found: serde_json::Value = serde_json::from_str(found)
        .map_err(|error| DataFault(format!("{}: {error}; --fresh begins anew", path.display())))?;
    let differing = differing(&found, manifest);
    if differing.is_empty() {
        return Ok(());
    }
    let fault = format!(
        "{} holds another run: {}; name another folder, or --fresh to begin anew",
        folder.display(),
        differing.join("; ")
    );
    Err(UsageFault(fault).into())
}

/// The fields in which two manifests differ.
fn differing(found: &serde_json::Value, wanted: &serde_json::Value) -> Vec<String> {
    let nothing = serde_json::Map::new();
    let (found, wanted) = (found.as_object().unwrap_or(&nothing), wanted.as_object().unwrap_or(&nothing));
    let mut names: Vec<&String> = found.keys().chain(wanted.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let show = |value: Option<&serde_json::Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let differs = |name: &&String| found.get(*name) != wanted.get(*name);
    let tell = |name: &String| format!("{name} is {} there and {} here", show(found.get(name)), show(wanted.get(name)));
    names.into_iter().filter(differs).map(tell).collect()
}
