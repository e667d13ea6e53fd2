//! What this process does with memory that it has freed.
//! Not here: the memory of programs (`native`).

#![expect(unsafe_code, reason = "the allocator is set by a call of libc")]

/// The size from which on a block is a mapping of its own, and freed memory at the end of an arena is given back. Smaller
/// than an answer worth mentioning, larger than what an instance of the WASI guest takes each time.
const THRESHOLD_BYTES: libc::c_int = 512 << 10;

/// Has glibc give freed memory back to the system at once, for the whole process. Left alone it raises its thresholds
/// with every large block, and so keeps for each worker what the worker's largest answer took: 150 MiB instead of 12 for
/// 16 workers after 20,000 programs. Does nothing with another libc.
pub fn give_back_freed_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt(3) takes two integers and may be called at any time.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, THRESHOLD_BYTES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, THRESHOLD_BYTES);
    }
}
