//! Searches for a match on a scripted FlexMatch, and on a store in memory whose readings may fail.

mod accept;
mod along;
mod follow;
mod line;
mod look;
mod placements;
mod present;
mod send;
mod stop;
mod support;
mod wait;
