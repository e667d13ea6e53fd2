//! Parses hostile text as Python within bounds on nesting, stack, and work.
//! Not here: where in a response the text stands (`fences`), which text is taken (`extract`).
//! In: text. Out: what the program defines, or where it stops being one.

use std::thread;

use ruff_python_ast::Expr;
use ruff_python_ast::Stmt;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;
use ruff_python_parser::lexer::lex;
use ruff_python_parser::parse_unchecked_source;

use super::names::Names;
use super::names::names;

/// CPython's own limits; what nests deeper does not compile.
const MAX_BRACKETS: usize = 200;
const MAX_INDENTS: u32 = 100;
/// The deepest expression; CPython gives up at some 3,000.
const MAX_DEPTH: u32 = 5_000;
/// Up to here a tree is parsed and dropped on the caller's stack.
const MAX_DEPTH_HERE: u32 = 200;
/// Room for the deepest tree, with a margin of more than ten (70 to 140 bytes a level were measured).
const STACK_BYTES: usize = 16 << 20;
/// The most f-strings; the lexer's time grows with the square of those that nest.
const MAX_INTERPOLATED: usize = 5_000;

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
        let depth = depth(source).ok_or(unknown)?;
        if depth <= MAX_DEPTH_HERE {
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

/// One bracket, f-string or statement that is still open.
#[derive(Default)]
struct Level {
    /// The depth of all that it stands in.
    outer: u32,
    /// Tokens since the last comma.
    tokens: u32,
    /// The deepest of the brackets since the last comma.
    inner: u32,
    /// The deepest of the parts before it.
    deepest: u32,
    /// A comma after `lambda` separates parameters, and what follows may still nest.
    has_lambda: bool,
    is_interpolated: bool,
}

impl Level {
    fn depth(&self) -> u32 {
        self.deepest.max(self.tokens + self.inner)
    }
}

/// An upper bound on the depth of the syntax tree, from tokens alone; `None` where a limit is passed.
///
/// No node has more descendants above one another than there are tokens around it at each level of brackets, and a
/// comma between brackets ends what can nest. The parser grows its stack by itself, but takes kilobytes for each level,
/// and the tree is dropped by recursion without such help: both need this bound. It holds for broken text too, with
/// one exception that is refused: in an f-string that does not end, the parser may read code where we saw a string.
fn depth(source: &str) -> Option<u32> {
    if count_interpolated(source) > MAX_INTERPOLATED || u32::try_from(source.len()).is_err() {
        return None;
    }
    let mut lexer = lex(source, Mode::Module);
    let mut levels = vec![Level::default()];
    let (mut deepest, mut indents) = (0, 0_u32);
    loop {
        let token = lexer.next_token();
        match token {
            TokenKind::Comment | TokenKind::NonLogicalNewline => continue,
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::EndOfFile | TokenKind::Newline => {
                if levels.iter().any(|level| level.is_interpolated) {
                    return None;
                }
                close(&mut levels, 0);
                deepest = deepest.max(levels[0].depth());
                levels[0] = Level::default();
            }
            _ => count(token, &mut levels),
        }
        let total = levels.last().map_or(0, |level| level.outer + level.depth());
        if levels.len() > MAX_BRACKETS || indents > MAX_INDENTS || total > MAX_DEPTH {
            return None;
        }
        if token == TokenKind::EndOfFile {
            return Some(deepest + MAX_INDENTS);
        }
    }
}

fn count(token: TokenKind, levels: &mut Vec<Level>) {
    let outermost = levels.len() == 1;
    let Some(level) = levels.last_mut() else { return };
    level.tokens += 1;
    match token {
        TokenKind::Comma if !outermost && !level.has_lambda => {
            level.deepest = level.depth();
            (level.tokens, level.inner) = (0, 0);
        }
        // `x = 1; y = 2` is two statements.
        TokenKind::Semi if outermost => {
            level.deepest = level.depth();
            (level.tokens, level.inner) = (0, 0);
        }
        TokenKind::Lambda => level.has_lambda = true,
        TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => open(levels, false),
        TokenKind::FStringStart | TokenKind::TStringStart => open(levels, true),
        TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if !level.is_interpolated && !outermost => {
            close(levels, levels.len() - 2);
        }
        TokenKind::FStringEnd | TokenKind::TStringEnd => {
            if let Some(start) = levels.iter().rposition(|level| level.is_interpolated) {
                close(levels, start - 1);
            }
        }
        _ => {}
    }
}

fn open(levels: &mut Vec<Level>, is_interpolated: bool) {
    let outer = levels.last().map_or(0, |level| level.outer + level.depth());
    levels.push(Level { outer, is_interpolated, ..Level::default() });
}

/// Closes all levels but the first `last + 1`.
fn close(levels: &mut Vec<Level>, last: usize) {
    while levels.len() > last + 1
        && let Some(closed) = levels.pop()
        && let Some(level) = levels.last_mut()
    {
        level.inner = level.inner.max(closed.depth());
    }
}

/// How many f-strings start in the text, or a few more: an `f` or `t` before a quote.
fn count_interpolated(source: &str) -> usize {
    let bytes = source.as_bytes();
    let is_start = |at: usize| {
        let next = |offset: usize| bytes.get(at + offset).copied().unwrap_or(0);
        let after = if matches!(next(1), b'r' | b'R') { next(2) } else { next(1) };
        matches!(bytes[at], b'f' | b'F' | b't' | b'T') && matches!(after, b'"' | b'\'')
    };
    (0..bytes.len()).filter(|at| is_start(*at)).count()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
