//! Tests: models compute what Hugging Face's transformers compute (`references/`, made by its scripts).

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use candle_core::Device;
use candle_core::Tensor;

use super::Model;
use super::ModelSettings;
use super::Precision;
use super::config::Config;
use super::cpu;
use super::decoder::Decoder;
use super::decoder::Memory;
use super::pages::Pages;
use super::places::PAGE;
use super::places::Places;
use super::weights;
use super::weights::Weights;
use crate::Prompt;

/// The models whose weights lie beside their references.
const MODELS: [&str; 5] = ["qwen2", "qwen2-untied", "qwen3", "llama", "llama-plain"];

const PROMPTS: [usize; 3] = [5, 23, 61];

/// This crate's folder: where cargo says it is, or, for tests that were built on another machine, where they are told.
pub(super) fn crate_folder() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

fn references() -> PathBuf {
    crate_folder().join("references")
}

/// What transformers answered.
struct Reference(HashMap<String, Tensor>);

impl Reference {
    fn of(name: &str) -> Self {
        let file = references().join(format!("{name}.safetensors"));
        Self(candle_core::safetensors::load(file, &Device::Cpu).expect("references"))
    }

    fn ids(&self, name: &str) -> Vec<u32> {
        self.0[name].to_vec1().expect("ids")
    }

    fn logits(&self, name: &str) -> Vec<Vec<f32>> {
        self.0[name].to_vec2().expect("logits")
    }
}

/// The model that is handed to us and never committed; where it is not, says so.
fn shared_model(test: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("TRIALBOX_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let folder = crate_folder().parent().expect("a workspace").join(shared).join("models/tiny-qwen2");
    if folder.is_dir() {
        return Some(folder);
    }
    let reason = format!("{} is not here", folder.display());
    assert!(std::env::var_os("TRIALBOX_TESTS_STRICT").is_none_or(|it| it != "1"), "{test}: {reason}");
    // Unlike `eprintln!`, this is not captured.
    std::io::stderr().write_all(format!("SKIPPED {test}: {reason}\n").as_bytes()).expect("stderr");
    None
}

/// How a model becomes ready: the device, from a configuration, weights, a context and a precision.
pub(super) type Ready = fn(Config, &Weights, usize, Precision) -> Box<dyn Decoder>;

fn on_cpu(config: Config, weights: &Weights, context: usize, precision: Precision) -> Box<dyn Decoder> {
    Box::new(cpu::decoder::Decoder::load(config, weights, context, precision).expect("a model"))
}

/// A model with some sequences in its memory.
struct Running {
    memory: Box<dyn Memory>,
    pages: Pages,
    /// Of each sequence its tokens and pages.
    sequences: Vec<(usize, Vec<u32>)>,
}

impl Running {
    fn new(ready: Ready, folder: &Path, precision: Precision, context: usize) -> Self {
        let config = Config::read(&folder.join("config.json")).expect("a configuration");
        let source = weights::in_folder(folder).expect("weights");
        let weights = Weights::new(source, folder, &config, precision).expect("the right weights");
        // For as long as the tests run: its memory borrows it.
        let decoder = Box::leak(ready(config, &weights, context, precision));
        let page_count = 4 * context.div_ceil(PAGE);
        let memory = decoder.memory(page_count).expect("memory");
        Self { memory, pages: Pages::new(page_count), sequences: Vec::new() }
    }

    /// Adds tokens to some sequences, in one step, and gives the logits behind each of them.
    fn step(&mut self, additions: &[(usize, &[u32])]) -> Vec<Vec<f32>> {
        let (mut places, mut tokens) = (Places::default(), Vec::new());
        for (index, added) in additions {
            while self.sequences.len() <= *index {
                self.sequences.push((0, Vec::new()));
            }
            let (length, pages) = &mut self.sequences[*index];
            while pages.len() * PAGE < *length + added.len() {
                pages.push(self.pages.take().expect("a page"));
            }
            places.add(*length, added.len(), pages, 0);
            *length += added.len();
            tokens.extend_from_slice(added);
        }
        let wanted: Vec<u32> = (0..tokens.len()).map(|row| u32::try_from(row).expect("few")).collect();
        self.memory.step(&tokens, &places, &wanted).expect("a step").numbers().expect("rows")
    }
}

fn greatest_difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max)
}

fn likeliest(logits: &[f32]) -> u32 {
    let best = logits.iter().enumerate().max_by(|left, right| left.1.total_cmp(right.1)).expect("logits");
    u32::try_from(best.0).expect("a token")
}

/// Every prompt in one step, then so many tokens of each in steps of three rows of different lengths.
fn is_as_transformers(ready: Ready, name: &str, folder: &Path, most_steps: usize) {
    let reference = Reference::of(name);
    let mut running = Running::new(ready, folder, Precision::F32, 320);
    let prompts = PROMPTS.map(|length| reference.ids(&format!("prompt.{length}")));
    let additions: Vec<(usize, &[u32])> = prompts.iter().map(Vec::as_slice).enumerate().collect();
    let logits = running.step(&additions);
    let mut behind = Vec::new();
    let mut start = 0;
    for (length, prompt) in PROMPTS.into_iter().zip(&prompts) {
        let rows = reference.ids(&format!("rows.{length}"));
        let expected = if reference.0.contains_key(&format!("logits.{length}")) {
            reference.logits(&format!("logits.{length}"))
        } else {
            Vec::new()
        };
        for (row, expected) in rows.iter().zip(&expected) {
            let difference = greatest_difference(&logits[start + *row as usize], expected);
            assert!(difference <= 1e-4, "{name}, prompt of {length}, position {row}: {difference}");
        }
        start += prompt.len();
        behind.push(logits[start - 1].clone());
    }
    let steps = reference.ids("steps");
    let greedy = PROMPTS.map(|length| reference.ids(&format!("greedy.{length}")));
    for step in 0..greedy[0].len().min(most_steps) {
        for (index, length) in PROMPTS.into_iter().enumerate() {
            if let Some(at) = steps.iter().position(|it| *it as usize == step) {
                let expected = &reference.logits(&format!("forced.{length}"))[at];
                let difference = greatest_difference(&behind[index], expected);
                assert!(difference <= 1e-4, "{name}, prompt of {length}, step {step}: {difference}");
            }
            assert_eq!(likeliest(&behind[index]), greedy[index][step], "{name}, prompt of {length}, step {step}");
        }
        let tokens = [0, 1, 2].map(|index| (index, &greedy[index][step..=step]));
        behind = running.step(&tokens);
    }
}

/// All models whose weights lie here, by as many steps.
pub(super) fn all_are_as_transformers(ready: Ready, most_steps: usize) {
    for name in MODELS {
        is_as_transformers(ready, name, &references().join("models").join(name), most_steps);
    }
}

/// The model that is handed to us.
pub(super) fn shared_model_is_as_transformers(ready: Ready, most_steps: usize, test: &str) {
    if let Some(folder) = shared_model(test) {
        is_as_transformers(ready, "tiny-qwen2", &folder, most_steps);
    }
}

#[test]
fn every_architecture_gives_the_logits_and_the_greedy_text_of_transformers() {
    all_are_as_transformers(on_cpu, 200);
}

#[test]
fn the_shared_model_gives_the_logits_and_the_greedy_text_of_transformers() {
    let test = "the_shared_model_gives_the_logits_and_the_greedy_text_of_transformers";
    shared_model_is_as_transformers(on_cpu, 200, test);
}

#[test]
fn tokens_have_the_same_logits_to_the_bit_however_they_are_cut_into_steps_and_whatever_is_beside_them() {
    let folder = references().join("models/qwen3");
    let tokens: Vec<u32> = (0..75).map(|it| it * 7 % 250).collect();
    let whole = Running::new(on_cpu, &folder, Precision::F32, 128).step(&[(0, &tokens)]);
    for cut in [1, 5, 16, 33] {
        let mut running = Running::new(on_cpu, &folder, Precision::F32, 128);
        let mut found = Vec::new();
        for part in tokens.chunks(cut) {
            let beside: Vec<u32> = part.iter().map(|it| it / 2).collect();
            let both = running.step(&[(0, part), (1, &beside)]);
            found.extend_from_slice(&both[..part.len()]);
        }
        assert!(found == whole, "in steps of {cut}");
    }
}

/// How far from f32 bf16 may be, in errors of transformers' own bf16.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// The worst logit of all positions, in worst ones of its.
    pub(super) worst: f32,
    /// The mean over positions of the worst logit of each, in means of its.
    pub(super) mean: f32,
}

/// A sequence of up to 8,192 tokens, in f32 and in bf16.
pub(super) fn bf16_is_as_near_to_f32_as_transformers_is(ready: Ready, most_tokens: usize, room: Room) {
    let folder = references().join("models/qwen2-long");
    let reference = Reference::of("qwen2-long");
    let (mut prompt, mut rows) = (reference.ids("prompt"), reference.ids("rows"));
    prompt.truncate(most_tokens);
    rows.retain(|row| (*row as usize) < prompt.len());
    assert!(rows.len() >= 3, "positions that are looked at: {rows:?}");
    let (exact, bf16) = (reference.logits("logits"), reference.logits("logits_bf16"));
    for precision in [Precision::F32, Precision::Bf16] {
        let mut running = Running::new(ready, &folder, precision, 8192);
        let mut found = Vec::new();
        for part in prompt.chunks(512) {
            found.extend(running.step(&[(0, part)]));
        }
        let errors = |logits: &dyn Fn(usize) -> Vec<f32>| -> Vec<f32> {
            (0..rows.len()).map(|index| greatest_difference(&logits(index), &exact[index])).collect()
        };
        let ours = errors(&|index| found[rows[index] as usize].clone());
        let theirs = errors(&|index| bf16[index].clone());
        let worst = |errors: &[f32]| errors.iter().copied().fold(0.0, f32::max);
        let sum = |errors: &[f32]| errors.iter().sum::<f32>();
        let is_near = match precision {
            Precision::F32 => worst(&ours) <= 1e-4,
            _ => worst(&ours) <= room.worst * worst(&theirs) && sum(&ours) <= room.mean * sum(&theirs),
        };
        assert!(is_near, "{precision:?}: {ours:?}, transformers in bf16: {theirs:?}");
    }
}

#[test]
fn in_bf16_a_model_is_as_near_to_f32_at_8000_positions_as_transformers_is() {
    bf16_is_as_near_to_f32_as_transformers_is(on_cpu, 8192, Room { worst: 1.0, mean: 1.0 });
}

/// Some of the 20 texts with the perplexity that transformers gives them under the shared model, and the model.
pub(super) fn perplexities_are_as_transformers(settings: &ModelSettings, most_texts: usize, test: &str) {
    let Some(folder) = shared_model(test) else { return };
    let model = Model::load(&folder, settings).expect("a model");
    let text = std::fs::read(references().join("perplexity.json")).expect("references");
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&text).expect("as written");
    assert_eq!(rows.len(), 20);
    for row in rows.into_iter().take(most_texts) {
        let (prompt, response) = (row["prompt"].as_str().expect("text"), row["response"].as_str().expect("text"));
        let score = model.score("task", &Prompt::Text(prompt.to_owned()), response).expect("a score");
        assert_eq!(Some(u64::from(score.tokens)), row["tokens"].as_u64());
        let (found, expected) = (score.perplexity().expect("tokens"), row["perplexity"].as_f64().expect("a number"));
        assert!((found / expected - 1.0).abs() < 1e-4, "{found} {expected}");
    }
}

#[test]
fn texts_have_the_perplexity_that_transformers_gives_them() {
    perplexities_are_as_transformers(
        &ModelSettings::default(),
        20,
        "texts_have_the_perplexity_that_transformers_gives_them",
    );
}
