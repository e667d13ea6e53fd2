//! Numbers local variables, where no name of a variable can matter.
//! Not here: whether the program can see names (`plain`), which name lives where (`scopes`).
//! In: a tree. Out: the same tree with numbers for names, by where each first stands.
//!
//! Per function that is in no other, a name is replaced everywhere in the function's body or nowhere. It is replaced where
//! every place in the body means a variable of the body, and where nothing in it is called so that is more than a variable.
//! No identifier begins with a digit, and each name gets a number of its own: so nothing is captured and nothing merged.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use ruff_python_ast::{
    Expr, Stmt,
    name::Name,
    visitor::transformer::{Transformer, walk_expr, walk_stmt},
};
use ruff_text_size::{Ranged, TextSize};

use super::scopes::{FIXED, GLOBAL, Kind, NONLOCAL, Scopes};

/// By the start of an outermost function, the names in it that may become numbers.
pub(super) type Renameable = HashMap<TextSize, HashSet<Name>>;

pub(super) fn renameable(scopes: &Scopes<'_>) -> Renameable {
    let mut kept: HashSet<(TextSize, &str)> = HashSet::new();
    for scope in &scopes.scopes {
        let Some(outermost) = scope.outermost else { continue };
        let is_more = |flags: u8| scope.kind == Kind::Class || flags & (FIXED | GLOBAL | NONLOCAL) != 0;
        kept.extend(scope.names.iter().filter(|(_, flags)| is_more(**flags)).map(|(name, _)| (outermost, *name)));
    }
    let mut used: HashSet<(TextSize, &str)> = HashSet::new();
    for place in &scopes.uses {
        let Some(outermost) = scopes.scopes[place.scope].outermost else { continue };
        // A comprehension of a class, in no function, is the home of names in a lambda but part of no function.
        let home = scopes.home(place.name, place.scope).and_then(|home| scopes.scopes[home].outermost);
        // CPython replaces names that begin with two underscores, by the class around them.
        if home == Some(outermost) && !place.name.starts_with("__") {
            used.insert((outermost, place.name));
        } else {
            kept.insert((outermost, place.name));
        }
    }
    let mut renameable = Renameable::new();
    for (outermost, name) in used.difference(&kept) {
        renameable.entry(*outermost).or_default().insert(Name::new(name));
    }
    renameable
}

/// Replaces the names.
pub(super) fn number(body: &mut [Stmt], renameable: &Renameable) {
    Outermost(renameable).visit_body(body);
}

/// Looks for functions that are in no other.
struct Outermost<'a>(&'a Renameable);

impl Transformer for Outermost<'_> {
    fn visit_stmt(&self, statement: &mut Stmt) {
        if let Stmt::FunctionDef(function) = statement {
            if let Some(names) = self.0.get(&function.start()) {
                Numbers { names, given: RefCell::default() }.visit_body(&mut function.body);
            }
        } else {
            walk_stmt(self, statement);
        }
    }
}

struct Numbers<'a> {
    names: &'a HashSet<Name>,
    given: RefCell<HashMap<Name, Name>>,
}

impl Transformer for Numbers<'_> {
    fn visit_expr(&self, expression: &mut Expr) {
        if let Expr::Name(name) = expression
            && self.names.contains(&name.id)
        {
            let mut given = self.given.borrow_mut();
            let next = given.len();
            name.id = given.entry(name.id.clone()).or_insert_with(|| Name::new(next.to_string())).clone();
        } else {
            walk_expr(self, expression);
        }
    }
}
