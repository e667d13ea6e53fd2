//! What is asked of whatever computes a model: steps, memory for keys and values, draws.
//! Not here: who does it (`cpu`, `gpu`), which tokens are put into a step (`engine`).

use candle_core::Result;

use super::config::Config;
use super::nucleus::Drawn;
use super::places::Places;
use super::random::Stream;
use crate::Sampling;

/// A model that is ready, on some device.
pub(crate) trait Decoder {
    /// What it is built like.
    fn config(&self) -> &Config;

    /// What one page of keys and values takes, all layers together.
    fn page_bytes(&self) -> usize;

    /// How much of a memory of the device's own nobody has; `None` where it has this machine's.
    fn own_free_bytes(&self) -> Option<usize> {
        None
    }

    /// Memory for a run of its own.
    fn memory(&self, page_count: usize) -> Result<Box<dyn Memory + '_>>;
}

/// The keys and values of a run, and the model that reads and writes them.
pub(crate) trait Memory {
    /// Reads tokens; keys and values of all are kept, and the logits behind those in the rows `wanted` are given.
    fn step(&mut self, tokens: &[u32], places: &Places, wanted: &[u32]) -> Result<Box<dyn Logits>>;

    /// Copies what stands on a page, in every layer.
    fn copy_page(&mut self, from: u32, to: u32) -> Result<()>;
}

/// What may come behind some tokens; a row for each.
pub(crate) trait Logits {
    /// Draws a token for each of `nexts`; `None` where a logit of its row is no number.
    fn draw(&self, sampling: &Sampling, nexts: &[Next]) -> Result<Vec<Option<Drawn>>>;

    /// All of them, row by row.
    fn numbers(&self) -> Result<Vec<Vec<f32>>>;
}

/// For whom a token is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Next {
    /// From which row of the logits.
    pub(crate) row: u32,
    pub(crate) stream: Stream,
    /// Which token of the completion.
    pub(crate) position: u32,
}
