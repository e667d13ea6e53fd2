//! The arithmetic of a model on the CPU: each row's results are the same to the bit whatever is worked on beside it.
//! Not here: the tensors that it works on (`ops`).

pub(crate) mod attention;
pub(crate) mod lanes;
pub(crate) mod matmul;
pub(crate) mod pointwise;
