//! The mix that the soak test repeats: right, wrong and hostile candidates, cheap and dear ones.
//! Not here: judging them (`endurance`), the shared corpus (`cases`).
//! In: a number. Out: a job, and the verdict that is known of it.

use std::fs;

use serde_json::{Value, json};

use crate::{
    fixtures::{ADD, asserts_job, function_job, stdin_job},
    support::{CORPUS, json_lines, shared},
};

/// One kind of candidate.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) name: String,
    /// The verdict it must get; where it is not known beforehand, its first one.
    pub(crate) verdict: Option<&'static str>,
    job: Value,
    /// Whether it needs more than a few milliseconds: such ones come less often.
    is_dear: bool,
    /// Whether the text may be changed: no two repetitions are the same program.
    is_ours: bool,
}

impl Candidate {
    /// The candidate's job, as the `number`th of a run.
    pub(crate) fn job(&self, number: usize) -> Value {
        let mut job = self.job.clone();
        job["id"] = json!(format!("{number} {}", self.name));
        if self.is_ours {
            let source = job["candidate"].as_str().expect("text");
            job["candidate"] = json!(format!("{source}\n# {number}\n"));
        }
        job
    }
}

/// Cheap and dear candidates, to be taken in turn.
#[derive(Debug)]
pub(crate) struct Mix {
    cheap: Vec<Candidate>,
    dear: Vec<Candidate>,
}

/// Every so many candidates one is dear.
const DEAR_EVERY: usize = 8;

impl Mix {
    pub(crate) fn new() -> Self {
        let all = ours().into_iter().chain(corpus());
        let (dear, cheap) = all.partition(|candidate| candidate.is_dear);
        Self { cheap, dear }
    }

    pub(crate) fn kinds(&self) -> usize {
        self.cheap.len() + self.dear.len()
    }

    /// The candidate whose turn it is.
    pub(crate) fn at(&self, number: usize) -> &Candidate {
        if number % DEAR_EVERY == DEAR_EVERY - 1 {
            &self.dear[number / DEAR_EVERY % self.dear.len()]
        } else {
            &self.cheap[(number - number / DEAR_EVERY) % self.cheap.len()]
        }
    }
}

/// The shared corpus where there is one, with limits that keep a soak short.
fn corpus() -> Vec<Candidate> {
    let Some(path) = shared(CORPUS) else { return Vec::new() };
    let rows = json_lines(&fs::read_to_string(path).expect("readable"));
    let id = |row: &Value| row["id"].as_str().expect("text").to_owned();
    let candidate = |mut row: Value| {
        let family = row["family"].as_str().expect("text").to_owned();
        let runs_into_a_limit = family == "time" || id(&row) == "sh-proc-fork-bomb";
        let is_dear = runs_into_a_limit || row["limits"]["memory_mb"].is_u64() || row["danger"] == 1;
        if row["limits"]["memory_mb"] == 512 {
            row["limits"]["memory_mb"] = json!(128);
        }
        if !row["limits"].is_object() {
            row["limits"] = json!({});
        }
        row["limits"]["time_s"] = json!(if runs_into_a_limit { 0.2 } else { 1.0 });
        let verdict = (row["expect"] == "pass" && row["needs"].is_null()).then_some("pass");
        Candidate { name: id(&row), verdict, job: row, is_dear, is_ours: false }
    };
    rows.into_iter().map(candidate).collect()
}

fn ours() -> Vec<Candidate> {
    let candidate = |name: &str, verdict, job: Value, limits: Option<Value>| {
        let (mut job, is_dear) = (job, limits.is_some());
        job["limits"] = limits.unwrap_or_else(|| json!({"time_s": 1}));
        Candidate { name: name.to_owned(), verdict, job, is_dear, is_ours: true }
    };
    let cheap = |name, verdict, program: &str| candidate(name, Some(verdict), function_job("", program), None);
    let dear = |name, verdict, limits, program: &str| candidate(name, verdict, function_job("", program), Some(limits));
    let (small, short) = (json!({"time_s": 1, "memory_mb": 128}), json!({"time_s": 0.2}));
    vec![
        cheap("right", "pass", ADD),
        cheap("wrong", "wrong_answer", "def add(a, b):\n    return a - b\n"),
        cheap("raises", "runtime_error", "def add(a, b):\n    return a / 0\n"),
        cheap("no python", "compile_error", "def add(a, b:\n"),
        cheap("works a while", "pass", &format!("x = sum(i & 7 for i in range(100_000))\n{ADD}")),
        cheap("prints", "pass", &in_call("for i in range(3000): print('noise', i)")),
        cheap("large answer", "wrong_answer", "def add(a, b):\n    return list(range(100_000))\n"),
        cheap("recurses", "runtime_error", "def add(a, b):\n    return add(a, b) + 1\n"),
        cheap("forks if it can", "pass", &in_call("import os\n    try: os.fork()\n    except OSError: pass")),
        cheap("starts a program", "runtime_error", &in_call("import subprocess; subprocess.run(['true'])")),
        cheap("kills itself", "runtime_error", &in_call("import os; os.kill(os.getpid(), 9)")),
        cheap("leaves", "runtime_error", &in_call("import os; os._exit(0)")),
        cheap("reads address 0", "runtime_error", &in_call("import ctypes; ctypes.string_at(0)")),
        cheap("leaves files", "pass", &format!("{LITTER}{ADD}")),
        cheap("leaves descriptors", "pass", &format!("{DESCRIPTORS}{ADD}")),
        cheap("leaves threads", "pass", &format!("{THREADS}for i in range(40): start()\n{ADD}")),
        candidate("stdin right", Some("pass"), stdin_job("", "print(sum(map(int, input().split())))\n"), None),
        candidate("stdin wrong", Some("wrong_answer"), stdin_job("", "print(3)\n"), None),
        candidate("asserts right", Some("pass"), asserts_job("", ADD), None),
        candidate("asserts wrong", Some("wrong_answer"), asserts_job("", "def add(a, b):\n    return 3\n"), None),
        dear("loops", Some("time_limit"), short.clone(), &in_call("while True: pass")),
        dear("loops while it loads", Some("time_limit"), short.clone(), "while True: pass\n"),
        dear("sleeps", Some("time_limit"), short, &in_call("import time; time.sleep(1000)")),
        dear("takes much at once", Some("memory_limit"), small.clone(), &in_call("x = bytearray(1 << 40)")),
        dear("takes bit by bit", Some("memory_limit"), small.clone(), &in_call(BIT_BY_BIT)),
        dear("recurses without a limit", None, small, &in_call(ENDLESS)),
        dear(
            "starts threads without end",
            Some("runtime_error"),
            json!({}),
            &format!("{THREADS}while True: start()\n"),
        ),
        dear("fills the disk", None, json!({}), &in_call(FILLS)),
        candidate("floods", Some("output_limit"), stdin_job("", "while True: print('x' * 65536)\n"), Some(json!({}))),
    ]
}

/// A right program that does something else first, in each call.
fn in_call(what: &str) -> String {
    format!("def add(a, b):\n    {what}\n    return a + b\n")
}

/// Fails where an earlier candidate's files are still there.
const LITTER: &str = "\
import os, tempfile
folder = tempfile.gettempdir()
assert os.listdir(folder) == [], os.listdir(folder)
for i in range(20):
    os.makedirs(f'{folder}/{i}/deeper')
    for j in range(10):
        open(f'{folder}/{i}/deeper/{j}', 'w').write('x' * 1000)
";

/// Opens whatever the limit allows, and then closes one again: the answer needs none.
const DESCRIPTORS: &str = "\
import os
opened = []
try:
    while True:
        opened.append(os.open('/dev/null', os.O_RDONLY))
except OSError:
    os.close(opened.pop())
";

const THREADS: &str = "\
import threading
def start():
    threading.Thread(target=threading.Event().wait, daemon=True).start()
";

const BIT_BY_BIT: &str = "held = []\n    while True: held.append(bytearray(b'x') * (1 << 20))";
const ENDLESS: &str = "import sys; sys.setrecursionlimit(10 ** 9); return add(a, b) + 1";
const FILLS: &str = "\
import tempfile
    with open(tempfile.gettempdir() + '/full', 'wb') as file:
        while True: file.write(bytes(1 << 20)), file.flush()";
