//! Tests of scoring: a response's log-probabilities are found whichever way a server gives them.

use serde_json::Value;

use super::*;

/// One token for each character, its number the character's, its logarithm minus the place.
fn tokens(text: &str) -> Vec<u32> {
    text.chars().map(u32::from).collect()
}

fn tokenized(asked: &Asked) -> Reply {
    let text = match asked.body["messages"].as_array() {
        Some(turns) => turns.iter().map(|turn| format!("<{}>", turn["content"].as_str().unwrap())).collect(),
        None => asked.body["prompt"].as_str().unwrap().to_owned(),
    };
    let special = asked.body["add_special_tokens"] != json!(false);
    let mut tokens = tokens(&text);
    if special {
        tokens.insert(0, 1);
    }
    Reply::Json(json!({"count": tokens.len(), "max_model_len": 4096, "tokens": tokens}))
}

fn shown(asked: &Asked) -> Vec<u64> {
    asked.body["prompt"].as_array().map(|all| all.iter().filter_map(Value::as_u64).collect()).unwrap_or_default()
}

fn vllm_scores(asked: &Asked) -> Reply {
    if asked.path == "/tokenize" {
        return tokenized(asked);
    }
    let at = |(place, token): (usize, &u64)| match place {
        0 => json!(null),
        _ => json!({token.to_string(): {"logprob": -(place as f64), "rank": 3, "decoded_token": "x"},
                    "9": {"logprob": -0.01, "rank": 1, "decoded_token": "y"}}),
    };
    let prompt: Vec<Value> = shown(asked).iter().enumerate().map(at).collect();
    Reply::Json(json!({"choices": [{"index": 0, "text": "z", "finish_reason": "length", "prompt_logprobs": prompt}]}))
}

/// An echo in which each token is the likeliest.
fn echoed(all: &[Value], offsets: &[i64]) -> Value {
    let tops: Vec<Value> = all.iter().map(|one| if one.is_null() { json!(null) } else { json!({"x": one}) }).collect();
    json!({"tokens": [], "token_logprobs": all, "text_offset": offsets, "top_logprobs": tops})
}

fn sglang_scores(asked: &Asked) -> Reply {
    if asked.path == "/tokenize" {
        return tokenized(asked);
    }
    let mut choice = json!({"index": 0, "text": "z", "finish_reason": "length", "logprobs": null});
    if asked.body["echo"] == json!(true) {
        let all: Vec<Value> = (0..=shown(asked).len())
            .map(|place| if place == 0 { json!(null) } else { json!(-(place as f64)) })
            .collect();
        choice["logprobs"] = echoed(&all, &vec![-1; all.len()]);
    }
    Reply::Json(json!({"choices": [choice]}))
}

/// llama-cpp-python: two characters to a token, counted in characters.
fn echoing(asked: &Asked) -> Reply {
    if asked.path == "/tokenize" {
        return Reply::Status(404, json!({"detail": "Not Found"}));
    }
    let text = asked.body["prompt"].as_str().unwrap();
    let offsets: Vec<i64> = (0_i64..).take(1 + text.chars().count().div_ceil(2)).map(|place| place * 2).collect();
    let all: Vec<Value> = offsets.iter().map(|at| if *at == 0 { json!(null) } else { json!(-(*at as f64)) }).collect();
    let logprobs = echoed(&all, &offsets);
    Reply::Json(json!({"choices": [{"text": format!("{text}z"), "logprobs": logprobs, "finish_reason": "length"}]}))
}

fn score(reply: fn(&Asked) -> Reply, prompt: &Prompt, response: &str) -> Result<ResponseLogprobs, ServerError> {
    let fake = Fake::start(move |asked| models_or(asked, || reply(asked)));
    let server = server(&fake);
    let first = server.prompt_logprobs(prompt, response);
    let second = server.prompt_logprobs(prompt, response);
    assert_eq!(first.as_ref().ok(), second.as_ref().ok(), "the way once found is the same");
    first
}

fn text(prompt: &str) -> Prompt {
    Prompt::Text(prompt.to_owned())
}

#[test]
fn vllm_and_sglang_score_the_responses_own_tokens() {
    for reply in [vllm_scores, sglang_scores] {
        // The prompt is an opening token and three more, so that the response's are at 4, 5 and 6.
        let scored = score(reply, &text("äbc"), "déf").unwrap();
        assert_eq!(scored.logprobs, [-4.0, -5.0, -6.0]);
        assert_eq!((scored.mean(), scored.perplexity()), (Some(-5.0), Some(5.0_f64.exp())));
    }
}

#[test]
fn a_conversation_is_scored_by_the_servers_own_template() {
    let prompt = Prompt::Chat {
        messages: vec![Message { role: Role::User, content: "hi".to_owned() }],
        prefill: "a".to_owned(),
    };
    // `<hi><a>` and the opening token are 8.
    assert_eq!(score(vllm_scores, &prompt, "xy").unwrap().logprobs, [-8.0, -9.0]);
    let error = score(echoing, &prompt, "xy").expect_err("no template").to_string();
    assert!(error.contains("whose template only it knows"), "{error}");
}

#[test]
fn an_echo_of_text_is_cut_by_characters_and_a_token_of_both_is_the_responses() {
    assert_eq!(score(echoing, &text("ääbb"), "cccc").unwrap().logprobs, [-4.0, -6.0]);
    assert_eq!(score(echoing, &text("ääb"), "ccccc").unwrap().logprobs, [-2.0, -4.0, -6.0]);
    // Nothing is before the first token.
    assert_eq!(score(echoing, &text(""), "cccc").unwrap().logprobs, [-2.0]);
}

#[test]
fn an_echo_whose_figures_belong_to_other_tokens_is_refused() {
    let shifted = |asked: &Asked| {
        let Reply::Json(mut answer) = echoing(asked) else { return Reply::Status(404, json!({})) };
        let tops = answer["choices"][0]["logprobs"]["top_logprobs"].as_array_mut().unwrap();
        *tops.last_mut().unwrap() = json!({"y": -0.1});
        Reply::Json(answer)
    };
    let error = score(shifted, &text("aabb"), "cccc").expect_err("shifted").to_string();
    assert!(error.contains("belong to other tokens"), "{error}");
}

#[test]
fn a_response_of_nothing_needs_no_server() {
    let scored = score(|_| Reply::Reset, &text("abc"), "").unwrap();
    assert_eq!((scored.logprobs.len(), scored.perplexity()), (0, None));
}

#[test]
fn a_server_that_cannot_score_is_an_error_that_says_what_is_missing() {
    let llama_cpp = |asked: &Asked| match asked.path.as_str() {
        "/tokenize" => Reply::Json(json!({"tokens": []})),
        _ => Reply::Status(400, json!({"error": {"code": 400, "message": "Only no echo is supported"}})),
    };
    let error = score(llama_cpp, &text("abc"), "def").expect_err("no echo").to_string();
    assert!(error.contains("neither /tokenize nor an echo"), "{error}");
    let deaf = |asked: &Asked| match asked.path.as_str() {
        "/tokenize" => tokenized(asked),
        _ => Reply::Json(json!({"choices": [{"text": "z", "logprobs": null}]})),
    };
    let error = score(deaf, &text("abc"), "def").expect_err("nothing").to_string();
    assert!(error.contains("neither prompt_logprobs nor an echo"), "{error}");
}

#[test]
fn a_fault_while_scoring_passes_or_is_told() {
    let asked_before = AtomicUsize::new(0);
    let fake = Fake::start(move |asked| {
        models_or(asked, || match asked_before.fetch_add(1, Ordering::Relaxed) % 2 {
            0 => Reply::Status(503, json!({})),
            _ => vllm_scores(asked),
        })
    });
    assert_eq!(server(&fake).prompt_logprobs(&text("abc"), "d").unwrap().logprobs, [-4.0]);
    let error =
        score(|_| Reply::Status(500, json!({"error": "dead"})), &text("abc"), "d").expect_err("dead").to_string();
    assert!(error.contains("failed to have a response scored") && error.contains("500: dead"), "{error}");
}
