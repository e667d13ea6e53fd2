//! Datasets: rows of benchmarks, samples and jobs become problems and texts, losslessly.
//! Not here: running or judging anything (`runner`, `verifier`), taking programs out of answers (`verifier::extract`).
//! In: files. Out: iterators of [`Problem`], [`Sample`] or [`JobRow`], each fault tied to its file and line.

pub mod fetch;
pub mod graded;
pub mod humaneval;
pub mod jobs;
pub mod livecodebench;
pub mod mbpp;
pub mod problem;
pub mod python_json;
pub mod python_literal;
pub mod quickstart;
pub mod row;
pub mod samples;
pub mod source;
pub mod value;

mod assert_call;
mod dataset;
mod evalplus;
mod fields;
mod lone_surrogates;
mod mbpp_types;
mod members;
mod parquet_rows;
mod reduced_asserts;

pub use assert_call::AssertCall;
pub use assert_call::AssertError;
pub use assert_call::reduce_assert;
pub use dataset::Dataset;
pub use dataset::DatasetError;
pub use dataset::load;
pub use dataset::quickstart_rows;
pub use fetch::FetchError;
pub use fetch::fetch;
pub use jobs::JobLimits;
pub use jobs::JobRow;
pub use jobs::Semantics;
pub use members::Unhashable;
pub use problem::Comparison;
pub use problem::Expected;
pub use problem::FunctionTests;
pub use problem::Oracle;
pub use problem::Problem;
pub use problem::StdinTest;
pub use problem::Tests;
pub use python_json::JsonError;
pub use python_literal::LiteralError;
pub use quickstart::QuickstartCandidate;
pub use quickstart::QuickstartRow;
pub use row::Lines;
pub use row::RowError;
pub use row::RowErrorKind;
pub use row::Rows;
pub use samples::Sample;
pub use samples::SampleText;
pub use source::Source;
pub use value::PyStr;
pub use value::Value;
