//! Calls that move bytes: reading, writing, and where a descriptor stands.
//! Not here: what a file holds (`files`), names (`paths`).

use super::{
    Call, Ended, Memory, Stop, System,
    abi::{self, rights},
    descriptors::What,
    errno::{Answer, Errno},
    files::Inode,
    memory::Buffers,
};

/// What a write may cost above its bytes: a new block.
const BLOCK_BYTES: u64 = 4096;

impl System {
    pub(super) fn fd_read(&mut self, memory: &mut Memory<'_>, fd: u32, list: u32, count: u32, result: u32) -> Call {
        let descriptor = self.descriptors.get(fd)?;
        descriptor.may(rights::FD_READ).map_err(|error| match descriptor.what {
            What::Folder { .. } => Errno::Isdir,
            _ => error,
        })?;
        let what = descriptor.what.clone();
        let buffers = memory.buffers(list, count)?;
        memory.check(result, 4)?;
        let read = match what {
            What::Stdin => self.read_stdin(memory, &buffers)?,
            What::File { inode, offset } => {
                let read = self.read_file(memory, &buffers, inode, offset)?;
                self.move_to(fd, offset + u64::from(read))?;
                read
            }
            What::Null => 0,
            What::Stdout | What::Stderr | What::Folder { .. } => return Err(Errno::Badf.into()),
        };
        Ok(memory.put_u32(result, read)?)
    }

    pub(super) fn fd_pread(
        &mut self,
        memory: &mut Memory<'_>,
        fd: u32,
        list: u32,
        count: u32,
        offset: u64,
        result: u32,
    ) -> Call {
        let (inode, _) = self.descriptors.file(fd, rights::FD_READ)?;
        let buffers = memory.buffers(list, count)?;
        memory.check(result, 4)?;
        let read = self.read_file(memory, &buffers, inode, offset)?;
        Ok(memory.put_u32(result, read)?)
    }

    pub(super) fn fd_write(&mut self, memory: &mut Memory<'_>, fd: u32, list: u32, count: u32, result: u32) -> Call {
        let descriptor = self.descriptors.get(fd)?;
        descriptor.may(rights::FD_WRITE)?;
        let (what, flags) = (descriptor.what.clone(), descriptor.flags);
        let buffers = memory.buffers(list, count)?;
        memory.check(result, 4)?;
        let written = match what {
            What::Stdout => self.write_stdout(memory, &buffers)?,
            What::Stderr => self.write_stderr(memory, &buffers)?,
            What::Null => buffers.total_bytes,
            What::File { inode, offset } => {
                let offset = if flags & abi::FDFLAGS_APPEND != 0 { self.files.size(inode)? } else { offset };
                let written = self.write_file(memory, &buffers, inode, offset)?;
                self.move_to(fd, offset + u64::from(written))?;
                written
            }
            What::Stdin | What::Folder { .. } => return Err(Errno::Badf.into()),
        };
        Ok(memory.put_u32(result, written)?)
    }

    pub(super) fn fd_pwrite(
        &mut self,
        memory: &mut Memory<'_>,
        fd: u32,
        list: u32,
        count: u32,
        offset: u64,
        result: u32,
    ) -> Call {
        let (inode, _) = self.descriptors.file(fd, rights::FD_WRITE)?;
        let buffers = memory.buffers(list, count)?;
        memory.check(result, 4)?;
        let written = self.write_file(memory, &buffers, inode, offset)?;
        Ok(memory.put_u32(result, written)?)
    }

    pub(super) fn fd_seek(&mut self, memory: &mut Memory<'_>, fd: u32, offset: i64, whence: u32, result: u32) -> Call {
        let (inode, at) = self.descriptors.file(fd, 0)?;
        let from = match whence {
            abi::WHENCE_SET => 0,
            abi::WHENCE_CUR => at,
            abi::WHENCE_END => self.files.size(inode)?,
            _ => return Err(Errno::Inval.into()),
        };
        let target = from.checked_add_signed(offset).filter(|target| i64::try_from(*target).is_ok());
        let target = target.ok_or(Errno::Inval)?;
        memory.put_u64(result, target)?;
        Ok(self.move_to(fd, target)?)
    }

    pub(super) fn fd_tell(&mut self, memory: &mut Memory<'_>, fd: u32, result: u32) -> Call {
        let (_, offset) = self.descriptors.file(fd, 0)?;
        Ok(memory.put_u64(result, offset)?)
    }

    fn move_to(&mut self, fd: u32, to: u64) -> Answer<()> {
        if let What::File { offset, .. } = &mut self.descriptors.get_mut(fd)?.what {
            *offset = to;
        }
        Ok(())
    }

    fn read_stdin(&mut self, memory: &mut Memory<'_>, buffers: &Buffers) -> Call<u32> {
        let left = (self.stdin.len() - self.stdin_position) as u64;
        self.charge_bytes(left.min(u64::from(buffers.total_bytes)))?;
        let read = memory.scatter(buffers, |part| {
            let left = &self.stdin[self.stdin_position..];
            let length = left.len().min(part.len());
            part[..length].copy_from_slice(&left[..length]);
            self.stdin_position += length;
            length
        });
        Ok(read)
    }

    fn read_file(&mut self, memory: &mut Memory<'_>, buffers: &Buffers, inode: Inode, offset: u64) -> Call<u32> {
        let left = self.files.size(inode)?.saturating_sub(offset);
        self.charge_bytes(left.min(u64::from(buffers.total_bytes)))?;
        let mut at = offset;
        let read = memory.scatter(buffers, |part| {
            let length = self.files.read(inode, at, part).unwrap_or(0);
            at += length as u64;
            length
        });
        Ok(read)
    }

    fn write_file(&mut self, memory: &Memory<'_>, buffers: &Buffers, inode: Inode, offset: u64) -> Call<u32> {
        self.charge_bytes(u64::from(buffers.total_bytes) + BLOCK_BYTES)?;
        let now_ns = self.clock.now_ns();
        let mut written: u32 = 0;
        for part in memory.gather(buffers) {
            let at = offset.checked_add(u64::from(written)).ok_or(Errno::Fbig)?;
            match self.files.write(inode, at, part, now_ns) {
                Ok(length) => {
                    written += u32::try_from(length).map_err(|_| Errno::Overflow)?;
                    if length < part.len() {
                        break;
                    }
                }
                Err(error) if written == 0 => return Err(error.into()),
                Err(_) => break,
            }
        }
        Ok(written)
    }

    fn write_stdout(&mut self, memory: &Memory<'_>, buffers: &Buffers) -> Call<u32> {
        let total = u64::from(buffers.total_bytes);
        let written_bytes = self.stdout.len() as u64 + total;
        let fits = self.output_bytes.saturating_sub(self.stdout.len() as u64).min(total);
        self.charge_bytes(fits)?;
        let mut fits = usize::try_from(fits).map_err(|_| Errno::Overflow)?;
        self.make_room_for_output(fits)?;
        for part in memory.gather(buffers) {
            let part = &part[..part.len().min(fits)];
            self.stdout.extend_from_slice(part);
            fits -= part.len();
        }
        if written_bytes > self.output_bytes {
            return Err(Ended::Output { written_bytes }.into());
        }
        Ok(buffers.total_bytes)
    }

    /// What is kept is paid for. What is too much for that is lost, and no fault.
    fn write_stderr(&mut self, memory: &Memory<'_>, buffers: &Buffers) -> Call<u32> {
        let Some(kept) = &self.stderr else { return Ok(buffers.total_bytes) };
        let fits = self.output_bytes.saturating_sub(kept.len() as u64).min(u64::from(buffers.total_bytes));
        self.charge_bytes(fits)?;
        let mut fits = usize::try_from(fits).map_err(|_| Errno::Overflow)?;
        for part in memory.gather(buffers) {
            let part = &part[..part.len().min(fits)];
            self.stderr.get_or_insert_default().extend_from_slice(part);
            fits -= part.len();
        }
        Ok(buffers.total_bytes)
    }

    /// Grows as a vector does, but never beyond what may be written.
    fn make_room_for_output(&mut self, more: usize) -> Call {
        let needed = self.stdout.len() + more;
        if needed > self.stdout.capacity() {
            let most = usize::try_from(self.output_bytes).unwrap_or(usize::MAX);
            let target = needed.max(self.stdout.capacity().saturating_mul(2)).min(most);
            self.stdout
                .try_reserve_exact(target - self.stdout.len())
                .map_err(|_| Stop::Ended(Ended::Output { written_bytes: needed as u64 }))?;
        }
        Ok(())
    }
}
