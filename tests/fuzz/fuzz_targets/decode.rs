//! Decoding refuses or understands any bytes, and what it understands is written in one way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trialbox_verifier::codec::{DecodeLimits, decode, encode};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = decode(bytes, &DecodeLimits::default()) {
        let again = encode(&value);
        let value = decode(&again, &DecodeLimits::default()).expect("our own encoding decodes");
        assert_eq!(encode(&value), again);
    }
});
