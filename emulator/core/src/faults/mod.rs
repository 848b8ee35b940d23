//! Faults: failures that a client of AWS meets now and then, on demand.
//!
//! A fault belongs to one operation, to `*`, all of them, or to `events`. Flags (`--fault`), the seed file
//! (`faults = [...]`) and `POST /_emulator/faults` share one grammar:
//!
//! ```text
//! OPERATION[/ONLY]=FAULT[:REASON][:DURATION][:COUNT][@PROBABILITY]
//!
//! CreateGameSession=throttle:2          the next two calls
//! *=delay:200ms@0.5                     every other call, at random
//! StartStreamSession=ends:applicationExit:30s:1
//! StartStreamSession/eu-central-1=capacity
//! events/MatchmakingSucceeded=drop@0.1  every tenth of these events is lost
//! ```
//!
//! Without a count a fault stays until it is removed. Without a probability it happens every time.
//! Over HTTP a fault may also be an object with the members `operation`, `only`, `fault`, `reason`,
//! `duration`, `times` and `probability`.
//!
//! docs/emulator/faults.md has the table of the effects; a test compares it with the code.
//!
//! A fault of a stream session can be limited to one application, stream group or location, and `fails` to one
//! location: `ONLY` is its id or name. For a location, `ends` and `no_answer` count from the placement there.
//!
//! `capacity`, `never_activate` and `activate_then_die` hold for game sessions that a queue places too. Without
//! capacity in one place, the queue tries the next one, and later all of them again.
//!
//! A fault of events can be limited to one `detail-type`, or to one `type` in the detail.
//!
//! If several faults fit a call or an event, their delays add up, and the first fault of another kind happens.
//!
//! - `spec`: a fault as text and as JSON; `effect`: its effect; `duration`: the notation of durations;
//! - `set`: the faults that are set, and the draws from them.

pub mod duration;
pub mod effect;
pub mod set;
pub mod spec;

pub use self::{
    effect::Effect,
    set::{CallFaults, Faults, SetFault, StreamFaults, TooManyFaults},
    spec::{Fault, ParseFaultError},
};
