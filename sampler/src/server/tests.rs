//! Tests of the server as the front end, against one on this machine that plays vLLM, SGLang, llama.cpp and broken ones.

mod fake;
mod faults;
mod scores;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Instant;

use serde_json::json;

use super::*;
use crate::Completion;
use crate::FinishReason;
use crate::Message;
use crate::Prompt;
use crate::Role;
use fake::Asked;
use fake::Fake;
use fake::Reply;
use fake::answer;
use fake::choice;
use fake::models_or;
use fake::vllm;

fn settings(fake: &Fake) -> ServerSettings {
    ServerSettings {
        timeout: Duration::from_secs(20),
        retries: 4,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(4),
        concurrency: 4,
        api_key: None,
        ..ServerSettings::new(&fake.url)
    }
}

fn server(fake: &Fake) -> Server {
    Server::new(&settings(fake)).unwrap()
}

fn request(task_id: &str, samples: impl IntoIterator<Item = u32>) -> Request {
    Request {
        task_id: task_id.to_owned(),
        prompt: Prompt::Text("def f(".to_owned()),
        stop: Vec::new(),
        samples: samples.into_iter().collect(),
    }
}

fn chat_request(samples: impl IntoIterator<Item = u32>) -> Request {
    let messages = vec![Message { role: Role::User, content: "hi".to_owned() }];
    Request { prompt: Prompt::Chat { messages, prefill: String::new() }, ..request("t/0", samples) }
}

/// What came, by problem and sample; nothing twice, each with the text of its seed.
struct Drawn {
    completions: BTreeMap<(String, u32), Completion>,
    result: Result<(), ServerError>,
    tokens: u64,
}

impl Drawn {
    fn keys(&self) -> Vec<(&str, u32)> {
        self.completions.keys().map(|(task, sample)| (task.as_str(), *sample)).collect()
    }

    fn error(&self) -> String {
        self.result.as_ref().expect_err("an error").to_string()
    }
}

fn draw_with(server: &Server, requests: Vec<Request>, sampling: &Sampling) -> Drawn {
    let (mut completions, mut tokens) = (BTreeMap::new(), 0);
    let result = server.complete(requests.into_iter(), sampling, &mut |event| {
        match event {
            Event::Tokens(more) => tokens += more,
            Event::Completed(completion) => {
                assert_eq!(completion.text, format!("seed {}", completion.seed));
                let key = (completion.task_id.clone(), completion.sample);
                assert!(completions.insert(key, completion).is_none(), "told twice");
            }
        }
        ControlFlow::Continue(())
    });
    Drawn { completions, result, tokens }
}

fn draw(server: &Server, requests: Vec<Request>) -> Drawn {
    draw_with(server, requests, &Sampling::default())
}

#[test]
fn vllm_draws_chunks_whose_seeds_count_up_from_the_problems_own() {
    let fake = Fake::start(vllm);
    let drawn = draw(&server(&fake), vec![request("t/0", 0..20), request("t/1", 0..3)]);
    drawn.result.unwrap();
    assert_eq!(drawn.completions.len(), 23);
    let completion = &drawn.completions[&("t/0".to_owned(), 19)];
    assert_eq!(completion.seed, seed::base_seed(0, "t/0") + 19);
    assert_eq!((completion.tokens, completion.mean_logprob), (Some(2), Some(-1.5)));
    assert_eq!((completion.finish_reason, &completion.logprobs), (FinishReason::Stop, &None));
    assert_eq!(drawn.tokens, 46);
    let mut counts: Vec<u64> = fake.drawings().iter().map(Asked::n).collect();
    counts.sort_unstable();
    assert_eq!(counts, [3, 4, 8, 8]);
    assert_ne!(seed::base_seed(0, "t/0"), seed::base_seed(0, "t/1"));
}

#[test]
fn only_the_missing_samples_are_asked_for_each_with_the_seed_it_would_have_had() {
    let fake = Fake::start(vllm);
    let drawn = draw(&server(&fake), vec![request("t/0", [9, 2, 3, 2, 4, 20]), request("t/1", [])]);
    drawn.result.as_ref().unwrap();
    assert_eq!(drawn.keys(), [("t/0", 2), ("t/0", 3), ("t/0", 4), ("t/0", 9), ("t/0", 20)]);
    let base = seed::base_seed(0, "t/0");
    let asked: BTreeSet<(u64, u64)> = fake.drawings().iter().map(|asked| (asked.seed() - base, asked.n())).collect();
    assert_eq!(asked, BTreeSet::from([(2, 3), (9, 1), (20, 1)]));
}

#[test]
fn a_conversation_goes_to_chat_and_a_text_to_completions() {
    let fake = Fake::start(vllm);
    let settings = ServerSettings { api_key: Some("sk-1".to_owned()), ..settings(&fake) };
    let server = Server::new(&settings).unwrap();
    let asked = Sampling { logprobs: true, ..Sampling::default() };
    let drawn = draw_with(&server, vec![chat_request(0..2)], &asked);
    drawn.result.unwrap();
    assert_eq!(drawn.completions[&("t/0".to_owned(), 1)].logprobs.as_deref(), Some(&[-1.0, -2.0][..]));
    draw(&server, vec![request("t/0", [0])]).result.unwrap();
    let paths: Vec<String> = fake.drawings().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/v1/chat/completions", "/v1/completions"]);
    assert!(fake.drawings().iter().all(|asked| asked.head.contains("authorization: bearer sk-1\r\n")));
    assert!(!format!("{settings:?}").contains("sk-1"));
}

#[test]
fn the_only_model_is_taken_and_several_are_listed() {
    let fake = Fake::start(vllm);
    assert_eq!(server(&fake).model(), "tiny");
    let list = |names: &'static [&'static str]| {
        let data: Vec<_> = names.iter().map(|name| json!({"id": name})).collect();
        Fake::start(move |_| Reply::Json(json!({"data": data})))
    };
    let several = list(&["base", "lora-a"]);
    let error = Server::new(&settings(&several)).expect_err("two").to_string();
    assert!(error.contains("2 models: base, lora-a; name one"), "{error}");
    let error = Server::new(&settings(&list(&[]))).expect_err("none").to_string();
    assert!(error.contains("has no model"), "{error}");
    let named = ServerSettings { model: Some("lora-a".to_owned()), ..settings(&several) };
    assert_eq!(Server::new(&named).unwrap().model(), "lora-a");
}

#[test]
fn a_server_that_is_still_loading_is_waited_for() {
    let asked = AtomicUsize::new(0);
    let fake = Fake::start(move |it| match asked.fetch_add(1, Ordering::Relaxed) {
        0..2 => Reply::Status(503, json!({"error": {"code": 503, "message": "Loading model"}})),
        _ => vllm(it),
    });
    assert_eq!(server(&fake).model(), "tiny");
}

#[test]
fn a_server_that_lists_no_models_works_with_a_name() {
    let fake = Fake::start(|asked| match asked.is_drawing() {
        true => vllm(asked),
        false => Reply::Status(404, json!({"detail": "Not Found"})),
    });
    let error = Server::new(&settings(&fake)).expect_err("no list").to_string();
    assert!(error.contains("404: Not Found; name the model"), "{error}");
    let named = ServerSettings { model: Some("x".to_owned()), ..settings(&fake) };
    draw(&Server::new(&named).unwrap(), vec![request("t/0", 0..3)]).result.unwrap();
}

#[test]
fn llama_cpp_with_one_slot_is_asked_for_one_at_a_time() {
    for refusal in [
        (400, "n_cmpl cannot be greater than the number of slots, please increase -np"),
        (500, "Only one completion choice is allowed"),
        (422, "whatever"),
    ] {
        let fake = Fake::start(move |asked| {
            models_or(asked, || match asked.n() {
                1 => vllm(asked),
                _ => Reply::Status(refusal.0, json!({"error": {"code": refusal.0, "message": refusal.1}})),
            })
        });
        let server = server(&fake);
        let drawn = draw(&server, vec![request("t/0", 0..40)]);
        drawn.result.unwrap();
        assert_eq!(drawn.completions.len(), 40);
        let before = fake.drawings().len();
        draw(&server, vec![request("t/1", 0..10)]).result.unwrap();
        assert_eq!(fake.drawings().len() - before, 10, "what was learned is kept");
    }
}

#[test]
fn a_server_that_answers_fewer_is_asked_for_the_rest_and_for_fewer() {
    let fake = Fake::start(|asked| models_or(asked, || Reply::Json(answer(asked, asked.n().min(3)))));
    let server = server(&fake);
    draw(&server, vec![request("t/0", 0..100)]).result.unwrap();
    let before = fake.drawings().len();
    draw(&server, vec![request("t/1", 0..9)]).result.unwrap();
    assert_eq!(fake.drawings()[before..].iter().map(Asked::n).collect::<Vec<u64>>(), [3, 3, 3]);
}

#[test]
fn more_completions_than_asked_for_are_nothing() {
    let fake = Fake::start(|asked| models_or(asked, || Reply::Json(answer(asked, asked.n() + 3))));
    let drawn = draw(&server(&fake), vec![request("t/0", [0, 1, 5])]);
    drawn.result.as_ref().unwrap();
    assert_eq!(drawn.keys(), [("t/0", 0), ("t/0", 1), ("t/0", 5)]);
}

#[test]
fn a_server_that_gives_one_seed_to_all_is_asked_for_one_at_a_time() {
    let shared = |asked: &Asked| {
        // The others are on their way still when the first has been seen through.
        if asked.n() > 1 && asked.seed() != seed::base_seed(0, "t/0") {
            std::thread::sleep(Duration::from_millis(300));
        }
        let mut body = answer(asked, asked.n());
        for choice in body["choices"].as_array_mut().unwrap() {
            choice["text"] = json!(format!("seed {}", asked.seed()));
        }
        Reply::Json(body)
    };
    let fake = Fake::start(move |asked| models_or(asked, || shared(asked)));
    let server = server(&fake);
    let drawn = draw(&server, vec![request("t/0", 0..64)]);
    drawn.result.unwrap();
    let texts: BTreeSet<&str> = drawn.completions.values().map(|one| one.text.as_str()).collect();
    assert_eq!(texts.len(), 64, "no copies");
    assert!(server.notes()[0].contains("one seed"), "{:?}", server.notes());
    // SGLang says who it is, and need not be caught.
    let fake = Fake::start(move |asked| match asked.is_drawing() {
        true => shared(asked),
        false => Reply::Json(json!({"data": [{"id": "tiny", "owned_by": "sglang"}]})),
    });
    draw(&self::server(&fake), vec![request("t/0", 0..8)]).result.unwrap();
    assert!(fake.drawings().iter().all(|asked| asked.n() == 1));
}

#[test]
fn a_model_that_always_says_the_same_is_doubted_only_so_often() {
    let fake = Fake::start(|asked| {
        models_or(asked, || {
            let mut body = answer(asked, asked.n());
            for choice in body["choices"].as_array_mut().unwrap() {
                choice["text"] = json!("yes");
            }
            Reply::Json(body)
        })
    });
    let settings = ServerSettings { concurrency: 1, ..settings(&fake) };
    let server = Server::new(&settings).unwrap();
    let mut told = 0;
    let count = &mut |event| {
        told += usize::from(matches!(event, Event::Completed(_)));
        ControlFlow::Continue(())
    };
    server.complete([request("t/0", 0..160)].into_iter(), &Sampling::default(), count).unwrap();
    assert_eq!(told, 160);
    // 8 chunks are asked for once as a chunk and once one by one, 12 only as a chunk.
    assert_eq!(fake.drawings().len(), 8 * 9 + 12);
    assert_eq!(
        server.notes(),
        ["all completions of each problem are equal: the server seems to ignore the temperature"]
    );
}

#[test]
fn greedy_decoding_is_asked_for_one_at_a_time() {
    let fake = Fake::start(vllm);
    let greedy = Sampling { temperature: 0.0, ..Sampling::default() };
    draw_with(&server(&fake), vec![request("t/0", 0..3)], &greedy).result.unwrap();
    assert!(fake.drawings().iter().all(|asked| asked.n() == 1));
}

#[test]
fn a_field_that_a_server_refuses_is_said_no_more_and_noted() {
    let fake = Fake::start(|asked| {
        models_or(asked, || {
            for field in ["logprobs", "seed", "top_k", "min_p", "repetition_penalty"] {
                if !asked.body[field].is_null() {
                    return Reply::Status(
                        422,
                        json!({"detail": format!("Unexpected fields in the request: {{'{field}'}}")}),
                    );
                }
            }
            let mut body = answer(asked, asked.n());
            for (other, choice) in body["choices"].as_array_mut().unwrap().iter_mut().enumerate() {
                *choice = json!({"text": format!("{other}"), "finish_reason": "stop"});
            }
            Reply::Json(body)
        })
    });
    let server = server(&fake);
    let mut completions = Vec::new();
    let keep = &mut |event| {
        completions.extend(if let Event::Completed(completion) = event { Some(completion) } else { None });
        ControlFlow::Continue(())
    };
    server.complete([request("t/0", 0..8)].into_iter(), &Sampling::default(), keep).unwrap();
    assert_eq!(completions.len(), 8);
    assert!(completions.iter().all(|one| one.tokens.is_none() && one.mean_logprob.is_none()));
    assert_eq!(server.notes().len(), 5, "{:?}", server.notes());
}

#[test]
fn max_completion_tokens_takes_the_place_of_max_tokens_where_it_must() {
    let fake = Fake::start(|asked| {
        models_or(asked, || match asked.body["max_tokens"].is_null() {
            true => vllm(asked),
            false => Reply::Status(
                400,
                json!({"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
                    'max_completion_tokens' instead.", "type": "invalid_request_error", "param": "max_tokens",
                    "code": "unsupported_parameter"}}),
            ),
        })
    });
    draw(&server(&fake), vec![chat_request(0..4)]).result.unwrap();
    assert_eq!(fake.drawings().last().unwrap().body["max_completion_tokens"], json!(16_384));
}

#[test]
fn what_the_user_asked_for_and_the_server_refuses_is_an_error() {
    let fake = Fake::start(|asked| {
        models_or(asked, || {
            let message = "Unsupported value: 'temperature' does not support 0.6 with this model.";
            Reply::Status(400, json!({"error": {"message": message}}))
        })
    });
    let drawn = draw(&server(&fake), vec![request("t/0", 0..4)]);
    assert!(drawn.error().contains("t/0, samples 0-3"), "{}", drawn.error());
    assert!(drawn.error().contains("'temperature' does not support 0.6"), "{}", drawn.error());
    let silent = Fake::start(|asked| {
        models_or(asked, || Reply::Json(json!({"choices": [{"text": "a", "finish_reason": "stop"}]})))
    });
    let asked = Sampling { logprobs: true, ..Sampling::default() };
    let drawn = draw_with(&server(&silent), vec![request("t/0", [0])], &asked);
    assert!(drawn.error().contains("no log-probabilities"), "{}", drawn.error());
}

#[test]
fn a_problem_that_does_not_fit_the_context_is_named() {
    let fake = Fake::start(|asked| {
        models_or(asked, || {
            let message = "This model's maximum context length is 4096 tokens. However, you requested 16384 output tokens and \
                           your prompt contains 300 input tokens, for a total of 16684 tokens.";
            Reply::Status(400, json!({"error": {"message": message, "type": "BadRequestError", "code": 400}}))
        })
    });
    let drawn = draw(&server(&fake), vec![request("t/7", 0..4)]);
    assert!(matches!(drawn.result, Err(ServerError::TooLong { ref task_id, .. }) if task_id == "t/7"));
    assert!(drawn.error().contains("is 4096 tokens"), "{}", drawn.error());
    assert_eq!(fake.drawings().len(), 1, "asking for fewer completions would not help");
}

#[test]
fn requests_are_pulled_when_there_is_somebody_to_ask_them() {
    let fake = Fake::start(vllm);
    let (pulled, mut told) = (AtomicUsize::new(0), 0);
    let requests = (0..1_000).map(|number| {
        pulled.fetch_add(1, Ordering::Relaxed);
        request(&format!("t/{number}"), 0..8)
    });
    let take = &mut |event| {
        told += usize::from(matches!(event, Event::Completed(_)));
        assert!(pulled.load(Ordering::Relaxed) <= told.div_ceil(8) + 5);
        if told == 80 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    server(&fake).complete(requests, &Sampling::default(), take).unwrap();
    assert_eq!(told, 80, "nothing is told after the break");
}

#[test]
fn a_break_does_not_wait_for_what_is_being_drawn() {
    let fake = Fake::start(|asked| models_or(asked, || Reply::Hang(Duration::from_secs(20))));
    let began = Instant::now();
    let mut pulses = 0;
    let take = &mut |event| {
        assert_eq!(event, Event::Tokens(0));
        pulses += 1;
        if pulses == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    server(&fake).complete([request("t/0", 0..8)].into_iter(), &Sampling::default(), take).unwrap();
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let fake = Fake::start(vllm);
    let of = |change: fn(&mut ServerSettings)| {
        let mut settings = settings(&fake);
        change(&mut settings);
        Server::new(&settings).expect_err("refused").to_string()
    };
    assert!(of(|it| it.chunk = 0).contains("at least 1 completion"));
    assert!(of(|it| it.concurrency = 0).contains("at least 1 request"));
    assert!(of(|it| it.timeout = Duration::ZERO).contains("timeout"));
    assert!(of(|it| it.api_key = Some("a\nb".to_owned())).contains("API key"));
    assert!(of(|it| it.url = "localhost".to_owned()).contains("begin with http"));
    let wrong = Sampling { temperature: -1.0, ..Sampling::default() };
    assert!(draw_with(&server(&fake), vec![], &wrong).error().contains("temperature"));
}
