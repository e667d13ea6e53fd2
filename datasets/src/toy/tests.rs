use std::collections::BTreeSet;
use std::collections::HashSet;

use super::composition::Slot;
use super::parts::Answer;
use super::parts::FILTERS;
use super::parts::MAPS;
use super::parts::REDUCES;
use super::parts::SOURCES;
use super::*;
use crate::problem::Expected;
use crate::value::Value;

fn draw(split: Split, seed: u64, size: u32) -> Draw {
    Draw { split, seed, size, ..Draw::default() }
}

/// The compositions behind rows, which rows themselves do not tell.
fn compositions(split: Split, seed: u64, size: u32) -> Vec<Composition> {
    let mut known = HashSet::new();
    let composition = |number| problem(split, &mut Draws::new(split.name(), seed, number), &mut known).0;
    (0..size).map(composition).collect()
}

fn composition(source: &str, filters: &[&str], map: &str, reduce: &str) -> Composition {
    let place = |names: Vec<&str>, name: &str| names.iter().position(|it| *it == name).expect("a part");
    let filter = |name: &&str| place(FILTERS.iter().map(|it| it.part.name).collect(), name);
    Composition {
        source: place(SOURCES.iter().map(|it| it.part.name).collect(), source),
        filters: filters.iter().map(filter).collect(),
        map: place(MAPS.iter().map(|it| it.part.name).collect(), map),
        reduce: place(REDUCES.iter().map(|it| it.part.name).collect(), reduce),
    }
}

#[test]
fn rows_are_the_same_to_the_byte_for_ever() {
    // Published results name problems by seed and number: what changes these hashes makes other problems of them, and must
    // change the name of the set.
    let hash = |split| blake3::hash(lines(draw(split, 7, 40)).as_bytes()).to_hex().to_string();
    let hashes = Split::ALL.map(|split| hash(split)[..16].to_owned());
    assert_eq!(hashes, ["7970be0a9dd993e5", "bccc3602524ca822", "3e010d6e25dca627"]);
}

#[test]
fn a_smaller_draw_is_the_beginning_of_a_larger_one_and_seeds_differ() {
    for split in Split::ALL {
        let some = lines(draw(split, 1, 20));
        assert!(lines(draw(split, 1, 30)).starts_with(&some), "{split}");
        let prompts = |seed| rows(draw(split, seed, 50)).map(|row| row.prompt).collect::<BTreeSet<_>>();
        assert!(prompts(0).intersection(&prompts(1)).count() < 3, "{split}");
    }
    let ids: Vec<String> =
        Split::ALL.iter().flat_map(|split| rows(draw(*split, 3, 1))).map(|row| row.task_id).collect();
    assert_eq!(ids, ["toy-base/3-0", "toy-rl/3-0", "toy/3-0"]);
}

#[test]
fn no_composition_is_in_two_splits_whatever_the_seed_and_problems_do_not_repeat() {
    let of = |split| -> HashSet<Composition> {
        let all = [0, 1].into_iter().flat_map(|seed| compositions(split, seed, 2000));
        all.map(|it| it.sorted()).collect()
    };
    let [base, rl, eval] = Split::ALL.map(of);
    assert!(base.is_disjoint(&rl) && base.is_disjoint(&eval) && rl.is_disjoint(&eval));
    for split in [Split::Rl, Split::Eval] {
        let all: HashSet<Composition> = compositions(split, 0, 2000).iter().map(Composition::sorted).collect();
        assert_eq!(all.len(), 2000, "{split}");
    }
    let one = composition("digits", &["odd", "above 5"], "square", "sum");
    assert_eq!(one.split(), composition("digits", &["above 5", "odd"], "square", "sum").split());
}

#[test]
fn there_are_as_many_problems_as_may_be_asked_for() {
    assert!(draw(Split::Eval, 0, MOST_PROBLEMS).check().is_ok());
    assert_eq!(compositions(Split::Eval, 0, MOST_PROBLEMS).len(), MOST_PROBLEMS as usize);
    assert!(draw(Split::Rl, 0, MOST_PROBLEMS + 1).check().is_err() && draw(Split::Eval, 0, 0).check().is_err());
    assert!(draw(Split::Base, 0, MOST_PROBLEMS + 1).check().is_ok());
}

#[test]
fn a_problem_is_a_function_with_given_answers() {
    let text = lines(Draw::default());
    let mut kinds = BTreeSet::new();
    for line in text.lines() {
        let problem = parse(line.as_bytes()).expect("a good row");
        let Tests::Function(tests) = problem.tests else { panic!("not function tests") };
        let Expected::Given(expected) = tests.expected else { panic!("no answers") };
        assert_eq!((tests.inputs.len(), expected.len(), tests.comparison), (INPUTS, INPUTS, Comparison::Equality));
        assert!(problem.canonical.expect("a program").starts_with(&problem.prompt));
        kinds.extend(expected.iter().map(Value::type_name));
    }
    assert_eq!(kinds, BTreeSet::from(["NoneType", "int", "list", "str"]));
    let parse = |line: &str| parse(line.as_bytes());
    let line = text.lines().next().expect("a row");
    let error = parse(&line.replacen("expected_py", "expected", 1)).expect_err("no answers");
    assert_eq!(error.to_string(), "expected the key expected_py, which is missing");
    let error = parse(&line.replacen("{", "{\"more\": 1, ", 1)).expect_err("too much");
    assert_eq!(error.to_string(), "unknown key more");
}

#[test]
fn a_composition_answers_as_its_words_say() {
    let one = composition("digits", &["to 7"], "halve", "sum");
    assert_eq!(one.answer(&Input::Number(98_741)), Answer::Number(3 + 2));
    let steps = composition("steps", &["odd", "no threes"], "third", "list");
    // The steps are 1, -7, 3, 25.
    assert_eq!(steps.answer(&Input::Numbers(vec![1, 2, -5, -2, 23])), Answer::Numbers(vec![0, -3, 8]));
    let words = composition("word lengths", &["even"], "negate", "last");
    assert_eq!(words.answer(&Input::Text("to be or not".into())), Answer::Number(-2));
    assert_eq!(words.answer(&Input::Text("one two".into())), Answer::None);
    let divisors = composition("divisors", &["inside"], "square", "dashes");
    assert_eq!(divisors.answer(&Input::Number(12)), Answer::Text("9-16-36-144".into()));
}

#[test]
fn programs_come_in_four_styles() {
    let one = composition("digits", &["to 7", "odd"], "halve", "first");
    let programs = Programs::of(&one);
    assert_eq!(
        programs.comprehension,
        "    return next(iter([v // 2 for v in [int(c) for c in str(x)] if v <= 7 and v % 2 == 1]), None)\n"
    );
    assert_eq!(
        programs.two_lines,
        "    r = [v // 2 for v in [int(c) for c in str(x)] if v <= 7 and v % 2 == 1]\n    return next(iter(r), None)\n"
    );
    assert_eq!(
        programs.map_filter,
        "    return next(iter(list(map(lambda v: v // 2, filter(lambda v: v <= 7 and v % 2 == 1, \
         [int(c) for c in str(x)])))), None)\n"
    );
    assert_eq!(
        programs.loop_,
        "    r = []\n    for v in [int(c) for c in str(x)]:\n        if v <= 7 and v % 2 == 1:\n            \
         r.append(v // 2)\n    return next(iter(r), None)\n"
    );
}

#[test]
fn inputs_that_do_not_show_every_part_are_refused() {
    let numbers = |lists: &[&[i64]]| lists.iter().map(|list| Input::Numbers(list.to_vec())).collect::<Vec<_>>();
    let one = composition("numbers", &["above 5"], "raise", "list");
    let good = numbers(&[&[6, 9, 5], &[1, 7, 8], &[2, 9, 3]]);
    assert!(one.is_shown_by(&good));
    assert!(!one.is_shown_by(&numbers(&[&[6, 9, 4], &[1, 7, 8], &[2, 9, 3]])), "no 5 tells it from at least 5");
    assert!(!one.is_shown_by(&numbers(&[&[6, 9, 5], &[6, 9, 5], &[5, 6, 9]])), "there is one answer only");
    let mut draws = Draws::new("test", 0, 0);
    for (what, degenerate) in [
        ("keeps nothing", composition("numbers", &["even", "odd"], "double", "sum")),
        ("has a filter that changes nothing", composition("numbers", &["above 5", "from 5"], "double", "list")),
        ("has a map that changes nothing", composition("digits", &["to 7"], "modulo 5", "list").with(Slot::Map, 13)),
        ("has a map that the answer does not show", composition("numbers", &["odd"], "negate", "kinds")),
    ] {
        let inputs = degenerate.draw_inputs(&mut draws, 200);
        assert!(!degenerate.is_shown_by(&inputs), "one that {what}");
    }
}

#[test]
fn what_parts_are_mistaken_for_is_another_one_that_takes_the_same_inputs() {
    let mut draws = Draws::new("test", 0, 1);
    for (place, source) in SOURCES.iter().enumerate() {
        let input = (source.input)(&mut draws);
        assert_ne!(source.part.near, place);
        assert!(!(SOURCES[source.part.near].values)(&input).is_empty(), "{}", source.part.name);
    }
    let tables: [Vec<&parts::Part>; 4] = [
        SOURCES.iter().map(|it| &it.part).collect(),
        FILTERS.iter().map(|it| &it.part).collect(),
        MAPS.iter().map(|it| &it.part).collect(),
        REDUCES.iter().map(|it| &it.part).collect(),
    ];
    for table in tables {
        let names: BTreeSet<&str> = table.iter().map(|part| part.name).collect();
        let phrases: BTreeSet<&str> = table.iter().flat_map(|part| part.phrases).collect();
        assert_eq!((names.len(), phrases.len()), (table.len(), table.len() * 3), "no two parts are called the same");
        assert!(table.iter().enumerate().all(|(place, part)| part.near != place && part.near < table.len()));
    }
}

#[test]
fn the_corpus_errs_as_much_as_it_is_told_to() {
    let wrong = |noise_permille| {
        let rows = rows(Draw { noise_permille, ..draw(Split::Base, 0, 400) });
        let is_wrong = |row: &Row| {
            let Programs { comprehension, two_lines, map_filter, loop_ } = &row.solutions;
            let noisy = row.noisy.as_ref().expect("a corpus");
            ![comprehension, two_lines, map_filter, loop_].contains(&noisy)
        };
        rows.filter(is_wrong).count()
    };
    assert_eq!(wrong(0), 0);
    let (half, whole) = (wrong(500), wrong(1000));
    assert!((120..250).contains(&half) && (240..360).contains(&whole), "{half} and {whole} of 400");
    assert!(rows(draw(Split::Eval, 0, 5)).all(|row| row.noisy.is_none()));
}
