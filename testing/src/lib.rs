//! Shared code of the tests of several packages; never part of a release.
//!
//! - [`connections`]: sockets behind an emulated `@connections`;
//! - [`docs`]: pages with parts that are made from the code;
//! - [`events`]: the API Gateway events in `events/`, and calling a route with them;
//! - [`emulator`]: the emulated AWS on a free port;
//! - [`failing_table`]: a table of the store whose calls fail;
//! - [`flexmatch`]: a scripted FlexMatch;
//! - [`lambda`]: a Lambda Runtime API that the real binaries run under;
//! - [`life`]: a run of a function, which may die at any of its calls;
//! - [`log`]: collects log lines for a test;
//! - [`names`]: the names of the routes and of their inputs;
//! - [`outcome`]: what becomes of a scripted call;
//! - [`queues`]: scripted game session queues;
//! - [`sdk`]: facts from the AWS SDKs' source;
//! - [`secrets`]: an emulated Secrets Manager;
//! - [`search`]: a search for a match;
//! - [`stock_client`]: the stock Unreal client's way of reading an answer;
//! - [`streams`]: a scripted GameLift Streams;
//! - [`tokens`]: tokens, good and bad, and the servers of their keys.

pub mod connections;
pub mod docs;
pub mod emulator;
pub mod events;
pub mod failing_table;
pub mod flexmatch;
pub mod lambda;
pub mod life;
pub mod log;
pub mod names;
pub mod outcome;
pub mod queues;
pub mod sdk;
pub mod search;
pub mod secrets;
pub mod stock_client;
pub mod streams;
pub mod tokens;
