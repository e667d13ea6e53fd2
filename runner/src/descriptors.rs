//! How many descriptors this process may have open.
//! Not here: how many a program may (its profile).

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Lets this process open as many descriptors as its user may have: shells allow 1,024 at first, which is one for each client.
/// Programs have a limit of their own.
pub fn allow_more_descriptors() {
    let raised =
        getrlimit(Resource::RLIMIT_NOFILE).and_then(|(_, most)| setrlimit(Resource::RLIMIT_NOFILE, most, most));
    if let Err(error) = raised {
        tracing::warn!(%error, "cannot have more descriptors");
    }
}
