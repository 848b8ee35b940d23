//! Fuzzing: every function answers any event and body in the contract's shape, and never sends AWS a request that AWS
//! would refuse.
//!
//! - `LIFTGATE_FUZZ_SECONDS`: runs for this long instead of a few seconds;
//! - `LIFTGATE_FUZZ_SEED`: starts with this seed. A failure prints its seed and the smallest failing case.

mod calls;
mod case;
mod emulated;
mod fake;
mod fields;
mod limits;
mod near_misses;
mod oracle;
mod runner;
mod values;
