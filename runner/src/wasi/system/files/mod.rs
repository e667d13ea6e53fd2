//! The files of one guest: a tree in memory, private to it, gone with it.
//! Not here: descriptors and rights (`descriptors`), the calls (`paths`, `streams`), what a file holds (`content`).
//! In: open folders and paths. Out: inodes, or an error. Whatever a guest does, no more is held than [`FileLimits`] allow.

use std::collections::BTreeMap;

use super::{
    abi::{Filestat, Filetype},
    errno::{Answer, Errno},
};

mod content;
mod node;
mod path;
mod rename;
#[cfg(test)]
mod tests;
mod tree;

pub(super) use node::{Device, Inode};

use content::{Content, Room};
use node::{Folder, Kind, Node, Times};
use tree::is_dots;

/// The folder that all paths begin in.
pub(super) const ROOT: Inode = 1;

/// What a guest's files may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileLimits {
    /// Memory in all: contents in blocks of 4 KiB, names, bookkeeping.
    pub(crate) bytes: u64,
    /// Files and folders, those included that were removed and are still open.
    pub(crate) nodes: u32,
    /// One file's length.
    pub(crate) file_bytes: u64,
}

/// How something is opened.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Opening {
    /// Make a file where there is nothing.
    pub(super) create: bool,
    /// Fail where there is something.
    pub(super) exclusive: bool,
    /// Cut it to nothing.
    pub(super) truncate: bool,
    /// It must be a folder.
    pub(super) folder: bool,
    /// Its content is to be changed.
    pub(super) write: bool,
}

/// What was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// To be closed.
    File(Inode),
    /// To be closed.
    Folder(Inode),
    Device(Device),
}

/// A time that is set.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NewTimes {
    pub(super) accessed_ns: Option<u64>,
    pub(super) modified_ns: Option<u64>,
}

/// The tree.
#[derive(Debug)]
pub(super) struct Files {
    nodes: BTreeMap<Inode, Node>,
    next: Inode,
    room: Room,
    all_bytes: u64,
    /// How many nodes were looked at since `take_steps`.
    steps: u64,
}

impl Files {
    /// The root, and in it `tmp`, which is empty, and `dev`.
    pub(super) fn new(limits: &FileLimits, now_ns: u64) -> Self {
        let root = Node { kind: Kind::Folder(Folder::new(ROOT)), is_named: true, opened: 0, times: Times::at(now_ns) };
        let room = Room { bytes: limits.bytes, nodes: limits.nodes, file_bytes: limits.file_bytes };
        let mut files =
            Self { nodes: BTreeMap::from([(ROOT, root)]), next: ROOT + 1, room, all_bytes: limits.bytes, steps: 0 };
        // Limits that do not leave room for it leave none for anything else either.
        let _ = files.make_folder(ROOT, b"tmp", now_ns);
        let _ = files.make_devices(now_ns);
        files
    }

    /// How much memory is taken.
    pub(super) fn taken_bytes(&self) -> u64 {
        self.all_bytes - self.room.bytes
    }

    /// The most that one file may hold.
    pub(super) fn most_file_bytes(&self) -> u64 {
        self.room.file_bytes
    }

    /// How many nodes were looked at since this was last asked.
    pub(super) fn take_steps(&mut self) -> u64 {
        std::mem::take(&mut self.steps)
    }

    /// Follows a path.
    pub(super) fn find(&mut self, from: Inode, path: &[u8]) -> Answer<Inode> {
        path::check(path)?;
        let found = self.follow(from, path)?;
        if path::means_folder(path) {
            self.folder(found)?;
        }
        Ok(found)
    }

    /// Opens what a path leads to.
    pub(super) fn open(&mut self, from: Inode, path: &[u8], how: Opening, now_ns: u64) -> Answer<Opened> {
        let inode = match self.find(from, path) {
            Err(Errno::Noent) if how.create && !how.folder => self.make_file(from, path, now_ns)?,
            Ok(_) if how.create && how.exclusive => return Err(Errno::Exist),
            found => found?,
        };
        let opened = match self.nodes[&inode].kind {
            Kind::Folder(_) if how.write || how.truncate || how.create => return Err(Errno::Isdir),
            Kind::File(_) | Kind::Device(_) if how.folder => return Err(Errno::Notdir),
            Kind::Folder(_) => Opened::Folder(inode),
            Kind::File(_) => Opened::File(inode),
            Kind::Device(device) => return Ok(Opened::Device(device)),
        };
        if how.truncate {
            self.resize(inode, 0, now_ns)?;
        }
        self.node(inode)?.opened += 1;
        Ok(opened)
    }

    /// One descriptor less has it open; what nobody can reach any more is gone.
    pub(super) fn close(&mut self, inode: Inode) {
        if let Some(node) = self.nodes.get_mut(&inode) {
            node.opened = node.opened.saturating_sub(1);
        }
        self.drop_unreachable(inode);
    }

    /// Makes a folder.
    pub(super) fn make_folder(&mut self, from: Inode, path: &[u8], now_ns: u64) -> Answer<()> {
        path::check(path)?;
        let (parent, name) = self.place(from, path)?;
        if is_dots(name) || self.folder(parent)?.get(name).is_some() {
            return Err(Errno::Exist);
        }
        self.check_depth(parent, None)?;
        self.make(parent, name, Kind::Folder(Folder::new(parent)), now_ns).map(|_| ())
    }

    /// Removes a folder, which must be empty.
    pub(super) fn remove_folder(&mut self, from: Inode, path: &[u8], now_ns: u64) -> Answer<()> {
        path::check(path)?;
        let (parent, name) = self.place(from, path)?;
        match name {
            b"." => return Err(Errno::Inval),
            b".." => return Err(Errno::Notempty),
            _ => {}
        }
        let inode = self.folder(parent)?.get(name).ok_or(Errno::Noent)?;
        if !self.folder(inode)?.is_empty() {
            return Err(Errno::Notempty);
        }
        self.forget(parent, name, now_ns)
    }

    /// Removes a file. Its content stays as long as it is open.
    pub(super) fn remove_file(&mut self, from: Inode, path: &[u8], now_ns: u64) -> Answer<()> {
        path::check(path)?;
        let (parent, name) = self.place(from, path)?;
        if is_dots(name) {
            return Err(Errno::Isdir);
        }
        let inode = self.folder(parent)?.get(name).ok_or(Errno::Noent)?;
        match self.nodes[&inode].kind {
            Kind::Folder(_) => Err(Errno::Isdir),
            _ if path::means_folder(path) => Err(Errno::Notdir),
            _ => self.forget(parent, name, now_ns),
        }
    }

    /// What is known of it.
    pub(super) fn filestat(&self, inode: Inode) -> Answer<Filestat> {
        let node = self.nodes.get(&inode).ok_or(Errno::Badf)?;
        let size = match &node.kind {
            Kind::File(content) => content.size(),
            Kind::Folder(_) | Kind::Device(_) => 0,
        };
        let Times { accessed_ns, modified_ns, changed_ns } = node.times;
        let (filetype, links) = (node.kind.filetype(), u64::from(node.is_named));
        Ok(Filestat { inode, filetype, links, size, accessed_ns, modified_ns, changed_ns })
    }

    /// Sets its times.
    pub(super) fn set_times(&mut self, inode: Inode, new: NewTimes, now_ns: u64) -> Answer<()> {
        let times = &mut self.node(inode)?.times;
        times.accessed_ns = new.accessed_ns.unwrap_or(times.accessed_ns);
        times.modified_ns = new.modified_ns.unwrap_or(times.modified_ns);
        times.changed_ns = now_ns;
        Ok(())
    }

    /// A file's length.
    pub(super) fn size(&self, inode: Inode) -> Answer<u64> {
        self.content(inode).map(Content::size)
    }

    /// Reads from a file. Its access time stays: telling it costs more than it tells, as with Linux's `noatime`.
    pub(super) fn read(&self, inode: Inode, offset: u64, bytes: &mut [u8]) -> Answer<usize> {
        Ok(self.content(inode)?.read(offset, bytes))
    }

    /// Writes to a file: as much as fits.
    pub(super) fn write(&mut self, inode: Inode, offset: u64, bytes: &[u8], now_ns: u64) -> Answer<usize> {
        self.change(inode, now_ns, |content, room| content.write(offset, bytes, room))
    }

    /// Cuts a file, or makes it longer.
    pub(super) fn resize(&mut self, inode: Inode, size: u64, now_ns: u64) -> Answer<()> {
        self.change(inode, now_ns, |content, room| content.resize(size, room))
    }

    /// Takes room for a part of a file.
    pub(super) fn allocate(&mut self, inode: Inode, offset: u64, length: u64, now_ns: u64) -> Answer<()> {
        self.change(inode, now_ns, |content, room| content.allocate(offset, length, room))
    }

    /// Shows a folder's entries from a number on, until `show` has enough: where to go on, inode, kind, name.
    pub(super) fn list(
        &mut self,
        folder: Inode,
        from: u64,
        mut show: impl FnMut(u64, Inode, Filetype, &[u8]) -> bool,
    ) -> Answer<()> {
        let is_there = self.nodes.get(&folder).is_some_and(|node| node.is_named);
        let entries = self.folder(folder)?;
        let dots = [(1, b".".as_slice(), folder), (2, b"..", entries.parent)];
        let dots = dots.into_iter().filter(|(next, ..)| is_there && *next > from);
        let mut seen = 0;
        for (next, name, inode) in dots.chain(entries.entries(from)) {
            seen += 1;
            let filetype = self.nodes.get(&inode).map_or(Filetype::Directory, |node| node.kind.filetype());
            if !show(next, inode, filetype, name) {
                break;
            }
        }
        self.steps += seen;
        Ok(())
    }
}
