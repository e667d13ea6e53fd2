//! The store under good and bad luck.

use std::{fs, sync::Arc};

use proptest::{prelude::*, test_runner::Config};
use tempfile::TempDir;
use trialbox_datasets::problem::Language;

use super::*;
use crate::{
    near::Near,
    verdict::{Judgement, Verdict},
    verify::no_code,
};

const LARGE: u64 = 1 << 30;

fn key(number: u8) -> Key {
    [number; 32]
}

fn record(number: u8) -> Record {
    Record {
        judgement: Judgement { verdict: Verdict::Pass, tests_run: usize::from(number), ..no_code("why".to_owned()) },
        program: Arc::from(vec![number; 1000]),
        language: Language::Python,
        plan: [number; 32],
        form: number.is_multiple_of(2).then_some([number; 32].map(|byte| byte ^ 0x80)),
        judge: "me".to_owned(),
        near: number.is_multiple_of(3).then_some(Near { stage: usize::from(number), was_too_slow: false }),
    }
}

fn filled(numbers: std::ops::Range<u8>, most_bytes: u64) -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), most_bytes).expect("a store");
    numbers.for_each(|number| store.put(key(number), record(number), format!("from {number}")));
    store.flush();
    (folder, store)
}

#[test]
fn verdicts_outlive_the_process_and_are_found_by_text_and_by_form() {
    let (folder, store) = filled(0..10, LARGE);
    drop(store);
    let store = Store::open(folder.path(), LARGE).expect("a store");
    for number in 0..10 {
        assert_eq!(store.get(&key(number)), Some(record(number)));
        let by_form = store.get(&key(number ^ 0x80)).map(|record| record.judgement.tests_run);
        assert_eq!(by_form, number.is_multiple_of(2).then_some(usize::from(number)));
    }
    assert_eq!(store.get(&key(77)), None);
    let mut origins = Vec::new();
    store.visit(|_, record, origin| {
        origins.push((record.plan[0], origin));
        true
    });
    assert_eq!(origins[3], (3, "from 3".to_owned()));
}

#[test]
fn the_oldest_go_where_there_are_too_many() {
    let (_folder, store) = filled(0..100, 40_000);
    let stats = store.stats().expect("figures");
    assert!(stats.bytes <= 40_000 && stats.records > 10, "{stats:?}");
    assert!(store.get(&key(0)).is_none() && store.get(&key(0x80)).is_none() && store.get(&key(99)).is_some());
}

#[test]
fn what_is_not_wanted_is_collected_with_all_that_led_to_it() {
    let (folder, mut store) = filled(0..10, LARGE);
    store.remove(&[key(9)]);
    let gone = store.collect(|record| record.plan[0] != 4).expect("collected");
    assert_eq!((gone, store.get(&key(4)), store.get(&key(4 ^ 0x80))), (1, None, None));
    let Stats { records, forms, problems, bytes, .. } = store.stats().expect("figures");
    assert_eq!((records, forms, problems), (8, 4, 8));
    store.remove(&(0..10).map(key).collect::<Vec<_>>());
    assert_eq!(store.stats().expect("figures").bytes, 0, "of {bytes}");
    drop(store);
    assert_eq!(Store::open(folder.path(), LARGE).expect("a store").stats().expect("figures").records, 0);
}

#[test]
fn one_process_has_it_at_a_time() {
    let (folder, _store) = filled(0..1, LARGE);
    assert!(matches!(Store::open(folder.path(), LARGE), Err(StoreError::InUse(_))));
}

#[test]
fn an_entry_that_is_not_what_was_written_counts_for_nothing() {
    let (number, sealed) = (key(1), record(1).sealed(&key(1)));
    assert_eq!(Record::open(&number, &sealed), Some(record(1)));
    assert_eq!(Record::open(&key(2), &sealed), None, "another's place");
    for at in 0..sealed.len() {
        let mut other = sealed.clone();
        other[at] ^= 0x10;
        assert_eq!(Record::open(&number, &other), None);
        assert_eq!(Record::open(&number, &sealed[..at]), None);
    }
}

#[test]
fn a_file_that_is_no_store_is_put_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(FILE_NAME), "not a store at all").expect("written");
    let store = Store::open(folder.path(), LARGE).expect("a store");
    store.put(key(1), record(1), String::new());
    store.flush();
    assert_eq!(store.get(&key(1)), Some(record(1)));
    assert!(folder.path().join("verdicts.damaged").exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("file"), "").expect("written");
    assert!(matches!(Store::open(&folder.path().join("file"), LARGE), Err(StoreError::Unusable { .. })));
    assert!(matches!(Store::open_existing(folder.path(), LARGE), Err(StoreError::Absent(_))));
}

/// redb panics over pages that are marked as free and are not, some while it writes, some not before it closes the file.
#[test]
fn a_store_with_any_of_its_numbers_damaged_is_closed_without_a_panic() {
    let (folder, store) = filled(0..20, LARGE);
    drop(store);
    let path = folder.path().join(FILE_NAME);
    let bytes = fs::read(&path).expect("readable");
    let numbers: Vec<usize> = (1..bytes.len()).filter(|&at| bytes[at] != 0 && bytes[at - 1] == 0).collect();
    for at in numbers {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xff;
        fs::write(&path, &damaged).expect("writable");
        let store = Store::open(folder.path(), LARGE).expect("a store");
        let found = store.get(&key(1));
        assert!(found.is_none() || found == Some(record(1)), "damaged at {at}");
        store.put(key(50), record(50), String::new());
    }
}

proptest! {
    #![proptest_config(Config { cases: 60, ..Config::default() })]

    /// Whatever happens to the file, a verdict that is given is one that was put there under that key.
    #[test]
    fn a_damaged_file_gives_right_verdicts_or_none(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20), cut in prop::option::of(any::<prop::sample::Index>())) {
        let (folder, store) = filled(0..20, LARGE);
        drop(store);
        let path = folder.path().join(FILE_NAME);
        let mut bytes = fs::read(&path).expect("readable");
        for (place, byte) in damage {
            let at = place.index(bytes.len());
            bytes[at] ^= byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |place| place.index(bytes.len())));
        fs::write(&path, &bytes).expect("writable");
        if let Ok(store) = Store::open(folder.path(), LARGE) {
            for number in 0..20 {
                let found = store.get(&key(number));
                prop_assert!(found.is_none() || found == Some(record(number)));
            }
            store.put(key(50), record(50), String::new());
            store.flush();
            let found = store.get(&key(50));
            prop_assert!(found.is_none() || found == Some(record(50)));
        }
    }
}
