//! System calls that no profile may allow, whatever its reason.
//! Not here: what a profile does allow (`profile`).
//! In: a rule. Out: why it must not stand, if it must not.

use crate::profile::{ArgumentTest, SyscallRule};

/// System calls that no profile may allow, and what they would give a candidate.
#[derive(Clone, Copy, Debug)]
pub struct NeverAllowed {
    /// The kernel's names for them.
    pub syscalls: &'static [&'static str],
    /// What they would give.
    pub reason: &'static str,
}

const fn never(syscalls: &'static [&'static str], reason: &'static str) -> NeverAllowed {
    NeverAllowed { syscalls, reason }
}

/// All of them. `clone` is not among them: threads need it, and [`complaint`] looks at its flags.
pub const NEVER_ALLOWED: &[NeverAllowed] = &[
    never(
        &["unshare", "setns", "clone3"],
        "namespaces: in a user namespace of its own a candidate has every capability, and most kernel exploits begin there",
    ),
    never(
        &["io_uring_setup", "io_uring_enter", "io_uring_register"],
        "system calls carried out by the kernel itself, past every filter",
    ),
    never(&["bpf", "perf_event_open", "userfaultfd"], "programs, counters and page faults inside the kernel"),
    never(&["add_key", "request_key", "keyctl"], "keyrings, which are shared with the host and outlive the candidate"),
    never(
        &["ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_open", "pidfd_getfd"],
        "memory and descriptors of other processes",
    ),
    never(
        &[
            "mount",
            "umount2",
            "pivot_root",
            "chroot",
            "open_tree",
            "move_mount",
            "fsopen",
            "fsconfig",
            "fsmount",
            "fspick",
            "mount_setattr",
        ],
        "another view of the file system",
    ),
    never(&["open_by_handle_at", "fanotify_init"], "files found without a path, past the view of the file system"),
    never(&["seccomp"], "a filter of its own, whose listener answers system calls in another's place"),
    never(
        &["init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot"],
        "another kernel, or other parts of it",
    ),
    never(
        &["swapon", "swapoff", "acct", "quotactl", "syslog", "sethostname", "setdomainname"],
        "settings of the whole host",
    ),
    never(&["settimeofday", "clock_settime", "clock_adjtime", "adjtimex"], "the host's clock"),
];

/// Every CLONE_NEW* flag that clone(2) knows: mount, cgroup, uts, ipc, user, pid and network namespaces.
pub(crate) const CLONE_NEW: u64 = 0x7E02_0000;

/// Why a call must not be allowed by this rule; `None` where it may be.
pub(crate) fn complaint(name: &str, rule: &SyscallRule) -> Option<String> {
    if let Some(never) = NEVER_ALLOWED.iter().find(|never| never.syscalls.contains(&name)) {
        return Some(format!("`{name}` may never be allowed: {}", never.reason));
    }
    (name == "clone" && !rule.arguments.iter().any(keeps_namespaces)).then(|| {
        format!(
            "`clone` may be allowed only where argument 0 & {CLONE_NEW:#x} is 0: those flags make namespaces, \
             user namespaces too"
        )
    })
}

/// Whether a test of clone's flags lets none of CLONE_NEW* through.
fn keeps_namespaces(test: &ArgumentTest) -> bool {
    let looks_at_all = test.index == 0 && test.mask & CLONE_NEW == CLONE_NEW;
    looks_at_all && test.one_of.iter().all(|flags| flags & CLONE_NEW == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{profile::shipped, seccomp::is_known};

    fn names() -> impl Iterator<Item = &'static str> {
        NEVER_ALLOWED.iter().flat_map(|never| never.syscalls).copied()
    }

    #[test]
    fn no_rule_of_a_shipped_profile_names_what_is_never_allowed() {
        for profile in shipped() {
            let named: Vec<&str> = profile.syscalls.iter().flat_map(|rule| &rule.allow).map(String::as_str).collect();
            for name in names() {
                assert!(!named.contains(&name), "{name}");
            }
            for rule in &profile.syscalls {
                assert_eq!(rule.allow.iter().find_map(|name| complaint(name, rule)), None);
            }
        }
    }

    #[test]
    fn the_kernel_has_every_call_that_is_never_allowed() {
        // A misspelt name would guard nothing.
        assert_eq!(names().filter(|name| !is_known(name)).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn clone_must_clear_every_flag_that_makes_a_namespace() {
        let rule = |arguments: Vec<ArgumentTest>| SyscallRule {
            allow: vec!["clone".into()],
            arguments,
            only_under: Vec::new(),
            reason: "x".into(),
        };
        let test = |index, mask, flags: u64| ArgumentTest { index, mask, one_of: vec![0x1_0000, flags] };
        let is_refused = |arguments| complaint("clone", &rule(arguments)).is_some();
        assert!(!is_refused(vec![test(0, 0x7E03_0000, 0x1_0000)]));
        assert!(!is_refused(vec![test(1, 1, 1), test(0, CLONE_NEW, 0)]));
        assert!(is_refused(vec![]), "no test");
        assert!(is_refused(vec![test(1, 0x7E03_0000, 0x1_0000)]), "another argument");
        for flag in (0..32).map(|bit| 1 << bit).filter(|flag| CLONE_NEW & flag != 0) {
            assert!(is_refused(vec![test(0, 0x7E03_0000 & !flag, 0x1_0000)]), "{flag:#x} is not looked at");
            assert!(is_refused(vec![test(0, 0x7E03_0000, 0x1_0000 | flag)]), "{flag:#x} is let through");
        }
    }
}
