//! Calls on descriptors that move no bytes: what they stand for, flags, sizes, times, closing; and listing folders.
//! Not here: reading and writing (`streams`), names (`paths`).

use super::{
    BYTE_FUEL, Call, Memory, System,
    abi::{self, Filestat, rights},
    descriptors::{Descriptor, What},
    errno::{Answer, Errno},
    files::NewTimes,
};

/// The name of the root.
const ROOT_NAME: &[u8] = b"/";

impl System {
    pub(super) fn fd_close(&mut self, fd: u32) -> Call {
        let closed = self.descriptors.remove(fd)?;
        self.closed(&closed);
        Ok(())
    }

    pub(super) fn fd_renumber(&mut self, from: u32, to: u32) -> Call {
        if let Some(closed) = self.descriptors.renumber(from, to)? {
            self.closed(&closed);
        }
        Ok(())
    }

    pub(super) fn fd_prestat_get(&mut self, memory: &mut Memory<'_>, fd: u32, result: u32) -> Call {
        self.check_preopened(fd)?;
        memory.check(result, 8)?;
        memory.put_u32(result, 0)?;
        Ok(memory.put_u32(result + 4, 1)?)
    }

    pub(super) fn fd_prestat_dir_name(&mut self, memory: &mut Memory<'_>, fd: u32, path: u32, length: u32) -> Call {
        self.check_preopened(fd)?;
        if (length as usize) < ROOT_NAME.len() {
            return Err(Errno::Nametoolong.into());
        }
        Ok(memory.put(path, ROOT_NAME)?)
    }

    pub(super) fn fd_fdstat_get(&mut self, memory: &mut Memory<'_>, fd: u32, result: u32) -> Call {
        let it = self.descriptors.get(fd)?;
        Ok(memory.put(result, &abi::fdstat(it.filetype(), it.flags, it.base, it.inheriting))?)
    }

    pub(super) fn fd_fdstat_set_flags(&mut self, fd: u32, flags: u32) -> Call {
        let flags = fdflags(flags)?;
        self.descriptors.get_mut(fd)?.flags = flags;
        Ok(())
    }

    pub(super) fn fd_fdstat_set_rights(&mut self, fd: u32, base: u64, inheriting: u64) -> Call {
        let it = self.descriptors.get_mut(fd)?;
        if base & !it.base != 0 || inheriting & !it.inheriting != 0 {
            return Err(Errno::Notcapable.into());
        }
        (it.base, it.inheriting) = (base, inheriting);
        Ok(())
    }

    pub(super) fn fd_filestat_get(&mut self, memory: &mut Memory<'_>, fd: u32, result: u32) -> Call {
        let it = self.descriptors.get(fd)?;
        let filestat = match it.inode() {
            Some(inode) => self.files.filestat(inode)?,
            None => Filestat {
                inode: 0,
                filetype: it.stood_for(),
                links: 1,
                size: self.streamed_bytes(&it.what),
                accessed_ns: super::BEGINNING_NS,
                modified_ns: super::BEGINNING_NS,
                changed_ns: super::BEGINNING_NS,
            },
        };
        Ok(memory.put(result, &filestat.encode())?)
    }

    /// How much there is of a stream: all of stdin, which programs read at once by asking for its size.
    fn streamed_bytes(&self, what: &What) -> u64 {
        match what {
            What::Stdin => self.stdin.len() as u64,
            What::Stdout => self.stdout.len() as u64,
            _ => 0,
        }
    }

    pub(super) fn fd_filestat_set_size(&mut self, fd: u32, size: u64) -> Call {
        let (inode, _) = self.changeable(fd)?;
        self.on_files(|files, now_ns| files.resize(inode, size, now_ns))
    }

    pub(super) fn fd_allocate(&mut self, fd: u32, offset: u64, length: u64) -> Call {
        let (inode, _) = self.changeable(fd)?;
        // More than a file may hold is refused before anything is done.
        self.charge(length.min(self.files.most_file_bytes()).saturating_mul(BYTE_FUEL))?;
        self.on_files(|files, now_ns| files.allocate(inode, offset, length, now_ns))
    }

    pub(super) fn fd_filestat_set_times(&mut self, fd: u32, accessed_ns: u64, modified_ns: u64, which: u32) -> Call {
        let inode = self.descriptors.get(fd)?.inode().ok_or(Errno::Inval)?;
        let new = new_times(accessed_ns, modified_ns, which, self.clock.now_ns())?;
        self.on_files(|files, now_ns| files.set_times(inode, new, now_ns))
    }

    /// Advice changes nothing where everything is in memory.
    pub(super) fn fd_advise(&mut self, fd: u32, _offset: u64, _length: u64, advice: u32) -> Call {
        self.descriptors.file(fd, 0)?;
        if advice > 5 {
            return Err(Errno::Inval.into());
        }
        Ok(())
    }

    /// Nothing outlives the guest: what is written is as safe as it will ever be.
    pub(super) fn fd_sync(&mut self, fd: u32) -> Call {
        match self.descriptors.get(fd)?.inode() {
            Some(_) => Ok(()),
            None => Err(Errno::Inval.into()),
        }
    }

    pub(super) fn fd_readdir(
        &mut self,
        memory: &mut Memory<'_>,
        fd: u32,
        buffer: u32,
        length: u32,
        cookie: u64,
        result: u32,
    ) -> Call {
        let folder = self.descriptors.folder(fd)?;
        memory.check(result, 4)?;
        let buffer = memory.bytes_mut(buffer, length)?;
        let mut used = 0;
        self.on_files(|files, _| {
            files.list(folder, cookie, |next, inode, filetype, name| {
                let name_bytes = u32::try_from(name.len()).unwrap_or(u32::MAX);
                used += put_part(&mut buffer[used..], &abi::dirent(next, inode, name_bytes, filetype));
                used += put_part(&mut buffer[used..], name);
                used < buffer.len()
            })
        })?;
        self.charge_bytes(used as u64)?;
        // Not more than `length`.
        Ok(memory.put_u32(result, u32::try_from(used).unwrap_or(u32::MAX))?)
    }

    /// What a descriptor held is let go.
    pub(super) fn closed(&mut self, descriptor: &Descriptor) {
        match descriptor.what {
            What::File { inode, .. } | What::Folder { inode, is_preopened: false } => self.files.close(inode),
            What::Folder { is_preopened: true, .. } | What::Stdin | What::Stdout | What::Stderr | What::Null => {}
        }
    }

    fn check_preopened(&self, fd: u32) -> Answer<()> {
        match self.descriptors.get(fd)?.what {
            What::Folder { is_preopened: true, .. } => Ok(()),
            _ => Err(Errno::Badf),
        }
    }

    /// A file whose content may be changed.
    fn changeable(&self, fd: u32) -> Answer<(u64, u64)> {
        match self.descriptors.file(fd, rights::FD_WRITE) {
            Err(Errno::Isdir | Errno::Spipe | Errno::Badf) if self.descriptors.get(fd).is_ok() => Err(Errno::Inval),
            other => other,
        }
    }
}

/// Flags of a descriptor, all of them known.
pub(super) fn fdflags(flags: u32) -> Answer<u16> {
    u16::try_from(flags).ok().filter(|flags| flags & !abi::FDFLAGS_ALL == 0).ok_or(Errno::Inval)
}

/// The times that shall be set.
pub(super) fn new_times(accessed_ns: u64, modified_ns: u64, which: u32, now_ns: u64) -> Answer<NewTimes> {
    let one = |given: u32, now: u32, time: u64| match (which & given != 0, which & now != 0) {
        (true, true) => Err(Errno::Inval),
        (true, false) => Ok(Some(time)),
        (false, true) => Ok(Some(now_ns)),
        (false, false) => Ok(None),
    };
    if which > 15 {
        return Err(Errno::Inval);
    }
    Ok(NewTimes {
        accessed_ns: one(abi::FSTFLAGS_ATIM, abi::FSTFLAGS_ATIM_NOW, accessed_ns)?,
        modified_ns: one(abi::FSTFLAGS_MTIM, abi::FSTFLAGS_MTIM_NOW, modified_ns)?,
    })
}

/// Puts as much as there is room for; gives how much.
fn put_part(room: &mut [u8], bytes: &[u8]) -> usize {
    let length = room.len().min(bytes.len());
    room[..length].copy_from_slice(&bytes[..length]);
    length
}
