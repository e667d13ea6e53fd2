//! The warm parent of one worker: starting it, talking to it, ending it.
//! Not here: what its children do (`run`), what it sees (`view`).

use std::{
    fs::{self, OpenOptions},
    io::{self, IoSlice, Read},
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
        unix::net::UnixDatagram,
    },
    path::Path,
    sync::Arc,
    time::Duration,
};

use nix::{
    errno::Errno,
    fcntl::{FcntlArg, fcntl},
    sys::{
        signal::{Signal, kill},
        socket::{
            AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, sendmsg, setsockopt, socketpair, sockopt,
        },
        wait::waitpid,
    },
    unistd::{Gid, Pid, Uid},
};

use tempfile::TempDir;

use super::{
    area::{Area, Stream, sealed_file},
    cgroup::MemoryGroup,
    child::Child,
    exec::Program,
    gate::Gate,
    jail::Jail,
    memory_map,
    placing::names_its_input,
    scratch::{InputFolder, Quota, Scratch},
    steps::{self, Call, Step, StepError},
    view,
};
use crate::wire;

/// The Python that every sandbox runs is put together by build.rs.
const PYTHON_PART: &str =
    concat!(include_str!("zygote/begin.py"), include_str!(concat!(env!("OUT_DIR"), "/driver.py")));
/// The warm parent imports a few dozen modules; on a loaded machine that may take long.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// Descriptors are moved above this number before they are placed below it.
const FREE_DESCRIPTORS: RawFd = 64;
const CLONE_CHILD_SETTID: u32 = 0x0100_0000;

/// How a warm parent forks: into a pid namespace of each child's own where the host grants one.
pub(crate) fn clone_flags(isolated: bool) -> u32 {
    let namespace = if isolated { libc::CLONE_NEWPID.cast_unsigned() } else { 0 };
    libc::CLONE_PARENT.cast_unsigned() | CLONE_CHILD_SETTID | namespace | libc::SIGCHLD.cast_unsigned()
}

/// Why a warm parent could not be started or used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ZygoteError {
    #[error(transparent)]
    Step(#[from] StepError),
    #[error("{what}: {source}")]
    System { what: &'static str, source: io::Error },
    #[error("the warm interpreter did not start: {said}")]
    Start { said: String },
}

fn system<E: Into<io::Error>>(what: &'static str) -> impl Fn(E) -> ZygoteError {
    move |source| ZygoteError::System { what, source: source.into() }
}

/// A running warm parent and everything it shares with its children.
#[derive(Debug)]
pub(crate) struct Zygote {
    pid: Pid,
    control: UnixDatagram,
    pub(crate) job: Area,
    pub(crate) reply: Area,
    pub(crate) gate: Gate,
    pub(crate) stdin: Stream,
    pub(crate) stdout: Stream,
    /// Where a program's errors are kept. The warm parent's own go elsewhere.
    pub(crate) stderr: Stream,
    pub(crate) scratch: Scratch,
    /// Where a script's input stands once more; `None` where /dev/stdin is the host's, which leads to it.
    pub(crate) input: Option<InputFolder>,
    /// What may lie in the scratch folder, where that is no file system of its own.
    pub(crate) quota: Option<Quota>,
    /// Where memory is limited by a group.
    pub(crate) group: Option<MemoryGroup>,
    /// The scratch folder, where it could not be mounted.
    private: Option<TempDir>,
    /// The compiled program that it was given last.
    given: Option<Arc<[u8]>>,
    /// The program that was last looked through for the name of its input, and whether it has it.
    looked_through: Option<(Arc<[u8]>, bool)>,
}

impl Zygote {
    /// As whom its programs run, as the host counts users.
    pub(crate) fn user(&self) -> io::Result<(Uid, Gid)> {
        // Not the owner of its folder in /proc: that is root where a process may not be looked into.
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let effective =
            |key: &str| status.lines().find_map(|line| line.strip_prefix(key)?.split_whitespace().nth(1)?.parse().ok());
        let unknown = || io::Error::other("a process without a user");
        let (uid, gid) = effective("Uid:").zip(effective("Gid:")).ok_or_else(unknown)?;
        Ok((Uid::from_raw(uid), Gid::from_raw(gid)))
    }

    /// Starts one, and waits until it can fork.
    pub(crate) fn start(jail: &Jail, reply_bytes: u64) -> Result<Self, ZygoteError> {
        Self::start_running(jail, PYTHON_PART, reply_bytes)
    }

    /// As [`Zygote::start`], but with other Python code than the shipped one: what a broken warm parent does is tested so.
    pub(crate) fn start_running(jail: &Jail, code: &str, reply_bytes: u64) -> Result<Self, ZygoteError> {
        let reply_bytes = usize::try_from(reply_bytes).unwrap_or(usize::MAX).clamp(1 << 16, wire::REPLY_MAP_BYTES);
        let job = Area::new(c"trialbox-job", wire::JOB_MAP_BYTES, 1 << 20).map_err(system("shared memory"))?;
        let reply =
            Area::new(c"trialbox-reply", wire::REPLY_MAP_BYTES, reply_bytes).map_err(system("shared memory"))?;
        job.seal(true).and_then(|()| reply.seal(false)).map_err(system("seal shared memory"))?;
        let stdin = Stream::new(c"trialbox-stdin").map_err(system("stdin"))?;
        let stdout = Stream::new(c"trialbox-stdout").map_err(system("stdout"))?;
        let stderr = Stream::new(c"trialbox-stderr").map_err(system("stderr"))?;
        let complaints = Stream::new(c"trialbox-complaints").map_err(system("stderr"))?;
        let gate = Gate::new().map_err(system("gate"))?;
        let private = jail.new_scratch().map_err(system("scratch folder"))?;
        let flags = SockFlag::SOCK_CLOEXEC;
        let (ours, theirs) =
            socketpair(AddressFamily::Unix, SockType::SeqPacket, None, flags).map_err(system("socket"))?;
        setsockopt(&ours, sockopt::SndBuf, &(1 << 17)).map_err(system("socket"))?;
        let control = UnixDatagram::from(ours);

        let null = OpenOptions::new().read(true).write(true).open("/dev/null").map_err(system("open /dev/null"))?;
        let stdin_reader = stdin.opened_again(OpenOptions::new().read(true)).map_err(system("stdin"))?;
        let stdout_writer = stdout.opened_again(OpenOptions::new().write(true)).map_err(system("stdout"))?;
        let stderr_writer = stderr.opened_again(OpenOptions::new().write(true)).map_err(system("stderr"))?;
        let [ask, answer] = gate.theirs();
        // The child's numbers, in order from 0: zygote.c has the same.
        let placed = [
            null.as_raw_fd(),
            null.as_raw_fd(),
            complaints.descriptor(),
            ask,
            answer,
            theirs.as_raw_fd(),
            stdin_reader.as_raw_fd(),
            stdout_writer.as_raw_fd(),
            job.descriptor(),
            reply.descriptor(),
            stderr_writer.as_raw_fd(),
        ];
        let pid = spawn(jail, code, private.as_ref().map(TempDir::path), &placed)?;
        drop(theirs);
        // From here on the process is ended by Drop, whatever fails.
        let mut zygote = Self {
            pid,
            control,
            job,
            reply,
            gate,
            stdin,
            stdout,
            stderr,
            scratch: Scratch::open(Path::new("/")).map_err(system("open /"))?,
            input: None,
            quota: None,
            group: None,
            private,
            given: None,
            looked_through: None,
        };
        zygote.settle(jail).map_err(|error| match error {
            ZygoteError::System { what: "handshake", source } => ZygoteError::Start {
                said: last_line(&complaints).unwrap_or_else(|| format!("no word from it ({source})")),
            },
            other => other,
        })?;
        Ok(zygote)
    }

    /// The first exchange: limits around it, its imports done, the filter in force.
    fn settle(&mut self, jail: &Jail) -> Result<(), ZygoteError> {
        let mut group = MemoryGroup::new(&jail.memory).map_err(system("make a cgroup"))?;
        if let Some(group) = &group {
            group.add(self.pid.as_raw().unsigned_abs()).map_err(system("enter a cgroup"))?;
        }
        self.control.set_read_timeout(Some(START_PATIENCE)).map_err(system("handshake"))?;
        let mut word = [0; 64];
        let length = self.received(&mut word).map_err(system("handshake"))?;
        if length == 0 {
            return Err(system("handshake")(io::Error::from(io::ErrorKind::UnexpectedEof)));
        }
        let setup = jail.setup_message(&memory_map::of(self.pid));
        uninterrupted(|| self.control.send(&setup)).map_err(system("handshake"))?;
        let length = self.received(&mut word).map_err(system("handshake"))?;
        if &word[..length] != b"ready" {
            return Err(system("handshake")(io::Error::other("the system call filter was not installed")));
        }
        self.control.set_read_timeout(Some(jail.fork_patience)).map_err(system("handshake"))?;
        let within =
            |path: &str| Path::new("/proc").join(self.pid.to_string()).join("root").join(path.trim_start_matches('/'));
        let scratch = self.private.as_ref().map_or_else(|| within(view::SCRATCH), |private| private.path().to_owned());
        if self.private.is_none() {
            let folder = InputFolder::open(&within(view::INPUT)).map_err(system("open the input folder"))?;
            self.input = Some(folder);
        }
        self.scratch = Scratch::open(&scratch).map_err(system("open the scratch folder"))?;
        let policy = &jail.profile.filesystem;
        if self.private.is_some() {
            let quota = Quota::new(scratch, policy.scratch_bytes, policy.scratch_files);
            self.quota = Some(quota.map_err(system("watch the scratch folder"))?);
        }
        if let Some(group) = &mut group {
            group.note_own_bytes().map_err(system("read a cgroup"))?;
        }
        self.group = group;
        Ok(())
    }

    /// Ends it, for tests of what happens then.
    #[cfg(test)]
    pub(crate) fn kill(&self) {
        kill(self.pid, Signal::SIGKILL).expect("it is our child");
    }

    /// Forks one child, which begins with the job that lies in the job area.
    pub(crate) fn fork(&self) -> io::Result<Child> {
        uninterrupted(|| self.control.send(&[1]))?;
        self.adopt()
    }

    /// The same for a compiled program, which goes over as a file that nobody can change: once for all its runs.
    pub(crate) fn fork_program(&mut self, program: &Arc<[u8]>) -> io::Result<Child> {
        if self.given.as_ref().is_some_and(|given| Arc::ptr_eq(given, program)) {
            return self.fork();
        }
        let file = sealed_file(c"trialbox-program", program)?;
        let descriptors = [file.as_raw_fd()];
        let with_it = [ControlMessage::ScmRights(&descriptors)];
        let (socket, word) = (self.control.as_raw_fd(), [IoSlice::new(&[1])]);
        uninterrupted(|| Ok(sendmsg::<()>(socket, &word, &with_it, MsgFlags::empty(), None)?))?;
        self.given = Some(Arc::clone(program));
        self.adopt()
    }

    /// Whether a program names /dev/stdin, where that has to be made for it. One program has many tests.
    pub(crate) fn names_its_input(&mut self, program: &Arc<[u8]>) -> bool {
        if self.input.is_none() {
            return false;
        }
        match &self.looked_through {
            Some((known, names_it)) if Arc::ptr_eq(known, program) => *names_it,
            _ => {
                let names_it = names_its_input(program);
                self.looked_through = Some((Arc::clone(program), names_it));
                names_it
            }
        }
    }

    fn received(&self, word: &mut [u8]) -> io::Result<usize> {
        uninterrupted(|| self.control.recv(word))
    }

    fn adopt(&self) -> io::Result<Child> {
        let mut answer = [0; 4];
        if self.received(&mut answer)? != answer.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match i32::from_le_bytes(answer) {
            pid if pid > 0 => Child::adopt(Pid::from_raw(pid)),
            failure => Err(io::Error::from_raw_os_error(failure.saturating_neg())),
        }
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        let _ = kill(self.pid, Signal::SIGKILL);
        while let Err(Errno::EINTR) = waitpid(self.pid, None) {}
    }
}

/// Does it again where a signal came in between: with a time limit on the socket the kernel does not, even where nothing
/// handles the signal (a process that is stopped and goes on, a machine that was frozen).
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn last_line(complaints: &Stream) -> Option<String> {
    let bytes = complaints.read(1 << 16).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    text.lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned)
}

/// Forks, takes the steps, and becomes the interpreter.
fn spawn(jail: &Jail, code: &str, scratch: Option<&Path>, placed: &[RawFd]) -> Result<Pid, ZygoteError> {
    // Sources must not lie where another descriptor is about to be placed.
    let raised: Vec<OwnedFd> =
        placed.iter().map(|fd| raise(*fd)).collect::<io::Result<_>>().map_err(system("copy a descriptor"))?;
    let mut list: Vec<Step> = vec![Step::new("descriptors", Call::NewSession)];
    let mut next: RawFd = 0;
    for from in &raised {
        list.push(Step::new("descriptors", Call::PlaceDescriptor { from: from.as_raw_fd(), to: next }));
        next += 1;
    }
    list.push(Step::new("descriptors", Call::CloseOnExecFrom(next)));
    list.extend(jail.steps(scratch));
    let program = Program::new(jail, code, scratch).map_err(system("make a file in memory"))?;
    let (mut failure_reader, low_writer) = io::pipe().map_err(system("pipe"))?;
    let failure_writer = raise(low_writer.as_raw_fd()).map_err(system("pipe"))?;
    drop(low_writer); // exec must close the last one: its end is the sign of success

    // SAFETY: the child allocates nothing: it takes prepared steps, execs, or reports two integers and exits.
    match unsafe { libc::fork() } {
        -1 => Err(system("fork")(io::Error::last_os_error())),
        0 => {
            // SAFETY: this is the forked child, of one thread, on its way to exec.
            let (index, errno) = unsafe { steps::run(&list).err().unwrap_or_else(|| (list.len(), program.exec())) };
            // SAFETY: writes two plain integers from the stack to an open descriptor, then ends the process.
            unsafe {
                let report = [index as u64, errno.unsigned_abs().into()];
                libc::write(failure_writer.as_raw_fd(), report.as_ptr().cast(), size_of_val(&report));
                libc::_exit(127)
            }
        }
        pid => {
            drop(failure_writer);
            let mut report = [0; 16];
            match failure_reader.read_exact(&mut report) {
                Err(_) => Ok(Pid::from_raw(pid)), // closed by exec: nothing to report
                Ok(()) => {
                    while let Err(Errno::EINTR) = waitpid(Pid::from_raw(pid), None) {}
                    Err(reported(&list, &report))
                }
            }
        }
    }
}

fn reported(list: &[Step], report: &[u8; 16]) -> ZygoteError {
    let number = |at: usize| u64::from_ne_bytes(report[at..at + 8].try_into().expect("eight bytes"));
    let errno = i32::try_from(number(8)).unwrap_or(0);
    match usize::try_from(number(0)).ok().and_then(|index| list.get(index)) {
        Some(step) => step.error(errno).into(),
        None => ZygoteError::System { what: "start the interpreter", source: io::Error::from_raw_os_error(errno) },
    }
}

fn raise(descriptor: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the caller's descriptor is open; the new one belongs to nobody else.
    unsafe {
        let borrowed = std::os::fd::BorrowedFd::borrow_raw(descriptor);
        let raised = fcntl(borrowed, FcntlArg::F_DUPFD_CLOEXEC(FREE_DESCRIPTORS))?;
        Ok(OwnedFd::from_raw_fd(raised))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_call_is_made_again_and_no_other() {
        let mut errors =
            [io::ErrorKind::Interrupted, io::ErrorKind::Interrupted, io::ErrorKind::WouldBlock].into_iter();
        let failed = uninterrupted(|| errors.next().map_or(Ok(7), |kind| Err(kind.into())));
        assert_eq!(failed.expect_err("the time is over").kind(), io::ErrorKind::WouldBlock);
        assert_eq!(
            uninterrupted(|| errors.next().map_or(Ok(7), |kind| Err(kind.into()))).expect("no error is left"),
            7
        );
    }
}
