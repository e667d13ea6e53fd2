//! Which names a piece of test code takes from elsewhere.
//! Not here: what the tests are (`test_code`).
//! In: syntax trees. Out: names, each once, in the order of their first use.

use std::collections::HashSet;

use ruff_python_ast::Alias;
use ruff_python_ast::ExceptHandler;
use ruff_python_ast::Expr;
use ruff_python_ast::ExprContext;
use ruff_python_ast::Parameter;
use ruff_python_ast::Pattern;
use ruff_python_ast::Stmt;
use ruff_python_ast::visitor;
use ruff_python_ast::visitor::Visitor;
use ruff_python_stdlib::builtins::is_python_builtin;
use ruff_python_stdlib::builtins::python_magic_globals;

/// The Python whose built-in names are left out, as 3.x; a newer one adds names that no test is about.
const PYTHON_MINOR: u8 = 14;

/// What test code imports the program as.
const PROGRAM: &str = "solution";

/// The names in an expression.
pub(super) fn of_expression(expression: &Expr) -> Vec<String> {
    let mut uses = Uses::default();
    uses.visit_expr(expression);
    uses.asked()
}

/// The names that a module takes from the program.
///
/// A name that is bound anywhere counts as bound everywhere: two functions of a test file do not mean different things
/// by one name often enough for scopes to be worth their rules.
pub(super) fn asked(preamble: &[Stmt], body: &[Stmt]) -> Vec<String> {
    let mut before = Uses::default();
    before.visit_body(preamble);
    let mut uses = Uses { bound: before.bound, ..Uses::default() };
    uses.visit_body(body);
    uses.asked()
}

/// The functions that every top-level assert calls by name.
pub(super) fn called_by_all_asserts(body: &[Stmt]) -> Vec<String> {
    let mut asserts = body.iter().filter(|statement| matches!(statement, Stmt::Assert(_)));
    let calls = |statement: &Stmt| {
        let mut calls = Calls::default();
        calls.visit_stmt(statement);
        calls.0
    };
    let mut common = asserts.next().map(calls).unwrap_or_default();
    for other in asserts.map(calls) {
        common.retain(|name| other.contains(name));
    }
    common
}

/// The functions that are called by name, each once.
#[derive(Default)]
struct Calls(Vec<String>);

impl<'a> Visitor<'a> for Calls {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression
            && let Expr::Name(name) = call.func.as_ref()
            && !self.0.iter().any(|known| known == name.id.as_str())
        {
            self.0.push(name.id.to_string());
        }
        visitor::walk_expr(self, expression);
    }
}

#[derive(Default)]
struct Uses {
    used: Vec<String>,
    bound: HashSet<String>,
    /// Names that are the program's, whatever else they are.
    imported: Vec<String>,
}

impl Uses {
    fn asked(self) -> Vec<String> {
        let Self { used, bound, imported } = self;
        let is_pythons = |name: &str| {
            is_python_builtin(name, PYTHON_MINOR, false)
                || python_magic_globals(PYTHON_MINOR).any(|magic| magic == name)
        };
        let is_free = |name: &String| !bound.contains(name) && !is_pythons(name);
        let mut seen = HashSet::new();
        let names = imported.into_iter().chain(used.into_iter().filter(is_free));
        names.filter(|name| seen.insert(name.clone())).collect()
    }

    fn bind(&mut self, name: &str) {
        self.bound.insert(name.to_owned());
    }

    fn import(&mut self, alias: &Alias) {
        let module = alias.name.as_str();
        self.bind(
            alias.asname.as_ref().map_or_else(|| module.split('.').next().unwrap_or(module), |name| name.as_str()),
        );
    }
}

impl<'a> Visitor<'a> for Uses {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.bind(&function.name),
            Stmt::ClassDef(class) => self.bind(&class.name),
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(import) => {
                let is_program = import.module.as_ref().is_some_and(|module| module.as_str() == PROGRAM);
                for alias in import.names.iter().filter(|alias| alias.name.as_str() != "*") {
                    self.import(alias);
                    if is_program {
                        self.imported.push(alias.name.to_string());
                    }
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx == ExprContext::Load => self.used.push(name.id.to_string()),
            Expr::Name(name) => self.bind(&name.id),
            Expr::Attribute(attribute) if matches!(attribute.value.as_ref(), Expr::Name(name) if name.id == PROGRAM) => {
                self.imported.push(attribute.attr.to_string());
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.bind(&parameter.name);
        visitor::walk_parameter(self, parameter);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(named) = handler;
        if let Some(name) = &named.name {
            self.bind(name);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(pattern) => pattern.name.as_ref(),
            Pattern::MatchStar(pattern) => pattern.name.as_ref(),
            Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.bind(name);
        }
        visitor::walk_pattern(self, pattern);
    }
}
