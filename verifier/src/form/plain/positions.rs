//! Positions: expressions that CPython takes in some places only between parentheses, of which a tree knows nothing.
//! Not here: what our parser refuses itself.
//! In: a tree and its text. Out: nothing, or that CPython may refuse the text though it takes another of the same tree.

use ruff_python_ast::{Arguments, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::super::Reason;

const ODD: Reason = "has expressions in odd places";

#[derive(Debug)]
pub(super) struct Positions<'a> {
    source: &'a str,
    /// The value of the statement at hand, which may be a `yield`.
    value: Option<TextRange>,
    /// The only argument of the call at hand, which may be starred.
    argument: Option<TextRange>,
}

impl<'a> Positions<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, value: None, argument: None }
    }

    pub(super) fn check_statement(&mut self, statement: &Stmt) -> Result<(), Reason> {
        self.value = match statement {
            Stmt::Expr(inner) => Some(inner.value.range()),
            Stmt::Assign(inner) => Some(inner.value.range()),
            Stmt::AugAssign(inner) => Some(inner.value.range()),
            _ => None,
        };
        if let Stmt::AnnAssign(inner) = statement {
            // `(x).y: int` is refused, `x.y: int` is not.
            let is_bare = !self.source[inner.start().to_usize()..].starts_with('(');
            let is_name = inner.simple || matches!(&*inner.target, Expr::Attribute(of) if of.value.is_name_expr());
            return if is_bare && is_name { Ok(()) } else { Err(ODD) };
        }
        Ok(())
    }

    pub(super) fn check_arguments(&mut self, arguments: &Arguments) -> Result<(), Reason> {
        self.argument = None;
        if let ([only], []) = (&*arguments.args, &*arguments.keywords) {
            // Between it and the parentheses of the call may be others.
            let (before, after) = self.around(only.range());
            let is_direct = before.len() <= arguments.start().to_usize() + 1
                && after.len() + arguments.end().to_usize() > self.source.len();
            self.argument = is_direct.then_some(only.range());
        }
        Ok(())
    }

    pub(super) fn check_expression(&self, expression: &Expr) -> Result<(), Reason> {
        let range = expression.range();
        let is_enclosed = || {
            let (before, after) = self.around(range);
            before.ends_with('(') && after.starts_with(')')
        };
        let is_fine = match expression {
            Expr::Yield(_) | Expr::YieldFrom(_) => self.value == Some(range),
            // Its name may stand in no parentheses.
            Expr::Named(named) => is_enclosed() && named.target.start() == range.start() && named.target.is_name_expr(),
            Expr::Starred(starred) => is_tight(&starred.value) && (self.argument == Some(range) || !is_enclosed()),
            Expr::Dict(dict) => dict.items.iter().all(|item| item.key.is_some() || is_tight(&item.value)),
            _ => true,
        };
        if is_fine { Ok(()) } else { Err(ODD) }
    }

    /// The text before and after, without spaces between.
    fn around(&self, range: TextRange) -> (&'a str, &'a str) {
        let before = self.source.get(..range.start().to_usize()).unwrap_or_default();
        let after = self.source.get(range.end().to_usize()..).unwrap_or_default();
        (before.trim_end_matches([' ', '\n']), after.trim_start_matches([' ', '\n']))
    }
}

/// Whether it binds tighter than any operator, so that `*` and `**` may stand before it everywhere.
fn is_tight(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::Name(_)
            | Expr::Attribute(_)
            | Expr::Subscript(_)
            | Expr::Call(_)
            | Expr::List(_)
            | Expr::Tuple(_)
            | Expr::Set(_)
            | Expr::Dict(_)
            | Expr::ListComp(_)
            | Expr::SetComp(_)
            | Expr::DictComp(_)
            | Expr::Generator(_)
            | Expr::StringLiteral(_)
    )
}
