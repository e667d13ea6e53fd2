//! Judging what a run has drawn while it draws more.
//! Not here: drawing (`sample`), judging (`eval`), the verdicts on the rest (`run`).
//!
//! Every pass is the command that would go on with the run's folder, over what is drawn so far: it judges what is new, and
//! whatever ends it, the next one goes on. So there is nothing to hand over, and nothing that only happens when nobody was killed.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::Path,
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
/// How often it is looked whether drawing is over.
const LOOK: Duration = Duration::from_millis(100);

/// Draws, and judges meanwhile what is drawn below `out`, from when `opened` is set. Beside what came of drawing, whether anything
/// was judged. What judging cannot do ends the drawing, and is what is told.
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
            let judged = judge(arguments, semantics, out, state);
            if judged.is_err() {
                interrupted.store(true, Ordering::SeqCst);
            }
            judged
        });
        let drawn = draw();
        over.store(true, Ordering::SeqCst);
        let judged = judging.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let has_judged = judged?;
        Ok((drawn?, has_judged))
    })
}

/// What both sides know of drawing.
#[derive(Clone, Copy)]
struct State<'a> {
    /// What stands in the folder is of this run.
    opened: &'a AtomicBool,
    over: &'a AtomicBool,
    interrupted: &'a AtomicBool,
}

/// Whether anything was judged.
fn judge(arguments: &EvalArguments, semantics: Semantics, out: &Path, state: State<'_>) -> anyhow::Result<bool> {
    let State { opened, over, interrupted } = state;
    let work = tempfile::Builder::new().prefix("trialbox-").tempdir()?;
    let so_far = work.path().join(COMPLETIONS);
    let (mut arguments, mut pause, mut known) =
        (EvalArguments { partial: true, k: Vec::new(), ..arguments.clone() }, PAUSE, 0);
    loop {
        let since = Instant::now();
        while since.elapsed() < pause {
            if over.load(Ordering::SeqCst) || interrupted.load(Ordering::SeqCst) {
                return Ok(known > 0);
            }
            thread::sleep(LOOK);
        }
        if !opened.load(Ordering::SeqCst) {
            continue;
        }
        let bytes = copy_whole_lines(&out.join(COMPLETIONS), &so_far)?;
        if bytes == known {
            continue;
        }
        arguments.samples = vec![so_far.clone()];
        let beginning = eval::judge_so_far(&arguments, semantics, out, interrupted)?;
        known = bytes;
        arguments.fresh = false;
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
