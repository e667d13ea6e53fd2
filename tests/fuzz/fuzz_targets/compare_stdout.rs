//! Any bytes compare with any text, and text equals itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trialbox_verifier::text::compare_stdout;

fuzz_target!(|pair: (&[u8], &str)| {
    let _ = compare_stdout(pair.0, pair.1);
    assert!(compare_stdout(pair.1.as_bytes(), pair.1).is_ok());
});
