//! Opens the host for a verb: interpreter, profile, workers, cache folder.
//! Not here: what is done with it.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use anyhow::Context;
use trialbox_datasets::{Language, source};
use trialbox_runner::{Host, HostError, Interpreter};
use trialbox_verifier::Semantics;

use crate::{
    args::{HostArguments, RunArguments},
    exit::{HostFault, UsageFault},
};

/// Starts the host with the shipped Python profile.
pub(crate) fn open(arguments: &HostArguments) -> anyhow::Result<Arc<Host>> {
    let interpreter = Interpreter::probe(&arguments.python).map_err(HostError::from)?;
    let host = Host::start(interpreter, trialbox_sandbox_profiles::python(), arguments.allow_degraded);
    let host = host.map_err(|error| match error {
        HostError::CannotEnforce(_) => anyhow::Error::new(error)
            .context("refusing to run; `trialbox doctor` says what is missing, --allow-degraded runs all the same"),
        other => other.into(),
    })?;
    if host.enforcement().is_degraded() {
        for (name, layer) in host.enforcement().layers() {
            if let Some(missing) = layer.missing() {
                eprintln!("trialbox: degraded: {name}: {missing}");
            }
        }
    }
    Ok(Arc::new(host.with_compiler(&arguments.cxx)))
}

/// Refuses to go on where a language is asked for that cannot be judged here, or not by these semantics.
pub(crate) fn require(host: &Host, language: Language, semantics: Semantics) -> anyhow::Result<()> {
    if language == Language::Python {
        return Ok(());
    }
    if semantics == Semantics::Official {
        return Err(UsageFault("C++ is judged under --semantics real: no benchmark's own grader runs it".into()).into());
    }
    host.toolchain().map(drop).map_err(|error| HostFault(format!("C++ cannot be judged here: {error}")).into())
}

/// How many programs run at once.
pub(crate) fn workers(arguments: &RunArguments) -> NonZeroUsize {
    arguments.workers.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

/// Where expected values are kept; `None` for nowhere.
pub(crate) fn cache(arguments: &RunArguments) -> Option<PathBuf> {
    match arguments.cache.as_deref() {
        Some(off) if off == Path::new("off") => None,
        Some(folder) => Some(folder.to_owned()),
        None => source::cache_folder().and_then(|datasets| datasets.parent().map(Path::to_owned)),
    }
}

/// Set by Ctrl-C: what was begun is finished and cleaned up, nothing new is begun. A second Ctrl-C ends at once.
pub(crate) fn interruption() -> anyhow::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    let handler = move || {
        if flag.swap(true, Ordering::SeqCst) {
            #[expect(clippy::exit, reason = "the user asked twice")]
            std::process::exit(130);
        }
    };
    ctrlc::set_handler(handler).context("failed to handle Ctrl-C")?;
    Ok(interrupted)
}
