//! Compiles the C part of the warm parent into a shared object that the library embeds.
//! Not here: anything that depends on the host's Python; the object declares the CPython functions it needs itself.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

const FOLDER: &str = "src/native/zygote";

fn main() {
    println!("cargo::rerun-if-changed={FOLDER}");
    let sources = ["zygote.c", "self_test.c"].map(|name| Path::new(FOLDER).join(name));
    let object = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("zygote.so");
    // The optimisation is fixed: the same code runs in the sandbox in every build profile.
    let compiler = cc::Build::new().opt_level(2).debug(false).pic(true).get_compiler();
    let mut command: Command = compiler.to_command();
    command.args(["-shared", "-fPIC", "-O2", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror", "-s", "-o"]);
    let status = command.arg(&object).args(&sources).status().expect("a C compiler can be started");
    assert!(status.success(), "compiling {sources:?} failed: {status}");
}
