//! Asserts, judged blind: the tests run in a sandbox of their own and ask the candidate, of which they see plain values only.
//! Not here: the conversation itself (`runner`), tests that come down to inputs and expected values (`datasets` has
//! reduced those).
//! In: what either side says. Out: what the other may hear, and in the end a [`Finding`].

use std::sync::Arc;

use trialbox_datasets::value::Value;
use trialbox_runner::{Conversation, Ending, Limits, Outcome, Refusal, Relay, Reply, ReplyKind};

use crate::{
    codec::{DecodeLimits, decode, encode},
    ending::{Fault, is_near_a_limit, overrun},
    judge::{Failure, Finding},
    repr::{cut, repr},
    verdict::{FirstFailure, Verdict},
};

/// Asserts made ready.
#[derive(Debug)]
pub(crate) struct AssertPlan {
    /// All statements, encoded as the tests' side takes them.
    pub(crate) source: Arc<[u8]>,
    /// Those among them that are tests.
    pub(crate) asserts: Vec<String>,
    /// The place of each among all statements.
    places: Vec<usize>,
    pub(crate) count: usize,
}

impl AssertPlan {
    pub(crate) fn new(statements: &[String]) -> Self {
        let is_test = |(_, statement): &(usize, &String)| statement.trim_start().starts_with("assert");
        let tests = || statements.iter().enumerate().filter(is_test);
        let list = Value::List(statements.iter().map(|statement| Value::from(statement.as_str())).collect());
        let asserts: Vec<String> = tests().map(|(_, statement)| statement.clone()).collect();
        Self {
            source: encode(&list).into(),
            count: asserts.len(),
            asserts,
            places: tests().map(|(at, _)| at).collect(),
        }
    }

    /// How many tests stand before a statement.
    pub(crate) fn asserts_before(&self, statement: usize) -> usize {
        self.places.iter().filter(|place| **place < statement).count()
    }
}

/// Lets plain values pass and nothing else.
#[derive(Debug, Default)]
pub(crate) struct PlainValues;

impl Relay for PlainValues {
    fn question(&mut self, said: Reply) -> Result<Vec<u8>, Refusal> {
        // What tests pass on by themselves is small; what is too much was made of what the program gave them.
        let too_much = |error| Refusal::Program(format!("the tests cannot pass on what it gave them: {error}"));
        let question = decode(&said.payload, &DecodeLimits::default()).map_err(too_much)?;
        if holds_opaque(&question, |class| class != FOREIGN) {
            let what = repr(&question);
            let why = format!("the tests pass on what is no plain value, which is not supported yet: {what}");
            return Err(Refusal::Tests(why));
        }
        if holds_opaque(&question, |class| class == FOREIGN) {
            return Err(Refusal::Program("gave the tests no plain value to pass on".to_owned()));
        }
        Ok(said.payload)
    }

    fn answer(&mut self, said: Reply) -> Result<Vec<u8>, Refusal> {
        let limits = DecodeLimits::default();
        let answer = match said.kind {
            // Decoded and encoded again: the tests read only what we wrote.
            ReplyKind::Returned => decode(&said.payload, &limits)
                .map_err(|error| format!("an answer that is no plain value: {error}"))
                .and_then(|answer| if is_answer(&answer) { Ok(answer) } else { Err("no answer".to_owned()) }),
            ReplyKind::NotPlain | ReplyKind::Digest => Ok(too_much(&said)),
            _ => Err(cut(&String::from_utf8_lossy(&said.payload))),
        };
        answer.map(|answer| encode(&answer)).map_err(Refusal::Program)
    }
}

/// The class that stands in, where the tests run, for a value of the program that is not plain (`conversation.py`).
const FOREIGN: &str = "Foreign";

fn too_much(said: &Reply) -> Value {
    let type_name = match said.kind {
        ReplyKind::Digest => "a value too large to be sent".to_owned(),
        _ => cut(&String::from_utf8_lossy(&said.payload)),
    };
    let returned = Value::Str("returned".into());
    Value::Tuple(vec![returned, Value::Opaque { type_name }, Value::List(vec![]), Value::Dict(vec![])])
}

/// `(how, what, arguments, keywords)`, as `conversation.py` sends it.
fn is_answer(answer: &Value) -> bool {
    let Value::Tuple(parts) = answer else { return false };
    let [Value::Str(how), what, Value::List(_), Value::Dict(_)] = parts.as_slice() else { return false };
    match how.as_bytes() {
        b"returned" => true,
        b"raised" => matches!(what, Value::Tuple(parts) if matches!(parts.as_slice(),
            [Value::List(kinds), Value::Str(_)]
                if !kinds.is_empty() && kinds.iter().all(|kind| matches!(kind, Value::Str(_))))),
        _ => false,
    }
}

/// Whether a value holds one that is not plain, of a class of this kind.
fn holds_opaque(value: &Value, is_meant: fn(&str) -> bool) -> bool {
    match value {
        Value::Opaque { type_name } => is_meant(type_name),
        Value::Tuple(items)
        | Value::List(items)
        | Value::Set(items)
        | Value::FrozenSet(items)
        | Value::Array { items, .. } => items.iter().any(|item| holds_opaque(item, is_meant)),
        Value::Dict(pairs) => {
            pairs.iter().any(|(key, value)| holds_opaque(key, is_meant) || holds_opaque(value, is_meant))
        }
        _ => false,
    }
}

/// What the tests report: how it went, the index of a statement, and what came of it.
struct Report {
    how: String,
    statement: usize,
    what: String,
}

impl Report {
    fn read(said: &Reply) -> Option<Self> {
        let Value::Tuple(parts) = decode(&said.payload, &DecodeLimits::default()).ok()? else { return None };
        let [Value::Str(how), Value::Int(statement), Value::Str(what)] = parts.as_slice() else { return None };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some(Self {
            how: text(how.as_bytes()),
            statement: usize::try_from(statement).ok()?,
            what: cut(&text(what.as_bytes())),
        })
    }
}

/// Judges a conversation.
pub(crate) fn judge(plan: &AssertPlan, allowed: &Limits, conversation: &Conversation) -> Finding {
    let Conversation { asking, report, answering, complaint, refusal } = conversation;
    let has_ended = |outcome: &Outcome| matches!(outcome.ending, Ending::Exited { status: 0 });
    let report = report.as_ref().filter(|_| asking.as_ref().is_some_and(has_ended)).and_then(Report::read);
    let infra = |why: String| Err((0, Fault::new(Verdict::InfraError, why)));
    let result = match (refusal, report, asking) {
        (Some(Refusal::Tests(why)), ..) => infra(why.clone()),
        (Some(Refusal::Program(why)), ..) => Err((0, Fault::new(Verdict::RuntimeError, why.clone()))),
        (None, Some(report), _) => of_report(plan, &report, answering, allowed),
        // The program ended first, or was ended: its own doing, whatever it said before.
        _ if answering.ending != Ending::Stopped => Err((0, of_program(answering, complaint.as_ref(), allowed))),
        (None, None, Some(asking)) if matches!(asking.ending, Ending::Limit(_)) => {
            Err((0, Fault::of_ending(asking.ending, allowed, allowed.cpu_ns)))
        }
        // With the program that was measured as a reference they came to an end.
        (None, None, Some(asking)) => {
            Err((0, Fault::new(Verdict::RuntimeError, format!("the tests broke off: {:?}", asking.ending))))
        }
        (None, None, None) => infra("the tests never began".to_owned()),
    };
    let is_near_a_limit = is_near_a_limit(answering, allowed);
    match result {
        Ok(()) => Finding { passed: plan.count, failure: None, is_near_a_limit },
        Err((passed, fault)) => {
            let test = (fault.verdict != Verdict::InfraError && answering.progress.started > 0).then_some(passed);
            let input = test.and_then(|test| plan.asserts.get(test)).cloned();
            let first = FirstFailure { test, input, expected: None, actual: fault.actual };
            let failure = Failure { verdict: fault.verdict, first, limit: fault.limit, error_code: None };
            Finding { passed, failure: Some(failure), is_near_a_limit }
        }
    }
}

fn of_report(plan: &AssertPlan, report: &Report, answering: &Outcome, allowed: &Limits) -> Result<(), (usize, Fault)> {
    let passed = plan.asserts_before(report.statement);
    match report.how.as_str() {
        "passed" if matches!(answering.ending, Ending::Limit(_)) => {
            Err((passed.saturating_sub(1), Fault::of_ending(answering.ending, allowed, allowed.cpu_ns)))
        }
        "passed" => match overrun(answering, allowed) {
            Some(hit) => Err((passed.saturating_sub(1), Fault::of_limit(hit, allowed, allowed.cpu_ns))),
            None => Ok(()),
        },
        "raised" => Err((passed, Fault::exception(&report.what, report.what.starts_with("MemoryError"), allowed))),
        _ => Err((passed, Fault::new(Verdict::WrongAnswer, report.what.clone()))),
    }
}

fn of_program(answering: &Outcome, complaint: Option<&Reply>, allowed: &Limits) -> Fault {
    let text = |reply: &Reply| cut(&String::from_utf8_lossy(&reply.payload));
    match complaint {
        Some(reply) if reply.kind == ReplyKind::CompileError => Fault::new(Verdict::CompileError, text(reply)),
        Some(reply) if reply.kind == ReplyKind::LoadError => {
            Fault::exception(&text(reply), reply.payload.starts_with(b"MemoryError"), allowed)
        }
        _ => Fault::of_ending(answering.ending, allowed, allowed.cpu_ns),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(kind: ReplyKind, value: &Value) -> Reply {
        Reply { kind, payload: encode(value), cpu_ns: 0 }
    }

    fn answer(how: &str, what: Value) -> Value {
        Value::Tuple(vec![Value::from(how), what, Value::List(vec![]), Value::Dict(vec![])])
    }

    #[test]
    fn only_answers_of_the_agreed_form_reach_the_tests() {
        let raised = |kinds: Vec<Value>| Value::Tuple(vec![Value::List(kinds), Value::from("why")]);
        let mut relay = PlainValues;
        let mut passes = |value: &Value| relay.answer(reply(ReplyKind::Returned, value)).is_ok();
        assert!(passes(&answer("returned", Value::None)));
        assert!(passes(&answer("raised", raised(vec![Value::from("ValueError")]))));
        assert!(!passes(&answer("raised", raised(vec![]))), "an exception of no kind");
        assert!(!passes(&answer("raised", Value::from("ValueError"))));
        assert!(!passes(&answer("passed", Value::from(3))), "the tests' own word");
        assert!(!passes(&Value::Tuple(vec![Value::from("passed"), Value::from(3), Value::from("")])));
        assert!(relay.answer(Reply { kind: ReplyKind::Returned, payload: b"c".to_vec(), cpu_ns: 0 }).is_err());
    }

    #[test]
    fn what_cannot_be_sent_is_a_value_that_equals_nothing() {
        let said = Reply { kind: ReplyKind::NotPlain, payload: b"nested too deeply".to_vec(), cpu_ns: 0 };
        let heard = decode(&PlainValues.answer(said).expect("passes"), &DecodeLimits::default()).expect("plain");
        assert!(is_answer(&heard) && holds_opaque(&heard, |_| true), "{heard:?}");
    }

    #[test]
    fn a_test_that_passes_a_function_is_refused_aloud() {
        let function = Value::List(vec![Value::Opaque { type_name: "function".to_owned() }]);
        let refused = PlainValues.question(reply(ReplyKind::Returned, &function)).expect_err("refused");
        assert!(matches!(&refused, Refusal::Tests(why) if why.contains("not supported yet")), "{refused:?}");
    }

    #[test]
    fn what_the_program_made_the_tests_say_is_its_own_fault() {
        let foreign = Value::List(vec![Value::Opaque { type_name: FOREIGN.to_owned() }]);
        let refused = PlainValues.question(reply(ReplyKind::Returned, &foreign)).expect_err("refused");
        assert!(matches!(refused, Refusal::Program(_)), "{refused:?}");
        let broken = Reply { kind: ReplyKind::Returned, payload: b"[".to_vec(), cpu_ns: 0 };
        assert!(matches!(PlainValues.question(broken).expect_err("refused"), Refusal::Program(_)));
    }
}
