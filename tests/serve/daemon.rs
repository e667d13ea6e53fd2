//! A running `trialbox serve`, and a client that does exactly what a test says: half a request, no request, one byte at a time.
//! Not here: what is asked and what must come back (`serve`).

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    processes::{Watched, command, finish},
    support::Place,
};

/// Longer than any one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A daemon on a port of its own; ended by its number where a test fails meanwhile.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub(crate) place: Place,
    child: Child,
    stderr: Option<JoinHandle<String>>,
    /// What it said of where it listens.
    pub(crate) url: String,
    watched: Watched,
}

/// An answer to a request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The first header of that name, in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)))
            .map(|(_, value)| value)
    }

    /// The code of a fault, which must come with a message and the request's id.
    pub(crate) fn fault(&self) -> (u16, String) {
        let error = &self.json()["error"];
        let text = |key: &str| error[key].as_str().unwrap_or_else(|| panic!("no {key}: {self:?}")).to_owned();
        assert!(!text("message").is_empty(), "{self:?}");
        assert_eq!(Some(text("request_id").as_str()), self.header("x-request-id"), "{self:?}");
        (self.status, text("code"))
    }

    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_else(|| panic!("no message: {self:?}")).to_owned()
    }
}

impl Daemon {
    /// Starts one on a free port.
    pub(crate) fn start(further: &[&str]) -> Self {
        Self::start_in(Place::new(), &[&["--listen", "127.0.0.1:0"], further].concat())
    }

    pub(crate) fn start_in(place: Place, further: &[&str]) -> Self {
        let mut command = place.trialbox(&[&"serve"]);
        command.args(further).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut stderr = child.stderr.take().expect("piped");
        let stderr = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).expect("trialbox writes UTF-8");
            text
        });
        let mut url = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut url).expect("readable");
        let mut daemon =
            Self { place, child, stderr: Some(stderr), url: url.trim().to_owned(), watched: Watched::default() };
        if daemon.url.is_empty() {
            drop(daemon.child.wait());
            panic!("it does not listen: {}", daemon.stderr.take().expect("kept").join().expect("read"));
        }
        daemon
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let address = self.url.strip_prefix("http://").expect("an address");
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// Posts JSON.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, &body.to_string())
    }

    pub(crate) fn post_text(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, &["content-type: application/json"], body)
    }

    /// One request with these headers, on a connection of its own.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.connect();
        let body = body.as_ref();
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        // A daemon that refuses need not read to the end.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        answer(stream)
    }

    /// The value of a metric that has no labels, or exactly these.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").body;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().expect("a number")
    }

    /// Waits until something is so.
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < PATIENCE, "never: {what}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Looks at its descendants, so that none of them may outlive it unseen.
    pub(crate) fn look(&mut self) -> usize {
        self.watched.look(self.child.id())
    }

    pub(crate) fn signal(&self, name: &str) {
        let mut kill = command("kill");
        kill.args([&format!("-{name}"), &self.child.id().to_string()]);
        assert_eq!(finish(kill, b"").code, Some(0));
    }

    /// Tells it to end, and waits for that. Gives its exit code and what it said.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        self.look();
        self.signal("TERM");
        let status = self.child.wait().expect("our own child");
        let said = self.stderr.take().expect("kept").join().expect("read");
        self.place.assert_nothing_is_left(self.child.id(), &self.watched.survivors());
        (status.code(), said)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads an answer to its end. The connection must end with it.
pub(crate) fn answer(mut stream: impl Read) -> Answer {
    let mut bytes = Vec::new();
    // A daemon that refuses a body may close before it has read all of it.
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if is_chunked { unchunked(body) } else { body.to_owned() };
    Answer { status, head: head.to_owned(), body }
}

fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((length, behind)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).expect("a length");
        if length == 0 {
            return body;
        }
        body += &behind[..length];
        rest = &behind[length + 2..];
    }
    panic!("the body does not end");
}
