//! The meaning of a failed AWS call for the player: one table from (operation, exception) to a
//! [`Code`](shared::Code), and the reading of the SDK's error.
//!
//! - `table`: the table. A test keeps it complete by comparing it with the SDK's own error types;
//! - `operation`: the operations of the table, and the meanings of their exceptions;
//! - `failure`: the reading of the SDK's error; `outcome`: the outcome of the call;
//! - `details`: the sentences about an error;
//! - `watch`: reports a request's calls, for the case that the time budget cuts one off.

pub(crate) mod details;
pub(crate) mod failure;
pub(crate) mod operation;
pub(crate) mod outcome;
pub(crate) mod table;
pub(crate) mod watch;

pub use self::{
    failure::{error, incomplete},
    operation::{Operation, code},
};
