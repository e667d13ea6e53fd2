//! Runs that end early, however they end, and go on; folders that hold something else.
//! Not here: runs that end well (`cli_eval`), what is known from other runs (`cli_cache`).

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    fixtures::{TWICE, good_samples, lines, plant, sample},
    processes::{Watched, command, finish},
    support::{Place, can_run, json_lines, skip},
};

/// Samples that all differ, as texts and as programs: two of three are wrong, one of a hundred does not end.
fn many_samples(count: usize) -> String {
    let one = |number: usize| {
        let solution = match number {
            _ if number % 100 == 99 => format!("def add(a, b):\n    while {number}:\n        a += b\n"),
            _ if number.is_multiple_of(3) => format!("def add(a, b):\n    return a + b + {number} - {number}\n"),
            _ => format!("def add(a, b):\n    return a * {number}\n"),
        };
        json!({"task_id": "Tiny/0", "solution": solution})
    };
    let mut samples: Vec<Value> = (0..count).map(one).collect();
    samples.push(sample("Tiny/1", TWICE));
    lines(&samples)
}

/// A run of a dataset and samples that lie in the place.
struct Run<'a>(&'a Place, std::path::PathBuf, std::path::PathBuf);

impl Run<'_> {
    fn command(&self, out: &Path, more: &[&str]) -> std::process::Command {
        let Self(place, data, samples) = self;
        let mut command =
            place.trialbox(&[&"eval", &"humaneval+", &"--data", data, &"--samples", samples, &"--out", &out]);
        command.args(more);
        command
    }

    fn spawn(&self, out: &Path) -> Child {
        let mut command = self.command(out, &[]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("it starts")
    }
}

/// Verdicts by sample without what no two runs have in common.
fn verdicts(out: &Path) -> BTreeMap<(String, u64), Value> {
    let rows = json_lines(&fs::read_to_string(out.join("verdicts.jsonl")).expect("verdicts"));
    let count = rows.len();
    let timeless = |mut row: Value| {
        let fields = row.as_object_mut().expect("an object");
        for timing in
            ["cpu_ms", "wall_ms", "peak_memory_bytes", "cached", "check", "rerun_alone", "limit", "first_failure"]
        {
            fields.remove(timing);
        }
        let key = |name: &str| row[name].clone();
        ((key("task_id").as_str().expect("a task").to_owned(), key("sample").as_u64().expect("a number")), row)
    };
    let by_sample: BTreeMap<_, _> = rows.into_iter().map(timeless).collect();
    assert_eq!(by_sample.len(), count, "nothing stands there twice");
    by_sample
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn signal(process: u32, name: &str) {
    let status = command("sh").args(["-c", &format!("kill -{name} {process}")]).status().expect("sh");
    assert!(status.success());
}

#[test]
fn a_run_killed_fifty_times_has_the_report_of_one_that_was_not() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let (data, samples) = plant(&place, many_samples(2_000));
    let run = Run(&place, data, samples);
    let (broken, unbroken) = (place.path("broken"), place.path("unbroken"));
    let journal = broken.join("verdicts.jsonl");
    let mut chance = 7_u64;
    let mut random = |below: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % below
    };
    for kill in 0..50 {
        let mut child = run.spawn(&broken);
        let mut watched = Watched::default();
        // Now and then before anything is judged, mostly in the midst of it.
        let (begun, before) = (Instant::now(), length(&journal));
        let (patience, growth) = if kill % 5 == 0 {
            (Duration::from_millis(random(400)), u64::MAX)
        } else {
            (Duration::from_secs(60), random(10_000))
        };
        while begun.elapsed() < patience && length(&journal) < before.saturating_add(growth) {
            assert_eq!(child.try_wait().expect("our own child"), None, "it ended before it was killed, at kill {kill}");
            watched.look(child.id());
            thread::sleep(Duration::from_millis(1));
        }
        child.kill().expect("our own child");
        child.wait().expect("our own child");
        assert_eq!(watched.survivors(), Vec::<u32>::new(), "what it had started ends with it");
    }
    assert!(length(&journal) > 0 && !broken.join("report.json").exists());
    for out in [&broken, &unbroken] {
        // Folders that killed processes left are cleaned up when they are older than these.
        let finished = finish(run.command(out, &["--cache", "off"]), b"");
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    }
    let report = |out: &Path| fs::read_to_string(out.join("report.json")).expect("a report");
    assert_eq!(report(&broken), report(&unbroken));
    assert_eq!(verdicts(&broken), verdicts(&unbroken));
}

#[test]
fn an_interrupted_run_finishes_what_it_began_and_goes_on_with_the_rest() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let (data, samples) = plant(&place, many_samples(1_000));
    let run = Run(&place, data, samples);
    let out = place.out();
    let mut child = run.spawn(&out);
    while length(&out.join("verdicts.jsonl")) < 10_000 {
        assert_eq!(child.try_wait().expect("our own child"), None, "it ended by itself");
        thread::sleep(Duration::from_millis(2));
    }
    signal(child.id(), "INT");
    assert_eq!(child.wait().expect("our own child").code(), Some(130));
    let judged = verdicts(&out).len();
    assert!((1..1_001).contains(&judged), "{judged} judged");
    assert!(!out.join("report.json").exists());
    let finished = place.finish(run.command(&out, &["--resume"]), b"");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(finished.stderr.contains(&format!("{judged} judged before")), "{}", finished.stderr);
    assert_eq!(verdicts(&out).len(), 1_001);
}

/// A complete run of two samples.
fn complete() -> (Place, std::path::PathBuf, std::path::PathBuf) {
    let place = Place::new();
    let (data, samples) = plant(&place, good_samples());
    let finished = place.finish(Run(&place, data.clone(), samples.clone()).command(&place.out(), &[]), b"");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    (place, data, samples)
}

#[test]
fn only_samples_that_are_new_are_judged() {
    if !can_run() {
        return;
    }
    let (place, data, samples) = complete();
    let first = place.verdicts();
    let more = lines(&[sample("Tiny/0", "def add(a, b):\n    return 0\n"), sample("Tiny/1", TWICE)]);
    fs::write(&samples, good_samples() + &more).expect("written");
    let finished = place.finish(Run(&place, data, samples).command(&place.out(), &[]), b"");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let rows = place.verdicts();
    assert_eq!(rows[..2], first[..], "what was judged stays as it was");
    let names: Vec<_> = rows.iter().map(|row| (row["task_id"].as_str(), row["sample"].as_u64())).collect();
    assert_eq!(names[2..], [(Some("Tiny/0"), Some(1)), (Some("Tiny/1"), Some(1))], "in the order of the samples");
    assert_eq!(place.report()["samples"], 4);
}

#[test]
fn a_folder_of_another_run_is_refused_with_what_differs() {
    if !can_run() {
        return;
    }
    let (place, data, samples) = complete();
    let run = Run(&place, data.clone(), samples.clone());
    let before = place.verdicts();
    let finished = place.finish(run.command(&place.out(), &["--semantics", "official"]), b"");
    assert_eq!(finished.code, Some(2));
    for named in ["semantics is \"real\" there and \"official\" here", "limits is", "extraction is", "--fresh"] {
        assert!(finished.stderr.contains(named), "{}", finished.stderr);
    }
    assert_eq!(place.verdicts(), before, "nothing was touched");

    fs::write(&samples, lines(&[sample("Tiny/0", "other"), sample("Tiny/1", TWICE)])).expect("written");
    let finished = place.finish(run.command(&place.out(), &[]), b"");
    assert_eq!(finished.code, Some(5));
    assert!(finished.stderr.contains("of Tiny/0 sample 0 another text was judged"), "{}", finished.stderr);

    let finished = place.finish(run.command(&place.out(), &["--fresh", "--semantics", "official"]), b"");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(place.report()["verdicts"]["pass"], 1);
}

#[test]
fn a_folder_of_another_version_is_refused() {
    if !can_run() {
        return;
    }
    let (place, data, samples) = complete();
    let run = Run(&place, data, samples);
    let manifest = place.out().join("run.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    let version = format!("\"trialbox_version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "{text}");
    fs::write(&manifest, text.replace(&version, "\"trialbox_version\": \"0.0.1\"")).expect("written");
    let finished = place.finish(run.command(&place.out(), &[]), b"");
    assert!(
        finished.code == Some(2) && finished.stderr.contains("trialbox_version is \"0.0.1\" there"),
        "{}",
        finished.stderr
    );

    fs::write(&manifest, "{").expect("written");
    assert_eq!(place.finish(run.command(&place.out(), &[]), b"").code, Some(5));
    fs::remove_file(&manifest).expect("it is there");
    let finished = place.finish(run.command(&place.out(), &[]), b"");
    assert!(finished.code == Some(2) && finished.stderr.contains("another version"), "{}", finished.stderr);
    let finished = place.finish(run.command(&place.path("new"), &["--resume"]), b"");
    assert!(finished.code == Some(2) && finished.stderr.contains("holds no run to resume"), "{}", finished.stderr);
}

#[test]
fn a_damaged_tail_is_dropped_counted_and_judged_again() {
    if !can_run() {
        return;
    }
    let (place, data, samples) = complete();
    let run = Run(&place, data, samples);
    let path = place.out().join("verdicts.jsonl");
    let whole = fs::read(&path).expect("verdicts");
    let first_end = whole.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    let mut changed = whole.clone();
    changed[first_end + 30] ^= 1;
    let torn = [&whole[..first_end], b"{\"task_id\":\"Ti"].concat();
    let zeros = [&whole[..first_end], &[0; 5000][..]].concat();
    for damaged in [&torn, &changed, &zeros] {
        fs::write(&path, damaged).expect("written");
        let finished = place.finish(run.command(&place.out(), &[]), b"");
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        assert!(finished.stderr.contains("1 damaged records dropped"), "{}", finished.stderr);
        assert_eq!(verdicts(&place.out()).len(), 2);
        assert_eq!(fs::read(&path).expect("verdicts")[..first_end], whole[..first_end], "what was whole is kept");
    }
}

#[test]
fn two_processes_do_not_share_a_folder() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let (data, samples) = plant(&place, many_samples(1_000));
    let run = Run(&place, data, samples);
    let mut first = run.spawn(&place.out());
    while length(&place.out().join("verdicts.jsonl")) == 0 {
        assert_eq!(first.try_wait().expect("our own child"), None, "it ended by itself");
        thread::sleep(Duration::from_millis(2));
    }
    let mut second = run.command(&place.out(), &[]);
    let second = second.stdin(Stdio::null()).output().expect("it starts");
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(second.status.code() == Some(2) && said.contains("another trialbox is at work in"), "{said}");
    signal(first.id(), "TERM");
    assert_eq!(first.wait().expect("our own child").code(), Some(130), "and leaves a run that goes on");
}

#[test]
fn a_full_disk_keeps_what_was_judged() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let (data, samples) = plant(&place, many_samples(800));
    let run = Run(&place, data, samples);
    // A disk of its own, which is made larger after the first run.
    let trialbox = |more: &[&str]| {
        let command = run.command(&place.out(), more);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| format!("'{}'", word.to_string_lossy())).collect::<Vec<_>>().join(" ")
    };
    let out = place.out().display().to_string();
    let script = format!(
        "mkdir {out} && mount -t tmpfs -o size=200k none {out} || exit 77\n{}\necho code $?\nwc -l < {out}/verdicts.jsonl\n\
         mount -o remount,size=64m {out}\n{}\necho code $?\nwc -l < {out}/verdicts.jsonl",
        // A namespace of one user cannot give programs a user of their own; here only the disk matters.
        trialbox(&["--allow-degraded", "--cache", "off"]),
        trialbox(&["--allow-degraded"]),
    );
    let mut command = place.prepare("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
    let finished = finish(command, b"");
    let said: Vec<&str> = finished.stdout.lines().collect();
    let [failed, kept, done, all] = said[..] else {
        skip(&format!("no disk of a small size can be had: {}", finished.stderr.trim_end()));
        return;
    };
    assert_eq!((failed, done, all), ("code 1", "code 0", "801"), "{}", finished.stderr);
    for told in ["No space left on device", "verdicts.jsonl", "the same command goes on"] {
        assert!(finished.stderr.contains(told), "{}", finished.stderr);
    }
    let kept: usize = kept.trim().parse().expect("a number");
    assert!(
        (10..800).contains(&kept) && finished.stderr.contains(&format!("{kept} judged before")),
        "{}",
        finished.stderr
    );
}
