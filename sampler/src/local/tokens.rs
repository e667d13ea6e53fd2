//! Text to tokens and back, and which tokens end a completion.
//! Not here: conversations as text (`chat`), GGUF's vocabularies (`gguf`).

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use tokenizers::Tokenizer;

use super::fault::LoadError;

/// A model's tokenizer.
pub(crate) struct Tokens {
    pub(crate) tokenizer: Tokenizer,
    /// Tokens that end a completion, at least one.
    pub(crate) ends: Vec<u32>,
}

/// Where Hugging Face's folders name the tokens that end a text: one, or a list.
#[derive(Default, Deserialize)]
struct Ends {
    eos_token_id: Option<Value>,
}

/// The tokens that end a text, as config.json or generation_config.json names them.
pub(crate) fn ends(text: &[u8], path: &Path) -> Result<Vec<u32>, LoadError> {
    let ends: Ends = serde_json::from_slice(text).map_err(|error| LoadError::bad(path, error))?;
    let token = |value: &Value| value.as_u64().and_then(|token| u32::try_from(token).ok());
    let tokens = match &ends.eos_token_id {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(token).collect(),
        Some(one) => token(one).map(|token| vec![token]),
    };
    tokens.ok_or_else(|| LoadError::bad(path, "eos_token_id is neither a token nor a list of tokens"))
}

impl Tokens {
    /// Those of a model's folder: `tokenizer.json`, and the ends that generation_config.json, config.json and
    /// tokenizer_config.json (`eos_token`) name. `more` are ends too.
    pub(crate) fn in_folder(folder: &Path, end: Option<&str>, more: &[u32]) -> Result<Self, LoadError> {
        let path = folder.join("tokenizer.json");
        std::fs::File::open(&path).map_err(LoadError::io(&path))?;
        let tokenizer = Tokenizer::from_file(&path).map_err(|error| LoadError::bad(&path, error))?;
        let mut ends = more.to_vec();
        for name in ["generation_config.json", "config.json"] {
            let path = folder.join(name);
            if path.exists() {
                ends.extend(self::ends(&std::fs::read(&path).map_err(LoadError::io(&path))?, &path)?);
            }
        }
        ends.extend(end.and_then(|end| tokenizer.token_to_id(end)));
        Self::new(tokenizer, ends, &path)
    }

    /// A tokenizer with the tokens that end a text.
    pub(crate) fn new(tokenizer: Tokenizer, mut ends: Vec<u32>, path: &Path) -> Result<Self, LoadError> {
        ends.sort_unstable();
        ends.dedup();
        if ends.is_empty() {
            return Err(LoadError::bad(
                path,
                "no token ends a text: name one as eos_token_id in generation_config.json, or with --end-token",
            ));
        }
        Ok(Self { tokenizer, ends })
    }

    /// The tokens of a text. `whole` adds what the tokenizer puts around a text of its own, which a chat template has done.
    pub(crate) fn encode(&self, text: &str, whole: bool) -> Result<Vec<u32>, String> {
        let encoding = self.tokenizer.encode_fast(text, whole).map_err(|error| error.to_string())?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The text of tokens, without special ones.
    pub(crate) fn decode(&self, tokens: &[u32]) -> Result<String, String> {
        self.tokenizer.decode(tokens, true).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Deserialize)]
    struct Reference {
        texts: Vec<Text>,
    }

    #[derive(Deserialize)]
    struct Text {
        text: String,
        ids: Vec<u32>,
        ids_with_special: Vec<u32>,
        decoded: String,
    }

    #[test]
    fn texts_become_the_tokens_of_transformers_and_texts_again() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("references");
        let text = std::fs::read(folder.join("tokens.json")).expect("references");
        let references: BTreeMap<String, Reference> = serde_json::from_slice(&text).expect("as written");
        let mut looked_at = 0;
        for (name, file) in
            [("qwen2", "models/qwen2/tokenizer.json"), ("byte-fallback", "tokenizer-byte-fallback.json")]
        {
            let file = folder.join(file);
            let tokenizer = Tokenizer::from_file(&file).expect("a tokenizer");
            let tokens = Tokens::new(tokenizer, vec![0], &file).expect("with an end");
            for Text { text, ids, ids_with_special, decoded } in &references[name].texts {
                assert_eq!(tokens.encode(text, false).as_ref(), Ok(ids), "{name} {text:?}");
                assert_eq!(tokens.encode(text, true).as_ref(), Ok(ids_with_special), "{name} {text:?}");
                assert_eq!(tokens.decode(ids).as_ref(), Ok(decoded), "{name} {text:?}");
                looked_at += 1;
            }
        }
        assert!(looked_at >= 40, "{looked_at}");
    }

    #[test]
    fn a_tokenizer_without_an_end_is_refused_with_what_to_do() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("references/models/qwen2/tokenizer.json");
        let tokenizer = Tokenizer::from_file(&file).expect("a tokenizer");
        let error = Tokens::new(tokenizer, Vec::new(), &file).err().expect("no end");
        assert!(error.to_string().ends_with("name one as eos_token_id in generation_config.json, or with --end-token"));
    }
}
