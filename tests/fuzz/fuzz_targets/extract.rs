//! Extraction never panics, whatever the text, the prompt, the kind and the style.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trialbox_datasets::SampleText;
use trialbox_verifier::extract::{LcbStyle, Style};

fuzz_target!(|pair: (String, String)| {
    let (text, prompt) = pair;
    for make in [SampleText::Solution, SampleText::Completion, SampleText::Response] {
        for style in
            [Style::Default, Style::EvalPlus, Style::Raw, Style::Lcb(LcbStyle::Base), Style::Lcb(LcbStyle::Chat)]
        {
            let _ = style.extract(&make(text.clone()), &prompt, None);
            let _ = style.extract(&make(text.clone()), &prompt, Some("f"));
        }
    }
});
