//! Coverage: from how many samples of each problem passed to pass@k curves, what sets two models apart, and how sure that is.
//! Not here: who decides that a sample passed (`verifier`), files and words (the command).
//! In: [`Counts`] by problem. Out: figures; the same input gives the same output to the last bit.
//!
//! pass@k, differences and crossings have two intervals of 95 %. Over *samples*: these very problems, other samples of them; what another run of the
//! same experiment would give. Over *problems*: other problems of the same kind as well; what may be said of the kind.

mod counts;
mod crossing;
mod curve;
mod difference;
mod extrapolation;
mod histogram;
mod passk;
mod published;
mod rates;
mod sets;
#[cfg(test)]
mod synthetic;

pub use counts::Counts;
pub use counts::Pair;
pub use counts::Problems;
pub use crossing::Crossing;
pub use crossing::First;
pub use crossing::crossing;
pub use curve::Point;
pub use curve::curve;
pub use curve::usual_ks;
pub use difference::Ahead;
pub use difference::Difference;
pub use difference::differences;
pub use difference::gap;
pub use extrapolation::Extrapolation;
pub use extrapolation::Unfit;
pub use extrapolation::extrapolate;
pub use histogram::Bin;
pub use histogram::histogram;
pub use passk::Estimate;
pub use passk::mean_with_interval;
pub use passk::pass_at_k;
pub use published::Published;
pub use published::published;
pub use sets::OnlyOne;
pub use sets::Sets;
pub use sets::sets;
