//! A small Server SDK 5 for game servers in Rust.
//!
//! It speaks the protocol of AWS's Server SDK 5 and has its calls, so it reads like one:
//!
//! ```no_run
//! use gamelift_server_sdk::{Clock, Error, Event, ServerParameters, init_sdk};
//!
//! # async fn run() -> Result<(), Error> {
//! let parameters = ServerParameters::from_env()?;
//! let (server, mut events) = init_sdk(parameters, Clock::new(1.0)).await?;
//! server.process_ready(7777, &[]).await?;
//! while let Some(event) = events.next().await {
//!     match event {
//!         Event::StartGameSession(session) => server.activate_game_session(&session.game_session_id).await?,
//!         Event::UpdateGameSession { .. } => {}
//!         Event::ProcessTerminate { .. } => break,
//!     }
//! }
//! server.process_ending().await?;
//! # Ok(()) }
//! ```
//!
//! [`Events`] yields the messages that AWS's SDKs hand to callbacks. Heartbeats are sent from `process_ready` on. A
//! lost connection is made again with the same idempotency token. A connection counts as lost, too, after the second
//! heartbeat without an answer. A `RefreshConnection` is followed. Unlike AWS's SDKs, [`init_sdk`] gives up at once
//! when it is refused. Emulated time, for heartbeats, comes from a [`Clock`]; all time-outs of the network are in real
//! time.

mod backfill;
mod driver;
mod error;
mod events;
mod matchmaker_data;
mod parameters;
mod server;
mod socket;

pub use emulator_core::{clock::Clock, model::gamelift::PlayerSessionCreationPolicy};

pub use crate::{
    backfill::{AttributeValue, Player, StartMatchBackfill},
    error::Error,
    events::{Event, GameSession, PlayerSession, UpdateReason},
    matchmaker_data::MatchmakerData,
    parameters::ServerParameters,
    server::{Events, Server, init_sdk},
};
