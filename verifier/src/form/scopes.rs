//! Scopes: in which function, class or comprehension each name of a program lives, as CPython's symbol table has it.
//! Not here: what follows from it (`locals`, `plain`). Programs with type parameters, `match` and `with` never come here.
//! In: a tree. Out: its scopes, what each binds, and where each name stands.

use std::collections::HashMap;

use ruff_python_ast::{
    Comprehension, ExceptHandler, Expr, ExprContext, ExprName, Identifier, Parameters, Stmt,
    visitor::{Visitor, walk_except_handler, walk_expr, walk_stmt},
};
use ruff_text_size::{Ranged, TextSize};

/// Assigned to, deleted, a loop's target.
pub(super) const STORED: u8 = 1;
/// Bound in a way that the program may see or whose name is no expression: a parameter, a definition, an import, `as`.
pub(super) const FIXED: u8 = 2;
pub(super) const GLOBAL: u8 = 4;
pub(super) const NONLOCAL: u8 = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Module,
    Class,
    Function,
    Comprehension,
}

#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) kind: Kind,
    parent: Option<usize>,
    /// Where the function begins that is in no other function and that this is part of.
    pub(super) outermost: Option<TextSize>,
    pub(super) names: HashMap<&'a str, u8>,
}

/// One place where a name stands as an expression.
#[derive(Debug)]
pub(super) struct Use<'a> {
    pub(super) name: &'a str,
    pub(super) scope: usize,
    pub(super) start: TextSize,
    pub(super) context: ExprContext,
}

#[derive(Debug)]
pub(super) struct Scopes<'a> {
    pub(super) scopes: Vec<Scope<'a>>,
    pub(super) uses: Vec<Use<'a>>,
    here: usize,
}

impl<'a> Scopes<'a> {
    pub(super) fn of(body: &'a [Stmt]) -> Self {
        let module = Scope { kind: Kind::Module, parent: None, outermost: None, names: HashMap::new() };
        let mut scopes = Self { scopes: vec![module], uses: Vec::new(), here: 0 };
        scopes.visit_body(body);
        scopes
    }

    /// The function or comprehension that a name belongs to, or `None` where it is global, builtin or of a class.
    pub(super) fn home(&self, name: &str, scope: usize) -> Option<usize> {
        let mut at = scope;
        loop {
            let here = &self.scopes[at];
            // What a class binds is seen by its own statements and by no function in it.
            let is_seen = here.kind != Kind::Class || at == scope;
            if let Some(flags) = here.names.get(name).filter(|_| is_seen) {
                if flags & GLOBAL != 0 {
                    return None;
                }
                if flags & NONLOCAL == 0 {
                    return matches!(here.kind, Kind::Function | Kind::Comprehension).then_some(at);
                }
            }
            at = here.parent?;
        }
    }

    fn bind(&mut self, scope: usize, name: &'a str, how: u8) {
        *self.scopes[scope].names.entry(name).or_default() |= how;
    }

    fn fix(&mut self, name: &'a Identifier) {
        self.bind(self.here, name.as_str(), FIXED);
    }

    fn within(&mut self, kind: Kind, start: Option<TextSize>, visit: impl FnOnce(&mut Self)) {
        let outer = self.here;
        let outermost = self.scopes[outer].outermost.or(start);
        self.scopes.push(Scope { kind, parent: Some(outer), outermost, names: HashMap::new() });
        self.here = self.scopes.len() - 1;
        visit(self);
        self.here = outer;
    }

    /// Parameters belong to the function, their defaults and annotations to what is around it.
    fn bind_parameters(&mut self, parameters: &'a Parameters) {
        for parameter in parameters {
            self.fix(parameter.name());
        }
    }

    fn visit_generators(&mut self, generators: &'a [Comprehension], results: [Option<&'a Expr>; 2]) {
        // The first iterable is evaluated outside.
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        self.within(Kind::Comprehension, None, |scopes| {
            for (index, generator) in generators.iter().enumerate() {
                scopes.visit_expr(&generator.target);
                if index > 0 {
                    scopes.visit_expr(&generator.iter);
                }
                generator.ifs.iter().for_each(|test| scopes.visit_expr(test));
            }
            results.into_iter().flatten().for_each(|result| scopes.visit_expr(result));
        });
    }

    fn visit_name(&mut self, name: &'a ExprName) {
        self.uses.push(Use { name: name.id.as_str(), scope: self.here, start: name.start(), context: name.ctx });
        if name.ctx != ExprContext::Load {
            self.bind(self.here, name.id.as_str(), STORED);
        }
    }
}

impl<'a> Visitor<'a> for Scopes<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.fix(&function.name);
                function.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                self.visit_parameters(&function.parameters);
                function.returns.iter().for_each(|returns| self.visit_annotation(returns));
                self.within(Kind::Function, Some(function.start()), |scopes| {
                    scopes.bind_parameters(&function.parameters);
                    scopes.visit_body(&function.body);
                });
            }
            Stmt::ClassDef(class) => {
                self.fix(&class.name);
                class.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                class.arguments.iter().for_each(|arguments| self.visit_arguments(arguments));
                self.within(Kind::Class, None, |scopes| scopes.visit_body(&class.body));
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let dotted = alias.name.as_str();
                    let first = dotted.split_once('.').map_or(dotted, |(first, _)| first);
                    self.bind(self.here, alias.asname.as_ref().map_or(first, Identifier::as_str), FIXED);
                }
            }
            Stmt::ImportFrom(import) => {
                import.names.iter().for_each(|alias| self.fix(alias.asname.as_ref().unwrap_or(&alias.name)));
            }
            Stmt::Global(global) => global.names.iter().for_each(|name| self.bind(self.here, name.as_str(), GLOBAL)),
            Stmt::Nonlocal(nonlocal) => {
                nonlocal.names.iter().for_each(|name| self.bind(self.here, name.as_str(), NONLOCAL));
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        inner.name.iter().for_each(|name| self.fix(name));
        walk_except_handler(self, handler);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => self.visit_name(name),
            Expr::Lambda(lambda) => {
                lambda.parameters.iter().for_each(|parameters| self.visit_parameters(parameters));
                self.within(Kind::Function, None, |scopes| {
                    lambda.parameters.iter().for_each(|parameters| scopes.bind_parameters(parameters));
                    scopes.visit_expr(&lambda.body);
                });
            }
            Expr::ListComp(list) => self.visit_generators(&list.generators, [Some(&list.elt), None]),
            Expr::SetComp(set) => self.visit_generators(&set.generators, [Some(&set.elt), None]),
            Expr::Generator(generator) => self.visit_generators(&generator.generators, [Some(&generator.elt), None]),
            Expr::DictComp(dict) => self.visit_generators(&dict.generators, [dict.key.as_deref(), Some(&dict.value)]),
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                let Expr::Name(target) = &*named.target else { return self.visit_expr(&named.target) };
                // It binds in the function around all comprehensions.
                let mut scope = self.here;
                while self.scopes[scope].kind == Kind::Comprehension {
                    scope = self.scopes[scope].parent.unwrap_or(0);
                }
                self.bind(scope, target.id.as_str(), STORED);
                let (start, context) = (target.start(), ExprContext::Store);
                self.uses.push(Use { name: target.id.as_str(), scope, start, context });
            }
            _ => walk_expr(self, expression),
        }
    }
}
