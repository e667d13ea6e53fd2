//! The self-test at start: a child under everything that holds a candidate tries each forbidden act.
//! Not here: the acts (`zygote/self_test.c`).
//! In: a warm parent. Out: the acts that succeeded; none on a host that is fit.

use std::{fs, io, os::unix::fs::PermissionsExt, process, time::Duration};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{answers::Answers, child::Child, jail::Jail, placing::child_limits, zygote::Zygote};
use crate::{
    job::Limits,
    outcome::{Ending, Phase, Reply},
    wire::{self, HEADER_BYTES, Layout, ReplyHeader},
};

/// A few dozen system calls, on a machine that may be busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// More than there are acts.
const MOST_ACTS: usize = 1000;
const CONTENT: &[u8] = b"nobody inside shall read or change this";

/// Runs the test. The error says why it could not be run to its end, which is no sign of a fit host either.
pub(crate) fn run(jail: &Jail, zygote: &mut Zygote) -> io::Result<Vec<String>> {
    let folder = tempfile::Builder::new()
        .prefix("self-test-")
        .permissions(fs::Permissions::from_mode(0o777))
        .tempdir_in(jail.folder())?;
    let file = folder.path().join("file");
    fs::write(&file, CONTENT)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666))?;
    let mode = fs::metadata(&file)?.permissions();

    let paths = format!("{}\0{}\0", file.display(), folder.path().display());
    let number = format!("{}\0", process::id());
    let layout = Layout { source: (HEADER_BYTES, paths.len()), entry: HEADER_BYTES + paths.len(), index: 0 };
    let limits = Limits::default();
    zygote.job.write(HEADER_BYTES, &[paths.as_bytes(), number.as_bytes()].concat())?;
    zygote.job.write(0, &wire::self_test_header(&layout, &limits, &child_limits(jail, &limits)))?;
    let mut child = zygote.fork()?;
    let has_ended = wait(&child)?;
    let usage = child.reap(!has_ended)?;
    let mut replies: Vec<Reply> = Vec::new();
    Answers::new(MOST_ACTS, &mut replies).look(zygote);
    let progress = ReplyHeader::of(&zygote.reply).progress();
    if (usage.ending, progress.phase) != (Ending::Exited { status: 0 }, Phase::Finished) {
        return Err(io::Error::other(format!("the self-test did not come to its end: {:?}", usage.ending)));
    }
    let mut acts: Vec<String> =
        replies.iter().map(|reply| String::from_utf8_lossy(&reply.payload).into_owned()).collect();
    // What the child says of itself is one thing, what has become of the files another.
    if fs::read(&file)? != CONTENT || fs::metadata(&file)?.permissions() != mode || names(folder.path())? != 1 {
        acts.push("change a folder of the host".to_owned());
    }
    zygote.reply.clear()?;
    zygote.job.wipe(HEADER_BYTES, paths.len() + number.len());
    Ok(acts)
}

fn wait(child: &Child) -> io::Result<bool> {
    let timeout = PollTimeout::try_from(PATIENCE).unwrap_or(PollTimeout::MAX);
    loop {
        match poll(&mut [PollFd::new(child.ended(), PollFlags::POLLIN)], timeout) {
            Err(nix::errno::Errno::EINTR) => {}
            other => return Ok(other? > 0),
        }
    }
}

fn names(folder: &std::path::Path) -> io::Result<usize> {
    Ok(fs::read_dir(folder)?.count())
}
