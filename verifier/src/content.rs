//! Hashes of content: lists of parts, of which no two different ones hash alike.
//! Not here: what makes two things the same (`plan::digest`, `reference`, `known`).

/// A hash under way.
#[derive(Debug)]
pub(crate) struct Content(blake3::Hasher);

impl Content {
    /// Begins a list of parts; `what` keeps lists of different kinds apart.
    pub(crate) fn of(what: &str) -> Self {
        Self(blake3::Hasher::new()).part(what)
    }

    /// Adds a part, with its length before it.
    pub(crate) fn part(mut self, part: impl AsRef<[u8]>) -> Self {
        self.add(part.as_ref());
        self
    }

    /// Adds a number.
    pub(crate) fn number(mut self, number: u64) -> Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    /// Adds as many parts as there are, and how many.
    pub(crate) fn parts<P: AsRef<[u8]>>(self, parts: impl ExactSizeIterator<Item = P>) -> Self {
        let mut hash = self.number(parts.len() as u64);
        parts.for_each(|part| hash.add(part.as_ref()));
        hash
    }

    /// The hash.
    pub(crate) fn finish(self) -> blake3::Hash {
        self.0.finalize()
    }

    fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_kept_apart() {
        let hash = |parts: &[&str]| Content::of("x").parts(parts.iter()).finish();
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["ab"]), hash(&["ab", ""]));
        assert_ne!(Content::of("x").finish(), Content::of("y").finish());
    }
}
