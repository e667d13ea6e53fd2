//! Dialects: what a server has shown that it does not take.
//! Not here: the requests themselves (`wire`).
//! In: a refusal. Out: how to ask so that it is not refused for the same reason, or nothing where that would ask for
//! something else than the user wants.

use std::collections::BTreeSet;

use crate::Sampling;

/// Fields that can go unsaid without changing what is drawn, or only where a server has a default of its own.
const DISPENSABLE: [&str; 4] = ["logprobs", "seed", "min_p", "repetition_penalty"];

/// How a server wants to be spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// So many completions can be asked for at once.
    pub(super) most: u32,
    /// What stands for "all tokens" as top-k: -1 (vLLM, SGLang), 0 (llama.cpp), or unsaid.
    pub(super) all_tokens: Option<i32>,
    unsaid: BTreeSet<&'static str>,
}

impl Dialect {
    pub(super) fn new(most: u32) -> Self {
        Self { most, all_tokens: Some(-1), unsaid: BTreeSet::new() }
    }

    /// Whether a field is said.
    pub(super) fn says(&self, field: &str) -> bool {
        !self.unsaid.contains(field)
    }

    /// How to ask after `count` completions were refused with a message; `None` where nothing can be left out.
    pub(super) fn after(&self, status: u16, message: &str, count: u32, sampling: &Sampling) -> Option<Self> {
        let words: BTreeSet<&str> = message.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        // Old llama.cpp and llama-cpp-python refuse with a status that says their own fault.
        let counted = words.contains("n_cmpl") || message.contains("completion choice");
        let refused = counted || message.contains("validation error") || message.contains("not supported");
        if !(matches!(status, 400 | 422 | 501) || status == 500 && refused) {
            return None;
        }
        let mut next = self.clone();
        if words.contains("max_completion_tokens") && words.contains("max_tokens") {
            next.unsaid.insert("max_tokens");
        }
        for field in DISPENSABLE {
            let wanted = field == "logprobs" && sampling.logprobs;
            if words.contains(field) && !wanted {
                next.unsaid.insert(field);
            }
        }
        if words.contains("top_k") && sampling.top_k.is_none() {
            next.all_tokens = if self.all_tokens == Some(-1) { Some(0) } else { None };
        }
        // Whatever the words: what is refused for many may be granted for fewer.
        if count > 1 && (next == *self || counted || words.contains("n")) {
            next.most = next.most.min(count / 2);
        }
        (next != *self).then_some(next)
    }

    /// Learns what another request has shown meanwhile.
    pub(super) fn learn(&mut self, other: &Self) {
        self.most = self.most.min(other.most).max(1);
        self.unsaid.extend(&other.unsaid);
        let rank = |all: Option<i32>| [Some(-1), Some(0), None].iter().position(|one| *one == all);
        if rank(other.all_tokens) > rank(self.all_tokens) {
            self.all_tokens = other.all_tokens;
        }
    }

    /// What that means for what was drawn, in words.
    pub(super) fn notes(&self) -> Vec<&'static str> {
        let meaning = [
            ("seed", "the server takes no seed: the same command does not draw the same completions"),
            ("logprobs", "the server gives no log-probabilities"),
            ("min_p", "the server cannot be told min_p: a default of its own, if it has one, holds"),
            (
                "repetition_penalty",
                "the server cannot be told repetition_penalty: a default of its own, if it has one, holds",
            ),
        ];
        let mut notes: Vec<&str> =
            meaning.iter().filter(|(field, _)| !self.says(field)).map(|(_, note)| *note).collect();
        if self.all_tokens.is_none() {
            notes.push("the server cannot be told top_k: a default of its own, if it has one, holds");
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(message: &str, count: u32) -> Option<Dialect> {
        Dialect::new(8).after(400, message, count, &Sampling::default())
    }

    #[test]
    fn a_field_that_is_refused_by_name_is_left_out() {
        let next = after("Unexpected fields in the request: {'min_p', 'repetition_penalty', 'top_k'}", 8);
        let next = next.expect("a way");
        assert!(!next.says("min_p") && !next.says("repetition_penalty") && next.says("seed"));
        assert_eq!((next.all_tokens, next.most), (Some(0), 8));
        let next = next.after(422, "Extra inputs: top_k", 8, &Sampling::default()).expect("a way");
        assert_eq!(next.all_tokens, None);
        assert_eq!(next.notes().len(), 3);
    }

    #[test]
    fn nothing_that_the_user_asked_for_is_left_out() {
        let asked = Sampling { logprobs: true, top_k: Some(5), ..Sampling::default() };
        for message in ["logprobs is not supported", "Unrecognized request argument supplied: top_k"] {
            assert_eq!(Dialect::new(8).after(400, message, 1, &asked), None);
        }
        for message in ["temperature does not support 0.6 with this model", "top_p is not supported"] {
            assert_eq!(after(message, 1), None);
        }
    }

    #[test]
    fn max_tokens_is_renamed_only_where_both_names_are_said() {
        let message = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
        assert!(!after(message, 1).expect("a way").says("max_tokens"));
        assert_eq!(after("max_tokens is too large: 20000", 1), None);
    }

    #[test]
    fn fewer_are_asked_for_until_one_is_refused_too() {
        assert_eq!(after("whatever", 8).map(|next| next.most), Some(4));
        assert_eq!(after("whatever", 3).map(|next| next.most), Some(1));
        assert_eq!(after("whatever", 1), None);
        let old_llama = Dialect::new(8).after(500, "Only one completion choice is allowed", 8, &Sampling::default());
        assert_eq!(old_llama.map(|next| next.most), Some(4));
        let llama_python = "1 validation error: {'type': 'greater_than_equal', 'loc': ('body', 'top_k'), 'input': -1}";
        let next = Dialect::new(8).after(500, llama_python, 1, &Sampling::default());
        assert_eq!(next.map(|next| next.all_tokens), Some(Some(0)));
        let next =
            Dialect::new(8).after(500, "logprobs is not supported for models created with", 1, &Sampling::default());
        assert!(next.is_some_and(|next| !next.says("logprobs")));
        assert_eq!(Dialect::new(8).after(500, "out of memory", 8, &Sampling::default()), None);
        assert_eq!(Dialect::new(8).after(404, "no such model", 8, &Sampling::default()), None);
    }
}
