//! Chaos: what becomes of players, tickets and game sessions when events go astray and clients come and go, on virtual
//! time.
//!
//! - [`after`]: what has to hold after every cell, whatever happened in it;
//! - [`game`]: the world of a cell: the functions with a store, `record_event`, `reconcile`, and sockets;
//! - [`events`]: the way of GameLift's events, and what can happen to them on it;
//! - [`clients`]: what players do, and what they were told;
//! - [`scenarios`]: who plays what;
//! - [`matrix`]: each scenario × each client × each event × each mishap, alone and in pairs;
//! - [`kills`]: each function × its calls, at which it dies or its store fails.
//!
//! `LIFTGATE_CHAOS=all` runs a pair of each class, and not only a sample; with the name of a cell in place of `all`, that
//! one. A name that no cell has fails, with the names there are.
//! `LIFTGATE_SEED` changes the jitter and the sample.

#![expect(clippy::print_stdout, reason = "a failed test shows its cells, with all it takes to run one again")]

mod after;
mod clients;
mod events;
mod game;
mod kills;
mod matrix;
mod scenarios;
