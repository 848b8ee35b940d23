//! Streams for players. `reconnect_stream` and `terminate_stream` are made of these steps, each a file:
//!
//! - `asked` and `wanted`: the client's request, within the configured limits; `offer` checks its offer;
//! - `enter`: the decision table, from the state of the player's stream session to the next step;
//! - `own`: the player's own stream sessions, by id or by search; `guesses`: ids that are not the player's;
//! - `limit`: how many of the player's may live, counted before a start and after it; `slot`: the same in the store;
//! - `listed`: lists of stream sessions that all calls share, where there is a store;
//! - `start`: a stream session, once a request; `turn`: when, if many start at once; `places`: where it can start, and
//!   how long it may take;
//! - `wait`: until a stream session is in another status; `status`: the meaning of a status for the player;
//! - `terminate`: the end of a stream;
//! - `answer`: the answers to the client.
//!
//! # What holds for all of them
//!
//! *A stream session belongs to its player.* Its `UserId` names the player; another player's gets the same
//! `STREAM_NOT_FOUND` as a missing one. Calls go to the configured stream group, whatever a client's ARN says.
//!
//! *A stream costs money by the minute.* So none is started before the player's own have been searched for. A client
//! that says that it wants another (`intent` `new`) gets one only while the player has few. An ACTIVATING one is kept,
//! because GameLift Streams refuses to end it. A stream session that the client has not named is never ended, but for the
//! call's own that turns out to be one too many.
//!
//! *A state may be out of date.* After a refusal the state is read and decided about again, a bounded number of
//! times.

pub(crate) mod answer;
pub(crate) mod asked;
pub(crate) mod enter;
pub(crate) mod guesses;
pub(crate) mod limit;
pub(crate) mod listed;
pub(crate) mod offer;
pub(crate) mod own;
pub(crate) mod places;
pub(crate) mod slot;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod terminate;
pub(crate) mod turn;
pub(crate) mod wait;
pub(crate) mod wanted;

pub use self::{
    answer::{Entered, Outcome, Previous, Ready, Waiting},
    asked::{Asked, Intent},
    enter::{EnterCalls, enter},
    guesses::Guesses,
    own::{SESSION_ID, SessionId},
    places::{Capacity, Places},
    terminate::{Terminated, terminate_own},
    wanted::{Connection, Wanted},
};
