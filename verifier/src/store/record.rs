//! One verdict as it lies on the disk.
//! Not here: where it lies (`tables`).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use trialbox_datasets::problem::Language;

use super::Key;
use crate::{near::Near, verdict::Judgement};

/// A judgement and what it was made of, so that it can be made again.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The judgement.
    pub judgement: Judgement,
    /// The program.
    pub program: Arc<[u8]>,
    /// What it is written in.
    pub language: Language,
    /// The digest of the tests and limits.
    pub plan: [u8; 32],
    /// The key of the program's form, where others of that form share the judgement.
    pub form: Option<Key>,
    /// Whose judgement.
    pub judge: String,
    /// Where the program came near a limit of time, if it did: then the judgement is no answer for another run.
    pub near: Option<Near>,
}

/// All but the program, as JSON.
#[derive(Serialize, Deserialize)]
struct Head {
    judgement: Judgement,
    language: String,
    plan: [u8; 32],
    form: Option<Key>,
    judge: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    near: Option<Near>,
}

const CHECKSUM_BYTES: usize = 16;
const LENGTH_BYTES: usize = 4;

impl Record {
    /// The record with a checksum over it and its key.
    pub(super) fn sealed(&self, key: &Key) -> Vec<u8> {
        let head = Head {
            judgement: self.judgement.clone(),
            language: self.language.name().to_owned(),
            plan: self.plan,
            form: self.form,
            judge: self.judge.clone(),
            near: self.near,
        };
        let head = serde_json::to_vec(&head).expect("numbers, texts and lists are JSON");
        let length = u32::try_from(head.len()).expect("texts of a judgement are cut short");
        let body = [&length.to_le_bytes()[..], &head, &self.program].concat();
        [&checksum(key, &body)[..], &body].concat()
    }

    /// Reads a record; `None` where it is not what was written under this key.
    pub(super) fn open(key: &Key, sealed: &[u8]) -> Option<Self> {
        let (sum, body) = sealed.split_first_chunk::<CHECKSUM_BYTES>()?;
        if *sum != checksum(key, body) {
            return None;
        }
        let (length, rest) = body.split_first_chunk::<LENGTH_BYTES>()?;
        let (head, program) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let Head { judgement, language, plan, form, judge, near } = serde_json::from_slice(head).ok()?;
        Some(Self {
            judgement,
            program: program.into(),
            language: Language::of_name(&language)?,
            plan,
            form,
            judge,
            near,
        })
    }
}

fn checksum(key: &Key, body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let hash = blake3::Hasher::new_keyed(key).update(body).finalize();
    *hash.as_bytes().first_chunk().expect("a hash is longer")
}
