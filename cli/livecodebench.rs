//! LiveCodeBench for a run: which problems count, and why others do not.
//! Not here: reading rows and telling which are wanted (`datasets::livecodebench`).

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Display,
    path::PathBuf,
};

use trialbox_datasets::{
    Dataset, DatasetError,
    livecodebench::{NAME, Read, Row, erratum, load as load_rows},
};
use trialbox_verifier::{Excluded, Selection, Semantics};

use crate::{
    args::SelectionArguments,
    exit::DataFault,
    inputs::{Entry, Problems, skip},
};

/// Loads the problems that were asked for. Each is unpacked once, so that bad ones are refused before anything is run,
/// and packed again until its first sample is judged. Those excluded for known errors are not looked into.
pub(crate) fn load(
    data: &[PathBuf],
    selected: &SelectionArguments,
    skip_bad_rows: bool,
    semantics: Semantics,
) -> anyhow::Result<Problems> {
    if data.is_empty() {
        let rows = Dataset::LiveCodeBench.rows().unwrap_or_default();
        return Err(DatasetError::NeedsFile { name: NAME, rows }.into());
    }
    let asked = selected.selection();
    let errata_are_excluded = semantics == Semantics::Real && !selected.with_errata;
    let mut selection = Selection { asked: in_options(selected), errata_are_excluded, ..Selection::default() };
    let mut rows = load_rows(data, asked.clone())?;
    // By name in Python's order of strings, which is lcb_runner's order of problems.
    let mut wanted: BTreeMap<String, Option<Row>> = BTreeMap::new();
    let (mut left_out, mut skipped_rows) = (HashSet::new(), 0);
    while let Some(row) = rows.next() {
        let (task_id, row) = match row {
            Ok(Read::Wanted(row)) => (row.task_id().to_owned(), row),
            Ok(Read::LeftOut(task_id)) => {
                selection.problems_left_out += u64::from(left_out.insert(task_id));
                continue;
            }
            Err(error) => {
                skip(error, skip_bad_rows, &mut skipped_rows)?;
                continue;
            }
        };
        let erratum = excluded(&task_id).filter(|_| errata_are_excluded);
        let row = match erratum.is_none().then(|| row.problem()) {
            None => None,
            Some(Ok(_)) => Some(*row),
            Some(Err(kind)) => {
                skip(rows.error(kind), skip_bad_rows, &mut skipped_rows)?;
                None
            }
        };
        if row.is_none() {
            left_out.insert(task_id.clone());
        }
        selection.excluded.extend(erratum);
        if wanted.insert(task_id.clone(), row).is_some() {
            return Err(DataFault(format!("the dataset has two problems called {task_id}")).into());
        }
    }
    let releases = asked.releases.filter(|_| selected.is_of_releases_alone());
    if let Some(releases) = releases.filter(|releases| releases.problem_count() != wanted.len()) {
        eprintln!("trialbox: {releases} has {} problems, these files have {}", releases.problem_count(), wanted.len());
    }
    let order = wanted.keys().cloned().collect();
    let packed = wanted.into_iter().filter_map(|(task_id, row)| Some((task_id, Entry::from(row?))));
    let entries: BTreeMap<String, Entry> = packed.collect();
    if entries.is_empty() {
        return Err(DataFault(format!("{NAME}: the files hold no problem that is asked for")).into());
    }
    selection.excluded.sort_by(|one, other| one.task_id.cmp(&other.task_id));
    let hash = rows.content_hash().unwrap_or_default();
    Ok(Problems { entries, hash, skipped_rows, selection: Some(selection), left_out, order })
}

fn excluded(task_id: &str) -> Option<Excluded> {
    let erratum = erratum(task_id)?.clone();
    Some(Excluded { task_id: task_id.to_owned(), title: erratum.title, kind: erratum.kind, reason: erratum.reason })
}

/// What was asked for, as it would be written on the command line.
fn in_options(arguments: &SelectionArguments) -> BTreeMap<&'static str, String> {
    let asked = arguments.selection();
    let words = |words: &[&dyn Display]| words.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let difficulties: Vec<&dyn Display> = asked.difficulties.iter().map(|it| it as &dyn Display).collect();
    let platforms: Vec<&dyn Display> = asked.platforms.iter().map(|it| it as &dyn Display).collect();
    let options = [
        ("release", asked.releases.map(|it| it.to_string())),
        ("from", asked.from.map(|it| it.to_string())),
        ("to", asked.to.map(|it| it.to_string())),
        ("difficulty", (!difficulties.is_empty()).then(|| words(&difficulties))),
        ("platform", (!platforms.is_empty()).then(|| words(&platforms))),
        ("with_errata", arguments.with_errata.then(|| "true".to_owned())),
    ];
    options.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// What was left out, for people.
pub(crate) fn in_words(selection: &Selection) -> String {
    if selection.excluded.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = selection.excluded.iter().map(|problem| problem.task_id.as_str()).collect();
    format!("  excluded for known errors ({}; --with-errata keeps them): {}\n", names.len(), names.join(" "))
}
