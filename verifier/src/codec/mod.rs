//! The typed values that cross the sandbox wall: CPython's marshal version 2, with four tags of our own behind it.
//! Not here: what a value means (`compare`, `oracle`), or the process that wrote it (`runner`).
//! In: a [`Value`](trialbox_datasets::value::Value) or hostile bytes. Out: the other one of the two.

mod decode;
mod encode;
mod nan;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
pub(crate) mod tests;

pub use decode::DecodeError;
pub use decode::DecodeErrorKind;
pub use decode::DecodeLimits;
pub use decode::decode;
pub use encode::encode;
pub(crate) use nan::may_hold_nan;

/// The tags of the format, one byte each.
///
/// The lower half is CPython's own (`Python/marshal.c`, version 2); the upper half is written by the driver in the
/// sandbox for honest values that marshal refuses. Tags that marshal knows and that have no business in a result
/// (code objects, `StopIteration`, references, interned strings) are missing on purpose.
mod tag {
    pub(super) const NONE: u8 = b'N';
    pub(super) const TRUE: u8 = b'T';
    pub(super) const FALSE: u8 = b'F';
    pub(super) const ELLIPSIS: u8 = b'.';
    pub(super) const INT: u8 = b'i';
    pub(super) const LONG: u8 = b'l';
    pub(super) const FLOAT: u8 = b'g';
    pub(super) const COMPLEX: u8 = b'y';
    pub(super) const BYTES: u8 = b's';
    pub(super) const STR: u8 = b'u';
    pub(super) const TUPLE: u8 = b'(';
    pub(super) const LIST: u8 = b'[';
    pub(super) const DICT: u8 = b'{';
    pub(super) const DICT_END: u8 = b'0';
    pub(super) const SET: u8 = b'<';
    pub(super) const FROZEN_SET: u8 = b'>';

    pub(super) const DECIMAL: u8 = b'D';
    pub(super) const FRACTION: u8 = b'Q';
    pub(super) const ARRAY: u8 = b'A';
    pub(super) const OPAQUE: u8 = b'O';
}
