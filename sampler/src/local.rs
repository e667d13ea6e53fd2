//! The local front end: a model on this machine completes prompts.
//! Not here: servers (`server`), what is asked and answered (`prompt`, `completion`).
//! In: a folder or file with a model, then requests. Out: completions.

mod config;
mod cpu;
mod fault;
mod models;
mod ops;
mod pages;
#[cfg(test)]
mod parity;
mod places;
mod rope;
mod weights;

pub use fault::LoadError;

use serde::Deserialize;
use serde::Serialize;

/// How exactly is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Everything in f32; weights in bf16 stay as they are, which loses nothing.
    #[default]
    F32,
    /// Weights, keys and values in bf16; sums in f32.
    Bf16,
    /// As f32 on a CPU; on a GPU weights, keys and values in f16.
    F16,
}
