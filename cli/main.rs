//! The `trialbox` command: arguments in, verbs called, one exit code out.
//! Not here: what a verb does (one file each), anything that judges or runs programs (the libraries).

mod args;
mod attempt;
mod both_readings;
mod cache;
mod catalogue;
mod check;
mod compare;
mod completions;
mod costs;
mod datasets;
mod doctor;
mod eval;
mod evaluation;
mod exit;
mod export;
mod extraction;
mod facts;
mod front;
mod host;
mod impostors;
mod inputs;
mod journal;
mod judged;
mod lines;
mod livecodebench;
mod locked_folder;
mod manifest;
mod meanwhile;
mod origin;
mod output;
mod pass_at_k;
mod perplexity;
mod profile;
mod progress;
mod prompts;
mod replay;
mod report;
mod roster;
mod run;
mod run_folder;
mod sample;
mod serve;
mod summary;
mod toy;
mod verify;

use std::{io, process::ExitCode};

use clap::Parser;

use crate::{
    args::{Arguments, CacheVerb, DatasetsVerb, ProfileVerb, Verb},
    exit::Exit,
};

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TRIALBOX_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false).init();
    trialbox_runner::give_back_freed_memory();
    let result = match Arguments::parse().verb {
        Verb::Eval(arguments) => eval::run(&arguments),
        Verb::Sample(arguments) => sample::run(&arguments),
        Verb::Run(arguments) => run::run(&arguments),
        Verb::Verify(arguments) => verify::run(&arguments),
        Verb::Serve(arguments) => serve::run(&arguments),
        Verb::Compare(arguments) => compare::run(&arguments),
        Verb::Report(arguments) => report::run(&arguments),
        Verb::Export(arguments) => export::run(&arguments),
        Verb::Replay(arguments) => replay::run(&arguments),
        Verb::PassAtK(arguments) => pass_at_k::run(&arguments),
        Verb::Cache { verb: CacheVerb::Stats(arguments) } => cache::stats(&arguments),
        Verb::Cache { verb: CacheVerb::Verify(arguments) } => cache::verify(&arguments),
        Verb::Cache { verb: CacheVerb::Gc(arguments) } => cache::collect(&arguments),
        Verb::Doctor(arguments) => doctor::run(&arguments),
        Verb::Datasets { verb: None } => datasets::list(),
        Verb::Datasets { verb: Some(DatasetsVerb::Check(arguments)) } => check::run(&arguments),
        Verb::Datasets { verb: Some(DatasetsVerb::Toy(arguments)) } => toy::print(&arguments),
        Verb::Profile { verb: ProfileVerb::Explain(arguments) } => profile::explain(&arguments),
    };
    let exit = result.unwrap_or_else(|error| {
        let exit = Exit::of(&error);
        if !exit::is_broken_pipe(&error) {
            eprintln!("trialbox: {}", exit::describe(&error));
        }
        exit
    });
    exit.into()
}
