//! Downloads a dataset file into the cache: resumes, checks, and only then gives it its name.
//! Not here: which files there are and where they belong (`source`), reading them (`dataset`).
//! In: a [`Source`] and a folder. Out: the path of a file whose checksum is right; nothing else is left under that name.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use ureq::Agent;
use ureq::Body;
use ureq::http::Response;
use ureq::http::header;

use crate::source;
use crate::source::Source;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// A body may take as long as it likes as long as something keeps coming.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a file could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server could not be reached, as without a network.
    #[error("failed to reach {url}: {error}; without a network, put that file at {}", path.display())]
    Unreachable {
        /// Where from.
        url: String,
        /// Where the file is wanted.
        path: PathBuf,
        /// Why not.
        #[source]
        error: Box<ureq::Error>,
    },
    /// The server answered with something else.
    #[error("failed to download {url}: the server answered {status}; if you have that file, put it at {}", path.display())]
    Status {
        /// Where from.
        url: String,
        /// Where the file is wanted.
        path: PathBuf,
        /// The HTTP status.
        status: u16,
    },
    /// The download stopped early. What has come is kept.
    #[error("the download of {url} stopped after {received_bytes} bytes: {reason}; fetch again to go on from there")]
    Interrupted {
        /// Where from.
        url: String,
        /// How much of the file is here.
        received_bytes: u64,
        /// Why it stopped.
        reason: String,
    },
    /// The file is not the one that was published. Nothing is kept.
    #[error("what {url} gave is not the published file: expected MD5 {expected} unpacked, found {found}")]
    Checksum {
        /// Where from.
        url: String,
        /// The MD5 wanted.
        expected: String,
        /// The MD5 found, or why there is none.
        found: String,
    },
    /// The cache cannot be written.
    #[error("failed to write {}: {error}", path.display())]
    Write {
        /// What cannot be written.
        path: PathBuf,
        /// Why not.
        #[source]
        error: io::Error,
    },
}

/// How far a download has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How much of the file is here, an earlier attempt's part included.
    pub received_bytes: u64,
    /// The size of the file, where the server says it.
    pub total_bytes: Option<u64>,
}

/// Makes sure that a published file stands in `folder`, and downloads it if it does not.
///
/// Several processes may fetch the same file at once: one downloads and the others wait for it.
pub fn fetch(source: &Source, folder: &Path, progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, FetchError> {
    let path = folder.join(source.file_name);
    if is_right(source, &path) {
        return Ok(path);
    }
    fs::create_dir_all(folder).map_err(|error| FetchError::Write { path: folder.to_owned(), error })?;
    let part = Part::open(folder.join(format!("{}.part", source.file_name)))?;
    // Whoever held the lock before may have finished.
    if is_right(source, &path) {
        return Ok(path);
    }
    let mut download = Download { source, path: &path, part, progress };
    download.run()?;
    fs::rename(&download.part.path, &path).map_err(|error| FetchError::Write { path: path.clone(), error })?;
    Ok(path)
}

fn is_right(source: &Source, path: &Path) -> bool {
    source::unpacked_md5(path).is_ok_and(|found| found == source.md5)
}

/// The file that a download grows in, locked. It is emptied and never removed, so that waiting processes and this one
/// always mean the same file.
struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    fn open(path: PathBuf) -> Result<Self, FetchError> {
        let opened = OpenOptions::new().create(true).append(true).open(&path);
        let locked = opened.and_then(|file| file.lock().map(|()| file));
        match locked {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => Err(FetchError::Write { path, error }),
        }
    }

    fn length(&self) -> Result<u64, FetchError> {
        self.file.metadata().map(|metadata| metadata.len()).map_err(|error| self.fault(error))
    }

    fn clear(&self) -> Result<(), FetchError> {
        self.file.set_len(0).map_err(|error| self.fault(error))
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        self.file.write_all(bytes).map_err(|error| self.fault(error))
    }

    fn fault(&self, error: io::Error) -> FetchError {
        FetchError::Write { path: self.path.clone(), error }
    }
}

struct Download<'a> {
    source: &'a Source,
    path: &'a Path,
    part: Part,
    progress: &'a mut dyn FnMut(Progress),
}

impl Download<'_> {
    /// Fills the part and checks it. A part from an earlier attempt that turns out useless is tried once more from the
    /// start.
    fn run(&mut self) -> Result<(), FetchError> {
        let resumed = self.part.length()? > 0;
        match self.fill().and_then(|()| self.check()) {
            Err(FetchError::Checksum { .. } | FetchError::Status { status: 416, .. }) if resumed => {
                self.part.clear()?;
                self.fill()?;
                self.check()
            }
            result => result,
        }
    }

    fn fill(&mut self) -> Result<(), FetchError> {
        let start = self.part.length()?;
        let response = self.request(start)?;
        let start = match response.status().as_u16() {
            206 if range_start(&response) == Some(start) => start,
            200 => {
                self.part.clear()?;
                0
            }
            status => return Err(FetchError::Status { url: self.url(), path: self.path.to_owned(), status }),
        };
        let total_bytes = response.body().content_length().map(|length| start + length);
        self.copy(response.into_body(), start, total_bytes)
    }

    fn request(&self, start: u64) -> Result<Response<Body>, FetchError> {
        let agent: Agent = Agent::config_builder()
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(RESPONSE_TIMEOUT))
            .timeout_per_read(Some(STALL_TIMEOUT))
            .http_status_as_error(false)
            .build()
            .into();
        // The bytes wanted are the file's own; a server that packed them once more would break the ranges.
        let mut request = agent.get(self.source.url).header(header::ACCEPT_ENCODING, "identity");
        if start > 0 {
            request = request.header(header::RANGE, format!("bytes={start}-"));
        }
        request.call().map_err(|error| FetchError::Unreachable {
            url: self.url(),
            path: self.path.to_owned(),
            error: Box::new(error),
        })
    }

    fn copy(&mut self, body: Body, start: u64, total_bytes: Option<u64>) -> Result<(), FetchError> {
        let mut reader = body.into_reader();
        let mut chunk = vec![0; 1 << 16];
        let mut received_bytes = start;
        (self.progress)(Progress { received_bytes, total_bytes });
        loop {
            let count = match reader.read(&mut chunk) {
                Ok(0) if total_bytes.is_none_or(|total| total == received_bytes) => return Ok(()),
                Ok(0) => return Err(self.interrupted(received_bytes, "the server ended it early")),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.interrupted(received_bytes, &error.to_string())),
            };
            self.part.append(&chunk[..count])?;
            received_bytes += count as u64;
            (self.progress)(Progress { received_bytes, total_bytes });
        }
    }

    fn check(&self) -> Result<(), FetchError> {
        self.part.file.sync_all().map_err(|error| self.part.fault(error))?;
        let found = match source::unpacked_md5(&self.part.path) {
            Ok(found) if found == self.source.md5 => return Ok(()),
            Ok(found) => found,
            Err(error) => format!("none, as it cannot be unpacked: {error}"),
        };
        self.part.clear()?;
        Err(FetchError::Checksum { url: self.url(), expected: self.source.md5.to_owned(), found })
    }

    fn interrupted(&self, received_bytes: u64, reason: &str) -> FetchError {
        FetchError::Interrupted { url: self.url(), received_bytes, reason: reason.to_owned() }
    }

    fn url(&self) -> String {
        self.source.url.to_owned()
    }
}

/// Where the part of a file that a server sent begins.
fn range_start(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

#[cfg(test)]
#[path = "fetch/tests.rs"]
mod tests;
