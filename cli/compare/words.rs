//! What `compare` says to people.
//! Not here: what there is to be said (`document`).

use trialbox_coverage::Ahead;

use super::document::{Document, OfPair};

/// A few values of k are enough to read.
const SHOWN: [u32; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

pub(crate) fn in_words(document: &Document) -> String {
    let mut text = format!("{}: {} problems\n", document.title, document.problems);
    for remark in &document.remarks {
        text += &format!("  note: {remark}\n");
    }
    let width = document.runs.iter().map(|run| run.name.chars().count()).max().unwrap_or(0);
    for run in &document.runs {
        let samples = match run.samples {
            [fewest, most] if fewest == most => fewest.to_string(),
            [fewest, most] => format!("{fewest} to {most}"),
        };
        text += &format!("\n{:width$}  {samples} samples a problem, {} solved\n", run.name, run.solved);
        let ks: Vec<u32> = run.curve.iter().map(|point| point.k).collect();
        for point in run.curve.iter().filter(|point| is_shown(point.k, &ks)) {
            let (at, value) = (format!("pass@{}", point.k), percent(point.value));
            text += &format!("  {at:<9} {value:>6} %   {}\n", between(point.problems));
        }
    }
    for pair in &document.pairs {
        text += &of_pair(pair);
    }
    text
}

fn of_pair(pair: &OfPair) -> String {
    let OfPair { a, b, difference, crossing, crossing_of_b, sets, gap, .. } = pair;
    let mut text = format!("\n{a} - {b}, in points\n");
    let ks: Vec<u32> = difference.iter().map(|it| it.k).collect();
    for it in difference.iter().filter(|it| is_shown(it.k, &ks)) {
        let ahead = match it.ahead {
            Some(Ahead::A) => a.as_str(),
            Some(Ahead::B) => b,
            None => "noise",
        };
        let at = format!("pass@{}", it.k);
        text += &format!("  {at:<9} {:>+6.1}     {}  {ahead}\n", it.value * 100.0, between(it.problems));
    }
    text += &format!("  {a} overtakes {b} {}\n", crossing.text);
    if crossing.from_the_start {
        text += &format!("  {b} overtakes {a} {}\n", crossing_of_b.text);
    }
    text += &format!("  solved by both {}, by neither {}\n", sets.both.len(), sets.neither.len());
    for (name, other, whose) in [(a, b, Ahead::A), (b, a, Ahead::B)] {
        let only = pair.only(whose);
        text += &format!("  only by {name} {}", only.len());
        let names: Vec<String> = only
            .iter()
            .take(8)
            .map(|it| {
                let chance = it.chance.iter().find(|(rate, _)| *rate >= 0.01).map_or(0.0, |(_, chance)| *chance);
                format!("{} ({:.0} %)", it.task_id, chance * 100.0)
            })
            .collect();
        if !names.is_empty() {
            let more = if only.len() > names.len() { ", ..." } else { "" };
            text +=
                &format!(": {}{more}; in brackets, how likely {other} solves 1 in 100 all the same", names.join(", "));
        }
        text += "\n";
    }
    text + &format!(
        "  sampling efficiency gap, pass@{} of {a} - pass@1 of {b}: {:+.1} points {}\n",
        gap.k,
        gap.value * 100.0,
        between(gap.interval)
    )
}

/// Few are shown, but all of those that somebody asked for.
fn is_shown(k: u32, all: &[u32]) -> bool {
    all.len() <= SHOWN.len() || SHOWN.contains(&k) || all.last() == Some(&k)
}

fn percent(value: f64) -> String {
    format!("{:.1}", value * 100.0)
}

fn between([low, high]: [f64; 2]) -> String {
    format!("[{}, {}]", percent(low), percent(high))
}
