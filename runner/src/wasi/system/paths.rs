//! Calls on names. There are no links: what would make one is not supported, what would read one finds none.
//! Not here: the tree (`files`).

use super::{
    Call, Memory, System,
    abi::{self, rights},
    describe::{fdflags, new_times},
    descriptors::{Descriptor, What},
    errno::Errno,
    files::{NewTimes, Opened, Opening},
};

/// What `path_open` is given besides a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenFlags {
    pub(super) oflags: u32,
    pub(super) base: u64,
    pub(super) inheriting: u64,
    pub(super) fdflags: u32,
}

impl System {
    pub(super) fn path_open(
        &mut self,
        memory: &mut Memory<'_>,
        fd: u32,
        (path, length): (u32, u32),
        flags: OpenFlags,
        result: u32,
    ) -> Call {
        let folder = self.descriptors.folder(fd)?;
        let may = self.descriptors.get(fd)?.inheriting;
        memory.check(result, 4)?;
        let path = memory.bytes(path, length)?;
        let fdflags = fdflags(flags.fdflags)?;
        if flags.oflags > 15 {
            return Err(Errno::Inval.into());
        }
        if flags.base & !may != 0 || flags.inheriting & !may != 0 {
            return Err(Errno::Notcapable.into());
        }
        let has = |flag| flags.oflags & flag != 0;
        let how = Opening {
            create: has(abi::OFLAGS_CREAT),
            exclusive: has(abi::OFLAGS_EXCL),
            truncate: has(abi::OFLAGS_TRUNC),
            folder: has(abi::OFLAGS_DIRECTORY),
            // Who asks for a folder may ask for every right there is.
            write: flags.base & rights::CHANGE != 0 && !has(abi::OFLAGS_DIRECTORY),
        };
        if how.create && how.folder {
            return Err(Errno::Inval.into());
        }
        self.descriptors.check_free()?;
        let descriptor = match self.on_files(|files, now_ns| files.open(folder, path, how, now_ns))? {
            Opened::Folder(inode) => Descriptor {
                what: What::Folder { inode, is_preopened: false },
                flags: fdflags,
                base: flags.base & rights::FOLDER,
                inheriting: flags.inheriting,
            },
            Opened::File(inode) => Descriptor {
                what: What::File { inode, offset: 0 },
                flags: fdflags,
                base: flags.base & rights::FILE,
                inheriting: 0,
            },
            Opened::Device(device) => Descriptor::device(device, fdflags, flags.base),
        };
        let opened = self.descriptors.add(descriptor)?;
        Ok(memory.put_u32(result, opened)?)
    }

    pub(super) fn path_create_directory(&mut self, memory: &Memory<'_>, fd: u32, path: (u32, u32)) -> Call {
        let folder = self.descriptors.folder(fd)?;
        let path = memory.bytes(path.0, path.1)?;
        self.on_files(|files, now_ns| files.make_folder(folder, path, now_ns))
    }

    pub(super) fn path_remove_directory(&mut self, memory: &Memory<'_>, fd: u32, path: (u32, u32)) -> Call {
        let folder = self.descriptors.folder(fd)?;
        let path = memory.bytes(path.0, path.1)?;
        self.on_files(|files, now_ns| files.remove_folder(folder, path, now_ns))
    }

    pub(super) fn path_unlink_file(&mut self, memory: &Memory<'_>, fd: u32, path: (u32, u32)) -> Call {
        let folder = self.descriptors.folder(fd)?;
        let path = memory.bytes(path.0, path.1)?;
        self.on_files(|files, now_ns| files.remove_file(folder, path, now_ns))
    }

    pub(super) fn path_rename(
        &mut self,
        memory: &Memory<'_>,
        (fd, path): (u32, (u32, u32)),
        (new_fd, new_path): (u32, (u32, u32)),
    ) -> Call {
        let (folder, new_folder) = (self.descriptors.folder(fd)?, self.descriptors.folder(new_fd)?);
        let path = memory.bytes(path.0, path.1)?;
        let new_path = memory.bytes(new_path.0, new_path.1)?;
        self.on_files(|files, now_ns| files.rename((folder, path), (new_folder, new_path), now_ns))
    }

    pub(super) fn path_filestat_get(
        &mut self,
        memory: &mut Memory<'_>,
        fd: u32,
        path: (u32, u32),
        result: u32,
    ) -> Call {
        let folder = self.descriptors.folder(fd)?;
        let path = memory.bytes(path.0, path.1)?;
        let filestat = self.on_files(|files, _| files.find(folder, path).and_then(|inode| files.filestat(inode)))?;
        Ok(memory.put(result, &filestat.encode())?)
    }

    pub(super) fn path_filestat_set_times(
        &mut self,
        memory: &Memory<'_>,
        fd: u32,
        path: (u32, u32),
        (accessed_ns, modified_ns, which): (u64, u64, u32),
    ) -> Call {
        let folder = self.descriptors.folder(fd)?;
        let path = memory.bytes(path.0, path.1)?;
        let new: NewTimes = new_times(accessed_ns, modified_ns, which, self.clock.now_ns())?;
        self.on_files(|files, now_ns| files.find(folder, path).and_then(|inode| files.set_times(inode, new, now_ns)))
    }

    /// Nothing is a link, so what is there cannot be read as one.
    pub(super) fn path_readlink(&mut self, memory: &Memory<'_>, fd: u32, path: (u32, u32)) -> Call {
        let folder = self.descriptors.folder(fd)?;
        let path = memory.bytes(path.0, path.1)?;
        self.on_files(|files, _| files.find(folder, path))?;
        Err(Errno::Inval.into())
    }

    /// Links of either kind are not supported.
    pub(super) fn refuse_link(&mut self, fd: u32) -> Call {
        self.descriptors.folder(fd)?;
        Err(Errno::Notsup.into())
    }
}
