//! Tests against published files that the repository does not hold: benchmarks, samples and the corpus of attacks.
//! Not here: the files, and tests that need none (beside the code).
//! In: the shared folder, where there is one. Out: passed, or skipped with a reason on stderr.

mod evalplus;
mod livecodebench;
mod rows;
mod shared;
mod training;
