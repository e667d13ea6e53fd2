//! Reduces an `assert` line to a call and the value it must return: `assert f(1, [2]) == 3`.
//! Not here: the values (`python_literal`), asserts that only Python can judge.
//! In: one line. Out: an [`AssertCall`], or why the line is none.

use ruff_python_ast::CmpOp;
use ruff_python_ast::Expr;
use ruff_python_ast::ExprCall;
use ruff_python_ast::ExprCompare;
use ruff_python_ast::Stmt;
use ruff_python_parser::Mode;

use crate::python_literal;
use crate::python_literal::LiteralError;
use crate::python_literal::Reader;
use crate::python_literal::is_value_call;
use crate::value::Value;

/// An assert that is one call compared with a value.
#[derive(Clone, Debug, PartialEq)]
pub struct AssertCall {
    /// The function called.
    pub entry_point: String,
    /// The positional arguments.
    pub args: Vec<Value>,
    /// The value it must return.
    pub expected: Value,
    /// Whether the comparison is `is` and not `==`: `1 == True`, but 1 is not `True`.
    pub identical: bool,
}

/// Why a line is not one call compared with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssertError {
    /// The line is not one assert statement.
    #[error("expected one assert statement, found {found}")]
    NotAnAssert {
        /// What stands there.
        found: String,
    },
    /// The condition is no comparison of one call with one value.
    #[error("expected one call compared with a value, found {found}")]
    NotAComparison {
        /// What stands there.
        found: String,
    },
    /// The call has more than positional arguments.
    #[error("expected positional arguments only, found {found}")]
    Arguments {
        /// What stands there.
        found: String,
    },
    /// An argument or the expected value is not plain.
    #[error(transparent)]
    Value(#[from] LiteralError),
}

/// Reduces one line.
pub fn reduce_assert(line: &str) -> Result<AssertCall, AssertError> {
    let line = line.trim();
    let condition = condition(line)?;
    let mut reader = Reader::new(line);
    let (comparison, identical) = comparison(&condition, &reader)?;
    let (left, right) = (comparison.left.as_ref(), &comparison.comparators[0]);
    let (call, value) = match (tested_call(left), tested_call(right)) {
        (Some(call), _) => (call, right),
        (None, Some(call)) => (call, left),
        (None, None) => {
            return Err(AssertError::NotAComparison { found: format!("no call in {}", reader.excerpt(&condition)) });
        }
    };
    if identical && !matches!(value, Expr::NoneLiteral(_) | Expr::BooleanLiteral(_)) {
        return Err(AssertError::NotAComparison { found: format!("`is` in {}", reader.excerpt(&condition)) });
    }
    let (entry_point, arguments) = parts(call, &reader)?;
    let args = reader.values(arguments)?;
    Ok(AssertCall { entry_point, args, expected: reader.value(value)?, identical })
}

/// Whether a line is an import statement, which a line of values does without.
pub(crate) fn is_import(line: &str) -> bool {
    all_statements(line, |statement| matches!(statement, Stmt::Import(_) | Stmt::ImportFrom(_)))
}

/// Whether a line is asserts and imports, and nothing else.
pub(crate) fn is_statement(line: &str) -> bool {
    all_statements(line, |statement| matches!(statement, Stmt::Assert(_) | Stmt::Import(_) | Stmt::ImportFrom(_)))
}

fn all_statements(line: &str, fits: impl Fn(&Stmt) -> bool) -> bool {
    let line = line.trim();
    if python_literal::check_nesting(line, Mode::Module).is_err() {
        return false;
    }
    let Ok(parsed) = ruff_python_parser::parse_module(line) else { return false };
    let body = &parsed.syntax().body;
    !body.is_empty() && body.iter().all(fits)
}

fn condition(line: &str) -> Result<Expr, AssertError> {
    python_literal::check_nesting(line, Mode::Module)?;
    let parsed =
        ruff_python_parser::parse_module(line).map_err(|error| LiteralError::Syntax { reason: error.to_string() })?;
    let mut body = parsed.into_syntax().body.into_iter();
    match (body.next(), body.next()) {
        (Some(Stmt::Assert(assert)), None) => Ok(*assert.test),
        (None, _) => Err(AssertError::NotAnAssert { found: "nothing".to_owned() }),
        _ => Err(AssertError::NotAnAssert { found: python_literal::excerpt(line) }),
    }
}

fn comparison<'a>(condition: &'a Expr, reader: &Reader<'_>) -> Result<(&'a ExprCompare, bool), AssertError> {
    let found = |what: &str| AssertError::NotAComparison { found: format!("{what}: {}", reader.excerpt(condition)) };
    match condition {
        Expr::Compare(comparison) => match comparison.ops.as_ref() {
            [CmpOp::Eq] => Ok((comparison, false)),
            [CmpOp::Is] => Ok((comparison, true)),
            [operator] => Err(found(&format!("`{}`", operator.as_str()))),
            _ => Err(found("a chain of comparisons")),
        },
        Expr::Tuple(_) => Err(found("a tuple, which is always true")),
        Expr::Call(_) => Err(found("a test of truth")),
        _ => Err(found("no comparison")),
    }
}

/// A call of something that is not one of the value constructors, unless its arguments show that it wraps a call.
fn tested_call(side: &Expr) -> Option<&ExprCall> {
    match side {
        Expr::Call(call) => match call.func.as_ref() {
            Expr::Name(name) if is_value_call(&name.id) => None,
            _ => Some(call),
        },
        _ => None,
    }
}

fn parts<'a>(call: &'a ExprCall, reader: &Reader<'_>) -> Result<(String, &'a [Expr]), AssertError> {
    let Expr::Name(name) = call.func.as_ref() else {
        return Err(AssertError::NotAComparison { found: format!("a call of {}", reader.excerpt(call.func.as_ref())) });
    };
    if let Some(keyword) = call.arguments.keywords.first() {
        return Err(AssertError::Arguments { found: reader.excerpt(keyword) });
    }
    if let Some(starred) = call.arguments.args.iter().find(|argument| matches!(argument, Expr::Starred(_))) {
        return Err(AssertError::Arguments { found: reader.excerpt(starred) });
    }
    Ok((name.id.to_string(), &call.arguments.args))
}

#[cfg(test)]
mod tests;
