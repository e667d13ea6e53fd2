//! Conversations as text: a model's chat template, rendered as transformers renders it.
//! Not here: what is said in them (`prompt`).
//!
//! transformers' rules (`chat_template_utils.py`): Jinja with `trim_blocks`, `lstrip_blocks` and loop controls, the functions
//! `raise_exception` and `strftime_now`, `tojson` without escapes for HTML. Templates come with models: they are others' code,
//! which can read what it is given and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use chrono::DateTime;
use chrono::Utc;
use minijinja::Environment;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::UndefinedBehavior;
use minijinja::context;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use super::fault::LoadError;
use crate::Message;
use crate::Role;

/// Steps of a template, after which it is taken for an endless one.
const FUEL: u64 = 5_000_000;

/// Marks the end of what the answer begins with, as transformers does.
const MARK: &str = "CONTINUE_FINAL_MESSAGE_TAG ";

/// A model's chat template.
pub(crate) struct Template {
    environment: Environment<'static>,
    given: BTreeMap<String, Value>,
}

/// What a model's files and the user say besides the messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    /// The tokens that begin and end a text, by their names. What a model does not have is not defined in its template.
    pub(crate) begin: Option<String>,
    pub(crate) end: Option<String>,
    /// What the user sets, such as `enable_thinking`.
    pub(crate) variables: Map<String, Value>,
    /// What is taken for the present: the same for all prompts of a run, however long it takes.
    pub(crate) now: DateTime<Utc>,
}

impl Given {
    /// What the user says, and the present in seconds since 1970.
    pub(crate) fn new(variables: &Map<String, Value>, now_s: i64) -> Self {
        let now = DateTime::from_timestamp(now_s, 0).unwrap_or_default();
        Self { variables: variables.clone(), now, ..Self::default() }
    }
}

/// The keys of tokenizer_config.json that are read.
#[derive(Default, Deserialize)]
struct Json {
    chat_template: Option<Value>,
    bos_token: Option<Value>,
    eos_token: Option<Value>,
}

/// A token is a text, or an object that has it as `content`.
fn token(value: Option<&Value>) -> Option<String> {
    let value = value?;
    value.as_str().or_else(|| value.get("content")?.as_str()).map(str::to_owned)
}

/// What a model's folder says of conversations.
pub(crate) struct Found {
    /// Its template, where it has one.
    pub(crate) template: Option<Template>,
    /// The token that ends a text, by its name.
    pub(crate) end: Option<String>,
}

/// Reads tokenizer_config.json and chat_template.jinja, where they are.
pub(crate) fn in_folder(folder: &Path, given: Given) -> Result<Found, LoadError> {
    let path = folder.join("tokenizer_config.json");
    let json: Json = if path.exists() {
        let text = std::fs::read(&path).map_err(LoadError::io(&path))?;
        serde_json::from_slice(&text).map_err(|error| LoadError::bad(&path, error))?
    } else {
        Json::default()
    };
    let (begin, end) = (token(json.bos_token.as_ref()), token(json.eos_token.as_ref()));
    let file = folder.join("chat_template.jinja");
    let source = if file.exists() {
        Some(std::fs::read_to_string(&file).map_err(LoadError::io(&file))?)
    } else {
        source(json.chat_template.as_ref())
    };
    let given = Given { begin, end: end.clone(), ..given };
    let template = source.map(|source| Template::new(source, given)).transpose();
    Ok(Found { template: template.map_err(|reason| LoadError::bad(&path, reason))?, end })
}

/// A template, or a list of named ones of which `default` is for conversations without tools.
fn source(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(source) => Some(source.clone()),
        Value::Array(named) => {
            let default = named.iter().find(|it| it.get("name").and_then(Value::as_str) == Some("default"))?;
            Some(default.get("template")?.as_str()?.to_owned())
        }
        _ => None,
    }
}

impl Template {
    /// Compiles a template.
    pub(crate) fn new(source: String, given: Given) -> Result<Self, String> {
        let Given { begin, end, variables, now } = given;
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_undefined_behavior(UndefinedBehavior::Lenient);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<String, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_function("strftime_now", move |format: String| written(now, &format));
        environment.add_filter("tojson", to_json);
        // Python can iterate over text and over what is not defined, and not over None.
        environment.add_test("iterable", |value: &minijinja::Value| {
            !value.is_none() && (value.as_str().is_some() || value.is_undefined() || value.try_iter().is_ok())
        });
        environment.add_template_owned("chat", source).map_err(|error| explain(&error))?;
        let tokens = [("bos_token", begin), ("eos_token", end)];
        let tokens = tokens.into_iter().filter_map(|(name, token)| Some((name.to_owned(), Value::String(token?))));
        Ok(Self { environment, given: tokens.chain(variables).collect() })
    }

    /// A conversation as text, up to where the model's answer goes on: behind `prefill`, which begins it.
    pub(crate) fn render(&self, messages: &[Message], prefill: &str) -> Result<String, String> {
        if prefill.is_empty() { self.text(messages, true) } else { self.begun(messages, prefill) }
    }

    /// A conversation whose last turn, the model's, is not over.
    fn begun(&self, messages: &[Message], prefill: &str) -> Result<String, String> {
        let begun = Message { role: Role::Assistant, content: format!("{prefill}{MARK}") };
        let rendered = self.text(&[messages, &[begun]].concat(), false)?;
        let at = rendered.rfind(MARK.trim_end()).filter(|_| rendered.contains(prefill.trim()));
        let at = at.ok_or("the chat template leaves out what the answer begins with")?;
        // A template that trims messages has trimmed what stands before the mark as well.
        let kept = if rendered[at..].starts_with(MARK) { &rendered[..at] } else { rendered[..at].trim_end() };
        Ok(kept.to_owned())
    }

    fn text(&self, messages: &[Message], add_generation_prompt: bool) -> Result<String, String> {
        let template = self.environment.get_template("chat").map_err(|error| explain(&error))?;
        let values = context! {
            messages => messages,
            add_generation_prompt => add_generation_prompt,
            tools => (),
            documents => (),
            ..minijinja::Value::from_serialize(&self.given)
        };
        template.render(values).map_err(|error| explain(&error))
    }
}

/// What a template says itself, or what is wrong with it and where.
fn explain(error: &Error) -> String {
    let said = error.detail().unwrap_or("");
    match (error.kind(), error.line()) {
        (ErrorKind::InvalidOperation, _) if !said.is_empty() => format!("the chat template says: {said}"),
        (kind, Some(line)) => format!("the chat template fails in line {line}: {kind}: {said}"),
        (kind, None) => format!("the chat template fails: {kind}: {said}"),
    }
}

/// A time as a template wants it: some name the day in their system message.
fn written(now: DateTime<Utc>, format: &str) -> Result<String, Error> {
    let mut text = String::new();
    let wrong = |_| Error::new(ErrorKind::InvalidOperation, format!("strftime_now does not know the format {format}"));
    write!(text, "{}", now.format(format)).map_err(wrong)?;
    Ok(text)
}

/// JSON as Python's `json.dumps(value, ensure_ascii=False)` writes it, with `indent` where it is given.
fn to_json(value: minijinja::Value, options: minijinja::value::Kwargs) -> Result<minijinja::Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let json =
        serde_json::to_value(&value).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    let text = python_json(&json, indent, 0);
    Ok(minijinja::Value::from_safe_string(text))
}

fn python_json(value: &Value, indent: Option<usize>, depth: usize) -> String {
    let line = |depth: usize| indent.map_or(String::new(), |width| format!("\n{}", " ".repeat(width * depth)));
    let between = if indent.is_some() { "," } else { ", " };
    let whole = |open: char, items: Vec<String>, close: char| {
        if items.is_empty() {
            return format!("{open}{close}");
        }
        let items = items.join(&format!("{between}{}", line(depth + 1)));
        format!("{open}{}{items}{}{close}", line(depth + 1), line(depth))
    };
    match value {
        Value::Array(items) => whole('[', items.iter().map(|item| python_json(item, indent, depth + 1)).collect(), ']'),
        Value::Object(items) => {
            let item = |(key, value): (&String, &Value)| {
                format!("{}: {}", Value::String(key.clone()), python_json(value, indent, depth + 1))
            };
            whole('{', items.iter().map(item).collect(), '}')
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Reference {
        name: String,
        bos_token: Option<String>,
        eos_token: Option<String>,
        template: String,
        now: String,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        messages: Vec<Message>,
        add_generation_prompt: bool,
        #[serde(default)]
        continue_final_message: bool,
        #[serde(default)]
        variables: Map<String, Value>,
        expected: Value,
    }

    #[test]
    fn conversations_are_rendered_as_transformers_renders_them() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("references/templates");
        let mut looked_at = 0;
        for file in std::fs::read_dir(folder).expect("references") {
            let text = std::fs::read(file.expect("a file").path()).expect("a reference");
            let reference: Reference = serde_json::from_slice(&text).expect("as written");
            let now = format!("{}Z", reference.now).parse().expect("a time");
            for case in reference.cases {
                let Case { mut messages, add_generation_prompt, continue_final_message, variables, expected } = case;
                let (begin, end) = (reference.bos_token.clone(), reference.eos_token.clone());
                let given = Given { begin, end, variables, now };
                let template = Template::new(reference.template.clone(), given).expect("a template");
                let found = if continue_final_message {
                    let prefill = messages.pop().expect("a beginning").content;
                    template.begun(&messages, &prefill)
                } else {
                    template.text(&messages, add_generation_prompt)
                };
                let name = &reference.name;
                match expected.as_str() {
                    Some(expected) => assert_eq!(found.as_deref(), Ok(expected), "{name}: {messages:?}"),
                    None => {
                        let said = found.expect_err("transformers refuses this");
                        let expected = expected["error"].as_str().expect("a message");
                        assert!(said.contains(expected), "{name}: {said:?} {expected:?}");
                    }
                }
            }
            looked_at += 1;
        }
        assert!(looked_at >= 10, "{looked_at} templates");
    }

    #[test]
    fn a_template_that_never_ends_is_stopped_and_a_broken_one_names_the_line() {
        let endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}".to_owned();
        let template = Template::new(endless, Given::default()).expect("it compiles");
        assert!(template.render(&[], "").expect_err("endless").contains("fuel"));
        let broken = Template::new("a\n{% if %}".to_owned(), Given::default()).err().expect("broken");
        assert!(broken.starts_with("the chat template fails in line 2"), "{broken}");
    }
}
