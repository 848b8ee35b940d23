//! The rules of Amazon GameLift Servers, independent of the wire protocols. A request's protocol decides only how its
//! input is decoded and its output encoded.
//!
//! - `resources`: nouns, the data that the service keeps; `state`: verbs, the only functions that change it;
//! - `views`: resources as the API shows them; `search`: the expressions of `SearchGameSessions`;
//! - `operations`: one file per API operation; `operation`: their common trait; `types`: members that several
//!   operations take, with their constraints;
//! - `service`: [`GameLift`], the type that the program calls; `processes`: the calls and pushes of game servers;
//!   `instances`: changes that AWS makes to instances; `snapshot`: the whole state as JSON;
//!   `pools`: who waits for a match, and why.
//!
//! A behaviour that AWS does not document is marked "inferred" where it is decided.

mod instances;
mod operation;
mod operations;
mod pools;
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
        rule_set::{check_rule_set, rule_set_choices},
        server_process::ProcessId,
        server_push::{HostedGameSession, ServerPush},
    },
    service::{GameLift, SavedState},
};
