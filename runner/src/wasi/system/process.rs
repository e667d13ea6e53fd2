//! Calls on the guest itself: arguments, environment, clocks, randomness, its end. And sockets, of which there are none.
//! Not here: what time it is (`clock`), sleeping (`poll`).

use super::{Call, Ended, Memory, System, errno::Errno};

/// `argv[0]`, the one argument.
const PROGRAM: &[u8] = b"solution.py\0";

/// How much randomness one call gives: libc never asks for more than 256 bytes.
const MOST_RANDOM_BYTES: u32 = 1 << 20;
/// What a byte of it costs.
const RANDOM_BYTE_FUEL: u64 = 20;

impl System {
    pub(super) fn args_sizes_get(&mut self, memory: &mut Memory<'_>, count: u32, bytes: u32) -> Call {
        memory.check(bytes, 4)?;
        memory.put_u32(count, 1)?;
        Ok(memory.put_u32(bytes, u32::try_from(PROGRAM.len()).map_err(|_| Errno::Overflow)?)?)
    }

    pub(super) fn args_get(&mut self, memory: &mut Memory<'_>, list: u32, bytes: u32) -> Call {
        memory.check(list, 4)?;
        memory.put(bytes, PROGRAM)?;
        Ok(memory.put_u32(list, bytes)?)
    }

    pub(super) fn environ_sizes_get(&mut self, memory: &mut Memory<'_>, count: u32, bytes: u32) -> Call {
        memory.check(bytes, 4)?;
        memory.put_u32(count, 0)?;
        Ok(memory.put_u32(bytes, 0)?)
    }

    pub(super) fn clock_res_get(&mut self, memory: &mut Memory<'_>, clock: u32, result: u32) -> Call {
        self.clock.peek(clock)?;
        Ok(memory.put_u64(result, 1)?)
    }

    pub(super) fn clock_time_get(&mut self, memory: &mut Memory<'_>, clock: u32, result: u32) -> Call {
        memory.check(result, 8)?;
        let now = self.clock.read(clock)?;
        Ok(memory.put_u64(result, now)?)
    }

    pub(super) fn random_get(&mut self, memory: &mut Memory<'_>, address: u32, length: u32) -> Call {
        if length > MOST_RANDOM_BYTES {
            return Err(Errno::Inval.into());
        }
        let target = memory.bytes_mut(address, length)?;
        self.charge(u64::from(length) * RANDOM_BYTE_FUEL)?;
        self.random.fill(target);
        Ok(())
    }

    /// Ends the guest.
    pub(super) fn proc_exit(&mut self, status: u32) -> Call {
        Err(Ended::Exited { status: status.cast_signed() }.into())
    }

    /// Answers what is about a socket: no descriptor is one.
    pub(super) fn refuse_socket(&mut self, fd: u32) -> Call {
        self.descriptors.get(fd)?;
        Err(Errno::Notsock.into())
    }
}
