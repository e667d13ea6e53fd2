//! Tests of `fetch` against a scripted server on this machine.
//! Not here: any other network; the published files are only named, never fetched.

use std::io::BufRead;
use std::io::BufReader;
use std::net::TcpListener;
use std::thread;
use std::thread::JoinHandle;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const CONTENT: &[u8] = b"{\"task_id\": \"a\"}\n{\"task_id\": \"b\"}\n";
const CONTENT_MD5: &str = "a0e47ae11c4172bc2db779cc6da31d3f";

fn packed() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(CONTENT).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// Answers one connection after another with the given bytes, and gives back the heads of the requests.
struct Server {
    url: &'static str,
    thread: JoinHandle<Vec<String>>,
}

impl Server {
    fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/file.gz", listener.local_addr().expect("an address"));
        let thread = thread::spawn(move || answers.into_iter().map(|answer| serve(&listener, &answer)).collect());
        Self { url: url.leak(), thread }
    }

    fn source(&self, md5: &'static str) -> Source {
        Source { name: "test", file_name: "file.jsonl.gz", url: self.url, md5, row_count: 2 }
    }

    fn requests(self) -> Vec<String> {
        self.thread.join().expect("the server does not fail")
    }
}

fn serve(listener: &TcpListener, answer: &[u8]) -> String {
    let (mut stream, _) = listener.accept().expect("a connection");
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    while reader.read_line(&mut head).expect("a line") > 2 {}
    stream.write_all(answer).expect("the client reads");
    head.to_ascii_lowercase()
}

/// An answer whose head promises `promised` bytes.
fn answer(status: &str, headers: &str, promised: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {promised}\r\nConnection: close\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

fn whole(body: &[u8]) -> Vec<u8> {
    answer("200 OK", "", body.len(), body)
}

fn rest(body: &[u8], start: usize) -> Vec<u8> {
    let range = format!("Content-Range: bytes {start}-{}/{}\r\n", body.len() - 1, body.len());
    answer("206 Partial Content", &range, body.len() - start, &body[start..])
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn fetch_quietly(source: &Source, folder: &Path) -> Result<PathBuf, FetchError> {
    fetch(source, folder, &mut |_| {})
}

#[test]
fn a_file_is_downloaded_once_and_then_found() {
    let server = Server::start(vec![whole(&packed())]);
    let source = server.source(CONTENT_MD5);
    let folder = folder();
    let mut seen = Vec::new();
    let path = fetch(&source, &folder.path().join("new"), &mut |progress| seen.push(progress)).expect("fetched");
    assert_eq!(fs::read(&path).expect("readable"), packed());
    let total = packed().len() as u64;
    assert_eq!(seen.last(), Some(&Progress { received_bytes: total, total_bytes: Some(total) }));
    assert_eq!(fetch_quietly(&source, &folder.path().join("new")).expect("found"), path);
    assert!(!folder.path().join("new/file.jsonl.gz.part").exists());
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn of_two_that_fetch_at_once_one_downloads_and_the_other_waits() {
    let server = Server::start(vec![whole(&packed())]);
    let source = server.source(CONTENT_MD5);
    let folder = folder();
    thread::scope(|scope| {
        let both = [0, 1].map(|_| scope.spawn(|| fetch_quietly(&source, folder.path())));
        for fetched in both {
            assert!(fetched.join().expect("no panic").is_ok());
        }
    });
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_truncated_body_is_kept_and_the_next_fetch_goes_on_from_there() {
    let body = packed();
    let server = Server::start(vec![answer("200 OK", "", body.len(), &body[..10]), rest(&body, 10)]);
    let source = server.source(CONTENT_MD5);
    let folder = folder();
    let error = fetch_quietly(&source, folder.path()).expect_err("the body is cut off");
    assert!(matches!(error, FetchError::Interrupted { received_bytes: 10, .. }), "{error}");
    assert!(error.to_string().contains("fetch again to go on from there"));
    assert!(!folder.path().join(source.file_name).exists());
    let path = fetch_quietly(&source, folder.path()).expect("fetched");
    assert_eq!(fs::read(path).expect("readable"), body);
    assert!(server.requests()[1].contains("range: bytes=10-"));
}

#[test]
fn a_server_without_ranges_is_asked_for_the_whole() {
    let server = Server::start(vec![whole(&packed())]);
    let source = server.source(CONTENT_MD5);
    let folder = folder();
    fs::write(folder.path().join("file.jsonl.gz.part"), &packed()[..7]).expect("written");
    let path = fetch_quietly(&source, folder.path()).expect("fetched");
    assert_eq!(fs::read(path).expect("readable"), packed());
}

#[test]
fn a_useless_part_is_dropped_and_the_file_fetched_anew() {
    let body = packed();
    let mut wrong = body.clone();
    wrong[..8].copy_from_slice(b"whatever");
    let refusal = answer("416 Range Not Satisfiable", "", 0, b"");
    for (part, first) in [(&wrong[..8], rest(&body, 8)), (&[&body[..], b"more"].concat()[..], refusal)] {
        let server = Server::start(vec![first, whole(&body)]);
        let folder = folder();
        fs::write(folder.path().join("file.jsonl.gz.part"), part).expect("written");
        let path = fetch_quietly(&server.source(CONTENT_MD5), folder.path()).expect("fetched");
        assert_eq!(fs::read(path).expect("readable"), body);
        assert!(!server.requests()[1].contains("range:"));
    }
}

#[test]
fn a_wrong_checksum_leaves_no_file() {
    let wrong = "00000000000000000000000000000000";
    for (body, found) in [(packed(), CONTENT_MD5), (packed()[..20].to_vec(), "cannot be unpacked")] {
        let server = Server::start(vec![whole(&body)]);
        let source = server.source(wrong);
        let folder = folder();
        let error = fetch_quietly(&source, folder.path()).expect_err("the checksum is wrong");
        assert!(matches!(error, FetchError::Checksum { .. }), "{error}");
        assert!(error.to_string().contains(found), "{error}");
        assert!(!folder.path().join(source.file_name).exists());
        let part = folder.path().join("file.jsonl.gz.part");
        assert_eq!(fs::metadata(part).map(|metadata| metadata.len()).ok(), Some(0));
    }
}

#[test]
fn a_refusal_is_told_with_its_status_and_the_files_place() {
    let server = Server::start(vec![answer("404 Not Found", "", 4, b"none")]);
    let source = server.source(CONTENT_MD5);
    let folder = folder();
    let error = fetch_quietly(&source, folder.path()).expect_err("not found").to_string();
    let place = folder.path().join("file.jsonl.gz").display().to_string();
    assert!(error.contains("answered 404") && error.ends_with(&format!("put it at {place}")), "{error}");
}

#[test]
fn without_a_network_the_error_says_which_file_to_put_where() {
    // A port that was free a moment ago answers nobody.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/file.gz", listener.local_addr().expect("an address"));
    drop(listener);
    let source = Source { name: "test", file_name: "f.gz", url: url.clone().leak(), md5: CONTENT_MD5, row_count: 0 };
    let folder = folder();
    let error = fetch_quietly(&source, folder.path()).expect_err("nobody answers").to_string();
    assert!(error.starts_with(&format!("failed to reach {url}")), "{error}");
    assert!(error.ends_with(&folder.path().join("f.gz").display().to_string()), "{error}");
}
