//! Judgements of late, bounded in memory.
//! Not here: which of them hold for whom (`known`).

use std::{collections::HashMap, mem, sync::Arc};

use crate::{store::Key, verdict::Judgement};

/// Two generations: when the young one is full it becomes the old one, and the old one is forgotten.
#[derive(Debug, Default)]
pub(super) struct Recent {
    young: HashMap<Key, Arc<Judgement>>,
    old: HashMap<Key, Arc<Judgement>>,
    young_bytes: usize,
}

/// What a generation may take, about.
const MOST_BYTES: usize = 24 << 20;

impl Recent {
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Judgement>> {
        self.young.get(key).or_else(|| self.old.get(key)).map(Arc::clone)
    }

    pub(super) fn insert(&mut self, key: Key, judgement: Arc<Judgement>) {
        self.young_bytes += size_bytes(&judgement);
        self.young.insert(key, judgement);
        if self.young_bytes > MOST_BYTES {
            self.old = mem::take(&mut self.young);
            self.young_bytes = 0;
        }
    }
}

fn size_bytes(judgement: &Judgement) -> usize {
    let texts = judgement.first_failure.as_ref().map_or(0, |failure| {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::capacity);
        length(&failure.input) + length(&failure.expected) + failure.actual.capacity()
    });
    // The key, the pointer, and what a hash table keeps free.
    mem::size_of::<Judgement>() + 2 * mem::size_of::<(Key, Arc<Judgement>)>() + texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::no_code;

    #[test]
    fn what_is_new_is_kept_and_memory_is_bounded() {
        let mut recent = Recent::default();
        let key = |number: u32| -> Key { std::array::from_fn(|at| number.to_le_bytes()[at % 4]) };
        let large = Arc::new(no_code("x".repeat(MOST_BYTES / 10)));
        for number in 0..100 {
            recent.insert(key(number), Arc::clone(&large));
        }
        assert!((90..100).all(|number| recent.get(&key(number)).is_some()));
        assert!((0..70).all(|number| recent.get(&key(number)).is_none()));
    }
}
