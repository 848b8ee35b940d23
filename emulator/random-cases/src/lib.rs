//! Random cases of the emulator's tests: how many, and from which seed. See [`config`] and [`run`].
//!
//! Without a setting, every run has the same cases. `PROPTEST_CASES` sets how many each test has, and
//! `PROPTEST_RNG_SEED` from which seed they come; both are printed, so that a failure can be tried again.

mod cases;

pub use cases::{config, run};
