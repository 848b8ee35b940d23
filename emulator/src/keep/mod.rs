//! The data that outlives an emulator: its state in a file, and its events at a URL.

pub(crate) mod kept;
pub mod state_file;

pub use self::kept::{Keep, Kept};
