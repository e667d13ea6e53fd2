//! Variety: whether the completions of a problem differ at all.
//! Not here: copies within one answer (`draw`).
//! In: completions drawn with a temperature. Out: whether the server seems not to draw.
//!
//! `transformers serve`, for one, takes a temperature and decodes greedily all the same, where the model's
//! generation_config does not say `do_sample`.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;

use crate::Completion;

/// So many completions like an earlier one of their problem, and none unlike it, are no chance.
const ENOUGH: u64 = 16;

/// What has been seen of the completions so far.
#[derive(Debug, Default)]
pub(super) struct Variety {
    first: HashMap<String, u64>,
    hasher: RandomState,
    equal: u64,
    differ: bool,
}

impl Variety {
    pub(super) fn see(&mut self, completion: &Completion) {
        if self.differ {
            return;
        }
        let text = self.hasher.hash_one(&completion.text);
        match self.first.get(&completion.task_id) {
            None => drop(self.first.insert(completion.task_id.clone(), text)),
            Some(first) if *first == text => self.equal += 1,
            Some(_) => {
                self.differ = true;
                self.first = HashMap::new();
            }
        }
    }

    pub(super) fn is_missing(&self) -> bool {
        !self.differ && self.equal >= ENOUGH
    }
}
