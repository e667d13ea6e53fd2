//! Unpacks a field that is base64 of a zlib stream, up to a limit.
//! Not here: what was packed (`pickle`).
//! In: the field's text, hostile. Out: the bytes, or why there are none.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Decompress;
use flate2::FlushDecompress;
use flate2::Status;

/// The most that one row may unpack to, as much as a line may have. The largest rows of release v6 reach some hundreds
/// of megabytes.
pub(crate) const LIMIT_BYTES: usize = crate::row::LINE_LIMIT_BYTES;

/// What is set aside for the first bytes, and the least that is added at a time.
const STEP_BYTES: usize = 1 << 16;

/// Why a field could not be unpacked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PackedError {
    #[error("it is neither JSON nor base64: {0}")]
    Base64(#[from] base64::DecodeError),
    #[error("the zlib stream is damaged: {0}")]
    Damaged(String),
    #[error("the zlib stream is cut off")]
    CutOff,
    #[error("it unpacks to more than {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
}

/// The bytes that were packed, at most `limit_bytes` of them.
pub(crate) fn unpack(field: &str, limit_bytes: usize) -> Result<Vec<u8>, PackedError> {
    inflate(&STANDARD.decode(field.trim_ascii())?, limit_bytes)
}

fn inflate(packed: &[u8], limit_bytes: usize) -> Result<Vec<u8>, PackedError> {
    let mut stream = Decompress::new(true);
    let mut unpacked = Vec::new();
    let mut at = 0;
    loop {
        if unpacked.len() > limit_bytes {
            return Err(PackedError::TooLarge { limit_bytes });
        }
        // Memory grows with what has really come; one byte above the limit shows that it is passed.
        unpacked.reserve_exact(unpacked.len().clamp(STEP_BYTES, limit_bytes.max(STEP_BYTES)));
        let (before, rest) = (unpacked.len(), packed.get(at..).unwrap_or_default());
        let status = stream.decompress_vec(rest, &mut unpacked, FlushDecompress::None);
        match status.map_err(|error| PackedError::Damaged(error.to_string()))? {
            Status::StreamEnd if unpacked.len() > limit_bytes => return Err(PackedError::TooLarge { limit_bytes }),
            Status::StreamEnd => return Ok(unpacked),
            Status::Ok | Status::BufError => {}
        }
        let read = usize::try_from(stream.total_in()).unwrap_or(usize::MAX);
        if read == at && unpacked.len() == before {
            return Err(PackedError::CutOff);
        }
        at = read;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use proptest::prelude::*;

    use super::*;

    /// Packs bytes as the publishers do.
    pub(crate) fn pack(bytes: &[u8]) -> String {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("memory takes everything");
        STANDARD.encode(encoder.finish().expect("memory takes everything"))
    }

    #[test]
    fn a_bomb_stops_at_the_limit_which_is_named() {
        let bomb = pack(&vec![b'a'; 8 << 20]);
        assert!(bomb.len() < 64 << 10);
        let error = unpack(&bomb, 1 << 20).expect_err("too large");
        assert_eq!(error.to_string(), "it unpacks to more than 1048576 bytes");
        assert_eq!(unpack(&bomb, 8 << 20).map(|bytes| bytes.len()), Ok(8 << 20));
        assert_eq!(unpack(&bomb, (8 << 20) - 1), Err(PackedError::TooLarge { limit_bytes: (8 << 20) - 1 }));
    }

    #[test]
    fn what_is_cut_off_damaged_or_no_base64_is_told_apart() {
        let packed = STANDARD.decode(pack(b"some text, some text")).expect("base64");
        for end in 0..packed.len() {
            assert_eq!(inflate(&packed[..end], 100), Err(PackedError::CutOff), "cut at {end}");
        }
        let mut damaged = packed.clone();
        *damaged.last_mut().expect("not empty") ^= 1;
        assert!(matches!(inflate(&damaged, 100), Err(PackedError::Damaged(_))));
        assert!(matches!(unpack("[1", 100), Err(PackedError::Base64(_))));
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic_and_stay_within_the_limit(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            at in any::<prop::sample::Index>(),
            flip in any::<u8>(),
            limit in 0..400_usize,
        ) {
            let mut packed = STANDARD.decode(pack(&bytes)).expect("base64");
            let at = at.index(packed.len());
            packed[at] ^= flip;
            for packed in [packed, bytes] {
                if let Ok(unpacked) = inflate(&packed, limit) {
                    prop_assert!(unpacked.len() <= limit);
                }
            }
        }

        #[test]
        fn whatever_was_packed_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(unpack(&pack(&bytes), bytes.len()), Ok(bytes));
        }
    }
}
