//! Landlock: what can be opened where no mount namespace hides the rest, and a second wall where one does.
//! Not here: which paths (`view`), stat and chmod, which landlock does not see (the profile's `only_under` rules).
//! The rules are added between fork and exec, after the mounts that they name; the landlock crate allocates there, so
//! the three system calls are made by hand (landlock(7)).

use std::{ffi::CString, ptr};

use super::steps::{check_long, errno};

/// May be read, listed, mapped and executed.
pub(crate) const READ: u64 = access::EXECUTE | access::READ_FILE | access::READ_DIR;
/// May also be changed in every way; but no device and no socket made, and nothing executed.
pub(crate) const WRITE: u64 = READ & !access::EXECUTE | CHANGE;
const CHANGE: u64 = access::WRITE_FILE
    | access::REMOVE_DIR
    | access::REMOVE_FILE
    | access::MAKE_DIR
    | access::MAKE_REG
    | access::MAKE_FIFO
    | access::MAKE_SYM
    | access::REFER
    | access::TRUNCATE;
/// A device that may be read and written.
pub(crate) const DEVICE: u64 = access::READ_FILE | access::WRITE_FILE | access::TRUNCATE;

/// LANDLOCK_ACCESS_FS_* (linux/landlock.h).
mod access {
    pub(super) const EXECUTE: u64 = 1;
    pub(super) const WRITE_FILE: u64 = 1 << 1;
    pub(super) const READ_FILE: u64 = 1 << 2;
    pub(super) const READ_DIR: u64 = 1 << 3;
    pub(super) const REMOVE_DIR: u64 = 1 << 4;
    pub(super) const REMOVE_FILE: u64 = 1 << 5;
    pub(super) const MAKE_DIR: u64 = 1 << 7;
    pub(super) const MAKE_REG: u64 = 1 << 8;
    pub(super) const MAKE_FIFO: u64 = 1 << 10;
    pub(super) const MAKE_SYM: u64 = 1 << 12;
    pub(super) const REFER: u64 = 1 << 13;
    pub(super) const TRUNCATE: u64 = 1 << 14;

    /// What only folders can be granted.
    pub(super) const OF_FOLDERS: u64 =
        READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM | REFER;

    /// All that a kernel of this ABI knows; what is known and not granted is refused.
    pub(super) fn known(abi: u32) -> u64 {
        let count = match abi {
            1 => 13,
            2 => 14,
            3 | 4 => 15,
            _ => 16,
        };
        (1 << count) - 1
    }
}

const CREATE_RULESET_VERSION: libc::c_uint = 1;
const RULE_PATH_BENEATH: libc::c_int = 1;
const NET_BIND_AND_CONNECT_TCP: u64 = 3;
const SCOPE_ABSTRACT_UNIX_SOCKETS_AND_SIGNALS: u64 = 3;

/// struct landlock_ruleset_attr, as large as ABI 6 has it.
#[repr(C)]
#[derive(Debug)]
struct RulesetAttribute {
    handled_access_fs: u64,
    handled_access_net: u64,
    scoped: u64,
}

/// struct landlock_path_beneath_attr.
#[repr(C, packed)]
struct PathBeneath {
    allowed_access: u64,
    parent_fd: libc::c_int,
}

/// What a process may open.
#[derive(Debug)]
pub(crate) struct Rules {
    attribute: RulesetAttribute,
    attribute_bytes: usize,
    paths: Vec<(CString, u64)>,
}

/// The version of landlock that this kernel has; `None` where it has none, or has it switched off.
pub(crate) fn abi() -> Option<u32> {
    // SAFETY: with this flag the call takes no attribute and answers a number.
    let answer = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, ptr::null::<RulesetAttribute>(), 0, CREATE_RULESET_VERSION)
    };
    u32::try_from(answer).ok().filter(|abi| *abi > 0)
}

impl Rules {
    /// Nothing may be opened, no TCP port used, and nobody outside signalled, as far as this ABI knows of it.
    pub(crate) fn nothing(abi: u32) -> Self {
        let (handled_access_net, scoped) = (
            if abi >= 4 { NET_BIND_AND_CONNECT_TCP } else { 0 },
            if abi >= 6 { SCOPE_ABSTRACT_UNIX_SOCKETS_AND_SIGNALS } else { 0 },
        );
        let attribute = RulesetAttribute { handled_access_fs: access::known(abi), handled_access_net, scoped };
        // Older kernels know a shorter structure.
        let fields = 1 + usize::from(abi >= 4) + usize::from(abi >= 6);
        Self { attribute, attribute_bytes: fields * size_of::<u64>(), paths: Vec::new() }
    }

    /// But this path, and what lies beneath it. A path that is not there is passed over.
    pub(crate) fn allow(&mut self, path: CString, allowed: u64) {
        self.paths.push((path, allowed & self.attribute.handled_access_fs));
    }
}

/// Holds the calling process to these rules, and all its children. Allocates nothing; the error is errno.
pub(crate) fn restrict(rules: &Rules) -> Result<(), i32> {
    // SAFETY: every pointer is to a value in `rules` or on the stack that outlives the call, with its true size; the
    // descriptors are opened and closed here.
    unsafe {
        check_long(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0).into())?;
        let attribute = &raw const rules.attribute;
        let ruleset = libc::syscall(libc::SYS_landlock_create_ruleset, attribute, rules.attribute_bytes, 0);
        check_long(ruleset)?;
        for (path, allowed) in &rules.paths {
            let place = libc::open(path.as_ptr(), libc::O_PATH | libc::O_CLOEXEC);
            if place < 0 {
                match errno() {
                    libc::ENOENT | libc::EACCES | libc::ENOTDIR => continue,
                    other => return Err(other),
                }
            }
            let mut about: libc::stat = std::mem::zeroed();
            check_long(libc::fstat(place, &raw mut about).into())?;
            let is_folder = about.st_mode & libc::S_IFMT == libc::S_IFDIR;
            let of_its_kind = if is_folder { u64::MAX } else { !access::OF_FOLDERS };
            let rule = PathBeneath { allowed_access: allowed & of_its_kind, parent_fd: place };
            let added = libc::syscall(libc::SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &raw const rule, 0);
            check_long(added)?;
            libc::close(place);
        }
        check_long(libc::syscall(libc::SYS_landlock_restrict_self, ruleset, 0))?;
        check_long(libc::close(i32::try_from(ruleset).unwrap_or(-1)).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_abi_handles_at_least_what_the_one_before_did() {
        for abi in 1..8 {
            assert_eq!(access::known(abi) & access::known(abi + 1), access::known(abi));
        }
    }

    #[test]
    fn a_written_place_is_never_executable() {
        assert_eq!((WRITE | DEVICE) & access::EXECUTE, 0);
    }

    #[test]
    fn an_old_kernel_is_asked_for_nothing_that_it_does_not_know() {
        let mut rules = Rules::nothing(1);
        rules.allow(c"/tmp".to_owned(), WRITE);
        assert_eq!(rules.attribute_bytes, 8);
        assert_eq!(rules.paths[0].1 >> 13, 0);
    }
}
