//! A conversation with one `trialbox verify`: batches of jobs in, answers out, and a look at what it holds meanwhile.
//! Not here: which jobs, and what their verdicts should be (`endurance`).
//! In: jobs. Out: answers, figures from /proc, and at the end the certainty that nothing is left.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    processes::{Watched, resident_bytes},
    support::Place,
};

/// Longer than any one answer may take, however many programs wait before it.
const PATIENCE: Duration = Duration::from_secs(180);

const BETWEEN_LOOKS: Duration = Duration::from_millis(150);

/// What one process holds at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) descriptors: usize,
    pub(crate) processes: usize,
    pub(crate) resident_bytes: u64,
}

impl Held {
    /// The larger figure of each kind.
    pub(crate) fn or_more(self, other: Held) -> Held {
        Held {
            descriptors: self.descriptors.max(other.descriptors),
            processes: self.processes.max(other.processes),
            resident_bytes: self.resident_bytes.max(other.resident_bytes),
        }
    }
}

/// A running `trialbox verify`; ended by its number where a test fails meanwhile.
#[derive(Debug)]
pub(crate) struct Conversation {
    place: Place,
    child: Child,
    questions: Option<Sender<String>>,
    answers: Receiver<Value>,
    threads: Vec<JoinHandle<()>>,
    stderr: Option<JoinHandle<String>>,
    watched: Watched,
}

impl Conversation {
    pub(crate) fn begin(workers: usize) -> Self {
        let place = Place::new();
        let mut command =
            place.trialbox(&[&"verify", &"--jobs", &"-", &"--workers", &workers.to_string(), &"--dedupe", &"off"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut stdin = child.stdin.take().expect("piped");
        let stdout = child.stdout.take().expect("piped");
        let mut stderr = child.stderr.take().expect("piped");
        let (questions, to_ask) = mpsc::channel::<String>();
        let (send, answers) = mpsc::channel();
        let asking = thread::spawn(move || {
            // Where trialbox has ended, the answers that are missing tell.
            while let Ok(text) = to_ask.recv()
                && stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush()).is_ok()
            {}
        });
        let reading = thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                drop(send.send(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))));
            }
        });
        let stderr = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).expect("trialbox writes UTF-8");
            text
        });
        let threads = vec![asking, reading];
        let watched = Watched::default();
        Self { place, child, questions: Some(questions), answers, threads, stderr: Some(stderr), watched }
    }

    /// Sends all jobs, and waits for all answers; `seen` is told every few moments what is held.
    pub(crate) fn ask(&mut self, jobs: &[Value], mut seen: impl FnMut(Held)) -> Vec<Value> {
        let questions = self.questions.as_ref().expect("not ended");
        for job in jobs {
            questions.send(format!("{job}\n")).expect("the writer lives as long as trialbox reads");
        }
        let mut answers = Vec::with_capacity(jobs.len());
        let (mut last_answer, mut last_look) = (Instant::now(), Instant::now());
        while answers.len() < jobs.len() {
            match self.answers.recv_timeout(BETWEEN_LOOKS) {
                Ok(answer) => {
                    assert_eq!(answer["id"], jobs[answers.len()]["id"], "answers come in the order of the jobs");
                    answers.push(answer);
                    last_answer = Instant::now();
                }
                Err(RecvTimeoutError::Timeout) => {
                    assert!(last_answer.elapsed() < PATIENCE, "no answer to {} for {PATIENCE:?}", jobs[answers.len()]);
                }
                Err(RecvTimeoutError::Disconnected) => panic!("it ended too early: {}", self.last_words()),
            }
            if last_look.elapsed() >= BETWEEN_LOOKS {
                seen(self.look());
                last_look = Instant::now();
            }
        }
        answers
    }

    /// What trialbox holds now.
    pub(crate) fn look(&mut self) -> Held {
        let process = self.child.id();
        Held {
            descriptors: fs::read_dir(format!("/proc/{process}/fd")).expect("it runs").count(),
            processes: self.watched.look(process),
            resident_bytes: resident_bytes(process).expect("it runs"),
        }
    }

    /// Says that no more jobs come, waits for the end, and makes sure that nothing is left. Answers what stderr said.
    pub(crate) fn end(mut self) -> String {
        self.questions = None;
        let begin = Instant::now();
        let status = loop {
            match self.child.try_wait().expect("our own child") {
                Some(status) => break status,
                None => assert!(begin.elapsed() < PATIENCE, "it does not end"),
            }
            thread::sleep(Duration::from_millis(10));
        };
        self.place.assert_nothing_is_left(self.child.id(), &self.watched.survivors());
        let words = self.last_words();
        assert_eq!(status.code(), Some(0), "{words}");
        self.threads.drain(..).for_each(|thread| thread.join().expect("both ends of the pipes are closed"));
        assert!(self.answers.try_recv().is_err(), "more answers than jobs");
        words
    }

    fn last_words(&mut self) -> String {
        self.stderr.take().map_or_else(String::new, |thread| thread.join().expect("the reader ends with trialbox"))
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        if let Ok(None) = self.child.try_wait() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}
