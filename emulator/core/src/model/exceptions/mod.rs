//! The exceptions of both services: each name stands here once, with its HTTP status.
//!
//! - `gamelift`, `streams`: those of one service, and how each is answered;
//! - `common`: those that AWS answers in front of every service;
//! - `known`: which exceptions a service has, for faults that name one;
//! - `kind`: a name with its status.

pub mod common;
pub mod gamelift;
pub mod kind;
pub mod known;
pub mod streams;
