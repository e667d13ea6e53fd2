//! A GPU: its memory, starting kernels, products.
//! Not here: which kernels there are (`kernels`), in which order they run (`decoder`).
//!
//! All that is asked of it is done in the order in which it is asked: there is one stream. So memory may be given back while
//! a kernel that reads it has yet to run, and nothing needs an event of its own.

use std::any::Any;
use std::ffi::c_int;
use std::sync::Arc;

use candle_core::CpuStorage;
use candle_core::DType;
use candle_core::Error;
use candle_core::Result;
use candle_core::Storage;
use candle_core::Tensor;
use candle_core::bail;
use cudarc::cublas;
use cudarc::cublas::CudaBlas;
use cudarc::cublas::sys::cublasComputeType_t;
use cudarc::cublas::sys::cublasGemmAlgo_t;
use cudarc::cublas::sys::cublasOperation_t;
use cudarc::cublas::sys::cudaDataType;
use cudarc::driver;
use cudarc::driver::CudaContext;
use cudarc::driver::CudaFunction;
use cudarc::driver::CudaModule;
use cudarc::driver::CudaSlice;
use cudarc::driver::CudaStream;
use cudarc::driver::DevicePtr;
use cudarc::driver::DeviceRepr;
use cudarc::driver::DriverError;
use cudarc::driver::LaunchConfig;
use cudarc::driver::PushKernelArg;
use cudarc::driver::sys::CUmemPool_attribute_enum;
use cudarc::nvrtc::Ptx;

use crate::local::config::Config;

/// The oldest that runs the kernels: `sampler/cuda/fatbin.sh` compiles for it.
const COMPUTE_CAPABILITY: (i32, i32) = (8, 0);
/// The widest head that the kernels take.
const WIDEST_HEAD: usize = 256;

/// The first GPU.
pub(crate) struct Gpu {
    stream: Arc<CudaStream>,
    blas: CudaBlas,
}

/// Memory on the GPU; given back when dropped.
pub(super) struct Buffer {
    /// Where it begins, on the GPU.
    address: u64,
    bytes: usize,
    /// The `CudaSlice` that this is.
    owner: Box<dyn Any + Send + Sync>,
}

impl Buffer {
    /// A place in it, as kernels take it.
    pub(super) fn at(&self, byte: usize) -> Argument {
        assert!(byte <= self.bytes, "{byte} is beyond {} bytes", self.bytes);
        Argument::Pointer(self.address + byte as u64)
    }

    /// Where it begins.
    pub(super) fn start(&self) -> Argument {
        self.at(0)
    }
}

/// What a kernel is given.
#[derive(Clone, Copy, Debug)]
pub(super) enum Argument {
    Pointer(u64),
    U32(u32),
    U64(u64),
    F32(f32),
    F64(f64),
}

impl Argument {
    /// Stands for what is not there.
    pub(super) const NOTHING: Self = Self::Pointer(0);

    /// A buffer that may not be there.
    pub(super) fn of(buffer: Option<&Buffer>) -> Self {
        buffer.map_or(Self::NOTHING, Buffer::start)
    }

    /// Its bytes, the first ones of eight.
    fn bits(self) -> u64 {
        match self {
            Self::Pointer(number) | Self::U64(number) => number,
            Self::U32(number) => number.into(),
            Self::F32(number) => number.to_bits().into(),
            Self::F64(number) => number.to_bits(),
        }
    }
}

/// How many blocks of how many threads a kernel is started with, and the shared memory of each, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) blocks: [usize; 3],
    pub(super) threads: usize,
    pub(super) shared_bytes: usize,
}

/// A product `x` times the transposed `weight`: `[rows, columns]` by `[out, columns]` to `[rows, out]`.
pub(super) struct Product<'a> {
    pub(super) x: &'a Buffer,
    pub(super) weight: &'a Buffer,
    pub(super) to: &'a Buffer,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) out: usize,
    /// Of `x` and `weight`.
    pub(super) from_type: DType,
    pub(super) to_type: DType,
}

impl Gpu {
    /// The first GPU, if a model like this can run on it.
    ///
    /// # Errors
    ///
    /// Why not, and what to do about it.
    #[expect(unsafe_code, reason = "libraries are looked for, and events are not needed")]
    pub(crate) fn open(config: &Config) -> std::result::Result<Self, String> {
        let width = config.heads.width;
        if !width.is_multiple_of(8) || width > WIDEST_HEAD {
            return Err(format!(
                "its kernels take heads of 8, 16, ... {WIDEST_HEAD} numbers, and this model's have {width}"
            ));
        }
        // SAFETY: the libraries' initialisers run, as they would where they are linked.
        let (driver_found, blas_found) = unsafe { (driver::sys::is_culib_present(), cublas::sys::is_culib_present()) };
        if !driver_found {
            return Err("there is no NVIDIA driver (libcuda.so.1)".to_owned());
        }
        let context = CudaContext::new(0).map_err(|error| format!("the NVIDIA driver says {error}"))?;
        if !blas_found {
            return Err("cuBLAS (libcublas.so.13) is not found: put its folder into LD_LIBRARY_PATH".to_owned());
        }
        let capability = context.compute_capability().map_err(|error| format!("the NVIDIA driver says {error}"))?;
        if capability < COMPUTE_CAPABILITY {
            let ((major, minor), (least, _)) = (capability, COMPUTE_CAPABILITY);
            return Err(format!("its compute capability is {major}.{minor}, and {least}.0 is needed"));
        }
        // SAFETY: there is one stream, so nothing has to wait for an event of another.
        unsafe { context.disable_event_tracking() };
        keep_freed_memory(&context).map_err(|error| format!("the NVIDIA driver says {error}"))?;
        let opened = context.new_stream().map_err(|error| error.to_string()).and_then(|stream| {
            let blas = CudaBlas::new(Arc::clone(&stream)).map_err(|error| error.to_string())?;
            Ok(Self { stream, blas })
        });
        opened.map_err(|reason| format!("it does not start: {reason}"))
    }

    /// How much of its memory nobody has.
    pub(super) fn free_bytes(&self) -> Result<usize> {
        Ok(self.stream.context().mem_get_info().map_err(Error::wrap)?.0)
    }

    /// Loads kernels that were compiled when this program was built.
    pub(super) fn module(&self, fatbin: &[u8]) -> Result<Arc<CudaModule>> {
        self.stream.context().load_module(Ptx::from_binary(fatbin.to_vec())).map_err(Error::wrap)
    }

    /// Memory for so many numbers, in which anything may stand.
    #[expect(unsafe_code, reason = "memory that is written before it is read need not be cleared")]
    pub(super) fn alloc<T: DeviceRepr + Send + Sync + 'static>(&self, numbers: usize) -> Result<Buffer> {
        // SAFETY: kernels write what they read later (`decoder`), and none of the types has a value that may not be.
        let slice = unsafe { self.stream.alloc::<T>(numbers.max(1)) };
        slice.map(|slice| self.buffer(slice)).map_err(Error::wrap)
    }

    /// Memory that holds these numbers.
    pub(super) fn upload<T: DeviceRepr + Send + Sync + 'static>(&self, numbers: &[T]) -> Result<Buffer> {
        // The driver refuses to copy nothing.
        if numbers.is_empty() {
            return self.alloc::<T>(0);
        }
        self.stream.clone_htod(numbers).map(|slice| self.buffer(slice)).map_err(Error::wrap)
    }

    /// Memory that holds a tensor's numbers, as this type.
    pub(super) fn upload_tensor(&self, tensor: &Tensor, dtype: DType) -> Result<Buffer> {
        let tensor = tensor.to_dtype(dtype)?.contiguous()?;
        let (storage, layout) = tensor.storage_and_layout();
        let (Storage::Cpu(numbers), Some((from, to))) = (&*storage, layout.contiguous_offsets()) else {
            bail!("weights are loaded in one piece, in this machine's memory");
        };
        match numbers {
            CpuStorage::F32(numbers) => self.upload(&numbers[from..to]),
            CpuStorage::F16(numbers) => self.upload(&numbers[from..to]),
            CpuStorage::BF16(numbers) => self.upload(&numbers[from..to]),
            _ => bail!("weights are f32, f16 or bf16"),
        }
    }

    fn buffer<T: Send + Sync + 'static>(&self, slice: CudaSlice<T>) -> Buffer {
        let address = slice.device_ptr(&self.stream).0;
        Buffer { address, bytes: slice.num_bytes(), owner: Box::new(slice) }
    }

    /// What stands in memory for this type, when all that was asked before is done.
    pub(super) fn download<T: DeviceRepr + 'static>(&self, buffer: &Buffer) -> Result<Vec<T>> {
        let Some(slice) = buffer.owner.downcast_ref::<CudaSlice<T>>() else { bail!("a buffer of another type") };
        let numbers = self.stream.clone_dtoh(slice).map_err(Error::wrap)?;
        self.stream.synchronize().map_err(Error::wrap)?;
        Ok(numbers)
    }

    /// Starts a kernel.
    #[expect(unsafe_code, reason = "what a kernel does with its arguments is for the kernel to say")]
    pub(super) fn launch(&self, kernel: &CudaFunction, shape: Shape, arguments: &[Argument]) -> Result<()> {
        let number = |it: usize| u32::try_from(it).expect("fewer than 2^32 blocks and threads");
        let [x, y, z] = shape.blocks.map(number);
        if x == 0 || y == 0 {
            return Ok(());
        }
        let config = LaunchConfig {
            grid_dim: (x, y, z),
            block_dim: (number(shape.threads), 1, 1),
            shared_mem_bytes: number(shape.shared_bytes),
        };
        let bits: Vec<u64> = arguments.iter().map(|argument| argument.bits()).collect();
        let mut launch = self.stream.launch_builder(kernel);
        for bits in &bits {
            launch.arg(bits);
        }
        // SAFETY: the driver takes of each argument as many bytes as the kernel declares, which are the first ones on this
        // little-endian machine. That order, number and sizes are what `sampler/cuda/README.md` says is for `decoder` to see to,
        // and is tested with the kernels' own source on a CPU (`tests`).
        unsafe { launch.launch(config) }.map(drop).map_err(Error::wrap)
    }

    /// Computes a product.
    #[expect(unsafe_code, reason = "cuBLAS is told addresses")]
    pub(super) fn multiply(&self, product: &Product<'_>) -> Result<()> {
        let size = |it: usize| c_int::try_from(it).expect("a matrix has fewer than 2^31 rows and columns");
        let Product { x, weight, to, rows, columns, out, from_type, to_type } = *product;
        for (buffer, numbers, dtype) in
            [(x, rows * columns, from_type), (weight, out * columns, from_type), (to, rows * out, to_type)]
        {
            assert!(numbers * dtype.size_in_bytes() <= buffer.bytes, "a matrix is larger than its memory");
        }
        let (one, none) = (1.0_f32, 0.0_f32);
        let (from, into) = (kind(from_type)?, kind(to_type)?);
        // cuBLAS counts by columns: what lies here row by row is transposed to it.
        // SAFETY: the handle is alive, all three matrices are of the sizes and types that are said, which was checked above, and
        // alpha and beta are f32, as the type of the sums asks for.
        let done = unsafe {
            cublas::result::gemm_ex(
                *self.blas.handle(),
                cublasOperation_t::CUBLAS_OP_T,
                cublasOperation_t::CUBLAS_OP_N,
                size(out),
                size(rows),
                size(columns),
                (&raw const one).cast(),
                weight.address as *const _,
                from,
                size(columns),
                x.address as *const _,
                from,
                size(columns),
                (&raw const none).cast(),
                to.address as *mut _,
                into,
                size(out),
                cublasComputeType_t::CUBLAS_COMPUTE_32F,
                cublasGemmAlgo_t::CUBLAS_GEMM_DEFAULT,
            )
        };
        done.map_err(Error::wrap)
    }
}

/// Memory that is given back stays with this program: every step asks for as much again.
#[expect(unsafe_code, reason = "the driver is asked directly")]
fn keep_freed_memory(context: &CudaContext) -> std::result::Result<(), DriverError> {
    if !context.has_async_alloc() {
        return Ok(());
    }
    let (mut pool, mut all) = (std::ptr::null_mut(), u64::MAX);
    let threshold = CUmemPool_attribute_enum::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
    // SAFETY: the device is the context's, which is alive; the attribute is a number of 64 bits, which is copied.
    unsafe {
        driver::sys::cuDeviceGetDefaultMemPool(&raw mut pool, context.cu_device()).result()?;
        driver::sys::cuMemPoolSetAttribute(pool, threshold, (&raw mut all).cast()).result()
    }
}

fn kind(dtype: DType) -> Result<cudaDataType> {
    match dtype {
        DType::F32 => Ok(cudaDataType::CUDA_R_32F),
        DType::F16 => Ok(cudaDataType::CUDA_R_16F),
        DType::BF16 => Ok(cudaDataType::CUDA_R_16BF),
        _ => bail!("products are of f32, f16 or bf16"),
    }
}
