//! What one guest sees of a host: our own `wasi_snapshot_preview1`, all in memory, the same on every machine.
//! Not here: the engine and the instance (`wasi`); what a guest is asked to do.
//! In: calls of a guest, every argument hostile. Out: errno, and [`Ended`] where the guest must not go on.
//!
//! Nothing of the real host is reached: no file, clock, randomness, variable or socket. What the host does for a guest
//! is charged in fuel, so that a guest cannot have it work for nothing.

use std::{fmt, sync::Arc};

use wasmtime::Trap;

mod abi;
mod clock;
mod describe;
mod descriptors;
mod errno;
mod files;
mod linker;
mod memory;
mod paths;
mod poll;
mod process;
mod random;
mod streams;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod wrappers;

pub(crate) use clock::BEGINNING_NS;
pub use clock::FUEL_PER_NS;
pub(crate) use files::FileLimits;
pub(crate) use linker::add_to_linker;

use clock::Clock;
use descriptors::Descriptors;
use errno::{Answer, Errno};
use files::Files;
use memory::Memory;
use random::Random;

/// What host work costs, about what it takes at [`FUEL_PER_NS`]: a call, a byte copied, a file or folder looked at, a word
/// passed on.
const CALL_FUEL: u64 = 1000;
const BYTE_FUEL: u64 = 2;
const STEP_FUEL: u64 = 2000;
const WORD_FUEL: u64 = 40_000;

/// What a guest is given, and how much it may use.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// What stands on stdin.
    pub(crate) stdin: Arc<[u8]>,
    /// The most it may write to stdout.
    pub(crate) output_bytes: u64,
    /// Whether what it writes to stderr is kept, up to as much.
    pub(crate) keeps_stderr: bool,
    /// The longest it may sleep, in all.
    pub(crate) idle_ns: u64,
    /// The fuel that the store held when the guest's time began.
    pub(crate) fuel_granted: u64,
    /// What its files may take.
    pub(crate) files: FileLimits,
    /// How many descriptors it may have open.
    pub(crate) descriptors: u32,
}

/// Why a guest must not go on; downcast the error of a call to it. A guest whose fuel does not pay for what it asks
/// ends with wasmtime's own `Trap::OutOfFuel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Ended {
    /// It called `proc_exit`.
    #[error("the program exited with status {status}")]
    Exited {
        /// Its exit status.
        status: i32,
    },
    /// It wrote more to stdout than it may.
    #[error("the program wrote {written_bytes} bytes to stdout")]
    Output {
        /// What it wrote, with what was refused.
        written_bytes: u64,
    },
    /// It slept longer than it may.
    #[error("the program slept {idle_ns} ns")]
    Idle {
        /// How long it slept, with what was refused.
        idle_ns: u64,
    },
}

/// What one guest sees of a host.
pub(crate) struct System {
    stdin: Arc<[u8]>,
    stdin_position: usize,
    stdout: Vec<u8>,
    /// `None` where it is not kept.
    stderr: Option<Vec<u8>>,
    output_bytes: u64,
    idle_ns: u64,
    clock: Clock,
    random: Random,
    files: Files,
    descriptors: Descriptors,
    fuel_granted: u64,
    fuel_charged: u64,
    /// What the store held at the beginning of the present call; `None` where fuel is not counted.
    fuel_left: Option<u64>,
}

/// Why a call gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    Errno(Errno),
    Ended(Ended),
    OutOfFuel,
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl From<Ended> for Stop {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}

/// How a call ends.
type Call<T = ()> = Result<T, Stop>;

impl System {
    /// A host that nobody has used.
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            stdin: settings.stdin,
            stdin_position: 0,
            stdout: Vec::new(),
            stderr: settings.keeps_stderr.then(Vec::new),
            output_bytes: settings.output_bytes,
            idle_ns: settings.idle_ns,
            clock: Clock::default(),
            random: Random::new(),
            files: Files::new(&settings.files, BEGINNING_NS),
            descriptors: Descriptors::new(settings.descriptors),
            fuel_granted: settings.fuel_granted,
            fuel_charged: 0,
            fuel_left: None,
        }
    }

    /// What was written to stdout.
    #[cfg(test)]
    pub(crate) fn stdout(&self) -> &[u8] {
        &self.stdout
    }

    /// Takes what was written to stdout.
    pub(crate) fn take_stdout(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.stdout)
    }

    /// Takes what was written to stderr, where it is kept.
    pub(crate) fn take_stderr(&mut self) -> Vec<u8> {
        self.stderr.take().unwrap_or_default()
    }

    /// How long the guest slept in all.
    pub(crate) fn slept_ns(&self) -> u64 {
        self.clock.slept_ns()
    }

    /// The host's memory that the guest's files and output take.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.files.taken_bytes() + (self.stdout.capacity() + self.stderr.as_ref().map_or(0, Vec::capacity)) as u64
    }

    /// How much fuel the guest used, where the store still holds `left`: its own instructions, and what the host did for
    /// it. The latter is not taken out of the store (setting a store's fuel begins a new interval between yields, so that
    /// a guest could keep itself from ever yielding): so a run may end with more used than granted, never twice as much.
    pub(crate) fn fuel_used(&self, left: u64) -> u64 {
        self.fuel_granted.saturating_sub(left).saturating_add(self.fuel_charged)
    }

    /// The fuel charged for what the host did.
    #[cfg(test)]
    pub(crate) fn fuel_charged(&self) -> u64 {
        self.fuel_charged
    }

    /// Charges a call that somebody else answers.
    pub(crate) fn pay_for_call(&mut self, fuel_left: u64) -> Result<(), Trap> {
        self.fuel_left = Some(fuel_left);
        self.charge(CALL_FUEL).map_err(|_| Trap::OutOfFuel)
    }

    /// Charges a word to or from somebody else, of so many bytes.
    pub(crate) fn pay_for_word(&mut self, fuel_left: u64, bytes: u64) -> Result<(), Trap> {
        self.fuel_left = Some(fuel_left);
        self.charge(WORD_FUEL).and_then(|()| self.charge_bytes(bytes)).map_err(|_| Trap::OutOfFuel)
    }

    /// A call begins.
    fn enter(&mut self, fuel_left: Option<u64>) -> Call {
        self.fuel_left = fuel_left;
        self.clock.advance(fuel_left.map(|left| self.fuel_used(left)));
        self.charge(CALL_FUEL)
    }

    /// Charges for work of the host, before it is done where its size is the guest's choice.
    fn charge(&mut self, fuel: u64) -> Call {
        self.fuel_charged = self.fuel_charged.saturating_add(fuel);
        match self.fuel_left {
            Some(left) if left < self.fuel_charged => Err(Stop::OutOfFuel),
            _ => Ok(()),
        }
    }

    /// Charges for moving bytes.
    fn charge_bytes(&mut self, bytes: u64) -> Call {
        self.charge(bytes.saturating_mul(BYTE_FUEL))
    }

    /// Works on the files, and charges for what was looked at.
    fn on_files<T>(&mut self, work: impl FnOnce(&mut Files, u64) -> Answer<T>) -> Call<T> {
        let done = work(&mut self.files, self.clock.now_ns());
        let steps = self.files.take_steps();
        self.charge(steps.saturating_mul(STEP_FUEL))?;
        Ok(done?)
    }
}

impl fmt::Debug for System {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not what it holds: that can be large, and belongs to the guest.
        formatter.debug_struct("System").field("clock", &self.clock).finish_non_exhaustive()
    }
}
