//! Streams for players. `reconnect_stream` and `terminate_stream` are made of these steps, each a file:
//!
//! - `asked` and `wanted`: what the client asks for, within what is configured; `offer` looks at its offer;
//! - `enter`: the decision table, from the state of the player's stream session to what is done;
//! - `own`: the player's own stream sessions, by id or looked for;
//! - `start`: a stream session, once a request; `places`: where it can start, and how long it may take;
//! - `wait`: until a stream session is in another status; `status`: what a status means to the player;
//! - `terminate`: the end of a stream;
//! - `answer`: what the client is told.
//!
//! # What holds for all of them
//!
//! *A stream session is its player's.* Its `UserId` says whose it is; somebody else's is the same
//! `STREAM_NOT_FOUND` as none. Calls go to the configured stream group, whatever a client's ARN says.
//!
//! *A stream costs money by the minute.* So none is started before the player's own have been looked for,
//! unless the client says that it knows of none (`intent` `new`); what is ACTIVATING is kept, because
//! GameLift Streams refuses to end it; and nothing is ended that the client has not named.
//!
//! *A state is only what it was a moment ago.* What is refused is looked at again and decided anew, a
//! bounded number of times.

pub(crate) mod answer;
pub(crate) mod asked;
pub(crate) mod enter;
pub(crate) mod offer;
pub(crate) mod own;
pub(crate) mod places;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod terminate;
pub(crate) mod wait;
pub(crate) mod wanted;

pub use self::{
    answer::{Entered, Outcome, Previous, Ready, Waiting},
    asked::{Asked, Intent},
    enter::{EnterCalls, enter},
    own::SessionId,
    places::{Capacity, Places},
    terminate::{Terminated, terminate},
    wanted::{Connection, Wanted},
};
