//! Any two values compare, in either direction alike, and nothing equal fails a tolerance.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trialbox_datasets::Oracle;
use trialbox_verifier::codec::{DecodeLimits, decode};
use trialbox_verifier::compare::{Tolerance, evalplus_equal, python_eq};

fuzz_target!(|pair: (&[u8], &[u8])| {
    let limits = DecodeLimits::default();
    let (Ok(a), Ok(b)) = (decode(pair.0, &limits), decode(pair.1, &limits)) else { return };
    let equal = python_eq(&a, &b);
    assert_eq!(equal, python_eq(&b, &a));
    let tolerant = evalplus_equal(&a, &b, Oracle::Plain, &a, &mut Tolerance::official(1e-4));
    assert!(tolerant || !equal);
});
