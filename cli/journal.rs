//! Lines of verdicts.jsonl: JSON objects that end with a checksum of themselves, so that a line that was not written whole is
//! known for one.
//! Not here: the file (`run_folder`).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use trialbox_verifier::Judgement;

/// One line of verdicts.jsonl.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct VerdictRow {
    pub(crate) task_id: String,
    pub(crate) sample: u32,
    #[serde(flatten)]
    pub(crate) judgement: Judgement,
    /// How the program was taken out of the model's text.
    pub(crate) extraction: Cow<'static, str>,
    /// What was judged: the hash of the model's text, 16 hex digits.
    pub(crate) text_hash: String,
}

/// What stands between a row and its checksum, and what ends the line.
const BEFORE: &[u8] = b",\"check\":\"";
const AFTER: &[u8] = b"\"}\n";
const CHECK_BYTES: usize = 8;

impl VerdictRow {
    /// The row as a line.
    pub(crate) fn to_line(&self) -> anyhow::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.pop(); // the closing brace
        let check = check(&line);
        line.extend([BEFORE, &check, AFTER].concat());
        Ok(line)
    }

    /// Reads a line; `None` for one that is not as it was written.
    pub(crate) fn of_line(line: &[u8]) -> Option<Self> {
        let (front, sum) = line.strip_suffix(AFTER)?.split_last_chunk::<CHECK_BYTES>()?;
        let row = front.strip_suffix(BEFORE)?;
        if check(row) != *sum {
            return None;
        }
        serde_json::from_slice(&line[..line.len() - 1]).ok()
    }
}

fn check(row: &[u8]) -> [u8; CHECK_BYTES] {
    let hex = blake3::hash(row).to_hex();
    *hex.as_bytes().first_chunk().expect("a hash is longer")
}

#[cfg(test)]
mod tests {
    use trialbox_verifier::no_code;

    use super::*;

    fn row() -> VerdictRow {
        let judgement = no_code("nothing \"at\" all\n".to_owned());
        VerdictRow { task_id: "a/1".into(), sample: 7, judgement, extraction: "none".into(), text_hash: "0".repeat(16) }
    }

    #[test]
    fn a_line_is_json_and_comes_back_as_it_was() {
        let line = row().to_line().expect("a line");
        let json: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
        assert_eq!((json["task_id"].as_str(), json["verdict"].as_str()), (Some("a/1"), Some("no_code")));
        let back = VerdictRow::of_line(&line).expect("a row");
        assert_eq!(back.to_line().expect("a line"), line);
    }

    #[test]
    fn no_line_that_lacks_a_byte_or_has_another_is_a_row() {
        let line = row().to_line().expect("a line");
        for at in 0..line.len() {
            assert!(VerdictRow::of_line(&line[..at]).is_none(), "cut at {at}");
            let mut other = line.clone();
            other[at] ^= 1;
            assert!(VerdictRow::of_line(&other).is_none(), "changed at {at}");
        }
    }
}
