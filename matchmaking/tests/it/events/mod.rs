//! Events of GameLift: stored ones, odd ones, and those that the emulator sends.

mod emulated;
mod envelopes;
mod meanings;
