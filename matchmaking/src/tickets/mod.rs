//! Tickets: searches for a match and placements, as the store knows them.
//!
//! The store has a ticket before GameLift knows it, and every news of it after. So whoever has a ticket can send it, more
//! than once if need be, and no call is the only one that can go on with it.
//!
//! - `fields`, `request`: what a client asks for, and what the store keeps of it;
//! - `admission`: how many begin in a second; `line`: those who wait for that, and who lets them in;
//! - `begin`: the ticket of a call: a new one, or the one that goes on already; `left`: whether its player has left the match;
//! - `send`: from the store to GameLift, once for all that try; `send_placement` the same for a placement, of which the
//!   store keeps the `placement_request`; `start_placement`: the call, and the look that tells what became of it;
//!   `stop_placement`: stops one that nobody wants any more;
//! - `record`: events of GameLift into the store;
//! - `look`: from GameLift to the store, where no event has told; `along`: looks of calls that wait, at ten at once;
//! - `placement`: looks at placements of queues;
//! - `reconcile`: looks after open tickets of which nothing was heard, each minute;
//! - `wait`: waits for news in the store;
//! - `search`: a whole call, of these steps;
//! - `own`, `follow`, `accept`, `stop`: what a player can do with a ticket; `turns`: how often GameLift is asked for it;
//! - `refusal`: what a refusal by GameLift is about; told again later, from the store;
//! - `present`: a ticket as an answer; `cause`: why a search was cancelled; `reservation`: how long it is good for;
//! - `sockets`: whether a player hears of a ticket without asking.
//!
//! # What holds
//!
//! - A ticket that GameLift may know is ended by nobody else. One that was never sent is ended by whoever would have sent
//!   it.
//! - A call that cannot send a ticket, because GameLift has no room or no answer, leaves it STARTING. The next call of
//!   its players sends it again, or the reconciler does.
//! - A ticket in the line before GameLift's rate is WAITING. Whoever lets it in sends it. One whose players are gone for
//!   a minute is taken out by the reconciler.
//! - Every error of a call that leaves a ticket behind has its `TicketId`, and the same request goes on with it.

mod accept;
pub(crate) mod admission;
mod along;
mod begin;
mod cause;
mod fields;
mod follow;
mod left;
pub(crate) mod line;
pub(crate) mod look;
mod own;
pub(crate) mod placement;
pub(crate) mod placement_request;
pub(crate) mod present;
mod reconcile;
mod record;
pub(crate) mod refusal;
mod request;
mod reservation;
mod search;
pub(crate) mod send;
pub(crate) mod send_placement;
mod sockets;
pub(crate) mod start_placement;
mod stop;
pub(crate) mod stop_placement;
mod turns;
mod wait;

pub use self::{
    accept::{ACCEPT, accept, accepts},
    admission::{Entry, Gate},
    begin::Asked,
    cause::{CAUSES, Cause},
    fields::SearchFields,
    follow::follow,
    line::{Placements, Searches, Sends, let_in, move_lines_on, wait_in_line},
    look::{QUIET, look},
    own::{TICKET_ID, own, ticket_id},
    present::{Viewer, answer, answer_in_line, answered, pending, stopping},
    reconcile::{
        lines::{let_all_in, look_after_lines, withdraw_left},
        rounds::{RUN, reconcile},
        run::{ReconcileCalls, Reconciled},
    },
    record::{RecordCalls, Recorded, record},
    request::{SearchPlayer, SearchRequest},
    search::{SearchCalls, search},
    send::{Sent, Tries, send},
    stop::stop,
    turns::Turns,
    wait::{Look, LookOrSend, Quiet, wait},
};
