//! Finds what a model says in the open, and what it calls its answer, by tags such as `<think>` and `<answer>`.
//! Not here: fences (`fences`), programs (`search`).
//! In: text. Out: parts of it, in order. One pass, no recursion; tags may be nested, repeated, unclosed, in any case,
//! and have attributes. A tag within a fenced block counts only alone on its line: otherwise it is a program's string.

/// What a tag's name may be, of those that hold reasoning.
const REASONING: [&str; 5] = ["think", "thinking", "thought", "thoughts", "reasoning"];
/// The longest tag.
const MAX_TAG: usize = 200;

/// The text, parted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parted<'a> {
    /// What stands outside of the reasoning.
    pub(super) spoken: Vec<&'a str>,
    /// What follows a thought that does not end.
    pub(super) unfinished: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Reasoning,
    Answer,
}

#[derive(Debug)]
struct Tag {
    start: usize,
    end: usize,
    kind: Kind,
    closes: bool,
}

/// Parts reasoning from the rest. A thought that ends without a beginning began with the text, or with the last one:
/// chat templates open the first, and models mention the tag within.
pub(super) fn parted(text: &str) -> Parted<'_> {
    let mut parted = Parted::default();
    let (mut start, mut thought) = (0, None);
    scan(text, |tag| {
        if tag.kind != Kind::Reasoning {
            return thought.is_some();
        }
        if tag.closes {
            (start, thought) = (tag.end, None);
        } else if thought.is_none() {
            parted.spoken.push(&text[start..tag.start]);
            thought = Some(tag.end);
        }
        thought.is_some()
    });
    match thought {
        Some(thought) => parted.unfinished = Some(&text[thought..]),
        None => parted.spoken.push(&text[start..]),
    }
    parted
}

/// Whether nothing is said outside of the reasoning.
pub(super) fn is_silent(text: &str) -> bool {
    parted(text).spoken.iter().all(|part| part.trim().is_empty())
}

/// What stands in each `<answer>`, innermost where they nest; an answer that does not end reaches to the end of the
/// text.
pub(super) fn answers(text: &str) -> Vec<&str> {
    let (mut answers, mut start) = (Vec::new(), None);
    scan(text, |tag| {
        if tag.kind == Kind::Answer {
            if !tag.closes {
                start = Some(tag.end);
            } else if let Some(start) = start.take() {
                answers.push(&text[start..tag.start]);
            }
        }
        false
    });
    answers.extend(start.map(|start| &text[start..]));
    answers
}

/// As [`answers`], without one that does not end.
pub(super) fn finished_answers(text: &str) -> Vec<&str> {
    let mut answers = answers(text);
    let end = text.as_bytes().as_ptr_range().end;
    answers.retain(|answer| answer.as_bytes().as_ptr_range().end != end);
    answers
}

/// Calls `visit` for each tag that counts; it says whether fences mean nothing from here on.
fn scan(text: &str, mut visit: impl FnMut(&Tag) -> bool) {
    let (mut is_fenced, mut ignores_fences, mut line_start) = (false, false, 0);
    for line in text.split_inclusive('\n') {
        let mut from = 0;
        is_fenced ^= !ignores_fences && toggles(line);
        while let Some(tag) = next_tag(line, from) {
            from = tag.end;
            if is_fenced && line.trim() != &line[tag.start..tag.end] {
                continue;
            }
            ignores_fences = visit(&Tag { start: line_start + tag.start, end: line_start + tag.end, ..tag });
            // A tag that counts ends every block; the next may start right behind it.
            is_fenced = !ignores_fences && toggles(&line[from..]);
        }
        line_start += line.len();
    }
}

/// Whether a line opens or ends a block.
fn toggles(line: &str) -> bool {
    let line = line.trim_start();
    ["```", "~~~"].iter().any(|mark| line.strip_prefix(mark).is_some_and(|rest| !rest.contains(mark)))
}

fn next_tag(line: &str, from: usize) -> Option<Tag> {
    let mut at = from;
    loop {
        let start = at + line[at..].find('<')?;
        at = start + 1;
        let body = &line[at..];
        let Some(length) = body.bytes().take(MAX_TAG).position(|byte| matches!(byte, b'>' | b'<')) else { continue };
        if body.as_bytes()[length] == b'<' {
            continue;
        }
        let (closes, name) = match body[..length].strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, &body[..length]),
        };
        // `<think/>` opens nothing.
        let name = name.split_ascii_whitespace().next().unwrap_or("");
        let is = |expected: &str| name.eq_ignore_ascii_case(expected);
        let kind = if REASONING.iter().any(|expected| is(expected)) {
            Kind::Reasoning
        } else if is("answer") {
            Kind::Answer
        } else {
            continue;
        };
        return Some(Tag { start, end: at + length + 1, kind, closes });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str) -> Vec<&str> {
        parted(text).spoken.into_iter().filter(|part| !part.is_empty()).collect()
    }

    #[test]
    fn reasoning_is_parted_from_what_is_said() {
        assert_eq!(spoken("<think>a</think>b"), ["b"]);
        assert_eq!(spoken("a</think>b"), ["b"], "the template opened it");
        assert_eq!(spoken("a<Think>b</THINK >c<thinking budget=\"9\">d</thinking>e"), ["a", "c", "e"]);
        assert_eq!(spoken("<think>a<think>b</think>c</think>d"), ["d"], "nested");
        assert_eq!(spoken("<think>I use <think> tags</think>d"), ["d"], "mentioned");
        assert_eq!(parted("a<think>b").unfinished, Some("b"));
        assert_eq!(spoken("a<think>b"), ["a"]);
        assert_eq!(spoken("a < b, <thinker>, <think"), ["a < b, <thinker>, <think"]);
    }

    #[test]
    fn tags_in_a_program_are_its_strings() {
        let program = "```python\nprint('</think>')\n```\n";
        assert_eq!(spoken(program), [program]);
        assert_eq!(spoken(&format!("<think>```python\nx</think>{program}")), [program], "an unfinished draft");
        assert_eq!(spoken("```python\ndraft\n</think>\nb"), ["\nb"], "alone on its line");
    }

    #[test]
    fn answers_are_found_one_by_one() {
        assert_eq!(answers("<answer>a</answer>b<ANSWER id=2>c</Answer>"), ["a", "c"]);
        assert_eq!(answers("<answer><answer>a</answer></answer>"), ["a"]);
        assert_eq!(answers("<answer>a"), ["a"]);
        assert_eq!(answers("<answer>```py\nprint('</answer>')\n```</answer>b"), ["```py\nprint('</answer>')\n```"]);
        assert_eq!(finished_answers("<answer>a</answer><answer>b"), ["a"]);
        assert!(answers("</answer>").is_empty());
    }
}
