//! The tree's own steps: following paths, making and forgetting nodes, and counting what they take.
//! Not here: what guests ask for (`files`).

use super::{
    super::errno::{Answer, Errno},
    Files, Inode, ROOT,
    content::{Content, Room},
    node::{Device, Folder, Kind, Node, Times},
    path,
};

/// What a file or folder takes besides its content and twice its name: about what our own bookkeeping does.
pub(super) const NODE_BYTES: u64 = 512;
/// How deep folders may lie in each other where anything is put into them.
const MOST_DEPTH: usize = 256;

impl Files {
    pub(super) fn follow(&mut self, from: Inode, path: &[u8]) -> Answer<Inode> {
        let mut at = from;
        for component in path::components(path) {
            self.steps += 1;
            let is_named = self.node(at)?.is_named;
            let folder = self.folder(at)?;
            at = match component {
                b"." => at,
                b".." if is_named => folder.parent,
                name => folder.get(name).ok_or(Errno::Noent)?,
            };
        }
        Ok(at)
    }

    /// The folder that holds the last component of a path, and that component.
    pub(super) fn place<'a>(&mut self, from: Inode, path: &'a [u8]) -> Answer<(Inode, &'a [u8])> {
        let (before, name) = path::split_last(path);
        let parent = self.follow(from, before)?;
        self.folder(parent)?;
        Ok((parent, name))
    }

    pub(super) fn make_devices(&mut self, now_ns: u64) -> Answer<()> {
        self.make_folder(ROOT, b"dev", now_ns)?;
        let folder = self.find(ROOT, b"dev")?;
        for (name, device) in Device::ALL {
            self.make(folder, name, Kind::Device(device), now_ns)?;
        }
        Ok(())
    }

    pub(super) fn make_file(&mut self, from: Inode, path: &[u8], now_ns: u64) -> Answer<Inode> {
        let (parent, name) = self.place(from, path)?;
        if is_dots(name) {
            return Err(Errno::Noent);
        }
        if path::means_folder(path) {
            return Err(Errno::Isdir);
        }
        self.make(parent, name, Kind::File(Content::default()), now_ns)
    }

    /// Makes a node under a name that is free.
    pub(super) fn make(&mut self, parent: Inode, name: &[u8], kind: Kind, now_ns: u64) -> Answer<Inode> {
        if !self.node(parent)?.is_named {
            return Err(Errno::Noent);
        }
        let nodes = self.room.nodes.checked_sub(1).ok_or(Errno::Nospc)?;
        self.room.take(NODE_BYTES + name_bytes(name))?;
        self.room.nodes = nodes;
        let inode = self.next;
        self.next += 1;
        self.nodes.insert(inode, Node { kind, is_named: true, opened: 0, times: Times::at(now_ns) });
        self.folder_mut(parent, now_ns)?.insert(name, inode);
        Ok(inode)
    }

    /// Takes a name away from what has it.
    pub(super) fn forget(&mut self, parent: Inode, name: &[u8], now_ns: u64) -> Answer<()> {
        let folder = self.folder_mut(parent, now_ns)?;
        let inode = folder.get(name).ok_or(Errno::Noent)?;
        folder.remove(name);
        self.room.bytes += name_bytes(name);
        let node = self.node(inode)?;
        node.is_named = false;
        node.times.changed_ns = now_ns;
        self.drop_unreachable(inode);
        Ok(())
    }

    pub(super) fn drop_unreachable(&mut self, inode: Inode) {
        let is_unreachable = |node: &Node| !node.is_named && node.opened == 0;
        if self.nodes.get(&inode).is_some_and(is_unreachable)
            && let Some(node) = self.nodes.remove(&inode)
        {
            self.room.nodes += 1;
            self.room.bytes += NODE_BYTES;
            if let Kind::File(content) = node.kind {
                self.room.bytes += content.taken_bytes();
            }
        }
    }

    pub(super) fn node(&mut self, inode: Inode) -> Answer<&mut Node> {
        self.nodes.get_mut(&inode).ok_or(Errno::Noent)
    }

    pub(super) fn folder(&self, inode: Inode) -> Answer<&Folder> {
        match &self.nodes.get(&inode).ok_or(Errno::Noent)?.kind {
            Kind::Folder(folder) => Ok(folder),
            _ => Err(Errno::Notdir),
        }
    }

    /// A folder that is about to change.
    pub(super) fn folder_mut(&mut self, inode: Inode, now_ns: u64) -> Answer<&mut Folder> {
        let node = self.node(inode)?;
        match &mut node.kind {
            Kind::Folder(folder) => {
                node.times.modify(now_ns);
                Ok(folder)
            }
            _ => Err(Errno::Notdir),
        }
    }

    pub(super) fn content(&self, inode: Inode) -> Answer<&Content> {
        match &self.nodes.get(&inode).ok_or(Errno::Badf)?.kind {
            Kind::File(content) => Ok(content),
            Kind::Folder(_) => Err(Errno::Isdir),
            Kind::Device(_) => Err(Errno::Spipe),
        }
    }

    pub(super) fn change<T>(
        &mut self,
        inode: Inode,
        now_ns: u64,
        change: impl FnOnce(&mut Content, &mut Room) -> Answer<T>,
    ) -> Answer<T> {
        let node = self.nodes.get_mut(&inode).ok_or(Errno::Badf)?;
        let Kind::File(content) = &mut node.kind else { return Err(Errno::Isdir) };
        let changed = change(content, &mut self.room)?;
        node.times.modify(now_ns);
        Ok(changed)
    }

    /// Says whether anything may be put into a folder: not where it lies too deep, nor in what is to be moved there.
    pub(super) fn check_depth(&mut self, folder: Inode, moved: Option<Inode>) -> Answer<()> {
        let mut at = folder;
        for _ in 0..MOST_DEPTH {
            self.steps += 1;
            if moved == Some(at) {
                return Err(Errno::Inval);
            }
            if at == ROOT {
                return Ok(());
            }
            at = self.folder(at)?.parent;
        }
        Err(Errno::Nametoolong)
    }
}

pub(super) fn is_dots(name: &[u8]) -> bool {
    matches!(name, b"." | b"..")
}

/// What a name takes: it stands in two maps.
pub(super) fn name_bytes(name: &[u8]) -> u64 {
    2 * name.len() as u64
}
