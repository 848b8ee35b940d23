//! Fuzzing: whatever event and body come, every function answers in the contract's shape, and AWS is
//! never sent what it would refuse.
//!
//! - `LIFTGATE_FUZZ_SECONDS`: runs for so long instead of a few seconds;
//! - `LIFTGATE_FUZZ_SEED`: begins with this seed, which a failure tells. The smallest failing case is told too.

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
