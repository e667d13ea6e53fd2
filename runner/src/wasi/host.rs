//! The guest, ready to be instantiated: compiled for this machine, linked, with room for many instances.
//! Not here: where the compiled guest is kept (`artefact`), one program's run (`run`).

use std::{
    fmt,
    path::Path,
    sync::{Arc, Condvar, Mutex, PoisonError},
};

use trialbox_sandbox_profiles::Profile;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, InstancePre, Linker, Module, OptLevel, PoolingAllocationConfig,
};

use super::{
    artefact::{self, ArtefactError},
    guest,
    inhabitant::{Inhabitant, link},
    system::FUEL_PER_NS,
};
use crate::enforcement::{Enforcement, Layer};

/// A guest that is ready.
pub(crate) struct Host {
    engine: Engine,
    guest: InstancePre<Inhabitant>,
    profile: Profile,
    enforcement: Arc<Enforcement>,
    slots: Arc<Slots>,
}

/// Why there is no guest.
#[derive(Debug, thiserror::Error)]
pub enum GuestError {
    /// The machine has no room for instances, or is none that can be compiled for.
    #[error("cannot set up WebAssembly on this machine: {0}")]
    Engine(String),
    /// The guest cannot be compiled, or its compiled form not be used.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
}

/// Deep recursion in C, of which the host's own stack takes some more. Only what is touched is there.
const WASM_STACK_BYTES: usize = 64 << 20;
const HOST_STACK_BYTES: usize = 1 << 20;
/// What of an instance's stack is written over after it, rather than given back.
const STACK_KEPT_BYTES: usize = 64 << 10;
/// What of an instance's memory is written over after it where the kernel says what was written (Linux 6.7, PAGEMAP_SCAN).
const KEPT_BYTES: usize = 16 << 20;
/// How many instances there may be at once, two for each worker. Each takes 4 GiB of addresses: where so many
/// cannot be had, fewer do.
const SLOTS: [u32; 3] = [1024, 128, 16];

impl Host {
    /// Gets the guest ready (`crate::Host::wasi`).
    pub(crate) fn start(
        profile: &Profile,
        cache: Option<&Path>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, GuestError> {
        let (engine, slots) = engine()?;
        let module = artefact::load_or_compile(&engine, guest::wasm, guest::hash(), cache, progress)?;
        Self::of(engine, slots, &module, profile)
    }

    fn of(engine: Engine, slots: u32, module: &Module, profile: &Profile) -> Result<Self, GuestError> {
        let refused = |error: wasmtime::Error| GuestError::Engine(format!("{error:#}"));
        let mut linker = Linker::new(&engine);
        link(&mut linker).map_err(refused)?;
        let guest = linker.instantiate_pre(module).map_err(refused)?;
        Ok(Self {
            engine,
            guest,
            profile: profile.clone(),
            enforcement: Arc::new(enforcement()),
            slots: Arc::new(Slots::new(slots / 2)),
        })
    }

    /// Another guest, made ready.
    #[cfg(test)]
    pub(crate) fn of_guest(wasm: &[u8], profile: &Profile) -> Self {
        let engine = Engine::new(&config(SLOTS[2])).expect("an engine");
        let module = Module::new(&engine, wasm).expect("a module");
        Self::of(engine, SLOTS[2], &module, profile).expect("a host")
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn guest(&self) -> &InstancePre<Inhabitant> {
        &self.guest
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What is enforced, layer by layer.
    pub(crate) fn enforcement(&self) -> &Arc<Enforcement> {
        &self.enforcement
    }

    /// The version of the guest's CPython.
    pub(crate) fn python_version(&self) -> &'static str {
        guest::PYTHON_VERSION
    }

    /// The first part of the guest's hash.
    pub(crate) fn guest_name(&self) -> String {
        guest::hash().to_hex()[..16].to_owned()
    }

    /// Names the guest: its bytes, and all that its instructions cost.
    pub(crate) fn identity(&self) -> String {
        format!("wasi {} {} {FUEL_PER_NS}", guest::PYTHON_VERSION, guest::hash().to_hex())
    }

    /// Names the guest and the policy (`crate::Host::judge`).
    pub(crate) fn judge(&self) -> String {
        format!("{}, under {:?}", self.identity(), self.profile)
    }

    /// A place for one more worker's instances, of which there may be two. Waits until there is one.
    pub(crate) fn slot(&self) -> Slot {
        Slots::take(&self.slots)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Host").field("enforcement", &self.enforcement).finish_non_exhaustive()
    }
}

/// The engine, with as many places for instances as this machine has addresses for.
fn engine() -> Result<(Engine, u32), GuestError> {
    let mut last = String::new();
    for slots in SLOTS {
        match Engine::new(&config(slots)) {
            Ok(engine) => return Ok((engine, slots)),
            Err(error) => last = format!("{error:#}"),
        }
    }
    Err(GuestError::Engine(last))
}

/// What instances are like. All of it is part of the artefact's name.
fn config(slots: u32) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(slots).total_memories(slots).total_tables(slots).total_stacks(slots);
    pool.max_memory_size(1 << 32).table_elements(20_000);
    pool.async_stack_keep_resident(STACK_KEPT_BYTES);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        // What a program wrote is then found, and written over with what it was: cheaper than to drop it and fault it in.
        pool.pagemap_scan(Enabled::Yes).linear_memory_keep_resident(KEPT_BYTES).table_keep_resident(KEPT_BYTES);
    }
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config.consume_fuel(true).cranelift_opt_level(OptLevel::Speed);
    config.max_wasm_stack(WASM_STACK_BYTES).async_stack_size(WASM_STACK_BYTES + HOST_STACK_BYTES);
    // Nothing of one program's may lie where the next one's stack will be.
    config.async_stack_zeroing(true);
    // NaNs have the same bits on every machine.
    config.cranelift_nan_canonicalization(true);
    config.wasm_backtrace_max_frames(None).generate_address_map(false).native_unwind_info(false);
    config.concurrency_support(false);
    config
}

fn enforcement() -> Enforcement {
    let by = |what: &str| Layer::full(&format!("WebAssembly: {what}"));
    Enforcement {
        filesystem: by("files in memory, of one instance"),
        network: by("no sockets"),
        syscalls: by("no system calls"),
        processes: by("no processes"),
        memory: by("linear memory that does not grow further"),
        cpu: by("fuel, which counts instructions"),
    }
}

/// The places for workers at work.
#[derive(Debug)]
struct Slots {
    free: Mutex<u32>,
    given_back: Condvar,
}

/// One place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Slots>);

impl Slots {
    fn new(free: u32) -> Self {
        Self { free: Mutex::new(free), given_back: Condvar::new() }
    }

    fn take(this: &Arc<Self>) -> Slot {
        let free = this.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = this.given_back.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Slot(Arc::clone(this))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.given_back.notify_one();
    }
}
