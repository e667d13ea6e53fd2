//! How often what runs programs has failed and was replaced.
//! Not here: replacing it (`native`, `wasi`).

use std::sync::atomic::{AtomicU64, Ordering};

static REPLACED: AtomicU64 = AtomicU64::new(0);

/// Sandboxes of this process that failed, and in whose place another one ran the program once more.
pub fn sandboxes_replaced() -> u64 {
    REPLACED.load(Ordering::Relaxed)
}

/// Counts one, and says why.
pub(crate) fn replace(what: &'static str, error: &crate::RunError) {
    REPLACED.fetch_add(1, Ordering::Relaxed);
    tracing::warn!(%error, "{what} failed and is replaced");
}
