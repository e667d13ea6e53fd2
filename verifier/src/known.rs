//! What is judged already, or is being judged: programs that are the same are judged once.
//! Not here: when two texts are the same program (`form`), the verdicts of earlier runs (`store`), judging (`verify`).
//!
//! Nobody waits for another worker. A candidate whose like is being judged leaves its ticket with whoever judges it, and
//! is answered together with that one.

mod recent;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use trialbox_datasets::problem::Language;
use trialbox_runner::Worker;

use crate::{
    compiled::standard_of,
    content::Content,
    form::form,
    known::recent::Recent,
    near::Near,
    plan::Plan,
    reference::ReferenceError,
    store::{Key, Record, Store},
    verdict::{Judgement, Verdict},
    verify::{Judged, Settings, Task, judged},
};

/// Verdicts that are known, and candidates that wait for one. `T` is what a caller knows its candidate by.
#[derive(Debug)]
pub struct Known<T> {
    state: Mutex<State<T>>,
    /// Whether equal programs are told from others at all.
    tells_equals: bool,
    store: Option<Store>,
    /// Whose judgement: the name of all that decides about a program but for the program and its tests.
    judge: String,
    tally: Counters,
}

#[derive(Debug)]
struct State<T> {
    recent: Recent,
    /// Candidates that wait for the one of their key that is being judged.
    judging: HashMap<Key, Vec<Candidate<T>>>,
}

/// One program to be judged.
#[derive(Clone, Debug)]
pub struct Candidate<T> {
    /// What its caller knows it by.
    pub ticket: T,
    /// The program.
    pub program: Arc<[u8]>,
    /// What it is written in.
    pub language: Language,
}

/// What makes a candidate the same as another.
#[derive(Clone, Copy, Debug)]
struct Keys {
    text: Key,
    form: Option<Key>,
}

#[derive(Debug, Default)]
struct Counters {
    judged: AtomicU64,
    like_another: AtomicU64,
    stored: AtomicU64,
}

/// Where the verdicts of a run came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Candidates that were run.
    pub judged: u64,
    /// Candidates like another one of the run.
    pub like_another: u64,
    /// Candidates whose verdict lay in the store.
    pub stored: u64,
}

/// What is to be done about a candidate.
enum Look<T> {
    /// Its verdict is known.
    Known(Candidate<T>, Arc<Judgement>),
    /// It was left with whoever judges its like.
    Waits,
    /// Nobody judges it: the caller has to, and to settle it. An earlier run may have found it near a limit.
    Judge(Candidate<T>, Keys, Option<Near>),
}

/// What the store has of a candidate.
enum Stored {
    Verdict(Arc<Judgement>),
    /// It is judged anew.
    Near(Near),
}

/// The right to judge for all that are alike. Nobody may wait for somebody who has failed.
struct Right<'a, T> {
    known: &'a Known<T>,
    /// `None` once it is settled: by then another may have begun.
    keys: Option<Keys>,
}

impl<T> Right<'_, T> {
    fn settle(mut self, judged: &Judged) -> (Vec<Candidate<T>>, Vec<Candidate<T>>) {
        self.keys.take().map(|keys| self.known.settle(keys, judged)).unwrap_or_default()
    }
}

impl<T> Drop for Right<'_, T> {
    fn drop(&mut self) {
        if let Some(keys) = self.keys.take() {
            self.known.abandon(keys);
        }
    }
}

impl<T> Known<T> {
    /// Knows nothing but what `store` has. `judge` tells all that decides about programs here.
    pub fn new(store: Option<Store>, judge: &str) -> Self {
        let state = State { recent: Recent::default(), judging: HashMap::new() };
        let state = Mutex::new(state);
        Self { state, tells_equals: true, store, judge: judge_name(judge), tally: Counters::default() }
    }

    /// Knows nothing, whatever comes: every candidate is run.
    pub fn nothing() -> Self {
        Self { tells_equals: false, ..Self::new(None, "") }
    }

    /// Judges a candidate, unless one like it was judged or is being judged. Gives the judgements of all candidates that
    /// this settles, which may be none for now, and may be others' as well.
    ///
    /// `origin` tells where the problem can be read again; it is kept with the verdict. Where this fails or panics, the
    /// candidates that waited for this one are dropped with their tickets, and the next of their like is judged anew.
    pub fn verify(
        &self,
        candidate: Candidate<T>,
        task: &Task,
        origin: impl Fn() -> String,
        worker: &mut Worker,
        settings: &Settings,
    ) -> Result<Vec<(T, Judgement)>, ReferenceError> {
        let begun = Instant::now();
        worker.choose(false);
        let plan = task.plan(worker, settings)?;
        if !self.tells_equals {
            let judged = judged(task, &candidate.program, candidate.language, None, worker, settings)?;
            self.tally.judged.fetch_add(1, Ordering::Relaxed);
            return Ok(vec![(candidate.ticket, judged.judgement)]);
        }
        let mut answers = Vec::new();
        let mut open = VecDeque::from([candidate]);
        while let Some(candidate) = open.pop_front() {
            let context = self.context(plan, candidate.language, worker);
            match self.look(plan, context, candidate, settings) {
                Look::Known(candidate, judgement) => answers.push((candidate.ticket, again(&judgement, begun))),
                Look::Waits => {}
                Look::Judge(candidate, keys, near) => {
                    let right = Right { known: self, keys: Some(keys) };
                    let judged = judged(task, &candidate.program, candidate.language, near, worker, settings)?;
                    self.tally.judged.fetch_add(1, Ordering::Relaxed);
                    let (like, unlike) = right.settle(&judged);
                    self.keep(keys, &candidate, plan, &judged, &origin);
                    answers.extend(like.into_iter().map(|it| (it.ticket, again(&judged.judgement, begun))));
                    answers.push((candidate.ticket, judged.judgement));
                    open.extend(unlike);
                }
            }
        }
        Ok(answers)
    }

    /// Where the verdicts so far came from.
    pub fn sources(&self) -> Sources {
        let Counters { judged, like_another, stored } = &self.tally;
        let [judged, like_another, stored] = [judged, like_another, stored].map(|count| count.load(Ordering::Relaxed));
        Sources { judged, like_another, stored }
    }

    fn look(&self, plan: &Plan, context: Key, candidate: Candidate<T>, settings: &Settings) -> Look<T> {
        let text = key(context, "text", &candidate.program);
        let candidate = match self.look_for(text, candidate) {
            Look::Judge(candidate, ..) => candidate,
            settled => return settled,
        };
        let near = match self.look_in_store(text, text) {
            Some(Stored::Verdict(known)) => return Look::Known(candidate, known),
            Some(Stored::Near(near)) => Some(near),
            None => None,
        };
        let may_have_form = plan.sees_behaviour_alone() && candidate.language.is_python();
        let form = may_have_form.then(|| form(&candidate.program, settings.python_minor)).flatten();
        let form = form.map(|form| key(context, "form", &form));
        if let Some(Stored::Verdict(known)) = form.and_then(|form| self.look_in_store(form, text)) {
            return Look::Known(candidate, known);
        }
        self.begin(Keys { text, form }, candidate, near)
    }

    /// Looks for candidates of the same text in this run, before anything is made of the text.
    fn look_for(&self, text: Key, candidate: Candidate<T>) -> Look<T> {
        let mut state = self.lock();
        self.look_under(&mut state, text, candidate)
            .unwrap_or_else(|candidate| Look::Judge(candidate, Keys { text, form: None }, None))
    }

    /// Begins to judge a candidate, unless somebody else has begun meanwhile.
    fn begin(&self, keys: Keys, candidate: Candidate<T>, near: Option<Near>) -> Look<T> {
        let mut state = self.lock();
        let mut candidate = candidate;
        for key in [Some(keys.text), keys.form].into_iter().flatten() {
            match self.look_under(&mut state, key, candidate) {
                Ok(settled) => return settled,
                Err(back) => candidate = back,
            }
        }
        for key in [Some(keys.text), keys.form].into_iter().flatten() {
            state.judging.insert(key, Vec::new());
        }
        Look::Judge(candidate, keys, near)
    }

    fn look_under(&self, state: &mut State<T>, key: Key, candidate: Candidate<T>) -> Result<Look<T>, Candidate<T>> {
        let found = match (state.recent.get(&key), state.judging.get_mut(&key)) {
            (Some(known), _) => Look::Known(candidate, known),
            (None, Some(waiting)) => {
                waiting.push(candidate);
                Look::Waits
            }
            (None, None) => return Err(candidate),
        };
        self.tally.like_another.fetch_add(1, Ordering::Relaxed);
        Ok(found)
    }

    fn look_in_store(&self, key: Key, text: Key) -> Option<Stored> {
        let record = self.store.as_ref()?.get(&key)?;
        if let Some(near) = record.near {
            return Some(Stored::Near(near));
        }
        let known = Arc::new(record.judgement);
        self.tally.stored.fetch_add(1, Ordering::Relaxed);
        self.lock().recent.insert(text, Arc::clone(&known));
        Some(Stored::Verdict(known))
    }

    /// Lets go of those who wait for a judgement that will not come.
    fn abandon(&self, keys: Keys) {
        let mut state = self.lock();
        for key in [Some(keys.text), keys.form].into_iter().flatten() {
            let waiting = state.judging.remove(&key).unwrap_or_default();
            self.tally.like_another.fetch_sub(waiting.len() as u64, Ordering::Relaxed);
        }
    }

    /// Takes those who waited for a judgement: first those whose it is too, then those who need one of their own.
    fn settle(&self, keys: Keys, judged: &Judged) -> (Vec<Candidate<T>>, Vec<Candidate<T>>) {
        let (mut like, mut unlike) = (Vec::new(), Vec::new());
        let known = Arc::new(judged.judgement.clone());
        let mut state = self.lock();
        let of_text = (Some(keys.text), is_of_the_text(&judged.judgement));
        let of_form = (keys.form, is_of_the_form(judged));
        for (key, is_theirs) in [of_text, of_form] {
            let Some(key) = key else { continue };
            let waiting = state.judging.remove(&key).unwrap_or_default();
            if is_theirs {
                state.recent.insert(key, Arc::clone(&known));
                like.extend(waiting);
            } else {
                self.tally.like_another.fetch_sub(waiting.len() as u64, Ordering::Relaxed);
                unlike.extend(waiting);
            }
        }
        (like, unlike)
    }

    /// Keeps what other runs may use. What is near a limit may be judged otherwise there: of it they learn that it is.
    fn keep(&self, keys: Keys, candidate: &Candidate<T>, plan: &Plan, judged: &Judged, origin: impl Fn() -> String) {
        let Some(store) = &self.store else { return };
        if (judged.is_near_a_limit && judged.near.is_none()) || !is_of_the_text(&judged.judgement) {
            return;
        }
        let record = Record {
            judgement: judged.judgement.clone(),
            program: Arc::clone(&candidate.program),
            language: candidate.language,
            plan: *plan.digest().as_bytes(),
            form: keys.form.filter(|_| is_of_the_form(judged)),
            judge: self.judge.clone(),
            near: judged.near,
        };
        store.put(keys.text, record, origin());
    }

    /// All that decides about a program but for the program.
    fn context(&self, plan: &Plan, language: Language, worker: &Worker) -> Key {
        let compiler = match language {
            Language::Python => None,
            Language::Cpp(standard) => worker.identity(standard_of(standard)),
        };
        let hash = Content::of("context").part(&self.judge).part(plan.digest().as_bytes());
        *hash.part(language.name()).part(compiler.unwrap_or_default()).finish().as_bytes()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of a judge, of whatever length the words are that name all about it.
pub fn judge_name(judge: &str) -> String {
    Content::of("judge").part(judge).finish().to_hex().as_str()[..32].to_owned()
}

/// What a program is known by where all else is equal.
fn key(context: Key, kind: &str, content: &[u8]) -> Key {
    *Content::of(kind).part(context).part(content).finish().as_bytes()
}

/// Whether the same text would be judged so again. A fault of the host says nothing about anybody.
fn is_of_the_text(judgement: &Judgement) -> bool {
    judgement.verdict != Verdict::InfraError
}

/// Whether other texts of one form would be judged so, to the word: a compiler names lines, and an exception over a local
/// variable names the variable.
fn is_of_the_form(judged: &Judged) -> bool {
    let Judged { judgement, is_near_a_limit, .. } = judged;
    let said = judgement.first_failure.as_ref().map_or("", |failure| failure.actual.as_str());
    let names_a_variable = ["NameError", "UnboundLocalError"].iter().any(|name| said.contains(name));
    is_of_the_text(judgement) && !is_near_a_limit && judgement.verdict != Verdict::CompileError && !names_a_variable
}

/// A judgement for one more candidate like the one that was judged.
#[expect(clippy::cast_precision_loss, reason = "times in ns are far below 2^52")]
fn again(judgement: &Judgement, begun: Instant) -> Judgement {
    Judgement { cached: true, wall_ms: begun.elapsed().as_nanos() as f64 / 1e6, ..judgement.clone() }
}
