//! Amazon GameLift Servers and Amazon GameLift Streams, emulated on one port.
//!
//! AWS SDKs and the AWS CLI reach it through their endpoint setting (`AWS_ENDPOINT_URL_GAMELIFT`,
//! `AWS_ENDPOINT_URL_GAMELIFTSTREAMS`). Read the crate in this order:
//!
//! - [`Settings`]: the emulator's resources and options at the start; [`Emulator`]: both services on one clock;
//! - [`gamelift`] and [`streams`]: the rules of the two services, each a crate; both are built on `emulator_core`;
//! - [`server_sdk`]: the WebSocket of game servers, and an SDK for them; [`sample_server`]: a game server;
//! - `beacons`: the UDP ping beacons with which players measure their latency;
//! - `http`: the operation of each request, and the checks before all operations;
//! - [`seed`], [`rules`], [`faults`], [`events`], [`state_file`], `control`: additions of the emulator for programs
//!   that use it; [`flags`] and [`keep`]: the flags of these programs, and the data that outlives them;
//! - [`calls`]: how often each operation was called;
//! - `sinks`: the URLs to which events are delivered;
//! - `net`, `listener`: the port; [`serve()`], [`Guard`] and [`files`] serve another program's HTTP beside the emulator
//!   under the same limits;
//! - [`Clock`]: the source of all time, so that tests can step it.
//!
//! The emulator knows nothing of Liftgate.

mod beacons;
pub mod calls;
mod control;
mod crates;
mod emulator;
pub mod flags;
mod http;
pub mod keep;
mod listener;
mod net;
pub mod sample_server;
mod seed_file;
mod serve;
pub mod server_sdk;
mod sinks;

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
    sinks::target::{SinkForm, SinkTarget},
};
