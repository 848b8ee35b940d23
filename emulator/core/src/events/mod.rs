//! Events, in the envelope of Amazon `EventBridge`.
//!
//! | `detail-type` | when |
//! |---|---|
//! | `GameLift Queue Placement Event` | a placement is fulfilled, is cancelled, times out or fails; as AWS |
//! | `GameLift Matchmaking Event` | a matchmaking ticket searches, is matched, accepted or ends; as AWS |
//! | `GameLift Game Session State Change` | a game session's status changes; AWS has no such event, the shape is ours |
//!
//! An event is published where a status changes, goes past the faults of events, and arrives in a bounded buffer. Every
//! reader (`GET /_emulator/events`, each sink of `--events-url`) has a separate position in it. A reader that falls
//! behind misses events and is told how many. So all readers see the same events in the same order, with faults too.
//!
//! - `event`: an event; `bus`: from a publisher to the readers; `passage`: events that a fault keeps on their way.

mod bus;
mod event;
mod passage;

pub use self::{
    bus::{EventBus, Read, Reader},
    event::{Event, iso},
};
