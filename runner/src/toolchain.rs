//! The C++ compiler found on the host: the tools that it consists of, and what of the host each of them reads.
//! Not here: running them on a candidate's source (`native::compile`).
//! In: a path or name. Out: [`Toolchain`], asked of the compiler itself once, before any candidate exists.
//!
//! A compiler's driver starts other programs, which no candidate's process may. So the driver is asked what it would
//! start, and the tools are started one by one: compiler proper, assembler, linker.

use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash, Hasher},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A usable C++ compiler.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// The first line of `--version`.
    pub version: String,
    /// Compiler, assembler, linker.
    pub(crate) tools: Vec<Tool>,
    /// What they read of the host beside what every program's libraries are.
    pub(crate) folders: Vec<PathBuf>,
    /// Tells one installation from another, where both call themselves the same.
    installation: u64,
}

/// One tool, as the driver would start it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tool {
    /// The real executable.
    pub(crate) path: PathBuf,
    /// Its arguments, its own name not included.
    pub(crate) arguments: Vec<String>,
    /// What it reads, in its own folder.
    pub(crate) input: &'static str,
    /// What it makes there.
    pub(crate) output: &'static str,
}

/// Which C++ a program is written in, with GNU's extensions as graders allow them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Standard {
    /// C++14.
    Cpp14,
    /// C++17.
    #[default]
    Cpp17,
    /// C++20.
    Cpp20,
    /// C++23.
    Cpp23,
}

/// Why a compiler cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    /// It cannot be started.
    #[error("cannot start the C++ compiler `{path}`: {source}; install g++, or name one with --cxx")]
    Start {
        /// What was tried.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It was started and gave no usable answer.
    #[error("`{path}` does not answer like GNU's C++ compiler: {answer}")]
    Answer {
        /// What was tried.
        path: PathBuf,
        /// What is missing.
        answer: String,
    },
    /// Programs cannot be linked statically.
    #[error("`{path}` has no {library}: programs are linked statically, because no library is there when they run")]
    NotStatic {
        /// What was tried.
        path: PathBuf,
        /// The file that is missing.
        library: &'static str,
    },
}

/// As Codeforces compiles, but for warnings, of which nobody reads any. No plugin is loaded, and nothing of what comes out
/// depends on when or where it was made.
const FLAGS: [&str; 13] = [
    "-O2",
    "-s",
    "-static",
    "-pthread",
    "-DONLINE_JUDGE",
    "-w",
    "-fno-lto",
    "-fno-use-linker-plugin",
    "-fmax-errors=5",
    "-fdiagnostics-color=never",
    "-fno-diagnostics-show-caret",
    "-Wl,--build-id=none",
    "-std=gnu++17",
];
/// The files that the tools pass on.
pub(crate) const SOURCE: &str = "solution.cpp";
const ASSEMBLY: &str = "solution.s";
const OBJECT: &str = "solution.o";
pub(crate) const PROGRAM: &str = "solution";

impl Standard {
    /// What the compiler calls it.
    pub(crate) fn flag(self) -> &'static str {
        match self {
            Self::Cpp14 => "-std=gnu++14",
            Self::Cpp17 => "-std=gnu++17",
            Self::Cpp20 => "-std=gnu++20",
            Self::Cpp23 => "-std=gnu++23",
        }
    }
}

impl Toolchain {
    /// Asks the compiler at `path` (a path, or a name on the PATH) about itself.
    pub fn probe(path: &Path) -> Result<Self, ToolchainError> {
        let asked = Asked { path };
        let said = asked.run(&["--version"])?;
        let version = first_line(&said.stdout).ok_or_else(|| asked.no_answer("it has no version"))?;
        let tools = asked.tools()?;
        let mut folders = asked.headers()?;
        for library in ["libc.a", "libstdc++.a"] {
            if !asked.file(library)?.is_absolute() {
                return Err(ToolchainError::NotStatic { path: path.to_owned(), library });
            }
        }
        folders.extend(tools.iter().flat_map(|tool| tool.arguments.iter().filter_map(|argument| folder_in(argument))));
        folders.sort();
        folders.dedup();
        let marks = [asked.file("libc.a")?, asked.file("libstdc++.a")?];
        let installation = installation(tools.iter().map(|tool| &tool.path).chain(&marks));
        Ok(Self { version, tools, folders, installation })
    }

    /// Names everything that decides what comes of a source, but for the source: equal names, equal programs.
    pub fn identity(&self, standard: Standard) -> String {
        let commands: Vec<String> = self
            .tools
            .iter()
            .map(|tool| format!("{} {}", tool.path.display(), tool.with(standard).join(" ")))
            .collect();
        format!("{}\n{:016x}\n{}", self.version, self.installation, commands.join("\n"))
    }
}

impl Tool {
    /// Its arguments for a program of this standard.
    pub(crate) fn with(&self, standard: Standard) -> Vec<String> {
        let usual = Standard::default().flag();
        let chosen = |argument: &String| if argument == usual { standard.flag().to_owned() } else { argument.clone() };
        self.arguments.iter().map(chosen).collect()
    }
}

/// A compiler that is being asked.
struct Asked<'a> {
    path: &'a Path,
}

impl Asked<'_> {
    fn run(&self, arguments: &[&str]) -> Result<Output, ToolchainError> {
        #[expect(clippy::disallowed_methods, reason = "the user's own compiler, before any candidate exists")]
        let mut command = Command::new(self.path);
        command.args(arguments).env("LC_ALL", "C").stdin(std::process::Stdio::null());
        command.output().map_err(|source| ToolchainError::Start { path: self.path.to_owned(), source })
    }

    fn no_answer(&self, answer: &str) -> ToolchainError {
        ToolchainError::Answer { path: self.path.to_owned(), answer: answer.to_owned() }
    }

    /// Where a library is; a bare name where it is not.
    fn file(&self, name: &str) -> Result<PathBuf, ToolchainError> {
        let said = self.run(&[&format!("-print-file-name={name}")])?;
        Ok(PathBuf::from(first_line(&said.stdout).unwrap_or_default()))
    }

    /// The real executable of one of the driver's programs.
    fn program(&self, name: &str) -> Result<PathBuf, ToolchainError> {
        let said = self.run(&[&format!("-print-prog-name={name}")])?;
        let path = PathBuf::from(first_line(&said.stdout).unwrap_or_default());
        let found = if path.is_absolute() { Some(path) } else { on_path(&path) };
        let real = found.and_then(|path| path.canonicalize().ok());
        real.ok_or_else(|| self.no_answer(&format!("it has no {name}")))
    }

    /// The folders in which headers are looked for.
    fn headers(&self) -> Result<Vec<PathBuf>, ToolchainError> {
        let said = self.run(&["-E", "-v", "-x", "c++", "/dev/null", "-o", "/dev/null"])?;
        let text = String::from_utf8_lossy(&said.stderr);
        let listed = text.lines().skip_while(|line| !line.starts_with("#include <...>")).skip(1);
        let folders = listed.take_while(|line| line.starts_with(' '));
        let folders: Vec<PathBuf> = folders.filter_map(|line| Path::new(line.trim()).canonicalize().ok()).collect();
        if folders.is_empty() { Err(self.no_answer("it names no folder of headers")) } else { Ok(folders) }
    }

    /// What the driver would start.
    fn tools(&self) -> Result<Vec<Tool>, ToolchainError> {
        let arguments = [["-###"].as_slice(), &FLAGS, &["-x", "c++", SOURCE, "-o", PROGRAM]].concat();
        let said = self.run(&arguments)?;
        let text = String::from_utf8_lossy(&said.stderr);
        let commands: Vec<Vec<String>> = text.lines().filter(|line| line.starts_with(' ')).map(words).collect();
        let [compiler, assembler, linker] = commands.as_slice() else {
            return Err(self.no_answer("it would not start a compiler, an assembler and a linker, one after the other"));
        };
        let (assembly, object) = (made_by(compiler), made_by(assembler));
        let renamed = |command: &[String]| -> Vec<String> {
            let rename = |word: &String| match Some(word) {
                word if word == assembly => ASSEMBLY.to_owned(),
                word if word == object => OBJECT.to_owned(),
                _ => resolved(word),
            };
            // collect2, which starts the linker, takes these words for itself.
            command.iter().skip(1).filter(|word| !word.contains("-lto")).map(rename).collect()
        };
        Ok(vec![
            Tool { path: self.program("cc1plus")?, arguments: renamed(compiler), input: SOURCE, output: ASSEMBLY },
            Tool { path: self.program("as")?, arguments: renamed(assembler), input: ASSEMBLY, output: OBJECT },
            Tool { path: self.program("ld")?, arguments: renamed(linker), input: OBJECT, output: PROGRAM },
        ])
    }
}

fn first_line(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().next().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}

fn on_path(name: &Path) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// What stands behind `-o`.
fn made_by(command: &[String]) -> Option<&String> {
    command.iter().skip_while(|word| *word != "-o").nth(1)
}

/// A path of the host without `..`, which leads through folders that need not be shown.
fn resolved(word: &str) -> String {
    let (option, path) = word.strip_prefix("-L").map_or(("", word), |path| ("-L", path));
    let real = Path::new(path).is_absolute().then(|| Path::new(path).canonicalize().ok()).flatten();
    real.map_or_else(|| word.to_owned(), |real| format!("{option}{}", real.display()))
}

/// The folder that an argument needs to be shown.
fn folder_in(argument: &str) -> Option<PathBuf> {
    let path = Path::new(argument.strip_prefix("-L").unwrap_or(argument));
    if !path.is_absolute() || !path.exists() {
        return None;
    }
    let folder = if path.is_dir() { path } else { path.parent()? };
    // Never the whole host, nor all of /usr.
    (folder.components().count() > 2).then(|| folder.to_owned())
}

/// A command line as `-###` prints it: words that a shell would split are quoted.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted, mut is_word) = (Vec::new(), String::new(), false, false);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => (is_quoted, is_word) = (!is_quoted, true),
            '\\' => {
                word.extend(letters.next());
                is_word = true;
            }
            ' ' if !is_quoted => {
                if std::mem::take(&mut is_word) {
                    words.push(std::mem::take(&mut word));
                }
            }
            other => {
                word.push(other);
                is_word = true;
            }
        }
    }
    if is_word {
        words.push(word);
    }
    words
}

/// Sizes and times of files: an update of the libraries changes programs, and no version.
fn installation<'a>(files: impl Iterator<Item = &'a PathBuf>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for file in files {
        let about = fs::metadata(file).map(|about| (about.size(), about.mtime(), about.mtime_nsec()));
        (file, about.ok()).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_are_one_each() {
        let line = r#" /usr/lib/collect2 "--hash-style=gnu" -o a.out "with \" and  blanks" "" "-lstdc++""#;
        let expected = ["/usr/lib/collect2", "--hash-style=gnu", "-o", "a.out", "with \" and  blanks", "", "-lstdc++"];
        assert_eq!(words(line), expected);
        assert_eq!(made_by(&words(line)), Some(&"a.out".to_owned()));
    }

    #[test]
    fn a_compiler_that_is_not_there_is_told_by_its_path() {
        let error = Toolchain::probe(Path::new("/nowhere/g++")).expect_err("not there").to_string();
        assert!(error.starts_with("cannot start the C++ compiler `/nowhere/g++`: No such file"), "{error}");
    }

    #[test]
    fn a_program_that_is_no_compiler_is_refused() {
        let error = Toolchain::probe(Path::new("/bin/true")).expect_err("no compiler").to_string();
        assert!(error.contains("does not answer like GNU's C++ compiler"), "{error}");
    }

    #[test]
    fn only_the_standard_changes_a_tools_arguments() {
        let arguments = ["-O2", "-std=gnu++17", SOURCE].map(str::to_owned).to_vec();
        let tool = Tool { path: "/cc1plus".into(), arguments, input: SOURCE, output: ASSEMBLY };
        assert_eq!(tool.with(Standard::Cpp20), ["-O2", "-std=gnu++20", SOURCE]);
        assert_eq!(tool.with(Standard::Cpp17), tool.arguments);
    }
}
