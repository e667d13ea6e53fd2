//! Parses hostile text as Python within bounds on nesting, stack, and work.
//! Not here: the bounds themselves (`syntax`), where in a response the text stands (`fences`), which text is taken
//! (`extract`).
//! In: text. Out: what the program defines, or where it stops being one.

use std::thread;

use ruff_python_ast::Expr;
use ruff_python_ast::Stmt;
use ruff_python_parser::parse_unchecked_source;

use super::names::Names;
use super::names::names;
use crate::syntax::nesting;

/// Up to here a tree is parsed and dropped on the caller's stack.
const MAX_DEPTH_HERE: u32 = 200;
/// Room for the deepest tree, with a margin of more than ten (70 to 140 bytes a level were measured).
const STACK_BYTES: usize = 16 << 20;

/// What is known of a text that parses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Whether it defines the entry point, at top level or as a method of `class Solution`.
    pub(super) defines_entry: bool,
    /// Whether it does anything at all: a definition, an import, an assignment, a call or a compound statement.
    pub(super) has_substance: bool,
    /// Whether what it defines as the entry point has no body to speak of: `pass`, `...`, a docstring.
    pub(super) is_sketch: bool,
}

/// A text that does not parse, and the byte at which that shows, where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) at: Option<usize>,
}

/// A parser with a budget, so that text which makes extraction try again and again costs no more than other text.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    entry_point: Option<&'a str>,
    budget: usize,
}

impl<'a> Parser<'a> {
    /// `budget` is the number of bytes that may be parsed in all.
    pub(super) fn new(entry_point: Option<&'a str>, budget: usize) -> Self {
        // `Solution.method` and `method` are the same to us.
        Self { entry_point: entry_point.map(|name| name.rsplit('.').next().unwrap_or(name)), budget }
    }

    pub(super) fn parse(&mut self, source: &str) -> Result<Facts, Broken> {
        self.read(source, |_| ()).map(|(facts, ())| facts)
    }

    /// As [`Parser::parse`], with the names of the program.
    pub(super) fn parse_with_names(&mut self, source: &str) -> Result<(Facts, Names), Broken> {
        self.read(source, names)
    }

    fn read<T: Send>(&mut self, source: &str, more: fn(&[Stmt]) -> T) -> Result<(Facts, T), Broken> {
        let unknown = Broken { at: None };
        // A call costs something even where there is nothing to parse.
        self.budget = self.budget.checked_sub(source.len() + 64).ok_or(unknown)?;
        let nesting = nesting(source).ok_or(unknown)?;
        if nesting.depth <= MAX_DEPTH_HERE {
            return parse_here(source, self.entry_point, more);
        }
        thread::scope(|scope| {
            let parser = thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, || parse_here(source, self.entry_point, more));
            parser.map_err(|_| unknown)?.join().map_err(|_| unknown)?
        })
    }
}

fn parse_here<T>(source: &str, entry_point: Option<&str>, more: fn(&[Stmt]) -> T) -> Result<(Facts, T), Broken> {
    let parsed = parse_unchecked_source(source, ruff_python_ast::PySourceType::Python);
    if let Some(first) = parsed.errors().iter().map(|error| error.location.start().to_usize()).min() {
        return Err(Broken { at: Some(first) });
    }
    let statements = parsed.suite();
    let mut definitions =
        statements.iter().filter(|statement| entry_point.is_some_and(|name| defines(statement, name)));
    let facts = Facts {
        defines_entry: definitions.clone().next().is_some(),
        has_substance: statements.iter().any(has_substance),
        is_sketch: definitions.all(|statement| entry_point.is_some_and(|name| is_sketch(statement, name))),
    };
    Ok((facts, more(statements)))
}

/// Whether a definition of the entry point only says that it is there.
fn is_sketch(statement: &Stmt, name: &str) -> bool {
    let is_empty = |body: &[Stmt]| {
        body.iter().all(|statement| match statement {
            Stmt::Pass(_) => true,
            Stmt::Expr(expression) => matches!(*expression.value, Expr::StringLiteral(_) | Expr::EllipsisLiteral(_)),
            _ => false,
        })
    };
    match statement {
        Stmt::FunctionDef(function) => is_empty(&function.body),
        Stmt::ClassDef(class) if class.name == *name => is_empty(&class.body),
        Stmt::ClassDef(class) => class.body.iter().all(|inner| match inner {
            Stmt::FunctionDef(function) if function.name == *name => is_empty(&function.body),
            _ => true,
        }),
        _ => false,
    }
}

/// Whether a top-level statement gives `name` to something, or is a `class Solution` with such a method.
fn defines(statement: &Stmt, name: &str) -> bool {
    let is_name = |target: &Expr| matches!(target, Expr::Name(target) if target.id == name);
    match statement {
        Stmt::FunctionDef(function) => function.name == *name,
        Stmt::ClassDef(class) => {
            let is_method = |inner: &Stmt| matches!(inner, Stmt::FunctionDef(function) if function.name == *name);
            class.name == *name || (class.name == *"Solution" && class.body.iter().any(is_method))
        }
        Stmt::Assign(assign) => assign.targets.iter().any(is_name),
        Stmt::AnnAssign(assign) => assign.value.is_some() && is_name(&assign.target),
        Stmt::Import(import) => import.names.iter().any(|alias| alias.asname.as_ref().unwrap_or(&alias.name) == name),
        Stmt::ImportFrom(import) => {
            import.names.iter().any(|alias| alias.asname.as_ref().unwrap_or(&alias.name) == name)
        }
        _ => false,
    }
}

/// Prose can be valid Python (`Yes`, `Note: this`), but it does nothing.
fn has_substance(statement: &Stmt) -> bool {
    match statement {
        Stmt::Expr(expression) => matches!(*expression.value, Expr::Call(_) | Expr::Await(_)),
        Stmt::AnnAssign(assign) => assign.value.is_some(),
        Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::Return(_) | Stmt::Global(_) | Stmt::Nonlocal(_) => {
            false
        }
        _ => true,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
