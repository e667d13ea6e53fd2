//! The candidate's private folder: emptied after each program, however hostile what it left there.
//! Not here: making it (`view`).
//! Runs after the program's last process was reaped, so nothing moves underneath.

use std::{ffi::CString, io, os::fd::AsFd, path::Path};

use nix::{
    dir::{Dir, Type},
    errno::Errno,
    fcntl::{OFlag, renameat},
    sys::stat::{FchmodatFlags, Mode, fchmodat},
    unistd::{UnlinkatFlags, unlinkat},
};

/// A worker's scratch folder, held open.
#[derive(Debug)]
pub(crate) struct Scratch(Dir);

impl Scratch {
    /// Opens the folder.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        Ok(Self(Dir::open(path, flags, Mode::empty())?))
    }

    /// Removes everything in the folder.
    ///
    /// Folders are first moved up to the top and taken apart there, so that depth costs neither stack nor descriptors.
    pub(crate) fn empty(&mut self) -> io::Result<()> {
        let mut moved: u64 = 0;
        loop {
            let entries = entries(&mut self.0)?;
            if entries.is_empty() {
                return Ok(());
            }
            for (name, is_folder) in entries {
                if !is_folder {
                    unlinkat(&self.0, name.as_c_str(), UnlinkatFlags::NoRemoveDir)?;
                } else if !self.remove_if_empty(&name)? {
                    self.lift_folders(&name, &mut moved)?;
                }
            }
        }
    }

    fn remove_if_empty(&self, name: &CString) -> io::Result<bool> {
        match unlinkat(&self.0, name.as_c_str(), UnlinkatFlags::RemoveDir) {
            Err(Errno::ENOTEMPTY | Errno::EEXIST) => Ok(false),
            other => Ok(other.map(|()| true)?),
        }
    }

    /// Empties one folder of its files and moves its folders to the top.
    fn lift_folders(&self, name: &CString, moved: &mut u64) -> io::Result<()> {
        fchmodat(&self.0, name.as_c_str(), Mode::S_IRWXU, FchmodatFlags::FollowSymlink)?;
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mut folder = Dir::openat(&self.0, name.as_c_str(), flags, Mode::empty())?;
        for (inner, is_folder) in entries(&mut folder)? {
            if !is_folder {
                unlinkat(&folder, inner.as_c_str(), UnlinkatFlags::NoRemoveDir)?;
                continue;
            }
            // A folder can be moved only where it may be written: its own ".." changes.
            fchmodat(&folder, inner.as_c_str(), Mode::S_IRWXU, FchmodatFlags::FollowSymlink)?;
            loop {
                *moved += 1;
                let target = CString::new(format!(".trialbox-{moved}")).expect("no NUL");
                match renameat(folder.as_fd(), inner.as_c_str(), self.0.as_fd(), target.as_c_str()) {
                    Err(Errno::ENOTEMPTY | Errno::EEXIST | Errno::ENOTDIR) => {} // the program took that name
                    other => break other?,
                }
            }
        }
        Ok(())
    }
}

fn entries(folder: &mut Dir) -> io::Result<Vec<(CString, bool)>> {
    let mut entries = Vec::new();
    for entry in folder.iter() {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            entries.push((name.to_owned(), entry.file_type() == Some(Type::Directory)));
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn deep_closed_and_oddly_named_trees_are_removed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut deep = folder.path().to_owned();
        for _ in 0..60 {
            deep.push("d");
        }
        fs::create_dir_all(&deep).expect("folders");
        fs::write(deep.join("file"), "x").expect("a file");
        fs::create_dir_all(folder.path().join(".trialbox-1/inner")).expect("a folder with our own name");
        fs::create_dir_all(folder.path().join("closed/in")).expect("folders");
        std::os::unix::fs::symlink("/", folder.path().join("link")).expect("a link");
        fs::set_permissions(folder.path().join("closed/in"), fs::Permissions::from_mode(0o000)).expect("chmod");
        fs::set_permissions(folder.path().join("closed"), fs::Permissions::from_mode(0o000)).expect("chmod");
        let mut scratch = Scratch::open(folder.path()).expect("opens");
        scratch.empty().expect("is emptied");
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0);
        scratch.empty().expect("an empty folder is no error");
    }
}
