//! Plain programs: those that cannot look at their own source, its lines, docstrings, names or frames.
//! Not here: names of modules and builtins (`names`, `modules`), which name is local (`scopes`).
//! In: a tree. Out: what the program may see of its own names, or why it may see more. Default deny.

mod globals;
mod modules;
mod names;
mod positions;

use std::collections::HashMap;

use ruff_python_ast::{
    Alias, CmpOp, ExceptHandler, Expr, ExprAttribute, ExprCall, ExprCompare, ExprContext, ExprName,
    InterpolatedStringElement, Parameter, Stmt, StmtImport, StmtImportFrom, StringLiteral,
    visitor::{Visitor, walk_except_handler, walk_expr, walk_interpolated_string_element, walk_parameter, walk_stmt},
};

use super::{Reason, scopes::Scopes};
use positions::Positions;

/// What a program may see of what its form leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    Nothing,
    /// The names of local variables: in the text of a `NameError`, or in the order in which variables end.
    Locals,
}

pub(super) fn check(source: &str, body: &[Stmt], scopes: &Scopes<'_>) -> Result<Sight, Reason> {
    let mut imports = Imports::default();
    imports.visit_body(body);
    let modules = globals::modules(imports.modules, scopes);
    globals::check(body, scopes, &modules)?;
    let mut check = Check {
        positions: Positions::new(source),
        scopes,
        modules,
        refusal: None,
        has_named_exceptions: false,
        has_try: false,
        has_yield: false,
    };
    check.visit_body(body);
    if let Some(reason) = check.refusal {
        return Err(reason);
    }
    // A generator that is left alone runs its `finally` when the variable that holds it ends; closures end in the order of
    // their names.
    let sees_order = check.has_try && check.has_yield;
    Ok(if check.has_named_exceptions || sees_order { Sight::Locals } else { Sight::Nothing })
}

/// Names that `import` binds to modules, anywhere.
#[derive(Default)]
struct Imports<'a> {
    modules: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Visitor<'a> for Imports<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::Import(import) = statement {
            for Alias { name, asname, .. } in &import.names {
                // `import collections.abc` binds `collections`.
                let (bound, module) = match asname {
                    Some(bound) => (bound.as_str(), name.as_str()),
                    None => (name.split('.').next().unwrap_or(name), name.split('.').next().unwrap_or(name)),
                };
                self.modules.entry(bound).or_default().push(module);
            }
        } else {
            walk_stmt(self, statement);
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

struct Check<'a> {
    positions: Positions<'a>,
    scopes: &'a Scopes<'a>,
    modules: HashMap<&'a str, Vec<&'a str>>,
    refusal: Option<Reason>,
    has_named_exceptions: bool,
    has_try: bool,
    has_yield: bool,
}

impl<'a> Check<'a> {
    fn allow(&mut self, is_allowed: bool, reason: Reason) {
        if !is_allowed && self.refusal.is_none() {
            self.refusal = Some(reason);
        }
    }

    fn refuse(&mut self, reason: Reason) {
        self.allow(false, reason);
    }

    /// A name that the program binds: Python changes names of two underscores by the class around them.
    fn bind(&mut self, name: &str) {
        self.allow(!name.starts_with("__"), "binds a name of underscores");
    }

    fn import(&mut self, import: &'a StmtImport) {
        for Alias { name, asname, .. } in &import.names {
            let bound = asname.as_ref().unwrap_or(name).as_str();
            self.bind(bound);
            self.allow(modules::is_known(name), "imports other modules");
            // Where the import has not run, lcb_runner's module of that name may be there.
            self.allow(!modules::is_in_prelude(bound) || bound == name.as_str(), "imports under a module's name");
            self.allow(name != "collections.abc" || asname.is_none(), "imports under another name");
        }
    }

    fn import_from(&mut self, import: &'a StmtImportFrom) {
        let module = import.module.as_deref().unwrap_or_default();
        for Alias { name, asname, .. } in &import.names {
            self.bind(asname.as_ref().unwrap_or(name));
            // Those that have changed nothing since Python 3.0.
            let is_past = module == "__future__"
                && asname.is_none()
                && matches!(name.as_str(), "absolute_import" | "division" | "print_function" | "unicode_literals");
            let is_offered = import.level == 0 && modules::offers(module, name);
            self.allow(
                is_past || is_offered,
                if modules::is_known(module) { "imports other names" } else { "imports other modules" },
            );
        }
    }

    fn name(&mut self, name: &ExprName) {
        let is_main = name.id == "__name__" && name.ctx == ExprContext::Load;
        self.allow(is_main || !name.id.starts_with("__"), "uses a name of underscores");
        // It makes classes, with whatever methods a string names.
        self.allow(name.id != "type", "uses dangerous names");
        self.allow(!self.modules.contains_key(name.id.as_str()), "passes a module around");
    }

    fn attribute(&mut self, attribute: &'a ExprAttribute) {
        let name = attribute.attr.as_str();
        if let Expr::Name(base) = &*attribute.value
            && let Some(modules) = self.modules.get(base.id.as_str())
        {
            let is_offered =
                modules.iter().all(|module| modules::offers(module, name)) && attribute.ctx == ExprContext::Load;
            return self.allow(is_offered, "uses other names of modules");
        }
        if let Expr::Attribute(inner) = &*attribute.value
            && inner.attr.as_str() == "abc"
            && let Expr::Name(base) = &*inner.value
            && self.modules.get(base.id.as_str()).is_some_and(|modules| modules.as_slice() == ["collections"])
        {
            return self.allow(modules::offers("collections.abc", name), "uses other names of modules");
        }
        let is_load = attribute.ctx == ExprContext::Load;
        if name.starts_with("__") && name.ends_with("__") {
            self.allow(
                is_load && (name == "__name__" || names::is_plain_method(name)),
                "uses attributes of underscores",
            );
            // What a class is called, and no class.
            if name == "__name__"
                && let Some(of) = class_of(&attribute.value)
            {
                return self.visit_expr(of);
            }
        }
        self.allow(!names::is_telling_attribute(name), "uses attributes that tell");
        self.visit_expr(&attribute.value);
    }

    fn call(&mut self, call: &'a ExprCall) {
        if let Expr::Attribute(method) = &*call.func
            && method.attr.as_str() == "format"
            && let Expr::StringLiteral(template) = &*method.value
        {
            self.allow(!reaches_attributes(template.value.to_str()), "formats attributes");
            self.visit_expr(&method.value);
        } else {
            self.visit_expr(&call.func);
        }
        self.positions.check_arguments(&call.arguments).unwrap_or_else(|reason| self.refuse(reason));
        self.visit_arguments(&call.arguments);
    }

    /// `type(x)` may stand where only classes are compared: there is nothing else that it could be given to.
    fn compare(&mut self, compare: &'a ExprCompare) {
        let operands = || std::iter::once(&*compare.left).chain(&compare.comparators);
        let is_identity = compare.ops.iter().all(|op| matches!(op, CmpOp::Is | CmpOp::IsNot));
        let are_classes = is_identity || operands().all(|operand| self.is_of_classes(operand));
        for operand in operands() {
            match class_of(operand).filter(|_| are_classes) {
                Some(of) => self.visit_expr(of),
                None => self.visit_expr(operand),
            }
        }
    }

    fn is_of_classes(&self, expression: &Expr) -> bool {
        let is_class = |expression: &Expr| match expression {
            Expr::Name(name) => names::is_builtin_class(&name.id) && !self.is_bound(&name.id),
            _ => false,
        };
        match expression {
            Expr::Tuple(tuple) => tuple.elts.iter().all(is_class),
            Expr::List(list) => list.elts.iter().all(is_class),
            Expr::Set(set) => set.elts.iter().all(is_class),
            _ => is_class(expression) || class_of(expression).is_some(),
        }
    }

    fn is_bound(&self, name: &str) -> bool {
        self.scopes.scopes.iter().any(|scope| scope.names.contains_key(name))
    }
}

/// `x` of `type(x)` or `x.__class__`.
fn class_of(expression: &Expr) -> Option<&Expr> {
    match expression {
        Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id == "type") => {
            call.arguments.args.first().filter(|of| call.arguments.len() == 1 && !of.is_starred_expr())
        }
        Expr::Attribute(attribute) if attribute.attr.as_str() == "__class__" => Some(&attribute.value),
        _ => None,
    }
}

/// Whether a field of a template may name an attribute: `{0.x}`, `{[0].x}`.
fn reaches_attributes(template: &str) -> bool {
    let mut in_name = false;
    template.contains("__")
        || template.chars().any(|character| {
            match character {
                '{' => in_name = true,
                '}' | ':' | '!' => in_name = false,
                _ => {}
            }
            in_name && matches!(character, '.' | '[')
        })
}

/// Our parser writes U+FFFD for every lone surrogate.
const LOST: char = '\u{fffd}';

impl<'a> Visitor<'a> for Check<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.positions.check_statement(statement).unwrap_or_else(|reason| self.refuse(reason));
        match statement {
            Stmt::FunctionDef(function) => {
                self.allow(!function.is_async && function.type_params.is_none(), "is async or generic");
                let name = function.name.as_str();
                self.allow(
                    !name.starts_with("__") || !name.ends_with("__") || names::is_plain_method(name),
                    "defines other methods",
                );
            }
            Stmt::ClassDef(class) => {
                self.bind(&class.name);
                let has_keywords = class.arguments.as_ref().is_some_and(|arguments| !arguments.keywords.is_empty());
                self.allow(class.type_params.is_none() && !has_keywords, "is async or generic");
                if let Some(arguments) = &class.arguments {
                    self.positions.check_arguments(arguments).unwrap_or_else(|reason| self.refuse(reason));
                }
            }
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Global(global) => global.names.iter().for_each(|name| self.bind(name)),
            Stmt::Nonlocal(nonlocal) => nonlocal.names.iter().for_each(|name| self.bind(name)),
            Stmt::For(inner) => self.allow(!inner.is_async, "is async or generic"),
            Stmt::Try(inner) => {
                self.has_try = true;
                self.allow(!inner.is_star, "has rare statements");
            }
            Stmt::With(_) | Stmt::Match(_) | Stmt::TypeAlias(_) | Stmt::IpyEscapeCommand(_) => {
                self.refuse("has rare statements");
            }
            Stmt::Return(_)
            | Stmt::Delete(_)
            | Stmt::Assign(_)
            | Stmt::AugAssign(_)
            | Stmt::AnnAssign(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::Raise(_)
            | Stmt::Assert(_)
            | Stmt::Expr(_)
            | Stmt::Pass(_)
            | Stmt::Break(_)
            | Stmt::Continue(_) => {}
        }
        if self.refusal.is_none() {
            walk_stmt(self, statement);
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bind(name);
            self.has_named_exceptions = true;
        }
        walk_except_handler(self, handler);
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.bind(&parameter.name);
        walk_parameter(self, parameter);
    }

    fn visit_keyword(&mut self, keyword: &'a ruff_python_ast::Keyword) {
        keyword.arg.iter().for_each(|name| self.bind(name));
        self.visit_expr(&keyword.value);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.positions.check_expression(expression).unwrap_or_else(|reason| self.refuse(reason));
        if self.refusal.is_some() {
            return;
        }
        match expression {
            Expr::Name(name) => self.name(name),
            Expr::Attribute(attribute) => self.attribute(attribute),
            Expr::Call(call) => self.call(call),
            Expr::Compare(compare) => self.compare(compare),
            Expr::Await(_) | Expr::TString(_) | Expr::IpyEscapeCommand(_) => self.refuse("has rare expressions"),
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.has_yield = true;
                walk_expr(self, expression);
            }
            _ => walk_expr(self, expression),
        }
    }

    fn visit_string_literal(&mut self, literal: &'a StringLiteral) {
        self.allow(!literal.value.contains(LOST), "has lone surrogates");
    }

    fn visit_comprehension(&mut self, comprehension: &'a ruff_python_ast::Comprehension) {
        self.allow(!comprehension.is_async, "is async or generic");
        ruff_python_ast::visitor::walk_comprehension(self, comprehension);
    }

    fn visit_interpolated_string_element(&mut self, element: &'a InterpolatedStringElement) {
        match element {
            InterpolatedStringElement::Literal(literal) => {
                self.allow(!literal.value.contains(LOST), "has lone surrogates");
            }
            InterpolatedStringElement::Interpolation(inner) => {
                self.allow(inner.debug_text.is_none(), "prints its own text");
            }
        }
        walk_interpolated_string_element(self, element);
    }
}
