//! The guest's memory: every address, length and count that comes out of it or is given with a call is checked here.
//! Not here: what is read and written (the calls).
//! In: numbers that the guest chose. Out: parts of its memory, or [`Errno::Fault`]; nothing panics, nothing is allocated
//! but a list of at most [`MOST_BUFFERS`] ranges.

use std::ops::Range;

use super::errno::{Answer, Errno};

/// How many buffers one call may name, as on Linux.
pub(super) const MOST_BUFFERS: u32 = 1024;

/// A guest's memory during one call.
#[derive(Debug)]
pub(crate) struct Memory<'a>(pub(crate) &'a mut [u8]);

/// Buffers that one call reads or fills: inside the memory, perhaps overlapping, copied before any of them is written
/// (which could change the list itself).
#[derive(Debug)]
pub(super) struct Buffers {
    ranges: Vec<Range<usize>>,
    /// Their lengths together, at most `u32::MAX`.
    pub(super) total_bytes: u32,
}

impl Memory<'_> {
    /// The indices of a part.
    fn range(&self, address: u32, length: u32) -> Answer<Range<usize>> {
        let end = u64::from(address) + u64::from(length);
        if end > self.0.len() as u64 {
            return Err(Errno::Fault);
        }
        // Both fit, since they are not beyond a length.
        Ok(address as usize..address as usize + length as usize)
    }

    /// Says whether a part is inside.
    pub(super) fn check(&self, address: u32, length: u32) -> Answer<()> {
        self.range(address, length).map(|_| ())
    }

    /// A part, to read.
    pub(super) fn bytes(&self, address: u32, length: u32) -> Answer<&[u8]> {
        Ok(&self.0[self.range(address, length)?])
    }

    /// A part, to write.
    pub(super) fn bytes_mut(&mut self, address: u32, length: u32) -> Answer<&mut [u8]> {
        let range = self.range(address, length)?;
        Ok(&mut self.0[range])
    }

    /// Puts bytes there.
    pub(super) fn put(&mut self, address: u32, bytes: &[u8]) -> Answer<()> {
        let length = u32::try_from(bytes.len()).map_err(|_| Errno::Fault)?;
        self.bytes_mut(address, length)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Puts a number there.
    pub(super) fn put_u32(&mut self, address: u32, value: u32) -> Answer<()> {
        self.put(address, &value.to_le_bytes())
    }

    /// Puts a number there.
    pub(super) fn put_u64(&mut self, address: u32, value: u64) -> Answer<()> {
        self.put(address, &value.to_le_bytes())
    }

    /// The buffers that a list of addresses and lengths names.
    pub(super) fn buffers(&self, list: u32, count: u32) -> Answer<Buffers> {
        if count > MOST_BUFFERS {
            return Err(Errno::Inval);
        }
        let list = self.bytes(list, count * 8)?;
        let mut ranges = Vec::with_capacity(count as usize);
        let mut total_bytes: u32 = 0;
        for entry in list.as_chunks::<8>().0 {
            let [address, length] =
                [0, 4].map(|at| u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]));
            total_bytes = total_bytes.checked_add(length).ok_or(Errno::Inval)?;
            ranges.push(self.range(address, length)?);
        }
        Ok(Buffers { ranges, total_bytes })
    }

    /// What stands in the buffers, one after the other.
    pub(super) fn gather<'b>(&'b self, buffers: &'b Buffers) -> impl Iterator<Item = &'b [u8]> {
        // Memory does not shrink, and nothing grows it during a call.
        buffers.ranges.iter().map(|range| &self.0[range.clone()])
    }

    /// Fills the buffers one after the other, until `fill` does not fill one. Gives the number of bytes filled.
    pub(super) fn scatter(&mut self, buffers: &Buffers, mut fill: impl FnMut(&mut [u8]) -> usize) -> u32 {
        let mut filled: u32 = 0;
        for range in &buffers.ranges {
            let part = &mut self.0[range.clone()];
            let length = part.len();
            let now = fill(part).min(length);
            // Not more than `total_bytes` in all.
            filled = filled.saturating_add(u32::try_from(now).unwrap_or(u32::MAX));
            if now < length {
                break;
            }
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_byte_is_inside_and_the_next_is_not() {
        let mut bytes = vec![0; 100];
        let mut memory = Memory(&mut bytes);
        assert_eq!(memory.put(99, &[7]), Ok(()));
        assert_eq!(memory.put(100, &[7]), Err(Errno::Fault));
        assert_eq!(memory.put_u64(93, 1), Err(Errno::Fault));
        assert_eq!(memory.bytes(100, 0).map(<[u8]>::len), Ok(0));
        assert_eq!(memory.bytes(101, 0), Err(Errno::Fault));
        assert_eq!(memory.bytes(u32::MAX, u32::MAX), Err(Errno::Fault));
        assert_eq!(memory.bytes(99, 1), Ok(&[7][..]));
    }

    #[test]
    fn a_list_of_buffers_may_not_be_longer_than_linux_takes_it() {
        let mut bytes = vec![0; 8 * 1025];
        let memory = Memory(&mut bytes);
        assert_eq!(memory.buffers(0, 1024).expect("a list").total_bytes, 0);
        assert_eq!(memory.buffers(0, 1025).err(), Some(Errno::Inval));
        assert_eq!(memory.buffers(0, u32::MAX).err(), Some(Errno::Inval));
    }

    #[test]
    fn buffers_whose_lengths_overflow_together_are_refused() {
        let mut bytes = vec![0xFF; 64];
        let memory = Memory(&mut bytes);
        assert_eq!(memory.buffers(0, 2).err(), Some(Errno::Fault));
        let mut bytes = vec![0; 1 << 20];
        for entry in bytes[..8192].as_chunks_mut::<8>().0 {
            entry[4..].copy_from_slice(&(1u32 << 20).to_le_bytes());
        }
        assert_eq!(Memory(&mut bytes).buffers(0, 1024).expect("2^30 bytes").total_bytes, 1 << 30);
    }

    #[test]
    fn a_buffer_that_lies_over_its_own_list_does_not_change_the_list() {
        let mut bytes = vec![0; 32];
        bytes[..16].copy_from_slice(&[0, 0, 0, 0, 16, 0, 0, 0, 16, 0, 0, 0, 4, 0, 0, 0]);
        let mut memory = Memory(&mut bytes);
        let buffers = memory.buffers(0, 2).expect("a list");
        let filled = memory.scatter(&buffers, |part| {
            part.fill(0xFF);
            part.len()
        });
        assert_eq!(filled, 20);
        assert_eq!(bytes[..20], [0xFF; 20]);
        assert_eq!(bytes[20..], [0; 12]);
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_is_inside_or_refused(
            size in 0usize..300,
            address in prop_oneof![0u32..300, any::<u32>()],
            length in prop_oneof![0u32..300, any::<u32>()],
            fill in any::<u8>(),
        ) {
            let mut bytes = vec![fill; size];
            let mut memory = Memory(&mut bytes);
            let inside = u64::from(address) + u64::from(length) <= size as u64;
            prop_assert_eq!(memory.bytes(address, length).is_ok(), inside);
            prop_assert_eq!(memory.bytes_mut(address, length).is_ok(), inside);
            let _ = memory.buffers(address, length);
        }
    }
}
