//! All samples of a run: which there are, in which order, and what each says.
//! Not here: reading them (`inputs`), which of them are judged (`run_folder`).

use std::collections::HashMap;

use trialbox_datasets::{Sample, SampleText};

/// Samples by task and number. Small: a run may have millions.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    /// A table for each task: small ones grow without a time at which there are two large ones.
    places: HashMap<String, HashMap<u32, u32>>,
    hashes: Vec<u64>,
}

impl Roster {
    /// Adds a sample behind the others. Nobody has two of one number.
    pub(crate) fn add(&mut self, sample: &Sample, number: u32) {
        let place = u32::try_from(self.hashes.len()).unwrap_or(u32::MAX);
        match self.places.get_mut(&sample.task_id) {
            Some(places) => places.insert(number, place),
            None => self.places.entry(sample.task_id.clone()).or_default().insert(number, place),
        };
        self.hashes.push(hash_of(sample));
    }

    /// Where a sample stands among all.
    pub(crate) fn place(&self, task_id: &str, number: u32) -> Option<usize> {
        self.places.get(task_id)?.get(&number).map(|place| *place as usize)
    }

    /// The hash of what stands in a place.
    pub(crate) fn hash(&self, place: usize) -> u64 {
        self.hashes[place]
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.hashes.len()
    }
}

/// What a model wrote, as a number: another text has another one.
pub(crate) fn hash_of(sample: &Sample) -> u64 {
    let (kind, text) = match &sample.text {
        SampleText::Solution(text) => ("solution", text),
        SampleText::Completion(text) => ("completion", text),
        SampleText::Response(text) => ("response", text),
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind.as_bytes()).update(b"\0").update(sample.language.name().as_bytes()).update(b"\0");
    hasher.update(text.as_bytes());
    u64::from_le_bytes(*hasher.finalize().as_bytes().first_chunk().expect("a hash is longer"))
}
