//! Descriptors: which number means what, and what may be done with it.
//! Not here: what files hold (`files`), the calls (`streams`, `describe`, `paths`).

use super::{
    abi::{Filetype, rights},
    errno::{Answer, Errno},
    files::{Device, Inode, ROOT},
};

/// An open file, folder or stream.
#[derive(Clone, Debug)]
pub(super) struct Descriptor {
    pub(super) what: What,
    pub(super) flags: u16,
    pub(super) base: u64,
    pub(super) inheriting: u64,
}

/// What a descriptor stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Stdin,
    Stdout,
    /// Whatever is written there is gone.
    Stderr,
    /// The same, and nothing is to be read.
    Null,
    File {
        inode: Inode,
        offset: u64,
    },
    Folder {
        inode: Inode,
        is_preopened: bool,
    },
}

impl Descriptor {
    fn stream(what: What, right: u64) -> Self {
        Self { what, flags: 0, base: rights::STREAM | right, inheriting: 0 }
    }

    /// A device that was opened: the stream itself, with the rights that were asked for and that it gives.
    pub(super) fn device(device: Device, flags: u16, wanted: u64) -> Self {
        let (what, gives) = match device {
            Device::Null => (What::Null, rights::FD_READ | rights::FD_WRITE),
            Device::Stdin => (What::Stdin, rights::FD_READ),
            Device::Stdout => (What::Stdout, rights::FD_WRITE),
            Device::Stderr => (What::Stderr, rights::FD_WRITE),
        };
        Self { flags, ..Self::stream(what, wanted & gives) }
    }

    pub(super) fn filetype(&self) -> Filetype {
        match self.what {
            What::Stdin | What::Stdout | What::Stderr | What::Null => Filetype::Unknown,
            What::File { .. } => Filetype::RegularFile,
            What::Folder { .. } => Filetype::Directory,
        }
    }

    /// The same as `fstat` says it: stdin and stdout are files, as they are natively.
    pub(super) fn stood_for(&self) -> Filetype {
        match self.what {
            What::Stdin | What::Stdout => Filetype::RegularFile,
            _ => self.filetype(),
        }
    }

    /// The file or folder; `None` for a stream.
    pub(super) fn inode(&self) -> Option<Inode> {
        match self.what {
            What::File { inode, .. } | What::Folder { inode, .. } => Some(inode),
            What::Stdin | What::Stdout | What::Stderr | What::Null => None,
        }
    }

    /// Says whether it has the rights.
    pub(super) fn may(&self, wanted: u64) -> Answer<()> {
        if self.base & wanted == wanted { Ok(()) } else { Err(Errno::Badf) }
    }
}

/// All of a guest's descriptors.
#[derive(Debug)]
pub(super) struct Descriptors {
    all: Vec<Option<Descriptor>>,
    most: usize,
}

impl Descriptors {
    /// The three streams, and the root.
    pub(super) fn new(most: u32) -> Self {
        let root = Descriptor {
            what: What::Folder { inode: ROOT, is_preopened: true },
            flags: 0,
            base: rights::FOLDER,
            inheriting: rights::ALL,
        };
        let all = vec![
            Some(Descriptor::stream(What::Stdin, rights::FD_READ)),
            Some(Descriptor::stream(What::Stdout, rights::FD_WRITE)),
            Some(Descriptor::stream(What::Stderr, rights::FD_WRITE)),
            Some(root),
        ];
        Self { all, most: most as usize }
    }

    pub(super) fn get(&self, number: u32) -> Answer<&Descriptor> {
        self.all.get(number as usize).and_then(Option::as_ref).ok_or(Errno::Badf)
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Answer<&mut Descriptor> {
        self.all.get_mut(number as usize).and_then(Option::as_mut).ok_or(Errno::Badf)
    }

    /// A folder that paths can begin in.
    pub(super) fn folder(&self, number: u32) -> Answer<Inode> {
        match self.get(number)?.what {
            What::Folder { inode, .. } => Ok(inode),
            _ => Err(Errno::Notdir),
        }
    }

    /// A file that may be used so, and where in it the descriptor stands.
    pub(super) fn file(&self, number: u32, wanted: u64) -> Answer<(Inode, u64)> {
        let descriptor = self.get(number)?;
        match descriptor.what {
            What::File { inode, offset } => descriptor.may(wanted).map(|()| (inode, offset)),
            What::Folder { .. } => Err(Errno::Isdir),
            What::Stdin | What::Stdout | What::Stderr | What::Null => Err(Errno::Spipe),
        }
    }

    /// Whether there is a number left.
    pub(super) fn check_free(&self) -> Answer<()> {
        let is_free = self.all.len() < self.most || self.all.iter().any(Option::is_none);
        if is_free { Ok(()) } else { Err(Errno::Mfile) }
    }

    /// Gives it the lowest number that is free.
    pub(super) fn add(&mut self, descriptor: Descriptor) -> Answer<u32> {
        self.check_free()?;
        let index = self.all.iter().position(Option::is_none).unwrap_or(self.all.len());
        let number = u32::try_from(index).map_err(|_| Errno::Mfile)?;
        if index == self.all.len() {
            self.all.push(None);
        }
        self.all[index] = Some(descriptor);
        Ok(number)
    }

    /// Frees a number.
    pub(super) fn remove(&mut self, number: u32) -> Answer<Descriptor> {
        self.all.get_mut(number as usize).and_then(Option::take).ok_or(Errno::Badf)
    }

    /// Gives what has one number another; gives back what had that.
    pub(super) fn renumber(&mut self, from: u32, to: u32) -> Answer<Option<Descriptor>> {
        self.get(to)?;
        self.get(from)?;
        if from == to {
            return Ok(None);
        }
        let moved = self.remove(from)?;
        Ok(self.all[to as usize].replace(moved))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(inode: Inode) -> Descriptor {
        Descriptor { what: What::File { inode, offset: 0 }, flags: 0, base: rights::FD_READ, inheriting: 0 }
    }

    #[test]
    fn the_lowest_free_number_is_given_until_there_is_none() {
        let mut descriptors = Descriptors::new(6);
        assert_eq!(descriptors.add(file(10)), Ok(4));
        assert_eq!(descriptors.add(file(11)), Ok(5));
        assert_eq!(descriptors.add(file(12)), Err(Errno::Mfile));
        assert!(descriptors.remove(4).is_ok());
        assert_eq!(descriptors.remove(4).err(), Some(Errno::Badf));
        assert_eq!(descriptors.add(file(13)), Ok(4));
    }

    #[test]
    fn renumbering_closes_what_had_the_number() {
        let mut descriptors = Descriptors::new(6);
        descriptors.add(file(10)).expect("a number");
        assert_eq!(descriptors.renumber(4, 9).err(), Some(Errno::Badf));
        assert_eq!(descriptors.renumber(9, 4).err(), Some(Errno::Badf));
        assert!(descriptors.renumber(4, 4).expect("nothing to do").is_none());
        let closed = descriptors.renumber(4, 0).expect("moved");
        assert_eq!(closed.map(|it| it.what), Some(What::Stdin));
        assert_eq!(descriptors.file(0, rights::FD_READ), Ok((10, 0)));
        assert_eq!(descriptors.file(0, rights::FD_WRITE), Err(Errno::Badf));
        assert_eq!(descriptors.get(4).err(), Some(Errno::Badf));
    }
}
