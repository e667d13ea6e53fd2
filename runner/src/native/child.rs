//! A forked program as its supervisor holds it: adopted, killed, reaped.
//! Not here: what it may use (`watch`), what it answered (`answers`).

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use nix::{
    sys::{
        signal::Signal,
        wait::{Id, WaitPidFlag, waitid},
    },
    unistd::Pid,
};

use crate::outcome::Ending;

/// A forked program. It is killed and reaped whatever happens to its supervisor.
pub(crate) struct Child {
    pub(crate) pid: Pid,
    descriptor: OwnedFd,
    reaped: bool,
}

/// What the kernel counted.
pub(crate) struct Usage {
    pub(crate) ending: Ending,
    pub(crate) cpu_ns: u64,
    pub(crate) peak_memory_bytes: u64,
}

impl Child {
    /// Takes charge of a process that a warm parent says it forked. Only a child of ours is one: the parent may be
    /// confused, and nothing else may ever be killed by its number.
    pub(crate) fn adopt(pid: Pid) -> io::Result<Self> {
        let flags = WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT | WaitPidFlag::WEXITED;
        if let Err(errno) = waitid(Id::Pid(pid), flags) {
            let what = format!("the warm interpreter named process {pid}, which is no child of ours: {errno}");
            return Err(io::Error::other(what));
        }
        Ok(Self { pid, descriptor: pidfd(pid)?, reaped: false })
    }

    /// Readable when the process has ended.
    pub(crate) fn ended(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    fn kill(&self) {
        // Not yet reaped, so the number is still this process's. It is the init of its pid namespace: all of it dies.
        let _ = nix::sys::signal::kill(self.pid, Signal::SIGKILL);
    }

    /// Waits for its end, which `kill` brings about, and takes what the kernel counted.
    pub(crate) fn reap(&mut self, kill: bool) -> io::Result<Usage> {
        if kill {
            self.kill();
        }
        let mut status = 0;
        // SAFETY: an all-zero rusage is a valid value of that plain C struct.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        loop {
            // SAFETY: both pointers are to valid, writable values of the right types.
            let pid = unsafe { libc::wait4(self.pid.as_raw(), &raw mut status, 0, &raw mut usage) };
            if pid == self.pid.as_raw() {
                break;
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        self.reaped = true;
        let ns = |time: libc::timeval| time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_usec.unsigned_abs() * 1_000;
        let ending = if libc::WIFSIGNALED(status) {
            Ending::Signaled { signal: libc::WTERMSIG(status) }
        } else {
            Ending::Exited { status: libc::WEXITSTATUS(status) }
        };
        let peak_memory_bytes = usage.ru_maxrss.unsigned_abs() * 1024;
        Ok(Usage { ending, cpu_ns: ns(usage.ru_utime) + ns(usage.ru_stime), peak_memory_bytes })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.reaped {
            let _ = self.reap(true);
        }
    }
}

fn pidfd(pid: Pid) -> io::Result<OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: a system call with integer arguments; the result is a descriptor that nobody else owns.
    unsafe {
        let descriptor = libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0);
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(i32::try_from(descriptor).map_err(io::Error::other)?))
    }
}
