//! What the end of a run says by itself: a limit, a signal, a status, an exception that speaks of memory.
//! Not here: what the answers say (`judge`).
//! In: an ending and what was allowed. Out: a [`Fault`], with the counter that proves a limit.

use trialbox_runner::{Ending, LimitHit, Limits, Outcome, Speed, TrapCause};

use crate::verdict::{Counter, LimitFact, Verdict};

/// Why a run was no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) verdict: Verdict,
    /// What came instead of an answer, for people.
    pub(crate) actual: String,
    pub(crate) limit: Option<LimitFact>,
}

impl Fault {
    pub(crate) fn new(verdict: Verdict, actual: String) -> Self {
        Self { verdict, actual, limit: None }
    }

    /// An uncaught exception. Memory that is refused is memory that is limited; what refuses is the address space.
    pub(crate) fn exception(text: &str, names_memory: bool, allowed: &Limits) -> Self {
        if !names_memory {
            return Self::new(Verdict::RuntimeError, text.to_owned());
        }
        let fact =
            LimitFact { counter: Counter::AddressSpaceBytes, used: None, allowed: allowed.address_space_bytes() };
        Self { verdict: Verdict::MemoryLimit, actual: text.to_owned(), limit: Some(fact) }
    }

    /// The run's own end, before it answered everything. `call_ns` is what the running call was allowed.
    pub(crate) fn of_ending(ending: Ending, allowed: &Limits, call_ns: u64) -> Self {
        match ending {
            Ending::Limit(hit) => Self::of_limit(hit, allowed, call_ns),
            Ending::Signaled { signal } => Self::new(Verdict::RuntimeError, format!("ended by signal {signal}")),
            Ending::Trapped { cause } => Self::new(Verdict::RuntimeError, trapped(cause).to_owned()),
            Ending::Exited { status } => {
                Self::new(Verdict::RuntimeError, format!("ended with status {status} before it answered"))
            }
            Ending::Stopped => Self::new(Verdict::WrongAnswer, "stopped".to_owned()),
        }
    }

    pub(crate) fn of_limit(hit: LimitHit, allowed: &Limits, call_ns: u64) -> Self {
        let ms = |ns: u64| ns / 1_000_000;
        let (verdict, counter, used, most, actual) = match hit {
            LimitHit::Cpu { used_ns } => {
                let text = format!("{} ms of CPU time in all", ms(used_ns));
                (Verdict::TimeLimit, Counter::CpuNs, used_ns, allowed.cpu_ns, text)
            }
            LimitHit::CallCpu { call: None, used_ns } => {
                let text = format!("{} ms of CPU time before the first call", ms(used_ns));
                (Verdict::TimeLimit, Counter::LoadCpuNs, used_ns, allowed.load_cpu_ns, text)
            }
            LimitHit::CallCpu { call: Some(_), used_ns } => {
                (Verdict::TimeLimit, Counter::CallCpuNs, used_ns, call_ns, format!("{} ms of CPU time", ms(used_ns)))
            }
            LimitHit::Idle { idle_ns } => {
                (Verdict::TimeLimit, Counter::IdleNs, idle_ns, allowed.idle_ns, format!("idle for {} ms", ms(idle_ns)))
            }
            LimitHit::Memory { used_bytes } => {
                let text = format!("{} MiB of memory", used_bytes >> 20);
                (Verdict::MemoryLimit, Counter::MemoryBytes, used_bytes, allowed.memory_bytes, text)
            }
            LimitHit::Output { written_bytes } => {
                let text = format!("{written_bytes} bytes of output");
                (Verdict::OutputLimit, Counter::OutputBytes, written_bytes, allowed.output_bytes, text)
            }
            LimitHit::Scratch { bytes, files, most_bytes, .. } => {
                let text = format!("{bytes} bytes and {files} files in the scratch folder");
                (Verdict::OutputLimit, Counter::ScratchBytes, bytes, most_bytes, text)
            }
            // As where the kernel refuses one more, and Python raises.
            LimitHit::Threads { threads, most } => {
                (Verdict::RuntimeError, Counter::Threads, threads, most, format!("{threads} threads at once"))
            }
        };
        Self { verdict, actual, limit: Some(LimitFact { counter, used: Some(used), allowed: most }) }
    }
}

/// What people read of a trap.
fn trapped(cause: TrapCause) -> &'static str {
    match cause {
        TrapCause::Stack => "the stack of the interpreter's C code was full: recursion through C, too deep",
        TrapCause::Memory => {
            "the interpreter's C code reached for memory that is not there: mostly recursion, too deep"
        }
        TrapCause::Abort => "the interpreter gave up (a fatal error)",
        TrapCause::Instruction => "the interpreter's C code could not go on",
    }
}

/// Beside whom a program ran, for what its CPU time says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Other programs of ours: whoever is over a limit of time is asked again alone.
    Others,
    /// Nobody of ours. What slows the machine down then does so from outside, and is taken off as far as it was felt.
    Nobody,
}

impl Beside {
    /// How many times as long as at its best the machine took for a program, where that was more than usual; else 1.
    pub(crate) fn slowness(self, outcome: &Outcome) -> f64 {
        let felt = outcome.slowness.filter(|slowness| self == Self::Nobody && !Speed::is_usual(*slowness));
        felt.unwrap_or(1.0)
    }
}

/// A limit of time on a machine that takes so many times as long as at its best.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few times some seconds"
)]
pub(crate) fn stretched(limit_ns: u64, slowness: f64) -> u64 {
    if slowness > 1.0 { (limit_ns as f64 * slowness) as u64 } else { limit_ns }
}

/// A run that ended by itself and yet took too long: whether the watch saw it in time must not matter.
pub(crate) fn overrun(outcome: &Outcome, allowed: &Limits, beside: Beside) -> Option<LimitHit> {
    let (load_ns, slowness) = (outcome.progress.load_cpu_ns, beside.slowness(outcome));
    if outcome.cpu_ns > stretched(allowed.cpu_ns, slowness) {
        Some(LimitHit::Cpu { used_ns: outcome.cpu_ns })
    } else if load_ns > stretched(allowed.load_cpu_ns, slowness) {
        Some(LimitHit::CallCpu { call: None, used_ns: load_ns })
    } else {
        (outcome.idle_ns > allowed.idle_ns).then_some(LimitHit::Idle { idle_ns: outcome.idle_ns })
    }
}

/// Whether a run is so close to a limit that another run might be judged otherwise.
pub(crate) fn is_near_a_limit(outcome: &Outcome, allowed: &Limits) -> bool {
    match outcome.ending {
        Ending::Limit(LimitHit::Scratch { is_suspicion: true, .. }) => return true,
        // It had all the headroom that it could need.
        Ending::Limit(LimitHit::Cpu { .. } | LimitHit::CallCpu { .. }) => return false,
        _ => {}
    }
    is_near(outcome.cpu_ns, allowed.cpu_ns)
        || is_near(outcome.progress.load_cpu_ns, allowed.load_cpu_ns)
        || is_near(outcome.idle_ns, allowed.idle_ns)
}

/// From a fifth below the limit on, up to where a program is stopped for good ([`HEADROOM`]).
pub(crate) fn is_near(used_ns: u64, limit_ns: u64) -> bool {
    used_ns > limit_ns / 5 * 4 && used_ns <= with_headroom(limit_ns)
}

/// Programs run on to one and a half times their limits of time. CPU time counts more where cores and caches are shared;
/// on an idle machine the same program may well be within its limit, and is asked again there.
const HEADROOM: (u64, u64) = (3, 2);

/// Where the machine is as fast as it ever was all the while, no more than a twentieth is left to chance: 1.05 of 1.5.
pub(crate) const FIRM_PERCENT: u64 = 70;

pub(crate) fn with_headroom(limit_ns: u64) -> u64 {
    (limit_ns / HEADROOM.1).saturating_mul(HEADROOM.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_from_a_fifth_below_to_half_above() {
        let near: Vec<u64> =
            [799, 800, 801, 1000, 1200, 1500, 1501].into_iter().filter(|n| is_near(*n, 1000)).collect();
        assert_eq!(near, [801, 1000, 1200, 1500]);
    }

    #[test]
    fn every_limit_names_its_counter_and_both_figures() {
        let allowed = Limits::default();
        let hits = [
            LimitHit::Cpu { used_ns: 7 },
            LimitHit::CallCpu { call: None, used_ns: 7 },
            LimitHit::CallCpu { call: Some(0), used_ns: 7 },
            LimitHit::Idle { idle_ns: 7 },
            LimitHit::Memory { used_bytes: 7 },
            LimitHit::Output { written_bytes: 7 },
            LimitHit::Scratch { bytes: 7, files: 1, most_bytes: 5, is_suspicion: false },
            LimitHit::Threads { threads: 7, most: 5 },
        ];
        let facts: Vec<LimitFact> =
            hits.into_iter().map(|hit| Fault::of_limit(hit, &allowed, 5).limit.expect("a fact")).collect();
        assert!(facts.iter().all(|fact| fact.used == Some(7) && fact.allowed > 0), "{facts:?}");
    }
}
