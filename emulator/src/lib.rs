//! Amazon GameLift Servers and Amazon GameLift Streams, emulated on one port.
//!
//! Any AWS SDK or the AWS CLI reaches it through its endpoint setting
//! (`AWS_ENDPOINT_URL_GAMELIFT`, `AWS_ENDPOINT_URL_GAMELIFTSTREAMS`). Read the crate in this order:
//!
//! - [`Settings`]: what exists when the emulator starts; [`Emulator`]: both services on one clock;
//! - [`gamelift`] and [`streams`]: the rules of the two services, each a crate; both are built on `emulator_core`;
//! - [`server_sdk`]: what game servers speak, and an SDK for them; [`sample_server`]: a game server;
//! - `beacons`: what players measure their latency with;
//! - `http`: which request is which operation, and what stands in front of it;
//! - [`seed`], [`rules`], [`faults`], [`events`], [`state_file`], `control`: what programs with an emulator have
//!   besides; [`flags`] and [`keep`]: their flags, and what is left of them;
//! - `net`, `listener`: the port; [`serve()`], [`Guard`] and [`files`] are what another program's HTTP beside the
//!   emulator shares with it;
//! - [`Clock`]: all time comes from here, so that tests can step it.
//!
//! The emulator knows nothing of Liftgate.

mod beacons;
mod control;
mod crates;
mod emulator;
pub mod flags;
mod http;
pub mod keep;
mod listener;
mod net;
pub mod sample_server;
mod serve;
pub mod server_sdk;

pub use emulator_core::{
    beacon::Beacon,
    clock::Clock,
    events,
    faults::{self, Fault},
    limits::Limits,
    model::error::ServiceError,
    rules, seed,
    settings::{Hosting, SampleBehaviour, Settings},
    signature::AccessKey,
};
pub use emulator_gamelift as gamelift;
pub use emulator_streams as streams;

pub use crate::{
    crates::{CRATES, log_directives},
    emulator::Emulator,
    keep::state_file,
    listener::serve,
    net::{
        files,
        origin::{Guard, Refusal, host_name},
        tls::{certificate_pem, certify},
    },
};
