//! `trialbox cache`: what the verdict cache holds, whether it still holds, and what need not be in it.
//! Not here: the cache itself (`verifier::store`).

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::{self, Write},
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use serde_json::json;
use trialbox_datasets::Asked;
use trialbox_runner::{Host, Worker};
use trialbox_verifier::{
    Judgement, Record, Settings, Store, StoreKey, Task, Verdict, for_each, judge_name, verify as judge,
};

use crate::{
    args::{CacheArguments, CacheVerifyArguments, RunArguments, SelectionArguments},
    attempt,
    exit::{DataFault, Exit, UsageFault},
    host,
    inputs::Problems,
    origin::Origin,
    progress::Progress,
    verify,
};

/// `trialbox cache stats`.
pub(crate) fn stats(arguments: &CacheArguments) -> anyhow::Result<Exit> {
    let folder = arguments.cache.clone().or_else(host::user_cache).ok_or_else(no_folder)?;
    let store = open(folder, u64::MAX)?;
    let (mut verdicts, mut near_a_limit) = (BTreeMap::<&str, u64>::new(), 0);
    let read = store.visit(|_, record, _| {
        match record.near {
            None => *verdicts.entry(record.judgement.verdict.as_str()).or_default() += 1,
            Some(_) => near_a_limit += 1,
        }
        true
    });
    let stats = read.and_then(|()| store.stats()).context("the verdict cache cannot be read")?;
    let figures = json!({
        "path": store.path(), "records": stats.records, "forms": stats.forms, "problems": stats.problems,
        "bytes": stats.bytes, "file_bytes": stats.file_bytes, "begun_unix_s": stats.begun_unix_s,
        "damaged": store.damaged(), "verdicts": verdicts, "near_a_limit": near_a_limit,
    });
    writeln!(io::stdout(), "{figures:#}")?;
    Ok(Exit::Done)
}

/// `trialbox cache gc`.
pub(crate) fn collect(arguments: &RunArguments) -> anyhow::Result<Exit> {
    let mut store = open(folder(arguments)?, arguments.cache_size.bytes())?;
    if store.is_read_only() {
        return Err(UsageFault(format!("{} can only be read", store.path().display())).into());
    }
    let host = host::open(arguments)?;
    let judge = judge_name(&host::judge(&host));
    let gone = store.collect(|record| record.judge == judge).context("the verdict cache cannot be read")?;
    let stats = store.stats().context("the verdict cache cannot be read")?;
    writeln!(io::stdout(), "{gone} verdicts taken out, {} left in {} bytes", stats.records, stats.file_bytes)?;
    Ok(Exit::Done)
}

/// What came of verdicts that were judged again.
#[derive(Debug, Default)]
struct Found {
    again: u64,
    changed: Vec<StoreKey>,
    /// Their problem is not where it was read, or has changed.
    without_problem: u64,
    /// Judged by another build or on another host.
    of_others: u64,
}

/// One verdict to be judged again.
struct Old {
    key: StoreKey,
    record: Record,
    task: Arc<Task>,
    settings: Arc<Settings>,
    name: String,
}

/// `trialbox cache verify`.
pub(crate) fn verify(arguments: &CacheVerifyArguments) -> anyhow::Result<Exit> {
    if !(0.0..=1.0).contains(&arguments.share) {
        return Err(UsageFault("--share is a number from 0 to 1".to_owned()).into());
    }
    let store = open(folder(&arguments.run)?, u64::MAX)?;
    let host = host::open(&arguments.run)?;
    let judge = judge_name(&host::judge(&host));
    let interrupted = host::interruption()?;
    let mut found = Found::default();
    let mut drawn: BTreeMap<Origin, Vec<(String, StoreKey, Record)>> = BTreeMap::new();
    let read = store.visit(|key, record, origin| {
        if record.judge != judge {
            found.of_others += 1;
        } else if record.near.is_none() && is_drawn(&key, arguments) {
            match Origin::parse(&origin) {
                Some((origin, name)) => drawn.entry(origin).or_default().push((name, key, record)),
                None => found.without_problem += 1,
            }
        }
        true
    });
    read.context("the verdict cache cannot be read")?;
    for (origin, records) in drawn {
        let settings = Arc::new(host::settings(&arguments.run, &host, origin.semantics()));
        let wanted: HashSet<&str> = records.iter().map(|(name, ..)| name.as_str()).collect();
        let tasks = tasks(&origin, &wanted, &settings).unwrap_or_else(|error| {
            eprintln!("trialbox: {error:#}");
            HashMap::new()
        });
        let count = records.len() as u64;
        let olds: Vec<Old> = records
            .into_iter()
            .filter_map(|(name, key, record)| {
                let task = Arc::clone(tasks.get(&name)?);
                Some(Old { key, record, task, settings: Arc::clone(&settings), name })
            })
            .collect();
        found.without_problem += count - olds.len() as u64;
        judge_again(olds, &host, arguments, &interrupted, &mut found)?;
        if interrupted.load(Ordering::SeqCst) {
            return Ok(Exit::Interrupted);
        }
    }
    // Which of two verdicts is right nobody knows: the next run judges afresh.
    store.remove(&found.changed);
    let Found { again, changed, without_problem, of_others } = &found;
    writeln!(
        io::stdout(),
        "{again} verdicts judged again, {} have changed and were taken out; not judged again: {without_problem} whose problem is not \
         where it was, {of_others} of other builds or hosts",
        changed.len()
    )?;
    Ok(if changed.is_empty() { Exit::Done } else { Exit::VerdictsNotMet })
}

fn judge_again(
    olds: Vec<Old>,
    host: &Arc<Host>,
    arguments: &CacheVerifyArguments,
    interrupted: &AtomicBool,
    found: &mut Found,
) -> anyhow::Result<()> {
    let progress = Progress::new(Some(olds.len() as u64), 0);
    let work = |old: Old, worker: &mut Worker| -> anyhow::Result<(Old, Option<Judgement>)> {
        if old.task.digest(worker, &old.settings)? != old.record.plan {
            return Ok((old, None));
        }
        let judgement = judge(&old.task, &old.record.program, old.record.language, worker, &old.settings)?;
        Ok((old, Some(judgement)))
    };
    let olds = olds.into_iter().take_while(|_| !interrupted.load(Ordering::SeqCst));
    let result = for_each(host, host::workers(&arguments.run), olds, work, |judged| {
        progress.advance(&Default::default());
        match judged {
            Ok((_, None)) => found.without_problem += 1,
            // The host failed: that says nothing.
            Ok((_, Some(judgement))) if judgement.verdict == Verdict::InfraError => {}
            Ok((old, Some(judgement))) => {
                found.again += 1;
                if !is_same(&judgement, &old.record.judgement) {
                    let (was, is) = (old.record.judgement.verdict.as_str(), judgement.verdict.as_str());
                    println_changed(&old.name, was, is);
                    found.changed.push(old.key);
                }
            }
            Err(error) => return ControlFlow::Break(error),
        }
        ControlFlow::Continue(())
    });
    progress.finish();
    match result {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

fn println_changed(name: &str, was: &str, is: &str) {
    // Whoever does not read on does not want to know.
    let _ = writeln!(io::stdout(), "{name}: a program that was {was} is {is}");
}

fn is_same(one: &Judgement, other: &Judgement) -> bool {
    let verdicts = |judgement: &Judgement| (judgement.verdict, judgement.base, judgement.plus, judgement.error_code);
    verdicts(one) == verdicts(other)
}

/// The problems of an origin that are wanted, by their names.
fn tasks(origin: &Origin, wanted: &HashSet<&str>, settings: &Settings) -> anyhow::Result<HashMap<String, Arc<Task>>> {
    if origin.dataset().is_none() {
        let file = origin.files().first().ok_or_else(|| DataFault("these jobs came on stdin".to_owned()))?;
        let all = verify::open(file)?.filter_map(Result::ok).filter(|asked| wanted.contains(asked.id()));
        let task = |asked: Asked| {
            let (name, allowance) = (asked.id().to_owned(), attempt::allowance(asked.limits(), settings.semantics));
            Some((name, Arc::new(Task::new(asked.into_problem()?, allowance))))
        };
        return Ok(all.filter_map(task).collect());
    }
    let Problems { entries, .. } = origin.load(&SelectionArguments::everything(), true)?;
    let entries = entries.into_iter().filter(|(name, _)| wanted.contains(name.as_str()));
    Ok(entries.filter_map(|(name, entry)| Some((name, entry.task().ok()?))).collect())
}

/// Draws by the key, which is as good as chance.
fn is_drawn(key: &StoreKey, arguments: &CacheVerifyArguments) -> bool {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&arguments.seed.to_le_bytes()).update(key);
    let bytes = hasher.finalize();
    let drawn = u32::from_le_bytes(*bytes.as_bytes().first_chunk().expect("a hash is longer"));
    f64::from(drawn) < arguments.share * f64::from(u32::MAX) || arguments.share >= 1.0
}

fn folder(arguments: &RunArguments) -> anyhow::Result<PathBuf> {
    host::cache(arguments).ok_or_else(no_folder)
}

fn no_folder() -> anyhow::Error {
    UsageFault("--cache names the folder of the cache".to_owned()).into()
}

fn open(folder: PathBuf, most_bytes: u64) -> anyhow::Result<Store> {
    Store::open_existing(&folder, most_bytes).map_err(|error| DataFault(error.to_string()).into())
}
