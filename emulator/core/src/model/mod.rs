//! The words of both APIs: names that several files, or both services, share.
//!
//! - `error`: an exception with its message; `exceptions`: their names and statuses;
//! - `service`, `operations`: the two services and their operations, with the rate limits;
//! - `event_types`: the types of events;
//! - `gamelift`, `streams`, `stream_compute`: enumerations; `aws_locations`: AWS's own locations;
//! - `gamelift_rules`, `stream_rules`: behaviour that AWS leaves open.

pub mod aws_locations;
pub mod error;
pub mod event_types;
pub mod exceptions;
pub mod gamelift;
pub mod gamelift_rules;
pub mod operations;
pub mod service;
pub mod stream_compute;
pub mod stream_rules;
pub mod streams;
