//! `trialbox compare --curves`: curves of which only points are published.
//! Not here: what two of them say of each other (`coverage::published`).
//!
//! A file is an object: titles, and under each the models' points as lists of [k, value]; what is no list of points is a
//! remark. `{"HumanEval+": {"base": [[1, 0.80], [2, 0.85]], "rl": [[1, 0.83], [2, 0.84]], "note": "Fig. 4"}}`. The first model,
//! or the one called base, is set beside each other one.

use std::{fs, path::Path};

use anyhow::Context;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use trialbox_coverage::{First, published};

use crate::exit::DataFault;

/// Two curves under one title.
#[derive(Debug, Serialize)]
pub(crate) struct Found {
    title: String,
    a: String,
    b: String,
    /// The first published k at which `a` is above `b`; null: never.
    crossing: Option<u32>,
    smallest_k: u32,
    largest_k: u32,
    /// pass@k of `a` at the largest k that both have less pass@1 of `b`.
    gap: Option<f64>,
}

/// Compares the curves of a file.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Found>> {
    let fault = |what: String| DataFault(format!("{}: {what}", path.display()));
    let text = fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    // In the file's own order.
    let titles: IndexMap<String, IndexMap<String, Value>> =
        serde_json::from_slice(&text).map_err(|error| fault(format!("expected titles with curves: {error}")))?;
    let mut all = Vec::new();
    for (title, models) in &titles {
        let mut curves: Vec<(&String, Vec<(u32, f64)>)> = Vec::new();
        for (name, points) in models.iter().filter(|(_, points)| points.is_array()) {
            curves.push((name, of(points).map_err(|what| fault(format!("{title}, {name}: {what}")))?));
        }
        let base = curves.iter().position(|(name, _)| *name == "base").unwrap_or(0);
        if curves.len() < 2 {
            return Err(fault(format!("{title}: two curves are needed, and there are {}", curves.len())).into());
        }
        let (a, of_a) = curves.remove(base);
        for (b, of_b) in &curves {
            let found =
                published(&of_a, of_b).ok_or_else(|| fault(format!("{title}: {a} and {b} have no k in common")))?;
            let crossing = if let First::At(k) = found.crossing { Some(k) } else { None };
            let (a, b) = (a.clone(), (*b).clone());
            let (smallest_k, largest_k) = (found.smallest_k, found.largest_k);
            all.push(Found { title: title.clone(), a, b, crossing, smallest_k, largest_k, gap: found.gap });
        }
    }
    if all.is_empty() { Err(fault("there is no curve".to_owned()).into()) } else { Ok(all) }
}

/// Points by rising k.
fn of(points: &Value) -> Result<Vec<(u32, f64)>, String> {
    let expected = || "expected points as [k, value], a value from 0 to 1".to_owned();
    let mut all = Vec::new();
    for point in points.as_array().ok_or_else(expected)? {
        let [k, value] = point.as_array().map(Vec::as_slice).ok_or_else(expected)? else { return Err(expected()) };
        // Some tools write all numbers as floats.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is looked at")]
        let k = k.as_f64().filter(|k| k.fract() == 0.0 && (1.0..=1e9).contains(k)).map(|k| k as u32);
        let value = value.as_f64().filter(|value| (0.0..=1.0).contains(value));
        all.push((k.ok_or_else(expected)?, value.ok_or_else(expected)?));
    }
    all.sort_by_key(|(k, _)| *k);
    match all.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(format!("k = {} stands there twice", pair[0].0)),
        None if all.is_empty() => Err(expected()),
        None => Ok(all),
    }
}

/// For people.
pub(crate) fn in_words(all: &[Found]) -> String {
    let mut text = String::new();
    for Found { title, a, b, crossing, smallest_k, largest_k, gap } in all {
        let at = match crossing {
            Some(k) if k == smallest_k => format!("from k = {k}, the first one published"),
            Some(k) => format!("at k = {k}"),
            None => format!("never up to k = {largest_k}"),
        };
        text += &format!("{title}: {a} overtakes {b} {at}");
        if let Some(gap) = gap {
            text += &format!("; sampling efficiency gap, pass@{largest_k} - pass@1: {:+.1} points", gap * 100.0);
        }
        text += "\n";
    }
    text
}
