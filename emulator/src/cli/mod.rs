//! The parts of the program `gamelift-emulator` besides the emulator: its command line, the signals that end it, and
//! `exec`, which starts a game server.

pub(crate) mod args;
pub(crate) mod exec;
pub(crate) mod signals;
