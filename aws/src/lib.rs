//! What Liftgate asks of AWS, one capability a trait, and the AWS SDKs' clients, which have them all.
//!
//! - [`gamelift`], [`streams`]: the capabilities; a function's needs, and its IAM policy, can be read from its bounds;
//! - [`upstream`]: what an AWS exception means, in Liftgate's codes;
//! - [`clients`]: the clients, made once at start;
//! - [`arns`]: what ARNs say.
//!
//! Nothing here names an HTTP status: what a code looks like over HTTP is the matter of [`shared::problem`].

pub mod arns;
pub mod clients;
pub mod gamelift;
pub mod streams;
pub mod upstream;
