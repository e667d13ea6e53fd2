//! Pages of the memory for keys and values: sequences take, share and give them back.
//! Not here: what is on a page (`cpu`, `gpu`), who may begin when (`engine`).

use super::places::number;

/// All pages of a run.
#[derive(Debug)]
pub(crate) struct Pages {
    /// Pages that nobody has; the next one to be taken stands last.
    free: Vec<u32>,
    /// Of each page how many sequences have it.
    owners: Vec<u32>,
}

impl Pages {
    /// So many pages, all free.
    pub(crate) fn new(count: usize) -> Self {
        Self { free: (0..number(count)).rev().collect(), owners: vec![0; count] }
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

    /// Shares pages that somebody has.
    pub(crate) fn share(&mut self, pages: &[u32]) {
        for page in pages {
            self.owners[*page as usize] += 1;
        }
    }

    /// Whether only one sequence has a page, which may write on it then.
    pub(crate) fn has_one_owner(&self, page: u32) -> bool {
        self.owners[page as usize] == 1
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
}
