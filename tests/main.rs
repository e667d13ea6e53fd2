//! Tests of the whole: the built `trialbox` binary, from the arguments to the last byte it leaves behind.
//! Not here: tests of single crates (beside their code).
//! In: the binary, and the shared folder of published data where there is one. Out: passed, or skipped with a reason.

mod architecture;
mod cli_bad_input;
mod cli_cache;
mod cli_compare;
mod cli_cpp;
mod cli_eval;
mod cli_profile;
mod cli_report;
mod cli_resume;
mod cli_sample;
mod cli_toy;
mod cli_verify;
mod endurance;
mod evalplus;
mod fixtures;
mod lcb_runner;
mod livecodebench;
mod processes;
mod serve;
mod support;
mod wasi;
