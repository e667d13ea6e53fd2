//! `trialbox profile explain`: a sandbox policy in words.
//! Not here: the words (`sandbox_profiles::explain`).

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use trialbox_sandbox_profiles::{Profile, explain as in_words, shipped};

use crate::{
    args::ExplainArguments,
    exit::{DataFault, Exit, UsageFault},
};

pub(crate) fn explain(arguments: &ExplainArguments) -> anyhow::Result<Exit> {
    let profile = find(&arguments.profile)?;
    io::stdout().lock().write_all(in_words(&profile).as_bytes())?;
    Ok(Exit::Done)
}

/// A shipped profile by its name, or whatever looks like a file.
fn find(name: &Path) -> anyhow::Result<Profile> {
    if let Some(known) = shipped().into_iter().find(|profile| Path::new(&profile.name) == name) {
        return Ok(known);
    }
    let is_file = name.extension().is_some_and(|extension| extension == "toml") || name.components().count() > 1;
    let shown = name.display();
    if !is_file {
        let fault = format!(
            "unknown profile `{shown}`: python, cpp, cpp-compile and bash are known, and so is any path that ends in .toml"
        );
        return Err(UsageFault(fault).into());
    }
    let text = fs::read_to_string(name).map_err(|error| DataFault(format!("{shown}: cannot be read: {error}")))?;
    Ok(Profile::parse(&shown.to_string(), &text)?)
}
