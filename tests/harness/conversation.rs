//! A conversation with one `trialbox verify --jobs -`: one job in, its verdict out.
//! Not here: what is asked (`session`), how trialbox is started (`class`).
//! In: jobs. Out: verdicts, each within its time; at the end, how trialbox ended.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::class::Ground;

/// How long trialbox may take to end once there are no more jobs.
const END_PATIENCE: Duration = Duration::from_secs(10);

/// A running trialbox with one worker. Ended, whatever happens, when it is dropped.
#[derive(Debug)]
pub(crate) struct Conversation {
    trialbox: Child,
    jobs: Option<ChildStdin>,
    verdicts: Receiver<String>,
    stderr: PathBuf,
}

impl Conversation {
    pub(crate) fn start<'a>(ground: &Ground, environment: impl Iterator<Item = (&'a String, &'a String)>) -> Self {
        let stderr = ground.folder().join("stderr");
        let mut command =
            ground.trialbox(&["verify", "--jobs", "-", "--workers", "1", "--cache", "off", "--dedupe", "off"]);
        command.envs(environment).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(File::create(&stderr).expect("our own folder"));
        let mut trialbox = command.spawn().expect("trialbox starts");
        let jobs = trialbox.stdin.take();
        let stdout = trialbox.stdout.take().expect("piped");
        let (to, verdicts) = channel();
        thread::spawn(move || {
            // Ends with the first of the two ends of this channel.
            BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| to.send(line))
        });
        Self { trialbox, jobs, verdicts, stderr }
    }

    pub(crate) fn process(&self) -> u32 {
        self.trialbox.id()
    }

    /// The verdict on one job.
    pub(crate) fn judge(&mut self, job: &Value, patience: Duration) -> Result<Value, String> {
        let id = job["id"].as_str().expect("jobs have names");
        let jobs = self.jobs.as_mut().expect("open until the end");
        let sent = writeln!(jobs, "{job}").and_then(|()| jobs.flush());
        sent.map_err(|error| format!("{id}: trialbox takes no job: {error}{}", self.complaints()))?;
        let line = self.verdicts.recv_timeout(patience).map_err(|error| match error {
            RecvTimeoutError::Timeout => format!("{id}: no verdict within {patience:?}{}", self.complaints()),
            RecvTimeoutError::Disconnected => format!("{id}: trialbox has ended{}", self.complaints()),
        })?;
        let verdict: Value = serde_json::from_str(&line).map_err(|error| format!("{id}: {error}: {line}"))?;
        if verdict["id"] != job["id"] {
            return Err(format!("{id}: the verdict is one on {}", verdict["id"]));
        }
        Ok(verdict)
    }

    /// Says that there are no more jobs, and waits for the end.
    pub(crate) fn end(mut self) -> Result<(), String> {
        self.jobs = None;
        let begun = Instant::now();
        while begun.elapsed() < END_PATIENCE {
            match self.trialbox.try_wait().expect("our own child") {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("trialbox ended with {status}{}", self.complaints())),
                None => thread::sleep(Duration::from_millis(10)),
            }
        }
        Err(format!("trialbox has not ended within {END_PATIENCE:?}"))
    }

    /// What trialbox said on stderr, as the end of a message.
    fn complaints(&self) -> String {
        let text = fs::read_to_string(&self.stderr).unwrap_or_default();
        if text.is_empty() { text } else { format!("; it said: {}", text.trim_end()) }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.trialbox.kill();
        let _ = self.trialbox.wait();
    }
}
