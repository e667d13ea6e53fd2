//! Programs that come near a limit of time: they are judged by a run with nothing else beside it.
//! Not here: what is near (`ending`), how a program is left alone (`room`), what is kept between runs (`store`).

use serde::{Deserialize, Serialize};
use trialbox_runner::{Outcome, RunError};

use crate::{ending::Beside, judge::Finding, room::Room, verdict::Verdict};

/// What an earlier run says of a program that came near a limit of time. That program is judged anew by every run, which need
/// not find out once more that it has to be alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Near {
    /// The first of its stages that came near one.
    pub stage: usize,
    /// Whether it was too slow there.
    pub was_too_slow: bool,
}

/// One stage, run and judged.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    pub(crate) finding: Finding,
    /// Whether it was run alone, among other times.
    pub(crate) alone: bool,
}

impl Ran {
    pub(crate) fn is_too_slow(&self) -> bool {
        self.finding.failure.as_ref().is_some_and(|failure| failure.verdict == Verdict::TimeLimit)
    }
}

/// Runs one stage, and where it came close to a limit of time once more with nothing else running. Load can only add to
/// what is counted, so a run within the limits is the truer one.
///
/// What was near before, in this stage, is run alone at once, and among others only if it was in time then and is not now. If
/// it was too slow already, then to be so again is enough, however fast the machine is. Where it ends far below the limit
/// by now (it was load that made it near) it is near no more.
pub(crate) fn run_as_needed(
    room: &Room,
    memory_bytes: u64,
    near: Option<Near>,
    mut run: impl FnMut(Beside) -> Result<Ran, RunError>,
) -> Result<Ran, RunError> {
    let mut among_others = None;
    if near.is_none() {
        let ran = room.among_others(memory_bytes, || run(Beside::Others))?;
        // Instructions are the same alone.
        if !ran.finding.is_near_a_limit || ran.outcome.fuel.is_some() {
            return Ok(ran);
        }
        among_others = Some(ran);
    }
    let was_too_slow = near.is_some_and(|near| near.was_too_slow);
    let is_open = |ran: &Ran| ran.is_too_slow() && !was_too_slow;
    let mut alone = room.alone_at_full_speed(|| run(Beside::Nobody), is_open, |ran| ran.outcome.slowness)?;
    alone.finding.is_near_a_limit |= among_others.is_some() || alone.is_too_slow();
    if !is_open(&alone) {
        return Ok(alone);
    }
    let mut among_others = match among_others {
        Some(ran) => ran,
        None => room.among_others(memory_bytes, || run(Beside::Others))?,
    };
    if among_others.is_too_slow() {
        return Ok(alone);
    }
    among_others.finding.is_near_a_limit = true;
    Ok(Ran { alone: true, ..among_others })
}

#[cfg(test)]
mod tests {
    use Beside::{Nobody, Others};

    use super::*;
    use crate::{
        ending::Fault,
        judge::{Failure, tests::outcome},
        verdict::FirstFailure,
    };

    /// One run: whether it is too slow, near a limit, and how slow the machine is.
    #[derive(Clone, Copy)]
    struct Run(bool, bool, f64);

    const WITHIN: Run = Run(false, true, 1.0);
    const TOO_SLOW: Run = Run(true, true, 1.0);
    const TOO_SLOW_THEN: Run = Run(true, true, 1.3);

    /// Beside whom a program is run, whose runs go like that, and whether it is too slow in the end.
    fn runs(near: Option<Near>, runs: &[Run]) -> (Vec<Beside>, bool) {
        let (besides, ran) = ran(near, runs);
        (besides, ran.is_too_slow())
    }

    fn ran(near: Option<Near>, runs: &[Run]) -> (Vec<Beside>, Ran) {
        let (mut besides, mut next) = (Vec::new(), runs.iter());
        let ran = run_as_needed(&Room::default(), 1, near, |beside| {
            besides.push(beside);
            let Run(is_too_slow, is_near_a_limit, slowness) = *next.next().expect("no more runs than these");
            let late = || Failure::of(Fault::new(Verdict::TimeLimit, "late".to_owned()), FirstFailure::of_none);
            let finding = Finding { passed: 0, failure: is_too_slow.then(late), is_near_a_limit };
            Ok(Ran { outcome: outcome(1, Some(slowness)), finding, alone: beside == Nobody })
        });
        let ran = ran.expect("every run goes well");
        assert_eq!(ran.alone, besides.contains(&Nobody));
        (besides, ran)
    }

    fn near(was_too_slow: bool) -> Option<Near> {
        Some(Near { stage: 0, was_too_slow })
    }

    #[test]
    fn what_is_far_from_its_limits_is_run_once() {
        assert_eq!(runs(None, &[Run(false, false, 1.0)]), (vec![Others], false));
        assert_eq!(runs(None, &[Run(true, false, 1.3)]), (vec![Others], true));
    }

    #[test]
    fn what_is_near_a_limit_is_run_alone_and_has_to_be_in_time_once() {
        assert_eq!(runs(None, &[TOO_SLOW, WITHIN]), (vec![Others, Nobody], false));
        assert_eq!(runs(None, &[WITHIN, TOO_SLOW]), (vec![Others, Nobody], false));
        assert_eq!(runs(None, &[TOO_SLOW, TOO_SLOW]), (vec![Others, Nobody], true));
    }

    #[test]
    fn what_was_near_before_is_run_alone_at_once() {
        assert_eq!(runs(near(false), &[WITHIN]), (vec![Nobody], false));
        assert_eq!(runs(near(true), &[WITHIN]), (vec![Nobody], false));
    }

    #[test]
    fn what_was_near_and_in_time_before_has_to_be_in_time_once() {
        assert_eq!(runs(near(false), &[TOO_SLOW, WITHIN]), (vec![Nobody, Others], false));
        assert_eq!(runs(near(false), &[TOO_SLOW, TOO_SLOW]), (vec![Nobody, Others], true));
    }

    #[test]
    fn only_who_was_too_slow_before_is_not_asked_again_at_full_speed() {
        assert_eq!(runs(near(true), &[TOO_SLOW_THEN]), (vec![Nobody], true));
        assert_eq!(runs(near(false), &[TOO_SLOW_THEN, WITHIN]), (vec![Nobody, Nobody], false));
    }

    #[test]
    fn what_was_near_and_is_far_from_its_limit_alone_is_near_no_more() {
        const FAR: Run = Run(false, false, 1.0);
        let stays_near = |near, runs: &[Run]| ran(near, runs).1.finding.is_near_a_limit;
        assert!(!stays_near(near(false), &[FAR]) && !stays_near(near(true), &[FAR]));
        assert!(stays_near(near(false), &[WITHIN]) && stays_near(near(true), &[TOO_SLOW]));
        assert!(stays_near(near(true), &[Run(true, false, 1.0)]), "it was close once");
        assert!(stays_near(near(false), &[TOO_SLOW, FAR]), "it was in time once of two");
        assert!(stays_near(None, &[WITHIN, FAR]), "the next run will say");
    }
}
