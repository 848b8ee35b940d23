//! Honest players who search, create, join, rejoin and stream at human rates, and attackers who want it spoilt for
//! them, at AWS's documented rates.
//!
//! - [`honest`]: what a player does; [`attack`]: the kinds of attack; `no_token`: the one
//!   without an account; [`request`]: what both send, and get;
//! - [`gate`]: the door that both stand at: API Gateway's throttling, and instances of the functions as Lambda starts
//!   them; `authorizers`: those of `authorize`, which check every token; `issuer`: who made the tokens;
//! - [`crowd`]: players and attackers together; [`tally`]: how the players fared;
//! - [`rounds`]: rounds with and without attackers, one after the other.
//!
//! The plan of a crowd follows from its seed, so it is the same with and without attackers. `local/tests/it/faults`
//! runs crowds on virtual time.

pub mod attack;
mod authorizers;
pub mod crowd;
pub mod gate;
pub mod honest;
mod issuer;
mod no_token;
pub mod request;
pub mod rounds;
pub mod tally;
