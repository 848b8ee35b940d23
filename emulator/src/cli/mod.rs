//! The parts of the program `gamelift-emulator` besides the emulator: its command line, the signals that end it,
//! `exec`, which starts a game server, and `flexmatch`, which is for designers of rule sets.

pub(crate) mod args;
pub(crate) mod exec;
pub(crate) mod flexmatch;
pub(crate) mod say;
pub(crate) mod signals;
