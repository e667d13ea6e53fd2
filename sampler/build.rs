//! Under the feature `cuda`, compiles the GPU's kernels (`cuda/fatbin.sh`); without it, does nothing.

use std::env;
use std::path::Path;
use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "the compiler of the GPU's kernels is a program")]
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_CUDA").is_none() {
        return;
    }
    for path in ["cuda/kernels", "cuda/fatbin.sh"] {
        println!("cargo:rerun-if-changed={path}");
    }
    println!("cargo:rerun-if-env-changed=NVCC");
    let out = env::var_os("OUT_DIR").expect("cargo says where to write");
    let status = Command::new("bash").arg("cuda/fatbin.sh").arg(Path::new(&out)).stdout(std::io::stderr()).status();
    let cure = "the feature `cuda` needs nvcc 13: eval \"$(sampler/cuda/toolchain.sh)\" fetches it";
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => panic!("cuda/fatbin.sh: {status}; {cure}"),
        Err(error) => panic!("cuda/fatbin.sh does not start: {error}; {cure}"),
    }
}
