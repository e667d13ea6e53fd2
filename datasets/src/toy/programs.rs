//! Programs for a composition, in several styles. They follow the line `def f(x):`.
//! Not here: the Python of each part (`parts`).
//! In: a composition. Out: Python.

use serde::Serialize;

use super::composition::Composition;
use super::composition::Slot;
use super::draws::Draws;
use super::parts::FILTERS;

/// The same function in four styles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Programs {
    /// One line with a comprehension.
    pub comprehension: String,
    /// The comprehension has a name.
    pub two_lines: String,
    /// With `map` and `filter`.
    pub map_filter: String,
    /// With a loop.
    #[serde(rename = "loop")]
    pub loop_: String,
}

impl Programs {
    pub(super) fn of(composition: &Composition) -> Self {
        let [source, map, reduce] = [Slot::Source, Slot::Map, Slot::Reduce].map(|slot| composition.part(slot).code);
        let filters: Vec<&str> = composition.filters.iter().map(|place| FILTERS[*place].part.code).collect();
        let filter = filters.join(" and ");
        let returned = |values: &str| reduce.replace("{}", values);
        let list = format!("[{map} for v in {source} if {filter}]");
        let chain = format!("list(map(lambda v: {map}, filter(lambda v: {filter}, {source})))");
        Self {
            comprehension: format!("    return {}\n", returned(&list)),
            two_lines: format!("    r = {list}\n    return {}\n", returned("r")),
            map_filter: format!("    return {}\n", returned(&chain)),
            loop_: format!(
                "    r = []\n    for v in {source}:\n        if {filter}:\n            r.append({map})\n    return {}\n",
                returned("r")
            ),
        }
    }

    /// One of them, drawn.
    pub(super) fn into_any(self, draws: &mut Draws) -> String {
        let Self { comprehension, two_lines, map_filter, loop_ } = self;
        let mut all = [comprehension, two_lines, map_filter, loop_];
        std::mem::take(&mut all[draws.place(4)])
    }
}
