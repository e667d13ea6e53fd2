//! What a text may say that its tree does not, or that CPython reads otherwise than our parser.
//! Not here: how deep it nests (`syntax`), what the tree says (`plain`).
//! In: a text, and its tokens. Out: nothing, or why the text may matter.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::Ranged;

use super::Reason;

/// CPython refuses decimal numbers of thousands of digits, and counts them by their text.
const MAX_NUMBER_BYTES: usize = 300;

/// Encodings, line ends, tabs that CPython may count otherwise, marks that only one parser minds.
pub(super) fn check_characters(source: &str) -> Result<(), Reason> {
    // CPython looks in comments of the first two lines.
    if source.split('\n').take(2).any(|line| line.contains("coding")) {
        return Err("names an encoding");
    }
    if source.bytes().any(|byte| (byte < b' ' && byte != b'\n') || byte == 0x7f) || source.contains('\u{feff}') {
        return Err("has control characters");
    }
    Ok(())
}

pub(super) fn check_tokens(source: &str, tokens: &Tokens) -> Result<(), Reason> {
    let mut end = 0;
    for token in tokens {
        let (from, to) = (token.start().to_usize(), token.end().to_usize());
        // Between tokens are spaces, and line ends behind a backslash, which count for some indentations.
        if source.get(end..from).is_none_or(|gap| !gap.bytes().all(|byte| byte == b' ')) {
            return Err("has a line that goes on");
        }
        end = to;
        let text = source.get(from..to).ok_or("has odd tokens")?;
        let next = source.as_bytes().get(to).copied().unwrap_or(b' ');
        match token.kind() {
            TokenKind::Comment => {}
            TokenKind::String | TokenKind::FStringMiddle => check_string(text, token.kind())?,
            TokenKind::Int | TokenKind::Float | TokenKind::Complex => check_number(text, next)?,
            _ if !text.is_ascii() => return Err("has names beyond ASCII"),
            // Some versions do not count an indentation that goes on behind a backslash.
            _ if text.contains('\\') => return Err("has a line that goes on"),
            _ => {}
        }
    }
    Ok(())
}

/// Escapes that every version reads alike, without a word about them.
fn check_string(text: &str, kind: TokenKind) -> Result<(), Reason> {
    let quote = text.find(['\'', '"']).unwrap_or(0);
    let is_raw = kind == TokenKind::String && text[..quote].contains(['r', 'R']);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' || is_raw {
            continue;
        }
        let is_known = match (kind, characters.next()) {
            (_, Some('n' | 't' | 'r' | '\\' | '\'' | '"')) => true,
            // No octal number above 0o377, which some versions warn of.
            (TokenKind::String, Some('\n' | '0' | 'x' | 'u' | 'a' | 'b' | 'f' | 'v')) => true,
            _ => false,
        };
        if !is_known {
            return Err("has odd escapes");
        }
    }
    Ok(())
}

fn check_number(text: &str, next: u8) -> Result<(), Reason> {
    let bytes = text.as_bytes();
    // `1if x` is warned of; `00` and `01.5` are read by rules of their own.
    let has_leading_zero = bytes.len() > 1 && bytes[0] == b'0' && (bytes[1].is_ascii_digit() || bytes[1] == b'_');
    if next.is_ascii_alphanumeric() || next == b'_' || has_leading_zero || bytes.len() > MAX_NUMBER_BYTES {
        return Err("has odd numbers");
    }
    Ok(())
}
