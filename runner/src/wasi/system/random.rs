//! The guest's randomness: one sequence for all guests, the same from the beginning for each.
//! Not here: who asks for it (`process`).
//! In: how much. Out: the next bytes of the sequence.

/// What the sequence is made from. Another key is another sequence, and other fuel for programs that use it.
const KEY: &[u8; 32] = b"trialbox wasi random sequence 1\0";

/// A place in the sequence.
#[derive(Clone, Debug)]
pub(super) struct Random(blake3::OutputReader);

impl Random {
    /// The beginning.
    pub(super) fn new() -> Self {
        Self(blake3::Hasher::new_keyed(KEY).finalize_xof())
    }

    /// The next bytes.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_does_not_depend_on_how_it_is_taken() {
        let mut whole = [0; 200];
        Random::new().fill(&mut whole);
        let mut parts = [0; 200];
        let mut random = Random::new();
        for part in parts.chunks_mut(7) {
            random.fill(part);
        }
        assert_eq!(parts, whole);
        assert_eq!(whole[..4], [178, 153, 178, 114], "the sequence is fixed for ever");
    }
}
