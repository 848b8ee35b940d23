//! The search over all targets, on a fake GameLift.

mod emulated;
mod failures;
mod pages;
mod shared_search;
mod world;
