//! Judging what a run has drawn while it draws more.
//! Not here: drawing (`sample`), judging (`eval`), the verdicts on the rest (`run`).
//!
//! Every pass is the command that would go on with the run's folder, over what is drawn so far: it judges what is new, and
//! whatever ends it, the next one goes on. So there is nothing to hand over, and nothing that only happens when nobody was killed.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use trialbox_verifier::Semantics;

use crate::{args::EvalArguments, completions::COMPLETIONS, eval};

/// How long nothing is judged at least, and how many times as long as it takes to begin: reading a dataset may take half a minute.
const PAUSE: Duration = Duration::from_secs(10);
const TIMES_ITS_BEGINNING: u32 = 10;
/// What is drawn so far, while it is judged.
const SO_FAR: &str = ".so-far.jsonl";
/// How often it is looked whether drawing is over.
const LOOK: Duration = Duration::from_millis(100);

/// Draws, and judges meanwhile what is drawn below `out`, from when `opened` is set. Beside what came of drawing, whether the
/// run's folder was opened. What judging cannot do ends the drawing, and is what is told.
pub(crate) fn draw_and_judge<T>(
    arguments: &EvalArguments,
    semantics: Semantics,
    out: &Path,
    opened: &AtomicBool,
    interrupted: &AtomicBool,
    draw: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<(T, bool)> {
    let over = AtomicBool::new(false);
    let state = State { opened, over: &over, interrupted };
    thread::scope(|scope| {
        let judging = scope.spawn(|| {
            // However judging ends before drawing does, drawing ends.
            let ends_drawing = SetAtEnd(interrupted);
            let judged = judge(arguments, semantics, out, state)?;
            std::mem::forget(ends_drawing);
            Ok(judged)
        });
        let drawn = {
            let _ends_judging = SetAtEnd(&over);
            draw()
        };
        let judged: anyhow::Result<bool> = judging.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let has_begun = judged?;
        Ok((drawn?, has_begun))
    })
}

/// Set when this ends, by a panic too.
struct SetAtEnd<'a>(&'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A file that is there only for as long as this.
struct RemovedAtEnd(PathBuf);

impl Drop for RemovedAtEnd {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// What both sides know of drawing.
#[derive(Clone, Copy)]
struct State<'a> {
    /// What stands in the folder is of this run.
    opened: &'a AtomicBool,
    over: &'a AtomicBool,
    interrupted: &'a AtomicBool,
}

/// Whether the run's folder was opened.
fn judge(arguments: &EvalArguments, semantics: Semantics, out: &Path, state: State<'_>) -> anyhow::Result<bool> {
    let State { opened, over, interrupted } = state;
    let is_over = || over.load(Ordering::SeqCst) || interrupted.load(Ordering::SeqCst);
    while !opened.load(Ordering::SeqCst) {
        if is_over() {
            return Ok(false);
        }
        thread::sleep(LOOK);
    }
    let mut arguments = EvalArguments { partial: true, k: Vec::new(), ..arguments.clone() };
    // At once, not when the first samples are there: a folder that is another run's, or a host that cannot judge, is known now, and
    // what `--fresh` throws away must not be taken for verdicts on what is drawn.
    let mut pause = PAUSE.max(eval::open(&arguments, semantics, out)? * TIMES_ITS_BEGINNING);
    arguments.fresh = false;
    // In the run's own folder: whatever ends this, the next one begins with it anew, and no disk but the run's own fills up.
    let so_far = RemovedAtEnd(out.join(SO_FAR));
    arguments.samples = vec![so_far.0.clone()];
    let mut known = 0;
    loop {
        let since = Instant::now();
        while since.elapsed() < pause {
            if is_over() {
                return Ok(true);
            }
            thread::sleep(LOOK);
        }
        let bytes = copy_whole_lines(&out.join(COMPLETIONS), &so_far.0)?;
        if bytes == known {
            continue;
        }
        let beginning = eval::judge_so_far(&arguments, semantics, out, interrupted)?;
        known = bytes;
        pause = PAUSE.max(beginning * TIMES_ITS_BEGINNING);
    }
}

/// Copies a file that grows, up to its last whole line; how much that was. What is copied is on the disk: no verdict may outlast
/// what it is a verdict on.
fn copy_whole_lines(from: &Path, to: &Path) -> anyhow::Result<u64> {
    let fail = || format!("failed to read {}", from.display());
    match File::open(from) {
        Ok(file) => file.sync_data().with_context(fail)?,
        // Nothing is drawn yet.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error).with_context(fail),
    }
    let mut bytes = fs::copy(from, to).with_context(fail)?;
    let mut copy = File::options().read(true).write(true).open(to).with_context(fail)?;
    let mut part = vec![0; 1 << 16];
    while bytes > 0 {
        let length = bytes.min(part.len() as u64);
        copy.seek(SeekFrom::Start(bytes - length)).with_context(fail)?;
        let part = &mut part[..usize::try_from(length)?];
        copy.read_exact(part).with_context(fail)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            bytes = bytes - length + at as u64 + 1;
            break;
        }
        bytes -= length;
    }
    copy.set_len(bytes).with_context(fail)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_file_is_copied_up_to_its_last_whole_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        assert_eq!(copy_whole_lines(&from, &to).expect("nothing yet"), 0);
        let long = "x".repeat(200_000);
        for (text, whole) in
            [("", 0), ("a", 0), ("a\n", 2), ("a\nb", 2), (&format!("a\n{long}"), 2), (&format!("{long}\nb"), 200_001)]
        {
            fs::write(&from, text).expect("written");
            assert_eq!(copy_whole_lines(&from, &to).expect("copied"), whole);
            assert_eq!(fs::read_to_string(&to).expect("a copy"), text[..usize::try_from(whole).expect("small")]);
        }
    }
}
