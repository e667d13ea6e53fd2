//! Paths, as a guest writes them: bytes, relative to an open folder.
//! Not here: where they lead (`files`).
//! In: bytes. Out: components, each bearable, or an error.

use super::super::errno::{Answer, Errno};

/// As on Linux.
const MOST_PATH_BYTES: usize = 4096;
const MOST_NAME_BYTES: usize = 255;

/// Says whether a path is one that can be followed. What begins with a slash is no path relative to anything.
pub(super) fn check(path: &[u8]) -> Answer<()> {
    if path.is_empty() {
        return Err(Errno::Noent);
    }
    if path.len() >= MOST_PATH_BYTES {
        return Err(Errno::Nametoolong);
    }
    if path.contains(&0) {
        return Err(Errno::Inval);
    }
    if path[0] == b'/' {
        return Err(Errno::Notcapable);
    }
    if path.split(is_slash).any(|name| name.len() > MOST_NAME_BYTES) {
        return Err(Errno::Nametoolong);
    }
    Ok(())
}

/// The components of a path: names, `.` and `..`.
pub(super) fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(is_slash).filter(|name| !name.is_empty())
}

/// Whether a path can only mean a folder.
pub(super) fn means_folder(path: &[u8]) -> bool {
    path.last().is_some_and(is_slash)
}

/// The path without its last component, and that component.
pub(super) fn split_last(path: &[u8]) -> (&[u8], &[u8]) {
    let end = path.iter().rposition(|byte| !is_slash(byte)).map_or(0, |last| last + 1);
    let begin = path[..end].iter().rposition(is_slash).map_or(0, |slash| slash + 1);
    (&path[..begin], &path[begin..end])
}

fn is_slash(byte: &u8) -> bool {
    *byte == b'/'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_followed_is_refused() {
        assert_eq!(check(b""), Err(Errno::Noent));
        assert_eq!(check(b"/etc/passwd"), Err(Errno::Notcapable));
        assert_eq!(check(b"a\0b"), Err(Errno::Inval));
        assert_eq!(check(&[b'a'; 256]), Err(Errno::Nametoolong));
        assert_eq!(check(&b"a/".repeat(2048)), Err(Errno::Nametoolong));
        assert_eq!(check(&[b'a'; 255]), Ok(()));
        assert_eq!(check(b"../\xff"), Ok(()));
    }

    #[test]
    fn the_last_component_is_split_off_whatever_slashes_there_are() {
        assert_eq!(split_last(b"a"), (b"".as_slice(), b"a".as_slice()));
        assert_eq!(split_last(b"a//b//"), (b"a//".as_slice(), b"b".as_slice()));
        assert_eq!(split_last(b"//"), (b"".as_slice(), b"".as_slice()));
        assert_eq!(components(b"./a//../b/").collect::<Vec<_>>(), [b".".as_slice(), b"a", b"..", b"b"]);
    }
}
