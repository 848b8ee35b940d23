//! The exceptions of both services: each name stands here once, with its HTTP status.
//!
//! - `gamelift`, `streams`: the exceptions of one service, and a function for each mistake;
//! - `common`: the exceptions that AWS returns in front of every service;
//! - `known`: the exceptions of a service by name, for faults that name one;
//! - `kind`: a name with its status.

pub mod common;
pub mod gamelift;
pub mod kind;
pub mod known;
pub mod streams;
