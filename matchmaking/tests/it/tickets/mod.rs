//! Searches for a match on a scripted FlexMatch, and on a store in memory whose readings may fail.

mod look;
mod present;
mod send;
mod support;
mod wait;
