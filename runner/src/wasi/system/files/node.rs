//! One file or folder, without its name.
//! Not here: the tree (`files`), what a file holds (`content`).

use std::{collections::BTreeMap, sync::Arc};

use super::{super::abi::Filetype, content::Content};

/// The number of a file or folder; none is given twice.
pub(in super::super) type Inode = u64;

/// A file or folder.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Whether a folder names it (or it is the root).
    pub(super) is_named: bool,
    /// How many descriptors have it open.
    pub(super) opened: u32,
    pub(super) times: Times,
}

/// When something happened, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) accessed_ns: u64,
    pub(super) modified_ns: u64,
    pub(super) changed_ns: u64,
}

impl Times {
    pub(super) fn at(now_ns: u64) -> Self {
        Self { accessed_ns: now_ns, modified_ns: now_ns, changed_ns: now_ns }
    }

    /// The content is another.
    pub(super) fn modify(&mut self, now_ns: u64) {
        (self.modified_ns, self.changed_ns) = (now_ns, now_ns);
    }
}

/// What it is.
#[derive(Debug)]
pub(super) enum Kind {
    File(Content),
    Folder(Folder),
    Device(Device),
}

/// What a name can stand for besides files and folders: streams that every program expects to find by these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Device {
    /// Empty, and takes everything.
    Null,
    Stdin,
    Stdout,
    Stderr,
}

impl Device {
    /// All there are, with their names in `dev`.
    pub(super) const ALL: [(&[u8], Self); 4] =
        [(b"null", Self::Null), (b"stdin", Self::Stdin), (b"stdout", Self::Stdout), (b"stderr", Self::Stderr)];
}

impl Kind {
    pub(super) fn filetype(&self) -> Filetype {
        match self {
            Self::File(_) => Filetype::RegularFile,
            Self::Folder(_) => Filetype::Directory,
            Self::Device(_) => Filetype::Unknown,
        }
    }
}

/// What a folder holds. Each entry has a number of its own, in order of making: whoever reads the folder while it changes
/// sees every entry that stays once.
#[derive(Debug)]
pub(super) struct Folder {
    /// The folder it is in; itself for the root.
    pub(super) parent: Inode,
    by_name: BTreeMap<Arc<[u8]>, Entry>,
    by_number: BTreeMap<u64, Arc<[u8]>>,
    next: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    inode: Inode,
    number: u64,
}

/// The first number of an entry: `.` and `..` are 0 and 1.
const FIRST: u64 = 2;

impl Folder {
    pub(super) fn new(parent: Inode) -> Self {
        Self { parent, by_name: BTreeMap::new(), by_number: BTreeMap::new(), next: FIRST }
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<Inode> {
        self.by_name.get(name).map(|entry| entry.inode)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Adds an entry, or lets one mean something else.
    pub(super) fn insert(&mut self, name: &[u8], inode: Inode) {
        self.remove(name);
        let name: Arc<[u8]> = name.into();
        self.by_number.insert(self.next, name.clone());
        self.by_name.insert(name, Entry { inode, number: self.next });
        self.next += 1;
    }

    pub(super) fn remove(&mut self, name: &[u8]) {
        if let Some(entry) = self.by_name.remove(name) {
            self.by_number.remove(&entry.number);
        }
    }

    /// The entries from a number on: where to go on after each, its name, what it means.
    pub(super) fn entries(&self, from: u64) -> impl Iterator<Item = (u64, &[u8], Inode)> {
        self.by_number.range(from..).map(|(number, name)| (number + 1, &**name, self.by_name[name].inode))
    }
}
