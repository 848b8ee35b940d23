//! Game sessions for players. `create_session`, `find_or_create_session` and `join_session` are made of these steps,
//! one a file. [`start`](crate::start) combines them: it places a game session, waits for it, and hands it over or
//! takes it back. [`wanted`](crate::wanted) is the game session that the client asks for:
//!
//! - `place`: on the candidates, by `CreateGameSession`; or `queue`: by `StartGameSessionPlacement`; or
//!   [`game_servers`](crate::game_servers), for all steps in one: on a FleetIQ game server, by `ClaimGameServer`;
//! - `until_placed`: until the queue has placed it; `shown`: what is known of a placement;
//! - `noted`: a placement in the store, where events tell what became of it, and its turn before that; `moves`: what a
//!   call that waits does about it; `call_off`: stops one that no client waits for;
//! - `earlier`: what became of a placement that an earlier call has started;
//! - `elsewhere`: the alternative for a call that waits for a game server: a slot in an existing game session;
//! - `wait`: until the game server has activated the game session;
//! - `reserve`: a slot for each player of the party, once;
//! - `take_back`: terminates a game session that is not handed over; `ended`: whether a game session has ended;
//! - `ours`, in the crate's root: whether the client or Liftgate is to blame for an invalid request.
//!
//! # What holds for all of them
//!
//! *Nothing is made twice.* AWS makes game sessions and placements under a token. The SDK's retries are off for these
//! calls. After a lost answer the same call is sent to the same place again, and returns what the first one made.
//! `CreatePlayerSessions` knows no token; so the player's reservations are read before it is tried again. If they
//! cannot be read, a call with a key tries no other game session.
//!
//! *Nothing is left behind.* A game session that cannot be handed over is terminated, unless the client can come back
//! for it: by its `Idempotency-Key`, or by the id that it was given with a 202.
//!
//! # A key whose game session has ended
//!
//! GameLift keeps a token in force for 30 days after its game session has ended. A repeat within that time makes a
//! new game session, under the next token of the key, only if the first one was never usable: if the caller never had
//! a player session in it. Otherwise the caller may have played there already, and the answer is that the game
//! session has ended.

pub(crate) mod call_off;
pub(crate) mod earlier;
pub(crate) mod elsewhere;
pub(crate) mod ended;
pub(crate) mod moves;
pub(crate) mod noted;
pub(crate) mod place;
pub(crate) mod queue;
pub(crate) mod reserve;
pub(crate) mod shown;
pub(crate) mod take_back;
pub(crate) mod until_placed;
pub(crate) mod wait;

pub use self::{
    earlier::{Joined, joined},
    elsewhere::{Elsewhere, Nowhere, Sight},
    ended::has_ended,
    queue::{Queued, not_begun_yet, not_placed_yet},
    reserve::{Reuse, may_be_reserved, reserve, reserve_after},
    take_back::take_back,
    wait::{Waited, enter_when_active},
};
pub use crate::ours::ours;
