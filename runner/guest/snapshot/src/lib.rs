//! Gives a module other contents of memory, and takes away what only its start needed.
//! Not here: where the contents come from (`main`). A library of its own, so that `cargo test --lib` needs nothing of the system.
//! In: a module with one memory, its memory's bytes. Out: a module. Pure.

use wasm_encoder::{
    ConstExpr, DataCountSection, DataSection, ExportKind, ExportSection, MemorySection, MemoryType, Module, RawSection,
};
use wasmparser::{ExternalKind, Parser, Payload};
use wasmtime::{Result, bail, ensure};

/// Zeros between two data segments are not worth a segment of their own below this length.
const GAP_BYTES: usize = 256;
const WASM_PAGE_BYTES: usize = 65536;
/// Exports of the start.
const OF_THE_START: [&str; 3] = ["_initialize", "prepare", "__stack_pointer"];

/// `module` as it is with `memory` in place of its own data.
pub fn with_memory(module: &[u8], memory: &[u8]) -> Result<Vec<u8>> {
    let runs = runs(memory);
    let mut rewritten = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        match &payload {
            Payload::StartSection { .. } => bail!("a start section would run again in every instance"),
            Payload::GlobalSection(globals) => {
                let mutable =
                    globals.clone().into_iter().filter(|global| matches!(global, Ok(global) if global.ty.mutable));
                ensure!(mutable.count() <= 1, "globals other than the stack pointer can change");
            }
            Payload::MemorySection(memories) => {
                ensure!(memories.count() == 1, "there must be one memory");
                let mut section = MemorySection::new();
                let minimum = (memory.len() / WASM_PAGE_BYTES) as u64;
                section.memory(MemoryType {
                    minimum,
                    maximum: None,
                    memory64: false,
                    shared: false,
                    page_size_log2: None,
                });
                rewritten.section(&section);
                continue;
            }
            Payload::ExportSection(exports) => {
                let mut section = ExportSection::new();
                for export in exports.clone() {
                    let export = export?;
                    if !OF_THE_START.contains(&export.name) {
                        section.export(export.name, kind(export.kind)?, export.index);
                    }
                }
                rewritten.section(&section);
                continue;
            }
            Payload::DataCountSection { .. } => {
                rewritten.section(&DataCountSection { count: u32::try_from(runs.len())? });
                continue;
            }
            Payload::DataSection(_) => {
                let mut section = DataSection::new();
                for &(from, to) in &runs {
                    let offset = ConstExpr::i32_const(u32::try_from(from)?.cast_signed());
                    section.active(0, &offset, memory[from..to].iter().copied());
                }
                rewritten.section(&section);
                continue;
            }
            Payload::CustomSection(_) => continue,
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            rewritten.section(&RawSection { id, data: &module[range] });
        }
    }
    Ok(rewritten.finish())
}

fn kind(kind: ExternalKind) -> Result<ExportKind> {
    Ok(match kind {
        ExternalKind::Func => ExportKind::Func,
        ExternalKind::Memory => ExportKind::Memory,
        other => bail!("an export of kind {other:?}"),
    })
}

/// Where `memory` is not zero: from, to.
fn runs(memory: &[u8]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in memory.iter().enumerate().filter(|(_, byte)| **byte != 0) {
        match runs.last_mut() {
            Some((_, to)) if at - *to < GAP_BYTES => *to = at + 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_zeros_belong_to_a_run_and_long_ones_part_two() {
        let mut memory = vec![0; 4096];
        (memory[10], memory[20], memory[2000]) = (1, 1, 1);
        assert_eq!(runs(&memory), [(10, 21), (2000, 2001)]);
        assert_eq!(runs(&[0; 64]), []);
    }
}
