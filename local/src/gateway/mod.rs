//! API Gateway in front of the functions: an HTTP request becomes the event that API Gateway would
//! send, and the function's answer becomes the HTTP answer.
//!
//! - `router`: from the request to the answer; `event` and `answer` are its two halves;
//! - `authorizer`: asks who the player is, before a function of players is called;
//! - `guard`: keeps strangers' web pages out;
//! - `sockets`: the WebSocket API;
//! - [`throttle`]: refuses what comes more often than a route takes, before its function runs.

pub(crate) mod answer;
pub(crate) mod authorizer;
pub(crate) mod event;
mod guard;
mod router;
pub(crate) mod sockets;
pub mod throttle;

pub use self::{
    authorizer::gateway_authorizer::{Allowed, GatewayAuthorizer, IdentitySource},
    event::EventFormat,
    router::router,
};
pub(crate) use self::{
    guard::guarded,
    sockets::called::offered_as_called,
    sockets::route::{PATH as SOCKETS, sockets},
};
