//! The emulator as a product, over real sockets: control endpoints, faults, events, signatures, limits, leniency, and
//! the program itself.

mod beacons;
mod control;
mod crafted_state;
mod event_faults;
mod event_sinks;
mod events;
#[cfg(unix)]
mod exec;
mod faults;
mod fleetiq;
mod fleetiq_servers;
#[cfg(unix)]
mod flexmatch;
mod front;
#[cfg(target_os = "linux")]
mod leftovers;
mod lenient;
mod matchmaking;
mod pools;
#[cfg(unix)]
mod program;
mod seed;
mod state_file;
mod support;
