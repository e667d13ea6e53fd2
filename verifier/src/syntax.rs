//! Syntax: how deep a text nests that claims to be Python, before anybody parses it.
//! Not here: parsing (`extract`, `form`).
//! In: hostile text. Out: bounds on its nesting, in time that grows with its length. Pure.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;
use ruff_python_parser::lexer::lex;

/// CPython's own limits; what nests deeper does not compile.
const MAX_BRACKETS: usize = 200;
const MAX_INDENTS: u32 = 100;
/// The deepest expression; CPython gives up at some 3,000.
const MAX_DEPTH: u32 = 5_000;
/// The most f-strings; the lexer's time grows with the square of those that nest.
const MAX_INTERPOLATED: usize = 5_000;

/// How deep a text nests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nesting {
    /// No syntax tree of the text is deeper.
    pub(crate) depth: u32,
    /// The most brackets and f-strings within one another.
    pub(crate) brackets: usize,
    /// The most indentations within one another.
    pub(crate) indents: u32,
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

/// How deep a text nests; `None` where a limit is passed.
///
/// The depth is an upper bound on that of the syntax tree, from tokens alone.
/// No node has more descendants above one another than there are tokens around it at each level of brackets, and a
/// comma between brackets ends what can nest. The parser grows its stack by itself, but takes kilobytes for each level,
/// and the tree is dropped by recursion without such help: both need this bound. It holds for broken text too, with
/// one exception that is refused: in an f-string that does not end, the parser may read code where we saw a string.
pub(crate) fn nesting(source: &str) -> Option<Nesting> {
    if count_interpolated(source) > MAX_INTERPOLATED || u32::try_from(source.len()).is_err() {
        return None;
    }
    let mut lexer = lex(source, Mode::Module);
    let mut levels = vec![Level::default()];
    let (mut deepest, mut indents) = (0, 0_u32);
    let (mut most_brackets, mut most_indents) = (0, 0);
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
        most_brackets = most_brackets.max(levels.len() - 1);
        most_indents = most_indents.max(indents);
        if token == TokenKind::EndOfFile {
            return Some(Nesting { depth: deepest + MAX_INDENTS, brackets: most_brackets, indents: most_indents });
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
pub(crate) mod tests;
