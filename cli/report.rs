//! `trialbox report`: what `compare` says as files that people and programs read.
//! Not here: what it says (`compare::document`), the page's own code (`report-page`).
//!
//! The same runs give the same files, byte for byte.

mod page;
mod samples;
mod tables;

use std::{fs, path::Path};

use anyhow::Context;

use crate::{
    args::{BesideArguments, ReportArguments},
    compare::{self, document::Document, runs},
    exit::Exit,
    output::{write_json, write_whole},
    run_folder::VERDICTS,
};

/// Where the report of a run stands in its folder.
const IN_RUN: &str = "report";

pub(crate) fn run(arguments: &ReportArguments) -> anyhow::Result<Exit> {
    write(&arguments.beside, &arguments.samples, &arguments.out)?;
    Ok(Exit::Done)
}

/// Writes the report of a run that has ended into its folder; of one that was read in two ways there is none.
pub(crate) fn of_run(folder: &Path) -> anyhow::Result<()> {
    if !folder.join(VERDICTS).exists() {
        return Ok(());
    }
    // What is doubtful about it is said on the page: the run is over, and refusing would show nothing.
    let beside = BesideArguments { runs: vec![folder.display().to_string()], k: Vec::new(), force: true, title: None };
    write(&beside, &[], &folder.join(IN_RUN))
}

fn write(beside: &BesideArguments, texts: &[String], out: &Path) -> anyhow::Result<()> {
    let runs = runs::read(&beside.runs)?;
    let (document, runs) = compare::document(runs, beside)?;
    fs::create_dir_all(out).with_context(|| format!("failed to make the folder {}", out.display()))?;
    let shown = samples::write(out, &runs, &document, texts)?;
    write_whole(out, "report.html", page::page(&document, &shown)?.as_bytes())?;
    write_whole(out, "report.md", tables::markdown(&document).as_bytes())?;
    write_json(out, "compare.json", &document)?;
    tables::write(out, &document)?;
    eprintln!("trialbox: {}", said(out, &document));
    Ok(())
}

fn said(out: &Path, document: &Document) -> String {
    let remarks: String = document.remarks.iter().map(|remark| format!("; {remark}")).collect();
    format!("{} is written{remarks}", out.join("report.html").display())
}
