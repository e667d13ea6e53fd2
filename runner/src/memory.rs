//! How much memory this host has left, and what this process does with memory that it has freed.
//! Not here: the memory of programs (`native`).

#![expect(unsafe_code, reason = "the allocator is set by a call of libc")]

use std::fs;
#[cfg(target_env = "gnu")]
use std::{num::NonZero, thread};

use crate::native;

/// Memory that programs may use on this host: what is available, in the groups of this process too. Unbounded where nobody
/// says.
pub fn available_memory_bytes() -> u64 {
    let available = fs::read_to_string("/proc/meminfo").ok().and_then(|text| of_meminfo(&text));
    let both = [available, native::free_bytes()];
    both.into_iter().flatten().min().unwrap_or(u64::MAX)
}

fn of_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// The size from which on a block is a mapping of its own, and freed memory at the end of an arena is given back. Larger than
/// most answers and than what an instance of the WASI guest takes each time, for fetching pages anew costs more than using them.
const THRESHOLD_BYTES: libc::c_int = 8 << 20;

/// Has glibc give freed memory back to the system beyond a few MiB for each core, for the whole process. Left alone it raises
/// its thresholds with every large block, up to 32 MiB and twice as much, and has an arena for each thread (eight times as many
/// as cores at most), none of which uses what is free in another. Does nothing with another libc.
pub fn give_back_freed_memory() {
    #[cfg(target_env = "gnu")]
    {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        // SAFETY: mallopt(3) takes two integers and may be called at any time.
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, libc::c_int::try_from(cores).unwrap_or(libc::c_int::MAX));
            libc::mallopt(libc::M_MMAP_THRESHOLD, THRESHOLD_BYTES);
            libc::mallopt(libc::M_TRIM_THRESHOLD, THRESHOLD_BYTES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_read_in_bytes() {
        assert_eq!(of_meminfo("MemTotal:  2 kB\nMemAvailable:   22812345 kB\n"), Some(22_812_345 * 1024));
        assert_eq!(of_meminfo("MemTotal:  2 kB\n"), None);
    }
}
