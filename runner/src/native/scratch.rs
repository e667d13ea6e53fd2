//! The candidate's private folder: counted while a program runs, where its size is not limited by itself, and emptied
//! after each program, however hostile what it left there. Beside it, the folder in which a script finds its input.
//! Not here: making it (`view`, `host`).
//! Emptying runs after the program's last process was reaped, so nothing moves underneath.

use std::{
    ffi::CString,
    fs,
    io::{self, Read, Write},
    os::{fd::AsFd, unix::fs::MetadataExt},
    path::{Path, PathBuf},
};

use nix::{
    dir::{Dir, Type},
    errno::Errno,
    fcntl::{AtFlags, OFlag, openat, renameat},
    sys::{
        inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent},
        stat::{FchmodatFlags, Mode, fchmod, fchmodat, fstat, futimens, mkdirat},
        statvfs::statvfs,
        time::TimeSpec,
    },
    unistd::{Gid, Uid, UnlinkatFlags, fchown, fchownat, unlinkat},
};

use crate::{job::FilePath, outcome::LimitHit};

/// A worker's scratch folder, held open.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: Dir,
    mode: Mode,
}

impl Scratch {
    /// Opens the folder.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let folder = Dir::open(path, flags, Mode::empty())?;
        let mode = permissions(&folder)?;
        Ok(Self { folder, mode })
    }

    /// Removes everything in the folder, and gives it back the permissions it had.
    ///
    /// Folders are first moved up to the top and taken apart there, so that depth costs neither stack nor descriptors.
    pub(crate) fn empty(&mut self) -> io::Result<()> {
        let mut moved: u64 = 0;
        renew(&self.folder, self.mode)?;
        loop {
            let entries = entries(&mut self.folder)?;
            if entries.is_empty() {
                return Ok(());
            }
            for (name, is_folder) in entries {
                if !is_folder {
                    unlinkat(&self.folder, name.as_c_str(), UnlinkatFlags::NoRemoveDir)?;
                } else if !self.remove_if_empty(&name)? {
                    self.lift_folders(&name, &mut moved)?;
                }
            }
        }
    }

    /// Puts a new file there, for a program to read.
    pub(crate) fn place(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let file = openat(&self.folder, name, flags, Mode::from_bits_truncate(0o444))?;
        fs::File::from(file).write_all(content)
    }

    /// Puts a new file there, and the folders on the way to it, as if the program's own user had. Nothing has run since it was
    /// emptied.
    pub(crate) fn place_at(&self, path: &FilePath, content: &[u8], owner: (Uid, Gid)) -> io::Result<()> {
        let (folders, name) = path.parts();
        let mut folder = None;
        for part in folders {
            let within = folder.as_ref().unwrap_or(&self.folder);
            match mkdirat(within, part, Mode::S_IRWXU) {
                Ok(()) => {
                    fchmodat(within, part, OPEN_TO_ALL, FchmodatFlags::FollowSymlink)?;
                    fchownat(within, part, Some(owner.0), Some(owner.1), AtFlags::AT_SYMLINK_NOFOLLOW)?;
                }
                Err(Errno::EEXIST) => {}
                Err(other) => return Err(other.into()),
            }
            folder = Some(Dir::openat(within, part, FOLDER, Mode::empty())?);
        }
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let file = openat(folder.as_ref().unwrap_or(&self.folder), name, flags, Mode::S_IRUSR | Mode::S_IWUSR)?;
        fchmod(&file, WRITABLE)?;
        fchown(&file, Some(owner.0), Some(owner.1))?;
        fs::File::from(file).write_all(content)
    }

    /// Takes what a program left under this name: `None` where that is no file, cannot be read, or is larger than `most`.
    pub(crate) fn take(&self, name: &str, most: u64) -> Option<Vec<u8>> {
        take(&self.folder, name, most)
    }

    /// The same at the end of a path, none of whose folders may be a link.
    pub(crate) fn take_at(&self, path: &FilePath, most: u64) -> Option<Vec<u8>> {
        let (folders, name) = path.parts();
        let mut folder = None;
        for part in folders {
            let within = folder.as_ref().unwrap_or(&self.folder);
            folder = Some(Dir::openat(within, part, FOLDER, Mode::empty()).ok()?);
        }
        take(folder.as_ref().unwrap_or(&self.folder), name, most)
    }

    fn remove_if_empty(&self, name: &CString) -> io::Result<bool> {
        match unlinkat(&self.folder, name.as_c_str(), UnlinkatFlags::RemoveDir) {
            Err(Errno::ENOTEMPTY | Errno::EEXIST) => Ok(false),
            other => Ok(other.map(|()| true)?),
        }
    }

    /// Empties one folder of its files and moves its folders to the top.
    fn lift_folders(&self, name: &CString, moved: &mut u64) -> io::Result<()> {
        fchmodat(&self.folder, name.as_c_str(), Mode::S_IRWXU, FchmodatFlags::FollowSymlink)?;
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mut folder = Dir::openat(&self.folder, name.as_c_str(), flags, Mode::empty())?;
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
                match renameat(folder.as_fd(), inner.as_c_str(), self.folder.as_fd(), target.as_c_str()) {
                    Err(Errno::ENOTEMPTY | Errno::EEXIST | Errno::ENOTDIR) => {} // the program took that name
                    other => break other?,
                }
            }
        }
        Ok(())
    }
}

const FOLDER: OFlag = OFlag::O_RDONLY.union(OFlag::O_DIRECTORY).union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);
/// Of folders and files that a program is given: it may run as another user than we.
const OPEN_TO_ALL: Mode = Mode::from_bits_truncate(0o777);
const WRITABLE: Mode = Mode::from_bits_truncate(0o666);

/// Takes a file of a folder: `None` where that is none, cannot be read, or is larger than `most`.
fn take(folder: &Dir, name: &str, most: u64) -> Option<Vec<u8>> {
    // Whatever it is, opening it must neither wait nor lead elsewhere.
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let file = fs::File::from(openat(folder, name, flags, Mode::empty()).ok()?);
    let about = file.metadata().ok()?;
    if !about.is_file() || about.len() > most {
        return None;
    }
    let mut content = Vec::new();
    file.take(most).read_to_end(&mut content).ok()?;
    Some(content)
}

/// The folder in which a script's input stands once more. A program cannot write there, but where it runs as our own
/// user it can change what may be done with the folder and the file.
#[derive(Debug)]
pub(crate) struct InputFolder(Dir);

impl InputFolder {
    /// Opens the folder.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        Ok(Self(Dir::open(path, flags, Mode::empty())?))
    }

    /// Undoes what a program did to the folder itself.
    pub(crate) fn renew(&self) -> io::Result<()> {
        renew(&self.0, INPUT_MODE)
    }

    /// Puts a new file there, or none.
    pub(crate) fn place(&self, content: Option<&[u8]>) -> io::Result<()> {
        self.renew()?;
        match unlinkat(&self.0, c"stdin", UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(other) => return Err(other.into()),
        }
        if let Some(content) = content {
            let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
            let file = openat(&self.0, c"stdin", flags, Mode::from_bits_truncate(0o444))?;
            fs::File::from(file).write_all(content)?;
        }
        Ok(())
    }
}

const INPUT_MODE: Mode = Mode::from_bits_truncate(0o755);

/// Gives a folder its permissions back, and times that say nothing of what was done there.
fn renew(folder: &Dir, mode: Mode) -> io::Result<()> {
    if permissions(folder)? != mode {
        fchmod(folder, mode)?;
    }
    Ok(futimens(folder, &TimeSpec::UTIME_NOW, &TimeSpec::UTIME_NOW)?)
}

fn permissions(folder: &Dir) -> io::Result<Mode> {
    Ok(Mode::from_bits_truncate(fstat(folder)?.st_mode))
}

/// What a scratch folder may hold, where it lies on a disk that it shares.
///
/// What lies there is counted. What was removed and is still open cannot be: there, once a program has removed anything,
/// the space that the disk has lost since it began is taken for its own when it is far more than it may use. Somebody
/// else may have taken it; so nobody is judged by that before it happens to him alone (`verifier::verify`).
#[derive(Debug)]
pub(crate) struct Quota {
    folder: PathBuf,
    most_bytes: u64,
    most_files: u64,
    removals: Inotify,
    has_removed: bool,
    free_bytes_before: u64,
}

/// How much more than it may use must be gone before a program is suspected.
const SUSPICION: u64 = 4;

impl Quota {
    pub(crate) fn new(folder: PathBuf, most_bytes: u64, most_files: u64) -> io::Result<Self> {
        let removals = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        // What happens in a folder below is not seen, so making one counts as removing.
        let events = AddWatchFlags::IN_DELETE | AddWatchFlags::IN_MOVE | AddWatchFlags::IN_CREATE;
        removals.add_watch(&folder, events)?;
        Ok(Self { folder, most_bytes, most_files, removals, has_removed: false, free_bytes_before: 0 })
    }

    /// Forgets the program before.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        while self.removals.read_events().is_ok_and(|events| !events.is_empty()) {}
        self.has_removed = false;
        self.free_bytes_before = self.free_bytes()?;
        Ok(())
    }

    /// Whether too much lies there now, or seems to.
    pub(crate) fn check(&mut self) -> Option<LimitHit> {
        self.count().or_else(|| self.suspect())
    }

    fn count(&self) -> Option<LimitHit> {
        let (mut bytes, mut files) = (0, 0);
        let mut folders = vec![self.folder.clone()];
        let most_bytes = self.most_bytes;
        let exceeded = |bytes, files| Some(LimitHit::Scratch { bytes, files, most_bytes, is_suspicion: false });
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue, // it went away meanwhile
                Err(_) if folder.as_os_str().len() < libc::PATH_MAX as usize / 2 => continue, // closed to us, and to it
                // One nested too deeply to be opened by its path has too many parents to be honest.
                Err(_) => return exceeded(bytes, u64::MAX),
            };
            for entry in entries.flatten() {
                let Ok(about) = entry.metadata() else { continue };
                files += 1;
                bytes += about.blocks() * 512;
                if bytes > self.most_bytes || files > self.most_files {
                    return exceeded(bytes, files);
                }
                if about.is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        None
    }

    fn suspect(&mut self) -> Option<LimitHit> {
        self.has_removed |= self.saw_removal();
        if !self.has_removed {
            return None;
        }
        let bytes = self.free_bytes_before.saturating_sub(self.free_bytes().ok()?);
        let hit = LimitHit::Scratch { bytes, files: 0, most_bytes: self.most_bytes, is_suspicion: true };
        (bytes > self.most_bytes.saturating_mul(SUSPICION)).then_some(hit)
    }

    /// Takes the next events; making a file is none.
    fn saw_removal(&self) -> bool {
        let is_removal = |event: &InotifyEvent| {
            !event.mask.contains(AddWatchFlags::IN_CREATE) || event.mask.contains(AddWatchFlags::IN_ISDIR)
        };
        // Where so much happens that events are lost, one of the lost may be a removal: the notice of it has no such bit.
        self.removals.read_events().is_ok_and(|events| events.iter().any(is_removal))
    }

    fn free_bytes(&self) -> io::Result<u64> {
        let about = statvfs(&self.folder)?;
        Ok(about.blocks_free() * about.fragment_size())
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
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
    };

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
        symlink("/", folder.path().join("link")).expect("a link");
        fs::set_permissions(folder.path().join("closed/in"), fs::Permissions::from_mode(0o000)).expect("chmod");
        fs::set_permissions(folder.path().join("closed"), fs::Permissions::from_mode(0o000)).expect("chmod");
        let mut scratch = Scratch::open(folder.path()).expect("opens");
        scratch.empty().expect("is emptied");
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0);
        scratch.empty().expect("an empty folder is no error");
    }

    #[test]
    fn a_folder_that_was_closed_is_open_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mode = || fs::metadata(folder.path()).expect("there").permissions().mode() & 0o7777;
        let before = mode();
        let mut scratch = Scratch::open(folder.path()).expect("opens");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o000)).expect("chmod");
        scratch.empty().expect("is emptied");
        assert_eq!(mode(), before);
    }

    #[test]
    fn only_a_file_of_bearable_size_is_taken() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let scratch = Scratch::open(folder.path()).expect("opens");
        scratch.place("in", b"content").expect("placed");
        assert_eq!(scratch.take("in", 7).as_deref(), Some(b"content".as_slice()));
        assert_eq!(scratch.take("in", 6), None, "too large");
        assert_eq!(scratch.take("nothing", 9), None);
        assert!(scratch.place("in", b"again").is_err(), "what is there stays");
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).expect("a link");
        fs::create_dir(folder.path().join("folder")).expect("a folder");
        nix::unistd::mkfifo(&folder.path().join("pipe"), Mode::S_IRWXU).expect("a pipe");
        for name in ["link", "folder", "pipe"] {
            assert_eq!(scratch.take(name, 1 << 20), None, "{name}");
        }
    }

    #[test]
    fn files_in_folders_are_placed_and_taken_but_not_through_links() {
        let (outside, folder) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        fs::write(outside.path().join("secret"), "secret").expect("written");
        let mut scratch = Scratch::open(folder.path()).expect("opens");
        let path = |text: &str| FilePath::new(text).expect("a path");
        let us = (Uid::current(), Gid::current());
        scratch.place_at(&path("a/b/c.txt"), b"c", us).expect("placed");
        scratch.place_at(&path("a/b/d.txt"), b"d", us).expect("placed beside it");
        scratch.place_at(&path("e"), b"e", us).expect("placed");
        assert!(scratch.place_at(&path("e/f"), b"", us).is_err(), "a file is no folder");
        assert_eq!(scratch.take_at(&path("a/b/c.txt"), 9).as_deref(), Some(b"c".as_slice()));
        assert_eq!(scratch.take_at(&path("e"), 9).as_deref(), Some(b"e".as_slice()));
        symlink(outside.path(), folder.path().join("link")).expect("linked");
        symlink(outside.path().join("secret"), folder.path().join("file-link")).expect("linked");
        for elsewhere in ["link/secret", "file-link", "a/b", "a/none"] {
            assert_eq!(scratch.take_at(&path(elsewhere), 9), None, "{elsewhere}");
        }
        scratch.empty().expect("is emptied");
        assert_eq!(fs::read_dir(folder.path()).expect("is read").count(), 0);
    }

    #[test]
    fn a_quota_counts_bytes_and_files_at_any_depth() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let quota = |bytes, files| Quota::new(folder.path().to_owned(), bytes, files).expect("watched");
        fs::create_dir_all(folder.path().join("a/b")).expect("folders");
        fs::write(folder.path().join("a/b/c"), vec![1; 1 << 20]).expect("a file");
        assert_eq!(quota(2 << 20, 3).count(), None);
        assert!(matches!(quota(1 << 19, 3).count(), Some(LimitHit::Scratch { bytes, .. }) if bytes >= 1 << 20));
        assert!(matches!(quota(2 << 20, 2).count(), Some(LimitHit::Scratch { files: 3, .. })));
    }

    #[test]
    fn a_removed_file_that_stays_open_is_suspected_by_the_space_that_is_gone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut quota = Quota::new(folder.path().to_owned(), 1 << 20, 9).expect("watched");
        quota.begin().expect("begun");
        let path = folder.path().join("file");
        let mut file = fs::File::create(&path).expect("a file");
        assert_eq!(quota.check(), None, "nothing is removed yet");
        fs::remove_file(&path).expect("removed");
        file.write_all(&vec![1; 64 << 20]).expect("written");
        file.sync_all().expect("on disk");
        assert!(matches!(quota.check(), Some(LimitHit::Scratch { is_suspicion: true, .. })));
        drop(file);
        quota.begin().expect("begun anew");
        assert_eq!(quota.check(), None);
    }
}
