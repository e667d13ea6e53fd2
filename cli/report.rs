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
    args::ReportArguments,
    compare::{self, document::Document, runs},
    exit::Exit,
    output::{write_json, write_whole},
};

pub(crate) fn run(arguments: &ReportArguments) -> anyhow::Result<Exit> {
    let runs = runs::read(&arguments.beside.runs)?;
    let (document, runs) = compare::document(runs, &arguments.beside)?;
    let out = arguments.out.as_path();
    fs::create_dir_all(out).with_context(|| format!("failed to make the folder {}", out.display()))?;
    let shown = samples::write(out, &runs, &document, &arguments.samples)?;
    write_whole(out, "report.html", page::page(&document, &shown)?.as_bytes())?;
    write_whole(out, "report.md", tables::markdown(&document).as_bytes())?;
    write_json(out, "compare.json", &document)?;
    tables::write(out, &document)?;
    eprintln!("trialbox: {}", said(out, &document));
    Ok(Exit::Done)
}

fn said(out: &Path, document: &Document) -> String {
    let remarks: String = document.remarks.iter().map(|remark| format!("; {remark}")).collect();
    format!("{} is written{remarks}", out.join("report.html").display())
}
