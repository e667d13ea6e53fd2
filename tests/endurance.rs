//! Long runs and busy machines: verdicts do not change, and trialbox does not grow.
//! Not here: whether each verdict is right (`cases`, `cli_verify`), the mix of candidates (`candidates`).
//! In: `TRIALBOX_SOAK` and `TRIALBOX_LOAD`, how many candidates (`just soak` runs many). Out: figures on stderr.

mod candidates;
mod conversation;

use std::{
    collections::BTreeMap,
    process::{Child, Stdio},
    time::Instant,
};

use candidates::Mix;
use conversation::{Conversation, Held};
use serde_json::{Value, json};

use crate::{
    fixtures::{ADD, asserts_job, function_job},
    processes::command,
    support::{can_run, say},
};

const WORKERS: usize = 16;

/// While it runs a program, or two that talk, a worker holds a descriptor of the child, and for moments a file of /proc or of its group.
const DESCRIPTORS_OF_A_RUN: usize = 8;

/// How much larger trialbox may be at the end than after the warm-up.
const RESIDENT_SLACK_BYTES: u64 = 8 << 20;

/// The first two of these rounds warm up, the others must not add to what is held.
const ROUNDS: usize = 10;

fn count_from_environment(name: &str, otherwise: usize) -> usize {
    let read = |text: String| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number"));
    std::env::var(name).map_or(otherwise, read)
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_else(|| panic!("{key} is no text: {row}"))
}

fn number(row: &Value, key: &str) -> f64 {
    row[key].as_f64().unwrap_or_else(|| panic!("{key} is no number: {row}"))
}

fn told(held: Held) -> String {
    let mebibytes = held.resident_bytes as f64 / f64::from(1 << 20);
    format!("{} descriptors, {} processes, {mebibytes:.1} MiB", held.descriptors, held.processes)
}

/// Verdicts by kind of candidate: the first, and every other that came later.
#[derive(Debug, Default)]
struct Verdicts {
    first: BTreeMap<String, String>,
    counts: BTreeMap<String, usize>,
    complaints: Vec<String>,
}

impl Verdicts {
    fn take(&mut self, name: &str, known: Option<&str>, answer: &Value) {
        let verdict = text(answer, "verdict");
        *self.counts.entry(verdict.to_owned()).or_default() += 1;
        let first = self.first.entry(name.to_owned()).or_insert_with(|| known.unwrap_or(verdict).to_owned());
        if verdict != first || verdict == "infra_error" {
            self.complaints.push(format!("{name}: {verdict}, expected {first}: {answer}"));
        }
    }
}

/// A worker's warm interpreters: for programs, and for tests that ask them.
const INTERPRETERS: usize = 2;

/// Asks until every worker has its warm interpreters: each of these jobs keeps one busy for a while. Its answer is as large
/// as any in the mix.
fn wake_all(talk: &mut Conversation) -> Held {
    let sleeper = "import time; time.sleep(0.3)\ndef add(a, b): return list(range(100_000))\n";
    let asked = |id: &str| {
        let mut job = asserts_job(id, sleeper);
        job["problem"]["asserts"] = json!(["assert len(add(1, 2)) == 100_000"]);
        job
    };
    for round in 0..10 {
        let of_round =
            |job: usize| [function_job(&format!("wake {round} {job}"), sleeper), asked(&format!("ask {round} {job}"))];
        let jobs: Vec<Value> = (0..WORKERS * 2).flat_map(of_round).collect();
        talk.ask(&jobs, |_| ());
        let held = talk.look();
        if held.processes == INTERPRETERS * WORKERS {
            return held;
        }
    }
    panic!("{} of {} interpreters are awake", talk.look().processes, INTERPRETERS * WORKERS);
}

#[test]
fn a_long_run_of_hostile_and_honest_candidates_changes_no_verdict_and_leaves_nothing_behind() {
    if !can_run() {
        return;
    }
    let (total, mix, begin) = (count_from_environment("TRIALBOX_SOAK", 600), Mix::new(), Instant::now());
    let mut talk = Conversation::begin(WORKERS);
    let awake = wake_all(&mut talk);
    let (mut verdicts, mut warm, mut most) = (Verdicts::default(), awake, Held::default());
    let numbers: Vec<usize> = (0..total).collect();
    for (round, numbers) in numbers.chunks(total.div_ceil(ROUNDS).max(1)).enumerate() {
        let jobs: Vec<Value> = numbers.iter().map(|number| mix.at(*number).job(*number)).collect();
        let answers = talk.ask(&jobs, |held| most = most.or_more(held));
        for (number, answer) in numbers.iter().zip(&answers) {
            let candidate = mix.at(*number);
            verdicts.take(&candidate.name, candidate.verdict, answer);
        }
        // Between rounds nothing runs: what is held then is held for good.
        let rest = talk.look();
        let judged = numbers.last().map_or(0, |last| last + 1);
        say(&format!("soak: {judged} judged after {:.1?}; at rest {}", begin.elapsed(), told(rest)));
        assert_eq!((rest.descriptors, rest.processes), (awake.descriptors, awake.processes), "at rest: {rest:?}");
        if round == 1 {
            warm = rest;
        }
    }
    let rest = talk.look();
    let stderr = talk.end();
    say(&format!("soak: {total} of {} kinds in {:.1?}: {:?}", mix.kinds(), begin.elapsed(), verdicts.counts));
    say(&format!(
        "soak: awake {}; warm {}; at the end {}; at most {}",
        told(awake),
        told(warm),
        told(rest),
        told(most)
    ));
    assert!(verdicts.complaints.is_empty(), "{:#?}\n{stderr}", verdicts.complaints);
    assert!(most.processes <= 2 * INTERPRETERS * WORKERS, "each warm interpreter and its program: {most:?}");
    assert!(most.descriptors <= awake.descriptors + DESCRIPTORS_OF_A_RUN * WORKERS, "{most:?}");
    assert!(rest.resident_bytes <= warm.resident_bytes + RESIDENT_SLACK_BYTES, "from {warm:?} to {rest:?}");
    assert_eq!(stderr, "", "nothing was said of a fault");
}

/// Processes that take whatever CPU time they can get, ended by their numbers, also where the test fails.
#[derive(Debug)]
struct BusyLoops(Vec<Child>);

impl BusyLoops {
    fn start(count: usize) -> Self {
        let start = |_| {
            let mut shell = command("sh");
            // They end by themselves where whoever started them is killed.
            shell.args(["-c", "while kill -0 $PPID; do :; done"]).stdin(Stdio::null()).stderr(Stdio::null());
            shell.spawn().expect("sh starts")
        };
        Self((0..count).map(start).collect())
    }
}

impl Drop for BusyLoops {
    fn drop(&mut self) {
        for child in &mut self.0 {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// A right program of one call, which takes its time first.
fn slow_job(id: &str, iterations: u64) -> Value {
    let program =
        format!("def add(a, b):\n    t = 0\n    for i in range({iterations}): t += i & 7\n    return a + b\n");
    let mut job = function_job(id, &program);
    job["problem"]["inputs"] = json!([[1, 2]]);
    job["problem"]["expected"] = json!([3]);
    job["limits"] = json!({"time_s": LIMIT_MS / 1000.0});
    job
}

const LIMIT_MS: f64 = 1000.0;

/// How many iterations take a millisecond of CPU time here, as trialbox itself counts it: the best of several runs.
fn iterations_a_millisecond() -> f64 {
    const ITERATIONS: u32 = 2_000_000;
    let mut talk = Conversation::begin(1);
    let jobs: Vec<Value> = (0..9).map(|run| slow_job(&format!("calibrate {run}"), ITERATIONS.into())).collect();
    let answers = talk.ask(&jobs, |_| ());
    talk.end();
    let best_ms = answers.iter().map(|answer| number(answer, "cpu_ms")).fold(f64::INFINITY, f64::min);
    f64::from(ITERATIONS) / best_ms
}

/// What each candidate of the load test needs of its limit: far below, clearly below, near, or far above.
const CLEAR_RATIOS: [f64; 8] = [0.5, 0.6, 0.7, 0.75, 1.7, 1.8, 1.9, 2.0];
/// The machine may be faster or slower in a minute than it was when it was asked, by an eighth and more: what needs nine
/// tenths of a limit is near it then too, and is never sure to be beyond.
const NEAR_RATIO: f64 = 0.9;
const NEAR_COUNT: usize = 2;

/// Candidates of which every tenth takes a good part of its limit, or nearly twice of it; then some near the limit.
fn load_jobs(total: usize) -> Vec<Value> {
    let rate = iterations_a_millisecond();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
    let slow = |id: String, ratio: f64| slow_job(&id, (ratio * LIMIT_MS * rate) as u64);
    let job = |number: usize| {
        let mut job = match number % 10 {
            0 => {
                let ratio = CLEAR_RATIOS[number / 10 % CLEAR_RATIOS.len()];
                return slow(format!("{number}: {ratio} of the limit"), ratio);
            }
            5 => function_job("", "def add(a, b):\n    return a - b\n"),
            _ => function_job("", &format!("{ADD}# {number}\n")),
        };
        job["id"] = json!(number.to_string());
        job["limits"] = json!({"time_s": LIMIT_MS / 1000.0});
        job
    };
    (0..total).map(job).chain((0..NEAR_COUNT).map(|which| slow(format!("near {which}"), NEAR_RATIO))).collect()
}

fn is_near(row: &Value) -> bool {
    text(row, "id").starts_with("near ")
}

/// Whether a program was made to take half as much again as its limit, or more.
fn is_far_over(row: &Value) -> bool {
    let ratio = text(row, "id").split_once(": ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<f64>().ok());
    ratio.is_some_and(|ratio| ratio >= 1.5)
}

/// How a run under load went, in a line.
fn summary(rows: &[Value]) -> String {
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *verdicts.entry(text(row, "verdict")).or_default() += 1);
    let reruns = rows.iter().filter(|row| row["rerun_alone"] == true).count();
    format!("{verdicts:?}, {reruns} run again alone")
}

#[test]
fn the_load_of_the_machine_and_the_number_of_workers_change_no_verdict() {
    if !can_run() {
        return;
    }
    let jobs = load_jobs(count_from_environment("TRIALBOX_LOAD", 120));
    let _busy = BusyLoops::start(2);
    let mut told_slow = 0;
    let runs = [2, 64].map(|workers| {
        let begin = Instant::now();
        let mut talk = Conversation::begin(workers);
        let rows = talk.ask(&jobs, |_| ());
        let stderr = talk.end();
        // That others slowed the machine down all the while is told, and no fault.
        let faults: Vec<&str> = stderr.lines().filter(|line| !line.ends_with("while the machine was slow")).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        told_slow += stderr.lines().count();
        say(&format!("load: {} with {workers} workers in {:.1?}: {}", rows.len(), begin.elapsed(), summary(&rows)));
        rows
    });
    let is_flip = |(few, many): &(&Value, &Value)| !is_near(few) && few["verdict"] != many["verdict"];
    let flips: Vec<_> = runs[0].iter().zip(&runs[1]).filter(is_flip).collect();
    let mut complaints = Vec::new();
    // Each of them may be one of which trialbox said that others left it no fast moment to be sure in.
    if flips.len() > told_slow {
        complaints.extend(flips.iter().map(|(few, many)| format!("a flip: {few} and {many}")));
    } else if !flips.is_empty() {
        say(&format!(
            "load: {} flips, of {told_slow} verdicts that were told to be taken on a slow machine",
            flips.len()
        ));
    }
    for row in runs.iter().flatten() {
        // What is counted here is at most a few milliseconds of start-up more than the call itself.
        let used_ms = number(row, "cpu_ms");
        // On a machine that was fast all the while a program far over its limit is stopped a twentieth beyond it.
        let was_near = used_ms > 0.81 * LIMIT_MS && used_ms < 1.5 * LIMIT_MS && !is_far_over(row);
        // What was made to be near a limit need not be: the machine may be faster or slower by now than it was when asked.
        if was_near && row["rerun_alone"] != true {
            complaints.push(format!("not run again alone: {row}"));
        }
        if text(row, "verdict") == "infra_error" {
            complaints.push(format!("the host failed: {row}"));
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}
