//! The error numbers of `wasi_snapshot_preview1`, those that are used here.
//! Not here: who answers which (the calls).

/// What a call answers where it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Errno {
    /// Bad file descriptor.
    Badf = 8,
    /// Device or resource busy.
    Busy = 10,
    /// File exists.
    Exist = 20,
    /// Bad address.
    Fault = 21,
    /// File too large.
    Fbig = 22,
    /// Invalid argument.
    Inval = 28,
    /// Is a directory.
    Isdir = 31,
    /// Too many open files.
    Mfile = 33,
    /// Name too long.
    Nametoolong = 37,
    /// No such file or directory.
    Noent = 44,
    /// No space left on device.
    Nospc = 51,
    /// Not a directory.
    Notdir = 54,
    /// Directory not empty.
    Notempty = 55,
    /// Not a socket.
    Notsock = 57,
    /// Not supported.
    Notsup = 58,
    /// Value too large.
    Overflow = 61,
    /// Invalid seek.
    Spipe = 70,
    /// The descriptor does not give this right.
    Notcapable = 76,
}

/// What a call gives, or why it fails.
pub(crate) type Answer<T> = Result<T, Errno>;
