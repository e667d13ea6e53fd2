//! Forms: when two programs that differ as texts are the same program.
//! Not here: what is done with programs that are (`known`).
//! In: a source. Out: the hash of its form, or nothing where the text itself may matter to what it does. Pure.
//!
//! CPython compiles a syntax tree and no text. Two texts of one tree differ in what a program sees of its own source: line
//! numbers, docstrings, the names of local variables. So a form is the tree without docstrings and with local variables
//! numbered, of programs that cannot look at any of this ([`plain`]). Everybody else's form is their text.

mod locals;
mod plain;
#[cfg(test)]
mod tests;

use std::hash::{Hash, Hasher};

use ruff_python_ast::{Expr, PythonVersion, Stmt, StmtPass, comparable::ComparableModModule, visitor::transformer};
use ruff_python_parser::{ParseOptions, parse_module, parse_unchecked};

use crate::syntax;

/// What is longer takes long to compile for its length alone.
const MAX_BYTES: usize = 64 << 10;
/// What nests deeper is left to its text.
const MAX_DEPTH: u32 = 400;

/// The hash of a program's form; `None` where only the same text is the same program. `minor` is that of the Python 3
/// that compiles it.
pub fn form(source: &[u8], minor: u8) -> Option<[u8; 32]> {
    let source = std::str::from_utf8(source).ok().filter(|text| is_plain_text(text))?;
    if syntax::depth(source)? > MAX_DEPTH {
        return None;
    }
    let options = ParseOptions::from(ruff_python_parser::Mode::Module)
        .with_target_version(PythonVersion { major: 3, minor });
    let parsed = parse_unchecked(source, options).try_into_module()?;
    // One tree may be written in ways that some versions know and others do not.
    if !parsed.errors().is_empty() || !parsed.unsupported_syntax_errors().is_empty() {
        return None;
    }
    let mut module = parsed.into_syntax();
    let sight = plain::sight(&module.body, minor)?;
    drop_docstrings(&mut module.body);
    if sight == plain::Sight::Nothing {
        locals::number(&mut module.body);
    }
    let mut hasher = Blake3(blake3::Hasher::new());
    ComparableModModule::from(&module).hash(&mut hasher);
    Some(*hasher.0.finalize().as_bytes())
}

/// Whether nothing but the tree is to be learnt from the text: an encoding, a tab that CPython may count otherwise, line
/// ends, form feeds, a mark or a NUL that only one parser minds.
fn is_plain_text(text: &str) -> bool {
    let names_an_encoding = text.lines().take(2).any(|line| line.contains("coding"));
    text.len() <= MAX_BYTES
        && !names_an_encoding
        && !text.bytes().any(|byte| matches!(byte, b'\t' | b'\r' | b'\x0c' | 0))
        && !text.contains('\u{feff}')
}

/// A module, class or function begins with its docstring, which nobody here can read.
fn drop_docstrings(body: &mut Vec<Stmt>) {
    drop_docstring(body);
    transformer::Transformer::visit_body(&Docstrings, body);
}

struct Docstrings;

impl transformer::Transformer for Docstrings {
    fn visit_stmt(&self, statement: &mut Stmt) {
        match statement {
            Stmt::FunctionDef(function) => drop_docstring_or_pass(&mut function.body),
            Stmt::ClassDef(class) => drop_docstring_or_pass(&mut class.body),
            _ => {}
        }
        transformer::walk_stmt(self, statement);
    }
}
