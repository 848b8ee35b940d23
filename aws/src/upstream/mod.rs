//! What an AWS call's failure means to the player: one table from (operation, exception) to a
//! [`Code`](shared::Code), and the reading of the SDK's error that leads to it.
//!
//! - `table`: the table. It is kept complete by a test that compares it with the SDK's own error types;
//! - `operation`: the operations of the table, and what their exceptions mean;
//! - `failure`: the reading of the SDK's error; `came`: what came back of the call;
//! - `details`: what an answer says of an error;
//! - `watch`: tells the request how its calls go, for one that the time budget cuts off.

pub(crate) mod came;
pub(crate) mod details;
pub(crate) mod failure;
pub(crate) mod operation;
pub(crate) mod table;
pub(crate) mod watch;

pub use self::{
    failure::{error, incomplete},
    operation::{Operation, code},
};
