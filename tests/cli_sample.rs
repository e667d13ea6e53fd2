//! A model answers problems, from the command line: the embedded one, tiny ones of random weights, a server.
//! Not here: what models compute (`sampler`), what prompts say (`cli/prompts`).

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    processes::{Finished, finish},
    support::{Place, can_run, json_lines, skip},
};

const COMPLETIONS: &str = "completions.jsonl";

fn sample(place: &Place, more: &[&str]) -> Finished {
    let mut command = place.trialbox(&[&"sample", &"toy", &"--out", &place.out(), &"--problems", &"6"]);
    command.args(more);
    place.finish(command, b"")
}

fn drawn(place: &Place) -> String {
    fs::read_to_string(place.out().join(COMPLETIONS)).expect("completions")
}

/// A model's folder of random weights, as the sampler's own tests have it.
fn random_model(place: &Place, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("sampler/references/models/qwen2");
    let to = place.path("model");
    fs::create_dir_all(&to).expect("a folder");
    for entry in fs::read_dir(from).expect("a model") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let bytes = change(&name, fs::read(&path).expect("a file"));
        if !bytes.is_empty() {
            fs::write(to.join(name), bytes).expect("written");
        }
    }
    to
}

#[test]
fn the_embedded_model_solves_more_toy_problems_with_more_tries() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let finished = place.run(&[&"run", &"toy", &"--problems", &"16", &"--n", &"32", &"--out", &place.out()]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(json_lines(&drawn(&place)).len(), 16 * 32);
    assert_eq!(place.verdicts().len(), 16 * 32);
    let report = place.report();
    let at = |k: &str| report["pass_at_k"]["plus"][k]["value"].as_f64();
    let (once, often) = (at("1").expect("pass@1"), at("32").expect("pass@32"));
    assert!(once > 0.02 && once + 0.15 < often && often < 1.0, "pass@1 {once}, pass@32 {often}: {report}");
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_with_the_bytes_of_an_unbroken_one() {
    let whole = Place::new();
    assert_eq!(sample(&whole, &["--n", "40"]).code, Some(0));
    let expected = drawn(&whole);
    assert_eq!(expected.lines().count(), 240);
    let place = Place::new();
    let mut kills = 0;
    for patience_ms in (150..).step_by(70) {
        let mut command =
            place.trialbox(&[&"sample", &"toy", &"--out", &place.out(), &"--problems", &"6", &"--n", &"40"]);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        thread::sleep(Duration::from_millis(patience_ms));
        if child.try_wait().expect("our own child").is_some() {
            break;
        }
        child.kill().expect("our own child");
        child.wait().expect("our own child");
        kills += 1;
        // A machine that stops may leave half a line.
        if let Ok(text) = fs::read(place.out().join(COMPLETIONS)) {
            fs::write(place.out().join(COMPLETIONS), &text[..text.len().saturating_sub(kills)]).expect("written");
        }
    }
    assert!(kills > 0, "it was never killed");
    let finished = sample(&place, &["--n", "40", "--resume"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(drawn(&place), expected, "after {kills} kills");
}

#[test]
fn more_samples_are_added_to_those_that_are_there_and_another_run_is_refused() {
    let (few, many) = (Place::new(), Place::new());
    assert_eq!(sample(&few, &["--n", "3"]).code, Some(0));
    assert_eq!(sample(&many, &["--n", "9", "--batch", "5"]).code, Some(0));
    let finished = sample(&few, &["--n", "9"]);
    assert!(finished.stderr.contains("18 of 54 completions were there"), "{}", finished.stderr);
    assert_eq!(drawn(&few), drawn(&many));
    for (more, told) in [
        (["--seed", "8"], "sampling is"),
        (["--temperature", "0.7"], "sampling is"),
        (["--prompt", "plain-base"], "prompts_hash is"),
        (["--problem-seed", "4"], "dataset_hash is"),
        (["--dtype", "bf16"], "model is"),
    ] {
        let refused = sample(&few, &[&["--n", "9"], &more[..]].concat());
        assert_eq!(refused.code, Some(2), "{more:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(told) && refused.stderr.contains("--fresh"), "{}", refused.stderr);
    }
    let refused = sample(&few, &["--n", "4"]);
    assert!(refused.code == Some(2) && refused.stderr.contains("holds 9 samples of a problem"), "{}", refused.stderr);
    assert_eq!(drawn(&few), drawn(&many), "nothing was lost");
}

#[test]
fn completions_say_what_was_drawn_and_how() {
    let place = Place::new();
    assert_eq!(sample(&place, &["--n", "2", "--seed", "5", "--logprobs"]).code, Some(0));
    for row in json_lines(&drawn(&place)) {
        let (tokens, logprobs) =
            (row["tokens"].as_u64().expect("a number"), row["logprobs"].as_array().expect("a list"));
        assert_eq!(tokens, logprobs.len() as u64);
        let sum: f64 = logprobs.iter().map(|it| it.as_f64().expect("a number")).sum();
        #[expect(clippy::cast_precision_loss, reason = "a few tokens")]
        let mean = sum / tokens as f64;
        assert!((row["mean_logprob"].as_f64().expect("a number") - mean).abs() < 1e-6);
        assert_eq!((&row["seed"], &row["answers"]), (&json!(5), &json!("completion")));
        assert!(["stop", "length"].contains(&row["finish_reason"].as_str().expect("a word")));
        assert!(row["text"].is_string() && row["task_id"].is_string() && row["sample"].is_u64());
    }
}

#[test]
fn perplexity_is_told_for_every_completion() {
    let place = Place::new();
    assert_eq!(sample(&place, &["--n", "3"]).code, Some(0));
    let finished = place.run(&[&"sample", &"--perplexity", &place.out().join(COMPLETIONS), &"--model", &"toy"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let (rows, completions) = (json_lines(&finished.stdout), json_lines(&drawn(&place)));
    assert_eq!(rows.len(), completions.len());
    for (row, completion) in rows.iter().zip(&completions) {
        assert_eq!((&row["task_id"], &row["sample"]), (&completion["task_id"], &completion["sample"]));
        let mean = row["mean_logprob"].as_f64().expect("tokens");
        assert!((row["perplexity"].as_f64().expect("tokens") - (-mean).exp()).abs() < 1e-9 && mean <= 0.0, "{row}");
    }
    fs::remove_file(place.out().join("prompts.jsonl")).expect("it is there");
    let refused = place.run(&[&"sample", &"--perplexity", &place.out().join(COMPLETIONS), &"--model", &"toy"]);
    assert_eq!(refused.code, Some(5));
    assert!(refused.stderr.contains("prompts.jsonl") && refused.stderr.contains("beside the completions"));
}

#[test]
fn what_a_model_is_asked_is_shown() {
    let place = Place::new();
    let finished = place.run(&[&"sample", &"toy", &"--problems", &"2", &"--show-prompt"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(finished.stdout.starts_with("=== toy/0-0\n[text]\n# ") && finished.stdout.contains("def f(x):"));
    assert!(finished.stdout.contains("=== toy/0-1\n") && finished.stdout.contains("[what comes back is a completion"));
}

#[test]
fn a_model_that_cannot_be_used_is_refused_with_what_is_wrong() {
    let replaced = |name: &'static str, from: &'static str, to: &'static str| {
        move |file: &str, bytes: Vec<u8>| match file {
            _ if file == name => String::from_utf8(bytes).expect("text").replacen(from, to, 1).into_bytes(),
            _ => bytes,
        }
    };
    let without = |name: &'static str| move |file: &str, bytes: Vec<u8>| if file == name { Vec::new() } else { bytes };
    type Change = Box<dyn Fn(&str, Vec<u8>) -> Vec<u8>>;
    let cases: [(Change, &[&str]); 7] = [
        (
            Box::new(replaced("config.json", "\"qwen2\"", "\"mamba\"")),
            &["mamba is not supported", "qwen2, qwen3, llama"],
        ),
        (
            Box::new(replaced("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3")),
            &["tensors are missing", "model.layers.2."],
        ),
        (
            Box::new(replaced("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1")),
            &["tensors are unknown to a qwen2 model", "model.layers.1."],
        ),
        (
            Box::new(replaced("config.json", "\"vocab_size\": 320", "\"vocab_size\": 321")),
            &["model.embed_tokens.weight is [320, 64]", "[321, 64]"],
        ),
        (Box::new(without("tokenizer.json")), &["cannot read", "tokenizer.json"]),
        (Box::new(without("model.safetensors")), &["cannot read", "model.safetensors"]),
        (
            Box::new(
                |file: &str, bytes: Vec<u8>| {
                    if file == "model.safetensors" { bytes[..bytes.len() / 2].to_vec() } else { bytes }
                },
            ),
            &["model"],
        ),
    ];
    for (change, told) in cases {
        let place = Place::new();
        let model = random_model(&place, change).display().to_string();
        let finished = sample(&place, &["--model", &model, "--n", "1"]);
        assert_eq!(finished.code, Some(5), "{}", finished.stderr);
        assert!(told.iter().all(|told| finished.stderr.contains(told)), "{told:?}: {}", finished.stderr);
    }
    let place = Place::new();
    let no_end = random_model(&place, |file, bytes| match file {
        "config.json" | "generation_config.json" | "tokenizer_config.json" => {
            let mut json: Value = serde_json::from_slice(&bytes).expect("JSON");
            for key in ["eos_token_id", "eos_token"] {
                json.as_object_mut().expect("an object").remove(key);
            }
            json.to_string().into_bytes()
        }
        _ => bytes,
    });
    let model = no_end.display().to_string();
    let finished = sample(&place, &["--model", &model, "--n", "1"]);
    assert!(finished.code == Some(5) && finished.stderr.contains("--end-token"), "{}", finished.stderr);
    let finished =
        sample(&place, &["--model", &model, "--n", "1", "--end-token", "1", "--max-tokens", "5", "--prompt", "toy"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
}

#[test]
fn a_prompt_that_does_not_fit_is_refused_before_anything_else_of_it_is_drawn() {
    let place = Place::new();
    let model = random_model(&place, |_, bytes| bytes).display().to_string();
    let finished = sample(&place, &["--model", &model, "--n", "1", "--context", "12", "--prompt", "toy"]);
    assert_eq!(finished.code, Some(5), "{}", finished.stderr);
    assert!(finished.stderr.contains("this model's context 12"), "{}", finished.stderr);
    let memory = ["--model", &model, "--n", "1", "--kv-memory", "10K", "--max-tokens", "200", "--prompt", "toy"];
    let finished = sample(&place, &memory);
    assert!(finished.stderr.contains("allow more with --kv-memory"), "{}", finished.stderr);
    let finished =
        place.run(&[&"sample", &"humaneval+", &"--model", &"", &"--out", &place.out(), &"--data", &"nowhere"]);
    assert_eq!(finished.code, Some(5), "{}", finished.stderr);
}

#[test]
fn a_full_disk_keeps_the_completions_that_were_written() {
    let place = Place::new();
    let out = place.out().display().to_string();
    let command = place.trialbox(&[&"sample", &"toy", &"--out", &out, &"--problems", &"6", &"--n", &"300"]);
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let trialbox = words.join(" ");
    let script = format!(
        "mkdir {out} && mount -t tmpfs -o size=150k none {out} || exit 77\n{trialbox}\necho code $?\nwc -l < {out}/completions.jsonl\n\
         mount -o remount,size=64m {out}\n{trialbox}\necho code $?\nwc -l < {out}/completions.jsonl\n\
         cut -d, -f1,2 {out}/completions.jsonl | sort -u | wc -l"
    );
    let mut command = place.prepare("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
    let finished = finish(command, b"");
    let said: Vec<&str> = finished.stdout.lines().map(str::trim).collect();
    let [failed, kept, done, all, different] = said[..] else {
        skip(&format!("no disk of a small size can be had: {}", finished.stderr.trim_end()));
        return;
    };
    assert_eq!((failed, done, all, different), ("code 1", "code 0", "1800", "1800"), "{}", finished.stderr);
    for told in ["No space left on device", "completions.jsonl", "the same command goes on"] {
        assert!(finished.stderr.contains(told), "{}", finished.stderr);
    }
    let kept: usize = kept.parse().expect("a number");
    assert!((10..1800).contains(&kept), "{kept}");
}

/// A server of OpenAI's kind.
struct Server {
    port: u16,
    manner: Arc<Manner>,
}

/// How it answers.
struct Manner {
    model: &'static str,
    answered: AtomicUsize,
    /// After so many answers it is dead.
    lives: usize,
    /// After so many answers the others wait until they are released.
    waits_after: usize,
    released: AtomicBool,
}

impl Server {
    fn start(model: &'static str, lives: usize) -> Self {
        Self::in_a_manner(model, lives, usize::MAX)
    }

    fn in_a_manner(model: &'static str, lives: usize, waits_after: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (answered, released) = (AtomicUsize::new(0), AtomicBool::new(false));
        let manner = Arc::new(Manner { model, answered, lives, waits_after, released });
        let of_server = Arc::clone(&manner);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let manner = Arc::clone(&of_server);
                thread::spawn(move || while serve(&stream, &manner).is_some() {});
            }
        });
        Self { port, manner }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Answers one request; `None` where the connection is over.
fn serve(stream: &TcpStream, manner: &Manner) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = if first.starts_with("GET") {
        json!({"object": "list", "data": [{"id": manner.model, "object": "model"}]})
    } else {
        let before = manner.answered.fetch_add(1, Ordering::SeqCst);
        if before >= manner.lives {
            return None;
        }
        while before >= manner.waits_after && !manner.released.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
        }
        let asked: Value = serde_json::from_slice(&body).ok()?;
        let (n, seed) = (asked["n"].as_u64().unwrap_or(1), asked["seed"].as_u64().unwrap_or(0));
        let choice = |index: u64| {
            json!({"index": index, "text": format!("    return {}", seed + index), "finish_reason": "stop",
                   "logprobs": {"tokens": ["a"], "token_logprobs": [-0.5]}})
        };
        json!({"choices": (0..n).map(choice).collect::<Vec<_>>(), "usage": {"completion_tokens": 4 * n}})
    };
    let text = answer.to_string();
    let mut stream = stream;
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}", text.len())
        .ok()
}

#[test]
fn a_server_that_dies_costs_nothing_that_came_and_another_one_goes_on() {
    let place = Place::new();
    let dying = Server::start("only", 5);
    let url = dying.url();
    let more =
        ["--model", &url, "--prompt", "base", "--n", "20", "--chunk", "4", "--retries", "1", "--concurrency", "3"];
    let finished = sample(&place, &more);
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    assert!(finished.stderr.contains("toy/0-") && finished.stderr.contains("the same command"), "{}", finished.stderr);
    assert!(dying.manner.answered.load(Ordering::SeqCst) >= 5);
    let kept = json_lines(&drawn(&place));
    assert_eq!(kept.len(), 20, "five answers of four");
    let stranger = Server::start("another", usize::MAX).url();
    let refused = sample(&place, &["--model", &stranger, "--prompt", "base", "--n", "20"]);
    assert!(refused.code == Some(2) && refused.stderr.contains("another"), "{}", refused.stderr);
    let alive = Server::start("only", usize::MAX);
    let url = alive.url();
    let more = ["--model", &url, "--prompt", "base", "--n", "20", "--chunk", "4", "--resume"];
    let finished = sample(&place, &more);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let all = json_lines(&drawn(&place));
    let key = |row: &Value| (row["task_id"].to_string(), row["sample"].as_u64().expect("a number"));
    let texts: BTreeMap<(String, u64), &Value> = all.iter().map(|row| (key(row), &row["text"])).collect();
    assert_eq!((all.len(), texts.len()), (120, 120));
    for row in &kept {
        assert_eq!(*texts[&key(row)], row["text"]);
    }
}

#[test]
fn samples_are_judged_while_others_are_still_drawn() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let server = Server::in_a_manner("only", usize::MAX, 3);
    let url = server.url();
    let mut command = place.trialbox(&[&"run", &"toy", &"--out", &place.out(), &"--problems", &"6", &"--n", &"4"]);
    command.args(["--model", &url, "--prompt", "base", "--chunk", "4", "--concurrency", "1"]);
    let manner = Arc::clone(&server.manner);
    let verdicts = place.out().join("verdicts.jsonl");
    let looking = thread::spawn(move || {
        let began = Instant::now();
        // Half of the samples are drawn, and the others will not be before these are judged.
        while began.elapsed() < Duration::from_secs(100) {
            let judged = fs::read_to_string(&verdicts).map_or(0, |text| text.lines().count());
            if judged == 12 {
                manner.released.store(true, Ordering::SeqCst);
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        manner.released.store(true, Ordering::SeqCst);
        false
    });
    let finished = place.finish(command, b"");
    assert!(looking.join().expect("it looks"), "nothing was judged before all was drawn");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!((place.verdicts().len(), &place.report()["samples"]), (24, &json!(24)));
    assert!(place.out().join("report/report.html").exists());
}

#[test]
fn a_run_that_begins_anew_and_is_killed_at_once_shows_none_of_the_old_verdicts() {
    if !can_run() {
        return;
    }
    let place = Place::new();
    let old = ["--problems", "3", "--n", "2"];
    let run = |more: &[&str]| {
        let mut command = place.trialbox(&[&"run", &"toy", &"--out", &place.out()]);
        command.args(more);
        command
    };
    let finished = place.finish(run(&old), b"");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let manifest = || fs::read_to_string(place.out().join("run.json")).expect("a manifest");
    let old_manifest = manifest();
    let mut anew = run(&["--problems", "60", "--n", "64", "--problem-seed", "5", "--fresh"]);
    let mut child = anew.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let began = Instant::now();
    // As soon as the new run has claimed the folder, which its manifest says last: long before its first verdict.
    while [old_manifest.as_str(), ""].contains(&manifest().as_str()) && began.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("our own child");
    child.wait().expect("our own child");
    assert!(!place.out().join("report.json").exists(), "it says that it is complete");
    let kept = fs::read_to_string(place.out().join("verdicts.jsonl")).unwrap_or_default();
    assert!(!kept.contains("toy/0-"), "verdicts of the old run");
    // A folder that the killed process left is cleaned up when it is older than this.
    let finished = finish(run(&["--problems", "60", "--n", "64", "--problem-seed", "5"]), b"");
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(place.verdicts().len(), 60 * 64);
}
