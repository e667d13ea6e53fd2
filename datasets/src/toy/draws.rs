//! Numbers that look drawn by chance and are the same for ever: a stream of BLAKE3, which no version of a library changes.
//! Not here: what is drawn (the other files).
//! In: what the stream is named by. Out: numbers.

/// A stream of numbers.
#[derive(Debug)]
pub(super) struct Draws(blake3::OutputReader);

impl Draws {
    /// The stream of one row.
    pub(super) fn new(split: &str, seed: u64, number: u32) -> Self {
        Self(stream(&format!("row {split} {seed} {number}")).finalize_xof())
    }

    /// A number below `end`, each as likely as the others.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // The last numbers are one round too few for all remainders.
        let whole = u64::MAX - u64::MAX % end;
        loop {
            let number = self.next();
            if number < whole {
                return number % end;
            }
        }
    }

    /// A number from `first` to `last`.
    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        first + i64::try_from(self.below(first.abs_diff(last) + 1)).expect("the numbers asked for are small")
    }

    /// A place in a list of so many.
    pub(super) fn place(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).expect("it is below a usize")
    }

    /// True so many times of a thousand.
    pub(super) fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < u64::from(permille)
    }

    fn next(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// A number below `end` that belongs to a name.
pub(super) fn number_of(name: &str, end: u64) -> u64 {
    Draws(stream(name).finalize_xof()).below(end)
}

fn stream(name: &str) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new_derive_key("trialbox toy, version 1");
    hasher.update(name.as_bytes());
    hasher
}
