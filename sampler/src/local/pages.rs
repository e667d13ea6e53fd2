//! The memory for keys and values: pages that sequences take, share and give back.
//! Not here: what is on a page (`cpu::attention`), who may begin when (`engine`).

use candle_core::DType;
use candle_core::Device;
use candle_core::Result;
use candle_core::Tensor;

use super::config::Config;
use super::cpu::attention::page_numbers;
use super::ops;
use super::ops::CopyPage;
use super::places::number;

/// All pages of a model.
pub(crate) struct Pages {
    /// One tensor a layer.
    pub(crate) layers: Vec<Tensor>,
    heads: super::cpu::pointwise::Heads,
    /// Pages that nobody has; the next one to be taken stands last.
    free: Vec<u32>,
    /// Of each page how many sequences have it.
    owners: Vec<u32>,
}

impl Pages {
    /// What one page takes, all layers together.
    pub(crate) fn bytes_of_one(config: &Config, dtype: DType) -> usize {
        config.layers * page_numbers(config.heads) * dtype.size_in_bytes()
    }

    /// So many pages. What is never written to takes no memory.
    pub(crate) fn new(config: &Config, count: usize, dtype: DType) -> Result<Self> {
        let layer = |_| ops::pages(config.heads, count, dtype, &Device::Cpu);
        Ok(Self {
            layers: (0..config.layers).map(layer).collect::<Result<_>>()?,
            heads: config.heads,
            free: (0..number(count)).rev().collect(),
            owners: vec![0; count],
        })
    }

    /// How many nobody has.
    pub(crate) fn free(&self) -> usize {
        self.free.len()
    }

    /// A page of one's own; `None` where all are taken.
    pub(crate) fn take(&mut self) -> Option<u32> {
        let page = self.free.pop()?;
        self.owners[page as usize] = 1;
        Some(page)
    }

    /// Shares a page that somebody has.
    pub(crate) fn share(&mut self, page: u32) {
        self.owners[page as usize] += 1;
    }

    /// Gives pages back.
    pub(crate) fn give_back(&mut self, pages: impl IntoIterator<Item = u32>) {
        for page in pages {
            let owners = &mut self.owners[page as usize];
            *owners -= 1;
            if *owners == 0 {
                self.free.push(page);
            }
        }
    }

    /// Copies what stands on a page, in every layer.
    pub(crate) fn copy(&self, from: u32, to: u32) -> Result<()> {
        let copy = CopyPage { heads: self.heads, from, to };
        self.layers.iter().try_for_each(|layer| layer.inplace_op1(&copy))
    }
}
