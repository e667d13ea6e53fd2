//! Exit codes, and which error leads to which.
//! Not here: the errors themselves (the libraries).

use std::{io, process::ExitCode};

use trialbox_datasets::{DatasetError, FetchError, RowError};
use trialbox_runner::HostError;
use trialbox_sampler::{
    ServerError,
    local::{LoadError, SampleError},
};
use trialbox_sandbox_profiles::ProfileError;
use trialbox_verifier::ReferenceError;

use crate::catalogue::CatalogueError;

/// How the command ended. The numbers are a contract (`trialbox --help` prints them).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Something unexpected.
    Failure = 1,
    /// The arguments do not fit together. clap ends with the same code.
    Usage = 2,
    /// Known verdicts were not met.
    VerdictsNotMet = 3,
    /// This host cannot enforce the profile, or has no usable interpreter, or no usable compiler where one is needed.
    Host = 4,
    /// A dataset, samples, jobs, profile or model file is bad or missing.
    Data = 5,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// A fault in what the user gave: a file that cannot be read, samples that do not fit the dataset.
#[derive(Debug)]
pub(crate) struct DataFault(pub(crate) String);

impl std::fmt::Display for DataFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DataFault {}

/// What this host lacks, said of a host that several workers share.
#[derive(Debug)]
pub(crate) struct HostFault(pub(crate) String);

impl std::fmt::Display for HostFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HostFault {}

/// Arguments that do not fit together.
#[derive(Debug)]
pub(crate) struct UsageFault(pub(crate) String);

impl std::fmt::Display for UsageFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageFault {}

impl Exit {
    /// The code for an error.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        let is_data = |cause: &(dyn std::error::Error + 'static)| {
            cause.is::<RowError>()
                || cause.is::<DatasetError>()
                || cause.is::<FetchError>()
                || cause.is::<ProfileError>()
                || cause.is::<LoadError>()
                || cause.is::<SampleError>()
                || cause.is::<CatalogueError>()
                || is_of_the_problem(cause)
                || cause.is::<DataFault>()
        };
        let is_usage = |cause: &(dyn std::error::Error + 'static)| {
            cause.is::<UsageFault>()
                || matches!(cause.downcast_ref(), Some(SampleError::Settings(_)))
                || matches!(
                    cause.downcast_ref(),
                    Some(ServerError::Address { .. } | ServerError::Settings(_) | ServerError::WhichModel { .. })
                )
        };
        if error.chain().any(is_usage) {
            Exit::Usage
        } else if error.chain().any(|cause| cause.is::<HostError>() || cause.is::<HostFault>()) {
            Exit::Host
        } else if error.chain().any(is_data) {
            Exit::Data
        } else {
            Exit::Failure
        }
    }
}

/// Whether a problem is at fault whose own solution does not solve it.
pub(crate) fn is_of_the_problem(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(ReferenceError::Canonical { .. }))
}

/// Whether the reader of our output has gone (`trialbox ... | head`): nobody to tell.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    error.chain().any(kind)
}

/// An error with its causes, each said once: some errors name their cause in their own text.
pub(crate) fn describe(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
