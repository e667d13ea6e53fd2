//! A model's steps as operations on tensors.
//! Not here: their arithmetic (`attention`, `matmul`, `pointwise`), their order (`decoder`).

use std::sync::Arc;

use candle_core::CpuStorage;
use candle_core::CustomOp1;
use candle_core::CustomOp2;
use candle_core::DType;
use candle_core::Device;
use candle_core::InplaceOp1;
use candle_core::InplaceOp2;
use candle_core::InplaceOp3;
use candle_core::Layout;
use candle_core::Result;
use candle_core::Shape;
use candle_core::Tensor;
use candle_core::bail;
use half::bf16;

use super::attention;
use super::attention::Kept;
use super::attention::page_numbers;
use super::matmul;
use super::pointwise;

use super::pointwise::Turning;
use crate::local::config::Heads;
use crate::local::places::Places;

/// The numbers of a tensor that lies in one piece.
fn f32s<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(all), Some((from, to))) => Ok(&all[from..to]),
        _ => bail!("expected f32 in one piece, got {:?} as {layout:?}", storage_dtype(storage)),
    }
}

fn f32s_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(all), Some((from, to))) => Ok(&mut all[from..to]),
        _ => bail!("expected f32 in one piece"),
    }
}

fn storage_dtype(storage: &CpuStorage) -> DType {
    use candle_core::backend::BackendStorage;
    storage.dtype()
}

/// A product with weights.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    /// `[out, in]`.
    pub(crate) weight: Tensor,
    /// `[out]`, f32.
    pub(crate) bias: Option<Arc<[f32]>>,
}

impl Linear {
    pub(crate) fn new(weight: Tensor, bias: Option<&Tensor>) -> Result<Self> {
        let bias = bias.map(|bias| bias.to_vec1::<f32>()).transpose()?.map(Arc::from);
        Ok(Self { weight, bias })
    }

    /// `[rows, in]` to `[rows, out]`.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.apply_op2_no_bwd(&self.weight, &Product { bias: self.bias.clone() })
    }
}

struct Product {
    bias: Option<Arc<[f32]>>,
}

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "product"
    }

    fn cpu_fwd(&self, x: &CpuStorage, xl: &Layout, w: &CpuStorage, wl: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, k) = wl.shape().dims2()?;
        let weights = match (w, wl.contiguous_offsets()) {
            (CpuStorage::F32(all), Some((from, to))) => matmul::Weights::F32(&all[from..to]),
            (CpuStorage::BF16(all), Some((from, to))) => matmul::Weights::Bf16(&all[from..to]),
            _ => bail!("weights are f32 or bf16, in one piece"),
        };
        let x = f32s(x, xl)?;
        let y = matmul::matmul(x, weights, self.bias.as_deref(), k, n);
        Ok((CpuStorage::F32(y), Shape::from((x.len() / k, n))))
    }
}

/// A norm of whole rows.
#[derive(Clone, Debug)]
pub(crate) struct Norm {
    pub(crate) weight: Tensor,
    pub(crate) eps: f32,
}

impl Norm {
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.apply_op2_no_bwd(&self.weight, self)
    }
}

impl CustomOp2 for Norm {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn cpu_fwd(&self, x: &CpuStorage, xl: &Layout, w: &CpuStorage, wl: &Layout) -> Result<(CpuStorage, Shape)> {
        let y = pointwise::rms_norm(f32s(x, xl)?, f32s(w, wl)?, self.eps);
        Ok((CpuStorage::F32(y), xl.shape().clone()))
    }
}

/// `to += what`, in place.
pub(crate) fn add(to: &Tensor, what: &Tensor) -> Result<()> {
    to.inplace_op2(what, &Add)
}

struct Add;

impl InplaceOp2 for Add {
    fn name(&self) -> &'static str {
        "add"
    }

    fn cpu_fwd(&self, to: &mut CpuStorage, tol: &Layout, what: &CpuStorage, whatl: &Layout) -> Result<()> {
        pointwise::add(f32s_mut(to, tol)?, f32s(what, whatl)?);
        Ok(())
    }
}

/// `[rows, 2 x width]`, gates beside what they let through, to `[rows, width]`.
pub(crate) fn silu_product(gates_and_ups: &Tensor) -> Result<Tensor> {
    gates_and_ups.apply_op1_no_bwd(&SiluProduct)
}

struct SiluProduct;

impl CustomOp1 for SiluProduct {
    fn name(&self) -> &'static str {
        "silu product"
    }

    fn cpu_fwd(&self, x: &CpuStorage, xl: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, both) = xl.shape().dims2()?;
        Ok((CpuStorage::F32(pointwise::silu_product(f32s(x, xl)?, both / 2)), Shape::from((rows, both / 2))))
    }
}

/// Turns queries and keys by their positions, after their norms where there are any, in place.
pub(crate) struct Turn<'a> {
    pub(crate) heads: Heads,
    pub(crate) eps: f32,
    pub(crate) places: &'a Places,
}

impl Turn<'_> {
    /// `rows` as [`Heads`] has them, `tables` as `Rope` gives them, `norms` of queries and keys, perhaps empty.
    pub(crate) fn apply(&self, rows: &Tensor, tables: &Tensor, norms: &Tensor) -> Result<()> {
        rows.inplace_op3(tables, norms, self)
    }
}

impl InplaceOp3 for Turn<'_> {
    fn name(&self) -> &'static str {
        "turn"
    }

    fn cpu_fwd(
        &self,
        rows: &mut CpuStorage,
        layout: &Layout,
        tables: &CpuStorage,
        tablesl: &Layout,
        norms: &CpuStorage,
        normsl: &Layout,
    ) -> Result<()> {
        let turning = Turning { tables: f32s(tables, tablesl)?, norms: f32s(norms, normsl)?, eps: self.eps };
        pointwise::turn(f32s_mut(rows, layout)?, self.heads, &self.places.positions, turning);
        Ok(())
    }
}

/// Puts keys and values on their pages.
pub(crate) struct Keep<'a> {
    pub(crate) heads: Heads,
    pub(crate) places: &'a Places,
}

impl InplaceOp2 for Keep<'_> {
    fn name(&self) -> &'static str {
        "keep"
    }

    fn cpu_fwd(&self, pages: &mut CpuStorage, _: &Layout, rows: &CpuStorage, rowsl: &Layout) -> Result<()> {
        let (rows, slots) = (f32s(rows, rowsl)?, &self.places.slots);
        match pages {
            CpuStorage::F32(pages) => attention::keep(pages, rows, self.heads, slots, |number| number),
            CpuStorage::BF16(pages) => attention::keep(pages, rows, self.heads, slots, bf16::from_f32),
            _ => bail!("pages are f32 or bf16"),
        }
        Ok(())
    }
}

/// What each token sees of those before it.
pub(crate) struct Attention<'a> {
    pub(crate) heads: Heads,
    pub(crate) places: &'a Places,
}

impl CustomOp2 for Attention<'_> {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        rows: &CpuStorage,
        rowsl: &Layout,
        pages: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let kept = match pages {
            CpuStorage::F32(pages) => Kept::F32(pages),
            CpuStorage::BF16(pages) => Kept::Bf16(pages),
            _ => bail!("pages are f32 or bf16"),
        };
        let out = attention::attention(f32s(rows, rowsl)?, kept, self.heads, self.places);
        let width = self.heads.queries * self.heads.width;
        let rows = out.len() / width;
        Ok((CpuStorage::F32(out), Shape::from((rows, width))))
    }
}

/// Memory for the keys and values of a layer, on so many pages.
pub(crate) fn pages(heads: Heads, count: usize, dtype: DType) -> Result<Tensor> {
    Tensor::zeros(count * page_numbers(heads), dtype, &Device::Cpu)
}

/// Copies one page to another.
pub(crate) struct CopyPage {
    pub(crate) heads: Heads,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl InplaceOp1 for CopyPage {
    fn name(&self) -> &'static str {
        "copy page"
    }

    fn cpu_fwd(&self, pages: &mut CpuStorage, _: &Layout) -> Result<()> {
        let numbers = page_numbers(self.heads);
        let (from, to) = (self.from as usize * numbers, self.to as usize * numbers);
        match pages {
            CpuStorage::F32(pages) => pages.copy_within(from..from + numbers, to),
            CpuStorage::BF16(pages) => pages.copy_within(from..from + numbers, to),
            _ => bail!("pages are f32 or bf16"),
        }
        Ok(())
    }
}
