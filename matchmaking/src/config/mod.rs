//! The settings of the use cases, one small struct a topic.
//!
//! - `fleets` and `game_servers`: where game sessions are placed, and which game servers may call;
//! - `limits`: what one player may take; `admission`: how many searches and placements begin in
//!   a second;
//! - `tickets`: matchmaking; `looks`: how often calls that wait for a match ask GameLift; `reconcile`: the reconciler;
//! - `sockets`: where players hear of their tickets;
//! - `streams`, with its `connect_args`: what players may stream, and how an application learns of its game session.

pub(crate) mod admission;
pub(crate) mod connect_args;
pub(crate) mod fleets;
pub(crate) mod game_servers;
pub(crate) mod limits;
pub(crate) mod looks;
pub(crate) mod reconcile;
pub(crate) mod sockets;
pub(crate) mod streams;
pub(crate) mod tickets;

pub use self::{
    admission::AdmissionConfig,
    connect_args::{ConnectArgs, Placeholder},
    fleets::{BUILD_ID, Candidate, FleetConfig, FleetRef},
    game_servers::{GROUP_LENGTH, GameServerConfig},
    limits::LimitConfig,
    looks::LookConfig,
    reconcile::ReconcileConfig,
    sockets::SocketConfig,
    streams::{Allowed, StreamConfig},
    tickets::TicketConfig,
};
