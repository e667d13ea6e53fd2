//! A report as tables: Markdown for people, CSV and Parquet for programs.
//! Not here: the page (`page`).

use std::path::Path;

use trialbox_datasets::parquet_table::{self, Column};

use crate::{
    compare::{document::Document, words::in_words},
    output::write_whole,
};

/// For where no page can be shown.
pub(super) fn markdown(document: &Document) -> String {
    let mut text = format!("# {}\n\n", escaped(&document.title));
    for remark in &document.remarks {
        text += &format!("- {}\n", escaped(remark));
    }
    let names: Vec<String> = document.runs.iter().map(|run| escaped(&run.name)).collect();
    text += &format!("\n## pass@k, in %, with 95 % intervals over problems\n\n| k | {} |\n", names.join(" | "));
    text += &format!("|---|{}\n", "---|".repeat(names.len()));
    let mut ks: Vec<u32> = document.runs.iter().flat_map(|run| &run.curve).map(|point| point.k).collect();
    ks.sort_unstable();
    ks.dedup();
    for k in ks {
        let of_run = |curve: &[trialbox_coverage::Point]| {
            curve.iter().find(|point| point.k == k).map_or_else(String::new, |point| {
                let [low, high] = point.problems.map(|bound| bound * 100.0);
                format!("{:.1} [{low:.1}, {high:.1}]", point.value * 100.0)
            })
        };
        let figures: Vec<String> = document.runs.iter().map(|run| of_run(&run.curve)).collect();
        text += &format!("| {k} | {} |\n", figures.join(" | "));
    }
    text + "\n## In words\n\n```\n" + &in_words(document).replace("```", "` ` `") + "```\n"
}

/// What Markdown would take for its own.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if "\\`*_{}[]<>()#+!|~&$".contains(character) {
            safe.push('\\');
        }
        safe.push(if character.is_control() { ' ' } else { character });
    }
    safe
}

/// curves.csv and problems.csv, and problems.parquet.
pub(super) fn write(out: &Path, document: &Document) -> anyhow::Result<()> {
    let mut curves = csv(&["run", "k", "pass_at_k", "problems_low", "problems_high", "samples_low", "samples_high"]);
    for run in &document.runs {
        for point in &run.curve {
            let figures = [point.value, point.problems[0], point.problems[1], point.samples[0], point.samples[1]];
            let figures = figures.map(|figure| figure.to_string());
            let k = point.k.to_string();
            curves += &csv(&[&[run.name.as_str(), k.as_str()], &figures.each_ref().map(String::as_str)[..]].concat());
        }
    }
    write_whole(out, "curves.csv", curves.as_bytes())?;
    let names = ["task_id", "run", "difficulty", "platform", "month", "samples", "passed"];
    let mut problems = csv(&names);
    let (mut texts, mut counts) = (vec![Vec::new(); 5], vec![Vec::new(); 2]);
    for row in &document.table {
        for (run, (passed, samples)) in document.runs.iter().zip(&row.passed) {
            let facts = [&row.difficulty, &row.platform, &row.month].map(Clone::clone);
            let [difficulty, platform, month] = facts;
            let words = [Some(row.task_id.clone()), Some(run.name.clone()), difficulty, platform, month];
            let numbers = [samples.to_string(), passed.to_string()];
            let cells: Vec<&str> = words.iter().map(|word| word.as_deref().unwrap_or("")).collect();
            problems += &csv(&[&cells[..], &numbers.each_ref().map(String::as_str)].concat());
            texts.iter_mut().zip(words).for_each(|(column, word)| column.push(word));
            counts[0].push(i64::from(*samples));
            counts[1].push(i64::from(*passed));
        }
    }
    write_whole(out, "problems.csv", problems.as_bytes())?;
    let columns = texts.into_iter().map(Column::Text).chain(counts.into_iter().map(Column::Count));
    let columns: Vec<(&str, Column)> = names.into_iter().zip(columns).collect();
    write_whole(out, "problems.parquet", &parquet_table::bytes(&columns)?)
}

/// A line, quoted where it has to be (RFC 4180). A cell that a spreadsheet would compute begins with a quote.
fn csv(cells: &[&str]) -> String {
    let cell = |cell: &&str| {
        let safe =
            if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { (*cell).to_owned() };
        let is_plain = !safe.contains(['"', ',', '\n', '\r']);
        if is_plain { safe } else { format!("\"{}\"", safe.replace('"', "\"\"")) }
    };
    cells.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_computed() {
        assert_eq!(csv(&["a", "b,c", "say \"x\"", "=1+1"]), "a,\"b,c\",\"say \"\"x\"\"\",'=1+1\r\n");
    }

    #[test]
    fn markdown_takes_no_name_for_markup() {
        assert_eq!(escaped("a|b <script> [x](y)\n"), "a\\|b \\<script\\> \\[x\\]\\(y\\) ");
    }
}
