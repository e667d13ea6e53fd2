//! Whatever a guest calls with whatever arguments: it gets an errno or ends, and no more is held for it than it may have.
#![no_main]
#![expect(dead_code, unused_imports, reason = "the module is the runner's own, which uses all of it")]

use std::{cell::RefCell, sync::Arc};

use libfuzzer_sys::fuzz_target;
use wasmtime::{Config, Engine, Func, InstancePre, Linker, Module, Store, Trap, Val, ValType};

use system::{Ended, FileLimits, Settings, System, add_to_linker};

#[path = "../../../runner/src/wasi/system/mod.rs"]
mod system;
#[path = "../../../runner/src/wasi/system/wrappers.rs"]
mod wrappers;

const OUTPUT_BYTES: u64 = 10_000;
const FILES: FileLimits = FileLimits { bytes: 200_000, nodes: 40, file_bytes: 50_000 };
/// Every address that is spelled with one byte lies in the first pages.
const MEMORY_BYTES: u32 = 1 << 16;
const FUEL: u64 = 200_000_000;

/// What the memory begins with: names, lists of buffers, and a poll.
const NAMES: [&[u8]; 16] = [
    b"tmp",
    b"a",
    b"tmp/a",
    b"b",
    b"..",
    b".",
    b"tmp/../b",
    b"tmp/a/c",
    b"dev/stdin",
    b"/tmp",
    b"../../tmp",
    b"tmp/d",
    b"dev/null",
    b"tmp/d/e",
    b"\xff",
    b"",
];

thread_local! {
    static GUEST: InstancePre<System> = guest();
    static NAMED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn settings() -> Settings {
    Settings {
        stdin: Arc::from(b"some text\n".repeat(30)),
        output_bytes: OUTPUT_BYTES,
        idle_ns: 1_000_000,
        fuel_granted: FUEL,
        files: FILES,
        descriptors: 12,
    }
}

fn guest() -> InstancePre<System> {
    let engine = Engine::new(Config::new().consume_fuel(true)).expect("an engine");
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker, |system| system).expect("added");
    let mut store = Store::new(&engine, System::new(settings()));
    let text = wrappers::guest(&linker, &mut store, 1);
    let module = Module::new(&engine, wat::parse_str(text).expect("a module")).expect("compiled");
    let names = module.exports().filter(|it| it.ty().func().is_some()).map(|it| it.name().to_owned()).collect();
    NAMED.set(names);
    linker.instantiate_pre(&module).expect("linked")
}

/// The input, byte by byte; zeros behind its end.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number of the kind that matters: small, an address, near an end, or anything.
    fn number(&mut self) -> u64 {
        let (kind, value) = (self.byte(), u64::from(self.byte()));
        match kind % 8 {
            0..=2 => value % 16,
            3 => value,
            4 => value * 64,
            5 => u64::from(MEMORY_BYTES).wrapping_sub(value % 64),
            6 => u64::MAX >> (value % 64),
            _ => {
                let rest = [self.byte(), self.byte(), self.byte(), self.byte()];
                value << 32 | u64::from(u32::from_le_bytes(rest))
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "any number will do")]
    fn value(&mut self, kind: &ValType) -> Val {
        match kind {
            ValType::I32 => Val::I32(self.number() as i32),
            _ => Val::I64(self.number().cast_signed()),
        }
    }
}

fn prepare(memory: &mut [u8]) {
    for (index, name) in NAMES.iter().enumerate() {
        memory[index * 64..][..name.len()].copy_from_slice(name);
    }
    // Sixteen lists of one to three buffers at 0x1000, each of 64 bytes.
    for index in 0..16u32 {
        let at = 0x1000 + 64 * index as usize;
        let buffers = [(0x2000 + 0x100 * index, 1u32 << index), (0x40 * index, 16), (0x1000, 64)];
        for (place, (address, length)) in memory[at..].as_chunks_mut::<8>().0.iter_mut().zip(buffers) {
            place[..4].copy_from_slice(&address.to_le_bytes());
            place[4..].copy_from_slice(&length.to_le_bytes());
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    GUEST.with(|guest| {
        let mut store = Store::new(guest.module().engine(), System::new(settings()));
        store.set_fuel(FUEL).expect("fuel is counted");
        let instance = guest.instantiate(&mut store).expect("there is room");
        let memory = instance.get_memory(&mut store, "memory").expect("a memory");
        prepare(memory.data_mut(&mut store));
        while !input.0.is_empty() {
            let which = usize::from(input.byte());
            let name = NAMED.with_borrow(|names| names.get(which % 64).cloned());
            let Some(name) = name else {
                let (at, count) = (input.number() as usize % memory.data_size(&store), input.byte() % 64);
                for offset in 0..usize::from(count) {
                    let byte = input.byte();
                    if let Some(place) = memory.data_mut(&mut store).get_mut(at + offset) {
                        *place = byte;
                    }
                }
                continue;
            };
            let function: Func = instance.get_func(&mut store, &name).expect("a function");
            let kind = function.ty(&store);
            let arguments: Vec<Val> = kind.params().map(|kind| input.value(&kind)).collect();
            let mut results = vec![Val::I32(0); kind.results().len()];
            let before = store.data().fuel_used(store.get_fuel().expect("fuel is counted"));
            if let Err(error) = function.call(&mut store, &arguments, &mut results) {
                let is_end = error.is::<Ended>() || error.downcast_ref() == Some(&Trap::OutOfFuel);
                assert!(is_end, "{name}{arguments:?}: {error:?}");
                break;
            }
            assert!(results.iter().all(|errno| (0..=76).contains(&errno.unwrap_i32())), "{name}: {results:?}");
            let system = store.data();
            assert!(system.fuel_used(store.get_fuel().expect("fuel is counted")) > before);
            assert!(system.held_bytes() <= FILES.bytes + OUTPUT_BYTES);
        }
    });
});
