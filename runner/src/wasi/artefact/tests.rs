//! Compiled guests that are whole, damaged, foreign, and written by two at once.

use std::{
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    sync::Barrier,
};

use nix::unistd::geteuid;
use wasmtime::{Config, Store};

use super::*;

const GUEST: &str = r#"(module (func (export "answer") (result i32) i32.const 42))"#;

fn content() -> blake3::Hash {
    blake3::hash(GUEST.as_bytes())
}

/// Gives the module, with what was said.
fn load_with(engine: &Engine, folder: Option<&Path>) -> (Result<Module, ArtefactError>, Vec<String>) {
    let mut said = Vec::new();
    let wasm = || wat::parse_str(GUEST).map_err(io::Error::other);
    let module = load_or_compile(engine, wasm, content(), folder, &mut |line| said.push(line.to_owned()));
    (module, said)
}

/// What was said when the module was had; it must be the right one.
fn said(engine: &Engine, folder: &Path) -> String {
    let (module, said) = load_with(engine, Some(folder));
    let mut store = Store::new(engine, ());
    let instance = wasmtime::Instance::new(&mut store, &module.expect("a module"), &[]).expect("instantiated");
    let answer = instance.get_typed_func::<(), i32>(&mut store, "answer").expect("there");
    assert_eq!(answer.call(&mut store, ()).expect("an answer"), 42);
    said.join("\n")
}

fn file(folder: &Path) -> PathBuf {
    let mut files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let file = files.next().expect("a file");
    assert_eq!(files.next(), None, "nothing is left beside it");
    file
}

fn private_folder() -> (tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("deep").join("wasi");
    (parent, folder)
}

#[test]
fn a_guest_is_compiled_once_and_kept_where_nobody_else_can_write() {
    let (_parent, folder) = private_folder();
    let engine = Engine::default();
    assert!(said(&engine, &folder).contains("compiling the guest"));
    assert_eq!(said(&engine, &folder), "");
    assert_eq!(said(&Engine::default(), &folder), "", "an equal engine takes the same file");
    assert_eq!(std::fs::metadata(&folder).expect("there").mode() & 0o777, 0o700);
    assert_eq!(std::fs::metadata(file(&folder)).expect("there").mode() & 0o777, 0o600);
}

#[test]
fn a_file_of_which_any_part_is_changed_is_made_anew() {
    let (_parent, folder) = private_folder();
    let engine = Engine::default();
    said(&engine, &folder);
    let path = file(&folder);
    let whole = std::fs::read(&path).expect("readable");
    let reasons = [
        (0, "something else"),
        (20, "compiled for something else"),
        (50, "not as long"),
        (60, "checksum"),
        (88, "checksum"),
        (whole.len() - 1, "checksum"),
    ];
    for (at, reason) in reasons {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&path, damaged).expect("written");
        let said = said(&engine, &folder);
        assert!(said.contains("compiled anew") && said.contains(reason), "byte {at}: {said}");
        assert_eq!(std::fs::read(&path).expect("readable"), whole, "compiling gives the same bytes");
    }
}

#[test]
fn a_file_that_was_cut_short_or_grew_is_made_anew() {
    let (_parent, folder) = private_folder();
    let engine = Engine::default();
    said(&engine, &folder);
    let path = file(&folder);
    let whole = std::fs::read(&path).expect("readable");
    for length in [0, 87, 88, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).expect("written");
        assert!(said(&engine, &folder).contains("compiled anew"), "{length} bytes");
    }
    std::fs::write(&path, [whole.as_slice(), b"x"].concat()).expect("written");
    assert!(said(&engine, &folder).contains("not as long"));
    std::fs::remove_file(&path).expect("removed");
    symlink("/etc/passwd", &path).expect("a link");
    assert!(said(&engine, &folder).contains("it is a link"));
    assert_eq!(said(&engine, &folder), "");
}

#[test]
fn another_engine_has_another_file_and_does_not_take_this_one() {
    let (_parent, folder) = private_folder();
    let (plain, fuelled) = (Engine::default(), Engine::new(Config::new().consume_fuel(true)).expect("an engine"));
    said(&plain, &folder);
    let path = file(&folder);
    assert!(load_with(&fuelled, Some(&folder)).1.join("\n").contains("compiling"));
    let names: Vec<PathBuf> =
        std::fs::read_dir(&folder).expect("there").map(|it| it.expect("an entry").path()).collect();
    let other = names.into_iter().find(|it| *it != path).expect("another file");
    // Under the other's name, with the body that the other would not take.
    std::fs::copy(&path, &other).expect("copied");
    let said = load_with(&fuelled, Some(&folder)).1.join("\n");
    assert!(said.contains("compiled for something else"), "{said}");
    // And with a header that lies.
    let body = std::fs::read(&path).expect("readable").split_off(88);
    Folder::open(&folder).expect("opened").write(&key(&fuelled, content()), &body).expect("written");
    let said = load_with(&fuelled, Some(&folder)).1.join("\n");
    assert!(said.contains("cannot be loaded and is compiled anew"), "{said}");
}

#[test]
fn two_that_fill_the_folder_at_once_both_have_their_guest() {
    const CHILD: &str = "TRIALBOX_TEST_ARTEFACT_FOLDER";
    if let Some(folder) = std::env::var_os(CHILD) {
        (0..20).for_each(|_| {
            said(&Engine::default(), Path::new(&folder));
            // Or it was removed by the other.
            let _ =
                std::fs::read_dir(&folder).map(|all| all.flatten().for_each(|it| _ = std::fs::remove_file(it.path())));
        });
        return;
    }
    let (_parent, folder) = private_folder();
    let barrier = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                barrier.wait();
                said(&Engine::default(), &folder);
            });
        }
    });
    assert_eq!(said(&Engine::default(), &folder), "");
    let processes = [0, 1].map(|_| {
        #[expect(clippy::disallowed_methods, reason = "this test itself, a second time")]
        let mut again = std::process::Command::new(std::env::current_exe().expect("a path"));
        let name = "wasi::artefact::tests::two_that_fill_the_folder_at_once_both_have_their_guest";
        again.args(["--exact", name]).env(CHILD, &folder).stdout(std::process::Stdio::null()).spawn().expect("started")
    });
    for mut process in processes {
        assert!(process.wait().expect("ended").success());
    }
    said(&Engine::default(), &folder);
    file(&folder);
}

#[test]
fn what_others_may_write_to_is_refused() {
    let (_parent, folder) = private_folder();
    let engine = Engine::default();
    said(&engine, &folder);
    let path = file(&folder);
    let refusal = || load_with(&engine, Some(&folder)).0.expect_err("refused").to_string();
    let allow = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("changed");
    allow(&path, 0o620);
    assert!(refusal().contains("others may write to it"), "{}", refusal());
    allow(&path, 0o600);
    allow(&folder, 0o702);
    assert!(refusal().starts_with(&folder.display().to_string()), "{}", refusal());
    allow(&folder, 0o755);
    assert_eq!(said(&engine, &folder), "", "others may read");
    if !geteuid().is_root() {
        assert!(std::env::var_os("TRIALBOX_TESTS_STRICT").is_none(), "only root can give files away");
        // Not eprintln!, which the test harness would swallow.
        let _ = writeln!(std::io::stderr(), "skipped: only root can give files away");
        return;
    }
    chown(&path, Some(65_534), None).expect("given away");
    assert!(refusal().contains("belongs to another user"), "{}", refusal());
    chown(&path, Some(0), None).expect("taken back");
    chown(&folder, Some(65_534), None).expect("given away");
    assert!(refusal().contains("belongs to another user"), "{}", refusal());
}

#[test]
fn without_a_folder_the_guest_is_compiled_in_memory_and_that_is_said() {
    let (module, said) = load_with(&Engine::default(), None);
    assert!(module.is_ok());
    assert!(said[0].contains("no cache folder is known"), "{said:?}");
    let (parent, _) = private_folder();
    let file = parent.path().join("file");
    std::fs::write(&file, "").expect("written");
    for folder in [file.join("wasi"), file, "/proc/none/wasi".into()] {
        let (module, said) = load_with(&Engine::default(), Some(&folder));
        assert!(module.is_ok());
        assert!(said[0].contains("will not be kept: /"), "{said:?}");
    }
}

#[test]
fn a_guest_that_cannot_be_unpacked_or_compiled_is_an_error() {
    let (_parent, folder) = private_folder();
    let engine = Engine::default();
    let load = |wasm: io::Result<Vec<u8>>| load_or_compile(&engine, || wasm, content(), Some(&folder), &mut |_| {});
    assert!(matches!(load(Err(io::Error::other("damaged"))), Err(ArtefactError::Guest(_))));
    assert!(matches!(load(Ok(b"no module".to_vec())), Err(ArtefactError::Compile(_))));
    assert_eq!(std::fs::read_dir(&folder).expect("there").count(), 0);
}

#[test]
fn the_oldest_of_many_files_go() {
    let (_parent, path) = private_folder();
    let folder = Folder::open(&path).expect("opened");
    for number in 0..9u8 {
        folder.write(&blake3::hash(&[number]), b"body").expect("written");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(std::fs::read_dir(&path).expect("there").count(), 4);
    assert_eq!(folder.read(&blake3::hash(&[8])).expect("readable"), Found::Body(b"body".to_vec()));
    assert_eq!(folder.read(&blake3::hash(&[4])).expect("readable"), Found::Nothing);
}
