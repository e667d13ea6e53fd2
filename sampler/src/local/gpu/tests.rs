//! Tests: a model computes on a GPU what it computes on a CPU, and without a GPU says so.
//! They run on a GPU, or on the emulated one of `cuda/emulate/device.sh`, and are skipped where there is neither.

use std::io::Write;
use std::process::Command;

use super::Decoder;
use super::Gpu;
use crate::local::Device;
use crate::local::Model;
use crate::local::ModelSettings;
use crate::local::Precision;
use crate::local::config::Config;
use crate::local::decoder;
use crate::local::parity;
use crate::local::tests::all;
use crate::local::tests::model;
use crate::local::tests::requests;
use crate::local::tests::sampling;
use crate::local::weights::Weights;

/// Set where a real GPU is to show all of it; an emulated one would take an hour.
const THOROUGH: &str = "TRIALBOX_GPU_THOROUGH";

/// Set where there is a GPU, or an emulated one: not to find it is a failure.
const EXPECTED: &str = "TRIALBOX_GPU_EXPECTED";

fn thorough() -> bool {
    std::env::var_os(THOROUGH).is_some_and(|it| it == "1")
}

/// Whether there is a GPU; where there is none, says so.
fn has_gpu(test: &str) -> bool {
    let config = Config::parse(crate::local::TOY_CONFIG, "toy".as_ref()).expect("a configuration");
    let Err(reason) = Gpu::open(&config) else { return true };
    let may_skip =
        ["TRIALBOX_TESTS_STRICT", EXPECTED].iter().all(|name| std::env::var_os(name).is_none_or(|it| it != "1"));
    assert!(may_skip, "{test}: {reason}");
    // Unlike `eprintln!`, this is not captured.
    std::io::stderr().write_all(format!("SKIPPED {test}: {reason}\n").as_bytes()).expect("stderr");
    false
}

fn on_gpu(config: Config, weights: &Weights, context: usize, precision: Precision) -> Box<dyn decoder::Decoder> {
    let gpu = Gpu::open(&config).expect("a GPU");
    Box::new(Decoder::load(gpu, config, weights, context, precision).expect("a model"))
}

fn settings(precision: Precision) -> ModelSettings {
    ModelSettings { device: Some(Device::Gpu), precision: Some(precision), ..ModelSettings::default() }
}

/// How many tokens are drawn.
fn steps() -> usize {
    if thorough() { 200 } else { 12 }
}

#[test]
fn every_architecture_gives_the_logits_of_transformers() {
    if has_gpu("gpu::every_architecture_gives_the_logits_of_transformers") {
        parity::all_are_as_transformers(on_gpu, steps());
    }
}

#[test]
fn the_shared_model_gives_the_logits_of_transformers() {
    let test = "gpu::the_shared_model_gives_the_logits_of_transformers";
    if has_gpu(test) {
        parity::shared_model_is_as_transformers(on_gpu, steps(), test);
    }
}

#[test]
fn in_bf16_a_model_is_as_near_to_f32_as_transformers_is() {
    if has_gpu("gpu::in_bf16_a_model_is_as_near_to_f32_as_transformers_is") {
        // What goes into a product and comes out of it is bf16 here, as there; which of two numbers is then farther off is
        // chance, and a few positions say little of the worst.
        let room = parity::Room { worst: 2.0, mean: 1.25 };
        parity::bf16_is_as_near_to_f32_as_transformers_is(on_gpu, if thorough() { 8192 } else { 1024 }, room);
    }
}

#[test]
fn texts_have_the_perplexity_that_transformers_gives_them() {
    let test = "gpu::texts_have_the_perplexity_that_transformers_gives_them";
    if has_gpu(test) {
        parity::perplexities_are_as_transformers(&settings(Precision::F32), if thorough() { 20 } else { 2 }, test);
    }
}

#[test]
fn what_is_drawn_is_what_a_cpu_draws_also_where_samples_wait_for_memory() {
    if !has_gpu("gpu::what_is_drawn_is_what_a_cpu_draws_also_where_samples_wait_for_memory") {
        return;
    }
    let samples = [0, 1, 2, 3, 4];
    let cpu = model(&ModelSettings { device: Some(Device::Cpu), ..ModelSettings::default() });
    let plenty = model(&settings(Precision::F32));
    let short = ModelSettings { kv_memory_bytes: Some(9 * plenty.decoder.page_bytes()), ..settings(Precision::F32) };
    for gpu in [plenty, model(&short)] {
        assert_eq!(gpu.device(), Device::Gpu);
        for temperature in [0.0, 1.0] {
            let sampling = crate::Sampling { temperature, top_p: 0.95, ..sampling(40) };
            let (expected, found) =
                (all(&cpu, requests(&samples), &sampling), all(&gpu, requests(&samples), &sampling));
            let same = expected.iter().filter(|(key, completion)| found[*key].text == completion.text).count();
            // A logit that is rounded otherwise decides once in many thousand draws.
            assert!(same + 1 >= expected.len(), "temperature {temperature}: {same} of {}", expected.len());
            for (key, completion) in expected.iter().filter(|(key, completion)| found[*key].text == completion.text) {
                let (ours, theirs) = (found[key].mean_logprob.expect("kept"), completion.mean_logprob.expect("kept"));
                assert!((ours - theirs).abs() < 1e-4, "{key:?}: {ours} {theirs}");
            }
        }
    }
}

#[test]
fn half_precisions_draw_too() {
    if !has_gpu("gpu::half_precisions_draw_too") {
        return;
    }
    let greedy = crate::Sampling { temperature: 0.0, ..sampling(12) };
    let cpu = model(&ModelSettings { device: Some(Device::Cpu), ..ModelSettings::default() });
    let expected = all(&cpu, requests(&[0]), &greedy);
    for precision in [Precision::Bf16, Precision::F16] {
        let found = all(&model(&settings(precision)), requests(&[0]), &greedy);
        for (key, completion) in &expected {
            let (ours, theirs) = (found[key].mean_logprob.expect("kept"), completion.mean_logprob.expect("kept"));
            assert!((ours - theirs).abs() < 0.05, "{precision:?} {key:?}: {ours} {theirs}");
        }
    }
}

/// Loads the small model as `trialbox sample` does, and says what became of it; only ever started by the test below.
#[test]
#[ignore = "the test that starts it says with which libraries"]
#[expect(clippy::print_stdout, reason = "what the other test reads")]
fn says_what_it_runs_on() {
    let found = Model::toy(&ModelSettings::default()).expect("a model");
    println!("runs on {:?}, {:?}: {}", found.device(), found.precision(), found.note().unwrap_or("no note"));
    let asked = Model::toy(&ModelSettings { device: Some(Device::Gpu), ..ModelSettings::default() });
    println!("asked for a gpu: {}", asked.map_or_else(|error| error.to_string(), |_| "is there".to_owned()));
}

#[test]
fn without_a_gpu_a_model_runs_on_the_cpu_and_says_why() {
    #[expect(clippy::disallowed_methods, reason = "which libraries are there is settled when a program starts")]
    let says = |environment: &[(&str, &str)]| {
        let mut command = Command::new(std::env::current_exe().expect("this test"));
        command.args(["--exact", "local::gpu::tests::says_what_it_runs_on", "--ignored", "--nocapture"]);
        command.envs(environment.iter().copied());
        let output = command.output().expect("this test starts");
        String::from_utf8(output.stdout).expect("text")
    };
    let nothing = says(&[("LD_LIBRARY_PATH", ""), ("CUDA_VISIBLE_DEVICES", "")]);
    assert!(nothing.contains("runs on Cpu, F32: no GPU can be used: "), "{nothing}");
    assert!(nothing.contains("; the model runs on the CPU"), "{nothing}");
    assert!(nothing.contains("asked for a gpu: no GPU can be used: "), "{nothing}");
    if has_gpu("gpu::without_a_gpu_a_model_runs_on_the_cpu_and_says_why") {
        let there = says(&[]);
        assert!(there.contains("runs on Gpu, Bf16: no note"), "{there}");
        // The emulated driver hides its device for this, a real one for the other.
        let hidden = says(&[("TRIALBOX_EMULATE_NO_DEVICE", "1"), ("CUDA_VISIBLE_DEVICES", "")]);
        assert!(hidden.contains("runs on Cpu, F32: no GPU can be used: the NVIDIA driver says "), "{hidden}");
    }
}
