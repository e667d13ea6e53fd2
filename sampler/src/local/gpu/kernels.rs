//! The kernels, by what is stored: loaded once, started by what they are for.
//! Not here: their source and what they are given (`sampler/cuda`), in which order they run (`decoder`).

use candle_core::DType;
use candle_core::Error;
use candle_core::Result;
use cudarc::driver::CudaFunction;
use cudarc::driver::sys::CUfunction_attribute_enum;

use super::device::Gpu;
use super::device::Shape;
use crate::local::config::Heads;
use crate::local::places::PAGE;

/// Kernels as `build.rs` has them compiled.
macro_rules! fatbin {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".fatbin"))
    };
}

/// Threads of the kernels that look at pages.
const LOOKING: usize = 128;

/// The kernels for what is stored as one type; what goes from layer to layer is f32.
pub(super) struct Kernels {
    pub(super) embed: CudaFunction,
    pub(super) rms_norm: CudaFunction,
    pub(super) silu_product: CudaFunction,
    pub(super) turn_keep: CudaFunction,
    pub(super) attend: Attend,
    pub(super) merge: CudaFunction,
    /// From logits in f32.
    pub(super) draw: CudaFunction,
    pub(super) copy_page: CudaFunction,
}

/// Who looks at pages.
pub(super) enum Attend {
    /// With tensor cores, one kernel for few queries at a time and one for many.
    Tiles { few: CudaFunction, many: CudaFunction },
    /// For any type and width of heads.
    Any(CudaFunction),
}

impl Kernels {
    /// Loads them.
    pub(super) fn load(gpu: &Gpu, dtype: DType, heads: Heads) -> Result<Self> {
        let name = dtype.as_str();
        let one = |fatbin: &[u8], name: String| gpu.module(fatbin)?.load_function(&name).map_err(Error::wrap);
        let pointwise = gpu.module(fatbin!("pointwise"))?;
        let of_pointwise = |name: String| pointwise.load_function(&name).map_err(Error::wrap);
        let width = heads.width;
        let attend = if dtype != DType::F32 && [64, 128].contains(&width) {
            let tiles = gpu.module(fatbin!("attend_tiles"))?;
            let tiles = |how: &str| tiles.load_function(&format!("attend_{how}_{name}_{width}")).map_err(Error::wrap);
            Attend::Tiles { few: tiles("few")?, many: tiles("many")? }
        } else {
            Attend::Any(one(fatbin!("attend_any"), format!("attend_any_{name}"))?)
        };
        let shared_bytes = i32::try_from(attend.shape(0, heads).shared_bytes).expect("some KiB");
        for kernel in attend.all() {
            // More than 48 KiB has to be allowed first.
            let most = CUfunction_attribute_enum::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
            kernel.set_attribute(most, shared_bytes).map_err(Error::wrap)?;
        }
        Ok(Self {
            embed: of_pointwise(format!("embed_{name}_f32"))?,
            rms_norm: of_pointwise(format!("rms_norm_f32_{name}"))?,
            silu_product: of_pointwise(format!("silu_product_{name}"))?,
            copy_page: of_pointwise("copy_page".to_owned())?,
            turn_keep: one(fatbin!("turn"), format!("turn_keep_{name}"))?,
            merge: one(fatbin!("merge"), format!("merge_{name}"))?,
            draw: one(fatbin!("draw"), "draw_f32".to_owned())?,
            attend,
        })
    }
}

impl Attend {
    fn all(&self) -> Vec<&CudaFunction> {
        match self {
            Self::Tiles { few, many } => vec![few, many],
            Self::Any(any) => vec![any],
        }
    }

    /// How it is started for so many tasks.
    pub(super) fn shape(&self, tasks: usize, heads: Heads) -> Shape {
        let width = heads.width;
        let shared_bytes = match self {
            Self::Tiles { .. } => 512 * width,
            // A page's keys and values, each with a gap of 4 numbers behind it, and 16 queries, in f32.
            Self::Any(_) => 4 * (2 * PAGE * (width + 4) + 16 * width),
        };
        Shape { blocks: [tasks, heads.keys, 1], threads: LOOKING, shared_bytes }
    }
}
