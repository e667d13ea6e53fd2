//! `wasi_snapshot_preview1` in a wasmtime linker: every function of it, each with its signature, and what answers it.
//! Not here: what the functions do (`streams`, `describe`, `paths`, `process`, `poll`).
//! In: a call of a guest. Out: its errno, or the error that ends it.

use wasmtime::{Caller, Extern, Linker, Trap, format_err};

use super::{Call, Memory, Stop, System, errno::Errno, paths::OpenFlags};

/// The name under which guests import it.
const MODULE: &str = "wasi_snapshot_preview1";

/// Adds functions: name, parameters, and what they do with the system and the guest's memory.
macro_rules! functions {
    ($linker:ident, $get:ident: $(fn $name:ident($($argument:ident: $type:ty),*) = |$system:pat_param, $memory:pat_param| $body:expr;)*) => {
        $($linker.func_wrap(MODULE, stringify!($name), move |mut caller: Caller<'_, T>, $($argument: $type),*| {
            call(&mut caller, $get, |$system, $memory| $body)
        })?;)*
    };
}

/// Adds `wasi_snapshot_preview1` to a linker. Guests must export their memory as `memory`.
pub(crate) fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> &mut System,
) -> wasmtime::Result<()> {
    functions! { linker, get:
        fn args_get(list: u32, bytes: u32) = |system, memory| system.args_get(memory, list, bytes);
        fn args_sizes_get(count: u32, bytes: u32) = |system, memory| system.args_sizes_get(memory, count, bytes);
        fn environ_get(_list: u32, _bytes: u32) = |_, _| Ok(());
        fn environ_sizes_get(count: u32, bytes: u32) = |system, memory| system.environ_sizes_get(memory, count, bytes);
        fn clock_res_get(clock: u32, result: u32) = |system, memory| system.clock_res_get(memory, clock, result);
        fn clock_time_get(clock: u32, _precision: u64, result: u32)
            = |system, memory| system.clock_time_get(memory, clock, result);
        fn poll_oneoff(subscriptions: u32, events: u32, count: u32, result: u32)
            = |system, memory| system.poll_oneoff(memory, subscriptions, events, count, result);
        fn random_get(address: u32, length: u32) = |system, memory| system.random_get(memory, address, length);
        fn proc_raise(_signal: u32) = |_, _| Err(Errno::Notsup.into());
        fn sched_yield() = |_, _| Ok(());

        fn fd_read(fd: u32, list: u32, count: u32, result: u32)
            = |system, memory| system.fd_read(memory, fd, list, count, result);
        fn fd_pread(fd: u32, list: u32, count: u32, offset: u64, result: u32)
            = |system, memory| system.fd_pread(memory, fd, list, count, offset, result);
        fn fd_write(fd: u32, list: u32, count: u32, result: u32)
            = |system, memory| system.fd_write(memory, fd, list, count, result);
        fn fd_pwrite(fd: u32, list: u32, count: u32, offset: u64, result: u32)
            = |system, memory| system.fd_pwrite(memory, fd, list, count, offset, result);
        fn fd_seek(fd: u32, offset: i64, whence: u32, result: u32)
            = |system, memory| system.fd_seek(memory, fd, offset, whence, result);
        fn fd_tell(fd: u32, result: u32) = |system, memory| system.fd_tell(memory, fd, result);

        fn fd_close(fd: u32) = |system, _| system.fd_close(fd);
        fn fd_renumber(from: u32, to: u32) = |system, _| system.fd_renumber(from, to);
        fn fd_advise(fd: u32, offset: u64, length: u64, advice: u32)
            = |system, _| system.fd_advise(fd, offset, length, advice);
        fn fd_allocate(fd: u32, offset: u64, length: u64) = |system, _| system.fd_allocate(fd, offset, length);
        fn fd_datasync(fd: u32) = |system, _| system.fd_sync(fd);
        fn fd_sync(fd: u32) = |system, _| system.fd_sync(fd);
        fn fd_fdstat_get(fd: u32, result: u32) = |system, memory| system.fd_fdstat_get(memory, fd, result);
        fn fd_fdstat_set_flags(fd: u32, flags: u32) = |system, _| system.fd_fdstat_set_flags(fd, flags);
        fn fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64)
            = |system, _| system.fd_fdstat_set_rights(fd, base, inheriting);
        fn fd_filestat_get(fd: u32, result: u32) = |system, memory| system.fd_filestat_get(memory, fd, result);
        fn fd_filestat_set_size(fd: u32, size: u64) = |system, _| system.fd_filestat_set_size(fd, size);
        fn fd_filestat_set_times(fd: u32, accessed: u64, modified: u64, which: u32)
            = |system, _| system.fd_filestat_set_times(fd, accessed, modified, which);
        fn fd_prestat_get(fd: u32, result: u32) = |system, memory| system.fd_prestat_get(memory, fd, result);
        fn fd_prestat_dir_name(fd: u32, path: u32, length: u32)
            = |system, memory| system.fd_prestat_dir_name(memory, fd, path, length);
        fn fd_readdir(fd: u32, buffer: u32, length: u32, cookie: u64, result: u32)
            = |system, memory| system.fd_readdir(memory, fd, buffer, length, cookie, result);

        fn path_create_directory(fd: u32, path: u32, length: u32)
            = |system, memory| system.path_create_directory(memory, fd, (path, length));
        fn path_filestat_get(fd: u32, _follow: u32, path: u32, length: u32, result: u32)
            = |system, memory| system.path_filestat_get(memory, fd, (path, length), result);
        fn path_filestat_set_times(fd: u32, _follow: u32, path: u32, length: u32, accessed: u64, modified: u64, which: u32)
            = |system, memory| system.path_filestat_set_times(memory, fd, (path, length), (accessed, modified, which));
        fn path_link(fd: u32, _follow: u32, _path: u32, _length: u32, _new_fd: u32, _new_path: u32, _new_length: u32)
            = |system, _| system.refuse_link(fd);
        fn path_open(fd: u32, _follow: u32, path: u32, length: u32, oflags: u32, base: u64, inheriting: u64, fdflags: u32, result: u32)
            = |system, memory| {
                system.path_open(memory, fd, (path, length), OpenFlags { oflags, base, inheriting, fdflags }, result)
            };
        fn path_readlink(fd: u32, path: u32, length: u32, _buffer: u32, _buffer_length: u32, _result: u32)
            = |system, memory| system.path_readlink(memory, fd, (path, length));
        fn path_remove_directory(fd: u32, path: u32, length: u32)
            = |system, memory| system.path_remove_directory(memory, fd, (path, length));
        fn path_rename(fd: u32, path: u32, length: u32, new_fd: u32, new_path: u32, new_length: u32)
            = |system, memory| system.path_rename(memory, (fd, (path, length)), (new_fd, (new_path, new_length)));
        fn path_symlink(_target: u32, _target_length: u32, fd: u32, _path: u32, _length: u32)
            = |system, _| system.refuse_link(fd);
        fn path_unlink_file(fd: u32, path: u32, length: u32)
            = |system, memory| system.path_unlink_file(memory, fd, (path, length));

        fn sock_accept(fd: u32, _flags: u32, _result: u32) = |system, _| system.refuse_socket(fd);
        fn sock_recv(fd: u32, _list: u32, _count: u32, _flags: u32, _length: u32, _result: u32)
            = |system, _| system.refuse_socket(fd);
        fn sock_send(fd: u32, _list: u32, _count: u32, _flags: u32, _result: u32)
            = |system, _| system.refuse_socket(fd);
        fn sock_shutdown(fd: u32, _how: u32) = |system, _| system.refuse_socket(fd);
    }
    // The one function without an answer.
    linker.func_wrap(MODULE, "proc_exit", move |mut caller: Caller<'_, T>, status: u32| -> wasmtime::Result<()> {
        call(&mut caller, get, |system, _| system.proc_exit(status)).map(|_| ())
    })?;
    Ok(())
}

/// Answers one call.
fn call<T: 'static>(
    caller: &mut Caller<'_, T>,
    get: fn(&mut T) -> &mut System,
    body: impl FnOnce(&mut System, &mut Memory<'_>) -> Call,
) -> wasmtime::Result<u32> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return Err(format_err!("the guest exports no memory"));
    };
    let fuel_left = caller.get_fuel().ok();
    let (bytes, data) = memory.data_and_store_mut(&mut *caller);
    let system = get(data);
    match system.enter(fuel_left).and_then(|()| body(system, &mut Memory(bytes))) {
        Ok(()) => Ok(0),
        Err(Stop::Errno(errno)) => Ok(u32::from(errno as u16)),
        Err(Stop::Ended(ended)) => Err(wasmtime::Error::new(ended)),
        Err(Stop::OutOfFuel) => Err(wasmtime::Error::new(Trap::OutOfFuel)),
    }
}
