//! `trialbox doctor`: what this host can enforce, and what is missing and why.

use std::io::{self, Write};

use trialbox_runner::{Enforcement, Host, HostError, Interpreter, Layer};

use crate::{args::HostArguments, exit::Exit};

pub(crate) fn run(arguments: &HostArguments) -> anyhow::Result<Exit> {
    let interpreter = Interpreter::probe(&arguments.python).map_err(HostError::from)?;
    let mut out = io::stdout().lock();
    writeln!(out, "interpreter  {} ({})", interpreter.executable.display(), interpreter.version)?;
    let profile = trialbox_sandbox_profiles::python();
    match Host::start(interpreter.clone(), profile.clone(), false) {
        Ok(host) => {
            print(&mut out, host.enforcement())?;
            let is_full = host.enforcement().layers().iter().all(|(_, layer)| layer.missing().is_none());
            let how =
                if is_full { "every layer is in force" } else { "fit: what is missing is held by the layers in force" };
            let host = host.with_compiler(&arguments.cxx);
            match host.toolchain() {
                Ok(toolchain) => {
                    writeln!(out, "c++          {}: compiles and runs in its sandboxes", toolchain.version)?
                }
                Err(why) => writeln!(out, "c++          cannot be judged: {why}")?,
            }
            writeln!(out, "verdict      {how}; the self-test found no way round the profile `{}`", profile.name)?;
            Ok(Exit::Done)
        }
        Err(HostError::CannotEnforce(why)) => {
            let host = Host::start(interpreter, profile, true)?;
            print(&mut out, host.enforcement())?;
            writeln!(out, "verdict      refused: {why}")?;
            Ok(Exit::Host)
        }
        Err(other) => Err(other.into()),
    }
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
