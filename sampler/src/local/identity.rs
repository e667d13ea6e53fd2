//! Which model it is: a hash of all that decides about what it writes.
//! Not here: reading it (`weights`, `tokens`, `chat`).

use std::fs::File;
use std::path::Path;

use super::fault::LoadError;

/// Files beside the weights that decide too.
const FILES: [&str; 6] = [
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "model.safetensors.index.json",
];

/// The hash of a model's files, 64 hex digits: the same for the same model, wherever it lies.
///
/// # Errors
///
/// A file that cannot be read.
pub fn hash(path: &Path) -> Result<String, LoadError> {
    let mut hasher = blake3::Hasher::new();
    let mut add = |name: &str, path: &Path| {
        hasher.update(name.as_bytes()).update(b"\0");
        let file = File::open(path).map_err(LoadError::io(path))?;
        hasher.update_reader(file).map(drop).map_err(LoadError::io(path))
    };
    if path.is_file() {
        add("", path)?;
        return Ok(hasher.finalize().to_hex().to_string());
    }
    for name in FILES.into_iter().filter(|name| path.join(name).exists()) {
        add(name, &path.join(name))?;
    }
    let mut weights = Vec::new();
    for entry in path.read_dir().map_err(LoadError::io(path))? {
        let entry = entry.map_err(LoadError::io(path))?;
        weights.extend(entry.file_name().into_string().ok().filter(|name| name.ends_with(".safetensors")));
    }
    weights.sort_unstable();
    weights.iter().try_for_each(|name| add(name, &path.join(name)))?;
    Ok(hasher.finalize().to_hex().to_string())
}
