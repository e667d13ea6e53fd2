use super::*;
use crate::Message;

fn chat(prefill: &str) -> Request {
    let messages = vec![
        Message { role: Role::System, content: "be brief".to_owned() },
        Message { role: Role::User, content: "add".to_owned() },
    ];
    let prompt = Prompt::Chat { messages, prefill: prefill.to_owned() };
    Request { task_id: "t/0".to_owned(), prompt, stop: vec!["\n#".to_owned()], samples: vec![0] }
}

fn text() -> Request {
    Request { prompt: Prompt::Text("def add(".to_owned()), stop: Vec::new(), ..chat("") }
}

fn read(answer: Value) -> Vec<(u32, Choice)> {
    choices(answer.to_string().as_bytes(), 3).expect("an answer")
}

#[test]
fn a_request_says_everything_that_shapes_the_distribution() {
    let sampling = Sampling { max_tokens: 64, ..Sampling::default() };
    let said = body("tiny", &text(), &sampling, &Dialect::new(8), 7, 4);
    let wanted = json!({
        "model": "tiny", "prompt": "def add(", "n": 4, "seed": 7, "temperature": 0.6, "top_p": 0.95, "top_k": -1, "min_p": 0.0,
        "repetition_penalty": 1.0, "max_tokens": 64, "logprobs": 1,
    });
    assert_eq!(said, wanted);
    let said = body("tiny", &chat(""), &Sampling { top_k: Some(20), ..sampling }, &Dialect::new(8), 7, 1);
    let turns = json!([{"role": "system", "content": "be brief"}, {"role": "user", "content": "add"}]);
    let wanted = json!({
        "model": "tiny", "messages": turns, "seed": 7, "temperature": 0.6, "top_p": 0.95, "top_k": 20, "min_p": 0.0,
        "repetition_penalty": 1.0, "max_tokens": 64, "logprobs": true, "stop": ["\n#"],
    });
    assert_eq!(said, wanted);
}

#[test]
fn a_prefill_is_a_last_turn_left_open() {
    let said = body("tiny", &chat("```python\n"), &Sampling::default(), &Dialect::new(8), 7, 1);
    assert_eq!(said["messages"][2], json!({"role": "assistant", "content": "```python\n"}));
    assert_eq!((&said["add_generation_prompt"], &said["continue_final_message"]), (&json!(false), &json!(true)));
}

#[test]
fn vllms_text_answer_is_read() {
    let answer = json!({
        "id": "cmpl-1", "object": "text_completion", "model": "tiny",
        "choices": [
            {"index": 0, "text": "a", "finish_reason": "stop", "stop_reason": null, "prompt_logprobs": null,
             "logprobs": {"text_offset": [0, 1], "token_logprobs": [-0.5, -1.5], "tokens": ["a", ""], "top_logprobs": []}},
            {"index": 1, "text": "b", "finish_reason": "length", "logprobs": null},
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
    });
    let read = read(answer);
    assert_eq!((read[0].0, read[0].1.tokens, read[0].1.logprobs.as_deref()), (0, Some(2), Some(&[-0.5, -1.5][..])));
    assert_eq!((read[1].0, read[1].1.tokens, read[1].1.logprobs.as_deref()), (1, None, None));
    assert_eq!(read[1].1.finish_reason.as_deref(), Some("length"));
}

#[test]
fn chat_logprobs_are_read_and_llama_cpps_for_text_too() {
    let logprobs = json!({"content": [{"id": 1, "token": "a", "bytes": [97], "logprob": -0.25, "top_logprobs": []}]});
    let chat = json!({"choices": [
        {"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop", "logprobs": logprobs},
    ], "usage": {"completion_tokens": 2}});
    let read_chat = read(chat);
    assert_eq!((read_chat[0].1.tokens, read_chat[0].1.logprobs.as_deref()), (Some(2), Some(&[-0.25][..])));
    let llama = json!({"choices": [{"text": "a", "index": 0, "logprobs": logprobs, "finish_reason": "length"}]});
    assert_eq!(read(llama)[0].1.logprobs.as_deref(), Some(&[-0.25][..]));
}

#[test]
fn logprobs_of_another_shape_or_with_a_gap_are_none() {
    for raw in
        ["null", "[]", "{}", "7", r#"{"content": null}"#, r#"{"token_logprobs": [-1, null]}"#, r#"{"content": [{}]}"#]
    {
        assert_eq!(logprobs(raw), None, "{raw}");
    }
}

#[test]
fn reasoning_that_a_server_cut_out_is_put_back() {
    let answer = |message: Value| read(json!({"choices": [{"message": message, "finish_reason": "stop"}]}));
    assert_eq!(answer(json!({"reasoning_content": "hm", "content": "a"}))[0].1.text, "<think>hm</think>a");
    assert_eq!(answer(json!({"reasoning": "hm", "content": null}))[0].1.text, "<think>hm");
    assert_eq!(answer(json!({"content": "a", "reasoning_content": ""}))[0].1.text, "a");
    assert_eq!(answer(json!({"content": null, "refusal": "no"}))[0].1.text, "no");
    let called = answer(json!({"content": null, "tool_calls": [{"id": "x"}]}));
    assert_eq!(called[0].1.finish_reason.as_deref(), Some("tool_calls"));
}

#[test]
fn places_are_the_servers_where_they_make_sense_and_the_order_elsewhere() {
    let places = |indices: &[Value]| {
        let choice = |index: &Value| json!({"index": index, "text": "a", "finish_reason": "stop"});
        let all: Vec<Value> = indices.iter().map(choice).collect();
        read(json!({"choices": all})).iter().map(|(place, _)| *place).collect::<Vec<u32>>()
    };
    assert_eq!(places(&[json!(2), json!(0)]), [2, 0]);
    assert_eq!(places(&[json!(0), json!(0)]), [0, 1]);
    assert_eq!(places(&[json!(null), json!(1)]), [0, 1]);
    assert_eq!(places(&[json!(2)]), [2]);
    // Some servers number on from earlier requests.
    assert_eq!(places(&[json!(5)]), [0]);
}

#[test]
fn what_is_no_answer_is_unreadable_and_says_why() {
    for (bytes, reason) in [
        (r#"{"choices": [{"text": "a", "fin"#, "EOF"),
        (r#"{"error": {"message": "worker died"}}"#, "worker died"),
        (r#"{"choices": null}"#, "no choices"),
        (r#"{"choices": [{"index": 0}]}"#, "neither text nor message"),
        ("", "EOF"),
        ("[]", "no choices"),
        ("OK", "expected"),
    ] {
        let fault = choices(bytes.as_bytes(), 1).expect_err(bytes);
        assert!(fault.to_string().contains(reason), "{bytes}: {fault}");
        assert!(fault.passes());
    }
}

#[test]
fn a_server_that_shares_seeds_is_known_by_the_list_of_its_models() {
    let list =
        br#"{"object": "list", "data": [{"id": "tiny", "owned_by": "sglang", "max_model_len": 4096}, {"id": "b"}]}"#;
    let models = models(list).expect("models");
    assert_eq!(models.iter().map(Model::shares_seeds).collect::<Vec<bool>>(), [true, false]);
}
