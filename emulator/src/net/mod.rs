//! The port before HTTP and WebSocket: TLS, a place for each connection, and the guard against web pages.

pub(crate) mod connections;
pub mod files;
pub(crate) mod origin;
pub(crate) mod pause;
pub(crate) mod ready;
pub(crate) mod refuse;
pub(crate) mod tls;
pub(crate) mod transport;
pub(crate) mod websocket;
