//! How fast a local model draws: the counterpart of `benches/sample_peer.py`, with the same words and one JSON line.
//!
//!     cargo run --release -p trialbox-sampler --example throughput -- MODEL [--batch 32] [--prompt-tokens 64]
//!         [--new-tokens 64] [--threads 2] [--temperature 0.6] [--top-p 0.95] [--rounds 3] [--device cpu|gpu]
//!         [--dtype f32|bf16|f16] [--apart]
//!
//! MODEL is a Hugging Face folder whose weights never end a text by themselves within so few tokens, or hardly ever: rows that end
//! early are counted as far as they came. `--apart` draws each completion by itself, its prompt read anew.

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use tokenizers::Tokenizer;
use trialbox_sampler::Event;
use trialbox_sampler::Prompt;
use trialbox_sampler::Request;
use trialbox_sampler::Sampling;
use trialbox_sampler::local::Device;
use trialbox_sampler::local::Model;
use trialbox_sampler::local::ModelSettings;
use trialbox_sampler::local::Precision;

#[expect(clippy::print_stdout, reason = "what it prints is what it is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(arguments.first().ok_or("MODEL is needed")?);
    let given = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let value = |name: &str, usual: f64| given(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let count = |name: &str, usual: u32| given(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (batch, prompt_tokens, new_tokens) =
        (count("--batch", 32), count("--prompt-tokens", 64), count("--new-tokens", 64));
    let threads = count("--threads", 2);
    let apart = arguments.iter().any(|argument| argument == "--apart");
    rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build_global()?;
    let sampling = Sampling {
        temperature: value("--temperature", 0.6),
        top_p: value("--top-p", 0.95),
        max_tokens: new_tokens,
        ..Sampling::default()
    };
    let device = match given("--device").map_or("cpu", String::as_str) {
        "cpu" => Device::Cpu,
        "gpu" => Device::Gpu,
        other => return Err(format!("--device {other}: cpu or gpu").into()),
    };
    let precision = match given("--dtype").map_or("f32", String::as_str) {
        "f32" => Precision::F32,
        "bf16" => Precision::Bf16,
        "f16" => Precision::F16,
        other => return Err(format!("--dtype {other}: f32, bf16 or f16").into()),
    };
    let settings = ModelSettings {
        device: Some(device),
        precision: Some(precision),
        batch: if apart { 1 } else { batch as usize },
        ..ModelSettings::default()
    };
    let model = Model::load(folder, &settings)?;
    let prompt = text_of(folder, prompt_tokens as usize)?;
    let request = |index: u32, samples: Vec<u32>| Request {
        task_id: format!("task/{index}"),
        prompt: Prompt::Text(prompt.clone()),
        stop: Vec::new(),
        samples,
    };
    let requests: Vec<Request> = if apart {
        (0..batch).map(|index| request(index, vec![0])).collect()
    } else {
        vec![request(0, (0..batch).collect())]
    };
    // The first round warms up.
    let (mut decode, mut whole) = (Vec::new(), Vec::new());
    for round in 0..=count("--rounds", 3) {
        let (began, mut first, mut tokens) = (Instant::now(), None, 0);
        model.complete(&mut requests.clone().into_iter(), &sampling, &mut |event| {
            if let Event::Tokens(count) = event {
                tokens += count;
                if tokens == u64::from(batch) {
                    first = Some(Instant::now());
                }
            }
            ControlFlow::Continue(())
        })?;
        let tokens = tokens as f64;
        if round > 0 {
            let since = first.map_or(f64::NAN, |first| first.elapsed().as_secs_f64());
            decode.push((tokens - f64::from(batch)) / since);
            whole.push(tokens / began.elapsed().as_secs_f64());
        }
    }
    let median = |mut all: Vec<f64>| {
        all.sort_unstable_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let decode = if apart { serde_json::Value::Null } else { median(decode).into() };
    println!(
        "{}",
        serde_json::json!({
            "batch": batch, "prompt_tokens": prompt_tokens, "new_tokens": new_tokens, "threads": threads, "apart": apart,
            "device": device, "dtype": precision,
            "decode_tokens_per_s": decode, "whole_tokens_per_s": median(whole),
        })
    );
    Ok(())
}

/// A text of so many tokens.
fn text_of(folder: &Path, tokens: usize) -> Result<String, Box<dyn Error>> {
    let tokenizer = Tokenizer::from_file(folder.join("tokenizer.json")).map_err(|error| error.to_string())?;
    let mut text = String::from("def f(x):\n");
    for number in 0_u32.. {
        if tokenizer.encode_fast(text.as_str(), true).map_err(|error| error.to_string())?.len() >= tokens {
            break;
        }
        text += ["x", " +", " y", " if", "\n   ", " return", " for", " in"][(number * 5 % 8) as usize];
    }
    Ok(text)
}
