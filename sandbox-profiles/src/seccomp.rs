//! A profile's system call list as a classic BPF program.
//! Not here: installing it (`runner`).
//! In: [`Profile`]. Out: instructions that answer EPERM to whatever is not listed, and kill on a foreign architecture.

use std::collections::BTreeMap;

use seccompiler::{BpfProgram, TargetArch};
use serde_json::{Value as Json, json};

use crate::profile::{Profile, SyscallRule};

/// One instruction, laid out as the kernel's `struct sock_filter`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BpfInstruction {
    /// The operation.
    pub code: u16,
    /// Instructions to skip when a test holds.
    pub jump_true: u8,
    /// Instructions to skip when it does not.
    pub jump_false: u8,
    /// The operand.
    pub operand: u32,
}

/// Why a profile could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// The host's architecture has no system call table here.
    #[error("no system call table for architecture `{0}`")]
    Architecture(String),
    /// seccompiler refused the list.
    #[error("the system call list does not compile: {0}")]
    List(String),
}

const EPERM: u32 = 1;
const ENOSYS: u32 = 38;
const LOAD_WORD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_IF_EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const RETURN: u16 = 0x06; // BPF_RET | BPF_K
const RETURN_ERRNO: u32 = 0x0005_0000; // SECCOMP_RET_ERRNO

/// Compiles the profile's list for the architecture this program was built for.
pub fn compile(profile: &Profile) -> Result<Vec<BpfInstruction>, FilterError> {
    let rules: Vec<Json> = profile.syscalls.iter().flat_map(rules_of).collect();
    let mut program = Vec::new();
    for refused in &profile.refuse_as_missing {
        program.extend(refuse_as_missing(number(&refused.syscall)?));
    }
    program.extend(compile_json(rules, json!({"errno": EPERM}), json!("allow"))?);
    Ok(program)
}

/// Compiles a filter that refuses what these rules name and lets all else through: to be stacked on one that does not.
pub fn compile_refusals(rules: &[SyscallRule]) -> Result<Vec<BpfInstruction>, FilterError> {
    compile_json(rules.iter().flat_map(rules_of).collect(), json!("allow"), json!({"errno": EPERM}))
}

/// Whether the architecture's table has this name.
pub(crate) fn is_known(name: &str) -> bool {
    number(name).is_ok()
}

/// seccompiler's rules are alternatives, and what one of them tests must all hold: one rule for each combination of the
/// numbers that the arguments may be.
fn rules_of(rule: &SyscallRule) -> Vec<Json> {
    let mut combinations: Vec<Vec<Json>> = vec![Vec::new()];
    for test in &rule.arguments {
        let width = if test.mask > u64::from(u32::MAX) { "qword" } else { "dword" };
        let of_number =
            |number: &u64| json!({"index": test.index, "type": width, "op": {"masked_eq": test.mask}, "val": number});
        let extended = |earlier: &Vec<Json>| {
            test.one_of.iter().map(|number| [earlier.as_slice(), &[of_number(number)]].concat()).collect::<Vec<_>>()
        };
        combinations = combinations.iter().flat_map(extended).collect();
    }
    let of_name = |name: &String| {
        let rule = |tests: &Vec<Json>| match tests.as_slice() {
            [] => json!({"syscall": name}),
            tests => json!({"syscall": name, "args": tests}),
        };
        combinations.iter().map(rule).collect::<Vec<_>>()
    };
    rule.allow.iter().flat_map(of_name).collect()
}

/// Three instructions in front of seccompiler's program, which knows only one answer for everything unlisted.
fn refuse_as_missing(number: u32) -> [BpfInstruction; 3] {
    let instruction = |code, jump_true, jump_false, operand| BpfInstruction { code, jump_true, jump_false, operand };
    [
        instruction(LOAD_WORD, 0, 0, 0), // struct seccomp_data begins with the number
        instruction(JUMP_IF_EQUAL, 0, 1, number),
        instruction(RETURN, 0, 0, RETURN_ERRNO | ENOSYS),
    ]
}

/// The number of a system call, found in a one-rule program: seccompiler's table itself is private.
fn number(name: &str) -> Result<u32, FilterError> {
    let program = compile_json(vec![json!({"syscall": name})], json!("allow"), json!({"errno": EPERM}))?;
    let tests: Vec<u32> =
        program.iter().filter(|instruction| instruction.code == JUMP_IF_EQUAL).map(|test| test.operand).collect();
    // The first test is the architecture's, the second the system call's.
    tests.get(1).copied().ok_or_else(|| FilterError::List(format!("no test for `{name}`")))
}

fn compile_json(rules: Vec<Json>, otherwise: Json, matched: Json) -> Result<Vec<BpfInstruction>, FilterError> {
    let arch = std::env::consts::ARCH;
    let target = TargetArch::try_from(arch).map_err(|_| FilterError::Architecture(arch.to_owned()))?;
    let text = json!({"it": {"mismatch_action": otherwise, "match_action": matched, "filter": rules}}).to_string();
    let mut compiled: BTreeMap<String, BpfProgram> = seccompiler::compile_from_json(text.as_bytes(), target)
        .map_err(|error| FilterError::List(error.to_string()))?
        .into_iter()
        .collect();
    let program = compiled.remove("it").expect("seccompiler answers with the names it was given");
    Ok(program
        .iter()
        .map(|i| BpfInstruction { code: i.code, jump_true: i.jt, jump_false: i.jf, operand: i.k })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_resolve_to_the_kernels_numbers() {
        #[cfg(target_arch = "x86_64")]
        assert_eq!((number("read").expect("known"), number("clone3").expect("known")), (0, 435));
        assert!(!is_known("no_such_call"));
    }
}
