//! A job on its way into the area that a program reads it from.
//! Not here: the layout (`wire`), running the job (`run`).

use std::{io, ops::Range, sync::Arc};

use super::{
    jail::{Guest, Jail},
    shell::SCRIPT,
    zygote::Zygote,
};
use crate::{
    job::{FilePath, Inputs, Job, Limits, Task},
    wire::{self, ChildLimits, HEADER_BYTES, Layout},
};

/// The inputs that lie in a job area, and where.
pub(crate) type Placed = (Arc<Inputs>, Layout);

/// Writes the job into the shared area; the inputs only where they are not there already. Says where the program lies.
pub(crate) fn place(
    zygote: &mut Zygote,
    placed: &mut Option<Placed>,
    jail: &Jail,
    job: &Job,
) -> io::Result<Range<usize>> {
    let mut layout = Layout::default();
    let mut at = HEADER_BYTES;
    if let Task::Calls(calls) = &job.task {
        let known = placed.as_ref().filter(|(inputs, _)| Arc::ptr_eq(inputs, &calls.inputs)).map(|(_, layout)| *layout);
        layout = match known {
            Some(layout) => layout,
            None => {
                forget_inputs(zygote, placed);
                let layout = place_inputs(zygote, &calls.inputs)?;
                *placed = Some((Arc::clone(&calls.inputs), layout));
                layout
            }
        };
        at = layout.index + calls.inputs.len() * 16;
        layout.index += calls.range.start * 16;
        layout.entry = at;
        zygote.job.write(at, &[calls.entry_point.as_bytes(), b"\0"].concat())?;
        at = (at + calls.entry_point.len() + 1).next_multiple_of(8);
    } else {
        forget_inputs(zygote, placed);
    }
    let command = match (&job.task, &jail.guest) {
        (Task::Shell { .. }, Guest::Shell(shell)) => shell.command(),
        (Task::Shell { .. }, _) => return Err(io::Error::other("no shell is kept here")),
        _ => Vec::new(),
    };
    let source: &[u8] = match &job.task {
        Task::Shell { .. } => &command,
        // It goes over as a file of its own (`Zygote::fork_program`).
        Task::Execute { .. } => &[],
        Task::Tool(tool) => &tool.command,
        _ => &job.program,
    };
    layout.source = (at, source.len());
    zygote.job.write(at, source)?;
    if let Task::Tool(tool) = &job.task {
        zygote.scratch.place(tool.input, &job.program)?;
    }
    let files = job.task.extras().map_or(&[][..], |extras| &extras.files);
    let script = matches!(job.task, Task::Shell { .. }).then(|| FilePath::new(SCRIPT).expect("a path"));
    if !files.is_empty() || script.is_some() {
        let owner = zygote.user()?;
        let script = script.iter().map(|path| (path, job.program.as_ref()));
        for (path, content) in script.chain(files.iter().map(|(path, content)| (path, content.as_slice()))) {
            zygote.scratch.place_at(path, content, owner)?;
        }
    }
    if let Some(stdin) = job.task.stdin() {
        zygote.stdin.fill(stdin)?;
        if !jail.may_fork()
            && zygote.names_its_input(&job.program)
            && let Some(folder) = &zygote.input
        {
            folder.place(Some(stdin))?;
        }
    }
    if let Task::Answer | Task::Ask = job.task {
        layout.index = (at + job.program.len()).next_multiple_of(8);
    }
    zygote.job.write(0, &wire::job_header(job, &layout, &child_limits(jail, &job.limits)))?;
    Ok(at..at + source.len())
}

/// Puts what the other side said where this side of a conversation looks for it. Says how far it reaches.
pub(crate) fn hand_over(zygote: &mut Zygote, source: &Range<usize>, said: &[u8]) -> io::Result<usize> {
    let at = source.end.next_multiple_of(8);
    zygote.job.write(at, &(said.len() as u64).to_le_bytes())?;
    zygote.job.write(at + 8, said)?;
    Ok(at + 8 + said.len())
}

/// Few programs open /dev/stdin, and a file costs; who hides the name from us finds an empty place.
pub(crate) fn names_its_input(program: &[u8]) -> bool {
    program.windows(DEV_STDIN.len()).any(|window| window == DEV_STDIN)
}

const DEV_STDIN: &[u8] = b"/dev/stdin";

/// Takes the inputs of another problem out of the area.
fn forget_inputs(zygote: &mut Zygote, placed: &mut Option<Placed>) {
    if let Some((inputs, layout)) = placed.take() {
        zygote.job.wipe(HEADER_BYTES, layout.index + inputs.len() * 16 - HEADER_BYTES);
    }
}

/// Places the inputs behind the header, and their index behind them.
fn place_inputs(zygote: &mut Zygote, inputs: &Inputs) -> io::Result<Layout> {
    zygote.job.write(HEADER_BYTES, &inputs.bytes)?;
    let index_at = (HEADER_BYTES + inputs.bytes.len()).next_multiple_of(8);
    let mut index = Vec::with_capacity(inputs.len() * 16);
    for span in &inputs.spans {
        index.extend(((HEADER_BYTES + span.start) as u64).to_le_bytes());
        index.extend((span.len() as u64).to_le_bytes());
    }
    zygote.job.write(index_at, &index)?;
    Ok(Layout { index: index_at, ..Layout::default() })
}

/// The limits that the kernel holds for us. RLIMIT_CPU counts too much under load, and RLIMIT_AS counts address space
/// that nobody touches: both are loose backstops of what is watched from outside.
pub(crate) fn child_limits(jail: &Jail, limits: &Limits) -> ChildLimits {
    ChildLimits {
        cpu_seconds: limits.cpu_ns / 1_000_000_000 * 2 + 10,
        open_files: jail.profile.limits.open_files,
        stack_bytes: jail.profile.limits.stack_bytes,
        // Counted per user within the worker's user namespace: the warm parent, the program's first thread, the others; and
        // the first process of those that a shell starts.
        processes: match jail.has_namespaces() {
            true => jail.profile.limits.threads + 2 + u64::from(jail.may_fork()),
            false => u64::MAX,
        },
        address_space_bytes: limits.address_space_bytes(),
    }
}
