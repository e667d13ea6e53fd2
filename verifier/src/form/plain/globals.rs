//! Global names: which of them a program binds itself, which are builtins, which are modules that it finds.
//! Not here: local names, whose value a program always made itself.
//! In: the scopes of a program. Out: its modules, or the first name whose value may be dangerous.

use std::collections::HashMap;

use ruff_python_ast::{Expr, ExprContext, Identifier, Stmt};
use ruff_text_size::{Ranged, TextSize};

use super::{
    super::{
        Reason,
        scopes::{GLOBAL, Kind, Scopes},
    },
    modules, names,
};

/// By name, the modules it may stand for: those imported, and those that lcb_runner may have imported before.
pub(super) fn modules<'a>(
    mut imported: HashMap<&'a str, Vec<&'a str>>,
    scopes: &Scopes<'a>,
) -> HashMap<&'a str, Vec<&'a str>> {
    for place in &scopes.uses {
        if modules::is_in_prelude(place.name)
            && !imported.contains_key(place.name)
            && !scopes.scopes.iter().any(|scope| scope.names.contains_key(place.name))
        {
            imported.insert(place.name, vec![place.name]);
        }
    }
    imported
}

pub(super) fn check(body: &[Stmt], scopes: &Scopes<'_>, modules: &HashMap<&str, Vec<&str>>) -> Result<(), Reason> {
    let bound = bound_globally(scopes);
    let first = first_bindings(body);
    for place in &scopes.uses {
        let name = place.name;
        if modules.contains_key(name)
            || name == "__name__"
            || (name == "type" && !bound.contains_key(name))
            || scopes.home(name, place.scope).is_some()
        {
            // Elsewhere seen to: a module, `type(x) == int`, a local variable.
            continue;
        }
        let may_be_dangerous = names::is_dangerous(name) || modules::is_in_prelude(name);
        if may_be_dangerous {
            // What binds it runs before whatever uses it, and nothing takes it away again.
            let is_bound_before = first.get(name).is_some_and(|end| place.start >= *end);
            let is_safe = match place.context {
                ExprContext::Load => is_bound_before,
                ExprContext::Store => true,
                _ => false,
            };
            if !is_safe {
                return Err("uses dangerous names");
            }
        } else if !bound.contains_key(name) && !names::is_plain_builtin(name) && !modules::is_given(name) {
            return Err("uses unknown names");
        }
    }
    Ok(())
}

/// Names that a module or class statement binds, or any function by `global`.
fn bound_globally<'a>(scopes: &Scopes<'a>) -> HashMap<&'a str, ()> {
    let mut bound = HashMap::new();
    for scope in &scopes.scopes {
        let is_outside = matches!(scope.kind, Kind::Module | Kind::Class);
        let names = scope.names.iter().filter(|(_, flags)| is_outside || **flags & GLOBAL != 0);
        bound.extend(names.map(|(name, _)| (*name, ())));
    }
    bound
}

/// Where each name ends to be bound by a statement of the module that is in no other, for the first time.
fn first_bindings(body: &[Stmt]) -> HashMap<&str, TextSize> {
    let mut first = HashMap::new();
    let mut bind = |name, end| {
        first.entry(name).or_insert(end);
    };
    for statement in body {
        match statement {
            // A function may use its own name.
            Stmt::FunctionDef(function) => bind(function.name.as_str(), function.parameters.end()),
            Stmt::ClassDef(class) => bind(class.name.as_str(), class.end()),
            Stmt::ImportFrom(import) => {
                let names = import.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name));
                names.map(Identifier::as_str).for_each(|name| bind(name, import.end()));
            }
            Stmt::Assign(assign) => {
                if let [Expr::Name(target)] = assign.targets.as_slice() {
                    bind(target.id.as_str(), assign.end());
                }
            }
            _ => {}
        }
    }
    first
}
