//! `trialbox profile explain`: the shipped policy in words, and what a policy file is refused for.
//! Not here: the words themselves (a snapshot beside `sandbox_profiles::explain`).

use crate::{processes::Finished, support::Place};

const HEAD: &str = "name = \"mine\"\n\n[filesystem]\nscratch_bytes = 1048576\nscratch_files = 8\n\n\
                    [limits]\nopen_files = 16\nthreads = 1\nstack_bytes = 1000\n\n[[syscalls]]\n";

/// Explains a profile file of this head and these lines, the first of which is line 13.
fn explain(rest: &str) -> Finished {
    let place = Place::new();
    place.write("mine.toml", format!("{HEAD}{rest}"));
    place.run(&[&"profile", &"explain", &"mine.toml"])
}

fn refused(finished: &Finished, code: i32, words: &[&str]) {
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(code), ""), "{}", finished.stderr);
    for word in words {
        assert!(finished.stderr.contains(word), "{word:?} is not in: {}", finished.stderr);
    }
}

#[test]
fn the_shipped_profiles_are_printed_in_the_reviewed_words() {
    for profile in trialbox_sandbox_profiles::shipped() {
        let finished = Place::new().run(&[&"profile", &"explain", &profile.name]);
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
        assert_eq!(finished.stdout, trialbox_sandbox_profiles::explain(&profile));
    }
}

#[test]
fn a_profile_file_is_explained_too() {
    let finished = explain(
        "allow = [\"read\"]\narguments = [{ index = 0, mask = 0xFFFF_FFFF, one_of = [0] }]\nreason = \"stdin\"\n",
    );
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    for line in ["profile     mine\n", "    read (argument 0 is 0)\n        stdin\n"] {
        assert!(finished.stdout.contains(line), "{line:?} is not in: {}", finished.stdout);
    }
    assert!(!finished.stdout.contains("landlock only"), "a section without rules: {}", finished.stdout);
}

#[test]
fn an_unknown_key_is_told_with_file_line_and_column() {
    let finished = explain("allow = [\"read\"]\nreason = \"x\"\nwhy = \"y\"\n");
    refused(&finished, 5, &["mine.toml:15:1: unknown field `why`"]);
}

#[test]
fn an_unknown_system_call_is_told_with_file_line_and_column() {
    let finished = explain("allow = [\"read\", \"raed\"] # not \"raed\"\nreason = \"x\"\n");
    refused(&finished, 5, &["mine.toml:13:18: unknown system call `raed`"]);
}

#[test]
fn a_missing_reason_is_told_with_file_line_and_column() {
    refused(&explain("allow = [\"read\"]\n"), 5, &["mine.toml:12:1: missing field `reason`"]);
}

#[test]
fn a_permission_that_nobody_may_have_is_told_with_file_line_and_column() {
    let finished = explain("allow = [\"read\",\n  \"unshare\"]\nreason = \"x\"\n");
    refused(&finished, 5, &["mine.toml:14:3: `unshare` may never be allowed: namespaces"]);
}

#[test]
fn an_unknown_profile_is_a_usage_error() {
    refused(&Place::new().run(&[&"profile", &"explain", &"pyhton"]), 2, &["unknown profile `pyhton`", "python"]);
}

#[test]
fn a_profile_file_that_cannot_be_read_is_told_by_its_path() {
    let finished = Place::new().run(&[&"profile", &"explain", &"nowhere.toml"]);
    refused(&finished, 5, &["nowhere.toml: cannot be read", "No such file"]);
}
