//! What a profile says, and how its text is read.
//! Not here: what no profile may say (`never`), the place of an error (`document`), turning the list into BPF
//! (`seccomp`), or enforcing anything (`runner`).
//! In: TOML. Out: [`Profile`], or an error with file, line and column.

use serde::Deserialize;

use crate::{
    document::{
        Document,
        Step::{self, Item, Key},
    },
    never, seccomp,
};

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

    /// What it is, for people.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces (a root of its own, in which nothing can be changed but a private tmpfs)",
            Self::LandlockAsNobody => "landlock as nobody (the host's own root, of which little can be opened)",
            Self::LandlockAsUser => "landlock as the user who runs trialbox",
        }
    }
}

/// The writable part of the candidate's file system.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesystemPolicy {
    /// Size of the private scratch folder.
    pub scratch_bytes: u64,
    /// How many files and folders it may hold.
    pub scratch_files: u64,
    /// Whether what lies there may be executed.
    #[serde(default)]
    pub scratch_executable: bool,
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
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) message: String,
}

impl Profile {
    /// Reads a profile; `file` is used in errors only.
    pub fn parse(file: &str, text: &str) -> Result<Self, ProfileError> {
        let (document, profile) = Document::read(file, text)?;
        match profile.fault() {
            None => Ok(profile),
            Some(Fault { way, message }) => Err(document.error(&way, message)),
        }
    }

    /// The first thing that the form allows and the meaning does not.
    fn fault(&self) -> Option<Fault> {
        let missing = self.refuse_as_missing.iter().enumerate().find_map(|(number, refused)| {
            let in_rule = |key| vec![Key("refuse_as_missing"), Item(number), Key(key)];
            unknown(&refused.syscall, || in_rule("syscall")).or_else(|| unexplained(&refused.reason, in_rule))
        });
        let allowed = || self.syscalls.iter().enumerate().find_map(|(number, rule)| rule.fault(number));
        missing.or_else(allowed)
    }

    /// The profile as it holds under one confinement: without the rules for others.
    #[must_use]
    pub fn under(&self, confinement: Confinement) -> Profile {
        let mut profile = self.clone();
        profile.syscalls.retain(|rule| rule.only_under.is_empty() || rule.only_under.contains(&confinement));
        profile
    }
}

/// What is wrong with a profile, and the way to it.
struct Fault {
    way: Vec<Step>,
    message: String,
}

impl SyscallRule {
    fn fault(&self, number: usize) -> Option<Fault> {
        let in_rule = |key| vec![Key("syscalls"), Item(number), Key(key)];
        let in_list = |index| [in_rule("allow"), vec![Item(index)]].concat();
        let name_fault = self.allow.iter().enumerate().find_map(|(index, name)| {
            let refused = |message| Fault { way: in_list(index), message };
            unknown(name, || in_list(index)).or_else(|| never::complaint(name, self).map(refused))
        });
        let argument_fault = || {
            let wrong = self.arguments.iter().position(|test| test.index > LAST_ARGUMENT)?;
            let way = [in_rule("arguments"), vec![Item(wrong), Key("index")]].concat();
            Some(Fault { way, message: format!("system calls have arguments 0 to {LAST_ARGUMENT}") })
        };
        name_fault.or_else(argument_fault).or_else(|| unexplained(&self.reason, in_rule))
    }
}

const LAST_ARGUMENT: u8 = 5;

fn unknown(name: &str, way: impl FnOnce() -> Vec<Step>) -> Option<Fault> {
    (!seccomp::is_known(name)).then(|| Fault { way: way(), message: format!("unknown system call `{name}`") })
}

fn unexplained(reason: &str, way: impl FnOnce(&'static str) -> Vec<Step>) -> Option<Fault> {
    let message = || "a permission needs a reason that says something".to_owned();
    reason.trim().is_empty().then(|| Fault { way: way("reason"), message: message() })
}

/// The profile for Python candidates that ships with trialbox.
pub fn python() -> Profile {
    parse_shipped("python.toml", include_str!("../python.toml"))
}

/// The profile for compiled C++ candidates.
pub fn cpp() -> Profile {
    parse_shipped("cpp.toml", include_str!("../cpp.toml"))
}

/// The profile for the tools that compile them.
pub fn cpp_compile() -> Profile {
    parse_shipped("cpp-compile.toml", include_str!("../cpp-compile.toml"))
}

/// The profile for bash scripts, and whatever they start.
pub fn bash() -> Profile {
    parse_shipped("bash.toml", include_str!("../bash.toml"))
}

/// Every profile that ships with trialbox.
pub fn shipped() -> [Profile; 4] {
    [python(), cpp(), cpp_compile(), bash()]
}

fn parse_shipped(file: &str, text: &str) -> Profile {
    Profile::parse(file, text).expect("a shipped profile parses: a test reads it")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "name = \"x\"\n[filesystem]\nscratch_bytes = 1\nscratch_files = 1\n[limits]\nopen_files = 1\nthreads = 1\nstack_bytes = 1\n";

    fn refusal(rest: &str) -> String {
        Profile::parse("x.toml", &format!("{HEAD}{rest}")).expect_err("must be refused").to_string()
    }

    #[test]
    fn the_shipped_profiles_parse_and_compile_under_every_confinement() {
        for profile in shipped() {
            for confinement in Confinement::ALL {
                let filter = seccomp::compile(&profile.under(confinement)).expect("compiles");
                assert!(filter.len() > 100, "{}", profile.name);
            }
        }
    }

    #[test]
    fn whoever_may_become_another_program_may_do_so_by_one_descriptor_only_but_for_a_shell() {
        for profile in shipped() {
            let named =
                |name: &'static str| profile.syscalls.iter().filter(move |rule| rule.allow.iter().any(|it| it == name));
            let processes = ["execve", "vfork", "fork", "kill", "tgkill"].into_iter().flat_map(named);
            if profile.name == "bash" {
                processes.for_each(|rule| assert_eq!(rule.only_under, [Confinement::Namespaces], "{:?}", rule.allow));
            } else {
                assert_eq!(processes.count(), 0, "{}", profile.name);
            }
            for rule in named("execveat") {
                let tested: Vec<_> = rule.arguments.iter().map(|test| (test.index, test.one_of.as_slice())).collect();
                assert_eq!(tested, [(0, [9].as_slice()), (4, [0x1000].as_slice())], "{}", profile.name);
            }
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
    fn an_empty_reason_is_refused_where_it_stands() {
        let good = "[[syscalls]]\nallow = [\"read\"]\nreason = \"see reason = \\\"\\\" below\"\n";
        let message = refusal(&format!("{good}[[syscalls]]\nallow = [\"write\"]\nreason =   \" \"\n"));
        assert!(message.starts_with("x.toml:14:12: a permission needs a reason"), "{message}");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place() {
        let message = refusal("[[syscalls]]\nallow = [\"read\"]\nreason = \"x\"\nwhy = \"y\"\n");
        assert!(message.starts_with("x.toml:12:1: unknown field `why`"), "{message}");
    }

    #[test]
    fn a_text_that_is_no_toml_is_refused_with_its_place() {
        let message = refusal("[[syscalls]]\nallow = [\"read\"\nreason = \"x\"\n");
        assert!(message.starts_with("x.toml:11:1: "), "{message}");
    }

    #[test]
    fn a_name_that_stands_in_several_places_is_told_where_it_is_wrong() {
        let named_before = "# \"raed\"\n[[syscalls]]\nallow = [\"read\"]\nreason = \"not \\\"raed\\\"\"\n";
        let message =
            refusal(&format!("{named_before}[[syscalls]]\nallow = [\n  \"write\", \"raed\",\n]\nreason = \"x\"\n"));
        assert_eq!(message, "x.toml:15:12: unknown system call `raed`");
        let message = refusal(
            "[[syscalls]]\nallow = [\"clone\"]\narguments = [{ index = 0, mask = 0x7E03_0000, one_of = [0x10000] }]\n\
             reason = \"x\"\n[[syscalls]]\nallow = [\"read\", \"clone\"]\nreason = \"x\"\n",
        );
        assert!(message.starts_with("x.toml:14:18: `clone` may be allowed only where"), "{message}");
    }

    #[test]
    fn an_unknown_call_is_refused_with_its_place_in_every_list() {
        let rule = "[[syscalls]]\nallow = [\"read\"]\nreason = \"x\"\n";
        let message = refusal(&format!("{rule}[[refuse_as_missing]]\nsyscall = \"raed\"\nreason = \"x\"\n"));
        assert_eq!(message, "x.toml:13:11: unknown system call `raed`");
    }

    #[test]
    fn what_is_never_allowed_is_refused_with_its_place() {
        for name in never::NEVER_ALLOWED.iter().flat_map(|never| never.syscalls) {
            let message = refusal(&format!("[[syscalls]]\nallow = [\"read\", \"{name}\"]\nreason = \"x\"\n"));
            assert!(message.starts_with(&format!("x.toml:10:18: `{name}` may never be allowed: ")), "{message}");
        }
    }

    #[test]
    fn an_argument_that_no_call_has_is_refused_with_its_place() {
        let message = refusal(
            "[[syscalls]]\nallow = [\"read\"]\narguments = [{ index = 6, mask = 1, one_of = [0] }]\nreason = \"x\"\n",
        );
        assert_eq!(message, "x.toml:11:24: system calls have arguments 0 to 5");
    }

    #[test]
    fn columns_count_characters() {
        let message = refusal("[[syscalls]]\nallow = [\"\u{e9}\u{e9}\", \"raed\"]\nreason = \"x\"\n");
        assert!(message.starts_with("x.toml:10:10: unknown system call"), "{message}");
        let message = refusal("[[syscalls]]\nreason = \"\u{e9}\u{e9}\"; allow = []\n");
        assert!(message.starts_with("x.toml:10:14: "), "{message}");
    }
}
