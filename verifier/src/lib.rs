//! x

pub mod codec;
pub mod compare;
pub mod oracle;
pub mod text;
