//! The folder that holds compiled guests: private to its user, and every file in it checked before a byte is believed.
//! Not here: what is kept and when (`artefact`).
//! In: keys and bytes. Out: the same bytes, or why not. A file is read and written relative to the open folder, so that
//! nobody can put another in the checked one's place.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{DirBuilderExt, MetadataExt},
    },
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use nix::{
    errno::Errno,
    fcntl::{OFlag, openat, renameat},
    sys::stat::Mode,
    unistd::{UnlinkatFlags, geteuid, unlinkat},
};

/// What a file begins with; then the key, the body's length and its hash, and the body.
const MAGIC: &[u8; 16] = b"trialbox cwasm\r\n";
const HEADER_BYTES: usize = 16 + 32 + 8 + 32;
/// Far more than a compiled guest takes.
const MOST_BYTES: u64 = 512 << 20;
/// How many files are kept; the oldest go first.
const MOST_FILES: usize = 4;

/// The folder, held open.
#[derive(Debug)]
pub(super) struct Folder {
    folder: OwnedFd,
    path: PathBuf,
}

/// What a key stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Body(Vec<u8>),
    Nothing,
    /// Something that is not to be loaded, and why.
    Damaged(&'static str),
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    #[error("{}: {reason}", path.display())]
    Untrusted { path: PathBuf, reason: &'static str },
    #[error("{0}")]
    Unusable(String),
}

impl Folder {
    /// Opens the folder, and makes it where there is none.
    pub(super) fn open(path: &Path) -> Result<Self, FolderError> {
        let unusable = |error: io::Error| FolderError::Unusable(format!("{}: {error}", path.display()));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(unusable)?;
        }
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(unusable(error)),
            _ => {}
        }
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let folder = nix::fcntl::open(path, flags, Mode::empty()).map_err(|errno| unusable(errno.into()))?;
        let folder = File::from(folder);
        check(path, &folder.metadata().map_err(unusable)?)?;
        Ok(Self { folder: folder.into(), path: path.to_owned() })
    }

    /// Reads what is kept under a key.
    pub(super) fn read(&self, key: &blake3::Hash) -> Result<Found, FolderError> {
        let name = name(key);
        let path = self.path.join(&name);
        let unusable = |error: io::Error| FolderError::Unusable(format!("{}: {error}", path.display()));
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = match openat(&self.folder, name.as_str(), flags, Mode::empty()) {
            Err(Errno::ENOENT) => return Ok(Found::Nothing),
            Err(Errno::ELOOP) => return Ok(Found::Damaged("it is a link")),
            opened => File::from(opened.map_err(|errno| unusable(errno.into()))?),
        };
        let about = file.metadata().map_err(unusable)?;
        check(&path, &about)?;
        if !about.is_file() {
            return Ok(Found::Damaged("it is no file"));
        }
        if about.len() > MOST_BYTES {
            return Ok(Found::Damaged("it is too large"));
        }
        // One byte more than there was: a file that grows meanwhile is as bad as one that is too long.
        let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0) + 1);
        file.take(about.len() + 1).read_to_end(&mut bytes).map_err(unusable)?;
        Ok(unpack(key, bytes))
    }

    /// Keeps a body under a key. Written aside and moved into place, so that another process sees all of it or nothing.
    pub(super) fn write(&self, key: &blake3::Hash, body: &[u8]) -> io::Result<()> {
        self.make_room(&name(key))?;
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let aside = format!(".{}.{}.{count}", name(key), std::process::id());
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let file = match openat(&self.folder, aside.as_str(), flags, Mode::S_IRUSR | Mode::S_IWUSR) {
            // A process that had our number was killed while it wrote.
            Err(Errno::EEXIST) => {
                unlinkat(&self.folder, aside.as_str(), UnlinkatFlags::NoRemoveDir)?;
                openat(&self.folder, aside.as_str(), flags, Mode::S_IRUSR | Mode::S_IWUSR)?
            }
            opened => opened?,
        };
        let mut file = File::from(file);
        let written =
            file.write_all(&header(key, body)).and_then(|()| file.write_all(body)).and_then(|()| file.sync_all());
        let moved = written
            .and_then(|()| Ok(renameat(self.folder.as_fd(), aside.as_str(), self.folder.as_fd(), name(key).as_str())?));
        if moved.is_err() {
            let _ = unlinkat(&self.folder, aside.as_str(), UnlinkatFlags::NoRemoveDir);
        }
        moved
    }

    /// Removes the oldest files where there are too many: what other versions left, and what was never finished.
    fn make_room(&self, own: &str) -> io::Result<()> {
        let mut files: Vec<(SystemTime, String)> = Vec::new();
        for entry in fs::read_dir(&self.path)?.flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name != own && name.contains(SUFFIX) {
                let modified = entry.metadata().and_then(|about| about.modified());
                files.push((modified.unwrap_or(SystemTime::UNIX_EPOCH), name));
            }
        }
        files.sort();
        for (_, name) in files.iter().rev().skip(MOST_FILES - 1) {
            // Somebody else may have removed it.
            let _ = unlinkat(&self.folder, name.as_str(), UnlinkatFlags::NoRemoveDir);
        }
        Ok(())
    }
}

const SUFFIX: &str = ".cwasm";

fn name(key: &blake3::Hash) -> String {
    format!("{key}{SUFFIX}")
}

fn header(key: &blake3::Hash, body: &[u8]) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(key.as_bytes());
    header.extend_from_slice(&(body.len() as u64).to_le_bytes());
    header.extend_from_slice(blake3::hash(body).as_bytes());
    header
}

/// The body of a file, where it is the one that was asked for and whole.
fn unpack(key: &blake3::Hash, mut bytes: Vec<u8>) -> Found {
    if bytes.len() < HEADER_BYTES {
        return Found::Damaged("it is too short");
    }
    let body = bytes.split_off(HEADER_BYTES);
    if !bytes.starts_with(MAGIC) {
        return Found::Damaged("it is something else");
    }
    if bytes[16..48] != *key.as_bytes() {
        return Found::Damaged("it was compiled for something else");
    }
    if bytes[48..56] != (body.len() as u64).to_le_bytes() {
        return Found::Damaged("it is not as long as it was");
    }
    if bytes[56..] != *blake3::hash(&body).as_bytes() {
        return Found::Damaged("its checksum is wrong");
    }
    Found::Body(body)
}

/// Says whether what was opened can only be our own work.
fn check(path: &Path, about: &fs::Metadata) -> Result<(), FolderError> {
    let reason = if about.uid() != geteuid().as_raw() {
        "it belongs to another user"
    } else if about.mode() & 0o022 != 0 {
        "others may write to it"
    } else {
        return Ok(());
    };
    Err(FolderError::Untrusted { path: path.to_owned(), reason })
}
