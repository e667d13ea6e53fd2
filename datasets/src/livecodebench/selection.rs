//! Which problems of LiveCodeBench are wanted: releases, a window of contest dates, difficulties, platforms.
//! Not here: which files hold a release (`files`), problems whose tests are known to be wrong (`errata`).
//! In: words of a command line, and what a row says of itself. Out: wanted or not.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use chrono::NaiveDateTime;

use crate::row::RowErrorKind;

/// How many problems each release has, from v1: what LiveCodeBench's README says.
pub const RELEASE_COUNTS: [usize; 6] = [400, 511, 612, 713, 880, 1055];

/// A word that stands for nothing that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct UnknownWord {
    expected: &'static str,
    found: String,
}

fn unknown(expected: &'static str, found: &str) -> UnknownWord {
    UnknownWord { expected, found: found.to_owned() }
}

/// Releases, each the problems that one file added: `v5` is v1 to v5, `v4_v6` what v4, v5 and v6 added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Releases {
    pub(crate) first: usize,
    pub(crate) last: usize,
}

impl Releases {
    /// How many problems these releases have in all.
    pub fn problem_count(self) -> usize {
        let before = if self.first == 1 { 0 } else { RELEASE_COUNTS[self.first - 2] };
        RELEASE_COUNTS[self.last - 1] - before
    }

    pub(crate) fn contains(self, release: usize) -> bool {
        (self.first..=self.last).contains(&release)
    }
}

impl FromStr for Releases {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| {
            let digits = part.strip_prefix('v')?;
            (1..=RELEASE_COUNTS.len()).find(|number| number.to_string() == digits)
        };
        let tag = word.strip_prefix("release_").unwrap_or(word);
        let found = match tag.split_once('_') {
            Some((first, last)) => number(first).zip(number(last)).filter(|(first, last)| first <= last),
            None => number(tag).map(|last| (1, last)),
        };
        let (first, last) = found.ok_or_else(|| unknown("v1 to v6, or a range such as v4_v6", word))?;
        Ok(Self { first, last })
    }
}

impl fmt::Display for Releases {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first {
            1 => write!(formatter, "v{}", self.last),
            first => write!(formatter, "v{first}_v{}", self.last),
        }
    }
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(NaiveDate);

impl Day {
    /// The day of a `contest_date`, which has a time of day too.
    pub(crate) fn of_moment(moment: &str) -> Result<Self, RowErrorKind> {
        let with_time = |form| NaiveDateTime::parse_from_str(moment, form).map(|moment| moment.date());
        let parsed = with_time("%Y-%m-%dT%H:%M:%S%.f").or_else(|_| with_time("%Y-%m-%d %H:%M:%S%.f"));
        parsed.map(Self).or_else(|_| moment.parse()).map_err(|_| {
            RowErrorKind::bad_value("contest_date", format!("expected a date as 2024-08-01T00:00:00, found {moment:?}"))
        })
    }
}

impl FromStr for Day {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let day = NaiveDate::parse_from_str(word, "%Y-%m-%d").map(Self);
        day.map_err(|_| unknown("a day as 2024-08-01", word))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.format("%Y-%m-%d"))
    }
}

/// An enum whose members are words.
macro_rules! words {
    ($(#[$about:meta])* $name:ident, $expected:literal, $($(#[$what:meta])* $member:ident = $word:literal),+) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$what])* $member),+ }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word { $($word => Ok(Self::$member),)+ _ => Err(unknown($expected, word)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(match self { $(Self::$member => $word),+ })
            }
        }
    };
}

words!(
    /// How hard a problem is.
    Difficulty, "easy, medium or hard",
    /// Easy.
    Easy = "easy",
    /// Medium.
    Medium = "medium",
    /// Hard.
    Hard = "hard"
);
words!(
    /// Where a problem comes from.
    Platform, "leetcode, codeforces or atcoder",
    /// LeetCode: functions.
    LeetCode = "leetcode",
    /// Codeforces: programs.
    Codeforces = "codeforces",
    /// AtCoder: programs.
    AtCoder = "atcoder"
);

/// What is wanted. The default wants everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The releases.
    pub releases: Option<Releases>,
    /// The first day of contests.
    pub from: Option<Day>,
    /// The last day of contests.
    pub to: Option<Day>,
    /// The difficulties; empty for all.
    pub difficulties: Vec<Difficulty>,
    /// The platforms; empty for all.
    pub platforms: Vec<Platform>,
}

/// What a row says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) difficulty: Difficulty,
    pub(crate) platform: Platform,
    /// `None` in SandboxFusion's edition.
    pub(crate) day: Option<Day>,
    /// The release that added it, where the row or its file says.
    pub(crate) release: Option<usize>,
}

impl Selection {
    /// Whether a row is wanted; an error where it does not say what must be known.
    pub(crate) fn wants(&self, about: &About) -> Result<bool, RowErrorKind> {
        if let Some(releases) = self.releases {
            let release = about.release.ok_or_else(|| {
                let reason = "nothing tells the release of this row: name the files test.jsonl to test6.jsonl as they \
                              are published, or give each row its _release_file";
                RowErrorKind::bad_value("--release", reason)
            })?;
            if !releases.contains(release) {
                return Ok(false);
            }
        }
        if self.from.is_some() || self.to.is_some() {
            let day = about.day.ok_or_else(|| RowErrorKind::Missing { keys: "contest_date".to_owned() })?;
            if self.from.is_some_and(|from| day < from) || self.to.is_some_and(|to| day > to) {
                return Ok(false);
            }
        }
        Ok((self.difficulties.is_empty() || self.difficulties.contains(&about.difficulty))
            && (self.platforms.is_empty() || self.platforms.contains(&about.platform)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(day: &str, release: usize) -> About {
        let day = Some(day.parse().expect("a day"));
        About { difficulty: Difficulty::Easy, platform: Platform::AtCoder, day, release: Some(release) }
    }

    #[test]
    fn releases_are_read_as_they_are_written() {
        for (word, shown, first, last, count) in [
            ("v5", "v5", 1, 5, 880),
            ("release_v6", "v6", 1, 6, 1055),
            ("v4_v6", "v4_v6", 4, 6, 443),
            ("v5_v5", "v5_v5", 5, 5, 167),
        ] {
            let releases: Releases = word.parse().expect("a release");
            assert_eq!(releases, Releases { first, last });
            assert_eq!((releases.to_string().as_str(), releases.problem_count()), (shown, count));
        }
        for word in ["", "v0", "v7", "5", "v6_v4", "v1_v2_v3", "v+5", "v05", "latest"] {
            let error = word.parse::<Releases>().expect_err("no release").to_string();
            assert_eq!(error, format!("expected v1 to v6, or a range such as v4_v6, found {word}"));
        }
    }

    #[test]
    fn both_ends_of_a_window_belong_to_it() {
        let day = |word: &str| Some(word.parse::<Day>().expect("a day"));
        let window = Selection { from: day("2024-08-01"), to: day("2025-02-01"), ..Selection::default() };
        for (at, wanted) in [("2024-07-31", false), ("2024-08-01", true), ("2025-02-01", true), ("2025-02-02", false)] {
            assert_eq!(window.wants(&about(at, 5)).expect("it can be told"), wanted, "{at}");
        }
        let dateless = About { day: None, ..about("2024-08-01", 5) };
        assert!(window.wants(&dateless).expect_err("no date").to_string().contains("contest_date"));
        assert!(Selection::default().wants(&dateless).expect("no date is needed"));
    }

    #[test]
    fn a_release_that_nothing_tells_is_an_error_only_where_it_is_asked_for() {
        let nameless = About { release: None, ..about("2024-08-01", 5) };
        assert!(Selection::default().wants(&nameless).expect("no release is needed"));
        let v5 = Selection { releases: Some("v5".parse().expect("a release")), ..Selection::default() };
        assert!(v5.wants(&about("2024-08-01", 5)).expect("told"));
        assert!(!v5.wants(&about("2024-08-01", 6)).expect("told"));
        let error = v5.wants(&nameless).expect_err("it cannot be told").to_string();
        assert!(error.contains("test.jsonl to test6.jsonl") && error.contains("_release_file"), "{error}");
    }

    #[test]
    fn difficulties_and_platforms_are_alternatives_among_themselves() {
        let easy_or_hard = Selection { difficulties: vec![Difficulty::Easy, Difficulty::Hard], ..Selection::default() };
        assert!(easy_or_hard.wants(&about("2024-08-01", 5)).expect("told"));
        let leetcode = Selection { platforms: vec![Platform::LeetCode], ..easy_or_hard };
        assert!(!leetcode.wants(&about("2024-08-01", 5)).expect("told"));
        assert_eq!(
            "hrad".parse::<Difficulty>().map_err(|error| error.to_string()),
            Err("expected easy, medium or hard, found hrad".to_owned())
        );
    }

    #[test]
    fn contest_dates_that_do_not_parse_are_named() {
        for moment in ["2024-08-01T00:00:00", "2024-08-01T09:30:00.250", "2024-08-01 00:00:00", "2024-08-01"] {
            assert_eq!(
                Day::of_moment(moment).map(|day| day.to_string()).ok().as_deref(),
                Some("2024-08-01"),
                "{moment}"
            );
        }
        for moment in ["", "2024-02-30T00:00:00", "01/08/2024", "2024-08-01T25:00:00", "2024-08-01 or so"] {
            let error = Day::of_moment(moment).expect_err("no date").to_string();
            assert!(
                error.starts_with("cannot use contest_date: ") && error.contains(&format!("{moment:?}")),
                "{error}"
            );
        }
    }
}
