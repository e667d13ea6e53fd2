//! Snapshots the guest: runs its `_initialize` and `prepare` once, on the system that programs see, and makes the memory
//! that they leave behind the module's data.
//! Not here: the rewriting (the library), the guest (`guest.c`), the system (`runner/src/wasi/system`).
//! In: the linked guest. Out: the same module, started. Same input, same bytes.

use std::{env, fs, path::Path};

use system::{FileLimits, Settings, System};
use wasmtime::{Config, Engine, Instance, Linker, Module, Store};
use wasmtime::{Result, bail, ensure, error::Context};

#[path = "../../../src/wasi/system/mod.rs"]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "it is the runner's, which uses more of it")]
mod system;

/// Far more than starting takes.
const FUEL: u64 = 1 << 50;

fn main() -> Result<()> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let [linked, to] = arguments.as_slice() else { bail!("usage: snapshot LINKED.wasm TO.wasm") };
    let linked = fs::read(linked).with_context(|| format!("cannot read {}", Path::new(linked).display()))?;
    let memory = started(&linked)?;
    fs::write(to, snapshot::with_memory(&linked, &memory)?)
        .with_context(|| format!("cannot write {}", Path::new(to).display()))
}

/// The guest's memory after its start.
fn started(linked: &[u8]) -> Result<Vec<u8>> {
    let mut config = Config::new();
    config.consume_fuel(true); // the clock is made of fuel
    config.max_wasm_stack(8 << 20).async_stack_size(16 << 20);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, linked)?;
    let mut linker = Linker::new(&engine);
    system::add_to_linker(&mut linker, |system: &mut System| system)?;
    linker.func_wrap("trialbox", "wait", || ())?;
    linker.func_wrap("trialbox", "begin", |_call: i32| ())?;
    let mut store = Store::new(&engine, new_system());
    store.set_fuel(FUEL)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let stack = stack_pointer(&mut store, instance)?;
    for step in ["_initialize", "prepare"] {
        let function = instance.get_typed_func::<(), ()>(&mut store, step)?;
        if let Err(error) = function.call(&mut store, ()) {
            let said = String::from_utf8_lossy(&store.data_mut().take_stdout()).into_owned();
            return Err(error.context(format!("`{step}` failed; it printed: {said}")));
        }
    }
    // No other global can change (`with_memory` makes sure), so that memory is all there is to keep.
    ensure!(stack_pointer(&mut store, instance)? == stack, "the stack pointer did not return to where it was");
    let memory = instance.get_memory(&mut store, "memory").context("no `memory` is exported")?;
    let mut bytes = memory.data(&store).to_vec();
    bytes[..stack].fill(0); // the stack comes first; what calls left on it is of no use
    Ok(bytes)
}

fn stack_pointer(store: &mut Store<System>, instance: Instance) -> Result<usize> {
    let global = instance.get_global(&mut *store, "__stack_pointer").context("no `__stack_pointer` is exported")?;
    let pointer = global.get(&mut *store).i32().context("`__stack_pointer` is no i32")?;
    Ok(usize::try_from(pointer)?)
}

fn new_system() -> System {
    System::new(Settings {
        stdin: [].into(),
        output_bytes: 1 << 20,
        keeps_stderr: false,
        idle_ns: 0,
        fuel_granted: FUEL,
        files: FileLimits { bytes: 1 << 20, nodes: 64, file_bytes: 1 << 20 },
        descriptors: 64,
    })
}
