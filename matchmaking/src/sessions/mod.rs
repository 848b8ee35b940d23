//! Game sessions for players. `create_session`, `find_or_create_session` and `join_session` are made
//! of these steps, each a file. [`start`](crate::start) is the whole of it, placed, waited for and handed over, or
//! taken back; [`wanted`](crate::wanted) is the game session that the client asks for:
//!
//! - `place`: on the candidates, by `CreateGameSession`; or `queue`: by `StartGameSessionPlacement`; or, all
//!   in one, by [`game_servers`](crate::game_servers): on a FleetIQ game server, by `ClaimGameServer`;
//! - `elsewhere`: what a call that waits for a game server would rather have: a slot in a game session of others;
//! - `wait`: until the game server has activated it;
//! - `reserve`: a slot for each player of the party, once;
//! - `take_back`: the end of one that is handed to nobody; `ended`: whether one is over;
//! - `ours`: whose fault it is that GameLift calls a request invalid.
//!
//! # What holds for all of them
//!
//! *Nothing is made twice.* What AWS makes, it makes under a token: the SDK's retries are off for these
//! calls, and after a lost answer the same call is sent to the same place again, so that it gives back
//! what the first one made. `CreatePlayerSessions` knows no token; there the player's reservations are
//! looked at before it is tried again, and where that cannot be done, a call with a key goes nowhere else.
//!
//! *Nothing is left behind.* What cannot be handed over is terminated, unless the client can come back
//! for it: by its `Idempotency-Key`, or by the id that it was given with a 202.
//!
//! # A key whose game session has ended
//!
//! GameLift keeps a token in force for 30 days after its game session has ended. A repeat within that
//! time makes a new game session, under the next token of the key, only if the first one was never
//! usable: if the caller never had a player session in it. Otherwise the caller may have played
//! there already, and the answer is that the game session is over.

pub(crate) mod elsewhere;
pub(crate) mod ended;
pub(crate) mod ours;
pub(crate) mod place;
pub(crate) mod queue;
pub(crate) mod reserve;
pub(crate) mod take_back;
pub(crate) mod wait;

pub use self::{
    elsewhere::{Elsewhere, Nowhere, Sight},
    ended::has_ended,
    ours::ours,
    queue::{Queued, not_placed_yet, until_placed},
    reserve::{Reuse, may_be_reserved, reserve},
    take_back::take_back,
    wait::until_active,
};
