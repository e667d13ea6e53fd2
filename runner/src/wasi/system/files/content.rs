//! What a file holds: blocks, and holes that take no room.
//! Not here: names and folders (`files`).
//! In: bytes at offsets. Out: bytes, or an error where there is no room; every block is paid for before it is made.

use std::collections::BTreeMap;

use super::super::errno::{Answer, Errno};

/// The unit in which room is counted.
pub(super) const BLOCK_BYTES: usize = 4096;
const BLOCK: u64 = BLOCK_BYTES as u64;

/// What may still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Bytes, the host's own bookkeeping included.
    pub(super) bytes: u64,
    /// Files and folders.
    pub(super) nodes: u32,
    /// The most that one file may hold; not used up.
    pub(super) file_bytes: u64,
}

impl Room {
    /// Takes some bytes.
    pub(super) fn take(&mut self, bytes: u64) -> Answer<()> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(Errno::Nospc)?;
        Ok(())
    }
}

/// A file's content.
#[derive(Debug, Default)]
pub(super) struct Content {
    size: u64,
    /// By number; what is not there is zero.
    blocks: BTreeMap<u64, Box<[u8; BLOCK_BYTES]>>,
}

impl Content {
    /// How long it is.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// What it takes of the room.
    pub(super) fn taken_bytes(&self) -> u64 {
        self.blocks.len() as u64 * BLOCK
    }

    /// Copies what stands at the offset; gives how much there was.
    pub(super) fn read(&self, offset: u64, bytes: &mut [u8]) -> usize {
        let left = self.size.saturating_sub(offset);
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        for (number, within, part) in parts(offset, length) {
            let target = &mut bytes[part];
            match self.blocks.get(&number) {
                Some(block) => target.copy_from_slice(&block[within..within + target.len()]),
                None => target.fill(0),
            }
        }
        length
    }

    /// Puts bytes at the offset: as many as fit, an error where that is none.
    pub(super) fn write(&mut self, offset: u64, bytes: &[u8], room: &mut Room) -> Answer<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let most = room.file_bytes.saturating_sub(offset);
        if most == 0 {
            return Err(Errno::Fbig);
        }
        let length = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
        let mut written = 0;
        for (number, within, part) in parts(offset, length) {
            let source = &bytes[part.clone()];
            let block = match self.block(number, room) {
                Ok(block) => block,
                Err(error) if written == 0 => return Err(error),
                Err(_) => break,
            };
            block[within..within + source.len()].copy_from_slice(source);
            written = part.end;
        }
        self.size = self.size.max(offset + written as u64);
        Ok(written)
    }

    /// Makes it as long: what is cut off is gone, what is added is zero and takes no room.
    pub(super) fn resize(&mut self, size: u64, room: &mut Room) -> Answer<()> {
        if size > room.file_bytes {
            return Err(Errno::Fbig);
        }
        if size < self.size {
            let before = self.taken_bytes();
            self.blocks.split_off(&size.div_ceil(BLOCK));
            room.bytes += before - self.taken_bytes();
            if let Some(last) = self.blocks.get_mut(&(size / BLOCK)) {
                last[within_block(size)..].fill(0);
            }
        }
        self.size = size;
        Ok(())
    }

    /// Makes it at least as long as the end of this part, and takes the room for the part; all of it or nothing.
    pub(super) fn allocate(&mut self, offset: u64, length: u64, room: &mut Room) -> Answer<()> {
        let end = offset.checked_add(length).filter(|end| *end <= room.file_bytes).ok_or(Errno::Fbig)?;
        if length == 0 {
            return Err(Errno::Inval);
        }
        let numbers = offset / BLOCK..end.div_ceil(BLOCK);
        let there = self.blocks.range(numbers.clone()).count() as u64;
        let missing = (numbers.end - numbers.start - there).saturating_mul(BLOCK);
        if missing > room.bytes {
            return Err(Errno::Nospc);
        }
        for number in numbers {
            self.block(number, room)?;
        }
        self.size = self.size.max(end);
        Ok(())
    }

    fn block(&mut self, number: u64, room: &mut Room) -> Answer<&mut [u8; BLOCK_BYTES]> {
        use std::collections::btree_map::Entry;
        match self.blocks.entry(number) {
            Entry::Occupied(there) => Ok(there.into_mut()),
            Entry::Vacant(free) => {
                room.take(BLOCK)?;
                Ok(free.insert(Box::new([0; BLOCK_BYTES])))
            }
        }
    }
}

fn within_block(offset: u64) -> usize {
    usize::try_from(offset % BLOCK).expect("less than a block")
}

/// The parts of `length` bytes from an offset: the block, where in it, and which of the bytes.
fn parts(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, std::ops::Range<usize>)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == length {
            return None;
        }
        let at = offset + done as u64;
        let within = within_block(at);
        let part = done..length.min(done + BLOCK_BYTES - within);
        done = part.end;
        Some((at / BLOCK, within, part))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE_BYTES: u64 = 40_000;

    fn room(blocks: u64) -> Room {
        Room { bytes: blocks * BLOCK, nodes: 0, file_bytes: FILE_BYTES }
    }

    #[test]
    fn a_hole_takes_no_room_and_reads_as_zero() {
        let mut room = room(1);
        let mut content = Content::default();
        assert_eq!(content.write(30_000, b"x", &mut room), Ok(1));
        assert_eq!((content.size(), content.taken_bytes()), (30_001, BLOCK));
        let mut bytes = [1; 3];
        assert_eq!(content.read(29_999, &mut bytes), 2);
        assert_eq!(bytes, [0, b'x', 1]);
        assert_eq!(content.write(0, b"y", &mut room), Err(Errno::Nospc));
    }

    #[test]
    fn what_does_not_fit_is_written_up_to_where_it_fits() {
        let mut room = room(2);
        let mut content = Content::default();
        assert_eq!(content.write(100, &[1; 10_000], &mut room), Ok(2 * BLOCK_BYTES - 100));
        assert_eq!(content.write(2 * BLOCK, b"x", &mut room), Err(Errno::Nospc));
        assert_eq!(content.write(FILE_BYTES - 1, b"xy", &mut room), Err(Errno::Nospc));
        assert_eq!(content.write(FILE_BYTES, b"x", &mut room), Err(Errno::Fbig));
        assert_eq!(content.write(u64::MAX, b"x", &mut room), Err(Errno::Fbig));
        assert_eq!(content.resize(FILE_BYTES + 1, &mut room), Err(Errno::Fbig));
        assert_eq!(content.allocate(u64::MAX, 2, &mut room), Err(Errno::Fbig));
        assert_eq!(content.allocate(0, FILE_BYTES, &mut room), Err(Errno::Nospc));
        assert_eq!(content.size(), 2 * BLOCK);
    }

    #[derive(Clone, Debug)]
    enum Act {
        Write(u64, Vec<u8>),
        Resize(u64),
        Allocate(u64, u64),
        Read(u64, usize),
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let offset = || 0..FILE_BYTES + 10;
        let act = prop_oneof![
            (offset(), prop::collection::vec(1u8.., 0..9000)).prop_map(|(at, bytes)| Act::Write(at, bytes)),
            offset().prop_map(Act::Resize),
            (offset(), 1..20_000u64).prop_map(|(at, length)| Act::Allocate(at, length)),
            (offset(), 0..20_000usize).prop_map(|(at, length)| Act::Read(at, length)),
        ];
        prop::collection::vec(act, 1..30)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_file_is_what_a_vector_would_be_and_what_it_takes_is_counted(acts in acts(), blocks in 0u64..12) {
            let mut room = room(blocks);
            let mut content = Content::default();
            let mut model: Vec<u8> = Vec::new();
            for act in acts {
                match act {
                    Act::Write(at, bytes) => if let Ok(written) = content.write(at, &bytes, &mut room) {
                        let at = usize::try_from(at).expect("small");
                        if written > 0 && model.len() < at + written {
                            model.resize(at + written, 0);
                        }
                        if written > 0 {
                            model[at..at + written].copy_from_slice(&bytes[..written]);
                        }
                    },
                    Act::Resize(size) => if content.resize(size, &mut room).is_ok() {
                        model.resize(usize::try_from(size).expect("small"), 0);
                    },
                    Act::Allocate(at, length) => if content.allocate(at, length, &mut room).is_ok() {
                        let end = usize::try_from(at + length).expect("small");
                        model.resize(model.len().max(end), 0);
                    },
                    Act::Read(at, length) => {
                        let mut bytes = vec![0xEE; length];
                        let read = content.read(at, &mut bytes);
                        let at = usize::try_from(at).expect("small").min(model.len());
                        prop_assert_eq!(&bytes[..read], &model[at..model.len().min(at + length)]);
                    }
                }
                prop_assert_eq!(content.size(), model.len() as u64);
                prop_assert_eq!(room.bytes + content.taken_bytes(), blocks * BLOCK);
            }
            let mut whole = vec![0; model.len()];
            content.read(0, &mut whole);
            prop_assert_eq!(whole, model);
        }
    }
}
