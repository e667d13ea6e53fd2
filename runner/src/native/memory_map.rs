//! What of a warm parent's memory is worth large pages: read from outside, since there is no /proc within.
//! Not here: moving it there (`zygote/pages.c`).
//! In: `/proc/PID/maps`. Out: [`Region`]s; none where that file may not be read.

use std::{fs, ops::Range};

use nix::unistd::Pid;

/// A large page.
const LARGE: u64 = 2 << 20;
/// The most regions that a warm parent takes.
const MOST: usize = 256;
const EXECUTE: u32 = libc::PROT_EXEC.cast_unsigned();
const READ_ONLY: u32 = libc::PROT_READ.cast_unsigned();
const WRITABLE: u32 = READ_ONLY | libc::PROT_WRITE.cast_unsigned();

/// What to do with a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Treatment {
    /// Move what lies there to large pages.
    Gather = 1,
    /// Give neighbours one protection, so that they become one mapping.
    Join = 2,
}

/// A piece of memory, the protection that it has in the end, and how it gets there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Region {
    range: Range<u64>,
    protection: u32,
    treatment: Treatment,
}

impl Region {
    /// As pages.h has it.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let longs = [self.range.start, self.range.end].into_iter().flat_map(u64::to_ne_bytes);
        longs.chain([self.protection, self.treatment as u32].into_iter().flat_map(u32::to_ne_bytes)).collect()
    }
}

/// The regions of a process.
pub(crate) fn of(pid: Pid) -> Vec<Region> {
    regions(&fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default())
}

/// One line of the file.
struct Mapping<'a> {
    range: Range<u64>,
    protection: u32,
    offset: u64,
    name: &'a str,
}

impl<'a> Mapping<'a> {
    /// `None` for what is shared, cannot be read, or is the kernel's own; and for the stack and the C part of the warm
    /// parent, which are in use while the rest is moved.
    fn read(line: &'a str) -> Option<Self> {
        let mut fields = line.split_ascii_whitespace();
        let (range, flags, offset) = (fields.next()?, fields.next()?, fields.next()?);
        let name = fields.nth(2).unwrap_or_default();
        let (start, end) = range.split_once('-')?;
        let number = |text| u64::from_str_radix(text, 16).ok();
        if name.starts_with('[') && name != "[heap]" || name.ends_with("/zygote.so") {
            return None;
        }
        let protection = match flags {
            "rw-p" => WRITABLE,
            "r--p" => READ_ONLY,
            "r-xp" => READ_ONLY | EXECUTE,
            _ => return None,
        };
        Some(Self { range: number(start)?..number(end)?, protection, offset: number(offset)?, name })
    }

    fn is_followed_by(&self, next: &Self) -> bool {
        self.range.end == next.range.start
    }

    /// Whether both are pieces of the same object, one behind the other there as well, that nobody writes to.
    fn can_be_joined_to(&self, next: &Self) -> bool {
        let is_object = self.name.starts_with('/') && self.name == next.name;
        is_object
            && self.is_followed_by(next)
            && self.offset + (self.range.end - self.range.start) == next.offset
            && [self, next].iter().all(|mapping| mapping.protection & WRITABLE == READ_ONLY)
    }
}

/// What is written lies in the way of every fork, wherever it is. Of code, only the interpreter's is large enough and runs
/// in every child; that constants beside code may be executed with it gives no program anything, since each may map and
/// execute what it likes.
fn regions(maps: &str) -> Vec<Region> {
    let mappings: Vec<Mapping<'_>> = maps.lines().filter_map(Mapping::read).collect();
    let mut regions = Vec::new();
    let writable = mappings
        .chunk_by(|one, next| one.protection == WRITABLE && next.protection == WRITABLE && one.is_followed_by(next));
    for mappings in writable.filter(|mappings| mappings[0].protection == WRITABLE) {
        let range = mappings[0].range.start..mappings[mappings.len() - 1].range.end;
        regions.push(Region { range, protection: WRITABLE, treatment: Treatment::Gather });
    }
    for mappings in mappings.chunk_by(Mapping::can_be_joined_to) {
        let (first, last) = (&mappings[0], &mappings[mappings.len() - 1]);
        if !mappings.iter().any(|mapping| mapping.protection & EXECUTE != 0) {
            continue;
        }
        let protection = READ_ONLY | EXECUTE;
        let whole = first.range.start.next_multiple_of(LARGE)..last.range.end / LARGE * LARGE;
        if is_interpreter(first.name) && !whole.is_empty() {
            regions.push(Region { range: whole, protection, treatment: Treatment::Gather });
        } else if mappings.len() > 1 {
            let range = first.range.start..last.range.end;
            regions.push(Region { range, protection, treatment: Treatment::Join });
        }
    }
    regions.truncate(MOST);
    regions
}

fn is_interpreter(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.starts_with("python") || name.starts_with("libpython")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPS: &str = "\
        00400000-0041f000 r--p 00000000 fe:00 1  /usr/bin/python3.11\n\
        0041f000-006d2000 r-xp 0001f000 fe:00 1  /usr/bin/python3.11\n\
        006d2000-00945000 r--p 002d2000 fe:00 1  /usr/bin/python3.11\n\
        00945000-00946000 r--p 00545000 fe:00 1  /usr/bin/python3.11\n\
        00946000-00a85000 rw-p 00546000 fe:00 1  /usr/bin/python3.11\n\
        00a85000-00aca000 rw-p 00000000 00:00 0 \n\
        00aca000-01000000 rw-p 00000000 00:00 0  [heap]\n\
        7f0000000000-7f0000001000 r--p 00000000 fe:00 2  /usr/lib/libm.so.6\n\
        7f0000001000-7f0000003000 r-xp 00001000 fe:00 2  /usr/lib/libm.so.6\n\
        7f0000003000-7f0000004000 r--p 00002000 fe:00 2  /usr/lib/libm.so.6\n\
        7f0000004000-7f0000005000 rw-p 00003000 fe:00 2  /usr/lib/libm.so.6\n\
        7f0000005000-7f0000009000 r--s 00000000 fe:00 3  /usr/lib/gconv-modules.cache\n\
        7f0000009000-7f000000a000 rw-p 00000000 fe:00 4  /run/trialbox/zygote.so\n\
        7ffffffc1000-7ffffffff000 rw-p 00000000 00:00 0  [stack]\n";

    fn region(range: Range<u64>, protection: u32, treatment: Treatment) -> Region {
        Region { range, protection, treatment }
    }

    #[test]
    fn neighbours_that_are_written_are_gathered_and_pieces_of_an_object_joined() {
        let expected = [
            region(0x0094_6000..0x0100_0000, WRITABLE, Treatment::Gather),
            region(0x7f00_0000_4000..0x7f00_0000_5000, WRITABLE, Treatment::Gather),
            region(0x0040_0000..0x0080_0000, READ_ONLY | EXECUTE, Treatment::Gather),
            // What the linker made read-only afterwards does not follow in the file, and stays apart.
            region(0x7f00_0000_0000..0x7f00_0000_3000, READ_ONLY | EXECUTE, Treatment::Join),
        ];
        assert_eq!(regions(MAPS), expected);
    }

    #[test]
    fn a_file_of_another_form_gives_no_region() {
        for maps in ["", "nonsense", "1-2 rw-p", "x-y rw-p 0 0 0", "1000-2000 ---p 0 0 0"] {
            assert_eq!(regions(maps), []);
        }
    }

    #[test]
    fn a_region_is_laid_out_as_the_warm_parent_reads_it() {
        let bytes = region(1..2, 3, Treatment::Join).to_bytes();
        assert_eq!(bytes, [1_u64.to_ne_bytes(), 2_u64.to_ne_bytes(), (3_u64 | 2 << 32).to_ne_bytes()].concat());
    }
}
