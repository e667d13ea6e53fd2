//! What is said when a run is complete.
//! Not here: the report itself (`verifier::report`).

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};

use trialbox_verifier::Report;

use crate::{livecodebench, pass_at_k};

/// A table for people, or the report itself where stdout is no terminal and no folder was named for it.
/// `more` is said to people alone.
pub(crate) fn print(report: &Report, out: Option<&Path>, more: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    if !stdout.is_terminal() && out.is_none() {
        serde_json::to_writer_pretty(&mut stdout, report)?;
        writeln!(stdout)?;
        return Ok(());
    }
    let mut text = format!("{}: {} problems, {} samples\n", report.dataset, report.problems, report.samples);
    for (verdict, count) in report.verdicts.iter().filter(|(_, count)| **count > 0) {
        text += &format!("  {verdict:<14} {count:>7}\n");
    }
    text += &pass_at_k::table(&report.pass_at_k);
    if let Some(selection) = &report.selection {
        text += &livecodebench::in_words(selection);
    }
    if report.degraded {
        text += "  degraded: a layer of the sandbox was missing (report.json says which)\n";
    }
    text += more;
    // Where stdout is piped it carries data only; the table is for whoever looks on.
    if stdout.is_terminal() {
        stdout.write_all(text.as_bytes())?
    } else {
        io::stderr().write_all(text.as_bytes())?
    }
    Ok(())
}
