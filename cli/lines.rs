//! A file of lines that grows while a run goes on, one line for each thing that is wanted, and is put in order at its end.
//! Not here: what stands in a line (`journal`, `completions`), what the run is a run of (`locked_folder`).

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Read, Write},
    num::NonZeroU32,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;

/// How long a line may wait for the disk. A process that is killed loses nothing that was written; a machine that stops
/// may lose as much.
const SYNC: Duration = Duration::from_secs(1);

/// What a line turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Not whole: what it was about is done again.
    Damaged,
    /// Whole, and of no use.
    PassedOver,
    /// Whole, and about the thing in this place.
    About(usize),
}

/// The file, and where the line of each thing stands.
#[derive(Debug)]
pub(crate) struct Lines {
    path: PathBuf,
    file: File,
    /// Where the next line begins.
    end: u64,
    spans: Vec<Option<Span>>,
    synced: Instant,
    longest: u64,
}

/// Where a line stands: small, for there may be millions.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(4))]
struct Span {
    at: u64,
    bytes: NonZeroU32,
}

const _: () = assert!(size_of::<Option<Span>>() == 12);

impl Lines {
    /// Opens a file, making it where needed, for so many things. No line is longer than `longest`.
    pub(crate) fn open(path: PathBuf, count: usize, longest: u32) -> anyhow::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(|| format!("failed to write {}", path.display()))?;
        Ok(Self { path, file, end: 0, spans: vec![None; count], synced: Instant::now(), longest: u64::from(longest) })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the thing in a place has its line.
    pub(crate) fn has(&self, place: usize) -> bool {
        self.spans[place].is_some()
    }

    /// Which things have their lines, by their places.
    pub(crate) fn done(&self) -> Vec<bool> {
        self.spans.iter().map(Option::is_some).collect()
    }

    /// How many have theirs.
    pub(crate) fn known(&self) -> usize {
        self.spans.iter().flatten().count()
    }

    /// Reads what is there; what stands behind the last whole line is cut off. How many lines were damaged. Of two lines about
    /// one thing the first counts: `look` is shown whether there is one.
    pub(crate) fn recover(
        &mut self,
        mut look: impl FnMut(&[u8], &dyn Fn(usize) -> bool) -> Line,
    ) -> anyhow::Result<u64> {
        let fail = || format!("failed to read {}", self.path.display());
        let mut reader = BufReader::new(self.file.try_clone().with_context(fail)?);
        let (mut damaged, mut whole_to, mut line) = (0, 0, Vec::new());
        loop {
            line.clear();
            let read = reader.by_ref().take(self.longest).read_until(b'\n', &mut line);
            if read.with_context(|| format!("failed to read {}", self.path.display()))? == 0 {
                break;
            }
            match look(&line, &|place| self.has(place)) {
                Line::Damaged => {
                    damaged += 1;
                    self.end += line.len() as u64;
                    continue;
                }
                Line::PassedOver => self.end += line.len() as u64,
                Line::About(place) => self.note(place, line.len()),
            }
            whole_to = self.end;
        }
        self.end = whole_to;
        self.file.set_len(whole_to).with_context(|| format!("failed to write {}", self.path.display()))?;
        Ok(damaged)
    }

    /// Appends the line of the thing in a place.
    pub(crate) fn append(&mut self, line: &[u8], place: usize) -> anyhow::Result<()> {
        if let Err(error) = self.file.write_all_at(line, self.end) {
            // Half a line would be dropped by whoever goes on, but need not lie there.
            let _ = self.file.set_len(self.end);
            return Err(error).with_context(|| {
                format!(
                    "failed to write {}; what stands there is kept, and the same command goes on",
                    self.path.display()
                )
            });
        }
        self.note(place, line.len());
        if self.synced.elapsed() >= SYNC {
            self.sync()?;
        }
        Ok(())
    }

    /// Has everything on the disk.
    pub(crate) fn sync(&mut self) -> anyhow::Result<()> {
        self.file.sync_data().with_context(|| format!("failed to write {}", self.path.display()))?;
        self.synced = Instant::now();
        Ok(())
    }

    /// Ends a complete file: lines in the order of their places.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        self.sync()?;
        if self.is_in_order() {
            return Ok(());
        }
        self.put_in_order().with_context(|| format!("failed to write {}", self.path.display()))
    }

    fn note(&mut self, place: usize, bytes: usize) {
        let bytes =
            u32::try_from(bytes).ok().and_then(NonZeroU32::new).expect("no line is empty, or longer than `longest`");
        self.spans[place] = Some(Span { at: self.end, bytes });
        self.end += u64::from(bytes.get());
    }

    /// Whether the lines are those of the things, in their order, and no others.
    fn is_in_order(&self) -> bool {
        let next = self
            .spans
            .iter()
            .flatten()
            .try_fold(0, |next, line| (line.at == next).then(|| next + u64::from({ line.bytes }.get())));
        next == Some(self.end)
    }

    fn put_in_order(&mut self) -> anyhow::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let sorted = tempfile::Builder::new().prefix(".trialbox-").tempfile_in(folder)?;
        let mut writer = BufWriter::with_capacity(1 << 20, sorted);
        let mut line = Vec::new();
        for span in self.spans.iter().flatten() {
            line.resize({ span.bytes }.get() as usize, 0);
            self.file.read_exact_at(&mut line, span.at)?;
            writer.write_all(&line)?;
        }
        let sorted = writer.into_inner().map_err(|error| error.into_error())?;
        sorted.as_file().sync_all()?;
        sorted.persist(&self.path)?;
        Ok(())
    }
}
