//! The words of both APIs: what several files, or both services, call by the same name.
//!
//! - `error`: an exception as it is answered; `exceptions`: their names and statuses;
//! - `service`, `operations`: the two services and their operations, with the rate limits;
//! - `gamelift`, `streams`, `stream_compute`: enumerations; `aws_locations`: AWS's own locations;
//! - `gamelift_rules`, `stream_rules`: what AWS leaves open.

pub mod aws_locations;
pub mod error;
pub mod exceptions;
pub mod gamelift;
pub mod gamelift_rules;
pub mod operations;
pub mod service;
pub mod stream_compute;
pub mod stream_rules;
pub mod streams;
