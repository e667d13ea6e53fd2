//! A model's weights, by the names that Hugging Face gives them.
//! Not here: which ones a model has (`models::decoder`), GGUF's names (`gguf`).
//! In: safetensors files, whole or in shards. Out: tensors as the CPU keeps them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use candle_core::DType;
use candle_core::Device;
use candle_core::Tensor;
use candle_core::safetensors::MmapedSafetensors;
use candle_core::safetensors::SliceSafetensors;
use serde::Deserialize;

use super::Precision;
use super::config::Config;
use super::fault::LoadError;
use super::models;

/// Where weights are.
pub(crate) trait Source {
    /// Their names and shapes.
    fn shapes(&self) -> BTreeMap<String, Vec<usize>>;
    /// One of them, in the type that it is kept in.
    fn load(&self, name: &str) -> candle_core::Result<Tensor>;
}

/// The weights of one model.
pub(crate) struct Weights {
    source: Box<dyn Source>,
    path: PathBuf,
    precision: Precision,
}

impl Weights {
    /// Takes a model's weights if they are all there, of the right shapes, and none else.
    pub(crate) fn new(
        source: Box<dyn Source>,
        path: &Path,
        config: &Config,
        precision: Precision,
    ) -> Result<Self, LoadError> {
        let path = path.to_owned();
        let found = source.shapes();
        let expected = models::layer::tensors(config);
        let missing: Vec<String> = expected.keys().filter(|name| !found.contains_key(*name)).cloned().collect();
        if !missing.is_empty() {
            return Err(LoadError::Missing { path, names: missing });
        }
        for (name, expected) in &expected {
            if found[name] != *expected {
                let (name, expected, found) = (name.clone(), expected.clone(), found[name].clone());
                return Err(LoadError::Shape { path, name, expected, found });
            }
        }
        let known = |name: &str| {
            // Older files hold the rotations' frequencies, and some a second copy of tied embeddings.
            expected.contains_key(name) || name.ends_with("rotary_emb.inv_freq") || name == "lm_head.weight"
        };
        let names: Vec<String> = found.into_keys().filter(|name| !known(name)).collect();
        if !names.is_empty() {
            return Err(LoadError::Unknown { path, architecture: config.architecture.name(), names });
        }
        Ok(Self { source, path, precision })
    }

    /// What a failure of the tensor library is to whoever loads this model.
    pub(crate) fn fault(&self) -> impl FnOnce(candle_core::Error) -> LoadError {
        LoadError::tensors(&self.path)
    }

    /// What a product is taken with, several of them as one: rows behind rows.
    pub(crate) fn matrix(&self, names: &[String]) -> Result<Tensor, LoadError> {
        let load = || {
            let parts = names.iter().map(|name| self.kept(name)).collect::<candle_core::Result<Vec<_>>>()?;
            if let [only] = &parts[..] { Ok(only.clone()) } else { Tensor::cat(&parts, 0) }
        };
        load().map_err(LoadError::tensors(&self.path))
    }

    /// What is added or multiplied, in f32 always.
    pub(crate) fn vector(&self, names: &[String]) -> Result<Tensor, LoadError> {
        let load = || {
            let part = |name: &String| self.source.load(name)?.to_dtype(DType::F32);
            let parts = names.iter().map(part).collect::<candle_core::Result<Vec<_>>>()?;
            Tensor::cat(&parts, 0)
        };
        load().map_err(LoadError::tensors(&self.path))
    }

    fn kept(&self, name: &str) -> candle_core::Result<Tensor> {
        let tensor = self.source.load(name)?;
        let dtype = match (self.precision, tensor.dtype()) {
            (Precision::Bf16, _) | (_, DType::BF16) => DType::BF16,
            // Widening loses nothing.
            _ => DType::F32,
        };
        tensor.to_dtype(dtype)?.contiguous()
    }
}

/// Files in safetensors' format.
struct Files(MmapedSafetensors);

impl Source for Files {
    fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        self.0.tensors().into_iter().map(|(name, view)| (name, view.shape().to_vec())).collect()
    }

    fn load(&self, name: &str) -> candle_core::Result<Tensor> {
        self.0.load(name, &Device::Cpu)
    }
}

/// What stands in this program.
struct Embedded(SliceSafetensors<'static>);

impl Source for Embedded {
    fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        self.0.tensors().into_iter().map(|(name, view)| (name, view.shape().to_vec())).collect()
    }

    fn load(&self, name: &str) -> candle_core::Result<Tensor> {
        self.0.load(name, &Device::Cpu)
    }
}

/// The file that says in which shard each tensor is.
#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// The weights in a model's folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names.
pub(crate) fn in_folder(folder: &Path) -> Result<Box<dyn Source>, LoadError> {
    let index = folder.join("model.safetensors.index.json");
    let files: Vec<PathBuf> = if index.exists() {
        let text = std::fs::read(&index).map_err(LoadError::io(&index))?;
        let parsed: Index = serde_json::from_slice(&text).map_err(|error| LoadError::bad(&index, error))?;
        let names: BTreeSet<String> = parsed.weight_map.into_values().collect();
        names.into_iter().map(|name| folder.join(name)).collect()
    } else {
        vec![folder.join("model.safetensors")]
    };
    for file in &files {
        // A file that is not there is named; the library would not.
        std::fs::File::open(file).map_err(LoadError::io(file))?;
    }
    mapped(&files).map_err(LoadError::tensors(folder)).map(|files| Box::new(Files(files)) as _)
}

#[expect(unsafe_code, reason = "weights larger than memory are read page by page")]
fn mapped(files: &[PathBuf]) -> candle_core::Result<MmapedSafetensors> {
    // SAFETY: what is read through the map is copied into tensors before anything is computed; a file that is cut while it is
    // read ends the process, as documented, and one that is written to gives other numbers, no other types.
    unsafe { MmapedSafetensors::multi(files) }
}

/// The weights of a model that stands in this program.
pub(crate) fn embedded(bytes: &'static [u8]) -> candle_core::Result<Box<dyn Source>> {
    Ok(Box::new(Embedded(SliceSafetensors::new(bytes)?)))
}
