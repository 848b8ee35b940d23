//! API Gateway's WebSocket API in front of the function `socket`: real `WebSockets` at `/socket`, and `@connections` behind
//! them.
//!
//! - `route`: the handshake, whose `$connect` event the function answers, and the three calls to `@connections`;
//! - `connection`: one WebSocket from then on, with API Gateway's limits of sizes and times;
//! - `register`: the open connections by their ids;
//! - `event`: the events;
//! - `called`: offers a socket by the name by which the client has called.
//!
//! What API Gateway documents is the same here. Inferred: any frame counts against the idle time, bytes come to the
//! function in base64, and a refused handshake has no body.

pub(crate) mod called;
mod connection;
mod event;
mod register;
pub(crate) mod route;

#[cfg(test)]
mod tests;
