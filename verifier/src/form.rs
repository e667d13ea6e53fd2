//! Forms: when two programs that differ as texts are the same program.
//! Not here: what is done with programs that are.
//! In: a source. Out: the hash of its form, or why the text itself may matter to what it does. Pure.
//!
//! CPython compiles a syntax tree and no text. Two texts of one tree differ in what a program sees of its own source: line
//! numbers, docstrings, the names of local variables. So a form is the tree without docstrings and with local variables
//! numbered, of programs that cannot look at any of this (`plain`) and whose text says nothing that the tree does not
//! (`text`). Everybody else's form is their text.
//!
//! What may still differ between programs of one form: warnings and tracebacks on stderr, addresses of objects, the text of
//! a `NameError` that nobody catches, memory and time by a little.

mod locals;
mod plain;
mod scopes;
#[cfg(test)]
mod tests;
mod text;

use std::{
    hash::{Hash, Hasher},
    ops::RangeInclusive,
};

use ruff_python_ast::{
    AtomicNodeIndex, PythonVersion, Stmt, StmtClassDef, StmtFunctionDef, StmtPass, Suite,
    comparable::ComparableModModule,
    visitor::transformer::{Transformer, walk_stmt},
};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

use crate::syntax;

/// What is longer takes long to compile for its length alone.
const MAX_BYTES: usize = 64 << 10;
/// What nests deeper may be too deep for CPython in one of its spellings only.
const MAX_DEPTH: u32 = 400;
const MAX_BRACKETS: usize = 30;
const MAX_INDENTS: u32 = 50;

/// The versions of which the names that show a program to itself are known (`plain`).
const KNOWN_MINORS: RangeInclusive<u8> = 9..=13;

/// Why a program has no form but its text.
pub type Reason = &'static str;

/// The hash of a program's form; `None` where only the same text is the same program. `minor` is that of the Python 3
/// that compiles it.
pub fn form(source: &[u8], minor: u8) -> Option<[u8; 32]> {
    form_or_reason(source, minor).ok()
}

/// As [`form`], with the reason why there is none.
pub fn form_or_reason(source: &[u8], minor: u8) -> Result<[u8; 32], Reason> {
    let source = std::str::from_utf8(source).map_err(|_| "is not UTF-8")?;
    if !KNOWN_MINORS.contains(&minor) {
        return Err("is for a Python that nobody has looked at");
    }
    if source.len() > MAX_BYTES {
        return Err("is long");
    }
    text::check_characters(source)?;
    let nesting = syntax::nesting(source).ok_or("nests deep")?;
    if nesting.depth > MAX_DEPTH || nesting.brackets > MAX_BRACKETS || nesting.indents > MAX_INDENTS {
        return Err("nests deep");
    }
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion { major: 3, minor });
    let parsed = parse_unchecked(source, options).try_into_module().ok_or("does not parse")?;
    // One tree may be written in ways that some versions know and others do not.
    if !parsed.errors().is_empty() || !parsed.unsupported_syntax_errors().is_empty() {
        return Err("does not parse");
    }
    text::check_tokens(source, parsed.tokens())?;
    let mut module = parsed.into_syntax();
    let scopes = scopes::Scopes::of(&module.body);
    let sight = plain::check(source, &module.body, &scopes)?;
    let renameable = (sight == plain::Sight::Nothing).then(|| locals::renameable(&scopes));
    drop_docstring(&mut module.body);
    Docstrings.visit_body(&mut module.body);
    if let Some(renameable) = renameable {
        locals::number(&mut module.body, &renameable);
    }
    let mut hasher = Blake3(blake3::Hasher::new());
    ComparableModModule::from(&module).hash(&mut hasher);
    Ok(*hasher.0.finalize().as_bytes())
}

/// All bits of a hash, of which [`Hasher`] would give 64.
struct Blake3(blake3::Hasher);

impl Hasher for Blake3 {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the whole hash is taken instead")
    }
}

/// Drops what a module, class or function begins with where that is a docstring, which nobody here can read.
fn drop_docstring(body: &mut Suite) {
    let is_string = |first: &Stmt| matches!(first, Stmt::Expr(first) if first.value.is_string_literal_expr());
    if body.first().is_some_and(is_string) {
        body.remove(0);
    }
}

struct Docstrings;

impl Transformer for Docstrings {
    fn visit_stmt(&self, statement: &mut Stmt) {
        let range = statement.range();
        if let Stmt::FunctionDef(StmtFunctionDef { body, .. }) | Stmt::ClassDef(StmtClassDef { body, .. }) = statement {
            drop_docstring(body);
            if body.is_empty() {
                body.push(Stmt::Pass(StmtPass { range, node_index: AtomicNodeIndex::NONE }));
            }
        }
        walk_stmt(self, statement);
    }
}
