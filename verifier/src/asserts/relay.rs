//! What may pass between tests and a program: plain data of the agreed form, and nothing else.
//! Not here: what the two say (`runner/src/driver/conversation`), what came of it (`asserts`).
//! In: what either side said. Out: what the other may hear.

use trialbox_datasets::value::Value;
use trialbox_runner::{Refusal, Relay, Reply, ReplyKind};

use crate::{
    codec::{DecodeLimits, decode, encode},
    repr::cut,
};

/// Lets messages pass. What the program says is decoded and encoded again: the tests read only what we wrote.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    /// What the program has said.
    answers: u64,
}

/// More than a program says within any limit of time that is usual.
const ANSWERS_LIMIT: u64 = 250_000;

impl Relay for Messages {
    fn question(&mut self, said: Reply) -> Result<Vec<u8>, Refusal> {
        match said.kind {
            ReplyKind::Returned => Ok(said.payload),
            _ => Err(Refusal::Tests(said_otherwise(&said))),
        }
    }

    fn answer(&mut self, said: Reply) -> Result<Vec<u8>, Refusal> {
        if said.kind != ReplyKind::Returned {
            return Err(Refusal::Program(said_otherwise(&said)));
        }
        self.answers += 1;
        if self.answers > ANSWERS_LIMIT {
            return Err(Refusal::Program(format!("more than {ANSWERS_LIMIT} exchanges with the tests")));
        }
        let message = decode(&said.payload, &DecodeLimits::default())
            .map_err(|error| Refusal::Program(format!("an answer that cannot be read: {error}")))?;
        if !is_message(&message) {
            return Err(Refusal::Program("an answer of no known form".to_owned()));
        }
        Ok(encode(&message))
    }
}

fn said_otherwise(said: &Reply) -> String {
    format!("broke off: {}", cut(&String::from_utf8_lossy(&said.payload)))
}

/// Whether it has the form of a message (`side.py`), and holds nothing but what `marshal` itself reads.
fn is_message(message: &Value) -> bool {
    let Value::Tuple(parts) = message else { return false };
    let has_form = match parts.as_slice() {
        [Value::Str(word), Value::Str(_), slots, Value::Dict(_), nodes, Value::Bool(_), updates @ ..] => {
            word.as_bytes() == b"do"
                && items(slots).is_some()
                && are_nodes(nodes)
                && matches!(updates, [] | [_])
                && updates.iter().all(are_updates)
        }
        [Value::Str(word), _, updates, nodes, Value::Str(_)] => {
            [b"returned".as_slice(), b"raised"].contains(&word.as_bytes()) && are_updates(updates) && are_nodes(nodes)
        }
        _ => false,
    };
    has_form && is_marshal(message)
}

fn items(value: &Value) -> Option<&[Value]> {
    match value {
        Value::List(items) | Value::Tuple(items) => Some(items),
        _ => None,
    }
}

fn are_nodes(nodes: &Value) -> bool {
    items(nodes).is_some_and(|nodes| nodes.iter().all(is_node))
}

/// A tag and its parts.
fn is_node(node: &Value) -> bool {
    matches!(items(node), Some([Value::Str(_), parts]) if items(parts).is_some())
}

/// Numbers of nodes, and what they are now.
fn are_updates(updates: &Value) -> bool {
    let is_update = |update: &Value| matches!(items(update), Some([Value::Int(_), node]) if is_node(node));
    items(updates).is_some_and(|updates| updates.iter().all(is_update))
}

/// Whether `marshal` reads it: none of our own kinds of values (`codec`) is inside.
fn is_marshal(value: &Value) -> bool {
    match value {
        Value::Opaque { .. } | Value::Decimal(_) | Value::Fraction { .. } | Value::Array { .. } => false,
        Value::Tuple(items) | Value::List(items) | Value::Set(items) | Value::FrozenSet(items) => {
            items.iter().all(is_marshal)
        }
        Value::Dict(pairs) => pairs.iter().all(|(key, value)| is_marshal(key) && is_marshal(value)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: Vec<Value>) -> Value {
        Value::List(items)
    }

    fn returned(slot: Value, nodes: Vec<Value>) -> Value {
        Value::Tuple(vec![Value::from("returned"), slot, list(vec![]), list(nodes), Value::from("")])
    }

    fn passes(message: &Value) -> bool {
        let said = Reply { kind: ReplyKind::Returned, payload: encode(message), cpu_ns: 0 };
        Messages::default().answer(said).is_ok()
    }

    #[test]
    fn only_messages_of_the_agreed_form_reach_the_tests() {
        let node = Value::Tuple(vec![Value::from("l"), list(vec![Value::from(1)])]);
        assert!(passes(&returned(Value::None, vec![])));
        assert!(passes(&returned(Value::Tuple(vec![Value::from(0)]), vec![node.clone()])));
        assert!(!passes(&returned(Value::None, vec![Value::from(1)])), "a node that is none");
        assert!(!passes(&returned(Value::None, vec![list(vec![Value::from("l")])])), "a node without parts");
        assert!(!passes(&Value::Tuple(vec![Value::from("passed"), Value::from(3), Value::from("")])), "a report");
        assert!(!passes(&Value::from("returned")));
        let asks = |act: Value| {
            Value::Tuple(vec![
                Value::from("do"),
                act,
                list(vec![]),
                Value::Dict(vec![]),
                list(vec![]),
                Value::Bool(false),
            ])
        };
        assert!(passes(&asks(Value::from("get"))));
        assert!(!passes(&asks(Value::None)));
    }

    #[test]
    fn values_of_our_own_kinds_are_no_part_of_a_message() {
        assert!(!passes(&returned(Value::Opaque { type_name: "object".to_owned() }, vec![])));
        assert!(!passes(&returned(list(vec![Value::Decimal("1".to_owned())]), vec![])));
    }

    #[test]
    fn who_breaks_off_is_at_fault() {
        let said = |kind| Reply { kind, payload: b"c".to_vec(), cpu_ns: 0 };
        assert!(matches!(Messages::default().question(said(ReplyKind::Raised)), Err(Refusal::Tests(_))));
        assert!(matches!(Messages::default().answer(said(ReplyKind::Raised)), Err(Refusal::Program(_))));
        assert!(
            matches!(Messages::default().answer(said(ReplyKind::Returned)), Err(Refusal::Program(_))),
            "code objects"
        );
    }
}
