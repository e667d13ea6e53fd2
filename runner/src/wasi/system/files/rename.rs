//! Moving a file or folder to another name, in one step.
//! Not here: everything else that is done with names (`files`).

use super::{
    super::errno::{Answer, Errno},
    Files, Inode,
    node::Kind,
    path,
    tree::{is_dots, name_bytes},
};

impl Files {
    /// Moves what a path leads to; what stood at the other end is gone. As rename(2) has it.
    pub(in super::super) fn rename(
        &mut self,
        (from, path): (Inode, &[u8]),
        (new_from, new_path): (Inode, &[u8]),
        now_ns: u64,
    ) -> Answer<()> {
        path::check(path)?;
        path::check(new_path)?;
        let (parent, name) = self.place(from, path)?;
        let (new_parent, new_name) = self.place(new_from, new_path)?;
        if is_dots(name) || is_dots(new_name) {
            return Err(Errno::Busy);
        }
        let inode = self.folder(parent)?.get(name).ok_or(Errno::Noent)?;
        let is_folder = matches!(self.nodes[&inode].kind, Kind::Folder(_));
        if !is_folder && (path::means_folder(path) || path::means_folder(new_path)) {
            return Err(Errno::Notdir);
        }
        if !self.node(new_parent)?.is_named {
            return Err(Errno::Noent);
        }
        self.check_depth(new_parent, is_folder.then_some(inode))?;
        if let Some(replaced) = self.folder(new_parent)?.get(new_name) {
            if replaced == inode {
                return Ok(());
            }
            match (&self.nodes[&replaced].kind, is_folder) {
                (Kind::Folder(_), false) => return Err(Errno::Isdir),
                (Kind::File(_) | Kind::Device(_), true) => return Err(Errno::Notdir),
                (Kind::Folder(folder), true) if !folder.is_empty() => return Err(Errno::Notempty),
                _ => self.forget(new_parent, new_name, now_ns)?,
            }
        }
        // Cannot fail where something was replaced: that gave back a name of the same length.
        let longer = name_bytes(new_name).saturating_sub(name_bytes(name));
        self.room.take(longer)?;
        self.room.bytes += name_bytes(name).saturating_sub(name_bytes(new_name));
        self.folder_mut(parent, now_ns)?.remove(name);
        self.folder_mut(new_parent, now_ns)?.insert(new_name, inode);
        let node = self.node(inode)?;
        node.times.changed_ns = now_ns;
        if let Kind::Folder(folder) = &mut node.kind {
            folder.parent = new_parent;
        }
        Ok(())
    }
}
