//! The system as a guest meets it: through wasm, by numbers and addresses.

use std::sync::LazyLock;

use wasmtime::{Config, Engine, Instance, InstancePre, Linker, Module, Store, Trap, Val, ValType};

use super::*;

const FUEL: u64 = 1_000_000_000;
const MEMORY_BYTES: u32 = 0x10000;
/// Where tests put names, lists of buffers, buffers and results.
const NAME: u32 = 0x100;
const LIST: u32 = 0x200;
const BUFFER: u32 = 0x1000;
const RESULT: u32 = 0x300;
/// Rights to read and write.
const READ_WRITE: i64 = 0x1FF;
const FUNCTIONS: usize = 46;

fn settings() -> Settings {
    Settings {
        stdin: Arc::from(b"first\nsecond\n".as_slice()),
        output_bytes: 100,
        keeps_stderr: false,
        idle_ns: 1_000_000_000,
        fuel_granted: FUEL,
        files: FileLimits { bytes: 1 << 20, nodes: 100, file_bytes: 100_000 },
        descriptors: 16,
    }
}

struct Guest {
    store: Store<System>,
    instance: Instance,
}

/// Compiled once: with fuel, and without.
static COMPILED: [LazyLock<InstancePre<System>>; 2] =
    [LazyLock::new(|| compiled(false)), LazyLock::new(|| compiled(true))];

fn compiled(counts_fuel: bool) -> InstancePre<System> {
    let engine = Engine::new(Config::new().consume_fuel(counts_fuel)).expect("an engine");
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker, |system| system).expect("added");
    let text = wrappers::guest(&linker, Store::new(&engine, System::new(settings())), 1);
    let module = Module::new(&engine, wat::parse_str(text).expect("a module")).expect("compiled");
    linker.instantiate_pre(&module).expect("linked")
}

fn guest_with(settings: Settings, counts_fuel: bool) -> Guest {
    let compiled = &*COMPILED[usize::from(counts_fuel)];
    let fuel = settings.fuel_granted;
    let mut store = Store::new(compiled.module().engine(), System::new(settings));
    if counts_fuel {
        store.set_fuel(fuel).expect("fuel is counted");
    }
    let instance = compiled.instantiate(&mut store).expect("there is room");
    Guest { store, instance }
}

fn guest() -> Guest {
    guest_with(settings(), true)
}

impl Guest {
    fn try_call(&mut self, name: &str, arguments: &[i64]) -> wasmtime::Result<u16> {
        let function = self.instance.get_func(&mut self.store, name).expect("a function");
        let kind = function.ty(&self.store);
        assert_eq!(kind.params().len(), arguments.len(), "{name}");
        let as_given = |(kind, value): (ValType, &i64)| match kind {
            ValType::I32 => Val::I32(u32::try_from(*value).expect("an address").cast_signed()),
            _ => Val::I64(*value),
        };
        let arguments: Vec<Val> = kind.params().zip(arguments).map(as_given).collect();
        let mut results = vec![Val::I32(0); kind.results().len()];
        function.call(&mut self.store, &arguments, &mut results)?;
        Ok(results.first().map_or(0, |errno| u16::try_from(errno.unwrap_i32()).expect("an errno")))
    }

    fn call(&mut self, name: &str, arguments: &[i64]) -> u16 {
        self.try_call(name, arguments).expect("goes on")
    }

    fn ended(&mut self, name: &str, arguments: &[i64]) -> Ended {
        *self.try_call(name, arguments).expect_err("ends").downcast_ref().expect("a reason")
    }

    fn memory(&mut self) -> &mut [u8] {
        let memory = self.instance.get_memory(&mut self.store, "memory").expect("a memory");
        memory.data_mut(&mut self.store)
    }

    fn put(&mut self, address: u32, bytes: &[u8]) {
        self.memory()[address as usize..][..bytes.len()].copy_from_slice(bytes);
    }

    fn get<const SIZE: usize>(&mut self, address: u32) -> [u8; SIZE] {
        self.memory()[address as usize..][..SIZE].try_into().expect("inside")
    }

    fn u32_at(&mut self, address: u32) -> u32 {
        u32::from_le_bytes(self.get(address))
    }

    fn u64_at(&mut self, address: u32) -> u64 {
        u64::from_le_bytes(self.get(address))
    }

    /// Puts a list of buffers; gives its arguments.
    fn buffers(&mut self, buffers: &[(u32, u32)]) -> [i64; 2] {
        let list: Vec<u8> = buffers.iter().flat_map(|it| [it.0.to_le_bytes(), it.1.to_le_bytes()].concat()).collect();
        self.put(LIST, &list);
        [LIST.into(), buffers.len() as i64]
    }

    fn write(&mut self, fd: i64, bytes: &[u8]) -> u16 {
        self.put(BUFFER, bytes);
        let [list, count] = self.buffers(&[(BUFFER, u32::try_from(bytes.len()).expect("small"))]);
        self.call("fd_write", &[fd, list, count, RESULT.into()])
    }

    fn read(&mut self, fd: i64, most: u32) -> Vec<u8> {
        let [list, count] = self.buffers(&[(BUFFER, most)]);
        assert_eq!(self.call("fd_read", &[fd, list, count, RESULT.into()]), 0);
        let length = self.u32_at(RESULT) as usize;
        self.memory()[BUFFER as usize..][..length].to_vec()
    }

    /// Puts a path; gives its arguments.
    fn path(&mut self, path: &str) -> [i64; 2] {
        self.put(NAME, path.as_bytes());
        [NAME.into(), path.len() as i64]
    }

    fn open(&mut self, path: &str, oflags: i64, fdflags: i64) -> Result<i64, u16> {
        let [path, length] = self.path(path);
        match self.call("path_open", &[3, 0, path, length, oflags, READ_WRITE, 0, fdflags, RESULT.into()]) {
            0 => Ok(self.u32_at(RESULT).into()),
            errno => Err(errno),
        }
    }

    fn clock(&mut self, clock: i64) -> u64 {
        assert_eq!(self.call("clock_time_get", &[clock, 0, RESULT.into()]), 0);
        self.u64_at(RESULT)
    }

    /// Polls for one clock.
    fn sleep(&mut self, duration_ns: u64) -> wasmtime::Result<u16> {
        let mut subscription = [0; 48];
        subscription[0] = 77;
        subscription[16] = 1;
        subscription[24..32].copy_from_slice(&duration_ns.to_le_bytes());
        self.put(BUFFER, &subscription);
        self.try_call("poll_oneoff", &[BUFFER.into(), BUFFER.into(), 1, RESULT.into()])
    }
}

#[test]
fn every_function_can_be_imported_and_takes_any_numbers() {
    let numbers = [0, 1, 3, 8, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF];
    let names: Vec<String> = {
        let mut guest = guest();
        let exports = guest.instance.exports(&mut guest.store);
        exports.map(|it| it.name().to_owned()).filter(|name| name != "memory").collect()
    };
    assert_eq!(names.len(), FUNCTIONS);
    for name in names {
        let mut guest = guest();
        let count = guest.instance.get_func(&mut guest.store, &name).expect("there").ty(&guest.store).params().len();
        for turn in 0..200 {
            let arguments: Vec<i64> = (0..count).map(|at| numbers[(turn * (2 * at + 1) + turn / 9 + at) % 9]).collect();
            if let Err(error) = guest.try_call(&name, &arguments) {
                assert!(error.is::<Ended>(), "{name}{arguments:?}: {error:?}");
                guest = self::guest();
            }
        }
    }
}

#[test]
fn a_bad_address_is_a_fault_and_changes_nothing() {
    let mut guest = guest();
    let end = i64::from(MEMORY_BYTES);
    guest.put(BUFFER, b"text");
    let [list, count] = guest.buffers(&[(BUFFER, 4), (MEMORY_BYTES - 1, 2)]);
    assert_eq!(guest.call("fd_write", &[1, list, count, RESULT.into()]), 21);
    let [list, count] = guest.buffers(&[(BUFFER, 4)]);
    assert_eq!(guest.call("fd_write", &[1, list, count, end - 3]), 21);
    assert_eq!(guest.call("fd_write", &[1, end - 4, 1, RESULT.into()]), 21);
    assert_eq!(guest.store.data().stdout(), b"");
    assert_eq!(guest.call("fd_read", &[0, list, count, end - 3]), 21);
    assert_eq!(guest.read(0, 100), b"first\nsecond\n");
    assert_eq!(guest.call("path_open", &[3, 0, end - 1, 2, 1, 0, 0, 0, RESULT.into()]), 21);
    assert_eq!(guest.call("poll_oneoff", &[0, 0, 4096, RESULT.into()]), 21);
    assert_eq!(guest.call("poll_oneoff", &[0, 0, 4097, RESULT.into()]), 28);
    assert_eq!(guest.call("random_get", &[0, end + 1]), 21);
    assert_eq!(guest.call("random_get", &[0, 0xFFFF_FFFF]), 28);
    assert_eq!(guest.call("args_get", &[0xFFFF_FFFF, 0]), 21);
    assert_eq!(guest.call("fd_prestat_get", &[3, end - 7]), 21);
}

#[test]
fn stdin_says_how_much_there_is() {
    let mut guest = guest();
    assert_eq!(guest.call("fd_filestat_get", &[0, RESULT.into()]), 0);
    assert_eq!(guest.u64_at(RESULT + 32), b"first\nsecond\n".len() as u64);
}

#[test]
fn streams_are_read_and_written_in_order() {
    let mut guest = guest();
    let [list, count] = guest.buffers(&[(BUFFER, 3), (BUFFER + 100, 0), (BUFFER + 3, 3)]);
    assert_eq!(guest.call("fd_read", &[0, list, count, RESULT.into()]), 0);
    assert_eq!(guest.get(BUFFER), *b"first\n");
    assert_eq!(guest.read(0, 100), b"second\n");
    assert_eq!(guest.read(0, 100), b"");
    assert_eq!(guest.write(1, b"one"), 0);
    assert_eq!(guest.write(2, &[b'x'; 4000]), 0);
    assert_eq!(guest.u32_at(RESULT), 4000);
    assert_eq!(guest.write(1, b"two"), 0);
    assert_eq!(guest.store.data().stdout(), b"onetwo");
    assert_eq!(guest.store.data_mut().take_stdout(), b"onetwo");
    assert_eq!(guest.write(0, b"x"), 8);
    assert_eq!(guest.write(3, b"x"), 8);
    assert_eq!(guest.call("fd_seek", &[1, 0, 0, RESULT.into()]), 70);
    assert_eq!(guest.call("fd_fdstat_get", &[1, RESULT.into()]), 0);
    assert_eq!(guest.get(RESULT), [0], "stdout is not a terminal");
}

#[test]
fn more_output_than_allowed_ends_the_guest_with_what_fits() {
    let mut guest = guest();
    let before = guest.store.data().held_bytes();
    assert_eq!(guest.write(1, &[b'a'; 60]), 0);
    let [list, count] = guest.buffers(&[(BUFFER, 30), (BUFFER, 30)]);
    let ended = guest.ended("fd_write", &[1, list, count, RESULT.into()]);
    assert_eq!(ended, Ended::Output { written_bytes: 120 });
    assert_eq!(guest.store.data().stdout(), [b'a'; 100]);
    assert_eq!(guest.store.data().held_bytes(), before + 100, "no more is held than may be written");
}

#[test]
fn exit_ends_the_guest_with_its_status() {
    assert_eq!(guest().ended("proc_exit", &[3]), Ended::Exited { status: 3 });
    assert_eq!(guest().ended("proc_exit", &[0xFFFF_FFFF]), Ended::Exited { status: -1 });
}

#[test]
fn sleeping_moves_the_clock_and_waits_for_nothing() {
    let mut guest = guest();
    let before = [guest.clock(0), guest.clock(1), guest.clock(2)];
    assert!(before[0] >= BEGINNING_NS && before[0] < BEGINNING_NS + 1_000_000);
    let used = guest.store.data().fuel_used(guest.store.get_fuel().expect("fuel is counted"));
    assert!(used / FUEL_PER_NS >= before[2]);
    assert_eq!(guest.sleep(900_000_000).expect("goes on"), 0);
    assert_eq!((guest.u32_at(RESULT), guest.get(BUFFER)), (1, [77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    assert!(guest.clock(1) - before[1] >= 900_000_000);
    assert!(guest.clock(2) - before[2] < 1_000_000, "sleep is no CPU time");
    assert_eq!(guest.store.data().slept_ns(), 900_000_000);
    let error = guest.sleep(u64::MAX).expect_err("ends");
    assert_eq!(error.downcast_ref(), Some(&Ended::Idle { idle_ns: u64::MAX }));
}

#[test]
fn a_poll_with_anything_ready_does_not_sleep() {
    let mut guest = guest();
    // A clock in a second, stdin, a descriptor that is not open, a clock that does not exist.
    let mut list = [0; 4 * 48];
    list[16] = 1;
    list[24..32].copy_from_slice(&1_000_000_000u64.to_le_bytes());
    list[48 + 8] = 1;
    list[96] = 5;
    (list[96 + 8], list[96 + 16]) = (2, 9);
    list[144 + 16] = 9;
    guest.put(BUFFER, &list);
    assert_eq!(guest.call("poll_oneoff", &[BUFFER.into(), BUFFER.into(), 4, RESULT.into()]), 0);
    assert_eq!(guest.u32_at(RESULT), 3);
    assert_eq!(guest.u64_at(BUFFER + 16), 13);
    assert_eq!(guest.get(BUFFER + 32), [5, 0, 0, 0, 0, 0, 0, 0, 8, 0, 2]);
    assert_eq!(guest.get(BUFFER + 64 + 8), [28, 0, 0]);
    assert_eq!(guest.store.data().slept_ns(), 0);
}

#[test]
fn two_guests_see_the_same_host() {
    let mut seen = [guest(), guest()].map(|mut guest| {
        assert_eq!(guest.call("random_get", &[BUFFER.into(), 64]), 0);
        let clocks = [guest.clock(0), guest.clock(1)];
        let fuel = guest.store.get_fuel().expect("fuel is counted");
        (guest.get::<64>(BUFFER), clocks, fuel, guest.store.data().fuel_used(fuel))
    });
    let [first, second] = &mut seen;
    assert_eq!(first, second);
    assert_ne!(first.0, [0; 64]);
}

#[test]
fn without_fuel_the_clock_moves_with_each_reading() {
    let mut guest = guest_with(settings(), false);
    assert_eq!([guest.clock(1), guest.clock(1), guest.clock(0)], [1000, 2000, BEGINNING_NS + 3000]);
}

#[test]
fn host_work_is_charged_and_a_guest_that_cannot_pay_ends() {
    let mut guest = guest_with(Settings { fuel_granted: 100_000, ..settings() }, true);
    let error = guest.try_call("random_get", &[0, 0x8000]).expect_err("ends");
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    let left = guest.store.get_fuel().expect("fuel is counted");
    assert!(left > 99_000, "what is charged stays in the store");
    assert!(guest.store.data().fuel_charged() > 0x8000);
    assert_eq!(guest.store.data().fuel_used(left), 100_000 - left + guest.store.data().fuel_charged());
}

#[test]
fn arguments_environment_and_the_root_are_as_promised() {
    let mut guest = guest();
    assert_eq!(guest.call("args_sizes_get", &[RESULT.into(), i64::from(RESULT) + 4]), 0);
    assert_eq!(guest.u64_at(RESULT), 1 | 12 << 32);
    assert_eq!(guest.call("args_get", &[RESULT.into(), BUFFER.into()]), 0);
    assert_eq!((guest.u32_at(RESULT), guest.get(BUFFER)), (BUFFER, *b"solution.py\0"));
    assert_eq!(guest.call("environ_sizes_get", &[RESULT.into(), i64::from(RESULT) + 4]), 0);
    assert_eq!(guest.u64_at(RESULT), 0);
    assert_eq!(guest.call("fd_prestat_get", &[3, RESULT.into()]), 0);
    assert_eq!(guest.u64_at(RESULT), 1 << 32);
    assert_eq!(guest.call("fd_prestat_dir_name", &[3, BUFFER.into(), 1]), 0);
    assert_eq!(guest.get(BUFFER), *b"/");
    assert_eq!(guest.call("fd_prestat_dir_name", &[3, BUFFER.into(), 0]), 37);
    assert_eq!(guest.call("fd_prestat_get", &[4, RESULT.into()]), 8);
}

#[test]
fn files_are_written_found_and_read_back() {
    let mut guest = guest();
    let fd = guest.open("tmp/a", 1, 0).expect("opened");
    assert_eq!(fd, 4);
    assert_eq!(guest.write(fd, b"hello world"), 0);
    assert_eq!(guest.call("fd_seek", &[fd, -5, 2, RESULT.into()]), 0);
    assert_eq!(guest.u64_at(RESULT), 6);
    assert_eq!(guest.read(fd, 100), b"world");
    assert_eq!(guest.call("fd_seek", &[fd, -12, 1, RESULT.into()]), 28);
    assert_eq!(guest.call("fd_seek", &[fd, i64::MAX, 1, RESULT.into()]), 28);
    assert_eq!(guest.call("fd_seek", &[fd, 0, 3, RESULT.into()]), 28);
    let append = guest.open("tmp/a", 0, 1).expect("opened");
    assert_eq!(guest.write(append, b"!"), 0);
    let [list, count] = guest.buffers(&[(BUFFER, 100)]);
    assert_eq!(guest.call("fd_pread", &[fd, list, count, 4, RESULT.into()]), 0);
    assert_eq!((guest.u32_at(RESULT), guest.get(BUFFER)), (8, *b"o world!"));
    assert_eq!(guest.open("tmp/a", 5, 0), Err(20));
    assert_eq!(guest.open("tmp", 0, 0), Err(31));
    assert_eq!(guest.open("tmp/b", 0, 0), Err(44));
    assert_eq!(guest.open("/etc/passwd", 0, 0), Err(76));
    assert_eq!(guest.open("../../etc/passwd", 0, 0), Err(44));
    let [path, length] = guest.path("tmp/a");
    assert_eq!(guest.call("path_filestat_get", &[3, 0, path, length, BUFFER.into()]), 0);
    assert_eq!((guest.get(BUFFER + 16), guest.u64_at(BUFFER + 32)), ([4], 12));
    assert!(guest.u64_at(BUFFER + 48) > BEGINNING_NS);
    assert_eq!(guest.call("path_unlink_file", &[3, path, length]), 0);
    assert_eq!(guest.call("fd_pread", &[fd, list, count, 0, RESULT.into()]), 0);
    assert_eq!(guest.u32_at(RESULT), 12, "a removed file that is open stays");
}

#[test]
fn streams_are_found_by_their_names() {
    let mut guest = guest();
    let stdin = guest.open("dev/stdin", 0, 0).expect("opened");
    assert_eq!(guest.read(0, 6), b"first\n");
    assert_eq!(guest.read(stdin, 100), b"second\n");
    assert_eq!(guest.write(stdin, b"x"), 8);
    let stdout = guest.open("dev/stdout", 8, 0).expect("opened");
    assert_eq!(guest.write(stdout, b"text"), 0);
    assert_eq!(guest.store.data().stdout(), b"text");
    let null = guest.open("dev/null", 9, 0).expect("opened");
    assert_eq!(guest.write(null, &[b'x'; 4000]), 0);
    assert_eq!(guest.read(null, 100), b"");
    assert_eq!(guest.open("dev/null", 5, 0), Err(20));
    assert_eq!(guest.open("dev/null", 2, 0), Err(54));
    assert_eq!(guest.open("dev/null/a", 1, 0), Err(54));
    assert_eq!(guest.call("fd_close", &[stdout]), 0);
    assert_eq!(guest.write(1, b"!"), 0);
    let [path, length] = guest.path("dev/null");
    assert_eq!(guest.call("path_filestat_get", &[3, 0, path, length, BUFFER.into()]), 0);
    assert_eq!(guest.get(BUFFER + 16), [0]);
}

#[test]
fn a_folder_is_listed_however_small_the_buffer() {
    let mut guest = guest();
    for name in ["a", "a longer name", "c"] {
        let fd = guest.open(name, 1, 0).expect("opened");
        assert_eq!(guest.call("fd_close", &[fd]), 0);
    }
    let mut names = Vec::new();
    let mut cookie = 0;
    for _ in 0..20 {
        assert_eq!(guest.call("fd_readdir", &[3, BUFFER.into(), 40, cookie, RESULT.into()]), 0);
        let used = guest.u32_at(RESULT);
        let mut at = 0;
        while at + 24 <= used {
            let length = guest.u32_at(BUFFER + at + 16);
            if at + 24 + length > used {
                break;
            }
            let name = guest.memory()[(BUFFER + at + 24) as usize..][..length as usize].to_vec();
            names.push(String::from_utf8(name).expect("a name"));
            cookie = i64::try_from(guest.u64_at(BUFFER + at)).expect("small");
            at += 24 + length;
        }
        if used < 40 {
            break;
        }
    }
    assert_eq!(names, [".", "..", "tmp", "dev", "a", "a longer name", "c"]);
    assert_eq!(guest.call("fd_readdir", &[0, BUFFER.into(), 40, 0, RESULT.into()]), 54);
}

#[test]
fn what_is_open_is_bounded_and_what_is_not_there_is_refused() {
    let mut guest = guest();
    for fd in 4..16 {
        assert_eq!(guest.open("a", 1, 0), Ok(fd));
    }
    assert_eq!(guest.open("b", 1, 0), Err(33));
    assert_eq!(guest.call("fd_renumber", &[4, 0]), 0);
    assert_eq!(guest.open("b", 1, 0), Ok(4));
    assert_eq!(guest.call("fd_close", &[99]), 8);
    let [path, length] = guest.path("b");
    assert_eq!(guest.call("path_symlink", &[path, length, 3, path, length]), 58);
    assert_eq!(guest.call("path_link", &[3, 0, path, length, 3, path, length]), 58);
    assert_eq!(guest.call("path_readlink", &[3, path, length, BUFFER.into(), 10, RESULT.into()]), 28);
    assert_eq!(guest.call("sock_shutdown", &[4, 0]), 57);
    assert_eq!(guest.call("sock_accept", &[50, 0, RESULT.into()]), 8);
    assert_eq!(guest.call("proc_raise", &[9]), 58);
}

#[test]
fn a_file_far_longer_than_its_content_takes_no_memory_and_has_an_end() {
    let mut guest = guest();
    let fd = guest.open("a", 1, 0).expect("opened");
    let before = guest.store.data().held_bytes();
    assert_eq!(guest.call("fd_filestat_set_size", &[fd, 100_000]), 0);
    assert_eq!(guest.store.data().held_bytes(), before);
    assert_eq!(guest.call("fd_filestat_set_size", &[fd, 100_001]), 22);
    assert_eq!(guest.call("fd_filestat_set_size", &[fd, i64::MIN]), 22);
    assert_eq!(guest.call("fd_allocate", &[fd, 0, -1]), 22);
    assert_eq!(guest.call("fd_seek", &[fd, i64::MAX, 0, RESULT.into()]), 0);
    assert_eq!(guest.write(fd, b"x"), 22);
    let [list, count] = guest.buffers(&[(BUFFER, 1)]);
    assert_eq!(guest.call("fd_pwrite", &[fd, list, count, -1, RESULT.into()]), 22);
}

#[test]
fn a_guest_without_a_memory_is_told_so() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker, |system: &mut System| system).expect("added");
    let text = r#"(module (import "wasi_snapshot_preview1" "sched_yield" (func $f (result i32))) (func (export "f") (result i32) call $f))"#;
    let module = Module::new(&engine, wat::parse_str(text).expect("a module")).expect("compiled");
    let mut store = Store::new(&engine, System::new(settings()));
    let instance = linker.instantiate(&mut store, &module).expect("linked");
    let function = instance.get_typed_func::<(), i32>(&mut store, "f").expect("a function");
    let error = function.call(&mut store, ()).expect_err("no memory");
    assert!(format!("{error:?}").contains("exports no memory"));
}
