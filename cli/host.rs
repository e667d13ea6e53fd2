//! Opens the host for a verb: interpreter, profile, workers, cache folder.
//! Not here: what is done with it.

use std::{
    env, fs,
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
use trialbox_runner::{Host, HostError, Interpreter, available_memory_bytes};
use trialbox_verifier::{Known, Room, Semantics, Settings, Store};

use crate::{
    args::{BackendName, HostArguments, RunArguments, Switch},
    exit::{HostFault, UsageFault},
};

/// Starts the host with the shipped Python profile, and says which sandbox it has where that was left to us.
pub(crate) fn open(arguments: &RunArguments) -> anyhow::Result<Arc<Host>> {
    let host = match backend(&arguments.host)? {
        BackendName::Native => native(&arguments.host)?,
        BackendName::Wasi => wasi(guest_cache(arguments).as_deref())?,
        BackendName::Auto => match native_host(&arguments.host, false) {
            Ok(host) => host,
            Err(why) => {
                eprintln!("trialbox: programs run in the wasi guest, as there is no native sandbox here: {why}");
                let host = wasi(guest_cache(arguments).as_deref())?;
                // What the guest lacks may still run natively, where its user accepts what is missing there.
                let degraded = arguments.host.allow_degraded.then(|| native(&arguments.host)).transpose()?;
                degraded.map_or(host.clone(), |native| host.with_native_of(&native))
            }
        },
    };
    Ok(Arc::new(host))
}

/// The backend asked for. Instructions are counted in the wasi guest alone; whoever names an interpreter wants that one.
pub(crate) fn backend(arguments: &HostArguments) -> anyhow::Result<BackendName> {
    match (arguments.backend, arguments.deterministic) {
        (BackendName::Native, true) => {
            Err(UsageFault("--deterministic counts instructions, which --backend native cannot".into()).into())
        }
        (_, true) => Ok(BackendName::Wasi),
        (BackendName::Auto, false) if arguments.python.is_some() => Ok(BackendName::Native),
        (backend, false) => Ok(backend),
    }
}

/// Gets the wasi guest ready.
pub(crate) fn wasi(cache: Option<&Path>) -> anyhow::Result<Host> {
    let folder = cache.map(|cache| cache.join("wasi"));
    let mut say = |what: &str| eprintln!("trialbox: {what}");
    Host::wasi(&trialbox_sandbox_profiles::python(), folder.as_deref(), &mut say)
        .map_err(|error| HostFault(error.to_string()).into())
}

/// Looks at the native sandbox.
pub(crate) fn native_host(arguments: &HostArguments, allow_degraded: bool) -> Result<Host, HostError> {
    let python = arguments.python.as_deref().unwrap_or(Path::new("python3"));
    let interpreter = Interpreter::probe(python)?;
    Host::native(interpreter, trialbox_sandbox_profiles::python(), allow_degraded, &arguments.cxx)
}

fn native(arguments: &HostArguments) -> anyhow::Result<Host> {
    let host = native_host(arguments, arguments.allow_degraded);
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
    Ok(host)
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

/// How candidates are judged on this host.
pub(crate) fn settings(arguments: &RunArguments, host: &Host, semantics: Semantics) -> Settings {
    let minor = host.python_version().split('.').nth(1).and_then(|minor| minor.parse().ok());
    Settings {
        semantics,
        cache: cache(arguments),
        interpreter: host.identity(),
        python_minor: minor.unwrap_or_default(),
        room: Room::of_memory(available_memory_bytes()),
    }
}

/// What is known of verdicts before any is given: those in the cache, if there is one that can be had.
pub(crate) fn known<T>(arguments: &RunArguments, host: &Host) -> Known<T> {
    if arguments.dedupe == Switch::Off {
        return Known::nothing();
    }
    let store = cache(arguments).and_then(|folder| match Store::open(&folder, arguments.cache_size.bytes()) {
        Ok(store) => {
            if store.is_read_only() {
                eprintln!("trialbox: {} can only be read: no verdicts are added", store.path().display());
            }
            Some(store)
        }
        Err(error) => {
            eprintln!("trialbox: going on without the verdict cache: {error}");
            None
        }
    });
    Known::new(store, &judge(host))
}

/// All that decides about a program but for the program and its tests: this build, and this host.
pub(crate) fn judge(host: &Host) -> String {
    let metadata = env::current_exe().and_then(fs::metadata);
    let build = metadata.map(|it| format!("{} bytes of {:?}", it.len(), it.modified().ok())).unwrap_or_default();
    format!("trialbox {}, {build}; {}", env!("CARGO_PKG_VERSION"), host.judge())
}

/// Where expected values are kept; `None` for nowhere.
pub(crate) fn cache(arguments: &RunArguments) -> Option<PathBuf> {
    match arguments.cache.as_deref() {
        Some(off) if off == Path::new("off") => None,
        Some(folder) => Some(folder.to_owned()),
        None => user_cache(),
    }
}

/// Where the compiled guest is kept.
fn guest_cache(arguments: &RunArguments) -> Option<PathBuf> {
    cache(arguments).or_else(user_cache)
}

/// The user's cache folder.
pub(crate) fn user_cache() -> Option<PathBuf> {
    source::cache_folder().and_then(|datasets| datasets.parent().map(Path::to_owned))
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
