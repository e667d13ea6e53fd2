//! Compiles the C parts of the warm parents, which the library embeds: a shared object for Python's, a static program for
//! the one that starts compiled programs and shells. Puts the Python parts of the driver together, in the order of parts.txt.
//! Not here: anything that depends on the host's Python; the object declares the CPython functions it needs itself.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What drives a program inside a sandbox, whichever sandbox it is.
const DRIVER: &str = "src/driver";
/// The warm parents.
const PARENTS: &str = "src/native/zygote";
/// What a shell's programs are given.
const SHELL: &str = "src/native/shell";
/// What each warm parent needs.
const COMMON: [(&str, &str); 3] = [(DRIVER, "records.c"), (PARENTS, "parent.c"), (PARENTS, "self_test.c")];

fn main() {
    println!("cargo::rerun-if-changed={DRIVER}");
    println!("cargo::rerun-if-changed={PARENTS}");
    println!("cargo::rerun-if-changed={SHELL}");
    let output = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(output.join("driver.py"), driver_parts()).expect("the output folder can be written");
    let shared = ["-shared", "-fPIC", "-fvisibility=hidden"];
    let python = ["allocators.c", "pages.c", "zygote.c"].map(|name| (PARENTS, name));
    let python = [&COMMON, [(DRIVER, "encode.c"), (DRIVER, "driver.c")].as_slice(), &python].concat();
    assert!(compile(&shared, &python, &output.join("zygote.so")), "zygote.c does not compile");
    assert!(compile(&shared, &[(SHELL, "files.c")], &output.join("files.so")), "files.c does not compile");
    // It stands alone in its sandbox, where there is no library. Python needs none of it: where the C library has no
    // static form, C++ cannot be judged, and trialbox says so when it is asked to.
    let launcher = output.join("launcher");
    if !compile(&["-static"], &[COMMON.as_slice(), &[(PARENTS, "launcher.c")]].concat(), &launcher) {
        println!("cargo::warning=no static C library: this build will not judge C++, nor run bash");
        fs::write(&launcher, b"").expect("the output folder can be written");
    }
}

/// The Python parts, one after the other: they are one module.
fn driver_parts() -> String {
    let read = |name: &str| {
        let path = Path::new(DRIVER).join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    read("parts.txt").lines().map(read).collect()
}

/// The optimisation is fixed: the same code runs in the sandbox in every build profile.
fn compile(options: &[&str], sources: &[(&str, &str)], to: &Path) -> bool {
    let compiler = cc::Build::new().opt_level(2).debug(false).pic(true).get_compiler();
    let mut command: Command = compiler.to_command();
    command.args(options).args(["-O2", "-Wall", "-Wextra", "-Werror", "-s", "-I", DRIVER, "-o"]).arg(to);
    let sources = sources.iter().map(|(folder, name)| Path::new(folder).join(name));
    command.args(sources).status().expect("a C compiler can be started").success()
}
