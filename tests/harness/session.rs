//! One class's cases, one after another in one conversation, with a look at the host after each.
//! Not here: what is looked at (`host`), the words of the conversation (`conversation`).
//! In: a case. Out: nothing, or what is wrong.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    case::{Case, Expect, cpp_probe, no_compiler},
    class::{Class, Ground},
    conversation::Conversation,
    host::{Snapshot, forget_peak, peak_bytes},
    planted::Planted,
};
use crate::support::{groups_of, names_in};

const PROBE: &str = include_str!("probe.py");
/// Longer than an honest program takes on a busy machine, a new interpreter included.
const PROBE_PATIENCE: Duration = Duration::from_secs(20);
/// How long a process that got away needs to show itself: the corpus has one that writes after three seconds.
const MARKER_WAIT: Duration = Duration::from_secs(5);

/// One class of host and the conversation there.
#[derive(Debug)]
pub(crate) struct Session {
    ground: Ground,
    planted: Arc<Planted>,
    environment: BTreeMap<String, String>,
    state: Mutex<State>,
}

/// Where the conversation stands. After a complaint it is given up: what is wrong must not be blamed on the next case.
#[derive(Debug, Default)]
struct State {
    running: Option<(Conversation, Snapshot)>,
    /// Files that cases must not leave, and when the last such case ended.
    markers: Vec<PathBuf>,
    marked: Option<Instant>,
}

impl Session {
    /// Prepares a class; the error says why it cannot be had here.
    pub(crate) fn new(class: Class, cases: &[Arc<Case>], planted: &Arc<Planted>) -> Result<Self, String> {
        let ground = Ground::prepare(class)?;
        let environment = cases.iter().flat_map(|case| case.environment.clone()).collect();
        Ok(Self { ground, planted: Arc::clone(planted), environment, state: Mutex::default() })
    }

    pub(crate) fn class(&self) -> Class {
        self.ground.class
    }

    /// Carries out one case.
    pub(crate) fn run(&self, case: &Case) -> Result<(), String> {
        let mut state = self.state();
        let (mut conversation, before) = match state.running.take() {
            Some(running) => running,
            None => self.begin()?,
        };
        let mut complaints = self.carry_out(case, &mut conversation, &before);
        if !case.markers.is_empty() {
            state.markers.extend(case.markers.iter().cloned());
            state.marked = Some(Instant::now());
        }
        if complaints.is_empty() {
            state.running = Some((conversation, before));
            return Ok(());
        }
        complaints.extend(self.give_up(conversation));
        Err(complaints.join("\n"))
    }

    fn carry_out(&self, case: &Case, conversation: &mut Conversation, before: &Snapshot) -> Vec<String> {
        let mut complaints: Vec<String> = self.talk(case, conversation).err().into_iter().collect();
        if complaints.is_empty() {
            // After a verdict that never came, all that is left of the program is no news.
            complaints.extend(Snapshot::take(&self.ground, &self.planted, conversation.process()).complaints(before));
        }
        complaints.extend(self.planted.complaints(case));
        complaints.extend(left_behind(&case.markers));
        complaints
    }

    /// Ends a conversation after a complaint; one that does not end by itself is killed, and its folders are removed.
    fn give_up(&self, conversation: Conversation) -> Option<String> {
        let process = conversation.process();
        let failure = conversation.end().err()?;
        for path in names_in(&self.ground.temporary()) {
            drop(fs::remove_dir_all(self.ground.temporary().join(path)));
        }
        groups_of(process, *super::BEGUN).iter().for_each(|group| drop(fs::remove_dir(group)));
        Some(failure)
    }

    /// Ends the conversation, and looks for what the class has left.
    pub(crate) fn finish(&self) -> Result<(), String> {
        let mut state = self.state();
        let (conversation, _) = match state.running.take() {
            Some(running) => running,
            None => self.begin()?,
        };
        let process = conversation.process();
        conversation.end()?;
        let wait = state.marked.map_or(Duration::ZERO, |at| MARKER_WAIT.saturating_sub(at.elapsed()));
        thread::sleep(wait);
        let mut complaints = left_behind(&state.markers);
        complaints.extend(Snapshot::take(&self.ground, &self.planted, process).remains());
        if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new conversation, warmed up, and the host as it is then.
    fn begin(&self) -> Result<(Conversation, Snapshot), String> {
        let mut conversation = Conversation::start(&self.ground, self.environment.iter());
        // What C++ needs starts with its first program.
        let has_cpp = self.class() != Class::Wasi && no_compiler().is_none();
        let cpp = has_cpp.then(cpp_probe);
        probe(&mut conversation, cpp.as_ref())?;
        let snapshot = Snapshot::take(&self.ground, &self.planted, conversation.process());
        Ok((conversation, snapshot))
    }

    /// The case's job and the honest ones around it.
    fn talk(&self, case: &Case, conversation: &mut Conversation) -> Result<(), String> {
        if let Some(probe) = &case.probe {
            pass(conversation, probe)?;
        }
        let process = conversation.process();
        let resident = peak_bytes(process);
        if case.peak_growth_bytes.is_some() {
            forget_peak(process);
        }
        let begun = Instant::now();
        let verdict = conversation.judge(&case.job, case.wall)?;
        let took = begun.elapsed();
        check(case.expect(self.class()), &verdict)?;
        if took > case.wall {
            return Err(format!("the verdict took {took:?}"));
        }
        if case.peak_growth_bytes.is_some_and(|most| peak_bytes(process) > resident + most) {
            return Err(format!("trialbox grew from {resident} to {} bytes", peak_bytes(process)));
        }
        probe(conversation, case.probe.as_ref())
    }
}

/// Honest programs are judged as ever: the case's own, and three that look for anything that was left. The last is asked
/// by tests that run beside it.
fn probe(conversation: &mut Conversation, own: Option<&Value>) -> Result<(), String> {
    if let Some(own) = own {
        pass(conversation, own)?;
    }
    let inputs: Vec<[i32; 2]> = (0..70).map(|number| [number, 1]).collect();
    let expected: Vec<i32> = (1..71).collect();
    pass(
        conversation,
        &json!({"id": "probe of functions", "mode": "function_io", "semantics": "evalplus", "candidate": PROBE,
            "problem": {"entry_point": "add", "inputs": inputs, "expected": expected, "atol": 0}}),
    )?;
    pass(
        conversation,
        &json!({"id": "probe of scripts", "mode": "stdin", "semantics": "lcb_stdio", "candidate": PROBE,
            "problem": {"tests": [{"input": "1 2\n", "output": "3\n"}, {"input": "3 4\n", "output": "7\n"}]}}),
    )?;
    pass(
        conversation,
        &json!({"id": "probe of asserts", "mode": "asserts", "semantics": "mbpp_asserts", "candidate": PROBE,
            "problem": {"asserts": ["assert abs(add(-3, 1)) == 2", "assert sorted([add(3, 4), add(1, 2)]) == [3, 7]"]}}),
    )
}

fn pass(conversation: &mut Conversation, job: &Value) -> Result<(), String> {
    let verdict = conversation.judge(job, PROBE_PATIENCE)?;
    check(&Expect::pass(), &verdict).map_err(|what| format!("an honest program that followed: {what}"))
}

fn check(expect: &Expect, verdict: &Value) -> Result<(), String> {
    let name = verdict["verdict"].as_str().expect("a verdict has a name");
    if expect.allows(name) {
        return Ok(());
    }
    Err(format!("{name}, expected {expect:?}; {} after {} ms", verdict["first_failure"], verdict["wall_ms"]))
}

fn left_behind(markers: &[PathBuf]) -> Vec<String> {
    let left = markers.iter().filter(|path| path.exists());
    left.map(|path| format!("{} is left behind", path.display())).collect()
}
