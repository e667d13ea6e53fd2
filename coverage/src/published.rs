//! Curves of which only points are known: those of a paper, or of another tool.
//! Not here: curves from counts (`curve`). There are no intervals without counts of problems.

use serde::Serialize;

use crate::First;

/// What two published curves say of each other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Published {
    /// The first published k at which the first one is above the second.
    pub crossing: First,
    /// The smallest k that both have: a crossing there is none, the first one is ahead from the start of what is published.
    pub smallest_k: u32,
    /// The largest one.
    pub largest_k: u32,
    /// The first one's pass@k there less the second one's pass@1; `None` where that is not published.
    pub gap: Option<f64>,
}

/// Compares two curves at the values of k that both have; `None` where there is none. Points are (k, value), by rising k.
#[must_use]
pub fn published(a: &[(u32, f64)], b: &[(u32, f64)]) -> Option<Published> {
    let of_b = |k: u32| b.iter().find(|(other, _)| *other == k).map(|(_, value)| *value);
    let shared: Vec<(u32, f64, f64)> = a.iter().filter_map(|(k, value)| Some((*k, *value, of_b(*k)?))).collect();
    let (largest_k, last, _) = *shared.last()?;
    let first = shared.iter().find(|(_, of_a, of_b)| of_a > of_b);
    Some(Published {
        crossing: first.map_or(First::Never, |(k, ..)| First::At(*k)),
        smallest_k: shared[0].0,
        largest_k,
        gap: of_b(1).map(|of_b| last - of_b),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_compared_where_both_have_points() {
        let a = [(1, 0.2), (2, 0.3), (4, 0.5), (8, 0.6)];
        let b = [(1, 0.3), (4, 0.45), (8, 0.5), (16, 0.6)];
        let found = published(&a, &b).expect("shared points");
        assert_eq!((found.crossing, found.largest_k), (First::At(4), 8));
        assert!((found.gap.expect("pass@1") - 0.3).abs() < 1e-12);
        assert_eq!(published(&b, &a).expect("shared points").crossing, First::At(1));
        assert_eq!(published(&a[..1], &b[1..]), None);
    }
}
