//! A model on an NVIDIA GPU: the kernels of `sampler/cuda`, products by cuBLAS.
//! Not here: what a kernel computes (`sampler/cuda/README.md`), the same on a CPU (`cpu`).
//!
//! The tensor library is not asked: its own CUDA part would bring kernels that take longer to build than all else here, and
//! 90 seconds of the driver's time at first use, for products alone.

mod decoder;
mod device;
mod kernels;
mod plan;
#[cfg(test)]
mod tests;

pub(crate) use decoder::Decoder;
pub(crate) use device::Gpu;
