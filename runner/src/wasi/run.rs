//! One program in one instance, from start to end.
//! Not here: the job's place in memory (`areas`), what the guest calls (`inhabitant`, `system`).
//! In: a job. Out: its [`Outcome`], in which every time is made of fuel ([`FUEL_PER_NS`]).

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use wasmtime::{Instance, Store, Trap, TypedFunc};

use super::{
    areas::Placing,
    host::Host,
    inhabitant::{Inhabitant, Mailbox, OverMemory, Running},
    system::{Ended, FUEL_PER_NS, FileLimits, Settings, System},
};
use crate::{
    conversation::{End, Pause, Side},
    job::{Job, Task},
    observer::{Next, Observer, RunError, failed},
    outcome::{Ending, LimitHit, Outcome, Phase, Progress, TrapCause},
    wire::ReplyHeader,
};

/// How much fuel a guest uses before its supervisor has a look: about a millisecond.
const LOOK_FUEL: u64 = 10_000_000;
/// Far more time than any program's fuel lasts for on a machine that works. What takes longer is the machine's fault.
const BACKSTOP: Duration = Duration::from_secs(120);
/// How much slower than its nominal speed a machine may be.
const BACKSTOP_FACTOR: u32 = 50;

/// A guest that has come to its end, with its store.
struct Over {
    store: Store<Inhabitant>,
    instance: Instance,
    result: wasmtime::Result<i32>,
}

/// A program while it runs.
pub(crate) struct Run<'a> {
    host: &'a Host,
    job: &'a Job,
    guest: Pin<Box<dyn Future<Output = Over> + Send>>,
    over: Option<Over>,
    mailbox: Mailbox,
    observer: &'a mut dyn Observer,
    /// How often it has yielded: so much fuel it has used at least.
    looks: u64,
    backstop: Duration,
    begun: Instant,
}

impl fmt::Debug for Run<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Run").field("mailbox", &self.mailbox).finish_non_exhaustive()
    }
}

fn fuel(ns: u64) -> u64 {
    ns.saturating_mul(FUEL_PER_NS)
}

fn host_fault(what: &'static str) -> impl Fn(wasmtime::Error) -> RunError {
    move |error| failed(what)(io::Error::other(format!("{error:#}")))
}

impl<'a> Run<'a> {
    /// Makes an instance and places the job in it. `begun` is when the job was asked for.
    pub(crate) fn begin(
        host: &'a Host,
        job: &'a Job,
        begun: Instant,
        observer: &'a mut dyn Observer,
    ) -> Result<Self, RunError> {
        let mailbox = Mailbox::default();
        let granted = fuel(job.limits.cpu_ns).saturating_add(LOOK_FUEL);
        let inhabitant = inhabitant(host, job, granted, mailbox.clone());
        let mut store = Store::new(host.engine(), inhabitant);
        store.limiter(|inhabitant| inhabitant);
        store.set_fuel(granted).map_err(host_fault("set a limit of fuel"))?;
        let placing = Placing::new(job);
        let (instance, run) = settle(host, &mut store, &placing).map_err(host_fault("start a guest"))?;
        store.fuel_async_yield_interval(Some(LOOK_FUEL)).map_err(host_fault("set the time of a look"))?;
        let guest = Box::pin(async move {
            let result = run.call_async(&mut store, ()).await;
            Over { store, instance, result }
        });
        let nominal = Duration::from_nanos(job.limits.cpu_ns);
        let backstop = BACKSTOP.saturating_add(nominal.saturating_mul(BACKSTOP_FACTOR));
        Ok(Self { host, job, guest, over: None, mailbox, observer, looks: 0, backstop, begun })
    }

    /// Lets it go on for a while; true where it has come to its end.
    fn advance(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        match self.guest.as_mut().poll(&mut context) {
            Poll::Ready(over) => {
                self.over = Some(over);
                true
            }
            Poll::Pending => false,
        }
    }

    /// Hands on what it has answered since the last look.
    fn look(&mut self) -> Next {
        let replies = std::mem::take(&mut self.mailbox.open().replies);
        self.observer.take(&mut replies.into_iter())
    }

    /// Lets it go on from where it waits.
    pub(crate) fn go_on(&mut self, said: Option<&[u8]>) {
        self.mailbox.open().word = Some(said.map(<[u8]>::to_vec));
    }

    /// A limit of what runs now that is passed for certain.
    fn overrun(&self) -> Option<LimitHit> {
        let mail = self.mailbox.open();
        let used_ns = (self.looks * LOOK_FUEL).saturating_sub(mail.running_since_fuel) / FUEL_PER_NS;
        let limits = &self.job.limits;
        match mail.running {
            Running::Nothing | Running::Loaded => None,
            Running::Loading => (used_ns > limits.load_cpu_ns).then_some(LimitHit::CallCpu { call: None, used_ns }),
            Running::Call(call) => {
                let first = if let Task::Calls(calls) = &self.job.task { calls.range.start } else { 0 };
                let limit_ns = limits.call_cpu_ns.get(first.saturating_add(call as usize))?;
                (used_ns > *limit_ns).then_some(LimitHit::CallCpu { call: Some(call), used_ns })
            }
        }
    }

    fn wall_ns(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

fn inhabitant(host: &Host, job: &Job, fuel_granted: u64, mailbox: Mailbox) -> Inhabitant {
    let files = &host.profile().filesystem;
    let settings = Settings {
        stdin: job.task.shared_stdin().unwrap_or_else(|| Arc::new([])),
        output_bytes: job.limits.output_bytes,
        keeps_stderr: job.task.keeps_stderr(),
        idle_ns: job.limits.idle_ns,
        fuel_granted,
        files: FileLimits {
            bytes: files.scratch_bytes,
            nodes: u32::try_from(files.scratch_files).unwrap_or(u32::MAX),
            file_bytes: job.limits.output_bytes,
        },
        descriptors: u32::try_from(host.profile().limits.open_files).unwrap_or(u32::MAX),
    };
    let most_replies = match &job.task {
        Task::Calls(calls) => calls.range.len().max(1),
        _ => 1,
    };
    Inhabitant::new(System::new(settings), mailbox, most_replies, job.limits.memory_bytes)
}

/// Makes the instance, and has it make room for the job.
fn settle(
    host: &Host,
    store: &mut Store<Inhabitant>,
    placing: &Placing,
) -> wasmtime::Result<(Instance, TypedFunc<(), i32>)> {
    let instance = at_once(host.guest().instantiate_async(&mut *store))?;
    let make_room = instance.get_typed_func::<(u32, u32), u32>(&mut *store, "areas")?;
    let (job_bytes, reply_bytes) = placing.sizes();
    let in_u32 = |bytes: usize| u32::try_from(bytes).map_err(|_| wasmtime::format_err!("a job of 4 GiB"));
    let sizes = (in_u32(job_bytes)?, in_u32(reply_bytes)?);
    store.data_mut().expect_areas(job_bytes.saturating_add(reply_bytes));
    let start = at_once(make_room.call_async(&mut *store, sizes))?;
    let memory = instance.get_memory(&mut *store, "memory").ok_or_else(|| wasmtime::format_err!("no memory"))?;
    let (bytes, inhabitant) = memory.data_and_store_mut(&mut *store);
    let areas = placing.write(bytes, start)?;
    inhabitant.settle(areas);
    Ok((instance, instance.get_typed_func(store, "run")?))
}

/// The result of a future that waits for nothing.
fn at_once<T>(future: impl Future<Output = wasmtime::Result<T>>) -> wasmtime::Result<T> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(wasmtime::format_err!("the guest waits where there is nothing to wait for")),
    }
}

impl Side for Run<'_> {
    /// Nothing runs beside a guest: the other side of a conversation stands still meanwhile.
    fn until_it_waits(&mut self, _beside: Option<&mut Self>) -> Result<Pause, RunError> {
        loop {
            if self.advance() {
                return Ok(Pause::Over(End { by_us: None, idle_ns: 0 }));
            }
            if self.look() == Next::Stop {
                return Ok(Pause::Over(End::stopped()));
            }
            if self.mailbox.open().waits {
                return Ok(Pause::Waits);
            }
            self.looks += 1;
            if let Some(hit) = self.overrun() {
                return Ok(Pause::Over(End::by_us(Ending::Limit(hit))));
            }
            if self.begun.elapsed() > self.backstop {
                return Err(failed("run a guest to its end")(io::Error::from(io::ErrorKind::TimedOut)));
            }
        }
    }

    fn go_on_with(&mut self, said: &[u8], waited: Duration) -> Result<(), RunError> {
        self.begun += waited;
        self.go_on(Some(said));
        Ok(())
    }

    fn finish(mut self, end: End) -> Result<Outcome, RunError> {
        let mut outcome = Outcome {
            ending: end.by_us.unwrap_or(Ending::Stopped),
            progress: Progress::default(),
            stdout: Vec::new(),
            stderr: Vec::new(),
            // A guest has no folder of its own: whoever brings files is sent to the native sandbox.
            files: Vec::new(),
            made: None,
            cpu_ns: 0,
            fuel: Some(self.mailbox.open().used_fuel.max(self.looks * LOOK_FUEL)),
            idle_ns: 0,
            wall_ns: 0,
            peak_memory_bytes: 0,
            slowness: None,
            enforcement: Arc::clone(self.host.enforcement()),
        };
        let mut phase = Phase::Started;
        if let Some(Over { mut store, instance, result }) = self.over.take() {
            let left = store.get_fuel().map_err(host_fault("read a fuel gauge"))?;
            let used = store.data().system.fuel_used(left);
            outcome.fuel = Some(used);
            let memory = instance.get_memory(&mut store, "memory").expect("it had one at its start");
            let (bytes, inhabitant) = memory.data_and_store_mut(&mut store);
            inhabitant.collect(bytes, left);
            if let Some(area) = inhabitant.areas.replies(bytes) {
                phase = ReplyHeader::of(area).progress().phase;
            }
            outcome.peak_memory_bytes = inhabitant.system.held_bytes();
            outcome.idle_ns = inhabitant.system.slept_ns();
            outcome.stdout = inhabitant.system.take_stdout();
            outcome.stderr = inhabitant.system.take_stderr();
            outcome.ending = ending(result, used / FUEL_PER_NS)?;
        }
        outcome.cpu_ns = outcome.fuel.unwrap_or(0) / FUEL_PER_NS;
        self.look();
        let mail = self.mailbox.open();
        outcome.progress.started = if let Running::Call(call) = mail.running { call.saturating_add(1) } else { 0 };
        outcome.progress.phase = phase;
        outcome.progress.load_cpu_ns = mail.load_fuel.unwrap_or(0) / FUEL_PER_NS;
        outcome.peak_memory_bytes += mail.memory_bytes;
        drop(mail);
        outcome.wall_ns = self.wall_ns();
        Ok(outcome)
    }
}

/// What came of a guest that ended by itself.
fn ending(result: wasmtime::Result<i32>, used_ns: u64) -> Result<Ending, RunError> {
    let error = match result {
        Ok(status) => return Ok(Ending::Exited { status }),
        Err(error) => error,
    };
    if let Some(ended) = error.downcast_ref::<Ended>() {
        return Ok(match *ended {
            Ended::Exited { status } => Ending::Exited { status },
            Ended::Output { written_bytes } => Ending::Limit(LimitHit::Output { written_bytes }),
            Ended::Idle { idle_ns } => Ending::Limit(LimitHit::Idle { idle_ns }),
        });
    }
    if let Some(OverMemory { wanted_bytes }) = error.downcast_ref::<OverMemory>() {
        return Ok(Ending::Limit(LimitHit::Memory { used_bytes: *wanted_bytes }));
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Ok(Ending::Limit(LimitHit::Cpu { used_ns })),
        Some(Trap::StackOverflow) => Ok(Ending::Trapped { cause: TrapCause::Stack }),
        Some(Trap::MemoryOutOfBounds) => Ok(Ending::Trapped { cause: TrapCause::Memory }),
        Some(Trap::UnreachableCodeReached) => Ok(Ending::Trapped { cause: TrapCause::Abort }),
        Some(_) => Ok(Ending::Trapped { cause: TrapCause::Instruction }),
        None => Err(host_fault("run a guest")(error)),
    }
}
