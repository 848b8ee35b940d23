//! What the tests of several packages share; never part of what is shipped.
//!
//! - [`docs`]: pages with parts that are made from the code;
//! - [`events`]: the API Gateway events in `events/`, and calling a route with them;
//! - [`emulator`]: the emulated AWS on a free port;
//! - [`lambda`]: a Lambda Runtime API that the real binaries run under;
//! - [`log`]: what is logged, for a test to read;
//! - [`names`]: the names of the routes and of what they read;
//! - [`sdk`]: what the AWS SDKs' source says;
//! - [`stock_client`]: the stock Unreal client's way of reading an answer;
//! - [`streams`]: a scripted GameLift Streams.

pub mod docs;
pub mod emulator;
pub mod events;
pub mod lambda;
pub mod log;
pub mod names;
pub mod sdk;
pub mod stock_client;
pub mod streams;
