//! `trialbox doctor`: what this host can enforce, and what is missing and why.

use std::{
    io::{self, Write},
    path::Path,
};

use trialbox_runner::{Enforcement, Host, HostError, Layer};

use crate::{
    args::{BackendName, HostArguments},
    exit::Exit,
    host,
};

pub(crate) fn run(arguments: &HostArguments) -> anyhow::Result<Exit> {
    let mut out = io::stdout().lock();
    match host::backend(arguments)? {
        BackendName::Native => look_at_native(&mut out, arguments),
        BackendName::Wasi => look_at_wasi(&mut out),
        BackendName::Auto => match look_at_native(&mut out, arguments) {
            Ok(Exit::Done) => Ok(Exit::Done),
            Ok(_) => look_at_wasi(&mut out),
            Err(why) => {
                writeln!(out, "native       {why:#}")?;
                look_at_wasi(&mut out)
            }
        },
    }
}

fn look_at_wasi(out: &mut impl Write) -> anyhow::Result<Exit> {
    let host = host::wasi(host::user_cache().as_deref())?;
    writeln!(out, "interpreter  {} in the wasi guest", host.python_version())?;
    print(out, host.enforcement())?;
    writeln!(out, "verdict      programs run in the wasi guest; every layer is in force")?;
    Ok(Exit::Done)
}

fn look_at_native(out: &mut impl Write, arguments: &HostArguments) -> anyhow::Result<Exit> {
    match host::native_host(arguments, false) {
        Ok(host) => {
            native(out, &host)?;
            Ok(Exit::Done)
        }
        Err(HostError::CannotEnforce(why)) => {
            print(out, host::native_host(arguments, true)?.enforcement())?;
            writeln!(out, "verdict      refused: {why}; `--backend wasi` needs none of it")?;
            Ok(Exit::Host)
        }
        Err(other) => Err(other.into()),
    }
}

fn native(out: &mut impl Write, host: &Host) -> io::Result<()> {
    let executable = host.executable().unwrap_or(Path::new("?"));
    writeln!(out, "interpreter  {} ({})", executable.display(), host.python_version())?;
    print(out, host.enforcement())?;
    let is_full = host.enforcement().layers().iter().all(|(_, layer)| layer.missing().is_none());
    let how = if is_full { "every layer is in force" } else { "fit: what is missing is held by the layers in force" };
    match host.toolchain() {
        Ok(toolchain) => writeln!(out, "c++          {}: compiles and runs in its sandboxes", toolchain.version)?,
        Err(why) => writeln!(out, "c++          cannot be judged: {why}")?,
    }
    let profile = trialbox_sandbox_profiles::python();
    writeln!(out, "verdict      {how}; the self-test found no way round the profile `{}`", profile.name)
}

fn print(out: &mut impl Write, enforcement: &Enforcement) -> io::Result<()> {
    for (name, layer) in enforcement.layers() {
        match layer {
            Layer::Full { by } => writeln!(out, "{name:<12} full     {by}")?,
            Layer::Partial { by, missing } => writeln!(out, "{name:<12} partial  {by}; missing: {missing}")?,
            Layer::None { missing } => writeln!(out, "{name:<12} none     {missing}")?,
        }
    }
    Ok(())
}
