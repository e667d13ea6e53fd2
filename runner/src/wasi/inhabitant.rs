//! What lives in a store beside the guest's own memory: its system, its meter, and what its supervisor is told meanwhile.
//! Not here: the system (`system`), running a guest (`run`).
//! In: calls of the guest's two imports of ours, `trialbox.begin` and `trialbox.wait`. Out: [`Mailbox`].

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use wasmtime::{Caller, Extern, Linker, Memory, ResourceLimiter, format_err};

use super::{
    areas::Areas,
    system::{FUEL_PER_NS, System, add_to_linker},
};
use crate::{outcome::Reply, replies::Replies};

/// What a guest and its supervisor know together. The guest's store is out of reach while it runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mailbox(Arc<Mutex<Mail>>);

#[derive(Debug, Default)]
pub(crate) struct Mail {
    /// Answers that nobody has taken yet.
    pub(crate) replies: Vec<Reply>,
    /// Whether the guest waits for a word.
    pub(crate) waits: bool,
    /// The word: what the other side said, if there is one.
    pub(crate) word: Option<Option<Vec<u8>>>,
    /// What runs, and the fuel used before it began.
    pub(crate) running: Running,
    pub(crate) running_since_fuel: u64,
    /// What loading used, once that is over.
    pub(crate) load_fuel: Option<u64>,
    /// The fuel used at the last look.
    pub(crate) used_fuel: u64,
    /// How large its memory became, the areas not counted.
    pub(crate) memory_bytes: u64,
}

/// What a guest does at a moment, as its driver says before any of it is the candidate's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Running {
    /// Nothing of the candidate's yet.
    #[default]
    Nothing,
    /// Module-level code.
    Loading,
    /// What comes behind it and is no call.
    Loaded,
    /// The call of this number.
    Call(u32),
}

impl Mailbox {
    pub(crate) fn open(&self) -> MutexGuard<'_, Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What lives in a store.
#[derive(Debug)]
pub(crate) struct Inhabitant {
    pub(crate) system: System,
    pub(crate) mailbox: Mailbox,
    pub(crate) areas: Areas,
    pub(crate) replies: Replies,
    /// The most that its memory may come to, the areas not counted.
    memory_bytes: u64,
    area_bytes: u64,
}

/// Memory that a guest may not have; downcast the error of a call to it.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the program's memory came to {wanted_bytes} bytes")]
pub(crate) struct OverMemory {
    pub(crate) wanted_bytes: u64,
}

impl Inhabitant {
    pub(crate) fn new(system: System, mailbox: Mailbox, most_replies: usize, memory_bytes: u64) -> Self {
        let (areas, replies) = (Areas::default(), Replies::new(most_replies));
        Self { system, mailbox, areas, replies, memory_bytes, area_bytes: 0 }
    }

    /// Areas of this size will be made, and count for nothing.
    pub(crate) fn expect_areas(&mut self, bytes: usize) {
        self.area_bytes = bytes as u64;
    }

    /// The areas are there.
    pub(crate) fn settle(&mut self, areas: Areas) {
        self.areas = areas;
    }

    /// Takes what was answered since the last look; the last of it is what the running call came to.
    pub(crate) fn collect(&mut self, memory: &[u8], fuel_left: u64) {
        let used = self.system.fuel_used(fuel_left);
        let mut replies = self.areas.replies(memory).map_or_else(Vec::new, |area| self.replies.read(area).collect());
        let mut mail = self.mailbox.open();
        mail.used_fuel = used;
        for reply in &mut replies {
            reply.cpu_ns = used.saturating_sub(mail.running_since_fuel) / FUEL_PER_NS;
        }
        mail.replies.append(&mut replies);
    }
}

impl ResourceLimiter for Inhabitant {
    fn memory_growing(&mut self, _current: usize, desired: usize, _most: Option<usize>) -> wasmtime::Result<bool> {
        let wanted_bytes = (desired as u64).saturating_sub(self.area_bytes);
        if wanted_bytes > self.memory_bytes {
            return Err(wasmtime::Error::new(OverMemory { wanted_bytes }));
        }
        self.mailbox.open().memory_bytes = wanted_bytes;
        Ok(true)
    }

    /// The guest's table of functions is as large as it is made.
    fn table_growing(&mut self, current: usize, _desired: usize, _most: Option<usize>) -> wasmtime::Result<bool> {
        Ok(current == 0)
    }
}

/// Adds all that a guest imports.
pub(crate) fn link(linker: &mut Linker<Inhabitant>) -> wasmtime::Result<()> {
    add_to_linker(linker, |inhabitant| &mut inhabitant.system)?;
    linker.func_wrap("trialbox", "begin", begin)?;
    linker.func_wrap_async("trialbox", "wait", |caller, (): ()| Box::new(wait(caller)))?;
    Ok(())
}

/// The driver says what the program does from now on (`driver.h`).
fn begin(mut caller: Caller<'_, Inhabitant>, what: i32) -> wasmtime::Result<()> {
    let fuel_left = caller.get_fuel()?;
    caller.data_mut().system.pay_for_call(fuel_left)?;
    let used = collect(&mut caller)?;
    let mut mail = caller.data().mailbox.open();
    match what {
        -1 => mail.running = Running::Loading,
        -2 => {
            mail.load_fuel = Some(used.saturating_sub(mail.running_since_fuel));
            mail.running = Running::Loaded;
        }
        _ => mail.running = Running::Call(u32::try_from(what).unwrap_or(0)),
    }
    mail.running_since_fuel = used;
    Ok(())
}

/// The driver waits for its supervisor's word.
async fn wait(mut caller: Caller<'_, Inhabitant>) -> wasmtime::Result<()> {
    collect(&mut caller)?;
    pay_for_word(&mut caller, 0)?;
    let mailbox = caller.data().mailbox.clone();
    mailbox.open().waits = true;
    let word = poll_fn(|_| mailbox.open().word.take().map_or(Poll::Pending, Poll::Ready)).await;
    mailbox.open().waits = false;
    pay_for_word(&mut caller, word.as_ref().map_or(0, Vec::len) as u64)?;
    let memory = memory(&mut caller)?;
    let (bytes, inhabitant) = memory.data_and_store_mut(&mut caller);
    inhabitant.areas.empty_replies(bytes)?;
    inhabitant.replies.begin_anew();
    if let Some(said) = word {
        inhabitant.replies.expect_one();
        inhabitant.areas.hand_over(bytes, &said)?;
    }
    Ok(())
}

/// What waits costs fuel: it would otherwise have its supervisor work for nothing.
fn pay_for_word(caller: &mut Caller<'_, Inhabitant>, bytes: u64) -> wasmtime::Result<()> {
    let fuel_left = caller.get_fuel()?;
    Ok(caller.data_mut().system.pay_for_word(fuel_left, bytes)?)
}

/// Takes the answers so far. Gives the fuel used.
fn collect(caller: &mut Caller<'_, Inhabitant>) -> wasmtime::Result<u64> {
    let fuel_left = caller.get_fuel()?;
    let memory = memory(caller)?;
    let (bytes, inhabitant) = memory.data_and_store_mut(caller);
    inhabitant.collect(bytes, fuel_left);
    Ok(inhabitant.system.fuel_used(fuel_left))
}

fn memory(caller: &mut Caller<'_, Inhabitant>) -> wasmtime::Result<Memory> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => Err(format_err!("the guest exports no memory")),
    }
}
