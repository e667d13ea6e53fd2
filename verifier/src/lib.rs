//! Verifies candidates: candidate x problem in, verdicts and reports out.
//! Not here: the sandbox (`runner`), reading rows (`datasets`), files and terminals (`cli`).
//! Everything but `reference`, `compiled`, `store`, `verify`, `known` and `pool` is pure.

pub mod codec;
pub mod compare;
pub mod extract;
pub mod form;
pub mod oracle;
pub mod text;

mod asserts;
mod compiled;
mod content;
mod ending;
mod judge;
mod known;
mod lcb_runner;
mod near;
mod plan;
mod pool;
mod reference;
mod report;
mod repr;
mod room;
mod schedule;
mod store;
mod syntax;
mod verdict;
mod verify;

pub use compiled::standard_of;
pub use judge::{Failure, Finding, judge};
pub use known::{Candidate, Known, Sources, judge_name};
pub use near::Near;
pub use plan::{Allowance, Plan, Semantics};
pub use pool::{for_each, for_each_in_order};
pub use reference::ReferenceError;
pub use report::{Circumstances, Counts, Estimated, Excluded, Manifest, Report, Selection, Tally};
pub use room::Room;
pub use schedule::by_problem;
pub use store::{Key as StoreKey, Record, Stats as StoreStats, Store, StoreError};
pub use verdict::{Counter, FirstFailure, Judgement, LimitFact, Verdict};
pub use verify::{Settings, Task, no_code, tests_passed, verify};
