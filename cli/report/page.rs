//! The page: its style, libraries, scripts and the document, put into one file.
//! Not here: what the page does (`report-page/js`).

use serde::Serialize;

use super::samples::Shown;
use crate::compare::document::Document;

const PAGE: &str = include_str!("../../report-page/page.html");
const STYLE: &str = include_str!("../../report-page/page.css");
/// d3 before Plot, which needs it.
const LIBRARIES: [&str; 2] =
    [include_str!("../../report-page/vendor/d3.min.js"), include_str!("../../report-page/vendor/plot.min.js")];
/// In this order: page.js starts it all.
const SCRIPTS: [&str; 15] = [
    include_str!("../../report-page/js/text.js"),
    include_str!("../../report-page/js/data.js"),
    include_str!("../../report-page/js/chart.js"),
    include_str!("../../report-page/js/save.js"),
    include_str!("../../report-page/js/curves.js"),
    include_str!("../../report-page/js/pairs.js"),
    include_str!("../../report-page/js/sets.js"),
    include_str!("../../report-page/js/gap.js"),
    include_str!("../../report-page/js/accuracy.js"),
    include_str!("../../report-page/js/groups.js"),
    include_str!("../../report-page/js/training.js"),
    include_str!("../../report-page/js/table.js"),
    include_str!("../../report-page/js/samples.js"),
    include_str!("../../report-page/js/manifest.js"),
    include_str!("../../report-page/js/page.js"),
];

/// The document, and where its samples are.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    document: &'a Document,
    samples: &'a Shown,
}

/// The whole page.
pub(super) fn page(document: &Document, shown: &Shown) -> anyhow::Result<String> {
    // JSON that cannot end its script element: `<` stands in strings alone, where its escape means the same.
    let data = serde_json::to_string(&Data { document, samples: shown })?.replace('<', "\\u003c");
    // What is put in is not looked through again: the data, which strangers write, comes last.
    let parts = [
        ("/*{{css}}*/", STYLE.to_owned()),
        ("/*{{vendor}}*/", LIBRARIES.join("\n")),
        ("/*{{page}}*/", SCRIPTS.join("\n")),
        ("{{data}}", data),
    ];
    Ok(parts.iter().fold(PAGE.to_owned(), |page, (placeholder, text)| {
        let (before, after) = page.split_once(placeholder).expect("the page has a place for each part");
        [before, text, after].concat()
    }))
}
