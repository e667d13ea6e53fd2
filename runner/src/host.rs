//! What runs programs on this host: the native sandbox, the WASI guest, or both.
//! Not here: either of them (`native`, `wasi`), the choice between them (the caller's).

use std::{fmt, io, path::Path, sync::Arc};

use serde::{Deserialize, Serialize};
use trialbox_sandbox_profiles::Profile;

use crate::{
    enforcement::Enforcement,
    interpreter::Interpreter,
    native::{self, HostError},
    toolchain::Toolchain,
    wasi::{self, GuestError},
};

/// A kind of sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// The host's own CPython, one process a program, behind the kernel's walls. Limits of time count CPU time.
    Native,
    /// The CPython that trialbox brings along, one WebAssembly instance a program. Limits of time count instructions.
    Wasi,
}

impl Backend {
    /// Its name, as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Wasi => "wasi",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A host that was looked at: what workers need to start.
#[derive(Clone, Debug)]
pub struct Host {
    backend: Backend,
    pub(crate) native: Option<Arc<native::Host>>,
    pub(crate) wasi: Option<Arc<wasi::Host>>,
}

impl Host {
    /// Looks at the host and starts a native worker once, to see whether every layer of the profile can be had.
    ///
    /// With `allow_degraded` a host that grants neither namespaces nor landlock is used all the same, and
    /// [`Host::enforcement`] says so. `compiler` is the C++ compiler, a path or a name on the PATH.
    pub fn native(
        interpreter: Interpreter,
        profile: Profile,
        allow_degraded: bool,
        compiler: &Path,
    ) -> Result<Self, HostError> {
        let native = native::Host::start(interpreter, profile, allow_degraded)?.with_compiler(compiler);
        Ok(Self { backend: Backend::Native, native: Some(Arc::new(native)), wasi: None })
    }

    /// Gets the WASI guest ready: from `cache`, where it lies compiled for this machine, else by compiling it. `progress`
    /// is told what takes long.
    pub fn wasi(profile: &Profile, cache: Option<&Path>, progress: &mut dyn FnMut(&str)) -> Result<Self, GuestError> {
        let wasi = wasi::Host::start(profile, cache, progress)?;
        Ok(Self { backend: Backend::Wasi, native: None, wasi: Some(Arc::new(wasi)) })
    }

    /// The same, with what only the native sandbox of `other` can run.
    #[must_use]
    pub fn with_native_of(self, other: &Self) -> Self {
        Self { native: other.native.clone(), ..self }
    }

    /// What runs Python programs.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Whether there is a native sandbox, be it for what the guest cannot do.
    pub fn has_native(&self) -> bool {
        self.native.is_some()
    }

    /// The version of the CPython that runs candidates, `X.Y.Z`.
    pub fn python_version(&self) -> &str {
        match (&self.native, &self.wasi) {
            (Some(native), _) if self.backend == Backend::Native => &native.interpreter.version,
            (_, Some(wasi)) => wasi.python_version(),
            _ => unreachable!("a host has the sandbox of its backend"),
        }
    }

    /// Where the interpreter lies, where it is the host's.
    pub fn executable(&self) -> Option<&Path> {
        let native = self.native.as_ref().filter(|_| self.backend == Backend::Native)?;
        Some(&native.interpreter.executable)
    }

    /// The interpreter, in words.
    pub fn interpreter(&self) -> String {
        let version = self.python_version();
        match (&self.wasi, self.backend) {
            (Some(wasi), Backend::Wasi) => format!("CPython {version} in the wasi guest {}", wasi.guest_name()),
            _ => format!("CPython {version}"),
        }
    }

    /// Names all that decides what a program does here, but for the program: the interpreter, and its libraries.
    pub fn identity(&self) -> String {
        match (&self.wasi, self.backend) {
            (Some(wasi), Backend::Wasi) => wasi.identity(),
            _ => self.python_version().to_owned(),
        }
    }

    /// Names all that this host has to do with a verdict: what runs programs, what they may import, what they may do. Another
    /// text is another judge; the same text is the same one.
    pub fn judge(&self) -> String {
        let native = self.native.as_ref().map(|native| native.judge());
        let wasi = self.wasi.as_ref().map(|wasi| wasi.judge());
        [Some(self.backend.to_string()), native, wasi].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// What is enforced, layer by layer.
    pub fn enforcement(&self) -> &Arc<Enforcement> {
        match (&self.native, &self.wasi) {
            (Some(native), _) if self.backend == Backend::Native => native.enforcement(),
            (_, Some(wasi)) => wasi.enforcement(),
            _ => unreachable!("a host has the sandbox of its backend"),
        }
    }

    /// The C++ compiler. Its first caller waits until it was looked at and tested in its sandbox.
    pub fn toolchain(&self) -> Result<&Toolchain, String> {
        let native = self.native.as_ref().ok_or_else(|| "C++ needs the native backend".to_owned())?;
        native.toolchain().map_err(ToString::to_string)
    }

    /// The version of the bash that runs scripts. Its first caller waits until it was looked at and tested in its sandbox.
    pub fn shell_version(&self) -> Result<&str, String> {
        let native = self.native.as_ref().ok_or_else(|| "bash needs the native backend".to_owned())?;
        native.shell_version().map_err(ToString::to_string)
    }
}

impl From<GuestError> for io::Error {
    fn from(error: GuestError) -> Self {
        Self::other(error)
    }
}
