//! Known dataset files: what they are called, where they come from, and where they stand on this machine.
//! Not here: downloading them (`fetch`), reading them (one file per dataset).
//! In: the environment. Out: paths and checksums; nothing here touches the network.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use md5::Digest;
use md5::Md5;

/// A dataset file that is published somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The dataset's name.
    pub name: &'static str,
    /// The file's name in the cache, a gzip file.
    pub file_name: &'static str,
    /// Where it is published.
    pub url: &'static str,
    /// The MD5 of the unpacked file, in hex, as EvalPlus gives it.
    pub md5: &'static str,
    /// How many rows it has.
    pub row_count: usize,
}

/// The folder that holds dataset files: `$TRIALBOX_CACHE`, `$XDG_CACHE_HOME/trialbox` or `~/.cache/trialbox`, and in it
/// `datasets`. `None` where none of these is set.
pub fn cache_folder() -> Option<PathBuf> {
    cache_folder_from(|name| std::env::var_os(name))
}

fn cache_folder_from(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("TRIALBOX_CACHE")
        // The base directory specification tells programs to ignore a relative path here.
        .or_else(|| set("XDG_CACHE_HOME").filter(|path| path.is_absolute()).map(|path| path.join("trialbox")))
        .or_else(|| set("HOME").map(|path| path.join(".cache").join("trialbox")))?;
    Some(folder.join("datasets"))
}

/// The MD5 of a file's content, in hex; of the unpacked content where it is gzip.
pub fn unpacked_md5(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut magic = Vec::new();
    file.by_ref().take(2).read_to_end(&mut magic)?;
    let is_gzip = magic == [0x1F, 0x8B];
    let whole = io::Cursor::new(magic).chain(file);
    if is_gzip { md5_of(MultiGzDecoder::new(io::BufReader::new(whole))) } else { md5_of(whole) }
}

fn md5_of(mut reader: impl Read) -> io::Result<String> {
    let mut hasher = Md5::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            Ok(count) => hasher.update(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(variables: &[(&str, &str)]) -> Option<PathBuf> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
        cache_folder_from(find)
    }

    #[test]
    fn the_cache_is_where_the_first_variable_that_is_set_says() {
        let all = [("TRIALBOX_CACHE", "/t"), ("XDG_CACHE_HOME", "/x"), ("HOME", "/h")];
        assert_eq!(folder(&all), Some("/t/datasets".into()));
        assert_eq!(folder(&all[1..]), Some("/x/trialbox/datasets".into()));
        assert_eq!(folder(&all[2..]), Some("/h/.cache/trialbox/datasets".into()));
        assert_eq!(folder(&[("TRIALBOX_CACHE", ""), ("XDG_CACHE_HOME", "x"), ("HOME", "/h")]), folder(&all[2..]));
        assert_eq!(folder(&[]), None);
    }

    #[test]
    fn the_checksum_is_of_the_unpacked_content() {
        use std::io::Write;
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let mut encoder = flate2::write::GzEncoder::new(file.reopen().expect("the file"), flate2::Compression::fast());
        encoder.write_all(b"abc").expect("written");
        encoder.finish().expect("finished");
        assert_eq!(unpacked_md5(file.path()).expect("readable"), "900150983cd24fb0d6963f7d28e17f72");
        std::fs::write(file.path(), b"abc").expect("written");
        assert_eq!(unpacked_md5(file.path()).expect("readable"), "900150983cd24fb0d6963f7d28e17f72");
    }
}
