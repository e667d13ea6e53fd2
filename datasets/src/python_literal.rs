//! Reads one Python value expression, such as `[(1, 2), {3}, float('inf')]`, without running any Python.
//! Not here: arithmetic (`arithmetic`), asserts (`assert_call`), JSON (`python_json`).
//! In: the text of an expression. Out: a [`Value`], or what stands there that is not a plain value.

mod arithmetic;
mod calls;
mod nesting;

use ruff_python_ast::DictItem;
use ruff_python_ast::Expr;
use ruff_python_ast::Number;
use ruff_python_ast::StringLiteral;
use ruff_python_ast::UnaryOp;
use ruff_python_parser::Mode;
use ruff_text_size::Ranged;

use crate::members;
use crate::members::Unhashable;
use crate::value::PyStr;
use crate::value::Value;

pub(crate) use calls::complex_value_of;
pub(crate) use calls::float_of;
pub(crate) use calls::is_value_call;
pub(crate) use calls::iterate;
pub(crate) use nesting::check as check_nesting;

/// Why an expression is not a plain value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LiteralError {
    /// Not Python.
    #[error("not a Python expression: {reason}")]
    Syntax {
        /// What the parser says.
        reason: String,
    },
    /// Nested too deeply to be read safely.
    #[error("an expression nested more than {limit} levels deep")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// Python, but more than a value.
    #[error("expected a plain value, found {found}: {text}")]
    NotAValue {
        /// What kind of thing.
        found: &'static str,
        /// The beginning of its text.
        text: String,
    },
    /// A call or an operation that Python refuses as well.
    #[error("{reason}: {text}")]
    BadOperation {
        /// Why.
        reason: String,
        /// The beginning of its text.
        text: String,
    },
    /// A result that would take too much memory.
    #[error("a result larger than {limit}: {text}")]
    TooLarge {
        /// The limit.
        limit: &'static str,
        /// The beginning of its text.
        text: String,
    },
}

/// Reads one expression.
pub fn parse(source: &str) -> Result<Value, LiteralError> {
    let source = source.trim();
    check_nesting(source, Mode::Expression)?;
    let parsed = ruff_python_parser::parse_expression(source)
        .map_err(|error| LiteralError::Syntax { reason: error.to_string() })?;
    Reader::new(source).value(parsed.expr())
}

/// Evaluates expressions of one source text.
pub(crate) struct Reader<'source> {
    source: &'source str,
    /// How many more elements ranges may produce, all of them together.
    range_budget: usize,
}

impl<'source> Reader<'source> {
    pub(crate) fn new(source: &'source str) -> Self {
        Self { source, range_budget: calls::RANGE_LIMIT }
    }

    /// The value of an expression whose nesting has been checked, so that recursion is safe.
    pub(crate) fn value(&mut self, expression: &Expr) -> Result<Value, LiteralError> {
        Ok(match expression {
            Expr::NoneLiteral(_) => Value::None,
            Expr::EllipsisLiteral(_) => Value::Ellipsis,
            Expr::BooleanLiteral(literal) => Value::Bool(literal.value),
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(number) => Value::Int(arithmetic::int(&number.to_string())),
                Number::Float(number) => Value::Float(*number),
                Number::Complex { real, imag } => Value::Complex { re: *real, im: *imag },
            },
            Expr::StringLiteral(literal) => Value::Str(self.text(literal.value.iter())?),
            Expr::BytesLiteral(literal) => Value::Bytes(literal.value.bytes().collect()),
            Expr::Tuple(tuple) => Value::Tuple(self.values(&tuple.elts)?),
            Expr::List(list) => Value::List(self.values(&list.elts)?),
            Expr::Set(set) => {
                let members = self.values(&set.elts)?;
                Value::Set(self.hashed(expression, members::distinct(members))?)
            }
            Expr::Dict(dict) => {
                let pairs = dict.items.iter().map(|item| self.pair(item)).collect::<Result<_, _>>()?;
                Value::Dict(self.hashed(expression, members::distinct_pairs(pairs))?)
            }
            Expr::UnaryOp(operation) => {
                let operand = self.value(&operation.operand)?;
                self.unary(expression, operation.op, operand)?
            }
            Expr::BinOp(operation) => {
                let left = self.value(&operation.left)?;
                let right = self.value(&operation.right)?;
                arithmetic::binary(left, operation.op, right).map_err(|fault| self.fault(expression, fault))?
            }
            Expr::Call(call) => self.call(expression, call)?,
            other => return Err(self.not_a_value(other)),
        })
    }

    pub(crate) fn values(&mut self, expressions: &[Expr]) -> Result<Vec<Value>, LiteralError> {
        expressions.iter().map(|expression| self.value(expression)).collect()
    }

    fn pair(&mut self, item: &DictItem) -> Result<(Value, Value), LiteralError> {
        let Some(key) = &item.key else {
            return Err(LiteralError::NotAValue { found: "** unpacking", text: self.excerpt(&item.value) });
        };
        Ok((self.value(key)?, self.value(&item.value)?))
    }

    fn unary(&self, expression: &Expr, operator: UnaryOp, operand: Value) -> Result<Value, LiteralError> {
        match operator {
            UnaryOp::USub => arithmetic::negate(operand).map_err(|fault| self.fault(expression, fault)),
            UnaryOp::UAdd => arithmetic::plus(operand).map_err(|fault| self.fault(expression, fault)),
            UnaryOp::Invert | UnaryOp::Not => Err(self.not_a_value(expression)),
        }
    }

    /// The text of adjacent string literals.
    fn text<'a>(&self, parts: impl Iterator<Item = &'a StringLiteral>) -> Result<PyStr, LiteralError> {
        let mut text = String::new();
        for part in parts {
            // The parser silently turns an escaped surrogate into U+FFFD, so that one is asked for by name.
            let written = &self.source[part.range];
            if part.value.contains('\u{FFFD}') && !part.flags.prefix().is_raw() && escapes_a_surrogate(written) {
                let reason = "a lone surrogate escape in a string is not supported".to_owned();
                return Err(LiteralError::BadOperation { reason, text: self.excerpt(part) });
            }
            text.push_str(&part.value);
        }
        Ok(PyStr::from(text.as_str()))
    }

    fn hashed<T>(&self, expression: &Expr, members: Result<T, Unhashable>) -> Result<T, LiteralError> {
        members.map_err(|unhashable| self.fault(expression, arithmetic::Fault::Refused(unhashable.to_string())))
    }

    fn fault(&self, expression: &Expr, fault: arithmetic::Fault) -> LiteralError {
        let text = self.excerpt(expression);
        match fault {
            arithmetic::Fault::Refused(reason) => LiteralError::BadOperation { reason, text },
            arithmetic::Fault::TooLarge(limit) => LiteralError::TooLarge { limit, text },
        }
    }

    pub(crate) fn not_a_value(&self, expression: &Expr) -> LiteralError {
        LiteralError::NotAValue { found: describe(expression), text: self.excerpt(expression) }
    }

    /// The beginning of a node's text, for messages.
    pub(crate) fn excerpt(&self, node: &impl Ranged) -> String {
        excerpt(&self.source[node.range()])
    }
}

/// The beginning of a text, on one line.
pub(crate) fn excerpt(text: &str) -> String {
    const LENGTH: usize = 60;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

/// Whether `\uD800` to `\uDFFF`, or the same in eight digits, stands in a literal's own text.
fn escapes_a_surrogate(written: &str) -> bool {
    let lower = written.to_ascii_lowercase();
    let after =
        |marker: &str| lower.match_indices(marker).map(|(at, _)| lower[at + marker.len()..].to_owned()).collect();
    let tails: [Vec<String>; 2] = [after("\\ud"), after("\\u0000d")];
    tails.iter().flatten().any(|tail| tail.starts_with(['8', '9', 'a', 'b', 'c', 'd', 'e', 'f']))
}

fn describe(expression: &Expr) -> &'static str {
    match expression {
        Expr::BoolOp(_) => "a boolean operation",
        Expr::Named(_) => "an assignment expression",
        Expr::UnaryOp(_) => "an operation that is not supported here",
        Expr::BinOp(_) => "an operation",
        Expr::Lambda(_) => "a lambda",
        Expr::If(_) => "a conditional expression",
        Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => "a comprehension",
        Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) => "an await or a yield",
        Expr::Compare(_) => "a comparison",
        Expr::Call(_) => "a call",
        Expr::FString(_) | Expr::TString(_) => "an f-string",
        Expr::Attribute(_) => "an attribute",
        Expr::Subscript(_) | Expr::Slice(_) => "a subscript",
        Expr::Starred(_) => "* unpacking",
        Expr::Name(_) => "a name",
        Expr::IpyEscapeCommand(_) => "a shell command",
        _ => "something else",
    }
}

#[cfg(test)]
mod tests;
