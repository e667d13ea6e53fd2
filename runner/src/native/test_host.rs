//! The host that tests run programs on, looked at once for all of them.

use std::{
    env,
    io::{Write, stderr},
    path::Path,
    sync::{Arc, OnceLock},
};

use super::host::Host;
use crate::interpreter::Interpreter;

/// The host, where it is fit for what a test is about; else that is said aloud, and a failure where tests must not be skipped.
pub(crate) fn host_fit_for(what: &str, is_fit: impl Fn(&Host) -> Result<(), String>) -> Option<Arc<Host>> {
    static HOST: OnceLock<Result<Arc<Host>, String>> = OnceLock::new();
    let started = HOST.get_or_init(|| new_host().map(Arc::new)).clone();
    let found = started.and_then(|host| is_fit(&host).map(|()| host));
    found
        .inspect_err(|why| {
            assert!(env::var_os("TRIALBOX_TESTS_STRICT").is_none(), "cannot {what} here: {why}");
            // Not eprintln!, which the test harness would swallow.
            let _ = writeln!(stderr(), "skipped: cannot {what} here: {why}");
        })
        .ok()
}

/// A host of one's own.
pub(crate) fn new_host() -> Result<Host, String> {
    let interpreter = Interpreter::probe(Path::new("python3")).map_err(|error| error.to_string())?;
    Host::start(interpreter, trialbox_sandbox_profiles::python(), false).map_err(|error| error.to_string())
}
