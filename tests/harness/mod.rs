//! What carries the cases out: reading them, talking to trialbox on one class of host, looking at the host afterwards.
//! Not here: which trials there are (`cases.rs`).

mod case;
mod class;
mod conversation;
mod corpus;
mod host;
mod planted;
mod session;

use std::{sync::LazyLock, time::SystemTime};

/// When the trials began: control groups from before are not theirs.
pub(crate) static BEGUN: LazyLock<SystemTime> = LazyLock::new(|| SystemTime::now() - crate::support::CLOCK_STEP);

pub(crate) use case::{Case, own_cases};
pub(crate) use class::Class;
pub(crate) use corpus::corpus;
pub(crate) use planted::Planted;
pub(crate) use session::Session;
