//! Reads test code before it is run: whether it parses, how many tests it holds, and which names it asks of the program.
//! Not here: running it (`verifier::asserts`), the form in which a dataset has it (one file per dataset).
//! In: a [`TestCode`]. Out: a count and names, or why it cannot be used.

mod names;

use std::collections::HashSet;

use ruff_python_ast::ModModule;
use ruff_python_ast::Stmt;
use ruff_python_ast::StmtClassDef;
use ruff_python_ast::StmtFunctionDef;
use ruff_python_ast::statement_visitor;
use ruff_python_ast::statement_visitor::StatementVisitor;
use ruff_python_parser::Mode;

use crate::problem::TestCode;
use crate::problem::TestForm;
use crate::python_literal::check_nesting;

/// Why test code cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TestCodeError {
    /// A part of it is not Python.
    #[error("{part} is not Python: {reason}")]
    Syntax {
        /// The preamble, the test code or the candidate.
        part: &'static str,
        /// What the parser says.
        reason: String,
    },
    /// A part of it nests too deeply to be read safely.
    #[error("{part} cannot be read safely: {reason}")]
    TooDeep {
        /// The preamble, the test code or the candidate.
        part: &'static str,
        /// How deep it may be.
        reason: String,
    },
    /// Nothing in it tests anything: every program would pass.
    #[error("the test code holds no test: expected {expected}")]
    NoTest {
        /// What a test would be.
        expected: &'static str,
    },
}

const PREAMBLE: &str = "the preamble";
const SOURCE: &str = "the test code";
const CANDIDATE: &str = "the candidate";

impl TestCode {
    /// Puts test code together, once it is known to be Python and to test something.
    pub fn new(preamble: String, source: String, form: TestForm) -> Result<Self, TestCodeError> {
        let code = Self { preamble, source, form };
        code.count()?;
        Ok(code)
    }

    /// How many tests people would say there are: the asserts that stand at top level (one, where all of them stand
    /// within something), one for a `check`, the functions and methods that pytest would find.
    pub fn count(&self) -> Result<usize, TestCodeError> {
        parse(PREAMBLE, &self.preamble)?;
        let module = parse(SOURCE, &self.source)?;
        match &self.form {
            TestForm::Statements => count_asserts(&module.body),
            TestForm::Check { candidate } => count_check(&module.body, candidate),
            TestForm::Pytest => count_functions(&module.body),
        }
    }

    /// The names that it asks of the program, in order: those of the candidate, those imported from `solution`, and
    /// those it uses and neither it nor its preamble nor Python defines. Empty where it does not parse.
    ///
    /// Where a program hides built-in functions behind its own, tests mean the built-in ones; unless they ask for nothing
    /// else: then the one that every assert calls is the program's (Mbpp has tests of a `filter`).
    pub fn asked_names(&self) -> Vec<String> {
        let (Ok(preamble), Ok(module)) = (parse(PREAMBLE, &self.preamble), parse(SOURCE, &self.source)) else {
            return Vec::new();
        };
        let mut asked = match &self.form {
            TestForm::Check { candidate } => {
                let expression = parse_expression(candidate);
                expression.map_or_else(|_| Vec::new(), |expression| names::of_expression(&expression))
            }
            TestForm::Statements | TestForm::Pytest => Vec::new(),
        };
        for name in names::asked(&preamble.body, &module.body) {
            if !asked.contains(&name) {
                asked.push(name);
            }
        }
        if asked.is_empty() { names::called_by_all_asserts(&module.body) } else { asked }
    }
}

pub(crate) fn parse(part: &'static str, source: &str) -> Result<ModModule, TestCodeError> {
    check_nesting(source, Mode::Module).map_err(|error| TestCodeError::TooDeep { part, reason: error.to_string() })?;
    match ruff_python_parser::parse_module(source) {
        Ok(parsed) => Ok(parsed.into_syntax()),
        Err(error) => Err(TestCodeError::Syntax { part, reason: error.to_string() }),
    }
}

fn parse_expression(source: &str) -> Result<ruff_python_ast::Expr, TestCodeError> {
    let source = source.trim();
    check_nesting(source, Mode::Expression)
        .map_err(|error| TestCodeError::TooDeep { part: CANDIDATE, reason: error.to_string() })?;
    match ruff_python_parser::parse_expression(source) {
        Ok(parsed) => Ok(*parsed.into_syntax().body),
        Err(error) => Err(TestCodeError::Syntax { part: CANDIDATE, reason: error.to_string() }),
    }
}

fn count_asserts(body: &[Stmt]) -> Result<usize, TestCodeError> {
    match body.iter().filter(|statement| matches!(statement, Stmt::Assert(_))).count() {
        0 if can_fail(body) => Ok(1),
        0 => Err(TestCodeError::NoTest { expected: "an assert" }),
        count => Ok(count),
    }
}

fn count_check(body: &[Stmt], candidate: &str) -> Result<usize, TestCodeError> {
    parse_expression(candidate)?;
    // The last definition is the one that is called.
    let check = body.iter().rev().find_map(|statement| match statement {
        Stmt::FunctionDef(function) if function.name.as_str() == "check" => Some(function),
        _ => None,
    });
    match check {
        Some(function) if takes_one(function) && can_fail(body) => Ok(1),
        Some(function) if takes_one(function) => Err(TestCodeError::NoTest { expected: "an assert" }),
        _ => Err(TestCodeError::NoTest { expected: "a function check(candidate)" }),
    }
}

/// Whether it can be called with one positional argument.
fn takes_one(function: &StmtFunctionDef) -> bool {
    let parameters = &function.parameters;
    let positional = parameters.posonlyargs.len() + parameters.args.len();
    let required = parameters.iter_non_variadic_params().filter(|parameter| parameter.default.is_none()).count();
    !function.is_async && required <= 1 && (positional > 0 || parameters.vararg.is_some())
}

fn count_functions(body: &[Stmt]) -> Result<usize, TestCodeError> {
    let mut found = HashSet::new();
    for statement in body {
        match statement {
            Stmt::FunctionDef(function) if is_test(function) => drop(found.insert(function.name.to_string())),
            Stmt::ClassDef(class) if class.name.starts_with("Test") => found.extend(methods(class)),
            _ => {}
        }
    }
    if found.is_empty() { Err(TestCodeError::NoTest { expected: "a function test_*" }) } else { Ok(found.len()) }
}

fn is_test(function: &StmtFunctionDef) -> bool {
    function.name.starts_with("test_")
}

/// A method that is defined twice is one method.
fn methods(class: &StmtClassDef) -> impl Iterator<Item = String> {
    class.body.iter().filter_map(move |statement| match statement {
        Stmt::FunctionDef(function) if is_test(function) => Some(format!("{}.{}", class.name, function.name)),
        _ => None,
    })
}

/// Whether an assert or a raise stands anywhere in it.
fn can_fail(body: &[Stmt]) -> bool {
    let mut search = FailureSearch::default();
    search.visit_body(body);
    search.found
}

#[derive(Default)]
struct FailureSearch {
    found: bool,
}

impl StatementVisitor<'_> for FailureSearch {
    fn visit_stmt(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Assert(_) | Stmt::Raise(_) => self.found = true,
            _ if self.found => {}
            _ => statement_visitor::walk_stmt(self, statement),
        }
    }
}

#[cfg(test)]
mod tests;
