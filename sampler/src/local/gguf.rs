//! GGUF: a model in one file, with its sizes, its vocabulary and its chat template.
//! Not here: Hugging Face's folders (`config`, `weights`, `tokens`, `chat`).
//! In: a file as llama.cpp's converters write it. Out: the same as of a folder.
//!
//! Quantised weights are widened when they are loaded. The vocabulary becomes what tokenizer.json would say; where a
//! tokenizer.json lies beside the file, that is taken instead.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use candle_core::Device;
use candle_core::Tensor;
use candle_core::quantized::gguf_file::Content;
use candle_core::quantized::gguf_file::Value;
use serde_json::json;
use tokenizers::Tokenizer;

use super::chat::Given;
use super::chat::Template;
use super::config::Biases;
use super::config::Config;
use super::config::Heads;
use super::fault::LoadError;
use super::models::Architecture;
use super::rope::Rope;
use super::tokens::Tokens;
use super::weights::Source;

/// A file that was opened, and what it says of itself.
pub(crate) struct Gguf<'a> {
    path: &'a Path,
    content: Content,
    architecture: Architecture,
}

/// How text is cut before it becomes tokens, by the name that llama.cpp gives it.
struct Cut {
    normalizer: serde_json::Value,
    pre_tokenizer: serde_json::Value,
    ignores_merges: bool,
}

/// The patterns of Qwen2's and Llama 3's tokenizer.json, which differ in how many digits stay together.
fn pattern(digits: &str) -> String {
    format!(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
}

fn cut_of(name: &str) -> Option<Cut> {
    let bytes = |with_pattern: bool| json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": with_pattern});
    let split = |pattern: String| {
        let split = json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false});
        json!({"type": "Sequence", "pretokenizers": [split, bytes(false)]})
    };
    let nothing = serde_json::Value::Null;
    Some(match name {
        "gpt-2" => Cut { normalizer: nothing, pre_tokenizer: bytes(true), ignores_merges: false },
        "smollm" => {
            let digits = json!({"type": "Digits", "individual_digits": true});
            let pre_tokenizer = json!({"type": "Sequence", "pretokenizers": [digits, bytes(true)]});
            Cut { normalizer: nothing, pre_tokenizer, ignores_merges: false }
        }
        "qwen2" | "deepseek-r1-qwen" => {
            Cut { normalizer: json!({"type": "NFC"}), pre_tokenizer: split(pattern(r"\p{N}")), ignores_merges: false }
        }
        "llama-bpe" => Cut { normalizer: nothing, pre_tokenizer: split(pattern(r"\p{N}{1,3}")), ignores_merges: true },
        _ => return None,
    })
}

impl<'a> Gguf<'a> {
    pub(crate) fn open(path: &'a Path) -> Result<Self, LoadError> {
        let mut file = BufReader::new(File::open(path).map_err(LoadError::io(path))?);
        let content = Content::read(&mut file).map_err(LoadError::tensors(path))?;
        let found = match content.metadata.get("general.architecture") {
            Some(Value::String(name)) => name.clone(),
            _ => return Err(LoadError::bad(path, "it does not say general.architecture")),
        };
        let architecture =
            Architecture::named(&found).ok_or_else(|| LoadError::Architecture { path: path.to_owned(), found })?;
        Ok(Self { path, content, architecture })
    }

    fn number(&self, key: &str) -> Option<f64> {
        let value = self.content.metadata.get(key)?;
        let whole = value.to_u64().ok().or_else(|| value.to_u32().ok().map(u64::from));
        #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^53")]
        let whole = whole.map(|whole| whole as f64);
        whole.or_else(|| value.to_f32().ok().map(f64::from)).or_else(|| value.to_f64().ok())
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number was read")]
    fn size(&self, key: &str) -> Option<usize> {
        self.number(key).filter(|number| *number >= 0.0 && number.fract() == 0.0).map(|number| number as usize)
    }

    fn text(&self, key: &str) -> Option<&str> {
        match self.content.metadata.get(key)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn flag(&self, key: &str) -> bool {
        matches!(self.content.metadata.get(key), Some(Value::Bool(true)))
    }

    fn list(&self, key: &str) -> Option<&[Value]> {
        match self.content.metadata.get(key)? {
            Value::Array(list) => Some(list),
            _ => None,
        }
    }

    fn has(&self, tensor: &str) -> bool {
        self.content.tensor_infos.contains_key(tensor)
    }

    /// The sizes that the file names.
    pub(crate) fn config(&self) -> Result<Config, LoadError> {
        let bad = |reason: String| LoadError::bad(self.path, reason);
        let key = |key: &str| format!("{}.{key}", self.architecture.name());
        let needed = |name: &str| self.size(&key(name)).ok_or_else(|| bad(format!("it does not say {}", key(name))));
        let (hidden, queries) = (needed("embedding_length")?, needed("attention.head_count")?);
        let width = self.size(&key("attention.key_length")).or(hidden.checked_div(queries)).unwrap_or_default();
        let context = needed("context_length")?;
        let theta = self.number(&key("rope.freq_base")).unwrap_or(10_000.0);
        let rope = match self.text(&key("rope.scaling.type")).unwrap_or("none") {
            _ if self.has("rope_freqs.weight") => {
                let factors = self.tensor("rope_freqs.weight").and_then(|tensor| tensor.to_vec1::<f32>());
                Rope::divided(theta, factors.map_err(LoadError::tensors(self.path))?)
            }
            "none" => Rope::plain(theta),
            other => {
                let number = |name: &str| self.number(&key(name)).map(serde_json::Value::from);
                let named = [
                    ("rope_type", Some(other.into())),
                    ("factor", number("rope.scaling.factor")),
                    ("original_max_position_embeddings", number("rope.scaling.original_context_length")),
                    ("attention_factor", number("rope.scaling.attn_factor")),
                ];
                let map = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
                Rope::of(Some(theta), Some(&map), context).map_err(bad)?
            }
        };
        #[expect(clippy::cast_possible_truncation, reason = "an epsilon is one as f32 too")]
        let eps = self.number(&key("attention.layer_norm_rms_epsilon")).unwrap_or(1e-6) as f32;
        let vocabulary = self.list("tokenizer.ggml.tokens").map(<[Value]>::len);
        let config = Config {
            architecture: self.architecture,
            vocabulary: vocabulary.or(self.size(&key("vocab_size"))).unwrap_or_default(),
            hidden,
            layers: needed("block_count")?,
            heads: Heads { queries, keys: self.size(&key("attention.head_count_kv")).unwrap_or(queries), width },
            between: needed("feed_forward_length")?,
            eps,
            rope,
            tied: !self.has("output.weight"),
            context,
            biases: Biases {
                inward: self.has("blk.0.attn_q.bias"),
                outward: self.has("blk.0.attn_output.bias"),
                feed_forward: self.has("blk.0.ffn_up.bias"),
            },
            head_norms: self.has("blk.0.attn_q_norm.weight"),
        };
        config.checked().map_err(bad)
    }

    /// The vocabulary, and what ends a text.
    pub(crate) fn tokens(&self, more: &[u32]) -> Result<Tokens, LoadError> {
        let beside = self.path.with_file_name("tokenizer.json");
        let tokenizer = if beside.exists() {
            Tokenizer::from_file(&beside).map_err(|error| LoadError::bad(&beside, error))?
        } else {
            self.tokenizer()?
        };
        let named =
            ["eos_token_id", "eot_token_id", "eom_token_id"].map(|name| self.size(&format!("tokenizer.ggml.{name}")));
        let named = named.into_iter().flatten().filter_map(|id| u32::try_from(id).ok());
        Tokens::new(tokenizer, named.chain(more.iter().copied()).collect(), self.path)
    }

    /// What tokenizer.json would say.
    fn tokenizer(&self) -> Result<Tokenizer, LoadError> {
        const HINT: &str = "put the model's tokenizer.json beside the file";
        let bad = |reason: String| LoadError::bad(self.path, reason);
        let kind = self.text("tokenizer.ggml.model").unwrap_or("none");
        if kind != "gpt2" {
            return Err(bad(format!("its vocabulary is of the kind {kind}, and gpt2 alone is supported: {HINT}")));
        }
        let pre = self.text("tokenizer.ggml.pre").unwrap_or("none");
        let Cut { normalizer, pre_tokenizer, ignores_merges } =
            cut_of(pre).ok_or_else(|| bad(format!("how it cuts text, {pre}, is not known: {HINT}")))?;
        let texts = |key: &str| {
            let list = self.list(key).ok_or_else(|| bad(format!("it does not say {key}")))?;
            let text = |value: &Value| value.to_string().cloned().map_err(|_| bad(format!("{key} holds no texts")));
            list.iter().map(text).collect::<Result<Vec<String>, _>>()
        };
        let tokens = texts("tokenizer.ggml.tokens")?;
        let kinds = self.list("tokenizer.ggml.token_type").unwrap_or_default();
        // llama.cpp's kinds: 2 unknown and 3 control are special, 4 is defined by the user, 1 is usual.
        let kind = |id: usize| kinds.get(id).and_then(|kind| kind.to_i32().ok()).unwrap_or(1);
        let added = tokens.iter().enumerate().filter(|(id, _)| matches!(kind(*id), 2..=4)).map(|(id, token)| {
            json!({
                "id": id, "content": token, "special": kind(id) != 4,
                "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            })
        });
        let begins = self.size("tokenizer.ggml.bos_token_id").filter(|_| self.flag("tokenizer.ggml.add_bos_token"));
        let begin = begins.and_then(|id| Some((id, tokens.get(id)?)));
        let post_processor = begin.map(|(id, token)| {
            let (special, text) =
                (json!({"SpecialToken": {"id": token, "type_id": 0}}), json!({"Sequence": {"id": "A", "type_id": 0}}));
            json!({
                "type": "TemplateProcessing",
                "single": [special, text],
                "pair": [special, text, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {token: {"id": token, "ids": [id], "tokens": [token]}},
            })
        });
        let vocabulary: BTreeMap<&String, usize> = tokens.iter().enumerate().map(|(id, token)| (token, id)).collect();
        let json = json!({
            "version": "1.0",
            "added_tokens": added.collect::<Vec<_>>(),
            "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer,
            "post_processor": post_processor,
            "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
            "model": {
                "type": "BPE", "vocab": vocabulary, "merges": texts("tokenizer.ggml.merges")?,
                "ignore_merges": ignores_merges, "fuse_unk": false, "byte_fallback": false,
            },
        });
        let text = serde_json::to_vec(&json).map_err(|error| bad(error.to_string()))?;
        Tokenizer::from_bytes(text).map_err(|error| bad(format!("its vocabulary: {error}")))
    }

    /// Its chat template, where it has one.
    pub(crate) fn template(&self, given: Given) -> Result<Option<Template>, LoadError> {
        let Some(source) = self.text("tokenizer.chat_template") else { return Ok(None) };
        let token = |key: &str| {
            let id = self.size(key)?;
            self.list("tokenizer.ggml.tokens")?.get(id)?.to_string().ok().cloned()
        };
        let given =
            Given { begin: token("tokenizer.ggml.bos_token_id"), end: token("tokenizer.ggml.eos_token_id"), ..given };
        let template = Template::new(source.to_owned(), given);
        template.map(Some).map_err(|reason| LoadError::bad(self.path, reason))
    }

    /// Its weights, by Hugging Face's names.
    pub(crate) fn weights(self) -> Result<Box<dyn Source>, LoadError> {
        let heads = self.config()?.heads;
        let file = BufReader::new(File::open(self.path).map_err(LoadError::io(self.path))?);
        let names = self.content.tensor_infos.keys().filter(|name| *name != "rope_freqs.weight");
        let names = names.map(|name| (usual_name(name).unwrap_or_else(|| name.clone()), name.clone())).collect();
        // For Llama alone the converters turn the rows of queries and keys, for a rotation of neighbours.
        let turned = (self.architecture == Architecture::Llama).then_some(heads);
        Ok(Box::new(GgufWeights { content: self.content, names, file: RefCell::new(file), turned }))
    }

    fn tensor(&self, name: &str) -> candle_core::Result<Tensor> {
        let mut file = BufReader::new(File::open(self.path)?);
        self.content.tensor(&mut file, name, &Device::Cpu)?.dequantize(&Device::Cpu)
    }
}

/// A tensor's name in Hugging Face's files.
fn usual_name(name: &str) -> Option<String> {
    Some(match name {
        "token_embd.weight" => "model.embed_tokens.weight".to_owned(),
        "output_norm.weight" => "model.norm.weight".to_owned(),
        "output.weight" => "lm_head.weight".to_owned(),
        _ => {
            let (layer, part) = name.strip_prefix("blk.")?.split_once('.')?;
            let (part, end) = part.rsplit_once('.')?;
            let part = match part {
                "attn_norm" => "input_layernorm",
                "ffn_norm" => "post_attention_layernorm",
                "attn_q" => "self_attn.q_proj",
                "attn_k" => "self_attn.k_proj",
                "attn_v" => "self_attn.v_proj",
                "attn_output" => "self_attn.o_proj",
                "attn_q_norm" => "self_attn.q_norm",
                "attn_k_norm" => "self_attn.k_norm",
                "ffn_gate" => "mlp.gate_proj",
                "ffn_up" => "mlp.up_proj",
                "ffn_down" => "mlp.down_proj",
                _ => return None,
            };
            format!("model.layers.{layer}.{part}.{end}")
        }
    })
}

struct GgufWeights {
    content: Content,
    /// The file's names by the usual ones.
    names: BTreeMap<String, String>,
    file: RefCell<BufReader<File>>,
    /// Heads, where rows of queries and keys are turned.
    turned: Option<Heads>,
}

impl Source for GgufWeights {
    fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        let shape =
            |(usual, name): (&String, &String)| (usual.clone(), self.content.tensor_infos[name].shape.dims().to_vec());
        self.names.iter().map(shape).collect()
    }

    fn load(&self, name: &str) -> candle_core::Result<Tensor> {
        let tensor = self.content.tensor(&mut *self.file.borrow_mut(), &self.names[name], &Device::Cpu)?;
        let tensor = tensor.dequantize(&Device::Cpu)?;
        let heads = match self.turned {
            Some(heads) if name.contains("self_attn.q_proj") => heads.queries,
            Some(heads) if name.contains("self_attn.k_proj") => heads.keys,
            _ => return Ok(tensor),
        };
        let shape = tensor.shape().clone();
        let rows = shape.dims()[0];
        // [heads, pairs, 2, ...] in the file, [heads, 2, pairs, ...] here.
        tensor.reshape((heads, rows / heads / 2, 2, ()))?.transpose(1, 2)?.contiguous()?.reshape(shape)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use candle_core::quantized::GgmlDType;
    use candle_core::quantized::QTensor;
    use candle_core::quantized::gguf_file;

    use super::*;
    use crate::local::Model;
    use crate::local::ModelSettings;
    use crate::local::weights;

    fn references() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("references")
    }

    /// A model's folder as a GGUF file, as llama.cpp's converter writes it.
    fn convert(folder: &Path, to: &Path, architecture: &str, more: Vec<(String, Value)>) {
        let config: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.join("config.json")).expect("a file")).expect("JSON");
        let size = |key: &str| u32::try_from(config[key].as_u64().expect("a size")).expect("a small one");
        let heads = [size("num_attention_heads"), size("num_key_value_heads")].map(|heads| heads as usize);
        let source = weights::in_folder(folder).expect("weights");
        let mut tensors = Vec::new();
        for usual in source.shapes().into_keys() {
            let mut tensor = source.load(&usual).expect("a tensor").to_dtype(candle_core::DType::F32).expect("f32");
            let turned = [("q_proj.weight", heads[0]), ("k_proj.weight", heads[1])];
            if let Some((_, heads)) =
                turned.into_iter().find(|(end, _)| usual.ends_with(end) && architecture == "llama")
            {
                let shape = tensor.shape().clone();
                let pairs = shape.dims()[0] / heads / 2;
                let parts = tensor.reshape((heads, 2, pairs, ())).expect("heads").transpose(1, 2).expect("turned");
                tensor = parts.contiguous().expect("a copy").reshape(shape).expect("as before");
            }
            let tensor = QTensor::quantize(&tensor, GgmlDType::F32).expect("as it is");
            tensors.push((short_name(&usual), tensor));
        }
        let mut metadata = vec![
            ("general.architecture".to_owned(), Value::String(architecture.to_owned())),
            (format!("{architecture}.block_count"), Value::U32(size("num_hidden_layers"))),
            (format!("{architecture}.context_length"), Value::U32(size("max_position_embeddings"))),
            (format!("{architecture}.embedding_length"), Value::U32(size("hidden_size"))),
            (format!("{architecture}.feed_forward_length"), Value::U32(size("intermediate_size"))),
            (format!("{architecture}.attention.head_count"), Value::U32(size("num_attention_heads"))),
            (format!("{architecture}.attention.head_count_kv"), Value::U32(size("num_key_value_heads"))),
            (format!("{architecture}.rope.freq_base"), Value::F32(10_000.0)),
            (format!("{architecture}.attention.layer_norm_rms_epsilon"), Value::F32(1e-6)),
            (format!("{architecture}.vocab_size"), Value::U32(size("vocab_size"))),
        ];
        metadata.extend(more);
        let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
        gguf_file::write(&mut File::create(to).expect("a file"), &metadata, &tensors).expect("written");
    }

    fn short_name(usual: &str) -> String {
        let whole = [("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("lm_head", "output")];
        let parts = [
            ("input_layernorm", "attn_norm"),
            ("post_attention_layernorm", "ffn_norm"),
            ("self_attn.q_proj", "attn_q"),
            ("self_attn.k_proj", "attn_k"),
            ("self_attn.v_proj", "attn_v"),
            ("self_attn.o_proj", "attn_output"),
            ("mlp.gate_proj", "ffn_gate"),
            ("mlp.up_proj", "ffn_up"),
            ("mlp.down_proj", "ffn_down"),
        ];
        let name = usual.replace("model.layers.", "blk.");
        let pair = whole.iter().chain(&parts).find(|(long, _)| name.contains(long)).expect("a known name");
        name.replace(pair.0, pair.1)
    }

    /// The vocabulary of a tokenizer.json, as GGUF has it.
    fn vocabulary(folder: &Path, pre: &str) -> Vec<(String, Value)> {
        let json: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.join("tokenizer.json")).expect("a file")).expect("JSON");
        let mut tokens: Vec<(u64, String)> = Vec::new();
        for (token, id) in json["model"]["vocab"].as_object().expect("a vocabulary") {
            tokens.push((id.as_u64().expect("an id"), token.clone()));
        }
        let mut kinds = BTreeMap::new();
        for added in json["added_tokens"].as_array().expect("a list") {
            let id = added["id"].as_u64().expect("an id");
            kinds.insert(id, if added["special"].as_bool() == Some(true) { 3 } else { 4 });
            if !tokens.iter().any(|(known, _)| *known == id) {
                tokens.push((id, added["content"].as_str().expect("text").to_owned()));
            }
        }
        tokens.sort_unstable();
        let merges = json["model"]["merges"].as_array().expect("merges").iter().map(|merge| match merge {
            serde_json::Value::String(merge) => merge.clone(),
            pair => format!("{} {}", pair[0].as_str().expect("text"), pair[1].as_str().expect("text")),
        });
        let kind = |(id, _): &(u64, String)| Value::I32(kinds.get(id).copied().unwrap_or(1));
        let list = |key: &str, items: Vec<Value>| (format!("tokenizer.ggml.{key}"), Value::Array(items));
        vec![
            ("tokenizer.ggml.model".to_owned(), Value::String("gpt2".to_owned())),
            ("tokenizer.ggml.pre".to_owned(), Value::String(pre.to_owned())),
            ("tokenizer.ggml.eos_token_id".to_owned(), Value::U32(1)),
            list("token_type", tokens.iter().map(kind).collect()),
            list("merges", merges.map(Value::String).collect()),
            list("tokens", tokens.into_iter().map(|(_, token)| Value::String(token)).collect()),
        ]
    }

    #[test]
    fn a_model_in_one_file_is_the_model_of_the_folder() {
        let folder = references().join("models/qwen2");
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("model.gguf");
        convert(&folder, &file, "qwen2", vocabulary(&folder, "qwen2"));
        let settings = ModelSettings::default();
        let (whole, one) = (Model::load(&folder, &settings).expect("a model"), Model::load(&file, &settings));
        let one = one.expect("a model");
        let text = std::fs::read(references().join("tokens.json")).expect("references");
        let texts: serde_json::Value = serde_json::from_slice(&text).expect("as written");
        for row in texts["qwen2"]["texts"].as_array().expect("a list") {
            let text = row["text"].as_str().expect("text");
            let ids = one.tokens.encode(text, true).expect("tokens");
            assert_eq!(ids, whole.tokens.encode(text, true).expect("tokens"), "{text:?}");
            assert_eq!(one.tokens.decode(&ids), whole.tokens.decode(&ids));
            if !ids.is_empty() {
                let prompt = crate::Prompt::Text("def f(x):\n".to_owned());
                assert_eq!(
                    one.score("a", &prompt, text).expect("a score"),
                    whole.score("a", &prompt, text).expect("one")
                );
            }
        }
    }

    #[test]
    fn rows_that_are_turned_for_llama_are_turned_back() {
        let folder = references().join("models/llama");
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("model.gguf");
        convert(&folder, &file, "llama", vocabulary(&references().join("models/qwen2"), "gpt-2"));
        let gguf = Gguf::open(&file).expect("a file").weights().expect("weights");
        let usual = weights::in_folder(&folder).expect("weights");
        assert_eq!(gguf.shapes(), usual.shapes());
        for name in usual.shapes().into_keys() {
            let numbers = |source: &dyn Source| {
                source.load(&name).and_then(|it| it.flatten_all()?.to_vec1::<f32>()).expect("numbers")
            };
            assert!(numbers(&*gguf) == numbers(&*usual), "{name}");
        }
    }

    #[test]
    fn a_vocabulary_that_cannot_be_cut_as_it_must_is_refused_with_what_to_do() {
        let folder = references().join("models/qwen2");
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("model.gguf");
        convert(&folder, &file, "qwen2", vocabulary(&folder, "klingon"));
        let error = Model::load(&file, &ModelSettings::default()).expect_err("an unknown way").to_string();
        assert!(
            error.contains("klingon") && error.contains("put the model's tokenizer.json beside the file"),
            "{error}"
        );
        std::fs::copy(folder.join("tokenizer.json"), place.path().join("tokenizer.json")).expect("copied");
        assert!(Model::load(&file, &ModelSettings::default()).is_ok());
        std::fs::write(&file, b"GGUF").expect("written");
        assert!(Model::load(&file, &ModelSettings::default()).is_err());
    }
}
