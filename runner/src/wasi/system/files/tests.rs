//! The tree against a simple model of one, and what the model does not know.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{tree::NODE_BYTES, *};

const LIMITS: FileLimits = FileLimits { bytes: 1 << 20, nodes: 64, file_bytes: 1 << 16 };

fn files() -> Files {
    Files::new(&LIMITS, 5)
}

fn make(files: &mut Files, path: &[u8]) -> Answer<Inode> {
    let how = Opening { create: true, exclusive: true, write: true, ..Opening::default() };
    let inode = open(files, path, how)?;
    files.close(inode);
    Ok(inode)
}

fn open(files: &mut Files, path: &[u8], how: Opening) -> Answer<Inode> {
    match files.open(ROOT, path, how, 6)? {
        Opened::File(inode) | Opened::Folder(inode) => Ok(inode),
        Opened::Device(device) => panic!("{device:?}"),
    }
}

fn names(files: &mut Files, folder: Inode, from: u64) -> Vec<String> {
    let mut names = Vec::new();
    let show = |_, _, _, name: &[u8]| {
        names.push(String::from_utf8_lossy(name).into_owned());
        true
    };
    files.list(folder, from, show).expect("a folder");
    names
}

#[test]
fn nothing_leads_out_of_the_root() {
    let mut files = files();
    let tmp = files.find(ROOT, b"tmp").expect("there");
    assert_eq!(files.find(tmp, b"../../../tmp/.././tmp"), Ok(tmp));
    assert_eq!(files.find(ROOT, b".."), Ok(ROOT));
    assert_eq!(files.find(tmp, b"/tmp"), Err(Errno::Notcapable));
    assert_eq!(files.remove_folder(ROOT, b"..", 6), Err(Errno::Notempty));
    assert_eq!(files.rename((ROOT, b"."), (ROOT, b"a"), 6), Err(Errno::Busy));
    assert_eq!(files.rename((ROOT, b"tmp"), (ROOT, b"tmp/.."), 6), Err(Errno::Busy));
}

#[test]
fn a_slash_at_the_end_means_a_folder() {
    let mut files = files();
    make(&mut files, b"a").expect("made");
    assert_eq!(files.find(ROOT, b"a/"), Err(Errno::Notdir));
    assert_eq!(files.find(ROOT, b"a/."), Err(Errno::Notdir));
    assert_eq!(make(&mut files, b"b/"), Err(Errno::Isdir));
    assert_eq!(files.remove_file(ROOT, b"a/", 6), Err(Errno::Notdir));
    assert_eq!(files.rename((ROOT, b"a"), (ROOT, b"c/"), 6), Err(Errno::Notdir));
    assert_eq!(files.make_folder(ROOT, b"d/", 6), Ok(()));
    assert_eq!(files.rename((ROOT, b"d/"), (ROOT, b"e/"), 6), Ok(()));
    assert_eq!(files.remove_folder(ROOT, b"e/", 6), Ok(()));
}

#[test]
fn a_removed_file_keeps_its_content_until_it_is_closed() {
    let mut files = files();
    let before = files.taken_bytes();
    let how = Opening { create: true, write: true, ..Opening::default() };
    let inode = open(&mut files, b"a", how).expect("opened");
    assert_eq!(files.write(inode, 0, b"content", 7), Ok(7));
    assert_eq!(files.remove_file(ROOT, b"a", 8), Ok(()));
    let mut bytes = [0; 7];
    assert_eq!(files.read(inode, 0, &mut bytes), Ok(7));
    assert_eq!(&bytes, b"content");
    let about = files.filestat(inode).expect("open");
    assert_eq!((about.links, about.size, about.modified_ns, about.changed_ns), (0, 7, 7, 8));
    assert!(files.taken_bytes() > before);
    files.close(inode);
    assert_eq!(files.taken_bytes(), before);
    assert_eq!(files.filestat(inode), Err(Errno::Badf));
}

#[test]
fn a_removed_folder_is_empty_leads_nowhere_and_takes_nothing_new() {
    let mut files = files();
    let tmp = open(&mut files, b"tmp", Opening { folder: true, ..Opening::default() }).expect("opened");
    assert_eq!(files.remove_folder(ROOT, b"tmp", 6), Ok(()));
    assert_eq!(names(&mut files, tmp, 0), [""; 0]);
    assert_eq!(files.find(tmp, b".."), Err(Errno::Noent));
    assert_eq!(files.make_folder(tmp, b"a", 6), Err(Errno::Noent));
    make(&mut files, b"b").expect("made");
    assert_eq!(files.rename((ROOT, b"b"), (tmp, b"b"), 6), Err(Errno::Noent));
    files.close(tmp);
    assert_eq!(files.find(tmp, b"."), Err(Errno::Noent));
}

#[test]
fn a_folder_cannot_be_moved_into_itself() {
    let mut files = files();
    files.make_folder(ROOT, b"tmp/a", 6).expect("made");
    assert_eq!(files.rename((ROOT, b"tmp"), (ROOT, b"tmp/a/b"), 6), Err(Errno::Inval));
    assert_eq!(files.rename((ROOT, b"tmp"), (ROOT, b"tmp/a"), 6), Err(Errno::Inval));
    assert_eq!(files.rename((ROOT, b"tmp/a"), (ROOT, b"tmp"), 6), Err(Errno::Notempty));
    assert_eq!(files.rename((ROOT, b"tmp/a"), (ROOT, b"a"), 6), Ok(()));
    assert_eq!(files.find(ROOT, b"a/.."), Ok(ROOT));
}

#[test]
fn listing_goes_on_where_it_stopped_whatever_was_removed_or_made() {
    let mut files = files();
    for name in [b"a", b"b", b"c", b"d"] {
        make(&mut files, name).expect("made");
    }
    assert_eq!(names(&mut files, ROOT, 0), [".", "..", "tmp", "dev", "a", "b", "c", "d"]);
    let mut after_b = 0;
    let stop = |next, _, _, name: &[u8]| {
        after_b = next;
        name != b"b"
    };
    files.list(ROOT, 0, stop).expect("a folder");
    files.remove_file(ROOT, b"a", 6).expect("removed");
    files.remove_file(ROOT, b"c", 6).expect("removed");
    make(&mut files, b"0").expect("made");
    assert_eq!(names(&mut files, ROOT, after_b), ["d", "0"]);
    assert_eq!(names(&mut files, ROOT, u64::MAX), [""; 0]);
}

#[test]
fn folders_may_lie_only_so_deep() {
    let mut files = Files::new(&FileLimits { nodes: 1000, ..LIMITS }, 5);
    let mut folder = ROOT;
    let made = std::iter::from_fn(|| {
        files.make_folder(folder, b"a", 6).ok()?;
        folder = files.find(folder, b"a").ok()?;
        Some(())
    });
    assert_eq!(made.count(), 256);
    assert_eq!(files.make_folder(folder, b"a", 6), Err(Errno::Nametoolong));
    assert_eq!(files.rename((ROOT, b"tmp"), (folder, b"tmp"), 6), Err(Errno::Nametoolong));
}

#[test]
fn names_and_nodes_take_room_that_is_given_back() {
    let mut files = files();
    let before = files.taken_bytes();
    let made = (0..100).take_while(|number| make(&mut files, format!("{number}").as_bytes()).is_ok()).count();
    assert_eq!(made, 58, "64 less tmp, dev and what is in it");
    (0..made).for_each(|number| files.remove_file(ROOT, format!("{number}").as_bytes(), 6).expect("removed"));
    assert_eq!(files.taken_bytes(), before);
    let mut narrow = Files::new(&FileLimits { bytes: 2 * NODE_BYTES + 10, ..LIMITS }, 5);
    assert_eq!(make(&mut narrow, b"ab"), Ok(3));
    assert_eq!(narrow.rename((ROOT, b"ab"), (ROOT, b"abc"), 6), Err(Errno::Nospc));
    assert_eq!(narrow.rename((ROOT, b"ab"), (ROOT, b"tmp"), 6), Err(Errno::Isdir));
    assert_eq!(make(&mut narrow, b"c"), Err(Errno::Nospc));
}

/// What a tree is: for each path without dots, `None` for a folder, the content of a file.
type Model = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

#[derive(Clone, Debug)]
enum Act {
    Write(Vec<u8>, Vec<u8>),
    MakeFolder(Vec<u8>),
    RemoveFolder(Vec<u8>),
    RemoveFile(Vec<u8>),
    Rename(Vec<u8>, Vec<u8>),
}

fn path() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..4)
        .prop_map(|names| names.join("/").into_bytes())
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (path(), prop::collection::vec(any::<u8>(), 1..5)).prop_map(|(path, content)| Act::Write(path, content)),
        path().prop_map(Act::MakeFolder),
        path().prop_map(Act::RemoveFolder),
        path().prop_map(Act::RemoveFile),
        (path(), path()).prop_map(|(path, new)| Act::Rename(path, new)),
    ]
}

fn below<'a>(path: &'a [u8]) -> impl Fn(&Vec<u8>) -> bool + 'a {
    move |other| other.strip_prefix(path).is_some_and(|rest| rest.first() == Some(&b'/'))
}

fn is_folder(model: &Model, path: &[u8]) -> bool {
    path.is_empty() || model.get(path) == Some(&None)
}

fn has_place(model: &Model, path: &[u8]) -> bool {
    let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    is_folder(model, &path[..end])
}

/// Does it to the model; says whether it can be done.
fn apply(model: &mut Model, act: &Act) -> bool {
    let full = |model: &Model, path: &[u8]| model.keys().any(below(path));
    match act {
        Act::Write(path, content) => {
            let may = has_place(model, path) && !is_folder(model, path);
            if may {
                model.insert(path.clone(), Some(content.clone()));
            }
            may
        }
        Act::MakeFolder(path) => {
            let may = has_place(model, path) && !model.contains_key(path);
            if may {
                model.insert(path.clone(), None);
            }
            may
        }
        Act::RemoveFolder(path) => is_folder(model, path) && !full(model, path) && model.remove(path).is_some(),
        Act::RemoveFile(path) => matches!(model.get(path), Some(Some(_))) && model.remove(path).is_some(),
        Act::Rename(path, new) => {
            let Some(moved) = model.get(path).cloned() else { return false };
            let into_itself = moved.is_none() && below(path)(new);
            let replaces = model.get(new).is_none_or(|old| old.is_some() == moved.is_some() && !full(model, new));
            if path == new {
                return true;
            }
            if !has_place(model, new) || into_itself || !replaces {
                return false;
            }
            let all: Vec<Vec<u8>> = model.keys().filter(|it| *it == path || below(path)(it)).cloned().collect();
            for old in all {
                let kept = model.remove(&old).expect("there");
                model.insert([new.as_slice(), &old[path.len()..]].concat(), kept);
            }
            true
        }
    }
}

fn do_it(files: &mut Files, act: &Act) -> Answer<()> {
    match act {
        Act::Write(path, content) => {
            let how = Opening { create: true, truncate: true, write: true, ..Opening::default() };
            let inode = open(files, path, how)?;
            assert_eq!(files.write(inode, 0, content, 6), Ok(content.len()));
            files.close(inode);
            Ok(())
        }
        Act::MakeFolder(path) => files.make_folder(ROOT, path, 6),
        Act::RemoveFolder(path) => files.remove_folder(ROOT, path, 6),
        Act::RemoveFile(path) => files.remove_file(ROOT, path, 6),
        Act::Rename(path, new) => files.rename((ROOT, path), (ROOT, new), 6),
    }
}

/// Reads the tree back, starting from a folder.
fn walk(files: &mut Files, folder: Inode, prefix: &[u8], model: &mut Model) {
    let mut entries = Vec::new();
    let take = |_, inode, _, name: &[u8]| {
        entries.push((inode, name.to_vec()));
        true
    };
    files.list(folder, 2, take).expect("a folder");
    for (inode, name) in entries {
        let path = [prefix, &name].concat();
        let about = files.filestat(inode).expect("named");
        let content = (about.filetype == Filetype::RegularFile).then(|| {
            let mut content = vec![0; usize::try_from(about.size).expect("small")];
            files.read(inode, 0, &mut content).expect("a file");
            content
        });
        if content.is_none() {
            assert_eq!(files.find(inode, b".."), Ok(folder));
            walk(files, inode, &[path.as_slice(), b"/"].concat(), model);
        }
        model.insert(path, content);
    }
}

proptest! {
    #[test]
    fn a_tree_is_what_the_model_says(acts in prop::collection::vec(act(), 1..60)) {
        let mut files = files();
        files.remove_folder(ROOT, b"tmp", 6).expect("empty");
        for (name, _) in Device::ALL {
            files.remove_file(ROOT, &[b"dev/", name].concat(), 6).expect("removed");
        }
        files.remove_folder(ROOT, b"dev", 6).expect("empty");
        let mut model = Model::new();
        for act in &acts {
            let may = apply(&mut model, act);
            let done = do_it(&mut files, act);
            prop_assert_eq!(done.is_ok(), may, "{:?}: {:?}", act, done);
        }
        let mut found = Model::new();
        walk(&mut files, ROOT, b"", &mut found);
        prop_assert_eq!(&found, &model);
        // What is taken is what is there, whatever happened before.
        let taken = model.iter().map(|(path, content)| {
            let name = path.rsplit(|byte| *byte == b'/').next().expect("a name");
            NODE_BYTES + 2 * name.len() as u64 + content.as_ref().map_or(0, |_| 4096)
        });
        prop_assert_eq!(files.taken_bytes(), taken.sum::<u64>());
    }
}
