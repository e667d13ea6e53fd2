//! How much this machine has had nothing to do.
//! Not here: how fast it is when it has (`speed`), what follows from either (`verifier`).

use std::fs;

/// The unit of the file: the kernel tells all programs of hundredths of a second, however it counts itself.
const TICK_MS: u64 = 10;

/// CPU time in which the cores of this machine had nothing to do, all cores together, since it started (proc_stat(5)). `None`
/// where nobody says.
pub fn idle_cpu_ms() -> Option<u64> {
    of_stat(&fs::read_to_string("/proc/stat").ok()?)
}

fn of_stat(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let mut ticks = line.split_ascii_whitespace().map(|field| field.parse::<u64>().ok());
    // Behind user, nice and system: idle, and idle until a disk has answered.
    Some((ticks.nth(3)?? + ticks.next()??) * TICK_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_time_is_read_in_ms() {
        let text = "cpu  10 20 30 400 5 0 1 0 0 0\ncpu0 5 10 15 200 2 0 1 0 0 0\nintr 7\n";
        assert_eq!(of_stat(text), Some(4_050));
        assert_eq!(of_stat("cpu0 5 10 15 200 2\n"), None);
        assert_eq!(of_stat("cpu  10 20\n"), None);
    }
}
