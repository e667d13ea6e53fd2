//! A profile's text with the place of everything in it.
//! Not here: what the text means (`profile`).
//! In: TOML, and the way to one of its values. Out: line and column of that very value.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::profile::{Profile, ProfileError};

/// One step on the way to a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Key(&'static str),
    Item(usize),
}

/// A text and what it was read as.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    file: &'a str,
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

impl<'a> Document<'a> {
    /// Reads a profile and keeps the places of its values; `file` is used in errors only.
    pub(crate) fn read(file: &'a str, text: &'a str) -> Result<(Self, Profile), ProfileError> {
        let refused = |error: toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            error_at(file, text, start, error.message().to_owned())
        };
        let root = DeTable::parse(text).map_err(refused)?;
        let profile = toml::from_str(text).map_err(refused)?;
        Ok((Self { file, text, root }, profile))
    }

    /// An error at the value to which these steps lead.
    pub(crate) fn error(&self, way: &[Step], message: String) -> ProfileError {
        error_at(self.file, self.text, self.offset(way), message)
    }

    /// Where the value begins, or where the last value on the way to it does.
    fn offset(&self, way: &[Step]) -> usize {
        let Some((Step::Key(first), rest)) = way.split_first() else { return 0 };
        let Some(mut value) = self.root.get_ref().get(*first) else { return 0 };
        for step in rest {
            let next: Option<&Spanned<DeValue<'_>>> = match step {
                Step::Key(key) => value.get_ref().get(*key),
                Step::Item(index) => value.get_ref().get(*index),
            };
            let Some(next) = next else { break };
            value = next;
        }
        value.span().start
    }
}

/// Columns count characters, as editors do.
fn error_at(file: &str, text: &str, offset: usize, message: String) -> ProfileError {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    ProfileError {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message,
    }
}
