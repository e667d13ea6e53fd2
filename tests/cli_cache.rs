//! Verdicts that are known: equal programs in one run, and the cache between runs, in good and in bad order.
//! Not here: runs that go on (`cli_resume`), the store itself (`verifier::store`), forms (`verifier::form`).

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    thread,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};

use crate::{
    fixtures::{ADD, TWICE, function_job, lines, plant, sample},
    processes::Finished,
    support::{CORPUS, Place, can_run, json_lines, shared, skip},
};

/// Eight samples of one problem, of which four are one program: twice the same text, once with another comment, once with
/// another variable. One more passes, two do not, one does not compile.
fn samples() -> String {
    let again = "def add(a, b):\n    total = a + b\n    return total\n";
    let texts = [
        again,
        "def add(a, b):\n    return b + a\n",
        "# adds\ndef add(a, b):\n    total = a + b  # here\n    return total\n",
        "def add(a, b):\n    return a - b\n",
        again,
        "def add(a, b):\n    result = a + b\n    return result\n",
        "def add(a, b):\n    raise ValueError(a)\n",
        "def add(a, b) return a\n",
    ];
    let mut all: Vec<Value> = texts.iter().map(|text| sample("Tiny/0", text)).collect();
    all.push(sample("Tiny/1", TWICE));
    lines(&all)
}

const VERDICTS: [&str; 9] =
    ["pass", "pass", "pass", "wrong_answer", "pass", "pass", "runtime_error", "compile_error", "pass"];

struct Run {
    place: Place,
    data: PathBuf,
    samples: PathBuf,
    count: std::cell::Cell<u32>,
}

impl Run {
    fn new() -> Self {
        let place = Place::new();
        let (data, samples) = plant(&place, samples());
        Self { place, data, samples, count: std::cell::Cell::new(0) }
    }

    /// Judges the samples into a folder of its own; says what was said, and gives the rows.
    fn judge(&self, more: &[&str]) -> (Finished, Vec<Value>) {
        self.count.set(self.count.get() + 1);
        let out = self.place.path(&format!("out{}", self.count.get()));
        let mut command = self.place.trialbox(&[
            &"eval",
            &"humaneval+",
            &"--data",
            &self.data,
            &"--samples",
            &self.samples,
            &"--out",
            &out,
        ]);
        command.args(more);
        let finished = self.place.finish(command, b"");
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        let rows = json_lines(&fs::read_to_string(out.join("verdicts.jsonl")).expect("verdicts"));
        let verdicts: Vec<_> = rows.iter().map(|row| row["verdict"].as_str().expect("a verdict")).collect();
        assert_eq!(verdicts, VERDICTS, "with {more:?}");
        (finished, rows)
    }

    fn cache(&self, verb: &str, more: &[&str]) -> Finished {
        let mut command = self.place.trialbox(&[&"cache", &verb]);
        command.args(more);
        self.place.finish(command, b"")
    }

    fn stats(&self) -> Value {
        serde_json::from_str(&self.cache("stats", &[]).stdout).expect("JSON")
    }

    fn store(&self) -> PathBuf {
        self.place.path("cache").join("verdicts.redb")
    }
}

fn cached(rows: &[Value]) -> usize {
    rows.iter().filter(|row| row["cached"] == true).count()
}

#[test]
fn equal_programs_are_judged_once_and_the_next_run_judges_nothing() {
    if !can_run() {
        return;
    }
    let run = Run::new();
    let (finished, rows) = run.judge(&["--workers", "3"]);
    assert_eq!(cached(&rows), 3, "the same text, and two texts of one program");
    assert!(finished.stderr.contains("6 run, 3 equal to another"), "{}", finished.stderr);
    // With more workers the second of the same text may be found in the cache as well.
    let (finished, rows) = run.judge(&["--workers", "1"]);
    assert_eq!(cached(&rows), 9);
    assert!(finished.stderr.contains("of these 1 equal to another, 8 in the cache"), "{}", finished.stderr);
    let stats = run.stats();
    assert_eq!((&stats["records"], &stats["forms"]), (&6.into(), &5.into()), "one of each that was run");
}

#[test]
fn without_dedupe_everything_is_run() {
    if !can_run() {
        return;
    }
    let run = Run::new();
    for _ in 0..2 {
        assert_eq!(cached(&run.judge(&["--dedupe", "off"]).1), 0);
    }
    let (_, rows) = run.judge(&["--cache", "off"]);
    assert_eq!(cached(&rows), 3, "within the run");
    assert!(!run.store().exists());
}

#[test]
fn a_verdict_is_known_for_its_own_tests_limits_and_semantics_alone() {
    if !can_run() {
        return;
    }
    let run = Run::new();
    run.judge(&[]);
    let (finished, _) = run.judge(&["--semantics", "official"]);
    assert!(finished.stderr.contains("6 run, 3 equal to another"), "{}", finished.stderr);
    let jobs = |expected: i32| {
        let mut job = function_job("j", ADD);
        job["problem"]["expected"][1] = expected.into();
        run.place.write("jobs.jsonl", lines(&[job]))
    };
    for (expected, verdict, known) in [(7, "pass", false), (7, "pass", true), (8, "wrong_answer", false)] {
        let finished = run.place.run(&[&"verify", &"--jobs", &jobs(expected)]);
        let row: Value = serde_json::from_str(&finished.stdout).expect("JSON");
        assert_eq!((row["verdict"].as_str(), row["cached"].as_bool()), (Some(verdict), Some(known)));
    }
}

#[test]
fn the_order_of_jobs_stays_where_some_are_equal() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let slow = "import time\ndef add(a, b):\n    x = 0\n    for i in range(2_000_000): x += i\n    return a + b\n";
    let jobs: Vec<Value> =
        (0..40).map(|number| function_job(&number.to_string(), if number % 3 == 0 { slow } else { ADD })).collect();
    let finished = place.run(&[&"verify", &"--workers", &"4", &"--jobs", &place.write("jobs.jsonl", lines(&jobs))]);
    let rows = json_lines(&finished.stdout);
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(ids, (0..40).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(rows.iter().all(|row| row["verdict"] == "pass"));
    assert_eq!(cached(&rows), 38);
}

#[test]
fn verdicts_are_checked_and_one_that_has_changed_is_taken_out() {
    if !can_run() {
        return;
    }
    let run = Run::new();
    run.judge(&[]);
    let finished = run.cache("verify", &["--share", "1"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(finished.stdout.contains("6 verdicts judged again, 0 have changed"), "{}", finished.stdout);

    // The same text is another program from some moment on.
    let moment = SystemTime::now() + Duration::from_secs(12);
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).expect("later").as_secs();
    let program = format!("import time\ndef add(a, b):\n    return a + b if time.time() < {since} else None\n");
    let jobs = run.place.write("jobs.jsonl", lines(&[function_job("clock", &program)]));
    let finished = run.place.run(&[&"verify", &"--jobs", &jobs]);
    assert!(finished.stdout.contains("\"verdict\":\"pass\""), "{}", finished.stdout);
    thread::sleep(moment.duration_since(SystemTime::now()).unwrap_or_default());
    let finished = run.cache("verify", &["--share", "1"]);
    assert_eq!(finished.code, Some(3), "{}", finished.stderr);
    assert!(finished.stdout.contains("clock: a program that was pass is wrong_answer"), "{}", finished.stdout);
    assert_eq!(run.stats()["records"], 6, "it was taken out");

    fs::remove_file(&run.data).expect("it is there");
    let finished = run.cache("verify", &["--share", "1"]);
    assert!(finished.stdout.contains("6 whose problem is not where it was"), "{}", finished.stdout);
}

#[test]
fn a_program_near_its_limit_is_judged_anew_and_no_verdict_to_be_checked() {
    if !can_run() {
        return;
    }
    let run = Run::new();
    let near = "import time\ndef add(a, b):\n    end = time.process_time() + 0.9\n    \
                while time.process_time() < end: pass\n    return a + b\n";
    let mut job = function_job("near", near);
    job["problem"]["inputs"] = json!([[1, 2]]);
    job["problem"]["expected"] = json!([3]);
    job["limits"] = json!({"time_s": 1.0});
    let jobs = run.place.write("jobs.jsonl", lines(&[job]));
    for _ in 0..2 {
        let finished = run.place.run(&[&"verify", &"--jobs", &jobs]);
        let row: Value = serde_json::from_str(&finished.stdout).expect("JSON");
        assert_eq!(
            (&row["verdict"], &row["cached"], &row["rerun_alone"]),
            (&"pass".into(), &false.into(), &true.into())
        );
        let stats = run.stats();
        assert_eq!((&stats["near_a_limit"], &stats["verdicts"]), (&1.into(), &json!({})));
    }
    let finished = run.cache("verify", &["--share", "1"]);
    assert!(finished.stdout.contains("0 verdicts judged again"), "{}", finished.stdout);
}

#[test]
fn a_damaged_cache_costs_time_and_nothing_else() {
    if !can_run() {
        return;
    }
    let run = Run::new();
    run.judge(&[]);
    let whole = fs::read(run.store()).expect("a store");
    // Every byte of the programs and verdicts is another one, and the file is as whole as before.
    let damaged: Vec<u8> =
        whole.iter().enumerate().map(|(at, byte)| if at > 8192 { byte ^ 1 } else { *byte }).collect();
    for bytes in [&damaged[..], &whole[..whole.len() / 2], b"no store"] {
        fs::write(run.store(), bytes).expect("written");
        run.judge(&[]);
        run.judge(&[]);
    }
}

#[test]
fn a_cache_that_can_only_be_read_is_read() {
    if !can_run() {
        return;
    }
    let run = Run::new();
    run.judge(&[]);
    let folder = run.place.path("cache");
    let set = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).expect("our own");
    set(0o555);
    fs::set_permissions(run.store(), fs::Permissions::from_mode(0o444)).expect("our own");
    if fs::write(folder.join("probe"), "").is_ok() {
        set(0o755);
        skip("root may write where nobody may");
        return;
    }
    let (finished, rows) = run.judge(&[]);
    assert_eq!(cached(&rows), 9);
    assert!(finished.stderr.contains("can only be read"), "{}", finished.stderr);
    set(0o755);
}

#[test]
fn who_comes_second_goes_on_without_the_cache() {
    if !can_run() {
        return;
    }
    let run = Run::new();
    run.judge(&[]);
    let held = fs::File::options().read(true).write(true).open(run.store()).expect("a store");
    held.lock().expect("locked");
    let (finished, rows) = run.judge(&[]);
    assert_eq!(cached(&rows), 3);
    assert!(finished.stderr.contains("is in use by another trialbox"), "{}", finished.stderr);
}

#[test]
fn the_cache_stays_within_its_size() {
    if !can_run() {
        return;
    }
    let run = Run::new();
    run.judge(&["--cache-size", "3K"]);
    let stats = run.stats();
    assert!(stats["bytes"].as_u64() <= Some(3 << 10) && stats["records"].as_u64() < Some(8), "{stats}");
    run.judge(&[]);
    let finished = run.cache("gc", &["--cache-size", "2K"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(run.stats()["bytes"].as_u64() <= Some(2 << 10), "{}", finished.stdout);
    let none = Place::new();
    let finished = none.run(&[&"cache", &"stats", &"--cache", &none.path("cache")]);
    assert!(finished.code == Some(5) && finished.stderr.contains("there is no verdict cache"), "{}", finished.stderr);
}

/// What may be shared is shared by programs that wait for one another too: hostile ones and honest ones, on many workers.
#[test]
fn the_corpus_gets_the_same_verdicts_from_the_cache() {
    if !can_run() {
        return;
    }
    let Some(corpus) = shared(CORPUS) else { return };
    let place = Place::new();
    let text = fs::read_to_string(corpus).expect("readable");
    let rows: Vec<&str> = text.lines().filter(|row| !row.contains("\"asserts\"") && !row.contains("\"cpp\"")).collect();
    let jobs = place.write("jobs.jsonl", rows.iter().map(|row| format!("{row}\n")).collect::<String>());
    let run = || {
        let finished = place.run(&[&"verify", &"--skip-bad-rows", &"--workers", &"8", &"--jobs", &jobs]);
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        json_lines(&finished.stdout)
    };
    let (first, second) = (run(), run());
    let verdicts =
        |rows: &[Value]| rows.iter().map(|row| (row["id"].clone(), row["verdict"].clone())).collect::<Vec<_>>();
    assert_eq!(verdicts(&first), verdicts(&second));
    assert!(cached(&second) > first.len() / 2, "{} of {}", cached(&second), first.len());
}
