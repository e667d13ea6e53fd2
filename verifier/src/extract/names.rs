//! Which names a program gives and which it needs.
//! Not here: parsing (`parse`), what follows from names (`pick`).
//! In: a syntax tree. Out: names. Scopes are not told apart, so that a name bound anywhere counts as bound.

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

/// What programs need without saying so; exceptions are never bound by a helper, so most are left out.
const BUILTINS: &str = "ArithmeticError AssertionError BaseException EOFError Exception False ImportError IndexError KeyError \
    None NotImplementedError OverflowError RecursionError RuntimeError StopIteration SystemExit True \
    TypeError ValueError ZeroDivisionError __doc__ __file__ __import__ __name__ abs all any ascii bin bool \
    breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir divmod enumerate \
    eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int \
    isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print \
    property quit range repr reversed round set setattr slice sorted staticmethod str sum super tuple type \
    vars zip";

/// The names of one program.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Bound at top level.
    pub(super) gives: HashSet<String>,
    /// Used, and bound nowhere in it.
    pub(super) needs: HashSet<String>,
    /// Whether it does more at top level than define, import and assign.
    pub(super) acts: bool,
    /// Whether it acts and prints: a program by itself, not a part of one.
    pub(super) is_program: bool,
    /// The top-level modules that it imports anywhere.
    pub(super) imports: HashSet<String>,
}

/// Reads the names off a tree. Recursive, as the tree is.
pub(super) fn names(statements: &[Stmt]) -> Names {
    let mut found = Found::default();
    found.visit_body(statements);
    let acts = statements.iter().any(|statement| match statement {
        Stmt::Expr(expression) => matches!(*expression.value, Expr::Call(_) | Expr::Await(_)),
        Stmt::For(_) | Stmt::While(_) | Stmt::If(_) | Stmt::With(_) | Stmt::Match(_) | Stmt::Try(_) => true,
        _ => false,
    });
    let Found { gives, bound, mut used, prints, imports, .. } = found;
    used.retain(|name| !bound.contains(name) && !BUILTINS.split(' ').any(|builtin| builtin == name));
    Names { gives, needs: used, acts, is_program: acts && prints, imports }
}

#[derive(Default)]
struct Found {
    gives: HashSet<String>,
    bound: HashSet<String>,
    used: HashSet<String>,
    prints: bool,
    imports: HashSet<String>,
    /// How many functions, classes, lambdas and comprehensions are around.
    inside: u32,
}

impl Found {
    fn bind(&mut self, name: &str) {
        if self.inside == 0 {
            self.gives.insert(name.to_owned());
        }
        self.bound.insert(name.to_owned());
    }
}

impl<'a> Visitor<'a> for Found {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let name = match statement {
            Stmt::FunctionDef(function) => Some(&function.name),
            Stmt::ClassDef(class) => Some(&class.name),
            _ => None,
        };
        let top_level = |module: &str| module.split('.').next().unwrap_or(module).to_owned();
        match statement {
            Stmt::Global(global) => self.gives.extend(global.names.iter().map(ToString::to_string)),
            Stmt::Import(import) => self.imports.extend(import.names.iter().map(|alias| top_level(&alias.name))),
            Stmt::ImportFrom(import) if import.level == 0 => {
                self.imports.extend(import.module.iter().map(|module| top_level(module)));
            }
            _ => {}
        }
        name.into_iter().for_each(|name| self.bind(name));
        self.inside += u32::from(name.is_some());
        visitor::walk_stmt(self, statement);
        self.inside -= u32::from(name.is_some());
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        let is_scope = matches!(
            expression,
            Expr::Lambda(_) | Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_)
        );
        match expression {
            Expr::Name(name) if name.ctx == ExprContext::Load => {
                self.prints |= matches!(name.id.as_str(), "print" | "stdout");
                self.used.insert(name.id.to_string());
            }
            Expr::Name(name) => self.bind(&name.id),
            Expr::Attribute(attribute) => self.prints |= attribute.attr == *"stdout",
            _ => {}
        }
        self.inside += u32::from(is_scope);
        visitor::walk_expr(self, expression);
        self.inside -= u32::from(is_scope);
    }

    fn visit_alias(&mut self, alias: &'a Alias) {
        let name = alias.asname.as_deref().unwrap_or_else(|| alias.name.split('.').next().unwrap_or(""));
        self.bind(name);
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.bound.insert(parameter.name.to_string());
        visitor::walk_parameter(self, parameter);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        inner.name.iter().for_each(|name| self.bind(name));
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(pattern) => pattern.name.as_ref(),
            Pattern::MatchStar(pattern) => pattern.name.as_ref(),
            Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
            _ => None,
        };
        name.into_iter().for_each(|name| self.bind(name));
        visitor::walk_pattern(self, pattern);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> (String, String, bool) {
        let parsed = ruff_python_parser::parse_module(source).expect("a good program");
        let found = names(parsed.suite());
        let sorted = |names: HashSet<String>| {
            let mut names: Vec<String> = names.into_iter().collect();
            names.sort();
            names.join(" ")
        };
        (sorted(found.gives), sorted(found.needs), found.is_program)
    }

    #[test]
    fn names_are_given_at_top_level_and_needed_anywhere() {
        let (gives, needs, is_program) = of("import os.path, re as r\ndef f(a):\n  b = a + g(c)\n  return b\n");
        assert_eq!((gives.as_str(), needs.as_str(), is_program), ("f os r", "c g", false));
        let (gives, needs, _) = of("x, y = [i for i in z]\nfor k in x: w = lambda q: q\n");
        assert_eq!((gives.as_str(), needs.as_str()), ("k w x y", "z"));
        let (gives, needs, _) = of("try: pass\nexcept E as e: print(e)\nmatch v:\n  case [a, *b]: pass\n");
        assert_eq!((gives.as_str(), needs.as_str()), ("a b e", "E v"));
    }

    #[test]
    fn imports_are_found_wherever_they_stand() {
        let source = "import os.path, re as r\nfrom . import a\ndef f():\n  try: from numpy.linalg import norm\n  except E: pass\n";
        let parsed = ruff_python_parser::parse_module(source).expect("a good program");
        let mut imports: Vec<String> = names(parsed.suite()).imports.into_iter().collect();
        imports.sort();
        assert_eq!(imports, ["numpy", "os", "re"]);
    }

    #[test]
    fn what_acts_and_prints_is_a_program() {
        assert!(of("def f():\n  print(1)\nf()\n").2);
        assert!(of("import sys\nif __name__ == '__main__':\n  sys.stdout.write('')\n").2);
        assert!(!of("def f():\n  print(1)\n").2);
        assert!(!of("n = int(input())\n").2);
    }
}
