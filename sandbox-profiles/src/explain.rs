//! A profile in words: what is allowed, what is answered otherwise, what never can be, each with its reason.
//! Not here: reading a profile (`profile`), printing (`cli`).
//! In: [`Profile`]. Out: text for people, the same for the same profile.

use std::fmt::{self, Write};

use crate::{
    never::{CLONE_NEW, NEVER_ALLOWED},
    profile::{ArgumentTest, Confinement, Profile, SyscallRule},
};

/// The longest line.
const WIDTH: usize = 100;

/// Explains a profile, as resolved: rules of every confinement once, then those of some.
#[must_use]
pub fn explain(profile: &Profile) -> String {
    let mut text = String::new();
    write_all(&mut text, profile).expect("a string can always be written to");
    text
}

fn write_all(out: &mut String, profile: &Profile) -> fmt::Result {
    let (files, limits) = (&profile.filesystem, &profile.limits);
    writeln!(out, "profile     {}", profile.name)?;
    writeln!(
        out,
        "filesystem  read-only but for a scratch folder of {} and {} files, emptied after each run{}",
        bytes(files.scratch_bytes),
        files.scratch_files,
        if files.scratch_executable { "; what lies there may be executed" } else { "" }
    )?;
    writeln!(
        out,
        "limits      {} open files, {} threads, {} of stack",
        limits.open_files,
        limits.threads,
        bytes(limits.stack_bytes)
    )?;
    section(out, profile, &[], "Always")?;
    let mut told: Vec<&[Confinement]> = vec![&[]];
    for rule in &profile.syscalls {
        if !told.contains(&rule.only_under.as_slice()) {
            told.push(&rule.only_under);
            let names: Vec<&str> = rule.only_under.iter().map(|only| only.describe()).collect();
            section(out, profile, &rule.only_under, &format!("Only under {}", names.join(", or ")))?;
        }
    }
    writeln!(out, "\nEverything else\n")?;
    rule(out, "any other system call", "EPERM: refused, and the program runs on")?;
    rule(out, "a system call of a foreign architecture", "kills the process")?;
    writeln!(out, "\nNever allowed: a profile that allows one of these does not parse\n")?;
    for never in NEVER_ALLOWED {
        rule(out, &never.syscalls.join(", "), never.reason)?;
    }
    let clone = format!("clone, unless argument 0 & {CLONE_NEW:#x} is 0");
    rule(out, &clone, "the flags CLONE_NEW*, which make namespaces, user namespaces too")
}

/// The rules for these confinements; none named is all.
fn section(out: &mut String, profile: &Profile, only_under: &[Confinement], title: &str) -> fmt::Result {
    wrap_title(out, title)?;
    heading(out, "allowed", false)?;
    for it in profile.syscalls.iter().filter(|rule| rule.only_under == only_under) {
        rule(out, &said(it), &it.reason)?;
    }
    let missing = if only_under.is_empty() { profile.refuse_as_missing.as_slice() } else { &[] };
    heading(out, "answered ENOSYS, as if the kernel had no such call", missing.is_empty())?;
    for it in missing {
        rule(out, &it.syscall, &it.reason)?;
    }
    Ok(())
}

fn wrap_title(out: &mut String, title: &str) -> fmt::Result {
    writeln!(out)?;
    wrap(out, 0, title)
}

fn heading(out: &mut String, title: &str, is_empty: bool) -> fmt::Result {
    if is_empty { Ok(()) } else { writeln!(out, "\n  {title}\n") }
}

fn rule(out: &mut String, calls: &str, reason: &str) -> fmt::Result {
    wrap(out, 4, calls)?;
    wrap(out, 8, reason)
}

/// The calls of a rule, and where they are allowed.
fn said(rule: &SyscallRule) -> String {
    let tests: Vec<String> = rule.arguments.iter().map(test).collect();
    let tests = if tests.is_empty() { String::new() } else { format!(" ({})", tests.join(" and ")) };
    format!("{}{tests}", rule.allow.join(", "))
}

/// An argument test as it is said. A mask over all the bits that an argument of 32 or 64 bits has is none.
fn test(test: &ArgumentTest) -> String {
    let is_whole = [u64::from(u32::MAX), u64::MAX].contains(&test.mask);
    let mask = if is_whole { String::new() } else { format!(" & {}", number(test.mask)) };
    let numbers: Vec<String> = test.one_of.iter().copied().map(number).collect();
    let is = if numbers.len() == 1 { "is" } else { "is one of" };
    format!("argument {}{mask} {is} {}", test.index, numbers.join(", "))
}

/// Small numbers count something, large ones are made of bits.
fn number(number: u64) -> String {
    if number < 0x1000 { number.to_string() } else { format!("{number:#x}") }
}

fn bytes(bytes: u64) -> String {
    if bytes.is_multiple_of(1 << 20) { format!("{} MiB", bytes >> 20) } else { format!("{bytes} bytes") }
}

/// Writes words in lines of bearable length.
fn wrap(out: &mut String, indent: usize, text: &str) -> fmt::Result {
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used == 0 {
            write!(out, "{:indent$}{word}", "")?;
            used = indent + length;
        } else if used + 1 + length <= WIDTH {
            write!(out, " {word}")?;
            used += 1 + length;
        } else {
            write!(out, "\n{:indent$}{word}", "")?;
            used = indent + length;
        }
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{bash, cpp, cpp_compile, python, shipped};

    #[test]
    fn the_shipped_profile_is_explained_as_reviewed() {
        insta::assert_snapshot!(explain(&python()));
    }

    #[test]
    fn the_shipped_profile_of_cpp_is_explained_as_reviewed() {
        insta::assert_snapshot!(explain(&cpp()));
    }

    #[test]
    fn the_shipped_profile_of_its_compiler_is_explained_as_reviewed() {
        insta::assert_snapshot!(explain(&cpp_compile()));
    }

    #[test]
    fn the_shipped_profile_of_bash_is_explained_as_reviewed() {
        insta::assert_snapshot!(explain(&bash()));
    }

    #[test]
    fn every_rule_of_a_profile_is_told_exactly_once_with_its_reason() {
        for profile in shipped() {
            let told = explain(&profile).split_whitespace().collect::<Vec<_>>().join(" ");
            let allowed = profile.syscalls.iter().map(|it| (said(it), &it.reason));
            let missing = profile.refuse_as_missing.iter().map(|it| (it.syscall.clone(), &it.reason));
            for (calls, reason) in allowed.chain(missing) {
                assert_eq!(told.matches(&format!("{calls} {reason}")).count(), 1, "{calls} {reason}");
            }
        }
    }

    #[test]
    fn argument_tests_read_as_sentences() {
        let said = |index, mask, one_of: &[u64]| test(&ArgumentTest { index, mask, one_of: one_of.to_vec() });
        assert_eq!(said(1, 0xFFFF_FFFF, &[0, 1, 1030]), "argument 1 is one of 0, 1, 1030");
        assert_eq!(said(4, u64::MAX, &[0]), "argument 4 is 0");
        assert_eq!(said(0, 0x7E03_0000, &[0x1_0000]), "argument 0 & 0x7e030000 is 0x10000");
    }

    #[test]
    fn no_line_is_longer_than_a_terminal() {
        let longest = explain(&python()).lines().map(|line| line.chars().count()).max();
        assert!(longest.is_some_and(|length| length <= WIDTH), "{longest:?}");
    }
}
