//! The data that outlives an emulator: its state in a file, and its events at a URL.

mod kept;
pub mod state_file;

pub use self::kept::{Keep, Kept};
