//! What is enforced on this host, layer by layer.
//! Not here: enforcing it (`native`).

use serde::Serialize;

/// What is enforced, layer by layer.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Enforcement {
    /// Which files a program can see and write.
    pub filesystem: Layer,
    /// Whether it can reach a network.
    pub network: Layer,
    /// Which system calls it can make.
    pub syscalls: Layer,
    /// Whether it can see or signal other processes.
    pub processes: Layer,
    /// How its memory is limited.
    pub memory: Layer,
    /// How its CPU time is limited.
    pub cpu: Layer,
}

/// One layer's state.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Layer {
    /// Enforced as the profile asks.
    Full {
        /// By what.
        by: String,
    },
    /// Enforced in part.
    Partial {
        /// By what.
        by: String,
        /// What is missing, and why.
        missing: String,
    },
    /// Not enforced.
    None {
        /// Why.
        missing: String,
    },
}

impl Layer {
    pub(crate) fn full(by: &str) -> Self {
        Layer::Full { by: by.to_owned() }
    }

    /// What is missing; `None` for a layer in full force.
    pub fn missing(&self) -> Option<&str> {
        match self {
            Layer::Full { .. } => None,
            Layer::Partial { missing, .. } | Layer::None { missing } => Some(missing),
        }
    }
}

impl Enforcement {
    /// The layers by name, in the order in which `doctor` prints them.
    pub fn layers(&self) -> [(&'static str, &Layer); 6] {
        [
            ("filesystem", &self.filesystem),
            ("network", &self.network),
            ("syscalls", &self.syscalls),
            ("processes", &self.processes),
            ("memory", &self.memory),
            ("cpu", &self.cpu),
        ]
    }

    /// Whether a layer is missing. One that holds in part, by other means than the profile's first choice, still stops
    /// what the profile forbids: the self-test at start has tried.
    pub fn is_degraded(&self) -> bool {
        self.layers().iter().any(|(_, layer)| matches!(layer, Layer::None { .. }))
    }
}
