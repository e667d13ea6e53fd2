//! What a profile says, and how its text is read.
//! Not here: turning the list into BPF (`seccomp`), or enforcing anything (`runner`).
//! In: TOML. Out: [`Profile`], or an error with file, line and column.

use serde::Deserialize;

use crate::seccomp;

/// One sandbox policy, default deny.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The profile's name, such as `python`.
    pub name: String,
    /// The writable part of the candidate's file system.
    pub filesystem: FilesystemPolicy,
    /// Limits that belong to the policy and not to a problem.
    pub limits: ProfileLimits,
    /// System calls that answer ENOSYS, so that libc takes its fallback.
    #[serde(default)]
    pub refuse_as_missing: Vec<RefusedAsMissing>,
    /// The allow-list.
    pub syscalls: Vec<SyscallRule>,
}

/// What keeps a candidate from the host's files: some permissions are safe under one of them and not under another.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Confinement {
    /// Namespaces: a root of its own, in which nothing can be changed but a private tmpfs.
    Namespaces,
    /// landlock, as a user who owns nothing: the host's own root, of which little can be opened.
    LandlockAsNobody,
    /// landlock, as the user who runs trialbox and who owns files of the host.
    LandlockAsUser,
}

impl Confinement {
    /// All of them, the strongest first.
    pub const ALL: [Confinement; 3] =
        [Confinement::Namespaces, Confinement::LandlockAsNobody, Confinement::LandlockAsUser];
}

/// The writable part of the candidate's file system.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesystemPolicy {
    /// Size of the private scratch folder.
    pub scratch_bytes: u64,
    /// How many files and folders it may hold.
    pub scratch_files: u64,
}

/// Limits that belong to the policy and not to a problem.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileLimits {
    /// RLIMIT_NOFILE.
    pub open_files: u64,
    /// How many threads a candidate may have at once.
    pub threads: u64,
    /// RLIMIT_STACK.
    pub stack_bytes: u64,
}

/// A system call that answers ENOSYS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedAsMissing {
    /// The kernel's name for it.
    pub syscall: String,
    /// Why.
    pub reason: String,
}

/// System calls that are allowed, and why.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyscallRule {
    /// The kernel's names for them.
    pub allow: Vec<String>,
    /// Allowed only where all of these hold.
    #[serde(default)]
    pub arguments: Vec<ArgumentTest>,
    /// The confinements under which they are allowed; none named is all.
    #[serde(default)]
    pub only_under: Vec<Confinement>,
    /// Why. A permission without a reason does not parse.
    pub reason: String,
}

/// Holds where `argument[index] & mask` is one of these numbers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgumentTest {
    /// Which argument, counted from 0.
    pub index: u8,
    /// The bits looked at.
    pub mask: u64,
    /// What they may be.
    pub one_of: Vec<u64>,
}

/// Why a profile was refused.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct ProfileError {
    file: String,
    line: usize,
    column: usize,
    message: String,
}

impl Profile {
    /// Reads a profile; `file` is used in errors only.
    pub fn parse(file: &str, text: &str) -> Result<Self, ProfileError> {
        let at = |offset: usize, message: String| {
            let before = &text[..offset.min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
            ProfileError { file: file.to_owned(), line, column, message }
        };
        let profile: Profile = toml::from_str(text)
            .map_err(|error| at(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
        if profile.reasons().any(|reason| reason.trim().is_empty()) {
            return Err(at(
                text.find("reason = \"\"").unwrap_or(0),
                "a permission needs a reason that says something".into(),
            ));
        }
        for name in profile.named_calls() {
            if !seccomp::is_known(name) {
                let offset = text.find(&format!("\"{name}\"")).unwrap_or(0);
                return Err(at(offset, format!("unknown system call `{name}`")));
            }
        }
        Ok(profile)
    }

    /// The profile as it holds under one confinement: without the rules for others.
    #[must_use]
    pub fn under(&self, confinement: Confinement) -> Profile {
        let mut profile = self.clone();
        profile.syscalls.retain(|rule| rule.only_under.is_empty() || rule.only_under.contains(&confinement));
        profile
    }

    fn reasons(&self) -> impl Iterator<Item = &str> {
        let allowed = self.syscalls.iter().map(|rule| rule.reason.as_str());
        allowed.chain(self.refuse_as_missing.iter().map(|rule| rule.reason.as_str()))
    }

    fn named_calls(&self) -> impl Iterator<Item = &str> {
        let allowed = self.syscalls.iter().flat_map(|rule| &rule.allow);
        let missing = self.refuse_as_missing.iter().map(|rule| &rule.syscall);
        allowed.chain(missing).map(String::as_str)
    }
}

/// The profile for Python candidates that ships with trialbox.
pub fn python() -> Profile {
    Profile::parse("python.toml", include_str!("../python.toml")).expect("the shipped profile parses: a test reads it")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "name = \"x\"\n[filesystem]\nscratch_bytes = 1\nscratch_files = 1\n[limits]\nopen_files = 1\nthreads = 1\nstack_bytes = 1\n";

    fn refusal(rest: &str) -> String {
        Profile::parse("x.toml", &format!("{HEAD}{rest}")).expect_err("must be refused").to_string()
    }

    #[test]
    fn the_shipped_profile_parses_and_compiles_under_every_confinement() {
        for confinement in Confinement::ALL {
            let filter = seccomp::compile(&python().under(confinement)).expect("compiles");
            assert!(filter.len() > 100);
        }
    }

    #[test]
    fn what_landlock_does_not_see_is_refused_where_it_could_change_the_hosts_files() {
        let allows = |confinement, name: &str| {
            python().under(confinement).syscalls.iter().any(|rule| rule.allow.iter().any(|allowed| allowed == name))
        };
        let under_each = |name| Confinement::ALL.map(|confinement| allows(confinement, name));
        assert_eq!(under_each("fchmodat"), [true, true, false]);
        assert_eq!(under_each("utimensat"), [true, false, false]);
    }

    #[test]
    fn an_unknown_system_call_is_refused_with_its_place() {
        let message = refusal("[[syscalls]]\nallow = [\"read\", \"raed\"]\nreason = \"x\"\n");
        assert_eq!(message, "x.toml:10:18: unknown system call `raed`");
    }

    #[test]
    fn a_permission_without_a_reason_is_refused() {
        let message = refusal("[[syscalls]]\nallow = [\"read\"]\n");
        assert!(message.starts_with("x.toml:9:1: missing field `reason`"), "{message}");
    }

    #[test]
    fn an_empty_reason_is_refused() {
        let message = refusal("[[syscalls]]\nallow = [\"read\"]\nreason = \"\"\n");
        assert!(message.starts_with("x.toml:11:1: a permission needs a reason"), "{message}");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place() {
        let message = refusal("[[syscalls]]\nallow = [\"read\"]\nreason = \"x\"\nwhy = \"y\"\n");
        assert!(message.starts_with("x.toml:12:1: unknown field `why`"), "{message}");
    }
}
