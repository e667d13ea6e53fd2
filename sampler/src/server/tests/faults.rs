//! Tests of servers that fail: every fault passes, or is an error that names what is missing; nothing comes twice.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;

use proptest::prelude::*;

use super::*;

/// How a server answers.
type Answer = fn(&Asked) -> Reply;

/// A server that gives the first requests for completions these replies, and then works.
fn first(replies: Vec<Answer>) -> Fake {
    let asked_before = AtomicUsize::new(0);
    Fake::start(move |asked| {
        models_or(asked, || match replies.get(asked_before.fetch_add(1, Ordering::Relaxed)) {
            Some(reply) => reply(asked),
            None => vllm(asked),
        })
    })
}

fn always(reply: Answer) -> Fake {
    Fake::start(move |asked| models_or(asked, || reply(asked)))
}

#[test]
fn what_passes_is_asked_again() {
    let replies: Vec<Answer> = vec![
        |_| Reply::Status(500, json!({"error": {"message": "CUDA error"}})),
        |_| Reply::Status(502, json!("bad gateway")),
        |_| Reply::Raw("503 X\r\ncontent-type: text/html", b"<html>overloaded</html>".to_vec()),
        |_| Reply::Reset,
        |_| Reply::Status(408, json!({})),
        |asked| Reply::Cut(answer(asked, asked.n()), 40),
        |_| Reply::Json(json!({"choices": []})),
        |_| Reply::Json(json!({"error": {"message": "the engine died"}})),
        |_| Reply::Raw("200 OK\r\ncontent-type: application/json", b"{\"choices\": [{\"text\": \"a\", ".to_vec()),
        |_| Reply::Raw("200 OK\r\ncontent-type: text/plain", b"OK".to_vec()),
    ];
    for reply in replies {
        let fake = first(vec![reply, reply]);
        let settings = ServerSettings { concurrency: 1, ..settings(&fake) };
        let drawn = draw(&Server::new(&settings).unwrap(), vec![request("t/0", 0..8)]);
        drawn.result.unwrap();
        assert_eq!((drawn.completions.len(), fake.drawings().len()), (8, 3));
    }
}

#[test]
fn a_server_that_wants_a_rest_gets_it() {
    let fake =
        first(vec![|_| Reply::Raw("429 X\r\nretry-after: 0.4\r\ncontent-type: application/json", b"{}".to_vec())]);
    let began = Instant::now();
    draw(&server(&fake), vec![request("t/0", 0..8)]).result.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(400));
}

#[test]
fn a_request_that_takes_too_long_is_asked_again() {
    let fake = first(vec![|_| Reply::Hang(Duration::from_secs(20))]);
    let settings = ServerSettings { timeout: Duration::from_millis(500), ..settings(&fake) };
    draw(&Server::new(&settings).unwrap(), vec![request("t/0", 0..8)]).result.unwrap();
    assert_eq!(fake.drawings().len(), 2);
}

#[test]
fn what_cannot_pass_is_an_error_at_once() {
    let replies: [(Answer, &str); 8] = [
        (|_| Reply::Status(401, json!({"error": {"message": "Incorrect API key"}})), "401: Incorrect API key"),
        (|_| Reply::Status(404, json!({"error": {"message": "no model tiny"}})), "404: no model tiny"),
        (
            |_| Reply::Status(429, json!({"error": {"message": "pay", "code": "insufficient_quota"}})),
            "insufficient_quota",
        ),
        (|_| Reply::Raw("200 OK\r\ncontent-type: text/html", b"\n<!doctype html>".to_vec()), "a web page"),
        (|_| Reply::Raw("200 OK\r\ncontent-type: application/json", b"<html>".to_vec()), "a web page"),
        (|_| Reply::Raw("200 OK\r\ncontent-type: text/event-stream", b"data: {}\n\n".to_vec()), "a stream"),
        (|_| Reply::Raw("302 Found\r\nlocation: /login", Vec::new()), "302"),
        (
            |asked| {
                Reply::Raw(
                    "200 OK\r\ncontent-type: application/json",
                    vec![b' '; 1 << 20].into_iter().chain(answer(asked, 1).to_string().into_bytes()).collect(),
                )
            },
            "longer than 65536 bytes",
        ),
    ];
    for (reply, said) in replies {
        let fake = always(reply);
        let settings = ServerSettings { answer_bytes: 1 << 16, concurrency: 1, ..settings(&fake) };
        let drawn = draw(&Server::new(&settings).unwrap(), vec![request("t/0", 0..30)]);
        assert!(drawn.error().contains(said), "{}", drawn.error());
        assert_eq!(fake.drawings().len(), 1, "{said}");
    }
}

#[test]
fn a_completion_that_did_not_end_is_asked_for_again_alone() {
    let fake = first(vec![|asked| {
        let mut body = answer(asked, asked.n());
        body["choices"][2]["finish_reason"] = json!("abort");
        body["choices"][5]["finish_reason"] = json!(null);
        Reply::Json(body)
    }]);
    let drawn = draw(&server(&fake), vec![request("t/0", 0..8)]);
    drawn.result.unwrap();
    assert_eq!(drawn.completions.len(), 8);
    assert_eq!(fake.drawings().iter().map(Asked::n).collect::<Vec<u64>>(), [8, 1, 1]);
}

#[test]
fn a_completion_that_never_ends_well_is_an_error_that_names_it() {
    let fake = always(|asked| {
        let mut body = answer(asked, asked.n());
        for (seed, choice) in (asked.seed()..).zip(body["choices"].as_array_mut().unwrap()) {
            if seed.is_multiple_of(8) {
                choice["finish_reason"] = json!("content_filter");
            }
        }
        Reply::Json(body)
    });
    let drawn = draw(&server(&fake), vec![request("t/0", 0..8)]);
    assert!(drawn.error().contains("\"content_filter\""), "{}", drawn.error());
    assert_eq!(drawn.completions.len(), 7, "the others are kept");
}

#[test]
fn after_a_servers_death_the_error_names_what_is_missing_and_the_rest_can_be_drawn() {
    let dead = Arc::new(AtomicBool::new(false));
    let (asked_before, dies) = (AtomicUsize::new(0), dead.clone());
    let fake = Fake::start(move |asked| {
        models_or(asked, || {
            if asked_before.fetch_add(1, Ordering::Relaxed) >= 5 || dies.load(Ordering::Relaxed) {
                dies.store(true, Ordering::Relaxed);
                return Reply::Reset;
            }
            vllm(asked)
        })
    });
    let requests = || (0..8).map(|number| request(&format!("t/{number}"), 0..16)).collect();
    let drawn = draw(&server(&fake), requests());
    assert_eq!(drawn.completions.len(), 40);
    assert!(matches!(&drawn.result, Err(ServerError::Missing { .. })));
    assert!(drawn.error().contains("the same command asks for what is missing"), "{}", drawn.error());
    let missing = (0..8).map(|number| {
        let task = format!("t/{number}");
        let lacks = |sample: &u32| !drawn.completions.contains_key(&(task.clone(), *sample));
        request(&task, (0..16).filter(lacks))
    });
    let rest = draw(&server(&Fake::start(vllm)), missing.collect());
    rest.result.unwrap();
    assert_eq!(rest.completions.len(), 8 * 16 - 40);
    assert!(rest.completions.keys().all(|key| !drawn.completions.contains_key(key)));
}

#[test]
fn after_a_fault_what_is_being_drawn_is_still_taken() {
    // The second problem is refused while the first is being drawn.
    let fake = always(|asked| match asked.body["prompt"] == json!("bad") {
        true => Reply::Status(404, json!({"detail": "no"})),
        false => {
            std::thread::sleep(Duration::from_millis(300));
            vllm(asked)
        }
    });
    let bad = Request { prompt: Prompt::Text("bad".to_owned()), ..request("t/1", 0..8) };
    let drawn = draw(&server(&fake), vec![request("t/0", 0..8), bad, request("t/2", 0..80)]);
    assert!(drawn.error().contains("t/1, samples 0-7"), "{}", drawn.error());
    assert!((0..8).all(|sample| drawn.completions.contains_key(&("t/0".to_owned(), sample))));
    assert!(drawn.completions.len() < 88, "nothing new is begun");
}

/// Splitmix64: what the n-th request of a case meets.
fn chance(case: u64, request: u64) -> u64 {
    let mut bits = case.wrapping_add(request.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn whim(asked: &Asked, bits: u64, faulty_of_100: u64) -> Reply {
    if bits % 100 >= faulty_of_100 {
        return vllm(asked);
    }
    let mut body = answer(asked, asked.n());
    let any = usize::try_from(bits >> 40).unwrap();
    match (bits >> 32) % 11 {
        0 => Reply::Status(500, json!({"error": "x"})),
        1 => Reply::Raw("429 X\r\nretry-after: 0", b"{}".to_vec()),
        2 => Reply::Cut(body.clone(), any % body.to_string().len()),
        3 => Reply::Reset,
        4 => Reply::Json(json!({"choices": []})),
        5 => Reply::Json(answer(asked, (bits >> 40) % (asked.n() + 1))),
        6 => Reply::Json(answer(asked, asked.n() + 1 + (bits >> 40) % 3)),
        7 => {
            let choices = body["choices"].as_array_mut().unwrap();
            let unlucky = any % choices.len();
            choices[unlucky]["finish_reason"] = json!("abort");
            Reply::Json(body)
        }
        8 => Reply::Json(json!({"choices": [choice(asked, (bits >> 40) % asked.n()), choice(asked, asked.n())]})),
        9 => Reply::Status(400, json!({"error": {"message": "n is too large"}})),
        _ => {
            body["choices"].as_array_mut().unwrap().reverse();
            Reply::Json(body)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_in_whatever_order_each_sample_comes_once_or_is_said_to_be_missing(
        case in any::<u64>(),
        faulty_of_100 in 0_u64..95,
        retries in 0_u32..4,
        wanted in prop::collection::vec(prop::collection::btree_set(0_u32..30, 0..25), 1..5),
    ) {
        let asked_before = AtomicU64::new(0);
        let fake = Fake::start(move |asked| {
            models_or(asked, || whim(asked, chance(case, asked_before.fetch_add(1, Ordering::Relaxed)), faulty_of_100))
        });
        let server = Server::new(&ServerSettings { retries, ..settings(&fake) }).unwrap();
        let requests: Vec<Request> =
            wanted.iter().enumerate().map(|(task, samples)| request(&format!("t/{task}"), samples.iter().copied())).collect();
        let all: BTreeSet<(String, u32)> = requests
            .iter()
            .flat_map(|request| request.samples.iter().map(|sample| (request.task_id.clone(), *sample)))
            .collect();
        // That nothing comes twice, or with another sample's text, is checked as it comes.
        let drawn = draw(&server, requests);
        let come: BTreeSet<(String, u32)> = drawn.completions.keys().cloned().collect();
        prop_assert!(come.is_subset(&all));
        prop_assert_eq!(drawn.result.is_ok(), come == all);
    }
}
