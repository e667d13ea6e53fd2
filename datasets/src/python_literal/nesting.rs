//! Refuses source text whose syntax tree would be too deep to walk or to drop, before any tree is made.
//! Not here: what the text means (`python_literal`, `assert_call`).
//! In: source text. Out: nothing, or the error.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;
use ruff_python_parser::lexer;

use super::LiteralError;

/// CPython's own limit for brackets.
const LIMIT: usize = 200;

/// Refuses text that nests more than [`LIMIT`] deep.
///
/// Every token may deepen the tree by one level at most, and only until the next comma of the same bracket or the next
/// line: the count of such tokens in all open brackets bounds the depth from above. Chains such as `f()()()` or `1-1-1`
/// count. A lambda's or a yield's own commas do not end it, so these two count until the end.
pub(crate) fn check(source: &str, mode: Mode) -> Result<(), LiteralError> {
    let mut lexer = lexer::lex(source, mode);
    let mut outer: Vec<usize> = Vec::new();
    let mut sum_outer = 0;
    let mut here = 0;
    loop {
        match lexer.next_token() {
            TokenKind::EndOfFile => return Ok(()),
            TokenKind::Comma if !outer.is_empty() => here = 0,
            TokenKind::Newline => here = 0,
            TokenKind::Lambda | TokenKind::Yield => sum_outer += 1,
            kind if opens(kind) => {
                here += 1;
                sum_outer += here;
                outer.push(here);
                here = 0;
            }
            kind if closes(kind) => {
                here = outer.pop().unwrap_or(0);
                sum_outer -= here;
            }
            kind if is_flat(kind) => {}
            _ => here += 1,
        }
        if sum_outer + here > LIMIT {
            return Err(LiteralError::TooDeep { limit: LIMIT });
        }
    }
}

fn opens(kind: TokenKind) -> bool {
    use TokenKind::FStringStart;
    use TokenKind::Indent;
    use TokenKind::Lbrace;
    use TokenKind::Lpar;
    use TokenKind::Lsqb;
    use TokenKind::TStringStart;
    matches!(kind, Lpar | Lsqb | Lbrace | Indent | FStringStart | TStringStart)
}

fn closes(kind: TokenKind) -> bool {
    use TokenKind::Dedent;
    use TokenKind::FStringEnd;
    use TokenKind::Rbrace;
    use TokenKind::Rpar;
    use TokenKind::Rsqb;
    use TokenKind::TStringEnd;
    matches!(kind, Rpar | Rsqb | Rbrace | Dedent | FStringEnd | TStringEnd)
}

/// Tokens that are leaves or no part of the tree: any number of them may stand side by side.
fn is_flat(kind: TokenKind) -> bool {
    use TokenKind::Comment;
    use TokenKind::Complex;
    use TokenKind::Float;
    use TokenKind::Int;
    use TokenKind::NonLogicalNewline;
    use TokenKind::String;
    matches!(kind, Int | Float | Complex | String | Comment | NonLogicalNewline)
}
