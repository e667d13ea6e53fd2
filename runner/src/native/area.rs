//! Memory shared between the supervisor and one worker's children.
//! Not here: what lies in it (`wire`).
//! The job area is read-only in every other process; the reply area is written by hostile code, and only copies leave it.

use std::{
    ffi::CStr,
    fs::{File, OpenOptions},
    io,
    num::NonZeroUsize,
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::fs::{FileExt, MetadataExt},
    },
    ptr::{self, NonNull},
};

use nix::{
    fcntl::{FallocateFlags, FcntlArg, SealFlag, fallocate, fcntl},
    sys::{
        memfd::{MFdFlags, memfd_create},
        mman::{MapFlags, ProtFlags, mmap, munmap},
        stat::{Mode, fchmod, futimens},
        time::TimeSpec,
    },
};

use crate::wire::Shared;

/// What stays when an area is cleared: whole pages.
const KEPT_BYTES: usize = 16 << 10;
/// What `stat` counts in.
const BLOCK_BYTES: u64 = 512;

/// A memfd mapped into this process.
#[derive(Debug)]
pub(crate) struct Area {
    file: File,
    base: NonNull<libc::c_void>,
    map_bytes: usize,
    file_bytes: usize,
}

// SAFETY: an Area owns its mapping; nothing in it is bound to a thread.
unsafe impl Send for Area {}

impl Area {
    /// Makes an area of `map_bytes` virtual bytes, of which `file_bytes` exist so far.
    pub(crate) fn new(name: &CStr, map_bytes: usize, file_bytes: usize) -> io::Result<Self> {
        let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
        let file = File::from(memfd_create(name, flags)?);
        file.set_len(file_bytes as u64)?;
        let length = NonZeroUsize::new(map_bytes).expect("areas are not empty");
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        let sharing = MapFlags::MAP_SHARED | MapFlags::MAP_NORESERVE;
        // SAFETY: a fresh mapping at an address of the kernel's choice, of a file that this process owns.
        let base = unsafe { mmap(None, length, protection, sharing, &file, 0) }?;
        Ok(Self { file, base, map_bytes, file_bytes })
    }

    /// From now on nobody can shrink the file, nor (with `read_only`) map or write it anew for writing.
    pub(crate) fn seal(&self, read_only: bool) -> io::Result<()> {
        let mut seals = SealFlag::F_SEAL_SHRINK;
        if read_only {
            seals |= SealFlag::F_SEAL_FUTURE_WRITE;
        }
        fcntl(&self.file, FcntlArg::F_ADD_SEALS(seals))?;
        Ok(())
    }

    /// The file behind the area.
    pub(crate) fn descriptor(&self) -> i32 {
        self.file.as_raw_fd()
    }

    /// Writes bytes at an offset, growing the file where needed. Fails where the area's virtual size is exceeded.
    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) -> io::Result<()> {
        let end = offset.checked_add(bytes.len()).filter(|end| *end <= self.map_bytes);
        let end = end.ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, "the job exceeds the shared area"))?;
        if end > self.file_bytes {
            let grown = end.next_multiple_of(1 << 20).min(self.map_bytes);
            self.file.set_len(grown as u64)?;
            self.file_bytes = grown;
        }
        // SAFETY: the target lies within the mapping and within the file (checked above); the source cannot overlap,
        // because nothing hands out references into the mapping.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.as_ptr().cast::<u8>().add(offset), bytes.len()) };
        Ok(())
    }

    /// Zeroes what was written at an offset.
    pub(crate) fn wipe(&mut self, offset: usize, length: usize) {
        let start = offset.min(self.file_bytes);
        let length = length.min(self.file_bytes - start);
        // SAFETY: the target lies within the mapping and within the file, which cannot shrink.
        unsafe { ptr::write_bytes(self.base.as_ptr().cast::<u8>().add(start), 0, length) };
    }

    /// Zeroes everything, and gives the pages back but for the first few: most programs touch no others, and zeroing those
    /// costs less than to free them and to get them anew.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.wipe(0, KEPT_BYTES);
        // All of the kept ones are there now. So where no more are there than these, nothing lies behind them.
        let kept = KEPT_BYTES.min(self.file_bytes) as u64;
        if self.file.metadata()?.blocks() * BLOCK_BYTES <= kept {
            return Ok(());
        }
        let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        let [from, length] = [kept, self.file_bytes as u64 - kept].map(i64::try_from);
        let (from, length) = (from.expect("areas are below 2^63 bytes"), length.expect("areas are below 2^63 bytes"));
        Ok(fallocate(self.file.as_fd(), flags, from, length)?)
    }
}

impl Shared for Area {
    fn copy(&self, offset: usize, length: usize) -> Vec<u8> {
        let start = offset.min(self.file_bytes);
        let length = length.min(self.file_bytes - start);
        let mut bytes = Vec::with_capacity(length);
        // SAFETY: the source lies within the mapping and the file, which cannot shrink (sealed, and nobody else holds
        // a descriptor). Another process may write it meanwhile: any mixture of bytes is acceptable, since the copy is
        // decoded as hostile input. The target has room for `length` bytes, all of which are written.
        unsafe {
            ptr::copy_nonoverlapping(self.base.as_ptr().cast::<u8>().add(start), bytes.as_mut_ptr(), length);
            bytes.set_len(length);
        }
        bytes
    }

    fn array<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        offset.checked_add(N).filter(|end| *end <= self.file_bytes)?;
        let mut bytes = [0; N];
        // SAFETY: as in `copy`; the source lies within the file (checked above).
        unsafe { ptr::copy_nonoverlapping(self.base.as_ptr().cast::<u8>().add(offset), bytes.as_mut_ptr(), N) };
        Some(bytes)
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and no reference into it exists.
        let _ = unsafe { munmap(self.base, self.map_bytes) };
    }
}

/// A file in memory that holds these bytes and that nobody can change any more. It may be executed.
pub(crate) fn sealed_file(name: &CStr, bytes: &[u8]) -> io::Result<File> {
    /// Linux 6.3 may be told to refuse to execute files that do not say so; older ones do not know the word.
    const MFD_EXEC: MFdFlags = MFdFlags::from_bits_retain(0x10);
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let made = memfd_create(name, flags | MFD_EXEC).or_else(|_| memfd_create(name, flags))?;
    let file = File::from(made);
    file.write_all_at(bytes, 0)?;
    let seals = SealFlag::F_SEAL_SEAL | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(file)
}

/// A program's stdin or stdout: a file in memory, so that nothing has to be drained and nobody waits for an end.
#[derive(Debug)]
pub(crate) struct Stream(File);

impl Stream {
    pub(crate) fn new(name: &CStr) -> io::Result<Self> {
        Ok(Self(File::from(memfd_create(name, MFdFlags::MFD_CLOEXEC)?)))
    }

    /// Makes these bytes the content.
    pub(crate) fn fill(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.set_len(0)?;
        self.0.write_all_at(bytes, 0)
    }

    /// Takes away what one program may leave for the next in it: bytes, permissions, times.
    pub(crate) fn renew(&self) -> io::Result<()> {
        self.fill(b"")?;
        // Only where trialbox is its own programs' user can they have changed anything.
        fchmod(&self.0, Mode::from_bits_truncate(0o777))?;
        Ok(futimens(&self.0, &TimeSpec::UTIME_NOW, &TimeSpec::UTIME_NOW)?)
    }

    /// How much was written.
    pub(crate) fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    /// What was written, up to `most` bytes.
    pub(crate) fn read(&self, most: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.length()?.min(most)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.0.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    /// The file itself.
    pub(crate) fn descriptor(&self) -> i32 {
        self.0.as_raw_fd()
    }

    /// The same file opened anew: flags and offset are then the program's own.
    pub(crate) fn opened_again(&self, options: &OpenOptions) -> io::Result<OwnedFd> {
        Ok(options.open(format!("/proc/self/fd/{}", self.descriptor()))?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cleared_area_holds_nothing_wherever_something_was_written() {
        let mut area = Area::new(c"test", 1 << 24, 1 << 20).expect("an area");
        for offsets in [&[0_usize, 5_000][..], &[KEPT_BYTES - 1], &[KEPT_BYTES], &[1 << 19, (1 << 20) - 1], &[]] {
            for offset in offsets {
                area.write(*offset, b"x").expect("within the area");
            }
            area.clear().expect("cleared");
            assert!(area.copy(0, 1 << 20).iter().all(|byte| *byte == 0), "{offsets:?}");
        }
    }
}
