//! A guest for tests that does nothing of its own: for each function of a linker it exports one that calls it.
//! Not here: which functions there are (`linker`).

use std::fmt::Write;

use wasmtime::{AsContextMut, Extern, Linker, ValType};

/// The guest's text, with a memory of so many pages.
pub(crate) fn guest<T: 'static>(linker: &Linker<T>, mut store: impl AsContextMut<Data = T>, pages: u32) -> String {
    let (mut imports, mut exports) = (String::new(), String::new());
    for (module, name, it) in linker.iter(&mut store).collect::<Vec<_>>() {
        let Extern::Func(function) = it else { continue };
        let kind = function.ty(&store);
        let list = |types: Vec<ValType>| types.iter().map(|kind| format!(" {kind}")).collect::<String>();
        let (parameters, results) = (list(kind.params().collect()), list(kind.results().collect()));
        let signature = format!("(param{parameters}) (result{results})");
        let arguments: String = (0..kind.params().len()).map(|index| format!("local.get {index} ")).collect();
        let _ = writeln!(imports, r#"(import "{module}" "{name}" (func ${name} {signature}))"#);
        let _ = writeln!(exports, r#"(func (export "{name}") {signature} {arguments} call ${name})"#);
    }
    format!(r#"(module {imports} (memory (export "memory") {pages}) {exports})"#)
}
