//! The fault matrix: every call of AWS that a function makes × every fault that the call can meet, over
//! real sockets, on virtual time.
//!
//! - [`matrix`]: the cells, a test for every row;
//! - [`scenario`], [`resumed`]: the rows' calls; their operations are recorded in a run without a fault;
//! - [`fault`]: the columns; an operation's exceptions come from its SDK's source;
//! - [`expected`] and [`rules`]: the conditions of every cell; an exception without a row there fails;
//! - [`game_servers`]: the rows of `FleetIQ`, and players who compete for its game servers;
//! - [`tickets`]: the rows of game sessions with a stream;
//! - [`searches`]: the rows of searches for a match;
//! - [`acceptance`]: matches that their players have to accept, over sockets;
//! - [`keyed`]: a key whose reservation was made but not reported;
//! - [`admission`]: more players than GameLift takes calls, who wait for their turn; [`answers`]: the same of answers to
//!   matches, and of stops;
//! - [`attackers`]: honest players, and others who want it spoilt for them;
//! - [`no_token`]: honest players, and a flood without an account;
//! - [`sentences`]: the sentences that an error may contain;
//! - [`gaps`]: the cells that do not hold yet;
//! - [`openings`]: the rows of calls that wait for slots to become free, and players who come together;
//! - [`properties`]: many clients and several faults at once;
//! - [`rush`]: more players than game servers, at AWS's rates;
//! - [`looks`]: the same where all who wait share their looks;
//! - [`waiting`]: what a player takes who waits, for the costs that `bench` tells;
//! - [`metered`]: a table that counts units;
//! - [`stored`]: calls with a store: its events lost, its table failing, and calls with one key at the same moment;
//! - [`streams`]: the same for streams;
//! - [`world`], [`proxy`], [`http1`], [`wire`], [`virtual_time`]: the environment of a cell.
//!
//! `LIFTGATE_SEED` changes the jitter.

#![expect(clippy::print_stdout, reason = "a failed test shows its cells, with all it takes to run one again")]

mod acceptance;
mod admission;
mod answers;
mod attackers;
mod expected;
mod fault;
pub(crate) mod game_servers;
mod gaps;
mod http1;
mod keyed;
mod looks;
pub(crate) mod matrix;
mod metered;
mod no_token;
mod openings;
mod properties;
pub(crate) mod proxy;
mod resumed;
pub(crate) mod rules;
mod rush;
pub(crate) mod scenario;
pub(crate) mod searches;
mod sentences;
mod stored;
pub(crate) mod streams;
mod tickets;
pub(crate) mod virtual_time;
mod waiting;
mod wire;
pub(crate) mod world;
