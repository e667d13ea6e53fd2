//! A server on this machine that answers as it is told to.
//! Not here: the tests that tell it.
//! In: a function from requests to replies. Out: an address, and what was asked there.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

/// What was asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) head: String,
    pub(super) body: Value,
}

impl Asked {
    pub(super) fn n(&self) -> u64 {
        self.body["n"].as_u64().unwrap_or(1)
    }

    pub(super) fn seed(&self) -> u64 {
        self.body["seed"].as_u64().unwrap_or(0)
    }

    pub(super) fn is_drawing(&self) -> bool {
        self.path.ends_with("/completions")
    }
}

/// What is answered.
pub(super) enum Reply {
    Json(Value),
    Status(u16, Value),
    /// Status and headers, then any body.
    Raw(&'static str, Vec<u8>),
    /// Only so many bytes of what was promised.
    Cut(Value, usize),
    /// The connection is closed without a word.
    Reset,
    /// Nothing, for so long.
    Hang(Duration),
}

pub(super) struct Fake {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    pub(super) fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), asked.clone());
        // It ends with the tests.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log) = (answer.clone(), log.clone());
                thread::spawn(move || {
                    let Some(asked) = read(&stream) else { return };
                    log.lock().unwrap().push(asked.clone());
                    let reply = answer(&asked);
                    let _ = write(&stream, reply);
                });
            }
        });
        Self { url, asked }
    }

    /// The requests for completions so far.
    pub(super) fn drawings(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().iter().filter(|asked| asked.is_drawing()).cloned().collect()
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let path = head.split_whitespace().nth(1)?.to_owned();
    Some(Asked { path, head, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

fn write(mut stream: &TcpStream, reply: Reply) -> std::io::Result<()> {
    let head = |status: u16, length: usize| {
        format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let (head, body) = match reply {
        Reply::Json(body) => (head(200, body.to_string().len()), body.to_string().into_bytes()),
        Reply::Status(status, body) => (head(status, body.to_string().len()), body.to_string().into_bytes()),
        Reply::Raw(start, body) => {
            (format!("HTTP/1.1 {start}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len()), body)
        }
        Reply::Cut(body, bytes) => {
            let whole = body.to_string().into_bytes();
            (head(200, whole.len()), whole.into_iter().take(bytes).collect())
        }
        Reply::Reset => return Ok(()),
        Reply::Hang(time) => {
            thread::sleep(time);
            return Ok(());
        }
    };
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}

/// A completion as vLLM writes it, whose text is its seed.
pub(super) fn choice(asked: &Asked, index: u64) -> Value {
    let text = format!("seed {}", asked.seed() + index);
    if asked.path.contains("chat") {
        let logprobs = json!({"content": [{"token": "s", "logprob": -1.0, "bytes": [115], "top_logprobs": []},
                                          {"token": "", "logprob": -2.0, "bytes": [], "top_logprobs": []}]});
        let message = json!({"role": "assistant", "content": text});
        return json!({"index": index, "message": message, "finish_reason": "stop", "logprobs": logprobs});
    }
    let logprobs = json!({"tokens": ["s", ""], "token_logprobs": [-1.0, -2.0], "text_offset": [0, 1], "top_logprobs": [null, null]});
    json!({"index": index, "text": text, "finish_reason": "stop", "logprobs": logprobs})
}

/// So many completions.
pub(super) fn answer(asked: &Asked, count: u64) -> Value {
    let choices: Vec<Value> = (0..count).map(|index| choice(asked, index)).collect();
    json!({"object": "text_completion", "model": "tiny", "choices": choices, "usage": {"completion_tokens": 2 * count}})
}

/// The list of one model, or whatever stands in its place for other paths.
pub(super) fn models_or(asked: &Asked, drawing: impl FnOnce() -> Reply) -> Reply {
    if asked.path == "/v1/models" {
        return Reply::Json(json!({"object": "list", "data": [{"id": "tiny", "object": "model", "owned_by": "vllm"}]}));
    }
    drawing()
}

/// vLLM: as many completions as are asked for, with seeds that count up.
pub(super) fn vllm(asked: &Asked) -> Reply {
    models_or(asked, || Reply::Json(answer(asked, asked.n())))
}
