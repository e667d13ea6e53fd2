//! Packages that every program may import, whatever the host's interpreter has: LeetCode's solutions expect them.
//! Not here: the packages themselves (`runner/packages`, unchanged files of their authors), the import path (`view`).

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

macro_rules! file {
    ($path:literal) => {
        ($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/packages/", $path)))
    };
}

const FILES: [(&str, &str); 4] = [
    file!("sortedcontainers/__init__.py"),
    file!("sortedcontainers/sorteddict.py"),
    file!("sortedcontainers/sortedlist.py"),
    file!("sortedcontainers/sortedset.py"),
];

/// Unpacks them below `folder`, open to whichever user programs run as, and says where. They belong at the end of the
/// import path: what the host has goes before.
pub(crate) fn unpack(folder: &Path) -> io::Result<PathBuf> {
    let root = folder.join("packages");
    for (path, content) in FILES {
        let path = root.join(path);
        let package = path.parent().unwrap_or(&root);
        fs::create_dir_all(package)?;
        fs::write(&path, content)?;
        fs::set_permissions(&path, Permissions::from_mode(0o644))?;
        fs::set_permissions(package, Permissions::from_mode(0o755))?;
    }
    fs::set_permissions(&root, Permissions::from_mode(0o755))?;
    Ok(root)
}
