//! Extraction never panics, whatever the text, the prompt and the kind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trialbox_datasets::SampleText;
use trialbox_verifier::extract::extract;

fuzz_target!(|pair: (String, String)| {
    let (text, prompt) = pair;
    for make in [SampleText::Solution, SampleText::Completion, SampleText::Response] {
        let _ = extract(&make(text.clone()), &prompt, Some("f"));
    }
});
