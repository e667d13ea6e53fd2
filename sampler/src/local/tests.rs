//! Tests: what is drawn does not depend on how.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::decoder::Logits;
use super::decoder::Memory;
use super::places::Places;
use super::*;
use crate::Completion;

fn folder() -> std::path::PathBuf {
    parity::crate_folder().join("references/models/qwen2")
}

pub(super) fn model(settings: &ModelSettings) -> Model {
    Model::load(&folder(), settings).expect("a model")
}

pub(super) fn requests(samples: &[u32]) -> Vec<Request> {
    let texts =
        ["def add(a, b):\n", "# a prompt that is longer than one page of the memory\ndef f(x):\n    return ", "x"];
    let request = |(index, text): (usize, &&str)| Request {
        task_id: format!("task/{index}"),
        prompt: Prompt::Text((*text).to_owned()),
        stop: Vec::new(),
        samples: samples.to_vec(),
    };
    texts.iter().enumerate().map(request).collect()
}

pub(super) fn sampling(max_tokens: u32) -> Sampling {
    Sampling { temperature: 1.0, max_tokens, seed: 11, logprobs: true, ..Sampling::default() }
}

pub(super) fn all(model: &Model, requests: Vec<Request>, sampling: &Sampling) -> BTreeMap<(String, u32), Completion> {
    let mut found = BTreeMap::new();
    let mut take = |event| {
        if let Event::Completed(completion) = event {
            let key = (completion.task_id.clone(), completion.sample);
            assert!(found.insert(key, completion).is_none(), "given twice");
        }
        ControlFlow::Continue(())
    };
    model.complete(&mut requests.into_iter(), sampling, &mut take).expect("completions");
    found
}

#[test]
fn completions_are_the_same_to_the_bit_in_any_batch_any_order_and_when_only_some_are_asked() {
    let sampling = sampling(40);
    let expected = all(&model(&ModelSettings::default()), requests(&[0, 1, 2, 3, 4, 5, 6]), &sampling);
    assert_eq!(expected.len(), 21);
    for batch in [1, 2, 5, 8] {
        let model = model(&ModelSettings { batch, ..ModelSettings::default() });
        assert_eq!(all(&model, requests(&[0, 1, 2, 3, 4, 5, 6]), &sampling), expected, "batch {batch}");
    }
    let model = model(&ModelSettings::default());
    let mut turned = requests(&[6, 3, 0]);
    turned.reverse();
    let some = all(&model, turned, &sampling);
    assert_eq!(some.len(), 9);
    assert!(some.iter().all(|(key, completion)| expected[key] == *completion));
}

#[test]
fn where_memory_is_short_sequences_wait_and_nothing_else_changes() {
    let sampling = sampling(90);
    let requests = || requests(&[0, 1, 2, 3, 4, 5]);
    let plenty = model(&ModelSettings::default());
    let expected = all(&plenty, requests(), &sampling);
    let longest = expected.values().filter_map(|it| it.tokens).max().expect("completions");
    assert!(longest > 60, "long enough to run out of memory: {longest}");
    let mut enough = 0;
    for pages in 2..24 {
        let settings =
            ModelSettings { kv_memory_bytes: Some(pages * plenty.decoder.page_bytes()), ..ModelSettings::default() };
        let model = model(&settings);
        if requests().iter().any(|request| model.check(request, &sampling).is_err()) {
            assert_eq!(enough, 0, "{pages} pages are too few, and fewer were enough");
            continue;
        }
        enough += 1;
        assert_eq!(all(&model, requests(), &sampling), expected, "{pages} pages");
    }
    assert!(enough > 10, "{enough}");
    let settings = ModelSettings { kv_memory_bytes: Some(3 * plenty.decoder.page_bytes()), ..ModelSettings::default() };
    let refused = model(&settings).complete(&mut requests().into_iter(), &sampling, &mut |_| ControlFlow::Continue(()));
    assert!(refused.expect_err("too little for one").to_string().contains("allow more with --kv-memory"));
}

/// A decoder that counts the tokens which it is given.
struct Counting {
    decoder: Box<dyn Decoder>,
    tokens: Rc<Cell<usize>>,
}

struct CountingMemory<'a> {
    memory: Box<dyn Memory + 'a>,
    tokens: &'a Cell<usize>,
}

impl Decoder for Counting {
    fn config(&self) -> &Config {
        self.decoder.config()
    }

    fn page_bytes(&self) -> usize {
        self.decoder.page_bytes()
    }

    fn memory(&self, page_count: usize) -> candle_core::Result<Box<dyn Memory + '_>> {
        Ok(Box::new(CountingMemory { memory: self.decoder.memory(page_count)?, tokens: &self.tokens }))
    }
}

impl Memory for CountingMemory<'_> {
    fn step(&mut self, tokens: &[u32], places: &Places, wanted: &[u32]) -> candle_core::Result<Box<dyn Logits>> {
        self.tokens.update(|before| before + tokens.len());
        self.memory.step(tokens, places, wanted)
    }

    fn copy_page(&mut self, from: u32, to: u32) -> candle_core::Result<()> {
        self.memory.copy_page(from, to)
    }
}

#[test]
fn what_samples_have_in_common_is_computed_once() {
    // A trained model, which is sure of much of what it writes.
    let mut model = Model::toy(&ModelSettings::default()).expect("it is embedded");
    let computed = Rc::new(Cell::new(0));
    model.decoder = Box::new(Counting { decoder: model.decoder, tokens: Rc::clone(&computed) });
    let request = || requests(&(0..64).collect::<Vec<_>>()).remove(0);
    let prompt = model.tokens_of("task/0", &request().prompt).expect("tokens").len();
    let counted = |sampling: &Sampling| {
        computed.set(0);
        (all(&model, vec![request()], sampling), computed.get())
    };
    // All of them are the same; the last token is never read.
    let (same, tokens) = counted(&Sampling { temperature: 0.0, ..sampling(60) });
    let first = &same[&("task/0".to_owned(), 0)];
    assert!(same.values().all(|it| it.text == first.text && it.logprobs == first.logprobs));
    assert_eq!(tokens, prompt + first.tokens.expect("counted") as usize - 1);
    // These have beginnings in common, which their log-probabilities tell apart; the last token of each is never read.
    let (drawn, tokens) = counted(&Sampling { temperature: 0.6, ..sampling(60) });
    let mut beginnings = std::collections::BTreeSet::new();
    for completion in drawn.values() {
        let logprobs = completion.logprobs.as_ref().expect("they were asked for");
        let bits: Vec<u32> = logprobs.iter().map(|it| it.to_bits()).collect();
        beginnings.extend((1..bits.len()).map(|to| bits[..to].to_vec()));
    }
    let all_tokens: usize = drawn.values().map(|it| it.tokens.expect("counted") as usize).sum();
    assert_eq!(tokens, prompt + beginnings.len());
    assert!(beginnings.len() * 2 < all_tokens, "{} of {all_tokens}", beginnings.len());
}

#[test]
fn a_completion_ends_before_its_stop_string_wherever_tokens_cut_it() {
    let sampling = sampling(60);
    let model = model(&ModelSettings::default());
    let whole = all(&model, requests(&[0, 1, 2]), &sampling);
    let mut looked_at = 0;
    for ((task_id, sample), free) in &whole {
        let characters: Vec<(usize, char)> = free.text.char_indices().collect();
        for from in (0..characters.len().saturating_sub(4)).step_by(5) {
            let stop: String = characters[from..from + 3].iter().map(|(_, character)| character).collect();
            if stop.contains('\u{fffd}') {
                continue;
            }
            let mut request = requests(&[*sample]).into_iter().find(|it| it.task_id == *task_id).expect("the task");
            request.stop = vec!["never written by this model".to_owned(), stop.clone()];
            let found = all(&model, vec![request], &sampling).into_values().next().expect("a completion");
            let at = free.text.find(&stop).expect("it is a part of it");
            assert_eq!((found.text.as_str(), found.finish_reason), (&free.text[..at], crate::FinishReason::Stop));
            looked_at += 1;
        }
    }
    assert!(looked_at > 20, "{looked_at}");
}

#[test]
fn a_prompt_that_fills_the_context_is_refused_and_a_shorter_one_ends_with_it() {
    let model = model(&ModelSettings { context: Some(20), ..ModelSettings::default() });
    let request = |text: &str| Request { prompt: Prompt::Text(text.to_owned()), ..requests(&[0]).remove(0) };
    let read = model.tokens.encode("def f(x):\n", true).expect("tokens").len();
    let samples = Request { samples: (0..20).collect(), ..request("def f(x):\n") };
    let full = all(&model, vec![samples], &sampling(1000)).into_values();
    let full: Vec<_> = full.filter(|it| it.finish_reason == crate::FinishReason::Length).collect();
    assert!(!full.is_empty(), "none went on to the end of the context");
    assert!(full.iter().all(|it| it.tokens.map(|tokens| tokens as usize) == Some(20 - read)));
    let long = "def f(x):\n".repeat(10);
    let refused = model.complete(&mut [request(&long)].into_iter(), &sampling(5), &mut |_| ControlFlow::Continue(()));
    let said = refused.expect_err("too long").to_string();
    assert!(said.starts_with("the prompt of task/0 has ") && said.contains("this model's context 20"), "{said}");
}

#[test]
fn a_run_that_is_told_to_stop_gives_nothing_more() {
    let model = model(&ModelSettings { batch: 4, ..ModelSettings::default() });
    let mut given = 0;
    let mut take = |event| match event {
        Event::Tokens(_) => ControlFlow::Continue(()),
        Event::Completed(_) => {
            given += 1;
            ControlFlow::Break(())
        }
    };
    model.complete(&mut requests(&[0, 1, 2, 3]).into_iter(), &sampling(30), &mut take).expect("no fault");
    assert_eq!(given, 1);
}

#[test]
fn a_drawn_completion_scores_what_it_was_drawn_with() {
    // What a trained model writes becomes the same tokens again, most of the time.
    let model = Model::toy(&ModelSettings::default()).expect("it is embedded");
    let sampling = sampling(60);
    let samples: Vec<u32> = (0..40).collect();
    let request = requests(&samples).remove(0);
    let mut looked_at = 0;
    for drawn in all(&model, vec![request.clone()], &sampling).into_values() {
        let scored = model.score("task/1", &request.prompt, &drawn.text).expect("a score");
        // A text may be other tokens than those it was drawn as, and the token that ends it is no part of it.
        let logprobs = drawn.logprobs.expect("they were asked for");
        let ended = usize::from(drawn.finish_reason == crate::FinishReason::Stop);
        if scored.tokens as usize + ended == logprobs.len() && scored.tokens > 0 {
            let sum: f64 = logprobs[..scored.tokens as usize].iter().map(|it| f64::from(*it)).sum();
            let (drawn, scored) = (sum / f64::from(scored.tokens), scored.mean_logprob.expect("tokens"));
            assert!((drawn - scored).abs() < 1e-5, "{drawn} {scored}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 5, "{looked_at} texts became the same tokens again");
    assert_eq!(model.score("task/1", &request.prompt, "").expect("a score").mean_logprob, None);
}
