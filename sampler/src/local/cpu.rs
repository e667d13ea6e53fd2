//! The arithmetic of a model on the CPU: each row's results are the same to the bit whatever is worked on beside it.
//! Not here: which tokens are put into a step (`engine`).

pub(crate) mod attention;
pub(crate) mod decoder;
pub(crate) mod lanes;
pub(crate) mod matmul;
mod ops;
pub(crate) mod pointwise;
