//! Packed private tests of LiveCodeBench: whatever they unpack to is refused or understood.
#![no_main]

use std::io::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::ZlibEncoder};
use libfuzzer_sys::fuzz_target;

const ROW: &str = r#"{"question_id": "a", "question_content": "", "starter_code": "", "platform": "atcoder", "metadata": "{}",
 "difficulty": "easy", "contest_date": "2024-08-01", "public_test_cases": "[]", "private_test_cases": "PACKED"}"#;

fuzz_target!(|pickle: &[u8]| {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(pickle).expect("memory takes everything");
    let packed = STANDARD.encode(encoder.finish().expect("memory takes everything"));
    let _ = trialbox_datasets::livecodebench::parse(ROW.replace("PACKED", &packed).as_bytes());
});
