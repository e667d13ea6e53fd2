//! Numbers and layouts of `wasi_snapshot_preview1`, as its witx files have them.
//! Not here: error numbers (`errno`), what the calls do.
//! In: values. Out: their bytes, little-endian, padding zero.

/// What kind of thing a descriptor or a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Filetype {
    /// A stream: not a character device, which libc would take for a terminal.
    Unknown = 0,
    /// A folder.
    Directory = 3,
    /// A file.
    RegularFile = 4,
}

/// Rights of a descriptor.
pub(super) mod rights {
    pub(in super::super) const FD_READ: u64 = 1 << 1;
    pub(in super::super) const FD_WRITE: u64 = 1 << 6;
    pub(in super::super) const FD_ALLOCATE: u64 = 1 << 8;
    pub(in super::super) const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;

    /// Every right there is.
    pub(in super::super) const ALL: u64 = (1 << 30) - 1;
    /// What can be done with a folder: what begins with `path_`, `fd_readdir`, and times.
    pub(in super::super) const FOLDER: u64 =
        1 | 1 << 3 | 1 << 4 | 1 << 7 | 0x7F << 9 | 0x3F << 16 | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 26;
    /// What can be done with a file.
    pub(in super::super) const FILE: u64 = 0x1FF | 0x7 << 21 | 1 << 27;
    /// What can be done with a stream besides reading or writing: flags, filestat, poll.
    pub(in super::super) const STREAM: u64 = 1 << 3 | 1 << 21 | 1 << 27;
    /// What changes a file's content.
    pub(in super::super) const CHANGE: u64 = FD_WRITE | FD_ALLOCATE | FD_FILESTAT_SET_SIZE;
}

/// Flags of an open descriptor: `append` is the one that does anything here.
pub(super) const FDFLAGS_APPEND: u16 = 1;
pub(super) const FDFLAGS_ALL: u16 = 0x1F;

pub(super) const OFLAGS_CREAT: u32 = 1;
pub(super) const OFLAGS_DIRECTORY: u32 = 2;
pub(super) const OFLAGS_EXCL: u32 = 4;
pub(super) const OFLAGS_TRUNC: u32 = 8;

pub(super) const FSTFLAGS_ATIM: u32 = 1;
pub(super) const FSTFLAGS_ATIM_NOW: u32 = 2;
pub(super) const FSTFLAGS_MTIM: u32 = 4;
pub(super) const FSTFLAGS_MTIM_NOW: u32 = 8;

pub(super) const WHENCE_SET: u32 = 0;
pub(super) const WHENCE_CUR: u32 = 1;
pub(super) const WHENCE_END: u32 = 2;

pub(super) const CLOCK_REALTIME: u32 = 0;
pub(super) const CLOCK_MONOTONIC: u32 = 1;
pub(super) const CLOCK_PROCESS_CPUTIME: u32 = 2;
pub(super) const CLOCK_THREAD_CPUTIME: u32 = 3;

pub(super) const EVENTTYPE_CLOCK: u8 = 0;
pub(super) const EVENTTYPE_FD_READ: u8 = 1;
pub(super) const EVENTTYPE_FD_WRITE: u8 = 2;
/// The timeout of a clock subscription is a point in time.
pub(super) const SUBCLOCKFLAGS_ABSTIME: u16 = 1;

/// Sizes of what crosses the wall.
pub(super) const SUBSCRIPTION_BYTES: u32 = 48;
pub(super) const EVENT_BYTES: u32 = 32;
pub(super) const DIRENT_BYTES: usize = 24;
pub(super) const FILESTAT_BYTES: u32 = 64;
pub(super) const FDSTAT_BYTES: u32 = 24;

/// What is known of a file, folder or stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filestat {
    pub(super) inode: u64,
    pub(super) filetype: Filetype,
    pub(super) links: u64,
    pub(super) size: u64,
    pub(super) accessed_ns: u64,
    pub(super) modified_ns: u64,
    pub(super) changed_ns: u64,
}

impl Filestat {
    /// Its bytes; everything is on device 1.
    pub(super) fn encode(&self) -> [u8; FILESTAT_BYTES as usize] {
        let mut bytes = [0; FILESTAT_BYTES as usize];
        put(&mut bytes, 0, 1u64.to_le_bytes());
        put(&mut bytes, 8, self.inode.to_le_bytes());
        bytes[16] = self.filetype as u8;
        put(&mut bytes, 24, self.links.to_le_bytes());
        put(&mut bytes, 32, self.size.to_le_bytes());
        put(&mut bytes, 40, self.accessed_ns.to_le_bytes());
        put(&mut bytes, 48, self.modified_ns.to_le_bytes());
        put(&mut bytes, 56, self.changed_ns.to_le_bytes());
        bytes
    }
}

/// The bytes of an fdstat.
pub(super) fn fdstat(filetype: Filetype, flags: u16, base: u64, inheriting: u64) -> [u8; FDSTAT_BYTES as usize] {
    let mut bytes = [0; FDSTAT_BYTES as usize];
    bytes[0] = filetype as u8;
    put(&mut bytes, 2, flags.to_le_bytes());
    put(&mut bytes, 8, base.to_le_bytes());
    put(&mut bytes, 16, inheriting.to_le_bytes());
    bytes
}

/// The head of a folder's entry; its name follows.
pub(super) fn dirent(next: u64, inode: u64, name_bytes: u32, filetype: Filetype) -> [u8; DIRENT_BYTES] {
    let mut bytes = [0; DIRENT_BYTES];
    put(&mut bytes, 0, next.to_le_bytes());
    put(&mut bytes, 8, inode.to_le_bytes());
    put(&mut bytes, 16, name_bytes.to_le_bytes());
    bytes[20] = filetype as u8;
    bytes
}

/// The bytes of an event.
pub(super) fn event(userdata: u64, error: u16, kind: u8, ready_bytes: u64) -> [u8; EVENT_BYTES as usize] {
    let mut bytes = [0; EVENT_BYTES as usize];
    put(&mut bytes, 0, userdata.to_le_bytes());
    put(&mut bytes, 8, error.to_le_bytes());
    bytes[10] = kind;
    put(&mut bytes, 16, ready_bytes.to_le_bytes());
    bytes
}

fn put<const SIZE: usize>(bytes: &mut [u8], at: usize, value: [u8; SIZE]) {
    bytes[at..at + SIZE].copy_from_slice(&value);
}
