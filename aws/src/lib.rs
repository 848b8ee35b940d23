//! Liftgate's use of AWS: one capability a trait, and the AWS SDKs' clients, which have them all.
//!
//! - [`gamelift`], [`streams`]: the capabilities; a function's needs, and its IAM policy, can be read from its bounds;
//! - [`connections`]: the sockets of players, behind API Gateway's `@connections`;
//! - [`secrets`]: the texts of secrets, which are chosen at the start;
//! - [`upstream`]: the meaning of an AWS exception, in Liftgate's codes;
//! - [`clients`]: the clients, made once at start;
//! - [`arns`]: the parts of ARNs.
//!
//! Nothing here names an HTTP status: [`shared::problem`] says how a code looks over HTTP.

pub mod arns;
pub mod clients;
pub mod connections;
pub mod gamelift;
pub mod secrets;
pub mod streams;
pub mod upstream;
