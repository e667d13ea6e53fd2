//! The parts that problems are put together of: where values come from, which are kept, what each becomes, what is returned.
//! Not here: putting them together (`composition`).
//! In: nothing. Out: the tables, each part with its Python, what it does, its wordings, and what it is mistaken for.

use std::fmt;

use super::draws::Draws;

/// What is common to all parts.
#[derive(Debug)]
pub(super) struct Part {
    /// A name that tells it from the others of its table; that of a split depends on it.
    pub(super) name: &'static str,
    /// The Python of it.
    pub(super) code: &'static str,
    /// The place in the table of what it is most often mistaken for.
    pub(super) near: usize,
    /// How it is said: commonly, less commonly, rarely.
    pub(super) phrases: [&'static str; 3],
}

const fn part(name: &'static str, code: &'static str, near: usize, phrases: [&'static str; 3]) -> Part {
    Part { name, code, near, phrases }
}

/// What a function is called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Numbers(Vec<i64>),
    Number(i64),
    Text(String),
}

impl fmt::Display for Input {
    /// As Python writes it; texts have nothing in them that must be escaped.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbers(numbers) => write!(formatter, "{numbers:?}"),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Text(text) => write!(formatter, "'{text}'"),
        }
    }
}

/// What a function returns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Answer {
    None,
    Number(i64),
    Numbers(Vec<i64>),
    Text(String),
}

impl fmt::Display for Answer {
    /// As Python writes it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("None"),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Numbers(numbers) => write!(formatter, "{numbers:?}"),
            Self::Text(text) => write!(formatter, "'{text}'"),
        }
    }
}

/// Where values come from.
pub(super) struct Source {
    pub(super) part: Part,
    pub(super) input: fn(&mut Draws) -> Input,
    pub(super) values: fn(&Input) -> Vec<i64>,
}

/// Which values are kept.
pub(super) struct Filter {
    pub(super) part: Part,
    pub(super) keeps: fn(i64) -> bool,
}

/// What becomes of each value.
pub(super) struct Map {
    pub(super) part: Part,
    pub(super) image: fn(i64) -> i64,
}

/// What is returned of all of them. Its code has `{}` where they stand.
pub(super) struct Reduce {
    pub(super) part: Part,
    pub(super) answer: fn(Vec<i64>) -> Answer,
}

pub(super) const SOURCES: [Source; 10] = [
    Source {
        part: part("numbers", "x", 2, ["the numbers in x", "the items of x", "all that x lists"]),
        input: numbers,
        values: items,
    },
    Source {
        part: part(
            "backwards",
            "x[::-1]",
            0,
            ["the numbers in x backwards", "the items of x from the end", "x in reverse"],
        ),
        input: numbers,
        values: |input| items(input).into_iter().rev().collect(),
    },
    Source {
        part: part(
            "steps",
            "[b - a for a, b in zip(x, x[1:])]",
            0,
            [
                "the steps between neighbours in x",
                "the differences of items next to each other in x",
                "the rises along x",
            ],
        ),
        input: numbers,
        values: |input| items(input).windows(2).map(|pair| pair[1] - pair[0]).collect(),
    },
    Source {
        part: part(
            "digits",
            "[int(c) for c in str(x)]",
            4,
            ["the digits of x", "the figures of x", "the decimals that x is written in"],
        ),
        input: |draws| Input::Number(draws.between(10_000, 999_999_999)),
        values: |input| digits(number(input)).collect(),
    },
    Source {
        part: part(
            "later digits",
            "[int(c) for c in str(x)[1:]]",
            3,
            [
                "the digits of x after the first",
                "the figures of x but the leading one",
                "the decimals of x behind its head",
            ],
        ),
        input: |draws| Input::Number(draws.between(10_000, 999_999_999)),
        values: |input| digits(number(input)).skip(1).collect(),
    },
    Source {
        part: part(
            "up to",
            "range(1, x + 1)",
            6,
            ["the numbers from 1 to x", "the numbers up to x", "what counts to x"],
        ),
        input: |draws| Input::Number(draws.between(8, 40)),
        values: |input| (1..=number(input)).collect(),
    },
    Source {
        part: part("below", "range(x)", 5, ["the numbers from 0 below x", "the numbers before x", "what x counts"]),
        input: |draws| Input::Number(draws.between(8, 40)),
        values: |input| (0..number(input)).collect(),
    },
    Source {
        part: part(
            "divisors",
            "[d for d in range(1, x + 1) if x % d == 0]",
            5,
            ["the divisors of x", "the numbers that divide x", "what goes into x evenly"],
        ),
        // Numbers with many divisors.
        input: |draws| Input::Number(draws.between(2, 30) * [12, 10, 6, 9][draws.place(4)]),
        values: |input| (1..=number(input)).filter(|divisor| number(input) % divisor == 0).collect(),
    },
    Source {
        part: part(
            "word lengths",
            "[len(w) for w in x.split()]",
            9,
            ["the lengths of the words in x", "the sizes of the words of x", "how long each word in x is"],
        ),
        input: text,
        values: |input| words(input).split_whitespace().map(|word| word.bytes().map(|_| 1).sum()).collect(),
    },
    Source {
        part: part(
            "letters",
            "[ord(c) - 96 for c in x if c != ' ']",
            8,
            [
                "the alphabet positions of the letters in x",
                "the letters of x as numbers from 1",
                "the places of the letters in x",
            ],
        ),
        input: text,
        values: |input| words(input).bytes().filter(|byte| *byte != b' ').map(|byte| i64::from(byte) - 96).collect(),
    },
];

pub(super) const FILTERS: [Filter; 13] = [
    Filter { part: part("even", "v % 2 == 0", 1, ["even", "divisible by two", "not odd"]), keeps: |v| v % 2 == 0 },
    Filter { part: part("odd", "v % 2 == 1", 0, ["odd", "not divisible by two", "not even"]), keeps: |v| v % 2 != 0 },
    Filter { part: part("above 5", "v > 5", 3, ["above 5", "greater than 5", "beyond 5"]), keeps: |v| v > 5 },
    Filter { part: part("from 5", "v >= 5", 2, ["at least 5", "not below 5", "5 or more"]), keeps: |v| v >= 5 },
    Filter { part: part("to 7", "v <= 7", 5, ["not above 7", "at most 7", "7 or less"]), keeps: |v| v <= 7 },
    Filter { part: part("below 7", "v < 7", 4, ["below 7", "less than 7", "short of 7"]), keeps: |v| v < 7 },
    Filter {
        part: part("threes", "v % 3 == 0", 7, ["divisible by 3", "multiples of 3", "in steps of 3"]),
        keeps: |v| v % 3 == 0,
    },
    Filter {
        part: part("no threes", "v % 3 != 0", 6, ["not divisible by 3", "no multiples of 3", "off the steps of 3"]),
        keeps: |v| v % 3 != 0,
    },
    Filter {
        part: part(
            "after fours",
            "v % 4 == 1",
            9,
            ["leaving 1 modulo 4", "one above a multiple of 4", "just past a four"],
        ),
        keeps: |v| v.rem_euclid(4) == 1,
    },
    Filter {
        part: part(
            "before fours",
            "v % 4 == 3",
            8,
            ["leaving 3 modulo 4", "one below a multiple of 4", "just before a four"],
        ),
        keeps: |v| v.rem_euclid(4) == 3,
    },
    Filter {
        part: part("inside", "3 <= v <= 12", 11, ["between 3 and 12", "from 3 to 12", "within 3 and 12"]),
        keeps: |v| (3..=12).contains(&v),
    },
    Filter {
        part: part("outside", "not 3 <= v <= 12", 10, ["not between 3 and 12", "outside 3 to 12", "beyond 3 and 12"]),
        keeps: |v| !(3..=12).contains(&v),
    },
    Filter {
        part: part("low ends", "v % 10 < 5", 5, ["with a last digit below 5", "ending below 5", "low at the end"]),
        keeps: |v| v.rem_euclid(10) < 5,
    },
];

pub(super) const MAPS: [Map; 14] = [
    Map { part: part("square", "v * v", 1, ["squared", "times themselves", "to the power of two"]), image: |v| v * v },
    Map {
        part: part("cube", "v ** 3", 0, ["cubed", "to the third power", "times themselves twice"]),
        image: |v| v * v * v,
    },
    Map { part: part("double", "v * 2", 3, ["doubled", "times two", "added to themselves"]), image: |v| v * 2 },
    Map { part: part("triple", "v * 3", 2, ["tripled", "times three", "added to themselves twice"]), image: |v| v * 3 },
    Map {
        part: part("halve", "v // 2", 5, ["halved rounding down", "floor divided by 2", "cut to whole halves"]),
        image: |v| v.div_euclid(2),
    },
    Map {
        part: part("third", "v // 3", 4, ["divided by 3 rounding down", "floor divided by 3", "cut to whole thirds"]),
        image: |v| v.div_euclid(3),
    },
    Map { part: part("negate", "-v", 7, ["negated", "with the sign changed", "mirrored at zero"]), image: |v| -v },
    Map {
        part: part("from ten", "10 - v", 6, ["taken from 10", "subtracted from 10", "mirrored at five"]),
        image: |v| 10 - v,
    },
    Map { part: part("raise", "v + 1", 9, ["increased by 1", "plus one", "moved up"]), image: |v| v + 1 },
    Map { part: part("lower", "v - 1", 8, ["decreased by 1", "minus one", "moved down"]), image: |v| v - 1 },
    Map {
        part: part("modulo 5", "v % 5", 11, ["modulo 5", "as remainders of 5", "wrapped at 5"]),
        image: |v| v.rem_euclid(5),
    },
    Map {
        part: part("modulo 7", "v % 7", 10, ["modulo 7", "as remainders of 7", "wrapped at 7"]),
        image: |v| v.rem_euclid(7),
    },
    Map {
        part: part(
            "digit sum",
            "sum(map(int, str(abs(v))))",
            13,
            ["as digit sums", "as sums of their digits", "with digits added up"],
        ),
        image: |v| digits(v).sum(),
    },
    Map {
        part: part(
            "digit count",
            "len(str(abs(v)))",
            12,
            ["as digit counts", "as numbers of digits", "with digits counted"],
        ),
        image: |v| digits(v).map(|_| 1).sum(),
    },
];

pub(super) const REDUCES: [Reduce; 14] = [
    Reduce {
        part: part("sum", "sum({})", 1, ["sum", "total", "everything added up"]),
        answer: |all| Answer::Number(all.iter().sum()),
    },
    Reduce {
        part: part(
            "sum of seconds",
            "sum({}[::2])",
            0,
            ["sum of every second one", "total of every other one", "alternate ones added up"],
        ),
        answer: |all| Answer::Number(all.iter().step_by(2).sum()),
    },
    Reduce {
        part: part("largest", "max({}, default=0)", 3, ["largest or 0", "maximum or 0", "top one or 0"]),
        answer: |all| Answer::Number(all.into_iter().max().unwrap_or(0)),
    },
    Reduce {
        part: part("smallest", "min({}, default=0)", 2, ["smallest or 0", "minimum or 0", "bottom one or 0"]),
        answer: |all| Answer::Number(all.into_iter().min().unwrap_or(0)),
    },
    Reduce { part: part("list", "{}", 5, ["list", "list as it stands", "values in place"]), answer: Answer::Numbers },
    Reduce {
        part: part("reversed", "{}[::-1]", 4, ["list reversed", "list from the back", "values turned around"]),
        answer: |all| Answer::Numbers(all.into_iter().rev().collect()),
    },
    Reduce {
        part: part("ascending", "sorted({})", 7, ["ascending list", "sorted list", "values going up"]),
        answer: |all| Answer::Numbers(sorted(all)),
    },
    Reduce {
        part: part(
            "descending",
            "sorted({}, reverse=True)",
            6,
            ["descending list", "list sorted backwards", "values going down"],
        ),
        answer: |all| Answer::Numbers(sorted(all).into_iter().rev().collect()),
    },
    Reduce {
        part: part("kinds", "len(set({}))", 9, ["number of distinct ones", "count without repeats", "how many kinds"]),
        answer: |all| Answer::Number(distinct(all).iter().map(|_| 1).sum()),
    },
    Reduce {
        part: part(
            "distinct",
            "sorted(set({}))",
            8,
            ["distinct ones in order", "sorted without repeats", "which kinds"],
        ),
        answer: |all| Answer::Numbers(distinct(all)),
    },
    Reduce {
        part: part("first", "next(iter({}), None)", 11, ["first or None", "one in front or None", "head or None"]),
        answer: |all| all.first().map_or(Answer::None, |first| Answer::Number(*first)),
    },
    Reduce {
        part: part("last", "({} or [None])[-1]", 10, ["last or None", "one at the end or None", "tail or None"]),
        answer: |all| all.last().map_or(Answer::None, |last| Answer::Number(*last)),
    },
    Reduce {
        part: part(
            "commas",
            "','.join(map(str, {}))",
            13,
            ["text with commas", "values joined by commas", "comma line"],
        ),
        answer: |all| Answer::Text(joined(&all, ",")),
    },
    Reduce {
        part: part(
            "dashes",
            "'-'.join(map(str, {}))",
            12,
            ["text with dashes", "values joined by dashes", "dash line"],
        ),
        answer: |all| Answer::Text(joined(&all, "-")),
    },
];

fn numbers(draws: &mut Draws) -> Input {
    let length = draws.between(5, 10);
    Input::Numbers((0..length).map(|_| draws.between(-12, 30)).collect())
}

fn text(draws: &mut Draws) -> Input {
    let count = draws.between(4, 8);
    let mut word = |_| -> String {
        let length = draws.between(1, 13);
        (0..length).map(|_| char::from(b'a' + u8::try_from(draws.below(26)).expect("a letter"))).collect()
    };
    Input::Text((0..count).map(&mut word).collect::<Vec<_>>().join(" "))
}

// A source is called with inputs of its own kind, and with those of what is mistaken for it, which are of the same kind.

fn items(input: &Input) -> Vec<i64> {
    if let Input::Numbers(numbers) = input { numbers.clone() } else { Vec::new() }
}

fn number(input: &Input) -> i64 {
    if let Input::Number(number) = input { *number } else { 0 }
}

fn words(input: &Input) -> &str {
    if let Input::Text(text) = input { text } else { "" }
}

fn digits(value: i64) -> impl Iterator<Item = i64> {
    value.unsigned_abs().to_string().into_bytes().into_iter().map(|digit| i64::from(digit - b'0'))
}

fn sorted(mut all: Vec<i64>) -> Vec<i64> {
    all.sort_unstable();
    all
}

fn distinct(all: Vec<i64>) -> Vec<i64> {
    let mut all = sorted(all);
    all.dedup();
    all
}

fn joined(all: &[i64], between: &str) -> String {
    all.iter().map(i64::to_string).collect::<Vec<_>>().join(between)
}
