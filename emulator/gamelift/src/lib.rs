//! The rules of Amazon GameLift Servers. Which protocol an operation is called in decides only how it is read and
//! answered.
//!
//! - `resources`: nouns, what the service knows of; `state`: verbs, and the only functions that change it;
//! - `views`: resources as the API shows them; `search`: the expressions of `SearchGameSessions`;
//! - `operations`: one file per API operation; `operation`: what all of them have in common; `types`: members that
//!   several operations take, with their constraints;
//! - `service`: [`GameLift`], which the program calls; `processes`: the other side, what a game server does;
//!   `instances`: what AWS does to instances; `snapshot`: everything there is.
//!
//! What AWS does not document is marked "inferred" where it is decided.

mod instances;
mod operation;
mod operations;
mod processes;
mod resources;
mod search;
mod service;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;
mod types;
mod views;

pub use emulator_core::model::{
    gamelift::{InstanceStatus, PlayerSessionCreationPolicy},
    gamelift_rules as rules,
};

pub use crate::{
    processes::ProcessConnection,
    resources::{
        connect_request::ConnectRequest,
        line::Order,
        server_process::ProcessId,
        server_push::{HostedGameSession, ServerPush},
    },
    service::{GameLift, SavedState},
};
