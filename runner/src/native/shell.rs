//! The bash found on the host, and what of the host it is shown.
//! Not here: its sandbox (`jail`), one script's run (`run`), its processes (`tree`).

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What every program that a shell starts is given (shell/files.c).
pub(crate) static FILES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/files.so"));
/// Where that lies in [`Folder`](super::jail::Folder)s.
pub(crate) const FILES_NAME: &str = "files.so";
/// What a bash script is called in its folder.
pub const SCRIPT: &str = "main.sh";

/// What commands are, and what they read, where it exists: nothing of what makes this host another one than the next.
pub(crate) const COMMANDS: [&str; 11] = [
    "/bin",
    "/usr/bin",
    "/usr/local/bin",
    "/usr/local/lib",
    "/etc/alternatives",
    "/usr/include",
    "/usr/libexec",
    "/usr/share/awk",
    "/usr/share/misc",
    "/usr/share/perl",
    "/usr/share/perl5",
];

/// A usable bash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shell {
    pub(crate) path: PathBuf,
    /// `X.Y.Z`.
    pub(crate) version: String,
}

impl Shell {
    /// Looks for it where scripts look for it. The error says what is missing.
    pub(crate) fn probe() -> Result<Self, String> {
        let path = ["/bin/bash", "/usr/bin/bash"].map(Path::new).into_iter().find(|path| path.is_file());
        let path = path.ok_or("there is no /bin/bash")?.to_owned();
        #[expect(clippy::disallowed_methods, reason = "the host's own shell, before any script exists")]
        let mut command = Command::new(&path);
        let said = command.arg("--version").stdin(Stdio::null()).env("LC_ALL", "C").output();
        let said = said.map_err(|error| format!("cannot start {}: {error}", path.display()))?;
        let version = version(&String::from_utf8_lossy(&said.stdout));
        Ok(Self { version: version.ok_or_else(|| format!("{} has no version", path.display()))?, path })
    }

    /// The words that start it with its script.
    pub(crate) fn command(&self) -> Vec<u8> {
        [self.path.as_os_str().as_encoded_bytes(), b"\0", SCRIPT.as_bytes(), b"\0"].concat()
    }
}

/// `GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)`.
fn version(said: &str) -> Option<String> {
    let behind = said.lines().next()?.split_once(" version ")?.1;
    let version: String = behind.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect();
    (!version.is_empty()).then_some(version)
}

#[cfg(test)]
mod tests;
