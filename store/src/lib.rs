//! What Liftgate remembers and GameLift does not tell: who searches, what came of it, who may do what next.
//!
//! GameLift is the truth. A store that is lost loses no running game, only searches and the memory of answers.
//!
//! # Who uses which part
//!
//! - [`Store::start`], [`Store::ticket`]: routes of matchmaking, and session routes with a queue; rejoining asks
//!   [`Store::last_ticket_of`].
//! - What [`Store::hear`] takes comes from `record_event`; what [`Store::saw`] takes, from whoever has looked at GameLift
//!   for a ticket read before.
//! - [`Store::may_look`], [`Store::miss`], [`Store::may_take_up`], [`Store::open_tickets`], [`Store::waiting_tickets`]:
//!   waiting calls and `reconcile`, for events that are lost, and tickets that nobody waits for.
//! - [`Store::some_quiet_searches`], [`Store::may_look_too`], [`Store::leave`], [`Store::put_back`]: waiting calls whose look takes others along.
//! - [`Store::ask_stop`]: stopping a search that has begun. [`Store::give_up`]: `reconcile`, for a search that cannot begin.
//!   [`Store::tickets_of`]: events of a match's queue.
//! - [`Store::first_in_line`], [`Store::place_in_line`], [`Store::admit`], [`Store::withdraw`],
//!   [`Store::withdraw_quiet`]: admission before GameLift's rates, and the end of a search that has not begun.
//! - [`Store::claim_key`], [`Store::answer_key`], [`Store::release_key`]: session routes with an `Idempotency-Key` and
//!   no ticket.
//! - [`Store::lease`]: shared looks at a fleet or a stream group; one `reconcile` at a time.
//! - [`Store::write_readings`], [`Store::reading`], [`Store::readings`]: shared looks.
//! - [`Store::issue_token`]: REST routes. [`Store::redeem_token`], [`Store::connect`], [`Store::disconnect`],
//!   [`Store::player_of`]: `socket`. [`Store::sockets_of`], [`Store::forget_gone`]: the push of `record_event`.
//! - [`Store::pass`]: admission, looks of waiting calls, and the rates of one player. [`Store::take`],
//!   [`Store::give_back`]: admission, which lets several in at once. [`Store::turn`]: starts of streams,
//!   answers to matches and stops of searches.
//! - [`Store::hold`], [`Store::pass_on`], [`Store::let_go`]: unclaimed game sessions and streams of one player.
//! - [`fail_open::fail_open`]: all callers that go on without an answer of the store.
//!
//! # How it is made
//!
//! [`table::api::Table`] is the one trait: four calls that DynamoDB ([`dynamodb`]) and memory ([`memory`]) have alike.
//! Everything above is written once, in terms of these. A file of [`records`] has all of one kind of record: its keys,
//! attributes and methods.
//!
//! # What holds
//!
//! - Each method is one atomic write, or can be repeated after a crash between two.
//! - A lost answer of DynamoDB makes the SDK repeat a write. That comes to the same, with four exceptions. Three are on
//!   the safe side: a one-time token is used up then, more tokens of a bucket are gone, and a line skips a number. One is
//!   not: tokens that are given back may come back twice, so more callers may pass than the rate says.
//! - An item that this version cannot read, because another one has written it, is unknown, and the log says so.
//! - An item counts until its time, by the caller's clock. DynamoDB deletes it days later; nobody sees it meanwhile.
//! - Ids of players and keys that a client chose are hashed in the keys of items, so that none can be another's.
//! - An item stays below DynamoDB's 400 kB, a list below its limit, and a transaction below 100 writes.

pub mod dynamodb;
pub mod fail_open;
pub mod memory;
pub mod records;
mod store;
pub mod table;

pub use self::store::{MOST_BYTES, Store};
